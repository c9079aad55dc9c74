/* Writes a run document and each format of it into a folder, for what checks
 * them from outside: render_formats run|matrix|hostile|wire|RUN.json FOLDER. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "poison.h"
#include "report_formats.h"
#include "run_fixture.h"
#include "wire_fixture.h"

static bool emit(void *folder, const char *name, const char *data, size_t len) {
  struct wsc_strbuf path;
  char *error = NULL;
  wsc_strbuf_init(&path);
  wsc_strbuf_printf(&path, "%s/%s", (const char *)folder, name);
  bool done = wsc_file_write(path.data, data, len, &error);
  if (!done) {
    fprintf(stderr, "%s\n", error);
  }
  free(error);
  wsc_strbuf_free(&path);
  return done;
}

static struct wsc_run *open_run(const char *which) {
  if (strcmp(which, "run") == 0) {
    return fixture_run(60);
  }
  if (strcmp(which, "matrix") == 0) {
    return fixture_matrix();
  }
  if (strcmp(which, "wire") == 0) {
    return fixture_wire();
  }
  if (strcmp(which, "hostile") == 0) {
    struct wsc_run *plain = fixture_run(60);
    struct wsc_run *run = poisoned(plain, poison);
    wsc_run_free(plain);
    return run;
  }
  char *error = NULL;
  struct wsc_run *run = wsc_run_read(which, &error);
  if (run == NULL) {
    fprintf(stderr, "%s\n", error);
  }
  free(error);
  return run;
}

static bool write_all(const struct wsc_run *run, char *folder) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  bool done = true;
  for (size_t i = 0; done && wsc_format_at(i) != NULL; i++) {
    const struct wsc_format *format = wsc_format_at(i);
    char name[32];
    snprintf(name, sizeof name, "run%s", format->extension);
    text.len = 0;
    format->write(&text, run, WSC_FAIL_ON_OF_RUN);
    done = emit(folder, name, text.data, text.len);
  }
  text.len = 0;
  wsc_format_github(&text, run, WSC_FAIL_ON_OF_RUN);
  done = done &&
         emit(folder, "run.github", text.len == 0 ? "" : text.data, text.len);
  wsc_strbuf_free(&text);
  return done && wsc_format_autobahn(run, emit, folder);
}

int main(int argc, char **argv) {
  char *error = NULL;
  if (argc != 3) {
    fprintf(stderr, "usage: %s run|matrix|hostile|wire|RUN.json FOLDER\n",
            argv[0]);
    return 4;
  }
  struct wsc_run *run = open_run(argv[1]);
  if (run == NULL) {
    return 4;
  }
  struct wsc_strbuf path;
  wsc_strbuf_init(&path);
  wsc_strbuf_printf(&path, "%s/run.json", argv[2]);
  bool done = wsc_run_write(run, path.data, &error) && write_all(run, argv[2]);
  if (error != NULL) {
    fprintf(stderr, "%s\n", error);
  }
  free(error);
  wsc_strbuf_free(&path);
  wsc_run_free(run);
  return done ? 0 : 3;
}
