/* faulty_send.c: what leaves (6.1). */
#include "faulty_internal.h"

/* Answers from here on wait in memory: WSC_FAULT_PONGS_QUEUED, _ECHOES_QUEUED. */
#define PONGS_SENT  20
#define ECHOES_SENT 2

#include <string.h>

#include "faulty_deflate.h"
#include "ws/mask.h"

static bool is_data(uint8_t opcode) {
  return !ws_opcode_is_control(opcode);
}

void wsc_faulty_put_frame(struct wsc_faulty *peer, const struct ws_frame *frame,
                          const uint8_t *payload) {
  uint8_t header[WS_FRAME_HEADER_MAX];
  size_t header_len = ws_frame_encode(header, frame);
  size_t len = (size_t)frame->length;
  if (!wsc_faulty_buffer_append(&peer->out, header, header_len) ||
      !wsc_faulty_buffer_append(&peer->out, payload, len)) {
    wsc_faulty_die(peer);
    return;
  }
  if (frame->masked && len > 0) {
    ws_mask(peer->out.data + peer->out.len - len, len, frame->key, 0);
  }
}

static enum ws_length_form form_of(const struct wsc_faulty *peer,
                                   uint8_t opcode, size_t len) {
  bool data = is_data(opcode);
  switch (peer->fault) {
  case WSC_FAULT_SENDS_LONG_7:
    return data && len < 126 ? WS_LENGTH_16 : ws_length_form_minimal(len);
  case WSC_FAULT_SENDS_LONG_125:
    return data && len == 125 ? WS_LENGTH_16 : ws_length_form_minimal(len);
  case WSC_FAULT_SENDS_LONG_16:
    return len > 125 ? WS_LENGTH_64 : WS_LENGTH_7;
  case WSC_FAULT_SENDS_LONG_65535:
    return len == UINT16_MAX ? WS_LENGTH_64 : ws_length_form_minimal(len);
  case WSC_FAULT_SENDS_LONG_PONG:
    return opcode == WS_OP_PONG ? WS_LENGTH_16 : ws_length_form_minimal(len);
  default:
    return ws_length_form_minimal(len);
  }
}

static uint8_t rsv_of(const struct wsc_faulty *peer, uint8_t opcode) {
  static const struct {
    enum wsc_fault_id fault;
    uint8_t rsv;
  } bits[] = {
      {WSC_FAULT_SENDS_RSV1, WS_RSV1},
      {WSC_FAULT_SENDS_RSV2, WS_RSV2},
      {WSC_FAULT_SENDS_RSV3, WS_RSV3},
  };
  for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
    if (wsc_faulty_is(peer, bits[i].fault) && is_data(opcode)) {
      return bits[i].rsv;
    }
  }
  return 0;
}

static uint8_t opcode_of(const struct wsc_faulty *peer, uint8_t opcode) {
  if (wsc_faulty_is(peer, WSC_FAULT_ECHO_AS_CONTINUATION) && is_data(opcode)) {
    return WS_OP_CONTINUATION;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_ECHO_OPCODE_RESERVED) && is_data(opcode)) {
    return 3;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_CLOSE_AS_PONG) && opcode == WS_OP_CLOSE) {
    return WS_OP_PONG;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_PONG_IS_PING) && opcode == WS_OP_PONG) {
    return WS_OP_PING;
  }
  return opcode;
}

static bool fin_of(const struct wsc_faulty *peer, uint8_t opcode, size_t len) {
  if (wsc_faulty_is(peer, WSC_FAULT_ECHO_WITHOUT_FIN)) {
    return !is_data(opcode) || len <= 500;
  }
  return !wsc_faulty_is(peer, WSC_FAULT_PONG_FRAGMENTED) ||
         opcode != WS_OP_PONG;
}

void wsc_faulty_send(struct wsc_faulty *peer, uint8_t opcode,
                     const uint8_t *payload, size_t len) {
  struct ws_frame frame = {
      .fin = fin_of(peer, opcode, len),
      .rsv = rsv_of(peer, opcode),
      .opcode = opcode_of(peer, opcode),
      .masked = wsc_faulty_is(peer, WSC_FAULT_MASKS_FRAMES),
      .length_form = form_of(peer, opcode, len),
      .length = len,
      .key = {0},
  };
  if (frame.masked) {
    memcpy(frame.key, "\x37\xFA\x21\x3D", sizeof frame.key);
  }
  wsc_faulty_put_frame(peer, &frame, payload);
}

void wsc_faulty_send_fragment(struct wsc_faulty *peer, uint8_t opcode, bool fin,
                              const uint8_t *payload, size_t len) {
  struct ws_frame frame = {.fin = fin,
                           .opcode = opcode,
                           .length_form = ws_length_form_minimal(len),
                           .length = len};
  wsc_faulty_put_frame(peer, &frame, payload);
}

/* Keeps the output from `mark` on back, at `offset` of what is kept already. */
static void hold(struct wsc_faulty *peer, size_t mark, size_t offset) {
  if (peer->out.len <= mark) {
    return;
  }
  if (!wsc_faulty_buffer_insert(&peer->held, offset, peer->out.data + mark,
                                peer->out.len - mark)) {
    wsc_faulty_die(peer);
    return;
  }
  peer->out.len = mark;
}

void wsc_faulty_release(struct wsc_faulty *peer) {
  if (!wsc_faulty_buffer_append(&peer->out, peer->held.data, peer->held.len)) {
    wsc_faulty_die(peer);
  }
  wsc_faulty_buffer_clear(&peer->held);
}

/* Messages ---------------- */

static size_t before_nul(const uint8_t *payload, size_t len) {
  const uint8_t *nul = len == 0 ? NULL : memchr(payload, 0, len);
  return nul == NULL ? len : (size_t)(nul - payload);
}

/* At most `limit` bytes, cut between code points, so that it stays text. */
static size_t cut(const uint8_t *payload, size_t len, size_t limit) {
  if (len <= limit) {
    return len;
  }
  while (limit > 0 && (payload[limit] & 0xC0) == 0x80) {
    limit--;
  }
  return limit;
}

static size_t echo_len(const struct wsc_faulty *peer, uint8_t opcode,
                       const uint8_t *payload, size_t len) {
  switch (peer->fault) {
  case WSC_FAULT_CUT_AT_125:
    return cut(payload, len, 125);
  case WSC_FAULT_CUT_AT_65535:
    return cut(payload, len, UINT16_MAX);
  case WSC_FAULT_CUT_AT_2_MIB:
    return cut(payload, len, (size_t)2 * 1024 * 1024);
  case WSC_FAULT_BINARY_ENDS_AT_NUL:
    return opcode == WS_OP_BINARY ? before_nul(payload, len) : len;
  default:
    return len;
  }
}

static uint8_t echo_opcode(const struct wsc_faulty *peer, uint8_t opcode,
                           const uint8_t *payload, size_t len) {
  if (wsc_faulty_is(peer, WSC_FAULT_TEXT_AS_BINARY)) {
    return WS_OP_BINARY;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_BINARY_AS_TEXT) &&
      ws_utf8_valid(payload, len)) {
    return WS_OP_TEXT;
  }
  return opcode;
}

/* Faults that need more than one frame for a message. */
static bool echo_in_fragments(struct wsc_faulty *peer, uint8_t opcode,
                              const uint8_t *payload, size_t len) {
  size_t half = len / 2;
  bool as_data = wsc_faulty_is(peer, WSC_FAULT_ECHO_FRAGMENTS_AS_DATA);
  if (half == 0 ||
      (!as_data && !wsc_faulty_is(peer, WSC_FAULT_ECHO_INTERLEAVED))) {
    return false;
  }
  wsc_faulty_send_fragment(peer, opcode, false, payload, half);
  if (!as_data) {
    wsc_faulty_send_fragment(peer, WS_OP_BINARY, true,
                             (const uint8_t *)"between", 7);
    opcode = WS_OP_CONTINUATION;
  }
  wsc_faulty_send_fragment(peer, opcode, true, payload + half, len - half);
  return true;
}

/* Faults that change the payload: `sent` is its copy in the output. */
static void corrupt(const struct wsc_faulty *peer, uint8_t opcode,
                    uint8_t *sent, size_t len) {
  if (wsc_faulty_is(peer, WSC_FAULT_SENDS_BAD_TEXT) && opcode == WS_OP_TEXT &&
      len > 0) {
    sent[len - 1] = 0xFF;
  }
  /* The low bit of a last byte can change without breaking UTF-8. */
  if (wsc_faulty_is(peer, WSC_FAULT_LARGE_CORRUPTED) && len > UINT16_MAX) {
    sent[len - 1] ^= 1;
  }
}

static void send_plain(struct wsc_faulty *peer, uint8_t opcode,
                       const uint8_t *payload, size_t len) {
  size_t mark = peer->out.len;
  wsc_faulty_send(peer, opcode, payload, len);
  if (peer->out.len - mark >= len && len > 0) {
    corrupt(peer, opcode, peer->out.data + peer->out.len - len, len);
  }
}

void wsc_faulty_echo(struct wsc_faulty *peer, uint8_t opcode,
                     const uint8_t *payload, size_t len) {
  if (peer->close_sent && !wsc_faulty_is(peer, WSC_FAULT_ECHO_AFTER_CLOSE) &&
      !wsc_faulty_is(peer, WSC_FAULT_CLOSES_GOES_ON) &&
      !wsc_faulty_is(peer, WSC_FAULT_FAILS_GOES_ON)) {
    return;
  }
  peer->num_messages++;
  if (wsc_faulty_is(peer, WSC_FAULT_ECHOES_QUEUED) &&
      peer->num_messages > ECHOES_SENT) {
    peer->wasted += len;
    return;
  }
  if ((wsc_faulty_is(peer, WSC_FAULT_EMPTY_DROPPED) && len == 0) ||
      (wsc_faulty_is(peer, WSC_FAULT_FIRST_ECHO_LOST) &&
       peer->num_messages == 1) ||
      (wsc_faulty_is(peer, WSC_FAULT_FIFTIETH_ECHO_LOST) &&
       peer->num_messages == 50)) {
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_BOM_STRIPPED) && opcode == WS_OP_TEXT &&
      len >= 3 && memcmp(payload, "\xEF\xBB\xBF", 3) == 0) {
    payload += 3;
    len -= 3;
  }
  len = echo_len(peer, opcode, payload, len);
  opcode = echo_opcode(peer, opcode, payload, len);
  size_t mark = peer->out.len;
  if (echo_in_fragments(peer, opcode, payload, len)) {
    return;
  }
  if (!wsc_faulty_echo_deflated(peer, opcode, payload, len)) {
    send_plain(peer, opcode, payload, len);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_MESSAGES_SWAPPED)) {
    hold(peer, mark, 0);
    wsc_faulty_arm(peer, WSC_FAULTY_BATCH);
  }
}

/* Pongs ---------------- */

static size_t pong_len(const struct wsc_faulty *peer, const uint8_t *payload,
                       size_t len) {
  switch (peer->fault) {
  case WSC_FAULT_PONG_CUT:
    return len > 0 ? len - 1 : 0;
  case WSC_FAULT_PONG_EMPTY:
    return 0;
  case WSC_FAULT_PONG_ENDS_AT_NUL:
    return before_nul(payload, len);
  default:
    return len;
  }
}

static bool pong_owed(const struct wsc_faulty *peer) {
  /* 5.5.2: "... unless it already received a Close frame". */
  if (peer->close_sent && !wsc_faulty_is(peer, WSC_FAULT_PONG_AFTER_CLOSE) &&
      !wsc_faulty_is(peer, WSC_FAULT_FAILS_GOES_ON)) {
    return false;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_FIRST_PONG_ONLY) && peer->num_pongs > 0) {
    return false;
  }
  return !wsc_faulty_is(peer, WSC_FAULT_NO_PONG);
}

void wsc_faulty_pong(struct wsc_faulty *peer, const uint8_t *payload,
                     size_t len) {
  uint8_t longer[WS_CONTROL_MAX + 1] = {0};
  if (!pong_owed(peer)) {
    return;
  }
  peer->num_pongs++;
  if (wsc_faulty_is(peer, WSC_FAULT_PONGS_QUEUED) &&
      peer->num_pongs > PONGS_SENT) {
    peer->wasted += len;
    return;
  }
  len = pong_len(peer, payload, len);
  if (wsc_faulty_is(peer, WSC_FAULT_PONG_OVERLONG) && len == WS_CONTROL_MAX) {
    memcpy(longer, payload, len);
    payload = longer;
    len = sizeof longer;
  }
  size_t mark = peer->out.len;
  if (!wsc_faulty_pong_deflated(peer, payload, len)) {
    wsc_faulty_send(peer, WS_OP_PONG, payload, len);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_PONG_AFTER_MESSAGE) && peer->message_open) {
    hold(peer, mark, peer->held.len);
  } else if (wsc_faulty_is(peer, WSC_FAULT_PONGS_SWAPPED)) {
    hold(peer, mark, 0);
    wsc_faulty_arm(peer, WSC_FAULTY_BATCH);
  }
}
