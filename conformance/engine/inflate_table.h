/* inflate_table.h: Huffman codes (RFC 1951 3.2.2) as tables to look up. */
#ifndef WSC_INFLATE_TABLE_H
#define WSC_INFLATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What `kind` of an entry holds: a flag, and in its low bits a number. */
#define WSC_CODE_NUMBER  0x0F /* extra bits, or the bits of a second table */
#define WSC_CODE_BAD     0x10 /* no symbol has this code */
#define WSC_CODE_END     0x20 /* end of block */
#define WSC_CODE_LINK    0x40 /* to a second table, at `value` */
#define WSC_CODE_LITERAL 0x80

struct wsc_code_entry {
  uint16_t value; /* the literal; the base of a length or distance; a place */
  uint8_t bits;   /* the whole length of the code; of a link, nothing */
  uint8_t kind;
};

/* Most entries of a table with this many bits at first (zlib's `enough`: 288
 * symbols and 10 bits; 32 symbols and 8 bits), codes of up to 15 bits. */
#define WSC_LENGTH_BITS   10
#define WSC_LENGTH_MOST   1334
#define WSC_DISTANCE_BITS 8
#define WSC_DISTANCE_MOST 402

#define WSC_NUM_LENGTHS   288 /* symbols for literals and lengths */
#define WSC_NUM_DISTANCES 32
#define WSC_NUM_ORDERS    19 /* symbols of the code for code lengths */

struct wsc_codes {
  struct wsc_code_entry lengths[WSC_LENGTH_MOST]; /* and literals */
  struct wsc_code_entry distances[WSC_DISTANCE_MOST];
};

/* Build a table from the lengths of its codes, 0 to 15 bits each. False: they
 * are no Huffman code. One code of one bit is, for both (3.2.7, and zlib). */
bool wsc_codes_set_lengths(struct wsc_codes *codes, const uint8_t *bits,
                           size_t num);
bool wsc_codes_set_distances(struct wsc_codes *codes, const uint8_t *bits,
                             size_t num);

/* The code of the code lengths themselves, which has to be complete; `table` has
 * 128 entries, whose values are the symbols. */
#define WSC_ORDER_BITS 7
bool wsc_codes_set_orders(struct wsc_code_entry *table, const uint8_t *bits);

/* What a symbol means (3.2.5), as an entry without `bits`. */
#define WSC_LENGTH_LAST   285
#define WSC_DISTANCE_LAST 29
struct wsc_code_entry wsc_code_length(unsigned symbol);
struct wsc_code_entry wsc_code_distance(unsigned symbol);

/* The codes of 3.2.6: the lengths of WSC_NUM_LENGTHS and WSC_NUM_DISTANCES codes,
 * and the tables. */
void wsc_codes_fixed_bits(uint8_t *lengths, uint8_t *distances);
void wsc_codes_set_fixed(struct wsc_codes *codes);

#endif
