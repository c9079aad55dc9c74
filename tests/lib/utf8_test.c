#include "ws/utf8.h"

#include "support.h"

/* The reference: RFC 3629 read forwards. Every scalar value is encoded, and
 * what those encodings begin with is marked; a string is good as long as each
 * of its sequences is marked. No table of ranges, no state machine. */
struct reference {
  uint8_t prefix_1[256]; /* is it a whole sequence, the beginning of one? */
  uint8_t prefix_2[1 << 16];
  uint8_t *prefix_3; /* 1 << 24 */
};

enum mark { NOTHING, BEGINNING, WHOLE };

static size_t encode(uint8_t out[4], uint32_t scalar) {
  static const uint8_t leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
  size_t len = scalar < 0x80      ? 1
               : scalar < 0x800   ? 2
               : scalar < 0x10000 ? 3
                                  : 4;
  for (size_t i = len; i > 1; i--) {
    out[i - 1] = (uint8_t)(0x80 | (scalar & 0x3F));
    scalar >>= 6;
  }
  out[0] = (uint8_t)(leads[len] | scalar);
  return len;
}

static bool is_scalar(uint32_t value) {
  return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

static uint32_t number_of(const uint8_t *s, size_t len) {
  uint32_t number = 0;
  for (size_t i = 0; i < len; i++) {
    number = number << 8 | s[i];
  }
  return number;
}

static int set_up(void **state) {
  struct reference *ref = calloc(1, sizeof *ref);
  assert_non_null(ref);
  ref->prefix_3 = calloc(1 << 24, 1);
  assert_non_null(ref->prefix_3);
  for (uint32_t value = 0; value <= 0x10FFFF; value++) {
    if (!is_scalar(value)) {
      continue;
    }
    uint8_t s[4];
    size_t len = encode(s, value);
    ref->prefix_1[s[0]] = len == 1 ? WHOLE : BEGINNING;
    if (len >= 2) {
      ref->prefix_2[number_of(s, 2)] = len == 2 ? WHOLE : BEGINNING;
    }
    if (len >= 3) {
      ref->prefix_3[number_of(s, 3)] = len == 3 ? WHOLE : BEGINNING;
    }
  }
  *state = ref;
  return 0;
}

static int tear_down(void **state) {
  struct reference *ref = *state;
  free(ref->prefix_3);
  free(ref);
  return 0;
}

static enum mark mark_of(const struct reference *ref, const uint8_t *s,
                         size_t len) {
  switch (len) {
  case 1:
    return ref->prefix_1[s[0]];
  case 2:
    return ref->prefix_2[number_of(s, 2)];
  case 3:
    return ref->prefix_3[number_of(s, 3)];
  default: {
    uint32_t value = (uint32_t)(s[0] & 0x07) << 18 |
                     (uint32_t)(s[1] & 0x3F) << 12 |
                     (uint32_t)(s[2] & 0x3F) << 6 | (s[3] & 0x3F);
    uint8_t again[4];
    bool same = is_scalar(value) && encode(again, value) == 4 &&
                memcmp(again, s, 4) == 0;
    return same ? WHOLE : NOTHING;
  }
  }
}

/* The offset of the first bad byte, `len` when there is none; *complete when no
 * code point is left unfinished. */
static size_t judge(const struct reference *ref, const uint8_t *s, size_t len,
                    bool *complete) {
  size_t begin = 0;
  *complete = true;
  for (size_t i = 0; i < len; i++) {
    enum mark mark = mark_of(ref, s + begin, i + 1 - begin);
    *complete = mark == WHOLE;
    if (mark == NOTHING) {
      return i;
    }
    if (mark == WHOLE) {
      begin = i + 1;
    }
  }
  return len;
}

/* Feeds `s`, cut behind every byte i for which bit i of `cuts` is set, and
 * compares what is reported with the reference. The hot loop of this file:
 * cmocka only hears of failures. */
static void check(const struct reference *ref, const uint8_t *s, size_t len,
                  uint64_t cuts) {
  bool complete;
  size_t bad = judge(ref, s, len, &complete);
  struct ws_utf8 utf8;
  ws_utf8_init(&utf8);
  bool right = true;
  size_t from = 0;
  for (size_t i = 0; i < len; i++) {
    if (i + 1 == len || (i < 64 && (cuts >> i & 1) != 0)) {
      bool ok = ws_utf8_feed(&utf8, s + from, i + 1 - from);
      right = right && ok == (bad > i);
      from = i + 1;
    }
  }
  right = right && utf8.offset == bad && utf8.failed == (bad < len) &&
          ws_utf8_complete(&utf8) == complete &&
          ws_utf8_valid(s, len) == complete;
  if (!right) {
    fail_msg("length %zu, %02X %02X %02X %02X, cuts %llx: bad byte at %llu "
             "instead of %zu",
             len, s[0], len > 1 ? s[1] : 0, len > 2 ? s[2] : 0,
             len > 3 ? s[3] : 0, (unsigned long long)cuts,
             (unsigned long long)utf8.offset, bad);
  }
}

static void all_strings_of_one_and_two_bytes(void **state) {
  for (unsigned a = 0; a < 256; a++) {
    for (unsigned b = 0; b < 256; b++) {
      uint8_t s[2] = {(uint8_t)a, (uint8_t)b};
      check(*state, s, 1, 0);
      check(*state, s, 2, 0);
      check(*state, s, 2, 1);
    }
  }
}

static void all_strings_of_three_bytes(void **state) {
  for (uint32_t i = 0; i < 1U << 24; i++) {
    uint8_t s[3] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
    /* Of strings whose first byte stands alone, the rest was seen above. */
    check(*state, s, 3, s[0] < 0x80 ? i % 4 : 0);
    for (uint64_t cuts = 1; s[0] >= 0xC2 && cuts < 4; cuts++) {
      check(*state, s, 3, cuts);
    }
  }
}

/* The bytes at which RFC 3629 4 changes its mind, and their neighbours. */
static void four_bytes_at_every_boundary(void **state) {
  static const uint8_t edges[] = {
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
      0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
      0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
  };
  size_t n = NUM_OF(edges);
  for (size_t i = 0; i < n * n * n * n; i++) {
    uint8_t s[4] = {edges[i % n], edges[i / n % n], edges[i / n / n % n],
                    edges[i / n / n / n]};
    for (uint64_t cuts = 0; cuts < 8; cuts++) {
      check(*state, s, 4, cuts);
    }
  }
}

static void every_scalar_value_is_valid(void **state) {
  for (uint32_t value = 0; value <= 0x10FFFF; value++) {
    uint8_t s[4];
    size_t len = encode(s, value);
    if (ws_utf8_valid(s, len) != is_scalar(value)) {
      fail_msg("U+%04X", (unsigned)value);
    }
  }
  (void)state;
}

/* A sequence, good or bad, at every place among ASCII: the path that takes
 * eight bytes at a time begins and ends everywhere, and never reads on. */
static void sequences_inside_ascii(void **state) {
  static const struct ws_slice sequences[] = {
      OCTETS(""),
      OCTETS("\x80"),
      OCTETS("\xC3\xA9"),
      OCTETS("\xC3"),
      OCTETS("\xE2\x82\xAC"),
      OCTETS("\xED\xA0\x80"),
      OCTETS("\xE2\x82"),
      OCTETS("\xF0\x9F\x98\x80"),
      OCTETS("\xF4\x90\x80\x80"),
      OCTETS("\xF0\x9F\x98"),
      OCTETS("\xFF"),
      OCTETS("\xC0\x80"),
  };
  for (size_t i = 0; i < NUM_OF(sequences); i++) {
    for (size_t before = 0; before <= 20; before++) {
      for (size_t after = 0; after <= 20; after++) {
        size_t len = before + sequences[i].len + after;
        uint8_t text[44];
        memset(text, 'a', sizeof text);
        memcpy(text + before, sequences[i].data, sequences[i].len);
        uint8_t *s = exact_copy(text, len);
        check(*state, s, len, 0);
        check(*state, s, len, UINT64_MAX);
        for (size_t cut = 0; cut < len; cut++) {
          check(*state, s, len, UINT64_C(1) << cut);
        }
        free(s);
      }
    }
  }
}

static void random_strings(void **state) {
  uint64_t seed = 3629;
  for (int i = 0; i < 100000; i++) {
    uint8_t text[64];
    size_t len = 0;
    size_t limit = next_random(&seed) >> 32 & 63;
    while (len + 4 <= limit) {
      uint64_t draw = next_random(&seed) >> 20;
      uint32_t value = (uint32_t)(draw % 0x110000) >> (draw >> 30 & 15);
      len += encode(text + len, value);
    }
    if ((i & 1) != 0 && len > 0) {
      text[next_random(&seed) % len] ^= (uint8_t)(next_random(&seed) >> 56);
    }
    uint8_t *s = exact_copy(text, len > 0 ? len : 1);
    check(*state, s, len, next_random(&seed));
    free(s);
  }
}

static void a_failure_is_for_ever(void **state) {
  (void)state;
  struct ws_utf8 utf8;
  ws_utf8_init(&utf8);
  assert_true(ws_utf8_feed(&utf8, NULL, 0));
  assert_true(ws_utf8_complete(&utf8));
  assert_true(ws_utf8_feed(&utf8, (const uint8_t *)"ab\xED", 3));
  assert_false(ws_utf8_complete(&utf8));
  assert_false(ws_utf8_feed(&utf8, (const uint8_t *)"\xA0\x80", 2));
  assert_int_equal(utf8.offset, 3);
  assert_false(ws_utf8_feed(&utf8, (const uint8_t *)"ab", 2));
  assert_false(ws_utf8_feed(&utf8, NULL, 0));
  assert_int_equal(utf8.offset, 3);
  assert_false(ws_utf8_complete(&utf8));
  ws_utf8_init(&utf8);
  assert_true(ws_utf8_feed(&utf8, (const uint8_t *)"ab", 2));
  assert_int_equal(utf8.offset, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_strings_of_one_and_two_bytes),
      cmocka_unit_test(all_strings_of_three_bytes),
      cmocka_unit_test(four_bytes_at_every_boundary),
      cmocka_unit_test(every_scalar_value_is_valid),
      cmocka_unit_test(sequences_inside_ascii),
      cmocka_unit_test(random_strings),
      cmocka_unit_test(a_failure_is_for_ever),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
