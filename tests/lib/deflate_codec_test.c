/* The codec of permessage-deflate, by itself (RFC 7692 7.2). */
#include "deflate_support.h"
#include "failmalloc.h"
#include "inflate_reference.h"

#define NO_LIMIT UINT64_MAX

static const struct ws_deflate_params both_take_over = {0};
static const struct ws_deflate_params none_takes_over = {true, true, 0, 0};
static const struct ws_deflate_config defaults = {0};

static struct ws_deflate *make(enum ws_role role,
                               const struct ws_deflate_params *params) {
  struct ws_deflate *codec = ws_deflate_new(role, params, &defaults, NULL);
  assert_non_null(codec);
  return codec;
}

static void expect_inflated(struct ws_deflate *codec, struct ws_slice payload,
                            const char *text) {
  struct octets out = {NULL, 0};
  assert_int_equal(inflate_message(codec, payload.data, payload.len, SIZE_MAX,
                                   NO_LIMIT, &out),
                   WS_FAULT_NONE);
  assert_slice((struct ws_slice){out.data, out.len}, text);
  octets_free(&out);
}

/* 7.2.3.1 to 7.2.3.6, in the order of the RFC, as one conversation. */
static void the_examples_of_the_rfc(void **state) {
  (void)state;
  struct ws_deflate *codec = make(WS_CLIENT, &both_take_over);
  expect_inflated(codec, SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00"), "Hello");
  expect_inflated(codec, SLICE("\xf2\x00\x11\x00\x00"), "Hello");
  expect_inflated(codec, SLICE("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"),
                  "Hello");
  expect_inflated(codec, SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "Hello");
  expect_inflated(codec,
                  SLICE("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
                  "Hello");
  expect_inflated(codec, SLICE("\x00"), "");
  expect_inflated(codec, SLICE(""), ""); /* not as 7.2.3.6 has it, but clear */
  ws_deflate_free(codec);
}

/* 7692-7.2.3.4: after a final block the window is still there. */
static void a_final_block_keeps_the_window(void **state) {
  (void)state;
  struct ws_deflate *codec = make(WS_SERVER, &both_take_over);
  expect_inflated(codec, SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "Hello");
  /* A match of 5 at a distance of 5. */
  expect_inflated(codec, SLICE("\xf2\x00\x11\x00\x00"), "Hello");
  /* Final blocks in a row, inside one message, and an empty stored one. */
  expect_inflated(codec,
                  SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x00\x11\x00\x00"),
                  "HelloHello");
  expect_inflated(codec, SLICE("\x01"), "");
  ws_deflate_free(codec);
}

static void our_own_octets(void **state) {
  (void)state;
  struct ws_deflate *codec = make(WS_CLIENT, &both_take_over);
  struct octets out = {NULL, 0};
  deflate_message(codec, "Hello", 5, &out);
  assert_int_equal(out.len, 7);
  assert_memory_equal(out.data, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  octets_free(&out);
  deflate_message(codec, "Hello", 5, &out);
  assert_int_equal(out.len, 5);
  assert_memory_equal(out.data, "\xf2\x00\x11\x00\x00", 5);
  octets_free(&out);
  for (int i = 0; i < 3; i++) {
    deflate_message(codec, "", 0, &out);
    assert_int_equal(out.len, 1);
    assert_int_equal(out.data[0], 0x00);
    octets_free(&out);
  }
  ws_deflate_free(codec);
}

/* Whatever is not DEFLATE, and whatever ends inside a block. */
static void bad_data_is_a_fault(void **state) {
  (void)state;
  static const struct ws_slice rows[] = {
      OCTETS("\x07"),                         /* a block of type 3 */
      OCTETS("\xf2\x48\xcd\xc9\xc9"),         /* cut inside a code */
      OCTETS("\xf2\x48\xcd\xc9\xc9\x07"),     /* no empty block behind it */
      OCTETS("\xf3\x48\xcd\xc9\xc9\x07\x00"), /* the same, of a final one */
      OCTETS("\x00\x05\x00\xfa\xfe"),         /* the lengths disagree */
      OCTETS("\x00\x06\x00\xf9\xff\x48"),     /* a stored block cut short */
      OCTETS("\xf2\x00\x11\x00\x00"),         /* a match before the beginning */
      OCTETS("\xff\xff\xff\xff"),
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    for (size_t step = 1; step < 9; step += 7) {
      struct ws_deflate *codec = make(WS_SERVER, &both_take_over);
      struct octets out = {NULL, 0};
      enum ws_fault fault = inflate_message(codec, rows[i].data, rows[i].len,
                                            step, NO_LIMIT, &out);
      if (fault != WS_FAULT_DEFLATE_DATA) {
        fail_msg("row %zu was taken", i);
      }
      octets_free(&out);
      ws_deflate_free(codec);
    }
  }
}

/* A client that sends and a server that receives, message by message, cut
 * everywhere. */
static void round_trip(const struct ws_deflate_params *params, uint8_t level,
                       size_t step) {
  static const size_t sizes[] = {0,   1,    2,     3,     125,   126,
                                 500, 4096, 16383, 16384, 16385, 70000};
  const struct ws_deflate_config config = {.level = level};
  struct ws_deflate *sender = ws_deflate_new(WS_CLIENT, params, &config, NULL);
  struct ws_deflate *receiver = make(WS_SERVER, params);
  for (size_t i = 0; i < NUM_OF(sizes); i++) {
    size_t len = sizes[i];
    uint8_t *data = malloc(len + 1);
    struct octets wire = {NULL, 0}, out = {NULL, 0};
    fill_compressible(data, len, 1 + i);
    deflate_message(sender, data, len, &wire);
    assert_int_equal(
        inflate_message(receiver, wire.data, wire.len, step, len, &out),
        WS_FAULT_NONE);
    assert_int_equal(out.len, len);
    if (len != 0) {
      assert_memory_equal(out.data, data, len);
    }
    octets_free(&wire);
    octets_free(&out);
    free(data);
  }
  ws_deflate_free(sender);
  ws_deflate_free(receiver);
}

static void messages_come_back(void **state) {
  (void)state;
  for (unsigned i = 0; i < 4 * 8; i++) {
    struct ws_deflate_params params = {false, i & 1, 0,
                                       (uint8_t)(8 + (i >> 2) % 8)};
    uint8_t level = i % 3 == 0 ? 9 : i % 3 == 1 ? 0 : WS_DEFLATE_LEVEL_NONE;
    round_trip(&params, level, i % 2 == 0 ? SIZE_MAX : 7);
  }
  round_trip(&both_take_over, 1, 1);
  round_trip(&none_takes_over, 0, 1);
}

/* What ws/deflate.h says of zlib's windows, by somebody else's inflater; and
 * that no context is taken over where it must not be (7.1.1). */
static void matches_stay_in_the_window(void **state) {
  (void)state;
  size_t len = 100000;
  uint8_t *data = malloc(len);
  for (uint8_t bits = 8; bits <= 15; bits++) {
    for (unsigned level = 1; level <= 9; level += 4) {
      const struct ws_deflate_params params = {level == 5, false, bits, 0};
      const struct ws_deflate_config config = {.level = (uint8_t)level};
      struct ws_deflate *codec =
          ws_deflate_new(WS_SERVER, &params, &config, NULL);
      struct inflate_reference reference = {0};
      size_t furthest = 0;
      for (uint64_t message = 1; message < 5; message++) {
        struct octets wire = {NULL, 0};
        size_t before = reference.out_len;
        /* The second half repeats at every distance up to the window's. */
        fill_compressible(data, len, message);
        memset(data + len / 2, 'x', 300);
        deflate_message(codec, data, len, &wire);
        octets_add(&wire, "\x00\x00\xff\xff", 4);
        assert_true(inflate_reference(&reference, wire.data, wire.len));
        assert_int_equal(reference.out_len - before, len);
        assert_memory_equal(reference.out + before, data, len);
        assert_true(reference.max_distance <= (size_t)1 << bits);
        assert_true(level != 5 || reference.max_reach == 0);
        furthest = reference.max_distance > furthest ? reference.max_distance
                                                     : furthest;
        octets_free(&wire);
      }
      /* The data does reach as far as it may: the bound was tested. */
      assert_true(furthest > ((size_t)1 << bits) / 4);
      inflate_reference_free(&reference);
      ws_deflate_free(codec);
    }
  }
  free(data);
}

/* A fragment can be read without those behind it; the message ends as one
 * does. */
static void fragments_are_flushed(void **state) {
  (void)state;
  static const char *const parts[] = {"Hel", "", "lo, ", "Hello", ""};
  struct ws_deflate *sender = make(WS_CLIENT, &both_take_over);
  struct ws_deflate *receiver = make(WS_SERVER, &both_take_over);
  struct ws_transform send = ws_deflate_transform(sender);
  struct ws_transform receive = ws_deflate_transform(receiver);
  struct octets out = {NULL, 0};
  char expected[64] = "";
  for (size_t i = 0; i < NUM_OF(parts); i++) {
    bool final = i == NUM_OF(parts) - 1;
    struct ws_slice piece;
    assert_int_equal(send.send(send.user, ws_slice_of(parts[i]), final, &piece),
                     WS_OK);
    struct ws_transform_step step = {
        .in = piece, .final = final, .room = NO_LIMIT};
    do {
      assert_int_equal(receive.receive(receive.user, &step), WS_OK);
      assert_int_equal(step.fault, WS_FAULT_NONE);
      octets_add(&out, step.out.data, step.out.len);
    } while (step.out.len != 0);
    strcat(expected, parts[i]);
    assert_slice((struct ws_slice){out.data, out.len}, expected);
  }
  octets_free(&out);
  ws_deflate_free(sender);
  ws_deflate_free(receiver);
}

/* A MiB that inflates to a GiB: no more than the limit comes out, and no more
 * than the window and a piece is held. */
static void a_bomb_stops_at_the_limit(void **state) {
  (void)state;
  static uint8_t zeros[1 << 20];
  struct ws_deflate *sender = make(WS_CLIENT, &both_take_over);
  struct ws_transform send = ws_deflate_transform(sender);
  struct octets bomb = {NULL, 0};
  struct ws_slice piece;
  for (int i = 0; i < 1024; i++) {
    /* From the second on, each MiB is the same octets. */
    if (i < 2) {
      assert_int_equal(send.send(send.user,
                                 (struct ws_slice){zeros, sizeof zeros}, false,
                                 &piece),
                       WS_OK);
    }
    octets_add(&bomb, piece.data, piece.len);
  }
  octets_add(&bomb, "\x00", 1);
  ws_deflate_free(sender);
  assert_true(bomb.len < 2 << 20);
  static const uint64_t limits[] = {0, 1, 16383, 16384, 16385, 100000};
  for (size_t i = 0; i < NUM_OF(limits); i++) {
    struct failmalloc fm;
    struct octets out = {NULL, 0};
    failmalloc_init(&fm);
    struct ws_deflate *receiver =
        ws_deflate_new(WS_SERVER, &both_take_over, &defaults, &fm.allocator);
    assert_int_equal(inflate_message(receiver, bomb.data, bomb.len, SIZE_MAX,
                                     limits[i], &out),
                     WS_FAULT_MESSAGE_TOO_BIG);
    assert_int_equal(out.len, limits[i] + 1);
    /* A window, zlib's own, and a piece that is no larger than needed. */
    size_t piece_len = limits[i] < 16384 ? (size_t)limits[i] + 1 : 16384;
    assert_true(fm.peak_len < 32768 + 10000 + piece_len);
    octets_free(&out);
    ws_deflate_free(receiver);
    failmalloc_assert_empty(&fm);
  }
  octets_free(&bomb);
}

/* Final blocks of no content, as many as fit: each costs the same. */
static void endless_final_blocks_are_cheap(void **state) {
  (void)state;
  size_t num = 1 << 20;
  struct octets wire = {malloc(5 * num + 1), 5 * num + 1};
  for (size_t i = 0; i < num; i++) {
    memcpy(wire.data + 5 * i, "\x01\x00\x00\xff\xff", 5);
  }
  wire.data[5 * num] = 0x00;
  struct ws_deflate *codec = make(WS_SERVER, &both_take_over);
  struct octets out = {NULL, 0};
  expect_inflated(codec, SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00"), "Hello");
  assert_int_equal(
      inflate_message(codec, wire.data, wire.len, 4096, NO_LIMIT, &out),
      WS_FAULT_NONE);
  assert_int_equal(out.len, 0);
  expect_inflated(codec, SLICE("\xf2\x00\x11\x00\x00"), "Hello");
  octets_free(&wire);
  octets_free(&out);
  ws_deflate_free(codec);
}

/* 7692-7.2.2-02, 7692-7.2.2-04 */
static void memory_is_given_back_where_nothing_is_taken_over(void **state) {
  (void)state;
  static const struct ws_deflate_params *const rows[] = {&both_take_over,
                                                         &none_takes_over};
  for (size_t i = 0; i < 2; i++) {
    struct failmalloc fm;
    struct octets wire = {NULL, 0}, out = {NULL, 0};
    failmalloc_init(&fm);
    struct ws_deflate *client =
        ws_deflate_new(WS_CLIENT, rows[i], &defaults, &fm.allocator);
    struct ws_deflate *server =
        ws_deflate_new(WS_SERVER, rows[i], &defaults, &fm.allocator);
    size_t idle = fm.live_len;
    assert_true(idle < 2048);
    deflate_message(client, "Hello", 5, &wire);
    assert_int_equal(
        inflate_message(server, wire.data, wire.len, SIZE_MAX, 5, &out),
        WS_FAULT_NONE);
    if (i == 0) {
      assert_true(fm.live_len > 100000);
    } else {
      assert_int_equal(fm.live_len, idle);
    }
    octets_free(&wire);
    octets_free(&out);
    ws_deflate_free(client);
    ws_deflate_free(server);
    failmalloc_assert_empty(&fm);
  }
}

/* The most that an endpoint held, with windows of `bits`. */
static size_t peak_of(bool sends, uint8_t bits, uint8_t mem_level) {
  const struct ws_deflate_params params = {.server_max_window_bits = bits};
  const struct ws_deflate_config config = {.mem_level = mem_level};
  struct failmalloc fm;
  struct octets wire = {NULL, 0}, out = {NULL, 0};
  uint8_t data[4096];
  failmalloc_init(&fm);
  struct ws_deflate *client =
      ws_deflate_new(WS_CLIENT, &params, &config, sends ? NULL : &fm.allocator);
  struct ws_deflate *server =
      ws_deflate_new(WS_SERVER, &params, &config, sends ? &fm.allocator : NULL);
  fill_compressible(data, sizeof data, 7);
  deflate_message(server, data, sizeof data, &wire);
  inflate_message(client, wire.data, wire.len, SIZE_MAX, NO_LIMIT, &out);
  assert_memory_equal(out.data, data, sizeof data);
  octets_free(&wire);
  octets_free(&out);
  ws_deflate_free(client);
  ws_deflate_free(server);
  return fm.peak_len;
}

/* 7692-7.2.2-07, 7692-7.2.2-09 */
static void a_smaller_window_takes_less_memory(void **state) {
  (void)state;
  assert_true(peak_of(true, 9, 0) + 100000 < peak_of(true, 15, 0));
  assert_true(peak_of(false, 9, 0) + 30000 < peak_of(false, 15, 0));
  assert_true(peak_of(true, 15, 1) + 100000 < peak_of(true, 15, 8));
  assert_int_equal(peak_of(true, 15, 0), peak_of(true, 15, 8));
  assert_true(peak_of(true, 15, 9) > peak_of(true, 15, 8) + 100000);
}

static bool exchange(struct failmalloc *fm, void *user) {
  (void)user;
  struct ws_deflate *codec =
      ws_deflate_new(WS_CLIENT, &none_takes_over, &defaults, &fm->allocator);
  if (codec == NULL) {
    return false;
  }
  struct ws_transform transform = ws_deflate_transform(codec);
  uint8_t data[3000];
  struct ws_slice piece;
  fill_compressible(data, sizeof data, 3);
  struct ws_transform_step step = {
      .in = SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00"), .final = true, .room = 100};
  bool done = transform.send(codec, (struct ws_slice){data, sizeof data}, true,
                             &piece) == WS_OK &&
              transform.receive(codec, &step) == WS_OK;
  ws_deflate_free(codec);
  return done;
}

static void exhaustion_is_told(void **state) {
  (void)state;
  assert_true(failmalloc_each(exchange, NULL) >= 5);
}

static void small_messages_may_be_left_alone(void **state) {
  (void)state;
  const struct ws_deflate_config config = {.min_len = 100};
  struct ws_deflate *codec =
      ws_deflate_new(WS_CLIENT, &both_take_over, &config, NULL);
  struct ws_transform transform = ws_deflate_transform(codec);
  assert_int_equal(transform.rsv, WS_RSV1);
  assert_false(transform.wanted(codec, 99, true));
  assert_true(transform.wanted(codec, 100, true));
  assert_true(transform.wanted(codec, 1, false)); /* nobody knows yet */
  ws_deflate_free(codec);
  ws_deflate_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_examples_of_the_rfc),
      cmocka_unit_test(a_final_block_keeps_the_window),
      cmocka_unit_test(our_own_octets),
      cmocka_unit_test(bad_data_is_a_fault),
      cmocka_unit_test(messages_come_back),
      cmocka_unit_test(matches_stay_in_the_window),
      cmocka_unit_test(fragments_are_flushed),
      cmocka_unit_test(a_bomb_stops_at_the_limit),
      cmocka_unit_test(endless_final_blocks_are_cheap),
      cmocka_unit_test(memory_is_given_back_where_nothing_is_taken_over),
      cmocka_unit_test(a_smaller_window_takes_less_memory),
      cmocka_unit_test(exhaustion_is_told),
      cmocka_unit_test(small_messages_may_be_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
