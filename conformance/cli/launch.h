/* launch.h: an implementation of a configuration (config.h), started and ready
 * to be tested. */
#ifndef WSC_LAUNCH_H
#define WSC_LAUNCH_H

#include <stdbool.h>

#include "arena.h"
#include "config.h"
#include "meter.h"

struct wsc_launched; /* opaque */

/* Starts `item` in `directory` and waits until it is ready, at most as long as
 * it may take, or until *stop becomes true. NULL: *why (of `arena`) says what
 * went wrong, with the end of its output, escaped. An implementation that runs
 * already is just handed through. */
struct wsc_launched *wsc_launch(struct wsc_arena *arena,
                                const struct wsc_implementation *item,
                                const char *directory,
                                const volatile bool *stop, const char **why);

/* Stops what is left of it and starts it again, at the same port; its ready line
 * must have no {port}. False: *why, as above. */
bool wsc_launch_again(struct wsc_arena *arena, struct wsc_launched *launched,
                      const volatile bool *stop, const char **why);

/* True: its port accepts a connection before we have started anything. */
bool wsc_launch_taken(const char *url);

/* What it uses; NULL where we did not start it. Borrowed from `launched`. */
const struct wsc_meter *wsc_launch_meter(const struct wsc_launched *launched);

/* From here on SIGINT and SIGTERM set what this points to: while no server is
 * measured, nothing else listens to them. */
const volatile bool *wsc_launch_signals(void);

/* Its URL, with the port in place. Borrowed until wsc_launch_end. */
const char *wsc_launch_url(const struct wsc_launched *launched);

/* NULL while it runs, or where we did not start it; else how it ended, with the
 * end of its output, escaped; of `arena`. */
const char *wsc_launch_ended(struct wsc_arena *arena,
                             struct wsc_launched *launched);

/* Stops it. NULL is ignored. */
void wsc_launch_end(struct wsc_launched *launched);

#endif
