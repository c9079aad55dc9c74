/* fault.h: everything a peer can do wrong that libws tells apart.
 *
 * One list is the only source of the enum and of its table. Each entry: the
 * name, the status code with which the connection is failed (0: during the
 * opening handshake, where no Close frame exists), the HTTP status a server
 * answers with (0: after the handshake, or the fault is the server's), the
 * clause it follows from (of RFC 6455, unless it names another RFC), and the
 * fault in words. */
#ifndef WS_FAULT_H
#define WS_FAULT_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_FAULT_MAP(XX)                                                       \
  /* opening handshake, either role */                                         \
  XX(HTTP_SYNTAX, 0, 400, "4.2.1", "the head is not HTTP")                     \
  XX(HTTP_HEAD_TOO_LARGE, 0, 431, "10.4", "the head exceeds its size limit")   \
  XX(HTTP_TOO_MANY_FIELDS, 0, 431, "10.4", "the head has too many fields")     \
  XX(HTTP_TRUNCATED, 0, 400, "4.2.1", "the connection ended inside the head")  \
  XX(HTTP_VERSION, 0, 505, "4.2.1", "the HTTP version is below 1.1")           \
  /* opening handshake, faults of a client */                                  \
  XX(METHOD, 0, 405, "4.2.1", "the method is not GET")                         \
  XX(REQUEST_TARGET, 0, 400, "4.2.1",                                          \
     "the request-target is neither a path nor an http(s) URI")                \
  XX(HOST_MISSING, 0, 400, "4.2.1", "there is no Host field")                  \
  XX(HOST_DUPLICATE, 0, 400, "4.2.1", "there is more than one Host field")     \
  XX(REQUEST_BODY, 0, 400, "4.2.1", "the request announces a body")            \
  XX(UPGRADE_MISSING, 0, 426, "4.2.1", "there is no Upgrade field")            \
  XX(UPGRADE_VALUE, 0, 426, "4.2.1",                                           \
     "the Upgrade field does not contain websocket")                           \
  XX(CONNECTION_MISSING, 0, 400, "4.2.1", "there is no Connection field")      \
  XX(CONNECTION_VALUE, 0, 400, "4.2.1",                                        \
     "the Connection field does not contain the token Upgrade")                \
  XX(KEY_MISSING, 0, 400, "4.2.1", "there is no Sec-WebSocket-Key field")      \
  XX(KEY_DUPLICATE, 0, 400, "11.3.1",                                          \
     "there is more than one Sec-WebSocket-Key field")                         \
  XX(KEY_VALUE, 0, 400, "4.2.1",                                               \
     "Sec-WebSocket-Key is not the base64 of 16 bytes")                        \
  XX(VERSION_MISSING, 0, 426, "4.2.1",                                         \
     "there is no Sec-WebSocket-Version field")                                \
  XX(VERSION_DUPLICATE, 0, 400, "11.3.5",                                      \
     "there is more than one Sec-WebSocket-Version field")                     \
  XX(VERSION_SYNTAX, 0, 400, "4.3",                                            \
     "Sec-WebSocket-Version is not a number from 0 to 255")                    \
  XX(VERSION_UNSUPPORTED, 0, 426, "4.2.2", "the version is not 13")            \
  XX(PROTOCOL_SYNTAX, 0, 400, "4.3",                                           \
     "Sec-WebSocket-Protocol is not a list of tokens")                         \
  XX(PROTOCOL_DUPLICATE, 0, 400, "4.1", "a subprotocol is offered twice")      \
  XX(EXTENSION_SYNTAX, 0, 400, "9.1",                                          \
     "Sec-WebSocket-Extensions does not follow its grammar")                   \
  /* opening handshake, faults of a server */                                  \
  XX(STATUS, 0, 0, "4.1", "the status is not 101")                             \
  XX(RESPONSE_UPGRADE, 0, 0, "4.1", "Upgrade is not exactly websocket")        \
  XX(RESPONSE_CONNECTION, 0, 0, "4.1",                                         \
     "Connection does not contain the token Upgrade")                          \
  XX(ACCEPT_MISSING, 0, 0, "4.1", "there is no Sec-WebSocket-Accept field")    \
  XX(ACCEPT_DUPLICATE, 0, 0, "11.3.3",                                         \
     "there is more than one Sec-WebSocket-Accept field")                      \
  XX(ACCEPT_VALUE, 0, 0, "4.1",                                                \
     "Sec-WebSocket-Accept does not belong to the key")                        \
  XX(PROTOCOL_NOT_OFFERED, 0, 0, "4.1",                                        \
     "the server chose a subprotocol that was not offered")                    \
  XX(RESPONSE_PROTOCOL_DUPLICATE, 0, 0, "11.3.4",                              \
     "there is more than one Sec-WebSocket-Protocol field in the response")    \
  XX(EXTENSION_NOT_OFFERED, 0, 0, "4.1",                                       \
     "the server chose an extension that was not offered")                     \
  XX(DEFLATE_RESPONSE, 0, 0, "RFC 7692 7.1",                                   \
     "permessage-deflate is accepted with parameters not offered")             \
  /* frames */                                                                 \
  XX(RSV, 1002, 0, "5.2", "an RSV bit is set that no extension defines")       \
  XX(OPCODE, 1002, 0, "5.2", "the opcode is reserved")                         \
  XX(NOT_MASKED, 1002, 0, "5.1", "a client sent a frame that is not masked")   \
  XX(MASKED, 1002, 0, "5.1", "a server sent a frame that is masked")           \
  XX(LENGTH_NOT_MINIMAL, 1002, 0, "5.2",                                       \
     "the length is not written in the fewest bytes")                          \
  XX(LENGTH_TOP_BIT, 1002, 0, "5.2",                                           \
     "the top bit of the 64-bit length is set")                                \
  XX(CONTROL_FRAGMENTED, 1002, 0, "5.5", "a control frame has FIN clear")      \
  XX(CONTROL_TOO_LONG, 1002, 0, "5.5", "a control frame exceeds 125 bytes")    \
  XX(CONTINUATION_UNEXPECTED, 1002, 0, "5.4",                                  \
     "a continuation frame came while no message was open")                    \
  XX(CONTINUATION_EXPECTED, 1002, 0, "5.4",                                    \
     "a new message began inside an unfinished one")                           \
  /* messages */                                                               \
  XX(TEXT_NOT_UTF8, 1007, 0, "8.1", "a text message is not valid UTF-8")       \
  XX(DEFLATE_DATA, 1007, 0, "RFC 7692 7.2.2",                                  \
     "a compressed message is not valid DEFLATE data")                         \
  XX(FRAME_TOO_BIG, 1009, 0, "10.4", "a frame exceeds its size limit")         \
  XX(MESSAGE_TOO_BIG, 1009, 0, "10.4", "a message exceeds its size limit")     \
  XX(TOO_MANY_FRAGMENTS, 1008, 0, "10.4",                                      \
     "a message has more fragments than the limit")                            \
  /* closing handshake */                                                      \
  XX(CLOSE_BODY_LENGTH, 1002, 0, "5.5.1", "a Close body has one byte")         \
  XX(CLOSE_CODE, 1002, 0, "7.4",                                               \
     "a Close frame carries a status code that may not be sent")               \
  XX(CLOSE_REASON_NOT_UTF8, 1007, 0, "5.5.1",                                  \
     "the reason of a Close frame is not valid UTF-8")                         \
  XX(ENDED_WITHOUT_CLOSE, 1006, 0, "7.1.5",                                    \
     "the connection ended without a Close frame")

enum ws_fault {
  WS_FAULT_NONE = 0,
#define XX(name, code, http, clause, text) WS_FAULT_##name,
  WS_FAULT_MAP(XX)
#undef XX
      WS_FAULT_COUNT
};

struct ws_fault_info {
  const char *name;     /* "RSV", as in the list */
  uint16_t close_code;  /* 0: none is sent; 1006 is never sent either */
  uint16_t http_status; /* 0: none is sent */
  const char *clause;   /* section of RFC 6455, or "RFC 7692 7.1" */
  const char *text;     /* one clause of English, no full stop */
};

/* The entry of `fault`; for WS_FAULT_NONE and values outside the enum, an entry
 * named "NONE". Static, never NULL. */
const struct ws_fault_info *ws_fault_info(enum ws_fault fault);

#ifdef __cplusplus
}
#endif

#endif
