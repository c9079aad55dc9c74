#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define OCTET       8u
#define CAP_MIN     256
#define STORED_MOST 65535
#define END         256

enum type { STORED, FIXED, DYNAMIC };

void wsc_blocks_init(struct wsc_blocks *blocks) {
  memset(blocks, 0, sizeof *blocks);
}

void wsc_blocks_free(struct wsc_blocks *blocks) {
  free(blocks->data);
}

/* ---- bits ---- */

static void add_octet(struct wsc_blocks *blocks, uint8_t octet) {
  if (blocks->len == blocks->cap) {
    blocks->cap = blocks->cap == 0 ? CAP_MIN : blocks->cap * 2;
    blocks->data = wsc_realloc(blocks->data, blocks->cap);
  }
  blocks->data[blocks->len++] = octet;
}

static void add_bit(struct wsc_blocks *blocks, unsigned bit) {
  if (blocks->num == 0) {
    add_octet(blocks, 0);
  }
  blocks->data[blocks->len - 1] |= (uint8_t)(bit << blocks->num);
  blocks->num = (blocks->num + 1) % OCTET;
}

static void add_bits(struct wsc_blocks *blocks, unsigned value, unsigned num) {
  for (unsigned i = 0; i < num; i++) {
    add_bit(blocks, value >> i & 1);
  }
}

/* 3.2.2: codes of a length are consecutive, in the order of their symbols, and
 * behind all shorter ones; 3.1.1: "starting with the most-significant bit". */
static void add_code(struct wsc_blocks *blocks, const uint8_t *lengths,
                     size_t num, unsigned symbol) {
  unsigned len = lengths[symbol];
  unsigned code = 0;
  for (size_t i = 0; i < num; i++) {
    bool shorter = lengths[i] != 0 && lengths[i] < len;
    bool before = i < symbol && lengths[i] == len;
    code += shorter ? 1u << (len - lengths[i]) : before;
  }
  for (unsigned i = len; i-- > 0;) {
    add_bit(blocks, code >> i & 1);
  }
}

static void add_header(struct wsc_blocks *blocks, bool final, enum type type) {
  blocks->final = final;
  add_bit(blocks, final);
  add_bits(blocks, type, 2);
}

/* ---- blocks ---- */

static void stored(struct wsc_blocks *blocks, const uint8_t *data, size_t len,
                   bool final) {
  add_header(blocks, final, STORED);
  blocks->num = 0;
  add_bits(blocks, (unsigned)len, 2 * OCTET);
  add_bits(blocks, (unsigned)~len, 2 * OCTET);
  for (size_t i = 0; i < len; i++) {
    add_octet(blocks, data[i]);
  }
}

void wsc_blocks_stored(struct wsc_blocks *blocks, const uint8_t *data,
                       size_t len, bool final) {
  for (; len > STORED_MOST; len -= STORED_MOST, data += STORED_MOST) {
    stored(blocks, data, STORED_MOST, false);
  }
  stored(blocks, data, len, final);
}

void wsc_blocks_fixed(struct wsc_blocks *blocks, bool final) {
  add_header(blocks, final, FIXED);
  wsc_codes_fixed_bits(blocks->lengths, blocks->distances);
}

/* 3.2.7. Codes of two lengths each, for all symbols that mean something: 226 of
 * 8 bits and 60 of 9, 2 of 4 bits and 28 of 5, which leave nothing over. Of the
 * code for code lengths, these four are used, with 2 bits each. */
void wsc_blocks_dynamic(struct wsc_blocks *blocks, bool final) {
  enum { LENGTHS = 286, SHORT_LENGTHS = 226, DISTANCES = 30, SHORT = 2 };
  static const uint8_t places[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4};
  const uint8_t orders[WSC_NUM_ORDERS] = {[4] = 2, [5] = 2, [8] = 2, [9] = 2};
  add_header(blocks, final, DYNAMIC);
  add_bits(blocks, LENGTHS - 257, 5);
  add_bits(blocks, DISTANCES - 1, 5);
  add_bits(blocks, sizeof places - 4, 4);
  for (size_t i = 0; i < sizeof places; i++) {
    add_bits(blocks, orders[places[i]], 3);
  }
  for (unsigned i = 0; i < LENGTHS; i++) {
    blocks->lengths[i] = i < SHORT_LENGTHS ? 8 : 9;
    add_code(blocks, orders, sizeof orders, blocks->lengths[i]);
  }
  for (unsigned i = 0; i < DISTANCES; i++) {
    blocks->distances[i] = i < SHORT ? 4 : 5;
    add_code(blocks, orders, sizeof orders, blocks->distances[i]);
  }
  memset(blocks->lengths + LENGTHS, 0, WSC_NUM_LENGTHS - LENGTHS);
  memset(blocks->distances + DISTANCES, 0, WSC_NUM_DISTANCES - DISTANCES);
}

static void add_length_code(struct wsc_blocks *blocks, unsigned symbol) {
  add_code(blocks, blocks->lengths, WSC_NUM_LENGTHS, symbol);
}

void wsc_blocks_literals(struct wsc_blocks *blocks, const uint8_t *data,
                         size_t len) {
  for (size_t i = 0; i < len; i++) {
    add_length_code(blocks, data[i]);
  }
}

void wsc_blocks_match(struct wsc_blocks *blocks, unsigned len,
                      unsigned distance) {
  unsigned symbol = WSC_LENGTH_LAST;
  while (wsc_code_length(symbol).value > len) {
    symbol--;
  }
  add_length_code(blocks, symbol);
  add_bits(blocks, len - wsc_code_length(symbol).value,
           wsc_code_length(symbol).kind);
  symbol = WSC_DISTANCE_LAST;
  while (wsc_code_distance(symbol).value > distance) {
    symbol--;
  }
  add_code(blocks, blocks->distances, WSC_NUM_DISTANCES, symbol);
  add_bits(blocks, distance - wsc_code_distance(symbol).value,
           wsc_code_distance(symbol).kind);
}

void wsc_blocks_end(struct wsc_blocks *blocks) {
  add_length_code(blocks, END);
  if (blocks->final) {
    blocks->num = 0;
  }
}
