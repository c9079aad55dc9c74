#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"

static void messages_and_fragments_are_framed(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn *conn = open_conn(WS_SERVER, &crypto, NULL, &seen);
  const uint8_t *text = (const uint8_t *)"\xC3\xA9";
  assert_int_equal(ws_conn_send(conn, WS_OP_TEXT, text, 2), WS_OK);
  expect_output(conn, "81 02 C3 A9");
  assert_int_equal(ws_conn_send(conn, WS_OP_TEXT, text, 1), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_send(conn, WS_OP_CLOSE, text, 0), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_TEXT, text, 1, false),
                   WS_OK);
  assert_int_equal(ws_conn_send(conn, WS_OP_TEXT, text, 2), WS_ERR_STATE);
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_BINARY, text, 1, true),
                   WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_TEXT, text, 1, false),
                   WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_ping(conn, text, 2), WS_OK);
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_TEXT, text + 1, 1, true),
                   WS_OK);
  assert_int_equal(ws_conn_pong(conn, NULL, 0), WS_OK);
  expect_output(conn, "01 01 C3 89 02 C3 A9 80 01 A9 8A 00");
  uint8_t long_ping[126] = {0};
  assert_int_equal(ws_conn_ping(conn, long_ping, 126), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, NULL, 0), WS_OK);
  expect_output(conn, "82 00");
  ws_conn_free(conn);
}

static void a_client_masks_with_fresh_keys(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn *conn = open_conn(WS_CLIENT, &crypto, NULL, &seen);
  const uint8_t zeros[2] = {0};
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, zeros, 2), WS_OK);
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, zeros, 2), WS_OK);
  expect_output(conn, "82 82 11 12 13 14 11 12 82 82 15 16 17 18 15 16");
  crypto.fail_at = crypto.num_calls + 1;
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, zeros, 2), WS_ERR_CRYPTO);
  assert_int_equal(ws_conn_output(conn).len, 0);
  assert_int_equal(ws_conn_status(conn), WS_ERR_CRYPTO);
  feed_bytes(conn, "", 0, see_event, &seen);
  assert_int_equal(seen.num_ends, 1);
  assert_true(ws_conn_wants_close(conn));
  ws_conn_free(conn);
}

static void full_output_refuses_and_keeps_the_last_pong(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn_limits limits = {.output = 32};
  struct ws_conn *conn = open_conn(WS_SERVER, &crypto, &limits, &seen);
  uint8_t bytes[19] = {0};
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, bytes, 19), WS_ERR_LIMIT);
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, bytes, 18), WS_OK);
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, bytes, 1), WS_ERR_LIMIT);
  feed_hex(conn, "89 81 00 00 00 00 \"a\" 89 81 00 00 00 00 \"b\"", &seen);
  assert_int_equal(ws_conn_output(conn).len, 20);
  ws_conn_output_done(conn, 20);
  expect_output(conn, "8A 01 \"b\"");
  /* A Close frame always finds room, and the pong goes before it. */
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, bytes, 18), WS_OK);
  feed_hex(conn, "89 81 00 00 00 00 \"c\" 88 80 00 00 00 00", &seen);
  ws_conn_output_done(conn, 20);
  expect_output(conn, "8A 01 \"c\" 88 00");
  ws_conn_free(conn);
}

static void a_pong_larger_than_the_output_is_sent_alone(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn_limits limits = {.output = 16};
  struct ws_conn *conn = open_conn(WS_SERVER, &crypto, &limits, &seen);
  feed_hex(conn, "89 83 00 00 00 00 \"abc\"", &seen);
  feed_hex(conn, "89 84 00 00 00 00 \"defg\"", &seen);
  expect_output(conn, "8A 03 \"abc\"");
  expect_output(conn, "8A 04 \"defg\"");
  expect_output(conn, "");
  ws_conn_free(conn);
}

static void a_server_closes_when_both_have_said_so(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn *conn = open_conn(WS_SERVER, &crypto, NULL, &seen);
  struct ws_slice none = {NULL, 0};
  static const uint8_t reason[124] = {0};
  assert_int_equal(ws_conn_close(conn, 1005, ws_slice_of("x")),
                   WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_close(conn, 1006, none), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_close(conn, 999, none), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_close(conn, 1010, none), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_close(conn, 1000, ws_slice_of("\xFF")),
                   WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_close(conn, 1000, (struct ws_slice){reason, 124}),
                   WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_close(conn, 4000, ws_slice_of("bye")), WS_OK);
  expect_output(conn, "88 05 0F A0 \"bye\"");
  assert_int_equal(ws_conn_state(conn), WS_CONN_CLOSING);
  assert_int_equal(ws_conn_close(conn, 1000, none), WS_ERR_STATE);
  assert_int_equal(ws_conn_send(conn, WS_OP_TEXT, NULL, 0), WS_ERR_STATE);
  assert_int_equal(ws_conn_ping(conn, NULL, 0), WS_ERR_STATE);
  assert_false(ws_conn_wants_close(conn));
  /* A ping that crosses our Close is not answered any more. */
  feed_hex(conn, "89 80 00 00 00 00", &seen);
  expect_output(conn, "");
  feed_hex(conn, "88 82 00 00 00 00 03 E9 81 80", &seen);
  assert_int_equal(seen.code, 1001);
  assert_int_equal(seen.num_ends, 1);
  assert_true(ws_conn_closed_cleanly(conn));
  assert_true(ws_conn_wants_close(conn));
  expect_output(conn, "");
  ws_conn_free(conn);
}

static void a_client_waits_for_the_server_to_close(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn *conn = open_conn(WS_CLIENT, &crypto, NULL, &seen);
  feed_hex(conn, "88 03 03 E8 \"x\"", &seen);
  expect_output(conn, "88 82 11 12 13 14 12 FA");
  assert_true(seen.end_is_last);
  assert_false(ws_conn_wants_close(conn));
  ws_conn_feed_eof(conn);
  feed_bytes(conn, "", 0, see_event, &seen);
  assert_int_equal(seen.num_ends, 1);
  assert_int_equal(seen.num_faults, 0);
  assert_true(ws_conn_wants_close(conn));
  ws_conn_free(conn);
}

static void limits_are_the_last_that_is_allowed(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn_limits limits = {.frame = 3, .message = 5, .fragments = 3};
  struct ws_conn *conn = open_conn(WS_CLIENT, &crypto, &limits, &seen);
  feed_hex(conn, "02 03 \"abc\" 00 00 80 02 \"de\" 82 03 \"abc\"", &seen);
  assert_int_equal(seen.num_faults, 0);
  feed_hex(conn, "82 04", &seen);
  assert_int_equal(seen.fault, WS_FAULT_FRAME_TOO_BIG);
  ws_conn_free(conn);
}

static void the_owner_can_fail_the_connection(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_conn *conn = open_conn(WS_SERVER, &crypto, NULL, &seen);
  assert_int_equal(ws_conn_fail(conn, WS_FAULT_NONE), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_fail(conn, WS_FAULT_COUNT), WS_ERR_ARGUMENT);
  assert_int_equal(ws_conn_fail(conn, WS_FAULT_MESSAGE_TOO_BIG), WS_OK);
  assert_int_equal(ws_conn_fail(conn, WS_FAULT_RSV), WS_ERR_STATE);
  assert_int_equal(frames_out(conn).data[0], 0x88);
  feed_hex(conn, "81 80 00 00 00 00", &seen);
  assert_int_equal(seen.fault, WS_FAULT_MESSAGE_TOO_BIG);
  assert_int_equal(seen.num_ends, 1);
  ws_conn_free(conn);
}

static void events_have_to_be_drained(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen;
  struct ws_event event;
  struct ws_conn *conn = open_conn(WS_CLIENT, &crypto, NULL, &seen);
  uint8_t bytes[] = {0x8A, 0, 0x8A, 0};
  assert_int_equal(ws_conn_feed(conn, bytes, 4), WS_OK);
  assert_int_equal(ws_conn_feed(conn, bytes, 4), WS_ERR_STATE);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(ws_conn_feed(conn, bytes, 4), WS_ERR_STATE);
  assert_true(ws_conn_next(conn, &event));
  assert_false(ws_conn_next(conn, &event));
  assert_int_equal(ws_conn_feed(conn, bytes, 4), WS_OK);
  ws_conn_free(conn);
}

/* A transform that doubles every byte when it receives, three bytes at a time,
 * and drops the last bit of each when it sends. */
struct doubling {
  uint8_t out[6];
  uint8_t sent[64];
};

static enum ws_status doubling_receive(void *user,
                                       struct ws_transform_step *step) {
  struct doubling *doubling = user;
  size_t len = 0;
  for (; len < 6 && step->in.len != 0; step->in.data++, step->in.len--) {
    if (*step->in.data == '!') {
      step->fault = WS_FAULT_TEXT_NOT_UTF8;
    }
    if (*step->in.data == '?') {
      return WS_ERR_NOMEM;
    }
    doubling->out[len++] = *step->in.data;
    doubling->out[len++] = *step->in.data;
  }
  step->out = (struct ws_slice){doubling->out, len};
  return WS_OK;
}

static enum ws_status doubling_send(void *user, struct ws_slice in, bool final,
                                    struct ws_slice *out) {
  struct doubling *doubling = user;
  size_t len = in.len < 64 ? in.len : 64;
  if (len != 0 && in.data[0] == '!') {
    return WS_ERR_NOMEM;
  }
  for (size_t i = 0; i < len; i++) {
    doubling->sent[i] = in.data[i] & 0xFE;
  }
  *out = (struct ws_slice){doubling->sent, final ? len : len / 2};
  return WS_OK;
}

static bool doubling_wanted(void *user, size_t len, bool final) {
  (void)user;
  return len != 3 || !final;
}

static struct ws_conn *open_doubling(struct counting_crypto *crypto,
                                     struct doubling *doubling,
                                     const struct ws_conn_limits *limits) {
  struct ws_event event;
  uint8_t response[] = RESPONSE;
  const struct ws_transform transform = {.rsv = WS_RSV2,
                                         .receive = doubling_receive,
                                         .wanted = doubling_wanted,
                                         .send = doubling_send,
                                         .user = doubling};
  struct ws_conn *conn = begin_conn(WS_CLIENT, crypto, limits, NULL);
  assert_int_equal(ws_conn_set_transform(conn, &transform), WS_ERR_STATE);
  assert_int_equal(ws_conn_feed(conn, response, sizeof(response) - 1), WS_OK);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_OPEN);
  assert_int_equal(ws_conn_set_transform(conn, &transform), WS_OK);
  assert_false(ws_conn_next(conn, &event));
  assert_int_equal(ws_conn_set_transform(conn, &transform), WS_ERR_STATE);
  return conn;
}

static void log_event(void *user, struct ws_conn *conn,
                      const struct ws_event *event) {
  (void)conn;
  event_log_add(user, event);
}

static void transforms_apply_to_marked_messages(void **state) {
  (void)state;
  for (size_t step = 1; step < 100; step += 98) {
    struct counting_crypto crypto;
    struct doubling doubling;
    struct event_log log;
    uint8_t bytes[64];
    event_log_init(&log);
    struct ws_conn *conn = open_doubling(&crypto, &doubling, NULL);
    size_t len = read_hex(bytes, "A1 05 \"abcde\" 81 02 \"fg\""
                                 "22 02 \"hi\" 89 00 80 01 \"j\""
                                 "A1 00 A1 02 \"k!\"");
    for (size_t at = 0; at < len; at += step) {
      size_t part = step < len - at ? step : len - at;
      feed_bytes(conn, bytes + at, part, log_event, &log);
    }
    size_t base = strlen(RESPONSE);
    char expected[512];
    snprintf(expected, sizeof(expected),
             "%zu+5 TEXT whole \"aabbccddee\"\n"
             "%zu+2 TEXT whole \"fg\"\n"
             "%zu+2 BINARY begin \"hhii\"\n"
             "%zu+2 PING \"\"\n"
             "%zu+1 BINARY end \"jj\"\n"
             "%zu+0 TEXT whole \"\"\n",
             base + 2, base + 9, base + 13, base + 15, base + 19, base + 22);
    const char *text = event_log_finish(&log);
    assert_memory_equal(text, expected, strlen(expected));
    assert_non_null(strstr(text, "FAULT TEXT_NOT_UTF8 1007"));
    event_log_free(&log);
    ws_conn_free(conn);
  }
}

static void transforms_obey_the_limits(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct doubling doubling;
  struct seen seen = {0};
  struct ws_conn_limits limits = {.message = 10};
  struct ws_conn *conn = open_doubling(&crypto, &doubling, &limits);
  feed_hex(conn, "A2 05 \"abcde\"", &seen);
  assert_int_equal(seen.num_faults, 0);
  feed_hex(conn, "A2 06 \"abcdef\"", &seen);
  assert_int_equal(seen.fault, WS_FAULT_MESSAGE_TOO_BIG);
  ws_conn_free(conn);
}

static void a_transform_may_run_out_of_memory(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct doubling doubling;
  struct seen seen = {0};
  struct ws_conn *conn = open_doubling(&crypto, &doubling, NULL);
  feed_hex(conn, "A2 02 \"a?\"", &seen);
  assert_int_equal(ws_conn_status(conn), WS_ERR_NOMEM);
  assert_int_equal(seen.num_faults, 0);
  assert_int_equal(seen.num_ends, 1);
  ws_conn_free(conn);
}

static void transforms_apply_to_what_is_sent(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct doubling doubling;
  struct ws_conn *conn = open_doubling(&crypto, &doubling, NULL);
  const uint8_t ones[] = {1, 3, 5, 7};
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, ones, 2), WS_OK);
  expect_output(conn, "A2 82 11 12 13 14 11 10");
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_BINARY, ones, 4, false),
                   WS_OK);
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_BINARY, ones, 1, true),
                   WS_OK);
  expect_output(conn, "22 82 15 16 17 18 15 14 80 81 19 1A 1B 1C 19");
  /* Unwanted: three bytes in one frame. */
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, ones, 3), WS_OK);
  expect_output(conn, "82 83 1D 1E 1F 20 1C 1D 1A");
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_BINARY, ones, 3, false),
                   WS_OK);
  assert_int_equal(ws_conn_send_fragment(conn, WS_OP_BINARY, ones, 3, true),
                   WS_OK);
  expect_output(conn, "22 81 21 22 23 24 21 80 83 25 26 27 28 25 24 23");
  ws_conn_free(conn);
}

static void a_transform_may_fail_or_find_no_room(void **state) {
  (void)state;
  static const uint8_t bytes[64] = {0};
  struct counting_crypto crypto;
  struct doubling doubling;
  struct ws_conn_limits limits = {.output = 256};
  struct ws_conn *conn = open_doubling(&crypto, &doubling, &limits);
  const struct ws_transform none = {.receive = doubling_receive,
                                    .send = doubling_send};
  assert_int_equal(ws_conn_set_transform(conn, &none), WS_ERR_STATE);
  while (ws_conn_send(conn, WS_OP_BINARY, bytes, 64) == WS_OK) {
  }
  size_t len = ws_conn_output(conn).len;
  assert_true(len > 128 && len <= 256);
  assert_int_equal(ws_conn_send(conn, WS_OP_BINARY, bytes, 64), WS_ERR_LIMIT);
  ws_conn_output_done(conn, len);
  assert_int_equal(ws_conn_send(conn, WS_OP_TEXT, (const uint8_t *)"!", 1),
                   WS_ERR_NOMEM);
  assert_int_equal(ws_conn_ping(conn, NULL, 0), WS_ERR_NOMEM);
  assert_int_equal(ws_conn_close(conn, 1000, (struct ws_slice){NULL, 0}),
                   WS_ERR_NOMEM);
  assert_int_equal(ws_conn_fail(conn, WS_FAULT_RSV), WS_ERR_NOMEM);
  ws_conn_free(conn);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_and_fragments_are_framed),
      cmocka_unit_test(a_client_masks_with_fresh_keys),
      cmocka_unit_test(full_output_refuses_and_keeps_the_last_pong),
      cmocka_unit_test(a_pong_larger_than_the_output_is_sent_alone),
      cmocka_unit_test(a_server_closes_when_both_have_said_so),
      cmocka_unit_test(a_client_waits_for_the_server_to_close),
      cmocka_unit_test(limits_are_the_last_that_is_allowed),
      cmocka_unit_test(the_owner_can_fail_the_connection),
      cmocka_unit_test(events_have_to_be_drained),
      cmocka_unit_test(transforms_apply_to_marked_messages),
      cmocka_unit_test(transforms_obey_the_limits),
      cmocka_unit_test(a_transform_may_run_out_of_memory),
      cmocka_unit_test(transforms_apply_to_what_is_sent),
      cmocka_unit_test(a_transform_may_fail_or_find_no_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
