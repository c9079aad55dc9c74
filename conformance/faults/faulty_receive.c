/* faulty_receive.c: frames out of segments (6.2). */
#include "faulty_internal.h"

#include <string.h>

#include "ws/mask.h"

/* Faults in reading the length field. */
static void misread_length(struct wsc_faulty *peer) {
  struct ws_frame *frame = &peer->frame;
  bool bits_16 = frame->length_form == WS_LENGTH_16;
  bool bits_64 = frame->length_form == WS_LENGTH_64;
  if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_16_LITTLE_ENDIAN) && bits_16) {
    frame->length = (frame->length >> 8) | ((frame->length & 0xFF) << 8);
  } else if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_LONG_16_MISREAD) && bits_16 &&
             frame->length - 1 < WS_CONTROL_MAX) {
    frame->length--;
  } else if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_64_LOW_16) && bits_64) {
    frame->length &= UINT16_MAX;
  } else if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_64_LOW_32) && bits_64) {
    frame->length &= UINT32_MAX;
  } else if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_TOP_BIT_IGNORED)) {
    frame->length &= UINT64_MAX >> 1;
  } else if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_7_LOW_6) && !bits_16 &&
             !bits_64) {
    frame->length &= 0x3F;
  } else if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_COUNTS_KEY)) {
    frame->length -= frame->length < 4 ? frame->length : 4;
  }
}

/* A peer that has come to a limit of its own and does not say so. */
static bool falls_silent(const struct wsc_faulty *peer) {
  return wsc_faulty_is(peer, WSC_FAULT_LIMITS_SILENT) &&
         (peer->message.len > WSC_FAULTY_SILENT_BYTES ||
          peer->num_fragments > WSC_FAULTY_SILENT_FRAMES ||
          peer->num_pongs > WSC_FAULTY_SILENT_FRAMES);
}

/* Faults that a frame's header brings the process down by. */
static bool overflows(const struct wsc_faulty *peer, uint16_t code) {
  const uint64_t wraps = UINT64_MAX - sizeof peer->frame.key + 1;
  bool within_message =
      peer->message_open && peer->frame.opcode == WS_OP_CONTINUATION;
  return (wsc_faulty_is(peer, WSC_FAULT_LENGTH_WRAPS) &&
          peer->frame.length == wraps) ||
         (wsc_faulty_is(peer, WSC_FAULT_SUM_WRAPS) && within_message &&
          peer->frame.length > INT64_MAX - peer->message.len) ||
         (wsc_faulty_is(peer, WSC_FAULT_FIRST_ERROR_CRASHES) && code != 0 &&
          peer->head.len > 0);
}

#define FRAGMENT_COST 256

/* Faults that keep more than there is. */
static void waste(struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_LENGTH_RESERVED) &&
      peer->frame.length <= UINT32_MAX) {
    peer->wasted += peer->frame.length;
  } else if (wsc_faulty_is(peer, WSC_FAULT_FRAGMENTS_KEPT) &&
             peer->frame.opcode == WS_OP_CONTINUATION) {
    peer->wasted += FRAGMENT_COST;
  }
}

/* `split`: the header came in more than one segment. */
static void begin_frame(struct wsc_faulty *peer, bool split) {
  uint16_t code = wsc_faulty_judge(peer);
  if (overflows(peer, code)) {
    wsc_faulty_crash(peer);
    return;
  }
  waste(peer);
  if (split && wsc_faulty_is(peer, WSC_FAULT_SPLIT_HEADER_UNCHECKED)) {
    code = 0;
  }
  misread_length(peer);
  if (code == 0 && wsc_faulty_too_big(peer)) {
    code = 1009;
  }
  peer->in_payload = true;
  peer->received = 0;
  peer->num_segments = 0;
  wsc_faulty_buffer_clear(&peer->aside);
  if (code != 0 && wsc_faulty_is(peer, WSC_FAULT_BAD_SEGMENT_DROPPED)) {
    peer->in_payload = false;
    peer->segment_dropped = true;
    return;
  }
  if (falls_silent(peer)) {
    wsc_faulty_end(peer, WSC_PEER_STAY);
    return;
  }
  if (code != 0) {
    wsc_faulty_fail(peer, code);
    peer->sink = WSC_FAULTY_TO_NOTHING;
    return;
  }
  peer->sink = wsc_faulty_sink_of(peer);
  if (peer->sink == WSC_FAULTY_TO_MESSAGE) {
    wsc_faulty_message_begin(peer);
  }
}

static void aside_ended(struct wsc_faulty *peer) {
  const uint8_t *payload = peer->aside.data;
  size_t len = peer->aside.len;
  if (wsc_faulty_is(peer, WSC_FAULT_CONTROL_BREAKS_MESSAGE)) {
    peer->message.len = 0;
  }
  switch (peer->frame.opcode) {
  case WS_OP_CLOSE:
    wsc_faulty_closing(peer, payload, len);
    break;
  case WS_OP_PING:
    if (wsc_faulty_is(peer, WSC_FAULT_PING_MUST_BE_UTF8) &&
        !ws_utf8_valid(payload, len)) {
      wsc_faulty_fail(peer, 1007);
    } else {
      wsc_faulty_pong(peer, payload, len);
    }
    break;
  case WS_OP_PONG:
    /* 5.5.3: "A response to an unsolicited Pong frame is not expected." */
    if (wsc_faulty_is(peer, WSC_FAULT_PONG_FOR_PONG)) {
      wsc_faulty_pong(peer, payload, len);
    }
    break;
  case WS_OP_TEXT:
  case WS_OP_BINARY: /* only with WSC_FAULT_NEW_MESSAGE_INTERLEAVES */
    wsc_faulty_echo(peer, peer->frame.opcode, payload, len);
    break;
  default: /* only with a fault that accepts reserved opcodes */
    if (ws_opcode_is_control(peer->frame.opcode)) {
      wsc_faulty_pong(peer, payload, len);
    } else {
      wsc_faulty_echo(peer, WS_OP_BINARY, payload, len);
    }
    break;
  }
}

static void end_frame(struct wsc_faulty *peer) {
  peer->in_payload = false;
  if (peer->sink == WSC_FAULTY_TO_MESSAGE) {
    wsc_faulty_message_end(peer);
  } else if (peer->sink == WSC_FAULTY_TO_ASIDE) {
    aside_ended(peer);
  }
  /* A flood of long messages must not keep the memory of the longest. */
  if (!peer->message_open && peer->message.len == 0) {
    wsc_faulty_buffer_clear(&peer->message);
  }
}

/* Returns how many of the bytes belong to the header under way. */
static size_t take_header(struct wsc_faulty *peer, const uint8_t *data,
                          size_t len) {
  size_t old_len = peer->header_len;
  size_t room = sizeof peer->header - old_len;
  size_t taken = len < room ? len : room;
  memcpy(peer->header + old_len, data, taken);
  size_t header_len =
      ws_frame_decode(&peer->frame, peer->header, old_len + taken);
  if (header_len == 0) {
    peer->header_len = old_len + taken;
    if (wsc_faulty_is(peer, WSC_FAULT_SPLIT_HEADER_REFUSED)) {
      wsc_faulty_fail(peer, 1002);
    }
    return taken;
  }
  peer->header_len = 0;
  begin_frame(peer, old_len > 0);
  return peer->segment_dropped ? len : header_len - old_len;
}

static bool unmasks(const struct wsc_faulty *peer) {
  uint8_t opcode = peer->frame.opcode;
  if (wsc_faulty_is(peer, WSC_FAULT_PING_NOT_UNMASKED)) {
    return peer->frame.masked && opcode != WS_OP_PING;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_DATA_NOT_UNMASKED)) {
    return peer->frame.masked && opcode != WS_OP_BINARY;
  }
  return peer->frame.masked;
}

/* 5.3: octet i of the payload belongs to octet i mod 4 of the key, in each
 * frame anew. */
static void unmask(struct wsc_faulty *peer, uint8_t *data, size_t len) {
  const uint8_t *key = peer->frame.key;
  uint64_t offset = peer->received;
  bool data_frame = peer->sink == WSC_FAULTY_TO_MESSAGE;
  if (wsc_faulty_is(peer, WSC_FAULT_KEY_RUNS_ON) && data_frame) {
    offset = peer->message.len;
  } else if (wsc_faulty_is(peer, WSC_FAULT_KEY_RESTARTS)) {
    offset = 0;
  } else if (wsc_faulty_is(peer, WSC_FAULT_KEY_OF_FIRST_FRAME) && data_frame) {
    key = peer->first_key;
  }
  ws_mask(data, len, key, offset);
}

static size_t take_payload(struct wsc_faulty *peer, uint8_t *data, size_t len) {
  uint64_t rest = peer->frame.length - peer->received;
  size_t taken = len < rest ? len : (size_t)rest;
  peer->num_segments++;
  if ((wsc_faulty_is(peer, WSC_FAULT_SPLIT_PAYLOAD_REFUSED) && len < rest &&
       peer->frame.length > 64) ||
      (wsc_faulty_is(peer, WSC_FAULT_SEGMENTS_COUNTED) &&
       peer->num_segments > 300)) {
    wsc_faulty_fail(peer, 1002);
    return len;
  }
  if (unmasks(peer)) {
    unmask(peer, data, taken);
  }
  peer->received += taken;
  if (peer->sink == WSC_FAULTY_TO_MESSAGE) {
    wsc_faulty_message_data(peer, data, taken);
  } else if (peer->sink == WSC_FAULTY_TO_ASIDE &&
             !wsc_faulty_buffer_append(&peer->aside, data, taken)) {
    wsc_faulty_die(peer);
  }
  return taken;
}

void wsc_faulty_receive(struct wsc_faulty *peer, uint8_t *data, size_t len) {
  size_t taken = 0;
  peer->segment_dropped = false;
  while (taken < len && peer->phase == WSC_FAULTY_OPEN) {
    if (peer->in_payload) {
      taken += take_payload(peer, data + taken, len - taken);
    } else {
      taken += take_header(peer, data + taken, len - taken);
    }
    bool ended = peer->phase == WSC_FAULTY_OPEN && peer->in_payload &&
                 peer->received == peer->frame.length;
    if (!ended) {
      continue;
    }
    end_frame(peer);
    if (wsc_faulty_is(peer, WSC_FAULT_FRAME_PER_SEGMENT)) {
      return;
    }
  }
}
