/* verdict.h: the verdicts, and how the verdicts of clauses make those of cases
 * and requirements. */
#ifndef WSC_VERDICT_H
#define WSC_VERDICT_H

/* In the order in which the worse wins: of several clauses that cite a
 * requirement, or make up a case, the first in this list counts. */
enum wsc_verdict {
  WSC_FAIL,  /* a MUST is broken */
  WSC_ERROR, /* we could not measure; never blamed on the peer */
  WSC_WARN,  /* a SHOULD is broken, or a MUST that a grading rule tolerates */
  WSC_PASS,  /* judged, and kept */
  WSC_INFO,  /* a measured choice that no clause binds */
  WSC_SKIP,  /* a precondition is absent; the reason says which */
  WSC_NUM_VERDICTS
};

/* "fail", "error", "warn", "pass", "info", "skip"; static. */
const char *wsc_verdict_name(enum wsc_verdict verdict);

/* The verdict called `name`, or WSC_NUM_VERDICTS. */
enum wsc_verdict wsc_verdict_by_name(const char *name);

/* The worse of two. */
enum wsc_verdict wsc_verdict_worse(enum wsc_verdict a, enum wsc_verdict b);

/* How a clause was asked. */
enum wsc_strength {
  WSC_MUST,      /* broken: fail */
  WSC_SHOULD,    /* broken: warn */
  WSC_TOLERATED, /* a MUST that a grading rule softens; broken: warn, and fail
                    under --strict */
  WSC_NOTE       /* measured, not judged: info */
};

/* "must", "should", "tolerated", "note"; static. */
const char *wsc_strength_name(enum wsc_strength strength);

#endif
