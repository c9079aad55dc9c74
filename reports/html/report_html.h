/* report_html.h: a run document as one HTML file. */
#ifndef WSC_REPORT_HTML_H
#define WSC_REPORT_HTML_H

#include "run.h"
#include "strbuf.h"

struct wsc_report_html_options {
  const struct wsc_run *run;   /* closed, or read from a file; borrowed */
  const struct wsc_run *older; /* to compare with, by the ids of targets and
                                  cases; borrowed; NULL: none */
  const char *path;            /* "-": standard output */
};

/* Adds a page that needs nothing else to `out`: no network; without JavaScript
 * the summary, the matrix and the findings with their traces are there, the pages
 * of single cases are not. The same documents give the same bytes.
 * Peer-controlled text is escaped twice, as characters and as markup, and a
 * Content-Security-Policy allows the built-in style and script only.
 * options->path is not looked at. */
void wsc_report_html_text(const struct wsc_report_html_options *options,
                          struct wsc_strbuf *out);

/* Writes that page as one file. False: *error (free()) says what to do. */
bool wsc_report_html(const struct wsc_report_html_options *options,
                     char **error);

#endif
