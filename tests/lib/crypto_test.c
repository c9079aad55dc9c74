#include "ws/crypto.h"

#include "support.h"
#include "ws/base64.h"

static void assert_sha1(const char *data, size_t len, const char *hex) {
  const struct ws_crypto *crypto = ws_crypto_openssl();
  uint8_t digest[WS_SHA1_LEN];
  assert_true(crypto->sha1(crypto->user, (const uint8_t *)data, len, digest));
  char text[2 * WS_SHA1_LEN + 1];
  for (size_t i = 0; i < WS_SHA1_LEN; i++) {
    snprintf(text + 2 * i, 3, "%02x", digest[i]);
  }
  assert_string_equal(text, hex);
}

/* FIPS 180-2 appendix A. */
static void sha1_vectors(void **state) {
  (void)state;
  assert_sha1("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  assert_sha1("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
  char *many = malloc(1000000);
  assert_non_null(many);
  memset(many, 'a', 1000000);
  assert_sha1(many, 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  free(many);
}

/* RFC 6455 1.3. */
static void the_accept_value_of_the_rfc(void **state) {
  (void)state;
  const struct ws_crypto *crypto = ws_crypto_openssl();
  static const char input[] = "dGhlIHNhbXBsZSBub25jZQ=="
                              "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  uint8_t digest[WS_SHA1_LEN];
  assert_true(crypto->sha1(crypto->user, (const uint8_t *)input,
                           sizeof input - 1, digest));
  char text[WS_BASE64_LEN(WS_SHA1_LEN) + 1] = {0};
  ws_base64_encode(text, digest, sizeof digest);
  assert_string_equal(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/* Every bit takes both values in 128 draws, or chance failed us once in 2^119
 * times; the bytes behind stay untouched. */
static void random_bytes_vary_and_stay_inside(void **state) {
  (void)state;
  const struct ws_crypto *crypto = ws_crypto_openssl();
  uint8_t ones[32] = {0};
  uint8_t zeros[32] = {0};
  for (int draw = 0; draw < 128; draw++) {
    uint8_t out[33];
    out[32] = 0x5A;
    assert_true(crypto->random(crypto->user, out, 32));
    assert_int_equal(out[32], 0x5A);
    for (size_t i = 0; i < 32; i++) {
      ones[i] |= out[i];
      zeros[i] |= (uint8_t)~out[i];
    }
  }
  for (size_t i = 0; i < 32; i++) {
    assert_int_equal(ones[i], 0xFF);
    assert_int_equal(zeros[i], 0xFF);
  }
  assert_true(crypto->random(crypto->user, ones, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sha1_vectors),
      cmocka_unit_test(the_accept_value_of_the_rfc),
      cmocka_unit_test(random_bytes_vary_and_stay_inside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
