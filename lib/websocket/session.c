/* The pump between the stream and the connection, and the clock of both. */
#include "websocket_internal.h"

#define CONGESTED_LOOK UINT64_C(250000) /* microseconds */

/* Messages wait while the user has paused. */
static bool is_stopped(const struct ws_websocket *socket) {
  return socket->paused && socket->state == WS_OPEN;
}

/* Time ---------------------------------------------------------------------
 */

static uint64_t later(uint64_t at, uint64_t by) {
  return by > WS_IO_NEVER - at ? WS_IO_NEVER : at + by;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

void ws_socket_set_deadline(struct ws_websocket *socket, uint64_t timeout) {
  socket->deadline = timeout == WS_IO_NEVER
                         ? WS_IO_NEVER
                         : later(ws_io_now(socket->io), timeout);
}

void ws_socket_heard(struct ws_websocket *socket) {
  if (socket->config.timeouts.ping != WS_IO_NEVER) {
    socket->heard_at = ws_io_now(socket->io);
    socket->pinged = false;
  }
}

/* When the keep-alive has something to do. Who is paused cannot hear a pong. */
static uint64_t keep_alive_at(const struct ws_websocket *socket) {
  const struct ws_websocket_timeouts *timeouts = &socket->config.timeouts;
  if (socket->state != WS_OPEN || socket->paused ||
      timeouts->ping == WS_IO_NEVER) {
    return WS_IO_NEVER;
  }
  return socket->pinged ? later(socket->pinged_at, timeouts->pong)
                        : later(socket->heard_at, timeouts->ping);
}

static void keep_alive(struct ws_websocket *socket, uint64_t now) {
  if (now < keep_alive_at(socket)) {
    return;
  }
  if (socket->pinged) {
    ws_socket_fail(socket, "no answer to a ping", WS_SOCKET_RESET);
    return;
  }
  ws_conn_ping(socket->conn, NULL, 0);
  socket->pinged = true;
  socket->pinged_at = now;
}

/* The timer is never set back: one that fires early looks again. */
static void arm(struct ws_websocket *socket) {
  if (socket->timer == NULL) {
    return;
  }
  uint64_t next = 0;
  bool resumed = socket->kept && !is_stopped(socket);
  if (!socket->task && !socket->over && !resumed) {
    next = earlier(keep_alive_at(socket), socket->deadline);
    /* A stream that is not read does not tell that it has broken; but then it
     * takes all that is written, and so reading goes on. */
    if (socket->congested) {
      next = earlier(next, later(ws_io_now(socket->io), CONGESTED_LOOK));
    }
  }
  if (next < socket->armed) {
    socket->armed = next;
    ws_io_timer_set(socket->timer, next);
  }
}

void ws_socket_wake(struct ws_websocket *socket) {
  socket->task = true;
  if (socket->depth == 0) {
    arm(socket);
  }
}

/* The bracket -------------------------------------------------------------- */

static void set_reading(struct ws_websocket *socket) {
  /* Answers that the peer does not read hold back what it is answered for; but
   * a Close frame has to be found. */
  uint64_t waiting = ws_socket_waiting(socket);
  if (socket->congested && waiting <= socket->config.limits.high_water / 2) {
    socket->congested = false;
  }
  bool held = socket->state == WS_OPEN && (socket->paused || socket->congested);
  bool reading = !held && !socket->kept;
  if (reading != socket->reading) {
    socket->reading = reading;
    ws_io_pause(socket->stream, !reading);
  }
}

static void settle(struct ws_websocket *socket) {
  if (!socket->over && socket->up) {
    ws_socket_flush(socket);
  }
  if (!socket->over) {
    ws_socket_go_on_closing(socket);
  }
  ws_socket_collect(socket);
  if (socket->over) {
    ws_socket_drop_stream(socket);
    ws_socket_deliver_end(socket);
  } else if (socket->up) {
    set_reading(socket);
  }
}

void ws_socket_enter(struct ws_websocket *socket) {
  socket->num_refs++;
  socket->depth++;
}

void ws_socket_leave(struct ws_websocket *socket) {
  if (socket->depth == 1) {
    socket->task = false;
    settle(socket);
    arm(socket);
  }
  socket->depth--;
  ws_socket_unref(socket);
}

/* Events of the connection ------------------------------------------------- */

static void take(struct ws_websocket *socket, const struct ws_event *event) {
  switch (event->type) {
  case WS_EVENT_OPEN:
    ws_socket_opened(socket, event);
    break;
  case WS_EVENT_REFUSED:
    socket->fault = WS_FAULT_STATUS;
    socket->response = event->response->head;
    ws_socket_fail(socket, ws_fault_info(WS_FAULT_STATUS)->text,
                   WS_SOCKET_CLOSE);
    break;
  case WS_EVENT_DATA:
    ws_socket_take_data(socket, event);
    break;
  case WS_EVENT_CLOSE:
    ws_socket_take_close(socket, event);
    break;
  case WS_EVENT_FAULT:
    ws_socket_take_fault(socket, event);
    break;
  case WS_EVENT_REQUEST: /* a server's, before it was handed over */
  case WS_EVENT_PING:    /* answered */
  case WS_EVENT_PONG:
  case WS_EVENT_END:
    break;
  }
}

static void pump(struct ws_websocket *socket) {
  uint64_t before = ws_socket_waiting(socket);
  struct ws_event event;
  socket->kept = false;
  while (!socket->over) {
    if (is_stopped(socket)) {
      socket->kept = true;
      ws_conn_keep(socket->conn);
      break;
    }
    if (!ws_conn_next(socket->conn, &event)) {
      break;
    }
    take(socket, &event);
  }
  /* What was sent of the application's own accord does not stop the reading:
   * two that send so at the same time would wait for each other. */
  uint64_t after = ws_socket_waiting(socket);
  if (after > before && after > socket->config.limits.high_water) {
    socket->congested = true;
  }
}

static void receive(struct ws_websocket *socket, uint8_t *data, size_t len) {
  ws_socket_heard(socket);
  /* Exhaustion stays with the connection, where ws_socket_leave finds it. */
  if (ws_conn_feed(socket->conn, data, len) == WS_OK) {
    pump(socket);
  }
}

static void receive_end(struct ws_websocket *socket) {
  socket->fin = true;
  ws_conn_feed_eof(socket->conn);
  pump(socket);
}

/* Entries from the loop ---------------------------------------------------- */

static void on_notice(void *user, const struct ws_io_notice *notice) {
  struct ws_websocket *socket = user;
  ws_socket_enter(socket);
  switch (notice->event) {
  case WS_IO_UP:
    socket->up = true;
    ws_socket_set_deadline(socket, socket->config.timeouts.opening);
    break;
  case WS_IO_DATA:
    receive(socket, notice->data, notice->len);
    break;
  case WS_IO_FIN:
    receive_end(socket);
    break;
  case WS_IO_DRAINED: /* ws_socket_leave goes on */
    break;
  case WS_IO_FAILED:
  case WS_IO_BROKEN:
    ws_socket_fail(socket, notice->text, WS_SOCKET_RELEASE);
    break;
  }
  ws_socket_leave(socket);
}

struct ws_io_listener ws_socket_stream_listener(struct ws_websocket *socket) {
  return (struct ws_io_listener){on_notice, socket};
}

void ws_socket_on_timer(void *user) {
  struct ws_websocket *socket = user;
  ws_socket_enter(socket);
  socket->armed = WS_IO_NEVER;
  if (!socket->over && socket->kept) {
    pump(socket);
  }
  uint64_t now = ws_io_now(socket->io);
  if (!socket->over && now >= socket->deadline) {
    ws_socket_time_out(socket);
  } else if (!socket->over && socket->up) {
    keep_alive(socket, now);
  }
  ws_socket_leave(socket);
}

void ws_websocket_pause(struct ws_websocket *socket, bool paused) {
  if (paused == socket->paused) {
    return;
  }
  socket->paused = paused;
  if (!paused) {
    ws_socket_heard(socket);
  }
  ws_socket_wake(socket);
}

enum ws_status ws_websocket_ping(struct ws_websocket *socket, const void *data,
                                 size_t len) {
  if (len > WS_CONTROL_MAX) {
    return WS_ERR_ARGUMENT;
  }
  if (socket->state != WS_OPEN || socket->over) {
    return WS_ERR_STATE;
  }
  enum ws_status status = ws_conn_ping(socket->conn, data, len);
  ws_socket_wake(socket);
  return status;
}
