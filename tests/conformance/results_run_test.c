#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_fixture.h"
#include "strbuf.h"

static const char *text_at(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  assert_non_null(text);
  return text;
}

static const json_t *row_with(const json_t *array, const char *id) {
  size_t i;
  json_t *row;
  json_array_foreach(array, i, row) {
    if (strcmp(text_at(row, "id"), id) == 0) {
      return row;
    }
  }
  return NULL;
}

static const json_t *target_at(const struct wsc_run *run, size_t number) {
  return json_array_get(json_object_get(wsc_run_json(run), "targets"), number);
}

static const json_t *result_at(const struct wsc_run *run, size_t number) {
  return json_array_get(json_object_get(wsc_run_json(run), "results"), number);
}

static void test_summary_counts_every_verdict(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(13);
  const json_t *summary = json_object_get(target_at(run, 0), "summary");
  static const int expected[] = {
      [WSC_FAIL] = 3, [WSC_ERROR] = 2, [WSC_WARN] = 2,
      [WSC_PASS] = 2, [WSC_INFO] = 2,  [WSC_SKIP] = 2};
  for (int i = 0; i < WSC_NUM_VERDICTS; i++) {
    enum wsc_verdict verdict = (enum wsc_verdict)i;
    assert_int_equal(wsc_run_count(run, 0, verdict), expected[i]);
    assert_int_equal(
        json_integer_value(json_object_get(summary, wsc_verdict_name(verdict))),
        expected[i]);
  }
  wsc_run_free(run);
}

static void check_verdict(const json_t *target, const char *id,
                          const char *verdict) {
  const json_t *row = row_with(json_object_get(target, "requirements"), id);
  assert_non_null(row);
  assert_string_equal(text_at(row, "verdict"), verdict);
}

static void test_requirement_verdicts(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  const json_t *target = target_at(run, 0);
  check_verdict(target, "6455-5.4-10", "fail");
  check_verdict(target, "6455-5.5.1-06", "warn");
  check_verdict(target, "6455-5.2-20", "pass");
  check_verdict(target, "6455-4.1-20", "info");
  check_verdict(target, "6455-8.1-01", "skip");
  check_verdict(target, "6455-5.5.2-01", "error");
  assert_null(row_with(json_object_get(target, "requirements"), "6455-2-01"));
  wsc_run_free(run);
}

static void test_targets_are_judged_apart(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  check_verdict(target_at(run, 0), "6455-5.4-10", "pass");
  check_verdict(target_at(run, 1), "6455-5.4-10", "fail");
  assert_null(row_with(json_object_get(target_at(run, 1), "requirements"),
                       "6455-8.1-01"));
  assert_int_equal(wsc_run_count(run, 0, WSC_FAIL), 0);
  assert_int_equal(wsc_run_count(run, 1, WSC_FAIL), 1);
  wsc_run_free(run);
}

/* A clause that was judged counts, whatever became of another case. */
static void test_skip_never_hides_a_judgement(void **state) {
  (void)state;
  const char *const requirement = "6455-5.4-10";
  struct wsc_run *run = wsc_run_new("0", "1.0", 1, NULL);
  wsc_run_add_target(run, "t", "server", "ws://h/", "a");
  struct wsc_case info = {.id = "a.b",
                          .title = "t",
                          .file = "f",
                          .since = "1.0",
                          .requirements = &requirement,
                          .num_requirements = 1};
  wsc_run_add_case(run, &info);
  wsc_run_add_case(run, &info); /* once a case, whoever asks */
  struct wsc_outcome *skipped = wsc_outcome_new();
  wsc_outcome_abandon(skipped, WSC_SKIP, "no echo");
  struct wsc_result_key key = {0, "a.b", "tcp", "whole"};
  wsc_run_add_result(run, &key, skipped, WSC_EXPECT_NONE, NULL);
  wsc_run_close(run, false);
  check_verdict(target_at(run, 0), requirement, "skip");
  struct wsc_outcome *judged = wsc_outcome_new();
  struct wsc_clause clause = {.requirement = requirement,
                              .strength = WSC_MUST,
                              .verdict = WSC_PASS,
                              .label = "",
                              .expected = "",
                              .got = ""};
  wsc_outcome_add_clause(judged, &clause);
  wsc_outcome_conclude(judged, false);
  key.chop = "1";
  wsc_run_add_result(run, &key, judged, WSC_EXPECT_NONE, NULL);
  wsc_run_close(run, false);
  check_verdict(target_at(run, 0), requirement, "pass");
  assert_int_equal(json_array_size(json_object_get(wsc_run_json(run), "cases")),
                   1);
  wsc_outcome_free(skipped);
  wsc_outcome_free(judged);
  wsc_run_free(run);
}

static void test_uncovered_reasons(void **state) {
  (void)state;
  static const char *const expected[][2] = {
      {"6455-2-01", "not testable from outside"},
      {"6455-3-05", "not a server requirement"},
      {"8441-3-01", "needs HTTP/2"},
  };
  struct wsc_run *run = fixture_run(6);
  const json_t *rows = json_object_get(wsc_run_json(run), "requirements");
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    const json_t *row = row_with(rows, expected[i][0]);
    assert_non_null(row);
    assert_string_equal(text_at(row, "uncovered_reason"), expected[i][1]);
  }
  assert_true(json_is_null(
      json_object_get(row_with(rows, "6455-5.4-10"), "uncovered_reason")));
  wsc_run_free(run);
}

static void test_peer_text_is_escaped(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  const char *agent = text_at(target_at(run, 0), "agent");
  assert_non_null(strstr(agent, "\\x01\\x1B[31m\\xE2\\x80\\xAE\\xC0\\xAF"));
  assert_non_null(strstr(agent, " \xC3\xA9"));
  const json_t *events =
      json_object_get(json_object_get(result_at(run, 0), "wire"), "events");
  assert_int_equal(json_array_size(events), 6);
  assert_memory_equal(text_at(json_array_get(events, 2), "hex"), "3c2f636f", 8);
  assert_string_equal(text_at(json_array_get(events, 5), "kind"), "fin");
  wsc_run_free(run);
}

static void test_frames_are_named_field_by_field(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  const json_t *frames =
      json_object_get(json_object_get(result_at(run, 0), "wire"), "frames");
  const json_t *ping = json_array_get(frames, 0);
  assert_string_equal(text_at(ping, "opcode_name"), "ping");
  assert_string_equal(text_at(ping, "key"), "37fa213d");
  assert_true(json_is_true(json_object_get(ping, "fin")));
  assert_int_equal(json_integer_value(json_object_get(ping, "length_form")), 7);
  const json_t *huge = json_array_get(frames, 2);
  assert_string_equal(text_at(huge, "opcode_name"), "reserved 0x3");
  assert_int_equal(json_integer_value(json_object_get(huge, "rsv")), 7);
  assert_int_equal(json_integer_value(json_object_get(huge, "length_form")),
                   64);
  assert_string_equal(text_at(huge, "key"), "01020304");
  /* Past 2^53 a number would be rounded by half of all readers. */
  assert_string_equal(text_at(huge, "length"), "18446744073709551615");
  wsc_run_free(run);
}

static void test_sources_and_autobahn(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  const json_t *info =
      json_array_get(json_object_get(wsc_run_json(run), "cases"), 0);
  const char *source = text_at(info, "source");
  assert_memory_equal(source, "case {\n", 7);
  assert_string_equal(source + strlen(source) - 2, "}\n");
  const json_t *row =
      json_array_get(json_object_get(result_at(run, 0), "autobahn"), 0);
  assert_string_equal(text_at(row, "id"), "5.6");
  assert_string_equal(text_at(row, "behavior"), "FAILED");
  wsc_run_free(run);
}

static void test_times_stand_apart(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  const json_t *result = result_at(run, 0);
  const json_t *steps = json_object_get(result, "steps");
  const json_t *timing = json_object_get(result, "timing");
  assert_int_equal(json_array_size(json_object_get(timing, "steps")),
                   json_array_size(steps));
  assert_null(json_object_get(json_array_get(steps, 0), "time"));
  assert_int_equal(json_integer_value(json_object_get(timing, "duration_us")),
                   2101);
  wsc_run_free(run);
}

static void test_same_calls_give_the_same_bytes(void **state) {
  (void)state;
  char *path = fixture_path("same.json");
  char *error = NULL;
  char *text[2];
  size_t len[2];
  for (int i = 0; i < 2; i++) {
    struct wsc_run *run = fixture_run(20);
    assert_true(wsc_run_write(run, path, &error));
    text[i] = fixture_slurp(path, &len[i]);
    wsc_run_free(run);
  }
  assert_int_equal(len[0], len[1]);
  assert_memory_equal(text[0], text[1], len[0]);
  free(text[0]);
  free(text[1]);
  unlink(path);
  free(path);
}

static void test_options_may_be_any_octets(void **state) {
  (void)state;
  json_t *options = json_pack("{s:[o],s:i}", "command",
                              json_stringn_nocheck("\xFF\x1b", 2), "jobs", 3);
  struct wsc_run *run = wsc_run_new("0", "1.0", UINT64_MAX, options);
  char *path = fixture_path("options.json");
  char *error = NULL;
  size_t len;
  assert_true(wsc_run_write(run, path, &error));
  char *text = fixture_slurp(path, &len);
  assert_non_null(strstr(text, "\"\\\\xFF\\\\x1B\""));
  assert_non_null(strstr(text, "\"jobs\": 3"));
  assert_non_null(strstr(text, "\"seed\": \"18446744073709551615\""));
  free(text);
  unlink(path);
  free(path);
  wsc_run_free(run);
}

static void test_write_says_what_to_do(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  char *error = NULL;
  assert_false(wsc_run_write(run, "/nowhere/at/all.json", &error));
  assert_non_null(strstr(error, "/nowhere/at/all.json"));
  assert_non_null(strstr(error, "directory"));
  free(error);
  wsc_run_free(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_summary_counts_every_verdict),
      cmocka_unit_test(test_requirement_verdicts),
      cmocka_unit_test(test_targets_are_judged_apart),
      cmocka_unit_test(test_skip_never_hides_a_judgement),
      cmocka_unit_test(test_uncovered_reasons),
      cmocka_unit_test(test_peer_text_is_escaped),
      cmocka_unit_test(test_frames_are_named_field_by_field),
      cmocka_unit_test(test_sources_and_autobahn),
      cmocka_unit_test(test_times_stand_apart),
      cmocka_unit_test(test_same_calls_give_the_same_bytes),
      cmocka_unit_test(test_options_may_be_any_octets),
      cmocka_unit_test(test_write_says_what_to_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
