#include "ws/frame.h"

#include <string.h>

#define FIN_BIT    0x80
#define MASK_BIT   0x80
#define LENGTH_16  126 /* in the 7-bit length: 16 bits follow */
#define LENGTH_64  127 /* 64 bits follow */
#define LENGTH_TOP (UINT64_C(1) << 63)

static bool is_known(uint8_t opcode) {
  return opcode <= WS_OP_BINARY ||
         (opcode >= WS_OP_CLOSE && opcode <= WS_OP_PONG);
}

bool ws_opcode_is_known(uint8_t opcode) {
  return is_known(opcode);
}

const char *ws_opcode_name(uint8_t opcode) {
  static const char *const names[16] = {
      "continuation", "text",         "binary",       "reserved 0x3",
      "reserved 0x4", "reserved 0x5", "reserved 0x6", "reserved 0x7",
      "close",        "ping",         "pong",         "reserved 0xB",
      "reserved 0xC", "reserved 0xD", "reserved 0xE", "reserved 0xF",
  };
  return opcode < 16 ? names[opcode] : "not an opcode";
}

enum ws_length_form ws_length_form_minimal(uint64_t length) {
  if (length <= 125) {
    return WS_LENGTH_7;
  }
  return length <= UINT16_MAX ? WS_LENGTH_16 : WS_LENGTH_64;
}

/* Big-endian: 5.2, "multibyte length quantities are expressed in network byte
 * order". */
static uint64_t read_number(const uint8_t *data, size_t len) {
  uint64_t number = 0;
  for (size_t i = 0; i < len; i++) {
    number = number << 8 | data[i];
  }
  return number;
}

static void write_number(uint8_t *out, size_t len, uint64_t number) {
  for (size_t i = len; i > 0; i--) {
    out[i - 1] = (uint8_t)number;
    number >>= 8;
  }
}

/* The bytes between the second byte of the header and the masking key. */
static size_t extended_len(enum ws_length_form form) {
  return form == WS_LENGTH_7 ? 0 : (size_t)form / 8;
}

static enum ws_length_form form_of(uint8_t length_7) {
  if (length_7 < LENGTH_16) {
    return WS_LENGTH_7;
  }
  return length_7 == LENGTH_16 ? WS_LENGTH_16 : WS_LENGTH_64;
}

size_t ws_frame_decode(struct ws_frame *frame, const uint8_t *data,
                       size_t len) {
  if (len < 2) {
    return 0;
  }
  uint8_t first = data[0];
  uint8_t length_7 = data[1] & 0x7F;
  bool masked = (data[1] & MASK_BIT) != 0;
  enum ws_length_form form = form_of(length_7);
  size_t key_at = 2 + extended_len(form);
  size_t header_len = key_at + (masked ? sizeof frame->key : 0);
  if (len < header_len) {
    return 0;
  }
  uint32_t key = 0;
  if (masked) {
    memcpy(&key, data + key_at, sizeof key);
  }
  frame->length =
      form == WS_LENGTH_7 ? length_7 : read_number(data + 2, key_at - 2);
  memcpy(frame->key, &key, sizeof key);
  frame->fin = (first & FIN_BIT) != 0;
  frame->rsv = first >> 4 & 0x7;
  frame->opcode = first & 0xF;
  frame->masked = masked;
  frame->length_form = form;
  return header_len;
}

size_t ws_frame_encode(uint8_t out[WS_FRAME_HEADER_MAX],
                       const struct ws_frame *frame) {
  out[0] = (uint8_t)((frame->fin ? FIN_BIT : 0) | (frame->rsv & 0x7) << 4 |
                     (frame->opcode & 0xF));
  uint8_t length_7 = (uint8_t)(frame->length & 0x7F);
  if (frame->length_form != WS_LENGTH_7) {
    length_7 = frame->length_form == WS_LENGTH_16 ? LENGTH_16 : LENGTH_64;
  }
  out[1] = (uint8_t)((frame->masked ? MASK_BIT : 0) | length_7);
  size_t len = 2 + extended_len(frame->length_form);
  write_number(out + 2, len - 2, frame->length);
  if (frame->masked) {
    memcpy(out + len, frame->key, sizeof frame->key);
    len += sizeof frame->key;
  }
  return len;
}

/* The rules for the first byte: FIN, RSV, opcode. */
static enum ws_fault check_first_byte(const struct ws_frame *frame,
                                      const struct ws_frame_rules *rules) {
  bool control = ws_opcode_is_control(frame->opcode);
  bool continuation = frame->opcode == WS_OP_CONTINUATION;
  /* 5.2: "If a nonzero value is received and none of the negotiated extensions
   * defines the meaning of such a nonzero value, the receiving endpoint MUST
   * _Fail the WebSocket Connection_." */
  if (frame->rsv != 0) {
    uint8_t allowed = control || continuation ? 0 : rules->rsv_allowed;
    if ((frame->rsv & ~allowed) != 0) {
      return WS_FAULT_RSV;
    }
  }
  /* 5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail
   * the WebSocket Connection_." */
  if (!is_known(frame->opcode)) {
    return WS_FAULT_OPCODE;
  }
  if (control) {
    /* 5.5: "All control frames ... MUST NOT be fragmented." */
    return frame->fin ? WS_FAULT_NONE : WS_FAULT_CONTROL_FRAGMENTED;
  }
  /* 5.4: "The fragments of one message MUST NOT be interleaved between the
   * fragments of another message". */
  if (continuation && !rules->message_open) {
    return WS_FAULT_CONTINUATION_UNEXPECTED;
  }
  if (!continuation && rules->message_open) {
    return WS_FAULT_CONTINUATION_EXPECTED;
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_mask(const struct ws_frame *frame,
                                enum ws_role receiver) {
  /* 5.1: "The server MUST close the connection upon receiving a frame that is
   * not masked." "A client MUST close a connection if it detects a masked
   * frame." */
  if (receiver == WS_SERVER) {
    return frame->masked ? WS_FAULT_NONE : WS_FAULT_NOT_MASKED;
  }
  return frame->masked ? WS_FAULT_MASKED : WS_FAULT_NONE;
}

static enum ws_fault check_length(const struct ws_frame *frame) {
  if (frame->length_form == WS_LENGTH_7 && frame->length <= WS_CONTROL_MAX) {
    return WS_FAULT_NONE; /* of most frames: none of what follows */
  }
  /* 5.5: "All control frames MUST have a payload length of 125 bytes or
   * less". */
  if (ws_opcode_is_control(frame->opcode) && frame->length > WS_CONTROL_MAX) {
    return WS_FAULT_CONTROL_TOO_LONG;
  }
  /* 5.2: "the most significant bit MUST be 0". */
  if ((frame->length & LENGTH_TOP) != 0) {
    return WS_FAULT_LENGTH_TOP_BIT;
  }
  /* 5.2: "in all cases, the minimal number of bytes MUST be used to encode the
   * length". */
  if (frame->length_form > ws_length_form_minimal(frame->length)) {
    return WS_FAULT_LENGTH_NOT_MINIMAL;
  }
  return WS_FAULT_NONE;
}

enum ws_fault ws_frame_check(const struct ws_frame *frame,
                             const struct ws_frame_rules *rules) {
  enum ws_fault fault = check_first_byte(frame, rules);
  if (fault == WS_FAULT_NONE) {
    fault = check_mask(frame, rules->receiver);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_length(frame);
  }
  return fault;
}
