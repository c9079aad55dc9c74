#include "reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "file.h"
#include "output.h"
#include "report_html.h"

#define STEP_SUMMARY_MAX (1024 * 1024) /* what GitHub takes of a step */

static const char kind_json[] = "json";
static const char kind_html[] = "html";
static const char kind_autobahn[] = "autobahn";
static const char kind_github[] = "github";

static bool ends_with(const char *text, const char *tail) {
  size_t len = strlen(text);
  size_t tail_len = strlen(tail);
  return len > tail_len && strcmp(text + len - tail_len, tail) == 0;
}

const char *wsc_report_kind_of(const char *path) {
  const struct wsc_format *format = wsc_format_of_path(path);
  if (format != NULL) {
    return format->name; /* .sarif.json before .json */
  }
  if (ends_with(path, ".json")) {
    return kind_json;
  }
  return ends_with(path, ".html") ? kind_html : NULL;
}

const char *wsc_report_kind(const char *name) {
  static const char *const kinds[] = {kind_json, kind_html, kind_autobahn,
                                      kind_github};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i], name) == 0) {
      return kinds[i];
    }
  }
  const struct wsc_format *format = wsc_format_by_name(name);
  return format == NULL ? NULL : format->name;
}

static char *joined(const char *directory, const char *name) {
  struct wsc_strbuf path;
  wsc_strbuf_init(&path);
  wsc_strbuf_printf(&path, "%s/%s", directory, name);
  return wsc_strbuf_take(&path);
}

/* -- before ------------------------------------------------------------- */

int wsc_report_check(const struct wsc_report_file *file) {
  if (strcmp(file->kind, kind_autobahn) != 0) {
    return wsc_output_check(file->path);
  }
  if (mkdir(file->path, 0777) != 0 && errno != EEXIST) {
    return wsc_usage("cannot make the directory '%s': %s", file->path,
                     strerror(errno));
  }
  char *path = joined(file->path, "index.json");
  int code = wsc_output_check(path);
  free(path);
  return code;
}

static int check_step_summary(void) {
  const char *path = getenv("GITHUB_STEP_SUMMARY");
  return path == NULL || path[0] == '\0' ? -1 : wsc_output_check(path);
}

/* -- after -------------------------------------------------------------- */

static bool complain(char *error) {
  fprintf(stderr, "wsspec: %s\n", error);
  free(error);
  return false;
}

static bool emit(void *user, const char *name, const char *data, size_t len) {
  char *error = NULL;
  char *path = joined(user, name);
  bool done = wsc_file_write(path, data, len, &error);
  free(path);
  return done || complain(error);
}

static bool write_text(const struct wsc_report_file *file,
                       const struct wsc_report_content *content) {
  const struct wsc_format *format = wsc_format_by_name(file->kind);
  struct wsc_strbuf text;
  char *error = NULL;
  wsc_strbuf_init(&text);
  if (format != NULL) {
    format->write(&text, content->run, content->fail_on);
  } else {
    wsc_format_github(&text, content->run, content->fail_on);
  }
  bool done = wsc_file_write(file->path, text.len == 0 ? "" : text.data,
                             text.len, &error);
  wsc_strbuf_free(&text);
  return done || complain(error);
}

bool wsc_report_write(const struct wsc_report_file *file,
                      const struct wsc_report_content *content) {
  char *error = NULL;
  if (file->kind == kind_json) {
    return wsc_run_write(content->run, file->path, &error) || complain(error);
  }
  if (file->kind == kind_html) {
    const struct wsc_report_html_options html = {
        .run = content->run, .older = content->older, .path = file->path};
    return wsc_report_html(&html, &error) || complain(error);
  }
  if (file->kind == kind_autobahn) {
    char *directory = wsc_strdup(file->path);
    bool done = wsc_format_autobahn(content->run, emit, directory);
    free(directory);
    return done;
  }
  return write_text(file, content);
}

bool wsc_report_step_summary(const struct wsc_report_content *content) {
  const char *path = getenv("GITHUB_STEP_SUMMARY");
  struct stat status;
  if (path == NULL || path[0] == '\0') {
    return true;
  }
  size_t used = stat(path, &status) == 0 ? (size_t)status.st_size : 0;
  size_t room = used < STEP_SUMMARY_MAX ? STEP_SUMMARY_MAX - used : 0;
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_format_markdown(&text, content->run, content->fail_on, room);
  FILE *file = fopen(path, "ab");
  bool done = file != NULL && (text.len == 0 || fwrite(text.data, 1, text.len,
                                                       file) == text.len);
  if (file != NULL && fclose(file) != 0) {
    done = false;
  }
  wsc_strbuf_free(&text);
  if (!done) {
    fprintf(stderr, "wsspec: cannot append to %s: %s\n", path, strerror(errno));
  }
  return done;
}

/* -- all of a command --------------------------------------------------- */

#define FILES_MAX 16

/* The files that the options ask for; returns their number. */
static size_t list(const struct wsc_options *options,
                   struct wsc_report_file files[FILES_MAX]) {
  const struct wsc_report_file asked[] = {
      {kind_json, options->json},        {kind_html, options->html},
      {"junit", options->junit},         {"tap", options->tap},
      {"sarif", options->sarif},         {"markdown", options->markdown},
      {"badge", options->badge},         {"pcapng", options->pcapng},
      {kind_autobahn, options->autobahn}};
  size_t num = 0;
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
    if (asked[i].path != NULL) {
      files[num++] = asked[i];
    }
  }
  return num;
}

static size_t num_to_stdout(const struct wsc_options *options) {
  struct wsc_report_file files[FILES_MAX];
  size_t num = list(options, files);
  size_t found = 0;
  for (size_t i = 0; i < num; i++) {
    found += files[i].kind != kind_autobahn && strcmp(files[i].path, "-") == 0;
  }
  return found;
}

bool wsc_reports_wanted(const struct wsc_options *options) {
  struct wsc_report_file files[FILES_MAX];
  return list(options, files) != 0 || options->github;
}

bool wsc_reports_take_stdout(const struct wsc_options *options) {
  return num_to_stdout(options) != 0;
}

int wsc_reports_check(const struct wsc_options *options) {
  struct wsc_report_file files[FILES_MAX];
  size_t num = list(options, files);
  int code = options->github ? check_step_summary() : -1;
  if (num_to_stdout(options) > 1) {
    return wsc_usage("standard output ('-') takes one report, not several");
  }
  for (size_t i = 0; i < num && code < 0; i++) {
    code = wsc_report_check(&files[i]);
  }
  return code;
}

static bool annotate(const struct wsc_report_content *content, FILE *terminal) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_format_github(&text, content->run, content->fail_on);
  fputs(text.len == 0 ? "" : text.data, terminal);
  wsc_strbuf_free(&text);
  return wsc_report_step_summary(content);
}

bool wsc_reports_write(const struct wsc_options *options,
                       const struct wsc_run *run, FILE *terminal) {
  const struct wsc_report_content content = {.run = run};
  struct wsc_report_file files[FILES_MAX];
  size_t num = list(options, files);
  bool done = true;
  for (size_t i = 0; i < num; i++) {
    done = wsc_report_write(&files[i], &content) && done;
  }
  if (options->github) {
    done = annotate(&content, terminal) && done;
  }
  return done;
}
