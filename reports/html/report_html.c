#include "report_html.h"

#include <string.h>

#include "csp.h"
#include "embedded.h"
#include "file.h"
#include "markup.h"
#include "page.h"

extern const struct wsc_embedded report_web[];

/* The file of reports/web/ that ends in `suffix`, byte for byte: the policy
 * names its hash. */
static void add_web(struct wsc_page *page, const char *suffix) {
  for (const struct wsc_embedded *file = report_web; file->name != NULL;
       file++) {
    size_t len = strlen(file->name);
    size_t suffix_len = strlen(suffix);
    if (len > suffix_len &&
        strcmp(file->name + len - suffix_len, suffix) == 0) {
      wsc_strbuf_add(&page->out, file->data, (size_t)(file->end - file->data));
    }
  }
}

static void title(struct wsc_page *page) {
  size_t i;
  json_t *target;
  wsc_strbuf_puts(&page->out, "<title>WebSocket conformance");
  json_array_foreach(page->targets, i, target) {
    const char *agent = wsc_page_text(target, "agent");
    wsc_html(&page->out, "%s%s", i == 0 ? ": " : ", ",
             agent[0] != '\0' ? agent : wsc_page_text(target, "id"));
  }
  wsc_strbuf_puts(&page->out, "</title>\n");
}

static void head(struct wsc_page *page) {
  wsc_strbuf_puts(
      &page->out,
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src " REPORT_CSP_STYLE "; script-src " REPORT_CSP_SCRIPT
      "; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n");
  title(page);
  wsc_strbuf_puts(&page->out, "<style>");
  add_web(page, ".css");
  wsc_strbuf_puts(&page->out, "</style>\n</head>\n");
}

static void masthead(struct wsc_page *page) {
  const json_t *tool = json_object_get(page->document, "tool");
  wsc_html(&page->out,
           "<body>\n<a class=\"skip-link\" href=\"#summary\">To the "
           "summary</a>\n<header><p class=\"brand\">wsspec %s "
           "<span>suite %s</span></p><h1>WebSocket conformance</h1>\n",
           wsc_page_text(tool, "version"), wsc_page_text(tool, "suite"));
  wsc_page_command_of_run(page);
  wsc_html(
      &page->out,
      "</header><nav aria-label=\"Sections\"><a href=\"#summary\">Summary</a>"
      "<a href=\"#matrix\">Matrix</a>"
      "<a href=\"#findings\">Findings</a>"
      "<a href=\"#coverage\">Coverage</a>"
      "<a href=\"#close-codes\">Status codes</a>");
  wsc_strbuf_puts(&page->out,
                  page->older == NULL ? "" : "<a href=\"#diff\">Changes</a>");
  wsc_strbuf_puts(&page->out, "<a href=\"#legend\">Legend</a></nav>\n"
                              "<main>\n");
}

static void legend(struct wsc_page *page) {
  static const char *const meanings[] = {
      [WSC_FAIL] = "a MUST is broken",
      [WSC_ERROR] = "could not be measured; not blamed on the peer",
      [WSC_WARN] = "a SHOULD is broken, or a MUST that a grading rule softens",
      [WSC_PASS] = "judged, and kept",
      [WSC_INFO] = "a measured choice that no clause binds",
      [WSC_SKIP] = "a precondition is absent; the reason says which"};
  wsc_strbuf_puts(&page->out, "<section id=\"legend\"><h2>Legend</h2><dl>");
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    wsc_strbuf_puts(&page->out, "<div><dt>");
    wsc_html_badge(&page->out, (enum wsc_verdict)verdict);
    wsc_html(&page->out, "</dt><dd>%s</dd></div>", meanings[verdict]);
  }
  wsc_strbuf_puts(
      &page->out,
      "</dl><p>The verdict of a requirement is that of the worst clause that "
      "cites it, in this order. There is no overall score: a sum would say "
      "that one broken MUST can be made up for. Octets that came from the peer "
      "are shown as \\xNN where they are not plain text.</p></section>\n");
}

void wsc_report_html_text(const struct wsc_report_html_options *options,
                          struct wsc_strbuf *out) {
  struct wsc_page page;
  wsc_page_init(&page, wsc_run_json(options->run),
                options->older == NULL ? NULL : wsc_run_json(options->older));
  head(&page);
  masthead(&page);
  wsc_page_overview(&page);
  wsc_page_changes(&page);
  wsc_page_matrix(&page);
  wsc_page_findings(&page);
  wsc_page_coverage(&page);
  wsc_page_codes(&page);
  legend(&page);
  wsc_strbuf_puts(&page.out, "<section id=\"case\" hidden></section>\n"
                             "</main>\n");
  wsc_page_data(&page);
  wsc_strbuf_puts(&page.out, "<script>");
  add_web(&page, ".js");
  wsc_strbuf_puts(&page.out, "</script>\n</body>\n</html>\n");
  wsc_strbuf_add(out, page.out.data, page.out.len);
  wsc_page_free(&page);
}

bool wsc_report_html(const struct wsc_report_html_options *options,
                     char **error) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_report_html_text(options, &text);
  bool done = wsc_file_write(options->path, text.data, text.len, error);
  wsc_strbuf_free(&text);
  return done;
}
