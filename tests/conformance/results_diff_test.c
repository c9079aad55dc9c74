#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "run_fixture.h"

static json_t *result_of(const struct wsc_run *run, size_t number) {
  return json_array_get(json_object_get(wsc_run_json(run), "results"), number);
}

static void set(json_t *object, const char *key, const char *text) {
  assert_int_equal(json_object_set_new(object, key, json_string(text)), 0);
}

static size_t size_of(const json_t *diff, const char *part,
                      enum wsc_change change) {
  const json_t *items =
      json_object_get(json_object_get(diff, part), wsc_change_name(change));
  assert_true(json_is_array(items));
  return json_array_size(items);
}

static size_t total(const json_t *diff, const char *part) {
  size_t sum = 0;
  for (int change = 0; change < WSC_NUM_CHANGES; change++) {
    sum += size_of(diff, part, (enum wsc_change)change);
  }
  return sum;
}

static const char *member(const json_t *diff, const char *part,
                          enum wsc_change change, const char *key) {
  const json_t *items =
      json_object_get(json_object_get(diff, part), wsc_change_name(change));
  return json_string_value(json_object_get(json_array_get(items, 0), key));
}

/* All pairs: worse is a regression only where it is bad now. */
static void test_what_a_change_is(void **state) {
  (void)state;
  static const struct {
    enum wsc_verdict before, now;
    enum wsc_change change;
  } rows[] = {
      {WSC_PASS, WSC_FAIL, WSC_CHANGE_REGRESSION},
      {WSC_PASS, WSC_WARN, WSC_CHANGE_REGRESSION},
      {WSC_PASS, WSC_ERROR, WSC_CHANGE_REGRESSION},
      {WSC_SKIP, WSC_FAIL, WSC_CHANGE_REGRESSION},
      {WSC_INFO, WSC_WARN, WSC_CHANGE_REGRESSION},
      {WSC_WARN, WSC_FAIL, WSC_CHANGE_REGRESSION},
      {WSC_ERROR, WSC_FAIL, WSC_CHANGE_REGRESSION},
      {WSC_FAIL, WSC_PASS, WSC_CHANGE_FIXED},
      {WSC_FAIL, WSC_WARN, WSC_CHANGE_FIXED},
      {WSC_WARN, WSC_INFO, WSC_CHANGE_FIXED},
      {WSC_ERROR, WSC_PASS, WSC_CHANGE_FIXED},
      {WSC_PASS, WSC_SKIP, WSC_CHANGE_OTHER},
      {WSC_PASS, WSC_INFO, WSC_CHANGE_OTHER},
      {WSC_SKIP, WSC_PASS, WSC_CHANGE_OTHER},
      {WSC_NUM_VERDICTS, WSC_FAIL, WSC_CHANGE_NEW},
      {WSC_NUM_VERDICTS, WSC_PASS, WSC_CHANGE_NEW},
      {WSC_FAIL, WSC_NUM_VERDICTS, WSC_CHANGE_GONE},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_int_equal(wsc_change_of(rows[i].before, rows[i].now),
                     rows[i].change);
  }
  for (int verdict = 0; verdict <= WSC_NUM_VERDICTS; verdict++) {
    assert_int_equal(
        wsc_change_of((enum wsc_verdict)verdict, (enum wsc_verdict)verdict),
        WSC_NUM_CHANGES);
  }
}

static void test_the_same_run_has_no_difference(void **state) {
  (void)state;
  struct wsc_run *before = fixture_run(12);
  struct wsc_run *now = fixture_run(12);
  json_t *diff = wsc_run_diff(before, now);
  assert_string_equal(json_string_value(json_object_get(diff, "schema")),
                      WSC_DIFF_SCHEMA);
  assert_int_equal(total(diff, "results"), 0);
  assert_int_equal(total(diff, "requirements"), 0);
  json_decref(diff);
  wsc_run_free(before);
  wsc_run_free(now);
}

static void test_a_regression_and_a_fix(void **state) {
  (void)state;
  struct wsc_run *before = fixture_run(6);
  struct wsc_run *now = fixture_run(6);
  set(result_of(now, 2), "verdict", "fail"); /* was a pass */
  set(result_of(now, 2), "reason", "now it breaks");
  set(result_of(now, 0), "verdict", "pass"); /* was a fail */
  wsc_run_close(now, false);
  json_t *diff = wsc_run_diff(before, now);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_REGRESSION), 1);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_FIXED), 1);
  assert_int_equal(total(diff, "results"), 2);
  const enum wsc_change change = WSC_CHANGE_REGRESSION;
  assert_string_equal(member(diff, "results", change, "case"),
                      "length.minimal");
  assert_string_equal(member(diff, "results", change, "old"), "pass");
  assert_string_equal(member(diff, "results", change, "new"), "fail");
  assert_string_equal(member(diff, "results", change, "reason"),
                      "now it breaks");
  json_decref(diff);
  wsc_run_free(before);
  wsc_run_free(now);
}

/* A requirement is judged by clauses, and has its own change. */
static void test_requirements_change_too(void **state) {
  (void)state;
  struct wsc_run *before = fixture_run(6);
  struct wsc_run *now = fixture_run(6);
  json_t *clause =
      json_array_get(json_object_get(result_of(now, 2), "clauses"), 0);
  set(clause, "verdict", "fail");
  wsc_run_close(now, false);
  json_t *diff = wsc_run_diff(before, now);
  const enum wsc_change change = WSC_CHANGE_REGRESSION;
  assert_int_equal(total(diff, "requirements"), 1);
  assert_string_equal(member(diff, "requirements", change, "id"),
                      "6455-5.2-20");
  assert_string_equal(member(diff, "requirements", change, "level"), "MUST");
  assert_string_equal(member(diff, "requirements", change, "old"), "pass");
  assert_string_equal(member(diff, "requirements", change, "new"), "fail");
  json_decref(diff);
  wsc_run_free(before);
  wsc_run_free(now);
}

static void test_new_and_gone(void **state) {
  (void)state;
  struct wsc_run *few = fixture_run(6);
  struct wsc_run *many = fixture_run(12);
  json_t *diff = wsc_run_diff(few, many);
  /* New failures are new, not regressions: there is nothing to compare. */
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_NEW), 6);
  assert_int_equal(total(diff, "results"), 6);
  json_decref(diff);
  diff = wsc_run_diff(many, few);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_GONE), 6);
  assert_int_equal(total(diff, "results"), 6);
  json_decref(diff);
  wsc_run_free(few);
  wsc_run_free(many);
}

/* --expect says of what happens that it is no surprise. */
static void test_a_known_deviation_is_no_regression(void **state) {
  (void)state;
  struct wsc_run *before = fixture_run(6);
  struct wsc_run *now = fixture_run(6);
  set(result_of(now, 2), "verdict", "fail");
  json_object_set_new(result_of(now, 2), "expectation",
                      json_pack("{s:s,s:s}", "state", "met", "why", "known"));
  json_t *diff = wsc_run_diff(before, now);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_REGRESSION), 0);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_OTHER), 1);
  json_decref(diff);
  wsc_run_free(before);
  wsc_run_free(now);
}

/* One target each is the same one, wherever it listened; of several, only those
 * of one id are. */
static void test_which_targets_are_the_same(void **state) {
  (void)state;
  struct wsc_run *before = fixture_run(6);
  struct wsc_run *now = fixture_run(6);
  json_t *target =
      json_array_get(json_object_get(wsc_run_json(now), "targets"), 0);
  set(target, "id", "ws://127.0.0.1:2/");
  for (size_t i = 0; i < 6; i++) {
    set(result_of(now, i), "target", "ws://127.0.0.1:2/");
  }
  json_t *diff = wsc_run_diff(before, now);
  assert_int_equal(total(diff, "results"), 0);
  assert_int_equal(total(diff, "requirements"), 0);
  json_decref(diff);
  struct wsc_run *two = fixture_matrix();
  diff = wsc_run_diff(two, now);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_NEW), 6);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_GONE), 3);
  json_decref(diff);
  wsc_run_free(two);
  wsc_run_free(before);
  wsc_run_free(now);
}

/* A result that stands twice is the worse of the two, on either side. */
static void test_a_result_that_stands_twice(void **state) {
  (void)state;
  struct wsc_run *before = fixture_run(6);
  struct wsc_run *now = fixture_run(6);
  json_t *results = json_object_get(wsc_run_json(now), "results");
  json_t *copy = json_deep_copy(result_of(now, 2));
  set(copy, "verdict", "fail");
  json_array_insert_new(results, 0, copy);
  json_t *diff = wsc_run_diff(before, now);
  assert_int_equal(size_of(diff, "results", WSC_CHANGE_REGRESSION), 1);
  assert_int_equal(total(diff, "results"), 1);
  json_decref(diff);
  wsc_run_free(before);
  wsc_run_free(now);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_a_change_is),
      cmocka_unit_test(test_the_same_run_has_no_difference),
      cmocka_unit_test(test_a_regression_and_a_fix),
      cmocka_unit_test(test_requirements_change_too),
      cmocka_unit_test(test_new_and_gone),
      cmocka_unit_test(test_a_known_deviation_is_no_regression),
      cmocka_unit_test(test_which_targets_are_the_same),
      cmocka_unit_test(test_a_result_that_stands_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
