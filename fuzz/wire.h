/* wire.h: what went over the wire in one direction, behind the HTTP head, as the
 * references read it: frames, masks, DEFLATE. A second opinion on what two
 * connections of ours have agreed on between themselves. */
#ifndef WIRE_H
#define WIRE_H

#include "fuzz.h"

struct wire {
  bool fresh;    /* no context is taken over */
  size_t window; /* agreed on, in octets; 0: no message may be compressed */
};

/* Adds the data of all messages in `octets` to *data, one behind the other;
 * returns their number. Ends the program for what may not be sent. */
size_t wire_read(struct fuzz_bytes *data, const struct wire *wire,
                 struct fuzz_input octets);

#endif
