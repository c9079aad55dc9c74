/* The closing handshake and the end of TCP: F8, F9 and F13. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine_support.h"

static enum wsc_progress step_close(void *op, struct wsc_link *link) {
  return wsc_expect_close_step(op, link);
}

static enum wsc_progress step_end(void *op, struct wsc_link *link) {
  return wsc_expect_end_step(op, link);
}

/* -- Close -------------------------------------------------------------- */

struct close_row {
  const char *name;
  uint16_t ours;    /* that we sent; 0: none */
  uint16_t asked;   /* the only one in the list; 0: the default */
  const char *body; /* of the peer's Close frame; NULL: none comes */
  size_t len;
  bool fin;
  enum wsc_progress progress;
  struct clause_is clause;
};

#define KEPT                                                                   \
  .progress = WSC_DONE,                                                        \
  .clause = {WSC_MUST, WSC_PASS, false, "a Close frame", ""}
#define NON_STRICT(words)                                                      \
  .progress = WSC_DONE, .clause = {WSC_TOLERATED, WSC_WARN, false, NULL, words}
#define NEVER_SENT(words)                                                      \
  .progress = WSC_DONE, .clause = {WSC_MUST, WSC_FAIL, false, NULL, words}

/* F8: "same code, 1000, or empty body all PASS ... Only codes that may never
 * be sent FAIL." */
static const struct close_row close_rows[] = {
    {"the same", 3333, 0, "\x0D\x05", 2, KEPT},
    {"the same with a reason", 3333, 0, "\x0D\x05why", 5, KEPT},
    {"1000", 3333, 0, "\x03\xE8", 2, KEPT},
    {"empty", 3333, 0, "", 0, KEPT},
    {"empty for empty", 1005, 0, "", 0, KEPT},
    {"another", 3333, 0, "\x03\xE9", 2, NON_STRICT("a Close frame with 1001")},
    {"another, of the private range", 1000, 0, "\x12\x34", 2,
     NON_STRICT("a Close frame with 4660")},
    {"asked for", 0, 1007, "\x03\xEF", 2, KEPT},
    {"not asked for", 0, 1007, "\x03\xEA", 2, NON_STRICT("1002")},
    {"1000 when another was asked for", 0, 1007, "\x03\xE8", 2,
     NON_STRICT("1000")},
    {"999", 3333, 0, "\x03\xE7", 2, NEVER_SENT("a Close frame with 999")},
    {"1004", 3333, 0, "\x03\xEC", 2, NEVER_SENT("1004")},
    {"1005 on the wire", 3333, 0, "\x03\xED", 2, NEVER_SENT("1005")},
    {"1006", 3333, 0, "\x03\xEE", 2, NEVER_SENT("1006")},
    {"1015", 3333, 0, "\x03\xF7", 2, NEVER_SENT("1015")},
    {"1016", 3333, 0, "\x03\xF8", 2, NEVER_SENT("1016")},
    {"2999", 3333, 0, "\x0B\xB7", 2, NEVER_SENT("2999")},
    {"5000", 3333, 0, "\x13\x88", 2, NEVER_SENT("5000")},
    {"our own illegal code comes back", 1006, 0, "\x03\xEE", 2,
     NEVER_SENT("1006")},
    {"half a code", 3333, 0, "\x03", 1, NEVER_SENT("without status code")},
    {"a bare end", 3333, 0, NULL, 0, .fin = true,
     NON_STRICT("the peer closed the connection")},
    {"silence", 3333, 0, NULL, 0, .progress = WSC_STOP,
     .clause = {WSC_MUST, WSC_FAIL, true, "a Close frame",
                "none came in time"}},
};

static void check_close(struct world *world, const struct close_row *row) {
  struct wsc_expect_close op = {.requirement = "req",
                                .codes = {row->asked},
                                .num_codes = row->asked != 0};
  wsc_expect_close_begin(&op, world->link);
  assert_int_equal(world_run(world, step_close, &op), row->progress);
  world_assert_clauses(world, 1);
  world_assert_clause(world, 0, row->clause);
  assert_int_equal(op.close != NULL, row->body != NULL);
}

static void test_close(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof close_rows / sizeof *close_rows; i++) {
    const struct close_row *row = &close_rows[i];
    struct world world;
    print_message("  %s\n", row->name);
    world_open(&world);
    if (row->ours != 0) {
      wsc_session_send_close(wsc_link_session(world.link), row->ours);
    }
    if (row->body != NULL) {
      world_frame(&world, MS, WS_OP_CLOSE, row->body, row->len);
    }
    if (row->fin) {
      world_fin(&world, MS);
    }
    check_close(&world, row);
    world_close(&world);
  }
}

/* Data that were on their way when we closed are no obstacle (F11). */
static void test_close_behind_data(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_frame(&world, MS, WS_OP_TEXT, "late", 4);
  world_frame(&world, 2 * MS, WS_OP_PING, "", 0);
  world_close_frame(&world, 3 * MS, 1000);
  struct wsc_expect_close op = {.requirement = "req"};
  wsc_expect_close_begin(&op, world.link);
  assert_int_equal(world_run(&world, step_close, &op), WSC_DONE);
  assert_int_equal(op.close->code, 1000);
  world_assert_verdict(&world, WSC_PASS, false);
  world_close(&world);
}

/* -- the end of TCP ----------------------------------------------------- */

struct end_row {
  const char *name;
  uint64_t within, tolerate;
  bool clean, should, strict;
  unsigned patience; /* 0: 1 */
  uint64_t fin, rst;
  enum wsc_progress progress;
  uint64_t took;
  struct clause_is clause;
};

#define ENDED                                                                  \
  .progress = WSC_DONE, .clause = {WSC_MUST, WSC_PASS, false, NULL, ""}
#define STAYED_OPEN(strength, verdict)                                         \
  .progress = WSC_STOP,                                                        \
  .clause = {strength, verdict, true, NULL, "it stayed open"}

static const struct end_row end_rows[] = {
    {"in time", .fin = SECOND, .took = SECOND, ENDED},
    {"never", .took = WORLD_T, STAYED_OPEN(WSC_MUST, WSC_FAIL)},
    {"at the last moment", .fin = WORLD_T, .took = WORLD_T, ENDED},
    /* F9: "RST instead of FIN is NON-STRICT at most" */
    {"RST", .rst = SECOND, .took = SECOND, ENDED},
    {"RST where FIN is asked for", .clean = true, .rst = SECOND, .took = SECOND,
     .progress = WSC_DONE,
     .clause = {WSC_TOLERATED, WSC_WARN, false, NULL, "reset"}},
    {"RST where FIN is asked for, strict", .clean = true, .strict = true,
     .rst = SECOND, .took = SECOND, .progress = WSC_DONE,
     .clause = {WSC_TOLERATED, WSC_FAIL, false, NULL, "reset"}},
    {"FIN where FIN is asked for", .clean = true, .fin = SECOND, .took = SECOND,
     ENDED},
    /* an RST that answers our own octets is not the peer's (F6) */
    {"FIN, then RST", .clean = true, .fin = SECOND, .rst = SECOND,
     .took = SECOND, ENDED},
    /* F13: "'slow' is reported apart from 'never'" */
    {"slow", .within = 2 * SECOND, .tolerate = 10 * SECOND, .fin = 5 * SECOND,
     .took = 5 * SECOND, .progress = WSC_DONE,
     .clause = {WSC_TOLERATED, WSC_WARN, true, "ends TCP within 2.0 s",
                "it took 5.0 s"}},
    {"never, with tolerance", .within = 2 * SECOND, .tolerate = 10 * SECOND,
     .took = 10 * SECOND, STAYED_OPEN(WSC_MUST, WSC_FAIL)},
    {"longer than T", .within = 20 * SECOND, .fin = 15 * SECOND,
     .took = 15 * SECOND, ENDED},
    {"repeated: in time", .within = 2 * SECOND, .patience = 4,
     .fin = 7 * SECOND, .took = 7 * SECOND, ENDED},
    {"repeated: never", .within = 2 * SECOND, .patience = 4, .took = 8 * SECOND,
     STAYED_OPEN(WSC_MUST, WSC_FAIL)},
    {"a SHOULD: never", .should = true, .took = WORLD_T,
     STAYED_OPEN(WSC_SHOULD, WSC_WARN)},
    {"a SHOULD: in time", .should = true, .fin = MS, .took = MS,
     .progress = WSC_DONE, .clause = {WSC_SHOULD, WSC_PASS, false, NULL, ""}},
};

static void check_end(struct world *world, const struct end_row *row) {
  struct wsc_expect_end op = {.requirement = "req",
                              .within = row->within,
                              .tolerate = row->tolerate,
                              .clean = row->clean,
                              .should = row->should};
  uint64_t began = world->now;
  wsc_expect_end_begin(&op, world->link);
  assert_int_equal(world_run(world, step_end, &op), row->progress);
  assert_int_equal(world->now - began, row->took);
  assert_int_equal(op.took, row->took);
  world_assert_clauses(world, 1);
  world_assert_clause(world, 0, row->clause);
}

static void test_end(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof end_rows / sizeof *end_rows; i++) {
    const struct end_row *row = &end_rows[i];
    struct world world;
    print_message("  %s\n", row->name);
    world_open_patient(&world, row->patience == 0 ? 1 : row->patience);
    world.context.strict = row->strict;
    world_pass(&world, SECOND); /* what came before does not count */
    if (row->fin != 0) {
      world_fin(&world, row->fin);
    }
    if (row->rst != 0) {
      world_rst(&world, row->rst);
    }
    check_end(&world, row);
    world_close(&world);
  }
}

/* The end is timed when it happens, not when the script asks. */
static void test_end_before_the_question(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world_fin(&world, MS);
  world_pass(&world, 100 * SECOND);
  struct wsc_expect_end op = {.requirement = "req", .within = SECOND};
  wsc_expect_end_begin(&op, world.link);
  assert_int_equal(world_run(&world, step_end, &op), WSC_DONE);
  assert_int_equal(op.took, 0);
  world_assert_verdict(&world, WSC_PASS, false);
  world_close(&world);
}

/* Before the upgrade a connection ends all the same. */
static void test_end_without_session(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.link = world_dial(&world);
  world_fin(&world, MS);
  struct wsc_expect_end op = {.requirement = "req"};
  wsc_expect_end_begin(&op, world.link);
  assert_int_equal(world_run(&world, step_end, &op), WSC_DONE);
  world_close(&world);
}

static void test_end_for_a_debugger(void **state) {
  (void)state;
  struct world world;
  world_open(&world);
  world.context.timeout = 0;
  world_fin(&world, 1000 * SECOND);
  struct wsc_expect_end op = {.requirement = "req"};
  wsc_expect_end_begin(&op, world.link);
  assert_int_equal(world_run(&world, step_end, &op), WSC_DONE);
  world_assert_verdict(&world, WSC_PASS, false);
  world_close(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_close),
      cmocka_unit_test(test_close_behind_data),
      cmocka_unit_test(test_end),
      cmocka_unit_test(test_end_before_the_question),
      cmocka_unit_test(test_end_without_session),
      cmocka_unit_test(test_end_for_a_debugger),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
