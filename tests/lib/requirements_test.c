/* What no peer can see of a requirement, and no test of a source file shows. */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method */
#include "support.h"

#include "conn_support.h"
#include "ws/conn.h"

#include <openssl/rand.h>

/* A generator in place of OpenSSL's that counts: 01, 02, ... */
static int counting_bytes(unsigned char *out, int len) {
  static uint8_t last;
  for (int i = 0; i < len; i++) {
    out[i] = ++last;
  }
  return 1;
}

/* 6455-5.3-03: nonce and masking keys are what libcrypto's generator gives, and
 * nothing else goes into them. That this generator is strong, and seeded by the
 * operating system, is libcrypto's. */
static void keys_come_from_the_generator_of_libcrypto(void **state) {
  (void)state;
  static const RAND_METHOD counting = {.bytes = counting_bytes};
  const struct ws_conn_config config = {.role = WS_CLIENT,
                                        .crypto = ws_crypto_openssl()};
  const RAND_METHOD *before = RAND_get_rand_method();
  assert_int_equal(RAND_set_rand_method(&counting), 1);
  struct ws_conn *conn = ws_conn_new(&config);
  assert_non_null(conn);
  const struct ws_request_options options = {.host = "example.com"};
  assert_int_equal(ws_conn_connect(conn, &options), WS_OK);
  struct ws_slice out = ws_conn_output(conn);
  char request[1024] = {0};
  assert_in_range(out.len, 1, sizeof request - 1);
  memcpy(request, out.data, out.len);
  assert_non_null(strstr(request, "AQIDBAUGBwgJCgsMDQ4PEA==\r\n"));
  ws_conn_output_done(conn, out.len);
  struct seen seen = {0};
  feed_bytes(conn, RESPONSE, strlen(RESPONSE), see_event, &seen);
  assert_int_equal(ws_conn_state(conn), WS_CONN_OPEN);
  uint8_t expected[] = {0x81, 0x80, 17, 18, 19, 20};
  for (int frame = 0; frame < 3; frame++) {
    assert_int_equal(ws_conn_send(conn, WS_OP_TEXT, NULL, 0), WS_OK);
    out = ws_conn_output(conn);
    assert_int_equal(out.len, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);
    ws_conn_output_done(conn, out.len);
    for (size_t i = 2; i < sizeof expected; i++) {
      expected[i] = (uint8_t)(expected[i] + 4);
    }
  }
  ws_conn_free(conn);
  RAND_set_rand_method(before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_come_from_the_generator_of_libcrypto),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
