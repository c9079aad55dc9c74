#include "batch.h"

#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 256

/* The longest a case may take, whatever it waits for; a multiple of its
 * patience, and nothing in debugger mode. */
#define CASE_MAX UINT64_C(180000000)

struct running {
  struct wsc_item *item;
  struct wsc_trial *trial;
  void *script;
  uint64_t give_up;
};

struct state {
  const struct wsc_batch *batch;
  struct wsc_campaign *campaign;
  unsigned jobs;     /* at once, now */
  unsigned ended;    /* cases, since `jobs` was changed */
  uint64_t next_cut; /* of `jobs`, at the earliest */
  struct running running[JOBS_MAX];
  size_t num_running;
  unsigned weight;
  size_t next; /* item to begin */
  bool unreachable;
};

static void begin(struct state *state, struct wsc_item *item) {
  struct wsc_campaign *campaign = state->campaign;
  struct running *running = &state->running[state->num_running++];
  running->item = item;
  running->trial =
      wsc_trial_new(campaign->context, item->info, state->batch->patience);
  running->script = campaign->ops->start(campaign->host, running->trial);
  running->give_up = campaign->context->timeout == 0
                         ? WSC_FOREVER
                         : wsc_trial_after(running->trial, CASE_MAX);
  state->weight += item->info->weight;
}

/* Nobody has to explain it, and hundreds of them wait for the end of a run. */
static bool is_plain(const struct wsc_outcome *outcome) {
  return outcome->verdict == WSC_PASS || outcome->verdict == WSC_INFO ||
         outcome->verdict == WSC_SKIP;
}

/* The number of cases at once follows what the peer can bear, as TCP's window
 * does: an answer that took a good part of T halves it, once for all those that
 * were under way together, and it grows by one when as many cases have ended. */
#define SLOW_SHARE 6 /* of T */

static void adapt(struct state *state) {
  struct wsc_context *context = state->campaign->context;
  uint64_t slowest = context->slowest;
  uint64_t now = context->transport->ops->now(context->transport);
  context->slowest = 0;
  if (slowest * SLOW_SHARE > context->timeout && context->timeout != 0 &&
      now >= state->next_cut) {
    state->jobs = state->jobs / 2 + state->jobs % 2;
    state->next_cut = now + slowest;
    state->ended = 0;
  }
}

static unsigned most_jobs(const struct state *state) {
  return state->batch->jobs < JOBS_MAX ? state->batch->jobs : JOBS_MAX;
}

/* What did come decides a fail, and a note is what was seen. */
static bool is_late(const struct wsc_trial *trial) {
  switch (trial->outcome->verdict) {
  case WSC_PASS:
  case WSC_INFO:
    return false;
  case WSC_FAIL:
    return trial->in_doubt;
  default:
    return trial->late;
  }
}

static void end(struct state *state, size_t index) {
  struct running *running = &state->running[index];
  struct wsc_trial *trial = running->trial;
  struct wsc_item *item = running->item;
  wsc_trial_release_links(trial);
  if (trial->unreachable) {
    const char *why = trial->context->dial_error;
    wsc_outcome_abandon(trial->outcome, WSC_ERROR, "could not connect: %s",
                        why == NULL ? "unknown reason" : why);
  }
  if (item->info->passive && trial->outcome->num_clauses == 0) {
    wsc_outcome_abandon(trial->outcome, WSC_SKIP,
                        "nothing of the kind was observed");
  }
  wsc_outcome_conclude(trial->outcome, item->info->info_only);
  trial->outcome->late = is_late(trial);
  wsc_outcome_free(item->outcome);
  item->outcome = wsc_trial_take(trial);
  item->outcome->repeated = state->batch->patience > 1;
  if (is_plain(item->outcome)) {
    item->outcome = wsc_outcome_condense(item->outcome);
  }
  item->unreachable = trial->unreachable;
  state->unreachable = state->unreachable || trial->unreachable;
  state->weight -= item->info->weight;
  state->campaign->ops->stop(state->campaign->host, running->script);
  wsc_trial_free(trial);
  state->campaign->phase_done++;
  if (++state->ended >= state->jobs && state->jobs < most_jobs(state)) {
    state->jobs++;
    state->ended = 0;
  }
  /* Order among the running does not matter to any verdict, but keeping it
   * keeps simulated runs the same. */
  memmove(running, running + 1,
          (--state->num_running - index) * sizeof *running);
}

static bool has_room(const struct state *state) {
  if (state->next == state->batch->num_items || state->unreachable) {
    return false;
  }
  unsigned weight = state->batch->items[state->next]->info->weight;
  return state->num_running == 0 || (state->num_running < state->jobs &&
                                     state->weight + weight <= state->jobs);
}

static void progress(struct state *state) {
  if (state->campaign->on_progress != NULL) {
    state->campaign->on_progress(state->campaign->user, state->campaign,
                                 state->num_running);
  }
}

/* Resumes all that can go on. False: none could. */
static bool resume_ready(struct state *state) {
  bool any = false;
  for (size_t i = 0; i < state->num_running;) {
    struct running *running = &state->running[i];
    struct wsc_trial *trial = running->trial;
    if (wsc_trial_past(trial, running->give_up)) {
      wsc_outcome_abandon(trial->outcome, WSC_ERROR,
                          "the case did not end within its time");
      trial->late = false; /* no machine is so slow */
      end(state, i);
      any = true;
      continue;
    }
    if (!trial->ready && !wsc_trial_past(trial, trial->wake_at)) {
      i++;
      continue;
    }
    any = true;
    trial->ready = false;
    trial->wake_at = WSC_FOREVER;
    if (state->campaign->ops->resume(state->campaign->host, running->script)) {
      end(state, i);
      progress(state);
    } else {
      i++;
    }
  }
  return any;
}

static uint64_t next_deadline(const struct state *state) {
  uint64_t deadline = WSC_FOREVER;
  for (size_t i = 0; i < state->num_running; i++) {
    const struct running *running = &state->running[i];
    if (running->trial->wake_at < deadline) {
      deadline = running->trial->wake_at;
    }
    if (running->give_up < deadline) {
      deadline = running->give_up;
    }
  }
  return deadline;
}

static void push_all(const struct state *state) {
  if (state->campaign->context->chop != WSC_CHOP_COALESCED) {
    return;
  }
  for (size_t i = 0; i < state->num_running; i++) {
    wsc_trial_push(state->running[i].trial);
  }
}

static void abandon_all(struct state *state, enum wsc_verdict verdict,
                        const char *why) {
  while (state->num_running != 0) {
    wsc_outcome_abandon(state->running[0].trial->outcome, verdict, "%s", why);
    end(state, 0);
  }
}

/* Waits for the next thing to happen. False: nothing can. */
static bool await_news(struct state *state) {
  struct wsc_campaign *campaign = state->campaign;
  struct wsc_transport *transport = campaign->context->transport;
  uint64_t deadline = next_deadline(state);
  uint64_t before = transport->ops->now(transport);
  bool more = transport->ops->wait(transport, deadline);
  campaign->context->polled = before;
  uint64_t after = deadline > before ? transport->ops->now(transport) : before;
  if (after > deadline && after - deadline > campaign->lateness) {
    campaign->lateness = after - deadline;
  }
  return more;
}

static bool interrupted(const struct wsc_campaign *campaign) {
  return campaign->interrupted != NULL && campaign->interrupted(campaign->user);
}

enum wsc_batch_end wsc_batch_run(const struct wsc_batch *batch) {
  struct wsc_campaign *campaign = batch->campaign;
  struct state *state = wsc_malloc(sizeof *state);
  memset(state, 0, sizeof *state);
  state->batch = batch;
  state->campaign = campaign;
  state->jobs = most_jobs(state);
  campaign->lateness = 0;
  bool stopped = false;
  while (!stopped && (has_room(state) || state->num_running != 0)) {
    while (has_room(state)) {
      begin(state, batch->items[state->next++]);
      progress(state);
    }
    if (resume_ready(state)) {
      continue;
    }
    push_all(state);
    bool more = await_news(state);
    adapt(state);
    stopped = interrupted(campaign);
    if (!more && !stopped) {
      abandon_all(state, WSC_ERROR, "nothing more can happen");
    }
  }
  abandon_all(state, WSC_SKIP, "interrupted");
  campaign->context->polled = 0;
  bool unreachable = state->unreachable;
  free(state);
  if (stopped) {
    return WSC_BATCH_INTERRUPTED;
  }
  return unreachable ? WSC_BATCH_UNREACHABLE : WSC_BATCH_DONE;
}
