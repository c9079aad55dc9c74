/* measure.h: what `server` and `run` share: a suite, a run document and its
 * outputs, and one server after the other. */
#ifndef WSC_MEASURE_H
#define WSC_MEASURE_H

#include "cli.h"
#include "expectations.h"
#include "run.h"
#include "suite.h"
#include "terminal.h"

struct wsc_measure {
  const struct wsc_options *options; /* borrowed */
  struct wsc_list filters;           /* to be set before wsc_measure_open */
  struct wsc_list subject;           /* the same: see repeat.h */
  bool documented;                   /* the same: make the document anyway */
  struct wsc_suite suite;
  struct wsc_run *run; /* NULL: nobody reads it */
  struct wsc_terminal terminal;
};

/* One server of several. */
struct wsc_measured {
  const char *name; /* to show and to know it by; NULL: its URL */
  const char *url;
  /* Those of the command line, or what a configuration makes of them. */
  const struct wsc_options *options;
  const struct wsc_list *subject;               /* what repeats it alone */
  const struct wsc_expectations *expectations;  /* NULL: none */
  const struct wsc_meter *meter;                /* NULL: none */
  void (*revive)(void *user, unsigned attempt); /* see struct wsc_campaign */
  void *reviver;
};

/* Checks that the outputs can be written, loads and selects the cases, begins
 * the document. -1, or the exit code of an error that was printed. */
int wsc_measure_open(struct wsc_measure *measure);

/* The known deviations of `path` (NULL: none, *expectations is NULL). -1 or the
 * exit code. */
int wsc_measure_expectations(struct wsc_expectations **expectations,
                             const char *path);

/* Runs the cases against one server and prints its summary; the exit code. */
int wsc_measure_server(struct wsc_measure *measure,
                       const struct wsc_measured *server);

/* Enters a server that could not be measured, `why` in words (escaped). Returns
 * WSC_EXIT_UNREACHABLE. */
int wsc_measure_absent(struct wsc_measure *measure, const char *name,
                       const char *url, const char *why);

/* Of several exit codes the gravest counts: 2 ends a run, else 6 over 1 over
 * 0. */
int wsc_measure_worse(int code, int than);

/* Ends the document and writes the outputs; the exit code of the whole, given
 * the worst of its parts. */
int wsc_measure_finish(struct wsc_measure *measure, int worst);

void wsc_measure_free(struct wsc_measure *measure);

#endif
