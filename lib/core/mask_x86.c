#include "mask_internal.h"

#ifdef WS_VECTOR_X86

#include <immintrin.h>
#include <string.h>

/* A step is a multiple of four octets, so that the pattern of what is left
 * begins anew; and four registers, so that the loop costs little beside them. */

void ws_mask_sse2(uint8_t *data, size_t len, const uint8_t pattern[4]) {
  int word;
  memcpy(&word, pattern, sizeof word);
  const __m128i key = _mm_set1_epi32(word);
  size_t i = 0;
  for (; len - i >= 4 * sizeof key; i += 4 * sizeof key) {
    __m128i *at = (__m128i *)(void *)(data + i);
    __m128i a = _mm_loadu_si128(at);
    __m128i b = _mm_loadu_si128(at + 1);
    __m128i c = _mm_loadu_si128(at + 2);
    __m128i d = _mm_loadu_si128(at + 3);
    _mm_storeu_si128(at, _mm_xor_si128(a, key));
    _mm_storeu_si128(at + 1, _mm_xor_si128(b, key));
    _mm_storeu_si128(at + 2, _mm_xor_si128(c, key));
    _mm_storeu_si128(at + 3, _mm_xor_si128(d, key));
  }
  for (; len - i >= sizeof key; i += sizeof key) {
    __m128i *at = (__m128i *)(void *)(data + i);
    _mm_storeu_si128(at, _mm_xor_si128(_mm_loadu_si128(at), key));
  }
  ws_mask_portable(data + i, len - i, pattern);
}

__attribute__((target("avx2"))) void ws_mask_avx2(uint8_t *data, size_t len,
                                                  const uint8_t pattern[4]) {
  int word;
  memcpy(&word, pattern, sizeof word);
  const __m256i key = _mm256_set1_epi32(word);
  size_t i = 0;
  for (; len - i >= 4 * sizeof key; i += 4 * sizeof key) {
    __m256i *at = (__m256i *)(void *)(data + i);
    __m256i a = _mm256_loadu_si256(at);
    __m256i b = _mm256_loadu_si256(at + 1);
    __m256i c = _mm256_loadu_si256(at + 2);
    __m256i d = _mm256_loadu_si256(at + 3);
    _mm256_storeu_si256(at, _mm256_xor_si256(a, key));
    _mm256_storeu_si256(at + 1, _mm256_xor_si256(b, key));
    _mm256_storeu_si256(at + 2, _mm256_xor_si256(c, key));
    _mm256_storeu_si256(at + 3, _mm256_xor_si256(d, key));
  }
  ws_mask_sse2(data + i, len - i, pattern);
}

#endif
