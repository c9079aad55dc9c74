#include "inflate.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "inflate_table.h"

#define WINDOW     ((size_t)32768)
#define SLIDE_AT   ((size_t)4 * WINDOW) /* more history is moved away */
#define CAP_MIN    ((size_t)4096)
#define CAP_KEPT   ((size_t)1 << 20) /* more is given back at the next message */
#define LONGEST    258               /* match */
#define WORD       8                 /* matches are copied by so many octets */
#define ROOM       ((size_t)LONGEST + 2 * WORD) /* for one symbol */
#define OCTET      8u                           /* bits */
#define FULL       56u
#define FAST_IN    ((size_t)2 * WORD) /* octets that one turn may read */
#define TAIL_LEN   4
#define MAX_CODES  286 /* 3.2.7: HLIT; 287 and 288 mean nothing */
#define MAX_SPREAD 30  /* HDIST */

/* RFC 7692 7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end". */
static const uint8_t tail[TAIL_LEN] = {0x00, 0x00, 0xFF, 0xFF};

struct wsc_inflate {
  uint8_t *out; /* owned: history, then what the message has become */
  size_t len, cap;
  size_t begin; /* of the message in `out` */
  size_t limit;
  size_t distance, reach;
  const char *error;
  bool too_long;

  /* The octets of the message, then those of `tail`. `hold` has `num` bits that
   * were taken off them, the next lowest; above them, nothing or a part of the
   * octet at `in`. */
  const uint8_t *in, *end;
  bool in_tail;
  uint64_t hold;
  unsigned num;

  bool has_fixed;
  struct wsc_codes fixed;
  struct wsc_codes dynamic;
};

struct wsc_inflate *wsc_inflate_new(void) {
  struct wsc_inflate *inflate = wsc_malloc(sizeof *inflate);
  memset(inflate, 0, sizeof *inflate);
  return inflate;
}

void wsc_inflate_free(struct wsc_inflate *inflate) {
  if (inflate != NULL) {
    free(inflate->out);
    free(inflate);
  }
}

static bool fail(struct wsc_inflate *inflate, const char *error) {
  inflate->error = error;
  return false;
}

static bool cut_short(struct wsc_inflate *inflate) {
  return fail(inflate, "the octets end inside a block");
}

/* ---- bits ---- */

static uint64_t load(const uint8_t *at) {
  uint64_t word = 0;
  for (unsigned i = 0; i < WORD; i++) {
    word |= (uint64_t)at[i] << 8 * i;
  }
  return word;
}

static uint64_t low(uint64_t bits, unsigned num) {
  return bits & ((UINT64_C(1) << num) - 1);
}

/* Takes octets in, so that at least FULL bits are held, or all there are. */
static void refill(struct wsc_inflate *inflate) {
  while (inflate->num < FULL) {
    if (inflate->in == inflate->end && inflate->in_tail) {
      return;
    }
    if (inflate->in == inflate->end) {
      inflate->in_tail = true;
      inflate->in = tail;
      inflate->end = tail + TAIL_LEN;
    }
    inflate->hold |= (uint64_t)*inflate->in++ << inflate->num;
    inflate->num += OCTET;
  }
}

static void drop(struct wsc_inflate *inflate, unsigned num) {
  inflate->hold >>= num;
  inflate->num -= num;
}

/* 3.1.1: "starting with the least-significant bit". False: there are less. */
static bool take(struct wsc_inflate *inflate, unsigned num, unsigned *value) {
  refill(inflate);
  if (inflate->num < num) {
    return cut_short(inflate);
  }
  *value = (unsigned)low(inflate->hold, num);
  drop(inflate, num);
  return true;
}

static struct wsc_code_entry look(const struct wsc_code_entry *table,
                                  unsigned root, uint64_t hold) {
  struct wsc_code_entry entry = table[low(hold, root)];
  if ((entry.kind & WSC_CODE_LINK) != 0) {
    unsigned bits = entry.kind & WSC_CODE_NUMBER;
    entry = table[entry.value + low(hold >> root, bits)];
  }
  return entry;
}

static bool take_code(struct wsc_inflate *inflate,
                      const struct wsc_code_entry *table, unsigned root,
                      struct wsc_code_entry *entry) {
  refill(inflate);
  *entry = look(table, root, inflate->hold);
  if (entry->bits > inflate->num) {
    return cut_short(inflate);
  }
  if ((entry->kind & WSC_CODE_BAD) != 0) {
    return fail(inflate, "a code that has no meaning");
  }
  drop(inflate, entry->bits);
  return true;
}

/* ---- output ---- */

/* Room for one symbol and more, unless the limit has been passed. */
static bool reserve(struct wsc_inflate *inflate) {
  if (inflate->len - inflate->begin > inflate->limit) {
    inflate->too_long = true;
    return fail(inflate, "it becomes more than is read of it");
  }
  if (inflate->cap - inflate->len >= ROOM) {
    return true;
  }
  size_t most = inflate->begin + inflate->limit + 2 * ROOM;
  size_t cap = inflate->cap < CAP_MIN ? CAP_MIN : inflate->cap * 2;
  cap = cap < most ? cap : most;
  inflate->out = wsc_realloc(inflate->out, cap);
  inflate->cap = cap;
  return true;
}

/* There is room for up to WORD octets behind the match. */
static void copy(uint8_t *to, size_t distance, unsigned len) {
  const uint8_t *from = to - distance;
  if (distance >= WORD) {
    for (unsigned i = 0; i < len; i += WORD) {
      memcpy(to + i, from + i, WORD);
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
    return fail(inflate, "a match goes back behind the first message");
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

/* ---- blocks ---- */

enum step { GO_ON, END_OF_BLOCK, FAILED };

/* One symbol, wherever the octets end. */
static enum step symbol(struct wsc_inflate *inflate,
                        const struct wsc_codes *codes) {
  struct wsc_code_entry length, distance;
  unsigned more_length, more_distance;
  if (!take_code(inflate, codes->lengths, WSC_LENGTH_BITS, &length)) {
    return FAILED;
  }
  if ((length.kind & WSC_CODE_LITERAL) != 0) {
    inflate->out[inflate->len++] = (uint8_t)length.value;
    return GO_ON;
  }
  if ((length.kind & WSC_CODE_END) != 0) {
    return END_OF_BLOCK;
  }
  if (!take(inflate, length.kind & WSC_CODE_NUMBER, &more_length) ||
      !take_code(inflate, codes->distances, WSC_DISTANCE_BITS, &distance) ||
      !take(inflate, distance.kind & WSC_CODE_NUMBER, &more_distance)) {
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

/* refill() where there are WORD octets. */
#define REFILL(in, hold, num)                                                  \
  ((hold) |= load(in) << (num), (in) += (63 - (num)) >> 3, (num) |= FULL)

/* Many symbols, while there is enough of octets and of room for whatever comes
 * next. A turn takes up to 15 bits for each of two literals; and, after a second
 * refill, 15 and 5 for a length, 15 and 13 for a distance. What else a code may
 * mean is left to symbol(). */
static bool symbols(struct wsc_inflate *inflate,
                    const struct wsc_codes *codes) {
  const uint8_t *in = inflate->in;
  uint8_t *out = inflate->out + inflate->len;
  const uint8_t *out_last = inflate->out + inflate->cap - ROOM;
  uint64_t hold = inflate->hold;
  unsigned num = inflate->num;
  bool good = true;
  while (good && (size_t)(inflate->end - in) >= FAST_IN && out <= out_last) {
    REFILL(in, hold, num);
    struct wsc_code_entry code = look(codes->lengths, WSC_LENGTH_BITS, hold);
    for (int i = 0; i < 2 && (code.kind & WSC_CODE_LITERAL) != 0; i++) {
      *out++ = (uint8_t)code.value;
      hold >>= code.bits;
      num -= code.bits;
      code = look(codes->lengths, WSC_LENGTH_BITS, hold);
    }
    if ((code.kind & WSC_CODE_LITERAL) != 0) {
      continue;
    }
    REFILL(in, hold, num);
    unsigned used = code.bits;
    unsigned len = code.value + (unsigned)low(hold >> used, code.kind & 15);
    used += code.kind & WSC_CODE_NUMBER;
    struct wsc_code_entry far =
        look(codes->distances, WSC_DISTANCE_BITS, hold >> used);
    used += far.bits;
    size_t distance = far.value + low(hold >> used, far.kind);
    used += far.kind;
    if (code.kind > WSC_CODE_NUMBER || far.kind > WSC_CODE_NUMBER) {
      break;
    }
    good = match(inflate, out, distance, len);
    hold >>= used;
    num -= used;
    out += good ? len : 0;
  }
  inflate->in = in;
  inflate->hold = hold;
  inflate->num = num;
  inflate->len = (size_t)(out - inflate->out);
  return good;
}

static bool coded_block(struct wsc_inflate *inflate,
                        const struct wsc_codes *codes) {
  enum step step = GO_ON;
  while (step == GO_ON) {
    if (!reserve(inflate) || !symbols(inflate, codes)) {
      return false;
    }
    /* What symbols() has to leave alone, or the last octets. */
    step = reserve(inflate) ? symbol(inflate, codes) : FAILED;
  }
  return step == END_OF_BLOCK;
}

/* The next octets as they stand, at most `most`; 0: there are none. */
static size_t take_octets(struct wsc_inflate *inflate, uint8_t *to,
                          size_t most) {
  unsigned octet = 0;
  size_t left = (size_t)(inflate->end - inflate->in);
  if (inflate->num != 0 || left == 0) {
    refill(inflate);
    if (inflate->num == 0) {
      return 0;
    }
    take(inflate, OCTET, &octet);
    *to = (uint8_t)octet;
    return 1;
  }
  inflate->hold = 0;
  left = left < most ? left : most;
  memcpy(to, inflate->in, left);
  inflate->in += left;
  return left;
}

/* 3.2.4: "Any bits of input up to the next byte boundary are ignored." */
static bool stored_block(struct wsc_inflate *inflate) {
  unsigned len, complement;
  drop(inflate, inflate->num % OCTET);
  if (!take(inflate, 16, &len) || !take(inflate, 16, &complement)) {
    return false;
  }
  if ((len ^ complement) != 0xFFFF) {
    return fail(inflate, "a stored block whose length contradicts itself");
  }
  while (len != 0) {
    if (!reserve(inflate)) {
      return false;
    }
    size_t room = inflate->cap - inflate->len;
    size_t taken = take_octets(inflate, inflate->out + inflate->len,
                               len < room ? len : room);
    if (taken == 0) {
      return cut_short(inflate);
    }
    inflate->len += taken;
    len -= (unsigned)taken;
  }
  return true;
}

/* 3.2.7: symbols 16 to 18 repeat the length before, or zero. */
static bool repeat(struct wsc_inflate *inflate, unsigned order,
                   uint8_t *lengths, size_t *at, size_t num) {
  enum { PREVIOUS = 16, ZEROS = 17 };
  uint8_t value = 0;
  unsigned more;
  if (order == PREVIOUS) {
    if (*at == 0) {
      return fail(inflate, "a code length repeats one before the first");
    }
    value = lengths[*at - 1];
  }
  unsigned base = order <= ZEROS ? 3 : 11;
  unsigned extra = order == PREVIOUS ? 2 : order == ZEROS ? 3 : 7;
  if (!take(inflate, extra, &more)) {
    return false;
  }
  if (base + more > num - *at) {
    return fail(inflate, "more code lengths than were announced");
  }
  memset(lengths + *at, value, base + more);
  *at += base + more;
  return true;
}

static bool take_lengths(struct wsc_inflate *inflate,
                         const struct wsc_code_entry *orders, uint8_t *lengths,
                         size_t num) {
  size_t at = 0;
  while (at < num) {
    struct wsc_code_entry order;
    if (!take_code(inflate, orders, WSC_ORDER_BITS, &order)) {
      return false;
    }
    if (order.value <= 15) {
      lengths[at++] = (uint8_t)order.value;
    } else if (!repeat(inflate, order.value, lengths, &at, num)) {
      return false;
    }
  }
  return true;
}

static bool take_orders(struct wsc_inflate *inflate, unsigned num,
                        struct wsc_code_entry *orders) {
  static const uint8_t places[WSC_NUM_ORDERS] = {
      16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[WSC_NUM_ORDERS] = {0};
  for (unsigned i = 0; i < num; i++) {
    unsigned length;
    if (!take(inflate, 3, &length)) {
      return false;
    }
    lengths[places[i]] = (uint8_t)length;
  }
  return wsc_codes_set_orders(orders, lengths) ||
         fail(inflate, "code lengths that make no code");
}

static bool dynamic_block(struct wsc_inflate *inflate) {
  struct wsc_code_entry orders[1 << WSC_ORDER_BITS];
  uint8_t lengths[MAX_CODES + MAX_SPREAD];
  unsigned codes, spread, num_orders;
  if (!take(inflate, 5, &codes) || !take(inflate, 5, &spread) ||
      !take(inflate, 4, &num_orders)) {
    return false;
  }
  codes += 257;
  spread += 1;
  if (codes > MAX_CODES || spread > MAX_SPREAD) {
    return fail(inflate, "more codes than there are symbols");
  }
  if (!take_orders(inflate, num_orders + 4, orders) ||
      !take_lengths(inflate, orders, lengths, codes + spread)) {
    return false;
  }
  if (!wsc_codes_set_lengths(&inflate->dynamic, lengths, codes) ||
      !wsc_codes_set_distances(&inflate->dynamic, lengths + codes, spread)) {
    return fail(inflate, "code lengths that make no code");
  }
  return coded_block(inflate, &inflate->dynamic);
}

static bool fixed_block(struct wsc_inflate *inflate) {
  if (!inflate->has_fixed) {
    wsc_codes_set_fixed(&inflate->fixed);
    inflate->has_fixed = true;
  }
  return coded_block(inflate, &inflate->fixed);
}

static bool block(struct wsc_inflate *inflate) {
  enum { STORED, FIXED, DYNAMIC };
  unsigned final, type;
  if (!take(inflate, 1, &final) || !take(inflate, 2, &type)) {
    return false;
  }
  bool good = type == STORED    ? stored_block(inflate)
              : type == FIXED   ? fixed_block(inflate)
              : type == DYNAMIC ? dynamic_block(inflate)
                                : fail(inflate, "a block of type 3");
  /* RFC 7692 7.2.3.4: the octet is filled up, and another block follows. */
  if (good && final != 0) {
    drop(inflate, inflate->num % OCTET);
  }
  return good;
}

/* ---- messages ---- */

/* Leaves the last WINDOW octets in front of the new message. */
static void slide(struct wsc_inflate *inflate) {
  if (inflate->len > SLIDE_AT) {
    memmove(inflate->out, inflate->out + inflate->len - WINDOW, WINDOW);
    inflate->len = WINDOW;
  }
  if (inflate->cap > CAP_KEPT) {
    inflate->out = wsc_realloc(inflate->out, CAP_KEPT);
    inflate->cap = CAP_KEPT;
  }
}

void wsc_inflate_message(struct wsc_inflate *inflate, const uint8_t *data,
                         size_t len, size_t limit,
                         struct wsc_inflated *result) {
  slide(inflate);
  inflate->begin = inflate->len;
  inflate->limit = limit;
  inflate->distance = 0;
  inflate->reach = 0;
  inflate->error = NULL;
  inflate->too_long = false;
  inflate->in = data;
  inflate->end = len == 0 ? data : data + len;
  inflate->in_tail = false;
  inflate->hold = 0;
  inflate->num = 0;
  bool more = len != 0;
  while (more) {
    more = block(inflate);
    refill(inflate);
    more = more && inflate->num != 0;
  }
  size_t became = inflate->len - inflate->begin;
  *result = (struct wsc_inflated){
      .data = became == 0 ? NULL : inflate->out + inflate->begin,
      .len = became < limit ? became : limit,
      .distance = inflate->distance,
      .reach = inflate->reach,
      .error = inflate->error,
      .too_long = inflate->too_long,
  };
}
