#include "command.h"

#include <stdlib.h>
#include <string.h>

/* Takes `word` and a space behind it off *text, when *text begins so. */
static bool skip(struct ws_slice *text, const char *word) {
  size_t len = strlen(word);
  if (text->len < len || memcmp(text->data, word, len) != 0 ||
      (text->len > len && text->data[len] != ' ')) {
    return false;
  }
  size_t taken = text->len > len ? len + 1 : len;
  text->data += taken;
  text->len -= taken;
  return true;
}

static bool obey_close(struct ws_websocket *socket, struct ws_slice text) {
  char copy[sizeof "65535 " + WS_CLOSE_REASON_MAX];
  if (text.len >= sizeof copy) {
    return false;
  }
  memcpy(copy, text.data, text.len);
  copy[text.len] = '\0';
  char *reason;
  unsigned long code = strtoul(copy, &reason, 10);
  if (reason == copy) {
    code = WS_CLOSE_NO_STATUS;
  }
  reason += strspn(reason, " ");
  return code <= UINT16_MAX &&
         ws_websocket_close(socket, (uint16_t)code, reason) == WS_OK;
}

bool command_obey(struct ws_websocket *socket, struct ws_slice text) {
  if (skip(&text, "close")) {
    return obey_close(socket, text);
  }
  if (skip(&text, "send text")) {
    return ws_websocket_send_text(socket, (const char *)text.data, text.len) ==
           WS_OK;
  }
  if (skip(&text, "send binary")) {
    return ws_websocket_send_array(socket, text.data, text.len) == WS_OK;
  }
  return skip(&text, "ping") &&
         ws_websocket_ping(socket, text.data, text.len) == WS_OK;
}
