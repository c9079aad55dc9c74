/* What a busy machine and a slow peer may not change: the verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler_support.h"

static void assert_done(struct stage *stage) {
  assert_int_equal(wsc_campaign_run(&stage->campaign), WSC_CAMPAIGN_DONE);
}

/* What could not be measured for want of time is tried again, alone. */
static void test_late(void **state) {
  (void)state;
  OPEN(stage, LATE_ONCE, PASSES, SKIPPED_ONCE, LATE_ONCE);
  assert_done(&stage);
  stage_assert_item(&stage, 0, WSC_PASS, 2);
  assert_true(stage.items[0].outcome->repeated);
  stage_assert_item(&stage, 1, WSC_PASS, 1);
  stage_assert_item(&stage, 2, WSC_PASS, 2);
  stage_assert_item(&stage, 3, WSC_PASS, 2);
  assert_int_equal(stage.plays[3].beside, 1);
  stage_close(&stage);
}

/* A fail, when what it was judged by had just not come in time. */
static void test_late_fail(void **state) {
  (void)state;
  OPEN(stage, FAILS_LATE, FAILS);
  assert_done(&stage);
  stage_assert_item(&stage, 0, WSC_PASS, 2);
  stage_assert_item(&stage, 1, WSC_FAIL, 1);
  stage_close(&stage);
}

/* So is the sanity check: a slow peer is not a peer that is not there. */
static void test_late_sanity(void **state) {
  (void)state;
  OPEN(stage, PASSES);
  stage.plays[MOST].deed = LATE_ONCE;
  stage.plays[MOST + 1].deed = LATE_ONCE;
  assert_done(&stage);
  stage_assert_item(&stage, 0, WSC_PASS, 1);
  assert_int_equal(stage.plays[MOST].runs, 2);
  assert_int_equal(stage.plays[MOST + 1].runs, 4);
  assert_null(stage.campaign.sanity);
  stage_close(&stage);
}

/* What came in time counts, also when the runner reads it late. */
static void test_runner_stalls(void **state) {
  (void)state;
  OPEN(stage, STALLED);
  assert_done(&stage);
  stage_assert_item(&stage, 0, WSC_PASS, 1);
  stage_close(&stage);
}

/* An absence that a runner sees which is behind itself is looked for again. */
static void test_runner_is_behind(void **state) {
  (void)state;
  OPEN(stage, ABSENT_TWICE);
  stage.world.oversleep = WORLD_T;
  assert_done(&stage);
  stage_assert_item(&stage, 0, WSC_PASS, 3);
  stage_close(&stage);
}

static void test_runner_is_in_time(void **state) {
  (void)state;
  OPEN(stage, ABSENT_TWICE);
  stage.world.oversleep = WORLD_T / 8;
  assert_done(&stage);
  stage_assert_item(&stage, 0, WSC_FAIL, 2);
  stage_close(&stage);
}

/* And not for ever. */
static void test_always_behind(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT);
  stage.world.oversleep = WORLD_T;
  assert_done(&stage);
  stage_assert_item(&stage, 0, WSC_WARN, 1 + 3);
  stage_close(&stage);
}

/* A peer that gets slow with the number of connections: fewer run at once until
 * it is quick enough. */
static void test_crowd(void **state) {
  (void)state;
  OPEN(stage, CROWDED, CROWDED, CROWDED, CROWDED, CROWDED, CROWDED, CROWDED,
       CROWDED);
  stage.campaign.jobs = 5;
  assert_done(&stage);
  assert_int_equal(stage.max_running, 5);
  assert_int_equal(stage.late, 0);
  for (size_t i = 0; i < 8; i++) {
    stage_assert_item(&stage, i, WSC_PASS, 1);
  }
  /* 5 at once took 2.5 s; then there are fewer. */
  for (size_t i = 5; i < 8; i++) {
    assert_in_range(stage.plays[i].beside, 1, 4);
  }
  stage_close(&stage);
}

/* Those that had no answer before it was found out are repeated. */
static void test_too_much_of_a_crowd(void **state) {
  (void)state;
  OPEN(stage, CROWDED, CROWDED, CROWDED, CROWDED, CROWDED, CROWDED, CROWDED,
       CROWDED);
  stage.campaign.jobs = 8;
  assert_done(&stage);
  assert_int_equal(stage.max_running, 8);
  assert_int_equal(stage.late, 8);
  for (size_t i = 0; i < 8; i++) {
    assert_int_equal(stage.items[i].outcome->verdict, WSC_PASS);
  }
  stage_close(&stage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_late),
      cmocka_unit_test(test_late_fail),
      cmocka_unit_test(test_late_sanity),
      cmocka_unit_test(test_runner_stalls),
      cmocka_unit_test(test_runner_is_behind),
      cmocka_unit_test(test_runner_is_in_time),
      cmocka_unit_test(test_always_behind),
      cmocka_unit_test(test_crowd),
      cmocka_unit_test(test_too_much_of_a_crowd),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
