/* Operations that judge nothing: liveness, orderly ends, events, heads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine_support.h"

static enum wsc_progress step_alive(void *op, struct wsc_link *link) {
  return wsc_alive_step(op, link);
}

static enum wsc_progress step_finish(void *op, struct wsc_link *link) {
  return wsc_finish_step(op, link);
}

static enum wsc_progress step_next(void *op, struct wsc_link *link) {
  return wsc_next_step(op, link);
}

static enum wsc_progress step_response(void *op, struct wsc_link *link) {
  return wsc_response_step(op, link);
}

/* -- alive -------------------------------------------------------------- */

static bool is_alive(struct world *world, uint64_t *took) {
  struct wsc_alive op;
  uint64_t began = world->now;
  wsc_alive_begin(&op, world->link);
  assert_int_equal(world_run(world, step_alive, &op), WSC_DONE);
  *took = world->now - began;
  world_assert_clauses(world, 0);
  return op.alive;
}

static void test_alive(void **state) {
  (void)state;
  struct world world;
  uint64_t took;
  world_open(&world);
  world.pongs = 1;
  world.pong_delay = MS;
  assert_true(is_alive(&world, &took));
  assert_int_equal(took, MS);
  assert_false(is_alive(&world, &took)); /* its pong is not the first's */
  assert_int_equal(took, WORLD_T);
  world_fin(&world, MS);
  assert_false(is_alive(&world, &took));
  assert_int_equal(took, MS);
  world_close(&world);
}

/* -- finish ------------------------------------------------------------- */

static uint64_t finish(struct world *world) {
  struct wsc_finish op;
  uint64_t began = world->now;
  wsc_finish_begin(&op, world->link);
  assert_int_equal(world_run(world, step_finish, &op), WSC_DONE);
  world_assert_clauses(world, 0);
  assert_true(world->streams[world->num_streams - 1]->released);
  return world->now - began;
}

static void test_finish(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_close_frame(&world, MS, 1000);
  world_fin(&world, 2 * MS);
  assert_int_equal(finish(&world), 2 * MS);
  assert_string_equal(world_sent_frames(&world), "close:1000");
  assert_int_equal(wsc_link_state(world.link), WSC_LINK_FIN);
  assert_false(world.context.ends_late);
  world_close(&world);
}

/* A Close that was sent already is not repeated (5.5.1). */
static void test_finish_after_close(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  wsc_session_send_close(wsc_link_session(world.link), 1001);
  world_fin(&world, MS);
  finish(&world);
  assert_string_equal(world_sent_frames(&world), "close:1001");
  world_close(&world);
}

/* A peer that leaves TCP open is waited for once, not in every case. */
static void test_finish_in_vain(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  assert_int_equal(finish(&world), WORLD_T);
  assert_true(world.context.ends_late);
  assert_int_equal(wsc_link_state(world.link), WSC_LINK_RELEASED);
  world.link = world_dial(&world);
  wsc_session_begin(world.link, NULL);
  assert_int_equal(finish(&world), 50 * MS);
  world_close(&world);
}

/* -- next --------------------------------------------------------------- */

static struct wsc_next next(struct world *world, bool fenced) {
  struct wsc_next op = {.deadline = wsc_trial_deadline(world->trial)};
  if (fenced) {
    op.fence = wsc_session_fence(wsc_link_session(world->link));
  }
  assert_int_equal(world_run(world, step_next, &op), WSC_DONE);
  return op;
}

static void assert_event(struct wsc_next op, enum wsc_event_kind kind,
                         const char *payload) {
  assert_int_equal(op.kind, WSC_NEXT_EVENT);
  assert_int_equal(op.event->kind, kind);
  assert_int_equal(op.event->len, strlen(payload));
  assert_memory_equal(op.event->payload, payload, strlen(payload));
  wsc_event_free(op.event);
}

static void test_next(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_frame(&world, MS, WS_OP_TEXT, "one", 3);
  world_frame(&world, MS, WS_OP_PING, "two", 3);
  world_frame(&world, MS, WS_OP_PONG, "three", 5);
  world_frame(&world, MS, WS_OP_BINARY, "", 0);
  world_close_frame(&world, MS, 4000);
  world_fin(&world, MS);
  assert_event(next(&world, false), WSC_EVENT_TEXT, "one");
  assert_event(next(&world, false), WSC_EVENT_PING, "two");
  assert_event(next(&world, false), WSC_EVENT_PONG, "three");
  assert_event(next(&world, false), WSC_EVENT_BINARY, "");
  assert_event(next(&world, false), WSC_EVENT_CLOSE, "\x0F\xA0");
  assert_int_equal(next(&world, false).kind, WSC_NEXT_FIN);
  world_close(&world);
}

static void test_next_ends(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  uint64_t began = world.now;
  assert_int_equal(next(&world, false).kind, WSC_NEXT_TIMEOUT);
  assert_int_equal(world.now - began, WORLD_T);
  world_rst(&world, MS);
  assert_int_equal(next(&world, false).kind, WSC_NEXT_RST);
  world_close(&world);
}

/* What came before the fence's pong is delivered before it. */
static void test_next_fence(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.pongs = 1;
  world.pong_delay = MS;
  world_frame(&world, MS, WS_OP_TEXT, "first", 5);
  assert_event(next(&world, true), WSC_EVENT_TEXT, "first");
  assert_int_equal(next(&world, true).kind, WSC_NEXT_FENCE);
  assert_string_equal(world_sent_frames(&world), "ping");
  world_close(&world);
}

/* -- response heads ----------------------------------------------------- */

static struct wsc_response respond(struct world *world) {
  struct wsc_response op = {.deadline = wsc_trial_deadline(world->trial)};
  assert_int_equal(world_run(world, step_response, &op), WSC_DONE);
  return op;
}

static void open_unread(struct world *world) {
  world_open(world);
  world->link = world_dial(world);
}

static void test_response(void **state) {
  (void)state;
  struct world world;
  open_unread(&world);
  world_text(&world, MS, "HTTP/1.1 101 Switching Proto");
  world_text(&world, 2 * MS, "cols\r\nUpgrade: websocket\r\n\r");
  world_text(&world, 3 * MS, "\n\x81\x02hi");
  struct wsc_response op = respond(&world);
  assert_null(op.missing);
  assert_int_equal(op.head.status, 101);
  assert_int_equal(op.head.num_fields, 1);
  assert_int_equal(op.len, strlen(op.bytes));
  assert_int_equal(wsc_link_unread(world.link).len, 4);
  wsc_session_begin(world.link, NULL);
  assert_event(next(&world, false), WSC_EVENT_TEXT, "hi");
  assert_int_equal(
      world.context.observed.checks[WSC_CHECK_NO_EARLY_FRAMES].violations, 0);
  world_close(&world);
}

/* RFC 9110 15.2: interim responses precede the final one; 101 is final. */
static void test_interim(void **state) {
  (void)state;
  struct world world;
  open_unread(&world);
  world_text(&world, MS,
             "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n");
  world_text(&world, 2 * MS, "HTTP/1.1 404 Not Found\r\n\r\nbody");
  struct wsc_response op = respond(&world);
  assert_null(op.missing);
  assert_int_equal(op.head.status, 404);
  assert_int_equal(op.head.num_fields, 0);
  world_close(&world);
}

static void assert_missing(struct world *world, const char *why) {
  struct wsc_response op = respond(world);
  assert_non_null(op.missing);
  assert_string_equal(op.missing, why);
  world_close(world);
}

static void test_no_response(void **state) {
  (void)state;
  struct world world;
  open_unread(&world);
  world_fin(&world, MS);
  assert_missing(&world, "fin");
  open_unread(&world);
  world_text(&world, MS, "HTTP/1.1 101 Almost\r\n");
  world_rst(&world, 2 * MS);
  assert_missing(&world, "rst");
  open_unread(&world);
  assert_missing(&world, "timeout");
  open_unread(&world);
  uint8_t *endless = malloc(70000);
  memset(endless, 'x', 70000);
  world_octets(&world, MS, endless, 70000);
  free(endless);
  assert_missing(&world, "too-large");
}

/* A head that came before the end counts. */
static void test_response_and_fin(void **state) {
  (void)state;
  struct world world;
  open_unread(&world);
  world_text(&world, MS, "HTTP/1.1 400 Bad\r\n\r\n");
  world_fin(&world, MS);
  world_pass(&world, SECOND);
  assert_null(respond(&world).missing);
  world_close(&world);
}

static bool refuses(struct world *world, unsigned number) {
  (void)world;
  return number == 0;
}

static void test_refused(void **state) {
  (void)state;
  struct world world;
  open_unread(&world);
  world.accepts = refuses;
  world.link = wsc_link_dial(world.trial);
  world_pass(&world, 0);
  assert_int_equal(wsc_link_state(world.link), WSC_LINK_REFUSED);
  assert_true(world.trial->unreachable);
  assert_string_equal(wsc_link_end_text(world.link), "connection refused");
  assert_missing(&world, "refused");
}

static void test_no_http(void **state) {
  (void)state;
  struct world world;
  open_unread(&world);
  world_text(&world, MS, "\x81\x02hi\r\n\r\n");
  respond(&world);
  assert_int_equal(
      world.context.observed.checks[WSC_CHECK_NO_EARLY_FRAMES].violations, 1);
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alive),
      cmocka_unit_test(test_finish),
      cmocka_unit_test(test_finish_after_close),
      cmocka_unit_test(test_finish_in_vain),
      cmocka_unit_test(test_next),
      cmocka_unit_test(test_next_ends),
      cmocka_unit_test(test_next_fence),
      cmocka_unit_test(test_response),
      cmocka_unit_test(test_interim),
      cmocka_unit_test(test_no_response),
      cmocka_unit_test(test_response_and_fin),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_no_http),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
