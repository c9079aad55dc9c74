#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "arena.h"

static void test_alignment_and_zeros(void **state) {
  (void)state;
  struct wsc_arena arena;
  wsc_arena_init(&arena);
  uint8_t *last = NULL;
  for (size_t len = 0; len < 300; len++) {
    uint8_t *bytes = wsc_arena_alloc(&arena, len);
    assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
    for (size_t i = 0; i < len; i++) {
      assert_int_equal(bytes[i], 0);
    }
    memset(bytes, 0xA5, len);
    if (last != NULL) {
      assert_int_equal(last[len - 2], 0xA5); /* nothing overlaps */
    }
    last = len == 0 ? NULL : bytes;
  }
  wsc_arena_free(&arena);
  wsc_arena_free(&arena); /* an empty one */
}

static void test_large(void **state) {
  (void)state;
  struct wsc_arena arena;
  wsc_arena_init(&arena);
  char *small = wsc_arena_alloc(&arena, 8);
  char *large = wsc_arena_alloc(&arena, 1u << 20);
  memset(large, 1, 1u << 20);
  /* the block of the small ones is still in use behind a large one */
  assert_ptr_equal(wsc_arena_alloc(&arena, 8), small + sizeof(max_align_t));
  assert_int_equal(small[7], 0);
  wsc_arena_free(&arena);
}

static void test_text(void **state) {
  (void)state;
  struct wsc_arena arena;
  wsc_arena_init(&arena);
  assert_memory_equal(wsc_arena_copy(&arena, "a\0b", 3), "a\0b", 4);
  assert_string_equal(wsc_arena_copy(&arena, NULL, 0), "");
  assert_string_equal(wsc_arena_printf(&arena, "%s-%d", "x", 7), "x-7");
  char *wide = wsc_arena_printf(&arena, "%10000d", 1);
  assert_int_equal(strlen(wide), 10000);
  wsc_arena_free(&arena);
}

static void test_grow(void **state) {
  (void)state;
  struct wsc_arena arena;
  wsc_arena_init(&arena);
  size_t *items = NULL;
  size_t cap = 0;
  for (size_t i = 0; i < 1000; i++) {
    items = wsc_arena_grow(&arena, items, i, &cap, sizeof *items);
    assert_true(cap > i);
    items[i] = i;
  }
  for (size_t i = 0; i < 1000; i++) {
    assert_int_equal(items[i], i);
  }
  wsc_arena_free(&arena);
}

static void test_heap(void **state) {
  (void)state;
  void *nothing = wsc_malloc(0);
  assert_non_null(nothing);
  nothing = wsc_realloc(nothing, 0);
  assert_non_null(nothing);
  free(nothing);
  char *copy = wsc_strdup("text");
  assert_string_equal(copy, "text");
  free(copy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alignment_and_zeros),
      cmocka_unit_test(test_large),
      cmocka_unit_test(test_text),
      cmocka_unit_test(test_grow),
      cmocka_unit_test(test_heap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
