/* github.c: workflow commands of GitHub Actions. */
#include <string.h>

#include "reading.h"

#define SHOWN_MAX 10 /* annotations of a kind that GitHub shows of a step */

/* Values end at the line; in properties ':' and ',' separate. */
static void add_value(struct wsc_strbuf *out, const char *text, bool property) {
  struct wsc_strbuf safe;
  wsc_strbuf_init(&safe);
  wsc_strbuf_escape(&safe, text, strlen(text), WSC_ESCAPE_TEXT);
  for (size_t i = 0; i < safe.len; i++) {
    char c = safe.data[i];
    if (c == '%' || (property && (c == ':' || c == ','))) {
      wsc_strbuf_printf(out, "%%%02X", (unsigned char)c);
    } else {
      wsc_strbuf_add(out, &c, 1);
    }
  }
  wsc_strbuf_free(&safe);
}

static void add_annotation(struct wsc_strbuf *out, const char *kind,
                           const json_t *document, const json_t *result) {
  const json_t *info = wsc_read_by_id(wsc_read_list(document, "cases"),
                                      wsc_read_text(result, "case"));
  const json_t *target = wsc_read_by_id(wsc_read_list(document, "targets"),
                                        wsc_read_text(result, "target"));
  const json_t *clause = wsc_read_worst(result);
  struct wsc_strbuf text;
  wsc_strbuf_printf(out, "::%s title=", kind);
  wsc_strbuf_init(&text);
  wsc_read_name(&text, result);
  add_value(out, text.data, true);
  wsc_strbuf_free(&text);
  wsc_strbuf_puts(out, "::");
  add_value(out, wsc_read_agent(target), false);
  wsc_strbuf_puts(out, ": ");
  add_value(out, wsc_read_text(info, "title"), false);
  wsc_strbuf_puts(out, "%0A");
  if (clause != NULL) {
    add_value(out, wsc_read_text(clause, "requirement"), false);
    wsc_strbuf_puts(out, ": ");
  }
  wsc_strbuf_init(&text);
  wsc_strbuf_puts(&text, "");
  wsc_read_sentence(&text, result);
  add_value(out, text.data, false);
  wsc_strbuf_free(&text);
  wsc_strbuf_puts(out, "\n");
}

/* What fails the run is an error, a warn that does not is a warning. */
static bool is_kind(const json_t *result, bool error,
                    const struct wsc_format_options *options) {
  enum wsc_standing standing = wsc_read_standing(result, options);
  if (error) {
    return standing == WSC_STANDING_FAILED || standing == WSC_STANDING_ERROR ||
           standing == WSC_STANDING_CHANGED;
  }
  return standing == WSC_STANDING_GOOD && wsc_read_verdict(result) == WSC_WARN;
}

static void add_kind(struct wsc_strbuf *out, const json_t *document, bool error,
                     const struct wsc_format_options *options) {
  const char *kind = error ? "error" : "warning";
  size_t num = 0;
  size_t all = 0;
  size_t i;
  json_t *result;
  json_array_foreach(wsc_read_list(document, "results"), i, result) {
    all += is_kind(result, error, options);
  }
  json_array_foreach(wsc_read_list(document, "results"), i, result) {
    if (!is_kind(result, error, options)) {
      continue;
    }
    if (num == SHOWN_MAX - 1 && all > SHOWN_MAX) {
      wsc_strbuf_printf(out,
                        "::%s title=wsspec::%zu more are in the summary and "
                        "in the report\n",
                        kind, all - num);
      return;
    }
    add_annotation(out, kind, document, result);
    num++;
  }
}

void wsc_format_github_lines(struct wsc_strbuf *out, const json_t *document,
                             const struct wsc_format_options *options) {
  add_kind(out, document, true, options);
  add_kind(out, document, false, options);
}
