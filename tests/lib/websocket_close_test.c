/* The closing handshake, from both sides, and how connections end. */
#include "websocket_support.h"

#include "loopback.h"

static const enum ws_role roles[] = {WS_CLIENT, WS_SERVER};

/* Runs `test` for a client and for a server. */
static void each_role(void (*test)(struct rig *rig)) {
  for (size_t i = 0; i < NUM_OF(roles); i++) {
    struct rig rig;
    rig_init(&rig);
    rig_open(&rig, roles[i]);
    test(&rig);
    rig_free(&rig);
  }
}

/* WHATWG-close-01 */
static void codes_that_scripts_may_not_use(void **state) {
  struct rig *rig = *state;
  static const uint16_t wrong[] = {0,    1,    999,  1001, 1002, 1003,
                                   1004, 1006, 1007, 1011, 1012, 1014,
                                   1015, 1016, 2000, 2999, 5000, 65535};
  rig_open(rig, WS_CLIENT);
  for (size_t i = 0; i < NUM_OF(wrong); i++) {
    assert_int_equal(ws_websocket_close(rig->socket, wrong[i], NULL),
                     WS_ERR_ACCESS);
  }
  assert_int_equal(
      ws_websocket_close(rig->socket, WS_CLOSE_NO_STATUS, "reason"),
      WS_ERR_ACCESS);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_OPEN);
  assert_int_equal(ws_websocket_close(rig->socket, 4999, ""), WS_OK);
  PEER_EXPECT(rig, 0x88, "\x13\x87");
}

static void codes_that_a_server_may_use(void **state) {
  struct rig *rig = *state;
  static const uint16_t wrong[] = {0,    999,  1004, 1006, 1010,
                                   1015, 1016, 2999, 5000};
  static const uint16_t right[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009,
                                   1011, 1012, 1013, 1014, 3000, 4999};
  rig_open(rig, WS_SERVER);
  for (size_t i = 0; i < NUM_OF(wrong); i++) {
    assert_int_equal(ws_websocket_close(rig->socket, wrong[i], NULL),
                     WS_ERR_ACCESS);
  }
  for (size_t i = 0; i < NUM_OF(right); i++) {
    struct rig other;
    rig_init(&other);
    rig_open(&other, WS_SERVER);
    assert_int_equal(ws_websocket_close(other.socket, right[i], NULL), WS_OK);
    struct frame_seen frame = peer_read_frame(&other);
    assert_int_equal(frame.len, 2);
    assert_int_equal(frame.payload[0] << 8 | frame.payload[1], right[i]);
    rig_free(&other);
  }
  assert_int_equal(ws_websocket_close(rig->socket, 1011, "oh"), WS_OK);
  PEER_EXPECT(rig, 0x88,
              "\x03\xF3"
              "oh");
}

/* 6455-7.4.1-10; but an answer echoes what came. */
static void a_server_may_echo_1010(void **state) {
  struct rig *rig = *state;
  rig_open(rig, WS_SERVER);
  PEER_SEND(rig, 0x88, "\x03\xF2");
  PEER_EXPECT(rig, 0x88, "\x03\xF2");
  peer_close(rig);
  rig_expect_end(rig, "3c[1,1010,] ");
}

/* WHATWG-close-02 */
static void reasons_have_123_bytes_of_utf8(void **state) {
  struct rig *rig = *state;
  char reason[126] = {0};
  rig_open(rig, WS_CLIENT);
  for (size_t i = 0; i < 124; i += 2) {
    memcpy(reason + i, "\xC3\xA9", 2);
  }
  assert_int_equal(ws_websocket_close(rig->socket, 1000, reason),
                   WS_ERR_SYNTAX);
  assert_int_equal(ws_websocket_close(rig->socket, 1000, "\xC3"),
                   WS_ERR_SYNTAX);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_OPEN);
  memcpy(reason + 122, "x", 2);
  assert_int_equal(ws_websocket_close(rig->socket, 1000, reason), WS_OK);
  memset(reason, 'z', sizeof(reason)); /* it was copied */
  struct frame_seen frame = peer_read_frame(rig);
  assert_int_equal(frame.len, 125);
  assert_memory_equal(frame.payload, "\x03\xE8\xC3\xA9", 4);
  assert_int_equal(frame.payload[124], 'x');
}

/* The whole of it, started here: WHATWG-close-05 to -08. */
static void close_with(struct rig *rig, uint16_t code, const char *reason,
                       const char *body, size_t body_len) {
  assert_int_equal(ws_websocket_close(rig->socket, code, reason), WS_OK);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CLOSING);
  peer_expect_frame(rig, 0x88, body, body_len);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CLOSING);
  PEER_SEND(rig, 0x88, "\x0B\xB8peer");
  if (rig->role == WS_SERVER) {
    peer_expect_fin(rig); /* 7.1.1: the server ends first */
    assert_string_equal(rig->log, "1o ");
  }
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,3000,peer] ");
  peer_expect_fin(rig);
  assert_string_equal(ws_websocket_failure(rig->socket), "");
}

static void without_a_code(struct rig *rig) {
  close_with(rig, WS_CLOSE_NO_STATUS, NULL, "", 0);
}

static void with_a_code(struct rig *rig) {
  close_with(rig, 4000, NULL, "\x0F\xA0", 2);
}

static void with_a_reason(struct rig *rig) {
  close_with(rig, 1000, "\xC3\xA9", "\x03\xE8\xC3\xA9", 4);
}

/* 6455-7.1.4-01, WHATWG-feedback-06 */
static void closing_starts_here(void **state) {
  (void)state;
  each_role(without_a_code);
  each_role(with_a_code);
  each_role(with_a_reason);
}

static void close_twice(struct rig *rig) {
  assert_int_equal(ws_websocket_close(rig->socket, 4000, NULL), WS_OK);
  assert_int_equal(ws_websocket_close(rig->socket, 4001, NULL), WS_OK);
  assert_int_equal(ws_websocket_close(rig->socket, 1, NULL), WS_ERR_ACCESS);
  PEER_EXPECT(rig, 0x88, "\x0F\xA0");
  PEER_SEND(rig, 0x88, "");
  assert_int_equal(ws_websocket_close(rig->socket, 4002, NULL), WS_OK);
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,1005,] ");
  assert_int_equal(ws_websocket_close(rig->socket, 4003, NULL), WS_OK);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CLOSED);
  peer_expect_fin(rig); /* and no second frame before it */
}

/* WHATWG-close-03, 6455-7.1.5-02 */
static void closing_twice_is_closing_once(void **state) {
  (void)state;
  each_role(close_twice);
}

static void close_by_peer(struct rig *rig) {
  uint64_t begin = 0;
  PEER_SEND(rig, 0x88, "\x0B\xB9\xC3\xA9");
  while (ws_websocket_ready_state(rig->socket) == WS_OPEN &&
         rig_turn(rig, &begin)) {
  }
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CLOSING);
  assert_int_equal(ws_websocket_send_text(rig->socket, "late", 4), WS_OK);
  assert_int_equal(ws_websocket_close(rig->socket, 4000, NULL), WS_OK);
  PEER_EXPECT(rig, 0x88, "\x0B\xB9"); /* one, and the code is echoed */
  assert_string_equal(rig->log, "1o ");
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,3001,\xC3\xA9] ");
  peer_expect_fin(rig);
}

/* WHATWG-feedback-05, WHATWG-close-09, 6455-7.1.3-01, 6455-7.1.6-01 */
static void the_peer_closes(void **state) {
  (void)state;
  each_role(close_by_peer);
}

/* The first Close frame counts; what stands behind it is not read. */
static void close_by_peer_twice(struct rig *rig) {
  static const char client[] = "\x88\x02\x0B\xB9\x88\x02\x0B\xBA";
  static const char server[] =
      "\x88\x82\0\0\0\0\x0B\xB9\x88\x82\0\0\0\0\x0B\xBA";
  if (rig->role == WS_CLIENT) {
    peer_send(rig, client, sizeof(client) - 1);
  } else {
    peer_send(rig, server, sizeof(server) - 1);
  }
  PEER_EXPECT(rig, 0x88, "\x0B\xB9");
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,3001,] ");
}

/* 6455-7.1.5-01 */
static void the_first_close_frame_counts(void **state) {
  (void)state;
  each_role(close_by_peer_twice);
}

static void end_without_close(struct rig *rig) {
  peer_close(rig);
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
  assert_int_equal(ws_websocket_fault(rig->socket),
                   WS_FAULT_ENDED_WITHOUT_CLOSE);
  assert_string_not_equal(ws_websocket_failure(rig->socket), "");
}

static void reset_without_close(struct rig *rig) {
  reset_now(rig->fd);
  rig->fd = -1;
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
  assert_int_equal(ws_websocket_fault(rig->socket), WS_FAULT_NONE);
  assert_string_equal(ws_websocket_failure(rig->socket),
                      "connection reset by peer");
}

static void reset_behind_the_handshake(struct rig *rig) {
  ws_websocket_close(rig->socket, 1000, NULL);
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  PEER_SEND(rig, 0x88, "\x03\xE8");
  if (rig->role == WS_SERVER) {
    peer_expect_fin(rig);
  }
  reset_now(rig->fd);
  rig->fd = -1;
  rig_expect(rig, "1o 3e 3c[0,1000,] ");
}

/* 6455-7.1.4-02, 6455-7.1.5-03, WHATWG-feedback-08 */
static void ends_that_are_not_clean(void **state) {
  (void)state;
  each_role(end_without_close);
  each_role(reset_without_close);
  each_role(reset_behind_the_handshake);
}

static void violate(struct rig *rig) {
  PEER_SEND(rig, 0x83, "reserved opcode");
  struct frame_seen frame = peer_read_frame(rig);
  assert_int_equal(frame.first, 0x88);
  assert_memory_equal(frame.payload, "\x03\xEA", 2);
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
  assert_int_equal(ws_websocket_fault(rig->socket), WS_FAULT_OPCODE);
  peer_expect_fin(rig);
}

/* WHATWG-feedback-07 */
static void a_failed_connection_tells_error_before_close(void **state) {
  (void)state;
  each_role(violate);
}

/* Data that was sent before the peer's Close frame came goes before ours: RFC
 * 6455 5.5.1 lets us finish a message. */
static void close_inside_a_blob(struct rig *rig) {
  size_t len = 8 << 20;
  char *bytes = malloc(len);
  assert_non_null(bytes);
  memset(bytes, 'b', len);
  struct ws_blob *blob = ws_blob_new(&rig->fm.allocator, bytes, len);
  free(bytes);
  assert_int_equal(ws_websocket_send_blob(rig->socket, blob), WS_OK);
  assert_int_equal(ws_websocket_send_text(rig->socket, "behind", 6), WS_OK);
  ws_blob_unref(blob);
  uint64_t begin = 0;
  PEER_SEND(rig, 0x88, "\x03\xE8");
  while (ws_websocket_ready_state(rig->socket) == WS_OPEN &&
         rig_turn(rig, &begin)) {
  }
  size_t sum = 0;
  struct frame_seen frame;
  do {
    frame = peer_read_frame(rig);
    assert_int_equal(frame.first & 0x7F, sum == 0 ? 0x02 : 0x00);
    sum += frame.len;
  } while ((frame.first & 0x80) == 0);
  assert_int_equal(sum, len);
  PEER_EXPECT(rig, 0x81, "behind");
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,1000,] ");
  assert_int_equal(ws_websocket_buffered_amount(rig->socket), 0);
}

static void queued_data_leaves_before_the_answer(void **state) {
  (void)state;
  each_role(close_inside_a_blob);
}

/* Time --------------------------------------------------------------------- */

static void no_answer(struct rig *rig) {
  ws_websocket_close(rig->socket, 1000, NULL);
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
  assert_string_equal(ws_websocket_failure(rig->socket),
                      "the closing handshake timed out");
  peer_expect_reset(rig);
}

/* 7.1.1: the one who waits for the other's FIN may stop waiting. */
static void no_fin(struct rig *rig) {
  ws_websocket_close(rig->socket, 1000, NULL);
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  PEER_SEND(rig, 0x88, "\x03\xE8");
  rig_expect(rig, "1o 3c[1,1000,] ");
  peer_expect_fin(rig);
}

static void the_closing_handshake_has_its_time(void **state) {
  (void)state;
  static void (*const tests[])(struct rig *) = {no_answer, no_fin};
  for (size_t i = 0; i < 2 * NUM_OF(tests); i++) {
    struct rig rig;
    rig_init(&rig);
    rig.options.config.timeouts.closing = 30 * MS;
    rig_open(&rig, roles[i % 2]);
    tests[i / 2](&rig);
    rig_free(&rig);
  }
}

static void silence_is_broken_by_a_ping(void **state) {
  struct rig *rig = *state;
  rig->options.config.timeouts.ping = 20 * MS;
  rig->options.config.timeouts.pong = 30 * MS;
  rig_open(rig, WS_CLIENT);
  PEER_EXPECT(rig, 0x89, "");
  PEER_SEND(rig, 0x8A, "");
  PEER_EXPECT(rig, 0x89, ""); /* it was an answer */
  PEER_SEND(rig, 0x81, "hi");
  PEER_EXPECT(rig, 0x89, ""); /* any octet is */
  rig_expect(rig, "1o 1t[hi] 3e 3c[0,1006,] ");
  assert_string_equal(ws_websocket_failure(rig->socket), "no answer to a ping");
  peer_expect_reset(rig);
}

static void who_is_paused_sends_no_pings(void **state) {
  struct rig *rig = *state;
  rig->options.config.timeouts.ping = 10 * MS;
  rig->options.config.timeouts.pong = 10 * MS;
  rig_open(rig, WS_CLIENT);
  ws_websocket_pause(rig->socket, true);
  uint64_t end = ws_io_now(rig->io) + 40 * MS;
  while (ws_io_now(rig->io) < end) {
    ws_io_turn(rig->io, end);
  }
  assert_int_equal(peer_read(rig, 1), 0);
  assert_string_equal(rig->log, "1o ");
  ws_websocket_pause(rig->socket, false);
  PEER_EXPECT(rig, 0x89, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      RIG_TEST(codes_that_scripts_may_not_use),
      RIG_TEST(codes_that_a_server_may_use),
      RIG_TEST(a_server_may_echo_1010),
      RIG_TEST(reasons_have_123_bytes_of_utf8),
      cmocka_unit_test(closing_starts_here),
      cmocka_unit_test(closing_twice_is_closing_once),
      cmocka_unit_test(the_peer_closes),
      cmocka_unit_test(the_first_close_frame_counts),
      cmocka_unit_test(ends_that_are_not_clean),
      cmocka_unit_test(a_failed_connection_tells_error_before_close),
      cmocka_unit_test(queued_data_leaves_before_the_answer),
      cmocka_unit_test(the_closing_handshake_has_its_time),
      RIG_TEST(silence_is_broken_by_a_ping),
      RIG_TEST(who_is_paused_sends_no_pings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
