/* The frame header. Input: an octet that says what the receiver knows, then the
 * octets of a header. Whatever they are, reading them agrees with the reference,
 * at every cut, and so does judging; written again they are the same. */
#include "frame_reference.h"
#include "fuzz.h"
#include "ws/frame.h"

#include <stdlib.h>
#include <string.h>

static void check_same(const struct ws_frame *frame,
                       const struct frame_reference *reference) {
  unsigned rsv =
      reference->rsv1 * 4 + reference->rsv2 * 2 + reference->rsv3 * 1;
  FUZZ_CHECK(frame->fin == (reference->fin == 1));
  FUZZ_CHECK(frame->rsv == rsv);
  FUZZ_CHECK(frame->opcode == reference->opcode);
  FUZZ_CHECK(frame->masked == (reference->mask == 1));
  FUZZ_CHECK((unsigned)frame->length_form == reference->num_length_bits);
  FUZZ_CHECK(frame->length == reference->length);
  FUZZ_CHECK(memcmp(frame->key, reference->key, 4) == 0);
}

/* Reads the first `len` octets, at the very end of their block. */
static size_t decode_at(struct ws_frame *frame, uint8_t *room, size_t room_len,
                        const uint8_t *data, size_t len) {
  uint8_t *at = room + (room_len - len);
  if (len > 0) {
    memcpy(at, data, len);
  }
  return ws_frame_decode(frame, at, len);
}

static void check_cuts(const uint8_t *data, size_t len, size_t header_len) {
  uint8_t *room = fuzz_copy(data, len);
  struct ws_frame before;
  memset(&before, 0x5A, sizeof(before));
  for (size_t i = 0; i <= len; i++) {
    struct ws_frame frame;
    memcpy(&frame, &before, sizeof(frame));
    size_t got = decode_at(&frame, room, len, data, i);
    FUZZ_CHECK(got == (i < header_len ? 0 : header_len));
    FUZZ_CHECK(got != 0 ||
               fuzz_same(&frame, sizeof(frame), &before, sizeof(before)));
  }
  free(room);
}

static void check_written(const struct ws_frame *frame, const uint8_t *data,
                          size_t header_len) {
  uint8_t out[WS_FRAME_HEADER_MAX];
  FUZZ_CHECK(ws_frame_encode(out, frame) == header_len);
  FUZZ_CHECK(memcmp(out, data, header_len) == 0);
  /* The same frame in its shortest form. */
  struct ws_frame shortest = *frame;
  struct ws_frame again;
  shortest.length_form = ws_length_form_minimal(frame->length);
  size_t len = ws_frame_encode(out, &shortest);
  FUZZ_CHECK(len <= header_len);
  FUZZ_CHECK(ws_frame_decode(&again, out, len) == len);
  FUZZ_CHECK(again.length == frame->length);
  FUZZ_CHECK(again.length_form == shortest.length_form);
}

/* The breach that a fault speaks of. */
static unsigned breach_of(enum ws_fault fault) {
  switch (fault) {
  case WS_FAULT_RSV:
    return FRAME_RSV;
  case WS_FAULT_OPCODE:
    return FRAME_OPCODE;
  case WS_FAULT_CONTROL_FRAGMENTED:
    return FRAME_CONTROL_FRAGMENTED;
  case WS_FAULT_CONTROL_TOO_LONG:
    return FRAME_CONTROL_TOO_LONG;
  case WS_FAULT_CONTINUATION_UNEXPECTED:
    return FRAME_NOTHING_TO_CONTINUE;
  case WS_FAULT_CONTINUATION_EXPECTED:
    return FRAME_NOT_CONTINUED;
  case WS_FAULT_NOT_MASKED:
    return FRAME_NOT_MASKED;
  case WS_FAULT_MASKED:
    return FRAME_MASKED;
  case WS_FAULT_LENGTH_NOT_MINIMAL:
    return FRAME_NOT_MINIMAL;
  case WS_FAULT_LENGTH_TOP_BIT:
    return FRAME_TOP_BIT;
  default:
    return 0;
  }
}

/* Where several rules are broken, any of them may be named. */
static void check_judged(const struct ws_frame *frame,
                         const struct frame_reference *reference,
                         uint8_t options) {
  const struct ws_frame_rules rules = {
      .receiver = (options & 1) != 0 ? WS_SERVER : WS_CLIENT,
      .rsv_allowed = options >> 1 & 7,
      .message_open = (options & 16) != 0,
  };
  const struct frame_receiver receiver = {
      .server = rules.receiver == WS_SERVER,
      .rsv1 = (rules.rsv_allowed & WS_RSV1) != 0,
      .rsv2 = (rules.rsv_allowed & WS_RSV2) != 0,
      .rsv3 = (rules.rsv_allowed & WS_RSV3) != 0,
      .open = rules.message_open,
  };
  enum ws_fault fault = ws_frame_check(frame, &rules);
  unsigned breaches = frame_reference_breaches(reference, &receiver);
  FUZZ_CHECK((fault == WS_FAULT_NONE) == (breaches == 0));
  FUZZ_CHECK(breaches == 0 || (breach_of(fault) & breaches) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  uint8_t options = fuzz_take(&input);
  struct fuzz_input octets = fuzz_take_some(&input, WS_FRAME_HEADER_MAX + 2);
  struct frame_reference reference;
  struct ws_frame frame;
  bool whole = frame_reference(&reference, octets.data, octets.len);
  size_t header_len = ws_frame_decode(&frame, octets.data, octets.len);
  FUZZ_CHECK(header_len == (whole ? reference.header_len : 0));
  check_cuts(octets.data, octets.len, whole ? header_len : SIZE_MAX);
  if (whole) {
    check_same(&frame, &reference);
    check_written(&frame, octets.data, header_len);
    check_judged(&frame, &reference, options);
  }
  return 0;
}
