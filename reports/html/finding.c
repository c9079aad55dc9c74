#include <string.h>

#include "index.h"
#include "markup.h"

static void requirement_link(struct wsc_page *page, const char *id) {
  const json_t *row = json_object_get(page->row_by_id, id);
  const char *url = wsc_page_text(row, "url");
  const char *rfc = wsc_page_text(row, "rfc");
  wsc_html(&page->out, "<a href=\"#req-%s\"><code>%s</code></a>", id, id);
  if (row == NULL) {
    return;
  }
  wsc_html(&page->out, " <b class=\"level\">%s</b> %s",
           wsc_page_text(row, "level"), wsc_page_text(row, "statement"));
  /* Only an address of the kind that wsc_requirement_url makes is a link: a
   * document from elsewhere could say "javascript:". */
  if (strncmp(url, "https://", 8) == 0) {
    wsc_html(&page->out, " <a class=\"rfc\" rel=\"noreferrer\" href=\"%s\">",
             url);
    wsc_html(&page->out, "%s%s \u00A7%s</a>",
             strcmp(rfc, "WHATWG") == 0 ? "" : "RFC ", rfc,
             wsc_page_text(row, "section"));
  }
}

static void one_clause(struct wsc_page *page, const json_t *clause) {
  enum wsc_verdict verdict = wsc_page_verdict(clause);
  const char *label = wsc_page_text(clause, "label");
  const char *expected = wsc_page_text(clause, "expected");
  const char *got = wsc_page_text(clause, "got");
  int line = wsc_page_int(clause, "line");
  wsc_html(&page->out, "<li class=\"clause c-%s\"><p>",
           wsc_page_text(clause, "verdict"));
  wsc_html_badge(&page->out, verdict);
  wsc_strbuf_puts(&page->out, " ");
  requirement_link(page, wsc_page_text(clause, "requirement"));
  wsc_strbuf_puts(&page->out, "</p><dl>");
  if (label[0] != '\0') {
    wsc_html(&page->out, "<dt>variation</dt><dd>%s</dd>", label);
  }
  if (expected[0] != '\0') {
    bool note = strcmp(wsc_page_text(clause, "strength"), "note") == 0;
    wsc_html(&page->out, "<dt>%s</dt><dd>%s</dd>", note ? "noted" : "expected",
             expected);
  }
  if (got[0] != '\0') {
    wsc_html(&page->out, "<dt>got</dt><dd class=\"got\">%s</dd>", got);
  }
  wsc_html(&page->out, "<dt>asked as</dt><dd>%s",
           wsc_page_text(clause, "strength"));
  if (line != 0) {
    wsc_html(&page->out, ", line %d", line);
  }
  if (json_is_true(json_object_get(clause, "absent"))) {
    wsc_strbuf_puts(&page->out, ", rests on something that did not come");
  }
  wsc_strbuf_puts(&page->out, "</dd></dl></li>\n");
}

static size_t num_with(const json_t *clauses, enum wsc_verdict verdict) {
  size_t num = 0;
  size_t i;
  json_t *clause;
  json_array_foreach(clauses, i, clause) {
    num += wsc_page_verdict(clause) == verdict;
  }
  return num;
}

/* The clauses from verdict `first` to `last`, worst first; the order of the
 * script within a verdict. */
static void list_of(struct wsc_page *page, const json_t *clauses,
                    enum wsc_verdict first, enum wsc_verdict last) {
  wsc_strbuf_puts(&page->out, "<ul class=\"clauses\">\n");
  for (int verdict = (int)first; verdict <= (int)last; verdict++) {
    size_t i;
    json_t *clause;
    json_array_foreach(clauses, i, clause) {
      if ((int)wsc_page_verdict(clause) == verdict) {
        one_clause(page, clause);
      }
    }
  }
  wsc_strbuf_puts(&page->out, "</ul>\n");
}

void wsc_page_clauses(struct wsc_page *page, const json_t *result) {
  const json_t *clauses = json_object_get(result, "clauses");
  size_t kept = num_with(clauses, WSC_PASS) + num_with(clauses, WSC_INFO) +
                num_with(clauses, WSC_SKIP);
  if (kept < json_array_size(clauses)) {
    list_of(page, clauses, WSC_FAIL, WSC_WARN);
  }
  if (kept != 0) {
    wsc_html(&page->out, "<details><summary>%z other clauses</summary>", kept);
    list_of(page, clauses, WSC_PASS, WSC_SKIP);
    wsc_strbuf_puts(&page->out, "</details>\n");
  }
}

void wsc_page_notes(struct wsc_page *page, const json_t *result) {
  const json_t *clauses = json_object_get(result, "clauses");
  if (num_with(clauses, WSC_INFO) != 0) {
    list_of(page, clauses, WSC_INFO, WSC_INFO);
  }
}

static void place_in_source(struct wsc_page *page, const json_t *info) {
  const char *file = wsc_page_text(info, "file");
  if (file[0] != '\0') {
    wsc_html(&page->out, " <span class=\"dim\">%s:%d</span>", file,
             wsc_page_int(info, "line"));
  }
}

static const char *agent_of(const struct wsc_page *page, const json_t *result) {
  const char *id = wsc_page_text(result, "target");
  size_t i;
  json_t *target;
  json_array_foreach(page->targets, i, target) {
    if (strcmp(wsc_page_text(target, "id"), id) == 0) {
      const char *agent = wsc_page_text(target, "agent");
      return agent[0] != '\0' ? agent : id;
    }
  }
  return id;
}

static void heading(struct wsc_page *page, const json_t *result,
                    const json_t *info) {
  const char *title = wsc_page_text(info, "title");
  const char *id = wsc_page_text(result, "case");
  wsc_strbuf_puts(&page->out, "<h3>");
  wsc_html_badge(&page->out, wsc_page_verdict(result));
  wsc_html(&page->out, " %s</h3>\n<p class=\"where\"><code>%s</code>",
           title[0] != '\0' ? title : id, id);
  place_in_source(page, info);
  if (json_array_size(page->targets) > 1) {
    wsc_html(&page->out, " <span class=\"dim\">%s</span>",
             agent_of(page, result));
  }
  wsc_html(&page->out, " <span class=\"dim\">%s \u00B7 %s \u00B7 ",
           wsc_page_text(result, "variant"), wsc_page_text(result, "chop"));
  wsc_html_time(&page->out, json_object_get(json_object_get(result, "timing"),
                                            "duration_us"));
  wsc_strbuf_puts(&page->out, "</span></p>\n");
}

static void expectation(struct wsc_page *page, const json_t *result) {
  const json_t *known = json_object_get(result, "expectation");
  const char *state = wsc_page_text(known, "state");
  if (strcmp(state, "met") == 0) {
    wsc_html(&page->out, "<p class=\"notice\">A known deviation: %s</p>\n",
             wsc_page_text(known, "why"));
  } else if (strcmp(state, "unmet") == 0) {
    wsc_html(&page->out,
             "<p class=\"notice warn\">A known deviation that did not happen: "
             "%s. Take it out of the list of expected results.</p>\n",
             wsc_page_text(known, "why"));
  }
}

static void one_finding(struct wsc_page *page, size_t number) {
  const json_t *result = json_array_get(page->results, number);
  const json_t *info = wsc_page_case(page, result);
  const char *reason = wsc_page_text(result, "reason");
  wsc_html(&page->out, "<article class=\"finding f-%s\" id=\"finding-%z\">",
           wsc_page_text(result, "verdict"), number);
  heading(page, result, info);
  if (reason[0] != '\0') {
    wsc_html(&page->out, "<p class=\"reason\">%s</p>\n", reason);
  }
  expectation(page, result);
  wsc_page_clauses(page, result);
  wsc_page_command(page, result);
  wsc_page_steps(page, result);
  wsc_page_source(page, result);
  wsc_page_wire(page, result);
  wsc_strbuf_puts(&page->out, "</article>\n");
}

static void group(struct wsc_page *page, enum wsc_verdict verdict) {
  for (size_t i = 0; i < json_array_size(page->results); i++) {
    const json_t *result = json_array_get(page->results, i);
    if (wsc_page_is_finding(result) && wsc_page_verdict(result) == verdict) {
      one_finding(page, i);
    }
  }
}

void wsc_page_findings(struct wsc_page *page) {
  size_t num = 0;
  for (size_t i = 0; i < json_array_size(page->results); i++) {
    num += wsc_page_is_finding(json_array_get(page->results, i));
  }
  wsc_html(&page->out,
           "<section id=\"findings\"><h2>Findings <small>%z"
           "</small></h2>\n",
           num);
  if (num == 0) {
    wsc_strbuf_puts(&page->out, "<p>None.</p>\n");
  }
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    group(page, (enum wsc_verdict)verdict);
  }
  wsc_strbuf_puts(&page->out, "</section>\n");
}
