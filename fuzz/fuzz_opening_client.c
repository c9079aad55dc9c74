/* The opening handshake of a client: see opening.h. Its request is always the
 * same, and so is the accept value that belongs to it. The connection opens only
 * by a response that is right by 4.1, read by the letter, and it does open by
 * the first response where that is right and says no more. What is asked is HTTP
 * by the letter. */
#include <string.h>

#include "http_reference.h"
#include "opening.h"

/* Of the key 01 02 ... 10 (owner.c). */
static const char accept[] = "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=";

static bool is_101(const struct opening_head *head) {
  static const char start[] = "HTTP/1.";
  return http_reference_response(head->data, head->len) &&
         memcmp(head->data, start, strlen(start)) == 0 &&
         head->data[strlen(start)] != '0' &&
         memcmp(head->data + strlen("HTTP/1.1"), " 101 ", 5) == 0;
}

static bool right(const struct opening_head *head) {
  return is_101(head) && opening_is_nocase(head, "Upgrade", "websocket") &&
         http_reference_lists(head->data, head->len, "Connection", "upgrade") &&
         opening_is(head, "Sec-WebSocket-Accept", accept);
}

static bool offered(const struct opening_head *head) {
  return !opening_has(head, "Sec-WebSocket-Protocol") ||
         opening_is(head, "Sec-WebSocket-Protocol", "chat") ||
         opening_is(head, "Sec-WebSocket-Protocol", "superchat");
}

static void check_judged(const struct stage *stage, struct fuzz_input stream,
                         const struct observation *seen) {
  bool open = observation_has(seen, WS_EVENT_OPEN);
  const struct opening_head first = {
      stream.data, http_reference_end(stream.data, stream.len)};
  bool refused = observation_has(seen, WS_EVENT_REFUSED);
  if (open || refused) {
    const struct opening_head head = {stream.data + seen->head_offset,
                                      (size_t)seen->head_len};
    FUZZ_CHECK(http_reference_end(head.data, head.len) == head.len);
    FUZZ_CHECK(!open || (right(&head) && offered(&head)));
    /* RFC 9110 15.2: an interim response is no answer yet. */
    FUZZ_CHECK(!refused || head.data[strlen("HTTP/1.1 ")] != '1');
  }
  bool limited = stage->limits.head != 0 || stage->limits.fields != 0;
  bool plain = first.len != 0 && right(&first) && offered(&first) &&
               !opening_has(&first, "Sec-WebSocket-Extensions");
  FUZZ_CHECK(open || limited || !plain ||
             seen->fault == WS_FAULT_HTTP_TOO_MANY_FIELDS ||
             seen->fault == WS_FAULT_HTTP_HEAD_TOO_LARGE);
  FUZZ_CHECK(!refused || !open);
}

static void check_request(const struct observation *seen) {
  const struct opening_head head = {
      seen->output.data,
      http_reference_end(seen->output.data, seen->output.len)};
  FUZZ_CHECK(head.len != 0);
  FUZZ_CHECK(http_reference_request(head.data, head.len));
  /* What waits behind it, frames were the answer to. */
  FUZZ_CHECK(observation_has(seen, WS_EVENT_OPEN) ||
             head.len == seen->output.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct stage stage;
  struct fuzz_input stream;
  struct observation seen =
      opening_observe(WS_CLIENT, &stage, &stream, data, len);
  check_judged(&stage, stream, &seen);
  check_request(&seen);
  observation_free(&seen);
  return 0;
}
