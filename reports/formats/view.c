#include "view.h"

#include <stdlib.h>
#include <string.h>

static json_t *index_of(const json_t *items) {
  json_t *index = wsc_json_object();
  size_t i;
  json_t *item;
  json_array_foreach(items, i, item) {
    const char *id = wsc_view_text(item, "id");
    if (json_object_get(index, id) == NULL) {
      wsc_json_put(index, id, json_integer((json_int_t)i));
    }
  }
  return index;
}

static const json_t *find(const json_t *index, const json_t *items,
                          const char *id) {
  const json_t *position = json_object_get(index, id);
  return position == NULL
             ? NULL
             : json_array_get(items, (size_t)json_integer_value(position));
}

static json_t *sorted_by_target(const struct wsc_view *view) {
  json_t *lists = wsc_json_array();
  for (size_t i = 0; i < json_array_size(view->targets); i++) {
    wsc_json_push(lists, wsc_json_array());
  }
  size_t i;
  json_t *result;
  json_array_foreach(view->results, i, result) {
    const json_t *position =
        json_object_get(view->target_index, wsc_view_text(result, "target"));
    json_t *list = json_array_get(lists, (size_t)json_integer_value(position));
    wsc_json_push(list, json_integer((json_int_t)i));
  }
  return lists;
}

void wsc_view_init(struct wsc_view *view, const struct wsc_run *run,
                   enum wsc_fail_on fail_on) {
  const json_t *document = wsc_run_json(run);
  const json_t *asked =
      json_object_get(json_object_get(document, "run"), "options");
  *view = (struct wsc_view){
      .document = document,
      .targets = json_object_get(document, "targets"),
      .cases = json_object_get(document, "cases"),
      .results = json_object_get(document, "results"),
      .requirements = json_object_get(document, "requirements"),
      .fail_on_warn = fail_on == WSC_FAIL_ON_WARN ||
                      (fail_on == WSC_FAIL_ON_OF_RUN &&
                       strcmp(wsc_view_text(asked, "fail_on"), "warn") == 0)};
  view->target_index = index_of(view->targets);
  view->case_index = index_of(view->cases);
  view->row_index = index_of(view->requirements);
  view->of_target = sorted_by_target(view);
}

void wsc_view_free(struct wsc_view *view) {
  json_decref(view->target_index);
  json_decref(view->case_index);
  json_decref(view->row_index);
  json_decref(view->of_target);
}

const char *wsc_view_text(const json_t *object, const char *key) {
  return wsc_json_string_of(object, key);
}

int wsc_view_int(const json_t *object, const char *key) {
  return (int)json_integer_value(json_object_get(object, key));
}

uint64_t wsc_view_count(const json_t *count) {
  const char *digits = json_string_value(count);
  return digits != NULL ? strtoull(digits, NULL, 10)
                        : (uint64_t)json_integer_value(count);
}

uint64_t wsc_view_duration(const json_t *result) {
  return wsc_view_count(
      json_object_get(json_object_get(result, "timing"), "duration_us"));
}

enum wsc_verdict wsc_view_verdict(const json_t *object) {
  return wsc_verdict_by_name(wsc_view_text(object, "verdict"));
}

const json_t *wsc_view_case(const struct wsc_view *view, const json_t *result) {
  return find(view->case_index, view->cases, wsc_view_text(result, "case"));
}

const json_t *wsc_view_row(const struct wsc_view *view, const char *id) {
  return find(view->row_index, view->requirements, id);
}

size_t wsc_view_num_results(const struct wsc_view *view, size_t target) {
  return json_array_size(json_array_get(view->of_target, target));
}

const json_t *wsc_view_result(const struct wsc_view *view, size_t target,
                              size_t number) {
  const json_t *position =
      json_array_get(json_array_get(view->of_target, target), number);
  return json_array_get(view->results, (size_t)json_integer_value(position));
}

/* -- what counts -------------------------------------------------------- */

static const char *state_of(const json_t *result) {
  return wsc_view_text(json_object_get(result, "expectation"), "state");
}

bool wsc_view_is_known(const json_t *result) {
  return strcmp(state_of(result), "met") == 0;
}

enum wsc_call wsc_view_call(const struct wsc_view *view, const json_t *result) {
  if (wsc_view_is_known(result)) {
    return WSC_CALL_KNOWN;
  }
  switch (wsc_view_verdict(result)) {
  case WSC_ERROR:
    return WSC_CALL_ERROR;
  case WSC_FAIL:
    return WSC_CALL_FAILURE;
  case WSC_WARN:
    if (view->fail_on_warn) {
      return WSC_CALL_FAILURE;
    }
    break;
  case WSC_SKIP:
    return WSC_CALL_SKIPPED;
  case WSC_PASS:
  case WSC_INFO:
  case WSC_NUM_VERDICTS:
    break;
  }
  return strcmp(state_of(result), "unmet") == 0 ? WSC_CALL_FAILURE
                                                : WSC_CALL_GOOD;
}

bool wsc_view_is_broken(const json_t *clause) {
  return wsc_view_verdict(clause) <= WSC_WARN;
}

const char *wsc_view_trouble(const json_t *target) {
  static const char *const facts[] = {"not-measured", "sanity",
                                      "went-down-during"};
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    const json_t *fact =
        json_object_get(json_object_get(target, "facts"), facts[i]);
    if (fact != NULL) {
      return json_string_value(fact);
    }
  }
  return NULL;
}

bool wsc_view_is_interrupted(const struct wsc_view *view) {
  return json_is_true(
      json_object_get(json_object_get(view->document, "run"), "interrupted"));
}

const char *wsc_view_url(const json_t *row) {
  static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789-._~/#";
  static const char scheme[] = "https://";
  const char *url = wsc_view_text(row, "url");
  if (strncmp(url, scheme, sizeof scheme - 1) != 0) {
    return NULL;
  }
  const char *rest = url + sizeof scheme - 1;
  size_t len = strlen(rest);
  return len != 0 && len <= WSC_VIEW_SHORT && strspn(rest, safe) == len ? url
                                                                        : NULL;
}

int wsc_view_line(const struct wsc_view *view, const json_t *result,
                  const json_t *clause) {
  int line = wsc_view_int(clause, "line");
  if (line <= 0) {
    line = wsc_view_int(wsc_view_case(view, result), "line");
  }
  return line > 0 ? line : 0;
}
