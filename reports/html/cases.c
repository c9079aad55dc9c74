#include <string.h>

#include "index.h"
#include "markup.h"

static void cells_of_step(struct wsc_page *page, const json_t *step,
                          const json_t *time) {
  int line = wsc_page_int(step, "line");
  int connection = wsc_page_int(step, "connection");
  wsc_strbuf_puts(&page->out, "<td class=\"n\">");
  wsc_html_time(&page->out, time);
  wsc_strbuf_puts(&page->out, "</td><td class=\"n\">");
  if (line > 0) {
    wsc_html(&page->out, "%d", line);
  }
  wsc_strbuf_puts(&page->out, "</td><td class=\"n\">");
  if (connection >= 0) {
    wsc_html(&page->out, "%d", connection);
  }
  wsc_html(&page->out, "</td><td>%s</td><td>%s", wsc_page_text(step, "verb"),
           wsc_page_text(step, "text"));
}

/* The worst verdict of the clauses that follow a step, to mark its row. */
static enum wsc_verdict verdict_at(const json_t *result, int step) {
  enum wsc_verdict worst = WSC_NUM_VERDICTS;
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (wsc_page_int(clause, "step") == step) {
      worst = wsc_verdict_worse(worst, wsc_page_verdict(clause));
    }
  }
  return worst;
}

/* Says how many steps are left out here, when any are. */
static void end_gap(struct wsc_page *page, size_t *gap) {
  if (*gap != 0) {
    wsc_html(&page->out,
             "<tr class=\"gap\"><td colspan=\"5\">\u22EE %z steps in "
             "between are in the run document</td></tr>\n",
             *gap);
  }
  *gap = 0;
}

void wsc_page_steps(struct wsc_page *page, const json_t *result) {
  const json_t *steps = json_object_get(result, "steps");
  const json_t *times =
      json_object_get(json_object_get(result, "timing"), "steps");
  size_t i;
  json_t *step;
  if (json_array_size(steps) == 0) {
    return;
  }
  wsc_html(&page->out,
           "<details%s><summary>Conversation, %z steps</summary>"
           "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
           "aria-label=\"Conversation\"><table class=\"steps\"><thead><tr>"
           "<th scope=\"col\" class=\"n\">time</th>"
           "<th scope=\"col\" class=\"n\">line</th>"
           "<th scope=\"col\" class=\"n\"><abbr title=\"connection\">conn"
           "</abbr></th><th scope=\"col\">verb</th><th scope=\"col\">what</th>"
           "</tr></thead><tbody>\n",
           wsc_page_is_finding(result) ? " open" : "", json_array_size(steps));
  bool finding = wsc_page_is_finding(result);
  size_t edge = finding ? 100 : 20;
  size_t gap = 0;
  json_array_foreach(steps, i, step) {
    enum wsc_verdict verdict =
        finding ? verdict_at(result, (int)i) : WSC_NUM_VERDICTS;
    bool marked = verdict == WSC_FAIL || verdict == WSC_WARN;
    if (!marked && wsc_page_left_out(i, json_array_size(steps), edge)) {
      gap++;
      continue;
    }
    end_gap(page, &gap);
    wsc_html(&page->out, "<tr%s%s>", marked ? " class=" : "",
             marked ? wsc_verdict_name(verdict) : "");
    cells_of_step(page, step, json_array_get(times, i));
    if (marked) {
      wsc_html_badge(&page->out, verdict);
    }
    wsc_strbuf_puts(&page->out, "</td></tr>\n");
  }
  wsc_strbuf_puts(&page->out, "</tbody></table></div></details>\n");
}

static bool is_broken_at(const json_t *result, int line) {
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    enum wsc_verdict verdict = wsc_page_verdict(clause);
    if (wsc_page_int(clause, "line") == line &&
        (verdict == WSC_FAIL || verdict == WSC_WARN)) {
      return true;
    }
  }
  return false;
}

void wsc_page_source(struct wsc_page *page, const json_t *result) {
  const json_t *info = wsc_page_case(page, result);
  const char *pos = wsc_page_text(info, "source");
  int line = wsc_page_int(info, "line");
  if (pos[0] == '\0') {
    return;
  }
  wsc_html(&page->out,
           "<details><summary>Script, %s</summary><pre class=\"source\" "
           "tabindex=\"0\">",
           wsc_page_text(info, "file"));
  while (*pos != '\0') {
    size_t len = strcspn(pos, "\n");
    const char *tag = is_broken_at(result, line) ? "mark" : "span";
    wsc_strbuf_printf(&page->out, "<%s><b>%4d</b>  ", tag, line++);
    wsc_html_text_len(&page->out, pos, len);
    wsc_html(&page->out, "</%s>\n", tag);
    pos += len + (pos[len] == '\n');
  }
  wsc_strbuf_puts(&page->out, "</pre></details>\n");
}

static void requirements_in_words(struct wsc_page *page, const json_t *info) {
  size_t i;
  json_t *id;
  wsc_strbuf_puts(&page->out, "<ul class=\"words\">");
  json_array_foreach(json_object_get(info, "requirements"), i, id) {
    const char *name = json_string_value(id);
    const json_t *row = json_object_get(page->row_by_id, name);
    wsc_html(&page->out,
             "<li><a href=\"#req-%s\"><code>%s</code></a> "
             "<b class=\"level\">%s</b> %s</li>",
             name, name, wsc_page_text(row, "level"),
             wsc_page_text(row, "statement"));
  }
  wsc_strbuf_puts(&page->out, "</ul>");
}

static void one_case(struct wsc_page *page, size_t number) {
  const json_t *result = json_array_get(page->results, number);
  const json_t *info = wsc_page_case(page, result);
  const char *id = wsc_page_text(result, "case");
  const char *reason = wsc_page_text(result, "reason");
  wsc_html(&page->out,
           "<details class=\"case\" data-v=\"%s\" id=\"result-%z\"><summary>",
           wsc_page_text(result, "verdict"), number);
  wsc_html_badge(&page->out, wsc_page_verdict(result));
  wsc_html(&page->out, " <span class=\"t\">%s</span> <code>%s</code>",
           wsc_page_text(info, "title"), id);
  wsc_strbuf_puts(&page->out, "</summary><div>\n");
  if (reason[0] != '\0') {
    wsc_html(&page->out, "<p class=\"reason\">%s</p>\n", reason);
  }
  requirements_in_words(page, info);
  if (wsc_page_is_finding(result)) {
    wsc_html(&page->out,
             "<p><a href=\"#finding-%z\">Clauses, conversation "
             "and trace are among the findings.</a></p>",
             number);
  } else {
    wsc_page_notes(page, result);
    wsc_page_steps(page, result);
    wsc_page_source(page, result);
  }
  wsc_strbuf_puts(&page->out, "</div></details>\n");
}

/* Results of one target stand together, in the order they were measured. */
static void cases_of(struct wsc_page *page, const json_t *target) {
  const char *id = wsc_page_text(target, "id");
  if (json_array_size(page->targets) > 1) {
    const char *agent = wsc_page_text(target, "agent");
    wsc_html(&page->out, "<h3>%s</h3>\n", agent[0] != '\0' ? agent : id);
  }
  for (size_t i = 0; i < json_array_size(page->results); i++) {
    const json_t *result = json_array_get(page->results, i);
    if (strcmp(wsc_page_text(result, "target"), id) == 0) {
      one_case(page, i);
    }
  }
}

void wsc_page_cases(struct wsc_page *page) {
  size_t i;
  json_t *target;
  wsc_html(&page->out,
           "<section id=\"cases\"><h2>Cases <small>%z</small></h2>"
           "\n<div id=\"filter\" hidden></div>\n",
           json_array_size(page->results));
  json_array_foreach(page->targets, i, target) {
    cases_of(page, target);
  }
  wsc_strbuf_puts(&page->out, "</section>\n");
}
