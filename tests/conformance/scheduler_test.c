/* What is run, when, beside what, and what is run again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "engine_support.h"

#define MOST 8

/* What a case does once its connection is up. */
enum deed {
  PASSES,
  FAILS,
  WARNS_ABSENT, /* waits T, then warns of what did not come */
  ABSENT_ONCE,  /* the same, unless it is repeated */
  WAITS,        /* T */
  STUCK,        /* for something that never comes */
  SILENT,       /* judges nothing */
  KILLS,        /* the peer goes down for a while, each time */
  KILLS_ONCE,
  KILLS_TWICE,
  KILLS_FOR_GOOD,
  INTERRUPTS
};

struct play {
  struct wsc_case info; /* first: the script finds the rest by it */
  enum deed deed;
  unsigned runs, finals;
  unsigned beside;  /* how many ran when it ended, itself included */
  unsigned ordinal; /* of its latest end, among all ends */
};

struct stage {
  struct world world;
  struct play plays[MOST + 2]; /* then the sanity checks */
  struct wsc_item items[MOST];
  struct wsc_campaign campaign;
  unsigned running, weight, max_running, max_weight, ends;
  uint64_t down_until;
  bool interrupted;
};

/* -- scripts ------------------------------------------------------------ */

struct script {
  struct stage *stage;
  struct wsc_trial *trial;
  struct play *play;
  struct wsc_link *link;
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

static void open_stage(struct stage *stage, const enum deed *deeds,
                       size_t num) {
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

static void close_stage(struct stage *stage) {
  for (size_t i = 0; i < stage->campaign.num_items; i++) {
    wsc_outcome_free(stage->items[i].outcome);
  }
  wsc_outcome_free(stage->campaign.sanity);
  assert_int_equal(stage->running, 0);
  world_close(&stage->world);
}

static void assert_item(const struct stage *stage, size_t index,
                        enum wsc_verdict verdict, unsigned runs) {
  const struct wsc_outcome *outcome = stage->items[index].outcome;
  assert_non_null(outcome);
  assert_string_equal(wsc_verdict_name(outcome->verdict),
                      wsc_verdict_name(verdict));
  assert_int_equal(stage->plays[index].runs, runs);
  assert_int_equal(stage->plays[index].finals, 1);
}

#define OPEN(stage, ...)                                                       \
  static const enum deed deeds[] = {__VA_ARGS__};                              \
  struct stage stage;                                                          \
  open_stage(&stage, deeds, sizeof deeds / sizeof *deeds)

/* -- ordinary runs ------------------------------------------------------ */

static void test_all(void **state) {
  (void)state;
  OPEN(stage, PASSES, FAILS, SILENT, WAITS);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 0, WSC_PASS, 1);
  assert_item(&stage, 1, WSC_FAIL, 1); /* what came is not asked for again */
  assert_item(&stage, 2, WSC_ERROR, 1);
  assert_string_equal(stage.items[2].outcome->reason,
                      "the case judged nothing");
  assert_item(&stage, 3, WSC_PASS, 1);
  assert_int_equal(stage.plays[MOST].runs, 1);
  assert_int_equal(stage.plays[MOST].ordinal, 0);
  /* behind the last case, and at the end of the campaign */
  assert_int_equal(stage.plays[MOST + 1].runs, 2);
  assert_int_equal(stage.plays[MOST + 1].ordinal, 6);
  assert_null(stage.campaign.sanity);
  close_stage(&stage);
}

static void test_passive_is_last(void **state) {
  (void)state;
  OPEN(stage, PASSES, ABSENT_ONCE, WAITS);
  stage.plays[0].info.passive = true;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 0, WSC_PASS, 1);
  assert_true(stage.plays[0].ordinal > stage.plays[1].ordinal);
  assert_true(stage.plays[0].ordinal > stage.plays[2].ordinal);
  close_stage(&stage);
}

static void test_jobs(void **state) {
  (void)state;
  OPEN(stage, WAITS, WAITS, WAITS, WAITS, WAITS, WAITS);
  uint64_t began = stage.world.now;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_int_equal(stage.max_running, 4);
  assert_int_equal(stage.world.now - began, 2 * WORLD_T);
  close_stage(&stage);
}

static void test_weights(void **state) {
  (void)state;
  OPEN(stage, WAITS, WAITS, WAITS, WAITS);
  stage.plays[0].info.weight = 3;
  stage.plays[1].info.weight = 2;
  stage.plays[3].info.weight = 256; /* more than there is: alone */
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_int_equal(stage.plays[0].beside, 1);
  assert_int_equal(stage.plays[3].beside, 1);
  assert_int_equal(stage.max_running, 2);
  assert_int_equal(stage.max_weight, 256);
  close_stage(&stage);
}

/* -- repetition --------------------------------------------------------- */

static void test_repetition(void **state) {
  (void)state;
  OPEN(stage, ABSENT_ONCE, WAITS, WARNS_ABSENT, FAILS);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 0, WSC_PASS, 2);
  assert_true(stage.items[0].outcome->repeated);
  assert_int_equal(stage.items[0].outcome->duration, 4 * WORLD_T);
  assert_item(&stage, 1, WSC_PASS, 1);
  assert_false(stage.items[1].outcome->repeated);
  assert_item(&stage, 2, WSC_WARN, 2);
  assert_true(stage.items[2].outcome->absent);
  assert_int_equal(stage.plays[2].beside, 1);
  assert_item(&stage, 3, WSC_FAIL, 1);
  close_stage(&stage);
}

/* Three that were confirmed alone show that load is no explanation. */
static void test_three_lonely_ones(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, WARNS_ABSENT, WARNS_ABSENT, WARNS_ABSENT,
       WARNS_ABSENT, WARNS_ABSENT);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  for (size_t i = 0; i < 6; i++) {
    assert_item(&stage, i, WSC_WARN, 2);
  }
  assert_int_equal(stage.plays[0].beside, 1);
  assert_int_equal(stage.plays[1].beside, 1);
  assert_int_equal(stage.plays[2].beside, 1);
  assert_int_equal(stage.plays[3].beside, 3);
  close_stage(&stage);
}

static void test_doubt_keeps_them_lonely(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, WARNS_ABSENT, ABSENT_ONCE, WARNS_ABSENT,
       WARNS_ABSENT, WARNS_ABSENT);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(stage.plays[i].beside, 1);
  }
  assert_item(&stage, 2, WSC_PASS, 2);
  close_stage(&stage);
}

/* -- peers that go away ------------------------------------------------- */

static void test_insane(void **state) {
  (void)state;
  OPEN(stage, PASSES);
  stage.down_until = UINT64_MAX;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_INSANE);
  assert_int_equal(stage.plays[0].runs, 0);
  assert_non_null(stage.campaign.sanity);
  assert_string_equal(stage.campaign.sanity->reason,
                      "could not connect: connection refused");
  close_stage(&stage);
}

/* The culprit is found by repeating the suspects, and blamed; the others are
 * measured. */
static void test_killer(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS, PASSES, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 1, WSC_FAIL, 3);
  assert_has(stage.items[1].outcome->reason,
             "the peer survives the case, but it stopped accepting");
  assert_false(stage.items[1].outcome->absent);
  assert_int_equal(stage.items[0].outcome->verdict, WSC_PASS);
  assert_int_equal(stage.items[2].outcome->verdict, WSC_PASS);
  assert_int_equal(stage.items[3].outcome->verdict, WSC_PASS);
  close_stage(&stage);
}

/* A crash that does not happen again is nobody's. */
static void test_accident(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS_ONCE, PASSES, PASSES, PASSES);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(stage.items[i].outcome->verdict, WSC_PASS);
    assert_int_equal(stage.plays[i].finals, 1);
  }
  close_stage(&stage);
}

/* Down once more when it was repeated, and not a third time: that may be the
 * late end of something else. Nobody is blamed. */
static void test_doubtful_killer(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS_TWICE, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 1, WSC_PASS, 3);
  close_stage(&stage);
}

/* No later dial tells of a crash in the last case, or in the only one. */
static void test_killer_at_the_end(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 0, WSC_PASS, 2);
  assert_item(&stage, 1, WSC_FAIL, 3);
  assert_has(stage.items[1].outcome->reason, "the peer survives the case");
  close_stage(&stage);
}

static void test_gone_at_the_end(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS_FOR_GOOD);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_GONE);
  assert_string_equal(stage.campaign.suspects, "a.1");
  close_stage(&stage);
}

static void test_gone(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS_FOR_GOOD, PASSES, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_GONE);
  assert_item(&stage, 0, WSC_PASS, 1);
  assert_item(&stage, 2, WSC_ERROR, 1);
  assert_has(stage.items[2].outcome->reason, "could not connect");
  assert_item(&stage, 3, WSC_ERROR, 0);
  assert_string_equal(stage.items[3].outcome->reason,
                      "not measured: the peer was gone");
  assert_string_equal(stage.campaign.suspects, "a.1, a.2");
  assert_non_null(stage.campaign.sanity);
  close_stage(&stage);
}

/* Absence that could not be confirmed is no verdict. */
static void test_gone_before_repetition(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, KILLS_FOR_GOOD, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_GONE);
  assert_item(&stage, 0, WSC_ERROR, 1);
  assert_false(stage.items[0].outcome->absent);
  assert_has(stage.items[0].outcome->reason, "could not be repeated");
  close_stage(&stage);
}

/* -- ends that nobody planned ------------------------------------------- */

static void test_interrupted(void **state) {
  (void)state;
  OPEN(stage, PASSES, INTERRUPTS, WAITS, PASSES, PASSES);
  stage.campaign.jobs = 2;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_INTERRUPTED);
  assert_item(&stage, 0, WSC_PASS, 1);
  assert_item(&stage, 1, WSC_SKIP, 1);
  assert_string_equal(stage.items[1].outcome->reason, "interrupted");
  assert_item(&stage, 4, WSC_SKIP, 0);
  assert_string_equal(stage.items[4].outcome->reason, "interrupted");
  close_stage(&stage);
}

static void test_interrupted_before_repetition(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, INTERRUPTS);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_INTERRUPTED);
  assert_item(&stage, 0, WSC_SKIP, 1);
  assert_has(stage.items[0].outcome->reason, "could not be repeated");
  close_stage(&stage);
}

static void test_interrupted_at_once(void **state) {
  (void)state;
  OPEN(stage, PASSES);
  stage.interrupted = true;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_INTERRUPTED);
  assert_int_equal(stage.plays[0].runs, 0);
  close_stage(&stage);
}

static void test_out_of_time(void **state) {
  (void)state;
  OPEN(stage, STUCK, PASSES);
  uint64_t began = stage.world.now;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 0, WSC_ERROR, 1);
  assert_string_equal(stage.items[0].outcome->reason,
                      "the case did not end within its time");
  assert_int_equal(stage.world.now - began, 180 * SECOND);
  assert_item(&stage, 1, WSC_PASS, 1);
  close_stage(&stage);
}

/* Without deadlines a wait for nothing has to end all the same. */
static void test_nothing_can_happen(void **state) {
  (void)state;
  OPEN(stage, STUCK, PASSES);
  stage.world.context.timeout = 0;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_item(&stage, 0, WSC_ERROR, 1);
  assert_string_equal(stage.items[0].outcome->reason,
                      "nothing more can happen");
  assert_item(&stage, 1, WSC_PASS, 1);
  close_stage(&stage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all),
      cmocka_unit_test(test_passive_is_last),
      cmocka_unit_test(test_jobs),
      cmocka_unit_test(test_weights),
      cmocka_unit_test(test_repetition),
      cmocka_unit_test(test_three_lonely_ones),
      cmocka_unit_test(test_doubt_keeps_them_lonely),
      cmocka_unit_test(test_insane),
      cmocka_unit_test(test_killer),
      cmocka_unit_test(test_accident),
      cmocka_unit_test(test_doubtful_killer),
      cmocka_unit_test(test_killer_at_the_end),
      cmocka_unit_test(test_gone_at_the_end),
      cmocka_unit_test(test_gone),
      cmocka_unit_test(test_gone_before_repetition),
      cmocka_unit_test(test_interrupted),
      cmocka_unit_test(test_interrupted_before_repetition),
      cmocka_unit_test(test_interrupted_at_once),
      cmocka_unit_test(test_out_of_time),
      cmocka_unit_test(test_nothing_can_happen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
