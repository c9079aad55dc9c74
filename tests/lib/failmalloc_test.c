#include "failmalloc.h"

#include "support.h"

/* Two blocks, one of which grows: three calls that can fail. */
static bool three_calls(struct failmalloc *fm, void *user) {
  const struct ws_allocator *a = &fm->allocator;
  size_t *num_runs = user;
  (*num_runs)++;
  char *grown = a->resize(a->user, NULL, 0, 4);
  if (grown == NULL) {
    return false;
  }
  memcpy(grown, "data", 4);
  bool ok = false;
  char *other = a->resize(a->user, NULL, 0, 100);
  char *larger = a->resize(a->user, grown, 4, 40);
  size_t grown_len = 4;
  if (larger != NULL) {
    grown = larger;
    grown_len = 40;
  }
  assert_memory_equal(grown, "data", 4);
  ok = other != NULL && larger != NULL;
  a->resize(a->user, other, other != NULL ? 100 : 0, 0);
  a->resize(a->user, grown, grown_len, 0);
  return ok;
}

static void each_call_fails_in_turn(void **state) {
  (void)state;
  size_t num_runs = 0;
  assert_int_equal(failmalloc_each(three_calls, &num_runs), 3);
  /* One without failures; then, in both modes, one for each of the three calls
   * and one that finds no fourth. */
  assert_int_equal(num_runs, 1 + 2 * (3 + 1));
}

static void blocks_and_bytes_are_counted(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  const struct ws_allocator *a = &fm.allocator;
  void *first = a->resize(a->user, NULL, 0, 10);
  void *second = a->resize(a->user, NULL, 0, 20);
  assert_int_equal(fm.live_blocks, 2);
  assert_int_equal(fm.live_len, 30);
  first = a->resize(a->user, first, 10, 5);
  assert_int_equal(fm.live_len, 25);
  a->resize(a->user, first, 5, 0);
  assert_int_equal(fm.live_blocks, 1);
  a->resize(a->user, second, 20, 0);
  failmalloc_assert_empty(&fm);
  assert_int_equal(fm.num_calls, 3);
  assert_int_equal(fm.num_failed, 0);
  assert_true(fm.peak_len >= 30);
}

static void the_modes_differ_after_the_failure(void **state) {
  (void)state;
  for (int mode = FAILMALLOC_ONCE; mode <= FAILMALLOC_ON; mode++) {
    struct failmalloc fm;
    failmalloc_init(&fm);
    fm.fail_at = 2;
    fm.mode = (enum failmalloc_mode)mode;
    const struct ws_allocator *a = &fm.allocator;
    void *first = a->resize(a->user, NULL, 0, 1);
    assert_non_null(first);
    assert_null(a->resize(a->user, NULL, 0, 1));
    void *third = a->resize(a->user, NULL, 0, 1);
    assert_int_equal(third != NULL, mode == FAILMALLOC_ONCE);
    a->resize(a->user, first, 1, 0);
    a->resize(a->user, third, third != NULL ? 1 : 0, 0);
    failmalloc_assert_empty(&fm);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_call_fails_in_turn),
      cmocka_unit_test(blocks_and_bytes_are_counted),
      cmocka_unit_test(the_modes_differ_after_the_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
