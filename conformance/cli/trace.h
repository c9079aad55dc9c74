/* trace.h: frames in hex, with their fields named. */
#ifndef WSC_TRACE_H
#define WSC_TRACE_H

#include <stdio.h>

#include "outcome.h"

/* The last `most` frames of a connection of the outcome, or, where it has none
 * (an opening handshake), its octets; then how it ended. */
void wsc_trace_connection(FILE *out, const struct wsc_outcome *outcome,
                          int connection, size_t most);

#endif
