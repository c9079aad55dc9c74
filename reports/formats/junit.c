/* junit.c: JUnit's XML, in the dialect that Jenkins describes and everybody
 * reads: a suite a target, a test case a result. */
#include "writers.h"

#include <inttypes.h>
#include <string.h>

#include "view.h"
#include "xml.h"

struct totals {
  size_t tests;
  size_t calls[WSC_NUM_CALLS];
  uint64_t time; /* microseconds */
};

/* Seconds, as a decimal number. */
static void time_attribute(struct wsc_strbuf *out, uint64_t time) {
  wsc_strbuf_printf(out, " time=\"%" PRIu64 ".%06u\"", time / 1000000,
                    (unsigned)(time % 1000000));
}

static void count_attributes(struct wsc_strbuf *out,
                             const struct totals *totals) {
  wsc_strbuf_printf(
      out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
      totals->tests, totals->calls[WSC_CALL_FAILURE],
      totals->calls[WSC_CALL_ERROR],
      totals->calls[WSC_CALL_SKIPPED] + totals->calls[WSC_CALL_KNOWN]);
  time_attribute(out, totals->time);
}

static struct totals count(const struct wsc_view *view, size_t target) {
  struct totals totals = {0};
  for (size_t i = 0; i < wsc_view_num_results(view, target); i++) {
    const json_t *result = wsc_view_result(view, target, i);
    uint64_t time = wsc_view_duration(result);
    totals.tests++;
    totals.calls[wsc_view_call(view, result)]++;
    totals.time =
        totals.time > UINT64_MAX - time ? UINT64_MAX : totals.time + time;
  }
  /* What could not be measured must not look like a suite that passed. */
  bool troubled =
      wsc_view_trouble(json_array_get(view->targets, target)) != NULL;
  totals.tests += troubled;
  totals.calls[WSC_CALL_ERROR] += troubled;
  return totals;
}

/* <failure message="..." type="fail">...</failure> */
static void complaint(struct wsc_strbuf *out, const struct wsc_view *view,
                      const json_t *result, const char *element) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_reason(&text, result);
  wsc_strbuf_printf(out, "\n      <%s", element);
  wsc_xml_attribute(out, "message", &text);
  wsc_strbuf_printf(out, " type=\"%s\">",
                    wsc_verdict_name(wsc_view_verdict(result)));
  text.len = 0;
  wsc_view_explain(&text, view, result);
  wsc_xml_add(out, &text);
  wsc_strbuf_printf(out, "</%s>", element);
  wsc_strbuf_free(&text);
}

static void skipped(struct wsc_strbuf *out, const json_t *result) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_reason(&text, result);
  wsc_strbuf_puts(out, "\n      <skipped");
  wsc_xml_attribute(out, "message", &text);
  wsc_strbuf_puts(out, "/>");
  wsc_strbuf_free(&text);
}

static void output(struct wsc_strbuf *out, const struct wsc_view *view,
                   const json_t *result) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_printf(&text, "%s: ", wsc_verdict_name(wsc_view_verdict(result)));
  wsc_view_reason(&text, result);
  wsc_strbuf_puts(&text, "\n");
  if (wsc_view_verdict(result) == WSC_WARN || wsc_view_is_known(result)) {
    wsc_view_explain(&text, view, result);
  }
  wsc_strbuf_puts(out, "\n      <system-out>");
  wsc_xml_add(out, &text);
  wsc_strbuf_puts(out, "</system-out>");
  wsc_strbuf_free(&text);
}

static void add_body(struct wsc_strbuf *out, const struct wsc_view *view,
                     const json_t *result) {
  switch (wsc_view_call(view, result)) {
  case WSC_CALL_FAILURE:
    complaint(out, view, result, "failure");
    break;
  case WSC_CALL_ERROR:
    complaint(out, view, result, "error");
    break;
  case WSC_CALL_SKIPPED:
    skipped(out, result);
    break;
  case WSC_CALL_KNOWN:
    skipped(out, result);
    output(out, view, result);
    break;
  case WSC_CALL_GOOD:
  case WSC_NUM_CALLS:
    if (wsc_view_verdict(result) != WSC_PASS) {
      output(out, view, result);
    }
    break;
  }
}

static void test_case(struct wsc_strbuf *out, const struct wsc_view *view,
                      const json_t *result) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_puts(out, "    <testcase");
  wsc_view_area(&text, result);
  wsc_xml_attribute(out, "classname", &text);
  text.len = 0;
  wsc_view_name(&text, result);
  wsc_xml_attribute(out, "name", &text);
  time_attribute(out, wsc_view_duration(result));
  wsc_strbuf_puts(out, ">");
  size_t empty = out->len;
  add_body(out, view, result);
  wsc_strbuf_puts(out, out->len == empty ? "" : "\n    ");
  wsc_strbuf_puts(out, "</testcase>\n");
  wsc_strbuf_free(&text);
}

static void property(struct wsc_strbuf *out, const char *name,
                     const char *value) {
  wsc_strbuf_puts(out, "      <property name=\"");
  wsc_xml_text(out, name, WSC_VIEW_SHORT);
  wsc_strbuf_puts(out, "\" value=\"");
  wsc_xml_text(out, value, WSC_VIEW_LONG);
  wsc_strbuf_puts(out, "\"/>\n");
}

static void properties(struct wsc_strbuf *out, const struct wsc_view *view,
                       const json_t *target) {
  const json_t *tool = json_object_get(view->document, "tool");
  const char *name;
  json_t *fact;
  wsc_strbuf_puts(out, "    <properties>\n");
  property(out, "wsspec", wsc_view_text(tool, "version"));
  property(out, "suite", wsc_view_text(tool, "suite"));
  property(out, "role", wsc_view_text(target, "role"));
  property(out, "url", wsc_view_text(target, "url"));
  property(out, "agent", wsc_view_text(target, "agent"));
  json_object_foreach(json_object_get(target, "facts"), name, fact) {
    property(out, name, json_string_value(fact));
  }
  wsc_strbuf_puts(out, "    </properties>\n");
}

static void trouble(struct wsc_strbuf *out, const char *why) {
  wsc_strbuf_puts(out, "    <testcase classname=\"wsspec\" name=\"the target "
                       "can be measured\" time=\"0.000000\">\n"
                       "      <error message=\"");
  wsc_xml_text(out, why, WSC_VIEW_LONG);
  wsc_strbuf_puts(out, "\" type=\"error\"/>\n    </testcase>\n");
}

static void suite(struct wsc_strbuf *out, const struct wsc_view *view,
                  size_t number) {
  const json_t *target = json_array_get(view->targets, number);
  const struct totals totals = count(view, number);
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_agent(&text, view, target);
  wsc_strbuf_puts(out, "  <testsuite");
  wsc_xml_attribute(out, "name", &text);
  wsc_strbuf_printf(out, " id=\"%zu\"", number);
  count_attributes(out, &totals);
  wsc_strbuf_puts(out, ">\n");
  properties(out, view, target);
  for (size_t i = 0; i < wsc_view_num_results(view, number); i++) {
    test_case(out, view, wsc_view_result(view, number, i));
  }
  if (wsc_view_trouble(target) != NULL) {
    trouble(out, wsc_view_trouble(target));
  }
  wsc_strbuf_puts(out, "  </testsuite>\n");
  wsc_strbuf_free(&text);
}

static struct totals count_all(const struct wsc_view *view) {
  struct totals all = {0};
  for (size_t i = 0; i < json_array_size(view->targets); i++) {
    const struct totals one = count(view, i);
    all.tests += one.tests;
    all.time =
        all.time > UINT64_MAX - one.time ? UINT64_MAX : all.time + one.time;
    for (int call = 0; call < WSC_NUM_CALLS; call++) {
      all.calls[call] += one.calls[call];
    }
  }
  return all;
}

/* The dialect's root has no `skipped`. */
static void root_attributes(struct wsc_strbuf *out, const struct totals *all) {
  wsc_strbuf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
                    all->tests, all->calls[WSC_CALL_FAILURE],
                    all->calls[WSC_CALL_ERROR]);
  time_attribute(out, all->time);
}

static void interrupted(struct wsc_strbuf *out) {
  wsc_strbuf_puts(
      out, "  <testsuite name=\"wsspec\" tests=\"1\" failures=\"0\" "
           "errors=\"1\" skipped=\"0\" time=\"0.000000\">\n"
           "    <testcase classname=\"wsspec\" name=\"the run is whole\" "
           "time=\"0.000000\">\n"
           "      <error message=\"the run was interrupted; what was not "
           "measured is skipped\" type=\"error\"/>\n"
           "    </testcase>\n  </testsuite>\n");
}

void wsc_junit_write(struct wsc_strbuf *out, const struct wsc_run *run,
                     enum wsc_fail_on fail_on) {
  struct wsc_view view;
  wsc_view_init(&view, run, fail_on);
  struct totals all = count_all(&view);
  bool cut = wsc_view_is_interrupted(&view);
  all.tests += cut;
  all.calls[WSC_CALL_ERROR] += cut;
  wsc_strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<testsuites name=\"wsspec\"");
  root_attributes(out, &all);
  wsc_strbuf_puts(out, ">\n");
  for (size_t i = 0; i < json_array_size(view.targets); i++) {
    suite(out, &view, i);
  }
  if (cut) {
    interrupted(out);
  }
  wsc_strbuf_puts(out, "</testsuites>\n");
  wsc_view_free(&view);
}
