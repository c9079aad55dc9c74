/* What a session reads, sends and observes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine_support.h"

static struct wsc_session *session_of(struct world *world) {
  return wsc_link_session(world->link);
}

static uint64_t violations(const struct world *world, enum wsc_check check) {
  return world->context.observed.checks[check].violations;
}

/* -- what is observed --------------------------------------------------- */

struct row {
  const char *name;
  const char *octets;
  size_t len;
  int check; /* that is violated; -1: none */
  size_t num_events;
};

#define OCTETS(literal) literal, sizeof(literal) - 1

static const struct row rows[] = {
    {"a text", OCTETS("\x81\x02hi"), -1, 1},
    {"fragments", OCTETS("\x01\x01h\x00\x00\x80\x01i"), -1, 1},
    {"control frames between fragments",
     OCTETS("\x01\x01h\x89\x00\x8A\x00\x80\x01i"), -1, 3},
    {"masked", OCTETS("\x81\x82\x01\x02\x03\x04\x69\x6B"), WSC_CHECK_MASK_CLEAR,
     1},
    {"RSV1", OCTETS("\xC1\x00"), WSC_CHECK_RSV_CLEAR, 1},
    {"a reserved control opcode", OCTETS("\x8B\x00"), WSC_CHECK_OPCODE_KNOWN,
     0},
    {"16 bits for 5", OCTETS("\x82\x7E\x00\x05hello"), WSC_CHECK_LENGTH_MINIMAL,
     1},
    {"64 bits for 5", OCTETS("\x82\x7F\x00\x00\x00\x00\x00\x00\x00\x05hello"),
     WSC_CHECK_LENGTH_MINIMAL, 1},
    {"a fragmented pong", OCTETS("\x0A\x00"), WSC_CHECK_CONTROL_FIN, 1},
    {"a continuation of nothing", OCTETS("\x80\x01x"),
     WSC_CHECK_CONTINUATION_ORDER, 1},
    {"interleaved messages", OCTETS("\x01\x01h\x81\x01x"),
     WSC_CHECK_CONTINUATION_ORDER, 1},
    {"no UTF-8", OCTETS("\x81\x01\xFF"), WSC_CHECK_TEXT_UTF8, 1},
    {"half of UTF-8", OCTETS("\x81\x01\xC3"), WSC_CHECK_TEXT_UTF8, 1},
    {"a character over two fragments", OCTETS("\x01\x01\xC3\x80\x01\xA9"), -1,
     1},
    {"binary is no text", OCTETS("\x82\x01\xFF"), -1, 1},
    {"a Close", OCTETS("\x88\x02\x03\xE8"), -1, 1},
    {"an empty Close", OCTETS("\x88\x00"), -1, 1},
    {"half a code", OCTETS("\x88\x01\x03"), WSC_CHECK_CLOSE_BODY, 1},
    {"a reason that is no UTF-8", OCTETS("\x88\x03\x03\xE8\xFF"),
     WSC_CHECK_CLOSE_REASON_UTF8, 1},
    {"a Close with 999", OCTETS("\x88\x02\x03\xE7"), WSC_CHECK_CLOSE_CODE, 1},
    {"a Close of a server with 1010", OCTETS("\x88\x02\x03\xF2"),
     WSC_CHECK_CLOSE_CODE_1010, 1},
    {"two Closes", OCTETS("\x88\x00\x88\x00"), WSC_CHECK_ONE_CLOSE, 2},
    {"data behind a Close", OCTETS("\x88\x00\x81\x00"),
     WSC_CHECK_NOTHING_AFTER_CLOSE, 2},
};

static size_t num_events(struct world *world) {
  size_t num = 0;
  for (const struct wsc_event *event = wsc_session_events(session_of(world));
       event != NULL; event = event->next) {
    num++;
  }
  return num;
}

/* In one piece (0) or in pieces of so many octets. */
static void check_row(const struct row *row, size_t piece) {
  struct world world;
  world_open(&world);
  size_t step = piece == 0 ? row->len : piece;
  for (size_t at = 0; at < row->len; at += step) {
    size_t left = row->len - at;
    world_octets(&world, 0, row->octets + at, left < step ? left : step);
  }
  world_pass(&world, MS);
  assert_int_equal(num_events(&world), row->num_events);
  for (int i = 0; i < WSC_NUM_CHECKS; i++) {
    assert_int_equal(violations(&world, (enum wsc_check)i), i == row->check);
  }
  if (row->check >= 0) {
    assert_has(world.context.observed.checks[row->check].first,
               "test.case, connection 0: a ");
  }
  world_close(&world);
}

static void test_observed(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    print_message("  %s\n", rows[i].name);
    check_row(&rows[i], 0);
    check_row(&rows[i], 1);
    check_row(&rows[i], 3);
  }
}

/* Codes that must never be on the wire are told apart, unless they are ours. */
static void test_close_codes(void **state) {
  (void)state;
  static const struct {
    uint16_t code;
    enum wsc_check check;
  } codes[] = {{1004, WSC_CHECK_CLOSE_CODE_1004},
               {1006, WSC_CHECK_CLOSE_CODE_1006},
               {1015, WSC_CHECK_CLOSE_CODE_1015}};
  for (size_t i = 0; i < 3; i++) {
    for (int echo = 0; echo < 2; echo++) {
      struct world world;
      world_open(&world);
      if (echo) {
        wsc_session_send_close(session_of(&world), codes[i].code);
      }
      world_close_frame(&world, 0, codes[i].code);
      world_pass(&world, MS);
      assert_int_equal(violations(&world, codes[i].check), !echo);
      assert_int_equal(violations(&world, WSC_CHECK_CLOSE_CODE), !echo);
      world_close(&world);
    }
  }
}

/* A control frame may announce megabytes; it is told and not kept. */
static void test_long_control(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_octets(&world, 0, "\x89\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10);
  uint8_t filler[1000] = {0};
  world_octets(&world, 0, filler, sizeof filler);
  world_pass(&world, MS);
  assert_int_equal(violations(&world, WSC_CHECK_CONTROL_SHORT), 1);
  assert_int_equal(num_events(&world), 0);
  assert_string_equal(world_sent_frames(&world), "");
  world_close(&world);
}

/* -- pings and pongs ---------------------------------------------------- */

static void test_pings_are_answered(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_frame(&world, 0, WS_OP_PING, "a", 1);
  world_pass(&world, MS);
  assert_string_equal(world_sent_frames(&world), "pong");
  wsc_session_send_close(session_of(&world), 1000);
  world_frame(&world, 0, WS_OP_PING, "b", 1);
  world_pass(&world, MS);
  assert_string_equal(world_sent_frames(&world), "pong close:1000");
  world_close(&world);
}

/* 5.5.3: of pings that came together only the latest needs its pong. */
static void test_pings_together(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_text(&world, 0,
             "\x89\x01"
             "a"
             "\x89\x01"
             "b"
             "\x81\x01"
             "x"
             "\x89\x01"
             "c");
  world_text(&world, 0,
             "\x89\x01"
             "d");
  world_pass(&world, MS);
  assert_string_equal(world_sent_frames(&world), "pong pong");
  assert_int_equal(num_events(&world), 5);
  const struct wsc_outcome *outcome = world.trial->outcome;
  const char *answered = "";
  for (size_t i = 0; i < outcome->num_frames; i++) {
    const struct wsc_frame_note *note = &outcome->frames[i];
    if (note->direction == WSC_SENT) {
      answered =
          wsc_trial_text(world.trial, "%s%.*s", answered,
                         (int)note->payload_len, (const char *)note->payload);
    }
  }
  assert_string_equal(answered, "cd");
  world_close(&world);
}

/* The answers to a flood of pings ask for nothing, however long they are: it
 * is found out soon, and before our pongs are a flood themselves. */
static void test_ping_flood(void **state) {
  (void)state;
  enum { PIECES = 42, PINGS = 500 };
  struct world world;
  world_open(&world);
  uint8_t piece[PINGS * 6];
  for (size_t i = 0; i < sizeof piece; i += 6) {
    memcpy(piece + i, "\x89\x04ping", 6);
  }
  for (unsigned i = 0; i < PIECES; i++) {
    world_octets(&world, i, piece, sizeof piece);
  }
  world_pass(&world, MS);
  assert_true(wsc_session_flooded(session_of(&world)));
  assert_in_range(world.streams[0]->num_writes, 1, PIECES);
  world_close(&world);
}

/* What comes behind the response head before anybody has read that is bounded:
 * the link stops reading, until a session takes what is there. Left stopped, a
 * flood would look like silence. */
static void test_flood_before_session(void **state) {
  (void)state;
  enum { PIECES = 20, LEN = 65536 };
  struct world world;
  world_open(&world);
  struct wsc_link *link = world_dial(&world);
  static uint8_t piece[LEN];
  for (size_t i = 0; i < sizeof piece; i += 2) {
    memcpy(piece + i, "\x89\x00", 2);
  }
  for (unsigned i = 0; i < PIECES; i++) {
    world_octets(&world, i, piece, sizeof piece);
  }
  world_pass(&world, MS);
  struct wsc_stream *stream = world.streams[1];
  assert_true(stream->paused);
  struct wsc_session *session = wsc_session_begin(link, NULL);
  assert_false(stream->paused);
  world_octets(&world, 0, piece, sizeof piece);
  world_pass(&world, MS);
  assert_true(wsc_session_flooded(session));
  assert_true(stream->paused);
  world_close(&world);
}

static void send_ping(struct world *world, const char *text) {
  struct wsc_send ping = {.opcode = WS_OP_PING,
                          .fin = true,
                          .masked = true,
                          .payload = (const uint8_t *)text,
                          .len = strlen(text)};
  wsc_session_send(session_of(world), &ping);
}

/* F10: order among the pongs that answer; repetitions and others are free. */
static void test_pong_order(void **state) {
  (void)state;
  static const struct {
    const char *pongs; /* a letter a pong */
    uint64_t wrong;
  } orders[] = {{"abc", 0}, {"c", 0},   {"ac", 0},  {"abbc", 0}, {"axc", 0},
                {"ba", 1},  {"cba", 2}, {"xyz", 0}, {"acbc", 1}};
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
    struct world world;
    world_open(&world);
    send_ping(&world, "a");
    send_ping(&world, "b");
    send_ping(&world, "c");
    for (const char *c = orders[i].pongs; *c != '\0'; c++) {
      world_frame(&world, 0, WS_OP_PONG, c, 1);
    }
    world_pass(&world, MS);
    assert_int_equal(violations(&world, WSC_CHECK_PONG_ORDER), orders[i].wrong);
    assert_int_equal(num_events(&world), strlen(orders[i].pongs));
    world_close(&world);
  }
}

/* One that is owed serves the next wait as well. */
static void test_fence(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.pongs = 1;
  world.pong_delay = MS;
  assert_int_equal(wsc_session_fence(session_of(&world)), 1);
  assert_int_equal(wsc_session_fence(session_of(&world)), 1);
  world_pass(&world, MS);
  assert_int_equal(wsc_session_probed(session_of(&world)), 1);
  assert_int_equal(num_events(&world), 0); /* its pong is no event */
  assert_int_equal(wsc_session_fence(session_of(&world)), 2);
  assert_string_equal(world_sent_frames(&world), "ping ping");
  world_close(&world);
}

/* -- sending and ending ------------------------------------------------- */

static void test_send(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  struct wsc_send send = {.opcode = WS_OP_TEXT,
                          .fin = false,
                          .rsv = 5,
                          .masked = true,
                          .has_key = true,
                          .key = {1, 2, 3, 4},
                          .form = 16,
                          .has_length = true,
                          .length = 300,
                          .payload = (const uint8_t *)"hi",
                          .len = 2};
  wsc_session_send(session_of(&world), &send);
  assert_int_equal(world.streams[0]->sent_len, 10);
  assert_memory_equal(world.streams[0]->sent,
                      "\x51\xFE\x01\x2C\x01\x02\x03\x04\x69\x6B", 10);
  assert_int_equal(world.trial->outcome->num_frames, 1);
  world_close(&world);
}

/* An RST behind a FIN answers what we sent: the orderly end stands. */
static void test_rst_behind_fin(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_fin(&world, MS);
  world_rst(&world, 2 * MS);
  world_pass(&world, MS);
  uint64_t ended = wsc_link_ended_at(world.link);
  world_pass(&world, MS);
  assert_int_equal(wsc_link_state(world.link), WSC_LINK_FIN);
  assert_int_equal(wsc_link_ended_at(world.link), ended);
  assert_string_equal(wsc_link_end_text(world.link),
                      "the peer closed the connection");
  const struct wsc_outcome *outcome = world.trial->outcome;
  assert_int_equal(outcome->wire[outcome->num_wire - 1].kind, WSC_WIRE_RST);
  world_close(&world);
}

static void test_cork(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  struct wsc_stream *stream = world.streams[0];
  wsc_link_cork(world.link);
  send_ping(&world, "one");
  send_ping(&world, "two");
  assert_int_equal(stream->num_writes, 0);
  assert_int_equal(wsc_link_sent(world.link), 18);
  wsc_link_flush(world.link, 0);
  assert_int_equal(stream->num_writes, 1);
  wsc_link_cork(world.link);
  send_ping(&world, "three");
  wsc_link_flush(world.link, 4);
  assert_int_equal(stream->num_writes, 1 + 3); /* of 11 octets */
  assert_string_equal(world_sent_frames(&world), "ping ping ping");
  world_close(&world);
}

/* -- the trial ---------------------------------------------------------- */

static void test_quote(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  assert_string_equal(
      wsc_trial_quote(world.trial, (const uint8_t *)"a\"\\\n\xFF", 5, 9),
      "\"a\\x22\\x5C\\x0A\\xFF\"");
  assert_string_equal(
      wsc_trial_quote(world.trial, (const uint8_t *)"abcdef", 6, 3),
      "\"abc\"...");
  assert_string_equal(wsc_trial_quote(world.trial, NULL, 0, 3), "\"\"");
  world_close(&world);
}

static void test_levels(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.context.only_must = true;
  struct wsc_judgement judgement = {
      .requirement = "req", .strength = WSC_SHOULD, .expected = "x"};
  assert_false(wsc_trial_judge(world.trial, &judgement));
  world_assert_clause(&world, 0,
                      (struct clause_is){WSC_SHOULD, WSC_INFO, false, "x", ""});
  world.context.only_must = false;
  wsc_trial_judge(world.trial, &judgement);
  world_assert_clause(&world, 1,
                      (struct clause_is){WSC_SHOULD, WSC_WARN, false, "x", ""});
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_observed),
      cmocka_unit_test(test_close_codes),
      cmocka_unit_test(test_long_control),
      cmocka_unit_test(test_pings_are_answered),
      cmocka_unit_test(test_pings_together),
      cmocka_unit_test(test_ping_flood),
      cmocka_unit_test(test_flood_before_session),
      cmocka_unit_test(test_pong_order),
      cmocka_unit_test(test_fence),
      cmocka_unit_test(test_send),
      cmocka_unit_test(test_rst_behind_fin),
      cmocka_unit_test(test_cork),
      cmocka_unit_test(test_quote),
      cmocka_unit_test(test_levels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
