#include "output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "strbuf.h"

/* The directory must exist and take a new file. */
static bool is_writable(const char *path) {
  char directory[4096];
  const char *slash = strrchr(path, '/');
  if (path[0] == '\0' || (slash != NULL && slash[1] == '\0')) {
    errno = EISDIR;
    return false;
  }
  size_t len = slash == NULL ? 0 : (size_t)(slash - path);
  if (len >= sizeof directory) {
    errno = ENAMETOOLONG;
    return false;
  }
  memcpy(directory, path, len);
  directory[len] = '\0';
  if (len == 0) {
    strcpy(directory, slash == NULL ? "." : "/");
  }
  struct stat status;
  bool exists = stat(path, &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return false;
  }
  return access(directory, W_OK | X_OK) == 0 &&
         (!exists || access(path, W_OK) == 0);
}

int wsc_output_check(const char *path) {
  if (path == NULL || strcmp(path, "-") == 0 || is_writable(path)) {
    return -1;
  }
  return wsc_usage("cannot write '%s': %s; name a file in a directory that can "
                   "be written",
                   path, strerror(errno));
}

static int append(const char *data, size_t len, void *text) {
  wsc_strbuf_add(text, data, len);
  return 0;
}

int wsc_output_json(const json_t *value, const char *path) {
  struct wsc_strbuf text;
  char *error = NULL;
  wsc_strbuf_init(&text);
  json_dump_callback(value, append, &text, JSON_INDENT(1));
  wsc_strbuf_puts(&text, "\n");
  bool done = wsc_file_write(path, text.data, text.len, &error);
  wsc_strbuf_free(&text);
  int code = done ? -1 : wsc_usage("%s", error);
  free(error);
  return code;
}
