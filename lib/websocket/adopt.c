#include "websocket_internal.h"

enum ws_status ws_websocket_adopt(struct ws_websocket **out,
                                  const struct ws_adoption *adoption) {
  struct ws_websocket *socket =
      ws_socket_new(adoption->io, WS_SERVER, adoption->config);
  *out = NULL;
  if (socket == NULL) {
    return WS_ERR_NOMEM;
  }
  if ((adoption->origin != NULL &&
       !ws_socket_copy(socket, &socket->origin,
                       ws_slice_of(adoption->origin))) ||
      (adoption->extensions != NULL &&
       !ws_socket_copy(socket, &socket->extensions,
                       ws_slice_of(adoption->extensions)))) {
    ws_socket_destroy(socket);
    return WS_ERR_NOMEM;
  }
  socket->num_refs++; /* the connection's */
  /* What the client sent behind its request may lie in the buffer that has just
   * been read. Exhaustion breaks the connection, and shows there. */
  ws_conn_keep(adoption->conn);
  socket->conn = adoption->conn;
  socket->deflate = adoption->deflate;
  socket->stream = adoption->stream;
  socket->gone = adoption->gone;
  socket->gone_user = adoption->user;
  socket->fin = adoption->fin;
  socket->up = true;
  /* Its open event comes first; until then nothing is read. */
  socket->kept = true;
  socket->reading = false;
  ws_io_pause(socket->stream, true);
  ws_io_attach(socket->stream, ws_socket_stream_listener(socket));
  ws_socket_wake(socket);
  *out = socket;
  return WS_OK;
}

void ws_websocket_go_away(struct ws_websocket *socket) {
  ws_socket_start_closing(socket, 1001, (struct ws_slice){NULL, 0});
}

void ws_websocket_disown(struct ws_websocket *socket) {
  socket->gone = NULL;
}
