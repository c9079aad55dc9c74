/* scheduler_support.c: see scheduler_support.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scheduler_support.h"

/* -- scripts ------------------------------------------------------------ */

struct script {
  struct stage *stage;
  struct wsc_trial *trial;
  struct play *play;
  struct wsc_link *link;
  uint64_t until; /* what the deed waits for; 0: it has not begun */
  bool waited;
};

static void *start(void *host, struct wsc_trial *trial) {
  struct stage *stage = host;
  struct script *script = calloc(1, sizeof *script);
  assert_non_null(script);
  script->stage = stage;
  script->trial = trial;
  script->play = (struct play *)(uintptr_t)trial->info;
  script->play->runs++;
  stage->running++;
  stage->weight += trial->info->weight;
  stage->max_running =
      stage->running > stage->max_running ? stage->running : stage->max_running;
  stage->max_weight =
      stage->weight > stage->max_weight ? stage->weight : stage->max_weight;
  return script;
}

static void stop(void *host, void *handle) {
  struct stage *stage = host;
  struct script *script = handle;
  script->play->beside = stage->running--;
  script->play->ordinal = stage->ends++;
  stage->weight -= script->play->info.weight;
  free(script);
}

static void judge(struct script *script, enum wsc_strength strength, bool holds,
                  bool absent) {
  struct wsc_judgement judgement = {.requirement = "6455-5.5.3-02",
                                    .strength = strength,
                                    .holds = holds,
                                    .absent = absent,
                                    .expected = "what is right",
                                    .got = holds ? NULL : "what is wrong"};
  wsc_trial_judge(script->trial, &judgement);
}

static bool wait_for_t(struct script *script) {
  if (!script->waited) {
    script->waited = true;
    script->trial->wake_at = wsc_trial_deadline(script->trial);
    return false;
  }
  return true;
}

/* A handshake that was not answered in time. */
static void give_up(struct script *script) {
  bool skip = script->play->deed == SKIPPED_ONCE;
  script->trial->late = true;
  wsc_outcome_abandon(script->trial->outcome, skip ? WSC_SKIP : WSC_ERROR,
                      "no answer in time");
}

static bool stalled(struct script *script) {
  struct world *world = &script->stage->world;
  if (script->until == 0) {
    world_fin(world, SECOND);
    script->until = wsc_trial_deadline(script->trial);
    script->trial->wake_at = script->until;
    world->now += 10 * SECOND;
    return false;
  }
  judge(script, WSC_MUST, wsc_link_ended(script->link), true);
  return true;
}

/* The peer's answer takes so long for each case that runs. */
#define CROWD_SHARE (SECOND / 2)

static bool crowded(struct script *script) {
  struct stage *stage = script->stage;
  struct wsc_context *context = script->trial->context;
  uint64_t took = stage->running * CROWD_SHARE;
  if (script->until == 0) {
    script->until = wsc_trial_deadline(script->trial);
    script->waited = stage->world.now + took > script->until;
    script->trial->wake_at =
        script->waited ? script->until : stage->world.now + took;
    return false;
  }
  took = wsc_trial_time(script->trial);
  context->slowest = took > context->slowest ? took : context->slowest;
  stage->late += script->waited;
  if (script->waited) {
    give_up(script);
  } else {
    judge(script, WSC_MUST, true, false);
  }
  return true;
}

static void kill_peer(struct script *script, uint64_t time) {
  script->stage->down_until = script->stage->world.now + time;
  judge(script, WSC_MUST, true, false);
}

static bool do_it(struct script *script) {
  bool repeated = script->trial->patience > 1;
  switch (script->play->deed) {
  case FAILS:
    judge(script, WSC_MUST, false, false);
    return true;
  case WARNS_ABSENT:
  case ABSENT_ONCE:
    if (!wait_for_t(script)) {
      return false;
    }
    judge(script, WSC_TOLERATED, repeated && script->play->deed == ABSENT_ONCE,
          true);
    return true;
  case ABSENT_TWICE:
    if (!wait_for_t(script)) {
      return false;
    }
    judge(script, WSC_MUST, script->play->runs > 2, true);
    return true;
  case LATE_ONCE:
  case SKIPPED_ONCE:
    if (!repeated) {
      give_up(script);
      return true;
    }
    break;
  case FAILS_LATE:
    if (!repeated) {
      wsc_trial_runs_out(script->trial);
    }
    judge(script, WSC_MUST, repeated, false);
    return true;
  case STALLED:
    return stalled(script);
  case CROWDED:
    return crowded(script);
  case WAITS:
    judge(script, WSC_MUST, true, false);
    return wait_for_t(script);
  case STUCK:
    return false;
  case SILENT:
    return true;
  case KILLS:
    kill_peer(script, SECOND);
    return true;
  case KILLS_ONCE:
    kill_peer(script, script->play->runs == 1 ? SECOND : 0);
    return true;
  case KILLS_TWICE:
    kill_peer(script, script->play->runs <= 2 ? SECOND : 0);
    return true;
  case KILLS_FOR_GOOD:
    kill_peer(script, 3600 * SECOND);
    return true;
  case INTERRUPTS:
    script->stage->interrupted = true;
    return wait_for_t(script);
  case PASSES:
    break;
  }
  judge(script, WSC_MUST, true, false);
  return true;
}

static bool resume(void *host, void *handle) {
  struct script *script = handle;
  (void)host;
  if (script->link == NULL) {
    script->link = wsc_link_dial(script->trial);
    return false;
  }
  return wsc_link_state(script->link) == WSC_LINK_REFUSED || do_it(script);
}

static const struct wsc_script_ops scripts = {start, resume, stop};

/* -- a campaign --------------------------------------------------------- */

static bool accepts(struct world *world, unsigned number) {
  const struct stage *stage = world->user;
  (void)number;
  return world->now >= stage->down_until;
}

static bool interrupted(void *user) {
  return ((struct stage *)user)->interrupted;
}

static void on_final(void *user, const struct wsc_item *item) {
  (void)user;
  assert_non_null(item->outcome);
  struct play *play = (struct play *)(uintptr_t)item->info;
  assert_int_equal(++play->finals, 1);
}

static const char *const ids[MOST] = {"a.0", "a.1", "a.2", "a.3",
                                      "a.4", "a.5", "a.6", "a.7"};

static void make_play(struct play *play, const char *id, enum deed deed) {
  static const char *const requirements[] = {"6455-5.5.3-02"};
  play->deed = deed;
  play->info = (struct wsc_case){.id = id,
                                 .title = id,
                                 .file = "test.lua",
                                 .requirements = requirements,
                                 .num_requirements = 1,
                                 .weight = 1};
}

void stage_open(struct stage *stage, const enum deed *deeds, size_t num) {
  memset(stage, 0, sizeof *stage);
  world_open_bare(&stage->world);
  stage->world.accepts = accepts;
  stage->world.user = stage;
  for (size_t i = 0; i < num; i++) {
    make_play(&stage->plays[i], ids[i], deeds[i]);
    stage->items[i].info = &stage->plays[i].info;
  }
  make_play(&stage->plays[MOST], "sanity.first", PASSES);
  make_play(&stage->plays[MOST + 1], "sanity.last", PASSES);
  stage->campaign = (struct wsc_campaign){.context = &stage->world.context,
                                          .ops = &scripts,
                                          .host = stage,
                                          .first = &stage->plays[MOST].info,
                                          .last = &stage->plays[MOST + 1].info,
                                          .items = stage->items,
                                          .num_items = num,
                                          .jobs = 4,
                                          .interrupted = interrupted,
                                          .on_final = on_final,
                                          .user = stage};
}

void stage_close(struct stage *stage) {
  for (size_t i = 0; i < stage->campaign.num_items; i++) {
    wsc_outcome_free(stage->items[i].outcome);
  }
  wsc_outcome_free(stage->campaign.sanity);
  assert_int_equal(stage->running, 0);
  world_close(&stage->world);
}

void stage_assert_item(const struct stage *stage, size_t index,
                       enum wsc_verdict verdict, unsigned runs) {
  const struct wsc_outcome *outcome = stage->items[index].outcome;
  assert_non_null(outcome);
  assert_string_equal(wsc_verdict_name(outcome->verdict),
                      wsc_verdict_name(verdict));
  assert_int_equal(stage->plays[index].runs, runs);
  assert_int_equal(stage->plays[index].finals, 1);
}
