#include <string.h>

#include "requirements.h"

/* The requirement binds a role that no target of the run has. */
static const char *wrong_role(const struct wsc_requirement *row,
                              const struct wsc_coverage *coverage) {
  if (strcmp(row->testable, "blackbox-client") == 0 && !coverage->clients) {
    return "not a server requirement";
  }
  if (strcmp(row->testable, "blackbox-server") == 0 && !coverage->servers) {
    return "not a client requirement";
  }
  return NULL;
}

const char *wsc_uncovered_reason(const struct wsc_requirement *row,
                                 const struct wsc_coverage *coverage) {
  if (coverage->covered) {
    return NULL;
  }
  if (strcmp(row->testable, "untestable") == 0) {
    return "not testable from outside";
  }
  if (strcmp(row->testable, "lib-only") == 0) {
    return "needs a view inside the implementation";
  }
  if (strcmp(row->role, "intermediary") == 0) {
    return "binds intermediaries";
  }
  const char *role = wrong_role(row, coverage);
  if (role != NULL) {
    return role;
  }
  if (strcmp(row->rfc, "8441") == 0) {
    return "needs HTTP/2";
  }
  if (strcmp(row->rfc, "9220") == 0) {
    return "needs HTTP/3";
  }
  if (coverage->servers && row->uncovered[0] != '\0') {
    return row->uncovered;
  }
  return coverage->filtered ? "no case of this selection" : "not yet covered";
}
