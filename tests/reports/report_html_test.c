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
#include <zlib.h>

#include "report_html.h"
#include "run_fixture.h"
#include "strbuf.h"

static char *render(const struct wsc_run *run, size_t *len) {
  char *path = fixture_path("report.html");
  char *error = NULL;
  struct wsc_report_html_options options = {.run = run, .path = path};
  assert_true(wsc_report_html(&options, &error));
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

/* The JSON of a data block, NUL-terminated. Owned. */
static char *inflated(const char *html, const char *id) {
  char open[64];
  snprintf(open, sizeof open, "id=\"%s\">", id);
  const char *text = strstr(html, open);
  assert_non_null(text);
  text += strlen(open);
  size_t len = strcspn(text, "<");
  uint8_t *deflated = malloc(len);
  int deflated_len =
      EVP_DecodeBlock(deflated, (const unsigned char *)text, (int)len);
  assert_true(deflated_len > 0);
  uLongf json_len = 1 << 22;
  char *json = malloc(json_len + 1);
  /* The padding of base64 decodes to octets behind the stream. */
  assert_int_equal(
      uncompress((Bytef *)json, &json_len, deflated, (uLong)deflated_len),
      Z_OK);
  json[json_len] = '\0';
  free(deflated);
  return json;
}

static void test_hostile_text_stays_text(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(12);
  size_t len;
  char *html = render(run, &len);
  assert_int_equal(strlen(html), len);
  assert_int_equal(count_of(html, "<script>"), 1);
  assert_int_equal(count_of(html, "</script"),
                   count_of(html, "<script type=\"application/octet-stream") +
                       1);
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

/* The end tag of a cell may be left out (HTML 13.1.2.4): whatever comes at its
 * depth and is no part of it ends it. */
static size_t end_cell(char open[][16], size_t depth, int closing,
                       const char *name) {
  static const char *const next[] = {"td", "th", "tr"};
  for (size_t i = 0; i < 3; i++) {
    if (depth > 0 && strcmp(open[depth - 1], "td") == 0 &&
        strcmp(name, next[i]) == 0 && !(closing && i == 0)) {
      return depth - 1;
    }
  }
  return depth;
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
    depth = end_cell(open, depth, closing, name);
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

static void test_findings_come_worst_first_and_whole(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  size_t len;
  char *html = render(run, &len);
  const char *const words[] = {"id=\"finding-0\"><h3><span class=\"v fail\">",
                               "id=\"finding-1\"><h3><span class=\"v error\">",
                               "id=\"finding-2\"><h3><span class=\"v warn\">",
                               "id=\"coverage\""};
  const char *before = html;
  for (size_t i = 0; i < 4; i++) {
    const char *at = strstr(html, words[i]);
    assert_true(at > before);
    before = at;
  }
  assert_null(strstr(html, "id=\"finding-3\""));
  /* Frame, script line, command, known deviation. */
  assert_non_null(strstr(html, "MASK=1 key=37 fa 21 3d length=3"));
  assert_non_null(strstr(html, "<b>reserved 0x3</b>"));
  assert_non_null(strstr(html, "18446744073709551615"));
  assert_non_null(strstr(html, "<mark><b>   7</b>"));
  assert_non_null(strstr(html, "&#39;ws://127.0.0.1:9001/it&#39;\\&#39;"));
  assert_non_null(strstr(html, "--seed 42 frag.ping-between-fragments"));
  assert_non_null(strstr(html, "issue 17, to be repaired"));
  free(html);
  wsc_run_free(run);
}

/* Of many findings each has its words once; traces end where the page would
 * grow too large, and say so. */
static void test_the_page_stays_small(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(1200);
  size_t len;
  char *html = render(run, &len);
  size_t findings = count_of(html, "<article class=\"finding");
  size_t traces = count_of(html, "<pre class=\"trace\"");
  assert_true(findings >= 600 && traces > 100 && traces < findings);
  assert_int_equal(count_of(html, "Its trace is on the page of the case"),
                   findings - traces);
  assert_true(len < 3 * 1024 * 1024);
  free(html);
  wsc_run_free(run);
}

/* A case of a thousand frames does not drown the page: the last ones are shown,
 * and the number of the others. */
static void test_long_conversations_are_cut(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  json_t *results = json_object_get(wsc_run_json(run), "results");
  json_t *wire = json_object_get(json_array_get(results, 0), "wire");
  json_t *frames = json_object_get(wire, "frames");
  size_t num = json_array_size(frames);
  for (int i = 0; i < 500; i++) {
    json_array_append(frames, json_array_get(frames, 0));
  }
  size_t len;
  char *html = render(run, &len);
  const char *trace = element(html, "<pre class=\"trace\"", "</pre>", &len);
  size_t shown = 0;
  size_t left_out = 0;
  for (const char *c = trace; c < trace + len; c++) {
    shown += *c == '\n';
  }
  const char *before = strstr(trace, " before these</span>");
  assert_non_null(before);
  while (before[-1] != '>') {
    before--;
  }
  left_out = strtoul(before, NULL, 10);
  assert_int_equal(shown, 19); /* one of them says how many came before */
  assert_true(left_out + 18 >= num + 500);
  free(html);
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
  assert_non_null(strstr(html, ">9223372036854775807</td>"));
  assert_non_null(strstr(html, ">18446744073709551615</td>"));
  assert_null(strstr(html, "Nothing failed"));
  free(html);
  wsc_run_free(run);
}

static void test_matrix_has_a_column_a_target(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  size_t len;
  char *html = render(run, &len);
  assert_int_equal(count_of(html, "class=\"who\"><span>good/1.0</span></th>"
                                  "<th scope=\"col\" class=\"who\"><span>"
                                  "bad/0.1</span>"),
                   2);
  /* The cell of the one that failed leads to the finding. */
  assert_int_equal(count_of(html, "<td class=p>pass<td class=f><a "
                                  "href=#finding-0>fail</a>"),
                   2);
  assert_int_equal(count_of(html, "<td class=p>1 pass<td class=f>1 fail"), 2);
  assert_non_null(strstr(html, "interrupted"));
  free(html);
  wsc_run_free(run);
}

/* What the page's script reads (reports/html/page.md). */
static void test_data_blocks_hold_every_result(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(90);
  size_t len;
  size_t results = 0;
  char *html = render(run, &len);
  for (int block = 0; block < 3; block++) {
    char id[16];
    snprintf(id, sizeof id, "data-%d", block);
    char *json = inflated(html, id);
    json_t *data = json_loads(json, 0, NULL);
    assert_non_null(data);
    size_t i;
    json_t *result;
    json_array_foreach(json_object_get(data, "results"), i, result) {
      assert_int_equal(json_integer_value(json_object_get(result, "c")) / 40,
                       block);
      assert_int_equal(json_integer_value(json_object_get(result, "t")), 0);
      assert_true(json_is_array(json_object_get(result, "clauses")));
      assert_true(json_is_array(json_object_get(result, "frames")));
      results++;
    }
    json_decref(data);
    free(json);
  }
  assert_int_equal(results, 90);
  assert_null(strstr(html, "id=\"data-3\""));
  char *json = inflated(html, "data-shared");
  json_t *shared = json_loads(json, 0, NULL);
  assert_int_equal(json_array_size(json_object_get(shared, "cases")), 90);
  assert_int_equal(json_array_size(json_object_get(shared, "targets")), 1);
  json_decref(shared);
  free(json);
  free(html);
  wsc_run_free(run);
}

static void test_an_older_run_is_compared(void **state) {
  (void)state;
  struct wsc_run *older = fixture_run(6);
  struct wsc_run *run = fixture_run(7);
  json_t *results = json_object_get(wsc_run_json(older), "results");
  json_object_set_new(json_array_get(results, 0), "verdict",
                      json_string("pass"));
  json_object_set_new(json_array_get(results, 2), "verdict",
                      json_string("fail"));
  char *path = fixture_path("compared.html");
  char *error = NULL;
  struct wsc_report_html_options options = {run, older, path};
  size_t len;
  assert_true(wsc_report_html(&options, &error));
  char *html = fixture_slurp(path, &len);
  const char *changes =
      element(html, "<section id=\"diff\">", "</section>", &len);
  assert_non_null(strstr(changes, "<h3>Regressions <small>1</small>"));
  assert_non_null(strstr(changes, "<td class=p>pass<td class=f><a "));
  assert_non_null(strstr(changes, "<h3>Fixed <small>1</small>"));
  assert_non_null(strstr(changes, "<h3>New <small>1</small>"));
  assert_non_null(strstr(html, "<td class=f data-was=pass>"));
  free(html);
  unlink(path);
  free(path);
  wsc_run_free(older);
  wsc_run_free(run);
}

static void test_a_path_that_cannot_be(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  char *error = NULL;
  struct wsc_report_html_options options = {.run = run,
                                            .path = "/nowhere/at/all.html"};
  assert_false(wsc_report_html(&options, &error));
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
      cmocka_unit_test(test_findings_come_worst_first_and_whole),
      cmocka_unit_test(test_the_page_stays_small),
      cmocka_unit_test(test_long_conversations_are_cut),
      cmocka_unit_test(test_counts_beyond_an_int),
      cmocka_unit_test(test_matrix_has_a_column_a_target),
      cmocka_unit_test(test_data_blocks_hold_every_result),
      cmocka_unit_test(test_an_older_run_is_compared),
      cmocka_unit_test(test_a_path_that_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
