/* support.h: what the tests of lib/ share. Include it instead of cmocka.h. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ws/types.h"

#include <cmocka.h>

#define NUM_OF(array) (sizeof(array) / sizeof(array)[0])

/* A copy in a block of exactly `len` bytes, so that AddressSanitizer sees a
 * read past the end. Owned by the caller: free(). */
static inline uint8_t *exact_copy(const void *data, size_t len) {
  uint8_t *copy = malloc(len > 0 ? len : 1);
  assert_non_null(copy);
  if (len > 0) {
    memcpy(copy, data, len);
  }
  return copy;
}

/* The initializer of a slice over a literal, NUL bytes inside it included, and
 * the same as an expression. */
/* clang-format off */
#define OCTETS(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
/* clang-format on */
#define SLICE(literal) ((struct ws_slice)OCTETS(literal))

static inline void assert_slice(struct ws_slice slice, const char *expected) {
  if (!ws_slice_equals(slice, expected)) {
    fail_msg("got \"%.*s\", expected \"%s\"", (int)slice.len,
             slice.len > 0 ? (const char *)slice.data : "", expected);
  }
}

/* xorshift64*: the same numbers in every run. `state` is not 0. */
static inline uint64_t next_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

#endif
