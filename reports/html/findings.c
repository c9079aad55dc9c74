/* findings.c: what a reader has to look at, each thing once. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "build.h"
#include "markup.h"
#include "page.h"

/* -- grouping ----------------------------------------------------------- */

static void sign_member(struct wsc_strbuf *out, const json_t *object,
                        const char *key) {
  wsc_strbuf_puts(out, wsc_page_text(object, key));
  wsc_strbuf_puts(out, "\n");
}

/* What makes two results the same finding: all that stands in its words, and
 * not the implementation. */
static void sign(struct wsc_strbuf *out, const json_t *result) {
  static const char *const members[] = {"requirement", "verdict", "label",
                                        "expected", "got"};
  size_t i;
  json_t *clause;
  sign_member(out, result, "case");
  sign_member(out, result, "verdict");
  sign_member(out, json_object_get(result, "expectation"), "state");
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (wsc_page_verdict(clause) <= WSC_WARN) {
      for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
        sign_member(out, clause, members[k]);
      }
    }
  }
}

static void add_result(struct wsc_page *page, json_t *groups, size_t number) {
  const json_t *result = json_array_get(page->results, number);
  struct wsc_strbuf signature;
  wsc_strbuf_init(&signature);
  sign(&signature, result);
  size_t group = wsc_page_position(groups, signature.data);
  if (group == WSC_NOWHERE) {
    group = page->num_findings++;
    wsc_json_put(groups, signature.data, json_integer((json_int_t)group));
    page->findings[group] =
        (struct wsc_finding){wsc_page_verdict(result), result, 0};
  }
  page->findings[group].num_results++;
  page->finding_of[number] = group;
  wsc_strbuf_free(&signature);
}

/* Worst first, one verdict after the other; the numbers follow. */
static void in_order_of_verdicts(struct wsc_page *page) {
  size_t num = page->num_findings;
  struct wsc_finding *ordered = wsc_malloc((num + 1) * sizeof *ordered);
  size_t *moved = wsc_malloc((num + 1) * sizeof *moved);
  size_t used = 0;
  for (int verdict = 0; verdict <= WSC_NUM_VERDICTS; verdict++) {
    for (size_t i = 0; i < num; i++) {
      if ((int)page->findings[i].verdict == verdict) {
        moved[i] = used;
        ordered[used++] = page->findings[i];
      }
    }
  }
  for (size_t i = 0; i < page->num_results; i++) {
    if (page->finding_of[i] != WSC_NOWHERE) {
      page->finding_of[i] = moved[page->finding_of[i]];
    }
  }
  free(moved);
  free(page->findings);
  page->findings = ordered;
}

void wsc_page_group(struct wsc_page *page) {
  size_t num = page->num_results;
  json_t *groups = wsc_json_object();
  page->findings = wsc_malloc((num + 1) * sizeof *page->findings);
  page->finding_of = wsc_malloc((num + 1) * sizeof *page->finding_of);
  for (size_t i = 0; i < num; i++) {
    page->finding_of[i] = WSC_NOWHERE;
    if (wsc_page_is_finding(json_array_get(page->results, i))) {
      add_result(page, groups, i);
    }
  }
  json_decref(groups);
  in_order_of_verdicts(page);
}

/* -- showing ------------------------------------------------------------ */

static void heading(struct wsc_page *page, const json_t *result) {
  const json_t *info = wsc_page_case(page, result);
  const char *title = wsc_page_text(info, "title");
  const char *id = wsc_page_text(result, "case");
  const char *file = wsc_page_text(info, "file");
  wsc_strbuf_puts(&page->out, "<h3>");
  wsc_html_badge(&page->out, wsc_page_verdict(result));
  wsc_html(&page->out, " %s</h3>\n<p class=\"where\"><code>%s</code>",
           title[0] != '\0' ? title : id, id);
  if (file[0] != '\0') {
    wsc_html(&page->out, " <span class=\"dim\">%s:%d</span>", file,
             wsc_page_int(info, "line"));
  }
  wsc_strbuf_puts(&page->out, "</p>\n");
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

/* Who it is about, and what each of them sent. */
static void conversation(struct wsc_page *page, const json_t *result,
                         bool open) {
  size_t target =
      wsc_page_position(page->target_index, wsc_page_text(result, "target"));
  const char *chop = wsc_page_text(result, "chop");
  wsc_html(&page->out,
           "<details class=\"who\"%s><summary><b>%s</b> "
           "<span class=\"dim\">%s",
           open ? " open" : "",
           target == WSC_NOWHERE
               ? wsc_page_text(result, "target")
               : wsc_page_agent(wsc_page_target(page, target)),
           wsc_page_text(result, "variant"));
  if (strcmp(chop, "whole") != 0) {
    wsc_html(&page->out, ", %s", chop);
  }
  wsc_strbuf_puts(&page->out, "</span></summary>\n");
  wsc_page_command(page, result);
  wsc_page_trace(page, result);
  wsc_strbuf_puts(&page->out, "</details>\n");
}

static void one_finding(struct wsc_page *page, size_t number) {
  const struct wsc_finding *finding = &page->findings[number];
  const char *reason = wsc_page_text(finding->result, "reason");
  wsc_html(&page->out, "<article class=\"finding f-%s\" id=\"finding-%z\">",
           wsc_page_text(finding->result, "verdict"), number);
  heading(page, finding->result);
  if (reason[0] != '\0') {
    wsc_html(&page->out, "<p class=\"reason\">%s</p>\n", reason);
  }
  expectation(page, finding->result);
  wsc_page_clauses(page, finding->result);
  wsc_page_source(page, finding->result);
  for (size_t i = 0; i < page->num_results; i++) {
    if (page->finding_of[i] == number) {
      conversation(page, json_array_get(page->results, i),
                   finding->num_results == 1);
    }
  }
  wsc_strbuf_puts(&page->out, "</article>\n");
}

void wsc_page_findings(struct wsc_page *page) {
  wsc_html(&page->out,
           "<section id=\"findings\"><h2>Findings <small>%z"
           "</small></h2>\n",
           page->num_findings);
  if (page->num_findings == 0) {
    wsc_strbuf_puts(&page->out, "<p>None.</p>\n");
  }
  for (size_t i = 0; i < page->num_findings; i++) {
    one_finding(page, i);
  }
  wsc_strbuf_puts(&page->out, "</section>\n");
}
