#include "inflate_table.h"

#include <string.h>

#define LONGEST 15
#define END     256

/* 3.2.5, the two tables. The symbols behind them, 286 and 287, 30 and 31, "will
 * never actually occur". */
#define NUM_LENGTHS 29
static const uint16_t length_base[NUM_LENGTHS] = {
    3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
    31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[NUM_LENGTHS] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                                  1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                                  4, 4, 4, 4, 5, 5, 5, 5, 0};
#define NUM_DISTANCES 30
static const uint16_t distance_base[NUM_DISTANCES] = {
    1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
    33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
    1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_extra[NUM_DISTANCES] = {
    0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
    6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

typedef struct wsc_code_entry meaning(unsigned symbol);

struct wsc_code_entry wsc_code_length(unsigned symbol) {
  if (symbol < END) {
    return (struct wsc_code_entry){(uint16_t)symbol, 0, WSC_CODE_LITERAL};
  }
  unsigned index = symbol - END - 1;
  if (symbol == END || index >= NUM_LENGTHS) {
    return (struct wsc_code_entry){0, 0,
                                   symbol == END ? WSC_CODE_END : WSC_CODE_BAD};
  }
  return (struct wsc_code_entry){length_base[index], 0, length_extra[index]};
}

struct wsc_code_entry wsc_code_distance(unsigned symbol) {
  if (symbol >= NUM_DISTANCES) {
    return (struct wsc_code_entry){0, 0, WSC_CODE_BAD};
  }
  return (struct wsc_code_entry){distance_base[symbol], 0,
                                 distance_extra[symbol]};
}

static struct wsc_code_entry order_meaning(unsigned symbol) {
  return (struct wsc_code_entry){(uint16_t)symbol, 0, WSC_CODE_LITERAL};
}

/* A table under construction. */
struct making {
  struct wsc_code_entry *table;
  unsigned root;                /* bits of the first table */
  unsigned used;                /* entries */
  unsigned counts[LONGEST + 1]; /* codes of each length, still to be placed */
  unsigned longest;
  uint16_t sorted[WSC_NUM_LENGTHS]; /* symbols by length, then by number */
  unsigned num_sorted;
  meaning *means;
};

/* False: some bits would mean two things, or nothing. */
static bool count(struct making *make, const uint8_t *bits, size_t num,
                  bool may_be_single) {
  unsigned next[LONGEST + 2] = {0};
  int left = 1;
  for (size_t i = 0; i < num; i++) {
    make->counts[bits[i]]++;
    make->longest = bits[i] > make->longest ? bits[i] : make->longest;
  }
  make->counts[0] = 0;
  for (unsigned len = 1; len <= LONGEST; len++) {
    left = left * 2 - (int)make->counts[len];
    if (left < 0) {
      return false;
    }
    next[len + 1] = next[len] + make->counts[len];
  }
  make->num_sorted = next[LONGEST + 1];
  for (size_t i = 0; i < num; i++) {
    if (bits[i] != 0) {
      make->sorted[next[bits[i]]++] = (uint16_t)i;
    }
  }
  return left == 0 || (may_be_single && make->longest <= 1);
}

/* 3.1.1: "Huffman codes are packed starting with the most-significant bit", all
 * else with the least: tables are entered with the code turned round. Counts up
 * in such a code of `len` bits. */
static unsigned count_turned(unsigned turned, unsigned len) {
  unsigned bit = 1u << (len - 1);
  while ((turned & bit) != 0) {
    bit >>= 1;
  }
  return bit == 0 ? 0 : (turned & (bit - 1)) | bit;
}

/* The bits of a second table that begins with a code of `len` bits: as many as
 * it takes until the codes behind it fill the table. */
static unsigned second_bits(const struct making *make, unsigned len) {
  unsigned bits = len - make->root;
  int left = 1 << bits;
  while (make->root + bits < make->longest) {
    left -= (int)make->counts[make->root + bits];
    if (left <= 0) {
      break;
    }
    bits++;
    left *= 2;
  }
  return bits;
}

/* Codes come in ascending order, so that those with the same beginning follow
 * each other: a link that is there leads to the latest second table. */
static void put_long(struct making *make, unsigned turned, unsigned len,
                     struct wsc_code_entry entry) {
  struct wsc_code_entry *link = &make->table[turned & ((1u << make->root) - 1)];
  if ((link->kind & WSC_CODE_LINK) == 0) {
    unsigned bits = second_bits(make, len);
    *link = (struct wsc_code_entry){(uint16_t)make->used, 0,
                                    (uint8_t)(WSC_CODE_LINK | bits)};
    make->used += 1u << bits;
  }
  unsigned size = 1u << (link->kind & WSC_CODE_NUMBER);
  unsigned step = 1u << (len - make->root);
  for (unsigned i = turned >> make->root; i < size; i += step) {
    make->table[link->value + i] = entry;
  }
}

static void put_short(struct making *make, unsigned turned, unsigned len,
                      struct wsc_code_entry entry) {
  for (unsigned i = turned; i < 1u << make->root; i += 1u << len) {
    make->table[i] = entry;
  }
}

/* Fills the table; what no code reaches is bad. A code that is followed by a
 * longer one gets zero bits at its end, which are the highest of a turned one. */
static void fill(struct making *make, const uint8_t *bits) {
  unsigned turned = 0;
  for (unsigned i = 0; i < 1u << make->root; i++) {
    make->table[i] = (struct wsc_code_entry){0, 1, WSC_CODE_BAD};
  }
  make->used = 1u << make->root;
  for (unsigned i = 0; i < make->num_sorted; i++) {
    unsigned symbol = make->sorted[i];
    unsigned len = bits[symbol];
    struct wsc_code_entry entry = make->means(symbol);
    entry.bits = (uint8_t)len;
    if (len <= make->root) {
      put_short(make, turned, len, entry);
    } else {
      put_long(make, turned, len, entry);
    }
    make->counts[len]--;
    turned = count_turned(turned, len);
  }
}

static bool build(struct making *make, const uint8_t *bits, size_t num,
                  bool may_be_single) {
  if (!count(make, bits, num, may_be_single)) {
    return false;
  }
  fill(make, bits);
  return true;
}

/* A block without end of block has no end (3.2.7 gives "one" its code). */
bool wsc_codes_set_lengths(struct wsc_codes *codes, const uint8_t *bits,
                           size_t num) {
  struct making make = {.table = codes->lengths,
                        .root = WSC_LENGTH_BITS,
                        .means = wsc_code_length};
  return num > END && bits[END] != 0 && build(&make, bits, num, true);
}

bool wsc_codes_set_distances(struct wsc_codes *codes, const uint8_t *bits,
                             size_t num) {
  struct making make = {.table = codes->distances,
                        .root = WSC_DISTANCE_BITS,
                        .means = wsc_code_distance};
  return build(&make, bits, num, true);
}

bool wsc_codes_set_orders(struct wsc_code_entry *table, const uint8_t *bits) {
  struct making make = {
      .table = table, .root = WSC_ORDER_BITS, .means = order_meaning};
  return build(&make, bits, WSC_NUM_ORDERS, false);
}

void wsc_codes_fixed_bits(uint8_t *lengths, uint8_t *distances) {
  memset(lengths, 8, 144);
  memset(lengths + 144, 9, 256 - 144);
  memset(lengths + 256, 7, 280 - 256);
  memset(lengths + 280, 8, WSC_NUM_LENGTHS - 280);
  memset(distances, 5, WSC_NUM_DISTANCES);
}

void wsc_codes_set_fixed(struct wsc_codes *codes) {
  uint8_t lengths[WSC_NUM_LENGTHS];
  uint8_t distances[WSC_NUM_DISTANCES];
  wsc_codes_fixed_bits(lengths, distances);
  wsc_codes_set_lengths(codes, lengths, WSC_NUM_LENGTHS);
  wsc_codes_set_distances(codes, distances, WSC_NUM_DISTANCES);
}
