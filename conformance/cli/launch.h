/* launch.h: an implementation of a configuration (config.h), started and ready
 * to be tested. */
#ifndef WSC_LAUNCH_H
#define WSC_LAUNCH_H

#include <stdbool.h>

#include "arena.h"
#include "config.h"

struct wsc_launched; /* opaque */

/* Starts `item` in `directory` and waits until it is ready, at most as long as
 * it may take, or until *stop becomes true. NULL: *why (of `arena`) says what
 * went wrong, with the end of its output, escaped. An implementation that runs
 * already is just handed through. */
struct wsc_launched *wsc_launch(struct wsc_arena *arena,
                                const struct wsc_implementation *item,
                                const char *directory,
                                const volatile bool *stop, const char **why);

/* Its URL, with the port in place. Borrowed until wsc_launch_end. */
const char *wsc_launch_url(const struct wsc_launched *launched);

/* NULL while it runs, or where we did not start it; else how it ended, with the
 * end of its output, escaped; of `arena`. */
const char *wsc_launch_ended(struct wsc_arena *arena,
                             struct wsc_launched *launched);

/* Stops it. NULL is ignored. */
void wsc_launch_end(struct wsc_launched *launched);

#endif
