#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "csv.h"
#include "requirements.h"

static void test_csv_quoting(void **state) {
  (void)state;
  char text[] = "a,\"b,\"\"c\"\"\nd\",e\r\n,,\n\"\"\n\"open";
  struct wsc_csv csv = {text, text + sizeof text - 1};
  const char *fields[4];
  assert_int_equal(wsc_csv_row(&csv, fields, 4), 3);
  assert_string_equal(fields[0], "a");
  assert_string_equal(fields[1], "b,\"c\"\nd");
  assert_string_equal(fields[2], "e");
  assert_int_equal(wsc_csv_row(&csv, fields, 4), 3);
  assert_string_equal(fields[2], "");
  assert_int_equal(wsc_csv_row(&csv, fields, 4), 1);
  assert_string_equal(fields[0], "");
  assert_int_equal(wsc_csv_row(&csv, fields, 4), 1);
  assert_string_equal(fields[0], "open");
  assert_int_equal(wsc_csv_row(&csv, fields, 4), 0);
}

static void test_csv_surplus_fields(void **state) {
  (void)state;
  char text[] = "a,b,c,d\ne";
  struct wsc_csv csv = {text, text + sizeof text - 1};
  const char *fields[2];
  assert_int_equal(wsc_csv_row(&csv, fields, 2), 2);
  assert_string_equal(fields[1], "b");
  assert_int_equal(wsc_csv_row(&csv, fields, 2), 1);
  assert_string_equal(fields[0], "e");
}

static int is_one_of(const char *word, const char *const *words) {
  for (; *words != NULL; words++) {
    if (strcmp(word, *words) == 0) {
      return 1;
    }
  }
  return 0;
}

static void test_every_row_is_whole(void **state) {
  (void)state;
  static const char *const levels[] = {"MUST", "SHOULD", "MAY", NULL};
  static const char *const roles[] = {"both", "client",       "server",
                                      "api",  "intermediary", NULL};
  static const char *const testable[] = {"blackbox-both",   "blackbox-client",
                                         "blackbox-server", "lib-only",
                                         "untestable",      NULL};
  size_t num;
  const struct wsc_requirement *rows = wsc_requirements(&num);
  assert_true(num > 500);
  for (size_t i = 0; i < num; i++) {
    assert_true(strncmp(rows[i].id, rows[i].rfc, strlen(rows[i].rfc)) == 0);
    assert_true(is_one_of(rows[i].level, levels));
    assert_true(is_one_of(rows[i].role, roles));
    assert_true(is_one_of(rows[i].testable, testable));
    assert_true(strlen(rows[i].statement) > 10);
    assert_int_equal(rows[i].tests[0] != '\0',
                     strcmp(rows[i].testable, "lib-only") == 0);
    assert_ptr_equal(wsc_requirement_find(rows[i].id), &rows[i]);
  }
  assert_null(wsc_requirement_find("6455-99-01"));
  assert_null(wsc_requirement_find(""));
}

static void test_urls(void **state) {
  (void)state;
  char url[128];
  struct wsc_requirement row = {.rfc = "6455", .section = "5.5.3"};
  wsc_requirement_url(&row, url, sizeof url);
  assert_string_equal(url,
                      "https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3");
  row = (struct wsc_requirement){.rfc = "WHATWG", .section = "gc"};
  wsc_requirement_url(&row, url, sizeof url);
  assert_string_equal(url,
                      "https://websockets.spec.whatwg.org/#garbage-collection");
}

static void test_reason_of_the_table(void **state) {
  (void)state;
  struct wsc_requirement row = {.rfc = "6455",
                                .role = "server",
                                .testable = "blackbox-server",
                                .uncovered = "needs a trigger"};
  struct wsc_coverage coverage = {.servers = true, .filtered = true};
  assert_string_equal(wsc_uncovered_reason(&row, &coverage), "needs a trigger");
  /* It is about servers. */
  coverage = (struct wsc_coverage){.clients = true};
  assert_string_equal(wsc_uncovered_reason(&row, &coverage),
                      "not a client requirement");
  coverage = (struct wsc_coverage){.covered = true, .servers = true};
  assert_null(wsc_uncovered_reason(&row, &coverage));
  row.uncovered = "";
  coverage.covered = false;
  assert_string_equal(wsc_uncovered_reason(&row, &coverage), "not yet covered");
  coverage.filtered = true;
  assert_string_equal(wsc_uncovered_reason(&row, &coverage),
                      "no case of this selection");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_csv_quoting),
      cmocka_unit_test(test_csv_surplus_fields),
      cmocka_unit_test(test_every_row_is_whole),
      cmocka_unit_test(test_urls),
      cmocka_unit_test(test_reason_of_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
