/* markdown.c: a summary for people, in GitHub's dialect.
 *
 * Text of a document stands in code spans and nowhere else: there no markup,
 * no link, no mention is read. What would end a span or a cell is escaped as an
 * octet is. */
#include <string.h>

#include "view.h"
#include "writers.h"

#define FINDINGS_TITLE                                                         \
  "| verdict | case | requirement | what came |\n| --- | --- | --- | --- |\n"

static void code(struct wsc_strbuf *out, const struct wsc_strbuf *text) {
  if (text->len == 0) {
    return;
  }
  wsc_strbuf_puts(out, "`");
  for (size_t i = 0; i < text->len; i++) {
    char c = text->data[i];
    if (c == '`' || c == '|') {
      wsc_strbuf_printf(out, "\\x%02X", (unsigned char)c);
    } else {
      wsc_strbuf_add(out, &c, 1);
    }
  }
  wsc_strbuf_puts(out, "`");
}

static void code_of(struct wsc_strbuf *out, const char *words, size_t max) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_plain(&text, words, max);
  code(out, &text);
  wsc_strbuf_free(&text);
}

static void agent(struct wsc_strbuf *out, const struct wsc_view *view,
                  const json_t *target) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_view_agent(&text, view, target);
  code(out, &text);
  wsc_strbuf_free(&text);
}

static void counts(struct wsc_strbuf *out, const struct wsc_view *view) {
  size_t i;
  json_t *target;
  wsc_strbuf_puts(out, "| implementation | pass | fail | warn | error | info "
                       "| skip |\n"
                       "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  json_array_foreach(view->targets, i, target) {
    size_t of[WSC_NUM_VERDICTS] = {0};
    for (size_t k = 0; k < wsc_view_num_results(view, i); k++) {
      of[wsc_view_verdict(wsc_view_result(view, i, k))]++;
    }
    wsc_strbuf_puts(out, "| ");
    agent(out, view, target);
    wsc_strbuf_printf(out, " | %zu | %zu | %zu | %zu | %zu | %zu |\n",
                      of[WSC_PASS], of[WSC_FAIL], of[WSC_WARN], of[WSC_ERROR],
                      of[WSC_INFO], of[WSC_SKIP]);
  }
  wsc_strbuf_puts(out, "\n");
}

static void troubles(struct wsc_strbuf *out, const struct wsc_view *view) {
  size_t i;
  json_t *target;
  json_array_foreach(view->targets, i, target) {
    if (wsc_view_trouble(target) != NULL) {
      agent(out, view, target);
      wsc_strbuf_puts(out, " could not be measured: ");
      code_of(out, wsc_view_trouble(target), WSC_VIEW_LONG);
      wsc_strbuf_puts(out, "\n\n");
    }
  }
  if (wsc_view_is_interrupted(view)) {
    wsc_strbuf_puts(out, "The run was interrupted; what was not measured is "
                         "skipped.\n\n");
  }
}

static void requirement(struct wsc_strbuf *out, const struct wsc_view *view,
                        const json_t *clause) {
  const char *id = wsc_view_text(clause, "requirement");
  const json_t *row = wsc_view_row(view, id);
  const char *url = row == NULL ? NULL : wsc_view_url(row);
  wsc_strbuf_puts(out, url == NULL ? "" : "[");
  code_of(out, id, WSC_VIEW_SHORT);
  if (url != NULL) {
    wsc_strbuf_printf(out, "](%s)", url);
  }
}

/* A row: the first clause that is as bad as the result, or why there is none.
 */
static void finding(struct wsc_strbuf *out, const struct wsc_view *view,
                    const json_t *result) {
  const json_t *worst = NULL;
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (worst == NULL && wsc_view_is_broken(clause) &&
        wsc_view_verdict(clause) == wsc_view_verdict(result)) {
      worst = clause;
    }
  }
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_printf(out, "| %s | ", wsc_verdict_name(wsc_view_verdict(result)));
  wsc_view_name(&text, result);
  code(out, &text);
  text.len = 0;
  wsc_strbuf_puts(out, " | ");
  if (worst != NULL) {
    requirement(out, view, worst);
    wsc_view_clause(&text, worst);
  } else {
    wsc_view_reason(&text, result);
  }
  wsc_strbuf_puts(out, " | ");
  code(out, &text);
  wsc_strbuf_puts(out, " |\n");
  wsc_strbuf_free(&text);
}

/* Worst first, then as they stand. */
static bool has_rank(const struct wsc_view *view, const json_t *result,
                     int rank) {
  enum wsc_call call = wsc_view_call(view, result);
  switch (rank) {
  case 0:
    return call == WSC_CALL_FAILURE;
  case 1:
    return call == WSC_CALL_ERROR;
  case 2:
    return call == WSC_CALL_GOOD && wsc_view_verdict(result) == WSC_WARN;
  default:
    return call == WSC_CALL_KNOWN;
  }
}

/* One kind of results of a target under a title; what finds no room is counted
 * in *left. */
static void findings(struct wsc_strbuf *out, const struct wsc_view *view,
                     size_t target, int rank, size_t max, size_t *left) {
  static const char *const titles[] = {"Failures", "Not measured", "Warnings",
                                       "Known deviations"};
  bool begun = false;
  for (size_t i = 0; i < wsc_view_num_results(view, target); i++) {
    const json_t *result = wsc_view_result(view, target, i);
    if (!has_rank(view, result, rank)) {
      continue;
    }
    size_t before = out->len;
    if (!begun) {
      wsc_strbuf_puts(out, "### ");
      wsc_strbuf_printf(out, "%s of ", titles[rank]);
      agent(out, view, json_array_get(view->targets, target));
      wsc_strbuf_puts(out, "\n\n" FINDINGS_TITLE);
    }
    finding(out, view, result);
    bool fits = out->len + 1 <= max;
    begun = begun || fits;
    *left += !fits;
    out->len = fits ? out->len : before;
  }
  wsc_strbuf_puts(out, begun ? "\n" : "");
}

void wsc_format_markdown(struct wsc_strbuf *out, const struct wsc_run *run,
                         enum wsc_fail_on fail_on, size_t max) {
  static const char sign[] = " results found no room here.\n";
  struct wsc_view view;
  struct wsc_strbuf text;
  size_t left = 0;
  size_t room = max > sizeof sign + 20 ? max - sizeof sign - 20 : 0;
  wsc_view_init(&view, run, fail_on);
  wsc_strbuf_init(&text);
  wsc_strbuf_puts(&text, "## WebSocket conformance\n\n");
  counts(&text, &view);
  troubles(&text, &view);
  if (text.len > room) {
    text.len = 0; /* so many targets: there is only room for nothing */
  }
  for (int rank = 0; rank < 4; rank++) {
    for (size_t i = 0; i < json_array_size(view.targets); i++) {
      findings(&text, &view, i, rank, room, &left);
    }
  }
  if (left != 0 && room != 0) {
    wsc_strbuf_printf(&text, "%zu%s", left, sign);
  }
  wsc_strbuf_add(out, text.len == 0 ? "" : text.data, text.len);
  wsc_strbuf_free(&text);
  wsc_view_free(&view);
}

void wsc_markdown_write(struct wsc_strbuf *out, const struct wsc_run *run,
                        enum wsc_fail_on fail_on) {
  wsc_format_markdown(out, run, fail_on, SIZE_MAX);
}
