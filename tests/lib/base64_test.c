#include "ws/base64.h"

#include "support.h"

static const struct {
  const char *bytes, *text;
} vectors[] = {
    /* RFC 4648 10 */
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    /* RFC 6455 1.3 */
    {"the sample nonce", "dGhlIHNhbXBsZSBub25jZQ=="},
};

static void vectors_of_the_rfcs(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(vectors); i++) {
    size_t len = strlen(vectors[i].bytes);
    char text[64] = {0};
    ws_base64_encode(text, (const uint8_t *)vectors[i].bytes, len);
    assert_string_equal(text, vectors[i].text);
    uint8_t bytes[64];
    size_t bytes_len = 99;
    assert_true(ws_base64_decode(bytes, &bytes_len, ws_slice_of(text)));
    assert_int_equal(bytes_len, len);
    assert_memory_equal(bytes, vectors[i].bytes, len);
  }
}

static void every_length_survives_the_round_trip(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (size_t len = 0; len <= 200; len++) {
    uint8_t data[200];
    for (size_t i = 0; i < len; i++) {
      data[i] = (uint8_t)(next_random(&seed) >> 56);
    }
    uint8_t *bytes = exact_copy(data, len);
    size_t text_len = WS_BASE64_LEN(len);
    char *text = malloc(text_len + 1);
    assert_non_null(text);
    text[text_len] = '#';
    ws_base64_encode(text, bytes, len);
    assert_int_equal(text[text_len], '#');
    uint8_t *back = exact_copy(text, text_len / 4 * 3);
    size_t back_len = 0;
    struct ws_slice slice = {(const uint8_t *)text, text_len};
    assert_true(ws_base64_decode(back, &back_len, slice));
    assert_int_equal(back_len, len);
    assert_memory_equal(back, data, len);
    free(back);
    free(text);
    free(bytes);
  }
}

/* Decodes, and when that succeeds requires the text to be what the bytes are
 * encoded to: nothing but the canonical form gets in. */
static bool accepts(const uint8_t text[4]) {
  uint8_t bytes[3];
  size_t len = 0;
  if (!ws_base64_decode(bytes, &len, (struct ws_slice){text, 4})) {
    return false;
  }
  char again[4];
  assert_int_equal(WS_BASE64_LEN(len), 4);
  ws_base64_encode(again, bytes, len);
  assert_memory_equal(again, text, 4);
  return true;
}

/* There are 2^8 strings of one byte and 2^16 of two: so many quartets with two
 * and with one pad character are accepted, of all that exist. */
static void exactly_the_canonical_quartets_are_accepted(void **state) {
  (void)state;
  size_t num_one = 0;
  size_t num_two = 0;
  for (uint32_t i = 0; i < 1U << 24; i++) {
    uint8_t text[4] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, '='};
    if (accepts(text)) {
      num_one += text[2] == '=';
      num_two += text[2] != '=';
    }
  }
  assert_int_equal(num_one, 256);
  assert_int_equal(num_two, 65536);
}

static void each_position_takes_the_alphabet_only(void **state) {
  (void)state;
  for (size_t position = 0; position < 4; position++) {
    size_t num_accepted = 0;
    for (unsigned c = 0; c < 256; c++) {
      uint8_t text[4] = {'A', 'A', 'A', 'A'};
      text[position] = (uint8_t)c;
      num_accepted += accepts(text);
    }
    /* The fourth may be the pad as well: "AAA=" has zero pad bits. */
    assert_int_equal(num_accepted, position == 3 ? 65 : 64);
  }
}

static void what_is_not_canonical_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "A",        "AA",       "AAA",      "AAAAA",    "====",
      "A===",     "=AAA",     "AA=A",     "AAA=AAAA", "AA==AAAA",
      "AAAA====", "AAAAA===", "Zg=",      "Zg",       "Zh==",
      "Zm9=",     "Zm-v",     "Zm_v",     "Zm9v\n",   "Zm\n9v",
      " Zm9",     "Zm9 ",     "Zm9v    ", "ZmA=\n\n", "\xC3\xA9/+",
  };
  for (size_t i = 0; i < NUM_OF(texts); i++) {
    uint8_t bytes[16];
    size_t len;
    uint8_t *copy = exact_copy(texts[i], strlen(texts[i]));
    struct ws_slice slice = {copy, strlen(texts[i])};
    if (ws_base64_decode(bytes, &len, slice)) {
      fail_msg("\"%s\" was accepted", texts[i]);
    }
    free(copy);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vectors_of_the_rfcs),
      cmocka_unit_test(every_length_survives_the_round_trip),
      cmocka_unit_test(exactly_the_canonical_quartets_are_accepted),
      cmocka_unit_test(each_position_takes_the_alphabet_only),
      cmocka_unit_test(what_is_not_canonical_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
