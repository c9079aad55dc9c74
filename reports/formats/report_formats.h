/* report_formats.h: a run document in the words of other programs.
 *
 * Each writer is a function of the document alone: the same document gives the
 * same bytes. Whatever a document says is hostile: it is made printable
 * (strbuf.h), cut where it is long, and escaped by the rules of the format, so
 * that it stays text. docs/reports.md says what each format holds. */
#ifndef WSC_REPORT_FORMATS_H
#define WSC_REPORT_FORMATS_H

#include "run.h"
#include "strbuf.h"

/* The mildest verdict that is a failure. */
enum wsc_fail_on {
  WSC_FAIL_ON_OF_RUN, /* what the run was asked for (run.options.fail_on) */
  WSC_FAIL_ON_FAIL,
  WSC_FAIL_ON_WARN
};

struct wsc_format {
  const char *name;      /* "junit" */
  const char *extension; /* what names of its files end in: ".xml" */
  void (*write)(struct wsc_strbuf *out, const struct wsc_run *run,
                enum wsc_fail_on fail_on);
};

/* The format called `name`, the one that `path` asks for by its extension;
 * static. NULL: none. */
const struct wsc_format *wsc_format_by_name(const char *name);
const struct wsc_format *wsc_format_of_path(const char *path);

/* The number-th of all, from 0; NULL behind the last. */
const struct wsc_format *wsc_format_at(size_t number);

/* The run as annotations of GitHub Actions: lines that the runner reads from
 * standard output. */
void wsc_format_github(struct wsc_strbuf *out, const struct wsc_run *run,
                       enum wsc_fail_on fail_on);

/* Markdown of at most `max` octets; says what it leaves out. */
void wsc_format_markdown(struct wsc_strbuf *out, const struct wsc_run *run,
                         enum wsc_fail_on fail_on, size_t max);

/* What the Autobahn Testsuite writes: index.json, and for each target a file
 * of details that it names. `emit` is called once a file with a name of plain
 * letters; false ends it. */
typedef bool (*wsc_format_emit)(void *user, const char *name, const char *data,
                                size_t len);
bool wsc_format_autobahn(const struct wsc_run *run, wsc_format_emit emit,
                         void *user);

#endif
