#include "inflate_reference.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BITS     15
#define MAX_CODES    288
#define END_OF_BLOCK 256

struct bits {
  const uint8_t *data;
  size_t len;
  size_t at; /* in bits */
  bool failed;
};

/* A Huffman code by its counts: RFC 1951 3.2.2. */
struct code {
  unsigned counts[MAX_BITS + 1]; /* codes of each length */
  uint16_t symbols[MAX_CODES];   /* in the order of their codes */
};

static unsigned take_bit(struct bits *in) {
  if (in->at / 8 >= in->len) {
    in->failed = true;
    return 0;
  }
  unsigned bit = in->data[in->at / 8] >> in->at % 8 & 1;
  in->at++;
  return bit;
}

/* 3.1.1: "Data elements other than Huffman codes are packed starting with the
 * least-significant bit". */
static unsigned take_bits(struct bits *in, unsigned num) {
  unsigned value = 0;
  for (unsigned i = 0; i < num; i++) {
    value |= take_bit(in) << i;
  }
  return value;
}

/* 3.1.1: "Huffman codes are packed starting with the most-significant bit". */
static int take_symbol(struct bits *in, const struct code *code) {
  unsigned value = 0;
  unsigned first = 0; /* the first code of this length */
  unsigned index = 0; /* its place among the symbols */
  for (unsigned len = 1; len <= MAX_BITS; len++) {
    value |= take_bit(in);
    if (in->failed) {
      return -1;
    }
    if (value - first < code->counts[len]) {
      return code->symbols[index + (value - first)];
    }
    index += code->counts[len];
    first = (first + code->counts[len]) << 1;
    value <<= 1;
  }
  in->failed = true;
  return -1;
}

enum fill { COMPLETE, INCOMPLETE, SINGLE, OVER_SUBSCRIBED };

/* Says whether each sequence of bits means something. SINGLE: at most one code,
 * of one bit, which 3.2.7 allows for distances; zlib does for literals, too. */
static enum fill make_code(struct code *code, const uint8_t *lengths,
                           size_t num) {
  unsigned next[MAX_BITS + 2] = {0};
  unsigned longest = 0;
  int left = 1;
  memset(code, 0, sizeof *code);
  for (size_t i = 0; i < num; i++) {
    code->counts[lengths[i]]++;
    longest = lengths[i] > longest ? lengths[i] : longest;
  }
  code->counts[0] = 0;
  for (unsigned len = 1; len <= MAX_BITS; len++) {
    left = left * 2 - (int)code->counts[len];
    if (left < 0) {
      return OVER_SUBSCRIBED;
    }
    next[len + 1] = next[len] + code->counts[len];
  }
  for (size_t i = 0; i < num; i++) {
    if (lengths[i] != 0) {
      code->symbols[next[lengths[i]]++] = (uint16_t)i;
    }
  }
  if (left == 0) {
    return COMPLETE;
  }
  return longest <= 1 ? SINGLE : INCOMPLETE;
}

static void put(struct inflate_reference *state, uint8_t octet) {
  if (state->out_len == state->out_cap) {
    state->out_cap = state->out_cap == 0 ? 4096 : state->out_cap * 2;
    uint8_t *out = realloc(state->out, state->out_cap);
    if (out == NULL) {
      abort();
    }
    state->out = out;
  }
  state->out[state->out_len++] = octet;
}

static bool stored_block(struct inflate_reference *state, struct bits *in) {
  in->at = (in->at + 7) / 8 * 8;
  unsigned len = take_bits(in, 16);
  unsigned complement = take_bits(in, 16);
  if (in->failed || (len ^ complement) != 0xFFFF) {
    return false;
  }
  for (unsigned i = 0; i < len && !in->failed; i++) {
    put(state, (uint8_t)take_bits(in, 8));
  }
  return !in->failed;
}

/* 3.2.5, the two tables. */
static const uint16_t length_base[] = {
    3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
    31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                       1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                       4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[] = {
    1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
    33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
    1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_extra[] = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                         4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                         9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

static bool copy_match(struct inflate_reference *state, struct bits *in,
                       unsigned symbol, const struct code *distances,
                       size_t begin) {
  if (symbol > 285) {
    return false;
  }
  unsigned len =
      length_base[symbol - 257] + take_bits(in, length_extra[symbol - 257]);
  int coded = take_symbol(in, distances);
  if (coded < 0 || coded > 29) {
    return false;
  }
  size_t distance = distance_base[coded] + take_bits(in, distance_extra[coded]);
  if (in->failed || distance > state->out_len) {
    return false;
  }
  if (distance > state->max_distance) {
    state->max_distance = distance;
  }
  size_t own = state->out_len - begin;
  if (distance > own && distance - own > state->max_reach) {
    state->max_reach = distance - own;
  }
  for (unsigned i = 0; i < len; i++) {
    put(state, state->out[state->out_len - distance]);
  }
  return true;
}

static bool coded_block(struct inflate_reference *state, struct bits *in,
                        const struct code *literals,
                        const struct code *distances, size_t begin) {
  for (;;) {
    int symbol = take_symbol(in, literals);
    if (symbol < 0) {
      return false;
    }
    if (symbol == END_OF_BLOCK) {
      return true;
    }
    if (symbol < END_OF_BLOCK) {
      put(state, (uint8_t)symbol);
    } else if (!copy_match(state, in, (unsigned)symbol, distances, begin)) {
      return false;
    }
  }
}

static bool fixed_block(struct inflate_reference *state, struct bits *in,
                        size_t begin) {
  struct code literals, distances;
  uint8_t lengths[MAX_CODES];
  for (size_t i = 0; i < MAX_CODES; i++) {
    lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  }
  make_code(&literals, lengths, MAX_CODES);
  memset(lengths, 5, 30);
  make_code(&distances, lengths, 30);
  return coded_block(state, in, &literals, &distances, begin);
}

/* 3.2.7: repeats the last length, or zero. False: more than there is room. */
static bool take_lengths(struct bits *in, const struct code *code,
                         uint8_t *lengths, size_t num) {
  size_t at = 0;
  while (at < num) {
    int symbol = take_symbol(in, code);
    if (symbol < 0 || (symbol == 16 && at == 0)) {
      return false;
    }
    if (symbol < 16) {
      lengths[at++] = (uint8_t)symbol;
      continue;
    }
    uint8_t value = symbol == 16 ? lengths[at - 1] : 0;
    size_t times = symbol == 16   ? 3 + take_bits(in, 2)
                   : symbol == 17 ? 3 + take_bits(in, 3)
                                  : 11 + take_bits(in, 7);
    if (in->failed || times > num - at) {
      return false;
    }
    memset(lengths + at, value, times);
    at += times;
  }
  return true;
}

static bool dynamic_block(struct inflate_reference *state, struct bits *in,
                          size_t begin) {
  static const uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                  11, 4,  12, 3, 13, 2, 14, 1, 15};
  struct code lengths_code, literals, distances;
  uint8_t lengths[MAX_CODES + 32] = {0};
  unsigned num_literals = 257 + take_bits(in, 5);
  unsigned num_distances = 1 + take_bits(in, 5);
  unsigned num_lengths = 4 + take_bits(in, 4);
  if (in->failed || num_literals > 286 || num_distances > 30) {
    return false;
  }
  for (unsigned i = 0; i < num_lengths; i++) {
    lengths[order[i]] = (uint8_t)take_bits(in, 3);
  }
  if (make_code(&lengths_code, lengths, 19) != COMPLETE) {
    return false;
  }
  memset(lengths, 0, sizeof lengths);
  if (!take_lengths(in, &lengths_code, lengths, num_literals + num_distances)) {
    return false;
  }
  enum fill literal_fill = make_code(&literals, lengths, num_literals);
  enum fill distance_fill =
      make_code(&distances, lengths + num_literals, num_distances);
  bool good = (literal_fill == COMPLETE || literal_fill == SINGLE) &&
              (distance_fill == COMPLETE || distance_fill == SINGLE) &&
              lengths[END_OF_BLOCK] != 0;
  return good && coded_block(state, in, &literals, &distances, begin);
}

bool inflate_reference(struct inflate_reference *state, const uint8_t *data,
                       size_t len) {
  struct bits in = {.data = data, .len = len};
  size_t begin = state->out_len;
  state->max_distance = 0;
  state->max_reach = 0;
  state->final = false;
  while (in.at < len * 8) {
    bool final = take_bit(&in) == 1;
    unsigned type = take_bits(&in, 2);
    bool good = type == 0   ? stored_block(state, &in)
                : type == 1 ? fixed_block(state, &in, begin)
                : type == 2 ? dynamic_block(state, &in, begin)
                            : false;
    if (!good) {
      return false;
    }
    /* 3.2.3 says nothing of what follows the last block; RFC 7692 7.2.3.4 goes
     * on at the next octet. */
    if (final) {
      in.at = (in.at + 7) / 8 * 8;
    }
    state->final = state->final || final;
  }
  return !in.failed;
}

void inflate_reference_free(struct inflate_reference *state) {
  free(state->out);
  *state = (struct inflate_reference){0};
}
