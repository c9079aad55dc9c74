/* What a peer sent, on a terminal and in the log of a CI system: text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"
#include "trace.h"

static char *said; /* by what begin() gave */
static size_t said_len;

static FILE *begin(void) {
  FILE *out = open_memstream(&said, &said_len);
  assert_non_null(out);
  return out;
}

static void assert_escaped(const char *text, const char *expected) {
  FILE *out = begin();
  wsc_terminal_escape(out, text);
  fclose(out);
  assert_string_equal(said, expected);
  free(said);
}

static void test_escape(void **state) {
  (void)state;
  assert_escaped("", "");
  assert_escaped("plain \\ \"text\" ~", "plain \\ \"text\" ~");
  assert_escaped("\x1b[2J\r\n\x7f\xC3\xA9",
                 "\\x1B[2J\\x0D\\x0A\\x7F\\xC3\\xA9");
}

static void test_no_commands(void **state) {
  (void)state;
  assert_escaped("::stop-commands::x", "\\x3A:stop-commands::x");
  assert_escaped("  ::error::x", "  \\x3A:error::x");
  assert_escaped("a ::error::x", "a ::error::x");
  assert_escaped("ws://[::1]:80/", "ws://[::1]:80/");
  assert_escaped("a ##[add-mask]b", "a #\\x23[add-mask]b");
  assert_escaped("###vso[task]", "#\\x23\\x23vso[task]");
  assert_escaped("# one #", "# one #");
}

/* No line of `text` is a command. */
static void assert_no_command(const char *text) {
  assert_null(strstr(text, "##"));
  for (const char *line = text; *line != '\0';) {
    const char *first = line + strspn(line, " \t\r");
    assert_false(first[0] == ':' && first[1] == ':');
    line += strcspn(line, "\n");
    line += *line == '\n';
  }
}

static void test_octets_of_a_handshake(void **state) {
  (void)state;
  static const char head[] = "HTTP/1.1 400 ##[error]x\r\n::stop-commands::y\r\n"
                             " \t ::add-mask::z\r\n\x1b[31m\r\n\r\n::end";
  struct wsc_outcome *outcome = wsc_outcome_new();
  struct wsc_wire_event event = {.direction = WSC_RECEIVED,
                                 .kind = WSC_WIRE_DATA,
                                 .data = (const uint8_t *)head,
                                 .len = sizeof head - 1};
  wsc_outcome_add_wire(outcome, &event);
  outcome->num_connections = 1;
  FILE *out = begin();
  wsc_trace_connection(out, outcome, 0, 6);
  fclose(out);
  assert_non_null(strstr(said, "HTTP/1.1 400 #\\x23[error]x\\r\\n\n"));
  assert_non_null(strstr(said, " \\x3A:stop-commands::y\\r\\n\n"));
  assert_non_null(strstr(said, "\\x1B[31m"));
  assert_no_command(said);
  free(said);
  wsc_outcome_free(outcome);
}

static void test_payload_of_a_frame(void **state) {
  (void)state;
  static const char payload[] = "::x\n::y ##[z]\"\\";
  struct wsc_outcome *outcome = wsc_outcome_new();
  struct wsc_frame_note note = {.direction = WSC_RECEIVED,
                                .header = {0x81, sizeof payload - 1},
                                .header_len = 2,
                                .length = sizeof payload - 1,
                                .payload = (const uint8_t *)payload,
                                .payload_len = sizeof payload - 1};
  wsc_outcome_add_frame(outcome, &note);
  outcome->num_connections = 1;
  FILE *out = begin();
  wsc_trace_connection(out, outcome, 0, 6);
  fclose(out);
  assert_non_null(strstr(said, "\"::x\\x0A::y #\\x23[z]\\x22\\x5C\"\n"));
  assert_no_command(said);
  free(said);
  wsc_outcome_free(outcome);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_escape),
      cmocka_unit_test(test_no_commands),
      cmocka_unit_test(test_octets_of_a_handshake),
      cmocka_unit_test(test_payload_of_a_frame),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
