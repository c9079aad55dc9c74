/* report.h: what has to hold of everything that is made of a run document. */
#ifndef FUZZ_REPORT_H
#define FUZZ_REPORT_H

#include "run.h"

/* Text that goes to a terminal or a log. */
void fuzz_check_harmless(const char *text, size_t len);

/* Writes `run` in every format and checks each by what its readers rely on;
 * `seed` chooses what a writer may be asked for. */
void fuzz_check_reports(const struct wsc_run *run, uint64_t seed);

#endif
