/* How far back matches reach: within the window that was agreed on, and not
 * into a message that is no context any more (RFC 7692 7.1, 7.2.1). */
#include "deflate_support.h"
#include "inflate_reference.h"

/* What zlib leaves of a window: MIN_LOOKAHEAD, its longest match and a bit. */
#define LOOKAHEAD 262

/* A block of random octets over and over: each octet has a match of any length
 * at the distance `period` and its multiples, and none nearer. */
static void fill_periodic(uint8_t *out, size_t len, size_t period,
                          uint64_t seed) {
  for (size_t i = 0; i < len; i++) {
    out[i] = i < period ? (uint8_t)(next_random(&seed) >> 40) : out[i - period];
  }
}

struct measured {
  size_t distance; /* the longest of all messages */
  size_t reach;    /* the furthest into an earlier message */
};

/* Compresses the message twice, in one piece and in four, and judges both. */
static struct measured measure(const struct ws_deflate_params *params,
                               const struct ws_deflate_config *config,
                               const uint8_t *data, size_t len) {
  struct measured measured = {0, 0};
  struct inflate_reference reference = {0};
  struct ws_deflate *codec = ws_deflate_new(WS_CLIENT, params, config, NULL);
  struct ws_transform transform = ws_deflate_transform(codec);
  for (size_t num_pieces = 1; num_pieces <= 4; num_pieces += 3) {
    struct octets wire = {NULL, 0};
    size_t before = reference.out_len;
    for (size_t i = 0; i < num_pieces; i++) {
      size_t at = len / num_pieces * i;
      bool final = i == num_pieces - 1;
      struct ws_slice in = {data + at, final ? len - at : len / num_pieces};
      struct ws_slice out;
      assert_int_equal(transform.send(transform.user, in, final, &out), WS_OK);
      octets_add(&wire, out.data, out.len);
    }
    octets_add(&wire, "\x00\x00\xff\xff", 4);
    assert_true(inflate_reference(&reference, wire.data, wire.len));
    assert_int_equal(reference.out_len - before, len);
    assert_memory_equal(reference.out + before, data, len);
    octets_free(&wire);
    if (reference.max_distance > measured.distance) {
      measured.distance = reference.max_distance;
    }
    if (reference.max_reach > measured.reach) {
      measured.reach = reference.max_reach;
    }
  }
  inflate_reference_free(&reference);
  ws_deflate_free(codec);
  return measured;
}

/* The window that may be used, and the bits that zlib is run with. */
static void periods_around_the_window(uint8_t bits, uint8_t level) {
  static uint8_t data[100000];
  size_t window = (size_t)1 << bits;
  size_t run = bits == 8 ? 512 : window;
  const size_t periods[] = {run - LOOKAHEAD - 1,
                            run - LOOKAHEAD,
                            run - LOOKAHEAD + 1,
                            window - 1,
                            window,
                            window + 1,
                            run,
                            2 * run - LOOKAHEAD};
  const struct ws_deflate_params params = {.client_max_window_bits = bits};
  const struct ws_deflate_config config = {
      .level = level, .mem_level = (uint8_t)(level % 2 == 0 ? 1 : 9)};
  for (size_t i = 0; i < NUM_OF(periods); i++) {
    size_t len = 2 * run + 2000;
    fill_periodic(data, len, periods[i], 1 + i);
    struct measured measured = measure(&params, &config, data, len);
    assert_true(measured.distance <= window);
    /* deflate.h: 9 bits serve where 8 were agreed on. */
    assert_true(run > 512 || measured.distance <= 256);
    /* It is the bound that was tested: what lies inside is found, where chains
     * of few hashes are not too long to be followed. */
    bool found =
        level != WS_DEFLATE_LEVEL_NONE && (config.mem_level == 9 || bits < 12);
    if (found && periods[i] <= run - LOOKAHEAD) {
      assert_true(measured.distance >= periods[i]);
    }
  }
}

static void distances_keep_to_the_window(void **state) {
  (void)state;
  for (uint8_t bits = 8; bits <= 15; bits++) {
    for (uint8_t level = 1; level <= WS_DEFLATE_LEVEL_NONE; level++) {
      if (bits < 12 || level % 5 == 1) {
        periods_around_the_window(bits, level);
      }
    }
  }
}

static void nine_bits_serve_for_eight_at_random(void **state) {
  (void)state;
  static uint8_t data[4000];
  size_t furthest = 0;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    uint64_t random = seed;
    uint64_t dice = next_random(&random);
    size_t alphabet = 1 + (dice >> 8) % 6;
    const struct ws_deflate_params params = {.client_max_window_bits = 8};
    const struct ws_deflate_config config = {
        .level = (uint8_t)(1 + dice % 9),
        .mem_level = (uint8_t)(1 + (dice >> 16) % 9)};
    for (size_t i = 0; i < sizeof data; i++) {
      data[i] = (uint8_t)((next_random(&random) >> 40) % alphabet);
    }
    struct measured measured = measure(&params, &config, data, sizeof data);
    furthest = measured.distance > furthest ? measured.distance : furthest;
  }
  assert_in_range(furthest, 200, 256);
}

/* 7692-7.2.1-08, 7692-7.2.1-11: "MUST start compressing each new message with
 * an empty LZ77 sliding window". */
static void no_match_reaches_into_a_message_before(void **state) {
  (void)state;
  static uint8_t data[5000];
  for (uint8_t level = 1; level <= 9; level++) {
    for (uint8_t bits = 8; bits <= 15; bits++) {
      const struct ws_deflate_config config = {.level = level};
      const struct ws_deflate_params fresh = {
          .client_no_context_takeover = true, .client_max_window_bits = bits};
      const struct ws_deflate_params kept = {.client_max_window_bits = bits};
      fill_periodic(data, sizeof data, 200, level);
      assert_int_equal(measure(&fresh, &config, data, sizeof data).reach, 0);
      size_t reach = measure(&kept, &config, data, sizeof data).reach;
      assert_true(reach > 0 && reach <= (size_t)1 << bits);
    }
  }
}

/* 7.1.1.2, 7.1.2.2: what a client has hinted at it does, agreed on or not. */
static void hints_bind_who_gave_them(void **state) {
  (void)state;
  static uint8_t data[5000];
  const struct ws_deflate_params nothing = {.client_max_window_bits = 0};
  const struct ws_deflate_config hints = {.client_no_context_takeover = true,
                                          .client_max_window_bits = 9};
  fill_periodic(data, sizeof data, 300, 1);
  struct measured measured = measure(&nothing, &hints, data, sizeof data);
  assert_int_equal(measured.reach, 0);
  assert_true(measured.distance <= 512 - LOOKAHEAD);
  fill_periodic(data, sizeof data, 200, 1);
  assert_int_equal(measure(&nothing, &hints, data, sizeof data).distance, 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_keep_to_the_window),
      cmocka_unit_test(nine_bits_serve_for_eight_at_random),
      cmocka_unit_test(no_match_reaches_into_a_message_before),
      cmocka_unit_test(hints_bind_who_gave_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
