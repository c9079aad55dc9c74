#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_internal.h"
#include "strbuf.h"

static struct wsc_run *fail(char **error, struct wsc_strbuf *text) {
  *error = wsc_strbuf_take(text);
  return NULL;
}

/* Duplicate members would let two readers see two documents. */
#define FLAGS JSON_REJECT_DUPLICATES

/* Takes over `document`; NULL: `at` says why there is none. */
static struct wsc_run *adopt(json_t *document, const json_error_t *at,
                             const char *name, char **error) {
  struct wsc_strbuf text;
  char *wrong = NULL;
  wsc_strbuf_init(&text);
  if (document == NULL) {
    bool ended = json_error_code(at) == json_error_premature_end_of_input;
    wsc_strbuf_printf(&text, "%s:%d:%d: %s: ", name, at->line, at->column,
                      ended ? "the document is truncated" : "not JSON");
    wsc_strbuf_escape(&text, at->text, strlen(at->text), WSC_ESCAPE_TEXT);
    return fail(error, &text);
  }
  if (!wsc_rules_check(document, &wrong)) {
    wsc_strbuf_printf(&text, "%s: %s", name, wrong);
    free(wrong);
    json_decref(document);
    return fail(error, &text);
  }
  return wsc_run_adopt(document);
}

struct wsc_run *wsc_run_read(const char *path, char **error) {
  json_error_t at;
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    struct wsc_strbuf text;
    wsc_strbuf_init(&text);
    wsc_strbuf_printf(&text, "cannot read %s: %s", path, strerror(errno));
    return fail(error, &text);
  }
  json_t *document = json_loadf(file, FLAGS, &at);
  fclose(file);
  return adopt(document, &at, path, error);
}

struct wsc_run *wsc_run_parse(const char *text, size_t len, const char *name,
                              char **error) {
  json_error_t at;
  json_t *document = json_loadb(text, len, FLAGS, &at);
  return adopt(document, &at, name, error);
}
