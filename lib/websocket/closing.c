/* The closing handshake, failures, and the end of a connection. */
#include <string.h>

#include "websocket_internal.h"

#include "ws/utf8.h"

#define LINGER_MAX UINT64_C(2000000) /* see ws_io_close */

void ws_socket_blame(struct ws_websocket *socket, const char *text) {
  if (socket->failed) {
    return;
  }
  socket->failed = true;
  size_t len = strlen(text);
  if (len >= sizeof(socket->failure)) {
    len = sizeof(socket->failure) - 1;
  }
  memcpy(socket->failure, text, len);
  socket->failure[len] = '\0';
}

void ws_socket_drop_stream(struct ws_websocket *socket) {
  struct ws_io_stream *stream = socket->stream;
  uint64_t linger = socket->config.timeouts.closing;
  socket->stream = NULL;
  switch (socket->drop) {
  case WS_SOCKET_CLOSE:
    ws_io_close(stream, linger < LINGER_MAX ? linger : LINGER_MAX);
    break;
  case WS_SOCKET_RELEASE:
    ws_io_release(stream);
    break;
  case WS_SOCKET_RESET:
    ws_io_reset(stream);
    break;
  }
}

void ws_socket_conclude(struct ws_websocket *socket, enum ws_socket_drop drop) {
  if (socket->over) {
    return;
  }
  socket->over = true;
  socket->drop = drop;
  /* Inside the bracket a message that is being told may lie in the stream. */
  if (socket->depth == 0) {
    ws_socket_drop_stream(socket);
    ws_socket_wake(socket);
  }
}

void ws_socket_fail(struct ws_websocket *socket, const char *text,
                    enum ws_socket_drop drop) {
  if (!socket->over) {
    ws_socket_blame(socket, text);
    ws_socket_conclude(socket, drop);
  }
}

void ws_socket_begin_closing(struct ws_websocket *socket) {
  if (socket->state <= WS_OPEN) {
    socket->state = WS_CLOSING;
    ws_socket_set_deadline(socket, socket->config.timeouts.closing);
  }
}

void ws_socket_start_closing(struct ws_websocket *socket, uint16_t code,
                             struct ws_slice reason) {
  if (socket->state >= WS_CLOSING || socket->over) {
    return;
  }
  if (socket->state == WS_CONNECTING) {
    socket->state = WS_CLOSING;
    ws_socket_fail(socket, "closed before it was open",
                   socket->up ? WS_SOCKET_CLOSE : WS_SOCKET_RELEASE);
    return;
  }
  socket->close_wanted = true;
  socket->close_code = code;
  socket->close_reason_len = reason.len;
  if (reason.len != 0) {
    memcpy(socket->close_reason, reason.data, reason.len);
  }
  ws_socket_begin_closing(socket);
  ws_socket_wake(socket);
}

/* A server may say more than a script in a browser. */
static bool may_close_with(const struct ws_websocket *socket, uint16_t code) {
  switch (ws_close_class_of(code)) {
  case WS_CLOSE_LIBRARY:
  case WS_CLOSE_PRIVATE:
    return true;
  case WS_CLOSE_DEFINED:
  case WS_CLOSE_REGISTERED:
    return code == 1000 ||
           (socket->role == WS_SERVER && code != WS_CLOSE_MANDATORY_EXTENSION);
  case WS_CLOSE_RESERVED:
  case WS_CLOSE_UNASSIGNED:
  case WS_CLOSE_OUT_OF_RANGE:
    break;
  }
  return false;
}

enum ws_status ws_websocket_close(struct ws_websocket *socket, uint16_t code,
                                  const char *reason) {
  struct ws_slice text = {NULL, 0};
  if (reason != NULL) {
    text = ws_slice_of(reason);
  }
  if (code == WS_CLOSE_NO_STATUS ? text.len != 0
                                 : !may_close_with(socket, code)) {
    return WS_ERR_ACCESS;
  }
  if (text.len > WS_CLOSE_REASON_MAX || !ws_utf8_valid(text.data, text.len)) {
    return WS_ERR_SYNTAX;
  }
  ws_socket_start_closing(socket, code, text);
  return WS_OK;
}

void ws_socket_take_close(struct ws_websocket *socket,
                          const struct ws_event *event) {
  socket->close_received = true;
  socket->code = event->code;
  socket->reason_len = event->payload.len;
  if (event->payload.len != 0) {
    memcpy(socket->reason, event->payload.data, event->payload.len);
  }
  /* RFC 6455 5.5.1: "When sending a Close frame in response, the endpoint
   * typically echos the status code it received." */
  if (!socket->close_wanted) {
    socket->close_wanted = true;
    socket->close_code = event->code;
  }
  ws_socket_begin_closing(socket);
}

void ws_socket_take_fault(struct ws_websocket *socket,
                          const struct ws_event *event) {
  const char *text = ws_fault_info(event->fault)->text;
  socket->fault = event->fault;
  /* No Close frame is due: before the opening, and to a peer that is gone. */
  if (socket->state == WS_CONNECTING || event->code == WS_CLOSE_ABNORMAL) {
    ws_socket_fail(socket, text, WS_SOCKET_CLOSE);
    return;
  }
  /* A Close frame with the reason may be on its way. */
  ws_socket_blame(socket, text);
  ws_socket_drop_sends(socket);
  ws_socket_begin_closing(socket);
}

void ws_socket_go_on_closing(struct ws_websocket *socket) {
  enum ws_status status =
      socket->conn != NULL ? ws_conn_status(socket->conn) : WS_OK;
  if (status != WS_OK) {
    ws_socket_fail(socket, ws_status_text(status), WS_SOCKET_CLOSE);
    return;
  }
  if (!socket->up || !ws_conn_wants_close(socket->conn)) {
    return;
  }
  /* RFC 6455 7.1.1: the server ends first; 7.1.4: the connection is closed,
   * and cleanly so, when TCP is. A failed one waits for nobody. */
  if (socket->role == WS_SERVER && !socket->fin && !socket->failed) {
    if (!socket->finished) {
      socket->finished = true;
      ws_io_finish(socket->stream);
    }
    return;
  }
  ws_socket_conclude(socket, WS_SOCKET_CLOSE);
}

void ws_socket_time_out(struct ws_websocket *socket) {
  if (socket->state == WS_CONNECTING) {
    ws_socket_fail(socket,
                   socket->up ? "the opening handshake timed out"
                              : "connection timed out",
                   socket->up ? WS_SOCKET_RESET : WS_SOCKET_RELEASE);
    return;
  }
  /* 7.1.1: "in abnormal cases (such as not having received a TCP Close from the
   * server after a reasonable amount of time) a client MAY initiate the TCP
   * Close": 7.1.4 calls it clean all the same. */
  if (ws_conn_closed_cleanly(socket->conn) &&
      ws_conn_output(socket->conn).len == 0 &&
      ws_io_unsent(socket->stream) == 0) {
    ws_socket_conclude(socket, WS_SOCKET_CLOSE);
    return;
  }
  ws_socket_fail(socket, "the closing handshake timed out", WS_SOCKET_RESET);
}

static void take_down(struct ws_websocket *socket) {
  ws_socket_drop_sends(socket);
  ws_conn_free(socket->conn);
  ws_deflate_free(socket->deflate);
  ws_buffer_clear(&socket->message);
  ws_io_timer_free(socket->timer);
  socket->conn = NULL;
  socket->deflate = NULL;
  socket->timer = NULL;
}

void ws_socket_deliver_end(struct ws_websocket *socket) {
  if (socket->timer == NULL) {
    return;
  }
  bool clean = !socket->failed && ws_conn_closed_cleanly(socket->conn);
  struct ws_websocket_event event = {.type = WS_WEBSOCKET_ERROR};
  socket->state = WS_CLOSED;
  if (!clean) {
    ws_socket_dispatch(socket, &event);
  }
  socket->response = NULL;
  event = (struct ws_websocket_event){
      .type = WS_WEBSOCKET_CLOSE,
      .was_clean = clean,
      .code = socket->close_received ? socket->code : WS_CLOSE_ABNORMAL,
      .reason = {socket->reason, socket->reason_len},
  };
  ws_socket_dispatch(socket, &event);
  take_down(socket);
  ws_socket_drop_listeners(socket);
  if (socket->gone != NULL) {
    socket->gone(socket->gone_user, socket);
  }
  ws_socket_unref(socket); /* the connection's */
}
