#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"

/* One way to break each rule. The test fails when a fault has none. */
struct provocation {
  enum ws_fault fault;
  enum ws_role role;    /* of the connection that is provoked */
  const char *head;     /* what it gets first; NULL: a good one */
  const char *frames;   /* then, as hex */
  const char *protocol; /* a client's offer */
  struct ws_conn_limits limits;
  bool eof;
};

#define REQ(name, ...)                                                         \
  { .fault = WS_FAULT_##name, .role = WS_SERVER, .head = __VA_ARGS__ "\r\n" }
#define RES(name, ...)                                                         \
  { .fault = WS_FAULT_##name, .role = WS_CLIENT, .head = __VA_ARGS__ "\r\n" }
#define FRAMES(name, who, hex)                                                 \
  { .fault = WS_FAULT_##name, .role = who, .frames = hex }

static const struct provocation provocations[] = {
    REQ(HTTP_SYNTAX,
        REQUEST_LINE "Host : a\r\n" UPGRADE CONNECTION KEY VERSION),
    REQ(HTTP_SYNTAX, "GET /\r\n" HOST),
    REQ(HTTP_SYNTAX,
        REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION "X: a\r\n b\r\n"),
    REQ(HTTP_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION "X: a\n"),
    REQ(HTTP_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Origin: a\r\nOrigin: b\r\n"),
    REQ(HTTP_SYNTAX,
        REQUEST_LINE "Host: a b\r\n" UPGRADE CONNECTION KEY VERSION),
    REQ(HTTP_SYNTAX, REQUEST_LINE "Host:\r\n" UPGRADE CONNECTION KEY VERSION),
    RES(HTTP_SYNTAX, STATUS_LINE UPGRADE CONNECTION ACCEPT "X : y\r\n"),
    RES(HTTP_SYNTAX, "SSH-2.0-OpenSSH_9.2\r\n"),
    {.fault = WS_FAULT_HTTP_HEAD_TOO_LARGE,
     .head = REQUEST,
     .role = WS_SERVER,
     .limits = {.head = 64}},
    {.fault = WS_FAULT_HTTP_HEAD_TOO_LARGE,
     .head = RESPONSE,
     .role = WS_CLIENT,
     .limits = {.head = 64}},
    /* Interim responses count as well: a server may not send them for ever. */
    {.fault = WS_FAULT_HTTP_HEAD_TOO_LARGE,
     .head = "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 103 x\r\n\r\n"
             "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 103 x\r\n\r\n",
     .role = WS_CLIENT,
     .limits = {.head = 64}},
    {.fault = WS_FAULT_HTTP_TOO_MANY_FIELDS,
     .head = REQUEST,
     .role = WS_SERVER,
     .limits = {.fields = 4}},
    {.fault = WS_FAULT_HTTP_TRUNCATED,
     .head = REQUEST_LINE HOST,
     .role = WS_SERVER,
     .eof = true},
    {.fault = WS_FAULT_HTTP_TRUNCATED,
     .head = "",
     .role = WS_CLIENT,
     .eof = true},
    REQ(HTTP_VERSION,
        "GET /chat HTTP/1.0\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(HTTP_VERSION,
        "GET /chat HTTP/2.0\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    RES(HTTP_VERSION, "HTTP/1.0 101 x\r\n" UPGRADE CONNECTION ACCEPT),
    REQ(METHOD, "POST /chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(METHOD, "get /chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(REQUEST_TARGET,
        "GET * HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(REQUEST_TARGET,
        "GET chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(REQUEST_TARGET,
        "GET /#x HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(REQUEST_TARGET,
        "GET http://u@h/ HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(REQUEST_TARGET,
        "GET http:///x HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION),
    REQ(HOST_MISSING, REQUEST_LINE UPGRADE CONNECTION KEY VERSION),
    REQ(HOST_DUPLICATE, REQUEST_LINE HOST HOST UPGRADE CONNECTION KEY VERSION),
    REQ(REQUEST_BODY, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Content-Length: 1\r\n"),
    REQ(REQUEST_BODY, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Transfer-Encoding: chunked\r\n"),
    REQ(UPGRADE_MISSING, REQUEST_LINE HOST CONNECTION KEY VERSION),
    REQ(UPGRADE_VALUE,
        REQUEST_LINE HOST "Upgrade: websockets\r\n" CONNECTION KEY VERSION),
    REQ(UPGRADE_VALUE, REQUEST_LINE HOST "Upgrade: web\xC5\xBF"
                                         "ocket\r\n" CONNECTION KEY VERSION),
    REQ(CONNECTION_MISSING, REQUEST_LINE HOST UPGRADE KEY VERSION),
    REQ(CONNECTION_VALUE,
        REQUEST_LINE HOST UPGRADE "Connection: keep-alive\r\n" KEY VERSION),
    REQ(KEY_MISSING, REQUEST_LINE HOST UPGRADE CONNECTION VERSION),
    REQ(KEY_DUPLICATE, REQUEST_LINE HOST UPGRADE CONNECTION KEY KEY VERSION),
    REQ(KEY_VALUE, REQUEST_LINE HOST UPGRADE CONNECTION
        "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4P\r\n" VERSION),
    REQ(KEY_VALUE, REQUEST_LINE HOST UPGRADE CONNECTION
        "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEBE=\r\n" VERSION),
    REQ(KEY_VALUE, REQUEST_LINE HOST UPGRADE CONNECTION
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n" VERSION),
    REQ(KEY_VALUE, REQUEST_LINE HOST UPGRADE CONNECTION
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA\r\n" VERSION),
    REQ(KEY_VALUE,
        REQUEST_LINE HOST UPGRADE CONNECTION "Sec-WebSocket-Key:\r\n" VERSION),
    REQ(VERSION_MISSING, REQUEST_LINE HOST UPGRADE CONNECTION KEY),
    REQ(VERSION_DUPLICATE, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Sec-WebSocket-Version: 8\r\n"),
    REQ(VERSION_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY
        "Sec-WebSocket-Version: 013\r\n"),
    REQ(VERSION_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY
        "Sec-WebSocket-Version: +13\r\n"),
    REQ(VERSION_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY
        "Sec-WebSocket-Version: 13, 8\r\n"),
    REQ(VERSION_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY
        "Sec-WebSocket-Version: 256\r\n"),
    REQ(VERSION_SYNTAX,
        REQUEST_LINE HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version:\r\n"),
    REQ(VERSION_UNSUPPORTED, REQUEST_LINE HOST UPGRADE CONNECTION KEY
        "Sec-WebSocket-Version: 255\r\n"),
    REQ(VERSION_UNSUPPORTED, REQUEST_LINE HOST UPGRADE CONNECTION KEY
        "Sec-WebSocket-Version: 0\r\n"),
    REQ(PROTOCOL_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Sec-WebSocket-Protocol: a b\r\n"),
    REQ(PROTOCOL_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Sec-WebSocket-Protocol: ,,\r\n"),
    REQ(PROTOCOL_DUPLICATE, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: a\r\n"),
    REQ(EXTENSION_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Sec-WebSocket-Extensions: a; =1\r\n"),
    REQ(EXTENSION_SYNTAX, REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
        "Sec-WebSocket-Extensions:\r\n"),
    RES(RESPONSE_UPGRADE, STATUS_LINE CONNECTION ACCEPT),
    RES(RESPONSE_UPGRADE,
        STATUS_LINE "Upgrade: websocket, h2c\r\n" CONNECTION ACCEPT),
    RES(RESPONSE_UPGRADE, STATUS_LINE UPGRADE UPGRADE CONNECTION ACCEPT),
    RES(RESPONSE_CONNECTION, STATUS_LINE UPGRADE ACCEPT),
    RES(RESPONSE_CONNECTION,
        STATUS_LINE UPGRADE "Connection: close\r\n" ACCEPT),
    RES(ACCEPT_MISSING, STATUS_LINE UPGRADE CONNECTION),
    RES(ACCEPT_DUPLICATE, STATUS_LINE UPGRADE CONNECTION ACCEPT ACCEPT),
    RES(ACCEPT_VALUE, STATUS_LINE UPGRADE CONNECTION
        "Sec-WebSocket-Accept: c/0nmHhBztSRGR1CwL6Tf4ZjwpY=\r\n"),
    RES(ACCEPT_VALUE, STATUS_LINE UPGRADE CONNECTION
        "Sec-WebSocket-Accept: C/0nmHhBztSRGR1CwL6Tf4ZjwpY\r\n"),
    RES(PROTOCOL_NOT_OFFERED, STATUS_LINE UPGRADE CONNECTION ACCEPT
        "Sec-WebSocket-Protocol: chat\r\n"),
    {.fault = WS_FAULT_PROTOCOL_NOT_OFFERED,
     .role = WS_CLIENT,
     .protocol = "chat",
     .head = STATUS_LINE UPGRADE CONNECTION ACCEPT
     "Sec-WebSocket-Protocol: Chat\r\n\r\n"},
    {.fault = WS_FAULT_PROTOCOL_NOT_OFFERED,
     .role = WS_CLIENT,
     .protocol = "chat",
     .head = STATUS_LINE UPGRADE CONNECTION ACCEPT
     "Sec-WebSocket-Protocol:\r\n\r\n"},
    {.fault = WS_FAULT_RESPONSE_PROTOCOL_DUPLICATE,
     .role = WS_CLIENT,
     .protocol = "chat",
     .head = STATUS_LINE UPGRADE CONNECTION ACCEPT
     "Sec-WebSocket-Protocol: chat\r\n"
     "Sec-WebSocket-Protocol: chat\r\n\r\n"},
    RES(EXTENSION_NOT_OFFERED, STATUS_LINE UPGRADE CONNECTION ACCEPT
        "Sec-WebSocket-Extensions: y\r\n"),
    RES(EXTENSION_NOT_OFFERED, STATUS_LINE UPGRADE CONNECTION ACCEPT
        "Sec-WebSocket-Extensions: x-known, x-known\r\n"),
    RES(EXTENSION_NOT_OFFERED, STATUS_LINE UPGRADE CONNECTION ACCEPT
        "Sec-WebSocket-Extensions: x-known\r\n"
        "Sec-WebSocket-Extensions: X-Known\r\n"),
    RES(EXTENSION_SYNTAX, STATUS_LINE UPGRADE CONNECTION ACCEPT
        "Sec-WebSocket-Extensions: x-known;\r\n"),
    FRAMES(RSV, WS_SERVER, "C1 80 00 00 00 00"),
    FRAMES(RSV, WS_CLIENT, "91 00"),
    FRAMES(OPCODE, WS_SERVER, "83 80 00 00 00 00"),
    FRAMES(OPCODE, WS_CLIENT, "8B 00"),
    FRAMES(NOT_MASKED, WS_SERVER, "81 00"),
    FRAMES(MASKED, WS_CLIENT, "81 80 00 00 00 00"),
    FRAMES(LENGTH_NOT_MINIMAL, WS_CLIENT, "82 7E 00 7D"),
    FRAMES(LENGTH_NOT_MINIMAL, WS_CLIENT, "82 7F 00 00 00 00 00 00 FF FF"),
    FRAMES(LENGTH_TOP_BIT, WS_CLIENT, "82 7F 80 00 00 00 00 00 00 00"),
    FRAMES(CONTROL_FRAGMENTED, WS_CLIENT, "09 00"),
    FRAMES(CONTROL_TOO_LONG, WS_CLIENT, "89 7E 00 7E"),
    FRAMES(CONTINUATION_UNEXPECTED, WS_CLIENT, "80 00"),
    FRAMES(CONTINUATION_UNEXPECTED, WS_CLIENT, "81 00 00 00"),
    FRAMES(CONTINUATION_EXPECTED, WS_CLIENT, "01 00 81 00"),
    FRAMES(TEXT_NOT_UTF8, WS_CLIENT, "81 01 FF"),
    FRAMES(TEXT_NOT_UTF8, WS_CLIENT, "81 02 E2 82"),
    FRAMES(TEXT_NOT_UTF8, WS_CLIENT, "01 01 C3 80 01 28"),
    FRAMES(TEXT_NOT_UTF8, WS_CLIENT, "01 01 C3 80 00"),
    {.fault = WS_FAULT_FRAME_TOO_BIG,
     .role = WS_CLIENT,
     .frames = "82 04",
     .limits = {.frame = 3}},
    {.fault = WS_FAULT_FRAME_TOO_BIG,
     .role = WS_CLIENT,
     .frames = "82 7F 7F FF FF FF FF FF FF FF"},
    {.fault = WS_FAULT_MESSAGE_TOO_BIG,
     .role = WS_CLIENT,
     .frames = "82 04",
     .limits = {.message = 3}},
    {.fault = WS_FAULT_MESSAGE_TOO_BIG,
     .role = WS_CLIENT,
     .frames = "02 03 00 00 00 80 01",
     .limits = {.message = 3}},
    {.fault = WS_FAULT_MESSAGE_TOO_BIG,
     .role = WS_CLIENT,
     .frames = "02 01 00 80 7F 7F FF FF FF FF FF FF FF",
     .limits = {.frame = UINT64_MAX, .message = INT64_MAX}},
    {.fault = WS_FAULT_TOO_MANY_FRAGMENTS,
     .role = WS_CLIENT,
     .frames = "02 00 00 00 80 00",
     .limits = {.fragments = 2}},
    FRAMES(CLOSE_BODY_LENGTH, WS_CLIENT, "88 01 03"),
    FRAMES(CLOSE_CODE, WS_CLIENT, "88 02 03 ED"),
    FRAMES(CLOSE_CODE, WS_SERVER, "88 82 00 00 00 00 03 E7"),
    FRAMES(CLOSE_REASON_NOT_UTF8, WS_CLIENT, "88 03 03 E8 FF"),
    {.fault = WS_FAULT_ENDED_WITHOUT_CLOSE,
     .role = WS_CLIENT,
     .frames = "82 05 00",
     .eof = true},
    {.fault = WS_FAULT_ENDED_WITHOUT_CLOSE,
     .role = WS_SERVER,
     .frames = "",
     .eof = true},
};

/* What the table says is sent for a fault is what is sent, and nothing else. */
static void check_answer(const struct provocation *provocation,
                         const struct ws_conn *conn) {
  const struct ws_fault_info *info = ws_fault_info(provocation->fault);
  struct ws_slice frames = frames_out(conn);
  struct ws_slice out = ws_conn_output(conn);
  if (info->http_status != 0 && provocation->role == WS_SERVER) {
    char status[4] = {0};
    assert_true(out.len > 12);
    memcpy(status, out.data + 9, 3);
    assert_int_equal(atoi(status), info->http_status);
    struct ws_http_field fields[16];
    struct ws_http_head head;
    ws_http_parse(&head, WS_HTTP_RESPONSE, out.data, out.len - frames.len,
                  fields, 16);
    assert_int_equal(head.quirks, 0);
    assert_true(ws_http_has_token(&head, "Connection", "close"));
    struct ws_slice length = ws_http_field(&head, "Content-Length", 0)->value;
    assert_int_equal(strtoul((const char *)length.data, NULL, 10), frames.len);
    if (info->http_status == 426) {
      assert_true(ws_http_has_token(&head, "Upgrade", "websocket"));
      assert_true(ws_http_has_token(&head, "Sec-WebSocket-Version", "13"));
    }
    return;
  }
  if (info->close_code == 0 || info->close_code == WS_CLOSE_ABNORMAL) {
    assert_int_equal(frames.len, 0);
    return;
  }
  struct ws_frame frame;
  struct ws_close close;
  size_t header_len = ws_frame_decode(&frame, frames.data, frames.len);
  assert_true(header_len != 0);
  assert_int_equal(frame.opcode, WS_OP_CLOSE);
  assert_int_equal(frame.masked, provocation->role == WS_CLIENT);
  assert_int_equal(header_len + frame.length, frames.len);
  if (!frame.masked) {
    assert_int_equal(ws_close_parse(&close, frames.data + header_len,
                                    frames.len - header_len),
                     WS_FAULT_NONE);
    assert_int_equal(close.code, info->close_code);
  }
}

static void provoke(const struct provocation *provocation, size_t step) {
  struct counting_crypto crypto;
  struct seen seen = {0};
  struct ws_conn *conn = begin_conn(
      provocation->role, &crypto, &provocation->limits, provocation->protocol);
  const char *head = provocation->head;
  if (head == NULL) {
    head = provocation->role == WS_SERVER ? REQUEST : RESPONSE;
  }
  uint8_t bytes[2048];
  size_t len = strlen(head);
  memcpy(bytes, head, len);
  if (provocation->frames != NULL) {
    len += read_hex(bytes + len, provocation->frames);
  }
  for (size_t at = 0; at < len; at += step) {
    size_t part = step < len - at ? step : len - at;
    feed_bytes(conn, bytes + at, part, see_event, &seen);
  }
  if (provocation->eof) {
    ws_conn_feed_eof(conn);
    feed_bytes(conn, "", 0, see_event, &seen);
  } else {
    feed_bytes(conn, "\x88\x80more", 6, see_event, &seen);
  }
  assert_int_equal(seen.num_faults, 1);
  assert_string_equal(ws_fault_info(seen.fault)->name,
                      ws_fault_info(provocation->fault)->name);
  assert_int_equal(seen.num_ends, 1);
  assert_true(seen.end_is_last);
  assert_int_equal(ws_conn_state(conn), WS_CONN_CLOSED);
  check_answer(provocation, conn);
  assert_int_equal(ws_conn_wants_close(conn), ws_conn_output(conn).len == 0);
  ws_conn_output_done(conn, ws_conn_output(conn).len);
  assert_true(ws_conn_wants_close(conn));
  assert_false(ws_conn_closed_cleanly(conn));
  ws_conn_free(conn);
}

static void every_fault_is_told(void **state) {
  (void)state;
  bool told[WS_FAULT_COUNT] = {
      [WS_FAULT_NONE] = true,
      [WS_FAULT_STATUS] = true, /* REFUSED: conn_opening_test.c */
      /* Found by lib/deflate: deflate_negotiate_test.c, deflate_codec_test.c. */
      [WS_FAULT_DEFLATE_RESPONSE] = true,
      [WS_FAULT_DEFLATE_DATA] = true};
  size_t count = sizeof(provocations) / sizeof(provocations[0]);
  for (size_t i = 0; i < count; i++) {
    provoke(&provocations[i], SIZE_MAX);
    provoke(&provocations[i], 1);
    told[provocations[i].fault] = true;
  }
  for (int fault = 0; fault < WS_FAULT_COUNT; fault++) {
    if (!told[fault]) {
      fail_msg("no provocation of %s",
               ws_fault_info((enum ws_fault)fault)->name);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_fault_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
