/* merge.h: several run documents as one, such as the parts of --shard. */
#ifndef WSC_MERGE_H
#define WSC_MERGE_H

#include "run.h"
#include "strbuf.h"

/* Adds targets, cases and results of `other` to `run` and sums up again. Targets
 * are the same when their ids are, results when target, case, variant and chop
 * are; of two results the worse is kept. What the two do not agree on is added
 * to `conflicts`, a line each, printable: `name` stands for `other` there. Parts
 * of one run may differ in the cases that each of them ran. `other` must not be
 * changed afterwards: they share their results. */
void wsc_run_merge(struct wsc_run *run, const struct wsc_run *other,
                   const char *name, struct wsc_strbuf *conflicts);

/* Leaves the targets whose id or agent matches one of globs[0 .. num-1]; all
 * when `num` is 0. False, and nothing is changed: *unknown is a glob that
 * matches none. */
bool wsc_run_keep_targets(struct wsc_run *run, const char *const *globs,
                          size_t num, const char **unknown);

#endif
