/* run_fixture.h: runs with every verdict and with hostile text, for the tests
 * of results/ and of reports/. */
#ifndef RUN_FIXTURE_H
#define RUN_FIXTURE_H

#include "run.h"

/* What a hostile peer would like to see in a report. */
extern const char fixture_hostile[];

/* A closed run of one server target with `num_cases` cases (at least 6), in
 * which each verdict occurs. Owned by the caller. */
struct wsc_run *fixture_run(size_t num_cases);

/* A closed run of two targets, one of which fails. */
struct wsc_run *fixture_matrix(void);

/* A name in the test's own directory, free of others'. Owned. */
char *fixture_path(const char *name);

/* The whole file, with a NUL behind it. Owned; fails the test when it cannot
 * be read. */
char *fixture_slurp(const char *path, size_t *len);

#endif
