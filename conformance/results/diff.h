/* diff.h: two run documents side by side. */
#ifndef WSC_DIFF_H
#define WSC_DIFF_H

#include "run.h"

#define WSC_DIFF_SCHEMA "wsspec-diff/1"

enum wsc_change {
  WSC_CHANGE_REGRESSION, /* fail, error or warn, and worse than before */
  WSC_CHANGE_FIXED,      /* was one of these, and is better */
  WSC_CHANGE_OTHER,      /* neither; or a known deviation */
  WSC_CHANGE_NEW,        /* has no result before */
  WSC_CHANGE_GONE,       /* has none now */
  WSC_NUM_CHANGES        /* no change */
};

/* "regressions", "fixed", "changed", "new", "gone": members of the difference.
 */
const char *wsc_change_name(enum wsc_change change);

/* What became of a verdict; WSC_NUM_VERDICTS: none. */
enum wsc_change wsc_change_of(enum wsc_verdict before, enum wsc_verdict now);

/* The difference: {"schema", "results", "requirements"}; the latter two hold an
 * array for each kind of change, of {target, case, variant, chop, old, new,
 * reason} and {target, id, level, old, new}; `old` and `new` are verdicts, null
 * where there is none. Results are the same when target, case, variant and chop
 * are, and targets when their ids are; where each document has one, they are
 * the same. A result that is a known deviation now is no regression. Owned by
 * the caller. */
json_t *wsc_run_diff(const struct wsc_run *before, const struct wsc_run *now);

#endif
