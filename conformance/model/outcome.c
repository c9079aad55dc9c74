#include "outcome.h"

#include <stdlib.h>
#include <string.h>

#include "case.h"

struct wsc_outcome *wsc_outcome_new(void) {
  struct wsc_outcome *outcome = wsc_malloc(sizeof *outcome);
  memset(outcome, 0, sizeof *outcome);
  wsc_arena_init(&outcome->arena);
  outcome->verdict = WSC_ERROR;
  outcome->reason = "";
  return outcome;
}

void wsc_outcome_free(struct wsc_outcome *outcome) {
  if (outcome != NULL) {
    wsc_arena_free(&outcome->arena);
    free(outcome);
  }
}

int wsc_outcome_add_clause(struct wsc_outcome *outcome,
                           const struct wsc_clause *clause) {
  outcome->clauses =
      wsc_arena_grow(&outcome->arena, outcome->clauses, outcome->num_clauses,
                     &outcome->cap_clauses, sizeof *clause);
  outcome->clauses[outcome->num_clauses] = *clause;
  return (int)outcome->num_clauses++;
}

int wsc_outcome_add_step(struct wsc_outcome *outcome,
                         const struct wsc_step *step) {
  outcome->steps =
      wsc_arena_grow(&outcome->arena, outcome->steps, outcome->num_steps,
                     &outcome->cap_steps, sizeof *step);
  outcome->steps[outcome->num_steps] = *step;
  return (int)outcome->num_steps++;
}

/* Forgets the older half. Its buffers go behind the kept ones, to be used again:
 * a case of a hundred thousand frames must not grow with each. */
static void forget_frames(struct wsc_outcome *outcome) {
  for (size_t i = 0; i < WSC_FRAMES_MAX / 2; i++) {
    struct wsc_frame_note forgotten = outcome->frames[i];
    outcome->frames[i] = outcome->frames[i + WSC_FRAMES_MAX / 2];
    outcome->frames[i + WSC_FRAMES_MAX / 2] = forgotten;
  }
  outcome->num_frames = WSC_FRAMES_MAX / 2;
}

void wsc_outcome_add_frame(struct wsc_outcome *outcome,
                           const struct wsc_frame_note *frame) {
  if (outcome->num_frames == WSC_FRAMES_MAX) {
    forget_frames(outcome);
  }
  outcome->frames =
      wsc_arena_grow(&outcome->arena, outcome->frames, outcome->num_frames,
                     &outcome->cap_frames, sizeof *frame);
  struct wsc_frame_note *note = &outcome->frames[outcome->num_frames++];
  uint8_t *payload = (uint8_t *)(uintptr_t)note->payload;
  if (payload == NULL) {
    payload = wsc_arena_alloc(&outcome->arena, WSC_FRAME_NOTE_MAX);
  }
  *note = *frame;
  if (note->payload_len > WSC_FRAME_NOTE_MAX) {
    note->payload_len = WSC_FRAME_NOTE_MAX;
  }
  if (note->payload_len != 0) {
    memcpy(payload, frame->payload, note->payload_len);
  }
  note->payload = payload;
}

/* Of what lies past the bound, one event that counts it is enough, also when both
 * directions take turns. Returns that event among the first `num`, or -1. */
static int find_cut(const struct wsc_outcome *outcome, size_t num,
                    const struct wsc_wire_event *event) {
  enum { BACK = 8 };
  if (event->kind != WSC_WIRE_DATA || event->len != 0) {
    return -1;
  }
  for (size_t back = 1; back <= BACK && back <= num; back++) {
    const struct wsc_wire_event *other = &outcome->wire[num - back];
    if (other->kind == WSC_WIRE_DATA &&
        other->connection == event->connection &&
        other->direction == event->direction) {
      return other->len == 0 ? (int)(num - back) : -1;
    }
  }
  return -1;
}

int wsc_outcome_add_wire(struct wsc_outcome *outcome,
                         const struct wsc_wire_event *event) {
  struct wsc_wire_event kept = *event;
  if (event->kind == WSC_WIRE_DATA) {
    size_t room =
        event->offset < WSC_WIRE_MAX ? WSC_WIRE_MAX - (size_t)event->offset : 0;
    kept.len = event->len < room ? event->len : room;
    kept.cut = event->len - kept.len;
    kept.data =
        (const uint8_t *)wsc_arena_copy(&outcome->arena, event->data, kept.len);
  }
  int before = find_cut(outcome, outcome->num_wire, &kept);
  if (before >= 0) {
    outcome->wire[before].cut += kept.cut;
    return before;
  }
  outcome->wire =
      wsc_arena_grow(&outcome->arena, outcome->wire, outcome->num_wire,
                     &outcome->cap_wire, sizeof kept);
  outcome->wire[outcome->num_wire] = kept;
  return (int)outcome->num_wire++;
}

void wsc_outcome_trim_wire(struct wsc_outcome *outcome, uint64_t max) {
  size_t *moved =
      wsc_arena_alloc(&outcome->arena, (outcome->num_wire + 1) * sizeof *moved);
  size_t kept = 0;
  for (size_t i = 0; i < outcome->num_wire; i++) {
    struct wsc_wire_event event = outcome->wire[i];
    if (event.kind == WSC_WIRE_DATA && event.offset + event.len > max) {
      size_t len = event.offset < max ? (size_t)(max - event.offset) : 0;
      event.cut += event.len - len;
      event.len = len;
    }
    int before = find_cut(outcome, kept, &event);
    if (before >= 0) {
      outcome->wire[before].cut += event.cut;
      moved[i] = (size_t)before;
    } else {
      moved[i] = kept;
      outcome->wire[kept++] = event;
    }
  }
  outcome->num_wire = kept;
  for (size_t i = 0; i < outcome->num_steps; i++) {
    if (outcome->steps[i].wire >= 0) {
      outcome->steps[i].wire = (int)moved[outcome->steps[i].wire];
    }
  }
}

static const char *clause_reason(struct wsc_outcome *outcome,
                                 const struct wsc_clause *clause) {
  const char *open = clause->label[0] == '\0' ? "" : " [";
  const char *close = clause->label[0] == '\0' ? "" : "]";
  if (clause->got[0] == '\0') {
    return wsc_arena_printf(&outcome->arena, "%s%s%s%s", clause->expected, open,
                            clause->label, close);
  }
  return wsc_arena_printf(&outcome->arena, "%s, but %s%s%s%s", clause->expected,
                          clause->got, open, clause->label, close);
}

void wsc_outcome_conclude(struct wsc_outcome *outcome, bool info_only) {
  if (outcome->abandoned) {
    return;
  }
  const struct wsc_clause *worst = NULL;
  bool judged = false;
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    const struct wsc_clause *clause = &outcome->clauses[i];
    judged = judged || clause->strength != WSC_NOTE;
    if (worst == NULL || clause->verdict < worst->verdict) {
      worst = clause;
    }
  }
  if (worst == NULL || (!judged && !info_only)) {
    outcome->reason = "the case judged nothing";
    outcome->verdict = WSC_ERROR;
    return;
  }
  outcome->verdict = worst->verdict;
  outcome->reason =
      worst->verdict == WSC_PASS ? "" : clause_reason(outcome, worst);
  outcome->absent = worst->verdict == WSC_FAIL || worst->verdict == WSC_WARN;
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    const struct wsc_clause *clause = &outcome->clauses[i];
    if (clause->verdict == worst->verdict && !clause->absent) {
      outcome->absent = false;
    }
  }
}

void wsc_outcome_abandon(struct wsc_outcome *outcome, enum wsc_verdict verdict,
                         const char *format, ...) {
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    if (outcome->clauses[i].verdict == WSC_FAIL) {
      return;
    }
  }
  va_list args;
  va_start(args, format);
  outcome->reason = wsc_arena_vprintf(&outcome->arena, format, args);
  va_end(args);
  outcome->verdict = verdict;
  outcome->abandoned = true;
  outcome->absent = false;
}

bool wsc_case_has_tag(const struct wsc_case *info, const char *tag) {
  for (size_t i = 0; i < info->num_tags; i++) {
    if (strcmp(info->tags[i], tag) == 0) {
      return true;
    }
  }
  return false;
}
