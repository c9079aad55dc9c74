/* spawn.h: `wsspec server --spawn COMMAND` and `--pid`: the server's process. */
#ifndef WSC_SPAWN_H
#define WSC_SPAWN_H

#include "arena.h"
#include "cli.h"
#include "measure.h"

struct wsc_spawned; /* opaque */

/* Starts the command of --spawn for `url` and waits until it is ready, or looks
 * for the process of --pid, or does neither. -1, or the exit code of what went
 * wrong and was printed. *spawned has to be ended in any case. */
int wsc_spawn(struct wsc_spawned **spawned, const struct wsc_options *options,
              const char *url);

/* Enters URL, meter and reviver into `server`; borrowed from `spawned`. */
void wsc_spawned_enter(struct wsc_spawned *spawned,
                       struct wsc_measured *server);

/* Says on standard error how a started server ended by itself, if it did; stops
 * it and frees. NULL is ignored. */
void wsc_spawned_end(struct wsc_spawned *spawned);

#endif
