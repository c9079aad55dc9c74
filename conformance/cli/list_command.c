/* list_command.c: `wsspec list` and `wsspec explain`. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "faulty.h"
#include "requirements.h"
#include "suite.h"

static void list_cases(const struct wsc_suite *suite) {
  for (size_t i = 0; i < suite->num_selected; i++) {
    const struct wsc_case *info = suite->selected[i];
    printf("%-44s %s\n", info->id, info->title);
  }
}

static bool cites(const struct wsc_case *info, const char *id) {
  for (size_t i = 0; i < info->num_requirements; i++) {
    if (strcmp(info->requirements[i], id) == 0) {
      return true;
    }
  }
  return false;
}

static void print_citing(const struct wsc_suite *suite, const char *id,
                         const char *indent, const char *end) {
  for (size_t i = 0; i < suite->num_all; i++) {
    if (cites(suite->all[i], id)) {
      printf("%s%s%s", indent, suite->all[i]->id, end);
    }
  }
}

static bool wanted(const char *id, const char *const *filters) {
  bool any = *filters == NULL;
  for (; *filters != NULL && !any; filters++) {
    const char *glob = *filters;
    glob = strncmp(glob, "req:", 4) == 0 ? glob + 4 : glob;
    any = fnmatch(glob, id, 0) == 0;
  }
  return any;
}

static size_t list_requirements(const struct wsc_suite *suite,
                                const char *const *filters) {
  size_t num;
  const struct wsc_requirement *rows = wsc_requirements(&num);
  size_t listed = 0;
  for (size_t i = 0; i < num; i++) {
    if (wanted(rows[i].id, filters)) {
      listed++;
      printf("%-18s %-6s %s\n", rows[i].id, rows[i].level, rows[i].statement);
      print_citing(suite, rows[i].id, "                   by ", "\n");
    }
  }
  return listed;
}

static size_t list_faults(const char *const *filters) {
  size_t listed = 0;
  for (int i = 1; i < WSC_NUM_FAULTS; i++) {
    const struct wsc_fault_entry *entry = wsc_fault_entry((enum wsc_fault_id)i);
    if (wanted(entry->slug, filters)) {
      listed++;
      printf("%-36s %-18s %s\n", entry->slug, entry->requirement, entry->text);
    }
  }
  return listed;
}

static int code_of(size_t listed) {
  if (listed == 0) {
    fputs("wsspec: no filter matches\n", stderr);
  }
  return listed == 0 ? WSC_EXIT_NO_CASE : WSC_EXIT_OK;
}

int wsc_command_list(const struct wsc_options *options) {
  static const char *const none[] = {NULL};
  const char *const *filters = options->arguments.items;
  const char *what = "cases";
  if (*filters != NULL &&
      (strcmp(*filters, "cases") == 0 || strcmp(*filters, "reqs") == 0 ||
       strcmp(*filters, "faults") == 0)) {
    what = *filters++;
  }
  if (strcmp(what, "faults") == 0) {
    return code_of(list_faults(filters));
  }
  struct wsc_suite suite;
  bool cases = strcmp(what, "cases") == 0;
  int code = wsc_suite_load(&suite, options, cases ? filters : none);
  if (code < 0 && cases) {
    list_cases(&suite);
  } else if (code < 0) {
    code = code_of(list_requirements(&suite, filters));
  }
  wsc_suite_free(&suite);
  return code < 0 ? WSC_EXIT_OK : code;
}

/* ---- explain ---- */

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
  print_citing(suite, row->id, "    ", "\n");
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
