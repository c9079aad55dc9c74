#include "trial.h"

#include <stdlib.h>
#include <string.h>

#include "link.h"

#define STEPS_MAX 1000 /* a loop of sends is told, not listed without end */

struct wsc_trial *wsc_trial_new(struct wsc_context *context,
                                const struct wsc_case *info,
                                unsigned patience) {
  struct wsc_trial *trial = wsc_malloc(sizeof *trial);
  memset(trial, 0, sizeof *trial);
  trial->context = context;
  trial->info = info;
  trial->outcome = wsc_outcome_new();
  wsc_rng_init(&trial->rng, context->seed, info->id);
  wsc_rng_text(&trial->rng, trial->nonce, sizeof trial->nonce - 1);
  trial->began = context->transport->ops->now(context->transport);
  trial->wake_at = WSC_FOREVER;
  trial->ready = true;
  trial->patience = patience;
  trial->label = "";
  return trial;
}

void wsc_trial_push(const struct wsc_trial *trial) {
  for (struct wsc_link *link = trial->links; link != NULL;
       link = wsc_link_next(link)) {
    wsc_link_push(link);
  }
}

void wsc_trial_release_links(struct wsc_trial *trial) {
  for (struct wsc_link *link = trial->links; link != NULL;
       link = wsc_link_next(link)) {
    wsc_link_release(link);
  }
}

void wsc_trial_free(struct wsc_trial *trial) {
  if (trial == NULL) {
    return;
  }
  while (trial->links != NULL) {
    struct wsc_link *next = wsc_link_next(trial->links);
    wsc_link_free(trial->links);
    trial->links = next;
  }
  wsc_outcome_free(trial->outcome);
  free(trial);
}

void wsc_trial_plan_autobahn(struct wsc_trial *trial,
                             const struct wsc_autobahn_plan *plan) {
  struct wsc_arena *arena = &trial->outcome->arena;
  trial->autobahn = wsc_arena_alloc(arena, sizeof *trial->autobahn);
  wsc_autobahn_begin(trial->autobahn, plan);
}

static void judge_autobahn(struct wsc_trial *trial) {
  struct wsc_outcome *outcome = trial->outcome;
  if (trial->autobahn != NULL) {
    struct wsc_autobahn_verdict *verdict =
        wsc_arena_alloc(&outcome->arena, sizeof *verdict);
    *verdict = wsc_autobahn_judge(trial->autobahn);
    outcome->autobahn = verdict;
  }
}

struct wsc_outcome *wsc_trial_take(struct wsc_trial *trial) {
  struct wsc_outcome *outcome = trial->outcome;
  outcome->num_connections = trial->num_links;
  outcome->duration = wsc_trial_time(trial);
  judge_autobahn(trial);
  trial->outcome = NULL;
  return outcome;
}

static uint64_t now(const struct wsc_trial *trial) {
  struct wsc_transport *transport = trial->context->transport;
  return transport->ops->now(transport);
}

uint64_t wsc_trial_time(const struct wsc_trial *trial) {
  return now(trial) - trial->began;
}

uint64_t wsc_trial_deadline(const struct wsc_trial *trial) {
  uint64_t timeout = trial->context->timeout;
  return timeout == 0 ? WSC_FOREVER : wsc_trial_after(trial, timeout);
}

uint64_t wsc_trial_after(const struct wsc_trial *trial, uint64_t time) {
  return now(trial) + time * trial->patience;
}

uint64_t wsc_trial_for(const struct wsc_trial *trial, uint64_t time) {
  uint64_t most = trial->context->timeout * trial->patience;
  uint64_t stretched = time * trial->patience;
  if (stretched > most) {
    stretched = time > most ? time : most;
  }
  return now(trial) + stretched;
}

bool wsc_trial_past(const struct wsc_trial *trial, uint64_t deadline) {
  uint64_t polled = trial->context->polled;
  return (polled == 0 ? now(trial) : polled) >= deadline;
}

void wsc_trial_waits(struct wsc_trial *trial) {
  trial->ran_out = false;
}

void wsc_trial_runs_out(struct wsc_trial *trial) {
  trial->late = true;
  trial->ran_out = true;
}

bool wsc_trial_notes_steps(const struct wsc_trial *trial) {
  return trial->outcome->num_steps < STEPS_MAX;
}

int wsc_trial_step(struct wsc_trial *trial, int connection, bool on_wire,
                   const char *verb, const char *format, ...) {
  struct wsc_outcome *outcome = trial->outcome;
  if (!wsc_trial_notes_steps(trial)) {
    return (int)outcome->num_steps - 1;
  }
  va_list args;
  va_start(args, format);
  struct wsc_step step = {
      .time = wsc_trial_time(trial),
      .line = trial->line,
      .connection = connection,
      .verb = verb,
      .text = wsc_arena_vprintf(&outcome->arena, format, args),
      .wire = on_wire ? (int)outcome->num_wire - 1 : -1,
  };
  va_end(args);
  return wsc_outcome_add_step(outcome, &step);
}

static enum wsc_verdict verdict_of(const struct wsc_context *context,
                                   enum wsc_strength strength, bool holds) {
  switch (strength) {
  case WSC_NOTE:
    return WSC_INFO;
  case WSC_MUST:
    return holds ? WSC_PASS : WSC_FAIL;
  case WSC_TOLERATED:
    return holds ? WSC_PASS : context->strict ? WSC_FAIL : WSC_WARN;
  case WSC_SHOULD:
    break;
  }
  if (context->only_must) {
    return WSC_INFO;
  }
  return holds ? WSC_PASS : WSC_WARN;
}

bool wsc_trial_judge(struct wsc_trial *trial,
                     const struct wsc_judgement *judgement) {
  struct wsc_outcome *outcome = trial->outcome;
  const char *got = judgement->got == NULL ? "" : judgement->got;
  struct wsc_clause clause = {
      .requirement =
          wsc_arena_printf(&outcome->arena, "%s", judgement->requirement),
      .strength = judgement->strength,
      .verdict =
          verdict_of(trial->context, judgement->strength, judgement->holds),
      .label = wsc_arena_printf(&outcome->arena, "%s", trial->label),
      .expected = wsc_arena_printf(&outcome->arena, "%s", judgement->expected),
      .got = wsc_arena_printf(&outcome->arena, "%s", got),
      .line = trial->line,
      .step = (int)outcome->num_steps - 1,
      .absent = judgement->absent && !judgement->holds,
  };
  wsc_outcome_add_clause(outcome, &clause);
  trial->in_doubt = trial->in_doubt || (trial->ran_out && !judgement->holds);
  return judgement->holds;
}

const char *wsc_trial_text(struct wsc_trial *trial, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const char *text = wsc_arena_vprintf(&trial->outcome->arena, format, args);
  va_end(args);
  return text;
}

const char *wsc_trial_quote(struct wsc_trial *trial, const uint8_t *data,
                            size_t len, size_t max) {
  static const char digits[] = "0123456789ABCDEF";
  size_t shown = len < max ? len : max;
  char *text = wsc_arena_alloc(&trial->outcome->arena, shown * 4 + 8);
  char *out = text;
  *out++ = '"';
  for (size_t i = 0; i < shown; i++) {
    uint8_t c = data[i];
    if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
      *out++ = (char)c;
    } else {
      *out++ = '\\';
      *out++ = 'x';
      *out++ = digits[c >> 4];
      *out++ = digits[c & 15];
    }
  }
  *out++ = '"';
  if (shown < len) {
    memcpy(out, "...", 3);
  }
  return text;
}
