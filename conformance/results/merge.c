#include "merge.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "run_internal.h"

#define CONFLICTS_MAX 50 /* told of one document */

struct merge {
  struct wsc_run *run;
  const struct wsc_run *other;
  const char *name;
  struct wsc_strbuf *conflicts;
  size_t num_conflicts;
  bool parts; /* of one run */
};

/* -- conflicts ---------------------------------------------------------- */

/* "NAME: PLACE: OURS, but THEIRS"; values as JSON, which is printable but for
 * what the escape takes care of. */
static void conflict(struct merge *merge, const char *place, const json_t *ours,
                     const json_t *theirs) {
  if (++merge->num_conflicts > CONFLICTS_MAX) {
    return;
  }
  const json_t *values[] = {ours, theirs};
  wsc_strbuf_escape(merge->conflicts, merge->name, strlen(merge->name),
                    WSC_ESCAPE_TEXT);
  wsc_strbuf_puts(merge->conflicts, ": ");
  wsc_strbuf_escape(merge->conflicts, place, strlen(place), WSC_ESCAPE_TEXT);
  for (int i = 0; i < 2; i++) {
    char *text = values[i] == NULL
                     ? NULL
                     : json_dumps(values[i], JSON_ENCODE_ANY | JSON_COMPACT);
    size_t len = text == NULL ? 0 : strlen(text);
    wsc_strbuf_puts(merge->conflicts, i == 0 ? ": " : " before, ");
    wsc_strbuf_escape(merge->conflicts, text == NULL ? "" : text,
                      len < 100 ? len : 100, WSC_ESCAPE_TEXT);
    free(text);
  }
  wsc_strbuf_puts(merge->conflicts, " here\n");
}

static void compare(struct merge *merge, const json_t *ours,
                    const json_t *theirs, const char *place, const char *key) {
  const json_t *a = json_object_get(ours, key);
  const json_t *b = json_object_get(theirs, key);
  if (a != b && !json_equal(a, b)) { /* both may be absent */
    struct wsc_strbuf where;
    wsc_strbuf_init(&where);
    wsc_strbuf_printf(&where, "%s.%s", place, key);
    conflict(merge, where.data, a, b);
    wsc_strbuf_free(&where);
  }
}

/* -- how the run was asked for ------------------------------------------ */

static json_t *options_of(const struct wsc_run *run) {
  return json_object_get(json_object_get(run->document, "run"), "options");
}

static bool holds(const json_t *array, const json_t *value) {
  size_t i;
  json_t *item;
  json_array_foreach(array, i, item) {
    if (json_equal(item, value)) {
      return true;
    }
  }
  return false;
}

/* "I/N", with I from 1 to N. */
static bool read_part(const json_t *part, unsigned long *num) {
  const char *text = json_string_value(part);
  char *end = NULL;
  if (text == NULL) {
    return false;
  }
  unsigned long shard = strtoul(text, &end, 10);
  if (*end != '/') {
    return false;
  }
  *num = strtoul(end + 1, &end, 10);
  return *end == '\0' && shard >= 1 && shard <= *num;
}

/* True when the parts, no two of them the same, are all of a run. */
static bool are_whole(const json_t *parts) {
  unsigned long first_num = 0;
  size_t i;
  json_t *part;
  json_array_foreach(parts, i, part) {
    unsigned long num;
    if (!read_part(part, &num) || (i != 0 && num != first_num)) {
      return false;
    }
    first_num = num;
  }
  return json_array_size(parts) == first_num && first_num != 0;
}

/* options.shard of one part becomes options.shards of several, and nothing when
 * they are a whole. */
static void merge_parts(struct merge *merge) {
  json_t *ours = options_of(merge->run);
  const json_t *part = json_object_get(options_of(merge->other), "shard");
  json_t *own = json_object_get(ours, "shard");
  json_t *parts = json_object_get(ours, "shards");
  merge->parts = part != NULL && (own != NULL || parts != NULL) &&
                 !json_equal(own, part) && !holds(parts, part);
  if (!merge->parts) {
    return;
  }
  if (!json_is_array(parts)) {
    parts = wsc_json_array();
    wsc_json_put(ours, "shards", parts);
  }
  if (own != NULL) {
    wsc_json_push(parts, json_incref(own));
    json_object_del(ours, "shard");
  }
  wsc_json_push(parts, json_deep_copy(part));
  if (are_whole(parts)) {
    json_object_del(ours, "shards");
  }
}

static void merge_filters(struct merge *merge) {
  json_t *ours = json_object_get(options_of(merge->run), "filters");
  const json_t *theirs = json_object_get(options_of(merge->other), "filters");
  /* A run of everything, and one of a selection: everything. */
  if (!json_is_array(ours) || json_array_size(ours) == 0 ||
      !json_is_array(theirs)) {
    return;
  }
  if (json_array_size(theirs) == 0) {
    json_array_clear(ours);
  }
  size_t i;
  json_t *filter;
  json_array_foreach(theirs, i, filter) {
    if (!holds(ours, filter)) {
      wsc_json_push(ours, json_incref(filter));
    }
  }
}

static void merge_head(struct merge *merge) {
  json_t *ours = json_object_get(merge->run->document, "run");
  const json_t *theirs = json_object_get(merge->other->document, "run");
  compare(merge, json_object_get(merge->run->document, "tool"),
          json_object_get(merge->other->document, "tool"), "tool", "version");
  compare(merge, json_object_get(merge->run->document, "tool"),
          json_object_get(merge->other->document, "tool"), "tool", "suite");
  compare(merge, ours, theirs, "run", "seed");
  compare(merge, options_of(merge->run), options_of(merge->other),
          "run.options", "strict");
  compare(merge, options_of(merge->run), options_of(merge->other),
          "run.options", "fail_on");
  merge_parts(merge);
  merge_filters(merge);
  if (json_is_true(json_object_get(theirs, "interrupted"))) {
    wsc_json_put(ours, "interrupted", json_true());
  }
}

/* -- targets and cases -------------------------------------------------- */

static json_t *find(const json_t *array, const char *id) {
  size_t i;
  json_t *item;
  json_array_foreach(array, i, item) {
    if (strcmp(wsc_json_string_of(item, "id"), id) == 0) {
      return item;
    }
  }
  return NULL;
}

static void merge_facts(struct merge *merge, json_t *ours,
                        const json_t *theirs) {
  const char *key;
  json_t *fact;
  json_object_foreach(json_object_get((json_t *)theirs, "facts"), key, fact) {
    json_t *own = json_object_get(ours, "facts");
    if (json_object_get(own, key) == NULL) {
      wsc_json_put(own, key, json_incref(fact));
    } else {
      compare(merge, own, json_object_get(theirs, "facts"),
              wsc_json_string_of(ours, "id"), key);
    }
  }
}

static void merge_targets(struct merge *merge) {
  size_t i;
  json_t *target;
  json_array_foreach(merge->other->targets, i, target) {
    json_t *ours = find(merge->run->targets, wsc_json_string_of(target, "id"));
    if (ours == NULL) {
      wsc_json_push(merge->run->targets, json_deep_copy(target));
      continue;
    }
    compare(merge, ours, target, wsc_json_string_of(ours, "id"), "role");
    compare(merge, ours, target, wsc_json_string_of(ours, "id"), "url");
    compare(merge, ours, target, wsc_json_string_of(ours, "id"), "agent");
    merge_facts(merge, ours, target);
  }
}

static void merge_cases(struct merge *merge) {
  json_t *known = merge->run->case_by_id;
  size_t i;
  json_t *info;
  json_array_foreach(merge->other->cases, i, info) {
    const char *id = wsc_json_string_of(info, "id");
    const json_t *ours = json_object_get(known, id);
    if (ours == NULL) {
      wsc_json_put(known, id, json_incref(info));
      wsc_json_push(merge->run->cases, json_incref(info));
    } else if (ours != info) {
      compare(merge, ours, info, id, "source");
    }
  }
}

/* -- results ------------------------------------------------------------ */

/* Lengths keep "a" + "bc" and "ab" + "c" apart, whatever the strings hold. */
void wsc_result_key_text(struct wsc_strbuf *out, const json_t *result,
                         const char *target) {
  static const char *const keys[] = {"case", "variant", "chop"};
  wsc_strbuf_printf(out, "%zu:%s", strlen(target), target);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const char *text = wsc_json_string_of(result, keys[i]);
    wsc_strbuf_printf(out, "%zu:%s", strlen(text), text);
  }
}

static enum wsc_verdict verdict_of(const json_t *result) {
  return wsc_verdict_by_name(wsc_json_string_of(result, "verdict"));
}

/* key -> position in results */
static json_t *index_results(const json_t *results) {
  json_t *index = wsc_json_object();
  struct wsc_strbuf key;
  wsc_strbuf_init(&key);
  size_t i;
  json_t *result;
  json_array_foreach(results, i, result) {
    key.len = 0;
    wsc_result_key_text(&key, result, wsc_json_string_of(result, "target"));
    wsc_json_put(index, key.data, json_integer((json_int_t)i));
  }
  wsc_strbuf_free(&key);
  return index;
}

static void merge_result(struct merge *merge, size_t position, json_t *result) {
  const json_t *ours = json_array_get(merge->run->results, position);
  if (verdict_of(ours) == verdict_of(result)) {
    return;
  }
  if (!merge->parts) {
    struct wsc_strbuf place;
    wsc_strbuf_init(&place);
    wsc_strbuf_printf(&place, "%s of %s (the worse is kept)",
                      wsc_json_string_of(result, "case"),
                      wsc_json_string_of(result, "target"));
    conflict(merge, place.data, json_object_get(ours, "verdict"),
             json_object_get(result, "verdict"));
    wsc_strbuf_free(&place);
  }
  if (verdict_of(result) < verdict_of(ours)) {
    json_array_set(merge->run->results, position, result);
  }
}

static void merge_results(struct merge *merge) {
  json_t *index = index_results(merge->run->results);
  struct wsc_strbuf key;
  wsc_strbuf_init(&key);
  size_t i;
  json_t *result;
  json_array_foreach(merge->other->results, i, result) {
    key.len = 0;
    wsc_result_key_text(&key, result, wsc_json_string_of(result, "target"));
    const json_t *position = json_object_get(index, key.data);
    if (position == NULL) {
      wsc_json_push(merge->run->results, json_incref(result));
    } else {
      merge_result(merge, (size_t)json_integer_value(position), result);
    }
  }
  wsc_strbuf_free(&key);
  json_decref(index);
}

static bool is_interrupted(const struct wsc_run *run) {
  return json_is_true(
      json_object_get(json_object_get(run->document, "run"), "interrupted"));
}

void wsc_run_merge(struct wsc_run *run, const struct wsc_run *other,
                   const char *name, struct wsc_strbuf *conflicts) {
  struct merge merge = {
      .run = run, .other = other, .name = name, .conflicts = conflicts};
  merge_head(&merge);
  merge_targets(&merge);
  merge_cases(&merge);
  merge_results(&merge);
  if (merge.num_conflicts > CONFLICTS_MAX) {
    wsc_strbuf_printf(conflicts, "and %zu more\n",
                      merge.num_conflicts - CONFLICTS_MAX);
  }
  wsc_run_close(run, is_interrupted(run));
}

/* -- a selection -------------------------------------------------------- */

static bool is_named(const json_t *target, const char *glob) {
  return fnmatch(glob, wsc_json_string_of(target, "id"), 0) == 0 ||
         fnmatch(glob, wsc_json_string_of(target, "agent"), 0) == 0;
}

static bool names_one(const struct wsc_run *run, const char *glob) {
  size_t i;
  json_t *target;
  json_array_foreach(run->targets, i, target) {
    if (is_named(target, glob)) {
      return true;
    }
  }
  return false;
}

static bool is_kept(const json_t *target, const char *const *globs,
                    size_t num) {
  for (size_t i = 0; i < num; i++) {
    if (is_named(target, globs[i])) {
      return true;
    }
  }
  return false;
}

static void drop_results(const struct wsc_run *run, const char *target) {
  for (size_t i = json_array_size(run->results); i-- > 0;) {
    const json_t *result = json_array_get(run->results, i);
    if (strcmp(wsc_json_string_of(result, "target"), target) == 0) {
      json_array_remove(run->results, i);
    }
  }
}

bool wsc_run_keep_targets(struct wsc_run *run, const char *const *globs,
                          size_t num, const char **unknown) {
  for (size_t i = 0; i < num; i++) {
    if (!names_one(run, globs[i])) {
      *unknown = globs[i];
      return false;
    }
  }
  for (size_t i = json_array_size(run->targets); num != 0 && i-- > 0;) {
    const json_t *target = json_array_get(run->targets, i);
    if (!is_kept(target, globs, num)) {
      drop_results(run, wsc_json_string_of(target, "id"));
      json_array_remove(run->targets, i);
    }
  }
  return true;
}
