#include <string.h>

#include "inflate_internal.h"

#define FAST_IN (2 * WSC_BITS_WORD) /* octets that one turn may read */

/* There is room for up to WSC_BITS_WORD octets behind the match. */
static void copy(uint8_t *to, size_t distance, unsigned len) {
  const uint8_t *from = to - distance;
  if (distance >= WSC_BITS_WORD) {
    for (unsigned i = 0; i < len; i += WSC_BITS_WORD) {
      memcpy(to + i, from + i, WSC_BITS_WORD);
    }
  } else if (distance == 1) {
    memset(to, *from, len);
  } else {
    for (unsigned i = 0; i < len; i++) {
      to[i] = from[i];
    }
  }
}

/* False: it goes back further than anything that ever was. */
static inline bool match(struct wsc_inflate *inflate, uint8_t *at,
                         size_t distance, unsigned len) {
  size_t before = (size_t)(at - inflate->out);
  size_t own = before - inflate->begin;
  if (distance > before) {
    return wsc_bits_fail(
        &inflate->bits,
        "a match goes back behind the beginning of the first message");
  }
  if (distance > inflate->distance) {
    inflate->distance = distance;
  }
  if (distance > own && distance - own > inflate->reach) {
    inflate->reach = distance - own;
  }
  copy(at, distance, len);
  return true;
}

enum step { GO_ON, END_OF_BLOCK, FAILED };

/* One symbol, wherever the octets end. */
static enum step symbol(struct wsc_inflate *inflate,
                        const struct wsc_codes *codes) {
  struct wsc_code_entry length, distance;
  unsigned more_length, more_distance;
  if (!wsc_bits_take_code(&inflate->bits, codes->lengths, WSC_LENGTH_BITS,
                          &length)) {
    return FAILED;
  }
  if ((length.kind & WSC_CODE_LITERAL) != 0) {
    inflate->out[inflate->len++] = (uint8_t)length.value;
    return GO_ON;
  }
  if ((length.kind & WSC_CODE_END) != 0) {
    return END_OF_BLOCK;
  }
  if (!wsc_bits_take(&inflate->bits, length.kind & WSC_CODE_NUMBER,
                     &more_length) ||
      !wsc_bits_take_code(&inflate->bits, codes->distances, WSC_DISTANCE_BITS,
                          &distance) ||
      !wsc_bits_take(&inflate->bits, distance.kind & WSC_CODE_NUMBER,
                     &more_distance)) {
    return FAILED;
  }
  unsigned len = length.value + more_length;
  if (!match(inflate, inflate->out + inflate->len,
             (size_t)distance.value + more_distance, len)) {
    return FAILED;
  }
  inflate->len += len;
  return GO_ON;
}

/* Many symbols, while there is enough of octets and of room for whatever comes
 * next. Of the 64 bits that a refill leaves, three literals take up to 45, which
 * leaves enough to look at the next code; a length and a distance take 15 and 5,
 * 15 and 13. What else a code may mean is left to symbol(). */
static bool symbols(struct wsc_inflate *inflate,
                    const struct wsc_codes *codes) {
  wsc_bits_refill(&inflate->bits);
  const uint8_t *in = inflate->bits.in;
  const uint8_t *in_end = inflate->bits.end;
  uint8_t *out = inflate->out + inflate->len;
  const uint8_t *out_last = inflate->out + inflate->cap - WSC_INFLATE_ROOM;
  uint64_t hold = inflate->bits.hold;
  unsigned num = inflate->bits.num;
  bool good = true;
  struct wsc_code_entry code =
      wsc_bits_look(codes->lengths, WSC_LENGTH_BITS, hold);
  while (good && in_end - in >= FAST_IN && out <= out_last) {
    WSC_BITS_REFILL(in, hold, num);
    for (int i = 0; i < 3 && (code.kind & WSC_CODE_LITERAL) != 0; i++) {
      *out++ = (uint8_t)code.value;
      hold >>= code.bits;
      num -= code.bits;
      code = wsc_bits_look(codes->lengths, WSC_LENGTH_BITS, hold);
    }
    if ((code.kind & WSC_CODE_LITERAL) != 0) {
      continue;
    }
    WSC_BITS_REFILL(in, hold, num);
    unsigned used = code.bits;
    unsigned len = code.value + (unsigned)wsc_bits_low(
                                    hold >> used, code.kind & WSC_CODE_NUMBER);
    used += code.kind & WSC_CODE_NUMBER;
    struct wsc_code_entry far =
        wsc_bits_look(codes->distances, WSC_DISTANCE_BITS, hold >> used);
    used += far.bits;
    size_t distance =
        far.value + wsc_bits_low(hold >> used, far.kind & WSC_CODE_NUMBER);
    used += far.kind;
    if (code.kind > WSC_CODE_NUMBER || far.kind > WSC_CODE_NUMBER) {
      break;
    }
    good = match(inflate, out, distance, len);
    hold >>= used;
    num -= used;
    out += good ? len : 0;
    code = wsc_bits_look(codes->lengths, WSC_LENGTH_BITS, hold);
  }
  inflate->bits.in = in;
  inflate->bits.hold = hold;
  inflate->bits.num = num;
  inflate->len = (size_t)(out - inflate->out);
  return good;
}

bool wsc_inflate_coded(struct wsc_inflate *inflate,
                       const struct wsc_codes *codes) {
  enum step step = GO_ON;
  while (step == GO_ON) {
    bool much = inflate->bits.end - inflate->bits.in >= FAST_IN;
    if (!wsc_inflate_reserve(inflate) || (much && !symbols(inflate, codes))) {
      return false;
    }
    /* What symbols() has to leave alone, and the last octets. */
    step = wsc_inflate_reserve(inflate) ? symbol(inflate, codes) : FAILED;
  }
  return step == END_OF_BLOCK;
}
