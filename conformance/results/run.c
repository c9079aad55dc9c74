#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "run_internal.h"

static json_t *new_summary(void) {
  static const enum wsc_verdict order[] = {WSC_PASS, WSC_FAIL, WSC_WARN,
                                           WSC_INFO, WSC_SKIP, WSC_ERROR};
  json_t *summary = wsc_json_object();
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
    wsc_json_put(summary, wsc_verdict_name(order[i]), json_integer(0));
  }
  return summary;
}

struct wsc_run *wsc_run_adopt(json_t *document) {
  struct wsc_run *run = wsc_malloc(sizeof *run);
  run->document = document;
  run->targets = json_object_get(document, "targets");
  run->cases = json_object_get(document, "cases");
  run->results = json_object_get(document, "results");
  run->requirements = json_object_get(document, "requirements");
  run->case_by_id = wsc_json_object();
  size_t index;
  json_t *item;
  json_array_foreach(run->cases, index, item) {
    wsc_json_put(run->case_by_id, wsc_json_string_of(item, "id"),
                 json_incref(item));
  }
  return run;
}

struct wsc_run *wsc_run_new(const char *tool_version, const char *suite_version,
                            uint64_t seed, json_t *options) {
  json_t *document = wsc_json_object();
  json_t *tool = wsc_json_object();
  json_t *how = wsc_json_object();
  wsc_json_put(tool, "version", wsc_json_text(tool_version));
  wsc_json_put(tool, "suite", wsc_json_text(suite_version));
  wsc_json_put(how, "seed", wsc_json_count(seed));
  wsc_json_put(how, "options",
               options != NULL ? wsc_json_escaped(options) : wsc_json_object());
  json_decref(options);
  wsc_json_put(how, "interrupted", json_false());
  wsc_json_put(document, "schema", json_string(WSC_RUN_SCHEMA));
  wsc_json_put(document, "tool", tool);
  wsc_json_put(document, "run", how);
  wsc_json_put(document, "targets", wsc_json_array());
  wsc_json_put(document, "cases", wsc_json_array());
  wsc_json_put(document, "results", wsc_json_array());
  wsc_json_put(document, "requirements", wsc_json_array());
  return wsc_run_adopt(document);
}

void wsc_run_free(struct wsc_run *run) {
  if (run != NULL) {
    json_decref(run->case_by_id);
    json_decref(run->document);
    free(run);
  }
}

int wsc_run_add_target(struct wsc_run *run, const char *id, const char *role,
                       const char *url, const char *agent) {
  json_t *target = wsc_json_object();
  wsc_json_put(target, "id", wsc_json_text(id));
  wsc_json_put(target, "role", wsc_json_text(role));
  wsc_json_put(target, "url", wsc_json_text(url));
  wsc_json_put(target, "agent", wsc_json_text(agent));
  wsc_json_put(target, "facts", wsc_json_object());
  wsc_json_put(target, "summary", new_summary());
  wsc_json_put(target, "requirements", wsc_json_array());
  wsc_json_push(run->targets, target);
  return (int)json_array_size(run->targets) - 1;
}

void wsc_run_target_fact(struct wsc_run *run, int target, const char *key,
                         const char *value) {
  json_t *facts =
      json_object_get(json_array_get(run->targets, (size_t)target), "facts");
  wsc_json_put(facts, key, wsc_json_text(value));
}

void wsc_run_target_tls(struct wsc_run *run, int target,
                        const struct wsc_run_tls *tls) {
  json_t *item = wsc_json_object();
  wsc_json_put(item, "version", wsc_json_text(tls->version));
  wsc_json_put(item, "cipher", wsc_json_text(tls->cipher));
  wsc_json_put(item, "subject", wsc_json_text(tls->subject));
  wsc_json_put(item, "issuer", wsc_json_text(tls->issuer));
  wsc_json_put(item, "names", wsc_json_text(tls->names));
  wsc_json_put(item, "not_before", wsc_json_text(tls->not_before));
  wsc_json_put(item, "not_after", wsc_json_text(tls->not_after));
  wsc_json_put(item, "sha256", wsc_json_text(tls->sha256));
  wsc_json_put(item, "verified", wsc_json_text(tls->verified));
  wsc_json_put(json_array_get(run->targets, (size_t)target), "tls", item);
}

void wsc_run_add_case(struct wsc_run *run, const struct wsc_case *info) {
  if (json_object_get(run->case_by_id, info->id) != NULL) {
    return;
  }
  json_t *item = wsc_json_object();
  wsc_json_put(item, "id", wsc_json_text(info->id));
  wsc_json_put(item, "title", wsc_json_text(info->title));
  wsc_json_put(item, "source", json_null());
  wsc_json_put(item, "file", wsc_json_text(info->file));
  wsc_json_put(item, "line", json_integer(info->line));
  wsc_json_put(item, "end_line", json_integer(info->end_line));
  wsc_json_put(item, "requirements",
               wsc_json_texts(info->requirements, info->num_requirements));
  wsc_json_put(item, "autobahn",
               wsc_json_texts(info->autobahn, info->num_autobahn));
  wsc_json_put(item, "tags", wsc_json_texts(info->tags, info->num_tags));
  wsc_json_put(item, "since", wsc_json_text(info->since));
  wsc_json_put(run->case_by_id, info->id, json_incref(item));
  wsc_json_push(run->cases, item);
}

/* The lines `first` to `last` of a file, both counted from 1. */
static json_t *lines_of(const struct wsc_embedded *file, int first, int last) {
  const char *end = (const char *)file->end;
  const char *pos = (const char *)file->data;
  const char *start = NULL;
  for (int line = 1; pos < end && line <= last; line++) {
    const char *stop = memchr(pos, '\n', (size_t)(end - pos));
    start = line == first ? pos : start;
    pos = stop == NULL ? end : stop + 1;
  }
  if (start == NULL) {
    return json_null();
  }
  json_t *text = json_stringn(start, (size_t)(pos - start));
  return text == NULL ? json_null() : text; /* not UTF-8 */
}

void wsc_run_add_sources(struct wsc_run *run,
                         const struct wsc_embedded *files) {
  size_t index;
  json_t *item;
  json_array_foreach(run->cases, index, item) {
    const char *name = wsc_json_string_of(item, "file");
    json_int_t first = json_integer_value(json_object_get(item, "line"));
    json_int_t last = json_integer_value(json_object_get(item, "end_line"));
    for (const struct wsc_embedded *file = files; file->name != NULL; file++) {
      if (strcmp(file->name, name) == 0) {
        wsc_json_put(item, "source", lines_of(file, (int)first, (int)last));
      }
    }
  }
}

size_t wsc_run_count(const struct wsc_run *run, int target,
                     enum wsc_verdict verdict) {
  const char *id =
      wsc_json_string_of(json_array_get(run->targets, (size_t)target), "id");
  size_t count = 0;
  size_t index;
  json_t *result;
  json_array_foreach(run->results, index, result) {
    if (strcmp(wsc_json_string_of(result, "target"), id) == 0 &&
        wsc_verdict_by_name(wsc_json_string_of(result, "verdict")) == verdict) {
      count++;
    }
  }
  return count;
}

const json_t *wsc_run_json(const struct wsc_run *run) {
  return run->document;
}
