/* faulty_close.c: the end of a connection (5.5.1, 7). */
#include "faulty_internal.h"

#include "ws/close.h"

/* Queues a Close frame with `code`, any 16 bits; NULL: an empty body. */
static void send_close(struct wsc_faulty *peer, const uint16_t *code) {
  uint8_t body[2] = {0, 0};
  wsc_faulty_release(peer);
  peer->close_sent = true;
  if (code == NULL) {
    wsc_faulty_send(peer, WS_OP_CLOSE, NULL, 0);
    return;
  }
  body[0] = (uint8_t)(*code >> 8);
  body[1] = (uint8_t)(*code & 0xFF);
  if (wsc_faulty_is(peer, WSC_FAULT_REPLIES_LITTLE_ENDIAN)) {
    body[0] = (uint8_t)(*code & 0xFF);
    body[1] = (uint8_t)(*code >> 8);
  }
  wsc_faulty_send(peer, WS_OP_CLOSE, body, sizeof body);
}

/* Failing ---------------- */

/* 7.1.7: "_Fail the WebSocket Connection_ ... the endpoint SHOULD send a Close
 * frame with an appropriate status code before proceeding to _Close the
 * WebSocket Connection_". */
void wsc_faulty_fail(struct wsc_faulty *peer, uint16_t code) {
  if (peer->close_sent) {
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_FAILS_WITHOUT_CLOSE)) {
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_FAILS_WITH_1000)) {
    code = 1000;
  } else if (wsc_faulty_is(peer, WSC_FAULT_FAILS_WITH_1006)) {
    code = 1006;
  } else if (wsc_faulty_is(peer, WSC_FAULT_FAILS_TEXT_WITH_1002) &&
             code == 1007) {
    code = 1002;
  }
  send_close(peer, &code);
  if (wsc_faulty_is(peer, WSC_FAULT_FAILS_STAYS_OPEN)) {
    wsc_faulty_end(peer, WSC_PEER_STAY);
  } else if (wsc_faulty_is(peer, WSC_FAULT_FAILS_GOES_ON) ||
             wsc_faulty_is(peer, WSC_FAULT_SECOND_CLOSE_AFTER_FAILING)) {
    wsc_faulty_arm(peer, WSC_FAULTY_LINGER);
  } else {
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
  }
}

/* The closing handshake ---------------- */

static bool code_tolerated(const struct wsc_faulty *peer, uint16_t code) {
  static const struct {
    enum wsc_fault_id fault;
    uint16_t first, last;
  } ranges[] = {
      {WSC_FAULT_ECHOES_1004, 1004, 1004},
      {WSC_FAULT_ECHOES_1005, 1005, 1005},
      {WSC_FAULT_ECHOES_1006, 1006, 1006},
      {WSC_FAULT_ECHOES_1015, 1015, 1015},
      {WSC_FAULT_ECHOES_BELOW_1000, 0, 999},
      {WSC_FAULT_ECHOES_UNASSIGNED, 1016, 2999},
      {WSC_FAULT_ECHOES_ABOVE_4999, 5000, UINT16_MAX},
  };
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    if (wsc_faulty_is(peer, ranges[i].fault) && code >= ranges[i].first &&
        code <= ranges[i].last) {
      return true;
    }
  }
  return false;
}

/* What is wrong with a received Close, as far as the fault does not hide it. */
static enum ws_fault judge(const struct wsc_faulty *peer,
                           const struct ws_close *close, size_t len,
                           enum ws_fault finding) {
  enum ws_close_class class = ws_close_class_of(close->code);
  switch (finding) {
  case WS_FAULT_CLOSE_BODY_LENGTH:
    return wsc_faulty_is(peer, WSC_FAULT_ONE_BYTE_CLOSE_ACCEPTED)
               ? WS_FAULT_NONE
               : finding;
  case WS_FAULT_CLOSE_CODE:
    return code_tolerated(peer, close->code) ? WS_FAULT_NONE : finding;
  case WS_FAULT_CLOSE_REASON_NOT_UTF8:
    return wsc_faulty_is(peer, WSC_FAULT_REASON_UNCHECKED) ? WS_FAULT_NONE
                                                           : finding;
  default:
    break;
  }
  if ((wsc_faulty_is(peer, WSC_FAULT_REFUSES_1001) && close->code > 1000 &&
       close->code <= 1011 && close->code != WS_CLOSE_NO_STATUS) ||
      (wsc_faulty_is(peer, WSC_FAULT_REFUSES_3000) &&
       class == WS_CLOSE_LIBRARY) ||
      (wsc_faulty_is(peer, WSC_FAULT_REFUSES_4000) &&
       class == WS_CLOSE_PRIVATE)) {
    return WS_FAULT_CLOSE_CODE;
  }
  return wsc_faulty_is(peer, WSC_FAULT_REASON_REFUSED) && len > 2
             ? WS_FAULT_CLOSE_BODY_LENGTH
             : finding;
}

/* 5.5.1: "When sending a Close frame in response, the endpoint typically echos
 * the status code it received." `code` is NULL for an empty body. */
static void reply(struct wsc_faulty *peer, const uint16_t *code) {
  static const struct {
    enum wsc_fault_id fault;
    uint16_t code;
  } codes[] = {
      {WSC_FAULT_REPLIES_1004, 1004}, {WSC_FAULT_REPLIES_1006, 1006},
      {WSC_FAULT_REPLIES_1010, 1010}, {WSC_FAULT_REPLIES_1015, 1015},
      {WSC_FAULT_REPLIES_999, 999},   {WSC_FAULT_REPLIES_2999, 2999},
      {WSC_FAULT_REPLIES_5000, 5000},
  };
  static const uint16_t no_status = WS_CLOSE_NO_STATUS;
  static const uint16_t normal = 1000;
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
    if (wsc_faulty_is(peer, codes[i].fault)) {
      code = &codes[i].code;
    }
  }
  if (wsc_faulty_is(peer, WSC_FAULT_ONE_BYTE_CLOSE_ACCEPTED) && code == NULL) {
    code = &normal;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_REPLIES_1005) && code == NULL) {
    code = &no_status;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_REPLIES_ONE_BYTE)) {
    wsc_faulty_send(peer, WS_OP_CLOSE, (const uint8_t *)"\x03", 1);
    peer->close_sent = true;
  } else if (wsc_faulty_is(peer, WSC_FAULT_REPLIES_BAD_REASON)) {
    wsc_faulty_send(peer, WS_OP_CLOSE, (const uint8_t *)"\x03\xE8\xC3", 3);
    peer->close_sent = true;
  } else {
    send_close(peer, code);
  }
}

/* 5.5.1: "After both sending and receiving a Close message, an endpoint
 * considers the WebSocket connection closed and MUST close the underlying TCP
 * connection. The server MUST close the underlying TCP connection
 * immediately". */
static void close_tcp(struct wsc_faulty *peer) {
  switch (peer->fault) {
  case WSC_FAULT_ECHO_AFTER_CLOSE:
  case WSC_FAULT_PONG_AFTER_CLOSE:
    wsc_faulty_arm(peer, WSC_FAULTY_LINGER);
    break;
  case WSC_FAULT_TCP_STAYS_OPEN:
    wsc_faulty_end(peer, WSC_PEER_STAY);
    break;
  case WSC_FAULT_TCP_CLOSES_LATE:
    wsc_faulty_end(peer, WSC_PEER_STAY);
    wsc_faulty_arm(peer, WSC_FAULTY_LATE);
    break;
  case WSC_FAULT_TCP_RESETS:
    wsc_faulty_end(peer, WSC_PEER_STAY);
    peer->resets_when_sent = true;
    break;
  default:
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
    break;
  }
}

static void answer_close(struct wsc_faulty *peer, const struct ws_close *close,
                         size_t len) {
  reply(peer, len >= 2 ? &close->code : NULL);
  if (wsc_faulty_is(peer, WSC_FAULT_SECOND_CLOSE)) {
    reply(peer, len >= 2 ? &close->code : NULL);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_DATA_AFTER_CLOSE)) {
    wsc_faulty_send(peer, WS_OP_TEXT, (const uint8_t *)"late", 4);
  }
  close_tcp(peer);
}

void wsc_faulty_closing(struct wsc_faulty *peer, const uint8_t *payload,
                        size_t len) {
  struct ws_close close;
  if (peer->close_begun && peer->phase == WSC_FAULTY_OPEN) {
    if (wsc_faulty_is(peer, WSC_FAULT_CLOSES_TWICE)) {
      reply(peer, NULL);
    }
    close_tcp(peer);
    return;
  }
  if (wsc_faulty_lingers(peer)) {
    if (wsc_faulty_is(peer, WSC_FAULT_SECOND_CLOSE_AFTER_FAILING)) {
      reply(peer, NULL);
    }
    return;
  }
  enum ws_fault finding = ws_close_parse(&close, payload, len);
  finding = judge(peer, &close, len, finding);
  switch (peer->fault) {
  case WSC_FAULT_CLOSE_IGNORED:
    return;
  case WSC_FAULT_NO_CLOSE_REPLY:
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
    return;
  case WSC_FAULT_CLOSE_RESETS:
    wsc_faulty_end(peer, WSC_PEER_RESET);
    return;
  case WSC_FAULT_CLOSE_REPLY_LATE:
    peer->close_held = true;
    wsc_faulty_end(peer, WSC_PEER_STAY);
    wsc_faulty_arm(peer, WSC_FAULTY_LATE);
    return;
  case WSC_FAULT_CLOSE_DELIVERS_OPEN_MESSAGE:
    if (peer->message_open) {
      wsc_faulty_echo(peer, peer->message_opcode, peer->message.data,
                      peer->message.len);
    }
    break;
  default:
    break;
  }
  if (finding != WS_FAULT_NONE) {
    wsc_faulty_fail(peer, ws_fault_info(finding)->close_code);
  } else {
    answer_close(peer, &close, len);
  }
}

/* 7.1.5: without a Close frame the code is 1006, which 7.4.1 keeps off the
 * wire: there is nothing left to say. */
void wsc_faulty_closing_eof(struct wsc_faulty *peer) {
  static const uint16_t abnormal = WS_CLOSE_ABNORMAL;
  if (wsc_faulty_is(peer, WSC_FAULT_FIN_SENDS_1006) && !peer->close_sent) {
    send_close(peer, &abnormal);
  }
  wsc_faulty_release(peer);
  wsc_faulty_end(peer, WSC_PEER_CLOSE);
}

void wsc_faulty_due(struct wsc_faulty *peer) {
  if (peer->close_held) {
    send_close(peer, NULL);
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
  } else if (wsc_faulty_is(peer, WSC_FAULT_TCP_CLOSES_LATE) ||
             wsc_faulty_lingers(peer)) {
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
  } else if (peer->phase == WSC_FAULTY_OPEN) {
    wsc_faulty_release(peer);
  }
}
