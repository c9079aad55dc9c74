/* What a session makes of compressed messages, and observes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "engine_support.h"
#include "ws/mask.h"

/* The trial's connection with an agreement. */
static struct wsc_session *
open_agreed(struct world *world, const struct wsc_deflate_agreement *terms) {
  world_open(world);
  world->link = world_dial(world);
  return wsc_session_begin(world->link, terms);
}

static const struct wsc_deflate_agreement plain = {
    .server_max_window_bits = 15, .client_max_window_bits = 15};

static uint64_t violations(const struct world *world, enum wsc_check check) {
  return world->context.observed.checks[check].violations;
}

static uint64_t looks(const struct world *world, enum wsc_check check) {
  return world->context.observed.checks[check].count;
}

#define OCTETS(literal) literal, sizeof(literal) - 1
#define HELLO           "\xF2\x48\xCD\xC9\xC9\x07\x00"

static const struct row {
  const char *name;
  const char *octets;
  size_t len;
  const char *payload; /* of the first event */
  bool compressed;
  size_t wire_len;
  int check; /* that is violated; -1: none. A misplaced RSV1 is not clear, too */
} rows[] = {
    {"compressed", OCTETS("\xC1\x07" HELLO), "Hello", true, 7, -1},
    {"not compressed", OCTETS("\x81\x05Hello"), "Hello", false, 5, -1},
    {"in fragments", OCTETS("\x41\x03\xF2\x48\xCD\x80\x04\xC9\xC9\x07\x00"),
     "Hello", true, 7, -1},
    {"a ping between fragments",
     OCTETS("\x41\x03\xF2\x48\xCD\x89\x00\x80\x04\xC9\xC9\x07\x00"), "", false,
     0, -1},
    {"an empty last fragment", OCTETS("\x41\x07" HELLO "\x80\x00"), "Hello",
     true, 7, -1},
    {"binary", OCTETS("\xC2\x07" HELLO), "Hello", true, 7, -1},
    {"RSV1 on a continuation",
     OCTETS("\x41\x03\xF2\x48\xCD\xC0\x04\xC9\xC9\x07\x00"), "Hello", true, 7,
     WSC_CHECK_DEFLATE_RSV1},
    {"RSV1 only on a continuation", OCTETS("\x01\x03Hel\xC0\x02lo"), "Hello",
     false, 5, WSC_CHECK_DEFLATE_RSV1},
    {"RSV1 on a ping", OCTETS("\xC9\x01x"), "x", false, 0,
     WSC_CHECK_DEFLATE_RSV1},
    {"RSV1 and RSV2", OCTETS("\xE1\x07" HELLO), "Hello", true, 7,
     WSC_CHECK_RSV_CLEAR},
    {"RSV2", OCTETS("\xA1\x05Hello"), "Hello", false, 5, WSC_CHECK_RSV_CLEAR},
    {"no DEFLATE", OCTETS("\xC1\x05\xFF\xFF\xFF\xFF\xFF"), "", true, 5,
     WSC_CHECK_DEFLATE_DATA},
    {"cut short", OCTETS("\xC1\x07\xF3\x48\xCD\xC9\xC9\x07\x00"), "Hello", true,
     7, WSC_CHECK_DEFLATE_DATA},
    {"compressed text that is no UTF-8",
     OCTETS("\xC1\x09\x00\x03\x00\xFC\xFF\xED\xA0\x80\x00"), "\xED\xA0\x80",
     true, 9, WSC_CHECK_TEXT_UTF8},
    {"compressed octets that are no UTF-8",
     OCTETS("\xC2\x09\x00\x03\x00\xFC\xFF\xED\xA0\x80\x00"), "\xED\xA0\x80",
     true, 9, -1},
};

/* In one piece (0) or in pieces of so many octets. */
static void check_row(const struct row *row, size_t piece) {
  struct world world;
  struct wsc_session *session = open_agreed(&world, &plain);
  size_t step = piece == 0 ? row->len : piece;
  for (size_t at = 0; at < row->len; at += step) {
    size_t left = row->len - at;
    world_octets(&world, 0, row->octets + at, left < step ? left : step);
  }
  world_pass(&world, MS);
  const struct wsc_event *event = wsc_session_events(session);
  assert_non_null(event);
  assert_int_equal(event->len, strlen(row->payload));
  assert_memory_equal(event->payload, row->payload, event->len);
  assert_int_equal(event->compressed, row->compressed);
  assert_int_equal(event->wire_len, row->wire_len);
  assert_int_equal(event->inflate_error != NULL,
                   row->check == WSC_CHECK_DEFLATE_DATA);
  for (int i = 0; i < WSC_NUM_CHECKS; i++) {
    bool too = i == WSC_CHECK_RSV_CLEAR && row->check == WSC_CHECK_DEFLATE_RSV1;
    assert_int_equal(violations(&world, (enum wsc_check)i),
                     i == row->check || too);
  }
  world_close(&world);
}

static void test_rows(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    print_message("  %s\n", rows[i].name);
    check_row(&rows[i], 0);
    check_row(&rows[i], 1);
    check_row(&rows[i], 3);
  }
}

/* Without an agreement RSV1 is a violation, and the octets are what they are. */
static void test_nothing_agreed(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_octets(&world, 0, "\xC1\x07" HELLO, 9);
  world_pass(&world, MS);
  const struct wsc_event *event =
      wsc_session_events(wsc_link_session(world.link));
  assert_false(event->compressed);
  assert_int_equal(event->len, 7);
  assert_memory_equal(event->payload, HELLO, 7);
  assert_int_equal(violations(&world, WSC_CHECK_RSV_CLEAR), 1);
  assert_int_equal(looks(&world, WSC_CHECK_DEFLATE_DATA), 0);
  assert_null(wsc_session_agreement(wsc_link_session(world.link)));
  world_close(&world);
}

/* -- windows -------------------------------------------------------------- */

/* A compressed message: `stored` octets, then one match; in a frame. */
static void world_match(struct world *world, size_t stored, unsigned distance) {
  static uint8_t filler[40000];
  struct wsc_blocks blocks;
  wsc_blocks_init(&blocks);
  wsc_blocks_stored(&blocks, filler, stored, false);
  wsc_blocks_fixed(&blocks, false);
  wsc_blocks_match(&blocks, 3, distance);
  wsc_blocks_end(&blocks);
  wsc_blocks_stored(&blocks, NULL, 0, false);
  size_t len = blocks.len - 4;
  uint8_t header[] = {0xC2, 126, (uint8_t)(len >> 8), (uint8_t)len};
  world_octets(world, 0, header, sizeof header);
  world_octets(world, 0, blocks.data, len);
  world_pass(world, MS);
  wsc_blocks_free(&blocks);
}

static void test_window(void **state) {
  (void)state;
  for (uint8_t bits = 8; bits <= 15; bits++) {
    struct world world;
    struct wsc_deflate_agreement terms = plain;
    unsigned window = 1u << bits;
    terms.server_max_window_bits = bits;
    struct wsc_session *session = open_agreed(&world, &terms);
    world_match(&world, 33000, window);
    assert_int_equal(violations(&world, WSC_CHECK_DEFLATE_WINDOW), 0);
    if (bits < 15) {
      world_match(&world, 33000, window + 1);
      assert_int_equal(violations(&world, WSC_CHECK_DEFLATE_WINDOW), 1);
      assert_int_equal(looks(&world, WSC_CHECK_DEFLATE_WINDOW), 2);
      assert_has(world.context.observed.checks[WSC_CHECK_DEFLATE_WINDOW].first,
                 "octets back");
    } else {
      /* No match can break this. */
      assert_int_equal(looks(&world, WSC_CHECK_DEFLATE_WINDOW), 0);
    }
    assert_int_equal(wsc_session_events(session)->distance, window);
    assert_int_equal(wsc_session_events(session)->len, 33003);
    world_close(&world);
  }
}

/* The window is kept whatever was agreed: the breach is seen, and the message
 * read. */
static void test_no_takeover(void **state) {
  (void)state;
  for (int fresh = 0; fresh < 2; fresh++) {
    struct world world;
    struct wsc_deflate_agreement terms = plain;
    terms.server_no_context_takeover = fresh != 0;
    struct wsc_session *session = open_agreed(&world, &terms);
    world_match(&world, 300, 300);
    assert_int_equal(violations(&world, WSC_CHECK_DEFLATE_NO_TAKEOVER), 0);
    world_match(&world, 300, 310);
    assert_int_equal(violations(&world, WSC_CHECK_DEFLATE_NO_TAKEOVER), fresh);
    assert_int_equal(looks(&world, WSC_CHECK_DEFLATE_NO_TAKEOVER), 2 * fresh);
    const struct wsc_event *first = wsc_session_events(session);
    assert_int_equal(first->reach, 0);
    assert_int_equal(first->next->reach, 10);
    assert_null(first->next->inflate_error);
    world_close(&world);
  }
}

/* -- bombs ---------------------------------------------------------------- */

/* Matches of 258 zeros, `num` of them. */
static void world_bomb(struct world *world, unsigned num) {
  struct wsc_blocks blocks;
  wsc_blocks_init(&blocks);
  wsc_blocks_stored(&blocks, (const uint8_t *)"", 1, false);
  wsc_blocks_fixed(&blocks, false);
  for (unsigned i = 0; i < num; i++) {
    wsc_blocks_match(&blocks, 258, 1);
  }
  wsc_blocks_end(&blocks);
  wsc_blocks_stored(&blocks, NULL, 0, false);
  size_t len = blocks.len - 4;
  assert_true(len <= 65535);
  uint8_t header[] = {0xC2, 126, (uint8_t)(len >> 8), (uint8_t)len};
  world_octets(world, 0, header, sizeof header);
  world_octets(world, 0, blocks.data, len);
  world_octets(world, 0, "\x81\x02hi", 4);
  world_pass(world, MS);
  wsc_blocks_free(&blocks);
}

static size_t num_events(const struct wsc_session *session) {
  size_t num = 0;
  for (const struct wsc_event *event = wsc_session_events(session);
       event != NULL; event = event->next) {
    num++;
  }
  return num;
}

/* 2 MiB that nobody asked for are tolerated, all messages together. */
static void test_bomb(void **state) {
  (void)state;
  struct world world;
  struct wsc_session *session = open_agreed(&world, &plain);
  world_bomb(&world, 4000);
  world_bomb(&world, 4000);
  assert_false(wsc_session_flooded(session));
  assert_int_equal(num_events(session), 4);
  world_bomb(&world, 4000);
  assert_true(wsc_session_flooded(session));
  assert_true(world.streams[1]->paused);
  assert_int_equal(num_events(session), 5); /* and nothing is read behind it */
  const struct wsc_event *event = wsc_session_events(session);
  while (event->next != NULL) {
    event = event->next;
  }
  assert_non_null(event->inflate_error);
  assert_true(event->len < 2u << 20);
  /* The limit is ours: it says nothing about the peer's compressor. */
  assert_int_equal(violations(&world, WSC_CHECK_DEFLATE_DATA), 0);
  world_close(&world);
}

/* What was sent counts as it was before it was compressed. */
static void test_echo_of_much(void **state) {
  (void)state;
  static uint8_t zeros[3u << 20];
  struct world world;
  struct wsc_session *session = open_agreed(&world, &plain);
  struct wsc_send send = {.opcode = WS_OP_BINARY,
                          .fin = true,
                          .masked = true,
                          .payload = zeros,
                          .len = sizeof zeros,
                          .deflate = true,
                          .options = {.level = -1}};
  wsc_session_send(session, &send);
  assert_true(world.streams[1]->sent_len < 10000);
  for (int i = 0; i < 3; i++) {
    world_bomb(&world, 4000);
  }
  assert_false(wsc_session_flooded(session));
  world_close(&world);
}

/* -- sending -------------------------------------------------------------- */

static void test_send(void **state) {
  (void)state;
  struct world world;
  struct wsc_session *session = open_agreed(&world, &plain);
  struct wsc_send send = {.opcode = WS_OP_TEXT,
                          .fin = true,
                          .masked = true,
                          .has_key = true,
                          .payload = (const uint8_t *)"Hello",
                          .len = 5,
                          .deflate = true,
                          .options = {.level = -1}};
  wsc_session_send(session, &send);
  /* RFC 7692 7.2.3.1, and 7.2.3.2 for the second. */
  assert_int_equal(world.streams[1]->sent_len, 6 + 7);
  assert_memory_equal(world.streams[1]->sent, "\xC1\x87\x00\x00\x00\x00" HELLO,
                      13);
  struct ws_slice second = wsc_session_deflated(
      session, (struct ws_slice){(const uint8_t *)"Hello", 5}, &send.options);
  assert_int_equal(second.len, 5);
  assert_memory_equal(second.data, "\xF2\x00\x11\x00\x00", 5);
  assert_has(world.trial->outcome->steps[0].text, "deflated from 5");
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows),   cmocka_unit_test(test_nothing_agreed),
      cmocka_unit_test(test_window), cmocka_unit_test(test_no_takeover),
      cmocka_unit_test(test_bomb),   cmocka_unit_test(test_echo_of_much),
      cmocka_unit_test(test_send),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
