#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report_html.h"
#include "run_fixture.h"
#include "strbuf.h"

static char *render(const struct wsc_run *run, size_t *len) {
  char *path = fixture_path("report.html");
  char *error = NULL;
  assert_true(wsc_report_html(run, path, &error));
  char *html = fixture_slurp(path, len);
  unlink(path);
  free(path);
  return html;
}

static size_t count_of(const char *text, const char *words) {
  size_t count = 0;
  while ((text = strstr(text, words)) != NULL) {
    count++;
    text++;
  }
  return count;
}

static void test_hostile_text_stays_text(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(12);
  size_t len;
  char *html = render(run, &len);
  assert_int_equal(strlen(html), len);
  assert_int_equal(count_of(html, "<script>"), 1);
  assert_int_equal(count_of(html, "</script>"), 1);
  assert_null(strstr(html, "<script>alert"));
  assert_non_null(strstr(html, "&lt;script&gt;alert(1)"));
  assert_non_null(strstr(html, "&quot; onload=&#39;x&#39; &amp;amp;"));
  assert_non_null(strstr(html, "\\xE2\\x80\\xAE\\xC0\\xAF\\xED\\xA0\\x80"));
  free(html);
  wsc_run_free(run);
}

static void test_only_printable_utf8(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  size_t len;
  char *html = render(run, &len);
  for (size_t i = 0; i < len;) {
    uint32_t scalar;
    size_t taken = wsc_utf8_scalar((uint8_t *)html + i, len - i, &scalar);
    assert_int_not_equal(taken, 0);
    assert_true(scalar == '\n' || wsc_utf8_is_printable(scalar));
    i += taken;
  }
  free(html);
  wsc_run_free(run);
}

/* A document from elsewhere was not escaped by our writer. */
static void test_raw_document_is_escaped(void **state) {
  (void)state;
  struct wsc_run *made = fixture_run(6);
  json_t *document = json_deep_copy(wsc_run_json(made));
  json_t *result = json_array_get(json_object_get(document, "results"), 0);
  json_t *row = json_array_get(json_object_get(document, "requirements"), 0);
  /* NOLINTNEXTLINE(misc-misleading-bidirectional): on purpose. */
  json_object_set_new(result, "reason", json_string("\x1b[2J<b>\xE2\x80\xAE"));
  json_object_set_new(result, "case", json_string("\"><img src=x>"));
  json_object_set_new(row, "url", json_string("javascript:alert(1)"));
  char *path = fixture_path("raw.json");
  char *error = NULL;
  assert_int_equal(json_dump_file(document, path, 0), 0);
  struct wsc_run *run = wsc_run_read(path, &error);
  assert_non_null(run);
  size_t len;
  char *html = render(run, &len);
  assert_null(strstr(html, "<img"));
  assert_null(strstr(html, "href=\"javascript:"));
  assert_non_null(strstr(html, "\\x1B[2J&lt;b&gt;\\xE2\\x80\\xAE"));
  free(html);
  wsc_run_free(run);
  wsc_run_free(made);
  json_decref(document);
  unlink(path);
  free(path);
}

/* The text between `open` and `close`. */
static const char *element(const char *html, const char *open,
                           const char *close, size_t *len) {
  const char *start = strstr(html, open);
  assert_non_null(start);
  start += strlen(open);
  const char *end = strstr(start, close);
  assert_non_null(end);
  *len = (size_t)(end - start);
  return start;
}

static void check_hash(const char *html, const char *open, const char *close,
                       const char *directive) {
  uint8_t digest[32];
  char expected[80];
  char base64[48];
  size_t len;
  const char *text = element(html, open, close, &len);
  assert_true(len > 100);
  assert_int_equal(EVP_Digest(text, len, digest, NULL, EVP_sha256(), NULL), 1);
  EVP_EncodeBlock((unsigned char *)base64, digest, sizeof digest);
  snprintf(expected, sizeof expected, "%s 'sha256-%s'", directive, base64);
  if (strstr(html, expected) == NULL) {
    fail_msg("the policy does not hold %s", expected);
  }
}

static void test_policy_allows_what_is_there(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  size_t len;
  char *html = render(run, &len);
  assert_non_null(strstr(html, "default-src 'none'"));
  check_hash(html, "<style>", "</style>", "style-src");
  check_hash(html, "<script>", "</script>", "script-src");
  free(html);
  wsc_run_free(run);
}

static int is_void(const char *name) {
  static const char *const names[] = {"!DOCTYPE", "meta", "br", "rect"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(names[i], name) == 0) {
      return 1;
    }
  }
  return 0;
}

static void check_attributes(const char *tag, size_t len) {
  char copy[4096];
  assert_true(len < sizeof copy);
  memcpy(copy, tag, len);
  copy[len] = '\0';
  assert_null(strstr(copy, " style="));
  assert_null(strstr(copy, " src="));
  assert_null(strstr(copy, " onload=\""));
  assert_null(strstr(copy, " onclick="));
}

/* Every element that is opened is closed, in the right order. */
static void test_elements_nest(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(12);
  size_t len;
  size_t depth = 0;
  static char open[64][16];
  char *html = render(run, &len);
  for (const char *pos = strchr(html, '<'); pos != NULL;
       pos = strchr(pos, '<')) {
    char name[16] = "";
    int closing = pos[1] == '/';
    sscanf(pos + 1 + closing, "%15[A-Za-z0-9!]", name);
    const char *end = strchr(pos, '>');
    assert_non_null(end);
    check_attributes(pos, (size_t)(end - pos));
    pos = end;
    if (closing) {
      assert_true(depth > 0);
      assert_string_equal(open[--depth], name);
    } else if (!is_void(name)) {
      assert_true(depth < 64);
      strcpy(open[depth++], name);
    }
    if (!closing && (strcmp(name, "script") == 0 || !strcmp(name, "style"))) {
      pos = strstr(pos, strcmp(name, "script") == 0 ? "</script" : "</style");
    }
  }
  assert_int_equal(depth, 0);
  free(html);
  wsc_run_free(run);
}

static void test_links_inside_lead_somewhere(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(12);
  size_t len;
  size_t links = 0;
  char *html = render(run, &len);
  for (const char *pos = strstr(html, "href=\"#"); pos != NULL;
       pos = strstr(pos + 1, "href=\"#")) {
    char id[128];
    char anchor[160];
    assert_int_equal(sscanf(pos + 7, "%127[^\"]", id), 1);
    snprintf(anchor, sizeof anchor, "id=\"%s\"", id);
    if (count_of(html, anchor) != 1) {
      fail_msg("%s stands %zu times", anchor, count_of(html, anchor));
    }
    links++;
  }
  assert_true(links > 10);
  free(html);
  wsc_run_free(run);
}

static void test_same_document_same_bytes(void **state) {
  (void)state;
  char *path = fixture_path("same-report.json");
  char *error = NULL;
  struct wsc_run *run = fixture_run(24);
  assert_true(wsc_run_write(run, path, &error));
  struct wsc_run *again = wsc_run_read(path, &error);
  assert_non_null(again);
  size_t len[2];
  char *html[2] = {render(run, &len[0]), render(again, &len[1])};
  assert_int_equal(len[0], len[1]);
  assert_memory_equal(html[0], html[1], len[0]);
  free(html[0]);
  free(html[1]);
  wsc_run_free(run);
  wsc_run_free(again);
  unlink(path);
  free(path);
}

static void test_findings_come_first_and_whole(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  size_t len;
  char *html = render(run, &len);
  const char *fail = strstr(html, "id=\"finding-0\"");
  const char *error = strstr(html, "id=\"finding-5\"");
  const char *warn = strstr(html, "id=\"finding-1\"");
  assert_true(fail != NULL && fail < error && error < warn);
  assert_true(warn < strstr(html, "id=\"cases\""));
  assert_null(strstr(html, "id=\"finding-2\""));
  assert_non_null(
      strstr(html, "<dt>noted</dt><dd>the server repeats the field</dd>"));
  /* Hexdump, frame, script line, command, known deviation. */
  assert_non_null(strstr(html, "89 83 37 fa 21 3d 5a 93  45"));
  assert_non_null(strstr(html, "reserved 0x3"));
  assert_non_null(strstr(html, "18446744073709551615"));
  assert_non_null(strstr(html, "<mark><b>   7</b>"));
  assert_non_null(strstr(html, "&#39;ws://127.0.0.1:9001/it&#39;\\&#39;"));
  assert_non_null(strstr(html, "--seed 42 frag.ping-between-fragments"));
  assert_non_null(strstr(html, "issue 17, to be repaired"));
  free(html);
  wsc_run_free(run);
}

static void test_passing_cases_carry_no_dump(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(200);
  size_t len;
  char *html = render(run, &len);
  assert_int_equal(count_of(html, "class=\"case\""), 200);
  /* Fail, error and warn are three of each six plans. */
  assert_int_equal(count_of(html, "<ol class=\"wire\">"), 101);
  assert_true(len < 2 * 1024 * 1024);
  free(html);
  wsc_run_free(run);
}

/* A case of a thousand frames does not drown the page; the step that failed is
 * shown wherever it stands. */
static void test_long_conversations_are_cut(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_t *results = json_object_get(wsc_run_json(run), "results");
  json_t *result = json_array_get(results, 0);
  json_t *steps = json_object_get(result, "steps");
  json_t *wire = json_object_get(result, "wire");
  json_t *step = json_deep_copy(json_array_get(steps, 0));
  json_object_set_new(step, "text", json_string("filler"));
  for (int i = 0; i < 500; i++) {
    json_array_insert(steps, i < 250 ? 0 : json_array_size(steps), step);
    json_array_append(json_object_get(wire, "events"),
                      json_array_get(json_object_get(wire, "events"), 3));
    json_array_append(json_object_get(wire, "frames"),
                      json_array_get(json_object_get(wire, "frames"), 0));
  }
  json_t *clause = json_array_get(json_object_get(result, "clauses"), 0);
  json_object_set_new(clause, "step", json_integer(253));
  size_t len;
  char *html = render(run, &len);
  assert_int_equal(count_of(html, "<td>filler</td>"), 200);
  assert_non_null(strstr(html, "153 steps in between"));
  assert_non_null(strstr(html, "<td>close 1002<span class=\"v fail\">"));
  assert_non_null(strstr(html, "152 steps in between"));
  assert_non_null(strstr(html, "426 events in between"));
  assert_non_null(strstr(html, "423 frames in between"));
  free(html);
  json_decref(step);
  wsc_run_free(run);
}

/* Any count that the reader lets through is shown as it stands. */
static void test_counts_beyond_an_int(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_t *target =
      json_array_get(json_object_get(wsc_run_json(run), "targets"), 0);
  json_t *summary = json_object_get(target, "summary");
  json_object_set_new(summary, "fail", json_integer(INT64_MAX));
  json_object_set_new(summary, "warn", json_string("18446744073709551615"));
  size_t len;
  char *html = render(run, &len);
  assert_non_null(strstr(html, "<b>9223372036854775807</b>"));
  assert_non_null(strstr(html, "<b>18446744073709551615</b>"));
  assert_null(strstr(html, "Nothing failed"));
  free(html);
  wsc_run_free(run);
}

static void test_matrix_has_a_column_a_target(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  size_t len;
  char *html = render(run, &len);
  assert_non_null(strstr(html, "<th scope=\"col\">good/1.0</th>"
                               "<th scope=\"col\">bad/0.1</th>"));
  assert_non_null(strstr(html, "interrupted"));
  free(html);
  wsc_run_free(run);
}

static void test_a_path_that_cannot_be(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  char *error = NULL;
  assert_false(wsc_report_html(run, "/nowhere/at/all.html", &error));
  assert_non_null(strstr(error, "/nowhere/at/all.html"));
  free(error);
  wsc_run_free(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hostile_text_stays_text),
      cmocka_unit_test(test_only_printable_utf8),
      cmocka_unit_test(test_raw_document_is_escaped),
      cmocka_unit_test(test_policy_allows_what_is_there),
      cmocka_unit_test(test_elements_nest),
      cmocka_unit_test(test_links_inside_lead_somewhere),
      cmocka_unit_test(test_same_document_same_bytes),
      cmocka_unit_test(test_findings_come_first_and_whole),
      cmocka_unit_test(test_passing_cases_carry_no_dump),
      cmocka_unit_test(test_long_conversations_are_cut),
      cmocka_unit_test(test_counts_beyond_an_int),
      cmocka_unit_test(test_matrix_has_a_column_a_target),
      cmocka_unit_test(test_a_path_that_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
