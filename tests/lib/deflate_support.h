/* deflate_support.h: what the tests of permessage-deflate share. */
#ifndef DEFLATE_SUPPORT_H
#define DEFLATE_SUPPORT_H

#include "support.h"
#include "ws/deflate.h"

/* A growing run of octets. */
struct octets {
  uint8_t *data; /* owned: free() */
  size_t len;
};

void octets_add(struct octets *octets, const void *data, size_t len);
void octets_free(struct octets *octets);

/* Compresses one message in one piece; what was in *out before stays. */
void deflate_message(struct ws_deflate *codec, const void *data, size_t len,
                     struct octets *out);

/* Inflates one message that comes in pieces of `step` octets, with `room`.
 * Adds to *out. The fault, or NONE. */
enum ws_fault inflate_message(struct ws_deflate *codec, const uint8_t *data,
                              size_t len, size_t step, uint64_t room,
                              struct octets *out);

/* Text-like octets that compress, with matches at all distances; `seed` is not
 * 0. */
void fill_compressible(uint8_t *out, size_t len, uint64_t seed);

#endif
