/* show_command.c: `wsspec show RUN.json CASE`: a result of an earlier run. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "requirements.h"
#include "run.h"
#include "terminal.h"

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static long long number_of(const json_t *object, const char *key) {
  return json_integer_value(json_object_get(object, key));
}

static void line(const char *name, const char *text) {
  if (text[0] != '\0') {
    printf("      %-9s ", name);
    wsc_terminal_escape(stdout, text);
    putchar('\n');
  }
}

static void show_clause(const json_t *clause) {
  const char *id = text_of(clause, "requirement");
  const struct wsc_requirement *row = wsc_requirement_find(id);
  printf("    %-5s %s", text_of(clause, "verdict"), id);
  if (text_of(clause, "label")[0] != '\0') {
    fputs("  [", stdout);
    wsc_terminal_escape(stdout, text_of(clause, "label"));
    putchar(']');
  }
  printf("  (line %lld)\n", number_of(clause, "line"));
  if (row != NULL) {
    line(row->level, row->statement);
  }
  line("expected", text_of(clause, "expected"));
  line("got", text_of(clause, "got"));
}

static void show_steps(const json_t *result) {
  const json_t *steps = json_object_get(result, "steps");
  const json_t *times =
      json_object_get(json_object_get(result, "timing"), "steps");
  size_t i;
  const json_t *step;
  puts("  steps:");
  json_array_foreach(steps, i, step) {
    long long time = json_integer_value(json_array_get(times, i));
    printf("    %10.3f ms  line %-4lld #%lld %-8s ", (double)time / 1000,
           number_of(step, "line"), number_of(step, "connection"),
           text_of(step, "verb"));
    wsc_terminal_escape(stdout, text_of(step, "text"));
    putchar('\n');
  }
}

static void show_wire(const json_t *result) {
  const json_t *events =
      json_object_get(json_object_get(result, "wire"), "events");
  size_t i;
  const json_t *event;
  puts("  wire:");
  json_array_foreach(events, i, event) {
    bool sent = strcmp(text_of(event, "direction"), "sent") == 0;
    printf("    %10.3f ms  #%lld %s @%-6lld %-7s %s",
           (double)number_of(event, "t") / 1000, number_of(event, "connection"),
           sent ? "->" : "<-", number_of(event, "offset"),
           text_of(event, "kind"), text_of(event, "hex"));
    long long cut = number_of(event, "cut");
    if (cut != 0) {
      printf(" (%lld octets not kept)", cut);
    }
    putchar('\n');
  }
}

/* What the Autobahn Testsuite would say of it (docs/autobahn.md). */
static void show_autobahn(const json_t *result) {
  size_t i;
  const json_t *row;
  json_array_foreach(json_object_get(result, "autobahn"), i, row) {
    const char *behavior = text_of(row, "behavior");
    fputs("  autobahn ", stdout);
    wsc_terminal_escape(stdout, text_of(row, "id"));
    fputs(": behavior ", stdout);
    wsc_terminal_escape(stdout, behavior[0] == '\0' ? "none" : behavior);
    fputs(", close ", stdout);
    const char *end = text_of(row, "behaviorClose");
    wsc_terminal_escape(stdout, end[0] == '\0' ? "none" : end);
    putchar('\n');
  }
}

static void show(const json_t *result) {
  printf("%s  %s  on ", text_of(result, "case"), text_of(result, "verdict"));
  wsc_terminal_escape(stdout, text_of(result, "target"));
  putchar('\n');
  line("reason", text_of(result, "reason"));
  show_autobahn(result);
  size_t i;
  const json_t *clause;
  puts("  clauses:");
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    show_clause(clause);
  }
  show_steps(result);
  show_wire(result);
}

int wsc_command_show(const struct wsc_options *options) {
  if (options->arguments.num != 2) {
    return wsc_usage("show takes a run document and a case id");
  }
  char *error = NULL;
  struct wsc_run *run = wsc_run_read(options->arguments.items[0], &error);
  if (run == NULL) {
    int code = wsc_usage("%s", error);
    free(error);
    return code;
  }
  const char *id = options->arguments.items[1];
  bool found = false;
  size_t i;
  const json_t *result;
  json_array_foreach(json_object_get(wsc_run_json(run), "results"), i, result) {
    if (strcmp(text_of(result, "case"), id) == 0) {
      show(result);
      found = true;
    }
  }
  wsc_run_free(run);
  return found ? WSC_EXIT_OK
               : wsc_usage("'%s' holds no result of the case '%s'",
                           options->arguments.items[0], id);
}
