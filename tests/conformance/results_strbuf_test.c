#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "strbuf.h"

static void check_escape(const char *data, size_t len, enum wsc_escape escape,
                         const char *expected) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  /* A buffer of its own size: a read past its end is seen. */
  char *exact = malloc(len == 0 ? 1 : len);
  assert_non_null(exact);
  memcpy(exact, data, len);
  wsc_strbuf_escape(&text, exact, len, escape);
  char *got = wsc_strbuf_take(&text);
  assert_string_equal(got, expected);
  free(got);
  free(exact);
}

static void test_escape_keeps_printable_text(void **state) {
  (void)state;
  check_escape("", 0, WSC_ESCAPE_TEXT, "");
  check_escape("plain <b>", 9, WSC_ESCAPE_TEXT, "plain <b>");
  check_escape("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, WSC_ESCAPE_OCTETS,
               "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
}

static void test_escape_control_octets(void **state) {
  (void)state;
  check_escape("a\0b\x1b\x7f", 5, WSC_ESCAPE_TEXT, "a\\x00b\\x1B\\x7F");
  check_escape("\r\n\t", 3, WSC_ESCAPE_TEXT, "\\r\\n\\t");
  check_escape("\xC2\x85", 2, WSC_ESCAPE_TEXT, "\\xC2\\x85"); /* C1: NEL */
}

static void test_escape_invalid_utf8(void **state) {
  (void)state;
  check_escape("\xC0\xAF", 2, WSC_ESCAPE_TEXT, "\\xC0\\xAF");
  check_escape("\xED\xA0\x80", 3, WSC_ESCAPE_TEXT, "\\xED\\xA0\\x80");
  check_escape("\xF4\x90\x80\x80", 4, WSC_ESCAPE_TEXT, "\\xF4\\x90\\x80\\x80");
  check_escape("\xE2\x82", 2, WSC_ESCAPE_TEXT, "\\xE2\\x82");
  check_escape("\xE2\x82z", 3, WSC_ESCAPE_TEXT, "\\xE2\\x82z");
  check_escape("\xFF\x80", 2, WSC_ESCAPE_TEXT, "\\xFF\\x80");
}

/* NOLINTBEGIN(misc-misleading-bidirectional): on purpose. */
static void test_escape_what_misleads(void **state) {
  (void)state;
  check_escape("\xE2\x80\xAE", 3, WSC_ESCAPE_TEXT, "\\xE2\\x80\\xAE"); /* RLO */
  check_escape("\xE2\x81\xA6", 3, WSC_ESCAPE_TEXT, "\\xE2\\x81\\xA6"); /* LRI */
  check_escape("\xEF\xBB\xBF", 3, WSC_ESCAPE_TEXT, "\\xEF\\xBB\\xBF"); /* BOM */
  check_escape("\xEF\xBF\xBE", 3, WSC_ESCAPE_TEXT, "\\xEF\\xBF\\xBE");
  check_escape("\xF3\xA0\x81\x81", 4, WSC_ESCAPE_TEXT, "\\xF3\\xA0\\x81\\x81");
}
/* NOLINTEND(misc-misleading-bidirectional) */

static void test_escape_backslash(void **state) {
  (void)state;
  check_escape("\\x41", 4, WSC_ESCAPE_OCTETS, "\\\\x41");
  check_escape("\\x41", 4, WSC_ESCAPE_TEXT, "\\x41");
}

static void test_every_scalar_decodes_to_itself(void **state) {
  (void)state;
  for (uint32_t scalar = 0x80; scalar < 0x110000; scalar++) {
    uint8_t utf8[4];
    uint32_t got = 0;
    size_t len = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    utf8[0] = (uint8_t)((0xF0u << (4 - len)) | scalar >> (6 * (len - 1)));
    for (size_t i = 1; i < len; i++) {
      utf8[i] = (uint8_t)(0x80 | (scalar >> (6 * (len - 1 - i)) & 0x3F));
    }
    if (scalar >= 0xD800 && scalar <= 0xDFFF) {
      assert_int_equal(wsc_utf8_scalar(utf8, len, &got), 0);
      continue;
    }
    assert_int_equal(wsc_utf8_scalar(utf8, len, &got), len);
    assert_int_equal(got, scalar);
  }
}

static void test_growth_keeps_what_stands(void **state) {
  (void)state;
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  for (int i = 0; i < 1000; i++) {
    wsc_strbuf_printf(&text, "%d,", i % 10);
  }
  wsc_strbuf_hex(&text, "\x00\xFF", 2);
  assert_int_equal(text.len, 2004);
  assert_string_equal(text.data + 1996, "8,9,00ff");
  wsc_strbuf_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_escape_keeps_printable_text),
      cmocka_unit_test(test_escape_control_octets),
      cmocka_unit_test(test_escape_invalid_utf8),
      cmocka_unit_test(test_escape_what_misleads),
      cmocka_unit_test(test_escape_backslash),
      cmocka_unit_test(test_every_scalar_decodes_to_itself),
      cmocka_unit_test(test_growth_keeps_what_stands),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
