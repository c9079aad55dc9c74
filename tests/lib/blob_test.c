#include "ws/blob.h"

#include "failmalloc.h"
#include "support.h"

/* Owned by the caller. */
static struct ws_blob *blob_of(struct failmalloc *fm, const char *text) {
  struct ws_blob *blob = ws_blob_new(&fm->allocator, text, strlen(text));
  assert_non_null(blob);
  return blob;
}

/* Gives `left` and `right` up. */
static struct ws_blob *join(struct failmalloc *fm, struct ws_blob *left,
                            struct ws_blob *right) {
  struct ws_blob *parts[] = {left, right};
  struct ws_blob *blob = ws_blob_concat(&fm->allocator, parts, 2);
  assert_non_null(blob);
  ws_blob_unref(left);
  ws_blob_unref(right);
  return blob;
}

/* Whole, chunk by chunk, and from every offset in every length. */
static void assert_blob(const struct ws_blob *blob, const char *expected) {
  size_t size = strlen(expected);
  assert_int_equal(ws_blob_size(blob), size);
  size_t at = 0;
  for (size_t i = 0; i < ws_blob_num_chunks(blob); i++) {
    struct ws_slice chunk = ws_blob_chunk(blob, i);
    assert_in_range(chunk.len, 1, size - at);
    assert_memory_equal(chunk.data, expected + at, chunk.len);
    at += chunk.len;
  }
  assert_int_equal(at, size);
  for (size_t offset = 0; offset <= size + 1; offset++) {
    for (size_t len = 0; len <= size + 1; len++) {
      size_t left = offset < size ? size - offset : 0;
      size_t due = len < left ? len : left;
      uint8_t *out = malloc(len + 1);
      assert_non_null(out);
      out[due] = 0xEE;
      assert_int_equal(ws_blob_read(blob, offset, out, len), due);
      assert_int_equal(out[due], 0xEE);
      assert_memory_equal(out, expected + (due > 0 ? offset : 0), due);
      free(out);
    }
  }
}

static void a_blob_copies_its_bytes(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  char text[] = "hello";
  struct ws_blob *blob = blob_of(&fm, text);
  text[0] = 'j';
  assert_blob(blob, "hello");
  assert_int_equal(ws_blob_num_chunks(blob), 1);
  ws_blob_unref(blob);
  failmalloc_assert_empty(&fm);
}

static void libc_serves_where_no_allocator_is_given(void **state) {
  (void)state;
  struct ws_blob *blob = ws_blob_new(NULL, "ab", 2);
  struct ws_blob *parts[] = {blob, blob};
  struct ws_blob *twice = ws_blob_concat(NULL, parts, 2);
  assert_blob(twice, "abab");
  ws_blob_unref(blob);
  ws_blob_unref(twice);
  ws_blob_unref(NULL);
}

static void empty_blobs_have_no_chunk(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  struct ws_blob *empty = ws_blob_new(&fm.allocator, NULL, 0);
  assert_non_null(empty);
  assert_int_equal(ws_blob_num_chunks(empty), 0);
  assert_blob(empty, "");
  struct ws_blob *none = ws_blob_concat(&fm.allocator, NULL, 0);
  assert_blob(none, "");
  struct ws_blob *text = join(&fm, empty, blob_of(&fm, "x"));
  text = join(&fm, text, none);
  assert_int_equal(ws_blob_num_chunks(text), 1);
  assert_blob(text, "x");
  ws_blob_unref(text);
  failmalloc_assert_empty(&fm);
}

struct release {
  size_t num_calls;
  void *data;
  size_t len;
};

static void on_release(void *user, void *data, size_t len) {
  struct release *release = user;
  release->num_calls++;
  release->data = data;
  release->len = len;
}

static void adopted_memory_is_released_with_its_last_reference(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  struct release release = {0};
  char data[] = "0123456789";
  struct ws_blob *blob =
      ws_blob_adopt(&fm.allocator, data, 10, on_release, &release);
  assert_blob(blob, "0123456789");
  assert_ptr_equal(ws_blob_chunk(blob, 0).data, data);
  struct ws_blob *slice = ws_blob_slice(blob, 3, 5);
  struct ws_blob *parts[] = {slice, slice};
  struct ws_blob *twice = ws_blob_concat(&fm.allocator, parts, 2);
  assert_ptr_equal(ws_blob_ref(blob), blob);
  ws_blob_unref(blob);
  ws_blob_unref(blob);
  ws_blob_unref(slice);
  assert_int_equal(release.num_calls, 0);
  assert_blob(twice, "3434");
  assert_ptr_equal(ws_blob_chunk(twice, 1).data, data + 3);
  ws_blob_unref(twice);
  assert_int_equal(release.num_calls, 1);
  assert_ptr_equal(release.data, data);
  assert_int_equal(release.len, 10);
  failmalloc_assert_empty(&fm);
}

static void adopting_nothing_releases_at_once(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  struct release release = {0};
  char data[1];
  struct ws_blob *blob =
      ws_blob_adopt(&fm.allocator, data, 0, on_release, &release);
  assert_blob(blob, "");
  assert_int_equal(release.num_calls, 1);
  ws_blob_unref(blob);
  assert_int_equal(release.num_calls, 1);
  struct ws_blob *borrowed = ws_blob_adopt(&fm.allocator, "xy", 2, NULL, NULL);
  assert_blob(borrowed, "xy");
  ws_blob_unref(borrowed);
  failmalloc_assert_empty(&fm);
}

static void every_slice_of_a_chunked_blob(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  static const char text[] = "abcdefghij";
  size_t size = sizeof text - 1;
  struct ws_blob *blob =
      join(&fm, blob_of(&fm, "a"),
           join(&fm, blob_of(&fm, "bcd"),
                join(&fm, blob_of(&fm, "ef"), blob_of(&fm, "ghij"))));
  assert_int_equal(ws_blob_num_chunks(blob), 4);
  assert_blob(blob, text);
  for (size_t begin = 0; begin <= size + 1; begin++) {
    for (size_t end = 0; end <= size + 1; end++) {
      char expected[sizeof text] = "";
      size_t stop = end < size ? end : size;
      size_t len = begin < stop ? stop - begin : 0;
      memcpy(expected, text + (len > 0 ? begin : 0), len);
      struct ws_blob *slice = ws_blob_slice(blob, begin, end);
      assert_blob(slice, expected);
      struct ws_blob *again = ws_blob_slice(slice, 1, UINT64_MAX);
      assert_blob(again, len > 0 ? expected + 1 : "");
      ws_blob_unref(slice);
      ws_blob_unref(again);
    }
  }
  ws_blob_unref(blob);
  failmalloc_assert_empty(&fm);
}

static void large_blobs_share_their_memory(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  size_t len = 1 << 20;
  uint8_t *data = malloc(len);
  assert_non_null(data);
  memset(data, 7, len);
  struct ws_blob *blob = ws_blob_new(&fm.allocator, data, len);
  free(data);
  for (size_t i = 0; i < 10; i++) {
    blob = join(&fm, ws_blob_slice(blob, 0, UINT64_MAX), blob);
  }
  assert_int_equal(ws_blob_size(blob), UINT64_C(1) << 30);
  assert_in_range(fm.live_len, len, len + (128 << 10));
  uint8_t last[2];
  assert_int_equal(ws_blob_read(blob, (UINT64_C(1) << 30) - 1, last, 2), 1);
  assert_int_equal(last[0], 7);
  ws_blob_unref(blob);
  failmalloc_assert_empty(&fm);
}

static bool scenario(struct failmalloc *fm, void *user) {
  struct release *release = user;
  *release = (struct release){0};
  struct ws_blob *made = ws_blob_new(&fm->allocator, "abc", 3);
  char data[] = "def";
  struct ws_blob *adopted =
      ws_blob_adopt(&fm->allocator, data, 3, on_release, release);
  size_t num_expected = adopted != NULL ? 1 : 0;
  struct ws_blob *both = NULL;
  if (made != NULL && adopted != NULL) {
    struct ws_blob *parts[] = {made, adopted};
    both = ws_blob_concat(&fm->allocator, parts, 2);
  }
  struct ws_blob *slice = both != NULL ? ws_blob_slice(both, 2, 4) : NULL;
  bool ok = slice != NULL;
  if (ok) {
    assert_blob(slice, "cd");
  }
  ws_blob_unref(made);
  ws_blob_unref(adopted);
  ws_blob_unref(both);
  ws_blob_unref(slice);
  assert_int_equal(release->num_calls, num_expected);
  return ok;
}

static void exhaustion_leaves_nothing_behind(void **state) {
  (void)state;
  struct release release;
  assert_int_equal(failmalloc_each(scenario, &release), 6);
}

static void lengths_that_no_memory_has(void **state) {
  (void)state;
  struct failmalloc fm;
  failmalloc_init(&fm);
  assert_null(ws_blob_new(&fm.allocator, "x", SIZE_MAX));
  assert_null(ws_blob_new(&fm.allocator, "x", SIZE_MAX - 8));
  assert_int_equal(fm.num_calls, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_blob_copies_its_bytes),
      cmocka_unit_test(libc_serves_where_no_allocator_is_given),
      cmocka_unit_test(empty_blobs_have_no_chunk),
      cmocka_unit_test(adopted_memory_is_released_with_its_last_reference),
      cmocka_unit_test(adopting_nothing_releases_at_once),
      cmocka_unit_test(every_slice_of_a_chunked_blob),
      cmocka_unit_test(large_blobs_share_their_memory),
      cmocka_unit_test(exhaustion_leaves_nothing_behind),
      cmocka_unit_test(lengths_that_no_memory_has),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
