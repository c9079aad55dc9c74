#include "mask_reference.h"

void mask_reference(uint8_t *out, const uint8_t *in, size_t len,
                    const uint8_t key[4], uint64_t offset) {
  unsigned j = (unsigned)(offset % 4);
  for (size_t i = 0; i < len; i++) {
    out[i] = (uint8_t)(in[i] ^ key[j]);
    j = j == 3 ? 0 : j + 1;
  }
}
