/* faulty_message.c: messages out of data frames (5.4, 6.2). */
#include <string.h>

#include "faulty_deflate.h"

static bool is_fragment_of_open(const struct wsc_faulty *peer) {
  return peer->frame.opcode == WS_OP_CONTINUATION && peer->message_open;
}

/* RFC 7692 6: "the RSV1 bit ... on the first frame" says it. */
static bool is_compressed(const struct wsc_faulty *peer) {
  if (peer->deflate == NULL ||
      wsc_faulty_is(peer, WSC_FAULT_DEFLATE_RSV1_IGNORED)) {
    return false;
  }
  return (peer->frame.rsv & WS_RSV1) != 0 ||
         wsc_faulty_is(peer, WSC_FAULT_DEFLATE_PLAIN_INFLATED);
}

void wsc_faulty_message_begin(struct wsc_faulty *peer) {
  if (is_fragment_of_open(peer)) {
    peer->num_fragments++;
    peer->fragment_start = peer->message.len;
    return;
  }
  /* 6.2: "this frame's opcode ... the type of the data"; a continuation frame
   * gets here only with WSC_FAULT_CONTINUATION_DELIVERED. */
  peer->message_opcode = peer->frame.opcode == WS_OP_CONTINUATION
                             ? WS_OP_BINARY
                             : peer->frame.opcode;
  peer->compressed = is_compressed(peer);
  peer->num_fragments = 1;
  peer->fragment_start = 0;
  memcpy(peer->first_key, peer->frame.key, sizeof peer->first_key);
  ws_utf8_init(&peer->utf8);
  if (!wsc_faulty_is(peer, WSC_FAULT_MESSAGE_BOUNDARY_LOST)) {
    peer->message.len = 0;
  }
}

/* 8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that
 * the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST
 * _Fail the WebSocket Connection_." */
static void fail_text(struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_UTF8_DELIVERED)) {
    wsc_faulty_echo(peer, WS_OP_TEXT, peer->message.data, peer->message.len);
  }
  wsc_faulty_fail(peer, 1007);
  peer->sink = WSC_FAULTY_TO_NOTHING;
  peer->message_open = false;
  peer->message.len = 0;
}

void wsc_faulty_message_data(struct wsc_faulty *peer, const uint8_t *data,
                             size_t len) {
  if (!wsc_faulty_buffer_append(&peer->message, data, len)) {
    wsc_faulty_die(peer);
    return;
  }
  if (peer->message_opcode == WS_OP_TEXT && !peer->compressed &&
      !wsc_faulty_text_feed(peer, data, len)) {
    fail_text(peer);
  }
}

static void reverse(uint8_t *data, size_t len) {
  for (size_t i = 0; i < len / 2; i++) {
    uint8_t byte = data[i];
    data[i] = data[len - 1 - i];
    data[len - 1 - i] = byte;
  }
}

/* Moves the last fragment to the front. */
static void rotate(struct wsc_faulty *peer) {
  uint8_t *data = peer->message.data;
  size_t len = peer->message.len;
  if (len == 0) {
    return;
  }
  reverse(data, peer->fragment_start);
  reverse(data + peer->fragment_start, len - peer->fragment_start);
  reverse(data, len);
}

/* The payload is complete. RFC 7692 6.1: what counts as text is what a
 * compressed message becomes. False: there is nothing to deliver. */
static bool restore(struct wsc_faulty *peer) {
  bool text = peer->message_opcode == WS_OP_TEXT;
  if (peer->compressed && !wsc_faulty_inflate(peer)) {
    return false;
  }
  if (peer->compressed && text &&
      wsc_faulty_is(peer, WSC_FAULT_DEFLATE_UTF8_UNCHECKED)) {
    return true;
  }
  if (text &&
      ((peer->compressed &&
        !wsc_faulty_text_feed(peer, peer->message.data, peer->message.len)) ||
       !wsc_faulty_text_end(peer))) {
    fail_text(peer);
    return false;
  }
  if (!peer->compressed) {
    wsc_faulty_inflate_passed(peer);
  }
  return true;
}

/* True when a message that is not compressed gets lost. */
static bool passed_over(const struct wsc_faulty *peer) {
  return wsc_faulty_is(peer, WSC_FAULT_DEFLATE_PLAIN_DROPPED) &&
         peer->deflate != NULL && !peer->compressed;
}

static void deliver(struct wsc_faulty *peer) {
  uint8_t opcode = peer->message_opcode;
  peer->message_open = false;
  if (!restore(peer) || passed_over(peer)) {
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_BINARY_MUST_BE_UTF8) &&
      !ws_utf8_valid(peer->message.data, peer->message.len)) {
    wsc_faulty_fail(peer, 1007);
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_TYPE_OF_FRAGMENTED_LOST) &&
      peer->num_fragments > 1) {
    opcode = WS_OP_BINARY;
  }
  if (opcode != WS_OP_TEXT ||
      !wsc_faulty_command(peer, peer->message.data, peer->message.len)) {
    wsc_faulty_echo(peer, opcode, peer->message.data, peer->message.len);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_PONG_AFTER_MESSAGE)) {
    wsc_faulty_release(peer);
  }
  if (!wsc_faulty_is(peer, WSC_FAULT_MESSAGE_BOUNDARY_LOST)) {
    peer->message.len = 0;
  }
}

/* True when the frame does not end the message. */
static bool goes_on(struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_LAST_EMPTY_FRAGMENT_LOST) &&
      peer->frame.length == 0 && peer->num_fragments > 1) {
    return true;
  }
  return !peer->frame.fin;
}

void wsc_faulty_message_end(struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_FRAGMENTS_REVERSED)) {
    rotate(peer);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_FRAGMENTS_ECHOED_APART)) {
    wsc_faulty_echo(peer, peer->message_opcode, peer->message.data,
                    peer->message.len);
    peer->message.len = 0;
    peer->message_open = !peer->frame.fin;
    return;
  }
  if (goes_on(peer)) {
    peer->message_open = true;
    if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_FRAGMENTS_APART) &&
        peer->compressed &&
        !wsc_faulty_buffer_append(&peer->message, "\x00\x00\xFF\xFF", 4)) {
      wsc_faulty_die(peer);
    }
    if (wsc_faulty_is(peer, WSC_FAULT_UTF8_PER_FRAME) &&
        peer->message_opcode == WS_OP_TEXT && !ws_utf8_complete(&peer->utf8)) {
      fail_text(peer);
    }
    return;
  }
  deliver(peer);
  if (wsc_faulty_is(peer, WSC_FAULT_DELIVERS_UNMASKED_DATA) &&
      !peer->frame.masked) {
    wsc_faulty_fail(peer, 1002);
  }
}
