/* requirements.h: the table of requirements, embedded from
 * conformance/requirements/requirements.csv. */
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

#endif
