#include "ws/mask.h"

#include <string.h>

/* XORs `data` with the key `pattern`, repeated from data[0]. The seam: another
 * implementation of masking has exactly this signature. */
static void mask_portable(uint8_t *data, size_t len, const uint8_t pattern[4]) {
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

void ws_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t offset) {
  uint8_t pattern[4];
  for (size_t i = 0; i < 4; i++) {
    pattern[i] = key[(offset + i) % 4];
  }
  mask_portable(data, len, pattern);
}
