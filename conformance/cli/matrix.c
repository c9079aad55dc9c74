#include "matrix.h"

#include <string.h>

#include "terminal.h"
#include "verdict.h"

static const enum wsc_verdict order[] = {WSC_PASS,  WSC_FAIL, WSC_WARN,
                                         WSC_ERROR, WSC_INFO, WSC_SKIP};
#define NUM_ORDER (sizeof order / sizeof *order)

static const char *text(const json_t *object, const char *key) {
  const char *value = json_string_value(json_object_get(object, key));
  return value == NULL ? "" : value;
}

static const char *absence(const json_t *target) {
  return text(json_object_get(target, "facts"), "not-measured");
}

static void print_counts(FILE *out, const json_t *targets) {
  size_t i;
  json_t *target;
  fputs("\n     ", out);
  for (size_t k = 0; k < NUM_ORDER; k++) {
    fprintf(out, "%6s", wsc_verdict_name(order[k]));
  }
  fputs("  implementation\n", out);
  json_array_foreach(targets, i, target) {
    const json_t *summary = json_object_get(target, "summary");
    bool absent = absence(target)[0] != '\0';
    fprintf(out, "%4zu ", i + 1);
    for (size_t k = 0; k < NUM_ORDER; k++) {
      const json_t *count =
          json_object_get(summary, wsc_verdict_name(order[k]));
      if (absent) {
        fputs("     -", out);
      } else {
        fprintf(out, "%6lld", (long long)json_integer_value(count));
      }
    }
    fputs("  ", out);
    wsc_terminal_escape(out, text(target, "id"));
    fputs(absent ? "  (not measured)\n" : "\n", out);
  }
}

/* The verdict of a requirement; "" where none was reached. */
static const char *verdict_of(const json_t *target, const char *id) {
  size_t i;
  json_t *row;
  json_array_foreach(json_object_get(target, "requirements"), i, row) {
    if (strcmp(text(row, "id"), id) == 0) {
      return text(row, "verdict");
    }
  }
  return "";
}

static bool is_broken(const char *verdict) {
  return strcmp(verdict, "fail") == 0 || strcmp(verdict, "warn") == 0 ||
         strcmp(verdict, "error") == 0;
}

static bool some_broke(const json_t *targets, const char *id) {
  size_t i;
  json_t *target;
  json_array_foreach(targets, i, target) {
    if (is_broken(verdict_of(target, id))) {
      return true;
    }
  }
  return false;
}

static void print_head(FILE *out, const json_t *targets) {
  fprintf(out, "\n%-16s %-7s", "requirement", "level");
  for (size_t i = 0; i < json_array_size(targets); i++) {
    fprintf(out, "%6zu", i + 1);
  }
  fputc('\n', out);
}

static void print_row(FILE *out, const json_t *targets, const json_t *row) {
  size_t i;
  json_t *target;
  fprintf(out, "%-16s %-7s", text(row, "id"), text(row, "level"));
  json_array_foreach(targets, i, target) {
    const char *verdict = verdict_of(target, text(row, "id"));
    fprintf(out, "%6s", is_broken(verdict) ? verdict : ".");
  }
  fputc('\n', out);
}

void wsc_matrix_print(FILE *out, const json_t *document) {
  const json_t *targets = json_object_get(document, "targets");
  size_t broken = 0;
  size_t i;
  json_t *row;
  print_counts(out, targets);
  json_array_foreach(json_object_get(document, "requirements"), i, row) {
    if (some_broke(targets, text(row, "id"))) {
      if (broken++ == 0) {
        print_head(out, targets);
      }
      print_row(out, targets, row);
    }
  }
  if (broken == 0) {
    fputs("\nNo requirement is broken by any of them.\n", out);
  }
}
