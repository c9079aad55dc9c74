/* report_html.h: a run document as one HTML file. */
#ifndef WSC_REPORT_HTML_H
#define WSC_REPORT_HTML_H

#include "run.h"

/* Writes `run` (borrowed, closed or read from a file) to `path` ("-": standard
 * output) as one file that needs nothing else: no network, no JavaScript. The
 * same document gives the same bytes. Peer-controlled text is escaped twice, as
 * characters and as markup, and a Content-Security-Policy allows the built-in
 * style and script only. False: *error (free()) says what to do. */
bool wsc_report_html(const struct wsc_run *run, const char *path, char **error);

#endif
