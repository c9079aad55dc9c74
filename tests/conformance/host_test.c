/* The case host: how it runs what it loads, against libws on the simulated
 * network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "host_support.h"

static const struct wsc_outcome *run_one(struct run *run, const char *text) {
  run_begin(run, text, 1, 1);
  assert_int_equal(run->num_items, 1);
  return run->items[0].outcome;
}

static void test_conversation(void **state) {
  (void)state;
  struct run run;
  const struct wsc_outcome *outcome =
      run_one(&run, CASE(" needs = { 'echo' },", "local ws = t:open()\n"
                                                 "ws:text('frag', { fin = "
                                                 "false })\n"
                                                 "ws:ping('mid')\n"
                                                 "ws:continuation('ment')\n"
                                                 "ws:expect_pong('mid')\n"
                                                 "ws:expect_text('fragment')\n"
                                                 "ws:finish()"));
  assert_outcome(outcome, WSC_PASS, "");
  assert_int_equal(outcome->num_clauses, 2);
  assert_int_equal(outcome->clauses[0].line, FIRST_LINE + 4);
  assert_int_equal(outcome->clauses[1].line, FIRST_LINE + 5);
  assert_true(run.context.echoes);
  run_end(&run);
}

/* Mistakes of a case are errors, with file and line, and never blamed on the
 * peer. */
static const struct {
  const char *body;
  const char *reason; /* behind "mistake in the case: cases.lua:5: " */
} mistakes[] = {
    {"t:must('R-2', true, 'x')", "the case does not list requirement 'R-2'"},
    {"t:open():expect_text('x', { req = 'R-2' })",
     "the case does not list requirement 'R-2'"},
    {"t:open():expect_text('x', { colour = 1 })", "unknown option 'colour'"},
    {"t:open():text('x', { colour = 1 })", "unknown option 'colour'"},
    {"t:request{ colour = 1 }", "unknown option 'colour'"},
    {"t:rejects('R-1', {}, { colour = 1 })", "unknown option 'colour'"},
    {"t:open():expect_end{ within = -1 }",
     "option 'within' must be seconds, 0 to 3600"},
    {"t:open():expect_end{ within = 0/0 }",
     "option 'within' must be seconds, 0 to 3600"},
    {"t:open():expect_failed(1002, { offence = 'grave' })",
     "option 'offence' must be 'frame' or 'message'"},
    {"unknown()", "unknown global 'unknown'"},
    {"x = 1", "assignment to global 'x' (write 'local')"},
    {"t:frobnicate()", "t has no 'frobnicate'"},
    {"t:observed('colour')", "unknown observed check 'colour'"},
    {"t:variant('v', function() unknown() end)", "unknown global 'unknown'"},
    {"error('of its own')", "of its own"},
};

static void test_mistakes(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
    char text[1024];
    struct run run;
    snprintf(text, sizeof text, CASE("", "%s"), mistakes[i].body);
    const struct wsc_outcome *outcome = run_one(&run, text);
    snprintf(text, sizeof text, "mistake in the case: cases.lua:5: %s",
             mistakes[i].reason);
    assert_outcome(outcome, WSC_ERROR, text);
    run_end(&run);
  }
}

static void test_judged_nothing(void **state) {
  (void)state;
  struct run run;
  assert_outcome(run_one(&run, CASE("", "t:open():finish()")), WSC_ERROR,
                 "the case judged nothing");
  run_end(&run);
  assert_outcome(run_one(&run, CASE("", "t:note('R-1', 'seen')")), WSC_ERROR,
                 "the case judged nothing");
  run_end(&run);
  assert_outcome(run_one(&run, CASE(" info = true,", "t:note('R-1', 'seen')")),
                 WSC_INFO, "seen");
  run_end(&run);
}

static void test_clauses(void **state) {
  (void)state;
  struct run run;
  const struct wsc_outcome *outcome = run_one(
      &run, CASE("", "t:must('R-1', true, 'a', 'b')\n"
                     "t:should('R-1', false, 'c', 'd')\n"
                     "t:tolerated('R-1', false, 'e', 7)\n"
                     "t:note('R-1', 'f')\n"
                     "if t:must('R-1', false, 'g') then error('true?') end"));
  assert_outcome(outcome, WSC_FAIL, "g");
  static const enum wsc_verdict verdicts[] = {WSC_PASS, WSC_WARN, WSC_WARN,
                                              WSC_INFO, WSC_FAIL};
  assert_int_equal(outcome->num_clauses, 5);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(outcome->clauses[i].verdict, verdicts[i]);
    assert_int_equal(outcome->clauses[i].line, FIRST_LINE + i);
    assert_string_equal(outcome->clauses[i].label, "");
  }
  assert_string_equal(outcome->clauses[0].got, "");
  assert_string_equal(outcome->clauses[2].got, "7");
  run_end(&run);
}

/* An error in a helper of the file is told at the call of the case. */
static void test_line_of_a_helper(void **state) {
  (void)state;
  struct run run;
  const struct wsc_outcome *outcome =
      run_one(&run, "local function helper(t)\n"
                    "  t:must('R-1', true, 'x')\n"
                    "end\n" CASE("", "\nhelper(t)"));
  assert_int_equal(outcome->clauses[0].line, 3 + FIRST_LINE + 1);
  run_end(&run);
}

static void test_variants(void **state) {
  (void)state;
  struct run run;
  const struct wsc_outcome *outcome = run_one(
      &run,
      CASE("", "t:variant('one', function(n)\n"
               "  t:must('R-1', n == 7, 'seven')\n"
               "  t:open():expect_pong('never sent')\n"
               "  error('not reached')\n"
               "end, 7)\n"
               "t:variant('two', function() t:must('R-1', true, 'b') end)\n"
               "t:must('R-1', true, 'c')"));
  assert_int_equal(outcome->num_clauses, 4);
  assert_string_equal(outcome->clauses[0].label, "one");
  assert_int_equal(outcome->clauses[0].verdict, WSC_PASS);
  assert_int_equal(outcome->clauses[1].verdict, WSC_FAIL);
  assert_true(outcome->clauses[1].absent);
  assert_string_equal(outcome->clauses[2].label, "two");
  assert_string_equal(outcome->clauses[3].label, "");
  assert_outcome(outcome, WSC_FAIL,
                 "a pong with \"never sent\", but no pong came in time [one]");
  assert_true(outcome->repeated); /* it rested on absence */
  run_end(&run);
}

static void test_skips(void **state) {
  (void)state;
  struct run run;
  assert_outcome(run_one(&run, CASE("", "t:skip('no reason')\nunknown()")),
                 WSC_SKIP, "no reason");
  run_end(&run);
  /* a skip ends the case, not the variant; what was judged does not count */
  assert_outcome(
      run_one(&run, CASE("", "t:must('R-1', true, 'a')\n"
                             "t:variant('v', function() t:skip('gone') end)\n"
                             "unknown()")),
      WSC_SKIP, "gone");
  run_end(&run);
  /* but a fail stands */
  const struct wsc_outcome *outcome =
      run_one(&run, CASE("", "t:must('R-1', false, 'a')\n"
                             "t:variant('v', function() t:skip('gone') end)\n"
                             "t:must('R-1', true, 'not reached')"));
  assert_outcome(outcome, WSC_FAIL, "a");
  assert_int_equal(outcome->num_clauses, 1);
  run_end(&run);
  assert_outcome(
      run_one(&run, CASE(" needs = { 'echo' },", "t:unmeasured('u')")),
      WSC_ERROR, "u");
  run_end(&run);
}

static void test_echo_modes(void **state) {
  (void)state;
  struct run run;
  run_one(&run, CASE("", "t:must('R-1', t.echoes, 'it echoes')"));
  assert_outcome(run.items[0].outcome, WSC_PASS, "");
  assert_false(run.context.greets);
  run_end(&run);
}

/* -- bounds ------------------------------------------------------------- */

static void test_endless_loop(void **state) {
  (void)state;
  struct run run;
  assert_outcome(run_one(&run, CASE("", "local n = 0\n"
                                        "while true do n = n + 1 end")),
                 WSC_ERROR,
                 "mistake in the case: cases.lua:6: the script ran for "
                 "200000000 instructions without waiting");
  run_end(&run);
}

static void test_memory(void **state) {
  (void)state;
  struct run run;
  assert_outcome(
      run_one(&run, CASE("", "local s = string.rep('x', 1 << 26)\n"
                             "s = { s .. 'a', s .. 'b', s .. 'c' }")),
      WSC_ERROR, "mistake in the case: the script is out of memory");
  run_end(&run);
}

/* What a case keeps of its trial is dead when the next one finds it. */
static void test_kept_beyond(void **state) {
  (void)state;
  struct run run;
  run_begin(&run,
            "local kept = {}\n"
            "case { id = 'test.one', title = 'T', requirements = { 'R-1' },\n"
            "  run = function(t)\n"
            "    kept.t, kept.rng, kept.ws = t, t.rng, t:open()\n"
            "    t:must('R-1', true, 'x')\n"
            "  end }\n"
            "case { id = 'test.two', title = 'T', requirements = { 'R-1' },\n"
            "  run = function(t) kept.t:must('R-1', true, 'x') end }\n"
            "case { id = 'test.three', title = 'T', requirements = { 'R-1' },\n"
            "  run = function(t) kept.ws:ping('x') end }\n"
            "case { id = 'test.four', title = 'T', requirements = { 'R-1' },\n"
            "  run = function(t) kept.rng:int(1, 2) end }\n",
            1, 1);
  assert_outcome(run.items[0].outcome, WSC_PASS, "");
  assert_outcome(run.items[1].outcome, WSC_ERROR,
                 "mistake in the case: cases.lua:8: the case has ended");
  assert_outcome(run.items[2].outcome, WSC_ERROR,
                 "mistake in the case: cases.lua:10: the case has ended");
  assert_outcome(run.items[3].outcome, WSC_ERROR,
                 "mistake in the case: cases.lua:12: the case has ended");
  run_end(&run);
}

/* -- determinism -------------------------------------------------------- */

#define RANDOM                                                                 \
  CASE("", "local ws = t:open()\n"                                             \
           "ws:ping(t.nonce .. t.rng:text(20) .. t.rng:int(1, 1000000))\n"     \
           "ws:binary(t.rng:bytes(40))\n"                                      \
           "t:must('R-1', ws:alive(), 'x')\n"                                  \
           "ws:finish()")

static bool same_wire(const struct wsc_outcome *a,
                      const struct wsc_outcome *b) {
  if (a->num_wire != b->num_wire) {
    return false;
  }
  for (size_t i = 0; i < a->num_wire; i++) {
    if (a->wire[i].time != b->wire[i].time ||
        a->wire[i].len != b->wire[i].len ||
        (a->wire[i].len != 0 &&
         memcmp(a->wire[i].data, b->wire[i].data, a->wire[i].len) != 0)) {
      return false;
    }
  }
  return true;
}

static void test_determinism(void **state) {
  (void)state;
  struct run a;
  struct run b;
  struct run c;
  run_begin(&a, RANDOM, 1, 1);
  run_begin(&b, RANDOM, 1, 1);
  run_begin(&c, RANDOM, 2, 1);
  assert_outcome(a.items[0].outcome, WSC_PASS, "");
  assert_true(same_wire(a.items[0].outcome, b.items[0].outcome));
  assert_false(same_wire(a.items[0].outcome, c.items[0].outcome));
  run_end(&a);
  run_end(&b);
  run_end(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conversation),
      cmocka_unit_test(test_mistakes),
      cmocka_unit_test(test_judged_nothing),
      cmocka_unit_test(test_clauses),
      cmocka_unit_test(test_line_of_a_helper),
      cmocka_unit_test(test_variants),
      cmocka_unit_test(test_skips),
      cmocka_unit_test(test_echo_modes),
      cmocka_unit_test(test_endless_loop),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_kept_beyond),
      cmocka_unit_test(test_determinism),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
