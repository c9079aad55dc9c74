#include "ws/utf8.h"

#include <string.h>

/* The state: how many continuation bytes are owed, and the range in which the
 * next one must lie. RFC 3629 4 narrows it only for the first one. */
#define STATE(owed, low, high)                                                 \
  ((uint32_t)(owed) | (uint32_t)(low) << 8 | (uint32_t)(high) << 16)
#define STATE_BETWEEN 0 /* code points */
#define STATE_BAD     UINT32_MAX

/* After the first byte of a sequence (RFC 3629 4: UTF8-1 ... UTF8-4). */
static uint32_t after_lead(uint8_t byte) {
  if (byte < 0x80) {
    return STATE_BETWEEN;
  }
  if (byte < 0xC2) {
    return STATE_BAD; /* a stray continuation byte, or overlong: C0, C1 */
  }
  if (byte < 0xE0) {
    return STATE(1, 0x80, 0xBF);
  }
  if (byte < 0xF0) {
    /* E0: no overlong forms. ED: no surrogates, D800-DFFF. */
    return STATE(2, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF);
  }
  if (byte < 0xF5) {
    /* F0: no overlong forms. F4: nothing above 10FFFF. */
    return STATE(3, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF);
  }
  return STATE_BAD;
}

static uint32_t after_continuation(uint32_t state, uint8_t byte) {
  uint32_t low = state >> 8 & 0xFF;
  uint32_t high = state >> 16;
  if (byte < low || byte > high) {
    return STATE_BAD;
  }
  uint32_t owed = (state & 0xFF) - 1;
  return owed == 0 ? STATE_BETWEEN : STATE(owed, 0x80, 0xBF);
}

/* The number of ASCII bytes that `data` begins with, rounded down to whole
 * words. */
static size_t ascii_words(const uint8_t *data, size_t len) {
  size_t i = 0;
  for (; len - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, data + i, sizeof word);
    if ((word & UINT64_C(0x8080808080808080)) != 0) {
      break;
    }
  }
  return i;
}

/* Goes from *state over `data`. Returns the bytes taken, fewer than `len` only
 * when the next one is bad. The seam: another implementation of validation has
 * exactly this signature. */
static size_t advance_portable(uint32_t *state, const uint8_t *data,
                               size_t len) {
  uint32_t now = *state;
  size_t i = 0;
  while (i < len) {
    if (now == STATE_BETWEEN) {
      i += ascii_words(data + i, len - i);
      if (i == len) {
        break;
      }
    }
    uint32_t next = now == STATE_BETWEEN ? after_lead(data[i])
                                         : after_continuation(now, data[i]);
    if (next == STATE_BAD) {
      break;
    }
    now = next;
    i++;
  }
  *state = now;
  return i;
}

void ws_utf8_init(struct ws_utf8 *utf8) {
  *utf8 = (struct ws_utf8){0, STATE_BETWEEN, false};
}

bool ws_utf8_feed(struct ws_utf8 *utf8, const uint8_t *data, size_t len) {
  if (utf8->failed) {
    return false;
  }
  size_t taken = advance_portable(&utf8->state, data, len);
  utf8->offset += taken;
  utf8->failed = taken < len;
  return !utf8->failed;
}

bool ws_utf8_complete(const struct ws_utf8 *utf8) {
  return !utf8->failed && utf8->state == STATE_BETWEEN;
}

bool ws_utf8_valid(const uint8_t *data, size_t len) {
  uint32_t state = STATE_BETWEEN;
  return advance_portable(&state, data, len) == len && state == STATE_BETWEEN;
}
