#include <string.h>

#include "index.h"
#include "markup.h"

struct counts {
  size_t of[WSC_NUM_VERDICTS];
};

static void row_of_counts(struct wsc_page *page, const char *name,
                          const struct counts *counts) {
  /* The order of the badges above: worst first. */
  wsc_html(&page->out, "<tr><th scope=\"row\">%s</th><td class=\"w\">", name);
  wsc_html_bar(&page->out, counts->of);
  wsc_strbuf_puts(&page->out, "</td>");
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    if (counts->of[verdict] == 0) {
      wsc_strbuf_puts(&page->out, "<td class=\"n zero\">0</td>");
    } else {
      wsc_html(&page->out, "<td class=\"n t-%s\">%z</td>",
               wsc_verdict_name((enum wsc_verdict)verdict),
               counts->of[verdict]);
    }
  }
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

static void begin_counts(struct wsc_page *page, const char *caption,
                         const char *what) {
  wsc_html(&page->out,
           "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
           "aria-label=\"%s\"><table class=\"counts\"><caption>%s</caption>"
           "<thead><tr><th scope=\"col\">%s</th><td class=\"w\"></td>",
           caption, caption, what);
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    wsc_html(&page->out, "<th scope=\"col\" class=\"n\">%s</th>",
             wsc_verdict_name((enum wsc_verdict)verdict));
  }
  wsc_strbuf_puts(&page->out, "</tr></thead>\n<tbody>");
}

static void end_counts(struct wsc_page *page) {
  wsc_strbuf_puts(&page->out, "</tbody></table></div>\n");
}

/* Adds what the results of one area against one target were. */
static struct counts count_area(const struct wsc_page *page, const char *target,
                                const char *area, size_t area_len) {
  struct counts counts = {{0}};
  size_t i;
  json_t *result;
  json_array_foreach(page->results, i, result) {
    const char *id = wsc_page_text(result, "case");
    enum wsc_verdict verdict = wsc_page_verdict(result);
    if (verdict < WSC_NUM_VERDICTS && wsc_page_area(id) == area_len &&
        strncmp(id, area, area_len) == 0 &&
        strcmp(wsc_page_text(result, "target"), target) == 0) {
      counts.of[verdict]++;
    }
  }
  return counts;
}

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

static void by_area(struct wsc_page *page, const json_t *target) {
  begin_counts(page, "Cases by area", "area");
  for (size_t i = 0; i < json_array_size(page->cases); i++) {
    const char *id = wsc_page_text(json_array_get(page->cases, i), "id");
    if (!is_first_of_area(page, i)) {
      continue;
    }
    struct wsc_strbuf area;
    wsc_strbuf_init(&area);
    wsc_strbuf_add(&area, id, wsc_page_area(id));
    struct counts counts =
        count_area(page, wsc_page_text(target, "id"), id, area.len);
    row_of_counts(page, area.data, &counts);
    wsc_strbuf_free(&area);
  }
  end_counts(page);
}

static void by_level(struct wsc_page *page, const json_t *target) {
  static const char *const levels[] = {"MUST", "SHOULD", "MAY"};
  begin_counts(page, "Requirements judged, by level", "level");
  for (size_t level = 0; level < 3; level++) {
    struct counts counts = {{0}};
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(target, "requirements"), i, item) {
      enum wsc_verdict verdict = wsc_page_verdict(item);
      const json_t *row =
          json_object_get(page->row_by_id, wsc_page_text(item, "id"));
      if (verdict < WSC_NUM_VERDICTS &&
          strcmp(wsc_page_text(row, "level"), levels[level]) == 0) {
        counts.of[verdict]++;
      }
    }
    row_of_counts(page, levels[level], &counts);
  }
  end_counts(page);
}

static bool is_zero(const json_t *summary, enum wsc_verdict verdict) {
  const json_t *count = json_object_get(summary, wsc_verdict_name(verdict));
  return json_is_integer(count) && json_integer_value(count) == 0;
}

static void chips(struct wsc_page *page, const json_t *target) {
  const json_t *summary = json_object_get(target, "summary");
  wsc_strbuf_puts(&page->out, "<ul class=\"chips\" aria-label=\"Cases\">");
  for (int i = 0; i < WSC_NUM_VERDICTS; i++) {
    enum wsc_verdict verdict = (enum wsc_verdict)i;
    const char *name = wsc_verdict_name(verdict);
    wsc_html(&page->out, "<li class=\"%s\"><b>",
             is_zero(summary, verdict) ? "zero" : name);
    wsc_html_count(&page->out, json_object_get(summary, name));
    wsc_strbuf_puts(&page->out, "</b> ");
    wsc_html_badge(&page->out, verdict);
    wsc_strbuf_puts(&page->out, "</li>");
  }
  wsc_strbuf_puts(&page->out, "</ul>\n");
}

static void facts(struct wsc_page *page, const json_t *target) {
  const char *key;
  json_t *value;
  wsc_html(&page->out,
           "<dl class=\"facts\"><div><dt>role</dt><dd>%s</dd></div>"
           "<div><dt>address</dt><dd><code>%s</code></dd></div>",
           wsc_page_text(target, "role"), wsc_page_text(target, "url"));
  json_object_foreach(json_object_get(target, "facts"), key, value) {
    wsc_html(&page->out, "<div><dt>%s</dt><dd>%s</dd></div>", key,
             wsc_page_text(json_object_get(target, "facts"), key));
  }
  wsc_strbuf_puts(&page->out, "</dl>\n");
}

static void one_target(struct wsc_page *page, const json_t *target) {
  const char *agent = wsc_page_text(target, "agent");
  const json_t *summary = json_object_get(target, "summary");
  wsc_html(&page->out, "<section class=\"target\"><h2>%s</h2>\n",
           agent[0] != '\0' ? agent : wsc_page_text(target, "id"));
  facts(page, target);
  chips(page, target);
  if (is_zero(summary, WSC_FAIL) && is_zero(summary, WSC_ERROR) &&
      is_zero(summary, WSC_WARN)) {
    wsc_strbuf_puts(&page->out,
                    "<p>Nothing failed, and nothing deserves a warning.</p>");
  }
  wsc_strbuf_puts(&page->out, "<div class=\"two\">");
  by_area(page, target);
  by_level(page, target);
  wsc_strbuf_puts(&page->out, "</div></section>\n");
}

void wsc_page_headline(struct wsc_page *page) {
  const json_t *run = json_object_get(page->document, "run");
  size_t i;
  json_t *target;
  if (json_is_true(json_object_get(run, "interrupted"))) {
    wsc_strbuf_puts(&page->out,
                    "<p class=\"notice warn\">This run was interrupted: what "
                    "is missing here was not measured.</p>\n");
  }
  json_array_foreach(page->targets, i, target) {
    one_target(page, target);
  }
}
