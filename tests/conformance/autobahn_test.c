#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "autobahn.h"

/* Transcripts in letters. The peer: t the text "h", x the text "j", b the octet
 * "h" as binary, p and i a pong and a ping with "p", c a Close 1000, w one with
 * 1002, q one with 1007, e an empty one, z one with 999, v something that
 * Autobahn's engine fails a connection for, a full stop the end of TCP.
 * We: O the handshake is over, C a Close, A and B waits that are over. */
static void feed(struct wsc_autobahn *record, char letter) {
  static const struct {
    char letter;
    struct wsc_autobahn_event event;
  } events[] = {
      {'t', {WSC_AUTOBAHN_TEXT, (const uint8_t *)"h", 1}},
      {'x', {WSC_AUTOBAHN_TEXT, (const uint8_t *)"j", 1}},
      {'b', {WSC_AUTOBAHN_BINARY, (const uint8_t *)"h", 1}},
      {'p', {WSC_AUTOBAHN_PONG, (const uint8_t *)"p", 1}},
      {'i', {WSC_AUTOBAHN_PING, (const uint8_t *)"p", 1}},
      {'A', {WSC_AUTOBAHN_MARK, (const uint8_t *)"A", 1}},
      {'B', {WSC_AUTOBAHN_MARK, (const uint8_t *)"B", 1}},
  };
  static const struct {
    char letter;
    int code;
  } closes[] = {{'c', 1000}, {'w', 1002}, {'q', 1007}, {'e', -1}, {'z', 999}};
  for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
    if (events[i].letter == letter) {
      wsc_autobahn_note_event(record, &events[i].event);
    }
  }
  for (size_t i = 0; i < sizeof closes / sizeof *closes; i++) {
    if (closes[i].letter == letter) {
      wsc_autobahn_note_close(record, closes[i].code);
    }
  }
  switch (letter) {
  case 'O':
    wsc_autobahn_note_open(record);
    break;
  case 'C':
    wsc_autobahn_note_close_sent(record);
    break;
  case 'v':
    wsc_autobahn_note_violation(record);
    break;
  case '.':
    wsc_autobahn_note_end(record);
    break;
  default:
    break;
  }
}

static struct wsc_autobahn_verdict judge(const struct wsc_autobahn_plan *plan,
                                         const char *transcript) {
  struct wsc_autobahn record;
  wsc_autobahn_begin(&record, plan);
  for (const char *at = transcript; *at != '\0'; at++) {
    feed(&record, *at);
  }
  return wsc_autobahn_judge(&record);
}

struct row {
  const char *transcript;
  const char *behavior;
  const char *behavior_close;
};

static void check(const struct wsc_autobahn_plan *plan, const struct row *rows,
                  size_t num) {
  for (size_t i = 0; i < num; i++) {
    struct wsc_autobahn_verdict verdict = judge(plan, rows[i].transcript);
    if (strcmp(verdict.behavior, rows[i].behavior) != 0 ||
        strcmp(verdict.behavior_close, rows[i].behavior_close) != 0) {
      fail_msg("%s: %s and %s, expected %s and %s", rows[i].transcript,
               verdict.behavior, verdict.behavior_close, rows[i].behavior,
               rows[i].behavior_close);
    }
  }
}

#define CHECK(plan, rows) check(&(plan), rows, sizeof(rows) / sizeof *(rows))

static const struct wsc_autobahn_event text[] = {
    {WSC_AUTOBAHN_TEXT, (const uint8_t *)"h", 1}};
static const struct wsc_autobahn_event marks[] = {
    {WSC_AUTOBAHN_MARK, (const uint8_t *)"A", 1},
    {WSC_AUTOBAHN_MARK, (const uint8_t *)"B", 1}};
static const struct wsc_autobahn_event pong_and_text[] = {
    {WSC_AUTOBAHN_PONG, (const uint8_t *)"p", 1},
    {WSC_AUTOBAHN_TEXT, (const uint8_t *)"h", 1}};
static const struct wsc_autobahn_event any_text[] = {
    {WSC_AUTOBAHN_TEXT, NULL, 1}};

/* An echo, then a clean end with 1000 that we begin: most of groups 1 to 7. */
static void test_echo(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {
      .ok = {text, 1, 1}, .clean = true, .codes = {1000}, .num_codes = 1};
  const struct row rows[] = {
      {"OtCc.", "OK", "OK"},
      {"OtCe.", "OK", "OK"}, /* no code is right always */
      {"OtCw.", "OK", "WRONG CODE"},
      {"OxCc.", "FAILED", "OK"},
      {"ObCc.", "FAILED", "OK"},
      {"OttCc.", "FAILED", "OK"},
      {"OtCtc.", "FAILED", "OK"}, /* what comes behind our Close counts */
      {"OptCc.", "FAILED", "OK"},
      {"OitCc.", "FAILED", "OK"},
      {"OCc.", "FAILED", "OK"},
      {"OtcC.", "OK", "FAILED"}, /* the wrong side began */
      {"Ot.", "OK", "FAILED"},
      {"O.", "FAILED", "FAILED"},
      {"OtC.", "OK", "UNCLEAN"},
      {"OtC", "OK", "UNCLEAN"},
      {"OtCc", "OK", "UNCLEAN"}, /* and TCP stays open */
      {"Ot", "OK", "UNCLEAN"},
      {"O", "FAILED", "UNCLEAN"},
      {"", "FAILED", "FAILED"},
  };
  CHECK(plan, rows);
}

/* An offence behind a message: groups 3 to 5. */
static void test_offence(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {.ok = {text, 1, 1},
                                         .non_strict = {NULL, 0, 1},
                                         .has_non_strict = true,
                                         .peer_closes = true,
                                         .codes = {1002},
                                         .num_codes = 1};
  const struct row rows[] = {
      {"OtwC.", "OK", "OK"},
      {"OtwC", "OK", "OK"}, /* it is no client's business to end TCP */
      {"Ot.", "OK", "OK"},  /* dropping is as good */
      {"OteC.", "OK", "OK"},
      {"OtcC.", "OK", "WRONG CODE"},
      {"OwC.", "NON-STRICT", "OK"},
      {"O.", "NON-STRICT", "OK"},
      {"OttCc.", "FAILED", "FAILED"},
      {"OtCc.", "OK", "FAILED"}, /* it ignored the offence */
      {"Ot", "OK", "FAILED"},
      {"O", "NON-STRICT", "FAILED"}, /* a mute server */
      {"", "FAILED", "FAILED"},
  };
  CHECK(plan, rows);
}

/* Text that is not UTF-8: who closes makes the behavior, too. */
static void test_invalid_text(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {.ok = {marks, 1, 1},
                                         .non_strict = {marks, 2, 1},
                                         .has_non_strict = true,
                                         .peer_closes = true,
                                         .close_counts = true,
                                         .codes = {1007},
                                         .num_codes = 1};
  const struct row rows[] = {
      {"OAqC.", "OK", "OK"},
      {"OABqC.", "NON-STRICT", "OK"},
      {"OABwC.", "NON-STRICT", "WRONG CODE"},
      {"OA.", "OK", "OK"},
      {"OqC.", "FAILED", "OK"},
      {"OABCc.", "FAILED", "FAILED"},
      {"OAB", "FAILED", "FAILED"},
      {"OABtCc.", "FAILED", "FAILED"},
  };
  CHECK(plan, rows);
}

/* A Close that is wrong in itself: 7.3 to 7.9. */
static void test_wrong_close(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {
      .code_counts = true, .codes = {1002}, .num_codes = 1};
  const struct row rows[] = {
      {"OCw.", "OK", "OK"},
      {"OCe.", "OK", "OK"},
      {"OC.", "OK", "OK"},
      {"OCc.", "FAILED", "WRONG CODE"},
      {"OCw", "OK", "FAILED BY CLIENT"},
      {"OC", "OK", "FAILED BY CLIENT"},
      /* A code that its engine does not know is no code, and makes it drop. */
      {"OCz.", "OK", "FAILED BY CLIENT"},
      {"OCtw.", "FAILED", "OK"},
  };
  CHECK(plan, rows);
}

/* 3.7: the offence is a Close, and not how we close. */
static void test_raw_close(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {
      .peer_closes = true, .raw_close = true, .codes = {1002}, .num_codes = 1};
  const struct row rows[] = {{"OCw.", "OK", "OK"},
                             {"OC.", "OK", "OK"},
                             {"OCc.", "OK", "WRONG CODE"},
                             {"OC", "OK", "FAILED"}};
  CHECK(plan, rows);
}

static void test_informational(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {.informational = true, .clean = true};
  const struct row rows[] = {{"OtCc.", "INFORMATIONAL", "INFORMATIONAL"},
                             {"", "INFORMATIONAL", "INFORMATIONAL"}};
  CHECK(plan, rows);
}

/* Group 9: any octets of the right length, as many as there are. */
static void test_lists(void **state) {
  (void)state;
  const struct wsc_autobahn_plan many = {.ok = {any_text, 1, 3}};
  const struct row counted[] = {{"Ottt", "OK", "FAILED BY CLIENT"},
                                {"Otxt", "OK", "FAILED BY CLIENT"},
                                {"Ott", "FAILED", "FAILED BY CLIENT"},
                                {"Otttt", "FAILED", "FAILED BY CLIENT"},
                                {"Ottb", "FAILED", "FAILED BY CLIENT"}};
  const struct wsc_autobahn_plan order = {.ok = {pong_and_text, 2, 1}};
  const struct row ordered[] = {{"Opt", "OK", "FAILED BY CLIENT"},
                                {"Otp", "FAILED", "FAILED BY CLIENT"}};
  CHECK(many, counted);
  CHECK(order, ordered);
}

/* Groups 12 and 13: the script compares. */
static void test_direct(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {
      .direct = true, .clean = true, .codes = {1000}, .num_codes = 1};
  struct wsc_autobahn record;
  const struct row rows[] = {{"OtCc.", "FAILED", "OK"}};
  CHECK(plan, rows);
  wsc_autobahn_begin(&record, &plan);
  wsc_autobahn_note_open(&record);
  wsc_autobahn_note_behavior(&record, "UNIMPLEMENTED");
  assert_string_equal(wsc_autobahn_judge(&record).behavior, "UNIMPLEMENTED");
}

static void test_violations(void **state) {
  (void)state;
  const struct wsc_autobahn_plan plan = {
      .ok = {text, 1, 1}, .codes = {1000}, .num_codes = 1};
  const struct row rows[] = {
      {"OvtCc.", "OK", "OK"},               /* Autobahn closes, in its turn */
      {"OtCvc.", "OK", "FAILED BY CLIENT"}, /* and drops when it has closed */
      {"Otv.", "OK", "OK"},
  };
  CHECK(plan, rows);
}

static void test_facts(void **state) {
  (void)state;
  static const struct {
    const char *transcript;
    int code;
    bool closed, failed, dropped, clean;
  } rows[] = {
      {"OCc.", 1000, true, false, false, true},
      {"OcC.", 1000, false, false, false, true},
      {"OcC", 1000, false, false, false, false},
      {"Oc.", 1000, false, false, false, false},
      {"OCc", 1000, true, false, true, false},
      {"OCe.", -1, true, false, false, true},
      {"OCz.", -1, true, true, true, true},
      {"OCwc.", 1002, true, false, false, true}, /* the first one counts */
      {"O", -1, true, false, true, false},
      {"Ov", -1, true, true, true, false},
      {"O.", -1, false, false, false, false},
      {"", -1, false, false, false, false},
  };
  const struct wsc_autobahn_plan plan = {.codes = {1000}, .num_codes = 1};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct wsc_autobahn_verdict verdict = judge(&plan, rows[i].transcript);
    assert_int_equal(verdict.remote_code, rows[i].code);
    assert_int_equal(verdict.closed_by_me, rows[i].closed);
    assert_int_equal(verdict.failed_by_me, rows[i].failed);
    assert_int_equal(verdict.dropped_by_me, rows[i].dropped);
    assert_int_equal(verdict.was_clean, rows[i].clean);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_echo),         cmocka_unit_test(test_offence),
      cmocka_unit_test(test_invalid_text), cmocka_unit_test(test_wrong_close),
      cmocka_unit_test(test_raw_close),    cmocka_unit_test(test_informational),
      cmocka_unit_test(test_lists),        cmocka_unit_test(test_direct),
      cmocka_unit_test(test_violations),   cmocka_unit_test(test_facts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
