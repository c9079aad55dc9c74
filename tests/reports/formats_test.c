/* What the formats do at their limits, and with what the fixture's run has not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats_support.h"
#include "run_fixture.h"

/* A run that a test changes: the document is only read through the API. */
static json_t *document_of(const struct wsc_run *run) {
  return (json_t *)wsc_run_json(run);
}

static json_t *result_of(const struct wsc_run *run, size_t number) {
  return json_array_get(json_object_get(document_of(run), "results"), number);
}

static void set(json_t *object, const char *key, const char *text) {
  assert_int_equal(json_object_set_new(object, key, json_string(text)), 0);
}

static bool renders(const struct wsc_run *run, const char *format,
                    const char *words) {
  size_t len;
  char *text = format_render(run, format, WSC_FAIL_ON_OF_RUN, &len);
  bool found = strstr(text, words) != NULL;
  free(text);
  return found;
}

/* -- by name, by path --------------------------------------------------- */

static void test_formats_are_found(void **state) {
  (void)state;
  assert_string_equal(wsc_format_by_name("junit")->name, "junit");
  assert_null(wsc_format_by_name("junit "));
  assert_null(wsc_format_by_name(""));
  assert_string_equal(wsc_format_of_path("out/run.xml")->name, "junit");
  assert_string_equal(wsc_format_of_path("a.b.sarif")->name, "sarif");
  assert_string_equal(wsc_format_of_path("a.sarif.json")->name, "sarif");
  assert_null(wsc_format_of_path("run.json"));
  assert_null(wsc_format_of_path("xml"));
  assert_null(wsc_format_of_path(".xml")); /* a name, not an extension */
  assert_null(wsc_format_of_path("run.xml/"));
  size_t num = 0;
  for (; wsc_format_at(num) != NULL; num++) {
    const struct wsc_format *format = wsc_format_at(num);
    assert_string_equal(wsc_format_by_name(format->name)->name, format->name);
  }
  assert_true(num >= 6);
}

/* -- what is a failure -------------------------------------------------- */

static size_t failures(const struct wsc_run *run, enum wsc_fail_on fail_on) {
  size_t len;
  char *text = format_render(run, "junit", fail_on, &len);
  size_t num = count_of(text, "<failure ");
  free(text);
  return num;
}

static void test_a_warning_is_a_failure_where_asked_for(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_object_set_new(result_of(run, 1), "expectation", json_null());
  assert_int_equal(failures(run, WSC_FAIL_ON_FAIL), 1);
  assert_int_equal(failures(run, WSC_FAIL_ON_OF_RUN), 1);
  assert_int_equal(failures(run, WSC_FAIL_ON_WARN), 2);
  set(json_object_get(json_object_get(document_of(run), "run"), "options"),
      "fail_on", "warn");
  assert_int_equal(failures(run, WSC_FAIL_ON_OF_RUN), 2);
  assert_int_equal(failures(run, WSC_FAIL_ON_FAIL), 1);
  wsc_run_free(run);
}

static void test_a_deviation_that_does_not_show_is_a_failure(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_object_set_new(result_of(run, 2), "expectation",
                      json_pack("{s:s,s:s}", "state", "unmet", "why", "old"));
  assert_int_equal(failures(run, WSC_FAIL_ON_FAIL), 2);
  assert_true(renders(run, "tap", "not ok 3 - length.minimal"));
  assert_true(renders(run, "sarif", "\"ruleId\": \"wsspec.unexpected-pass\""));
  assert_true(renders(run, "github", "title=pass length.minimal"));
  assert_true(renders(run, "markdown", "a deviation is known: old"));
  wsc_run_free(run);
}

/* A known deviation is told, and is no failure. */
static void test_a_known_deviation_is_no_failure(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_object_set_new(result_of(run, 0), "expectation",
                      json_pack("{s:s,s:s}", "state", "met", "why", "known"));
  assert_int_equal(failures(run, WSC_FAIL_ON_WARN), 0);
  assert_true(renders(run, "sarif", "\"suppressions\""));
  assert_true(renders(run, "tap", "# TODO known deviation: known"));
  assert_false(renders(run, "github", "frag.ping-between-fragments"));
  wsc_run_free(run);
}

/* -- what could not be measured ----------------------------------------- */

static void test_trouble_is_never_green(void **state) {
  (void)state;
  static const char *const facts[] = {"not-measured", "sanity",
                                      "went-down-during"};
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    struct wsc_run *run = wsc_run_new("0.1.0", "1.0", 1, NULL);
    wsc_run_add_target(run, "t", "server", "ws://127.0.0.1:1/", "gone/1");
    wsc_run_target_fact(run, 0, facts[i], "why # \"it\" <went>");
    wsc_run_close(run, false);
    assert_true(
        renders(run, "junit", " tests=\"1\" failures=\"0\" errors=\"1\""));
    assert_true(renders(run, "junit", "&quot;it&quot; &lt;went&gt;"));
    assert_true(renders(run, "tap", "1..1\nnot ok 1 - gone/1"));
    assert_true(renders(run, "sarif", "\"executionSuccessful\": false"));
    assert_true(renders(run, "github", "::error title=gone/1::could not"));
    assert_true(renders(run, "markdown", "`gone/1` could not be measured"));
    assert_true(renders(run, "badge", ">not measured<"));
    wsc_run_free(run);
  }
}

static void test_an_empty_run_is_sound(void **state) {
  (void)state;
  struct wsc_run *run = wsc_run_new("0.1.0", "1.0", 1, NULL);
  wsc_run_close(run, false);
  assert_true(
      renders(run, "junit", " tests=\"0\" failures=\"0\" errors=\"0\""));
  assert_true(renders(run, "tap", "1..0 # SKIP nothing was run"));
  assert_true(renders(run, "badge", "not measured"));
  assert_true(renders(run, "sarif", "\"results\": []"));
  wsc_run_free(run);
}

/* -- limits ------------------------------------------------------------- */

static void test_github_shows_ten_of_a_kind(void **state) {
  (void)state;
  for (size_t num = 9; num <= 11; num++) {
    struct wsc_run *run = fixture_run(6 * num);
    size_t len;
    size_t bad = 2 * num; /* a fail and an error each round */
    /* Errors become passes until `num` bad results are left. */
    for (size_t i = 5; bad > num; i += 6, bad--) {
      set(result_of(run, i), "verdict", "pass");
    }
    for (size_t i = 1; i < 6 * num; i += 6) {
      json_object_set_new(result_of(run, i), "expectation", json_null());
    }
    char *text = format_render(run, "github", WSC_FAIL_ON_FAIL, &len);
    size_t shown = num <= 10 ? num : 10;
    assert_int_equal(count_of(text, "::error "), shown);
    assert_int_equal(count_of(text, "::warning "), shown);
    assert_int_equal(count_of(text, "more of this kind"), num <= 10 ? 0 : 2);
    assert_int_equal(count_of(text, "::2 more of this kind"),
                     num == 11 ? 2 : 0);
    free(text);
    wsc_run_free(run);
  }
}

static void test_markdown_keeps_within_its_room(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(600);
  struct wsc_strbuf whole;
  wsc_strbuf_init(&whole);
  wsc_format_markdown(&whole, run, WSC_FAIL_ON_FAIL, SIZE_MAX);
  assert_null(strstr(whole.data, "found no room"));
  for (size_t max = 0; max < 3 * whole.len / 2; max += max / 4 + 1) {
    struct wsc_strbuf text;
    wsc_strbuf_init(&text);
    wsc_format_markdown(&text, run, WSC_FAIL_ON_FAIL, max);
    assert_true(text.len <= max);
    if (text.len != 0) {
      assert_int_equal(text.data[text.len - 1], '\n');
      assert_printable(text.data, text.len);
    }
    if (text.len > 2000 && text.len < whole.len) {
      assert_non_null(strstr(text.data, " results found no room here.\n"));
    }
    wsc_strbuf_free(&text);
  }
  wsc_strbuf_free(&whole);
  wsc_run_free(run);
}

/* A megabyte where a sentence belongs is cut at a character. */
static void test_a_megabyte_is_cut(void **state) {
  (void)state;
  static const char *const formats[] = {"junit",    "tap",   "sarif",
                                        "markdown", "badge", "github"};
  size_t len = 1 << 20;
  char *huge = malloc(len + 1);
  assert_non_null(huge);
  for (size_t i = 0; i < len; i += 2) {
    memcpy(huge + i, "\xC3\xA9", 2); /* not divisible by the room for it */
  }
  huge[0] = 'a';
  huge[1] = 'b';
  huge[2] = 'c';
  huge[3] = 'd';
  huge[len] = '\0';
  struct wsc_run *run = fixture_run(6);
  json_t *target =
      json_array_get(json_object_get(document_of(run), "targets"), 0);
  json_t *info = json_array_get(json_object_get(document_of(run), "cases"), 0);
  json_t *clause =
      json_array_get(json_object_get(result_of(run, 0), "clauses"), 0);
  set(target, "agent", huge);
  set(json_object_get(target, "facts"), "echo", huge);
  set(result_of(run, 0), "reason", huge);
  set(result_of(run, 0), "variant", huge);
  set(info, "title", huge);
  set(info, "file", huge);
  set(clause, "label", huge);
  set(clause, "got", huge);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    size_t text_len;
    char *text = format_render(run, formats[i], WSC_FAIL_ON_FAIL, &text_len);
    assert_printable(text, text_len);
    assert_true(text_len < 64 * 1024);
    free(text);
  }
  free(huge);
  wsc_run_free(run);
}

/* -- places ------------------------------------------------------------- */

static void test_sarif_names_no_file_outside(void **state) {
  (void)state;
  static const char *const outside[] = {
      "/etc/passwd", "../x.lua", "a/../../x.lua", "..", "a/..", ""};
  for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
    struct wsc_run *run = fixture_run(6);
    json_t *cases = json_object_get(document_of(run), "cases");
    for (size_t k = 0; k < json_array_size(cases); k++) {
      set(json_array_get(cases, k), "file", outside[i]);
    }
    assert_false(renders(run, "sarif", "physicalLocation"));
    wsc_run_free(run);
  }
  struct wsc_run *run = fixture_run(6);
  set(json_array_get(json_object_get(document_of(run), "cases"), 0), "file",
      "a b/..c%\xC3\xA9.lua");
  assert_true(renders(run, "sarif", "\"a%20b/..c%25%C3%A9.lua\""));
  wsc_run_free(run);
}

static char *fingerprint(const struct wsc_run *run) {
  size_t len;
  char *text = format_render(run, "sarif", WSC_FAIL_ON_FAIL, &len);
  char *found = strstr(text, "wsspecClause/v1");
  assert_non_null(found);
  char *line = strndup(found, strcspn(found, "\n"));
  free(text);
  return line;
}

/* What moves from run to run is not in a fingerprint; what makes another
 * deviation is. */
static void test_sarif_knows_a_deviation_again(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_t *target =
      json_array_get(json_object_get(document_of(run), "targets"), 0);
  json_t *clause =
      json_array_get(json_object_get(result_of(run, 0), "clauses"), 0);
  char *before = fingerprint(run);
  set(clause, "got", "something else");
  json_object_set_new(clause, "line", json_integer(99));
  set(target, "agent", "next/2.0");
  set(result_of(run, 0), "reason", "something else");
  char *same = fingerprint(run);
  assert_string_equal(before, same);
  set(clause, "label", "opcode 3");
  char *other = fingerprint(run);
  assert_string_not_equal(before, other);
  free(before);
  free(same);
  free(other);
  wsc_run_free(run);
}

static void test_only_links_into_the_web_are_links(void **state) {
  (void)state;
  static const char *const bad[] = {"javascript:alert(1)",
                                    "http://example.com/",
                                    "https://a/)(b",
                                    "https://a/\"b",
                                    "https://",
                                    "https://a/ b"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct wsc_run *run = fixture_run(6);
    json_t *rows = json_object_get(document_of(run), "requirements");
    for (size_t k = 0; k < json_array_size(rows); k++) {
      set(json_array_get(rows, k), "url", bad[i]);
    }
    assert_false(renders(run, "markdown", "]("));
    assert_false(renders(run, "sarif", "helpUri"));
    wsc_run_free(run);
  }
}

/* Very many clauses, all of them long: the runner shows 64 KB of a message. */
static void test_an_annotation_is_bounded(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_t *clauses = json_object_get(result_of(run, 0), "clauses");
  char got[1800];
  for (size_t i = 0; i < sizeof got - 1; i += 2) {
    memcpy(got + i, "\xC3\xA9", 2);
  }
  got[sizeof got - 1] = '\0';
  got[sizeof got - 2] = '\0';
  set(json_array_get(clauses, 0), "got", got);
  set(result_of(run, 0), "variant", got);
  for (size_t i = 0; i < 300; i++) {
    json_array_append(clauses, json_array_get(clauses, 0));
  }
  size_t len;
  char *text = format_render(run, "github", WSC_FAIL_ON_FAIL, &len);
  assert_printable(text, len);
  size_t line = strcspn(text, "\n");
  assert_in_range(line, 16000, 17000);
  assert_memory_equal(text + line - 3, "...", 3);
  const char *title = strstr(text, ",title=");
  assert_non_null(title);
  size_t title_len = strcspn(title + 7, ":");
  assert_in_range(title_len, 250, 255);
  free(text);
  wsc_run_free(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formats_are_found),
      cmocka_unit_test(test_a_warning_is_a_failure_where_asked_for),
      cmocka_unit_test(test_a_deviation_that_does_not_show_is_a_failure),
      cmocka_unit_test(test_a_known_deviation_is_no_failure),
      cmocka_unit_test(test_trouble_is_never_green),
      cmocka_unit_test(test_an_empty_run_is_sound),
      cmocka_unit_test(test_github_shows_ten_of_a_kind),
      cmocka_unit_test(test_markdown_keeps_within_its_room),
      cmocka_unit_test(test_a_megabyte_is_cut),
      cmocka_unit_test(test_an_annotation_is_bounded),
      cmocka_unit_test(test_sarif_names_no_file_outside),
      cmocka_unit_test(test_sarif_knows_a_deviation_again),
      cmocka_unit_test(test_only_links_into_the_web_are_links),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
