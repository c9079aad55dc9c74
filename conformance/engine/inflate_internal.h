/* inflate_internal.h: shared by inflate.c (messages, blocks) and
 * inflate_codes.c (what is coded in them). */
#ifndef WSC_INFLATE_INTERNAL_H
#define WSC_INFLATE_INTERNAL_H

#include "inflate.h"
#include "inflate_bits.h"

/* For one symbol: the longest match, which is copied by words. */
#define WSC_INFLATE_ROOM ((size_t)258 + 2 * WSC_BITS_WORD)

struct wsc_inflate {
  uint8_t *out; /* owned: history, then what the message has become */
  size_t len, cap;
  size_t begin; /* of the message in `out` */
  size_t limit;
  size_t distance, reach;
  struct wsc_bits bits;
  bool has_fixed;
  struct wsc_codes fixed;
  struct wsc_codes dynamic;
};

/* Makes WSC_INFLATE_ROOM behind the output; false: the limit has been passed. */
bool wsc_inflate_reserve(struct wsc_inflate *inflate);

/* The symbols of a block, to its end. */
bool wsc_inflate_coded(struct wsc_inflate *inflate,
                       const struct wsc_codes *codes);

#endif
