/* The proof that "was it rejected?" is graded by F6 and F7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine_support.h"

/* A conversation and what has to come of it. Times are microseconds from the
 * beginning of the operation; 0: it does not happen. */
struct row {
  const char *name;
  /* the peer */
  unsigned pongs; /* answers this many pings, each `pong` after it came */
  uint64_t pong;
  uint64_t close;
  uint16_t close_code;
  uint64_t fin, rst;
  uint64_t text; /* a message "echo of it" */
  /* the question */
  bool message_level, accepted_tolerated, ordinary_tolerated, patient, no_probe;
  bool allow; /* "echo of it" may come */
  bool we_closed;
  bool greets, strict, debugger;
  unsigned patience; /* 0: 1 */
  /* the grade */
  enum wsc_progress progress;
  uint64_t took;
  const char *sent; /* NULL: any */
  struct clause_is clause;
  struct clause_is second; /* .expected NULL: there is none */
  bool without_close;      /* F7: noted for the run */
};

#define REJECTED                                                               \
  .progress = WSC_DONE,                                                        \
  .clause = {WSC_MUST, WSC_PASS, false, "the peer fails the connection", ""}
#define ACCEPTED(words)                                                        \
  .progress = WSC_STOP, .clause = {WSC_MUST, WSC_FAIL, false, NULL, words}
#define ACCEPTED_BY_ABSENCE(words)                                             \
  .progress = WSC_STOP, .clause = {WSC_MUST, WSC_FAIL, true, NULL, words}
#define TOLERATED(words)                                                       \
  .progress = WSC_STOP, .clause = {WSC_TOLERATED, WSC_WARN, false, NULL, words}
#define STALLED                                                                \
  .progress = WSC_STOP,                                                        \
  .clause = {WSC_TOLERATED, WSC_WARN, true, NULL, "it stalled"}
#define OTHER_CODE(verdict, words)                                             \
  .second = {WSC_TOLERATED, verdict, false, "a failure code that fits: 1002",  \
             words}

static const struct row rows[] = {
    /* F6: "Close, EOF or RST within T, before or after pong => rejected" */
    {"Close, FIN", .close = 10 * MS, .close_code = 1002, .fin = 20 * MS,
     .took = 20 * MS, .sent = "ping close:1002", REJECTED},
    {"FIN alone", .fin = 10 * MS, .took = 10 * MS, .sent = "ping",
     .without_close = true, REJECTED},
    {"RST alone", .rst = 10 * MS, .took = 10 * MS, .sent = "ping",
     .without_close = true, REJECTED},
    {"pong, Close, FIN", .pongs = 1, .pong = 5 * MS, .close = 10 * MS,
     .close_code = 1002, .fin = 20 * MS, .took = 20 * MS,
     .sent = "ping close:1002", REJECTED},
    {"Close, pong, FIN", .pongs = 9, .pong = 10 * MS, .close = 5 * MS,
     .close_code = 1002, .fin = 20 * MS, .took = 20 * MS,
     .sent = "ping close:1002", REJECTED},
    {"pong, FIN within the grace", .pongs = 9, .pong = 5 * MS, .fin = 200 * MS,
     .took = 200 * MS, .sent = "ping", .without_close = true, REJECTED},
    {"pong, RST within the grace", .pongs = 9, .pong = 5 * MS, .rst = 254 * MS,
     .took = 254 * MS, .sent = "ping", .without_close = true, REJECTED},
    {"pong, FIN instead of the second pong", .pongs = 1, .pong = 5 * MS,
     .fin = 2 * SECOND, .took = 2 * SECOND, .sent = "ping ping",
     .without_close = true, REJECTED},
    {"Close and an open TCP", .close = 10 * MS, .close_code = 1002,
     .took = WORLD_T, .sent = "ping close:1002", REJECTED},
    {"Close, pongs and an open TCP", .pongs = 9, .pong = 20 * MS,
     .close = 10 * MS, .close_code = 1002, .took = WORLD_T,
     .sent = "ping close:1002", REJECTED},
    {"FIN at the last moment", .fin = WORLD_T, .took = WORLD_T,
     .without_close = true, REJECTED},
    /* "Pong and then the connection still open => accepted" */
    {"two pongs", .pongs = 2, .pong = 5 * MS, .took = 260 * MS,
     .sent = "ping ping", ACCEPTED("it answered the pings behind it")},
    {"one pong and silence", .pongs = 1, .pong = 5 * MS,
     .took = 255 * MS + WORLD_T, .sent = "ping ping",
     ACCEPTED_BY_ABSENCE("answered the ping behind it and stayed open")},
    {"two pongs, tolerated", .pongs = 2, .pong = 5 * MS, .took = 260 * MS,
     .accepted_tolerated = true, TOLERATED("it answered the pings")},
    {"two pongs of a patient question", .pongs = 2, .pong = 5 * MS,
     .patient = true, .took = 260 * MS, ACCEPTED("it answered the pings")},
    /* "for a message-level offence accepted only if ... delivered, or T has
     * passed" */
    {"message: pong, late FIN", .pongs = 9, .pong = 5 * MS, .fin = 2 * SECOND,
     .message_level = true, .took = 2 * SECOND, .sent = "ping",
     .without_close = true, REJECTED},
    {"message: pong and silence", .pongs = 9, .pong = 5 * MS,
     .message_level = true, .took = WORLD_T, .sent = "ping",
     ACCEPTED_BY_ABSENCE("answered the ping behind it and stayed open")},
    {"message: silence", .message_level = true, .took = WORLD_T, STALLED},
    {"message: delivered", .pongs = 1, .pong = 5 * MS, .text = 6 * MS,
     .message_level = true, .took = 6 * MS, ACCEPTED("it delivered a text")},
    /* "no data delivered after the fault" */
    {"delivered, then Close", .text = 5 * MS, .close = 5 * MS,
     .close_code = 1002, .fin = 5 * MS, .took = 5 * MS,
     ACCEPTED("it delivered a text of 10 bytes \"echo of it\"")},
    {"delivered, tolerated", .text = 5 * MS, .took = 5 * MS,
     .accepted_tolerated = true, TOLERATED("it delivered")},
    {"an earlier echo, Close, FIN", .text = 5 * MS, .close = 10 * MS,
     .close_code = 1002, .fin = 20 * MS, .allow = true, .took = 20 * MS,
     REJECTED},
    {"an earlier echo and two pongs", .text = 5 * MS, .pongs = 2,
     .pong = 5 * MS, .allow = true, .took = 260 * MS, ACCEPTED("the pings")},
    {"F11: a greeting, FIN", .text = 5 * MS, .fin = 20 * MS, .greets = true,
     .took = 20 * MS, .without_close = true, REJECTED},
    /* "Nothing at all within T and TCP open => NON-STRICT, except ..." */
    {"silence", .took = WORLD_T, .sent = "ping", STALLED},
    {"silence, strict", .took = WORLD_T, .strict = true, .progress = WSC_STOP,
     .clause = {WSC_TOLERATED, WSC_FAIL, true, NULL, "it stalled"}},
    {"silence of a peer that may wait", .took = WORLD_T, .patient = true,
     .progress = WSC_DONE,
     .clause = {WSC_NOTE, WSC_INFO, false, NULL, "it waits for more"}},
    {"silence, repeated", .patience = 4, .took = 4 * WORLD_T, STALLED},
    {"the grace grows with the patience", .patience = 4, .pongs = 9,
     .pong = 5 * MS, .fin = 900 * MS, .took = 900 * MS, .sent = "ping",
     .without_close = true, REJECTED},
    {"a debugger waits for ever", .debugger = true, .fin = 3600 * SECOND,
     .took = 3600 * SECOND, .without_close = true, REJECTED},
    {"no probe: silence", .no_probe = true, .took = WORLD_T, .sent = "",
     STALLED},
    {"no probe: FIN", .no_probe = true, .fin = SECOND, .took = SECOND,
     .sent = "", .without_close = true, REJECTED},
    /* F7: "a Close frame with another failure code ... is a warning" */
    {"Close 1000", .close = 5 * MS, .close_code = 1000, .fin = 6 * MS,
     .took = 6 * MS, .sent = "ping close:1000", REJECTED,
     OTHER_CODE(WSC_WARN, "a Close frame with 1000")},
    {"Close 1011", .close = 5 * MS, .close_code = 1011, .fin = 6 * MS,
     .took = 6 * MS, REJECTED, OTHER_CODE(WSC_WARN, "1011")},
    {"Close 1000, strict", .close = 5 * MS, .close_code = 1000, .fin = 6 * MS,
     .took = 6 * MS, .strict = true, REJECTED, OTHER_CODE(WSC_FAIL, "1000")},
    {"an empty Close says nothing wrong", .close = 5 * MS, .close_code = 1005,
     .fin = 6 * MS, .took = 6 * MS, REJECTED},
    {"an ordinary reply", .we_closed = true, .ordinary_tolerated = true,
     .close = 5 * MS, .close_code = 3000, .fin = 6 * MS, .took = 6 * MS,
     REJECTED,
     .second = {WSC_TOLERATED, WSC_WARN, false, "the peer fails the connection",
                "it closed in the ordinary way: a Close frame with 3000"}},
    {"a failing reply", .we_closed = true, .ordinary_tolerated = true,
     .close = 5 * MS, .close_code = 1002, .fin = 6 * MS, .took = 6 * MS,
     .sent = "close:3000 ping", REJECTED},
};

static void make_peer(struct world *world, const struct row *row) {
  world->pongs = row->pongs;
  world->pong_delay = row->pong;
  if (row->text != 0) {
    world_frame(world, row->text, WS_OP_TEXT, "echo of it", 10);
  }
  if (row->close != 0) {
    world_close_frame(world, row->close, row->close_code);
  }
  if (row->fin != 0) {
    world_fin(world, row->fin);
  }
  if (row->rst != 0) {
    world_rst(world, row->rst);
  }
}

static enum wsc_progress step(void *op, struct wsc_link *link) {
  return wsc_expect_failed_step(op, link);
}

static void check_row(struct world *world, const struct row *row) {
  static const struct wsc_payload allowed = {(const uint8_t *)"echo of it", 10};
  struct wsc_expect_failed op = {
      .requirement = "req",
      .codes = {1002},
      .num_codes = 1,
      .message_level = row->message_level,
      .accepted_tolerated = row->accepted_tolerated,
      .ordinary_tolerated = row->ordinary_tolerated,
      .patient = row->patient,
      .no_probe = row->no_probe,
      .allow = &allowed,
      .num_allow = row->allow,
  };
  uint64_t began = world->now;
  wsc_expect_failed_begin(&op, world->link);
  assert_int_equal(world_run(world, step, &op), row->progress);
  assert_int_equal(world->now - began, row->took);
  world_assert_clauses(world, row->second.expected == NULL ? 1 : 2);
  world_assert_clause(world, 0, row->clause);
  if (row->second.expected != NULL) {
    world_assert_clause(world, 1, row->second);
  }
  if (row->sent != NULL) {
    assert_string_equal(world_sent_frames(world), row->sent);
  }
  assert_int_equal(
      world->context.observed.checks[WSC_CHECK_CLOSE_BEFORE_FAILING].violations,
      row->without_close);
}

static void test_table(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct row *row = &rows[i];
    struct world world;
    print_message("  %s\n", row->name);
    world_open_patient(&world, row->patience == 0 ? 1 : row->patience);
    world.context.strict = row->strict;
    world.context.greets = row->greets;
    world.context.timeout = row->debugger ? 0 : WORLD_T;
    make_peer(&world, row);
    if (row->we_closed) {
      wsc_session_send_close(wsc_link_session(world.link), 3000);
    }
    check_row(&world, row);
    world_close(&world);
  }
}

/* An end that came before the question was asked is an end. */
static void test_ended_before(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_fin(&world, 0);
  world_pass(&world, 1);
  struct wsc_expect_failed op = {.requirement = "req"};
  wsc_expect_failed_begin(&op, world.link);
  assert_int_equal(wsc_expect_failed_step(&op, world.link), WSC_DONE);
  world_assert_verdict(&world, WSC_PASS, false);
  world_close(&world);
}

/* Between steps the trial sleeps until the next thing that matters. */
static void test_wake_at(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.pongs = 1;
  world.pong_delay = 7 * MS;
  struct wsc_expect_failed op = {.requirement = "req"};
  uint64_t began = world.now;
  wsc_expect_failed_begin(&op, world.link);
  assert_int_equal(wsc_expect_failed_step(&op, world.link), WSC_PENDING);
  assert_int_equal(world.trial->wake_at, began + WORLD_T);
  world_pass(&world, 7 * MS);
  assert_int_equal(wsc_expect_failed_step(&op, world.link), WSC_PENDING);
  assert_int_equal(world.trial->wake_at, began + 257 * MS);
  world_pass(&world, 250 * MS);
  assert_int_equal(wsc_expect_failed_step(&op, world.link), WSC_PENDING);
  assert_int_equal(world.trial->wake_at, began + 257 * MS + WORLD_T);
  world_close(&world);
}

/* A peer that sends without end is not judged: it could not be measured. */
static void test_flood(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  size_t len = (2u << 20) + 4096;
  uint8_t *flood = malloc(len);
  for (size_t i = 0; i < len; i += 2) {
    memcpy(flood + i, "\x8A\x00", 2);
  }
  world_octets(&world, 1, flood, len);
  world_octets(&world, 2, flood, 2);
  free(flood);
  struct wsc_expect_failed op = {.requirement = "req"};
  wsc_expect_failed_begin(&op, world.link);
  assert_int_equal(world_run(&world, step, &op), WSC_STOP);
  world_assert_clauses(&world, 0);
  world_assert_verdict(&world, WSC_ERROR, false);
  assert_has(world.trial->outcome->reason, "far more than anybody asked for");
  assert_true(world.streams[0]->paused);
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_ended_before),
      cmocka_unit_test(test_wake_at),
      cmocka_unit_test(test_flood),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
