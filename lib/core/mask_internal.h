/* mask_internal.h: the implementations of masking. They do the same; tests and
 * fuzzers compare them. */
#ifndef WS_MASK_INTERNAL_H
#define WS_MASK_INTERNAL_H

#include "vector_internal.h"

/* XORs `data` with `pattern`, repeated from data[0]. */
typedef void ws_mask_function(uint8_t *data, size_t len,
                              const uint8_t pattern[4]);

ws_mask_function ws_mask_portable;
#ifdef WS_VECTOR_X86
ws_mask_function ws_mask_sse2;
ws_mask_function ws_mask_avx2; /* only where ws_vector_avx2 */
#endif
#ifdef WS_VECTOR_NEON
ws_mask_function ws_mask_neon;
#endif

struct ws_mask_path {
  const char *name;
  bool (*usable)(void); /* on this machine */
  ws_mask_function *mask;
};

/* All that were compiled, the portable one first; NULL past the last. */
const struct ws_mask_path *ws_mask_path(size_t i);

#endif
