/* base64. Input: any octets, taken once for data and once for text. Data come
 * back; text is accepted where the reference accepts it, means the same, and is
 * what would be written. */
#include "base64_reference.h"
#include "fuzz.h"
#include "ws/base64.h"

#include <stdlib.h>
#include <string.h>

static void check_data(const uint8_t *data, size_t len) {
  size_t text_len = WS_BASE64_LEN(len);
  uint8_t *text = fuzz_room(text_len);
  uint8_t *back = fuzz_room(text_len / 4 * 3);
  ws_base64_encode((char *)text, data, len);
  size_t back_len;
  FUZZ_CHECK(
      ws_base64_decode(back, &back_len, (struct ws_slice){text, text_len}));
  FUZZ_CHECK(fuzz_same(back, back_len, data, len));
  free(back);
  free(text);
}

static void check_text(const uint8_t *text, size_t len) {
  uint8_t *got = fuzz_room(len / 4 * 3);
  uint8_t *expected = fuzz_room(len);
  size_t got_len = 0;
  size_t expected_len;
  bool accepted = ws_base64_decode(got, &got_len, (struct ws_slice){text, len});
  FUZZ_CHECK(accepted == base64_reference(expected, &expected_len, text, len));
  if (accepted) {
    uint8_t *again = fuzz_room(WS_BASE64_LEN(got_len));
    FUZZ_CHECK(fuzz_same(got, got_len, expected, expected_len));
    ws_base64_encode((char *)again, got, got_len);
    FUZZ_CHECK(fuzz_same(again, WS_BASE64_LEN(got_len), text, len));
    free(again);
  }
  free(expected);
  free(got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  check_data(data, len);
  check_text(data, len);
  return 0;
}
