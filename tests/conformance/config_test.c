/* The file of `wsspec run`: what it may say, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

/* Writes `text` to a file of its own, which is removed after reading. */
static struct wsc_config *read_text(const char *text, char **error,
                                    char path[64]) {
  snprintf(path, 64, "/tmp/wsspec-config-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  struct wsc_config *config = wsc_config_read(path, error);
  unlink(path);
  return config;
}

static void everything_is_read(void **state) {
  (void)state;
  char *error, path[64];
  size_t num;
  struct wsc_config *config = read_text(
      "local function node(name, file)\n"
      "  implementation {\n"
      "    name = name, url = 'ws://127.0.0.1:{port}/x',\n"
      "    start = { 'node', file, '{port}' }, ready = 'listening',\n"
      "    environment = { 'A=1' }, headers = { 'X-A: b' },\n"
      "    exclude = { 'slow.*' }, expect = file .. '.expect',\n"
      "    subprotocol = 'chat', origin = 'http://a', echo = 'no',\n"
      "    ready_within = 0.5, stop_within = 2, timeout = 1.5,\n"
      "  }\n"
      "end\n"
      "for _, name in ipairs { 'one', 'two' } do node(name, 'f') end\n"
      "implementation { name = 'three', url = 'ws://h/' }\n"
      "implementation { name = 'four', url = 'ws://h/', start = 'exec x' }\n",
      &error, path);
  assert_non_null(config);
  assert_null(error);
  const struct wsc_implementation *items = wsc_config_items(config, &num);
  assert_int_equal(num, 4);
  assert_string_equal(wsc_config_directory(config), "/tmp");
  assert_string_equal(items[1].name, "two");
  assert_string_equal(items[1].url, "ws://127.0.0.1:{port}/x");
  assert_string_equal(items[1].start[2], "{port}");
  assert_null(items[1].start[3]);
  assert_string_equal(items[1].ready, "listening");
  assert_string_equal(items[1].environment[0], "A=1");
  assert_string_equal(items[1].headers[0], "X-A: b");
  assert_string_equal(items[1].exclude[0], "slow.*");
  assert_string_equal(items[1].expect, "/tmp/f.expect");
  assert_string_equal(items[1].subprotocol, "chat");
  assert_string_equal(items[1].origin, "http://a");
  assert_string_equal(items[1].echo, "no");
  assert_int_equal(items[1].ready_within, 500000);
  assert_int_equal(items[1].stop_within, 2000000);
  assert_int_equal(items[1].timeout, 1500000);
  assert_int_equal(items[1].line, 2);
  assert_null(items[2].start);
  assert_null(items[2].ready);
  assert_null(items[2].expect);
  assert_null(items[2].environment[0]);
  assert_string_equal(items[2].echo, "auto");
  assert_int_equal(items[2].timeout, 0);
  assert_string_equal(items[3].start[0], "sh");
  assert_string_equal(items[3].start[2], "exec x");
  wsc_config_free(config);
}

static const struct {
  const char *text;
  const char *error; /* behind the file's name */
} refused[] = {
    {"", ": describes no implementation"},
    {"\nx(", ":2: unexpected symbol near <eof>"},
    {"case {}", ":1: unknown global 'case'"},
    {"os.exit()", ":1: unknown global 'os'"},
    {"implementation(3)", ":1: bad argument #1 to 'implementation' (table "
                          "expected, got number)"},
    {"implementation {}", ":1: the field 'name' is missing"},
    {"implementation { name = 'a' }", ":1: the field 'url' is missing"},
    {"implementation { name = 1, url = 'u' }",
     ":1: the field 'name' must be a string"},
    {"implementation { name = '', url = 'u' }",
     ":1: the field 'name' is empty"},
    {"implementation { name = 'a', url = 'u', color = 1 }",
     ":1: unknown option 'color'"},
    {"implementation { name = 'a', url = 'u', start = {} }",
     ":1: the field 'start' names no program"},
    {"implementation { name = 'a', url = 'u', start = 1 }",
     ":1: the field 'start' must be a list of strings"},
    {"implementation { name = 'a', url = 'u', echo = 'x' }",
     ":1: the field 'echo' must be 'auto', 'yes' or 'no'"},
    {"implementation { name = 'a', url = 'u', headers = { 'x' } }",
     ":1: the field 'headers': 'x' is not of the form NAME:VALUE"},
    {"implementation { name = 'a', url = 'u', headers = { 'a: b\\r\\nc: d' } }",
     ":1: the field 'headers': 'a: b\r\nc: d' is not of the form NAME:VALUE"},
    {"implementation { name = 'a', url = 'u', environment = { '=x' } }",
     ":1: the field 'environment': '=x' is not of the form NAME=VALUE"},
    {"implementation { name = 'a', url = 'ws://h:{port}/' }",
     ":1: 'ready' and '{port}' need the field 'start'"},
    {"implementation { name = 'a', url = 'u', ready_within = -1 }",
     ":1: option 'ready_within' must be seconds, 0 to 3600"},
    {"implementation { name = 'a', url = 'u' }\n"
     "implementation { name = 'a', url = 'u' }",
     ":2: the name 'a' is taken (line 1)"},
    {"while true do end",
     ":1: the script ran for 200000000 instructions without waiting"},
};

static void mistakes_are_named(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    char *error, path[64], expected[256];
    assert_null(read_text(refused[i].text, &error, path));
    snprintf(expected, sizeof expected, "%s%s", path, refused[i].error);
    assert_string_equal(error, expected);
    free(error);
  }
}

static void a_file_that_is_not_there(void **state) {
  (void)state;
  char *error;
  assert_null(wsc_config_read("/no/such/file.lua", &error));
  assert_string_equal(error, "/no/such/file.lua: No such file or directory");
  free(error);
  wsc_config_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_is_read),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(a_file_that_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
