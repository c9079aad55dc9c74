/* vector_internal.h: the vector units that some functions have a path for.
 *
 * A path is compiled where the compiler knows the unit, and taken where the
 * machine has it: libgcc or compiler-rt ask the processor when the program is
 * loaded, so that asking them is a read of memory. Everybody else, big-endian
 * and 32-bit machines among them, takes the portable path. */
#ifndef WS_VECTOR_INTERNAL_H
#define WS_VECTOR_INTERNAL_H

#include "ws/types.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define WS_VECTOR_X86
#elif defined(__GNUC__) && defined(__aarch64__) && defined(__AARCH64EL__)
#define WS_VECTOR_NEON
#endif

/* SSE2 and NEON are part of every x86-64 and every aarch64. */
static inline bool ws_vector_always(void) {
  return true;
}

#ifdef WS_VECTOR_X86
static inline bool ws_vector_ssse3(void) {
  return __builtin_cpu_supports("ssse3") != 0;
}

static inline bool ws_vector_avx2(void) {
  return __builtin_cpu_supports("avx2") != 0;
}
#endif

#endif
