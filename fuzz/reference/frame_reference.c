#include "frame_reference.h"

struct bits {
  const uint8_t *data;
  size_t len;
  size_t at;
  bool ended;
};

static uint64_t take(struct bits *bits, unsigned num) {
  uint64_t value = 0;
  for (; num > 0; num--, bits->at++) {
    if (bits->at / 8 >= bits->len) {
      bits->ended = true;
      return 0;
    }
    unsigned bit = bits->data[bits->at / 8] >> (7 - bits->at % 8) & 1;
    value = value * 2 + bit;
  }
  return value;
}

bool frame_reference(struct frame_reference *frame, const uint8_t *data,
                     size_t len) {
  struct bits bits = {.data = data, .len = len};
  frame->fin = (unsigned)take(&bits, 1);
  frame->rsv1 = (unsigned)take(&bits, 1);
  frame->rsv2 = (unsigned)take(&bits, 1);
  frame->rsv3 = (unsigned)take(&bits, 1);
  frame->opcode = (unsigned)take(&bits, 4);
  frame->mask = (unsigned)take(&bits, 1);
  frame->num_length_bits = 7;
  frame->length = take(&bits, 7);
  if (frame->length >= 126) {
    frame->num_length_bits = frame->length == 126 ? 16 : 64;
    frame->length = take(&bits, frame->num_length_bits);
  }
  for (size_t i = 0; i < 4; i++) {
    frame->key[i] = frame->mask != 0 ? (uint8_t)take(&bits, 8) : 0;
  }
  frame->header_len = bits.at / 8;
  return !bits.ended;
}

static unsigned opcode_breaches(const struct frame_reference *frame,
                                const struct frame_receiver *receiver) {
  switch (frame->opcode) {
  case 0: /* continuation */
    return receiver->open ? 0 : FRAME_NOTHING_TO_CONTINUE;
  case 1: /* text */
  case 2: /* binary */
    return receiver->open ? FRAME_NOT_CONTINUED : 0;
  case 8:  /* close */
  case 9:  /* ping */
  case 10: /* pong */
    return (frame->fin != 0 ? 0U : FRAME_CONTROL_FRAGMENTED) |
           (frame->length <= 125 ? 0U : FRAME_CONTROL_TOO_LONG);
  default:
    return FRAME_OPCODE;
  }
}

static unsigned length_breaches(const struct frame_reference *frame) {
  unsigned fewest = 7;
  if (frame->length >= 126) {
    fewest = frame->length < 65536 ? 16 : 64;
  }
  unsigned breaches = frame->num_length_bits != fewest ? FRAME_NOT_MINIMAL : 0;
  if (frame->length > INT64_MAX) {
    breaches |= FRAME_TOP_BIT;
  }
  return breaches;
}

unsigned frame_reference_breaches(const struct frame_reference *frame,
                                  const struct frame_receiver *receiver) {
  unsigned breaches = opcode_breaches(frame, receiver) | length_breaches(frame);
  bool first = frame->opcode == 1 || frame->opcode == 2;
  bool unknown = (breaches & FRAME_OPCODE) != 0;
  bool rsv = (frame->rsv1 != 0 && !(first && receiver->rsv1)) ||
             (frame->rsv2 != 0 && !(first && receiver->rsv2)) ||
             (frame->rsv3 != 0 && !(first && receiver->rsv3));
  if (rsv) {
    breaches |= FRAME_RSV;
  }
  if (unknown && frame->opcode >= 8) {
    breaches |= frame->fin != 0 ? 0U : FRAME_CONTROL_FRAGMENTED;
    breaches |= frame->length <= 125 ? 0U : FRAME_CONTROL_TOO_LONG;
  }
  if (receiver->server && frame->mask == 0) {
    breaches |= FRAME_NOT_MASKED;
  }
  if (!receiver->server && frame->mask != 0) {
    breaches |= FRAME_MASKED;
  }
  return breaches;
}
