#include "ws/mask.h"

#include "support.h"

static const uint8_t key[4] = {0x37, 0xFA, 0x21, 0x3D};

/* RFC 6455 5.7: "A single-frame masked text message (contains "Hello")". */
static void the_example_of_the_rfc(void **state) {
  (void)state;
  uint8_t data[] = {0x7F, 0x9F, 0x4D, 0x51, 0x58};
  ws_mask(data, sizeof data, key, 0);
  assert_memory_equal(data, "Hello", 5);
}

static void fill(uint8_t *data, size_t len) {
  for (size_t i = 0; i < len; i++) {
    data[i] = (uint8_t)(i * 41 + 7);
  }
}

/* Every length 0..70 at every alignment and payload offset; the bytes around
 * the range stay as they are. */
static void agrees_with_a_loop_over_bytes(void **state) {
  (void)state;
  static const uint64_t bases[] = {0, UINT64_C(1) << 32, UINT64_MAX - 40};
  enum { ROOM = 16 + 70 + 16 };
  for (size_t at = 0; at < 16; at++) {
    for (size_t len = 0; len <= 70; len++) {
      for (size_t i = 0; i < NUM_OF(bases) * 71; i++) {
        uint64_t offset = bases[i % NUM_OF(bases)] + i / NUM_OF(bases);
        uint8_t expected[ROOM];
        uint8_t got[ROOM];
        fill(expected, ROOM);
        fill(got, ROOM);
        for (size_t j = 0; j < len; j++) {
          expected[at + j] ^= key[(offset + j) & 3];
        }
        ws_mask(got + at, len, key, offset);
        assert_memory_equal(got, expected, ROOM);
      }
    }
  }
}

/* Masked in two steps at any point, the same as in one. */
static void may_be_cut_anywhere(void **state) {
  (void)state;
  enum { LEN = 70 };
  uint8_t whole[LEN];
  fill(whole, LEN);
  ws_mask(whole, LEN, key, 0);
  for (size_t cut = 0; cut <= LEN; cut++) {
    uint8_t parts[LEN];
    fill(parts, LEN);
    ws_mask(parts, cut, key, 0);
    ws_mask(parts + cut, LEN - cut, key, cut);
    assert_memory_equal(parts, whole, LEN);
  }
}

static void touches_nothing_beyond_the_block(void **state) {
  (void)state;
  for (size_t len = 0; len <= 40; len++) {
    uint8_t zeros[40] = {0};
    uint8_t *data = exact_copy(zeros, len);
    ws_mask(data, len, key, 3);
    ws_mask(data, len, key, 3);
    assert_memory_equal(data, zeros, len);
    free(data);
  }
  ws_mask(NULL, 0, key, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_example_of_the_rfc),
      cmocka_unit_test(agrees_with_a_loop_over_bytes),
      cmocka_unit_test(may_be_cut_anywhere),
      cmocka_unit_test(touches_nothing_beyond_the_block),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
