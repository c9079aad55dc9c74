/* requirements.h: the table of requirements, embedded from
 * conformance/requirements/: requirements.csv, and uncovered.csv, which says why
 * a server cannot be tested for one that could be seen from outside. */
#ifndef WSC_REQUIREMENTS_H
#define WSC_REQUIREMENTS_H

#include "case.h"

/* The embedded table, read once. Never NULL; *num is its length. */
const struct wsc_requirement *wsc_requirements(size_t *num);

/* The row called `id`, or NULL. */
const struct wsc_requirement *wsc_requirement_find(const char *id);

/* Where its words stand: "https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3"
 * and the like, written to `out`. */
void wsc_requirement_url(const struct wsc_requirement *row, char *out,
                         size_t out_len);

/* Why no case covers `row`, or NULL when one does. Static. */
struct wsc_coverage {
  bool covered; /* a case of the run names it */
  bool servers; /* the run has targets of this role */
  bool clients;
  bool filtered; /* only some of the cases were selected */
};
const char *wsc_uncovered_reason(const struct wsc_requirement *row,
                                 const struct wsc_coverage *coverage);

#endif
