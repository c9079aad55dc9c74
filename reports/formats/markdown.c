/* markdown.c: a summary to read in a pull request or on the page of a CI run. */
#include <string.h>

#include "reading.h"

#define FINDINGS_MAX 200 /* lines of the list of findings */

static const enum wsc_verdict order[] = {WSC_FAIL, WSC_ERROR, WSC_WARN,
                                         WSC_PASS, WSC_INFO,  WSC_SKIP};
#define NUM_ORDER (sizeof order / sizeof *order)

static void add_counts(struct wsc_strbuf *out, const json_t *document) {
  size_t i;
  json_t *target;
  wsc_strbuf_puts(out, "| implementation |");
  for (size_t k = 0; k < NUM_ORDER; k++) {
    wsc_strbuf_printf(out, " %s |", wsc_verdict_name(order[k]));
  }
  wsc_strbuf_puts(out, "\n|---|--:|--:|--:|--:|--:|--:|\n");
  json_array_foreach(wsc_read_list(document, "targets"), i, target) {
    const json_t *summary = json_object_get(target, "summary");
    wsc_strbuf_puts(out, "| ");
    wsc_add_markdown(out, wsc_read_agent(target));
    wsc_strbuf_puts(out, " |");
    for (size_t k = 0; k < NUM_ORDER; k++) {
      wsc_strbuf_printf(out, " %d |",
                        wsc_read_int(summary, wsc_verdict_name(order[k])));
    }
    wsc_strbuf_puts(out, "\n");
  }
}

static void add_finding(struct wsc_strbuf *out, const json_t *document,
                        const json_t *result) {
  const json_t *targets = wsc_read_list(document, "targets");
  const json_t *info = wsc_read_by_id(wsc_read_list(document, "cases"),
                                      wsc_read_text(result, "case"));
  const json_t *clause = wsc_read_worst(result);
  struct wsc_strbuf text;
  wsc_strbuf_printf(out, "- **%s** ",
                    wsc_verdict_name(wsc_read_verdict(result)));
  wsc_strbuf_init(&text);
  wsc_read_name(&text, result);
  wsc_add_markdown(out, text.data);
  wsc_strbuf_free(&text);
  if (json_array_size(targets) > 1) {
    wsc_strbuf_puts(out, " (");
    wsc_add_markdown(out, wsc_read_agent(wsc_read_by_id(
                              targets, wsc_read_text(result, "target"))));
    wsc_strbuf_puts(out, ")");
  }
  wsc_strbuf_puts(out, ": ");
  wsc_add_markdown(out, wsc_read_text(info, "title"));
  if (clause != NULL) {
    wsc_strbuf_puts(out, ". ");
    wsc_add_markdown(out, wsc_read_text(clause, "requirement"));
  }
  wsc_strbuf_puts(out, ": ");
  wsc_strbuf_init(&text);
  wsc_strbuf_puts(&text, "");
  wsc_read_sentence(&text, result);
  wsc_add_markdown(out, text.data);
  wsc_strbuf_free(&text);
  wsc_strbuf_puts(out, "\n");
}

static bool is_finding(const json_t *result, enum wsc_verdict verdict) {
  return wsc_read_verdict(result) == verdict;
}

static void add_findings(struct wsc_strbuf *out, const json_t *document) {
  size_t num = 0;
  for (size_t k = 0; k < 3; k++) {
    size_t i;
    json_t *result;
    json_array_foreach(wsc_read_list(document, "results"), i, result) {
      if (!is_finding(result, order[k])) {
        continue;
      }
      if (num < FINDINGS_MAX) {
        wsc_strbuf_puts(out, num == 0 ? "\n### Findings\n\n" : "");
        add_finding(out, document, result);
      }
      num++;
    }
  }
  if (num == 0) {
    wsc_strbuf_puts(out, "\nNothing failed, and nothing deserves a warning.\n");
  } else if (num > FINDINGS_MAX) {
    wsc_strbuf_printf(out, "- and %zu more: see the HTML report\n",
                      num - FINDINGS_MAX);
  }
}

void wsc_format_markdown(struct wsc_strbuf *out, const json_t *document,
                         const struct wsc_format_options *options) {
  const json_t *run = json_object_get(document, "run");
  (void)options;
  wsc_strbuf_puts(out, "## WebSocket conformance\n\n");
  if (json_is_true(json_object_get(run, "interrupted"))) {
    wsc_strbuf_puts(out, "**The run was interrupted; what is missing was not "
                         "measured.**\n\n");
  }
  add_counts(out, document);
  add_findings(out, document);
}
