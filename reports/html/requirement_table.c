#include <string.h>

#include "index.h"
#include "markup.h"

static void begin_section(struct wsc_page *page, const json_t *row) {
  const char *rfc = wsc_page_text(row, "rfc");
  bool whatwg = strcmp(rfc, "WHATWG") == 0;
  size_t i;
  json_t *target;
  wsc_html(&page->out,
           "<tbody><tr class=\"section\"><th colspan=\"3\" "
           "scope=\"rowgroup\">%s%s \u00A7%s</th>",
           whatwg ? "" : "RFC ", rfc, wsc_page_text(row, "section"));
  json_array_foreach(page->targets, i, target) {
    wsc_strbuf_puts(&page->out, "<td></td>");
  }
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void verdicts(struct wsc_page *page, const json_t *row) {
  const char *id = wsc_page_text(row, "id");
  const char *reason = wsc_page_text(row, "uncovered_reason");
  for (size_t i = 0; i < json_array_size(page->targets); i++) {
    enum wsc_verdict verdict = wsc_page_judged(page, i, id);
    wsc_strbuf_puts(&page->out, "<td>");
    if (verdict == WSC_NUM_VERDICTS && reason[0] != '\0') {
      wsc_html(&page->out, "<span class=\"dim\">%s</span>", reason);
    } else if (verdict == WSC_NUM_VERDICTS) {
      wsc_strbuf_puts(&page->out, "<span class=\"dim\">not judged</span>");
    } else {
      wsc_html_badge(&page->out, verdict);
    }
    wsc_strbuf_puts(&page->out, "</td>");
  }
}

static void one_row(struct wsc_page *page, const json_t *row) {
  const char *id = wsc_page_text(row, "id");
  size_t i;
  json_t *name;
  wsc_html(&page->out,
           "<tr id=\"req-%s\"%s><th scope=\"row\"><code>%s</code></th>"
           "<td class=\"level\">%s</td><td>%s",
           id,
           json_is_string(json_object_get(row, "uncovered_reason"))
               ? " class=uncovered"
               : "",
           id, wsc_page_text(row, "level"), wsc_page_text(row, "statement"));
  json_array_foreach(json_object_get(page->citing, id), i, name) {
    wsc_html(&page->out, "%s<code>%s</code>", i == 0 ? " " : ", ",
             json_string_value(name));
  }
  wsc_strbuf_puts(&page->out, "</td>");
  verdicts(page, row);
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void table_head(struct wsc_page *page) {
  size_t i;
  json_t *target;
  wsc_strbuf_puts(&page->out,
                  "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                  "aria-label=\"Requirements\"><table class=\"req\"><thead>"
                  "<tr><th scope=\"col\">id</th><th scope=\"col\">level</th>"
                  "<th scope=\"col\">requirement</th>");
  json_array_foreach(page->targets, i, target) {
    const char *agent = wsc_page_text(target, "agent");
    wsc_html(&page->out, "<th scope=\"col\">%s</th>",
             agent[0] != '\0' ? agent : wsc_page_text(target, "id"));
  }
  wsc_strbuf_puts(&page->out, "</tr></thead>\n");
}

static size_t num_covered(const struct wsc_page *page) {
  size_t num = 0;
  size_t i;
  json_t *row;
  json_array_foreach(page->requirements, i, row) {
    num += json_is_null(json_object_get(row, "uncovered_reason"));
  }
  return num;
}

void wsc_page_requirements(struct wsc_page *page) {
  const json_t *before = NULL;
  size_t i;
  json_t *row;
  wsc_html(&page->out,
           "<section id=\"requirements\"><h2>Requirements <small>%z of %z "
           "have a case in this run</small></h2>\n",
           num_covered(page), json_array_size(page->requirements));
  table_head(page);
  json_array_foreach(page->requirements, i, row) {
    if (before == NULL ||
        strcmp(wsc_page_text(before, "rfc"), wsc_page_text(row, "rfc")) != 0 ||
        strcmp(wsc_page_text(before, "section"),
               wsc_page_text(row, "section")) != 0) {
      wsc_strbuf_puts(&page->out, before == NULL ? "" : "</tbody>\n");
      begin_section(page, row);
    }
    one_row(page, row);
    before = row;
  }
  wsc_strbuf_puts(&page->out, before == NULL ? "" : "</tbody>\n");
  wsc_strbuf_puts(&page->out, "</table></div></section>\n");
}
