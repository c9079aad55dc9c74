/* expectations.h: --expect FILE, the known deviations of an implementation.
 *
 * A JSON array of objects: "case" (a glob on case ids), "verdict" ("fail",
 * "warn" or "error"), "why" (words), "till" ("YYYY-MM-DD", the last day on
 * which it is accepted; optional). */
#ifndef WSC_EXPECTATIONS_H
#define WSC_EXPECTATIONS_H

#include "run.h"

struct wsc_expectations;

/* NULL: *error (free()) names the file, the entry and what to do. */
struct wsc_expectations *wsc_expectations_read(const char *path, char **error);
void wsc_expectations_free(struct wsc_expectations *expectations);

/* What the file says of a result; *why is borrowed from it. `expectations` NULL
 * expects nothing. A skip neither meets nor breaks an expectation. */
enum wsc_expectation
wsc_expectations_judge(const struct wsc_expectations *expectations,
                       const char *case_id, enum wsc_verdict verdict,
                       const char **why);

/* Writes to `path` what the results of a run deviate in: an entry for each case
 * and verdict that was unexpected, with an empty "why", which
 * wsc_expectations_read does not take before somebody has said why; then those
 * of `expectations` (NULL: none) that showed, as they are. Of unexpected
 * verdicts `least` is the mildest that counts (WSC_WARN or WSC_ERROR). *num_new
 * is the number of empty ones. False: *error (free()). */
bool wsc_expectations_write(const struct wsc_expectations *expectations,
                            const struct wsc_run *run, enum wsc_verdict least,
                            const char *path, size_t *num_new, char **error);

/* The first entry whose `till` has passed, as text, or NULL. */
const char *
wsc_expectations_expired(const struct wsc_expectations *expectations);

#endif
