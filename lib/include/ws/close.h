/* close.h: the body of a Close frame and its status codes (RFC 6455 5.5.1,
 * 7.4). */
#ifndef WS_CLOSE_H
#define WS_CLOSE_H

#include "ws/fault.h"
#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_CLOSE_REASON_MAX 123 /* bytes: 125 less the status code */

/* Status codes that never stand in a frame (7.4.1) but that an endpoint reports
 * to its application. */
#define WS_CLOSE_NO_STATUS 1005
#define WS_CLOSE_ABNORMAL  1006

/* A client's, when the server did not agree to an extension that it needs;
 * "this status code is not used by the server" (7.4.1). */
#define WS_CLOSE_MANDATORY_EXTENSION 1010

struct ws_close {
  uint16_t code;          /* WS_CLOSE_NO_STATUS for an empty body */
  struct ws_slice reason; /* borrowed from the parsed payload */
};

/* Where a code comes from, and so whether it may stand in a Close frame. */
enum ws_close_class {
  WS_CLOSE_DEFINED,     /* 7.4.1, may be sent: 1000-1003, 1007-1011 */
  WS_CLOSE_REGISTERED,  /* IANA, after the RFC: 1012-1014 */
  WS_CLOSE_RESERVED,    /* 1004, 1005, 1006, 1015: never on the wire */
  WS_CLOSE_UNASSIGNED,  /* 1016-2999: for future protocol revisions */
  WS_CLOSE_LIBRARY,     /* 3000-3999: registered by libraries, frameworks */
  WS_CLOSE_PRIVATE,     /* 4000-4999: private use */
  WS_CLOSE_OUT_OF_RANGE /* 0-999 and 5000-65535 */
};

/* The class of `code`; every number has one. */
enum ws_close_class ws_close_class_of(uint16_t code);

/* True for the classes DEFINED, REGISTERED, LIBRARY and PRIVATE. */
bool ws_close_code_sendable(uint16_t code);

/* The registry's short name ("Normal Closure"), or NULL when it has none. */
const char *ws_close_code_name(uint16_t code);

/* Reads a Close body. WS_FAULT_NONE and *close filled, or the fault: a body of
 * one byte, a code that may not be sent, a reason that is not UTF-8. In every
 * case close->code and close->reason hold what the octets say, so that an
 * instrument can report them; for a body of one byte they are 1005 and that
 * byte. `payload` is borrowed for as long as close->reason is used. */
enum ws_fault ws_close_parse(struct ws_close *close, const uint8_t *payload,
                             size_t len);

/* Writes a Close body and returns its length: 0 for WS_CLOSE_NO_STATUS, else
 * 2 + reason.len. `reason` must be at most WS_CLOSE_REASON_MAX bytes; nothing
 * else is checked. */
size_t ws_close_write(uint8_t out[125], uint16_t code, struct ws_slice reason);

#ifdef __cplusplus
}
#endif

#endif
