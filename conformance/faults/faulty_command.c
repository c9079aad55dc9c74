/* faulty_command.c: commands of the testee contract, and what goes wrong when a
 * server acts of its own will. */
#include "faulty_internal.h"

#include <string.h>

#include "testee.h"
#include "ws/close.h"

static bool code_may_be_sent(const struct wsc_faulty *peer, uint16_t code) {
  static const struct {
    enum wsc_fault_id fault;
    uint16_t first, last;
  } leaks[] = {
      {WSC_FAULT_CLOSES_WITH_1004, 1004, 1004},
      {WSC_FAULT_CLOSES_WITH_1005, 1005, 1005},
      {WSC_FAULT_CLOSES_WITH_1006, 1006, 1006},
      {WSC_FAULT_CLOSES_WITH_1015, 1015, 1015},
      {WSC_FAULT_CLOSES_BELOW_1000, 0, 999},
      {WSC_FAULT_CLOSES_UNASSIGNED, 1016, 2999},
      {WSC_FAULT_CLOSES_ABOVE_4999, 5000, UINT16_MAX},
  };
  for (size_t i = 0; i < sizeof leaks / sizeof leaks[0]; i++) {
    if (wsc_faulty_is(peer, leaks[i].fault) && code >= leaks[i].first &&
        code <= leaks[i].last) {
      return true;
    }
  }
  return ws_close_code_sendable(code);
}

/* The Close frame of its own will: `body` is what a sound one has. */
static void begin_close(struct wsc_faulty *peer, uint8_t *body, size_t len) {
  peer->close_sent = true;
  peer->close_begun = true;
  if (wsc_faulty_is(peer, WSC_FAULT_CLOSES_LITTLE_ENDIAN) && len >= 2) {
    uint8_t high = body[0];
    body[0] = body[1];
    body[1] = high;
  }
  wsc_faulty_send(peer, WS_OP_CLOSE, body, len);
  wsc_faulty_arm(peer, WSC_FAULTY_UNANSWERED);
}

/* 5.5: a control frame has at most 125 octets; what of the reason does not fit
 * is cut off between characters. */
static size_t reason_len(const struct wsc_faulty *peer, const uint8_t *reason,
                         size_t len) {
  size_t most = WS_CONTROL_MAX - 2;
  if (len <= most || wsc_faulty_is(peer, WSC_FAULT_CLOSES_TOO_LONG)) {
    return len;
  }
  if (!wsc_faulty_is(peer, WSC_FAULT_CLOSES_IN_A_CHARACTER)) {
    while (most > 0 && (reason[most] & 0xC0) == 0x80) {
      most--;
    }
  }
  return most;
}

static void close_by_command(struct wsc_faulty *peer,
                             const struct wsc_do *command) {
  uint8_t body[2 * WS_CONTROL_MAX] = {(uint8_t)(command->code >> 8),
                                      (uint8_t)(command->code & 0xFF)};
  if (wsc_faulty_is(peer, WSC_FAULT_CLOSES_WITHOUT_CLOSE)) {
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
    return;
  }
  if (!command->has_code) {
    bool says_1005 = wsc_faulty_is(peer, WSC_FAULT_CLOSES_WITH_1005);
    body[0] = (uint8_t)(WS_CLOSE_NO_STATUS >> 8);
    body[1] = (uint8_t)(WS_CLOSE_NO_STATUS & 0xFF);
    begin_close(peer, body, says_1005 ? 2 : 0);
    return;
  }
  if (!code_may_be_sent(peer, command->code)) {
    return;
  }
  size_t len = reason_len(peer, command->rest, command->rest_len);
  len = len < sizeof body - 2 ? len : sizeof body - 2;
  if (len != 0) {
    memcpy(body + 2, command->rest, len);
  }
  begin_close(peer, body, len + 2);
}

static void ping_by_command(struct wsc_faulty *peer,
                            const struct wsc_do *command) {
  uint8_t opcode =
      wsc_faulty_is(peer, WSC_FAULT_PINGS_AS_PONG) ? WS_OP_PONG : WS_OP_PING;
  if (command->rest_len <= WS_CONTROL_MAX ||
      wsc_faulty_is(peer, WSC_FAULT_PINGS_TOO_LONG)) {
    wsc_faulty_send(peer, opcode, command->rest, command->rest_len);
  }
}

/* 5.4: "A fragmented message consists of a single frame with the FIN bit clear
 * and an opcode other than 0, followed by zero or more frames with the FIN bit
 * clear and the opcode set to 0, and terminated by a single frame with the FIN
 * bit set and an opcode of 0." */
static void fragments_by_command(struct wsc_faulty *peer,
                                 struct wsc_do *command) {
  const uint8_t *word;
  size_t len;
  uint8_t opcode = WS_OP_TEXT;
  while (wsc_do_word(command, &word, &len)) {
    bool fin = command->rest_len == 0 &&
               !wsc_faulty_is(peer, WSC_FAULT_FRAGMENTS_UNFINISHED);
    wsc_faulty_send_fragment(peer, opcode, fin, word, len);
    if (!fin && wsc_faulty_is(peer, WSC_FAULT_FRAGMENTS_INTERLEAVED)) {
      wsc_faulty_send(peer, WS_OP_BINARY, (const uint8_t *)"between", 7);
    }
    if (!wsc_faulty_is(peer, WSC_FAULT_FRAGMENTS_BEGIN_AGAIN)) {
      opcode = WS_OP_CONTINUATION;
    }
  }
}

static void drop_by_command(struct wsc_faulty *peer) {
  static uint8_t body[2] = {WS_CLOSE_ABNORMAL >> 8, WS_CLOSE_ABNORMAL & 0xFF};
  if (wsc_faulty_is(peer, WSC_FAULT_DROPS_WITH_1006)) {
    wsc_faulty_send(peer, WS_OP_CLOSE, body, sizeof body);
  }
  wsc_faulty_end(peer, WSC_PEER_CLOSE);
}

static void list(struct wsc_faulty *peer) {
  static const char all[] = WSC_DO_ALL;
  wsc_faulty_send(peer, WS_OP_TEXT, (const uint8_t *)all, sizeof all - 1);
}

bool wsc_faulty_command(struct wsc_faulty *peer, const uint8_t *data,
                        size_t len) {
  if (!peer->commands) {
    return false;
  }
  struct wsc_do command = wsc_do_parse(data, len);
  if (command.kind == WSC_DO_NONE) {
    return false;
  }
  /* 5.5.1: "The application MUST NOT send any more data frames after sending a
   * Close frame." */
  if (peer->close_sent) {
    return true;
  }
  switch (command.kind) {
  case WSC_DO_CLOSE:
    close_by_command(peer, &command);
    break;
  case WSC_DO_PING:
    ping_by_command(peer, &command);
    break;
  case WSC_DO_SEND:
    wsc_faulty_send(peer,
                    wsc_faulty_is(peer, WSC_FAULT_SENDS_TEXT_AS_BINARY)
                        ? WS_OP_BINARY
                        : WS_OP_TEXT,
                    command.rest, command.rest_len);
    break;
  case WSC_DO_FRAGMENTS:
    fragments_by_command(peer, &command);
    break;
  case WSC_DO_DROP:
    drop_by_command(peer);
    break;
  case WSC_DO_LIST:
  case WSC_DO_NONE:
    list(peer);
    break;
  }
  return true;
}
