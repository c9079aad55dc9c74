#include "ws/fault.h"

#include "support.h"

#include <ctype.h>

static void every_fault_has_an_entry_of_its_own(void **state) {
  (void)state;
  for (int i = 1; i < WS_FAULT_COUNT; i++) {
    const struct ws_fault_info *info = ws_fault_info((enum ws_fault)i);
    for (int j = 0; j < i; j++) {
      const struct ws_fault_info *other = ws_fault_info((enum ws_fault)j);
      assert_string_not_equal(info->name, other->name);
      assert_string_not_equal(info->text, other->text);
    }
  }
}

/* Where a status code and an HTTP status may stand together: nowhere. */
static void codes_belong_to_the_phase(void **state) {
  (void)state;
  for (int i = 1; i < WS_FAULT_COUNT; i++) {
    const struct ws_fault_info *info = ws_fault_info((enum ws_fault)i);
    bool handshake = i < WS_FAULT_RSV;
    if (handshake) {
      assert_int_equal(info->close_code, 0);
      assert_true(info->http_status == 0 ||
                  (info->http_status >= 400 && info->http_status <= 505));
      assert_int_equal(info->http_status == 0, i >= WS_FAULT_STATUS);
    } else {
      assert_int_equal(info->http_status, 0);
      assert_in_range(info->close_code, 1002, 1009);
    }
  }
}

static void texts_are_printable(void **state) {
  (void)state;
  for (int i = 1; i < WS_FAULT_COUNT; i++) {
    const struct ws_fault_info *info = ws_fault_info((enum ws_fault)i);
    size_t len = strlen(info->text);
    assert_true(len > 0 && len < 80);
    assert_true(info->text[len - 1] != '.');
    /* "5.2" of RFC 6455, or "RFC 7692 7.1". */
    const char *clause = info->clause;
    clause += strncmp(clause, "RFC 7692 ", 9) == 0 ? 9 : 0;
    assert_true(isdigit((unsigned char)clause[0]));
    assert_int_equal(strspn(clause, "0123456789."), strlen(clause));
  }
}

static void entries_stand_at_their_fault(void **state) {
  (void)state;
  assert_string_equal(ws_fault_info(WS_FAULT_RSV)->name, "RSV");
  assert_int_equal(ws_fault_info(WS_FAULT_RSV)->close_code, 1002);
  assert_string_equal(ws_fault_info(WS_FAULT_NOT_MASKED)->clause, "5.1");
  assert_int_equal(ws_fault_info(WS_FAULT_METHOD)->http_status, 405);
  assert_int_equal(ws_fault_info(WS_FAULT_VERSION_UNSUPPORTED)->http_status,
                   426);
  assert_int_equal(ws_fault_info(WS_FAULT_TEXT_NOT_UTF8)->close_code, 1007);
  assert_int_equal(ws_fault_info(WS_FAULT_MESSAGE_TOO_BIG)->close_code, 1009);
  assert_int_equal(ws_fault_info(WS_FAULT_ENDED_WITHOUT_CLOSE)->close_code,
                   1006);
}

static void no_fault_and_strangers_are_none(void **state) {
  (void)state;
  static const int strangers[] = {WS_FAULT_NONE, WS_FAULT_COUNT,
                                  WS_FAULT_COUNT + 1, -1, 1 << 30};
  for (size_t i = 0; i < NUM_OF(strangers); i++) {
    const struct ws_fault_info *info =
        ws_fault_info((enum ws_fault)strangers[i]);
    assert_string_equal(info->name, "NONE");
    assert_int_equal(info->close_code, 0);
    assert_non_null(info->clause);
    assert_non_null(info->text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_fault_has_an_entry_of_its_own),
      cmocka_unit_test(codes_belong_to_the_phase),
      cmocka_unit_test(texts_are_printable),
      cmocka_unit_test(entries_stand_at_their_fault),
      cmocka_unit_test(no_fault_and_strangers_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
