#include <string.h>

#include "markup.h"
#include "page.h"

static void heads(struct wsc_page *page) {
  for (size_t i = 0; i < page->num_targets; i++) {
    wsc_html(&page->out, "<th scope=\"col\" class=\"who\"><span>%s</span></th>",
             wsc_page_agent(wsc_page_target(page, i)));
  }
  wsc_strbuf_puts(&page->out, "</tr></thead>\n");
}

static void begin_table(struct wsc_page *page, const char *id,
                        const char *caption) {
  wsc_html(&page->out,
           "<div class=\"scroll matrix\" role=\"region\" tabindex=\"0\" "
           "aria-label=\"%s\"><table id=\"%s\"><caption>%s</caption><thead>"
           "<tr>",
           caption, id, caption);
}

static void end_table(struct wsc_page *page) {
  wsc_strbuf_puts(&page->out, "</tbody></table></div>\n");
}

/* -- roll-up ------------------------------------------------------------ */

struct counts {
  size_t of[WSC_NUM_VERDICTS + 1];
};

/* The worst verdict of a group of rows, and how many of them have it. */
static void roll_cell(struct wsc_page *page, const struct counts *counts) {
  int worst = 0;
  while (worst < WSC_NUM_VERDICTS && counts->of[worst] == 0) {
    worst++;
  }
  if (worst == WSC_NUM_VERDICTS) {
    wsc_strbuf_puts(&page->out, "<td class=n>");
    return;
  }
  const char *name = wsc_verdict_name((enum wsc_verdict)worst);
  wsc_html(&page->out, "<td class=%s>%z %s", (char[]){name[0], '\0'},
           counts->of[worst], name);
}

/* -- requirements ------------------------------------------------------- */

/* Rows that some case of the run was about. */
static bool is_judged(const struct wsc_page *page, const json_t *row) {
  const char *id = wsc_page_text(row, "id");
  for (size_t i = 0; i < page->num_targets; i++) {
    if (wsc_page_judged(page, i, id) != WSC_NUM_VERDICTS ||
        wsc_page_judged_before(page, i, id) != WSC_NUM_VERDICTS) {
      return true;
    }
  }
  return false;
}

static bool same_section(const json_t *a, const json_t *b) {
  return strcmp(wsc_page_text(a, "rfc"), wsc_page_text(b, "rfc")) == 0 &&
         strcmp(wsc_page_text(a, "section"), wsc_page_text(b, "section")) == 0;
}

static void begin_section(struct wsc_page *page, size_t from) {
  const json_t *first = json_array_get(page->requirements, from);
  wsc_html(&page->out,
           "<tbody data-s=\"%s-%s\"><tr class=roll><th "
           "colspan=\"3\" scope=\"rowgroup\">",
           wsc_page_text(first, "rfc"), wsc_page_text(first, "section"));
  wsc_page_standard(page, first);
  wsc_html(&page->out, " \u00A7%s</th>", wsc_page_text(first, "section"));
  for (size_t target = 0; target < page->num_targets; target++) {
    struct counts counts = {{0}};
    for (size_t i = from; i < json_array_size(page->requirements); i++) {
      const json_t *row = json_array_get(page->requirements, i);
      if (!same_section(row, first)) {
        break;
      }
      counts.of[wsc_page_judged(page, target, wsc_page_text(row, "id"))]++;
    }
    roll_cell(page, &counts);
  }
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

/* The finding of a target that cites the requirement, to lead there. */
static size_t finding_of(const struct wsc_page *page, const char *id,
                         size_t target, enum wsc_verdict verdict) {
  size_t i;
  json_t *number;
  json_array_foreach(json_object_get(page->citing, id), i, number) {
    const struct wsc_cell *cell =
        wsc_page_cell(page, (size_t)json_integer_value(number), target);
    if (cell->result != WSC_NOWHERE && cell->verdict <= verdict &&
        page->finding_of[cell->result] != WSC_NOWHERE) {
      return page->finding_of[cell->result];
    }
  }
  return WSC_NOWHERE;
}

static void requirement_row(struct wsc_page *page, size_t number) {
  const json_t *row = json_array_get(page->requirements, number);
  const char *id = wsc_page_text(row, "id");
  wsc_html(&page->out,
           "<tr data-r=%z><th scope=\"row\"><a href=\"#req-%s\">%s</a></th>"
           "<td class=level>%s<td>%s",
           number, id, id, wsc_page_text(row, "level"),
           wsc_page_text(row, "statement"));
  for (size_t i = 0; i < page->num_targets; i++) {
    enum wsc_verdict verdict = wsc_page_judged(page, i, id);
    enum wsc_verdict was = wsc_page_judged_before(page, i, id);
    bool broken = verdict <= WSC_WARN;
    wsc_page_verdict_cell(page, verdict, was,
                          broken ? finding_of(page, id, i, verdict)
                                 : WSC_NOWHERE);
  }
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void by_requirement(struct wsc_page *page) {
  const json_t *before = NULL;
  begin_table(page, "by-requirement", "Requirement \u00D7 implementation");
  wsc_strbuf_puts(&page->out, "<th scope=\"col\">id</th><th scope=\"col\">"
                              "level</th><th scope=\"col\">requirement</th>");
  heads(page);
  for (size_t i = 0; i < json_array_size(page->requirements); i++) {
    const json_t *row = json_array_get(page->requirements, i);
    if (!is_judged(page, row)) {
      continue;
    }
    if (before == NULL || !same_section(before, row)) {
      wsc_strbuf_puts(&page->out, before == NULL ? "" : "</tbody>\n");
      begin_section(page, i);
    }
    requirement_row(page, i);
    before = row;
  }
  wsc_strbuf_puts(&page->out, before == NULL ? "<tbody>" : "");
  end_table(page);
}

/* -- cases -------------------------------------------------------------- */

static bool same_area(const char *a, const char *b) {
  size_t len = wsc_page_area(a);
  return wsc_page_area(b) == len && strncmp(a, b, len) == 0;
}

/* The run of cases of one area that begins at `from`. */
static void begin_area(struct wsc_page *page, size_t from) {
  const char *first = wsc_page_text(json_array_get(page->cases, from), "id");
  wsc_strbuf_puts(&page->out, "<tbody data-s=\"");
  wsc_html_text_len(&page->out, first, wsc_page_area(first));
  wsc_strbuf_puts(&page->out, "\"><tr class=roll><th colspan=\"2\" "
                              "scope=\"rowgroup\">");
  wsc_html_text_len(&page->out, first, wsc_page_area(first));
  wsc_strbuf_puts(&page->out, "</th>");
  for (size_t target = 0; target < page->num_targets; target++) {
    struct counts counts = {{0}};
    for (size_t i = from; i < page->num_cases; i++) {
      const char *id = wsc_page_text(json_array_get(page->cases, i), "id");
      if (!same_area(id, first)) {
        break;
      }
      counts.of[wsc_page_cell(page, i, target)->verdict]++;
    }
    roll_cell(page, &counts);
  }
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void case_row(struct wsc_page *page, size_t number) {
  const json_t *info = json_array_get(page->cases, number);
  wsc_html(&page->out, "<tr data-c=%z><th scope=\"row\">%s</th><td>%s", number,
           wsc_page_text(info, "id"), wsc_page_text(info, "title"));
  for (size_t i = 0; i < page->num_targets; i++) {
    const struct wsc_cell *cell = wsc_page_cell(page, number, i);
    wsc_page_verdict_cell(page, cell->verdict, cell->was,
                          cell->result == WSC_NOWHERE
                              ? WSC_NOWHERE
                              : page->finding_of[cell->result]);
  }
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void by_case(struct wsc_page *page) {
  const char *before = NULL;
  begin_table(page, "by-case", "Case \u00D7 implementation");
  wsc_strbuf_puts(&page->out, "<th scope=\"col\">case</th><th scope=\"col\">"
                              "what it asks for</th>");
  heads(page);
  for (size_t i = 0; i < page->num_cases; i++) {
    const char *id = wsc_page_text(json_array_get(page->cases, i), "id");
    if (before == NULL || !same_area(before, id)) {
      wsc_strbuf_puts(&page->out, before == NULL ? "" : "</tbody>\n");
      begin_area(page, i);
    }
    case_row(page, i);
    before = id;
  }
  wsc_strbuf_puts(&page->out, before == NULL ? "<tbody>" : "");
  end_table(page);
}

void wsc_page_matrix(struct wsc_page *page) {
  wsc_strbuf_puts(&page->out, "<section id=\"matrix\"><h2>Matrix</h2>\n"
                              "<div id=\"matrix-filter\" hidden></div>\n");
  by_requirement(page);
  by_case(page);
  wsc_strbuf_puts(&page->out, "</section>\n");
}
