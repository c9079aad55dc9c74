/* faulty_rules.c: which frames are refused. The codec's check says what RFC
 * 6455 forbids; a fault takes one of its findings back, or adds one. */
#include "faulty_internal.h"

#define OP(opcode)   (1u << (opcode))
#define TEXT_BINARY  (OP(WS_OP_TEXT) | OP(WS_OP_BINARY))
#define DATA         (TEXT_BINARY | OP(WS_OP_CONTINUATION))
#define CONTROL      (OP(WS_OP_CLOSE) | OP(WS_OP_PING) | OP(WS_OP_PONG))
#define RESERVED_3_7 0x00F8u
#define RESERVED_B_F 0xF800u
#define ANY          0xFFFFu

/* With `fault`, `finding` does not count for frames with one of `opcodes` and,
 * where they are given, with exactly these RSV bits or this length form. */
static const struct waiver {
  enum wsc_fault_id fault;
  enum ws_fault finding;
  unsigned opcodes;
  uint8_t rsv;
  unsigned form;
} waivers[] = {
    {WSC_FAULT_ACCEPTS_UNMASKED_DATA, WS_FAULT_NOT_MASKED, TEXT_BINARY, 0, 0},
    {WSC_FAULT_DELIVERS_UNMASKED_DATA, WS_FAULT_NOT_MASKED, TEXT_BINARY, 0, 0},
    {WSC_FAULT_ACCEPTS_UNMASKED_CONTROL, WS_FAULT_NOT_MASKED, CONTROL, 0, 0},
    {WSC_FAULT_ACCEPTS_UNMASKED_EMPTY, WS_FAULT_NOT_MASKED, ANY, 0, 0},
    {WSC_FAULT_DROPS_UNMASKED, WS_FAULT_NOT_MASKED, ANY, 0, 0},
    {WSC_FAULT_ACCEPTS_UNMASKED_CONTINUATION, WS_FAULT_NOT_MASKED,
     OP(WS_OP_CONTINUATION), 0, 0},
    {WSC_FAULT_ACCEPTS_RSV1, WS_FAULT_RSV, TEXT_BINARY, WS_RSV1, 0},
    {WSC_FAULT_ACCEPTS_RSV2, WS_FAULT_RSV, TEXT_BINARY, WS_RSV2, 0},
    {WSC_FAULT_ACCEPTS_RSV3, WS_FAULT_RSV, TEXT_BINARY, WS_RSV3, 0},
    {WSC_FAULT_ACCEPTS_RSV_CONTINUATION, WS_FAULT_RSV, OP(WS_OP_CONTINUATION),
     0, 0},
    {WSC_FAULT_ACCEPTS_RSV_CONTROL, WS_FAULT_RSV,
     OP(WS_OP_PING) | OP(WS_OP_PONG), 0, 0},
    {WSC_FAULT_ACCEPTS_RSV_CLOSE, WS_FAULT_RSV, OP(WS_OP_CLOSE), 0, 0},
    {WSC_FAULT_DROPS_RSV, WS_FAULT_RSV, ANY, 0, 0},
    {WSC_FAULT_DEFLATE_RSV1_CONTINUATION, WS_FAULT_RSV, OP(WS_OP_CONTINUATION),
     WS_RSV1, 0},
    {WSC_FAULT_DEFLATE_RSV1_CONTROL, WS_FAULT_RSV, CONTROL, WS_RSV1, 0},
    {WSC_FAULT_DEFLATE_RSV2_ACCEPTED, WS_FAULT_RSV, TEXT_BINARY, 0, 0},
    {WSC_FAULT_OPCODE_DATA_DROPPED, WS_FAULT_OPCODE, RESERVED_3_7, 0, 0},
    {WSC_FAULT_OPCODE_DATA_ECHOED, WS_FAULT_OPCODE, RESERVED_3_7, 0, 0},
    {WSC_FAULT_OPCODE_CONTROL_DROPPED, WS_FAULT_OPCODE, RESERVED_B_F, 0, 0},
    {WSC_FAULT_OPCODE_CONTROL_ANSWERED, WS_FAULT_OPCODE, RESERVED_B_F, 0, 0},
    {WSC_FAULT_LENGTH_TOP_BIT_IGNORED, WS_FAULT_LENGTH_TOP_BIT, ANY, 0, 0},
    {WSC_FAULT_LENGTH_TOP_BIT_IGNORED, WS_FAULT_LENGTH_NOT_MINIMAL, ANY, 0,
     WS_LENGTH_64},
    {WSC_FAULT_LENGTH_LONG_16_ACCEPTED, WS_FAULT_LENGTH_NOT_MINIMAL, DATA, 0,
     WS_LENGTH_16},
    {WSC_FAULT_LENGTH_LONG_16_MISREAD, WS_FAULT_LENGTH_NOT_MINIMAL, DATA, 0,
     WS_LENGTH_16},
    {WSC_FAULT_LENGTH_LONG_64_ACCEPTED, WS_FAULT_LENGTH_NOT_MINIMAL, DATA, 0,
     WS_LENGTH_64},
    {WSC_FAULT_LENGTH_LONG_CONTROL_ACCEPTED, WS_FAULT_LENGTH_NOT_MINIMAL,
     CONTROL, 0, WS_LENGTH_16},
    {WSC_FAULT_CONTINUATION_DROPPED, WS_FAULT_CONTINUATION_UNEXPECTED,
     OP(WS_OP_CONTINUATION), 0, 0},
    {WSC_FAULT_CONTINUATION_DELIVERED, WS_FAULT_CONTINUATION_UNEXPECTED,
     OP(WS_OP_CONTINUATION), 0, 0},
    {WSC_FAULT_NEW_MESSAGE_REPLACES, WS_FAULT_CONTINUATION_EXPECTED,
     TEXT_BINARY, 0, 0},
    {WSC_FAULT_NEW_MESSAGE_INTERLEAVES, WS_FAULT_CONTINUATION_EXPECTED,
     TEXT_BINARY, 0, 0},
    {WSC_FAULT_CONTROL_FRAGMENT_ACCEPTED, WS_FAULT_CONTROL_FRAGMENTED,
     OP(WS_OP_PING), 0, 0},
    {WSC_FAULT_CLOSE_FRAGMENT_ACCEPTED, WS_FAULT_CONTROL_FRAGMENTED,
     OP(WS_OP_CLOSE), 0, 0},
    {WSC_FAULT_PING_TOO_LONG_ACCEPTED, WS_FAULT_CONTROL_TOO_LONG,
     OP(WS_OP_PING), 0, 0},
    {WSC_FAULT_PONG_TOO_LONG_ACCEPTED, WS_FAULT_CONTROL_TOO_LONG,
     OP(WS_OP_PONG), 0, 0},
    {WSC_FAULT_CLOSE_TOO_LONG_ACCEPTED, WS_FAULT_CONTROL_TOO_LONG,
     OP(WS_OP_CLOSE), 0, 0},
};

/* True for waivers that count only beside permessage-deflate. */
static bool needs_deflate(enum wsc_fault_id fault) {
  return fault == WSC_FAULT_DEFLATE_RSV1_CONTINUATION ||
         fault == WSC_FAULT_DEFLATE_RSV1_CONTROL ||
         fault == WSC_FAULT_DEFLATE_RSV2_ACCEPTED;
}

static bool waived(const struct wsc_faulty *peer, enum ws_fault finding) {
  const struct ws_frame *frame = &peer->frame;
  if (needs_deflate(peer->fault) && peer->deflate == NULL) {
    return false;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_ACCEPTS_UNMASKED_EMPTY) &&
      frame->length > 0) {
    return false;
  }
  /* What is left of a length without its top bit may well be short. */
  if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_TOP_BIT_IGNORED) &&
      frame->length >> 63 == 0) {
    return false;
  }
  for (size_t i = 0; i < sizeof waivers / sizeof waivers[0]; i++) {
    const struct waiver *waiver = &waivers[i];
    if (wsc_faulty_is(peer, waiver->fault) && waiver->finding == finding &&
        (waiver->opcodes & OP(frame->opcode)) != 0 &&
        (waiver->rsv == 0 || waiver->rsv == frame->rsv) &&
        (waiver->form == 0 || waiver->form == (unsigned)frame->length_form)) {
      return true;
    }
  }
  return false;
}

/* Changes `seen` so that the check finds what comes behind `finding`. */
static void excuse(struct ws_frame *seen, enum ws_fault finding) {
  switch (finding) {
  case WS_FAULT_RSV:
    seen->rsv = 0;
    break;
  case WS_FAULT_OPCODE:
    seen->opcode = WS_OP_PING;
    seen->fin = true;
    seen->length = 0;
    seen->length_form = WS_LENGTH_7;
    break;
  case WS_FAULT_NOT_MASKED:
    seen->masked = true;
    break;
  case WS_FAULT_LENGTH_NOT_MINIMAL:
    seen->length_form = ws_length_form_minimal(seen->length);
    break;
  case WS_FAULT_LENGTH_TOP_BIT:
    seen->length &= UINT64_MAX >> 1;
    break;
  case WS_FAULT_CONTROL_FRAGMENTED:
    seen->fin = true;
    break;
  case WS_FAULT_CONTROL_TOO_LONG:
    seen->length = 0;
    seen->length_form = WS_LENGTH_7;
    break;
  default: /* the fragmentation rules come last, nothing is behind them */
    seen->opcode = WS_OP_PING;
    break;
  }
}

static enum ws_fault check(const struct wsc_faulty *peer) {
  bool rsv1 = peer->deflate != NULL &&
              !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_RSV1_REFUSED);
  struct ws_frame_rules rules = {WS_SERVER, rsv1 ? WS_RSV1 : 0,
                                 peer->message_open};
  struct ws_frame seen = peer->frame;
  enum ws_fault finding = ws_frame_check(&seen, &rules);
  /* Each turn takes one finding away for good; there are ten at most. */
  for (int i = 0; i < 10 && finding != WS_FAULT_NONE; i++) {
    if (!waived(peer, finding)) {
      return finding;
    }
    excuse(&seen, finding);
    finding = ws_frame_check(&seen, &rules);
  }
  return finding;
}

/* What RFC 6455 allows and a fault refuses. */
static bool refused_by_fault(const struct wsc_faulty *peer) {
  const struct ws_frame *frame = &peer->frame;
  bool control = ws_opcode_is_control(frame->opcode);
  switch (peer->fault) {
  case WSC_FAULT_EMPTY_FRAME_REFUSED:
    return !control && frame->length == 0;
  case WSC_FAULT_EMPTY_PING_REFUSED:
    return frame->opcode == WS_OP_PING && frame->length == 0;
  case WSC_FAULT_PING_REFUSED:
    return frame->opcode == WS_OP_PING;
  case WSC_FAULT_FRAGMENTS_REFUSED:
    return !control && !frame->fin;
  case WSC_FAULT_FRAGMENTS_LIMITED:
    return frame->opcode == WS_OP_CONTINUATION && peer->num_fragments >= 2;
  case WSC_FAULT_FRAGMENTS_LIMITED_1000:
    return frame->opcode == WS_OP_CONTINUATION && peer->num_fragments >= 1000;
  case WSC_FAULT_CONTROL_INSIDE_REFUSED:
    return control && peer->message_open;
  case WSC_FAULT_PONG_REFUSED:
    return frame->opcode == WS_OP_PONG;
  case WSC_FAULT_LENGTH_16_SIGNED:
    return frame->length_form == WS_LENGTH_16 && frame->length >= 0x8000;
  default:
    return false;
  }
}

uint16_t wsc_faulty_judge(const struct wsc_faulty *peer) {
  enum ws_fault finding = check(peer);
  if (finding != WS_FAULT_NONE) {
    return ws_fault_info(finding)->close_code;
  }
  return refused_by_fault(peer) ? 1002 : 0;
}

/* 10.4: "Implementations that have implementation- and/or platform-specific
 * limitations regarding the frame size or total message size after reassembly
 * from multiple frames MUST protect themselves against exceeding those
 * limits." */
bool wsc_faulty_too_big(const struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_RESERVED)) {
    return false;
  }
  bool begins = peer->frame.opcode != WS_OP_CONTINUATION &&
                !wsc_faulty_is(peer, WSC_FAULT_MESSAGE_BOUNDARY_LOST);
  size_t before = begins ? 0 : peer->message.len;
  return before > WSC_FAULTY_MESSAGE_MAX ||
         peer->frame.length > WSC_FAULTY_MESSAGE_MAX - before;
}

static bool dropped(const struct wsc_faulty *peer) {
  const struct ws_frame *frame = &peer->frame;
  unsigned opcode = OP(frame->opcode);
  switch (peer->fault) {
  case WSC_FAULT_DROPS_RSV:
    return frame->rsv != 0;
  case WSC_FAULT_DROPS_UNMASKED:
    return !frame->masked;
  case WSC_FAULT_CONTROL_INSIDE_DROPPED:
    return peer->message_open && (opcode & CONTROL) != 0;
  case WSC_FAULT_OPCODE_DATA_DROPPED:
    return (opcode & RESERVED_3_7) != 0;
  case WSC_FAULT_OPCODE_CONTROL_DROPPED:
    return (opcode & RESERVED_B_F) != 0;
  case WSC_FAULT_CONTINUATION_DROPPED:
    return frame->opcode == WS_OP_CONTINUATION && !peer->message_open;
  default:
    return false;
  }
}

enum wsc_faulty_sink wsc_faulty_sink_of(const struct wsc_faulty *peer) {
  const struct ws_frame *frame = &peer->frame;
  if (dropped(peer)) {
    return WSC_FAULTY_TO_NOTHING;
  }
  if ((OP(frame->opcode) & DATA) == 0) {
    return WSC_FAULTY_TO_ASIDE;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_NEW_MESSAGE_INTERLEAVES) &&
      peer->message_open && frame->opcode != WS_OP_CONTINUATION) {
    return WSC_FAULTY_TO_ASIDE;
  }
  return WSC_FAULTY_TO_MESSAGE;
}
