/* The paths of masking and of UTF-8 against the portable ones, which
 * mask_test.c and utf8_test.c judge. A path that this machine cannot take is
 * left out; main says which were taken. */
#include "support.h"

#include "core/mask_internal.h"
#include "core/utf8_internal.h"
#include "ws/mask.h"

enum { BLOCK = 64 }; /* the longest step of a path, and what edges there are */

/* Masking ---------------------------------------------------------------- */

static void check_mask(const struct ws_mask_path *path, size_t at, size_t len,
                       const uint8_t pattern[4]) {
  enum { ROOM = 64 + 300 + 64 };
  static uint8_t got[ROOM];
  bool right = true;
  for (size_t i = 0; i < ROOM; i++) {
    got[i] = (uint8_t)(i * 41 + 7);
  }
  path->mask(got + at, len, pattern);
  for (size_t i = 0; i < ROOM; i++) {
    uint8_t before = (uint8_t)(i * 41 + 7);
    bool inside = i >= at && i - at < len;
    right =
        right && got[i] == (inside ? before ^ pattern[(i - at) % 4] : before);
  }
  if (!right) {
    fail_msg("%s: %zu bytes at %zu", path->name, len, at);
  }
}

static void masking_at_every_length_and_alignment(void **state) {
  (void)state;
  static const uint8_t pattern[4] = {0x37, 0xFA, 0x21, 0x3D};
  const struct ws_mask_path *path;
  for (size_t i = 0; (path = ws_mask_path(i)) != NULL; i++) {
    for (size_t len = 0; path->usable() && len <= 300; len++) {
      for (size_t at = 0; at < 64; at++) {
        check_mask(path, at, len, pattern);
      }
    }
  }
}

/* In a block of exactly the length: a sanitizer sees what is touched beyond. */
static void masking_touches_nothing_else(void **state) {
  (void)state;
  static const uint8_t pattern[4] = {1, 2, 3, 4};
  static const uint8_t zeros[300];
  const struct ws_mask_path *path;
  for (size_t i = 0; (path = ws_mask_path(i)) != NULL; i++) {
    for (size_t len = 1; path->usable() && len <= sizeof zeros; len++) {
      uint8_t *data = exact_copy(zeros, len);
      path->mask(data, len, pattern);
      path->mask(data, len, pattern);
      assert_memory_equal(data, zeros, len);
      free(data);
    }
  }
}

/* UTF-8 ------------------------------------------------------------------ */

static bool same(const struct ws_utf8 *a, const struct ws_utf8 *b) {
  return a->offset == b->offset && a->state == b->state &&
         a->failed == b->failed;
}

static void report(const struct ws_utf8_path *path, const uint8_t *s,
                   size_t len, const struct ws_utf8 *got,
                   const struct ws_utf8 *expected) {
  for (size_t i = 0; i < len; i++) {
    print_error("%02X%s", s[i], i % 16 == 15 ? "\n" : " ");
  }
  fail_msg("%s: %zu bytes: offset %llu, state %x%s instead of %llu, %x%s",
           path->name, len, (unsigned long long)got->offset,
           (unsigned)got->state, got->failed ? ", failed" : "",
           (unsigned long long)expected->offset, (unsigned)expected->state,
           expected->failed ? ", failed" : "");
}

static void encode(uint8_t out[4], uint32_t scalar) {
  if (scalar < 0x800) {
    out[0] = (uint8_t)(0xC0 | scalar >> 6);
    out[1] = (uint8_t)(0x80 | (scalar & 0x3F));
  } else if (scalar < 0x10000) {
    out[0] = (uint8_t)(0xE0 | scalar >> 12);
    out[1] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    out[2] = (uint8_t)(0x80 | (scalar & 0x3F));
  } else {
    out[0] = (uint8_t)(0xF0 | scalar >> 18);
    out[1] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (scalar & 0x3F));
  }
}

/* One string in two feeds, by every path. */
static void check_cut(const uint8_t *s, size_t len, size_t cut) {
  struct ws_utf8 expected;
  const struct ws_utf8_path *path = ws_utf8_path(0);
  ws_utf8_init(&expected);
  ws_utf8_feed_by(path, &expected, s, len);
  for (size_t i = 0; (path = ws_utf8_path(i)) != NULL; i++) {
    struct ws_utf8 got;
    ws_utf8_init(&got);
    if (!path->usable()) {
      continue;
    }
    ws_utf8_feed_by(path, &got, s, cut);
    ws_utf8_feed_by(path, &got, s + cut, len - cut);
    if (!same(&got, &expected)) {
      report(path, s, len, &got, &expected);
    }
    /* The contract of a path by itself: it takes nothing that is bad, and stops
     * between code points. */
    size_t whole = path->valid(s, len);
    if (whole > expected.offset || (whole < len && s[whole] >= 0x80 &&
                                    s[whole] < 0xC0 && !expected.failed)) {
      fail_msg("%s: %zu of %zu bytes", path->name, whole, len);
    }
  }
}

/* Code points of one to four bytes, in an order that brings each to the edge of
 * a block sooner or later. */
static size_t write_text(uint8_t *out, size_t room, uint64_t *seed) {
  static const struct ws_slice pieces[] = {
      OCTETS("a"),
      OCTETS("\xC2\x80"),
      OCTETS("\xDF\xBF"),
      OCTETS("\xE0\xA0\x80"),
      OCTETS("\xE2\x82\xAC"),
      OCTETS("\xED\x9F\xBF"),
      OCTETS("\xEE\x80\x80"),
      OCTETS("\xF0\x90\x80\x80"),
      OCTETS("\xF1\x80\x80\x80"),
      OCTETS("\xF4\x8F\xBF\xBF"),
      OCTETS("plain ASCII text"),
  };
  size_t len = 0;
  for (;;) {
    struct ws_slice piece = pieces[(next_random(seed) >> 33) % NUM_OF(pieces)];
    if (piece.len > room - len) {
      return len;
    }
    memcpy(out + len, piece.data, piece.len);
    len += piece.len;
  }
}

static void text_at_every_length_and_cut(void **state) {
  (void)state;
  uint64_t seed = 6455;
  uint8_t text[204];
  size_t room = write_text(text, sizeof text, &seed);
  assert_true(room >= 200);
  for (size_t len = 0; len <= 200; len++) {
    uint8_t *s = exact_copy(text, len);
    for (size_t cut = 0; cut <= len; cut++) {
      check_cut(s, len, cut);
    }
    free(s);
  }
}

static void text_at_every_alignment(void **state) {
  (void)state;
  uint64_t seed = 7692;
  uint8_t text[200];
  uint8_t room[64 + 200];
  size_t whole = write_text(text, sizeof text, &seed);
  for (size_t at = 0; at < 64; at++) {
    memset(room, 0xFF, sizeof room);
    memcpy(room + at, text, whole);
    for (size_t len = 0; len <= whole; len++) {
      check_cut(room + at, len, 0);
    }
  }
}

/* `seq` among ASCII, begun `at` bytes behind the start, by every path, against
 * what the portable one says of it. A whole block of ASCII follows: it has to
 * hear of what is unfinished before it. */
static void check_at(uint8_t *text, size_t at, const uint8_t *seq, size_t len) {
  enum { AFTER = BLOCK + 16 };
  struct ws_utf8 expected;
  const struct ws_utf8_path *path = ws_utf8_path(0);
  size_t whole = at + len + AFTER;
  memcpy(text + at, seq, len);
  ws_utf8_init(&expected);
  ws_utf8_feed_by(path, &expected, text, whole);
  for (size_t i = 1; (path = ws_utf8_path(i)) != NULL; i++) {
    struct ws_utf8 got;
    ws_utf8_init(&got);
    if (!path->usable()) {
      continue;
    }
    ws_utf8_feed_by(path, &got, text, whole);
    if (!same(&got, &expected)) {
      report(path, text, whole, &got, &expected);
    }
  }
  memset(text + at, 'a', len);
}

static void all_pairs_at_every_edge(void **state) {
  (void)state;
  static const size_t places[] = {0, 14, 15, 16, 30, 31, 32, 62, 63, 64, 95};
  uint8_t text[192];
  memset(text, 'a', sizeof text);
  for (uint32_t i = 0; i < 1U << 16; i++) {
    uint8_t s[2] = {(uint8_t)(i >> 8), (uint8_t)i};
    for (size_t j = 0; j < NUM_OF(places); j++) {
      check_at(text, places[j], s, 2);
    }
  }
}

/* Behind ASCII and continuations the rest is a pair, or is bad at once. */
static void all_triples_with_a_lead_byte(void **state) {
  (void)state;
  uint8_t text[192];
  memset(text, 'a', sizeof text);
  for (uint32_t i = 0xC00000; i < 1U << 24; i++) {
    uint8_t s[3] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
    check_at(text, BLOCK - 3 + (i * 7 + (i >> 8)) % 4, s, 3);
  }
}

/* All of F0..FF, with a second byte of any value, and behind it what stands at
 * the borders of the ranges. */
static void quadruples_at_the_edge_of_a_block(void **state) {
  (void)state;
  static const uint8_t edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                  0xBF, 0xC0, 0xE0, 0xED, 0xF0, 0xF4, 0xFF};
  const size_t n = NUM_OF(edges);
  uint8_t text[192];
  memset(text, 'a', sizeof text);
  for (size_t i = 0; i < 16 * 256 * n * n; i++) {
    uint8_t s[4] = {(uint8_t)(0xF0 + i % 16), (uint8_t)(i / 16),
                    edges[i / 4096 % n], edges[i / 4096 / n]};
    check_at(text, BLOCK - 4 + i % 5, s, 4);
    check_at(text, 12 + i % 5, s, 4);
  }
}

/* No valid text is left to the byte-by-byte path: that would be right, and
 * slow. */
static void a_path_takes_every_scalar_value(void **state) {
  (void)state;
  enum { VECTOR = 16 };
  uint8_t text[3 * BLOCK];
  const struct ws_utf8_path *path;
  for (uint32_t value = 0x80; value <= 0x10FFFF; value++) {
    size_t at = BLOCK - 4 + value % 5;
    memset(text, 'a', sizeof text);
    encode(text + at, value);
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    for (size_t i = 0; (path = ws_utf8_path(i)) != NULL; i++) {
      size_t whole = path->usable() ? path->valid(text, sizeof text) : 0;
      if (path->usable() && (whole > sizeof text - VECTOR) == surrogate) {
        fail_msg("%s: %zu bytes, U+%04X at %zu", path->name, whole,
                 (unsigned)value, at);
      }
    }
  }
}

static void random_text_with_planted_errors(void **state) {
  (void)state;
  uint64_t seed = 3629;
  for (int i = 0; i < 20000; i++) {
    uint8_t text[600];
    size_t room = next_random(&seed) >> 20 & 511;
    size_t len = write_text(text, room, &seed);
    for (uint64_t n = next_random(&seed) >> 60; n > 12 && len > 0; n--) {
      text[next_random(&seed) % len] ^= (uint8_t)(next_random(&seed) >> 50);
    }
    uint8_t *s = exact_copy(text, len);
    check_cut(s, len, len > 0 ? (size_t)(next_random(&seed) % len) : 0);
    check_cut(s, len, 0);
    free(s);
  }
}

/* ws_mask and ws_utf8_feed choose by length: the choice is seen to be good at
 * every length, by nothing but the public functions. */
static void the_choice_agrees(void **state) {
  (void)state;
  static const uint8_t key[4] = {9, 8, 7, 6};
  uint64_t seed = 1;
  uint8_t text[300];
  size_t whole = write_text(text, sizeof text, &seed);
  for (size_t len = 0; len <= whole; len++) {
    struct ws_utf8 a, b;
    ws_utf8_init(&a);
    ws_utf8_init(&b);
    ws_utf8_feed(&a, text, len);
    ws_utf8_feed_by(ws_utf8_path(0), &b, text, len);
    assert_true(same(&a, &b));
    uint8_t *once = exact_copy(text, len);
    ws_mask(once, len, key, 3);
    for (size_t i = 0; i < len; i++) {
      assert_int_equal(once[i], text[i] ^ key[(i + 3) % 4]);
    }
    free(once);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(masking_at_every_length_and_alignment),
      cmocka_unit_test(masking_touches_nothing_else),
      cmocka_unit_test(text_at_every_length_and_cut),
      cmocka_unit_test(text_at_every_alignment),
      cmocka_unit_test(all_pairs_at_every_edge),
      cmocka_unit_test(all_triples_with_a_lead_byte),
      cmocka_unit_test(quadruples_at_the_edge_of_a_block),
      cmocka_unit_test(a_path_takes_every_scalar_value),
      cmocka_unit_test(random_text_with_planted_errors),
      cmocka_unit_test(the_choice_agrees),
  };
  for (size_t i = 0; ws_mask_path(i) != NULL; i++) {
    print_message("masking: %s%s\n", ws_mask_path(i)->name,
                  ws_mask_path(i)->usable() ? "" : " (not on this machine)");
  }
  for (size_t i = 0; ws_utf8_path(i) != NULL; i++) {
    print_message("UTF-8: %s%s\n", ws_utf8_path(i)->name,
                  ws_utf8_path(i)->usable() ? "" : " (not on this machine)");
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
