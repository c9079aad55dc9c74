#include "chop.h"

#include <stdbool.h>
#include <string.h>

/* A piece has at most 1, 2, 4 ... 65536 octets, each bound as likely: small ones
 * tear headers, large ones keep megabytes from taking long. */
#define LOG_MAX 16

static const char *const names[WSC_NUM_CHOPS] = {"whole", "1", "random",
                                                 "coalesced"};

const char *wsc_chop_name(enum wsc_chop chop) {
  return names[chop];
}

enum wsc_chop wsc_chop_by_name(const char *name, size_t len) {
  unsigned chop = 0;
  while (chop < WSC_NUM_CHOPS &&
         (strlen(names[chop]) != len || memcmp(names[chop], name, len) != 0)) {
    chop++;
  }
  return (enum wsc_chop)chop;
}

static size_t one(size_t at, size_t len) {
  bool between = at >= WSC_CHOP_EDGE && len - at > WSC_CHOP_EDGE;
  return between ? len - at - WSC_CHOP_EDGE : 1;
}

static size_t random_piece(struct wsc_rng *rng, size_t left) {
  int64_t bound = INT64_C(1) << wsc_rng_between(rng, 0, LOG_MAX);
  size_t piece = (size_t)wsc_rng_between(rng, 1, bound);
  return piece < left ? piece : left;
}

size_t wsc_chop_next(enum wsc_chop chop, struct wsc_rng *rng, size_t at,
                     size_t len) {
  switch (chop) {
  case WSC_CHOP_ONE:
    return one(at, len);
  case WSC_CHOP_RANDOM:
    return random_piece(rng, len - at);
  default:
    return len - at;
  }
}
