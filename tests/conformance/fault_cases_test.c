/* Each fault that libws tells apart has a conformance case that provokes it, or
 * a reason: the table is complete, and the cases exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"
#include "ws/fault.h"

struct row {
  enum ws_fault fault;
  const char *case_id; /* NULL: see `reason` */
  const char *reason;
};

#define OF_SERVER "a fault of a server: cases for clients come later"
#define LIMIT     "a limit that only the peer's operator knows"

static const struct row rows[] = {
    {WS_FAULT_HTTP_SYNTAX, "handshake.malformed-head", NULL},
    {WS_FAULT_HTTP_HEAD_TOO_LARGE, "handshake.oversized-head", NULL},
    {WS_FAULT_HTTP_TOO_MANY_FIELDS, NULL, LIMIT},
    {WS_FAULT_HTTP_TRUNCATED, "errors.lost-in-a-frame", NULL},
    {WS_FAULT_HTTP_VERSION, "handshake.http-1.0", NULL},
    {WS_FAULT_METHOD, "handshake.method", NULL},
    {WS_FAULT_REQUEST_TARGET, NULL, "no clause says what else to refuse"},
    {WS_FAULT_HOST_MISSING, "handshake.no-host", NULL},
    {WS_FAULT_HOST_DUPLICATE, "handshake.two-hosts", NULL},
    {WS_FAULT_REQUEST_BODY, NULL, "RFC 6455 does not forbid a body"},
    {WS_FAULT_UPGRADE_MISSING, "handshake.no-upgrade", NULL},
    {WS_FAULT_UPGRADE_VALUE, "handshake.other-upgrade", NULL},
    {WS_FAULT_CONNECTION_MISSING, "handshake.no-connection-upgrade", NULL},
    {WS_FAULT_CONNECTION_VALUE, "handshake.no-connection-upgrade", NULL},
    {WS_FAULT_KEY_MISSING, "handshake.no-key", NULL},
    {WS_FAULT_KEY_DUPLICATE, "handshake.two-keys", NULL},
    {WS_FAULT_KEY_VALUE, "handshake.key-length", NULL},
    {WS_FAULT_VERSION_MISSING, "handshake.no-version", NULL},
    {WS_FAULT_VERSION_DUPLICATE, "handshake.two-versions", NULL},
    {WS_FAULT_VERSION_SYNTAX, "handshake.version-grammar", NULL},
    {WS_FAULT_VERSION_UNSUPPORTED, "handshake.unsupported-version", NULL},
    {WS_FAULT_PROTOCOL_SYNTAX, "subprotocols.malformed-offer", NULL},
    {WS_FAULT_PROTOCOL_DUPLICATE, NULL,
     "binds the client alone: a server may take either"},
    {WS_FAULT_EXTENSION_SYNTAX, "extensions.malformed-offer", NULL},
    {WS_FAULT_STATUS, NULL, OF_SERVER},
    {WS_FAULT_RESPONSE_UPGRADE, NULL, OF_SERVER},
    {WS_FAULT_RESPONSE_CONNECTION, NULL, OF_SERVER},
    {WS_FAULT_ACCEPT_MISSING, NULL, OF_SERVER},
    {WS_FAULT_ACCEPT_DUPLICATE, NULL, OF_SERVER},
    {WS_FAULT_ACCEPT_VALUE, NULL, OF_SERVER},
    {WS_FAULT_PROTOCOL_NOT_OFFERED, NULL, OF_SERVER},
    {WS_FAULT_RESPONSE_PROTOCOL_DUPLICATE, NULL, OF_SERVER},
    {WS_FAULT_EXTENSION_NOT_OFFERED, NULL, OF_SERVER},
    {WS_FAULT_DEFLATE_RESPONSE, NULL, OF_SERVER},
    {WS_FAULT_RSV, "errors.rsv-text", NULL},
    {WS_FAULT_OPCODE, "errors.reserved-opcode-empty", NULL},
    {WS_FAULT_NOT_MASKED, "masking.data-unmasked", NULL},
    {WS_FAULT_MASKED, NULL, OF_SERVER},
    {WS_FAULT_LENGTH_NOT_MINIMAL, "length.overlong-16-bit", NULL},
    {WS_FAULT_LENGTH_TOP_BIT, "length.top-bit", NULL},
    {WS_FAULT_CONTROL_FRAGMENTED, "control.fragmented", NULL},
    {WS_FAULT_CONTROL_TOO_LONG, "control.too-long", NULL},
    {WS_FAULT_CONTINUATION_UNEXPECTED, "fragmentation.nothing-to-continue",
     NULL},
    {WS_FAULT_CONTINUATION_EXPECTED, "fragmentation.new-message-inside", NULL},
    {WS_FAULT_DEFLATE_DATA, "deflate.bad-data", NULL},
    {WS_FAULT_TEXT_NOT_UTF8, "utf8.invalid-in-text", NULL},
    {WS_FAULT_FRAME_TOO_BIG, "length.huge", NULL},
    {WS_FAULT_MESSAGE_TOO_BIG, "errors.endless-message", NULL},
    {WS_FAULT_TOO_MANY_FRAGMENTS, "errors.many-empty-fragments", NULL},
    {WS_FAULT_CLOSE_BODY_LENGTH, "closing.body-of-one-octet", NULL},
    {WS_FAULT_CLOSE_CODE, "closing.reserved-code-1005", NULL},
    {WS_FAULT_CLOSE_REASON_NOT_UTF8, "closing.reason-not-utf8", NULL},
    {WS_FAULT_ENDED_WITHOUT_CLOSE, "tcp.half-close", NULL},
};

#define NUM_ROWS (sizeof rows / sizeof *rows)

static void every_fault_has_a_row(void **state) {
  (void)state;
  size_t seen[WS_FAULT_COUNT] = {0};
  for (size_t i = 0; i < NUM_ROWS; i++) {
    seen[rows[i].fault]++;
    assert_true((rows[i].case_id == NULL) != (rows[i].reason == NULL));
  }
  for (int fault = 1; fault < WS_FAULT_COUNT; fault++) {
    if (seen[fault] != 1) {
      fail_msg("WS_FAULT_%s has %zu rows",
               ws_fault_info((enum ws_fault)fault)->name, seen[fault]);
    }
  }
}

static void every_case_exists(void **state) {
  (void)state;
  struct wsc_host *host = wsc_host_new();
  char *error = NULL;
  assert_non_null(host);
  assert_true(wsc_host_load_builtin(host, &error));
  size_t num;
  const struct wsc_case *const *cases = wsc_host_cases(host, &num);
  for (size_t i = 0; i < NUM_ROWS; i++) {
    size_t at = 0;
    while (rows[i].case_id != NULL && at < num &&
           strcmp(cases[at]->id, rows[i].case_id) != 0) {
      at++;
    }
    if (at == num) {
      fail_msg("there is no case %s", rows[i].case_id);
    }
  }
  wsc_host_free(host);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_fault_has_a_row),
      cmocka_unit_test(every_case_exists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
