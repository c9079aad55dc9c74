/* What an opening handshake has agreed on: subprotocol and extensions. */
#include <string.h>

#include "websocket_internal.h"

/* The members of all fields, as one value (RFC 9110 5.3). */
static bool copy_extensions(struct ws_websocket *socket,
                            const struct ws_http_head *head) {
  static const char name[] = "Sec-WebSocket-Extensions";
  size_t num = ws_http_count(head, name);
  size_t len = 0;
  for (size_t i = 0; i < num; i++) {
    len += ws_http_field(head, name, i)->value.len + (i != 0 ? 2 : 0);
  }
  if (len == 0) {
    return true;
  }
  char *out =
      socket->allocator->resize(socket->allocator->user, NULL, 0, len + 1);
  if (out == NULL) {
    return false;
  }
  socket->extensions = out;
  for (size_t i = 0; i < num; i++) {
    struct ws_slice value = ws_http_field(head, name, i)->value;
    if (i != 0) {
      memcpy(out, ", ", 2);
      out += 2;
    }
    if (value.len != 0) {
      memcpy(out, value.data, value.len);
      out += value.len;
    }
  }
  *out = '\0';
  return true;
}

/* False: the connection fails, or will, by a fault. */
static bool agree_on_deflate(struct ws_websocket *socket,
                             const struct ws_http_head *head) {
  struct ws_deflate_params params;
  enum ws_fault fault = WS_FAULT_NONE;
  const struct ws_deflate_config *config = socket->config.deflate;
  if (config == NULL) {
    return true;
  }
  if (!ws_deflate_response_check(&params, &fault, config, head)) {
    if (fault != WS_FAULT_NONE) {
      ws_conn_fail(socket->conn, fault);
    }
    return fault == WS_FAULT_NONE;
  }
  socket->deflate =
      ws_deflate_new(socket->role, &params, config, socket->allocator);
  if (socket->deflate == NULL) {
    ws_socket_fail(socket, ws_status_text(WS_ERR_NOMEM), WS_SOCKET_CLOSE);
    return false;
  }
  struct ws_transform transform = ws_deflate_transform(socket->deflate);
  ws_conn_set_transform(socket->conn, &transform);
  return true;
}

static bool agree(struct ws_websocket *socket,
                  const struct ws_http_head *head) {
  if (!agree_on_deflate(socket, head)) {
    return false;
  }
  /* WHATWG "establish a WebSocket connection": when protocols were asked for
   * and none was chosen, "then fail the WebSocket connection". RFC 6455 4.1
   * would go on. */
  if (socket->offered && ws_conn_protocol(socket->conn) == NULL) {
    ws_socket_fail(socket, "the server chose none of the subprotocols",
                   WS_SOCKET_CLOSE);
    return false;
  }
  if (!copy_extensions(socket, head)) {
    ws_socket_fail(socket, ws_status_text(WS_ERR_NOMEM), WS_SOCKET_CLOSE);
    return false;
  }
  return true;
}

void ws_socket_opened(struct ws_websocket *socket,
                      const struct ws_event *event) {
  const char *protocol = ws_conn_protocol(socket->conn);
  if (socket->role == WS_CLIENT) {
    socket->response = event->response->head;
    if (!agree(socket, socket->response)) {
      return;
    }
  }
  if (protocol != NULL &&
      !ws_socket_copy(socket, &socket->protocol, ws_slice_of(protocol))) {
    ws_socket_fail(socket, ws_status_text(WS_ERR_NOMEM), WS_SOCKET_CLOSE);
    return;
  }
  socket->state = WS_OPEN;
  socket->deadline = WS_IO_NEVER;
  ws_socket_heard(socket);
  struct ws_websocket_event told = {.type = WS_WEBSOCKET_OPEN};
  ws_socket_dispatch(socket, &told);
  if (!socket->over) {
    socket->response = NULL;
  }
}
