#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "echo_peer.h"
#include "sim.h"

#define SECOND UINT64_C(1000000)

/* What one stream's listener has seen. */
struct seen {
  struct wsc_transport *transport;
  struct wsc_stream *stream;
  char events[64]; /* a letter an event; DATA in a row once */
  size_t num_events;
  size_t num_data;
  uint64_t bytes;
  uint64_t cuts; /* a digest of lengths and times */
  uint8_t *kept; /* what came; NULL: not kept */
  bool release_on_data;
};

static void on_notice(void *user, const struct wsc_stream_notice *notice) {
  static const char letters[] = {
      [WSC_STREAM_UP] = 'u',   [WSC_STREAM_FAILED] = 'x',
      [WSC_STREAM_DATA] = 'd', [WSC_STREAM_FIN] = 'f',
      [WSC_STREAM_RST] = 'r',
  };
  struct seen *seen = user;
  char letter = letters[notice->event];
  bool again = letter == 'd' && seen->events[seen->num_events - 1] == 'd';
  if (!again && seen->num_events < sizeof seen->events - 1) {
    seen->events[seen->num_events++] = letter;
  }
  seen->cuts ^= seen->transport->ops->now(seen->transport) * 31 + notice->len;
  seen->cuts *= UINT64_C(0x100000001b3);
  if (notice->event == WSC_STREAM_DATA) {
    assert_true(notice->len > 0);
    if (seen->kept != NULL) {
      memcpy(seen->kept + seen->bytes, notice->data, notice->len);
    }
    seen->bytes += notice->len;
    seen->num_data++;
  }
  if (notice->event == WSC_STREAM_DATA && seen->release_on_data) {
    seen->transport->ops->release(seen->stream);
    seen->stream = NULL;
    volatile uint8_t still = notice->data[notice->len - 1];
    (void)still; /* borrowed for the call, released or not */
  }
}

/* -- a world ------------------------------------------------------------ */

struct world {
  struct echo_log log;
  struct echo_config config;
  struct wsc_transport *transport;
};

static void world_open_with(struct world *world, struct echo_config config,
                            uint64_t seed, size_t pipe_len) {
  memset(&world->log, 0, sizeof world->log);
  world->config = config;
  world->config.log = &world->log;
  struct wsc_sim_options options = {
      .factory = {&echo_peer, &world->config},
      .seed = seed,
      .pipe_len = pipe_len,
  };
  world->transport = wsc_sim_new(&options);
  assert_non_null(world->transport);
}

static void world_open(struct world *world, struct echo_config config) {
  world_open_with(world, config, 1, 0);
}

static void world_close(struct world *world) {
  wsc_sim_free(world->transport);
  assert_int_equal(world->log.num_open, world->log.num_closed);
}

static uint64_t now(const struct world *world) {
  return world->transport->ops->now(world->transport);
}

static void dial(struct world *world, struct seen *seen) {
  uint8_t *kept = seen->kept;
  bool release_on_data = seen->release_on_data;
  *seen = (struct seen){.transport = world->transport,
                        .kept = kept,
                        .release_on_data = release_on_data};
  seen->stream = world->transport->ops->dial(
      world->transport, (struct wsc_listener){on_notice, seen});
  assert_non_null(seen->stream);
  assert_int_equal(seen->num_events, 0);
}

static void send_bytes(struct seen *seen, const void *data, size_t len) {
  assert_true(seen->transport->ops->write(seen->stream, data, len));
}

static void send_octet(struct seen *seen, uint8_t octet) {
  send_bytes(seen, &octet, 1);
}

/* Waits until nothing can happen any more. */
static void settle(struct world *world) {
  while (world->transport->ops->wait(world->transport, WSC_FOREVER)) {
  }
}

static void release(struct seen *seen) {
  seen->transport->ops->release(seen->stream);
  seen->stream = NULL;
}

static uint8_t *pattern_new(size_t len) {
  uint8_t *data = malloc(len);
  assert_non_null(data);
  for (size_t i = 0; i < len; i++) {
    data[i] = (uint8_t)(i * 31 + (i >> 8) + (i >> 16));
  }
  return data;
}

/* -- the seed ----------------------------------------------------------- */

/* A conversation of several streams; returns a digest of all borders and
 * times. */
static uint64_t converse(uint64_t seed, struct echo_log *log) {
  struct world world;
  struct seen seen[3] = {0};
  uint8_t *data = pattern_new(20000);
  world_open_with(&world, (struct echo_config){0}, seed, 0);
  for (size_t i = 0; i < 3; i++) {
    dial(&world, &seen[i]);
    send_bytes(&seen[i], data, 7);
    send_bytes(&seen[i], data, 20000);
    send_bytes(&seen[i], data, 125);
  }
  settle(&world);
  uint64_t digest = 0;
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(seen[i].bytes, 20132);
    digest = digest * 31 + seen[i].cuts;
    release(&seen[i]);
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
    dial(&world, &seen);
    settle(&world);
    send_bytes(&seen, "eight by", 8);
    settle(&world);
    size_t feeds = world.log.num_feeds;
    whole += feeds == 1;
    bytewise += feeds == 8;
    between += feeds > 1 && feeds < 8;
    send_bytes(&seen, "a", 1);
    send_bytes(&seen, "b", 1);
    settle(&world);
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
    dial(&world, &seen);
    for (size_t at = 0; at < len;) {
      size_t piece = 1 + (at * 7919 + seed) % 40000;
      piece = piece < len - at ? piece : len - at;
      send_bytes(&seen, data + at, piece);
      at += piece;
    }
    settle(&world);
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
  dial(&world, &seen);
  send_bytes(&seen, "early", 5);
  assert_int_equal(world.transport->ops->unsent(seen.stream), 5);
  world.transport->ops->finish(seen.stream);
  settle(&world);
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
  dial(&world, &seen);
  settle(&world);
  world.transport->ops->pause(seen.stream, true);
  send_bytes(&seen, data, len);
  settle(&world);
  assert_int_equal(seen.bytes, 0);
  /* One pipe towards us is full; the peer holds the echo of one segment, and
   * reads no more; the other pipe is full. */
  assert_in_range(world.log.bytes, pipe, 3 * pipe);
  assert_in_range(world.transport->ops->unsent(seen.stream), len - 4 * pipe,
                  len - 2 * pipe);
  world.transport->ops->pause(seen.stream, false);
  settle(&world);
  assert_int_equal(seen.bytes, len);
  assert_int_equal(world.transport->ops->unsent(seen.stream), 0);
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
  dial(&world, &seen);
  settle(&world);
  send_bytes(&seen, data, 10000);
  assert_true(world.transport->ops->unsent(seen.stream) > 0);
  assert_true(
      world.transport->ops->wait(world.transport, now(&world) + SECOND));
  assert_int_equal(world.transport->ops->unsent(seen.stream), 0);
  assert_true(now(&world) < SECOND);
  free(data);
  world_close(&world);
}

/* -- ends --------------------------------------------------------------- */

static void test_fin_behind_output(void **state) {
  (void)state;
  static const uint8_t data[] = {'b', 'y', 'e', ECHO_CLOSE};
  for (uint64_t seed = 0; seed < 50; seed++) {
    struct world world;
    struct seen seen = {0};
    world_open_with(&world, (struct echo_config){.obeys = true}, seed, 0);
    dial(&world, &seen);
    send_bytes(&seen, data, sizeof data);
    settle(&world);
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
  world_open(&world, (struct echo_config){.obeys = true});
  dial(&world, &seen);
  settle(&world);
  world.transport->ops->pause(seen.stream, true);
  send_octet(&seen, 'x'); /* echoed before: arrives before the RST */
  settle(&world);
  send_octet(&seen, ECHO_RESET);
  send_bytes(&seen, data, 100000); /* on the way to it: lost */
  settle(&world);
  assert_string_equal(seen.events, "u");
  assert_int_equal(world.log.num_closed, 1);
  assert_int_equal(world.transport->ops->unsent(seen.stream), 0);
  world.transport->ops->pause(seen.stream, false);
  settle(&world);
  assert_string_equal(seen.events, "udr");
  assert_int_equal(seen.bytes, 1);
  send_octet(&seen, 'x');
  settle(&world);
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
  dial(&world, &seen);
  send_octet(&seen, 'x');
  send_octet(&seen, ECHO_CLOSE);
  settle(&world);
  assert_string_equal(seen.events, "udf");
  send_octet(&seen, 'x');
  settle(&world);
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
    dial(&world, &seen);
    settle(&world);
    send_octet(&seen, 'x');
    send_octet(&seen, ECHO_CLOSE);
    /* Time passes, but not enough for anything to arrive. */
    world.transport->ops->wait(world.transport, now(&world) + 10);
    send_octet(&seen, 'y');
    settle(&world);
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
    dial(&world, &seen);
    settle(&world);
    world.transport->ops->pause(seen.stream, true);
    data[0] = 'x';
    send_bytes(&seen, data, sizeof data);
    settle(&world);
    data[0] = ECHO_CLOSE; /* and more to echo than there is room for */
    send_bytes(&seen, data, 200);
    settle(&world);
    send_bytes(&seen, data, 1000);
    settle(&world);
    world.transport->ops->wait(world.transport, now(&world) + 1000);
    bool waits = world.log.num_closed == 0;
    blocked += waits;
    world.transport->ops->pause(seen.stream, false);
    settle(&world);
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
  dial(&world, &seen);
  send_bytes(&seen, "abc", 3);
  world.transport->ops->finish(seen.stream);
  send_bytes(&seen, "ignored", 7);
  settle(&world);
  assert_string_equal(seen.events, "ud");
  assert_int_equal(seen.bytes, 3);
  assert_int_equal(world.log.num_eofs, 1);
  world_close(&world);
}

static void test_reset_and_release(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_open(&world, (struct echo_config){0});
  dial(&world, &seen);
  settle(&world);
  send_bytes(&seen, "abc", 3);
  world.transport->ops->reset(seen.stream);
  settle(&world);
  assert_string_equal(seen.events, "u");
  assert_int_equal(world.log.num_closed, 1);
  release(&seen);
  world.transport->ops->release(NULL);
  dial(&world, &seen);
  release(&seen); /* while dialing */
  seen.release_on_data = true;
  dial(&world, &seen);
  send_bytes(&seen, "abc", 3);
  settle(&world);
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
  dial(&world, &seen);
  settle(&world);
  assert_string_equal(seen.events, "x");
  release(&seen);
  world_close(&world);
}

/* -- time --------------------------------------------------------------- */

static void test_hanging_costs_nothing(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  struct timespec start, end;
  world_open(&world, (struct echo_config){.obeys = true});
  dial(&world, &seen);
  settle(&world);
  send_octet(&seen, ECHO_SILENT);
  clock_gettime(CLOCK_MONOTONIC, &start);
  uint64_t until = now(&world) + 3600 * SECOND;
  assert_true(world.transport->ops->wait(world.transport, until));
  assert_int_equal(now(&world), until);
  assert_false(world.transport->ops->wait(world.transport, WSC_FOREVER));
  assert_int_equal(now(&world), until);
  assert_true(world.transport->ops->wait(world.transport, 0)); /* the past */
  assert_int_equal(now(&world), until);
  clock_gettime(CLOCK_MONOTONIC, &end);
  assert_true(end.tv_sec - start.tv_sec < 60);
  world_close(&world);
}

static void test_ticks(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_open(&world, (struct echo_config){.obeys = true});
  dial(&world, &seen);
  settle(&world);
  send_octet(&seen, ECHO_TICKS);
  settle(&world);
  assert_int_equal(seen.bytes, 3);
  assert_int_equal(world.log.num_ticks, 3);
  assert_in_range(now(&world), 3 * SECOND, 3 * SECOND + 1000);
  world_close(&world);
}

/* A peer whose deadline stays in the past cannot stop the clock. */
static void test_stuck_deadline(void **state) {
  (void)state;
  struct world world;
  struct seen seen = {0};
  world_open(&world, (struct echo_config){.obeys = true});
  dial(&world, &seen);
  settle(&world);
  send_octet(&seen, ECHO_STUCK);
  uint64_t until = now(&world) + SECOND;
  assert_true(world.transport->ops->wait(world.transport, until));
  assert_int_equal(now(&world), until);
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
    dial(&world, &seen[i]);
    send_bytes(&seen[i], "x", 1);
  }
  settle(&world);
  for (size_t i = 0; i < 50; i++) {
    assert_string_equal(seen[i].events, "ud");
  }
  assert_true(now(&world) < 1000); /* all at once, not one behind another */
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
      cmocka_unit_test(test_fin_behind_output),
      cmocka_unit_test(test_rst_of_peer),
      cmocka_unit_test(test_rst_after_full_close),
      cmocka_unit_test(test_late_bytes_do_not_hide_the_fin),
      cmocka_unit_test(test_close_with_unread),
      cmocka_unit_test(test_half_close),
      cmocka_unit_test(test_reset_and_release),
      cmocka_unit_test(test_peer_without_memory),
      cmocka_unit_test(test_hanging_costs_nothing),
      cmocka_unit_test(test_ticks),
      cmocka_unit_test(test_stuck_deadline),
      cmocka_unit_test(test_streams_share_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
