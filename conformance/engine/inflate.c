#include "inflate.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "inflate_internal.h"

#define WINDOW   ((size_t)32768)
#define SLIDE_AT ((size_t)4 * WINDOW) /* more history is moved away */
#define CAP_MIN  ((size_t)4096)
#define CAP_KEPT                                                               \
  ((size_t)8 * WINDOW) /* more is given back at the next message */
#define MAX_CODES  286 /* 3.2.7: HLIT; 287 and 288 mean nothing */
#define MAX_SPREAD 30  /* HDIST */

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

bool wsc_inflate_reserve(struct wsc_inflate *inflate) {
  if (inflate->len - inflate->begin > inflate->limit) {
    return false;
  }
  if (inflate->cap - inflate->len >= WSC_INFLATE_ROOM) {
    return true;
  }
  size_t most = inflate->begin + inflate->limit + 2 * WSC_INFLATE_ROOM;
  size_t cap = inflate->cap < CAP_MIN ? CAP_MIN : inflate->cap * 2;
  cap = cap < most ? cap : most;
  inflate->out = wsc_realloc(inflate->out, cap);
  inflate->cap = cap;
  return true;
}

/* ---- blocks ---- */

/* The next octets as they stand, at most `most`, which is not 0. Returns how
 * many; 0: there are none. */
static size_t take_octets(struct wsc_inflate *inflate, uint8_t *to,
                          size_t most) {
  if (inflate->bits.num == 0 && inflate->bits.in == inflate->bits.end) {
    wsc_bits_refill(&inflate->bits);
  }
  if (inflate->bits.num != 0) {
    *to = (uint8_t)inflate->bits.hold;
    wsc_bits_drop(&inflate->bits, WSC_BITS_OCTET);
    return 1;
  }
  inflate->bits.hold = 0;
  size_t left = (size_t)(inflate->bits.end - inflate->bits.in);
  left = left < most ? left : most;
  memcpy(to, inflate->bits.in, left);
  inflate->bits.in += left;
  return left;
}

/* 3.2.4: "Any bits of input up to the next byte boundary are ignored." */
static bool stored_block(struct wsc_inflate *inflate) {
  unsigned len, complement;
  wsc_bits_align(&inflate->bits);
  if (!wsc_bits_take(&inflate->bits, 16, &len) ||
      !wsc_bits_take(&inflate->bits, 16, &complement)) {
    return false;
  }
  if ((len ^ complement) != 0xFFFF) {
    return wsc_bits_fail(&inflate->bits,
                         "a stored block whose length contradicts itself");
  }
  while (len != 0) {
    if (!wsc_inflate_reserve(inflate)) {
      return false;
    }
    size_t room = inflate->cap - inflate->len;
    size_t taken = take_octets(inflate, inflate->out + inflate->len,
                               len < room ? len : room);
    if (taken == 0) {
      return wsc_bits_cut_short(&inflate->bits);
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
      return wsc_bits_fail(&inflate->bits,
                           "a code length repeats one before the first");
    }
    value = lengths[*at - 1];
  }
  unsigned base = order <= ZEROS ? 3 : 11;
  unsigned extra = order == PREVIOUS ? 2 : order == ZEROS ? 3 : 7;
  if (!wsc_bits_take(&inflate->bits, extra, &more)) {
    return false;
  }
  if (base + more > num - *at) {
    return wsc_bits_fail(&inflate->bits,
                         "more code lengths than were announced");
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
    if (!wsc_bits_take_code(&inflate->bits, orders, WSC_ORDER_BITS, &order)) {
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
    if (!wsc_bits_take(&inflate->bits, 3, &length)) {
      return false;
    }
    lengths[places[i]] = (uint8_t)length;
  }
  return wsc_codes_set_orders(orders, lengths) ||
         wsc_bits_fail(&inflate->bits, "code lengths that make no code");
}

static bool dynamic_block(struct wsc_inflate *inflate) {
  struct wsc_code_entry orders[1 << WSC_ORDER_BITS];
  uint8_t lengths[MAX_CODES + MAX_SPREAD];
  unsigned codes, spread, num_orders;
  if (!wsc_bits_take(&inflate->bits, 5, &codes) ||
      !wsc_bits_take(&inflate->bits, 5, &spread) ||
      !wsc_bits_take(&inflate->bits, 4, &num_orders)) {
    return false;
  }
  codes += 257;
  spread += 1;
  if (codes > MAX_CODES || spread > MAX_SPREAD) {
    return wsc_bits_fail(&inflate->bits, "more codes than there are symbols");
  }
  if (!take_orders(inflate, num_orders + 4, orders) ||
      !take_lengths(inflate, orders, lengths, codes + spread)) {
    return false;
  }
  if (!wsc_codes_set_lengths(&inflate->dynamic, lengths, codes) ||
      !wsc_codes_set_distances(&inflate->dynamic, lengths + codes, spread)) {
    return wsc_bits_fail(&inflate->bits, "code lengths that make no code");
  }
  return wsc_inflate_coded(inflate, &inflate->dynamic);
}

static bool fixed_block(struct wsc_inflate *inflate) {
  if (!inflate->has_fixed) {
    wsc_codes_set_fixed(&inflate->fixed);
    inflate->has_fixed = true;
  }
  return wsc_inflate_coded(inflate, &inflate->fixed);
}

static bool block(struct wsc_inflate *inflate) {
  enum { STORED, FIXED, DYNAMIC };
  unsigned final, type;
  if (!wsc_bits_take(&inflate->bits, 1, &final) ||
      !wsc_bits_take(&inflate->bits, 2, &type)) {
    return false;
  }
  bool good = type == STORED  ? stored_block(inflate)
              : type == FIXED ? fixed_block(inflate)
              : type == DYNAMIC
                  ? dynamic_block(inflate)
                  : wsc_bits_fail(&inflate->bits, "a block of type 3");
  /* RFC 7692 7.2.3.4: the octet is filled up, and another block follows. */
  if (good && final != 0) {
    wsc_bits_align(&inflate->bits);
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
  inflate->bits.error = NULL;
  inflate->bits.in = data;
  inflate->bits.end = len == 0 ? data : data + len;
  inflate->bits.in_tail = false;
  inflate->bits.hold = 0;
  inflate->bits.num = 0;
  bool more = len != 0;
  while (more) {
    more = block(inflate);
    wsc_bits_refill(&inflate->bits);
    more = more && inflate->bits.num != 0;
  }
  size_t became = inflate->len - inflate->begin;
  *result = (struct wsc_inflated){
      .data = became == 0 ? NULL : inflate->out + inflate->begin,
      .len = became,
      .distance = inflate->distance,
      .reach = inflate->reach,
      .error = inflate->bits.error,
  };
  if (became > limit) {
    result->len = limit;
    result->error = "it becomes more than is read of it";
    result->too_long = true;
  }
}
