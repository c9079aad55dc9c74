/* Run documents. Input: the text of one. What is refused is refused in words
 * that show as themselves. What is accepted is read again as the same, does not
 * differ from itself, can be merged with itself, and is written in every format
 * so that nothing in it becomes more than text (report.c). */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "fuzz.h"
#include "json_mutator.h"
#include "merge.h"
#include "report.h"

static struct wsc_run *parse(const char *text, size_t len) {
  char *error = NULL;
  struct wsc_run *run = wsc_run_parse(text, len, "input", &error);
  FUZZ_CHECK((run == NULL) == (error != NULL));
  if (error != NULL) {
    FUZZ_CHECK(strncmp(error, "input:", strlen("input:")) == 0);
    fuzz_check_harmless(error, strlen(error));
  }
  free(error);
  return run;
}

static struct wsc_run *again(const struct wsc_run *run) {
  char *text = json_dumps(wsc_run_json(run), JSON_COMPACT);
  FUZZ_CHECK(text != NULL);
  struct wsc_run *copy = parse(text, strlen(text));
  free(text);
  FUZZ_CHECK(copy != NULL);
  return copy;
}

static void check_again(const struct wsc_run *run) {
  struct wsc_run *copy = again(run);
  FUZZ_CHECK(
      json_equal((json_t *)wsc_run_json(run), (json_t *)wsc_run_json(copy)));
  wsc_run_free(copy);
}

static void check_no_difference(const struct wsc_run *run) {
  json_t *difference = wsc_run_diff(run, run);
  const char *part;
  json_t *lists;
  json_object_foreach(difference, part, lists) {
    const char *change;
    json_t *list;
    json_object_foreach(lists, change, list) {
      FUZZ_CHECK(json_array_size(list) == 0);
    }
  }
  json_decref(difference);
}

/* What comes of a merger is a document too. */
static void check_merger(const struct wsc_run *run) {
  struct wsc_run *merged = again(run);
  struct wsc_run *other = again(run);
  struct wsc_strbuf conflicts;
  wsc_strbuf_init(&conflicts);
  wsc_run_merge(merged, other, "other", &conflicts);
  fuzz_check_harmless(conflicts.data == NULL ? "" : conflicts.data,
                      conflicts.len);
  wsc_strbuf_free(&conflicts);
  check_again(merged);
  wsc_run_free(merged);
  wsc_run_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  char *text = (char *)fuzz_copy(data, len);
  struct wsc_run *run = parse(text, len);
  if (run != NULL) {
    check_again(run);
    check_no_difference(run);
    check_merger(run);
    fuzz_check_reports(run, len);
  }
  wsc_run_free(run);
  free(text);
  return 0;
}
