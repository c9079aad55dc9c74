#include <stdlib.h>
#include <string.h>

#include "outcome.h"

/* What is kept of a result that nobody has to explain. */
#define STEPS_KEPT  200
#define FRAMES_KEPT 128

static const char *copy(struct wsc_outcome *to, const char *text) {
  return text == NULL ? NULL : wsc_arena_copy(&to->arena, text, strlen(text));
}

static void copy_clauses(struct wsc_outcome *to,
                         const struct wsc_outcome *from) {
  for (size_t i = 0; i < from->num_clauses; i++) {
    struct wsc_clause clause = from->clauses[i];
    clause.requirement = copy(to, clause.requirement);
    clause.label = copy(to, clause.label);
    clause.expected = copy(to, clause.expected);
    clause.got = copy(to, clause.got);
    if (clause.step >= STEPS_KEPT) {
      clause.step = STEPS_KEPT - 1;
    }
    wsc_outcome_add_clause(to, &clause);
  }
}

/* The first ones, and in place of the rest how many they are. */
static void copy_steps(struct wsc_outcome *to, const struct wsc_outcome *from) {
  bool all = from->num_steps <= STEPS_KEPT;
  size_t kept = all ? from->num_steps : STEPS_KEPT - 1;
  for (size_t i = 0; i < kept; i++) {
    struct wsc_step step = from->steps[i];
    step.text = copy(to, step.text);
    wsc_outcome_add_step(to, &step);
  }
  if (!all) {
    struct wsc_step rest = {
        .time = from->steps[from->num_steps - 1].time,
        .connection = -1,
        .verb = "skip",
        .text = wsc_arena_printf(&to->arena, "%zu more steps are not kept",
                                 from->num_steps - kept),
        .wire = -1};
    wsc_outcome_add_step(to, &rest);
  }
}

static void copy_wire(struct wsc_outcome *to, const struct wsc_outcome *from) {
  size_t size = from->num_wire * sizeof *to->wire;
  to->wire = wsc_arena_alloc(&to->arena, size + 1);
  if (size != 0) {
    memcpy(to->wire, from->wire, size);
  }
  to->num_wire = from->num_wire;
  to->cap_wire = from->num_wire;
  for (size_t i = 0; i < to->num_wire; i++) {
    struct wsc_wire_event *event = &to->wire[i];
    event->data =
        (const uint8_t *)wsc_arena_copy(&to->arena, event->data, event->len);
  }
}

struct wsc_outcome *wsc_outcome_condense(struct wsc_outcome *outcome) {
  struct wsc_outcome *to = wsc_outcome_new();
  wsc_outcome_trim_wire(outcome, WSC_WIRE_KEPT);
  to->verdict = outcome->verdict;
  to->reason = copy(to, outcome->reason);
  to->absent = outcome->absent;
  to->late = outcome->late;
  to->abandoned = outcome->abandoned;
  to->repeated = outcome->repeated;
  to->num_connections = outcome->num_connections;
  to->duration = outcome->duration;
  copy_clauses(to, outcome);
  copy_steps(to, outcome);
  copy_wire(to, outcome);
  size_t first =
      outcome->num_frames > FRAMES_KEPT ? outcome->num_frames - FRAMES_KEPT : 0;
  for (size_t i = first; i < outcome->num_frames; i++) {
    wsc_outcome_add_frame(to, &outcome->frames[i]);
  }
  if (outcome->autobahn != NULL) {
    to->autobahn = (const struct wsc_autobahn_verdict *)wsc_arena_copy(
        &to->arena, outcome->autobahn, sizeof *outcome->autobahn);
  }
  wsc_outcome_free(outcome);
  return to;
}
