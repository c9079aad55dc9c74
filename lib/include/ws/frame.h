/* frame.h: the frame header (RFC 6455 5.2), a codec without policy.
 *
 * Decoding never rejects: every octet string is the beginning of some frame
 * header. What a receiver has to refuse is said by ws_frame_check, so that an
 * instrument can read, and write, what a conforming endpoint would not. */
#ifndef WS_FRAME_H
#define WS_FRAME_H

#include "ws/fault.h"
#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_FRAME_HEADER_MAX 14  /* 2 + 8 (64-bit length) + 4 (masking key) */
#define WS_CONTROL_MAX      125 /* payload of a control frame, 5.5 */

enum ws_opcode {
  WS_OP_CONTINUATION = 0x0,
  WS_OP_TEXT = 0x1,
  WS_OP_BINARY = 0x2,
  WS_OP_CLOSE = 0x8,
  WS_OP_PING = 0x9,
  WS_OP_PONG = 0xA
};

/* The bits of `rsv`. */
#define WS_RSV1 0x4
#define WS_RSV2 0x2
#define WS_RSV3 0x1

/* How the payload length is written; the values are the number of bits. */
enum ws_length_form { WS_LENGTH_7 = 7, WS_LENGTH_16 = 16, WS_LENGTH_64 = 64 };

struct ws_frame {
  bool fin;
  uint8_t rsv;    /* 0..7, WS_RSV1 | WS_RSV2 | WS_RSV3 */
  uint8_t opcode; /* 0..15, see enum ws_opcode */
  bool masked;
  enum ws_length_form length_form;
  uint64_t length; /* of the payload, in bytes; the whole 64 bits */
  uint8_t key[4];  /* the masking key; zeros when not masked */
};

/* Control frames are those with the high bit of the opcode set (5.5). */
static inline bool ws_opcode_is_control(uint8_t opcode) {
  return (opcode & 0x8) != 0;
}

/* True for the opcodes that RFC 6455 defines (5.2, 11.8). */
bool ws_opcode_is_known(uint8_t opcode);

/* "text", "ping", ... or "reserved 0x3"-like names; static, never NULL. */
const char *ws_opcode_name(uint8_t opcode);

/* The shortest form for `length` (5.2: "the minimal number of bytes MUST be
 * used"). */
enum ws_length_form ws_length_form_minimal(uint64_t length);

/* Reads one header from the `len` bytes at `data` (borrowed for the call).
 * Returns the bytes that it occupies, 2..14, and fills *frame; returns 0 when
 * the header is not complete, and leaves *frame alone. */
size_t ws_frame_decode(struct ws_frame *frame, const uint8_t *data, size_t len);

/* Writes the header of `frame` and returns its length, 2..14. The length form
 * is written as it stands, minimal or not; `length` must fit it (low bits are
 * taken otherwise). */
size_t ws_frame_encode(uint8_t out[WS_FRAME_HEADER_MAX],
                       const struct ws_frame *frame);

/* What the receiver knows when a header arrives. */
struct ws_frame_rules {
  enum ws_role receiver; /* a server requires masked frames, a client clear */
  uint8_t rsv_allowed;   /* RSV bits that a negotiated extension defines for
                            the first frame of a data message */
  bool message_open;     /* a fragmented message waits for its continuation */
};

/* The first rule of RFC 6455 that `frame` breaks, in the order in which a
 * reader of the octets meets them, or WS_FAULT_NONE. Size limits are not looked
 * at: they are the caller's policy. */
enum ws_fault ws_frame_check(const struct ws_frame *frame,
                             const struct ws_frame_rules *rules);

#ifdef __cplusplus
}
#endif

#endif
