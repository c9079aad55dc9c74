/* inflate_bits.h: the bits of a compressed message, and of the octets that RFC
 * 7692 7.2.2 appends to it. In a header, because everything is made of these. */
#ifndef WSC_INFLATE_BITS_H
#define WSC_INFLATE_BITS_H

#include "inflate_table.h"

#define WSC_BITS_OCTET 8u
#define WSC_BITS_FULL  56u
#define WSC_BITS_WORD  8 /* octets */

/* `hold` has `num` bits that were taken off the octets, the next lowest; above
 * them, nothing or a part of the octet at `in`. */
struct wsc_bits {
  const uint8_t *in, *end; /* borrowed */
  bool in_tail;            /* they are the appended ones */
  uint64_t hold;
  unsigned num;
  const char *error; /* static; NULL: none */
};

static inline bool wsc_bits_fail(struct wsc_bits *bits, const char *error) {
  bits->error = error;
  return false;
}

static inline bool wsc_bits_cut_short(struct wsc_bits *bits) {
  return wsc_bits_fail(bits, "the octets end inside a block");
}

/* Written so that compilers see one load in it. */
static inline uint64_t wsc_bits_load(const uint8_t *at) {
  return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
         (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
         (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
}

static inline uint64_t wsc_bits_low(uint64_t bits, unsigned num) {
  return bits & ((UINT64_C(1) << num) - 1);
}

/* Holds as many whole octets as fit, where there are WSC_BITS_WORD of them: at
 * least WSC_BITS_FULL bits then. The part of one more octet above them does no
 * harm, as it comes again. */
#define WSC_BITS_REFILL(in, hold, num)                                         \
  ((hold) |= wsc_bits_load(in) << (num), (in) += (63 - (num)) >> 3,            \
   (num) |= WSC_BITS_FULL)

/* Takes octets in, so that at least WSC_BITS_FULL bits are held, or all there
 * are. */
static inline void wsc_bits_refill(struct wsc_bits *bits) {
  static const uint8_t tail[] = {0x00, 0x00, 0xFF, 0xFF};
  if (bits->end - bits->in >= WSC_BITS_WORD) {
    WSC_BITS_REFILL(bits->in, bits->hold, bits->num);
    return;
  }
  while (bits->num < WSC_BITS_FULL) {
    if (bits->in == bits->end && bits->in_tail) {
      return;
    }
    if (bits->in == bits->end) {
      bits->in_tail = true;
      bits->in = tail;
      bits->end = tail + sizeof tail;
    }
    bits->hold |= (uint64_t)*bits->in++ << bits->num;
    bits->num += WSC_BITS_OCTET;
  }
}

static inline void wsc_bits_drop(struct wsc_bits *bits, unsigned num) {
  bits->hold >>= num;
  bits->num -= num;
}

/* Goes on at the next octet. */
static inline void wsc_bits_align(struct wsc_bits *bits) {
  wsc_bits_drop(bits, bits->num % WSC_BITS_OCTET);
}

/* RFC 1951 3.1.1: "starting with the least-significant bit". False: there are
 * less than `num`. */
static inline bool wsc_bits_take(struct wsc_bits *bits, unsigned num,
                                 unsigned *value) {
  wsc_bits_refill(bits);
  if (bits->num < num) {
    return wsc_bits_cut_short(bits);
  }
  *value = (unsigned)wsc_bits_low(bits->hold, num);
  wsc_bits_drop(bits, num);
  return true;
}

/* What the code at the lowest bits of `hold` means in `table`, which has 2^root
 * entries at first. */
static inline struct wsc_code_entry
wsc_bits_look(const struct wsc_code_entry *table, unsigned root,
              uint64_t hold) {
  struct wsc_code_entry entry = table[wsc_bits_low(hold, root)];
  if ((entry.kind & WSC_CODE_LINK) != 0) {
    unsigned bits = entry.kind & WSC_CODE_NUMBER;
    entry = table[entry.value + wsc_bits_low(hold >> root, bits)];
  }
  return entry;
}

/* False: there is none, or not all of it. */
static inline bool wsc_bits_take_code(struct wsc_bits *bits,
                                      const struct wsc_code_entry *table,
                                      unsigned root,
                                      struct wsc_code_entry *entry) {
  wsc_bits_refill(bits);
  *entry = wsc_bits_look(table, root, bits->hold);
  if (entry->bits > bits->num) {
    return wsc_bits_cut_short(bits);
  }
  if ((entry->kind & WSC_CODE_BAD) != 0) {
    return wsc_bits_fail(bits, "a code that has no meaning");
  }
  wsc_bits_drop(bits, entry->bits);
  return true;
}

#endif
