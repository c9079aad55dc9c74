/* The simulated network: its seed, its bytes, its clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim_support.h"

/* -- the seed ----------------------------------------------------------- */

/* A conversation of several streams; returns a digest of all borders and
 * times. */
static uint64_t converse(uint64_t seed, struct echo_log *log) {
  struct world world;
  struct seen seen[3] = {0};
  uint8_t *data = pattern_new(20000);
  world_open_with(&world, (struct echo_config){0}, seed, 0);
  for (size_t i = 0; i < 3; i++) {
    seen_dial(&world, &seen[i]);
    seen_send(&seen[i], data, 7);
    seen_send(&seen[i], data, 20000);
    seen_send(&seen[i], data, 125);
  }
  world_settle(&world);
  uint64_t digest = 0;
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(seen[i].bytes, 20132);
    digest = digest * 31 + seen[i].cuts;
    seen_release(&seen[i]);
  }
  *log = world.log;
  world_close(&world);
  free(data);
  return digest * 31 + log->cuts;
}

static void test_same_seed_same_run(void **state) {
  (void)state;
  struct echo_log a, b;
  for (uint64_t seed = 0; seed < 20; seed++) {
    assert_int_equal(converse(seed, &a), converse(seed, &b));
    assert_memory_equal(&a, &b, sizeof a);
  }
}

static void test_seeds_cut_differently(void **state) {
  (void)state;
  struct echo_log log;
  uint64_t digests[20];
  for (uint64_t seed = 0; seed < 20; seed++) {
    digests[seed] = converse(seed, &log);
    for (uint64_t i = 0; i < seed; i++) {
      assert_true(digests[i] != digests[seed]);
    }
  }
}

/* Over some seeds a short write comes whole, in single bytes, in between, and
 * joined with the one before it. */
static void test_all_cuts_occur(void **state) {
  (void)state;
  size_t whole = 0, bytewise = 0, between = 0, joined = 0;
  for (uint64_t seed = 0; seed < 200; seed++) {
    struct world world;
    struct seen seen = {0};
    world_open_with(&world, (struct echo_config){0}, seed, 0);
    seen_dial(&world, &seen);
    world_settle(&world);
    seen_send(&seen, "eight by", 8);
    world_settle(&world);
    size_t feeds = world.log.num_feeds;
    whole += feeds == 1;
    bytewise += feeds == 8;
    between += feeds > 1 && feeds < 8;
    seen_send(&seen, "a", 1);
    seen_send(&seen, "b", 1);
    world_settle(&world);
    joined += world.log.num_feeds == feeds + 1;
    world_close(&world);
  }
  assert_in_range(whole, 20, 180);
  assert_in_range(bytewise, 5, 180);
  assert_in_range(between, 20, 180);
  assert_in_range(joined, 20, 180);
}

/* -- bytes -------------------------------------------------------------- */

static void test_order_is_kept(void **state) {
  (void)state;
  const size_t len = (size_t)1 << 20;
  uint8_t *data = pattern_new(len);
  for (uint64_t seed = 0; seed < 8; seed++) {
    struct world world;
    struct seen seen = {.kept = malloc(len)};
    assert_non_null(seen.kept);
    world_open_with(&world, (struct echo_config){0}, seed,
                    seed % 2 == 0 ? 0 : 1000);
    seen_dial(&world, &seen);
    for (size_t at = 0; at < len;) {
      size_t piece = 1 + (at * 7919 + seed) % 40000;
      piece = piece < len - at ? piece : len - at;
      seen_send(&seen, data + at, piece);
      at += piece;
    }
    world_settle(&world);
    assert_int_equal(seen.bytes, len);
    assert_memory_equal(seen.kept, data, len);
    free(seen.kept);
    world_close(&world);
  }
  free(data);
}

static void test_written_before_up(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_open(&world, (struct echo_config){.greeting = "hi"});
  seen_dial(&world, &seen);
  seen_send(&seen, "early", 5);
  assert_int_equal(seen_unsent(&seen), 5);
  world.transport->ops->finish(seen.stream);
  world_settle(&world);
  assert_string_equal(seen.events, "udf");
  assert_int_equal(seen.bytes, 7);
  assert_int_equal(world.log.num_eofs, 1);
  world_close(&world);
}

static void test_back_pressure(void **state) {
  (void)state;
  const size_t len = (size_t)1 << 20;
  const size_t pipe = 4096;
  struct world world;
  struct seen seen = {0};
  uint8_t *data = pattern_new(len);
  world_open_with(&world, (struct echo_config){0}, 1, pipe);
  seen_dial(&world, &seen);
  world_settle(&world);
  seen_pause(&seen, true);
  seen_send(&seen, data, len);
  world_settle(&world);
  assert_int_equal(seen.bytes, 0);
  /* One pipe towards us is full; the peer holds the echo of one segment, and
   * reads no more; the other pipe is full. */
  assert_in_range(world.log.bytes, pipe, 3 * pipe);
  assert_in_range(seen_unsent(&seen), len - 4 * pipe, len - 2 * pipe);
  seen_pause(&seen, false);
  world_settle(&world);
  assert_int_equal(seen.bytes, len);
  assert_int_equal(seen_unsent(&seen), 0);
  free(data);
  world_close(&world);
}

/* Who waits for the queue to empty must not sleep until the deadline. */
static void test_drained_ends_wait(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  uint8_t *data = pattern_new(10000);
  world_open_with(&world, (struct echo_config){.obeys = true}, 1, 4096);
  data[0] = ECHO_SILENT;
  memset(data + 1, 'x', 9999);
  seen_dial(&world, &seen);
  world_settle(&world);
  seen_send(&seen, data, 10000);
  assert_true(seen_unsent(&seen) > 0);
  assert_true(world_wait(&world, world_now(&world) + SECOND));
  assert_int_equal(seen_unsent(&seen), 0);
  assert_true(world_now(&world) < SECOND);
  free(data);
  world_close(&world);
}

/* -- time --------------------------------------------------------------- */

static void test_hanging_costs_nothing(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  struct timespec start, end;
  world_start(&world, &seen, (struct echo_config){.obeys = true});
  seen_send_octet(&seen, ECHO_SILENT);
  clock_gettime(CLOCK_MONOTONIC, &start);
  uint64_t until = world_now(&world) + 3600 * SECOND;
  assert_true(world_wait(&world, until));
  assert_int_equal(world_now(&world), until);
  assert_false(world_wait(&world, WSC_FOREVER));
  assert_int_equal(world_now(&world), until);
  assert_true(world_wait(&world, 0)); /* the past */
  assert_int_equal(world_now(&world), until);
  clock_gettime(CLOCK_MONOTONIC, &end);
  assert_true(end.tv_sec - start.tv_sec < 60);
  world_close(&world);
}

static void test_ticks(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_start(&world, &seen, (struct echo_config){.obeys = true});
  seen_send_octet(&seen, ECHO_TICKS);
  world_settle(&world);
  assert_int_equal(seen.bytes, 3);
  assert_int_equal(world.log.num_ticks, 3);
  assert_in_range(world_now(&world), 3 * SECOND, 3 * SECOND + 1000);
  world_close(&world);
}

/* A peer whose deadline stays in the past cannot stop the clock. */
static void test_stuck_deadline(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_start(&world, &seen, (struct echo_config){.obeys = true});
  seen_send_octet(&seen, ECHO_STUCK);
  uint64_t until = world_now(&world) + SECOND;
  assert_true(world_wait(&world, until));
  assert_int_equal(world_now(&world), until);
  assert_in_range(world.log.num_ticks, 900, 1100);
  world_close(&world);
}

/* An endless exchange with one peer leaves room for the others. */
static void test_streams_share_time(void **state) {
  (void)state;
  struct world world;
  struct seen seen[50] = {0};
  world_open(&world, (struct echo_config){0});
  for (size_t i = 0; i < 50; i++) {
    seen_dial(&world, &seen[i]);
    seen_send(&seen[i], "x", 1);
  }
  world_settle(&world);
  for (size_t i = 0; i < 50; i++) {
    assert_string_equal(seen[i].events, "ud");
  }
  assert_true(world_now(&world) <
              1000); /* all at once, not one behind another */
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_seed_same_run),
      cmocka_unit_test(test_seeds_cut_differently),
      cmocka_unit_test(test_all_cuts_occur),
      cmocka_unit_test(test_order_is_kept),
      cmocka_unit_test(test_written_before_up),
      cmocka_unit_test(test_back_pressure),
      cmocka_unit_test(test_drained_ends_wait),
      cmocka_unit_test(test_hanging_costs_nothing),
      cmocka_unit_test(test_ticks),
      cmocka_unit_test(test_stuck_deadline),
      cmocka_unit_test(test_streams_share_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
