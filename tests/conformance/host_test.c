/* The case host: what it refuses to load, and how it runs what it loads,
 * against libws on the simulated network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "libws_peer.h"
#include "sim.h"

static void assert_has(const char *text, const char *part) {
  if (strstr(text, part) == NULL) {
    fail_msg("\"%s\" has no \"%s\"", text, part);
  }
}

/* -- loading ------------------------------------------------------------ */

#define HEAD                                                                   \
  "case {\n  id = 'test.one',\n  title = 'T',\n  requirements = { 'R-1' },\n"
#define TAIL "  run = function(t) end,\n}\n"

static const struct {
  const char *text;
  const char *error; /* the whole of it */
} refused[] = {
    {"local x = 1\nfoo(x)\n", "cases.lua:2: unknown global 'foo'"},
    {"print('x')", "cases.lua:1: unknown global 'print'"},
    {"pcall(error)", "cases.lua:1: unknown global 'pcall'"},
    {"return io.open('x')", "cases.lua:1: unknown global 'io'"},
    {"return os.exit()", "cases.lua:1: unknown global 'os'"},
    {"return debug.getinfo(1)", "cases.lua:1: unknown global 'debug'"},
    {"return load('x')", "cases.lua:1: unknown global 'load'"},
    {"return require('x')", "cases.lua:1: unknown global 'require'"},
    {"return setmetatable({}, {})",
     "cases.lua:1: unknown global 'setmetatable'"},
    {"return T", "cases.lua:1: unknown global 'T'"},
    {"return set_runner", "cases.lua:1: unknown global 'set_runner'"},
    {"math.random()", "cases.lua:1: attempt to call a nil value (field "
                      "'random')"},
    {"string.dump(function() end)",
     "cases.lua:1: attempt to call a nil value (field 'dump')"},
    {"\n\nx = 1", "cases.lua:3: assignment to global 'x' (write 'local')"},
    {"function f() end",
     "cases.lua:1: assignment to global 'f' (write 'local')"},
    {"case {", "cases.lua:1: unexpected symbol near <eof>"},
    {"hex('81 0')", "cases.lua:1: hex: odd number of digits"},
    {"hex('8g')", "cases.lua:1: hex: 'g' is no hexadecimal digit"},
    {HEAD "  colour = 1,\n" TAIL, "cases.lua:1: unknown option 'colour'"},
    {HEAD "  5,\n" TAIL, "cases.lua:1: unknown option '?'"},
    {HEAD "  weight = 0,\n" TAIL,
     "cases.lua:1: the field 'weight' must be 1 to 256"},
    {HEAD "  weight = 'x',\n" TAIL,
     "cases.lua:1: option 'weight' must be an integer"},
    {HEAD "  tags = 'slow',\n" TAIL,
     "cases.lua:1: the field 'tags' must be a list of strings"},
    {HEAD "  tags = { 1 },\n" TAIL,
     "cases.lua:1: the field 'tags' must be a list of strings"},
    {HEAD "  needs = { 'coffee' },\n" TAIL,
     "cases.lua:1: unknown need 'coffee'"},
    {HEAD "}\n", "cases.lua:1: the field 'run' must be a function"},
    {"case { title = 'T', requirements = { 'R' }, run = function() end }",
     "cases.lua:1: a case needs the field 'id'"},
    {"case { id = 'a.b', requirements = { 'R' }, run = function() end }",
     "cases.lua:1: a case needs the field 'title'"},
    {"case { id = 'a.b', title = 'T', run = function() end }",
     "cases.lua:1: case 'a.b' lists no requirement"},
    {"case { id = 'plain', title = 'T', requirements = { 'R' }, run = hex }",
     "cases.lua:1: case id 'plain' must be AREA.SLUG"},
    {"case { id = 'a.B', title = 'T', requirements = { 'R' }, run = hex }",
     "cases.lua:1: case id 'a.B': only a-z, 0-9, '.' and '-'"},
    {HEAD TAIL HEAD TAIL,
     "cases.lua:7: case id 'test.one' is taken (cases.lua:5)"},
};

static void test_refused(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    char *error = NULL;
    assert_false(wsc_host_load(host, "cases.lua", refused[i].text,
                               strlen(refused[i].text), &error));
    assert_string_equal(error, refused[i].error);
    free(error);
    size_t num;
    wsc_host_cases(host, &num);
    assert_int_equal(num, 0); /* none of a file with a mistake is kept */
  }
  wsc_host_free(host);
}

/* Precompiled code could do anything. */
static void test_no_bytecode(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  char *error = NULL;
  assert_false(wsc_host_load(host, "cases.lua", "\033Lua", 4, &error));
  assert_has(error, "attempt to load a binary chunk");
  free(error);
  wsc_host_free(host);
}

static void load(struct wsc_host *host, const char *name, const char *text) {
  char *error = NULL;
  if (!wsc_host_load(host, name, text, strlen(text), &error)) {
    fail_msg("%s", error);
  }
}

static void test_declared(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  load(host, "a.lua",
       "case {\n  id = 'test.one', title = 'One',\n"
       "  requirements = { 'R-1', 'R-2' }, autobahn = { '5.6' },\n"
       "  needs = { 'echo' }, tags = { 'slow' }, since = '1.1',\n"
       "  baseline = true, info = true, passive = true, weight = 7,\n"
       "  run = function(t)\n  end,\n}\n");
  load(host, "b.lua",
       "case { id = 'test.two', title = 'Two', requirements = { 'R-1' },\n"
       "  run = function() end }");
  size_t num;
  const struct wsc_case *const *cases = wsc_host_cases(host, &num);
  assert_int_equal(num, 2);
  assert_string_equal(cases[0]->id, "test.one");
  assert_string_equal(cases[0]->title, "One");
  assert_string_equal(cases[0]->file, "a.lua");
  assert_int_equal(cases[0]->line, 6);
  assert_int_equal(cases[0]->end_line, 7);
  assert_int_equal(cases[0]->num_requirements, 2);
  assert_string_equal(cases[0]->requirements[1], "R-2");
  assert_string_equal(cases[0]->autobahn[0], "5.6");
  assert_string_equal(cases[0]->since, "1.1");
  assert_int_equal(cases[0]->weight, 7);
  assert_true(wsc_case_has_tag(cases[0], "slow"));
  assert_false(wsc_case_has_tag(cases[0], "slo"));
  assert_true(cases[0]->needs_echo && cases[0]->baseline &&
              cases[0]->info_only && cases[0]->passive);
  assert_false(cases[1]->needs_echo || cases[1]->baseline ||
               cases[1]->info_only || cases[1]->passive);
  assert_string_equal(cases[1]->since, "1.0");
  assert_int_equal(cases[1]->weight, 1);
  wsc_host_free(host);
}

static void test_source_lines(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  load(host, "a.lua", "local a = 1\n\nlocal b = 2");
  size_t len;
  const char *line = wsc_host_source_line(host, "a.lua", 3, &len);
  assert_int_equal(len, 11);
  assert_memory_equal(line, "local b = 2", len);
  wsc_host_source_line(host, "a.lua", 2, &len);
  assert_int_equal(len, 0);
  assert_string_equal(wsc_host_source_line(host, "a.lua", 4, &len), "");
  assert_string_equal(wsc_host_source_line(host, "b.lua", 1, &len), "");
  wsc_host_free(host);
}

static void test_builtin(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  char *error = NULL;
  assert_true(wsc_host_load_builtin(host, &error));
  size_t num;
  wsc_host_cases(host, &num);
  assert_true(num > 100);
  assert_string_equal(wsc_host_sanity_first(host)->id, "sanity.first");
  assert_string_equal(wsc_host_sanity_last(host)->id, "sanity.last");
  /* once more: every id is taken */
  assert_false(wsc_host_load_builtin(host, &error));
  assert_has(error, "is taken");
  free(error);
  wsc_host_free(host);
}

static void test_no_directory(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  char *error = NULL;
  assert_false(wsc_host_load_directory(host, "/no/such/directory", &error));
  assert_string_equal(error, "/no/such/directory: No such file or directory");
  free(error);
  wsc_host_free(host);
}

/* -- running ------------------------------------------------------------ */

#define CASE(fields, body)                                                     \
  "case {\n  id = 'test.one', title = 'T',\n  requirements = { 'R-1' "         \
  "}," fields "\n  run = function(t)\n" body "\n  end,\n}\n"
#define FIRST_LINE 5 /* of `body` */

struct run {
  struct wsc_host *host;
  struct wsc_transport *transport;
  struct wsc_context context;
  struct wsc_item items[4];
  size_t num_items;
};

static void on_final(void *user, const struct wsc_item *item) {
  (void)user;
  (void)item;
}

static void run_seeded(struct run *run, const char *text, uint64_t seed,
                       size_t jobs) {
  static const struct wsc_target target = {
      .url = "ws://sim/", .host = "sim", .path = "/"};
  static struct wsc_libws_config config;
  config.crypto = ws_crypto_openssl();
  struct wsc_sim_options options = {.factory = {&wsc_libws_peer, &config},
                                    .seed = seed};
  memset(run, 0, sizeof *run);
  run->host = wsc_host_new();
  load(run->host, "cases.lua", text);
  run->transport = wsc_sim_new(&options);
  run->context = (struct wsc_context){.transport = run->transport,
                                      .target = &target,
                                      .crypto = ws_crypto_openssl(),
                                      .seed = seed,
                                      .timeout = 3000000};
  const struct wsc_case *const *cases =
      wsc_host_cases(run->host, &run->num_items);
  for (size_t i = 0; i < run->num_items; i++) {
    run->items[i].info = cases[i];
  }
  struct wsc_campaign campaign = {.context = &run->context,
                                  .ops = &wsc_host_ops,
                                  .host = run->host,
                                  .first = wsc_host_sanity_first(run->host),
                                  .last = wsc_host_sanity_last(run->host),
                                  .items = run->items,
                                  .num_items = run->num_items,
                                  .jobs = (unsigned)jobs,
                                  .on_final = on_final};
  assert_int_equal(wsc_campaign_run(&campaign), WSC_CAMPAIGN_DONE);
}

static const struct wsc_outcome *run_one(struct run *run, const char *text) {
  run_seeded(run, text, 1, 1);
  assert_int_equal(run->num_items, 1);
  return run->items[0].outcome;
}

static void run_end(struct run *run) {
  for (size_t i = 0; i < run->num_items; i++) {
    wsc_outcome_free(run->items[i].outcome);
  }
  wsc_host_free(run->host);
  wsc_sim_free(run->transport);
}

static void assert_outcome(const struct wsc_outcome *outcome,
                           enum wsc_verdict verdict, const char *reason) {
  assert_string_equal(wsc_verdict_name(outcome->verdict),
                      wsc_verdict_name(verdict));
  assert_string_equal(outcome->reason, reason);
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
  run_seeded(
      &run,
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
  run_seeded(&a, RANDOM, 1, 1);
  run_seeded(&b, RANDOM, 1, 1);
  run_seeded(&c, RANDOM, 2, 1);
  assert_outcome(a.items[0].outcome, WSC_PASS, "");
  assert_true(same_wire(a.items[0].outcome, b.items[0].outcome));
  assert_false(same_wire(a.items[0].outcome, c.items[0].outcome));
  run_end(&a);
  run_end(&b);
  run_end(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_no_bytecode),
      cmocka_unit_test(test_declared),
      cmocka_unit_test(test_source_lines),
      cmocka_unit_test(test_builtin),
      cmocka_unit_test(test_no_directory),
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
