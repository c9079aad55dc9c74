#include "ws/close.h"

#include "support.h"

/* RFC 6455 7.4.1 and 7.4.2 and the IANA registry, range by range. */
static const struct {
  uint16_t first, last;
  enum ws_close_class class_of;
  bool sendable;
} ranges[] = {
    {0, 999, WS_CLOSE_OUT_OF_RANGE, false},
    {1000, 1003, WS_CLOSE_DEFINED, true},
    {1004, 1006, WS_CLOSE_RESERVED, false},
    {1007, 1011, WS_CLOSE_DEFINED, true},
    {1012, 1014, WS_CLOSE_REGISTERED, true},
    {1015, 1015, WS_CLOSE_RESERVED, false},
    {1016, 2999, WS_CLOSE_UNASSIGNED, false},
    {3000, 3999, WS_CLOSE_LIBRARY, true},
    {4000, 4999, WS_CLOSE_PRIVATE, true},
    {5000, 65535, WS_CLOSE_OUT_OF_RANGE, false},
};

static void all_codes_have_their_class(void **state) {
  (void)state;
  uint32_t code = 0;
  for (size_t i = 0; i < NUM_OF(ranges); i++) {
    assert_int_equal(ranges[i].first, code);
    for (; code <= ranges[i].last; code++) {
      uint8_t body[4] = {(uint8_t)(code >> 8), (uint8_t)code, 'o', 'k'};
      struct ws_close close;
      assert_int_equal(ws_close_class_of((uint16_t)code), ranges[i].class_of);
      assert_int_equal(ws_close_code_sendable((uint16_t)code),
                       ranges[i].sendable);
      assert_int_equal(ws_close_parse(&close, body, sizeof body),
                       ranges[i].sendable ? WS_FAULT_NONE
                                          : WS_FAULT_CLOSE_CODE);
      assert_int_equal(close.code, code);
      assert_slice(close.reason, "ok");
    }
  }
  assert_int_equal(code, 65536);
}

static void names_are_those_of_the_registry(void **state) {
  (void)state;
  assert_string_equal(ws_close_code_name(1000), "Normal Closure");
  assert_string_equal(ws_close_code_name(1002), "Protocol error");
  assert_string_equal(ws_close_code_name(1006), "Abnormal Closure");
  assert_string_equal(ws_close_code_name(1007), "Invalid frame payload data");
  assert_string_equal(ws_close_code_name(1009), "Message Too Big");
  assert_string_equal(ws_close_code_name(1011), "Internal Error");
  assert_string_equal(ws_close_code_name(1013), "Try Again Later");
  assert_string_equal(ws_close_code_name(1015), "TLS handshake");
  assert_string_equal(ws_close_code_name(3000), "Unauthorized");
  assert_string_equal(ws_close_code_name(3003), "Forbidden");
  assert_string_equal(ws_close_code_name(3008), "Timeout");
  size_t num_named = 0;
  for (uint32_t code = 0; code <= UINT16_MAX; code++) {
    num_named += ws_close_code_name((uint16_t)code) != NULL;
  }
  assert_int_equal(num_named, 16 + 3);
}

static void an_empty_body_is_no_status(void **state) {
  (void)state;
  struct ws_close close = {1, SLICE("x")};
  assert_int_equal(ws_close_parse(&close, NULL, 0), WS_FAULT_NONE);
  assert_int_equal(close.code, WS_CLOSE_NO_STATUS);
  assert_int_equal(close.reason.len, 0);
}

static void one_byte_is_no_body(void **state) {
  (void)state;
  for (unsigned value = 0; value < 256; value++) {
    uint8_t octet = (uint8_t)value;
    uint8_t *body = exact_copy(&octet, 1);
    struct ws_close close;
    assert_int_equal(ws_close_parse(&close, body, 1),
                     WS_FAULT_CLOSE_BODY_LENGTH);
    assert_int_equal(close.code, WS_CLOSE_NO_STATUS);
    assert_int_equal(close.reason.len, 1);
    assert_int_equal(close.reason.data[0], octet);
    free(body);
  }
}

static void the_reason_is_utf8(void **state) {
  (void)state;
  static const struct {
    struct ws_slice body;
    enum ws_fault fault;
  } rows[] = {
      {OCTETS("\x03\xE8"), WS_FAULT_NONE},
      {OCTETS("\x03\xE8\0"), WS_FAULT_NONE},
      {OCTETS("\x03\xE8\xC3\xA9"), WS_FAULT_NONE},
      {OCTETS("\x03\xE8\xC3"), WS_FAULT_CLOSE_REASON_NOT_UTF8},
      {OCTETS("\x03\xE8ok\xED\xA0\x80"), WS_FAULT_CLOSE_REASON_NOT_UTF8},
      /* The code stands first. */
      {OCTETS("\x03\xED\xFF"), WS_FAULT_CLOSE_CODE},
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    size_t len = rows[i].body.len;
    uint8_t *body = exact_copy(rows[i].body.data, len);
    struct ws_close close;
    assert_int_equal(ws_close_parse(&close, body, len), rows[i].fault);
    assert_int_equal(close.code, body[0] << 8 | body[1]);
    assert_int_equal(close.reason.len, len - 2);
    assert_memory_equal(close.reason.data, body + 2, len - 2);
    free(body);
  }
}

static void what_is_written_can_be_read(void **state) {
  (void)state;
  static const uint16_t codes[] = {1000, 1002, 1014, 3000, 4999};
  char text[WS_CLOSE_REASON_MAX];
  memset(text, 'r', sizeof text);
  for (size_t i = 0; i < NUM_OF(codes); i++) {
    for (size_t len = 0; len <= WS_CLOSE_REASON_MAX; len++) {
      uint8_t body[125];
      struct ws_slice reason = {len > 0 ? (uint8_t *)text : NULL, len};
      assert_int_equal(ws_close_write(body, codes[i], reason), 2 + len);
      struct ws_close close;
      assert_int_equal(ws_close_parse(&close, body, 2 + len), WS_FAULT_NONE);
      assert_int_equal(close.code, codes[i]);
      assert_int_equal(close.reason.len, len);
      assert_memory_equal(close.reason.data, text, len);
    }
  }
  uint8_t body[125];
  assert_int_equal(ws_close_write(body, WS_CLOSE_NO_STATUS, SLICE("x")), 0);
  /* Nothing is checked: an instrument writes what may not be sent. */
  assert_int_equal(ws_close_write(body, 1006, SLICE("\xFF")), 3);
  assert_memory_equal(body, "\x03\xEE\xFF", 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_codes_have_their_class),
      cmocka_unit_test(names_are_those_of_the_registry),
      cmocka_unit_test(an_empty_body_is_no_status),
      cmocka_unit_test(one_byte_is_no_body),
      cmocka_unit_test(the_reason_is_utf8),
      cmocka_unit_test(what_is_written_can_be_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
