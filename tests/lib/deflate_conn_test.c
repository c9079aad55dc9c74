/* permessage-deflate in a connection: what a server makes of a client's octets
 * (RFC 7692 6, 7.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "deflate_conn.h"
#include "deflate_support.h"
#include "failmalloc.h"

#define PMD   "permessage-deflate"
#define HELLO "\xf2\x48\xcd\xc9\xc9\x07\x00"
#define AGAIN "\xf2\x00\x11\x00\x00" /* Hello, by a match with the last one */

/* Everything that came out of a connection. */
struct heard {
  struct octets bytes;
  size_t num_messages;
  struct seen seen;
};

static void hear(void *user, struct ws_conn *conn,
                 const struct ws_event *event) {
  struct heard *heard = user;
  see_event(&heard->seen, conn, event);
  if (event->type == WS_EVENT_DATA) {
    octets_add(&heard->bytes, event->payload.data, event->payload.len);
    heard->num_messages += event->final;
  }
}

static void feed_in_steps(struct ws_conn *conn, const uint8_t *data, size_t len,
                          size_t step, struct heard *heard) {
  *heard = (struct heard){.num_messages = 0};
  for (size_t at = 0; at < len; at += step) {
    size_t part = step < len - at ? step : len - at;
    feed_bytes(conn, data + at, part, hear, heard);
  }
}

/* Feeds frames to a new server that has accepted `offer`; the result is
 * *heard. */
static void say(const char *offer, const uint8_t *data, size_t len, size_t step,
                struct heard *heard) {
  struct deflate_end server;
  deflate_server_open(&server, offer, NULL, NULL);
  feed_in_steps(server.conn, data, len, step, heard);
  deflate_end_free(&server);
}

static void expect_heard(struct heard *heard, const char *text,
                         size_t num_messages) {
  assert_int_equal(heard->seen.num_faults, 0);
  assert_slice((struct ws_slice){heard->bytes.data, heard->bytes.len}, text);
  assert_int_equal(heard->num_messages, num_messages);
  octets_free(&heard->bytes);
}

/* Frames one behind the other. */
struct script {
  uint8_t bytes[4096];
  size_t len;
};

static void add_frame(struct script *script, uint8_t first, const void *payload,
                      size_t len) {
  assert_true(script->len + WS_FRAME_HEADER_MAX + len <= sizeof(script->bytes));
  script->len += write_frame(script->bytes + script->len, first, payload, len);
}

#define ADD(script, first, literal)                                            \
  add_frame(script, first, literal, sizeof(literal) - 1)

/* 7692-7.2.3.2-01: "Note that even if some uncompressed messages (with the RSV1
 * bit unset) are inserted ... they don't affect the LZ77 sliding window." */
static void plain_messages_leave_the_window_alone(void **state) {
  (void)state;
  struct script script = {.len = 0};
  ADD(&script, 0xC1, HELLO);
  ADD(&script, 0x81, "plain");
  ADD(&script, 0xC1, AGAIN);
  ADD(&script, 0x02, "pl");
  ADD(&script, 0x89, "ping");
  ADD(&script, 0x80, "ain");
  ADD(&script, 0xC2, AGAIN);
  for (size_t step = 1; step < 100; step++) {
    struct heard heard;
    say(PMD, script.bytes, script.len, step, &heard);
    expect_heard(&heard, "HelloplainHelloplainHello", 5);
  }
}

/* 6.2: "Concatenate the payload data portion of the received frames". */
static void fragments_may_be_cut_anywhere(void **state) {
  (void)state;
  static const char payload[] = HELLO;
  size_t len = sizeof(payload) - 1;
  for (size_t first = 0; first <= len; first++) {
    for (size_t second = first; second <= len; second++) {
      struct script script = {.len = 0};
      struct heard heard;
      add_frame(&script, 0x41, payload, first);
      ADD(&script, 0x8A, "pong");
      add_frame(&script, 0x00, payload + first, second - first);
      add_frame(&script, 0x80, payload + second, len - second);
      ADD(&script, 0xC1, AGAIN);
      say(PMD, script.bytes, script.len, 1 + first % 3, &heard);
      expect_heard(&heard, "HelloHello", 2);
    }
  }
}

/* 7.2.3.6, and what some send in its place. */
static void empty_messages_are_messages(void **state) {
  (void)state;
  struct script script = {.len = 0};
  struct heard heard;
  ADD(&script, 0xC1, HELLO);
  ADD(&script, 0xC1, "\x00");
  ADD(&script, 0xC2, "");
  ADD(&script, 0x41, "");
  ADD(&script, 0x80, "\x00");
  ADD(&script, 0x41, "\xf2\x00\x11\x00\x00\x00\x00\xff\xff");
  ADD(&script, 0x80, "\x00");
  say(PMD, script.bytes, script.len, SIZE_MAX, &heard);
  expect_heard(&heard, "HelloHello", 5);
  script.len = 0;
  ADD(&script, 0xC2, ""); /* the first of all */
  say(PMD, script.bytes, script.len, SIZE_MAX, &heard);
  expect_heard(&heard, "", 1);
}

/* Without takeover the window is empty, and a match into it is a fault. */
static void a_context_ends_with_its_message(void **state) {
  (void)state;
  struct script script = {.len = 0};
  struct heard heard;
  ADD(&script, 0xC1, HELLO);
  ADD(&script, 0xC1, HELLO);
  say(PMD "; client_no_context_takeover", script.bytes, script.len, SIZE_MAX,
      &heard);
  expect_heard(&heard, "HelloHello", 2);
  ADD(&script, 0xC1, AGAIN);
  say(PMD "; client_no_context_takeover", script.bytes, script.len, SIZE_MAX,
      &heard);
  assert_int_equal(heard.seen.fault, WS_FAULT_DEFLATE_DATA);
  assert_int_equal(heard.num_messages, 2);
  octets_free(&heard.bytes);
}

/* Each with what may be delivered before it. */
static const struct {
  uint8_t first, second; /* first octets of two frames; 0: one frame */
  struct ws_slice payload, more;
  const char *delivered;
  enum ws_fault fault;
} faults[] = {
    /* 7692-6.1-04, 7692-6.1-05: "An endpoint MUST NOT set the "Per-Message
     * Compressed" bit of control frames and non-first fragments". */
    {0xC9, 0, OCTETS(""), OCTETS(""), "", WS_FAULT_RSV},
    {0xC8, 0, OCTETS("\x03\xe8"), OCTETS(""), "", WS_FAULT_RSV},
    {0xCA, 0, OCTETS(""), OCTETS(""), "", WS_FAULT_RSV},
    {0x41, 0xC0, OCTETS(HELLO), OCTETS("\x00"), "Hello", WS_FAULT_RSV},
    {0x01, 0xC0, OCTETS("Hel"), OCTETS("lo"), "Hel", WS_FAULT_RSV},
    {0xA1, 0, OCTETS(""), OCTETS(""), "", WS_FAULT_RSV},
    {0xD1, 0, OCTETS(HELLO), OCTETS(""), "", WS_FAULT_RSV},
    /* 7692-6.2-03, 7692-7.2.1-01 */
    {0xC1, 0, OCTETS("\xff\xff\xff\xff\xff"), OCTETS(""), "",
     WS_FAULT_DEFLATE_DATA},
    {0xC1, 0, OCTETS("\xf2\x48\xcd\xc9\xc9\x07"), OCTETS(""), "Hello",
     WS_FAULT_DEFLATE_DATA},
    {0x42, 0x80, OCTETS("\xf2\x48\xcd"), OCTETS("\x07"), "Heo",
     WS_FAULT_DEFLATE_DATA},
    /* It is told before the message has ended. */
    {0x41, 0, OCTETS("\xf2\x48\xcd\xc9\xc9\x07\xff\xff"), OCTETS(""), "Hello",
     WS_FAULT_DEFLATE_DATA},
    /* 7692-6.1-07: ED A0 80 is no UTF-8, nor is a code point cut short. */
    {0xC1, 0, OCTETS("\x00\x05\x00\xfa\xffHi\xed\xa0\x80\x00"), OCTETS(""),
     "Hi\xed", WS_FAULT_TEXT_NOT_UTF8},
    {0xC1, 0, OCTETS("\x00\x03\x00\xfc\xffH\xe2\x82\x00"), OCTETS(""),
     "H\xe2\x82", WS_FAULT_TEXT_NOT_UTF8},
};

static void faults_are_told(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(faults); i++) {
    struct script script = {.len = 0};
    add_frame(&script, faults[i].first, faults[i].payload.data,
              faults[i].payload.len);
    if (faults[i].second != 0) {
      add_frame(&script, faults[i].second, faults[i].more.data,
                faults[i].more.len);
    }
    ADD(&script, 0x81, "more");
    for (size_t step = 1; step < 64; step++) {
      struct heard heard;
      say(PMD, script.bytes, script.len, step, &heard);
      if (heard.seen.fault != faults[i].fault) {
        fail_msg("row %zu: %s", i, ws_fault_info(heard.seen.fault)->name);
      }
      assert_slice((struct ws_slice){heard.bytes.data, heard.bytes.len},
                   faults[i].delivered);
      assert_int_equal(heard.num_messages, 0);
      assert_int_equal(heard.seen.num_ends, 1);
      octets_free(&heard.bytes);
    }
  }
}

/* Three octets a code point: no cut of the pieces or the wire is between two of
 * them for long. */
static void code_points_may_be_cut(void **state) {
  (void)state;
  size_t len = 3 * WS_DEFLATE_PIECE + 3;
  uint8_t *text = malloc(len);
  uint8_t *wire = malloc(len);
  struct octets message = {NULL, 0};
  const struct ws_deflate_params params = {.client_max_window_bits = 0};
  const struct ws_deflate_config config = {.level = 0};
  struct ws_deflate *codec = ws_deflate_new(WS_CLIENT, &params, &config, NULL);
  for (size_t i = 0; i < len; i++) {
    text[i] = (uint8_t) "\xe2\x82\xac"[i % 3];
  }
  deflate_message(codec, text, len, &message);
  size_t wire_len = write_frame(wire, 0xC1, message.data, message.len);
  for (size_t step = 1; step <= wire_len; step += step < 9 ? 1 : 50) {
    struct heard heard;
    say(PMD, wire, wire_len, step, &heard);
    assert_int_equal(heard.seen.num_faults, 0);
    assert_int_equal(heard.num_messages, 1);
    assert_int_equal(heard.bytes.len, len);
    assert_memory_equal(heard.bytes.data, text, len);
    octets_free(&heard.bytes);
  }
  ws_deflate_free(codec);
  octets_free(&message);
  free(wire);
  free(text);
}

/* The same events, places on the wire included, however the octets come. */
static void log_event(void *user, struct ws_conn *conn,
                      const struct ws_event *event) {
  (void)conn;
  event_log_add(user, event);
}

static char *log_of(const struct script *script, uint64_t seed) {
  struct deflate_end server;
  struct event_log log;
  deflate_server_open(&server, PMD, NULL, NULL);
  event_log_init(&log);
  for (size_t at = 0; at < script->len;) {
    size_t rest = script->len - at;
    size_t part = seed == 0 ? rest : 1 + next_random(&seed) % 9;
    part = part < rest ? part : rest;
    feed_bytes(server.conn, script->bytes + at, part, log_event, &log);
    at += part;
  }
  char *text = strdup(event_log_finish(&log));
  event_log_free(&log);
  deflate_end_free(&server);
  return text;
}

static void events_do_not_depend_on_cuts(void **state) {
  (void)state;
  struct script script = {.len = 0};
  ADD(&script, 0xC1, HELLO);
  ADD(&script, 0x41, "\xf2");
  ADD(&script, 0x89, "ping");
  ADD(&script, 0x80, "\x00\x11\x00\x00");
  ADD(&script, 0x42, "");
  ADD(&script, 0x80, "\xf3\x48\xcd\xc9\xc9\x07\x00\x01");
  ADD(&script, 0xC2, "\x00");
  ADD(&script, 0xC1, "\xff");
  char *whole = log_of(&script, 0);
  assert_non_null(strstr(whole, "FAULT DEFLATE_DATA 1007"));
  for (uint64_t seed = 1; seed < 200; seed++) {
    char *cut = log_of(&script, seed);
    assert_string_equal(cut, whole);
    free(cut);
  }
  free(whole);
}

/* 1 MiB of wire for 1 GiB of zeros: what is held is a window and a piece, what
 * is delivered is the limit. */
static void a_bomb_is_stopped(void **state) {
  (void)state;
  static uint8_t zeros[1 << 20];
  const struct ws_conn_limits limits = {.message = 300000};
  const struct ws_deflate_params params = {.client_max_window_bits = 0};
  const struct ws_deflate_config config = {.level = 9};
  struct ws_deflate *codec = ws_deflate_new(WS_CLIENT, &params, &config, NULL);
  struct ws_transform transform = ws_deflate_transform(codec);
  struct octets bomb = {NULL, 0};
  struct ws_slice out;
  /* From the second on, each MiB of zeros is the same octets. */
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(transform.send(transform.user,
                                    (struct ws_slice){zeros, sizeof(zeros)},
                                    false, &out),
                     WS_OK);
    octets_add(&bomb, out.data, out.len);
  }
  for (size_t i = 2; i < 1024; i++) {
    octets_add(&bomb, out.data, out.len);
  }
  octets_add(&bomb, "\x00", 1);
  assert_in_range(bomb.len, 1 << 20, 2 << 20);
  uint8_t *wire = malloc(bomb.len + WS_FRAME_HEADER_MAX);
  size_t len = write_frame(wire, 0xC2, bomb.data, bomb.len);
  for (size_t step = 3000; step <= 3000000; step *= 1000) {
    struct failmalloc fm;
    struct deflate_end server;
    struct heard heard;
    failmalloc_init(&fm);
    deflate_server_open(&server, PMD, &limits, &fm.allocator);
    size_t before = fm.live_len;
    fm.peak_len = before;
    feed_in_steps(server.conn, wire, len, step, &heard);
    assert_int_equal(heard.seen.fault, WS_FAULT_MESSAGE_TOO_BIG);
    assert_int_equal(heard.bytes.len, limits.message);
    assert_true(fm.peak_len < before + 70000);
    octets_free(&heard.bytes);
    deflate_end_free(&server);
    failmalloc_assert_empty(&fm);
  }
  ws_deflate_free(codec);
  octets_free(&bomb);
  free(wire);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_messages_leave_the_window_alone),
      cmocka_unit_test(fragments_may_be_cut_anywhere),
      cmocka_unit_test(empty_messages_are_messages),
      cmocka_unit_test(a_context_ends_with_its_message),
      cmocka_unit_test(faults_are_told),
      cmocka_unit_test(code_points_may_be_cut),
      cmocka_unit_test(events_do_not_depend_on_cuts),
      cmocka_unit_test(a_bomb_is_stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
