/* The case host: what it loads, and what it refuses to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "host_support.h"

static void assert_has(const char *text, const char *part) {
  if (strstr(text, part) == NULL) {
    fail_msg("\"%s\" has no \"%s\"", text, part);
  }
}

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
     "cases.lua:1: the field 'id' is missing"},
    {"case { id = 'a.b', requirements = { 'R' }, run = function() end }",
     "cases.lua:1: the field 'title' is missing"},
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

static void test_declared(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  host_load(host, "a.lua",
            "case {\n  id = 'test.one', title = 'One',\n"
            "  requirements = { 'R-1', 'R-2' }, autobahn = { '5.6' },\n"
            "  needs = { 'echo' }, tags = { 'slow' }, since = '1.1',\n"
            "  baseline = true, info = true, passive = true, weight = 7,\n"
            "  run = function(t)\n  end,\n}\n");
  host_load(host, "b.lua",
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
  host_load(host, "a.lua", "local a = 1\n\nlocal b = 2");
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refused),  cmocka_unit_test(test_no_bytecode),
      cmocka_unit_test(test_declared), cmocka_unit_test(test_source_lines),
      cmocka_unit_test(test_builtin),  cmocka_unit_test(test_no_directory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
