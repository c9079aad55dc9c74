/* wire_fixture.h: a run of one case whose wire log is a whole conversation. */
#ifndef WIRE_FIXTURE_H
#define WIRE_FIXTURE_H

#include "run.h"

/* Two connections: one with an opening handshake, a ping and its pong, a text
 * of 70,000 octets of which the log kept the first 65,536, and a Close each
 * way; one that the peer resets behind its 101. Owned. */
struct wsc_run *fixture_wire(void);

#endif
