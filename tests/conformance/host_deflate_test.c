/* The verbs of permessage-deflate, against libws and against a peer that answers
 * every request with the extensions that a test gives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_support.h"

/* -- a peer that answers --------------------------------------------------- */

struct wsc_peer {
  const char *answer; /* what is left of it */
  bool asked;
};

static struct wsc_peer *answer_open(const void *config, uint64_t now) {
  (void)now;
  struct wsc_peer *peer = calloc(1, sizeof *peer);
  if (peer != NULL) {
    peer->answer = config;
  }
  return peer;
}

static void answer_feed(struct wsc_peer *peer, uint8_t *data, size_t len) {
  (void)data;
  (void)len;
  peer->asked = true;
}

static void answer_feed_eof(struct wsc_peer *peer) {
  (void)peer;
}

static size_t answer_output(struct wsc_peer *peer, const uint8_t **data) {
  *data = (const uint8_t *)peer->answer;
  return peer->asked ? strlen(peer->answer) : 0;
}

static void answer_output_done(struct wsc_peer *peer, size_t len) {
  peer->answer += len;
}

static enum wsc_peer_wish answer_wish(const struct wsc_peer *peer) {
  (void)peer;
  return WSC_PEER_STAY;
}

static uint64_t answer_deadline(const struct wsc_peer *peer) {
  (void)peer;
  return UINT64_MAX;
}

static void answer_tick(struct wsc_peer *peer, uint64_t now) {
  (void)peer;
  (void)now;
}

static void answer_close(struct wsc_peer *peer) {
  free(peer);
}

static const struct wsc_peer_ops answer_peer = {
    .name = "answer",
    .open = answer_open,
    .feed = answer_feed,
    .feed_eof = answer_feed_eof,
    .output = answer_output,
    .output_done = answer_output_done,
    .wish = answer_wish,
    .deadline = answer_deadline,
    .tick = answer_tick,
    .close = answer_close,
};

/* -- agreements ------------------------------------------------------------ */

#define DEFLATE "permessage-deflate"
#define ROWS                                                                   \
  "'7692-4-02', '7692-5-09', '7692-7.1.1.1-02', '7692-7.1.1.1-03', "           \
  "'7692-7.1.1.2-03', '7692-7.1.2.1-03', '7692-7.1.2.1-05', "                  \
  "'7692-7.1.2.1-06', '7692-7.1.2.2-04', '7692-7.1.2.2-05', "                  \
  "'7692-7.1.2.2-06'"

/* The table of section 11 of the stimuli, as far as it concerns responses. */
static const struct {
  const char *offer;
  const char *answer;  /* NULL: no field */
  const char *breaks;  /* requirements, "" for none; warnings in brackets */
  const char *returns; /* server and client takeover and bits, or "nil" */
} agreements[] = {
    {DEFLATE, NULL, "", "nil"},
    {DEFLATE, "x-foo", "", "nil"},
    {DEFLATE, DEFLATE, "", "true true 15 15"},
    {DEFLATE, DEFLATE "; server_no_context_takeover", "", "false true 15 15"},
    {DEFLATE, DEFLATE "; client_no_context_takeover; server_max_window_bits=9",
     "", "true false 9 15"},
    {DEFLATE, DEFLATE "; client_max_window_bits=15", "7692-7.1.2.2-06",
     "true true 15 15"},
    {DEFLATE "; client_max_window_bits", DEFLATE "; client_max_window_bits=8",
     "", "true true 15 8"},
    {DEFLATE "; client_max_window_bits=10",
     DEFLATE "; client_max_window_bits=10", "", "true true 15 10"},
    {DEFLATE "; client_max_window_bits=10",
     DEFLATE "; client_max_window_bits=11", "[7692-7.1.2.2-04]",
     "true true 15 11"},
    {DEFLATE "; client_max_window_bits", DEFLATE "; client_max_window_bits",
     "7692-7.1.2.2-05", "nil"},
    {DEFLATE "; server_max_window_bits=10", DEFLATE, "7692-7.1.2.1-05",
     "true true 15 15"},
    {DEFLATE "; server_max_window_bits=10",
     DEFLATE "; server_max_window_bits=11", "7692-7.1.2.1-05",
     "true true 11 15"},
    {DEFLATE "; server_max_window_bits=10",
     DEFLATE "; server_max_window_bits=\"8\"", "", "true true 8 15"},
    {DEFLATE "; server_no_context_takeover", DEFLATE, "7692-7.1.1.1-03",
     "true true 15 15"},
    {DEFLATE, DEFLATE "; server_no_context_takeover=1", "7692-7.1.1.1-02",
     "nil"},
    {DEFLATE, DEFLATE "; client_no_context_takeover=x", "7692-7.1.1.2-03",
     "nil"},
    {DEFLATE, DEFLATE "; server_max_window_bits=7", "7692-7.1.2.1-03", "nil"},
    {DEFLATE, DEFLATE "; server_max_window_bits=08", "7692-7.1.2.1-03", "nil"},
    {DEFLATE, DEFLATE "; server_max_window_bits=1e1",
     "7692-7.1.2.1-06 7692-7.1.2.1-03", "nil"},
    {DEFLATE, DEFLATE "; server_max_window_bits",
     "7692-7.1.2.1-06 7692-7.1.2.1-03", "nil"},
    {DEFLATE, DEFLATE "; foo", "7692-4-02", "nil"},
    {DEFLATE, DEFLATE "; server_max_window_bits=9; server_max_window_bits=9",
     "7692-4-02", "nil"},
    {DEFLATE, DEFLATE ", " DEFLATE, "7692-5-09", "true true 15 15"},
    {DEFLATE, DEFLATE "; =1", "7692-4-02", "nil"},
    /* one of several offers has to allow it */
    {DEFLATE "; server_max_window_bits=9, " DEFLATE, DEFLATE, "",
     "true true 15 15"},
    {DEFLATE "; server_max_window_bits=9, " DEFLATE
             "; server_no_context_takeover",
     DEFLATE "; server_max_window_bits=10", "7692-5-09", "true true 10 15"},
    {DEFLATE "; foo, " DEFLATE "; server_no_context_takeover", DEFLATE,
     "7692-7.1.1.1-03", "true true 15 15"},
    {DEFLATE "; foo", DEFLATE, "7692-5-09", "true true 15 15"},
    {DEFLATE "; server_max_window_bits", DEFLATE, "7692-5-09",
     "true true 15 15"},
};

static void list_breaches(const struct wsc_outcome *outcome, char *text) {
  size_t used = 0;
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    const struct wsc_clause *clause = &outcome->clauses[i];
    bool warns = clause->verdict == WSC_WARN;
    if (warns || clause->verdict == WSC_FAIL) {
      used += (size_t)sprintf(text + used, "%s%s%s%s", used == 0 ? "" : " ",
                              warns ? "[" : "", clause->requirement,
                              warns ? "]" : "");
    }
  }
  text[used] = '\0';
}

static void test_agreements(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof agreements / sizeof *agreements; i++) {
    char answer[256], text[2048], breaches[512];
    struct run run;
    bool named = agreements[i].answer != NULL;
    print_message("  %s -> %s\n", agreements[i].offer,
                  named ? agreements[i].answer : "nothing");
    snprintf(answer, sizeof answer, "HTTP/1.1 101 X\r\n%s%s%s\r\n",
             named ? "Sec-WebSocket-Extensions: " : "",
             named ? agreements[i].answer : "", named ? "\r\n" : "");
    snprintf(
        text, sizeof text,
        "case { id = 'test.one', title = 'T', requirements = { 'R-1', " ROWS
        " }, run = function(t)\n"
        "  local r = t:ask { extensions = '%s' }\n"
        "  local is = t:judge_agreement('R-1', r, '%s')\n"
        "  local told = is and table.concat({\n"
        "    tostring(not is.server_no_context_takeover),\n"
        "    tostring(not is.client_no_context_takeover),\n"
        "    is.server_max_window_bits, is.client_max_window_bits }, ' ')\n"
        "  t:note('R-1', told or 'nil')\n"
        "end }\n",
        agreements[i].offer, agreements[i].offer);
    run_against(&run, text, 1, 1,
                (struct wsc_peer_factory){&answer_peer, answer});
    const struct wsc_outcome *outcome = run.items[0].outcome;
    list_breaches(outcome, breaches);
    assert_string_equal(breaches, agreements[i].breaks);
    assert_true(outcome->num_clauses != 0);
    assert_string_equal(outcome->clauses[outcome->num_clauses - 1].expected,
                        agreements[i].returns);
    run_end(&run);
  }
}

/* -- declining -------------------------------------------------------------- */

static void test_declined(void **state) {
  (void)state;
  static const struct {
    const char *answer;
    const char *reason;
  } answers[] = {
      {"HTTP/1.1 101 X\r\n\r\n",
       "the offer 'permessage-deflate; x' is declined"},
      {"HTTP/1.1 101 X\r\nSec-WebSocket-Extensions: x-foo\r\n\r\n",
       "the offer 'permessage-deflate; x' is declined"},
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    struct run run;
    run_against(&run,
                CASE("", "t:open_deflate('permessage-deflate; x')\n"
                         "t:must('R-1', false, 'not reached')"),
                1, 1,
                (struct wsc_peer_factory){&answer_peer, answers[i].answer});
    assert_outcome(run.items[0].outcome, WSC_SKIP, answers[i].reason);
    run_end(&run);
  }
}

/* -- messages --------------------------------------------------------------- */

static void assert_passes(const char *text) {
  struct run run;
  run_begin(&run, text, 1, 1);
  assert_outcome(run.items[0].outcome, WSC_PASS, "");
  run_end(&run);
}

static void test_messages(void **state) {
  (void)state;
  assert_passes(CASE("", "local ws = t:open_deflate()\n"
                         "local text = ('hello ' .. t.nonce):rep(50)\n"
                         "ws:text(text, { deflate = true })\n"
                         "ws:expect_text(text)\n"
                         "ws:binary(text, { deflate = true, level = 1 })\n"
                         "ws:expect_binary(text)\n"
                         "local octets = ws:deflated(text, { bits = 9 })\n"
                         "ws:text(octets:sub(1, 2), { fin = false, rsv = 4 })\n"
                         "ws:ping('mid')\n"
                         "ws:continuation(octets:sub(3))\n"
                         "ws:expect_pong('mid')\n"
                         "ws:expect_text(text)\n"
                         "ws:text(text)\n"
                         "ws:expect_text(text)\n"
                         "ws:finish()"));
}

/* zlib begins the second with a literal: 7.2.3.2 shows it. */
static void test_events(void **state) {
  (void)state;
  assert_passes(
      CASE("", "local ws = t:open_deflate()\n"
               "ws:text(t.nonce, { deflate = true })\n"
               "local first = ws:next()\n"
               "ws:text(t.nonce, { deflate = true })\n"
               "local second = ws:next()\n"
               "ws:text(t.nonce)\n"
               "local plain = ws:next()\n"
               "t:must('R-1', first.compressed and first.payload == t.nonce\n"
               "  and first.distance == 0 and first.reach == 0\n"
               "  and first.inflate_error == nil, 'the first')\n"
               "t:must('R-1', second.compressed and second.distance == 12\n"
               "  and second.reach == 11 and second.wire_len < 8, 'its echo')\n"
               "t:must('R-1', not plain.compressed and plain.wire_len == 12,\n"
               "  'one that is not compressed')"));
}

static void test_agreed(void **state) {
  (void)state;
  assert_passes(CASE(
      "", "local d = t:open_deflate('permessage-deflate; '\n"
          "  .. 'server_no_context_takeover; server_max_window_bits=10; '\n"
          "  .. 'client_max_window_bits=9').deflate\n"
          "t:must('R-1', d.server_no_context_takeover, 'as offered')\n"
          "t:must('R-1', d.server_max_window_bits == 10, 'as offered')\n"
          "t:must('R-1', t:open().deflate == nil, 'nothing offered')\n"
          "local ws = t:accepts('R-1', { extensions = "
          "'permessage-deflate' })\n"
          "t:must('R-1', ws.deflate, 'agreed')"));
}

/* RFC 7692 7.2.3, and PD-16 of the table of stimuli. */
static void test_blocks(void **state) {
  (void)state;
  assert_passes(CASE(
      "",
      "local function is(octets, text)\n"
      "  t:must('R-1', octets == hex(text), text)\n"
      "end\n"
      "is(deflate.fixed { 'Hello' }, 'f2 48 cd c9 c9 07 00')\n"
      "is(deflate.fixed({ 'He', 'llo' }, { final = true }),\n"
      "  'f3 48 cd c9 c9 07 00 00')\n"
      "is(deflate.stored('Hello'), '00 05 00 fa ff 48 65 6c 6c 6f 00')\n"
      "is(deflate.stored('', { final = true }), '01 00 00 ff ff 00')\n"
      "is(deflate.message { { fixed = { 'He' } }, { stored = '' },\n"
      "  { fixed = { 'llo' } } }, 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00')\n"
      "is(deflate.message {}, '00')\n"
      "is(deflate.message({}, { tail = true }), '00 00 00 ff ff')\n"
      "is(deflate.fixed { { 258, 32768 } }, '1a bd ff 1f 00')\n"
      "local ws = t:open_deflate()\n"
      "ws:text(deflate.dynamic { t.nonce, { 24, 12 }, '!' }, { rsv = 4 })\n"
      "ws:expect_text(t.nonce:rep(3) .. '!')"));
}

/* -- mistakes --------------------------------------------------------------- */

static void test_mistakes(void **state) {
  (void)state;
  static const struct {
    const char *body;
    const char *reason;
  } mistakes[] = {
      {"t:open():text('x', { deflate = true })",
       "permessage-deflate was not agreed: see open_deflate()"},
      {"t:open():deflated('x')",
       "permessage-deflate was not agreed: see open_deflate()"},
      {"t:open_deflate():text('x', { deflate = true, fin = false })",
       "option 'deflate' is for whole messages; for fragments, cut what "
       "deflated() gives"},
      {"t:open_deflate():ping('x', { deflate = true })",
       "option 'deflate' is for whole messages; for fragments, cut what "
       "deflated() gives"},
      {"t:open_deflate():text('x', { deflate = true, level = 10 })",
       "option 'level' must be 0 to 9"},
      {"t:open_deflate():deflated('x', { bits = 8 })",
       "option 'bits' must be 9 to 15"},
      {"t:open_deflate():deflated('x', { colour = 1 })",
       "unknown option 'colour'"},
      {"deflate.fixed { { 2, 1 } }",
       "a match is { length 3 to 258, distance 1 to 32768 }: '2'"},
      {"deflate.fixed { { 3, 32769 } }",
       "a match is { length 3 to 258, distance 1 to 32768 }: '32769'"},
      {"deflate.fixed { { 3 } }",
       "a match is { length 3 to 258, distance 1 to 32768 }: 'nil'"},
      {"deflate.message { { final = true } }",
       "a block is one of 'stored', 'fixed' and 'dynamic'"},
      {"deflate.message { { stored = '', fixed = {} } }",
       "a block is one of 'stored', 'fixed' and 'dynamic'"},
      {"deflate.message { { sored = '' } }", "unknown option 'sored'"},
  };
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
    char text[1024];
    struct run run;
    snprintf(text, sizeof text, CASE("", "%s"), mistakes[i].body);
    run_begin(&run, text, 1, 1);
    snprintf(text, sizeof text, "mistake in the case: cases.lua:5: %s",
             mistakes[i].reason);
    assert_outcome(run.items[0].outcome, WSC_ERROR, text);
    run_end(&run);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agreements), cmocka_unit_test(test_declined),
      cmocka_unit_test(test_messages),   cmocka_unit_test(test_events),
      cmocka_unit_test(test_agreed),     cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_mistakes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
