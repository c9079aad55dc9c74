/* inflate_reference.h: DEFLATE (RFC 1951) read the slow and plain way, to judge
 * what zlib wrote: a second opinion, and the distance of every match.
 *
 * Written from the RFC alone: a bit at a time, canonical codes by counting, the
 * whole output as window. */
#ifndef INFLATE_REFERENCE_H
#define INFLATE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inflate_reference {
  uint8_t *out; /* owned (free()): all output so far, the window */
  size_t out_len;
  size_t out_cap;
  /* Of the latest call: */
  size_t max_distance; /* of its matches; 0: there was none */
  size_t max_reach;    /* octets that a match went back behind the beginning of
                          this call's output; 0: none did */
  bool final;          /* a block with BFINAL was among its blocks */
};

/* Inflates blocks until `len` octets are used up, behind the output of earlier
 * calls. False: they are not DEFLATE, or do not end between two blocks at an
 * octet boundary. A block with BFINAL is followed by more, as RFC 7692 7.2.3.4
 * has it. */
bool inflate_reference(struct inflate_reference *state, const uint8_t *data,
                       size_t len);

void inflate_reference_free(struct inflate_reference *state);

#endif
