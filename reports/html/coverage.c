#include <string.h>

#include "markup.h"
#include "page.h"

/* How many rows of a standard have a case; NULL: of all of them. */
static size_t num_covered(const struct wsc_page *page, const char *rfc,
                          size_t *num_rows) {
  size_t num = 0;
  size_t i;
  json_t *row;
  *num_rows = 0;
  json_array_foreach(page->requirements, i, row) {
    if (rfc == NULL || strcmp(wsc_page_text(row, "rfc"), rfc) == 0) {
      num += json_is_null(json_object_get(row, "uncovered_reason"));
      (*num_rows)++;
    }
  }
  return num;
}

/* The cases that judge it, or why none does. */
static void judged_by(struct wsc_page *page, const json_t *row) {
  const json_t *citing =
      json_object_get(page->citing, wsc_page_text(row, "id"));
  const char *reason = wsc_page_text(row, "uncovered_reason");
  size_t i;
  json_t *number;
  if (reason[0] != '\0') {
    wsc_html(&page->out, "<td class=\"why\">%s", reason);
    return;
  }
  wsc_strbuf_puts(&page->out, "<td>");
  json_array_foreach(citing, i, number) {
    const json_t *info =
        json_array_get(page->cases, (size_t)json_integer_value(number));
    wsc_html(&page->out, "%s<code>%s</code>", i == 0 ? "" : ", ",
             wsc_page_text(info, "id"));
  }
}

static void one_row(struct wsc_page *page, const json_t *row) {
  const char *id = wsc_page_text(row, "id");
  const char *url = wsc_page_text(row, "url");
  bool uncovered = json_is_string(json_object_get(row, "uncovered_reason"));
  wsc_html(&page->out, "<tr id=\"req-%s\"%s><th scope=\"row\">", id,
           uncovered ? " class=uncovered" : "");
  if (strncmp(url, "https://", 8) == 0) {
    wsc_html(&page->out, "<a rel=\"noreferrer\" href=\"%s\">%s</a>", url, id);
  } else {
    wsc_html(&page->out, "%s", id);
  }
  wsc_html(&page->out, "</th><td class=level>%s<td>%s",
           wsc_page_text(row, "level"), wsc_page_text(row, "statement"));
  judged_by(page, row);
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void begin_standard(struct wsc_page *page, const json_t *row) {
  size_t num_rows;
  size_t covered = num_covered(page, wsc_page_text(row, "rfc"), &num_rows);
  wsc_strbuf_puts(&page->out, "<details class=\"standard\"><summary><h3>");
  wsc_page_standard(page, row);
  wsc_html(&page->out,
           "</h3> <small>%z of %z have a case in this run</small></summary>\n"
           "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
           "aria-label=\"Coverage of %s\"><table class=\"coverage\"><thead>"
           "<tr><th scope=\"col\">id</th><th scope=\"col\">level</th>"
           "<th scope=\"col\">requirement</th>"
           "<th scope=\"col\">judged by</th></tr></thead>\n<tbody>",
           covered, num_rows, wsc_page_text(row, "rfc"));
}

void wsc_page_coverage(struct wsc_page *page) {
  const json_t *before = NULL;
  size_t num_rows;
  size_t covered = num_covered(page, NULL, &num_rows);
  size_t i;
  json_t *row;
  wsc_html(&page->out,
           "<section id=\"coverage\"><h2>Coverage <small>%z of %z "
           "requirements have a case in this run</small></h2>\n",
           covered, num_rows);
  json_array_foreach(page->requirements, i, row) {
    if (before == NULL ||
        strcmp(wsc_page_text(before, "rfc"), wsc_page_text(row, "rfc")) != 0) {
      wsc_strbuf_puts(&page->out,
                      before == NULL ? "" : "</tbody></table></div></details>");
      begin_standard(page, row);
    }
    one_row(page, row);
    before = row;
  }
  wsc_strbuf_puts(&page->out,
                  before == NULL ? "" : "</tbody></table></div></details>");
  wsc_strbuf_puts(&page->out, "</section>\n");
}
