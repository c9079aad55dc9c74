/* tap.c: TAP 14. One stream: a point a result, with its target in front where
 * there are several. */
#include <string.h>

#include "reading.h"

/* Descriptions end at the line, and '#' begins a directive (TAP 14,
 * "Escaping"). */
static void add_description(struct wsc_strbuf *out, const char *text) {
  struct wsc_strbuf safe;
  wsc_strbuf_init(&safe);
  wsc_strbuf_escape(&safe, text, strlen(text), WSC_ESCAPE_TEXT);
  for (size_t i = 0; i < safe.len; i++) {
    if (safe.data[i] == '#' || safe.data[i] == '\\') {
      wsc_strbuf_puts(out, "\\");
    }
    wsc_strbuf_add(out, &safe.data[i], 1);
  }
  wsc_strbuf_free(&safe);
}

/* A double-quoted scalar of YAML. */
static void add_yaml(struct wsc_strbuf *out, const char *key,
                     const char *text) {
  struct wsc_strbuf safe;
  wsc_strbuf_init(&safe);
  wsc_strbuf_escape(&safe, text, strlen(text), WSC_ESCAPE_TEXT);
  wsc_strbuf_printf(out, "%s: \"", key);
  for (size_t i = 0; i < safe.len; i++) {
    if (safe.data[i] == '"' || safe.data[i] == '\\') {
      wsc_strbuf_puts(out, "\\");
    }
    wsc_strbuf_add(out, &safe.data[i], 1);
  }
  wsc_strbuf_puts(out, "\"\n");
  wsc_strbuf_free(&safe);
}

static void add_directive(struct wsc_strbuf *out, const json_t *result,
                          enum wsc_standing standing) {
  const json_t *known = json_object_get(result, "expectation");
  if (standing == WSC_STANDING_SKIPPED) {
    wsc_strbuf_puts(out, " # SKIP ");
    add_description(out, wsc_read_text(result, "reason"));
  } else if (standing == WSC_STANDING_KNOWN) {
    /* A TODO may fail without failing the whole, as a known deviation may. */
    wsc_strbuf_puts(out, " # TODO ");
    add_description(out, wsc_read_text(known, "why"));
  }
}

static void add_diagnostics(struct wsc_strbuf *out, const json_t *result) {
  size_t i;
  json_t *clause;
  wsc_strbuf_puts(out, "  ---\n  ");
  add_yaml(out, "verdict", wsc_read_text(result, "verdict"));
  wsc_strbuf_puts(out, "  ");
  add_yaml(out, "message", wsc_read_text(result, "reason"));
  wsc_strbuf_puts(out, "  clauses:\n");
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (wsc_read_verdict(clause) <= WSC_WARN) {
      wsc_strbuf_puts(out, "    - ");
      add_yaml(out, "requirement", wsc_read_text(clause, "requirement"));
      wsc_strbuf_puts(out, "      ");
      add_yaml(out, "expected", wsc_read_text(clause, "expected"));
      wsc_strbuf_puts(out, "      ");
      add_yaml(out, "got", wsc_read_text(clause, "got"));
      wsc_strbuf_printf(out, "      line: %d\n", wsc_read_int(clause, "line"));
    }
  }
  wsc_strbuf_puts(out, "  ...\n");
}

static void add_point(struct wsc_strbuf *out, const json_t *document,
                      size_t number, const struct wsc_format_options *options) {
  const json_t *targets = wsc_read_list(document, "targets");
  const json_t *result =
      json_array_get(wsc_read_list(document, "results"), number);
  enum wsc_standing standing = wsc_read_standing(result, options);
  bool good = standing == WSC_STANDING_GOOD || standing == WSC_STANDING_SKIPPED;
  struct wsc_strbuf name;
  wsc_strbuf_init(&name);
  if (json_array_size(targets) > 1) {
    wsc_strbuf_puts(&name, wsc_read_agent(wsc_read_by_id(
                               targets, wsc_read_text(result, "target"))));
    wsc_strbuf_puts(&name, ": ");
  }
  wsc_read_name(&name, result);
  wsc_strbuf_printf(out, "%sok %zu - ", good ? "" : "not ", number + 1);
  add_description(out, name.data);
  add_directive(out, result, standing);
  wsc_strbuf_puts(out, "\n");
  wsc_strbuf_free(&name);
  if (!good || wsc_read_verdict(result) == WSC_WARN) {
    add_diagnostics(out, result);
  }
}

void wsc_format_tap(struct wsc_strbuf *out, const json_t *document,
                    const struct wsc_format_options *options) {
  size_t num = json_array_size(wsc_read_list(document, "results"));
  const json_t *run = json_object_get(document, "run");
  wsc_strbuf_printf(out, "TAP version 14\n1..%zu\n", num);
  for (size_t i = 0; i < num; i++) {
    add_point(out, document, i, options);
  }
  if (json_is_true(json_object_get(run, "interrupted"))) {
    wsc_strbuf_puts(out, "Bail out! the run was interrupted\n");
  }
}
