/* References, and the rules by which a socket that nobody holds any more goes
 * on or ends (WHATWG WebSockets, "Garbage collection"). */
#include "websocket_internal.h"

void ws_socket_unref(struct ws_websocket *socket) {
  if (--socket->num_refs == 0) {
    ws_socket_destroy(socket);
  }
}

/* Somebody listens to an event that may still come. */
static bool is_awaited(const struct ws_websocket *socket) {
  static const enum ws_websocket_event_type types[] = {
      WS_WEBSOCKET_MESSAGE, WS_WEBSOCKET_ERROR, WS_WEBSOCKET_CLOSE,
      WS_WEBSOCKET_DRAIN};
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    if (ws_socket_hears(socket, types[i])) {
      return true;
    }
  }
  return socket->state == WS_CONNECTING &&
         ws_socket_hears(socket, WS_WEBSOCKET_OPEN);
}

/* In CLOSING a socket ends by itself, whoever listens. */
static bool is_garbage(const struct ws_websocket *socket) {
  return socket->released && !socket->over && socket->state <= WS_OPEN &&
         !is_awaited(socket);
}

void ws_socket_collect(struct ws_websocket *socket) {
  if (!is_garbage(socket)) {
    return;
  }
  /* Not under the feet of a caller who has more to do with the socket. */
  if (socket->depth == 0) {
    ws_socket_wake(socket);
    return;
  }
  /* "must start the WebSocket closing handshake, with no status code"; the
   * Close frame goes behind the data that waits. */
  ws_socket_start_closing(socket, WS_CLOSE_NO_STATUS,
                          (struct ws_slice){NULL, 0});
}

void ws_websocket_release(struct ws_websocket *socket) {
  if (socket == NULL || socket->released) {
    return;
  }
  socket->released = true;
  if (socket->aborted && socket->state != WS_CLOSED) {
    /* Nobody is told: the owner knows. A server counts its connections, and is
     * told as ever, in the loop. */
    ws_socket_drop_listeners(socket);
    if (socket->gone == NULL && socket->depth == 0) {
      ws_socket_deliver_end(socket);
    }
  }
  ws_socket_collect(socket);
  ws_socket_unref(socket);
}

void ws_websocket_abort(struct ws_websocket *socket) {
  if (socket->state == WS_CLOSED) {
    return;
  }
  socket->aborted = true;
  if (!socket->over) {
    socket->state = WS_CLOSING;
    ws_socket_fail(socket, "aborted",
                   socket->up ? WS_SOCKET_RESET : WS_SOCKET_RELEASE);
  }
}
