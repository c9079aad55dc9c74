/* frame_reference.h: the frame header (RFC 6455 5.2), read bit after bit along
 * the figure of the RFC, and what a receiver has to refuse. */
#ifndef FRAME_REFERENCE_H
#define FRAME_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame_reference {
  unsigned fin, rsv1, rsv2, rsv3, opcode, mask;
  unsigned num_length_bits; /* 7, 16 or 64 */
  uint64_t length;
  uint8_t key[4];    /* zeros without mask */
  size_t header_len; /* octets */
};

/* False: the header is longer than `len` octets. */
bool frame_reference(struct frame_reference *frame, const uint8_t *data,
                     size_t len);

/* A bit for each rule that a frame breaks. */
enum frame_breach {
  FRAME_RSV = 1 << 0,
  FRAME_OPCODE = 1 << 1,
  FRAME_CONTROL_FRAGMENTED = 1 << 2,
  FRAME_CONTROL_TOO_LONG = 1 << 3,
  FRAME_NOTHING_TO_CONTINUE = 1 << 4,
  FRAME_NOT_CONTINUED = 1 << 5,
  FRAME_NOT_MASKED = 1 << 6,
  FRAME_MASKED = 1 << 7,
  FRAME_NOT_MINIMAL = 1 << 8,
  FRAME_TOP_BIT = 1 << 9
};

struct frame_receiver {
  bool server;
  bool rsv1, rsv2, rsv3; /* may be set in the first frame of a message */
  bool open;             /* a fragmented message is not finished */
};

/* All that is wrong: a set of enum frame_breach. */
unsigned frame_reference_breaches(const struct frame_reference *frame,
                                  const struct frame_receiver *receiver);

#endif
