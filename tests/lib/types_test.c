#include "ws/types.h"

#include "support.h"

static void every_status_has_a_text_of_its_own(void **state) {
  (void)state;
  for (int i = WS_OK; i <= WS_ERR_ACCESS; i++) {
    const char *text = ws_status_text((enum ws_status)i);
    assert_string_not_equal(text, "");
    assert_string_not_equal(text, ws_status_text((enum ws_status)99));
    for (int j = WS_OK; j < i; j++) {
      assert_string_not_equal(text, ws_status_text((enum ws_status)j));
    }
  }
}

static void slices_compare_octet_by_octet(void **state) {
  (void)state;
  assert_true(ws_slice_equals(SLICE("abc"), "abc"));
  assert_false(ws_slice_equals(SLICE("abc"), "abC"));
  assert_false(ws_slice_equals(SLICE("a"), "b"));
  assert_false(ws_slice_equals(SLICE("abc"), "ab"));
  assert_false(ws_slice_equals(SLICE("ab"), "abc"));
  assert_false(ws_slice_equals(SLICE("a\0b"), "a"));
  assert_true(ws_slice_equals((struct ws_slice){NULL, 0}, ""));
  assert_false(ws_slice_equals((struct ws_slice){NULL, 0}, "a"));
  assert_slice(ws_slice_of("text"), "text");
}

/* Of all pairs of bytes, exactly the 26 letters have a second form. */
static void only_ascii_letters_ignore_case(void **state) {
  (void)state;
  for (unsigned a = 1; a < 256; a++) {
    for (unsigned b = 1; b < 256; b++) {
      uint8_t octet = (uint8_t)a;
      const char text[2] = {(char)b, '\0'};
      unsigned low = a < b ? a : b;
      unsigned high = a < b ? b : a;
      bool equal = a == b || (low >= 'A' && low <= 'Z' && high == low + 32);
      assert_int_equal(
          ws_slice_equals_nocase((struct ws_slice){&octet, 1}, text), equal);
    }
  }
  assert_true(ws_slice_equals_nocase(SLICE("WebSocket"), "websocket"));
  assert_false(ws_slice_equals_nocase(SLICE("WebSocket"), "websockets"));
  assert_true(ws_slice_equals_nocase((struct ws_slice){NULL, 0}, ""));
}

static void the_libc_allocator_grows_shrinks_and_frees(void **state) {
  (void)state;
  const struct ws_allocator *libc = ws_allocator_libc();
  char *block = libc->resize(libc->user, NULL, 0, 3);
  assert_non_null(block);
  memcpy(block, "abc", 3);
  block = libc->resize(libc->user, block, 3, 10000);
  assert_non_null(block);
  assert_memory_equal(block, "abc", 3);
  block = libc->resize(libc->user, block, 10000, 2);
  assert_non_null(block);
  assert_memory_equal(block, "ab", 2);
  assert_null(libc->resize(libc->user, block, 2, 0));
  assert_null(libc->resize(libc->user, NULL, 0, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_status_has_a_text_of_its_own),
      cmocka_unit_test(slices_compare_octet_by_octet),
      cmocka_unit_test(only_ascii_letters_ignore_case),
      cmocka_unit_test(the_libc_allocator_grows_shrinks_and_frees),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
