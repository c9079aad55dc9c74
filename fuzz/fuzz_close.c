/* The body of a Close frame. Input: its octets. Judged as a table of RFC 6455
 * 7.4 and the reference of UTF-8 judge it, and written again it is the same. */
#include "fuzz.h"
#include "utf8_reference.h"
#include "ws/close.h"
#include "ws/frame.h"

#include <stdlib.h>
#include <string.h>

/* 7.4.1, 7.4.2 and what IANA has registered since. */
static const struct {
  uint16_t first, last;
  enum ws_close_class class;
} classes[] = {
    {0, 999, WS_CLOSE_OUT_OF_RANGE},   {1000, 1003, WS_CLOSE_DEFINED},
    {1004, 1006, WS_CLOSE_RESERVED},   {1007, 1011, WS_CLOSE_DEFINED},
    {1012, 1014, WS_CLOSE_REGISTERED}, {1015, 1015, WS_CLOSE_RESERVED},
    {1016, 2999, WS_CLOSE_UNASSIGNED}, {3000, 3999, WS_CLOSE_LIBRARY},
    {4000, 4999, WS_CLOSE_PRIVATE},    {5000, 65535, WS_CLOSE_OUT_OF_RANGE},
};

static bool may_be_sent(uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

static void check_code(uint16_t code) {
  for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
    if (code >= classes[i].first && code <= classes[i].last) {
      FUZZ_CHECK(ws_close_class_of(code) == classes[i].class);
    }
  }
  FUZZ_CHECK(ws_close_code_sendable(code) == may_be_sent(code));
}

static enum ws_fault expected(const uint8_t *body, size_t len, uint16_t code) {
  if (len < 2) {
    return len == 0 ? WS_FAULT_NONE : WS_FAULT_CLOSE_BODY_LENGTH;
  }
  if (!may_be_sent(code)) {
    return WS_FAULT_CLOSE_CODE;
  }
  return utf8_reference(body + 2, len - 2).whole
             ? WS_FAULT_NONE
             : WS_FAULT_CLOSE_REASON_NOT_UTF8;
}

static void check_body(const uint8_t *body, size_t len) {
  struct ws_close close;
  uint8_t out[WS_CONTROL_MAX];
  uint16_t code = WS_CLOSE_NO_STATUS;
  if (len >= 2) {
    code = (uint16_t)(body[0] * 256 + body[1]);
  }
  size_t before = len >= 2 ? 2 : 0;
  check_code(code);
  FUZZ_CHECK(ws_close_parse(&close, body, len) == expected(body, len, code));
  FUZZ_CHECK(close.code == code);
  FUZZ_CHECK(fuzz_same(close.reason.data, close.reason.len, body + before,
                       len - before));
  /* 1005 in a body is read as it stands; written, it means no body. */
  if (len >= 2 && len <= sizeof(out) && code != WS_CLOSE_NO_STATUS) {
    size_t out_len = ws_close_write(out, close.code, close.reason);
    FUZZ_CHECK(fuzz_same(out, out_len, body, len));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  uint8_t *body = fuzz_copy(data, len);
  check_body(body, len);
  free(body);
  return 0;
}
