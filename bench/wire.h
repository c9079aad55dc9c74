/* wire.h: the octets that are measured with: text, and masked frames. */
#ifndef WIRE_H
#define WIRE_H

#include "ws/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wire_text {
  WIRE_ASCII,
  WIRE_MIXED /* Latin with accents, Cyrillic, Chinese, emoji */
};

/* Exactly `len` bytes of valid UTF-8; the same in every run. */
void wire_text(uint8_t *out, size_t len, enum wire_text text);

#define WIRE_FRAME_LEN(len) (WS_FRAME_HEADER_MAX + (len))

/* A whole message as a client sends it, with a key of its own for each `seed`.
 * `out` has room for WIRE_FRAME_LEN(len); returns the bytes that were used. */
size_t wire_frame(uint8_t *out, enum ws_opcode opcode, const uint8_t *payload,
                  size_t len, uint32_t seed);

/* The request of a client that knows no extensions, NUL-terminated. */
const char *wire_request(void);

#ifdef __cplusplus
}
#endif

#endif
