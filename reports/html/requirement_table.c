#include <string.h>

#include "index.h"
#include "markup.h"

/* "RFC 6455" or "WHATWG". */
static void standard_name(struct wsc_page *page, const json_t *row) {
  const char *rfc = wsc_page_text(row, "rfc");
  wsc_html(&page->out, "%s%s", strcmp(rfc, "WHATWG") == 0 ? "" : "RFC ", rfc);
}

static void begin_section(struct wsc_page *page, const json_t *row) {
  wsc_html(&page->out,
           "<tbody><tr class=\"section\"><th colspan=\"%z\" "
           "scope=\"rowgroup\">",
           3 + json_array_size(page->targets));
  standard_name(page, row);
  wsc_html(&page->out, " \u00A7%s</th></tr>\n", wsc_page_text(row, "section"));
}

static void verdicts(struct wsc_page *page, const json_t *row) {
  const char *id = wsc_page_text(row, "id");
  const char *reason = wsc_page_text(row, "uncovered_reason");
  size_t num_targets = json_array_size(page->targets);
  if (reason[0] != '\0') {
    wsc_html(&page->out, "<td class=\"why\" colspan=\"%z\">%s</td>",
             num_targets == 0 ? (size_t)1 : num_targets, reason);
    return;
  }
  for (size_t i = 0; i < num_targets; i++) {
    enum wsc_verdict verdict = wsc_page_judged(page, i, id);
    wsc_strbuf_puts(&page->out, "<td>");
    if (verdict == WSC_NUM_VERDICTS) {
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

static void begin_standard(struct wsc_page *page, const json_t *row) {
  size_t num_rows;
  size_t covered = num_covered(page, wsc_page_text(row, "rfc"), &num_rows);
  wsc_html(&page->out, "<details class=\"standard\"%s><summary><h3>",
           covered != 0 ? " open" : "");
  standard_name(page, row);
  wsc_html(&page->out,
           "</h3> <small>%z of %z have a case in this run</small></summary>\n",
           covered, num_rows);
  table_head(page);
}

static void end_standard(struct wsc_page *page) {
  wsc_strbuf_puts(&page->out, "</tbody></table></div></details>\n");
}

static bool differs(const json_t *a, const json_t *b, const char *key) {
  return strcmp(wsc_page_text(a, key), wsc_page_text(b, key)) != 0;
}

void wsc_page_requirements(struct wsc_page *page) {
  const json_t *before = NULL;
  size_t num_rows;
  size_t covered = num_covered(page, NULL, &num_rows);
  size_t i;
  json_t *row;
  wsc_html(&page->out,
           "<section id=\"requirements\"><h2>Requirements <small>%z of %z "
           "have a case in this run</small></h2>\n",
           covered, num_rows);
  json_array_foreach(page->requirements, i, row) {
    bool standard = before == NULL || differs(before, row, "rfc");
    bool section = standard || differs(before, row, "section");
    if (standard && before != NULL) {
      end_standard(page);
    } else if (section && before != NULL) {
      wsc_strbuf_puts(&page->out, "</tbody>\n");
    }
    if (standard) {
      begin_standard(page, row);
    }
    if (section) {
      begin_section(page, row);
    }
    one_row(page, row);
    before = row;
  }
  if (before != NULL) {
    end_standard(page);
  }
  wsc_strbuf_puts(&page->out, "</section>\n");
}
