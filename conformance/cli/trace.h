/* trace.h: frames in hex, with their fields named. */
#ifndef WSC_TRACE_H
#define WSC_TRACE_H

#include <stdio.h>

#include "outcome.h"

/* The last `most` frames of the outcome, and the octets of a connection that
 * has none (an opening handshake). */
void wsc_trace_frames(FILE *out, const struct wsc_outcome *outcome,
                      size_t most);

#endif
