/* --expect FILE: known deviations, and what is wrong with a file of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expectations.h"

static struct wsc_expectations *read_text(const char *text, char **error) {
  char path[] = "/tmp/expectations-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  *error = NULL;
  struct wsc_expectations *read = wsc_expectations_read(path, error);
  unlink(path);
  /* Each message names the file. */
  if (*error != NULL) {
    assert_memory_equal(*error, path, strlen(path));
    memmove(*error, *error + strlen(path), strlen(*error + strlen(path)) + 1);
  }
  return read;
}

static void assert_judged(const struct wsc_expectations *expectations,
                          const char *id, enum wsc_verdict verdict,
                          enum wsc_expectation expected, const char *words) {
  const char *why = "";
  assert_int_equal(wsc_expectations_judge(expectations, id, verdict, &why),
                   expected);
  assert_string_equal(why, words);
}

static void test_judge(void **state) {
  (void)state;
  char *error;
  struct wsc_expectations *read = read_text(
      "[{\"case\": \"frag.*\", \"verdict\": \"warn\", \"why\": \"one\","
      "  \"till\": \"2999-12-31\"},"
      " {\"case\": \"frag.x\", \"why\": \"two\"},"
      " {\"case\": \"tcp.x\", \"why\": \"three\"},"
      " {\"case\": \"err.x\", \"verdict\": \"error\", \"why\": \"four\"}]",
      &error);
  assert_non_null(read);
  assert_judged(read, "frag.x", WSC_WARN, WSC_EXPECT_MET, "one");
  assert_judged(read, "frag.x", WSC_FAIL, WSC_EXPECT_UNEXPECTED, "one");
  assert_judged(read, "frag.x", WSC_PASS, WSC_EXPECT_UNEXPECTED, "one");
  assert_judged(read, "frag.x", WSC_SKIP, WSC_EXPECT_NONE, "");
  assert_judged(read, "tcp.x", WSC_FAIL, WSC_EXPECT_MET, "three");
  assert_judged(read, "tcp.x", WSC_PASS, WSC_EXPECT_UNEXPECTED, "three");
  assert_judged(read, "err.x", WSC_ERROR, WSC_EXPECT_MET, "four");
  assert_judged(read, "tcp.y", WSC_FAIL, WSC_EXPECT_NONE, "");
  assert_judged(NULL, "tcp.x", WSC_FAIL, WSC_EXPECT_NONE, "");
  assert_null(wsc_expectations_expired(read));
  assert_null(wsc_expectations_expired(NULL));
  wsc_expectations_free(read);
}

/* An entry whose day has passed excuses nothing; the next that fits does. */
static void test_expired(void **state) {
  (void)state;
  char *error;
  struct wsc_expectations *read = read_text(
      "[{\"case\": \"a.*\", \"why\": \"old\", \"till\": \"2001-01-31\"},"
      " {\"case\": \"a.b\", \"why\": \"new\"}]",
      &error);
  assert_non_null(read);
  assert_string_equal(wsc_expectations_expired(read), "a.*");
  assert_judged(read, "a.c", WSC_FAIL, WSC_EXPECT_NONE, "");
  assert_judged(read, "a.b", WSC_FAIL, WSC_EXPECT_MET, "new");
  wsc_expectations_free(read);
}

static void test_empty(void **state) {
  (void)state;
  char *error;
  struct wsc_expectations *read = read_text("[]", &error);
  assert_non_null(read);
  assert_judged(read, "a.b", WSC_FAIL, WSC_EXPECT_NONE, "");
  wsc_expectations_free(read);
}

#define DATE        ": entry 1 \"till\" must be a date, YYYY-MM-DD"
#define ENTRY(more) "[{\"case\": \"a.b\", \"why\": \"w\", " more "}]"

static const struct {
  const char *text;
  const char *error;
} wrong[] = {
    {"{}", ": must be a JSON array"},
    {"[1]", ": entry 1 needs \"case\", a glob on case ids"},
    {"[{\"why\": \"x\"}]", ": entry 1 needs \"case\", a glob on case ids"},
    {"[{\"case\": \"a.b\"}]", ": entry 1 needs \"why\", the reason in words"},
    {"[{\"case\": \"a.b\", \"why\": \"\"}]",
     ": entry 1 needs \"why\", the reason in words"},
    {"[{\"case\": \"a.b\", \"why\": \"x\"}, {\"case\": \"a.c\"}]",
     ": entry 2 needs \"why\", the reason in words"},
    {ENTRY("\"verdict\": \"pass\""),
     ": entry 1 \"verdict\" must be \"fail\", \"warn\" or \"error\""},
    {ENTRY("\"verdict\": \"bad\""),
     ": entry 1 \"verdict\" must be \"fail\", \"warn\" or \"error\""},
    {ENTRY("\"verdict\": 1"),
     ": entry 1 \"verdict\" must be \"fail\", \"warn\" or \"error\""},
    {ENTRY("\"till\": 20300101"), DATE},
    {ENTRY("\"till\": \"\""), DATE},
    {ENTRY("\"till\": \"2030-1-1\""), DATE},
    {ENTRY("\"till\": \"2030-01-01T\""), DATE},
    {ENTRY("\"till\": \"2030-13-01\""), DATE},
    {ENTRY("\"till\": \"2030-00-10\""), DATE},
    {ENTRY("\"till\": \"2030-01-32\""), DATE},
};

static void test_wrong(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char *error;
    assert_null(read_text(wrong[i].text, &error));
    assert_string_equal(error, wrong[i].error);
    free(error);
  }
}

static void test_no_json(void **state) {
  (void)state;
  char *error;
  assert_null(read_text("[\n{\"case\": \"a\",}]", &error));
  assert_memory_equal(error, ": line 2: ", 10);
  free(error);
  assert_null(read_text("[{\"case\": \"a\", \"case\": \"b\"}]", &error));
  assert_non_null(strstr(error, "duplicate"));
  free(error);
}

static void test_no_file(void **state) {
  (void)state;
  char *error = NULL;
  assert_null(wsc_expectations_read("/no/such/file", &error));
  assert_non_null(strstr(error, "/no/such/file: "));
  assert_non_null(strstr(error, "No such file"));
  free(error);
  wsc_expectations_free(NULL);
}

/* -- writing ------------------------------------------------------------ */

static void add(struct wsc_run *run, const char *id, enum wsc_verdict verdict,
                enum wsc_expectation expectation) {
  const struct wsc_result_key key = {0, id, "tcp", "whole"};
  struct wsc_outcome *outcome = wsc_outcome_new();
  outcome->verdict = verdict;
  wsc_run_add_result(run, &key, outcome, expectation, "");
  wsc_outcome_free(outcome);
}

static const char known[] =
    "[{\"case\": \"kept.*\", \"why\": \"one\", \"till\": \"2999-12-31\"},"
    " {\"case\": \"mended.*\", \"why\": \"two\"}]";

/* The document of what was written; owned. */
static json_t *written(const struct wsc_run *run, enum wsc_verdict least,
                       size_t *num_new) {
  char path[] = "/tmp/expectations-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  char *error;
  struct wsc_expectations *read = read_text(known, &error);
  assert_true(wsc_expectations_write(read, run, least, path, num_new, &error));
  /* Nobody has said why yet. */
  struct wsc_expectations *again = wsc_expectations_read(path, &error);
  assert_int_equal(again == NULL, *num_new != 0);
  if (again == NULL) {
    assert_non_null(strstr(error, "entry 1 needs \"why\""));
    free(error);
  }
  wsc_expectations_free(again);
  wsc_expectations_free(read);
  json_t *json = json_load_file(path, 0, NULL);
  unlink(path);
  assert_non_null(json);
  return json;
}

static const char *member(const json_t *entries, size_t i, const char *key) {
  return json_string_value(json_object_get(json_array_get(entries, i), key));
}

static void test_write(void **state) {
  (void)state;
  struct wsc_run *run = wsc_run_new("0.1.0", "1.0", 1, NULL);
  wsc_run_add_target(run, "t", "server", "ws://h/", "h");
  add(run, "good.a", WSC_PASS, WSC_EXPECT_NONE);
  add(run, "kept.a", WSC_FAIL, WSC_EXPECT_MET);
  add(run, "kept.b", WSC_FAIL, WSC_EXPECT_MET);
  add(run, "mended.a", WSC_PASS, WSC_EXPECT_UNEXPECTED);
  add(run, "odd.[x]*", WSC_FAIL, WSC_EXPECT_NONE);
  add(run, "odd.[x]*", WSC_FAIL, WSC_EXPECT_NONE);
  add(run, "warned.a", WSC_WARN, WSC_EXPECT_NONE);
  add(run, "erred.a", WSC_ERROR, WSC_EXPECT_NONE);
  add(run, "skipped.a", WSC_SKIP, WSC_EXPECT_NONE);
  size_t num_new;
  json_t *entries = written(run, WSC_ERROR, &num_new);
  assert_int_equal(num_new, 2);
  assert_int_equal(json_array_size(entries), 3);
  assert_string_equal(member(entries, 0, "case"), "odd.\\[x]\\*");
  assert_string_equal(member(entries, 0, "verdict"), "fail");
  assert_string_equal(member(entries, 0, "why"), "");
  assert_string_equal(member(entries, 1, "case"), "erred.a");
  assert_string_equal(member(entries, 1, "verdict"), "error");
  /* As it was, and once; what was mended is gone. */
  assert_string_equal(member(entries, 2, "case"), "kept.*");
  assert_string_equal(member(entries, 2, "why"), "one");
  assert_string_equal(member(entries, 2, "till"), "2999-12-31");
  json_decref(entries);
  entries = written(run, WSC_WARN, &num_new);
  assert_int_equal(num_new, 3);
  assert_string_equal(member(entries, 1, "verdict"), "warn");
  json_decref(entries);
  wsc_run_free(run);
}

static void test_write_nothing(void **state) {
  (void)state;
  struct wsc_run *run = wsc_run_new("0.1.0", "1.0", 1, NULL);
  size_t num_new;
  json_t *entries = written(run, WSC_WARN, &num_new);
  assert_int_equal(json_array_size(entries), 0);
  json_decref(entries);
  char *error = NULL;
  assert_false(wsc_expectations_write(NULL, run, WSC_WARN, "/no/such/file",
                                      &num_new, &error));
  assert_non_null(strstr(error, "/no/such/file"));
  free(error);
  wsc_run_free(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_judge),   cmocka_unit_test(test_expired),
      cmocka_unit_test(test_empty),   cmocka_unit_test(test_wrong),
      cmocka_unit_test(test_no_json), cmocka_unit_test(test_no_file),
      cmocka_unit_test(test_write),   cmocka_unit_test(test_write_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
