/* Messages and pongs that have to arrive: F10, F11 and what absence is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine_support.h"

#define OURS "nonce-1234 hello"

static enum wsc_progress step_message(void *op, struct wsc_link *link) {
  return wsc_expect_message_step(op, link);
}

static enum wsc_progress step_pong(void *op, struct wsc_link *link) {
  return wsc_expect_pong_step(op, link);
}

static struct wsc_payload payload_of(const char *text) {
  return (struct wsc_payload){(const uint8_t *)text, strlen(text)};
}

static void send_ping(struct world *world, const char *text) {
  struct wsc_send ping = {.opcode = WS_OP_PING,
                          .fin = true,
                          .masked = true,
                          .payload = (const uint8_t *)text,
                          .len = strlen(text)};
  wsc_session_send(wsc_link_session(world->link), &ping);
}

static enum wsc_progress expect_ours(struct world *world) {
  struct wsc_expect_message op = {.requirement = "req",
                                  .kind = WSC_EVENT_TEXT,
                                  .payload = payload_of(OURS)};
  wsc_expect_message_begin(&op, world->link);
  return world_run(world, step_message, &op);
}

static enum wsc_progress expect_pong(struct world *world, const char *text) {
  struct wsc_expect_pong op = {.requirement = "req",
                               .payload = payload_of(text)};
  wsc_expect_pong_begin(&op, world->link);
  return world_run(world, step_pong, &op);
}

/* -- one message, many answers ------------------------------------------ */

struct row {
  const char *name;
  uint8_t opcode; /* of the answer; 0: none */
  const char *answer;
  uint16_t close; /* comes after it; 0: none */
  bool fin, rst, greets;
  enum wsc_progress progress;
  struct clause_is clause;
  bool taken; /* the answer is no event any more */
};

#define BROKEN(words)                                                          \
  .progress = WSC_STOP,                                                        \
  .clause = {WSC_MUST, WSC_FAIL, false,                                        \
             "a text message of 16 bytes \"nonce-1234 hello\"", words}

static const struct row rows[] = {
    {"the same", WS_OP_TEXT, OURS, .progress = WSC_DONE,
     .clause = {WSC_MUST, WSC_PASS, false, "a text message of 16 bytes", ""},
     .taken = true},
    {"the same and an end", WS_OP_TEXT, OURS, .close = 1000, .fin = true,
     .progress = WSC_DONE, .clause = {WSC_MUST, WSC_PASS, false, NULL, ""},
     .taken = true},
    {"another type", WS_OP_BINARY, OURS,
     BROKEN("a binary of 16 bytes \"nonce-1234 hello\""), .taken = true},
    {"other bytes", WS_OP_TEXT, "nonce-1234 Hello",
     BROKEN("a text of 16 bytes \"nonce-1234 Hello\""), .taken = true},
    {"a part of it", WS_OP_TEXT, "nonce-1234", BROKEN("a text of 10 bytes"),
     .taken = true},
    {"something else", WS_OP_TEXT, "hi", BROKEN("a text of 2 bytes"),
     .taken = true},
    {"F11: a greeting is no answer", WS_OP_TEXT, "hi", .greets = true,
     .progress = WSC_STOP,
     .clause = {WSC_MUST, WSC_FAIL, true, NULL, "nothing came in time"}},
    {"a greeter's partial echo", WS_OP_TEXT, "> nonce-1234 <", .greets = true,
     BROKEN("a text of 14 bytes"), .taken = true},
    {"a greeter's truncated echo", WS_OP_TEXT, "234 hello", .greets = true,
     BROKEN("a text of 9 bytes"), .taken = true},
    {"a pong", WS_OP_PONG, OURS, .progress = WSC_STOP,
     .clause = {WSC_MUST, WSC_FAIL, true, NULL, "nothing came in time"}},
    {"silence", .progress = WSC_STOP,
     .clause = {WSC_MUST, WSC_FAIL, true, NULL, "nothing came in time"}},
    {"a Close", .close = 1002, BROKEN("a Close frame with 1002 \"\" came")},
    {"FIN", .fin = true, BROKEN("the peer closed the connection")},
    {"RST", .rst = true, BROKEN("the peer reset the connection")},
};

static void play(struct world *world, const struct row *row) {
  if (row->opcode != 0) {
    world_frame(world, MS, row->opcode, row->answer, strlen(row->answer));
  }
  if (row->close != 0) {
    world_close_frame(world, 2 * MS, row->close);
  }
  if (row->fin) {
    world_fin(world, 3 * MS);
  }
  if (row->rst) {
    world_rst(world, 3 * MS);
  }
}

static void test_messages(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct row *row = &rows[i];
    struct world world;
    print_message("  %s\n", row->name);
    world_open(&world);
    world.context.greets = row->greets;
    play(&world, row);
    assert_int_equal(expect_ours(&world), row->progress);
    world_assert_clauses(&world, 1);
    world_assert_clause(&world, 0, row->clause);
    world_pass(&world, 10 * MS);
    const struct wsc_event *left =
        wsc_session_events(wsc_link_session(world.link));
    assert_int_equal(left != NULL && left->kind != WSC_EVENT_CLOSE,
                     row->opcode != 0 && !row->taken);
    world_close(&world);
  }
}

static void test_deadline(void **state) {
  (void)state;
  struct world world;
  world_open_patient(&world, 4);
  uint64_t began = world.now;
  assert_int_equal(expect_ours(&world), WSC_STOP);
  assert_int_equal(world.now - began, 4 * WORLD_T);
  world_assert_verdict(&world, WSC_FAIL, true);
  world_close(&world);
}

static void test_last_moment(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_frame(&world, WORLD_T, WS_OP_TEXT, OURS, strlen(OURS));
  assert_int_equal(expect_ours(&world), WSC_DONE);
  world_assert_verdict(&world, WSC_PASS, false);
  world_close(&world);
}

/* A debugger may hold the peer as long as it likes. */
static void test_no_deadline(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.context.timeout = 0;
  world_frame(&world, 86400 * SECOND, WS_OP_TEXT, OURS, strlen(OURS));
  assert_int_equal(expect_ours(&world), WSC_DONE);
  world_close(&world);
}

/* 10.4 permits limits: 1009 for a large message is a skip, not a fail. */
static void test_limit(void **state) {
  (void)state;
  static const struct {
    size_t len;
    uint16_t code;
    enum wsc_verdict verdict;
  } limits[] = {{(64u << 10) + 1, 1009, WSC_SKIP},
                {64u << 10, 1009, WSC_FAIL},
                {(64u << 10) + 1, 1002, WSC_FAIL}};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    struct world world;
    world_open(&world);
    uint8_t *large = calloc(1, limits[i].len);
    struct wsc_expect_message op = {.requirement = "req",
                                    .kind = WSC_EVENT_BINARY,
                                    .payload = {large, limits[i].len}};
    world_close_frame(&world, MS, limits[i].code);
    wsc_expect_message_begin(&op, world.link);
    assert_int_equal(world_run(&world, step_message, &op), WSC_STOP);
    world_assert_clauses(&world, 1);
    world_assert_verdict(&world, limits[i].verdict, false);
    if (limits[i].verdict == WSC_SKIP) {
      assert_has(world.trial->outcome->reason, "less than 65537 bytes");
    }
    free(large);
    world_close(&world);
  }
}

static void test_empty_message(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_frame(&world, MS, WS_OP_BINARY, "", 0);
  struct wsc_expect_message op = {.requirement = "req",
                                  .kind = WSC_EVENT_BINARY};
  wsc_expect_message_begin(&op, world.link);
  assert_int_equal(world_run(&world, step_message, &op), WSC_DONE);
  world_close(&world);
}

/* -- pongs -------------------------------------------------------------- */

static void test_pong(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.pongs = 1;
  world.pong_delay = MS;
  send_ping(&world, "mid");
  assert_int_equal(expect_pong(&world, "mid"), WSC_DONE);
  world_assert_clause(
      &world, 0,
      (struct clause_is){WSC_MUST, WSC_PASS, false, "a pong with \"mid\"", ""});
  world_assert_verdict(&world, WSC_PASS, false);
  world_close(&world);
}

/* F10: the last of many pings is answered; the others need not be. F11: others
 * are unsolicited. */
static void test_one_pong_for_many_pings(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  send_ping(&world, "one");
  send_ping(&world, "two");
  send_ping(&world, "three");
  world_frame(&world, MS, WS_OP_PONG, "heartbeat", 9);
  world_frame(&world, 2 * MS, WS_OP_PONG, "three", 5);
  assert_int_equal(expect_pong(&world, "three"), WSC_DONE);
  world_assert_verdict(&world, WSC_PASS, false);
  assert_int_equal(
      world.context.observed.checks[WSC_CHECK_PONG_ORDER].violations, 0);
  world_close(&world);
}

static void test_pong_behind_close(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_frame(&world, MS, WS_OP_PONG, "mid", 3);
  world_close_frame(&world, MS, 1000);
  world_fin(&world, MS);
  world_pass(&world, 2 * MS);
  assert_int_equal(expect_pong(&world, "mid"), WSC_DONE);
  world_close(&world);
}

static void test_no_pong(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_frame(&world, MS, WS_OP_PONG, "dim", 3);
  uint64_t began = world.now;
  assert_int_equal(expect_pong(&world, "mid"), WSC_STOP);
  assert_int_equal(world.now - began, WORLD_T);
  world_assert_clause(
      &world, 0,
      (struct clause_is){
          WSC_MUST, WSC_FAIL, true, NULL,
          "no pong came in time; there was a pong of 3 bytes \"dim\""});
  world_close(&world);
}

static void test_pong_refused(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_close_frame(&world, MS, 1002);
  assert_int_equal(expect_pong(&world, "mid"), WSC_STOP);
  world_assert_clause(&world, 0,
                      (struct clause_is){WSC_MUST, WSC_FAIL, false, NULL,
                                         "a Close frame with 1002 \"\" came"});
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_deadline),
      cmocka_unit_test(test_last_moment),
      cmocka_unit_test(test_no_deadline),
      cmocka_unit_test(test_limit),
      cmocka_unit_test(test_empty_message),
      cmocka_unit_test(test_pong),
      cmocka_unit_test(test_one_pong_for_many_pings),
      cmocka_unit_test(test_pong_behind_close),
      cmocka_unit_test(test_no_pong),
      cmocka_unit_test(test_pong_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
