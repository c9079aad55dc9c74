/* junit.c: JUnit XML, of the shape that Jenkins, GitLab and GitHub's actions
 * read: a testsuite a target, a testcase a result. */
#include <inttypes.h>
#include <string.h>

#include "reading.h"

struct counts {
  size_t of[WSC_NUM_STANDINGS];
  size_t num;
  uint64_t duration; /* microseconds */
};

static uint64_t duration_of(const json_t *result) {
  const json_t *timing = json_object_get(result, "timing");
  json_int_t us = json_integer_value(json_object_get(timing, "duration_us"));
  return us < 0 ? 0 : (uint64_t)us;
}

static bool is_of(const json_t *result, const json_t *target) {
  return target == NULL || strcmp(wsc_read_text(result, "target"),
                                  wsc_read_text(target, "id")) == 0;
}

/* NULL: of all targets. */
static struct counts count(const json_t *document, const json_t *target,
                           const struct wsc_format_options *options) {
  struct counts counts = {{0}, 0, 0};
  size_t i;
  json_t *result;
  json_array_foreach(wsc_read_list(document, "results"), i, result) {
    if (is_of(result, target)) {
      counts.of[wsc_read_standing(result, options)]++;
      counts.num++;
      counts.duration += duration_of(result);
    }
  }
  return counts;
}

static void add_seconds(struct wsc_strbuf *out, uint64_t us) {
  wsc_strbuf_printf(out, "%" PRIu64 ".%06u", us / 1000000,
                    (unsigned)(us % 1000000));
}

static void add_counts(struct wsc_strbuf *out, const struct counts *counts) {
  wsc_strbuf_printf(
      out,
      " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
      "skipped=\"%zu\" time=\"",
      counts->num,
      counts->of[WSC_STANDING_FAILED] + counts->of[WSC_STANDING_CHANGED],
      counts->of[WSC_STANDING_ERROR],
      counts->of[WSC_STANDING_SKIPPED] + counts->of[WSC_STANDING_KNOWN]);
  add_seconds(out, counts->duration);
  wsc_strbuf_puts(out, "\"");
}

/* Each broken clause in words. */
static void add_clauses(struct wsc_strbuf *out, const json_t *document,
                        const json_t *result) {
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (wsc_read_verdict(clause) > WSC_WARN) {
      continue;
    }
    const json_t *row = wsc_read_by_id(wsc_read_list(document, "requirements"),
                                       wsc_read_text(clause, "requirement"));
    wsc_add_xml(out, wsc_read_text(clause, "verdict"));
    wsc_strbuf_puts(out, " ");
    wsc_add_xml(out, wsc_read_text(clause, "requirement"));
    wsc_strbuf_puts(out, " (");
    wsc_add_xml(out, wsc_read_text(row, "level"));
    wsc_strbuf_puts(out, "): ");
    wsc_add_xml(out, wsc_read_text(row, "statement"));
    wsc_strbuf_puts(out, "\n  expected: ");
    wsc_add_xml(out, wsc_read_text(clause, "expected"));
    wsc_strbuf_puts(out, "\n  got: ");
    wsc_add_xml(out, wsc_read_text(clause, "got"));
    wsc_strbuf_printf(out, "\n  line %d\n", wsc_read_int(clause, "line"));
  }
}

static void add_sentence(struct wsc_strbuf *out, const json_t *result) {
  struct wsc_strbuf sentence;
  wsc_strbuf_init(&sentence);
  wsc_strbuf_puts(&sentence, "");
  wsc_read_sentence(&sentence, result);
  wsc_add_xml(out, sentence.data);
  wsc_strbuf_free(&sentence);
}

/* <failure> or <error>. */
static void add_broken(struct wsc_strbuf *out, const json_t *document,
                       const json_t *result, const char *element) {
  const json_t *clause = wsc_read_worst(result);
  wsc_strbuf_printf(out, "      <%s type=\"", element);
  wsc_add_xml(out, clause == NULL ? wsc_read_text(result, "verdict")
                                  : wsc_read_text(clause, "requirement"));
  wsc_strbuf_puts(out, "\" message=\"");
  add_sentence(out, result);
  wsc_strbuf_puts(out, "\">");
  add_clauses(out, document, result);
  wsc_strbuf_printf(out, "</%s>\n", element);
}

static void add_outcome(struct wsc_strbuf *out, const json_t *document,
                        const json_t *result, enum wsc_standing standing) {
  const json_t *known = json_object_get(result, "expectation");
  switch (standing) {
  case WSC_STANDING_FAILED:
    add_broken(out, document, result, "failure");
    break;
  case WSC_STANDING_ERROR:
    add_broken(out, document, result, "error");
    break;
  case WSC_STANDING_SKIPPED:
    wsc_strbuf_puts(out, "      <skipped message=\"");
    wsc_add_xml(out, wsc_read_text(result, "reason"));
    wsc_strbuf_puts(out, "\"/>\n");
    break;
  case WSC_STANDING_KNOWN:
    wsc_strbuf_puts(out, "      <skipped message=\"known deviation: ");
    wsc_add_xml(out, wsc_read_text(known, "why"));
    wsc_strbuf_puts(out, "\"/>\n");
    break;
  case WSC_STANDING_CHANGED:
    wsc_strbuf_puts(out, "      <failure type=\"unexpected\" message=\"a known "
                         "deviation did not show: ");
    wsc_add_xml(out, wsc_read_text(known, "why"));
    wsc_strbuf_puts(out, "\"/>\n");
    break;
  case WSC_STANDING_GOOD:
  case WSC_NUM_STANDINGS:
    break;
  }
}

/* A warn that is no failure, and what an info found out. */
static void add_remark(struct wsc_strbuf *out, const json_t *document,
                       const json_t *result, enum wsc_standing standing) {
  enum wsc_verdict verdict = wsc_read_verdict(result);
  if (standing != WSC_STANDING_GOOD || verdict == WSC_PASS) {
    return;
  }
  wsc_strbuf_puts(out, "      <system-out>");
  wsc_add_xml(out, wsc_verdict_name(verdict));
  wsc_strbuf_puts(out, ": ");
  wsc_add_xml(out, wsc_read_text(result, "reason"));
  wsc_strbuf_puts(out, "\n");
  add_clauses(out, document, result);
  wsc_strbuf_puts(out, "</system-out>\n");
}

static void add_case(struct wsc_strbuf *out, const json_t *document,
                     const json_t *result,
                     const struct wsc_format_options *options) {
  enum wsc_standing standing = wsc_read_standing(result, options);
  const char *id = wsc_read_text(result, "case");
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_puts(out, "    <testcase classname=\"");
  wsc_strbuf_add(&text, id, strcspn(id, "."));
  wsc_add_xml(out, text.data);
  wsc_strbuf_free(&text);
  wsc_strbuf_puts(out, "\" name=\"");
  wsc_strbuf_init(&text);
  wsc_read_name(&text, result);
  wsc_add_xml(out, text.data);
  wsc_strbuf_free(&text);
  wsc_strbuf_puts(out, "\" time=\"");
  add_seconds(out, duration_of(result));
  wsc_strbuf_puts(out, "\">\n");
  add_outcome(out, document, result, standing);
  add_remark(out, document, result, standing);
  wsc_strbuf_puts(out, "    </testcase>\n");
}

static void add_property(struct wsc_strbuf *out, const char *name,
                         const char *value) {
  wsc_strbuf_printf(out, "      <property name=\"%s\" value=\"", name);
  wsc_add_xml(out, value);
  wsc_strbuf_puts(out, "\"/>\n");
}

static void add_suite(struct wsc_strbuf *out, const json_t *document,
                      const json_t *target,
                      const struct wsc_format_options *options) {
  const json_t *tool = json_object_get(document, "tool");
  struct counts counts = count(document, target, options);
  wsc_strbuf_puts(out, "  <testsuite name=\"");
  wsc_add_xml(out, wsc_read_agent(target));
  wsc_strbuf_puts(out, "\"");
  add_counts(out, &counts);
  wsc_strbuf_puts(out, ">\n    <properties>\n");
  add_property(out, "url", wsc_read_text(target, "url"));
  add_property(out, "role", wsc_read_text(target, "role"));
  add_property(out, "wsspec", wsc_read_text(tool, "version"));
  add_property(out, "suite", wsc_read_text(tool, "suite"));
  wsc_strbuf_puts(out, "    </properties>\n");
  size_t i;
  json_t *result;
  json_array_foreach(wsc_read_list(document, "results"), i, result) {
    if (is_of(result, target)) {
      add_case(out, document, result, options);
    }
  }
  wsc_strbuf_puts(out, "  </testsuite>\n");
}

void wsc_format_junit(struct wsc_strbuf *out, const json_t *document,
                      const struct wsc_format_options *options) {
  struct counts counts = count(document, NULL, options);
  size_t i;
  json_t *target;
  wsc_strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<testsuites name=\"wsspec\"");
  add_counts(out, &counts);
  wsc_strbuf_puts(out, ">\n");
  json_array_foreach(wsc_read_list(document, "targets"), i, target) {
    add_suite(out, document, target, options);
  }
  wsc_strbuf_puts(out, "</testsuites>\n");
}
