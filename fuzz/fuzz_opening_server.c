/* The opening handshake of a server: see opening.h. A request is put before the
 * owner only when it is one by 4.2.1, read by the letter; every one that is
 * right in what is checked here is put before it, or refused for another
 * reason. What is answered is HTTP by the letter, and its accept value is that
 * of the key. */
#include <stdlib.h>
#include <string.h>

#include "base64_reference.h"
#include "http_reference.h"
#include "opening.h"

enum { KEY_LEN = 24, NONCE_LEN = 16, ANSWER_MAX = 1024 };

static bool good_key(const struct opening_head *head) {
  struct http_reference_field key =
      http_reference_field(head->data, head->len, "Sec-WebSocket-Key");
  uint8_t nonce[KEY_LEN];
  size_t nonce_len;
  return key.count == 1 && key.value_len == KEY_LEN &&
         base64_reference(nonce, &nonce_len, key.value, KEY_LEN) &&
         nonce_len == NONCE_LEN;
}

static bool right(const struct opening_head *head) {
  size_t line = 0;
  struct http_reference_field host;
  if (!http_reference_request(head->data, head->len)) {
    return false;
  }
  line = head->data[0] == '\r' ? 2 : 0;
  host = http_reference_field(head->data, head->len, "Host");
  return memcmp(head->data + line, "GET ", 4) == 0 && host.count == 1 &&
         host.value_len != 0 &&
         http_reference_lists(head->data, head->len, "Upgrade", "websocket") &&
         http_reference_lists(head->data, head->len, "Connection", "upgrade") &&
         good_key(head) && opening_is(head, "Sec-WebSocket-Version", "13") &&
         !opening_has(head, "Transfer-Encoding");
}

/* Faults that `right` does not look for. */
static bool another_reason(enum ws_fault fault) {
  switch (fault) {
  case WS_FAULT_HTTP_SYNTAX: /* the value of Host, two of Origin */
  case WS_FAULT_HTTP_HEAD_TOO_LARGE:
  case WS_FAULT_HTTP_TOO_MANY_FIELDS:
  case WS_FAULT_HTTP_VERSION:
  case WS_FAULT_REQUEST_TARGET:
  case WS_FAULT_REQUEST_BODY:
  case WS_FAULT_PROTOCOL_SYNTAX:
  case WS_FAULT_PROTOCOL_DUPLICATE:
  case WS_FAULT_EXTENSION_SYNTAX:
    return true;
  default:
    return false;
  }
}

static void check_judged(const struct opening_head *head,
                         const struct observation *seen) {
  bool asked = observation_has(seen, WS_EVENT_REQUEST);
  bool is_right = head->len != 0 && right(head);
  FUZZ_CHECK(!asked || is_right);
  FUZZ_CHECK(asked || !is_right || another_reason(seen->fault));
}

/* RFC 6455 4.2.2, with the digest of OpenSSL. */
static void check_accept(const struct opening_head *request,
                         const struct opening_head *answer) {
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  struct http_reference_field key =
      http_reference_field(request->data, request->len, "Sec-WebSocket-Key");
  struct http_reference_field accept =
      http_reference_field(answer->data, answer->len, "Sec-WebSocket-Accept");
  const struct ws_crypto *crypto = ws_crypto_openssl();
  struct fuzz_bytes text = {0};
  uint8_t digest[WS_SHA1_LEN];
  uint8_t got[64];
  size_t got_len;
  fuzz_bytes_add(&text, key.value, key.value_len);
  fuzz_bytes_add(&text, guid, sizeof(guid) - 1);
  FUZZ_CHECK(crypto->sha1(crypto->user, text.data, text.len, digest));
  FUZZ_CHECK(accept.count == 1 && accept.value_len <= sizeof(got));
  FUZZ_CHECK(base64_reference(got, &got_len, accept.value, accept.value_len));
  FUZZ_CHECK(fuzz_same(got, got_len, digest, sizeof(digest)));
  fuzz_bytes_free(&text);
}

static void check_answer(const struct opening_head *request,
                         const struct stage *stage,
                         const struct observation *seen, size_t stream_len) {
  const struct opening_head answer = {
      seen->output.data,
      http_reference_end(seen->output.data, seen->output.len)};
  FUZZ_CHECK(seen->output.len <= ANSWER_MAX + 3 * stream_len);
  if (seen->output.len == 0) {
    /* Nobody asked, or not to the end of it. */
    FUZZ_CHECK(!observation_has(seen, WS_EVENT_REQUEST) &&
               seen->fault == WS_FAULT_NONE);
    return;
  }
  bool open = observation_has(seen, WS_EVENT_OPEN);
  const char *line = open ? "HTTP/1.1 101 " : "HTTP/1.1 4";
  if (seen->fault == WS_FAULT_HTTP_VERSION) {
    line = "HTTP/1.1 505 ";
  }
  FUZZ_CHECK(answer.len != 0);
  FUZZ_CHECK(http_reference_response(answer.data, answer.len));
  FUZZ_CHECK(memcmp(answer.data, line, strlen(line)) == 0);
  FUZZ_CHECK(opening_has(&answer, "Sec-WebSocket-Accept") == open);
  FUZZ_CHECK(open || http_reference_lists(answer.data, answer.len, "Connection",
                                          "close"));
  FUZZ_CHECK((stage->habits & OWNER_CHOOSES) != 0 ||
             !opening_has(&answer, "Sec-WebSocket-Protocol"));
  if (open) {
    check_accept(request, &answer);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct stage stage;
  struct fuzz_input stream;
  struct observation seen =
      opening_observe(WS_SERVER, &stage, &stream, data, len);
  const struct opening_head head = {
      stream.data, http_reference_end(stream.data, stream.len)};
  check_judged(&head, &seen);
  check_answer(&head, &stage, &seen, stream.len);
  observation_free(&seen);
  return 0;
}
