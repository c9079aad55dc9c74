#include "utf8_internal.h"

#ifdef WS_VECTOR_X86

#include <immintrin.h>

/* Functions for the two widths, side by side: the tables and the method are
 * explained in utf8_internal.h. Instructions that shuffle do so in each half of
 * a 256-bit register apart, so that the tables stand in both. */

#define SSSE3 __attribute__((target("ssse3")))
#define AVX2  __attribute__((target("avx2")))

SSSE3 static __m128i load_128(const uint8_t *data) {
  return _mm_loadu_si128((const __m128i *)(const void *)data);
}

/* Not zero where `now`, which `before` comes before, breaks a rule. */
SSSE3 static __m128i errors_128(__m128i before, __m128i now) {
  const __m128i low_half = _mm_set1_epi8(0x0F);
  const __m128i first = _mm_alignr_epi8(now, before, 15);
  const __m128i pair = _mm_and_si128(
      _mm_and_si128(
          _mm_shuffle_epi8(load_128(ws_utf8_tables.first_high),
                           _mm_and_si128(_mm_srli_epi16(first, 4), low_half)),
          _mm_shuffle_epi8(load_128(ws_utf8_tables.first_low),
                           _mm_and_si128(first, low_half))),
      _mm_shuffle_epi8(load_128(ws_utf8_tables.second_high),
                       _mm_and_si128(_mm_srli_epi16(now, 4), low_half)));
  /* The top bit of a byte that a third or fourth one has to follow. */
  const __m128i third = _mm_subs_epu8(_mm_alignr_epi8(now, before, 14),
                                      _mm_set1_epi8(0xE0 - 0x80));
  const __m128i fourth = _mm_subs_epu8(_mm_alignr_epi8(now, before, 13),
                                       _mm_set1_epi8(0xF0 - 0x80));
  const __m128i two = _mm_and_si128(_mm_or_si128(third, fourth),
                                    _mm_set1_epi8((char)WS_UTF8_TWO));
  return _mm_xor_si128(pair, two);
}

SSSE3 static bool is_zero_128(__m128i v) {
  return _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())) == 0xFFFF;
}

SSSE3 size_t ws_utf8_ssse3(const uint8_t *data, size_t len) {
  __m128i before = _mm_setzero_si128();
  size_t i = 0;
  for (; len - i >= sizeof before; i += sizeof before) {
    __m128i now = load_128(data + i);
    /* ASCII behind ASCII. */
    if (_mm_movemask_epi8(_mm_or_si128(before, now)) == 0) {
      continue;
    }
    if (!is_zero_128(errors_128(before, now))) {
      break;
    }
    before = now;
  }
  return i == 0 ? 0 : ws_utf8_whole(data, i);
}

AVX2 static __m256i load_256(const uint8_t *data) {
  return _mm256_loadu_si256((const __m256i *)(const void *)data);
}

AVX2 static __m256i table_256(const uint8_t table[16]) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128((const __m128i *)(const void *)table));
}

AVX2 static __m256i errors_256(__m256i before, __m256i now) {
  const __m256i low_half = _mm256_set1_epi8(0x0F);
  const __m256i middle = _mm256_permute2x128_si256(before, now, 0x21);
  const __m256i first = _mm256_alignr_epi8(now, middle, 15);
  const __m256i pair = _mm256_and_si256(
      _mm256_and_si256(
          _mm256_shuffle_epi8(
              table_256(ws_utf8_tables.first_high),
              _mm256_and_si256(_mm256_srli_epi16(first, 4), low_half)),
          _mm256_shuffle_epi8(table_256(ws_utf8_tables.first_low),
                              _mm256_and_si256(first, low_half))),
      _mm256_shuffle_epi8(
          table_256(ws_utf8_tables.second_high),
          _mm256_and_si256(_mm256_srli_epi16(now, 4), low_half)));
  const __m256i third = _mm256_subs_epu8(_mm256_alignr_epi8(now, middle, 14),
                                         _mm256_set1_epi8(0xE0 - 0x80));
  const __m256i fourth = _mm256_subs_epu8(_mm256_alignr_epi8(now, middle, 13),
                                          _mm256_set1_epi8(0xF0 - 0x80));
  const __m256i two = _mm256_and_si256(_mm256_or_si256(third, fourth),
                                       _mm256_set1_epi8((char)WS_UTF8_TWO));
  return _mm256_xor_si256(pair, two);
}

AVX2 size_t ws_utf8_avx2(const uint8_t *data, size_t len) {
  __m256i before = _mm256_setzero_si256();
  size_t i = 0;
  for (; len - i >= 2 * sizeof before; i += 2 * sizeof before) {
    __m256i a = load_256(data + i);
    __m256i b = load_256(data + i + sizeof before);
    __m256i any = _mm256_or_si256(_mm256_or_si256(before, a), b);
    if (_mm256_movemask_epi8(any) == 0) {
      continue;
    }
    __m256i errors = _mm256_or_si256(errors_256(before, a), errors_256(a, b));
    if (!_mm256_testz_si256(errors, errors)) {
      break;
    }
    before = b;
  }
  i = i == 0 ? 0 : ws_utf8_whole(data, i);
  return i + ws_utf8_ssse3(data + i, len - i);
}

#endif
