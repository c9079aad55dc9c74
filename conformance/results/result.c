#include <string.h>

#include "build.h"
#include "run_internal.h"

static json_t *clause_json(const struct wsc_clause *clause) {
  json_t *item = wsc_json_object();
  wsc_json_put(item, "requirement", wsc_json_text(clause->requirement));
  wsc_json_put(item, "strength",
               json_string(wsc_strength_name(clause->strength)));
  wsc_json_put(item, "verdict", json_string(wsc_verdict_name(clause->verdict)));
  wsc_json_put(item, "label", wsc_json_text(clause->label));
  wsc_json_put(item, "expected", wsc_json_text(clause->expected));
  wsc_json_put(item, "got", wsc_json_text(clause->got));
  wsc_json_put(item, "line", json_integer(clause->line));
  wsc_json_put(item, "step", json_integer(clause->step));
  wsc_json_put(item, "absent", json_boolean(clause->absent));
  return item;
}

static json_t *step_json(const struct wsc_step *step) {
  json_t *item = wsc_json_object();
  wsc_json_put(item, "line", json_integer(step->line));
  wsc_json_put(item, "verb", wsc_json_text(step->verb));
  wsc_json_put(item, "text", wsc_json_text(step->text));
  wsc_json_put(item, "connection", json_integer(step->connection));
  wsc_json_put(item, "wire", json_integer(step->wire));
  return item;
}

static json_t *clauses_json(const struct wsc_outcome *outcome) {
  json_t *array = wsc_json_array();
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    wsc_json_push(array, clause_json(&outcome->clauses[i]));
  }
  return array;
}

static json_t *steps_json(const struct wsc_outcome *outcome) {
  json_t *array = wsc_json_array();
  for (size_t i = 0; i < outcome->num_steps; i++) {
    wsc_json_push(array, step_json(&outcome->steps[i]));
  }
  return array;
}

static json_t *timing_json(const struct wsc_outcome *outcome) {
  json_t *timing = wsc_json_object();
  json_t *steps = wsc_json_array();
  for (size_t i = 0; i < outcome->num_steps; i++) {
    wsc_json_push(steps, wsc_json_count(outcome->steps[i].time));
  }
  wsc_json_put(timing, "duration_us", wsc_json_count(outcome->duration));
  wsc_json_put(timing, "steps", steps);
  return timing;
}

static json_t *expectation_json(enum wsc_expectation expectation,
                                const char *why) {
  if (expectation == WSC_EXPECT_NONE) {
    return json_null();
  }
  json_t *item = wsc_json_object();
  wsc_json_put(item, "state",
               json_string(expectation == WSC_EXPECT_MET ? "met" : "unmet"));
  wsc_json_put(item, "why", wsc_json_text(why));
  return item;
}

static json_t *row_json(const char *id,
                        const struct wsc_autobahn_verdict *judged) {
  json_t *item = wsc_json_object();
  wsc_json_put(item, "id", wsc_json_text(id));
  wsc_json_put(item, "behavior", json_string(judged->behavior));
  wsc_json_put(item, "behaviorClose", json_string(judged->behavior_close));
  wsc_json_put(item, "remoteCloseCode",
               judged->remote_code < 0 ? json_null()
                                       : json_integer(judged->remote_code));
  wsc_json_put(item, "closedByMe", json_boolean(judged->closed_by_me));
  wsc_json_put(item, "failedByMe", json_boolean(judged->failed_by_me));
  wsc_json_put(item, "droppedByMe", json_boolean(judged->dropped_by_me));
  wsc_json_put(item, "wasClean", json_boolean(judged->was_clean));
  return item;
}

/* Nothing was measured. */
static json_t *empty_row(const char *id) {
  static const char *const members[] = {
      "behavior",   "behaviorClose", "remoteCloseCode", "closedByMe",
      "failedByMe", "droppedByMe",   "wasClean"};
  json_t *item = wsc_json_object();
  wsc_json_put(item, "id", wsc_json_text(id));
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    wsc_json_put(item, members[i], json_null());
  }
  return item;
}

static json_t *autobahn_json(const struct wsc_run *run, const char *case_id,
                             const struct wsc_outcome *outcome) {
  json_t *rows = wsc_json_array();
  const json_t *ids =
      json_object_get(json_object_get(run->case_by_id, case_id), "autobahn");
  size_t i;
  const json_t *id;
  json_array_foreach(ids, i, id) {
    const char *text = json_string_value(id);
    wsc_json_push(rows, outcome->autobahn == NULL
                            ? empty_row(text)
                            : row_json(text, outcome->autobahn));
  }
  return rows;
}

void wsc_run_add_result(struct wsc_run *run, const struct wsc_result_key *key,
                        const struct wsc_outcome *outcome,
                        enum wsc_expectation expectation, const char *why) {
  const json_t *target = json_array_get(run->targets, (size_t)key->target);
  json_t *item = wsc_json_object();
  wsc_json_put(item, "target", json_string(wsc_json_string_of(target, "id")));
  wsc_json_put(item, "case", wsc_json_text(key->case_id));
  wsc_json_put(item, "variant", wsc_json_text(key->variant));
  wsc_json_put(item, "chop", wsc_json_text(key->chop));
  wsc_json_put(item, "verdict",
               json_string(wsc_verdict_name(outcome->verdict)));
  wsc_json_put(item, "reason", wsc_json_text(outcome->reason));
  wsc_json_put(item, "absent", json_boolean(outcome->absent));
  wsc_json_put(item, "repeated", json_boolean(outcome->repeated));
  wsc_json_put(item, "expectation", expectation_json(expectation, why));
  wsc_json_put(item, "clauses", clauses_json(outcome));
  wsc_json_put(item, "steps", steps_json(outcome));
  wsc_json_put(item, "wire", wsc_wire_json(outcome));
  wsc_json_put(item, "autobahn", autobahn_json(run, key->case_id, outcome));
  wsc_json_put(item, "timing", timing_json(outcome));
  wsc_json_push(run->results, item);
}
