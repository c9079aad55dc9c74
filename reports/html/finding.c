/* finding.c: clauses and script of a result. */
#include <inttypes.h>
#include <string.h>

#include "markup.h"
#include "page.h"

static void requirement_link(struct wsc_page *page, const char *id) {
  const json_t *row = wsc_page_row(page, id);
  const char *url = wsc_page_text(row, "url");
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
    wsc_page_standard(page, row);
    wsc_html(&page->out, " \u00A7%s</a>", wsc_page_text(row, "section"));
  }
}

static bool is_text(const json_t *a, const json_t *b, const char *key) {
  return strcmp(wsc_page_text(a, key), wsc_page_text(b, key)) == 0;
}

/* `before`: the clause shown before, or NULL. What it says of requirement and
 * verdict is not said again. */
static void one_clause(struct wsc_page *page, const json_t *clause,
                       const json_t *before) {
  bool more = before != NULL && is_text(clause, before, "requirement") &&
              is_text(clause, before, "verdict");
  enum wsc_verdict verdict = wsc_page_verdict(clause);
  const char *label = wsc_page_text(clause, "label");
  const char *expected = wsc_page_text(clause, "expected");
  const char *got = wsc_page_text(clause, "got");
  int line = wsc_page_int(clause, "line");
  wsc_html(&page->out, "<li class=\"clause c-%s%s\">",
           wsc_page_text(clause, "verdict"), more ? " more" : "");
  if (!more) {
    wsc_strbuf_puts(&page->out, "<p>");
    wsc_html_badge(&page->out, verdict);
    wsc_strbuf_puts(&page->out, " ");
    requirement_link(page, wsc_page_text(clause, "requirement"));
    wsc_strbuf_puts(&page->out, "</p>");
  }
  wsc_strbuf_puts(&page->out, "<dl>");
  if (expected[0] != '\0') {
    bool note = strcmp(wsc_page_text(clause, "strength"), "note") == 0;
    wsc_html(&page->out, "<dt>%s</dt><dd>%s</dd>", note ? "noted" : "expected",
             expected);
  }
  if (got[0] != '\0') {
    wsc_html(&page->out, "<dt>got</dt><dd class=\"got\">%s</dd>", got);
  }
  if (label[0] != '\0') {
    wsc_html(&page->out, "<dt>variation</dt><dd>%s</dd>", label);
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

/* The broken clauses, worst first; the order of the script within a verdict. */
void wsc_page_clauses(struct wsc_page *page, const json_t *result) {
  const json_t *clauses = json_object_get(result, "clauses");
  const json_t *before = NULL;
  wsc_strbuf_puts(&page->out, "<ul class=\"clauses\">\n");
  for (int verdict = WSC_FAIL; verdict <= WSC_WARN; verdict++) {
    size_t i;
    json_t *clause;
    json_array_foreach(clauses, i, clause) {
      if ((int)wsc_page_verdict(clause) == verdict) {
        one_clause(page, clause, before);
        before = clause;
      }
    }
  }
  wsc_strbuf_puts(&page->out, "</ul>\n");
}

/* The lines whose clauses are broken are marked. */
static bool is_broken_at(const json_t *result, int64_t line) {
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
  int64_t line = wsc_page_int(info, "line");
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
    wsc_strbuf_printf(&page->out, "<%s><b>%4" PRId64 "</b>  ", tag, line++);
    wsc_html_text_len(&page->out, pos, len);
    wsc_html(&page->out, "</%s>\n", tag);
    pos += len + (pos[len] == '\n');
  }
  wsc_strbuf_puts(&page->out, "</pre></details>\n");
}
