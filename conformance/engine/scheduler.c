#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

/* Repetitions run alone until this many in a row were confirmed: from then on
 * load is no explanation any more, and the rest is repeated together. */
#define LONELY 3

#define PATIENCE 4 /* times T for a repetition */

/* An absence proves nothing while the runner itself is behind its deadlines by
 * this share of T: then it is looked for again. */
#define BEHIND_SHARE 4
#define BEHIND_TRIES 3

/* A peer that crashed may be restarted by whoever watches it. */
#define COME_BACK_TRIES 20
#define COME_BACK_PAUSE 250000 /* microseconds between them */
#define CRASHES_MAX     8

struct list {
  struct wsc_item **items;
  size_t num;
};

static struct list new_list(const struct wsc_campaign *campaign) {
  return (struct list){
      wsc_malloc((campaign->num_items + 1) * sizeof(struct wsc_item *)), 0};
}

static enum wsc_batch_end run(struct wsc_campaign *campaign,
                              struct wsc_item **items, size_t num,
                              unsigned jobs, unsigned patience) {
  struct wsc_batch batch = {campaign, items, num, jobs, patience};
  return wsc_batch_run(&batch);
}

static void begin_phase(struct wsc_campaign *campaign, const char *phase,
                        size_t total) {
  campaign->phase = phase;
  campaign->phase_total = total;
  campaign->phase_done = 0;
}

static void finalize(struct wsc_campaign *campaign, struct wsc_item *item) {
  if (!item->final && item->outcome != NULL) {
    item->final = true;
    campaign->on_final(campaign->user, item);
  }
}

/* True when the peer accepts a valid opening handshake. */
static bool check_once(struct wsc_campaign *campaign,
                       const struct wsc_case *check, unsigned patience) {
  struct wsc_item item = {.info = check};
  begin_phase(campaign, "checking the peer", 1);
  struct wsc_item *items[] = {&item};
  run(campaign, items, 1, 1, patience);
  bool good =
      item.outcome != NULL && !item.unreachable &&
      (item.outcome->verdict == WSC_PASS || item.outcome->verdict == WSC_WARN ||
       item.outcome->verdict == WSC_INFO);
  wsc_outcome_free(campaign->sanity);
  campaign->sanity = good ? NULL : item.outcome;
  if (good) {
    wsc_outcome_free(item.outcome);
  }
  return good;
}

/* The same, and a peer that is slow is asked again with more patience. */
static bool sane(struct wsc_campaign *campaign, const struct wsc_case *check) {
  return check_once(campaign, check, 1) ||
         (campaign->sanity != NULL && campaign->sanity->late &&
          check_once(campaign, check, PATIENCE));
}

static bool interrupted(const struct wsc_campaign *campaign) {
  return campaign->interrupted != NULL && campaign->interrupted(campaign->user);
}

static bool comes_back(struct wsc_campaign *campaign) {
  struct wsc_transport *transport = campaign->context->transport;
  for (unsigned i = 0; i < COME_BACK_TRIES && !interrupted(campaign); i++) {
    if (campaign->revive != NULL) {
      campaign->revive(campaign->reviver, i);
    }
    if (check_once(campaign, campaign->last, 1)) {
      return true;
    }
    uint64_t until = transport->ops->now(transport) + COME_BACK_PAUSE;
    while (transport->ops->now(transport) < until &&
           transport->ops->wait(transport, until)) {
    }
  }
  return false;
}

/* Cases that run together. */
enum group {
  ORDINARY,
  HARD, /* tagged robustness: alone, since they may harm whatever runs beside */
  PASSIVE
};

static enum group group_of(const struct wsc_case *info) {
  if (info->passive) {
    return PASSIVE;
  }
  return wsc_case_has_tag(info, "robustness") ? HARD : ORDINARY;
}

static unsigned jobs_of(const struct wsc_campaign *campaign, enum group group) {
  return group == HARD ? 1 : campaign->jobs;
}

static bool needs_run(const struct wsc_item *item, enum group group) {
  return group_of(item->info) == group &&
         (item->outcome == NULL || item->unreachable);
}

static struct list collect(struct wsc_campaign *campaign, enum group group) {
  struct list list = new_list(campaign);
  for (size_t i = 0; i < campaign->num_items; i++) {
    if (needs_run(&campaign->items[i], group)) {
      list.items[list.num++] = &campaign->items[i];
    }
  }
  return list;
}

/* The cases that may have brought the peer down: those that could not dial any
 * more, and those that ran beside or just before them. */
static struct list suspects_of(struct wsc_campaign *campaign,
                               const struct list *batch, unsigned jobs) {
  struct list suspects = new_list(campaign);
  size_t first = batch->num;
  for (size_t i = 0; i < batch->num; i++) {
    if (batch->items[i]->unreachable && i < first) {
      first = i;
    }
  }
  size_t from = first > jobs ? first - jobs : 0;
  for (size_t i = from; i < batch->num; i++) {
    if (batch->items[i]->outcome != NULL) {
      suspects.items[suspects.num++] = batch->items[i];
    }
  }
  return suspects;
}

static void name_suspects(struct wsc_campaign *campaign,
                          const struct list *suspects) {
  size_t used = 0;
  campaign->suspects[0] = '\0';
  for (size_t i = 0; i < suspects->num && used + 80 < sizeof campaign->suspects;
       i++) {
    used += (size_t)snprintf(campaign->suspects + used,
                             sizeof campaign->suspects - used, "%s%.64s",
                             i == 0 ? "" : ", ", suspects->items[i]->info->id);
  }
}

static void blame(struct wsc_item *item) {
  struct wsc_clause clause = {
      .requirement =
          item->info->num_requirements == 0 ? "" : item->info->requirements[0],
      .strength = WSC_MUST,
      .verdict = WSC_FAIL,
      .label = "",
      .expected = "the peer survives the case",
      .got = "it stopped accepting connections: first among others, then "
             "twice when the case was repeated alone",
      .step = -1,
  };
  wsc_outcome_add_clause(item->outcome, &clause);
  item->outcome->abandoned = false;
  wsc_outcome_conclude(item->outcome, false);
  item->unreachable = false;
}

/* True when the peer is down after the case ran alone. */
static bool brings_down(struct wsc_campaign *campaign, struct wsc_item *item) {
  run(campaign, &item, 1, 1, 1);
  return !sane(campaign, campaign->last);
}

/* Repeats the suspects one by one until the peer goes down again. A peer may go
 * down late, from what came before, so the case is blamed only when it does it
 * once more. False: the peer stays away. */
static bool name_culprit(struct wsc_campaign *campaign,
                         const struct list *suspects) {
  for (size_t i = 0; i < suspects->num && !interrupted(campaign); i++) {
    struct wsc_item *item = suspects->items[i];
    if (!brings_down(campaign, item)) {
      continue;
    }
    if (!comes_back(campaign)) {
      return false;
    }
    if (brings_down(campaign, item)) {
      blame(item);
      /* What the others measured while the peer went down is worth nothing. */
      for (size_t j = i + 1; j < suspects->num; j++) {
        suspects->items[j]->unreachable = true;
      }
      return comes_back(campaign);
    }
  }
  return true;
}

/* Runs all that has not run. A peer that goes down is waited for. */
static enum wsc_campaign_end run_all(struct wsc_campaign *campaign,
                                     enum group group) {
  static const char *const phases[] = {"running", "running one by one",
                                       "judging what was observed"};
  unsigned jobs = jobs_of(campaign, group);
  for (int crashes = 0;; crashes++) {
    struct list list = collect(campaign, group);
    begin_phase(campaign, phases[group], list.num);
    enum wsc_batch_end end = list.num == 0
                                 ? WSC_BATCH_DONE
                                 : run(campaign, list.items, list.num, jobs, 1);
    /* What the last cases of a list did to the peer, no dial would tell. */
    if (end == WSC_BATCH_DONE && list.num != 0 && group != PASSIVE &&
        !sane(campaign, campaign->last)) {
      end = WSC_BATCH_UNREACHABLE;
    }
    bool there = true;
    if (end == WSC_BATCH_UNREACHABLE) {
      struct list suspects = suspects_of(campaign, &list, jobs);
      name_suspects(campaign, &suspects);
      there = crashes < CRASHES_MAX && comes_back(campaign) &&
              name_culprit(campaign, &suspects);
      free(suspects.items);
    }
    free(list.items);
    if (end == WSC_BATCH_INTERRUPTED || interrupted(campaign)) {
      return WSC_CAMPAIGN_INTERRUPTED;
    }
    if (!there) {
      return WSC_CAMPAIGN_GONE;
    }
    if (end == WSC_BATCH_DONE) {
      return WSC_CAMPAIGN_DONE;
    }
  }
}

static bool doubtful(const struct wsc_outcome *outcome) {
  return outcome->absent || outcome->late;
}

/* One item, alone: until it is no longer in doubt, or the runner was in time
 * itself. */
static enum wsc_batch_end repeat_alone(struct wsc_campaign *campaign,
                                       struct wsc_item **item) {
  uint64_t behind = campaign->context->timeout / BEHIND_SHARE;
  enum wsc_batch_end end = WSC_BATCH_DONE;
  for (int i = 0; i < BEHIND_TRIES && end == WSC_BATCH_DONE; i++) {
    end = run(campaign, item, 1, 1, PATIENCE);
    if (!doubtful((*item)->outcome) || campaign->lateness <= behind) {
      break;
    }
  }
  return end;
}

/* What rests on something that did not come in time is repeated, alone and with
 * more patience, before anybody hears of it. */
static enum wsc_campaign_end repeat_doubtful(struct wsc_campaign *campaign,
                                             enum group group) {
  unsigned together = jobs_of(campaign, group);
  struct list list = new_list(campaign);
  for (size_t i = 0; i < campaign->num_items; i++) {
    struct wsc_item *item = &campaign->items[i];
    if (group_of(item->info) == group && item->outcome != NULL &&
        doubtful(item->outcome)) {
      list.items[list.num++] = item;
    } else if (group_of(item->info) == group) {
      finalize(campaign, item);
    }
  }
  unsigned confirmed = 0;
  size_t at = 0;
  enum wsc_batch_end end = WSC_BATCH_DONE;
  begin_phase(campaign, "repeating what did not come in time", list.num);
  while (at < list.num && end == WSC_BATCH_DONE) {
    bool alone = confirmed < LONELY;
    size_t num = alone ? 1 : list.num - at;
    enum wsc_verdict before = list.items[at]->outcome->verdict;
    end = alone ? repeat_alone(campaign, list.items + at)
                : run(campaign, list.items + at, num, together, PATIENCE);
    confirmed = list.items[at]->outcome->verdict == before ? confirmed + 1 : 0;
    for (size_t i = at; i < at + num; i++) {
      if (list.items[i]->outcome->repeated) {
        finalize(campaign, list.items[i]);
      }
    }
    at += num;
  }
  free(list.items);
  if (end == WSC_BATCH_INTERRUPTED) {
    return WSC_CAMPAIGN_INTERRUPTED;
  }
  return end == WSC_BATCH_UNREACHABLE ? WSC_CAMPAIGN_GONE : WSC_CAMPAIGN_DONE;
}

/* Absence that nobody could confirm is no verdict. */
static void withdraw(struct wsc_outcome *outcome, enum wsc_verdict verdict,
                     const char *why) {
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    struct wsc_clause *clause = &outcome->clauses[i];
    if (clause->absent && clause->verdict <= WSC_WARN) {
      clause->verdict = verdict;
    }
  }
  wsc_outcome_abandon(outcome, verdict, "it could not be repeated (%s): %s",
                      why, outcome->reason);
}

/* Gives everything that has no outcome one that says why. */
static void leave_out(struct wsc_campaign *campaign,
                      enum wsc_campaign_end end) {
  for (size_t i = 0; i < campaign->num_items; i++) {
    struct wsc_item *item = &campaign->items[i];
    bool stopped = end == WSC_CAMPAIGN_INTERRUPTED;
    enum wsc_verdict verdict = stopped ? WSC_SKIP : WSC_ERROR;
    if (item->outcome == NULL) {
      item->outcome = wsc_outcome_new();
      wsc_outcome_abandon(item->outcome, verdict, "%s",
                          stopped ? "interrupted"
                                  : "not measured: the peer was gone");
    } else if (!item->final && doubtful(item->outcome) &&
               !item->outcome->repeated) {
      withdraw(item->outcome, verdict,
               stopped ? "interrupted" : "the peer was gone");
    }
    finalize(campaign, item);
  }
}

enum wsc_campaign_end wsc_campaign_run(struct wsc_campaign *campaign) {
  if (!sane(campaign, campaign->first)) {
    return interrupted(campaign) ? WSC_CAMPAIGN_INTERRUPTED
                                 : WSC_CAMPAIGN_INSANE;
  }
  enum wsc_campaign_end end = WSC_CAMPAIGN_DONE;
  for (int group = ORDINARY; group <= HARD && end == WSC_CAMPAIGN_DONE;
       group++) {
    end = run_all(campaign, (enum group)group);
    if (end == WSC_CAMPAIGN_DONE) {
      end = repeat_doubtful(campaign, (enum group)group);
    }
  }
  if (end == WSC_CAMPAIGN_DONE) {
    end = run_all(campaign, PASSIVE);
  }
  if (end == WSC_CAMPAIGN_DONE && !sane(campaign, campaign->last)) {
    end = interrupted(campaign) ? WSC_CAMPAIGN_INTERRUPTED : WSC_CAMPAIGN_GONE;
  }
  leave_out(campaign, end);
  return end;
}
