#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merge.h"
#include "run_fixture.h"

/* A run of one target with a result a verdict, of cases a.0, a.1, ... from
 * number `first`; "shard" is set when there is one. */
static struct wsc_run *make(const char *target, const char *verdicts,
                            size_t first, const char *shard) {
  const char *const requirement = "6455-5.5.3-02";
  json_t *options = json_pack("{s:[s],s:[]}", "command", "wsspec", "filters");
  if (shard != NULL) {
    json_object_set_new(options, "shard", json_string(shard));
  }
  struct wsc_run *run = wsc_run_new("0.1.0", "1.0", 1, options);
  wsc_run_add_target(run, target, "server", target, "peer/1.0");
  wsc_run_target_fact(run, 0, "echo", "yes");
  for (size_t i = 0; verdicts[i] != '\0'; i++) {
    char id[32];
    snprintf(id, sizeof id, "a.%zu", first + i);
    const struct wsc_case info = {.id = id,
                                  .title = "a case",
                                  .file = "a.lua",
                                  .line = 1,
                                  .end_line = 2,
                                  .requirements = &requirement,
                                  .num_requirements = 1,
                                  .since = "1.0"};
    const struct wsc_clause clause = {.requirement = requirement,
                                      .strength = WSC_MUST,
                                      .verdict = verdicts[i] == 'f' ? WSC_FAIL
                                                                    : WSC_PASS,
                                      .label = "",
                                      .expected = "a pong",
                                      .got = "nothing",
                                      .step = -1};
    struct wsc_outcome *outcome = wsc_outcome_new();
    wsc_outcome_add_clause(outcome, &clause);
    wsc_outcome_conclude(outcome, false);
    wsc_run_add_case(run, &info);
    const struct wsc_result_key key = {0, id, "tcp", "whole"};
    wsc_run_add_result(run, &key, outcome, WSC_EXPECT_NONE, NULL);
    wsc_outcome_free(outcome);
  }
  wsc_run_close(run, false);
  return run;
}

static const json_t *part(const struct wsc_run *run, const char *name) {
  return json_object_get(wsc_run_json(run), name);
}

static const json_t *option(const struct wsc_run *run, const char *name) {
  return json_object_get(json_object_get(part(run, "run"), "options"), name);
}

/* Merges and gives what was said of it. Owned. */
static char *merge(struct wsc_run *run, const struct wsc_run *other) {
  struct wsc_strbuf conflicts;
  wsc_strbuf_init(&conflicts);
  wsc_run_merge(run, other, "other.json", &conflicts);
  return wsc_strbuf_take(&conflicts);
}

static void assert_quiet(struct wsc_run *run, const struct wsc_run *other) {
  char *said = merge(run, other);
  assert_string_equal(said, "");
  free(said);
}

/* It can be written, and read again: the rules hold. */
static void assert_sound(const struct wsc_run *run) {
  char *path = fixture_path("merged.json");
  char *error = NULL;
  assert_true(wsc_run_write(run, path, &error));
  struct wsc_run *again = wsc_run_read(path, &error);
  assert_non_null(again);
  assert_true(json_equal(wsc_run_json(run), wsc_run_json(again)));
  wsc_run_free(again);
  remove(path);
  free(path);
}

static void test_parts_become_the_whole(void **state) {
  (void)state;
  struct wsc_run *run = make("t", "pp", 0, "1/3");
  struct wsc_run *second = make("t", "f", 2, "2/3");
  struct wsc_run *third = make("t", "p", 3, "3/3");
  assert_quiet(run, third);
  assert_int_equal(json_array_size(option(run, "shards")), 2);
  assert_null(option(run, "shard"));
  assert_quiet(run, second);
  assert_null(option(run, "shards"));
  assert_int_equal(json_array_size(part(run, "results")), 4);
  assert_int_equal(json_array_size(part(run, "cases")), 4);
  assert_int_equal(json_array_size(part(run, "targets")), 1);
  assert_int_equal(wsc_run_count(run, 0, WSC_PASS), 3);
  assert_int_equal(wsc_run_count(run, 0, WSC_FAIL), 1);
  /* What stands in the document is summed up again. */
  const json_t *target = json_array_get(part(run, "targets"), 0);
  assert_int_equal(json_integer_value(json_object_get(
                       json_object_get(target, "summary"), "fail")),
                   1);
  const json_t *row =
      json_array_get(json_object_get(target, "requirements"), 0);
  assert_string_equal(json_string_value(json_object_get(row, "verdict")),
                      "fail");
  wsc_run_free(second);
  wsc_run_free(third);
  assert_sound(run); /* it shares what they held */
  wsc_run_free(run);
}

/* What no --shard writes never makes a whole. */
static void test_parts_that_are_none(void **state) {
  (void)state;
  static const char *const parts[] = {"0/2", "3/2", "2/2x", "2",
                                      "/2",  "",    "2/",   "2/3"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    struct wsc_run *run = make("t", "p", 0, "1/2");
    struct wsc_run *other = make("t", "p", 1, parts[i]);
    assert_quiet(run, other);
    assert_int_equal(json_array_size(option(run, "shards")), 2);
    wsc_run_free(other);
    wsc_run_free(run);
  }
}

static void test_other_targets_stand_beside(void **state) {
  (void)state;
  struct wsc_run *run = make("t", "p", 0, NULL);
  struct wsc_run *other = make("u", "f", 0, NULL);
  assert_quiet(run, other);
  assert_int_equal(json_array_size(part(run, "targets")), 2);
  assert_int_equal(json_array_size(part(run, "cases")), 1);
  assert_int_equal(wsc_run_count(run, 0, WSC_PASS), 1);
  assert_int_equal(wsc_run_count(run, 1, WSC_FAIL), 1);
  wsc_run_free(other);
  assert_sound(run);
  wsc_run_free(run);
}

/* Neither order loses the failure, and both name it. */
static void test_the_worse_result_is_kept_and_named(void **state) {
  (void)state;
  for (int turn = 0; turn < 2; turn++) {
    struct wsc_run *run = make("t", turn == 0 ? "pf" : "pp", 0, NULL);
    struct wsc_run *other = make("t", turn == 0 ? "pp" : "pf", 0, NULL);
    char *said = merge(run, other);
    assert_int_equal(json_array_size(part(run, "results")), 2);
    assert_int_equal(wsc_run_count(run, 0, WSC_FAIL), 1);
    assert_non_null(strstr(said, "other.json: a.1 of t"));
    assert_null(strstr(said, "a.0"));
    free(said);
    wsc_run_free(other);
    assert_sound(run);
    wsc_run_free(run);
  }
}

static void test_what_differs_is_named(void **state) {
  (void)state;
  struct wsc_run *run = make("t", "p", 0, NULL);
  struct wsc_run *other = make("t", "p", 1, NULL);
  json_t *target = json_array_get(part(other, "targets"), 0);
  json_t *tool = json_object_get((json_t *)wsc_run_json(other), "tool");
  json_object_set_new(target, "agent", json_string("peer/2.0\n\x1b[31m"));
  json_object_set_new(json_object_get(target, "facts"), "echo",
                      json_string("no"));
  json_object_set_new(tool, "suite", json_string("2.0"));
  json_object_set_new((json_t *)part(other, "run"), "seed", json_integer(2));
  char *said = merge(run, other);
  assert_non_null(strstr(said, "other.json: run.seed: 1 before, 2 here\n"));
  assert_non_null(strstr(said, "tool.suite: \"1.0\" before, \"2.0\" here\n"));
  assert_non_null(strstr(said, "t.agent: "));
  assert_non_null(strstr(said, "t.echo: \"yes\" before, \"no\" here\n"));
  assert_null(strchr(said, '\x1b'));
  size_t lines = 0;
  for (const char *at = said; (at = strchr(at, '\n')) != NULL; at++) {
    lines++;
  }
  assert_int_equal(lines, 4);
  free(said);
  wsc_run_free(other);
  wsc_run_free(run);
}

static void test_many_conflicts_are_counted(void **state) {
  (void)state;
  char good[201];
  char bad[201];
  memset(good, 'p', 200);
  memset(bad, 'f', 200);
  good[200] = bad[200] = '\0';
  struct wsc_run *run = make("t", good, 0, NULL);
  struct wsc_run *other = make("t", bad, 0, NULL);
  char *said = merge(run, other);
  assert_non_null(strstr(said, "and 150 more\n"));
  assert_true(strlen(said) < 16384);
  assert_int_equal(wsc_run_count(run, 0, WSC_FAIL), 200);
  free(said);
  wsc_run_free(other);
  wsc_run_free(run);
}

static void test_an_interrupted_part_makes_it_so(void **state) {
  (void)state;
  struct wsc_run *run = make("t", "p", 0, "1/2");
  struct wsc_run *other = make("t", "p", 1, "2/2");
  wsc_run_close(other, true);
  assert_quiet(run, other);
  assert_true(json_is_true(json_object_get(part(run, "run"), "interrupted")));
  wsc_run_free(other);
  wsc_run_free(run);
}

/* The same document twice is that document. */
static void test_twice_the_same(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(12);
  struct wsc_run *same = fixture_run(12);
  assert_quiet(run, same);
  assert_true(json_equal(wsc_run_json(run), wsc_run_json(same)));
  wsc_run_free(same);
  wsc_run_free(run);
}

/* Keys are not glued: "a" of "bc" is not "ab" of "c". */
static void test_keys_do_not_run_together(void **state) {
  (void)state;
  struct wsc_run *run = make("t", "p", 0, NULL);
  struct wsc_run *other = make("t", "p", 0, NULL);
  json_t *ours = json_array_get(part(run, "results"), 0);
  json_t *theirs = json_array_get(part(other, "results"), 0);
  json_object_set_new(ours, "variant", json_string("ab"));
  json_object_set_new(ours, "chop", json_string("c"));
  json_object_set_new(theirs, "variant", json_string("a"));
  json_object_set_new(theirs, "chop", json_string("bc"));
  assert_quiet(run, other);
  assert_int_equal(json_array_size(part(run, "results")), 2);
  wsc_run_free(other);
  wsc_run_free(run);
}

static void test_some_targets_are_kept(void **state) {
  (void)state;
  const char *unknown = NULL;
  struct wsc_run *run = fixture_matrix();
  const char *const none[] = {"good", "ugly*"};
  const char *const bad[] = {"bad/*"}; /* its agent */
  assert_true(wsc_run_keep_targets(run, NULL, 0, &unknown));
  assert_int_equal(json_array_size(part(run, "targets")), 2);
  assert_false(wsc_run_keep_targets(run, none, 2, &unknown));
  assert_string_equal(unknown, "ugly*");
  assert_int_equal(json_array_size(part(run, "targets")), 2);
  assert_true(wsc_run_keep_targets(run, bad, 1, &unknown));
  assert_int_equal(json_array_size(part(run, "targets")), 1);
  assert_int_equal(json_array_size(part(run, "results")), 1);
  assert_int_equal(wsc_run_count(run, 0, WSC_FAIL), 1);
  assert_sound(run);
  wsc_run_free(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parts_become_the_whole),
      cmocka_unit_test(test_parts_that_are_none),
      cmocka_unit_test(test_other_targets_stand_beside),
      cmocka_unit_test(test_the_worse_result_is_kept_and_named),
      cmocka_unit_test(test_what_differs_is_named),
      cmocka_unit_test(test_many_conflicts_are_counted),
      cmocka_unit_test(test_an_interrupted_part_makes_it_so),
      cmocka_unit_test(test_twice_the_same),
      cmocka_unit_test(test_keys_do_not_run_together),
      cmocka_unit_test(test_some_targets_are_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
