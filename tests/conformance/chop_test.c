/* How --chop cuts what a case sends, and when it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "chop.h"
#include "engine_support.h"

static void test_names(void **state) {
  (void)state;
  for (unsigned i = 0; i < WSC_NUM_CHOPS; i++) {
    const char *name = wsc_chop_name((enum wsc_chop)i);
    assert_int_equal(wsc_chop_by_name(name, strlen(name)), i);
    assert_int_equal(wsc_chop_by_name(name, strlen(name) - 1), WSC_NUM_CHOPS);
  }
  assert_int_equal(wsc_chop_by_name("wholesome", 9), WSC_NUM_CHOPS);
}

/* The number of writes that `len` octets leave in; *longest of them. */
static size_t count_writes(enum wsc_chop chop, uint64_t seed, size_t len,
                           size_t *longest) {
  struct wsc_rng rng = {seed};
  size_t num = 0;
  *longest = 0;
  for (size_t at = 0; at < len; num++) {
    size_t piece = wsc_chop_next(chop, &rng, at, len);
    assert_in_range(piece, 1, len - at);
    *longest = piece > *longest ? piece : *longest;
    at += piece;
  }
  return num;
}

static void test_pieces(void **state) {
  (void)state;
  const size_t edges = 2 * (size_t)WSC_CHOP_EDGE;
  size_t longest;
  assert_int_equal(count_writes(WSC_CHOP_WHOLE, 1, 1000, &longest), 1);
  assert_int_equal(count_writes(WSC_CHOP_COALESCED, 1, 1000, &longest), 1);
  assert_int_equal(count_writes(WSC_CHOP_ONE, 1, 1000, &longest), 1000);
  assert_int_equal(count_writes(WSC_CHOP_ONE, 1, edges, &longest), edges);
  assert_int_equal(longest, 1);
  assert_int_equal(count_writes(WSC_CHOP_ONE, 1, edges + 1, &longest),
                   edges + 1);
  /* Megabytes would take for ever: their middle leaves as one. */
  assert_int_equal(count_writes(WSC_CHOP_ONE, 1, edges + 1000, &longest),
                   edges + 1);
  assert_int_equal(longest, 1000);
}

static void test_random_pieces(void **state) {
  (void)state;
  size_t longest;
  size_t num = count_writes(WSC_CHOP_RANDOM, 1, 10000, &longest);
  assert_in_range(num, 2, 5000);
  assert_int_equal(count_writes(WSC_CHOP_RANDOM, 1, 10000, &longest), num);
  size_t differ = 0;
  for (uint64_t seed = 2; seed < 20; seed++) {
    differ += count_writes(WSC_CHOP_RANDOM, seed, 10000, &longest) != num;
  }
  assert_in_range(differ, 1, 18);
  assert_in_range(count_writes(WSC_CHOP_RANDOM, 1, 16u << 20, &longest), 1000,
                  20000);
}

/* -- a link --------------------------------------------------------------- */

static void send_text(struct world *world, const char *text) {
  wsc_link_send(world->link, (const uint8_t *)text, strlen(text));
}

static void assert_sent(const struct wsc_stream *stream, const char *text,
                        unsigned num_writes) {
  assert_int_equal(stream->sent_len, strlen(text));
  assert_memory_equal(stream->sent, text, stream->sent_len);
  assert_int_equal(stream->num_writes, num_writes);
}

static void test_octet_by_octet(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.context.chop = WSC_CHOP_ONE;
  send_text(&world, "hello");
  assert_sent(world.streams[0], "hello", 5);
  /* How these are cut is what a case is about. */
  wsc_link_cork(world.link);
  send_text(&world, "one write");
  wsc_link_flush(world.link, 0);
  assert_sent(world.streams[0], "helloone write", 6);
  wsc_link_cork(world.link);
  send_text(&world, "12345");
  wsc_link_flush(world.link, 2);
  assert_sent(world.streams[0], "helloone write12345", 9);
  world_close(&world);
}

static void test_coalesced(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  struct wsc_stream *stream = world.streams[0];
  world.context.chop = WSC_CHOP_COALESCED;
  send_text(&world, "a");
  send_text(&world, "b");
  assert_sent(stream, "", 0);
  assert_int_equal(wsc_link_sent(world.link), 2);
  wsc_trial_push(world.trial);
  assert_sent(stream, "ab", 1);
  wsc_trial_push(world.trial);
  assert_sent(stream, "ab", 1);
  /* Order is kept where a case cuts its own writes, and where it ends. */
  send_text(&world, "c");
  wsc_link_cork(world.link);
  send_text(&world, "d");
  wsc_link_flush(world.link, 0);
  assert_sent(stream, "abcd", 3);
  send_text(&world, "e");
  wsc_link_finish(world.link);
  assert_sent(stream, "abcde", 4);
  assert_true(stream->finished);
  world_close(&world);
}

static void test_coalesced_then_given_up(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.context.chop = WSC_CHOP_COALESCED;
  send_text(&world, "last words");
  wsc_link_release(world.link);
  assert_sent(world.streams[0], "last words", 1);
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_random_pieces),
      cmocka_unit_test(test_octet_by_octet),
      cmocka_unit_test(test_coalesced),
      cmocka_unit_test(test_coalesced_then_given_up),
  };
  return cmocka_run_group_tests_name("chop", tests, NULL, NULL);
}
