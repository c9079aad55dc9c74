#include "ws/websocket.h"

#include <string.h>

#include "websocket_internal.h"

#define SECOND             UINT64_C(1000000)
#define DEFAULT_CONNECT    (30 * SECOND)
#define DEFAULT_OPENING    (10 * SECOND)
#define DEFAULT_CLOSING    (5 * SECOND)
#define DEFAULT_PONG       (20 * SECOND)
#define DEFAULT_HIGH_WATER ((size_t)1 << 20)
#define DEFAULT_OUTPUT     ((size_t)128 << 20) /* conn.h */

static uint64_t or_default(uint64_t timeout, uint64_t otherwise) {
  return timeout != 0 ? timeout : otherwise;
}

void ws_websocket_fill_config(struct ws_websocket_config *config,
                              const struct ws_websocket_config *wanted) {
  *config = *wanted;
  struct ws_websocket_timeouts *timeouts = &config->timeouts;
  struct ws_websocket_limits *limits = &config->limits;
  if (config->crypto == NULL) {
    config->crypto = ws_crypto_openssl();
  }
  if (config->allocator == NULL) {
    config->allocator = ws_allocator_libc();
  }
  timeouts->connect = or_default(timeouts->connect, DEFAULT_CONNECT);
  timeouts->opening = or_default(timeouts->opening, DEFAULT_OPENING);
  timeouts->closing = or_default(timeouts->closing, DEFAULT_CLOSING);
  timeouts->ping = or_default(timeouts->ping, WS_IO_NEVER);
  timeouts->pong = or_default(timeouts->pong, DEFAULT_PONG);
  if (limits->high_water == 0) {
    limits->high_water = DEFAULT_HIGH_WATER;
  }
  if (limits->conn.output == 0) {
    limits->conn.output = DEFAULT_OUTPUT;
  }
}

struct ws_websocket *ws_socket_new(struct ws_io *io, enum ws_role role,
                                   const struct ws_websocket_config *config) {
  struct ws_websocket_config filled;
  ws_websocket_fill_config(&filled, config);
  const struct ws_allocator *allocator = filled.allocator;
  struct ws_websocket *socket =
      allocator->resize(allocator->user, NULL, 0, sizeof(*socket));
  if (socket == NULL) {
    return NULL;
  }
  *socket = (struct ws_websocket){
      .allocator = allocator,
      .io = io,
      .config = filled,
      .role = role,
      .num_refs = 1,
      .armed = WS_IO_NEVER,
      .deadline = WS_IO_NEVER,
      .reading = true,
  };
  socket->sends_end = &socket->sends;
  ws_buffer_init(&socket->message, allocator);
  socket->timer = ws_io_timer_new(io, ws_socket_on_timer, socket);
  if (socket->timer == NULL) {
    ws_socket_destroy(socket);
    return NULL;
  }
  return socket;
}

static void free_text(const struct ws_websocket *socket, char *text) {
  if (text != NULL) {
    socket->allocator->resize(socket->allocator->user, text, strlen(text) + 1,
                              0);
  }
}

void ws_socket_destroy(struct ws_websocket *socket) {
  ws_socket_drop_listeners(socket);
  free_text(socket, socket->url);
  free_text(socket, socket->origin);
  free_text(socket, socket->protocol);
  free_text(socket, socket->extensions);
  ws_io_timer_free(socket->timer);
  socket->allocator->resize(socket->allocator->user, socket, sizeof(*socket),
                            0);
}

bool ws_socket_copy(struct ws_websocket *socket, char **out,
                    struct ws_slice text) {
  *out = NULL;
  if (text.len == 0) {
    return true;
  }
  char *copy =
      socket->allocator->resize(socket->allocator->user, NULL, 0, text.len + 1);
  if (copy == NULL) {
    return false;
  }
  memcpy(copy, text.data, text.len);
  copy[text.len] = '\0';
  *out = copy;
  return true;
}

/* Attributes ------------------------------------------------------------- */

static const char *or_empty(const char *text) {
  return text != NULL ? text : "";
}

enum ws_ready_state
ws_websocket_ready_state(const struct ws_websocket *socket) {
  return socket->state;
}

const char *ws_websocket_url(const struct ws_websocket *socket) {
  return or_empty(socket->url);
}

const char *ws_websocket_protocol(const struct ws_websocket *socket) {
  return or_empty(socket->protocol);
}

const char *ws_websocket_extensions(const struct ws_websocket *socket) {
  return socket->state == WS_CONNECTING ? "" : or_empty(socket->extensions);
}

uint64_t ws_websocket_buffered_amount(const struct ws_websocket *socket) {
  return socket->buffered;
}

enum ws_binary_type
ws_websocket_binary_type(const struct ws_websocket *socket) {
  return socket->binary_type;
}

void ws_websocket_set_binary_type(struct ws_websocket *socket,
                                  enum ws_binary_type type) {
  if (type == WS_BINARY_BLOB || type == WS_BINARY_ARRAY) {
    socket->binary_type = type;
  }
}

enum ws_role ws_websocket_role(const struct ws_websocket *socket) {
  return socket->role;
}

const struct ws_http_head *
ws_websocket_response(const struct ws_websocket *socket) {
  return socket->response;
}

const char *ws_websocket_failure(const struct ws_websocket *socket) {
  return socket->failure;
}

enum ws_fault ws_websocket_fault(const struct ws_websocket *socket) {
  return socket->fault;
}

bool ws_websocket_tls_info(const struct ws_websocket *socket,
                           struct ws_tls_info *info) {
  return socket->stream != NULL && ws_tls_info(socket->stream, info);
}
