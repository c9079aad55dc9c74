#include "ws/utf8.h"

#include <string.h>

#include "utf8_internal.h"

#define VECTOR_MIN 32 /* shorter: the way to the loop is longer than the loop */
#define AVX2_MIN   64

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
  const uint64_t high_bits = UINT64_C(0x8080808080808080);
  size_t i = 0;
  uint64_t words[4];
  for (; len - i >= sizeof words; i += sizeof words) {
    memcpy(words, data + i, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & high_bits) != 0) {
      break;
    }
  }
  for (; len - i >= sizeof words[0]; i += sizeof words[0]) {
    memcpy(words, data + i, sizeof words[0]);
    if ((words[0] & high_bits) != 0) {
      break;
    }
  }
  return i;
}

/* The length of the sequence that `data` begins with; 0 when it is not valid,
 * or not finished. */
static size_t sequence_len(const uint8_t *data, size_t len) {
  uint32_t state = after_lead(data[0]);
  if (state == STATE_BAD) {
    return 0;
  }
  size_t whole = 1 + (state & 0xFF);
  if (whole > len) {
    return 0;
  }
  if (whole == 1) {
    return 1;
  }
  uint8_t low = (uint8_t)(state >> 8);
  uint8_t high = (uint8_t)(state >> 16);
  bool valid = data[1] >= low && data[1] <= high;
  if (whole > 2) {
    valid = valid && (data[2] & 0xC0) == 0x80;
  }
  if (whole > 3) {
    valid = valid && (data[3] & 0xC0) == 0x80;
  }
  return valid ? whole : 0;
}

size_t ws_utf8_portable(const uint8_t *data, size_t len) {
  size_t i = 0;
  while (i < len) {
    size_t step = data[i] < 0x80 ? ascii_words(data + i, len - i) : 0;
    if (step == 0) {
      step = sequence_len(data + i, len - i);
    }
    if (step == 0) {
      break;
    }
    i += step;
  }
  return i;
}

const struct ws_utf8_path *ws_utf8_path(size_t i) {
  static const struct ws_utf8_path paths[] = {
      {"portable", ws_vector_always, ws_utf8_portable},
#ifdef WS_VECTOR_X86
      {"ssse3", ws_vector_ssse3, ws_utf8_ssse3},
      {"avx2", ws_vector_avx2, ws_utf8_avx2},
#endif
#ifdef WS_VECTOR_NEON
      {"neon", ws_vector_always, ws_utf8_neon},
#endif
  };
  return i < sizeof paths / sizeof paths[0] ? &paths[i] : NULL;
}

static ws_utf8_function *best_for(size_t len) {
#if defined(WS_VECTOR_X86)
  if (len >= AVX2_MIN && ws_vector_avx2()) {
    return ws_utf8_avx2;
  }
  if (len >= VECTOR_MIN && ws_vector_ssse3()) {
    return ws_utf8_ssse3;
  }
#elif defined(WS_VECTOR_NEON)
  if (len >= VECTOR_MIN) {
    return ws_utf8_neon;
  }
#else
  (void)len;
#endif
  return ws_utf8_portable;
}

/* To the end of the code point that *state is inside of. Returns the bytes
 * taken: it stops at that end, before a bad byte, and behind the last one. */
static size_t finish(uint32_t *state, const uint8_t *data, size_t len) {
  size_t i = 0;
  while (i < len && *state != STATE_BETWEEN) {
    uint32_t next = after_continuation(*state, data[i]);
    if (next == STATE_BAD) {
      break;
    }
    *state = next;
    i++;
  }
  return i;
}

/* Goes from *state over `data`. Returns the bytes taken, fewer than `len` only
 * when the next one is bad. `valid` does what it can between the code points
 * that the stream was cut in. */
static size_t advance(ws_utf8_function *valid, uint32_t *state,
                      const uint8_t *data, size_t len) {
  size_t i = 0;
  if (*state != STATE_BETWEEN) {
    i = finish(state, data, len);
  }
  if (i == len || *state != STATE_BETWEEN) {
    return i;
  }
  i += valid(data + i, len - i);
  i += ws_utf8_portable(data + i, len - i);
  uint32_t next = i < len ? after_lead(data[i]) : STATE_BAD;
  if (next == STATE_BAD) {
    return i;
  }
  *state = next;
  i++;
  return i + finish(state, data + i, len - i);
}

void ws_utf8_init(struct ws_utf8 *utf8) {
  *utf8 = (struct ws_utf8){0, STATE_BETWEEN, false};
}

static bool feed(ws_utf8_function *valid, struct ws_utf8 *utf8,
                 const uint8_t *data, size_t len) {
  if (utf8->failed) {
    return false;
  }
  size_t taken = advance(valid, &utf8->state, data, len);
  utf8->offset += taken;
  utf8->failed = taken < len;
  return !utf8->failed;
}

/* Much text comes in small messages, and most of that is ASCII. */
static bool is_short_ascii(const uint8_t *data, size_t len) {
  const uint64_t high_bits = UINT64_C(0x8080808080808080);
  uint64_t word;
  if (len < sizeof word || len >= VECTOR_MIN) {
    return false;
  }
  uint64_t all = 0;
  for (size_t i = 0; i < len - sizeof word; i += sizeof word) {
    memcpy(&word, data + i, sizeof word);
    all |= word;
  }
  memcpy(&word, data + len - sizeof word, sizeof word); /* may overlap */
  return ((all | word) & high_bits) == 0;
}

bool ws_utf8_feed(struct ws_utf8 *utf8, const uint8_t *data, size_t len) {
  if (utf8->state == STATE_BETWEEN && !utf8->failed &&
      is_short_ascii(data, len)) {
    utf8->offset += len;
    return true;
  }
  return feed(best_for(len), utf8, data, len);
}

bool ws_utf8_feed_by(const struct ws_utf8_path *path, struct ws_utf8 *utf8,
                     const uint8_t *data, size_t len) {
  return feed(path->valid, utf8, data, len);
}

bool ws_utf8_complete(const struct ws_utf8 *utf8) {
  return !utf8->failed && utf8->state == STATE_BETWEEN;
}

bool ws_utf8_valid(const uint8_t *data, size_t len) {
  uint32_t state = STATE_BETWEEN;
  return advance(best_for(len), &state, data, len) == len &&
         state == STATE_BETWEEN;
}
