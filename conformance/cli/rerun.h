/* rerun.h: --rerun FILE, the cases that an earlier run found something wrong
 * with. */
#ifndef WSC_RERUN_H
#define WSC_RERUN_H

#include "suite.h"

/* Leaves of the selected cases those with a fail, a warn, an error or an
 * unexpected pass in the run document at `path`; NULL leaves all. -1, or the
 * exit code of an error that was printed. */
int wsc_rerun_select(struct wsc_suite *suite, const char *path);

#endif
