/* format.h: the run document as what CI systems read.
 *
 * Every writer takes a document (closed, or read from a file) and adds to a
 * text. The same document gives the same bytes. All text of a document is made
 * printable (strbuf.h) before it is escaped for the format, whoever wrote the
 * document. What each format holds: docs/reports.md. */
#ifndef WSC_FORMAT_H
#define WSC_FORMAT_H

#include <jansson.h>
#include <stdbool.h>

#include "run.h"
#include "strbuf.h"

struct wsc_format_options {
  bool fail_on_warn; /* a warn counts as a failure, as with --fail-on warn */
};

struct wsc_format {
  const char *name;      /* "junit" */
  const char *extension; /* ".xml": how a file of it ends; NULL: asked for by
                            name alone */
  const char *text;      /* one line */
  void (*write)(struct wsc_strbuf *out, const json_t *document,
                const struct wsc_format_options *options);
};

/* All formats; ended by one whose name is NULL. */
extern const struct wsc_format wsc_formats[];

/* The format called `name`, or that files named like `path` have; NULL. */
const struct wsc_format *wsc_format_by_name(const char *name);
const struct wsc_format *wsc_format_by_path(const char *path);

/* GitHub: the lines for standard output (workflow commands, at most 10 a kind,
 * as many as it shows of a step) and the summary for $GITHUB_STEP_SUMMARY, of
 * at most 1 MiB. */
void wsc_format_github_lines(struct wsc_strbuf *out, const json_t *document,
                             const struct wsc_format_options *options);

void wsc_format_junit(struct wsc_strbuf *out, const json_t *document,
                      const struct wsc_format_options *options);
void wsc_format_tap(struct wsc_strbuf *out, const json_t *document,
                    const struct wsc_format_options *options);
void wsc_format_sarif(struct wsc_strbuf *out, const json_t *document,
                      const struct wsc_format_options *options);
void wsc_format_markdown(struct wsc_strbuf *out, const json_t *document,
                         const struct wsc_format_options *options);
void wsc_format_badge(struct wsc_strbuf *out, const json_t *document,
                      const struct wsc_format_options *options);
void wsc_format_pcapng(struct wsc_strbuf *out, const json_t *document,
                       const struct wsc_format_options *options);

/* Autobahn's reports of the document, in its schema, under `directory` (made
 * when it is not there): index.json, and a file a result. False: *error (free())
 * names the path and what to do. */
bool wsc_format_autobahn(const json_t *document, const char *directory,
                         char **error);

#endif
