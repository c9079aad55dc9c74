/* What each format looks like, byte for byte: of a run with every verdict, of
 * two targets and an interrupt, and of a document that was made to do harm.
 * After a change that is meant: UPDATE_GOLDEN=1, and read the difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats_support.h"
#include "poison.h"
#include "run_fixture.h"

static const char *const names[] = {"junit", "tap",    "sarif", "markdown",
                                    "badge", "github", "pcapng"};
static const char *const endings[] = {"xml", "tap",    "sarif", "md",
                                      "svg", "github", "pcapng"};

static void check(const struct wsc_run *run, const char *stem) {
  assert_non_null(run);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char file[64];
    size_t len;
    size_t again_len;
    char *text = format_render(run, names[i], WSC_FAIL_ON_OF_RUN, &len);
    char *again = format_render(run, names[i], WSC_FAIL_ON_OF_RUN, &again_len);
    assert_int_equal(len, again_len);
    assert_memory_equal(text, again, len);
    if (strcmp(names[i], "pcapng") != 0) {
      assert_printable(text, len);
    }
    snprintf(file, sizeof file, "%s.%s", stem, endings[i]);
    assert_golden(file, text, len);
    free(text);
    free(again);
  }
}

static void test_every_verdict(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  check(run, "run");
  wsc_run_free(run);
}

static void test_two_targets_interrupted(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  check(run, "matrix");
  wsc_run_free(run);
}

static void test_hostile_document(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  struct wsc_run *hostile = poisoned(run, poison);
  check(hostile, "hostile");
  wsc_run_free(hostile);
  wsc_run_free(run);
}

/* -- Autobahn ----------------------------------------------------------- */

static bool keep(void *user, const char *name, const char *data, size_t len) {
  struct wsc_strbuf *all = user;
  assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_."),
                   strlen(name));
  assert_int_not_equal(name[0], '.');
  wsc_strbuf_printf(all, "== %s\n", name);
  wsc_strbuf_add(all, data, len);
  return true;
}

static void check_autobahn(const struct wsc_run *run, const char *file) {
  struct wsc_strbuf all;
  wsc_strbuf_init(&all);
  assert_non_null(run);
  assert_true(wsc_format_autobahn(run, keep, &all));
  assert_printable(all.data, all.len);
  assert_golden(file, all.data, all.len);
  wsc_strbuf_free(&all);
}

static void test_autobahn(void **state) {
  (void)state;
  struct wsc_run *run = fixture_run(6);
  struct wsc_run *matrix = fixture_matrix();
  struct wsc_run *hostile = poisoned(run, poison);
  check_autobahn(run, "run.autobahn");
  check_autobahn(matrix, "matrix.autobahn");
  check_autobahn(hostile, "hostile.autobahn");
  wsc_run_free(hostile);
  wsc_run_free(matrix);
  wsc_run_free(run);
}

static bool refuse(void *user, const char *name, const char *data, size_t len) {
  (void)name, (void)data, (void)len;
  ++*(int *)user;
  return false;
}

static void test_autobahn_ends_where_it_is_told(void **state) {
  (void)state;
  struct wsc_run *run = fixture_matrix();
  int calls = 0;
  assert_false(wsc_format_autobahn(run, refuse, &calls));
  assert_int_equal(calls, 1);
  wsc_run_free(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_verdict),
      cmocka_unit_test(test_two_targets_interrupted),
      cmocka_unit_test(test_hostile_document),
      cmocka_unit_test(test_autobahn),
      cmocka_unit_test(test_autobahn_ends_where_it_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
