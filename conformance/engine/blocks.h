/* blocks.h: DEFLATE blocks (RFC 1951) made by hand, for cases that zlib would
 * not write: any type, any match, BFINAL where it is wanted. */
#ifndef WSC_BLOCKS_H
#define WSC_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inflate_table.h"

struct wsc_blocks {
  uint8_t *data; /* owned */
  size_t len, cap;
  unsigned num; /* bits in the last octet, 0..7; 0: it is full */
  uint8_t lengths[WSC_NUM_LENGTHS]; /* the codes of the open block */
  uint8_t distances[WSC_NUM_DISTANCES];
  bool final;
};

void wsc_blocks_init(struct wsc_blocks *blocks);
void wsc_blocks_free(struct wsc_blocks *blocks);

/* Octets as they stand; as many blocks as it takes, `final` the last. */
void wsc_blocks_stored(struct wsc_blocks *blocks, const uint8_t *data,
                       size_t len, bool final);

/* Opens a block with the fixed codes, or with codes of its own for all symbols. */
void wsc_blocks_fixed(struct wsc_blocks *blocks, bool final);
void wsc_blocks_dynamic(struct wsc_blocks *blocks, bool final);

/* In an open block. A length is 3..258, a distance 1..32768; nobody asks whether
 * it leads anywhere. */
void wsc_blocks_literals(struct wsc_blocks *blocks, const uint8_t *data,
                         size_t len);
void wsc_blocks_match(struct wsc_blocks *blocks, unsigned len,
                      unsigned distance);

/* Ends the open block. One with BFINAL is filled up with zero bits to the next
 * octet (RFC 7692 7.2.1). */
void wsc_blocks_end(struct wsc_blocks *blocks);

#endif
