/* What is run, when, beside what, and what is run again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler_support.h"

/* -- ordinary runs ------------------------------------------------------ */

static void test_all(void **state) {
  (void)state;
  OPEN(stage, PASSES, FAILS, SILENT, WAITS);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 0, WSC_PASS, 1);
  stage_assert_item(&stage, 1, WSC_FAIL,
                    1); /* what came is not asked for again */
  stage_assert_item(&stage, 2, WSC_ERROR, 1);
  assert_string_equal(stage.items[2].outcome->reason,
                      "the case judged nothing");
  stage_assert_item(&stage, 3, WSC_PASS, 1);
  assert_int_equal(stage.plays[MOST].runs, 1);
  assert_int_equal(stage.plays[MOST].ordinal, 0);
  /* behind the last case, and at the end of the campaign */
  assert_int_equal(stage.plays[MOST + 1].runs, 2);
  assert_int_equal(stage.plays[MOST + 1].ordinal, 6);
  assert_null(stage.campaign.sanity);
  stage_close(&stage);
}

static void test_passive_is_last(void **state) {
  (void)state;
  OPEN(stage, PASSES, ABSENT_ONCE, WAITS);
  stage.plays[0].info.passive = true;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 0, WSC_PASS, 1);
  assert_true(stage.plays[0].ordinal > stage.plays[1].ordinal);
  assert_true(stage.plays[0].ordinal > stage.plays[2].ordinal);
  stage_close(&stage);
}

static void test_jobs(void **state) {
  (void)state;
  OPEN(stage, WAITS, WAITS, WAITS, WAITS, WAITS, WAITS);
  uint64_t began = stage.world.now;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  assert_int_equal(stage.max_running, 4);
  assert_int_equal(stage.world.now - began, 2 * WORLD_T);
  stage_close(&stage);
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
  stage_close(&stage);
}

/* -- repetition --------------------------------------------------------- */

static void test_repetition(void **state) {
  (void)state;
  OPEN(stage, ABSENT_ONCE, WAITS, WARNS_ABSENT, FAILS);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 0, WSC_PASS, 2);
  assert_true(stage.items[0].outcome->repeated);
  assert_int_equal(stage.items[0].outcome->duration, 4 * WORLD_T);
  stage_assert_item(&stage, 1, WSC_PASS, 1);
  assert_false(stage.items[1].outcome->repeated);
  stage_assert_item(&stage, 2, WSC_WARN, 2);
  assert_true(stage.items[2].outcome->absent);
  assert_int_equal(stage.plays[2].beside, 1);
  stage_assert_item(&stage, 3, WSC_FAIL, 1);
  stage_close(&stage);
}

/* Three that were confirmed alone show that load is no explanation. */
static void test_three_lonely_ones(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, WARNS_ABSENT, WARNS_ABSENT, WARNS_ABSENT,
       WARNS_ABSENT, WARNS_ABSENT);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  for (size_t i = 0; i < 6; i++) {
    stage_assert_item(&stage, i, WSC_WARN, 2);
  }
  assert_int_equal(stage.plays[0].beside, 1);
  assert_int_equal(stage.plays[1].beside, 1);
  assert_int_equal(stage.plays[2].beside, 1);
  assert_int_equal(stage.plays[3].beside, 3);
  stage_close(&stage);
}

static void test_doubt_keeps_them_lonely(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, WARNS_ABSENT, ABSENT_ONCE, WARNS_ABSENT,
       WARNS_ABSENT, WARNS_ABSENT);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(stage.plays[i].beside, 1);
  }
  stage_assert_item(&stage, 2, WSC_PASS, 2);
  stage_close(&stage);
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
