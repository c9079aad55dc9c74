/* receiver_reference.h: what a stream of frames means to an endpoint that has
 * agreed on no extension (RFC 6455 5 to 8), read with all of it at hand: no
 * state but the place, and the message that is being put together. */
#ifndef RECEIVER_REFERENCE_H
#define RECEIVER_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame_reference.h"

/* Breaches beside those of enum frame_breach. */
enum receiver_breach {
  RECEIVER_NOT_UTF8 = 1 << 16,
  RECEIVER_FRAME_TOO_BIG = 1 << 17,
  RECEIVER_MESSAGE_TOO_BIG = 1 << 18,
  RECEIVER_TOO_MANY_FRAGMENTS = 1 << 19,
  RECEIVER_CLOSE_LENGTH = 1 << 20,
  RECEIVER_CLOSE_CODE = 1 << 21,
  RECEIVER_CLOSE_NOT_UTF8 = 1 << 22
};

struct receiver_reference {
  bool server;
  uint64_t max_frame, max_message, max_fragments; /* UINT64_MAX: no limit */
  const uint8_t *data;                            /* borrowed: the stream */
  size_t len;
  size_t at;
  bool open; /* `message` is not whole */
  unsigned opcode;
  uint64_t num_fragments;
  uint8_t *message; /* owned: room for `len` octets, freed by the caller */
  size_t message_len;
};

enum heard_kind {
  HEARD_MESSAGE,
  HEARD_PING,
  HEARD_PONG,
  HEARD_CLOSE,
  HEARD_BREACH,
  HEARD_ALL /* the stream is at its end, perhaps inside of something */
};

struct heard {
  enum heard_kind kind;
  unsigned opcode;        /* MESSAGE */
  const uint8_t *payload; /* borrowed until the next call; CLOSE: the reason */
  size_t payload_len;
  unsigned code;        /* CLOSE; 1005: none */
  unsigned breaches;    /* BREACH: any of them may be named */
  size_t offset;        /* BREACH: of what is to blame */
  uint8_t control[125]; /* private */
};

/* Reads on to the next of them. Nothing follows CLOSE, BREACH and ALL; what was
 * valid of an unfinished message is in `message` then. */
void receiver_reference_next(struct receiver_reference *receiver,
                             struct heard *heard);

#endif
