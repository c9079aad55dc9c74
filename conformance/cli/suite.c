#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "requirements.h"
#include "rerun.h"
#include "select.h"

static int load(struct wsc_suite *suite, const struct wsc_options *options) {
  char *error = NULL;
  suite->host = wsc_host_new();
  if (suite->host == NULL) {
    fputs("wsspec: the case host cannot start\n", stderr);
    return WSC_EXIT_INTERNAL;
  }
  bool good =
      options->cases == NULL
          ? wsc_host_load_builtin(suite->host, &error)
          : wsc_host_load_directory(suite->host, options->cases, &error);
  if (!good) {
    int code = wsc_usage("%s", error);
    free(error);
    return code;
  }
  return -1;
}

static int check_requirements(const struct wsc_suite *suite) {
  for (size_t i = 0; i < suite->num_all; i++) {
    const struct wsc_case *info = suite->all[i];
    for (size_t j = 0; j < info->num_requirements; j++) {
      if (wsc_requirement_find(info->requirements[j]) == NULL) {
        return wsc_usage("%s:%d: case '%s' cites requirement '%s', which does "
                         "not exist",
                         info->file, info->line, info->id,
                         info->requirements[j]);
      }
    }
  }
  return -1;
}

bool wsc_suite_cites(const struct wsc_case *info, const char *id) {
  for (size_t i = 0; i < info->num_requirements; i++) {
    if (strcmp(info->requirements[i], id) == 0) {
      return true;
    }
  }
  return false;
}

int wsc_suite_load(struct wsc_suite *suite, const struct wsc_options *options,
                   const char *const *filters) {
  memset(suite, 0, sizeof *suite);
  int code = load(suite, options);
  if (code >= 0) {
    return code;
  }
  suite->all = wsc_host_cases(suite->host, &suite->num_all);
  code = check_requirements(suite);
  if (code >= 0) {
    return code;
  }
  const char *unknown;
  suite->selected = wsc_malloc((suite->num_all + 1) * sizeof *suite->selected);
  suite->num_selected = wsc_select(suite->all, suite->num_all, filters, options,
                                   suite->selected, &unknown);
  if (unknown != NULL) {
    fprintf(stderr,
            "wsspec: the filter '%s' matches no case; 'wsspec list' "
            "shows their ids\n",
            unknown);
    return WSC_EXIT_NO_CASE;
  }
  code = wsc_rerun_select(suite, options->rerun);
  if (code >= 0) {
    return code;
  }
  if (suite->num_selected == 0) {
    fputs("wsspec: no case is left to run\n", stderr);
    return WSC_EXIT_NO_CASE;
  }
  return -1;
}

void wsc_suite_free(struct wsc_suite *suite) {
  wsc_host_free(suite->host);
  free(suite->selected);
  memset(suite, 0, sizeof *suite);
}
