/* report_command.c: `wsspec report RUN.json... -o FILE` and `wsspec badge`. */
#include <string.h>

#include "documents.h"
#include "reports.h"

struct report {
  struct wsc_report_file files[WSC_LIST_MAX];
  size_t num;
  struct wsc_report_content content;
};

static int add_file(struct report *report, const struct wsc_options *options,
                    const char *path) {
  const char *kind = options->format != NULL ? wsc_report_kind(options->format)
                                             : wsc_report_kind_of(path);
  if (options->format != NULL && kind == NULL) {
    return wsc_usage("--format: '%s' is not one of its values, see "
                     "docs/reports.md",
                     options->format);
  }
  if (kind == NULL) {
    return wsc_usage("'%s' does not end as a report does (.json, .html, .xml, "
                     ".tap, .sarif, .md, .svg, .pcapng); name one with "
                     "--format",
                     path);
  }
  const struct wsc_report_file file = {kind, path};
  report->files[report->num++] = file;
  return wsc_report_check(&file);
}

static int list_files(struct report *report,
                      const struct wsc_options *options) {
  const struct wsc_list *outputs = &options->outputs;
  bool annotations =
      options->format != NULL && strcmp(options->format, "github") == 0;
  int code = -1;
  if (outputs->num == 0 && annotations) {
    return add_file(report, options, "-");
  }
  if (outputs->num == 0) {
    return wsc_usage("report needs -o FILE");
  }
  if (outputs->num > 1 && options->format != NULL) {
    return wsc_usage("--format is for one -o");
  }
  for (size_t i = 0; i < outputs->num && code < 0; i++) {
    code = add_file(report, options, outputs->items[i]);
  }
  return code;
}

static enum wsc_fail_on fail_on(const struct wsc_options *options) {
  if (options->fail_on == NULL) {
    return WSC_FAIL_ON_OF_RUN;
  }
  return options->fail_on_warn ? WSC_FAIL_ON_WARN : WSC_FAIL_ON_FAIL;
}

static int write_all(const struct report *report) {
  bool done = true;
  for (size_t i = 0; i < report->num; i++) {
    done = wsc_report_write(&report->files[i], &report->content) && done;
    if (strcmp(report->files[i].kind, "github") == 0) {
      done = wsc_report_step_summary(&report->content) && done;
    }
  }
  return done ? WSC_EXIT_OK : WSC_EXIT_USAGE;
}

static int read_and_write(struct report *report,
                          const struct wsc_options *options) {
  struct wsc_run *older = NULL;
  if (options->compare != NULL) {
    older = wsc_document_read(options->compare);
    if (older == NULL) {
      return WSC_EXIT_USAGE;
    }
  }
  struct wsc_run *run =
      wsc_documents_merge(&options->arguments, &options->only);
  int code = WSC_EXIT_USAGE;
  if (run != NULL) {
    report->content = (struct wsc_report_content){
        .run = run, .older = older, .fail_on = fail_on(options)};
    code = write_all(report);
  }
  wsc_run_free(run);
  wsc_run_free(older);
  return code;
}

int wsc_command_report(const struct wsc_options *options) {
  struct report report = {.num = 0};
  if (options->arguments.num == 0) {
    return wsc_usage("report needs a run document, as --json writes it");
  }
  int code = list_files(&report, options);
  return code < 0 ? read_and_write(&report, options) : code;
}

int wsc_command_badge(const struct wsc_options *options) {
  struct report report = {.num = 1};
  if (options->arguments.num == 0 || options->outputs.num > 1) {
    return wsc_usage("badge takes run documents and one -o FILE");
  }
  report.files[0] = (struct wsc_report_file){
      .kind = wsc_report_kind("badge"),
      .path = options->outputs.num == 0 ? "-" : options->outputs.items[0]};
  int code = wsc_report_check(&report.files[0]);
  return code < 0 ? read_and_write(&report, options) : code;
}
