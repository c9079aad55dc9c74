#include "rerun.h"

#include <stdlib.h>
#include <string.h>

#include "run.h"

static bool is_wrong(const json_t *result) {
  const char *verdict = json_string_value(json_object_get(result, "verdict"));
  const char *state = json_string_value(
      json_object_get(json_object_get(result, "expectation"), "state"));
  return wsc_verdict_by_name(verdict) <= WSC_WARN ||
         (state != NULL && strcmp(state, "unmet") == 0);
}

/* The set of ids; owned. */
static json_t *wrong_cases(const struct wsc_run *run) {
  json_t *ids = json_object();
  size_t i;
  json_t *result;
  json_array_foreach(json_object_get(wsc_run_json(run), "results"), i, result) {
    if (is_wrong(result)) {
      json_object_set_new(
          ids, json_string_value(json_object_get(result, "case")), json_true());
    }
  }
  return ids;
}

int wsc_rerun_select(struct wsc_suite *suite, const char *path) {
  char *error = NULL;
  if (path == NULL) {
    return -1;
  }
  struct wsc_run *run = wsc_run_read(path, &error);
  if (run == NULL) {
    int code = wsc_usage("--rerun: %s", error);
    free(error);
    return code;
  }
  json_t *ids = wrong_cases(run);
  size_t num = 0;
  for (size_t i = 0; i < suite->num_selected; i++) {
    if (json_object_get(ids, suite->selected[i]->id) != NULL) {
      suite->selected[num++] = suite->selected[i];
    }
  }
  suite->num_selected = num;
  size_t num_wrong = json_object_size(ids);
  json_decref(ids);
  wsc_run_free(run);
  if (num_wrong == 0) {
    fprintf(stderr, "wsspec: nothing failed in %s: no case is left to run\n",
            path);
    return WSC_EXIT_NO_CASE;
  }
  return -1;
}
