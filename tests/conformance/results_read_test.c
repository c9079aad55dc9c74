#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_fixture.h"

static void put_file(const char *path, const char *data, size_t len) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) {
    fail_msg("cannot write %s", path);
    return;
  }
  assert_int_equal(fwrite(data, 1, len, file), len);
  assert_int_equal(fclose(file), 0);
}

/* Reading `data` fails, and the error holds `words`. */
static void check_refused(const char *data, size_t len, const char *words) {
  char *path = fixture_path("refused.json");
  char *error = NULL;
  put_file(path, data, len);
  struct wsc_run *run = wsc_run_read(path, &error);
  assert_null(run);
  assert_non_null(error);
  if (strstr(error, words) == NULL) {
    fail_msg("\"%s\" does not hold \"%s\"", error, words);
  }
  free(error);
  unlink(path);
  free(path);
}

static char *written(const struct wsc_run *run, size_t *len) {
  char *path = fixture_path("written.json");
  char *error = NULL;
  assert_true(wsc_run_write(run, path, &error));
  char *text = fixture_slurp(path, len);
  unlink(path);
  free(path);
  return text;
}

static void test_what_is_written_is_read(void **state) {
  (void)state;
  char *path = fixture_path("round.json");
  char *error = NULL;
  struct wsc_run *run = fixture_run(12);
  assert_true(wsc_run_write(run, path, &error));
  struct wsc_run *again = wsc_run_read(path, &error);
  if (again == NULL) {
    fail_msg("%s", error);
  }
  assert_true(json_equal(wsc_run_json(run), wsc_run_json(again)));
  assert_int_equal(wsc_run_count(again, 0, WSC_FAIL), 2);
  wsc_run_free(again);
  wsc_run_free(run);
  unlink(path);
  free(path);
}

static void test_what_is_no_document(void **state) {
  (void)state;
  check_refused("", 0, "truncated");
  check_refused("{", 1, "truncated");
  check_refused("[]", 2, "$: is not an object");
  check_refused("{}", 2, "no run document");
  check_refused("nonsense", 8, "not JSON");
  check_refused("{\"a\":1,\"a\":2}", 13, "not JSON");
  check_refused("{\"a\":\"\xC0\xAF\"}", 10, "not JSON");
  char *error = NULL;
  assert_null(wsc_run_read("/nowhere/at/all", &error));
  assert_non_null(strstr(error, "/nowhere/at/all"));
  free(error);
}

static void test_newer_schema(void **state) {
  (void)state;
  static const char text[] = "{\"schema\":\"wsspec-run/2\"}";
  check_refused(text, sizeof text - 1, "newer wsspec");
}

static void test_deep_nesting(void **state) {
  (void)state;
  enum { DEPTH = 100000 };
  char *text = malloc(DEPTH);
  assert_non_null(text);
  memset(text, '[', DEPTH);
  check_refused(text, DEPTH, "not JSON");
  free(text);
}

static void test_every_truncation_is_refused(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  size_t len;
  char *text = written(run, &len);
  for (size_t cut = 1; cut < len - 2; cut += 1 + len / 97) {
    check_refused(text, cut, ": ");
  }
  free(text);
  wsc_run_free(run);
}

struct wrong {
  const char *path; /* members, ended by the one that is changed */
  const char *json; /* its new value; NULL: taken away */
  const char *words;
};

/* Follows "results/0/wire" and leaves the last name. */
static json_t *parent_of(json_t *value, const char *path, char *last) {
  const char *slash;
  while ((slash = strchr(path, '/')) != NULL) {
    memcpy(last, path, (size_t)(slash - path));
    last[slash - path] = '\0';
    value = json_is_array(value)
                ? json_array_get(value, strtoul(last, NULL, 10))
                : json_object_get(value, last);
    assert_non_null(value);
    path = slash + 1;
  }
  strcpy(last, path);
  return value;
}

static void check_wrong(const struct wrong *wrong) {
  struct wsc_run *run = fixture_matrix();
  json_t *document = json_deep_copy(wsc_run_json(run));
  char last[64];
  json_t *parent = parent_of(document, wrong->path, last);
  if (wrong->json == NULL) {
    assert_int_equal(json_object_del(parent, last), 0);
  } else {
    json_t *value = json_loads(wrong->json, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    assert_int_equal(json_object_set_new(parent, last, value), 0);
  }
  char *text = json_dumps(document, JSON_COMPACT);
  check_refused(text, strlen(text), wrong->words);
  free(text);
  json_decref(document);
  wsc_run_free(run);
}

static void test_wrong_members_are_named(void **state) {
  (void)state;
  static const struct wrong wrongs[] = {
      {"tool", NULL, "$.tool: is missing"},
      {"run/seed", "-1", "$.run.seed: is not a count"},
      {"run/seed", "\"12a\"", "$.run.seed: is not a count"},
      {"run/interrupted", "1", "$.run.interrupted: is not true or false"},
      {"targets", "{}", "$.targets: is not an array"},
      {"targets/1/facts", "{\"a\":1}", "$.targets[1].facts: "},
      {"targets/0/summary/warn", NULL, "$.targets[0].summary.warn: is missing"},
      {"targets/0/requirements", "[3]", "$.targets[0].requirements[0]: "},
      {"cases/0/source", "7", "$.cases[0].source: "},
      {"cases/0/requirements", "[1]", "is not an array of strings"},
      {"cases/0/line", "99999999999", "$.cases[0].line: "},
      {"results/0/verdict", "\"great\"", "$.results[0].verdict: "},
      {"results/0/target", "\"x\"", "$.results[0].target: names no target"},
      {"results/1/clauses/0/step", "1.5", "$.results[1].clauses[0].step: "},
      {"results/1/wire", "null", "$.results[1].wire: is not an object"},
      {"results/1/wire/events/1/hex", "\"abc\"", ".wire.events[1].hex: "},
      {"results/1/wire/events/1/hex", "\"zz\"", ".wire.events[1].hex: "},
      {"results/1/wire/frames/0/key", "false", ".wire.frames[0].key: "},
      {"results/1/timing/steps", "[\"x\"]", "$.results[1].timing.steps: "},
      {"results/1/expectation", "[]", "$.results[1].expectation: "},
      {"requirements/3/uncovered_reason", "0", "$.requirements[3]."},
  };
  for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
    check_wrong(&wrongs[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_written_is_read),
      cmocka_unit_test(test_what_is_no_document),
      cmocka_unit_test(test_newer_schema),
      cmocka_unit_test(test_deep_nesting),
      cmocka_unit_test(test_every_truncation_is_refused),
      cmocka_unit_test(test_wrong_members_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
