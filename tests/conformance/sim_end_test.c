/* How streams of the simulated network end: FIN, RST, release. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "sim_support.h"

static void test_fin_behind_output(void **state) {
  (void)state;
  static const uint8_t data[] = {'b', 'y', 'e', ECHO_CLOSE};
  for (uint64_t seed = 0; seed < 50; seed++) {
    struct world world;
    struct seen seen = {0};
    world_open_with(&world, (struct echo_config){.obeys = true}, seed, 0);
    seen_dial(&world, &seen);
    seen_send(&seen, data, sizeof data);
    world_settle(&world);
    assert_string_equal(seen.events, "udf");
    assert_int_equal(seen.bytes, 3);
    assert_int_equal(world.log.num_closed, 1);
    world_close(&world);
  }
}

static void test_rst_of_peer(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  uint8_t *data = pattern_new(100000);
  memset(data, 'x', 100000);
  world_start(&world, &seen, (struct echo_config){.obeys = true});
  seen_pause(&seen, true);
  seen_send_octet(&seen, 'x'); /* echoed before: arrives before the RST */
  world_settle(&world);
  seen_send_octet(&seen, ECHO_RESET);
  seen_send(&seen, data, 100000); /* on the way to it: lost */
  world_settle(&world);
  assert_string_equal(seen.events, "u");
  assert_int_equal(world.log.num_closed, 1);
  assert_int_equal(seen_unsent(&seen), 0);
  seen_pause(&seen, false);
  world_settle(&world);
  assert_string_equal(seen.events, "udr");
  assert_int_equal(seen.bytes, 1);
  seen_send_octet(&seen, 'x');
  world_settle(&world);
  assert_string_equal(seen.events, "udr");
  free(data);
  world_close(&world);
}

/* What arrives at a peer that has closed is answered with an RST, behind what
 * it had sent. */
static void test_rst_after_full_close(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_open(&world, (struct echo_config){.obeys = true});
  seen_dial(&world, &seen);
  seen_send_octet(&seen, 'x');
  seen_send_octet(&seen, ECHO_CLOSE);
  world_settle(&world);
  assert_string_equal(seen.events, "udf");
  seen_send_octet(&seen, 'x');
  world_settle(&world);
  assert_string_equal(seen.events, "udfr");
  world_close(&world);
}

/* Bytes that meet a closed peer do not swallow what it had sent before. Joined
 * with the segment before them they are read along, and there is no RST. */
static void test_late_bytes_do_not_hide_the_fin(void **state) {
  (void)state;
  size_t resets = 0;
  for (uint64_t seed = 0; seed < 50; seed++) {
    struct world world;
    struct seen seen = {0};
    world_open_with(&world, (struct echo_config){.obeys = true}, seed, 0);
    seen_dial(&world, &seen);
    world_settle(&world);
    seen_send_octet(&seen, 'x');
    seen_send_octet(&seen, ECHO_CLOSE);
    /* Time passes, but not enough for anything to arrive. */
    world_wait(&world, world_now(&world) + 10);
    seen_send_octet(&seen, 'y');
    world_settle(&world);
    bool reset = strcmp(seen.events, "udfr") == 0;
    assert_true(reset || strcmp(seen.events, "udf") == 0);
    assert_in_range(seen.bytes, 1, 2);
    resets += reset;
    world_close(&world);
  }
  assert_in_range(resets, 20, 50);
}

/* A peer that cannot get rid of its output does not read; when it closes with
 * bytes unread, the stream breaks. */
static void test_close_with_unread(void **state) {
  (void)state;
  size_t blocked = 0;
  uint8_t data[4000];
  memset(data, 'x', sizeof data);
  for (uint64_t seed = 0; seed < 50; seed++) {
    struct world world;
    struct seen seen = {0};
    world_open_with(&world, (struct echo_config){.obeys = true}, seed, 4096);
    seen_dial(&world, &seen);
    world_settle(&world);
    seen_pause(&seen, true);
    data[0] = 'x';
    seen_send(&seen, data, sizeof data);
    world_settle(&world);
    data[0] = ECHO_CLOSE; /* and more to echo than there is room for */
    seen_send(&seen, data, 200);
    world_settle(&world);
    seen_send(&seen, data, 1000);
    world_settle(&world);
    world_wait(&world, world_now(&world) + 1000);
    bool waits = world.log.num_closed == 0;
    blocked += waits;
    seen_pause(&seen, false);
    world_settle(&world);
    assert_string_equal(seen.events, waits ? "udr" : "udfr");
    assert_true(seen.bytes >= 4000);
    world_close(&world);
  }
  assert_in_range(blocked, 5, 45);
}

static void test_half_close(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_open(&world, (struct echo_config){.stays = true});
  seen_dial(&world, &seen);
  seen_send(&seen, "abc", 3);
  world.transport->ops->finish(seen.stream);
  seen_send(&seen, "ignored", 7);
  world_settle(&world);
  assert_string_equal(seen.events, "ud");
  assert_int_equal(seen.bytes, 3);
  assert_int_equal(world.log.num_eofs, 1);
  world_close(&world);
}

static void test_reset_and_release(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_start(&world, &seen, (struct echo_config){0});
  seen_send(&seen, "abc", 3);
  world.transport->ops->reset(seen.stream);
  world_settle(&world);
  assert_string_equal(seen.events, "u");
  assert_int_equal(world.log.num_closed, 1);
  seen_release(&seen);
  world.transport->ops->release(NULL);
  seen_dial(&world, &seen);
  seen_release(&seen); /* while dialing */
  seen.release_on_data = true;
  seen_dial(&world, &seen);
  seen_send(&seen, "abc", 3);
  world_settle(&world);
  assert_null(seen.stream);
  assert_int_equal(world.log.num_closed, world.log.num_open);
  world_close(&world);
}

static void test_peer_without_memory(void **state) {
  (void)state;
  struct world world = {.config = {0}};
  struct seen seen = {0};
  struct wsc_sim_options options = {
      .factory = {&echo_peer_exhausted, &world.config}};
  world.transport = wsc_sim_new(&options);
  seen_dial(&world, &seen);
  world_settle(&world);
  assert_string_equal(seen.events, "x");
  seen_release(&seen);
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fin_behind_output),
      cmocka_unit_test(test_rst_of_peer),
      cmocka_unit_test(test_rst_after_full_close),
      cmocka_unit_test(test_late_bytes_do_not_hide_the_fin),
      cmocka_unit_test(test_close_with_unread),
      cmocka_unit_test(test_half_close),
      cmocka_unit_test(test_reset_and_release),
      cmocka_unit_test(test_peer_without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
