#include "ws/close.h"

#include "ws/utf8.h"

#include <string.h>

enum ws_close_class ws_close_class_of(uint16_t code) {
  if (code < 1000 || code > 4999) {
    return WS_CLOSE_OUT_OF_RANGE;
  }
  if (code >= 4000) {
    return WS_CLOSE_PRIVATE;
  }
  if (code >= 3000) {
    return WS_CLOSE_LIBRARY;
  }
  if (code > 1015) {
    return WS_CLOSE_UNASSIGNED;
  }
  /* "MUST NOT be set as a status code in a Close control frame by an endpoint"
   * (7.4.1: 1005, 1006, 1015); 1004: "Reserved. The specific meaning might be
   * defined in the future." */
  if ((code >= 1004 && code <= 1006) || code == 1015) {
    return WS_CLOSE_RESERVED;
  }
  return code > 1011 ? WS_CLOSE_REGISTERED : WS_CLOSE_DEFINED;
}

bool ws_close_code_sendable(uint16_t code) {
  switch (ws_close_class_of(code)) {
  case WS_CLOSE_DEFINED:
  case WS_CLOSE_REGISTERED:
  case WS_CLOSE_LIBRARY:
  case WS_CLOSE_PRIVATE:
    return true;
  case WS_CLOSE_RESERVED:
  case WS_CLOSE_UNASSIGNED:
  case WS_CLOSE_OUT_OF_RANGE:
    break;
  }
  return false;
}

/* The IANA WebSocket Close Code Number Registry; the registry describes 1014 in
 * a sentence and refers to HTTP's 502. */
const char *ws_close_code_name(uint16_t code) {
  static const char *const names[] = {
      "Normal Closure",   "Going Away",
      "Protocol error",   "Unsupported Data",
      "Reserved",         "No Status Rcvd",
      "Abnormal Closure", "Invalid frame payload data",
      "Policy Violation", "Message Too Big",
      "Mandatory Ext.",   "Internal Error",
      "Service Restart",  "Try Again Later",
      "Bad Gateway",      "TLS handshake",
  };
  if (code >= 1000 && code <= 1015) {
    return names[code - 1000];
  }
  switch (code) {
  case 3000:
    return "Unauthorized";
  case 3003:
    return "Forbidden";
  case 3008:
    return "Timeout";
  default:
    return NULL;
  }
}

enum ws_fault ws_close_parse(struct ws_close *close, const uint8_t *payload,
                             size_t len) {
  if (len < 2) {
    *close = (struct ws_close){WS_CLOSE_NO_STATUS, {payload, len}};
    /* 5.5.1: "If there is a body, the first two bytes of the body MUST be a
     * 2-byte unsigned integer". */
    return len == 0 ? WS_FAULT_NONE : WS_FAULT_CLOSE_BODY_LENGTH;
  }
  close->code = (uint16_t)(payload[0] << 8 | payload[1]);
  close->reason = (struct ws_slice){payload + 2, len - 2};
  if (!ws_close_code_sendable(close->code)) {
    return WS_FAULT_CLOSE_CODE;
  }
  /* 5.5.1: "the body MAY contain UTF-8-encoded data with value /reason/". */
  if (!ws_utf8_valid(close->reason.data, close->reason.len)) {
    return WS_FAULT_CLOSE_REASON_NOT_UTF8;
  }
  return WS_FAULT_NONE;
}

size_t ws_close_write(uint8_t out[125], uint16_t code, struct ws_slice reason) {
  if (code == WS_CLOSE_NO_STATUS) {
    return 0;
  }
  out[0] = (uint8_t)(code >> 8);
  out[1] = (uint8_t)code;
  if (reason.len > 0) {
    memcpy(out + 2, reason.data, reason.len);
  }
  return 2 + reason.len;
}
