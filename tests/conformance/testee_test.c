/* The commands of the testee contract, as our own peers read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "testee.h"

static struct wsc_do parse(const char *text) {
  return wsc_do_parse((const uint8_t *)text, strlen(text));
}

static void test_what_is_none(void **state) {
  (void)state;
  static const char *const others[] = {"",
                                       "wsspec:do",
                                       "wsspec:do ",
                                       "wsspec:do dance",
                                       "wsspec:do  ping",
                                       "Wsspec:do ping",
                                       " wsspec:do ping",
                                       "wsspec:do closed",
                                       "wsspec:do close x",
                                       "wsspec:do close -1",
                                       "wsspec:do close 65536",
                                       "wsspec:do close 000000",
                                       "wsspec:do close  1000"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    assert_int_equal(parse(others[i]).kind, WSC_DO_NONE);
  }
}

static void assert_rest(const struct wsc_do *message, const char *rest) {
  assert_int_equal(message->rest_len, strlen(rest));
  assert_memory_equal(message->rest, rest, message->rest_len);
}

static void test_close(void **state) {
  (void)state;
  struct wsc_do message = parse("wsspec:do close");
  assert_int_equal(message.kind, WSC_DO_CLOSE);
  assert_false(message.has_code);
  message = parse("wsspec:do close 4000");
  assert_true(message.has_code);
  assert_int_equal(message.code, 4000);
  assert_rest(&message, "");
  message = parse("wsspec:do close 65535 two words");
  assert_int_equal(message.code, 65535);
  assert_rest(&message, "two words");
}

static void test_rest(void **state) {
  (void)state;
  struct wsc_do message = parse("wsspec:do ping a  b");
  assert_int_equal(message.kind, WSC_DO_PING);
  assert_rest(&message, "a  b");
  message = parse("wsspec:do drop");
  assert_int_equal(message.kind, WSC_DO_DROP);
  message = parse("wsspec:do list");
  assert_int_equal(message.kind, WSC_DO_LIST);
}

static void test_words(void **state) {
  (void)state;
  struct wsc_do message = parse("wsspec:do fragments ab c  d");
  static const char *const expected[] = {"ab", "c", "", "d"};
  const uint8_t *word;
  size_t len;
  assert_int_equal(message.kind, WSC_DO_FRAGMENTS);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    assert_true(wsc_do_word(&message, &word, &len));
    assert_int_equal(len, strlen(expected[i]));
    assert_memory_equal(word, expected[i], len);
  }
  assert_false(wsc_do_word(&message, &word, &len));
}

static void test_set(void **state) {
  (void)state;
  assert_int_equal(wsc_do_set(""), 0);
  assert_int_equal(wsc_do_set("dance list none"), 0);
  assert_int_equal(wsc_do_set("ping  drop"),
                   1u << WSC_DO_PING | 1u << WSC_DO_DROP);
  assert_int_equal(wsc_do_set(WSC_DO_ALL), (1u << WSC_NUM_DO) - 1);
  for (unsigned i = 0; i < WSC_NUM_DO; i++) {
    assert_int_equal(wsc_do_set(wsc_do_name((enum wsc_do_kind)i)), 1u << i);
  }
}

static void test_write(void **state) {
  (void)state;
  char text[64];
  wsc_do_write(text, sizeof text, (1u << WSC_NUM_DO) - 1);
  assert_string_equal(text, WSC_DO_ALL);
  wsc_do_write(text, sizeof text, 1u << WSC_DO_DROP);
  assert_string_equal(text, "drop");
  wsc_do_write(text, sizeof text, 0);
  assert_string_equal(text, "");
  wsc_do_write(text, 8, (1u << WSC_NUM_DO) - 1);
  assert_string_equal(text, "close p");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_none), cmocka_unit_test(test_close),
      cmocka_unit_test(test_rest),         cmocka_unit_test(test_words),
      cmocka_unit_test(test_set),          cmocka_unit_test(test_write),
  };
  return cmocka_run_group_tests_name("testee", tests, NULL, NULL);
}
