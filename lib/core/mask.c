#include "ws/mask.h"

#include <string.h>

#include "mask_internal.h"

#define VECTOR_MIN 32 /* shorter: the way to the loop is longer than the loop */
#define AVX2_MIN   128 /* SSE2 is done before AVX2 is asked for */

void ws_mask_portable(uint8_t *data, size_t len, const uint8_t pattern[4]) {
  /* memcpy is how C spells an unaligned load, and being a copy of octets it
   * makes the result independent of the byte order. */
  uint64_t wide;
  memcpy(&wide, pattern, 4);
  memcpy((uint8_t *)&wide + 4, pattern, 4);
  size_t i = 0;
  for (; len - i >= sizeof wide; i += sizeof wide) {
    uint64_t word;
    memcpy(&word, data + i, sizeof word);
    word ^= wide;
    memcpy(data + i, &word, sizeof word);
  }
  for (; i < len; i++) {
    data[i] ^= pattern[i % 4];
  }
}

const struct ws_mask_path *ws_mask_path(size_t i) {
  static const struct ws_mask_path paths[] = {
      {"portable", ws_vector_always, ws_mask_portable},
#ifdef WS_VECTOR_X86
      {"sse2", ws_vector_always, ws_mask_sse2},
      {"avx2", ws_vector_avx2, ws_mask_avx2},
#endif
#ifdef WS_VECTOR_NEON
      {"neon", ws_vector_always, ws_mask_neon},
#endif
  };
  return i < sizeof paths / sizeof paths[0] ? &paths[i] : NULL;
}

static void mask_long(uint8_t *data, size_t len, const uint8_t pattern[4]) {
#if defined(WS_VECTOR_X86)
  if (len >= AVX2_MIN && ws_vector_avx2()) {
    ws_mask_avx2(data, len, pattern);
  } else {
    ws_mask_sse2(data, len, pattern);
  }
#elif defined(WS_VECTOR_NEON)
  ws_mask_neon(data, len, pattern);
#else
  ws_mask_portable(data, len, pattern);
#endif
}

void ws_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t offset) {
  uint8_t turned[4];
  const uint8_t *pattern = key;
  if (offset % 4 != 0) {
    for (size_t i = 0; i < 4; i++) {
      turned[i] = key[(offset + i) % 4];
    }
    pattern = turned;
  }
  if (len < VECTOR_MIN) {
    ws_mask_portable(data, len, pattern);
  } else {
    mask_long(data, len, pattern);
  }
}
