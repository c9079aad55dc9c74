#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "requirements.h"
#include "run_internal.h"

/* The verdict of each row of the table against one target. */
struct tally {
  const struct wsc_requirement *rows;
  size_t num;
  enum wsc_verdict *judged;   /* by clauses; WSC_NUM_VERDICTS: by none */
  enum wsc_verdict *unjudged; /* of cases that cite it and never judged */
};

static void tally_init(struct tally *tally) {
  tally->rows = wsc_requirements(&tally->num);
  tally->judged = wsc_malloc(tally->num * sizeof *tally->judged);
  tally->unjudged = wsc_malloc(tally->num * sizeof *tally->unjudged);
  for (size_t i = 0; i < tally->num; i++) {
    tally->judged[i] = WSC_NUM_VERDICTS;
    tally->unjudged[i] = WSC_NUM_VERDICTS;
  }
}

static void tally_free(struct tally *tally) {
  free(tally->judged);
  free(tally->unjudged);
}

static void note(const struct tally *tally, enum wsc_verdict *verdicts,
                 const char *id, enum wsc_verdict verdict) {
  const struct wsc_requirement *row = wsc_requirement_find(id);
  if (row == NULL) {
    return;
  }
  enum wsc_verdict *slot = &verdicts[row - tally->rows];
  *slot =
      *slot == WSC_NUM_VERDICTS ? verdict : wsc_verdict_worse(*slot, verdict);
}

static void tally_result(const struct tally *tally, const json_t *result,
                         const json_t *info) {
  size_t index;
  json_t *item;
  json_array_foreach(json_object_get(result, "clauses"), index, item) {
    note(tally, tally->judged, wsc_json_string_of(item, "requirement"),
         wsc_verdict_by_name(wsc_json_string_of(item, "verdict")));
  }
  enum wsc_verdict verdict =
      wsc_verdict_by_name(wsc_json_string_of(result, "verdict"));
  if (verdict != WSC_SKIP && verdict != WSC_ERROR) {
    return;
  }
  json_array_foreach(json_object_get(info, "requirements"), index, item) {
    note(tally, tally->unjudged, json_string_value(item), verdict);
  }
}

static json_t *verdicts_json(const struct tally *tally) {
  json_t *array = wsc_json_array();
  for (size_t i = 0; i < tally->num; i++) {
    enum wsc_verdict verdict = tally->judged[i] != WSC_NUM_VERDICTS
                                   ? tally->judged[i]
                                   : tally->unjudged[i];
    if (verdict == WSC_NUM_VERDICTS) {
      continue;
    }
    json_t *row = wsc_json_object();
    wsc_json_put(row, "id", json_string(tally->rows[i].id));
    wsc_json_put(row, "verdict", json_string(wsc_verdict_name(verdict)));
    wsc_json_push(array, row);
  }
  return array;
}

static void close_target(struct wsc_run *run, int number) {
  json_t *target = json_array_get(run->targets, (size_t)number);
  json_t *summary = json_object_get(target, "summary");
  const char *id = wsc_json_string_of(target, "id");
  struct tally tally;
  size_t counts[WSC_NUM_VERDICTS] = {0};
  size_t index;
  json_t *result;
  tally_init(&tally);
  json_array_foreach(run->results, index, result) {
    if (strcmp(wsc_json_string_of(result, "target"), id) == 0) {
      counts[wsc_verdict_by_name(wsc_json_string_of(result, "verdict"))]++;
      tally_result(
          &tally, result,
          json_object_get(run->case_by_id, wsc_json_string_of(result, "case")));
    }
  }
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    wsc_json_put(summary, wsc_verdict_name((enum wsc_verdict)verdict),
                 json_integer((json_int_t)counts[verdict]));
  }
  wsc_json_put(target, "requirements", verdicts_json(&tally));
  tally_free(&tally);
}

static json_t *requirement_json(const struct wsc_requirement *row,
                                const char *uncovered) {
  char url[128];
  json_t *item = wsc_json_object();
  wsc_requirement_url(row, url, sizeof url);
  wsc_json_put(item, "id", wsc_json_text(row->id));
  wsc_json_put(item, "rfc", wsc_json_text(row->rfc));
  wsc_json_put(item, "section", wsc_json_text(row->section));
  wsc_json_put(item, "level", wsc_json_text(row->level));
  wsc_json_put(item, "role", wsc_json_text(row->role));
  wsc_json_put(item, "statement", wsc_json_text(row->statement));
  wsc_json_put(item, "testable", wsc_json_text(row->testable));
  wsc_json_put(item, "url", wsc_json_text(url));
  wsc_json_put(item, "uncovered_reason",
               uncovered == NULL ? json_null() : json_string(uncovered));
  return item;
}

static json_t *cited_ids(const struct wsc_run *run) {
  json_t *cited = wsc_json_object();
  size_t index;
  json_t *info;
  json_array_foreach(run->cases, index, info) {
    size_t i;
    json_t *id;
    json_array_foreach(json_object_get(info, "requirements"), i, id) {
      wsc_json_put(cited, json_string_value(id), json_true());
    }
  }
  return cited;
}

static void close_requirements(struct wsc_run *run) {
  struct wsc_coverage coverage = {0};
  const json_t *options =
      json_object_get(json_object_get(run->document, "run"), "options");
  json_t *cited = cited_ids(run);
  size_t num;
  const struct wsc_requirement *rows = wsc_requirements(&num);
  size_t index;
  json_t *target;
  json_array_foreach(run->targets, index, target) {
    bool client = strcmp(wsc_json_string_of(target, "role"), "client") == 0;
    coverage.clients = coverage.clients || client;
    coverage.servers = coverage.servers || !client;
  }
  coverage.filtered =
      json_array_size(json_object_get(options, "filters")) != 0 ||
      json_object_get(options, "shard") != NULL ||
      json_object_get(options, "shards") != NULL ||
      json_object_get(options, "rerun") != NULL;
  json_array_clear(run->requirements);
  for (size_t i = 0; i < num; i++) {
    coverage.covered = json_object_get(cited, rows[i].id) != NULL;
    wsc_json_push(
        run->requirements,
        requirement_json(&rows[i], wsc_uncovered_reason(&rows[i], &coverage)));
  }
  json_decref(cited);
}

void wsc_run_close(struct wsc_run *run, bool interrupted) {
  wsc_json_put(json_object_get(run->document, "run"), "interrupted",
               json_boolean(interrupted));
  for (size_t i = 0; i < json_array_size(run->targets); i++) {
    close_target(run, (int)i);
  }
  close_requirements(run);
}
