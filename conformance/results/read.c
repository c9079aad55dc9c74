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

struct wsc_run *wsc_run_read(const char *path, char **error) {
  struct wsc_strbuf text;
  json_error_t at;
  char *wrong = NULL;
  wsc_strbuf_init(&text);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    wsc_strbuf_printf(&text, "cannot read %s: %s", path, strerror(errno));
    return fail(error, &text);
  }
  /* Duplicate members would let two readers see two documents. */
  json_t *document = json_loadf(file, JSON_REJECT_DUPLICATES, &at);
  fclose(file);
  if (document == NULL) {
    bool ended = json_error_code(&at) == json_error_premature_end_of_input;
    wsc_strbuf_printf(&text, "%s:%d:%d: %s: ", path, at.line, at.column,
                      ended ? "the document is truncated" : "not JSON");
    wsc_strbuf_escape(&text, at.text, strlen(at.text), WSC_ESCAPE_TEXT);
    return fail(error, &text);
  }
  if (!wsc_rules_check(document, &wrong)) {
    wsc_strbuf_printf(&text, "%s: %s", path, wrong);
    free(wrong);
    json_decref(document);
    return fail(error, &text);
  }
  return wsc_run_adopt(document);
}
