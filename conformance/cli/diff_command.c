/* diff_command.c: `wsspec diff OLD.json NEW.json`. */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "documents.h"
#include "output.h"
#include "terminal.h"

static const char *const titles[] = {"Regressions", "Fixed", "Other changes",
                                     "New", "Gone"};

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static void print_verdicts(FILE *out, const json_t *item) {
  const char *before = text_of(item, "old");
  const char *now = text_of(item, "new");
  fprintf(out, "  %-5s -> %-5s  ", before[0] == '\0' ? "-" : before,
          now[0] == '\0' ? "-" : now);
}

static void print_result(FILE *out, const json_t *item, bool several) {
  print_verdicts(out, item);
  wsc_terminal_escape(out, text_of(item, "case"));
  fputs(" [", out);
  wsc_terminal_escape(out, text_of(item, "variant"));
  if (strcmp(text_of(item, "chop"), "whole") != 0) {
    fputs(", ", out);
    wsc_terminal_escape(out, text_of(item, "chop"));
  }
  fputc(']', out);
  if (several) {
    fputs("  ", out);
    wsc_terminal_escape(out, text_of(item, "target"));
  }
  if (text_of(item, "reason")[0] != '\0') {
    fputs("\n                  ", out);
    wsc_terminal_escape(out, text_of(item, "reason"));
  }
  fputc('\n', out);
}

static void print_row(FILE *out, const json_t *item, bool several) {
  print_verdicts(out, item);
  wsc_terminal_escape(out, text_of(item, "id"));
  fputs("  ", out);
  wsc_terminal_escape(out, text_of(item, "level"));
  if (several) {
    fputs("  ", out);
    wsc_terminal_escape(out, text_of(item, "target"));
  }
  fputc('\n', out);
}

static void print_part(FILE *out, const json_t *part, const char *suffix,
                       bool several,
                       void (*print)(FILE *, const json_t *, bool)) {
  for (int change = 0; change < WSC_NUM_CHANGES; change++) {
    const json_t *items =
        json_object_get(part, wsc_change_name((enum wsc_change)change));
    size_t i;
    json_t *item;
    if (json_array_size(items) != 0) {
      fprintf(out, "%s%s: %zu\n", titles[change], suffix,
              json_array_size(items));
    }
    json_array_foreach(items, i, item) {
      print(out, item, several);
    }
  }
}

static size_t size_of(const json_t *part, enum wsc_change change) {
  return json_array_size(json_object_get(part, wsc_change_name(change)));
}

static void print_diff(FILE *out, const json_t *diff, bool several) {
  const json_t *results = json_object_get(diff, "results");
  print_part(out, results, "", several, print_result);
  print_part(out, json_object_get(diff, "requirements"), " of requirements",
             several, print_row);
  fprintf(out,
          "%zu regressions, %zu fixed, %zu other changes, %zu new, "
          "%zu gone\n",
          size_of(results, WSC_CHANGE_REGRESSION),
          size_of(results, WSC_CHANGE_FIXED),
          size_of(results, WSC_CHANGE_OTHER), size_of(results, WSC_CHANGE_NEW),
          size_of(results, WSC_CHANGE_GONE));
}

static int report(const struct wsc_options *options,
                  const struct wsc_run *before, const struct wsc_run *now) {
  json_t *diff = wsc_run_diff(before, now);
  bool to_stdout = options->json != NULL && strcmp(options->json, "-") == 0;
  bool several =
      json_array_size(json_object_get(wsc_run_json(now), "targets")) > 1;
  int code = options->json == NULL ? -1 : wsc_output_json(diff, options->json);
  if (!to_stdout) {
    print_diff(stdout, diff, several);
  }
  if (code < 0) {
    code = size_of(json_object_get(diff, "results"), WSC_CHANGE_REGRESSION) == 0
               ? WSC_EXIT_OK
               : WSC_EXIT_UNEXPECTED;
  }
  json_decref(diff);
  return code;
}

int wsc_command_diff(const struct wsc_options *options) {
  if (options->arguments.num != 2) {
    return wsc_usage("diff takes two run documents, the older one first");
  }
  int code = wsc_output_check(options->json);
  if (code >= 0) {
    return code;
  }
  struct wsc_run *before = wsc_document_read(options->arguments.items[0]);
  struct wsc_run *now =
      before == NULL ? NULL : wsc_document_read(options->arguments.items[1]);
  code = now == NULL ? WSC_EXIT_USAGE : report(options, before, now);
  wsc_run_free(before);
  wsc_run_free(now);
  return code;
}
