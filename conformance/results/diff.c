#include "diff.h"

#include <string.h>

#include "build.h"
#include "run_internal.h"
#include "strbuf.h"

struct diff {
  const struct wsc_run *before;
  const struct wsc_run *now;
  bool one_target; /* in each */
  json_t *results; /* borrowed from the document that is built */
  json_t *requirements;
};

const char *wsc_change_name(enum wsc_change change) {
  static const char *const names[] = {"regressions", "fixed", "changed", "new",
                                      "gone"};
  return names[change];
}

static bool is_bad(enum wsc_verdict verdict) {
  return verdict == WSC_FAIL || verdict == WSC_ERROR || verdict == WSC_WARN;
}

enum wsc_change wsc_change_of(enum wsc_verdict before, enum wsc_verdict now) {
  if (before == now) {
    return WSC_NUM_CHANGES;
  }
  if (before == WSC_NUM_VERDICTS) {
    return WSC_CHANGE_NEW;
  }
  if (now == WSC_NUM_VERDICTS) {
    return WSC_CHANGE_GONE;
  }
  if (is_bad(now) && (!is_bad(before) || now < before)) {
    return WSC_CHANGE_REGRESSION;
  }
  return is_bad(before) ? WSC_CHANGE_FIXED : WSC_CHANGE_OTHER;
}

static enum wsc_verdict verdict_of(const json_t *item) {
  return item == NULL
             ? WSC_NUM_VERDICTS
             : wsc_verdict_by_name(wsc_json_string_of(item, "verdict"));
}

static json_t *verdict_json(enum wsc_verdict verdict) {
  return verdict == WSC_NUM_VERDICTS ? json_null()
                                     : json_string(wsc_verdict_name(verdict));
}

/* -- results ------------------------------------------------------------ */

static void add_key(struct wsc_strbuf *key, const struct diff *diff,
                    const json_t *result) {
  key->len = 0;
  wsc_result_key_text(key, result,
                      diff->one_target ? ""
                                       : wsc_json_string_of(result, "target"));
}

/* key -> result, the worst where there are several. */
static json_t *index_results(const struct diff *diff,
                             const struct wsc_run *run) {
  json_t *index = wsc_json_object();
  struct wsc_strbuf key;
  wsc_strbuf_init(&key);
  size_t i;
  json_t *result;
  json_array_foreach(run->results, i, result) {
    add_key(&key, diff, result);
    const json_t *other = json_object_get(index, key.data);
    if (other == NULL || verdict_of(result) < verdict_of(other)) {
      wsc_json_put(index, key.data, json_incref(result));
    }
  }
  wsc_strbuf_free(&key);
  return index;
}

static bool is_known(const json_t *result) {
  const json_t *known = json_object_get(result, "expectation");
  return strcmp(wsc_json_string_of(known, "state"), "met") == 0;
}

static void add_result(const struct diff *diff, const json_t *before,
                       const json_t *now) {
  static const char *const keys[] = {"target", "case", "variant", "chop"};
  enum wsc_change change = wsc_change_of(verdict_of(before), verdict_of(now));
  if (change == WSC_NUM_CHANGES) {
    return;
  }
  if (change == WSC_CHANGE_REGRESSION && is_known(now)) {
    change = WSC_CHANGE_OTHER;
  }
  const json_t *result = now != NULL ? now : before;
  json_t *item = wsc_json_object();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    wsc_json_put(item, keys[i],
                 wsc_json_text(wsc_json_string_of(result, keys[i])));
  }
  wsc_json_put(item, "old", verdict_json(verdict_of(before)));
  wsc_json_put(item, "new", verdict_json(verdict_of(now)));
  wsc_json_put(item, "reason",
               wsc_json_text(wsc_json_string_of(now, "reason")));
  wsc_json_push(json_object_get(diff->results, wsc_change_name(change)), item);
}

static void diff_results(const struct diff *diff) {
  json_t *old_index = index_results(diff, diff->before);
  json_t *new_index = index_results(diff, diff->now);
  const char *key;
  json_t *result;
  json_object_foreach(new_index, key, result) {
    add_result(diff, json_object_get(old_index, key), result);
  }
  json_object_foreach(old_index, key, result) {
    if (json_object_get(new_index, key) == NULL) {
      add_result(diff, result, NULL);
    }
  }
  json_decref(old_index);
  json_decref(new_index);
}

/* -- requirements ------------------------------------------------------- */

static const json_t *find(const json_t *array, const char *id) {
  size_t i;
  json_t *item;
  json_array_foreach(array, i, item) {
    if (strcmp(wsc_json_string_of(item, "id"), id) == 0) {
      return item;
    }
  }
  return NULL;
}

static const json_t *counterpart(const struct diff *diff,
                                 const json_t *target) {
  return diff->one_target
             ? json_array_get(diff->before->targets, 0)
             : find(diff->before->targets, wsc_json_string_of(target, "id"));
}

static json_t *index_rows(const json_t *target) {
  json_t *index = wsc_json_object();
  size_t i;
  json_t *row;
  json_array_foreach(json_object_get(target, "requirements"), i, row) {
    wsc_json_put(index, wsc_json_string_of(row, "id"), json_incref(row));
  }
  return index;
}

static void add_row(const struct diff *diff, const json_t *target,
                    const json_t *before, const json_t *now) {
  enum wsc_change change = wsc_change_of(verdict_of(before), verdict_of(now));
  const char *id = wsc_json_string_of(now != NULL ? now : before, "id");
  if (change == WSC_NUM_CHANGES) {
    return;
  }
  const json_t *row = find(diff->now->requirements, id);
  json_t *item = wsc_json_object();
  wsc_json_put(item, "target", wsc_json_text(wsc_json_string_of(target, "id")));
  wsc_json_put(item, "id", wsc_json_text(id));
  wsc_json_put(item, "level", wsc_json_text(wsc_json_string_of(row, "level")));
  wsc_json_put(item, "old", verdict_json(verdict_of(before)));
  wsc_json_put(item, "new", verdict_json(verdict_of(now)));
  wsc_json_push(json_object_get(diff->requirements, wsc_change_name(change)),
                item);
}

static void diff_target(const struct diff *diff, const json_t *target) {
  const json_t *other = counterpart(diff, target);
  if (other == NULL) {
    return; /* its results are new, and say it */
  }
  json_t *old_rows = index_rows(other);
  json_t *new_rows = index_rows(target);
  const char *id;
  json_t *row;
  json_object_foreach(new_rows, id, row) {
    add_row(diff, target, json_object_get(old_rows, id), row);
  }
  json_object_foreach(old_rows, id, row) {
    if (json_object_get(new_rows, id) == NULL) {
      add_row(diff, target, row, NULL);
    }
  }
  json_decref(old_rows);
  json_decref(new_rows);
}

static json_t *lists(void) {
  json_t *object = wsc_json_object();
  for (int change = 0; change < WSC_NUM_CHANGES; change++) {
    wsc_json_put(object, wsc_change_name((enum wsc_change)change),
                 wsc_json_array());
  }
  return object;
}

json_t *wsc_run_diff(const struct wsc_run *before, const struct wsc_run *now) {
  struct diff diff = {.before = before,
                      .now = now,
                      .one_target = json_array_size(before->targets) == 1 &&
                                    json_array_size(now->targets) == 1,
                      .results = lists(),
                      .requirements = lists()};
  json_t *document = wsc_json_object();
  wsc_json_put(document, "schema", json_string(WSC_DIFF_SCHEMA));
  wsc_json_put(document, "results", diff.results);
  wsc_json_put(document, "requirements", diff.requirements);
  diff_results(&diff);
  size_t i;
  json_t *target;
  json_array_foreach(now->targets, i, target) {
    diff_target(&diff, target);
  }
  return document;
}
