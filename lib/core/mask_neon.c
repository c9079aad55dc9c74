#include "mask_internal.h"

#ifdef WS_VECTOR_NEON

#include <arm_neon.h>
#include <string.h>

void ws_mask_neon(uint8_t *data, size_t len, const uint8_t pattern[4]) {
  uint32_t word;
  memcpy(&word, pattern, sizeof word);
  const uint8x16_t key = vreinterpretq_u8_u32(vdupq_n_u32(word));
  size_t i = 0;
  for (; len - i >= 4 * sizeof key; i += 4 * sizeof key) {
    uint8_t *at = data + i;
    uint8x16_t a = vld1q_u8(at);
    uint8x16_t b = vld1q_u8(at + 16);
    uint8x16_t c = vld1q_u8(at + 32);
    uint8x16_t d = vld1q_u8(at + 48);
    vst1q_u8(at, veorq_u8(a, key));
    vst1q_u8(at + 16, veorq_u8(b, key));
    vst1q_u8(at + 32, veorq_u8(c, key));
    vst1q_u8(at + 48, veorq_u8(d, key));
  }
  for (; len - i >= sizeof key; i += sizeof key) {
    vst1q_u8(data + i, veorq_u8(vld1q_u8(data + i), key));
  }
  ws_mask_portable(data + i, len - i, pattern);
}

#endif
