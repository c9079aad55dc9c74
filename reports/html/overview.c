#include <string.h>

#include "markup.h"
#include "page.h"

/* As in the columns of every table of counts: worst first. */
static void heads_of_verdicts(struct wsc_page *page) {
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    wsc_html(&page->out, "<th scope=\"col\" class=\"num\">%s</th>",
             wsc_verdict_name((enum wsc_verdict)verdict));
  }
}

static void count_cell(struct wsc_page *page, const char *class_name,
                       size_t count) {
  if (count == 0) {
    wsc_strbuf_puts(&page->out, "<td class=\"num zero\">0</td>");
  } else {
    wsc_html(&page->out, "<td class=\"num t-%s\">%z</td>", class_name, count);
  }
}

/* As it stands: a count may be beyond an int (docs/run.schema.json). */
static void summary_cell(struct wsc_page *page, const json_t *target,
                         enum wsc_verdict verdict) {
  const char *name = wsc_verdict_name(verdict);
  const json_t *count =
      json_object_get(json_object_get(target, "summary"), name);
  bool zero = json_is_integer(count) && json_integer_value(count) == 0;
  wsc_html(&page->out, "<td class=\"num %s%s\">", zero ? "zero" : "t-",
           zero ? "" : name);
  wsc_html_count(&page->out, count);
  wsc_strbuf_puts(&page->out, "</td>");
}

static size_t count_of(const json_t *target, const char *verdict) {
  const json_t *count =
      json_object_get(json_object_get(target, "summary"), verdict);
  return (size_t)json_integer_value(count);
}

/* Requirements of `level` that the target broke. */
static size_t num_broken(const struct wsc_page *page, const json_t *target,
                         const char *level) {
  size_t num = 0;
  size_t i;
  json_t *item;
  json_array_foreach(json_object_get(target, "requirements"), i, item) {
    enum wsc_verdict verdict = wsc_page_verdict(item);
    const json_t *row = wsc_page_row(page, wsc_page_text(item, "id"));
    num += (verdict == WSC_FAIL || verdict == WSC_WARN) &&
           strcmp(wsc_page_text(row, "level"), level) == 0;
  }
  return num;
}

static void facts(struct wsc_page *page, const json_t *target) {
  const json_t *all = json_object_get(target, "facts");
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)all, key, value) {
    wsc_html(&page->out, "<br><span class=\"dim\">%s: %s</span>", key,
             wsc_page_text(all, key));
  }
}

/* The certificate and what was agreed on, folded away. */
static void tls(struct wsc_page *page, const json_t *target) {
  static const char *const keys[][2] = {
      {"version", "version"},       {"cipher", "cipher"},
      {"subject", "subject"},       {"issuer", "issuer"},
      {"names", "names"},           {"not_before", "valid from"},
      {"not_after", "valid until"}, {"sha256", "SHA-256"},
      {"verified", "verified"},
  };
  const json_t *all = json_object_get(target, "tls");
  if (all == NULL) {
    return;
  }
  wsc_strbuf_puts(&page->out, "<details><summary>TLS</summary>");
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    wsc_html(&page->out, "%s<span class=\"dim\">%s: %s</span>",
             i == 0 ? "" : "<br>", keys[i][1], wsc_page_text(all, keys[i][0]));
  }
  wsc_strbuf_puts(&page->out, "</details>");
}

static void row_of_target(struct wsc_page *page, size_t number) {
  const json_t *target = wsc_page_target(page, number);
  size_t counts[WSC_NUM_VERDICTS];
  wsc_html(&page->out,
           "<tr><th scope=\"row\"><b>%s</b><br><span class=\"dim\">%s "
           "<code>%s</code></span>",
           wsc_page_agent(target), wsc_page_text(target, "role"),
           wsc_page_text(target, "url"));
  facts(page, target);
  tls(page, target);
  wsc_strbuf_puts(&page->out, "</th><td class=\"wide\">");
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    counts[verdict] =
        count_of(target, wsc_verdict_name((enum wsc_verdict)verdict));
  }
  wsc_html_bar(&page->out, counts);
  wsc_strbuf_puts(&page->out, "</td>");
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    summary_cell(page, target, (enum wsc_verdict)verdict);
  }
  count_cell(page, "fail", num_broken(page, target, "MUST"));
  count_cell(page, "warn", num_broken(page, target, "SHOULD"));
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void implementations(struct wsc_page *page) {
  wsc_strbuf_puts(
      &page->out,
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
      "aria-label=\"Implementations\"><table class=\"implementations\">"
      "<thead><tr><td colspan=\"2\"></td><th colspan=\"6\" "
      "scope=\"colgroup\">cases</th><th colspan=\"2\" scope=\"colgroup\">"
      "requirements broken</th></tr><tr><th scope=\"col\">implementation</th>"
      "<td class=\"wide\"></td>");
  heads_of_verdicts(page);
  wsc_strbuf_puts(&page->out, "<th scope=\"col\" class=\"num\">MUST</th>"
                              "<th scope=\"col\" class=\"num\">SHOULD</th>"
                              "</tr></thead>\n<tbody>");
  for (size_t i = 0; i < page->num_targets; i++) {
    row_of_target(page, i);
  }
  wsc_strbuf_puts(&page->out, "</tbody></table></div>\n");
}

/* -- areas -------------------------------------------------------------- */

/* Areas in the order in which their first case stands in the document. */
static bool is_first_of_area(const struct wsc_page *page, size_t number) {
  const char *id = wsc_page_text(json_array_get(page->cases, number), "id");
  size_t len = wsc_page_area(id);
  for (size_t i = 0; i < number; i++) {
    const char *other = wsc_page_text(json_array_get(page->cases, i), "id");
    if (wsc_page_area(other) == len && strncmp(other, id, len) == 0) {
      return false;
    }
  }
  return true;
}

/* What the cases of an area came to: the worst verdict, and how many. */
static void area_cell(struct wsc_page *page, const char *area, size_t len,
                      size_t target) {
  size_t counts[WSC_NUM_VERDICTS + 1] = {0};
  for (size_t i = 0; i < page->num_cases; i++) {
    const char *id = wsc_page_text(json_array_get(page->cases, i), "id");
    if (wsc_page_area(id) == len && strncmp(id, area, len) == 0) {
      counts[wsc_page_cell(page, i, target)->verdict]++;
    }
  }
  const char *between = "";
  int worst = 0;
  while (worst < WSC_NUM_VERDICTS && counts[worst] == 0) {
    worst++;
  }
  wsc_html(&page->out, "<td class=\"t-%s\">",
           worst == WSC_NUM_VERDICTS
               ? "none"
               : wsc_verdict_name((enum wsc_verdict)worst));
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    /* What is broken, or else what was kept: the rest is in the matrix. */
    bool shown = verdict <= WSC_WARN || worst > WSC_WARN;
    if (shown && counts[verdict] != 0) {
      wsc_html(&page->out, "%s%z %s", between, counts[verdict],
               wsc_verdict_name((enum wsc_verdict)verdict));
      between = ", ";
    }
  }
  wsc_strbuf_puts(&page->out, "</td>");
}

static void areas(struct wsc_page *page) {
  wsc_strbuf_puts(&page->out,
                  "<h3>By area</h3><div class=\"scroll\" role=\"region\" "
                  "tabindex=\"0\" aria-label=\"By area\"><table "
                  "class=\"areas\"><thead><tr><th scope=\"col\">area</th>");
  for (size_t i = 0; i < page->num_targets; i++) {
    wsc_html(&page->out, "<th scope=\"col\">%s</th>",
             wsc_page_agent(wsc_page_target(page, i)));
  }
  wsc_strbuf_puts(&page->out, "</tr></thead>\n<tbody>");
  for (size_t i = 0; i < page->num_cases; i++) {
    const char *id = wsc_page_text(json_array_get(page->cases, i), "id");
    size_t len = wsc_page_area(id);
    if (!is_first_of_area(page, i)) {
      continue;
    }
    wsc_strbuf_puts(&page->out, "<tr><th scope=\"row\">");
    wsc_html_text_len(&page->out, id, len);
    wsc_strbuf_puts(&page->out, "</th>");
    for (size_t target = 0; target < page->num_targets; target++) {
      area_cell(page, id, len, target);
    }
    wsc_strbuf_puts(&page->out, "</tr>\n");
  }
  wsc_strbuf_puts(&page->out, "</tbody></table></div>\n");
}

void wsc_page_overview(struct wsc_page *page) {
  const json_t *run = json_object_get(page->document, "run");
  wsc_strbuf_puts(&page->out, "<section id=\"summary\"><h2>Summary</h2>\n");
  if (json_is_true(json_object_get(run, "interrupted"))) {
    wsc_strbuf_puts(&page->out,
                    "<p class=\"notice warn\">This run was interrupted: what "
                    "is missing here was not measured.</p>\n");
  }
  implementations(page);
  if (page->num_findings == 0) {
    wsc_strbuf_puts(&page->out,
                    "<p>Nothing failed, and nothing deserves a warning.</p>\n");
  }
  areas(page);
  wsc_strbuf_puts(&page->out, "</section>\n");
}
