/* served.h: serve.h in a process of its own, for who wants to dial what it
 * serves. */
#ifndef WSC_SERVED_H
#define WSC_SERVED_H

#include "serve.h"

struct wsc_served; /* opaque */

/* Forks, serves in the child, and returns when it listens; `stop_fd`, `ready`
 * and `user` of the options are set here. The child ends with our process,
 * however that ends. Not with other threads running. NULL: *error (free()) says
 * what to do. */
struct wsc_served *wsc_served_start(const struct wsc_serve_options *options,
                                    char **error);

/* Where it listens. */
uint16_t wsc_served_port(const struct wsc_served *served);

/* Ends the child and waits for it. NULL is ignored. */
void wsc_served_stop(struct wsc_served *served);

#endif
