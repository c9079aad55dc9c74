#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"

static void good_requests_are_accepted(void **state) {
  (void)state;
  static const char *const requests[] = {
      REQUEST,
      "GET http://example.com:80/chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY
          VERSION "\r\n",
      "GET HTTPS://[::1] HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION
      "\r\n",
      REQUEST_LINE VERSION KEY "CONNECTION:keep-alive, UPGRADE\r\n"
                               "uPgRaDe: WEBSOCKET\r\nX-Foo: bar\r\n" HOST
                               "\r\n",
      REQUEST_LINE HOST "Upgrade: foo, websocket\r\n"
                        "Connection: keep-alive\r\nConnection: "
                        "Upgrade\r\n" KEY VERSION "Content-Length: 0\r\n\r\n",
      REQUEST_LINE HOST UPGRADE CONNECTION
      "Sec-WebSocket-Key:   dGhlIHNhbXBsZSBub25jZQ==  \t\r\n" VERSION
      "Sec-WebSocket-Protocol: a,,b\r\nSec-WebSocket-Protocol:\r\n"
      "Sec-WebSocket-Extensions: ,, x ; a=\"1\" ,\r\nX: \xC3\xA9\r\n\r\n",
  };
  for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
    struct counting_crypto crypto;
    struct seen seen = {0};
    struct ws_conn *conn = begin_conn(WS_SERVER, &crypto, NULL, NULL);
    feed_bytes(conn, requests[i], strlen(requests[i]), see_event, &seen);
    assert_int_equal(ws_conn_state(conn), WS_CONN_OPEN);
    struct ws_slice out = ws_conn_output(conn);
    const char *expected = STATUS_LINE UPGRADE CONNECTION
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    ws_conn_free(conn);
  }
}

static void good_responses_open(void **state) {
  (void)state;
  static const char *const responses[] = {
      RESPONSE,
      "HTTP/1.1 101 \r\nCONNECTION: keep-alive, uPgRaDe\r\n"
      "upgrade: WebSocket\r\n"
      "sec-websocket-accept: \t C/0nmHhBztSRGR1CwL6Tf4ZjwpY= \t\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" STATUS_LINE UPGRADE
          CONNECTION ACCEPT "Sec-WebSocket-Extensions: x-known\r\n\r\n",
  };
  for (size_t i = 0; i < sizeof(responses) / sizeof(responses[0]); i++) {
    for (size_t step = 1; step < 1000; step += 998) {
      struct counting_crypto crypto;
      struct seen seen = {0};
      struct ws_conn *conn = begin_conn(WS_CLIENT, &crypto, NULL, NULL);
      size_t len = strlen(responses[i]);
      for (size_t at = 0; at < len; at += step) {
        size_t part = step < len - at ? step : len - at;
        feed_bytes(conn, responses[i] + at, part, see_event, &seen);
      }
      assert_int_equal(ws_conn_state(conn), WS_CONN_OPEN);
      ws_conn_free(conn);
    }
  }
}

static void other_statuses_are_refusals(void **state) {
  (void)state;
  static const char *const responses[] = {
      "HTTP/1.1 403 Forbidden\r\n\r\n",
      "HTTP/1.0 200 OK\r\nbroken field\r\n\r\nbody",
      "HTTP/1.1 302 \r\nLocation: /\r\n\r\n",
      ("HTTP/1.1 103 Early Hints\r\nLink: </a>, </b>\r\n\r\n"
       "HTTP/1.1 500 \r\n\r\n"),
  };
  for (size_t i = 0; i < sizeof(responses) / sizeof(responses[0]); i++) {
    struct counting_crypto crypto;
    struct seen seen = {0};
    struct ws_conn *conn = begin_conn(WS_CLIENT, &crypto, NULL, NULL);
    feed_bytes(conn, responses[i], strlen(responses[i]), see_event, &seen);
    assert_int_equal(seen.num_refused, 1);
    assert_int_equal(seen.num_faults, 0);
    assert_int_equal(seen.num_ends, 1);
    assert_true(ws_conn_wants_close(conn));
    ws_conn_free(conn);
  }
}

static void a_request_may_wait_for_its_answer(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen = {0};
  struct ws_event event;
  struct ws_conn_limits limits = {.head = 512};
  struct ws_conn *conn = begin_conn(WS_SERVER, &crypto, &limits, NULL);
  static const char early[] = REQUEST "\x89\x81\0\0\0";
  static uint8_t pad[513];
  char *copy = malloc(sizeof(early) - 1);
  assert_non_null(copy);
  memcpy(copy, early, sizeof(early) - 1);
  assert_int_equal(ws_conn_feed(conn, (uint8_t *)copy, sizeof(early) - 1),
                   WS_OK);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_REQUEST);
  assert_false(ws_conn_next(conn, &event));
  free(copy);
  assert_int_equal(ws_conn_feed(conn, pad, sizeof(pad)), WS_ERR_LIMIT);
  /* What came too early is neither lost nor spoilt. */
  uint8_t rest[] = {0, 'x'};
  assert_int_equal(ws_conn_feed(conn, rest, 2), WS_OK);
  assert_false(ws_conn_next(conn, &event));
  rest[1] = '?';
  assert_int_equal(ws_conn_accept(conn, &(struct ws_accept_options){0}), WS_OK);
  assert_int_equal(ws_conn_accept(conn, &(struct ws_accept_options){0}),
                   WS_ERR_STATE);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_OPEN);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_PING);
  assert_int_equal(event.payload.len, 1);
  assert_int_equal(event.payload.data[0], 'x');
  assert_false(ws_conn_next(conn, &event));
  feed_hex(conn, "88 80 00 00 00 00", &seen);
  assert_int_equal(seen.num_ends, 1);
  ws_conn_free(conn);
}

static void a_request_may_go_away(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct ws_event event;
  struct ws_conn *conn = begin_conn(WS_SERVER, &crypto, NULL, NULL);
  uint8_t bytes[] = REQUEST;
  assert_int_equal(ws_conn_feed(conn, bytes, sizeof(bytes) - 1), WS_OK);
  assert_true(ws_conn_next(conn, &event));
  ws_conn_feed_eof(conn);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.fault, WS_FAULT_ENDED_WITHOUT_CLOSE);
  assert_int_equal(ws_conn_accept(conn, &(struct ws_accept_options){0}),
                   WS_ERR_STATE);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_END);
  assert_true(ws_conn_wants_close(conn));
  ws_conn_free(conn);
}

static void nobody_came(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct seen seen = {0};
  struct ws_conn *conn = begin_conn(WS_SERVER, &crypto, NULL, NULL);
  ws_conn_feed_eof(conn);
  feed_bytes(conn, "", 0, see_event, &seen);
  assert_int_equal(seen.num_faults, 0);
  assert_int_equal(seen.num_ends, 1);
  assert_true(ws_conn_wants_close(conn));
  ws_conn_free(conn);
}

/* Stops at the request, for the tests of answers. */
static struct ws_conn *await_answer(struct counting_crypto *crypto,
                                    const char *request) {
  struct ws_conn *conn = begin_conn(WS_SERVER, crypto, NULL, NULL);
  struct ws_event event;
  uint8_t bytes[1024];
  size_t len = strlen(request);
  memcpy(bytes, request, len);
  assert_int_equal(ws_conn_feed(conn, bytes, len), WS_OK);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_REQUEST);
  assert_false(ws_conn_next(conn, &event));
  return conn;
}

static void only_what_was_offered_is_chosen(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct ws_conn *conn = await_answer(
      &crypto, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
      "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: x;a\r\n\r\n");
  const struct ws_header smuggled[] = {{"X", "a\r\nY: b"}};
  const struct ws_header reserved[] = {{"sec-websocket-accept", "x"}};
  const struct ws_accept_options illegal[] = {
      {.protocol = "Chat"},
      {.protocol = "other"},
      {.protocol = ""},
      {.extensions = "y"},
      {.extensions = "x, y"},
      {.extensions = "x;"},
      {.headers = smuggled, .num_headers = 1},
      {.headers = reserved, .num_headers = 1},
  };
  for (size_t i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++) {
    assert_int_equal(ws_conn_accept(conn, &illegal[i]), WS_ERR_ARGUMENT);
    assert_int_equal(ws_conn_output(conn).len, 0);
  }
  const struct ws_header set_cookie[] = {{"Set-Cookie", "a=b"}};
  struct ws_accept_options options = {.protocol = "chat",
                                      .extensions = "x; b=1",
                                      .headers = set_cookie,
                                      .num_headers = 1};
  assert_int_equal(ws_conn_accept(conn, &options), WS_OK);
  assert_string_equal(ws_conn_protocol(conn), "chat");
  struct ws_slice out = ws_conn_output(conn);
  const char *tail = "Sec-WebSocket-Protocol: chat\r\n"
                     "Sec-WebSocket-Extensions: x; b=1\r\n"
                     "Set-Cookie: a=b\r\n\r\n";
  assert_true(out.len > strlen(tail));
  assert_memory_equal(out.data + out.len - strlen(tail), tail, strlen(tail));
  ws_conn_free(conn);
}

static void a_request_can_be_rejected(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct ws_event event;
  struct ws_conn *conn = await_answer(&crypto, REQUEST);
  const struct ws_reject_options illegal[] = {
      {.status = 101},
      {.status = 600},
      {.status = 204, .body = "x"},
      {.status = 403, .reason = "a\r\nb"},
      {.status = 403, .body = "x", .content_type = "a\nb"},
  };
  for (size_t i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++) {
    assert_int_equal(ws_conn_reject(conn, &illegal[i]), WS_ERR_ARGUMENT);
  }
  struct ws_reject_options options = {.status = 403, .body = "no"};
  assert_int_equal(ws_conn_reject(conn, &options), WS_OK);
  assert_int_equal(ws_conn_reject(conn, &options), WS_ERR_STATE);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_END);
  assert_false(ws_conn_next(conn, &event));
  const char *expected = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n"
                         "Content-Length: 2\r\n"
                         "Content-Type: text/plain; charset=utf-8\r\n\r\nno";
  struct ws_slice out = ws_conn_output(conn);
  assert_int_equal(out.len, strlen(expected));
  assert_memory_equal(out.data, expected, out.len);
  assert_false(ws_conn_wants_close(conn));
  ws_conn_output_done(conn, out.len);
  assert_true(ws_conn_wants_close(conn));
  ws_conn_free(conn);
}

static void illegal_requests_are_not_made(void **state) {
  (void)state;
  struct counting_crypto crypto;
  counting_crypto_init(&crypto);
  struct ws_conn_config config = {.role = WS_CLIENT, .crypto = &crypto.table};
  struct ws_conn *conn = ws_conn_new(&config);
  assert_non_null(conn);
  static const char *const twice[] = {"a", "a", NULL};
  static const char *const spaced[] = {"a b", NULL};
  static const struct ws_header smuggled[] = {{"X\r\nY", "a"}};
  static const struct ws_header host[] = {{"HOST", "a"}};
  const struct ws_request_options illegal[] = {
      {.host = NULL},
      {.host = ""},
      {.host = "a\r\nX: y"},
      {.host = "a", .target = "chat"},
      {.host = "a", .target = ""},
      {.host = "a", .target = "/ HTTP/1.1\r\nX: y"},
      {.host = "a", .target = "/#x"},
      {.host = "a", .origin = "x\ny"},
      {.host = "a", .protocols = twice},
      {.host = "a", .protocols = spaced},
      {.host = "a", .extensions = "a;"},
      {.host = "a", .headers = smuggled, .num_headers = 1},
      {.host = "a", .headers = host, .num_headers = 1},
  };
  uint8_t byte = 0;
  assert_int_equal(ws_conn_feed(conn, &byte, 1), WS_ERR_STATE);
  for (size_t i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++) {
    assert_int_equal(ws_conn_connect(conn, &illegal[i]), WS_ERR_ARGUMENT);
    assert_int_equal(ws_conn_output(conn).len, 0);
  }
  struct ws_request_options options = {.host = "a:1"};
  assert_int_equal(ws_conn_connect(conn, &options), WS_OK);
  assert_int_equal(ws_conn_connect(conn, &options), WS_ERR_STATE);
  ws_conn_free(conn);
}

static void a_failing_crypto_table_is_told(void **state) {
  (void)state;
  const struct ws_request_options options = {.host = "h"};
  struct ws_event event;
  struct counting_crypto crypto;
  for (size_t n = 1; n <= 2; n++) {
    counting_crypto_init(&crypto);
    crypto.fail_at = n; /* the key, then its accept value */
    struct ws_conn_config config = {.role = WS_CLIENT, .crypto = &crypto.table};
    struct ws_conn *client = ws_conn_new(&config);
    assert_non_null(client);
    assert_int_equal(ws_conn_connect(client, &options), WS_ERR_CRYPTO);
    assert_int_equal(ws_conn_connect(client, &options), WS_ERR_CRYPTO);
    assert_true(ws_conn_next(client, &event));
    assert_int_equal(event.type, WS_EVENT_END);
    assert_true(ws_conn_wants_close(client));
    ws_conn_free(client);
  }
  struct ws_conn *server = await_answer(&crypto, REQUEST);
  uint8_t byte = 0;
  crypto.fail_at = crypto.num_calls + 1;
  const struct ws_accept_options accept = {0};
  assert_int_equal(ws_conn_accept(server, &accept), WS_ERR_CRYPTO);
  assert_int_equal(ws_conn_feed(server, &byte, 1), WS_ERR_CRYPTO);
  assert_int_equal(ws_conn_output(server).len, 0);
  ws_conn_free(server);
}

static void a_client_may_be_given_up_before_it_connects(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct ws_event event;
  counting_crypto_init(&crypto);
  struct ws_conn_config config = {.role = WS_CLIENT, .crypto = &crypto.table};
  struct ws_conn *conn = ws_conn_new(&config);
  assert_non_null(conn);
  assert_false(ws_conn_next(conn, &event));
  assert_int_equal(ws_conn_state(conn), WS_CONN_CONNECTING);
  ws_conn_feed_eof(conn);
  assert_int_equal(
      ws_conn_connect(conn, &(struct ws_request_options){.host = "h"}),
      WS_ERR_STATE);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_END);
  assert_true(ws_conn_wants_close(conn));
  ws_conn_free(conn);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_requests_are_accepted),
      cmocka_unit_test(good_responses_open),
      cmocka_unit_test(other_statuses_are_refusals),
      cmocka_unit_test(a_request_may_wait_for_its_answer),
      cmocka_unit_test(a_request_may_go_away),
      cmocka_unit_test(nobody_came),
      cmocka_unit_test(only_what_was_offered_is_chosen),
      cmocka_unit_test(a_request_can_be_rejected),
      cmocka_unit_test(illegal_requests_are_not_made),
      cmocka_unit_test(a_failing_crypto_table_is_told),
      cmocka_unit_test(a_client_may_be_given_up_before_it_connects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
