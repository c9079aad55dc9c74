/* Opening requests: the baseline, and what bends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine_support.h"
#include "request.h"

static const char *written(struct wsc_request *request, struct world *world) {
  struct ws_slice bytes = wsc_request_write(request, world->trial);
  assert_int_equal(strlen((const char *)bytes.data), bytes.len);
  return (const char *)bytes.data;
}

static struct ws_slice text(const char *of) {
  return ws_slice_of(of);
}

static void use_key(struct wsc_request *request) {
  request->key = text("dGhlIHNhbXBsZSBub25jZQ==");
  wsc_request_set(request, text("Sec-WebSocket-Key"), request->key);
}

#define KEY     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

static void test_baseline(void **state) {
  (void)state;
  static const char *const headers[] = {"X-A:  b ", "no colon", "HOST: other",
                                        NULL};
  struct world world;
  struct wsc_request request;
  world_open(&world);
  world.target.origin = "http://o.test";
  world.target.headers = headers;
  wsc_request_init(&request, world.trial);
  use_key(&request);
  assert_string_equal(written(&request, &world),
                      "GET / HTTP/1.1\r\nHost: other\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\n" KEY VERSION
                      "Origin: http://o.test\r\nX-A: b\r\n\r\n");
  world_close(&world);
}

/* 4.1: the key is 16 random bytes; one seed gives one key, and the next of a
 * case another. */
static void test_keys(void **state) {
  (void)state;
  char keys[3][25];
  for (int i = 0; i < 2; i++) {
    struct world world;
    struct wsc_request request;
    world_open(&world);
    wsc_request_init(&request, world.trial);
    assert_int_equal(request.key.len, 24);
    memcpy(keys[i], request.key.data, 25);
    wsc_request_init(&request, world.trial);
    memcpy(keys[2], request.key.data, 25);
    world_close(&world);
  }
  assert_string_equal(keys[0], keys[1]);
  assert_string_not_equal(keys[0], keys[2]);
  assert_string_equal(keys[0] + 22, "==");
}

static void test_bending(void **state) {
  (void)state;
  struct world world;
  struct wsc_request request;
  world_open(&world);
  wsc_request_init(&request, world.trial);
  use_key(&request);
  wsc_request_drop(&request, text("CONNECTION"));
  wsc_request_drop(&request, text("Conn"));
  wsc_request_set(&request, text("upgrade"), text("h2c"));
  wsc_request_set(&request, text("X-New"), text(""));
  wsc_request_add(&request, text("Host"), text("twice"));
  request.method = text("POST");
  request.version = text("HTTP/1.0");
  request.eol = text("\n");
  assert_string_equal(
      written(&request, &world),
      "POST / HTTP/1.0\nHost: peer.test\nUpgrade: h2c\nSec-WebSocket-Key: "
      "dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\nX-New: \nHost: "
      "twice\n\n");
  wsc_request_drop(&request, text("host"));
  assert_int_equal(request.num_fields, 4);
  world_close(&world);
}

static void test_order_and_names(void **state) {
  (void)state;
  struct world world;
  struct wsc_request request;
  world_open(&world);
  wsc_request_init(&request, world.trial);
  use_key(&request);
  wsc_request_reverse(&request);
  wsc_request_names(&request, world.trial, true);
  assert_string_equal(
      written(&request, &world),
      "GET / HTTP/1.1\r\nSEC-WEBSOCKET-VERSION: 13\r\nSEC-WEBSOCKET-KEY: "
      "dGhlIHNhbXBsZSBub25jZQ==\r\nCONNECTION: Upgrade\r\nUPGRADE: "
      "websocket\r\nHOST: peer.test\r\n\r\n");
  wsc_request_names(&request, world.trial, false);
  assert_has(written(&request, &world), "\r\nsec-websocket-key: dGhlIHNhb");
  world_close(&world);
}

static void test_full(void **state) {
  (void)state;
  struct world world;
  struct wsc_request request;
  world_open(&world);
  wsc_request_init(&request, world.trial);
  for (int i = 0; i < 100; i++) {
    wsc_request_add(&request, text("X"), text("y"));
  }
  assert_int_equal(request.num_fields, WSC_REQUEST_FIELDS);
  written(&request, &world);
  world_close(&world);
}

/* -- accepting ---------------------------------------------------------- */

static void test_key_of(void **state) {
  (void)state;
  struct ws_slice key = wsc_request_key(
      text("GET / HTTP/1.1\r\nsec-websocket-KEY:  abc \t\r\n\r\n"));
  assert_true(ws_slice_equals(key, "abc"));
  assert_int_equal(wsc_request_key(text("GET / HTTP/1.1\r\n\r\n")).len, 0);
  assert_int_equal(wsc_request_key(text("")).len, 0);
}

static bool accepted(struct world *world, const char *status,
                     const char *accept) {
  char head[256];
  struct ws_http_head parsed;
  struct ws_http_field fields[8];
  snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%s\r\n", status, accept);
  ws_http_parse(&parsed, WS_HTTP_RESPONSE, (const uint8_t *)head, strlen(head),
                fields, 8);
  return wsc_request_accepted(world->trial, &parsed,
                              text("dGhlIHNhbXBsZSBub25jZQ=="));
}

#define ACCEPT "Sec-WebSocket-Accept: "

/* The example of RFC 6455 1.3. */
static void test_accepted(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.context.crypto = ws_crypto_openssl();
  assert_true(
      accepted(&world, "101 X", ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  assert_false(
      accepted(&world, "200 X", ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  assert_false(
      accepted(&world, "101 X", ACCEPT "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  assert_false(
      accepted(&world, "101 X", ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo\r\n"));
  assert_false(accepted(&world, "101 X", ""));
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_baseline), cmocka_unit_test(test_keys),
      cmocka_unit_test(test_bending),  cmocka_unit_test(test_order_and_names),
      cmocka_unit_test(test_full),     cmocka_unit_test(test_key_of),
      cmocka_unit_test(test_accepted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
