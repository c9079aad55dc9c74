#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "autobahn.h"

/* A result with a wire log in letters, a connection each. Frames: C, c a Close
 * with code 1000 that we, they sent; e an empty one of theirs, o one of a single
 * octet, w one with code 1002. Events: F, f a FIN of ours, theirs; R, r an RST;
 * l we let go. */
struct story {
  const char *verdict;
  const char *connections[2];
};

static const char *direction_of(char letter) {
  return letter == 'C' || letter == 'F' || letter == 'R' || letter == 'l'
             ? "sent"
             : "received";
}

static const char *payload_of(char letter) {
  switch (letter) {
  case 'e':
    return "";
  case 'o':
    return "03";
  case 'w':
    return "03ea";
  default:
    return "03E8";
  }
}

static void add(json_t *frames, json_t *events, int connection, char letter) {
  const char *kind = "data";
  if (strchr("Cceow", letter) != NULL) {
    json_array_append_new(frames, json_pack("{s:i,s:s,s:i,s:s}", "connection",
                                            connection, "direction",
                                            direction_of(letter), "opcode", 8,
                                            "payload", payload_of(letter)));
  } else {
    kind = letter == 'l'                    ? "release"
           : letter == 'f' || letter == 'F' ? "fin"
                                            : "rst";
  }
  json_array_append_new(events, json_pack("{s:i,s:s,s:s}", "connection",
                                          connection, "direction",
                                          direction_of(letter), "kind", kind));
}

static struct wsc_autobahn judge(const struct story *story) {
  json_t *frames = json_array();
  json_t *events = json_array();
  for (int i = 0; i < 2 && story->connections[i] != NULL; i++) {
    for (const char *at = story->connections[i]; *at != '\0'; at++) {
      add(frames, events, i, *at);
    }
  }
  json_t *result = json_pack("{s:s,s:{s:o,s:o}}", "verdict", story->verdict,
                             "wire", "events", events, "frames", frames);
  assert_non_null(result);
  struct wsc_autobahn judged = wsc_autobahn_of(result);
  json_decref(result);
  return judged;
}

static void assert_name(const char *name, const char *expected) {
  if (expected == NULL) {
    assert_null(name);
  } else {
    assert_non_null(name);
    assert_string_equal(name, expected);
  }
}

static void test_verdicts(void **state) {
  (void)state;
  static const struct {
    const char *verdict, *behavior, *close;
  } rows[] = {{"pass", "OK", "OK"},
              {"fail", "FAILED", "OK"},
              {"warn", "NON-STRICT", "OK"},
              {"info", "INFORMATIONAL", "INFORMATIONAL"},
              {"skip", "UNIMPLEMENTED", "INFORMATIONAL"},
              {"error", NULL, NULL}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct story story = {rows[i].verdict, {"Ccf"}};
    struct wsc_autobahn judged = judge(&story);
    assert_name(judged.behavior, rows[i].behavior);
    assert_name(judged.behavior_close, rows[i].close);
  }
}

static void test_endings(void **state) {
  (void)state;
  static const struct {
    const char *log, *close;
    int code;
    bool by_me, dropped, clean;
  } rows[] = {
      {"Ccf", "OK", 1000, true, false, true},
      {"CcfF", "OK", 1000, true, false, true},
      {"cCf", "OK", 1000, false, false, true},
      {"wCf", "OK", 1002, false, false, true},
      {"cf", "OK", 1000, false, false, false}, /* we did not answer */
      {"Cc", "OK", 1000, true, false, false},  /* it did not end */
      {"Ccl", "OK", 1000, true, true, false},  /* nor did we wait */
      {"Cef", "OK", -1, true, false, true},    /* no code is no code */
      {"Cof", "OK", -1, true, false, true},    /* nor is half of one */
      {"Cwcf", "OK", 1002, true, false, true}, /* the first one counts */
      {"f", "OK", -1, false, false, false},
      {"r", "UNCLEAN", -1, false, false, false},
      {"Cr", "UNCLEAN", -1, true, false, false},
      {"Cl", "FAILED BY CLIENT", -1, true, true, false},
      {"CF", "FAILED BY CLIENT", -1, true, false, false},
      {"", "FAILED BY CLIENT", -1, false, false, false},
      {"Ccfl", "OK", 1000, true, false, true}, /* it had ended before */
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct story story = {"pass", {rows[i].log}};
    struct wsc_autobahn judged = judge(&story);
    assert_name(judged.behavior_close, rows[i].close);
    assert_int_equal(judged.remote_close_code, rows[i].code);
    assert_int_equal(judged.closed_by_me, rows[i].by_me);
    assert_int_equal(judged.dropped_by_me, rows[i].dropped);
    assert_int_equal(judged.was_clean, rows[i].clean);
  }
}

/* A case that opens several is judged by the last. */
static void test_the_last_connection_counts(void **state) {
  (void)state;
  const struct story good = {"pass", {"r", "Ccf"}};
  const struct story bad = {"pass", {"Cwf", "r"}};
  assert_name(judge(&good).behavior_close, "OK");
  assert_int_equal(judge(&good).remote_close_code, 1000);
  assert_name(judge(&bad).behavior_close, "UNCLEAN");
  assert_int_equal(judge(&bad).remote_close_code, -1);
  assert_false(judge(&bad).closed_by_me);
}

static void test_what_is_not_there(void **state) {
  (void)state;
  json_t *result = json_pack("{s:s}", "verdict", "pass");
  struct wsc_autobahn judged = wsc_autobahn_of(result);
  assert_name(judged.behavior, "OK");
  assert_int_equal(judged.remote_close_code, -1);
  json_decref(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_verdicts),
      cmocka_unit_test(test_endings),
      cmocka_unit_test(test_the_last_connection_counts),
      cmocka_unit_test(test_what_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
