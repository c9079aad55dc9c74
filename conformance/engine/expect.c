#include "expect.h"

#include <stdlib.h>
#include <string.h>

#include "expect_internal.h"
#include "ws/close.h"

static const char *kind_name(enum wsc_event_kind kind) {
  static const char *const names[] = {[WSC_EVENT_TEXT] = "text",
                                      [WSC_EVENT_BINARY] = "binary",
                                      [WSC_EVENT_PING] = "ping",
                                      [WSC_EVENT_PONG] = "pong",
                                      [WSC_EVENT_CLOSE] = "Close"};
  return names[kind];
}

const char *wsc_expect_describe(struct wsc_trial *trial,
                                const struct wsc_event *event) {
  if (event->kind == WSC_EVENT_CLOSE && event->len < 2) {
    return wsc_trial_text(trial, "a Close frame without status code");
  }
  if (event->kind == WSC_EVENT_CLOSE) {
    return wsc_trial_text(
        trial, "a Close frame with %u %s", event->code,
        wsc_trial_quote(trial, event->payload + 2, event->len - 2, 64));
  }
  const char *text = wsc_trial_text(
      trial, "a %s of %zu bytes %s", kind_name(event->kind), event->len,
      wsc_trial_quote(trial, event->payload, event->len, 48));
  if (event->inflate_error != NULL) {
    text = wsc_trial_text(trial, "%s, which does not inflate further: %s", text,
                          event->inflate_error);
  }
  return text;
}

bool wsc_expect_is(const struct wsc_event *event,
                   const struct wsc_payload *payload) {
  return event->len == payload->len &&
         (payload->len == 0 ||
          memcmp(event->payload, payload->data, payload->len) == 0);
}

/* True when the message can be read as an answer to ours: same length, or a run
 * of our bytes in it. A greeting or a broadcast is neither, and is tolerated
 * (F11). */
static bool related(const struct wsc_event *event,
                    const struct wsc_payload *payload) {
  const size_t run = 8;
  if (event->len == payload->len) {
    return true;
  }
  if (payload->len < run || event->len < run) {
    return false;
  }
  for (size_t i = 0; i + run <= event->len && i < 4096; i++) {
    if (memcmp(event->payload + i, payload->data, run) == 0 ||
        memcmp(event->payload + i, payload->data + payload->len - run, run) ==
            0) {
      return true;
    }
  }
  return false;
}

static bool is_data(const struct wsc_event *event) {
  return event->kind == WSC_EVENT_TEXT || event->kind == WSC_EVENT_BINARY;
}

static void take(struct wsc_session *session, struct wsc_event *event) {
  wsc_session_take(session, event);
  wsc_event_free(event);
}

bool wsc_expect_flooded(struct wsc_link *link) {
  if (!wsc_session_flooded(wsc_link_session(link))) {
    return false;
  }
  wsc_outcome_abandon(wsc_link_trial(link)->outcome, WSC_ERROR,
                      "the peer sent far more than anybody asked for; reading "
                      "was stopped");
  return true;
}

/* Why nothing more will come that could meet an expectation; NULL: it may. */
static const char *over(struct wsc_link *link) {
  const struct wsc_event *close = wsc_session_close(wsc_link_session(link));
  struct wsc_trial *trial = wsc_link_trial(link);
  if (close != NULL) {
    return wsc_trial_text(trial, "%s came", wsc_expect_describe(trial, close));
  }
  return wsc_link_ended(link) ? wsc_link_end_text(link) : NULL;
}

/* ---- messages ---- */

/* Above this a peer may have a limit, and a Close 1009 is policy (10.4). */
#define LIMIT_IS_POLICY (64u << 10)

void wsc_expect_message_begin(struct wsc_expect_message *op,
                              struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  op->deadline = wsc_trial_deadline(trial);
  if (op->timeout != 0 && op->deadline != WSC_FOREVER) {
    op->deadline = wsc_trial_for(trial, op->timeout);
  }
}

static enum wsc_progress message_came(struct wsc_expect_message *op,
                                      struct wsc_link *link,
                                      struct wsc_event *event,
                                      const char *expected) {
  struct wsc_trial *trial = wsc_link_trial(link);
  bool same = event->kind == op->kind && wsc_expect_is(event, &op->payload);
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .holds = same,
      .expected = expected,
      .got = same ? NULL : wsc_expect_describe(trial, event),
  };
  wsc_trial_judge(trial, &judgement);
  take(wsc_link_session(link), event);
  return same ? WSC_DONE : WSC_STOP;
}

static enum wsc_progress message_refused(struct wsc_expect_message *op,
                                         struct wsc_link *link,
                                         const char *expected,
                                         const char *why) {
  const struct wsc_event *close = wsc_session_close(wsc_link_session(link));
  bool limit =
      close != NULL && close->code == 1009 && op->payload.len > LIMIT_IS_POLICY;
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .strength = limit ? WSC_NOTE : WSC_MUST,
      .expected =
          limit ? "a limit of the peer (1009) ended the exchange" : expected,
      .got = limit ? NULL : why,
  };
  wsc_trial_judge(wsc_link_trial(link), &judgement);
  if (limit) {
    wsc_outcome_abandon(wsc_link_trial(link)->outcome, WSC_SKIP,
                        "the peer limits messages to less than %zu bytes",
                        op->payload.len);
  }
  return WSC_STOP;
}

static const char *message_expected(struct wsc_trial *trial,
                                    const struct wsc_expect_message *op) {
  return wsc_trial_text(
      trial, "a %s message of %zu bytes %s", kind_name(op->kind),
      op->payload.len,
      wsc_trial_quote(trial, op->payload.data, op->payload.len, 48));
}

/* The first message that answers ours, rightly or not. */
static struct wsc_event *find_message(const struct wsc_expect_message *op,
                                      struct wsc_link *link) {
  bool greets = wsc_link_trial(link)->context->greets;
  struct wsc_event *event = wsc_session_events(wsc_link_session(link));
  for (; event != NULL; event = event->next) {
    if (is_data(event) && (!greets || related(event, &op->payload))) {
      break;
    }
  }
  return event;
}

enum wsc_progress wsc_expect_message_step(struct wsc_expect_message *op,
                                          struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  if (wsc_expect_flooded(link)) {
    return WSC_STOP;
  }
  struct wsc_event *event = find_message(op, link);
  if (event != NULL) {
    return message_came(op, link, event, message_expected(trial, op));
  }
  const char *why = over(link);
  if (why != NULL) {
    return message_refused(op, link, message_expected(trial, op), why);
  }
  if (!wsc_trial_past(trial, op->deadline)) {
    trial->wake_at = op->deadline;
    return WSC_PENDING;
  }
  struct wsc_judgement judgement = {.requirement = op->requirement,
                                    .absent = true,
                                    .expected = message_expected(trial, op),
                                    .got = "nothing came in time"};
  wsc_trial_judge(trial, &judgement);
  return WSC_STOP;
}

/* ---- pongs ---- */

void wsc_expect_pong_begin(struct wsc_expect_pong *op, struct wsc_link *link) {
  op->deadline = wsc_trial_deadline(wsc_link_trial(link));
}

static struct wsc_event *find_pong(struct wsc_session *session,
                                   const struct wsc_payload *payload,
                                   struct wsc_event **other) {
  *other = NULL;
  struct wsc_event *event = wsc_session_events(session);
  for (; event != NULL; event = event->next) {
    if (event->kind == WSC_EVENT_PONG && wsc_expect_is(event, payload)) {
      return event;
    }
    if (event->kind == WSC_EVENT_PONG) {
      *other = event;
    }
  }
  return NULL;
}

enum wsc_progress wsc_expect_pong_step(struct wsc_expect_pong *op,
                                       struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  struct wsc_event *other;
  if (wsc_expect_flooded(link)) {
    return WSC_STOP;
  }
  struct wsc_event *pong =
      find_pong(wsc_link_session(link), &op->payload, &other);
  const char *why = over(link);
  bool late = wsc_trial_past(trial, op->deadline);
  if (pong == NULL && why == NULL && !late) {
    trial->wake_at = op->deadline;
    return WSC_PENDING;
  }
  const char *got = why != NULL ? why : "no pong came in time";
  if (pong == NULL && other != NULL) {
    got = wsc_trial_text(trial, "%s; there was %s", got,
                         wsc_expect_describe(trial, other));
  }
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .holds = pong != NULL,
      .absent = why == NULL,
      .expected = wsc_trial_text(
          trial, "a pong with %s",
          wsc_trial_quote(trial, op->payload.data, op->payload.len, 48)),
      .got = pong != NULL ? NULL : got,
  };
  wsc_trial_judge(trial, &judgement);
  if (pong != NULL) {
    take(wsc_link_session(link), pong);
  }
  return pong != NULL ? WSC_DONE : WSC_STOP;
}

/* ---- Close ---- */

bool wsc_expect_has_code(const uint16_t *codes, size_t num, uint16_t code) {
  for (size_t i = 0; i < num; i++) {
    if (codes[i] == code) {
      return true;
    }
  }
  return false;
}

void wsc_expect_close_begin(struct wsc_expect_close *op,
                            struct wsc_link *link) {
  struct wsc_session *session = wsc_link_session(link);
  op->deadline = wsc_trial_deadline(wsc_link_trial(link));
  op->close = NULL;
  if (op->num_codes == 0) {
    op->codes[op->num_codes++] = 1000;
    op->codes[op->num_codes++] = WS_CLOSE_NO_STATUS;
    if (wsc_session_close_sent(session)) {
      op->codes[op->num_codes++] = wsc_session_close_sent_code(session);
    }
  }
}

/* F8: "Only codes that may never be sent FAIL." */
static enum wsc_progress close_came(struct wsc_expect_close *op,
                                    struct wsc_link *link,
                                    const struct wsc_event *close) {
  struct wsc_trial *trial = wsc_link_trial(link);
  bool on_wire = close->len >= 2;
  bool legal =
      close->len == 0 || (on_wire && ws_close_code_sendable(close->code));
  bool listed = wsc_expect_has_code(op->codes, op->num_codes, close->code);
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .strength = legal && !listed ? WSC_TOLERATED : WSC_MUST,
      .holds = legal && listed,
      .expected = "a Close frame with a fitting status code",
      .got = legal && listed ? NULL : wsc_expect_describe(trial, close),
  };
  wsc_trial_judge(trial, &judgement);
  op->close = close;
  return WSC_DONE;
}

enum wsc_progress wsc_expect_close_step(struct wsc_expect_close *op,
                                        struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  if (wsc_expect_flooded(link)) {
    return WSC_STOP;
  }
  const struct wsc_event *close = wsc_session_close(wsc_link_session(link));
  if (close != NULL) {
    return close_came(op, link, close);
  }
  bool ended = wsc_link_ended(link);
  if (!ended && !wsc_trial_past(trial, op->deadline)) {
    trial->wake_at = op->deadline;
    return WSC_PENDING;
  }
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .strength = ended ? WSC_TOLERATED : WSC_MUST,
      .absent = !ended,
      .expected = "a Close frame",
      .got = ended ? wsc_link_end_text(link) : "none came in time",
  };
  wsc_trial_judge(trial, &judgement);
  return ended ? WSC_DONE : WSC_STOP;
}

/* ---- the end of TCP ---- */

void wsc_expect_end_begin(struct wsc_expect_end *op, struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  if (op->within == 0) {
    op->within = trial->context->timeout;
  }
  /* Patience stretches what passes, not how long a late end is waited for: half
   * a minute is enough for any load. */
  uint64_t within = op->within * trial->patience;
  uint64_t longest = op->tolerate > within ? op->tolerate : within;
  op->began = wsc_trial_time(trial);
  op->took = 0;
  op->deadline = trial->context->timeout == 0
                     ? WSC_FOREVER
                     : wsc_trial_after(trial, longest / trial->patience);
}

static bool in_time(const struct wsc_expect_end *op,
                    const struct wsc_trial *trial) {
  return op->within == 0 || op->took <= op->within * trial->patience;
}

enum wsc_progress wsc_expect_end_step(struct wsc_expect_end *op,
                                      struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  if (wsc_link_session(link) != NULL && wsc_expect_flooded(link)) {
    return WSC_STOP;
  }
  bool ended = wsc_link_ended(link);
  if (!ended && !wsc_trial_past(trial, op->deadline)) {
    trial->wake_at = op->deadline;
    return WSC_PENDING;
  }
  uint64_t at = ended ? wsc_link_ended_at(link) : wsc_trial_time(trial);
  op->took = at > op->began ? at - op->began : 0;
  bool late = !ended || !in_time(op, trial);
  bool broken = op->clean && wsc_link_state(link) == WSC_LINK_RST;
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .strength = op->should                  ? WSC_SHOULD
                  : ended && (late || broken) ? WSC_TOLERATED
                                              : WSC_MUST,
      .holds = !late && !broken,
      .absent = late,
      .expected = wsc_trial_text(trial, "the peer ends TCP within %.1f s",
                                 (double)op->within / 1e6),
  };
  if (!ended) {
    judgement.got = "it stayed open";
  } else if (late) {
    judgement.got =
        wsc_trial_text(trial, "it took %.1f s", (double)op->took / 1e6);
  } else if (broken) {
    judgement.got = wsc_link_end_text(link);
  }
  wsc_trial_judge(trial, &judgement);
  return ended ? WSC_DONE : WSC_STOP;
}
