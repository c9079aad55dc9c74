/* reports.h: the files that a run is written to, by their kinds: "json",
 * "html", "autobahn" (a directory), "github", and the formats of
 * report_formats.h. */
#ifndef WSC_REPORTS_H
#define WSC_REPORTS_H

#include <stdio.h>

#include "cli.h"
#include "report_formats.h"

struct wsc_report_file {
  const char *kind;
  const char *path; /* "-": standard output */
};

/* The kind that `path` asks for by its extension; static. NULL: none. */
const char *wsc_report_kind_of(const char *path);

/* The kind called `name`; static. NULL: none. */
const char *wsc_report_kind(const char *name);

/* Finds out that the file can be written; makes the directory of "autobahn".
 * -1, or the exit code of an error that was printed. */
int wsc_report_check(const struct wsc_report_file *file);

struct wsc_report_content {
  const struct wsc_run *run;   /* closed; borrowed */
  const struct wsc_run *older; /* of "html"; borrowed; NULL: none */
  enum wsc_fail_on fail_on;
};

/* Writes the file; false when it could not, and printed why. */
bool wsc_report_write(const struct wsc_report_file *file,
                      const struct wsc_report_content *content);

/* Appends to $GITHUB_STEP_SUMMARY what finds room there; nothing where it is
 * not set. False when it could not, and printed why. */
bool wsc_report_step_summary(const struct wsc_report_content *content);

/* The same for all that the options of `server` and `run` ask for. */

/* True when some of them do. */
bool wsc_reports_wanted(const struct wsc_options *options);

/* Standard output is taken: the terminal's text has to go elsewhere. */
bool wsc_reports_take_stdout(const struct wsc_options *options);

/* All of wsc_report_check, and that standard output is taken once. */
int wsc_reports_check(const struct wsc_options *options);

/* Annotations for GitHub go to `terminal`. */
bool wsc_reports_write(const struct wsc_options *options,
                       const struct wsc_run *run, FILE *terminal);

#endif
