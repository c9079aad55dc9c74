/* run.h: the run document, the waist of the project.
 *
 * What `--json` writes is the result; terminal summaries, the HTML report and
 * every other format are derived from it. Its shape is fixed by
 * docs/run.schema.json. Writing is deterministic: the same calls give the same
 * bytes, keys in a fixed order, numbers as integers. */
#ifndef WSC_RUN_H
#define WSC_RUN_H

#include <jansson.h>

#include "case.h"
#include "embedded.h"
#include "outcome.h"

#define WSC_RUN_SCHEMA "wsspec-run/1"

struct wsc_run; /* owns one document */

/* An empty document. `tool_version` and `suite_version` are copied; `seed` and
 * `options` (an object; the reference is taken over, may be NULL) say how the
 * run can be repeated. Never NULL. */
struct wsc_run *wsc_run_new(const char *tool_version, const char *suite_version,
                            uint64_t seed, json_t *options);
void wsc_run_free(struct wsc_run *run); /* NULL is ignored */

/* Adds a target; returns its index. All strings are copied. `agent` is the
 * name to show, given by the user or taken from the Server field. */
int wsc_run_add_target(struct wsc_run *run, const char *id, const char *role,
                       const char *url, const char *agent);

/* Facts that hold for the whole target, found out while running: "echo":
 * "yes", "no", ...; shown in the headline. Copied. */
void wsc_run_target_fact(struct wsc_run *run, int target, const char *key,
                         const char *value);

/* What a connection to the target agreed on over TLS, and its certificate, in
 * words. Copied. */
struct wsc_run_tls {
  const char *version, *cipher;
  const char *subject, *issuer, *names;
  const char *not_before, *not_after;
  const char *sha256;   /* of the certificate */
  const char *verified; /* "ok", or why it does not verify */
};
void wsc_run_target_tls(struct wsc_run *run, int target,
                        const struct wsc_run_tls *tls);

/* Adds what is known of a case, once a case. */
void wsc_run_add_case(struct wsc_run *run, const struct wsc_case *info);

/* Gives the cases added so far their source text, so that a report can show the
 * script: the lines `line` to `end_line` of the file of that name in `files`
 * (borrowed for the call). A case whose file is not there keeps null. */
void wsc_run_add_sources(struct wsc_run *run, const struct wsc_embedded *files);

/* What a known deviation (--expect) makes of a result. */
enum wsc_expectation {
  WSC_EXPECT_NONE,      /* the case is not in the file */
  WSC_EXPECT_MET,       /* known, and it happened */
  WSC_EXPECT_UNEXPECTED /* known, and it did not happen: an unexpected pass */
};

/* Adds a result: key = target + case + variant + chop. The outcome is read,
 * not kept. `until`/`why` of a deviation may be NULL. */
struct wsc_result_key {
  int target;
  const char *case_id;
  const char *variant; /* "tcp", "sim" */
  const char *chop;    /* "whole" */
};
void wsc_run_add_result(struct wsc_run *run, const struct wsc_result_key *key,
                        const struct wsc_outcome *outcome,
                        enum wsc_expectation expectation, const char *why);

/* Computes summaries and the verdict of each requirement per target, and adds
 * the table of requirements. Call once, before writing; a run that was
 * interrupted is closed with `interrupted` set. */
void wsc_run_close(struct wsc_run *run, bool interrupted);

/* The number of results of a target with this verdict. */
size_t wsc_run_count(const struct wsc_run *run, int target,
                     enum wsc_verdict verdict);

/* The document itself; borrowed. */
const json_t *wsc_run_json(const struct wsc_run *run);

/* Writes the document to `path` ("-": standard output), first to a temporary
 * file beside it, then by rename: a reader never sees half of it. False: *error
 * (free()) names the path and what to do. */
bool wsc_run_write(const struct wsc_run *run, const char *path, char **error);

/* Reads a document that another run wrote, checks its schema version and every
 * member that the readers below rely on. NULL: *error (free()) says what is
 * wrong and where: truncated, not JSON, a newer schema, a wrong type. */
struct wsc_run *wsc_run_read(const char *path, char **error);

/* The same of the `len` octets at `text`, which errors call `name`. */
struct wsc_run *wsc_run_parse(const char *text, size_t len, const char *name,
                              char **error);

#endif
