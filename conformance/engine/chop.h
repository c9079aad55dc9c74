/* chop.h: how what a case sends is cut into writes.
 *
 * TCP has no borders, so that a peer has to take octets however they come; one
 * that reads "a frame" where it reads a segment does not. A write is a segment,
 * or a record of TLS, where the network allows. */
#ifndef WSC_CHOP_H
#define WSC_CHOP_H

#include <stddef.h>

#include "rng.h"

enum wsc_chop {
  WSC_CHOP_WHOLE,     /* as the case sends it */
  WSC_CHOP_ONE,       /* an octet each */
  WSC_CHOP_RANDOM,    /* in pieces of any size */
  WSC_CHOP_COALESCED, /* all that it sends before it waits, at once */
  WSC_NUM_CHOPS
};

/* "whole", "1", "random", "coalesced"; static. */
const char *wsc_chop_name(enum wsc_chop chop);

/* WSC_NUM_CHOPS: there is no such. `name` has `len` octets. */
enum wsc_chop wsc_chop_by_name(const char *name, size_t len);

/* At the beginning and at the end of a longer write, as many are cut off octet
 * by octet; what lies between leaves as one. */
#define WSC_CHOP_EDGE 4096

/* Of a write of `len` octets, of which `at` (less than len) have left: how many
 * leave next. Only WSC_CHOP_RANDOM draws from `rng`. */
size_t wsc_chop_next(enum wsc_chop chop, struct wsc_rng *rng, size_t at,
                     size_t len);

#endif
