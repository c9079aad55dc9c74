#include "expectations.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "strbuf.h"

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

/* The first entry that counts for the case; NULL: none. */
static const struct entry *entry_of(const struct wsc_expectations *expectations,
                                    const char *case_id) {
  for (size_t i = 0; expectations != NULL && i < expectations->num; i++) {
    const struct entry *entry = &expectations->entries[i];
    if (!entry->expired && fnmatch(entry->glob, case_id, 0) == 0) {
      return entry;
    }
  }
  return NULL;
}

enum wsc_expectation
wsc_expectations_judge(const struct wsc_expectations *expectations,
                       const char *case_id, enum wsc_verdict verdict,
                       const char **why) {
  const struct entry *entry = entry_of(expectations, case_id);
  if (entry == NULL || verdict == WSC_SKIP) {
    return WSC_EXPECT_NONE;
  }
  *why = entry->why;
  return entry->verdict == verdict ? WSC_EXPECT_MET : WSC_EXPECT_UNEXPECTED;
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

/* -- writing ------------------------------------------------------------ */

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static bool showed(const json_t *result) {
  const json_t *expectation = json_object_get(result, "expectation");
  return strcmp(text_of(expectation, "state"), "met") == 0;
}

/* A glob that matches `id` alone. */
static json_t *exactly(const char *id) {
  struct wsc_strbuf glob;
  wsc_strbuf_init(&glob);
  for (; *id != '\0'; id++) {
    if (strchr("*?[\\", *id) != NULL) {
      wsc_strbuf_puts(&glob, "\\");
    }
    wsc_strbuf_add(&glob, id, 1);
  }
  json_t *text = json_string(glob.len == 0 ? "" : glob.data);
  wsc_strbuf_free(&glob);
  return text;
}

static bool is_listed(const json_t *entries, const json_t *entry) {
  size_t i;
  json_t *other;
  json_array_foreach(entries, i, other) {
    if (json_equal(other, entry)) {
      return true;
    }
  }
  return false;
}

/* The reference to `entry` is taken over. */
static void list_once(json_t *entries, json_t *entry) {
  if (is_listed(entries, entry)) {
    json_decref(entry);
  } else {
    json_array_append_new(entries, entry);
  }
}

static void add_new(json_t *entries, const json_t *results,
                    enum wsc_verdict least) {
  size_t i;
  json_t *result;
  json_array_foreach(results, i, result) {
    enum wsc_verdict verdict = wsc_verdict_by_name(text_of(result, "verdict"));
    if (verdict > least || showed(result)) {
      continue;
    }
    json_t *entry = json_object();
    json_object_set_new(entry, "case", exactly(text_of(result, "case")));
    json_object_set_new(entry, "verdict",
                        json_string(wsc_verdict_name(verdict)));
    json_object_set_new(entry, "why", json_string(""));
    list_once(entries, entry);
  }
}

/* Behind the new ones: the first that matches counts, and they may be wide. */
static void add_known(json_t *entries, const json_t *results,
                      const struct wsc_expectations *expectations) {
  size_t i;
  json_t *result;
  json_array_foreach(results, i, result) {
    const struct entry *entry = entry_of(expectations, text_of(result, "case"));
    if (entry != NULL && showed(result)) {
      size_t position = (size_t)(entry - expectations->entries);
      list_once(entries,
                json_incref(json_array_get(expectations->json, position)));
    }
  }
}

static int append(const char *data, size_t len, void *text) {
  wsc_strbuf_add(text, data, len);
  return 0;
}

bool wsc_expectations_write(const struct wsc_expectations *expectations,
                            const struct wsc_run *run, enum wsc_verdict least,
                            const char *path, size_t *num_new, char **error) {
  const json_t *results = json_object_get(wsc_run_json(run), "results");
  struct wsc_strbuf text;
  json_t *entries = json_array();
  add_new(entries, results, least);
  *num_new = json_array_size(entries);
  add_known(entries, results, expectations);
  wsc_strbuf_init(&text);
  json_dump_callback(entries, append, &text, JSON_INDENT(2));
  wsc_strbuf_puts(&text, "\n");
  bool done = wsc_file_write(path, text.data, text.len, error);
  wsc_strbuf_free(&text);
  json_decref(entries);
  return done;
}
