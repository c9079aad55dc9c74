#include "receiver_reference.h"

#include "mask_reference.h"
#include "utf8_reference.h"

static void breach(struct heard *heard, unsigned breaches, size_t offset) {
  heard->kind = HEARD_BREACH;
  heard->breaches = breaches;
  heard->offset = offset;
}

static unsigned limits_broken(const struct receiver_reference *receiver,
                              const struct frame_reference *frame) {
  unsigned broken = 0;
  bool first = frame->opcode != 0;
  uint64_t before = first ? 0 : receiver->message_len;
  uint64_t num_before = first ? 0 : receiver->num_fragments;
  if (frame->length > receiver->max_frame) {
    broken |= RECEIVER_FRAME_TOO_BIG;
  }
  if (num_before + 1 > receiver->max_fragments) {
    broken |= RECEIVER_TOO_MANY_FRAGMENTS;
  }
  if (before + frame->length > receiver->max_message) {
    broken |= RECEIVER_MESSAGE_TOO_BIG;
  }
  return broken;
}

/* 5.5.1, 7.4 */
static void hear_close(struct heard *heard, size_t offset) {
  const uint8_t *body = heard->payload;
  size_t len = heard->payload_len;
  heard->kind = HEARD_CLOSE;
  heard->code = 1005;
  if (len == 0) {
    return;
  }
  if (len == 1) {
    breach(heard, RECEIVER_CLOSE_LENGTH, offset);
    return;
  }
  unsigned code = body[0] * 256U + body[1];
  heard->code = code;
  heard->payload = body + 2;
  heard->payload_len = len - 2;
  bool defined = (code >= 1000 && code <= 1003) ||
                 (code >= 1007 && code <= 1014) ||
                 (code >= 3000 && code <= 4999);
  if (!defined) {
    breach(heard, RECEIVER_CLOSE_CODE, offset);
  } else if (!utf8_reference(body + 2, len - 2).whole) {
    breach(heard, RECEIVER_CLOSE_NOT_UTF8, offset);
  }
}

static void hear_control(struct receiver_reference *receiver,
                         const struct frame_reference *frame,
                         struct heard *heard) {
  size_t begin = receiver->at;
  size_t rest = receiver->len - begin - frame->header_len;
  size_t len = (size_t)frame->length;
  if (len > rest) {
    heard->kind = HEARD_ALL;
    return;
  }
  mask_reference(heard->control, receiver->data + begin + frame->header_len,
                 len, frame->key, 0);
  receiver->at += frame->header_len + len;
  heard->payload = heard->control;
  heard->payload_len = len;
  if (frame->opcode == 8) {
    hear_close(heard, begin);
  } else {
    heard->kind = frame->opcode == 9 ? HEARD_PING : HEARD_PONG;
  }
}

/* True: the message is whole. */
static bool hear_data(struct receiver_reference *receiver,
                      const struct frame_reference *frame,
                      struct heard *heard) {
  if (frame->opcode != 0) {
    receiver->opcode = frame->opcode;
    receiver->message_len = 0;
    receiver->num_fragments = 0;
  }
  receiver->num_fragments++;
  receiver->open = true;
  receiver->at += frame->header_len;
  size_t rest = receiver->len - receiver->at;
  bool whole = frame->length <= rest;
  size_t len = whole ? (size_t)frame->length : rest;
  size_t before = receiver->message_len;
  mask_reference(receiver->message + before, receiver->data + receiver->at, len,
                 frame->key, 0);
  receiver->message_len += len;
  bool final = whole && frame->fin != 0;
  if (receiver->opcode == 1) {
    struct utf8_reference text =
        utf8_reference(receiver->message, receiver->message_len);
    if (text.good < receiver->message_len || (final && !text.whole)) {
      breach(heard, RECEIVER_NOT_UTF8, receiver->at + (text.good - before));
      receiver->message_len = text.good;
      return false;
    }
  }
  receiver->at += len;
  receiver->open = !final;
  if (!whole) {
    heard->kind = HEARD_ALL;
  }
  return final;
}

void receiver_reference_next(struct receiver_reference *receiver,
                             struct heard *heard) {
  *heard = (struct heard){.kind = HEARD_MESSAGE};
  while (heard->kind == HEARD_MESSAGE) {
    struct frame_reference frame;
    const struct frame_receiver knows = {.server = receiver->server,
                                         .open = receiver->open};
    if (!frame_reference(&frame, receiver->data + receiver->at,
                         receiver->len - receiver->at)) {
      heard->kind = HEARD_ALL;
      return;
    }
    unsigned breaches = frame_reference_breaches(&frame, &knows);
    if (breaches == 0 && frame.opcode >= 8) {
      hear_control(receiver, &frame, heard);
      return;
    }
    if (breaches == 0) {
      breaches = limits_broken(receiver, &frame);
    }
    if (breaches != 0) {
      breach(heard, breaches, receiver->at);
      return;
    }
    if (hear_data(receiver, &frame, heard)) {
      heard->opcode = receiver->opcode;
      heard->payload = receiver->message;
      heard->payload_len = receiver->message_len;
      return;
    }
  }
}
