#include "documents.h"

#include <stdlib.h>

#include "merge.h"

struct wsc_run *wsc_document_read(const char *path) {
  char *error = NULL;
  struct wsc_run *run = wsc_run_read(path, &error);
  if (run == NULL) {
    wsc_usage("%s", error);
    free(error);
  }
  return run;
}

static bool merge_into(struct wsc_run *run, const char *path) {
  struct wsc_run *other = wsc_document_read(path);
  if (other == NULL) {
    return false;
  }
  struct wsc_strbuf conflicts;
  wsc_strbuf_init(&conflicts);
  wsc_run_merge(run, other, path, &conflicts);
  if (conflicts.len != 0) {
    fprintf(stderr, "wsspec: the documents do not agree:\n%s", conflicts.data);
  }
  wsc_strbuf_free(&conflicts);
  wsc_run_free(other);
  return true;
}

static bool keep(struct wsc_run *run, const struct wsc_list *only) {
  const char *unknown;
  if (wsc_run_keep_targets(run, only->items, only->num, &unknown)) {
    return true;
  }
  wsc_usage("--only: '%s' names no implementation of the run", unknown);
  return false;
}

struct wsc_run *wsc_documents_merge(const struct wsc_list *paths,
                                    const struct wsc_list *only) {
  struct wsc_run *run = wsc_document_read(paths->items[0]);
  bool good = run != NULL;
  for (size_t i = 1; good && i < paths->num; i++) {
    good = merge_into(run, paths->items[i]);
  }
  good = good && keep(run, only);
  if (!good) {
    wsc_run_free(run);
    return NULL;
  }
  return run;
}
