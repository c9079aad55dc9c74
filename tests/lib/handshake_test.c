#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"

static void accept_values_of_the_rfc(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
      {"AQIDBAUGBwgJCgsMDQ4PEA==", "C/0nmHhBztSRGR1CwL6Tf4ZjwpY="},
      /* base64 of the SHA-1 of the GUID alone */
      {"", "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="},
  };
  char accept[WS_ACCEPT_LEN];
  for (size_t i = 0; i < 3; i++) {
    assert_true(ws_handshake_accept(ws_crypto_openssl(),
                                    ws_slice_of(pairs[i][0]), accept));
    assert_memory_equal(accept, pairs[i][1], WS_ACCEPT_LEN);
  }
  assert_true(ws_handshake_accept(ws_crypto_openssl(),
                                  (struct ws_slice){NULL, 0}, accept));
}

static void accept_takes_any_key_up_to_its_limit(void **state) {
  (void)state;
  static const uint8_t key[WS_HANDSHAKE_KEY_MAX + 1] = {0};
  char accept[WS_ACCEPT_LEN];
  struct counting_crypto crypto;
  counting_crypto_init(&crypto);
  assert_true(ws_handshake_accept(
      &crypto.table, (struct ws_slice){key, WS_HANDSHAKE_KEY_MAX}, accept));
  assert_false(ws_handshake_accept(
      &crypto.table, (struct ws_slice){key, sizeof(key)}, accept));
  crypto.fail_at = crypto.num_calls + 1;
  assert_false(ws_handshake_accept(&crypto.table, ws_slice_of("x"), accept));
}

static void keys_are_canonical(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",
      "dGhlIHNhbXBsZSBub25jZQ",
      "dGhlIHNhbXBsZSBub25jZR==",
      "dGhlIHNhbXBsZSBub25jZQ= ",
      "dGhlIHNhbXBsZSBub25jZQ===",
      "dGhlIHNhbXBsZSBub25jZQAA",
      "dGhlIHNhbXBsZSBub25jZQE=",
      "dGhlIHNhbXBsZSBub25j-_==",
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_false(ws_handshake_key_valid(ws_slice_of(bad[i])));
  }
  struct counting_crypto crypto;
  char keys[2][WS_KEY_LEN];
  counting_crypto_init(&crypto);
  for (size_t i = 0; i < 2; i++) {
    assert_true(ws_handshake_key_make(&crypto.table, keys[i]));
    assert_true(ws_handshake_key_valid(
        (struct ws_slice){(uint8_t *)keys[i], WS_KEY_LEN}));
  }
  assert_memory_not_equal(keys[0], keys[1], WS_KEY_LEN);
  crypto.fail_at = crypto.num_calls + 1;
  assert_false(ws_handshake_key_make(&crypto.table, keys[0]));
}

/* A writer that is measured, filled exactly, and given one byte too few. */
static void check_room(const struct ws_request_options *request,
                       const struct ws_accept_options *accept,
                       const struct ws_reject_options *reject) {
  const char *filler = "ABCDEFGHIJKLMNOPQRSTUVWXYZab";
  size_t len = 0;
  size_t again = 0;
  for (int pass = 0; pass < 3; pass++) {
    size_t cap = pass == 0 ? 0 : pass == 1 ? len : len - 1;
    uint8_t *out = pass == 0 ? NULL : malloc(cap);
    enum ws_status status =
        request != NULL ? ws_request_write(out, cap, &again, request, filler)
        : accept != NULL
            ? ws_response_write_accept(out, cap, &again, accept, filler)
            : ws_response_write_reject(out, cap, &again, reject);
    assert_int_equal(status, pass == 1 ? WS_OK : WS_ERR_LIMIT);
    assert_true(pass == 0 || again == len);
    len = again;
    if (pass == 1) {
      size_t scanned = 0;
      size_t body = reject != NULL ? strlen(reject->body) : 0;
      assert_int_equal(ws_http_head_end(out, len, &scanned) + body, len);
    }
    free(out);
  }
}

static void writers_measure_and_keep_to_their_room(void **state) {
  (void)state;
  static const char *const protocols[] = {"a", "b", NULL};
  static const struct ws_header headers[] = {{"X", "y"}, {"Z", ""}};
  struct ws_request_options request = {.host = "h",
                                       .origin = "http://h",
                                       .protocols = protocols,
                                       .extensions = "x",
                                       .headers = headers,
                                       .num_headers = 2};
  struct ws_accept_options accept = {
      .protocol = "a", .extensions = "x", .headers = headers, .num_headers = 2};
  struct ws_reject_options reject = {.status = 599,
                                     .reason = "Why not",
                                     .content_type = "text/html",
                                     .body = "<p>no",
                                     .headers = headers,
                                     .num_headers = 2};
  check_room(&request, NULL, NULL);
  check_room(NULL, &accept, NULL);
  check_room(NULL, NULL, &reject);
}

static enum ws_fault check_request(const char *text, size_t len,
                                   struct ws_request *request) {
  static struct ws_http_field fields[64];
  static struct ws_http_head head;
  size_t scanned = 0;
  assert_int_equal(ws_http_head_end((const uint8_t *)text, len, &scanned), len);
  ws_http_parse(&head, WS_HTTP_REQUEST, (const uint8_t *)text, len, fields, 64);
  return ws_request_check(request, &head);
}

static void a_request_is_taken_apart(void **state) {
  (void)state;
  static const struct {
    const char *target, *path, *query, *authority;
  } rows[] = {
      {"/", "/", "", "example.com"},
      {"/a/b?c?d", "/a/b", "c?d", "example.com"},
      {"/?", "/", "", "example.com"},
      {"//x", "//x", "", "example.com"},
      {"/http://x", "/http://x", "", "example.com"},
      {"http://x:1", "/", "", "x:1"},
      {"http://x?q", "/", "q", "x"},
      {"HTTPS://[::1]:2/a?b", "/a", "b", "[::1]:2"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    char text[512];
    struct ws_request request;
    int len = snprintf(text, sizeof(text),
                       "GET %s HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION
                       "Origin: null\r\n\r\n",
                       rows[i].target);
    assert_int_equal(check_request(text, (size_t)len, &request), WS_FAULT_NONE);
    assert_true(ws_slice_equals(request.path, rows[i].path));
    assert_true(ws_slice_equals(request.query, rows[i].query));
    assert_true(ws_slice_equals(request.authority, rows[i].authority));
    assert_true(ws_slice_equals(request.origin, "null"));
    assert_true(ws_slice_equals(request.key, "dGhlIHNhbXBsZSBub25jZQ=="));
  }
}

static void lists_run_over_several_fields(void **state) {
  (void)state;
  static const char text[] = REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
      "Sec-WebSocket-Protocol: , a,,b ,\r\nX: y\r\n"
      "sec-websocket-protocol: c\r\nSec-WebSocket-Extensions: p; q=1, r\r\n"
      "Sec-WebSocket-Extensions: s\r\n\r\n";
  struct ws_request request;
  struct ws_field_list list;
  struct ws_slice member;
  struct ws_extension extension;
  assert_int_equal(check_request(text, sizeof(text) - 1, &request),
                   WS_FAULT_NONE);
  ws_field_list_init(&list, request.head, "Sec-WebSocket-Protocol");
  for (size_t i = 0; i < 3; i++) {
    static const char *const names[] = {"a", "b", "c"};
    assert_true(ws_field_list_next(&list, &member));
    assert_true(ws_slice_equals(member, names[i]));
  }
  assert_false(ws_field_list_next(&list, &member));
  ws_field_list_init(&list, request.head, "Sec-WebSocket-Extensions");
  for (size_t i = 0; i < 3; i++) {
    static const char *const names[] = {"p", "r", "s"};
    assert_int_equal(ws_field_list_next_extension(&list, &extension),
                     WS_GRAMMAR_OK);
    assert_true(ws_slice_equals(extension.name, names[i]));
  }
  assert_int_equal(ws_field_list_next_extension(&list, &extension),
                   WS_GRAMMAR_END);
  assert_true(ws_handshake_has_protocol(request.head, ws_slice_of("c")));
  assert_false(ws_handshake_has_protocol(request.head, ws_slice_of("C")));
  assert_true(ws_handshake_has_extension(request.head, ws_slice_of("S")));
  assert_false(ws_handshake_has_extension(request.head, ws_slice_of("q")));
}

/* A megabyte of distinct subprotocols: quadratic work would take minutes. */
static void distinctness_is_judged_in_linear_time(void **state) {
  (void)state;
  const size_t count = 100000;
  char *text = malloc(count * 10 + 512);
  struct ws_request request;
  assert_non_null(text);
  size_t len = (size_t)sprintf(text, "%s",
                               REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION
                               "Sec-WebSocket-Protocol: ");
  for (size_t i = 0; i < count; i++) {
    len += (size_t)sprintf(text + len, "%zu,", i);
  }
  size_t fair_len = len + (size_t)sprintf(text + len, "\r\n\r\n");
  assert_int_equal(check_request(text, fair_len, &request), WS_FAULT_NONE);
  len += (size_t)sprintf(text + len, "%d\r\n\r\n", WS_PROTOCOLS_COMPARED - 1);
  assert_int_equal(check_request(text, len, &request),
                   WS_FAULT_PROTOCOL_DUPLICATE);
  free(text);
}

static void every_http_fault_has_an_answer(void **state) {
  (void)state;
  for (int i = 0; i < WS_FAULT_COUNT; i++) {
    enum ws_fault fault = (enum ws_fault)i;
    uint8_t out[512];
    size_t len = 0;
    enum ws_status status =
        ws_response_write_fault(out, sizeof(out), &len, fault);
    bool answered = ws_fault_info(fault)->http_status != 0;
    assert_int_equal(status, answered ? WS_OK : WS_ERR_ARGUMENT);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accept_values_of_the_rfc),
      cmocka_unit_test(accept_takes_any_key_up_to_its_limit),
      cmocka_unit_test(keys_are_canonical),
      cmocka_unit_test(writers_measure_and_keep_to_their_room),
      cmocka_unit_test(a_request_is_taken_apart),
      cmocka_unit_test(lists_run_over_several_fields),
      cmocka_unit_test(distinctness_is_judged_in_linear_time),
      cmocka_unit_test(every_http_fault_has_an_answer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
