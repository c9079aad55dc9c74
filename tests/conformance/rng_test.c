#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "rng.h"

/* SplitMix64's published sequence for the seed 1234567. */
static void test_sequence(void **state) {
  (void)state;
  static const uint64_t expected[] = {
      UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
      UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
      UINT64_C(16408922859458223821)};
  struct wsc_rng rng = {1234567};
  for (size_t i = 0; i < 5; i++) {
    assert_true(wsc_rng_next(&rng) == expected[i]);
  }
}

static uint64_t first_of(uint64_t seed, const char *name) {
  struct wsc_rng rng;
  wsc_rng_init(&rng, seed, name);
  return wsc_rng_next(&rng);
}

static void test_seeds(void **state) {
  (void)state;
  assert_true(first_of(1, "a.b") == first_of(1, "a.b"));
  assert_false(first_of(1, "a.b") == first_of(2, "a.b"));
  assert_false(first_of(1, "a.b") == first_of(1, "a.c"));
  assert_false(first_of(1, "ab") == first_of(1, "ba"));
}

static void test_between(void **state) {
  (void)state;
  struct wsc_rng rng;
  wsc_rng_init(&rng, 1, "between");
  bool seen[7] = {false};
  for (int i = 0; i < 1000; i++) {
    int64_t value = wsc_rng_between(&rng, -3, 3);
    assert_in_range((uintmax_t)(value + 3), 0, 6);
    seen[value + 3] = true;
  }
  for (int i = 0; i < 7; i++) {
    assert_true(seen[i]);
  }
  assert_int_equal(wsc_rng_between(&rng, 5, 5), 5);
  assert_true(wsc_rng_between(&rng, INT64_MAX, INT64_MAX) == INT64_MAX);
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 100; i++) {
    int64_t value = wsc_rng_between(&rng, INT64_MIN, INT64_MAX);
    negative = negative || value < 0;
    positive = positive || value > 0;
  }
  assert_true(negative && positive);
}

static void test_bytes(void **state) {
  (void)state;
  struct wsc_rng a;
  struct wsc_rng b;
  uint8_t some[19] = {0};
  uint8_t more[24] = {0};
  wsc_rng_init(&a, 1, "bytes");
  wsc_rng_init(&b, 1, "bytes");
  wsc_rng_bytes(&a, some, 18);
  wsc_rng_bytes(&b, more, 24);
  assert_memory_equal(some, more, 18);
  assert_int_equal(some[18], 0);
  assert_memory_not_equal(more, more + 8, 8);
}

static void test_text(void **state) {
  (void)state;
  struct wsc_rng rng;
  char text[201] = "";
  wsc_rng_init(&rng, 1, "text");
  wsc_rng_text(&rng, text, 200);
  assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789"), 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sequence), cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_between),  cmocka_unit_test(test_bytes),
      cmocka_unit_test(test_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
