#include "autobahn.h"

#include <string.h>

void wsc_autobahn_begin(struct wsc_autobahn *record,
                        const struct wsc_autobahn_plan *plan) {
  *record = (struct wsc_autobahn){.plan = *plan,
                                  .as_ok = true,
                                  .as_non_strict = plan->has_non_strict,
                                  .said = "FAILED",
                                  .remote_code = -1};
}

void wsc_autobahn_note_open(struct wsc_autobahn *record) {
  record->opened = true;
}

static bool same(const struct wsc_autobahn_event *expected,
                 const struct wsc_autobahn_event *event) {
  return expected->kind == event->kind && expected->len == event->len &&
         (expected->payload == NULL || event->len == 0 ||
          memcmp(expected->payload, event->payload, event->len) == 0);
}

/* True when the event number `at` of the list is this one. */
static bool continues(const struct wsc_autobahn_list *list, size_t at,
                      const struct wsc_autobahn_event *event) {
  return at < list->num * list->times &&
         same(&list->events[at % list->num], event);
}

void wsc_autobahn_note_event(struct wsc_autobahn *record,
                             const struct wsc_autobahn_event *event) {
  const struct wsc_autobahn_plan *plan = &record->plan;
  size_t at = record->num_events++;
  record->as_ok = record->as_ok && continues(&plan->ok, at, event);
  record->as_non_strict =
      record->as_non_strict && continues(&plan->non_strict, at, event);
}

void wsc_autobahn_note_violation(struct wsc_autobahn *record) {
  record->failed_by_me = true;
  /* Its engine sends a Close; behind one, of whichever side, it drops TCP. */
  if (record->close_sent || record->close_received) {
    record->dropped_by_me = true;
  } else {
    record->closed_by_me = !record->ended;
  }
}

void wsc_autobahn_note_close_sent(struct wsc_autobahn *record) {
  if (!record->close_sent && !record->close_received && !record->ended &&
      !record->plan.raw_close) {
    record->closed_by_me = true;
  }
  record->close_sent = true;
}

/* The codes that its engine accepts. 1012 to 1014 came later, and are none. */
static bool is_accepted(int code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1011) ||
         (code >= 3000 && code <= 4999);
}

void wsc_autobahn_note_close(struct wsc_autobahn *record, int code) {
  if (record->close_received) {
    return;
  }
  if (code >= 0 && !is_accepted(code)) {
    wsc_autobahn_note_violation(record);
  } else {
    record->remote_code = code;
  }
  record->close_received = true;
}

void wsc_autobahn_note_end(struct wsc_autobahn *record) {
  record->ended = true;
}

void wsc_autobahn_note_behavior(struct wsc_autobahn *record,
                                const char *behavior) {
  record->said = behavior;
}

static const char *compare(const struct wsc_autobahn *record) {
  const struct wsc_autobahn_plan *plan = &record->plan;
  if (plan->direct) {
    return record->said;
  }
  if (record->as_ok && record->num_events == plan->ok.num * plan->ok.times) {
    return "OK";
  }
  bool non_strict =
      record->as_non_strict &&
      record->num_events == plan->non_strict.num * plan->non_strict.times;
  return non_strict ? "NON-STRICT" : "FAILED";
}

static bool has_wrong_code(const struct wsc_autobahn *record) {
  const struct wsc_autobahn_plan *plan = &record->plan;
  bool found = record->remote_code < 0; /* none passes always */
  for (size_t i = 0; i < plan->num_codes; i++) {
    found = found || plan->codes[i] == record->remote_code;
  }
  return !found;
}

/* Had the peer neither closed nor ended, a timer of the suite would have made it
 * the side that closes, and then the one that drops TCP. */
static struct wsc_autobahn_verdict facts_of(const struct wsc_autobahn *record) {
  bool peer_began = record->close_received && !record->closed_by_me;
  bool waited = record->opened && !record->ended;
  return (struct wsc_autobahn_verdict){
      .remote_code = record->remote_code,
      .closed_by_me =
          record->closed_by_me || (waited && !record->close_received),
      .failed_by_me = record->failed_by_me,
      .dropped_by_me = record->dropped_by_me || (waited && !peer_began),
      .was_clean =
          record->close_sent && record->close_received && record->ended,
  };
}

static const char *judge_close(const struct wsc_autobahn *record,
                               const struct wsc_autobahn_verdict *facts) {
  const struct wsc_autobahn_plan *plan = &record->plan;
  if (!record->opened || facts->closed_by_me == plan->peer_closes) {
    return "FAILED";
  }
  if (plan->clean && !facts->was_clean) {
    return "UNCLEAN";
  }
  if (has_wrong_code(record)) {
    return "WRONG CODE";
  }
  return facts->dropped_by_me ? "FAILED BY CLIENT" : "OK";
}

struct wsc_autobahn_verdict
wsc_autobahn_judge(const struct wsc_autobahn *record) {
  const struct wsc_autobahn_plan *plan = &record->plan;
  struct wsc_autobahn_verdict verdict = facts_of(record);
  verdict.behavior = record->opened ? compare(record) : "FAILED";
  verdict.behavior_close = judge_close(record, &verdict);
  bool wrong_side = plan->close_counts && verdict.closed_by_me;
  bool wrong_code =
      plan->code_counts && strcmp(verdict.behavior_close, "WRONG CODE") == 0;
  if (wrong_side || wrong_code) {
    verdict.behavior = "FAILED";
  }
  if (plan->informational) {
    verdict.behavior = "INFORMATIONAL";
    verdict.behavior_close = "INFORMATIONAL";
  }
  return verdict;
}
