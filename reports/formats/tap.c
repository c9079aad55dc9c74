/* tap.c: the Test Anything Protocol, version 14. */
#include <string.h>

#include "view.h"
#include "writers.h"

#define CLAUSES_MAX 20 /* broken clauses of a result that are told */

/* A description: a '#' would begin a directive, a '\' an escape. */
static void description(struct wsc_strbuf *out, const struct wsc_strbuf *text) {
  for (size_t i = 0; i < text->len; i++) {
    if (text->data[i] == '#' || text->data[i] == '\\') {
      wsc_strbuf_puts(out, "\\");
    }
    wsc_strbuf_add(out, &text->data[i], 1);
  }
}

/* A YAML double-quoted scalar: printable text needs two escapes. */
static void scalar(struct wsc_strbuf *out, const struct wsc_strbuf *text) {
  wsc_strbuf_puts(out, "\"");
  for (size_t i = 0; i < text->len; i++) {
    if (text->data[i] == '"' || text->data[i] == '\\') {
      wsc_strbuf_puts(out, "\\");
    }
    wsc_strbuf_add(out, &text->data[i], 1);
  }
  wsc_strbuf_puts(out, "\"\n");
}

static void pair(struct wsc_strbuf *out, const char *indent, const char *key,
                 struct wsc_strbuf *value) {
  wsc_strbuf_printf(out, "%s%s: ", indent, key);
  scalar(out, value);
  value->len = 0;
}

static void add_clause(struct wsc_strbuf *out, const struct wsc_view *view,
                       const json_t *result, const json_t *clause) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_plain(&text, wsc_view_text(clause, "requirement"), WSC_VIEW_SHORT);
  pair(out, "    - ", "requirement", &text);
  wsc_strbuf_puts(&text, wsc_verdict_name(wsc_view_verdict(clause)));
  pair(out, "      ", "verdict", &text);
  wsc_view_clause(&text, clause);
  pair(out, "      ", "text", &text);
  wsc_view_plain(&text, wsc_view_text(wsc_view_case(view, result), "file"),
                 WSC_VIEW_SHORT);
  wsc_strbuf_printf(&text, ":%d", wsc_view_line(view, result, clause));
  pair(out, "      ", "at", &text);
  wsc_strbuf_free(&text);
}

static void clauses(struct wsc_strbuf *out, const struct wsc_view *view,
                    const json_t *result) {
  size_t num = 0;
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (wsc_view_is_broken(clause)) {
      wsc_strbuf_puts(out, num == 0 ? "  clauses:\n" : "");
      add_clause(out, view, result, clause);
      num++;
    }
    if (num == CLAUSES_MAX) {
      break;
    }
  }
}

static void diagnostics(struct wsc_strbuf *out, const struct wsc_view *view,
                        const json_t *result) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_puts(out, "  ---\n");
  wsc_view_reason(&text, result);
  pair(out, "  ", "message", &text);
  wsc_strbuf_puts(&text, wsc_verdict_name(wsc_view_verdict(result)));
  pair(out, "  ", "severity", &text);
  clauses(out, view, result);
  wsc_strbuf_puts(out, "  ...\n");
  wsc_strbuf_free(&text);
}

static void directive(struct wsc_strbuf *out, const char *name,
                      const json_t *result) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_reason(&text, result);
  wsc_strbuf_printf(out, " # %s ", name);
  description(out, &text);
  wsc_strbuf_free(&text);
}

static void point(struct wsc_strbuf *out, const struct wsc_view *view,
                  size_t target, size_t *number, const json_t *result) {
  enum wsc_call call = wsc_view_call(view, result);
  bool good = call == WSC_CALL_GOOD || call == WSC_CALL_SKIPPED;
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_printf(out, "%s %zu - ", good ? "ok" : "not ok", ++*number);
  if (json_array_size(view->targets) > 1) {
    wsc_view_agent(&text, view, json_array_get(view->targets, target));
    wsc_strbuf_puts(&text, ": ");
  }
  wsc_view_name(&text, result);
  description(out, &text);
  wsc_strbuf_free(&text);
  if (call == WSC_CALL_SKIPPED) {
    directive(out, "SKIP", result);
  } else if (call == WSC_CALL_KNOWN) {
    directive(out, "TODO", result);
  }
  wsc_strbuf_puts(out, "\n");
  if (!good || wsc_view_verdict(result) == WSC_WARN) {
    diagnostics(out, view, result);
  }
}

/* What could not be measured must not look like a target that passed. */
static void trouble(struct wsc_strbuf *out, const struct wsc_view *view,
                    const json_t *target, size_t *number) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_agent(&text, view, target);
  wsc_strbuf_printf(out, "not ok %zu - ", ++*number);
  description(out, &text);
  text.len = 0;
  wsc_view_plain(&text, wsc_view_trouble(target), WSC_VIEW_LONG);
  wsc_strbuf_puts(out, ": the target can be measured\n  ---\n");
  pair(out, "  ", "message", &text);
  wsc_strbuf_puts(&text, "error");
  pair(out, "  ", "severity", &text);
  wsc_strbuf_puts(out, "  ...\n");
  wsc_strbuf_free(&text);
}

static size_t num_points(const struct wsc_view *view) {
  size_t num = 0;
  for (size_t i = 0; i < json_array_size(view->targets); i++) {
    num += wsc_view_num_results(view, i);
    num += wsc_view_trouble(json_array_get(view->targets, i)) != NULL;
  }
  return num;
}

void wsc_tap_write(struct wsc_strbuf *out, const struct wsc_run *run,
                   enum wsc_fail_on fail_on) {
  struct wsc_view view;
  size_t number = 0;
  wsc_view_init(&view, run, fail_on);
  wsc_strbuf_printf(out, "TAP version 14\n1..%zu%s\n", num_points(&view),
                    num_points(&view) == 0 ? " # SKIP nothing was run" : "");
  for (size_t target = 0; target < json_array_size(view.targets); target++) {
    const json_t *item = json_array_get(view.targets, target);
    for (size_t i = 0; i < wsc_view_num_results(&view, target); i++) {
      point(out, &view, target, &number, wsc_view_result(&view, target, i));
    }
    if (wsc_view_trouble(item) != NULL) {
      trouble(out, &view, item, &number);
    }
  }
  if (wsc_view_is_interrupted(&view)) {
    wsc_strbuf_puts(out, "Bail out! the run was interrupted\n");
  }
  wsc_view_free(&view);
}
