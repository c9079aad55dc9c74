/* explain_command.c: `wsspec explain`. */
#include <string.h>

#include "cli.h"
#include "faulty.h"
#include "requirements.h"
#include "suite.h"

static void print_requirement(const struct wsc_requirement *row) {
  char url[256];
  wsc_requirement_url(row, url, sizeof url);
  printf("  %s (%s, section %s): %s\n    %s\n", row->id, row->level,
         row->section, row->statement, url);
}

static void print_list(const char *name, const char *const *items, size_t num) {
  if (num == 0) {
    return;
  }
  printf("%s:", name);
  for (size_t i = 0; i < num; i++) {
    printf(" %s", items[i]);
  }
  putchar('\n');
}

static void explain_case(const struct wsc_suite *suite,
                         const struct wsc_case *info) {
  printf("%s\n  %s\n\nrequirements:\n", info->id, info->title);
  for (size_t i = 0; i < info->num_requirements; i++) {
    print_requirement(wsc_requirement_find(info->requirements[i]));
  }
  print_list("autobahn", info->autobahn, info->num_autobahn);
  print_list("tags", info->tags, info->num_tags);
  printf("since: %s%s%s\n\n%s:%d\n", info->since,
         info->needs_echo ? "; needs a server that echoes" : "",
         info->baseline ? "; a valid handshake before and after" : "",
         info->file, info->line);
  for (int line = info->line; line <= info->end_line; line++) {
    size_t len;
    const char *text =
        wsc_host_source_line(suite->host, info->file, line, &len);
    printf("%5d  %.*s\n", line, (int)len, text);
  }
}

static void print_citing(const struct wsc_suite *suite, const char *id) {
  for (size_t i = 0; i < suite->num_all; i++) {
    if (wsc_suite_cites(suite->all[i], id)) {
      printf("    %s\n", suite->all[i]->id);
    }
  }
}

static void explain_requirement(const struct wsc_suite *suite,
                                const struct wsc_requirement *row) {
  print_requirement(row);
  printf("  role: %s; testable: %s\n  stimulus: %s\n  expected: %s\n",
         row->role, row->testable, row->stimulus, row->expected);
  if (row->note[0] != '\0') {
    printf("  note: %s\n", row->note);
  }
  if (row->tests[0] != '\0') {
    printf("  tests: %s\n", row->tests);
  }
  puts("  cases:");
  print_citing(suite, row->id);
}

static bool explain(const struct wsc_suite *suite, const char *id) {
  for (size_t i = 0; i < suite->num_all; i++) {
    if (strcmp(suite->all[i]->id, id) == 0) {
      explain_case(suite, suite->all[i]);
      return true;
    }
  }
  const struct wsc_requirement *row = wsc_requirement_find(id);
  if (row != NULL) {
    explain_requirement(suite, row);
    return true;
  }
  enum wsc_fault_id fault = wsc_fault_by_slug(id);
  if (fault == WSC_NO_FAULT) {
    return false;
  }
  const struct wsc_fault_entry *entry = wsc_fault_entry(fault);
  printf("%s\n  the peer %s\n\nbreaks:\n", entry->slug, entry->text);
  row = wsc_requirement_find(entry->requirement);
  if (row != NULL) {
    print_requirement(row);
  }
  return true;
}

int wsc_command_explain(const struct wsc_options *options) {
  static const char *const none[] = {NULL};
  if (options->arguments.num != 1) {
    return wsc_usage("explain takes one id: of a case, a requirement or a "
                     "fault");
  }
  struct wsc_suite suite;
  int code = wsc_suite_load(&suite, options, none);
  if (code < 0) {
    const char *id = options->arguments.items[0];
    code = WSC_EXIT_OK;
    if (!explain(&suite, id)) {
      code = wsc_usage("there is no case, requirement or fault '%s'", id);
    }
  }
  wsc_suite_free(&suite);
  return code;
}
