/* host.h: the case host: Lua scripts as cases and as coroutines of trials. */
#ifndef WSC_HOST_H
#define WSC_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "case.h"
#include "embedded.h"
#include "scheduler.h"

struct wsc_host;

/* A host without cases. NULL: out of memory. */
struct wsc_host *wsc_host_new(void);
void wsc_host_free(struct wsc_host *host); /* NULL is ignored */

/* Runs one case file; its cases are added. `name` is the path to show. False:
 * *error (free()) says file, line and what is wrong; cases of the file that
 * were declared before the mistake are not kept. */
bool wsc_host_load(struct wsc_host *host, const char *name, const char *text,
                   size_t len, char **error);

/* The built-in cases: every file of conformance/cases. */
bool wsc_host_load_builtin(struct wsc_host *host, char **error);

/* Every *.lua of a directory, in the order of their names. */
bool wsc_host_load_directory(struct wsc_host *host, const char *path,
                             char **error);

/* The cases so far, in order of declaration; borrowed until the next load. */
const struct wsc_case *const *wsc_host_cases(const struct wsc_host *host,
                                             size_t *num);

/* The sanity checks that frame every campaign. */
const struct wsc_case *wsc_host_sanity_first(const struct wsc_host *host);
const struct wsc_case *wsc_host_sanity_last(const struct wsc_host *host);

/* How echo is decided: "auto" (the sanity check finds out), "yes", "no". */
void wsc_host_set_echo(struct wsc_host *host, const char *mode);

/* Whether scripts send as much as they can think of: t.full. */
void wsc_host_set_full(struct wsc_host *host, bool full);

/* The case files that were loaded, ended by a NULL name; borrowed until the next
 * load. */
const struct wsc_embedded *wsc_host_sources(const struct wsc_host *host);

/* The line of a case file, without its line end; "" when unknown. Borrowed from
 * the host; *len is its length. */
const char *wsc_host_source_line(const struct wsc_host *host, const char *file,
                                 int line, size_t *len);

/* To be given to a campaign together with the host. */
extern const struct wsc_script_ops wsc_host_ops;

#endif
