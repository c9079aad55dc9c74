#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "file.h"
#include "run_internal.h"
#include "strbuf.h"

static int append(const char *data, size_t len, void *text) {
  wsc_strbuf_add(text, data, len);
  return 0;
}

bool wsc_run_write(const struct wsc_run *run, const char *path, char **error) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  /* A member a line: documents of two runs can be compared with any diff. */
  if (json_dump_callback(run->document, append, &text, JSON_INDENT(1)) != 0) {
    wsc_strbuf_free(&text);
    *error = wsc_strdup("the run document cannot be written as JSON");
    return false;
  }
  wsc_strbuf_puts(&text, "\n");
  bool done = wsc_file_write(path, text.data, text.len, error);
  wsc_strbuf_free(&text);
  return done;
}
