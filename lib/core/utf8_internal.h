/* utf8_internal.h: the implementations of validation. They say the same of any
 * string; tests and fuzzers compare them. */
#ifndef WS_UTF8_INTERNAL_H
#define WS_UTF8_INTERNAL_H

#include "vector_internal.h"
#include "ws/utf8.h"

/* `data` begins a code point. Returns a number of bytes that are valid and end
 * a code point. It may return fewer than there are, even 0: who wants to know
 * what is wrong behind them, or unfinished, goes on byte by byte. */
typedef size_t ws_utf8_function(const uint8_t *data, size_t len);

/* Stops only before what is bad or unfinished. */
ws_utf8_function ws_utf8_portable;
#ifdef WS_VECTOR_X86
ws_utf8_function ws_utf8_ssse3; /* only where ws_vector_ssse3 */
ws_utf8_function ws_utf8_avx2;  /* only where ws_vector_avx2 */
#endif
#ifdef WS_VECTOR_NEON
ws_utf8_function ws_utf8_neon;
#endif

struct ws_utf8_path {
  const char *name;
  bool (*usable)(void); /* on this machine */
  ws_utf8_function *valid;
};

/* All that were compiled, the portable one first; NULL past the last. */
const struct ws_utf8_path *ws_utf8_path(size_t i);

/* ws_utf8_feed by one of them. */
bool ws_utf8_feed_by(const struct ws_utf8_path *path, struct ws_utf8 *utf8,
                     const uint8_t *data, size_t len);

/* `data` holds at least 3 bytes and no error but, perhaps, a code point that is
 * not finished, or a last byte that may not follow: returns `len` without it.
 */
static inline size_t ws_utf8_whole(const uint8_t *data, size_t len) {
  if (data[len - 1] >= 0xC0) {
    return len - 1;
  }
  if (data[len - 2] >= 0xE0) {
    return len - 2;
  }
  return data[len - 3] >= 0xF0 ? len - 3 : len;
}

/* The vector paths look at each byte together with the one before it. A pair
 * breaks a rule where one bit is set in all three of: the table for the high
 * half of the first byte, that for its low half, and that for the high half of
 * the second byte. The bits (RFC 3629 4 is their source):
 *
 *   SHORT      a lead byte, and no continuation behind it
 *   LONG       ASCII, and a continuation behind it
 *   OVERLONG_2 C0, C1
 *   OVERLONG_3 E0 80..9F
 *   OVERLONG_4 F0 80..8F
 *   SURROGATE  ED A0..BF
 *   LARGE      F4 90..BF, and behind F5..FF 90..BF
 *   LARGE_8    behind F5..FF 80..8F; the bit of OVERLONG_4, which another low
 *              half tells from it
 *   TWO        two continuations: right or wrong, as the bytes before say
 *
 * Two continuations are right exactly where the byte two before the second is
 * E0 or above, or the one three before is F0 or above: so the top bit, TWO, is
 * an error where it differs from that.
 *
 * The method is by J. Keiser and D. Lemire, "Validating UTF-8 In Less Than One
 * Instruction Per Byte" (2021). */
enum {
  WS_UTF8_SHORT = 0x01,
  WS_UTF8_LONG = 0x02,
  WS_UTF8_OVERLONG_3 = 0x04,
  WS_UTF8_LARGE = 0x08,
  WS_UTF8_SURROGATE = 0x10,
  WS_UTF8_OVERLONG_2 = 0x20,
  WS_UTF8_OVERLONG_4 = 0x40,
  WS_UTF8_LARGE_8 = 0x40,
  WS_UTF8_TWO = 0x80,
  /* What the low half of the first byte has no say in. */
  WS_UTF8_ANY_LOW = WS_UTF8_SHORT | WS_UTF8_LONG | WS_UTF8_TWO,
  /* What any continuation may be wrong about as the second byte. */
  WS_UTF8_CONTINUED = WS_UTF8_LONG | WS_UTF8_OVERLONG_2 | WS_UTF8_TWO,
  WS_UTF8_ABOVE_F4 = WS_UTF8_ANY_LOW | WS_UTF8_LARGE | WS_UTF8_LARGE_8
};

struct ws_utf8_tables {
  uint8_t first_high[16], first_low[16], second_high[16];
};

extern const struct ws_utf8_tables ws_utf8_tables;

#endif
