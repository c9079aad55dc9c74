/* How clauses make the verdict of a case, and what is kept of its wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "outcome.h"

/* -- verdicts ----------------------------------------------------------- */

static void test_names(void **state) {
  (void)state;
  for (int i = 0; i < WSC_NUM_VERDICTS; i++) {
    const char *name = wsc_verdict_name((enum wsc_verdict)i);
    assert_int_equal(wsc_verdict_by_name(name), i);
  }
  assert_int_equal(wsc_verdict_by_name("none"), WSC_NUM_VERDICTS);
  assert_int_equal(wsc_verdict_by_name(""), WSC_NUM_VERDICTS);
  assert_string_equal(wsc_verdict_name(WSC_NUM_VERDICTS), "none");
  assert_string_equal(wsc_strength_name(WSC_TOLERATED), "tolerated");
}

/* The fixed order: fail > error > warn > pass > info > skip. */
static void test_worse(void **state) {
  (void)state;
  static const char *const order[] = {"fail", "error", "warn",
                                      "pass", "info",  "skip"};
  for (int i = 0; i < 6; i++) {
    for (int j = 0; j < 6; j++) {
      enum wsc_verdict worse = wsc_verdict_worse(wsc_verdict_by_name(order[i]),
                                                 wsc_verdict_by_name(order[j]));
      assert_string_equal(wsc_verdict_name(worse), order[i < j ? i : j]);
    }
  }
}

/* -- conclusions -------------------------------------------------------- */

/* A letter a clause: f and w; F and W the same by absence; p, i (a note), e. */
static struct wsc_outcome *with(const char *letters) {
  struct wsc_outcome *outcome = wsc_outcome_new();
  for (const char *c = letters; *c != '\0'; c++) {
    char lower = (char)(*c | 0x20);
    struct wsc_clause clause = {.requirement = "R",
                                .strength = lower == 'i' ? WSC_NOTE : WSC_MUST,
                                .verdict = lower == 'f'   ? WSC_FAIL
                                           : lower == 'w' ? WSC_WARN
                                           : lower == 'i' ? WSC_INFO
                                                          : WSC_PASS,
                                .label = "",
                                .expected = "expected",
                                .got = lower == 'p' ? "" : "got",
                                .absent = *c != lower};
    wsc_outcome_add_clause(outcome, &clause);
  }
  return outcome;
}

static void check(const char *letters, bool info_only, enum wsc_verdict verdict,
                  bool absent) {
  struct wsc_outcome *outcome = with(letters);
  wsc_outcome_conclude(outcome, info_only);
  assert_string_equal(wsc_verdict_name(outcome->verdict),
                      wsc_verdict_name(verdict));
  assert_int_equal(outcome->absent, absent);
  assert_int_equal(outcome->reason[0] == '\0', verdict == WSC_PASS);
  wsc_outcome_free(outcome);
}

static void test_conclude(void **state) {
  (void)state;
  check("p", false, WSC_PASS, false);
  check("pi", false, WSC_PASS, false);
  check("ppwp", false, WSC_WARN, false);
  check("wfp", false, WSC_FAIL, false);
  check("", false, WSC_ERROR, false);
  check("i", false, WSC_ERROR, false);
  check("", true, WSC_ERROR, false);
  check("i", true, WSC_INFO, false);
}

/* Absent only when all clauses of the worst kind rest on absence. */
static void test_absent(void **state) {
  (void)state;
  check("F", false, WSC_FAIL, true);
  check("Fp", false, WSC_FAIL, true);
  check("Fw", false, WSC_FAIL, true);
  check("Ff", false, WSC_FAIL, false);
  check("fF", false, WSC_FAIL, false);
  check("fW", false, WSC_FAIL, false);
  check("W", false, WSC_WARN, true);
  check("Ww", false, WSC_WARN, false);
}

static void test_reason(void **state) {
  (void)state;
  struct wsc_outcome *outcome = with("");
  struct wsc_clause clause = {.requirement = "R",
                              .verdict = WSC_FAIL,
                              .label = "v1",
                              .expected = "a pong",
                              .got = "nothing came"};
  wsc_outcome_add_clause(outcome, &clause);
  wsc_outcome_conclude(outcome, false);
  assert_string_equal(outcome->reason, "a pong, but nothing came [v1]");
  wsc_outcome_free(outcome);
}

static void test_abandon(void **state) {
  (void)state;
  struct wsc_outcome *outcome = with("pW");
  wsc_outcome_abandon(outcome, WSC_SKIP, "no %s", "echo");
  wsc_outcome_conclude(outcome, false);
  assert_int_equal(outcome->verdict, WSC_SKIP);
  assert_string_equal(outcome->reason, "no echo");
  assert_false(outcome->absent);
  wsc_outcome_free(outcome);
  /* "A fail that was already measured stands." */
  outcome = with("f");
  wsc_outcome_abandon(outcome, WSC_ERROR, "lost");
  wsc_outcome_conclude(outcome, false);
  assert_int_equal(outcome->verdict, WSC_FAIL);
  assert_false(outcome->abandoned);
  wsc_outcome_free(outcome);
  wsc_outcome_free(NULL);
}

/* -- the wire ----------------------------------------------------------- */

static int add(struct wsc_outcome *outcome, int connection,
               enum wsc_direction direction, uint64_t offset, size_t len) {
  static const uint8_t bytes[WSC_WIRE_MAX + 1000];
  struct wsc_wire_event event = {.connection = connection,
                                 .direction = direction,
                                 .kind = WSC_WIRE_DATA,
                                 .offset = offset,
                                 .data = bytes,
                                 .len = len};
  return wsc_outcome_add_wire(outcome, &event);
}

static void assert_kept(const struct wsc_outcome *outcome, int index,
                        size_t len, size_t cut) {
  assert_int_equal(outcome->wire[index].len, len);
  assert_int_equal(outcome->wire[index].cut, cut);
}

static void test_wire_bound(void **state) {
  (void)state;
  struct wsc_outcome *outcome = wsc_outcome_new();
  assert_int_equal(add(outcome, 0, WSC_SENT, 0, WSC_WIRE_MAX - 1), 0);
  assert_int_equal(add(outcome, 0, WSC_SENT, WSC_WIRE_MAX - 1, 10), 1);
  assert_int_equal(add(outcome, 0, WSC_SENT, WSC_WIRE_MAX + 9, 10), 2);
  assert_int_equal(add(outcome, 0, WSC_SENT, WSC_WIRE_MAX + 19, 10), 2);
  /* another direction has a bound of its own */
  assert_int_equal(add(outcome, 0, WSC_RECEIVED, 0, WSC_WIRE_MAX + 1), 3);
  /* and past it, both count on in the event they have */
  assert_int_equal(add(outcome, 0, WSC_SENT, WSC_WIRE_MAX + 29, 1), 2);
  assert_int_equal(add(outcome, 0, WSC_RECEIVED, WSC_WIRE_MAX + 1, 5), 4);
  assert_int_equal(add(outcome, 0, WSC_SENT, WSC_WIRE_MAX + 30, 1), 2);
  assert_int_equal(add(outcome, 0, WSC_RECEIVED, WSC_WIRE_MAX + 6, 5), 4);
  assert_int_equal(add(outcome, 1, WSC_SENT, WSC_WIRE_MAX, 1), 5);
  assert_kept(outcome, 0, WSC_WIRE_MAX - 1, 0);
  assert_kept(outcome, 1, 1, 9);
  assert_kept(outcome, 2, 0, 22);
  assert_kept(outcome, 3, WSC_WIRE_MAX, 1);
  assert_kept(outcome, 4, 0, 10);
  assert_kept(outcome, 5, 0, 1);
  wsc_outcome_free(outcome);
}

static void test_trim(void **state) {
  (void)state;
  struct wsc_outcome *outcome = wsc_outcome_new();
  for (int i = 0; i < 5; i++) {
    int wire = add(outcome, 0, WSC_SENT, (uint64_t)i * 100, 100);
    struct wsc_step step = {.verb = "send", .text = "", .wire = wire};
    wsc_outcome_add_step(outcome, &step);
  }
  struct wsc_step step = {.verb = "wait", .text = "", .wire = -1};
  wsc_outcome_add_step(outcome, &step);
  wsc_outcome_trim_wire(outcome, 150);
  assert_int_equal(outcome->num_wire, 3);
  assert_kept(outcome, 0, 100, 0);
  assert_kept(outcome, 1, 50, 50);
  assert_kept(outcome, 2, 0, 300);
  static const int wires[] = {0, 1, 2, 2, 2, -1}; /* steps follow */
  for (int i = 0; i < 6; i++) {
    assert_int_equal(outcome->steps[i].wire, wires[i]);
  }
  wsc_outcome_trim_wire(outcome, 150);
  assert_int_equal(outcome->num_wire, 3);
  wsc_outcome_free(outcome);
}

/* A long exchange in little memory; a short one as it was. */
static void test_condense(void **state) {
  (void)state;
  enum { NUM = 1000, STEPS = 200, FRAMES = 128 };
  struct wsc_outcome *outcome = with("p");
  struct wsc_autobahn_verdict verdict = {.behavior = "OK", .remote_code = 7};
  outcome->autobahn = &verdict;
  outcome->duration = 12;
  for (unsigned i = 0; i < NUM; i++) {
    struct wsc_step step = {.verb = "send", .text = "a", .wire = -1};
    struct wsc_frame_note frame = {
        .length = i, .payload = (const uint8_t *)"abc", .payload_len = 3};
    wsc_outcome_add_step(outcome, &step);
    wsc_outcome_add_frame(outcome, &frame);
    add(outcome, 0, WSC_SENT, (uint64_t)i * 100, 100);
  }
  outcome->clauses[0].step = NUM - 1;
  wsc_outcome_conclude(outcome, false);
  outcome = wsc_outcome_condense(outcome);
  assert_int_equal(outcome->verdict, WSC_PASS);
  assert_string_equal(outcome->reason, "");
  assert_int_equal(outcome->duration, 12);
  assert_int_equal(outcome->num_clauses, 1);
  assert_int_equal(outcome->clauses[0].step, STEPS - 1);
  assert_int_equal(outcome->num_steps, STEPS);
  assert_string_equal(outcome->steps[0].text, "a");
  assert_string_equal(outcome->steps[STEPS - 1].text,
                      "801 more steps are not kept");
  assert_int_equal(outcome->num_frames, FRAMES);
  assert_int_equal(outcome->frames[FRAMES - 1].length, NUM - 1);
  assert_memory_equal(outcome->frames[0].payload, "abc", 3);
  assert_kept(outcome, 0, 100, 0);
  assert_kept(outcome, (int)outcome->num_wire - 1, 0,
              NUM * 100 - (WSC_WIRE_KEPT / 100 + 1) * 100);
  assert_string_equal(outcome->autobahn->behavior, "OK");
  assert_int_equal(outcome->autobahn->remote_code, 7);
  size_t num_wire = outcome->num_wire;
  outcome = wsc_outcome_condense(outcome);
  assert_int_equal(outcome->num_steps, STEPS);
  assert_int_equal(outcome->num_frames, FRAMES);
  assert_int_equal(outcome->num_wire, num_wire);
  add(outcome, 0, WSC_RECEIVED, 0, 1); /* and it may still grow */
  assert_int_equal(outcome->num_wire, num_wire + 1);
  wsc_outcome_free(outcome);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),      cmocka_unit_test(test_worse),
      cmocka_unit_test(test_conclude),   cmocka_unit_test(test_absent),
      cmocka_unit_test(test_reason),     cmocka_unit_test(test_abandon),
      cmocka_unit_test(test_wire_bound), cmocka_unit_test(test_trim),
      cmocka_unit_test(test_condense),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
