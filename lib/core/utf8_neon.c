#include "utf8_internal.h"

#ifdef WS_VECTOR_NEON

#include <arm_neon.h>

/* Not zero where `now`, which `before` comes before, breaks a rule; see
 * utf8_internal.h. */
static uint8x16_t errors_of(uint8x16_t before, uint8x16_t now) {
  const struct ws_utf8_tables *tables = &ws_utf8_tables;
  const uint8x16_t first = vextq_u8(before, now, 15);
  const uint8x16_t pair = vandq_u8(
      vandq_u8(vqtbl1q_u8(vld1q_u8(tables->first_high), vshrq_n_u8(first, 4)),
               vqtbl1q_u8(vld1q_u8(tables->first_low),
                          vandq_u8(first, vdupq_n_u8(0x0F)))),
      vqtbl1q_u8(vld1q_u8(tables->second_high), vshrq_n_u8(now, 4)));
  /* The top bit of a byte that a third or fourth one has to follow. */
  const uint8x16_t third =
      vqsubq_u8(vextq_u8(before, now, 14), vdupq_n_u8(0xE0 - 0x80));
  const uint8x16_t fourth =
      vqsubq_u8(vextq_u8(before, now, 13), vdupq_n_u8(0xF0 - 0x80));
  const uint8x16_t two =
      vandq_u8(vorrq_u8(third, fourth), vdupq_n_u8(WS_UTF8_TWO));
  return veorq_u8(pair, two);
}

size_t ws_utf8_neon(const uint8_t *data, size_t len) {
  uint8x16_t before = vdupq_n_u8(0);
  size_t i = 0;
  for (; len - i >= sizeof before; i += sizeof before) {
    uint8x16_t now = vld1q_u8(data + i);
    /* ASCII behind ASCII. */
    if (vmaxvq_u8(vorrq_u8(before, now)) < 0x80) {
      continue;
    }
    if (vmaxvq_u8(errors_of(before, now)) != 0) {
      break;
    }
    before = now;
  }
  return i == 0 ? 0 : ws_utf8_whole(data, i);
}

#endif
