/* list_command.c: `wsspec list`. What is listed is gathered as JSON once, which
 * is written as it is or printed. */
#include <fnmatch.h>
#include <string.h>

#include "build.h"
#include "faulty.h"
#include "output.h"
#include "requirements.h"
#include "suite.h"

static bool wanted(const char *id, const char *const *filters) {
  bool any = *filters == NULL;
  for (; *filters != NULL && !any; filters++) {
    const char *glob = *filters;
    glob = strncmp(glob, "req:", 4) == 0 ? glob + 4 : glob;
    any = fnmatch(glob, id, 0) == 0;
  }
  return any;
}

/* ---- what is listed ---- */

static json_t *case_json(const struct wsc_case *info) {
  json_t *item = wsc_json_object();
  wsc_json_put(item, "id", wsc_json_text(info->id));
  wsc_json_put(item, "title", wsc_json_text(info->title));
  wsc_json_put(item, "requirements",
               wsc_json_texts(info->requirements, info->num_requirements));
  wsc_json_put(item, "autobahn",
               wsc_json_texts(info->autobahn, info->num_autobahn));
  wsc_json_put(item, "tags", wsc_json_texts(info->tags, info->num_tags));
  wsc_json_put(item, "since", wsc_json_text(info->since));
  wsc_json_put(item, "info", json_boolean(info->info_only));
  return item;
}

static json_t *gather_cases(const struct wsc_suite *suite) {
  json_t *items = wsc_json_array();
  for (size_t i = 0; i < suite->num_selected; i++) {
    wsc_json_push(items, case_json(suite->selected[i]));
  }
  return items;
}

static json_t *citing(const struct wsc_suite *suite, const char *id) {
  json_t *cases = wsc_json_array();
  for (size_t i = 0; i < suite->num_all; i++) {
    /* Counterparts of Autobahn's cases repeat what others judge. */
    if (suite->all[i]->num_autobahn == 0 &&
        wsc_suite_cites(suite->all[i], id)) {
      wsc_json_push(cases, wsc_json_text(suite->all[i]->id));
    }
  }
  return cases;
}

static json_t *requirement_json(const struct wsc_suite *suite,
                                const struct wsc_requirement *row) {
  json_t *cases = citing(suite, row->id);
  const struct wsc_coverage coverage = {.covered = json_array_size(cases) != 0,
                                        .servers = true};
  const char *reason = wsc_uncovered_reason(row, &coverage);
  json_t *item = wsc_json_object();
  wsc_json_put(item, "id", wsc_json_text(row->id));
  wsc_json_put(item, "rfc", wsc_json_text(row->rfc));
  wsc_json_put(item, "section", wsc_json_text(row->section));
  wsc_json_put(item, "level", wsc_json_text(row->level));
  wsc_json_put(item, "role", wsc_json_text(row->role));
  wsc_json_put(item, "testable", wsc_json_text(row->testable));
  wsc_json_put(item, "statement", wsc_json_text(row->statement));
  wsc_json_put(item, "cases", cases);
  wsc_json_put(item, "uncovered_reason",
               reason == NULL ? json_null() : wsc_json_text(reason));
  return item;
}

static json_t *gather_requirements(const struct wsc_suite *suite,
                                   const char *const *filters) {
  json_t *items = wsc_json_array();
  size_t num;
  const struct wsc_requirement *rows = wsc_requirements(&num);
  for (size_t i = 0; i < num; i++) {
    if (wanted(rows[i].id, filters)) {
      wsc_json_push(items, requirement_json(suite, &rows[i]));
    }
  }
  return items;
}

static json_t *gather_faults(const char *const *filters) {
  json_t *items = wsc_json_array();
  for (int i = 1; i < WSC_NUM_FAULTS; i++) {
    const struct wsc_fault_entry *entry = wsc_fault_entry((enum wsc_fault_id)i);
    if (!wanted(entry->slug, filters)) {
      continue;
    }
    json_t *item = wsc_json_object();
    wsc_json_put(item, "id", wsc_json_text(entry->slug));
    wsc_json_put(item, "requirement", wsc_json_text(entry->requirement));
    wsc_json_put(item, "text", wsc_json_text(entry->text));
    wsc_json_push(items, item);
  }
  return items;
}

/* ---- how it is printed ---- */

static void print_case(const json_t *item) {
  printf("%-44s %s\n", wsc_json_string_of(item, "id"),
         wsc_json_string_of(item, "title"));
}

static void print_requirement(const json_t *item) {
  const json_t *cases = json_object_get(item, "cases");
  size_t i;
  json_t *id;
  printf("%-18s %-6s %s\n", wsc_json_string_of(item, "id"),
         wsc_json_string_of(item, "level"),
         wsc_json_string_of(item, "statement"));
  json_array_foreach(cases, i, id) {
    printf("                   by %s\n", json_string_value(id));
  }
  if (json_array_size(cases) == 0) {
    printf("                   no case: %s\n",
           wsc_json_string_of(item, "uncovered_reason"));
  }
}

static void print_fault(const json_t *item) {
  printf("%-36s %-18s %s\n", wsc_json_string_of(item, "id"),
         wsc_json_string_of(item, "requirement"),
         wsc_json_string_of(item, "text"));
}

static int show(const struct wsc_options *options, const char *name,
                json_t *items, void (*print)(const json_t *item)) {
  size_t i;
  json_t *item;
  int code = WSC_EXIT_OK;
  if (json_array_size(items) == 0) {
    fputs("wsspec: no filter matches\n", stderr);
    code = WSC_EXIT_NO_CASE;
  } else if (options->json == NULL) {
    json_array_foreach(items, i, item) {
      print(item);
    }
  } else {
    json_t *document = wsc_json_object();
    wsc_json_put(document, "schema", wsc_json_text("wsspec-list/1"));
    wsc_json_put(document, name, json_incref(items));
    code = wsc_output_json(document, options->json);
    code = code < 0 ? WSC_EXIT_OK : code;
    json_decref(document);
  }
  json_decref(items);
  return code;
}

/* Cases take the filters of a run; for the rest all cases are loaded, to know
 * which of them cite a requirement. */
static int list_of_suite(const struct wsc_options *options, bool cases,
                         const char *const *filters) {
  static const char *const none[] = {NULL};
  struct wsc_suite suite;
  int code = wsc_suite_load(&suite, options, cases ? filters : none);
  if (code < 0 && cases) {
    code = show(options, "cases", gather_cases(&suite), print_case);
  } else if (code < 0) {
    code = show(options, "requirements", gather_requirements(&suite, filters),
                print_requirement);
  }
  wsc_suite_free(&suite);
  return code;
}

int wsc_command_list(const struct wsc_options *options) {
  static const char *const kinds[] = {"cases", "reqs", "faults", NULL};
  const char *const *filters = options->arguments.items;
  const char *what = kinds[0];
  int code = wsc_output_check(options->json);
  if (code >= 0) {
    return code;
  }
  for (size_t i = 0; kinds[i] != NULL && *filters != NULL; i++) {
    if (strcmp(*filters, kinds[i]) == 0) {
      what = kinds[i];
      filters++;
      break;
    }
  }
  if (strcmp(what, "faults") == 0) {
    return show(options, "faults", gather_faults(filters), print_fault);
  }
  return list_of_suite(options, strcmp(what, "cases") == 0, filters);
}
