#include "failmalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COOKIE UINT64_C(0x77732d6661696c6d)

/* A scenario that needs more calls than this does not end. */
#define MAX_CALLS 100000

/* In front of every block. */
struct header {
  _Alignas(max_align_t) uint64_t cookie;
  size_t len;
};

static struct header *header_of(void *ptr, size_t old_len) {
  struct header *header = (struct header *)ptr - 1;
  assert_true(header->cookie == COOKIE);
  assert_int_equal(header->len, old_len);
  return header;
}

static void release(struct failmalloc *fm, struct header *header) {
  fm->live_blocks--;
  fm->live_len -= header->len;
  header->cookie = 0;
  free(header);
}

static bool fails_now(struct failmalloc *fm) {
  fm->num_calls++;
  if (fm->fail_at == 0 || fm->num_calls < fm->fail_at) {
    return false;
  }
  if (fm->num_calls > fm->fail_at && fm->mode == FAILMALLOC_ONCE) {
    return false;
  }
  fm->num_failed++;
  return true;
}

static void *resize(void *user, void *ptr, size_t old_len, size_t new_len) {
  struct failmalloc *fm = user;
  struct header *old = ptr != NULL ? header_of(ptr, old_len) : NULL;
  if (ptr == NULL) {
    assert_int_equal(old_len, 0);
  }
  if (new_len == 0) {
    if (old != NULL) {
      release(fm, old);
    }
    return NULL;
  }
  if (fails_now(fm)) {
    return NULL;
  }
  assert_true(new_len <= SIZE_MAX - sizeof(struct header));
  struct header *header = malloc(sizeof(struct header) + new_len);
  assert_non_null(header);
  header->cookie = COOKIE;
  header->len = new_len;
  /* Always moved and never zeroed: who relies on either is found. */
  memset(header + 1, 0xA5, new_len);
  if (old != NULL) {
    memcpy(header + 1, ptr, old_len < new_len ? old_len : new_len);
    release(fm, old);
  }
  fm->live_blocks++;
  fm->live_len += new_len;
  if (fm->live_len > fm->peak_len) {
    fm->peak_len = fm->live_len;
  }
  return header + 1;
}

void failmalloc_init(struct failmalloc *fm) {
  memset(fm, 0, sizeof *fm);
  fm->allocator.resize = resize;
  fm->allocator.user = fm;
}

void failmalloc_assert_empty(const struct failmalloc *fm) {
  if (fm->live_blocks != 0 || fm->live_len != 0) {
    fail_msg("%zu blocks (%zu bytes) are left, call %zu of %zu failed",
             fm->live_blocks, fm->live_len, fm->fail_at, fm->num_calls);
  }
}

/* Runs until no call is left that could fail. Returns the calls of the last
 * run, the one without a failure. */
static size_t each(failmalloc_scenario *scenario, void *user,
                   enum failmalloc_mode mode, bool lenient) {
  for (size_t n = 1; n <= MAX_CALLS; n++) {
    struct failmalloc fm;
    failmalloc_init(&fm);
    fm.fail_at = n;
    fm.mode = mode;
    bool ok = scenario(&fm, user);
    failmalloc_assert_empty(&fm);
    if (fm.num_failed == 0) {
      assert_true(ok);
      return fm.num_calls;
    }
    if (ok && !lenient) {
      fail_msg("the scenario did not notice that call %zu failed", n);
    }
  }
  fail_msg("the scenario makes more than %d calls", MAX_CALLS);
  return 0;
}

static size_t each_in_both_modes(failmalloc_scenario *scenario, void *user,
                                 bool lenient) {
  struct failmalloc fm;
  failmalloc_init(&fm);
  assert_true(scenario(&fm, user));
  failmalloc_assert_empty(&fm);
  each(scenario, user, FAILMALLOC_ONCE, lenient);
  each(scenario, user, FAILMALLOC_ON, lenient);
  return fm.num_calls;
}

size_t failmalloc_each(failmalloc_scenario *scenario, void *user) {
  return each_in_both_modes(scenario, user, false);
}

size_t failmalloc_each_lenient(failmalloc_scenario *scenario, void *user) {
  return each_in_both_modes(scenario, user, true);
}
