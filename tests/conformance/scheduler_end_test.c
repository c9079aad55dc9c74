/* Campaigns that do not go as planned: the peer goes away, the user interrupts,
 * nothing more can happen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler_support.h"

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
  stage_close(&stage);
}

/* The culprit is found by repeating the suspects, and blamed; the others are
 * measured. */
static void test_killer(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS, PASSES, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 1, WSC_FAIL, 3);
  assert_has(stage.items[1].outcome->reason,
             "the peer survives the case, but it stopped accepting");
  assert_false(stage.items[1].outcome->absent);
  assert_int_equal(stage.items[0].outcome->verdict, WSC_PASS);
  assert_int_equal(stage.items[2].outcome->verdict, WSC_PASS);
  assert_int_equal(stage.items[3].outcome->verdict, WSC_PASS);
  stage_close(&stage);
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
  stage_close(&stage);
}

/* Down once more when it was repeated, and not a third time: that may be the
 * late end of something else. Nobody is blamed. */
static void test_doubtful_killer(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS_TWICE, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 1, WSC_PASS, 3);
  stage_close(&stage);
}

/* No later dial tells of a crash in the last case, or in the only one. */
static void test_killer_at_the_end(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS);
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 0, WSC_PASS, 2);
  stage_assert_item(&stage, 1, WSC_FAIL, 3);
  assert_has(stage.items[1].outcome->reason, "the peer survives the case");
  stage_close(&stage);
}

static void test_gone_at_the_end(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS_FOR_GOOD);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_GONE);
  assert_string_equal(stage.campaign.suspects, "a.1");
  stage_close(&stage);
}

static void test_gone(void **state) {
  (void)state;
  OPEN(stage, PASSES, KILLS_FOR_GOOD, PASSES, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_GONE);
  stage_assert_item(&stage, 0, WSC_PASS, 1);
  stage_assert_item(&stage, 2, WSC_ERROR, 1);
  assert_has(stage.items[2].outcome->reason, "could not connect");
  stage_assert_item(&stage, 3, WSC_ERROR, 0);
  assert_string_equal(stage.items[3].outcome->reason,
                      "not measured: the peer was gone");
  assert_string_equal(stage.campaign.suspects, "a.1, a.2");
  assert_non_null(stage.campaign.sanity);
  stage_close(&stage);
}

/* Absence that could not be confirmed is no verdict. */
static void test_gone_before_repetition(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, KILLS_FOR_GOOD, PASSES);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_GONE);
  stage_assert_item(&stage, 0, WSC_ERROR, 1);
  assert_false(stage.items[0].outcome->absent);
  assert_has(stage.items[0].outcome->reason, "could not be repeated");
  stage_close(&stage);
}

/* -- ends that nobody planned ------------------------------------------- */

static void test_interrupted(void **state) {
  (void)state;
  OPEN(stage, PASSES, INTERRUPTS, WAITS, PASSES, PASSES);
  stage.campaign.jobs = 2;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_INTERRUPTED);
  stage_assert_item(&stage, 0, WSC_PASS, 1);
  stage_assert_item(&stage, 1, WSC_SKIP, 1);
  assert_string_equal(stage.items[1].outcome->reason, "interrupted");
  stage_assert_item(&stage, 4, WSC_SKIP, 0);
  assert_string_equal(stage.items[4].outcome->reason, "interrupted");
  stage_close(&stage);
}

static void test_interrupted_before_repetition(void **state) {
  (void)state;
  OPEN(stage, WARNS_ABSENT, INTERRUPTS);
  stage.campaign.jobs = 1;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_INTERRUPTED);
  stage_assert_item(&stage, 0, WSC_SKIP, 1);
  assert_has(stage.items[0].outcome->reason, "could not be repeated");
  stage_close(&stage);
}

static void test_interrupted_at_once(void **state) {
  (void)state;
  OPEN(stage, PASSES);
  stage.interrupted = true;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_INTERRUPTED);
  assert_int_equal(stage.plays[0].runs, 0);
  stage_close(&stage);
}

static void test_out_of_time(void **state) {
  (void)state;
  OPEN(stage, STUCK, PASSES);
  uint64_t began = stage.world.now;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 0, WSC_ERROR, 1);
  assert_string_equal(stage.items[0].outcome->reason,
                      "the case did not end within its time");
  assert_int_equal(stage.world.now - began, 180 * SECOND);
  stage_assert_item(&stage, 1, WSC_PASS, 1);
  stage_close(&stage);
}

/* Without deadlines a wait for nothing has to end all the same. */
static void test_nothing_can_happen(void **state) {
  (void)state;
  OPEN(stage, STUCK, PASSES);
  stage.world.context.timeout = 0;
  assert_int_equal(wsc_campaign_run(&stage.campaign), WSC_CAMPAIGN_DONE);
  stage_assert_item(&stage, 0, WSC_ERROR, 1);
  assert_string_equal(stage.items[0].outcome->reason,
                      "nothing more can happen");
  stage_assert_item(&stage, 1, WSC_PASS, 1);
  stage_close(&stage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
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
