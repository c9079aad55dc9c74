/* changes.c: this run beside an older one, regressions first. */
#include <string.h>

#include "markup.h"
#include "page.h"

enum change { REGRESSION, FIX, OTHER, NEW, GONE, NUM_CHANGES };

/* What counts against an implementation. */
static bool is_bad(enum wsc_verdict verdict) {
  return verdict == WSC_FAIL || verdict == WSC_ERROR || verdict == WSC_WARN;
}

static enum change change_of(const struct wsc_cell *cell) {
  if (cell->was == cell->verdict) {
    return NUM_CHANGES;
  }
  if (cell->was == WSC_NUM_VERDICTS) {
    return NEW;
  }
  if (cell->verdict == WSC_NUM_VERDICTS) {
    return GONE;
  }
  if (is_bad(cell->verdict) &&
      (!is_bad(cell->was) || cell->verdict < cell->was)) {
    return REGRESSION;
  }
  return is_bad(cell->was) ? FIX : OTHER;
}

static void one_row(struct wsc_page *page, size_t number, size_t target) {
  const struct wsc_cell *cell = wsc_page_cell(page, number, target);
  const json_t *info = json_array_get(page->cases, number);
  wsc_html(&page->out,
           "<tr data-c=%z><th scope=\"row\">%s</th><td>%s</td><td>%s</td>",
           number, wsc_page_text(info, "id"), wsc_page_text(info, "title"),
           wsc_page_agent(wsc_page_target(page, target)));
  wsc_page_verdict_cell(page, cell->was, WSC_NUM_VERDICTS, WSC_NOWHERE);
  wsc_page_verdict_cell(page, cell->verdict, WSC_NUM_VERDICTS,
                        cell->result == WSC_NOWHERE
                            ? WSC_NOWHERE
                            : page->finding_of[cell->result]);
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void one_kind(struct wsc_page *page, enum change kind,
                     const char *title) {
  size_t num = 0;
  for (size_t i = 0; i < page->num_cases * page->num_targets; i++) {
    num += change_of(&page->cells[i]) == kind;
  }
  wsc_html(&page->out, "<h3>%s <small>%z</small></h3>\n", title, num);
  if (num == 0) {
    return;
  }
  wsc_html(&page->out,
           "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
           "aria-label=\"%s\"><table class=\"changes\"><thead><tr>"
           "<th scope=\"col\">case</th><th scope=\"col\">what it asks for</th>"
           "<th scope=\"col\">implementation</th><th scope=\"col\">before</th>"
           "<th scope=\"col\">now</th></tr></thead>\n<tbody>",
           title);
  for (size_t i = 0; i < page->num_cases; i++) {
    for (size_t target = 0; target < page->num_targets; target++) {
      if (change_of(wsc_page_cell(page, i, target)) == kind) {
        one_row(page, i, target);
      }
    }
  }
  wsc_strbuf_puts(&page->out, "</tbody></table></div>\n");
}

void wsc_page_changes(struct wsc_page *page) {
  static const char *const titles[NUM_CHANGES] = {
      [REGRESSION] = "Regressions",
      [FIX] = "Fixed",
      [OTHER] = "Other changes",
      [NEW] = "New",
      [GONE] = "Gone",
  };
  if (page->older == NULL) {
    return;
  }
  wsc_strbuf_puts(&page->out,
                  "<section id=\"diff\"><h2>Changes</h2>\n<p>Against the older "
                  "run, case by case; implementations are the same when their "
                  "ids are.</p>\n");
  for (int kind = 0; kind < NUM_CHANGES; kind++) {
    one_kind(page, (enum change)kind, titles[kind]);
  }
  wsc_strbuf_puts(&page->out, "</section>\n");
}
