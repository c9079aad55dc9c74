#include "expectations.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct entry {
  const char *glob;
  enum wsc_verdict verdict;
  const char *why;
  bool expired;
};

struct wsc_expectations {
  json_t *json; /* owns the strings */
  struct entry *entries;
  size_t num;
};

static bool is_date(const char *text) {
  static const char form[] = "dddd-dd-dd";
  for (size_t i = 0; i < sizeof form; i++) {
    bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) {
      return false;
    }
  }
  int month = (text[5] - '0') * 10 + text[6] - '0';
  int day = (text[8] - '0') * 10 + text[9] - '0';
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void today(char out[11]) {
  time_t now = time(NULL);
  struct tm calendar;
  gmtime_r(&now, &calendar);
  strftime(out, 11, "%Y-%m-%d", &calendar);
}

/* What is wrong with the entry, or NULL. */
static const char *read_entry(const json_t *json, struct entry *entry) {
  const json_t *verdict = json_object_get(json, "verdict");
  const json_t *till = json_object_get(json, "till");
  entry->glob = json_string_value(json_object_get(json, "case"));
  entry->why = json_string_value(json_object_get(json, "why"));
  if (entry->glob == NULL) {
    return "needs \"case\", a glob on case ids";
  }
  if (entry->why == NULL || entry->why[0] == '\0') {
    return "needs \"why\", the reason in words";
  }
  const char *name = verdict == NULL ? "fail" : json_string_value(verdict);
  entry->verdict = name == NULL ? WSC_NUM_VERDICTS : wsc_verdict_by_name(name);
  if (entry->verdict > WSC_WARN) {
    return "\"verdict\" must be \"fail\", \"warn\" or \"error\"";
  }
  if (till == NULL) {
    return NULL;
  }
  char date[11];
  today(date);
  if (!json_is_string(till) || !is_date(json_string_value(till))) {
    return "\"till\" must be a date, YYYY-MM-DD";
  }
  entry->expired = strcmp(json_string_value(till), date) < 0;
  return NULL;
}

static char *message(const char *path, const char *where, const char *what) {
  size_t len = strlen(path) + strlen(where) + strlen(what) + 8;
  char *text = wsc_malloc(len);
  snprintf(text, len, "%s: %s%s", path, where, what);
  return text;
}

struct wsc_expectations *wsc_expectations_read(const char *path, char **error) {
  json_error_t failure;
  json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &failure);
  if (json == NULL) {
    char where[64];
    snprintf(where, sizeof where,
             "line %d: ", failure.line < 0 ? 0 : failure.line);
    *error = message(path, where, failure.text);
    return NULL;
  }
  struct wsc_expectations *read = wsc_malloc(sizeof *read);
  read->json = json;
  read->num = json_array_size(json);
  read->entries = wsc_malloc((read->num + 1) * sizeof *read->entries);
  memset(read->entries, 0, (read->num + 1) * sizeof *read->entries);
  const char *wrong = json_is_array(json) ? NULL : "must be a JSON array";
  char where[64] = "";
  for (size_t i = 0; i < read->num && wrong == NULL; i++) {
    wrong = read_entry(json_array_get(json, i), &read->entries[i]);
    snprintf(where, sizeof where, "entry %zu ", i + 1);
  }
  if (wrong != NULL) {
    *error = message(path, where, wrong);
    wsc_expectations_free(read);
    return NULL;
  }
  return read;
}

void wsc_expectations_free(struct wsc_expectations *expectations) {
  if (expectations != NULL) {
    json_decref(expectations->json);
    free(expectations->entries);
    free(expectations);
  }
}

enum wsc_expectation
wsc_expectations_judge(const struct wsc_expectations *expectations,
                       const char *case_id, enum wsc_verdict verdict,
                       const char **why) {
  if (expectations == NULL || verdict == WSC_SKIP) {
    return WSC_EXPECT_NONE;
  }
  for (size_t i = 0; i < expectations->num; i++) {
    const struct entry *entry = &expectations->entries[i];
    if (!entry->expired && fnmatch(entry->glob, case_id, 0) == 0) {
      *why = entry->why;
      return entry->verdict == verdict ? WSC_EXPECT_MET : WSC_EXPECT_UNEXPECTED;
    }
  }
  return WSC_EXPECT_NONE;
}

const char *
wsc_expectations_expired(const struct wsc_expectations *expectations) {
  for (size_t i = 0; expectations != NULL && i < expectations->num; i++) {
    if (expectations->entries[i].expired) {
      return expectations->entries[i].glob;
    }
  }
  return NULL;
}
