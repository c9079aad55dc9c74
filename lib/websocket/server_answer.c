/* The user's answer to a request. */
#include <string.h>

#include "adopt_internal.h"
#include "server_internal.h"

const struct ws_request *
ws_server_request_head(const struct ws_server_request *request) {
  return request->head;
}

void ws_server_request_set_user(struct ws_server_request *request, void *user) {
  request->user = user;
}

void *ws_server_request_user(const struct ws_server_request *request) {
  return request->user;
}

const char *ws_server_choose_protocol(const struct ws_server_request *request,
                                      const char *const *protocols) {
  struct ws_field_list offered;
  struct ws_slice name;
  ws_field_list_init(&offered, request->head->head, "Sec-WebSocket-Protocol");
  while (ws_field_list_next(&offered, &name)) {
    for (size_t i = 0; protocols[i] != NULL; i++) {
      if (ws_slice_equals(name, protocols[i])) {
        return protocols[i];
      }
    }
  }
  return NULL;
}

/* Accepting -------------------------------------------------------------- */

/* What the 101 says of permessage-deflate. */
struct agreement {
  bool agreed;
  struct ws_deflate_params params;
  char value[WS_DEFLATE_VALUE_MAX];
};

static void agree(struct agreement *agreement,
                  const struct ws_server_request *request) {
  const struct ws_deflate_config *config = request->server->config.deflate;
  *agreement = (struct agreement){0};
  agreement->agreed =
      config != NULL &&
      ws_deflate_choose(&agreement->params, config, request->head->head);
  if (agreement->agreed) {
    ws_deflate_answer_write(agreement->value, &agreement->params);
  }
}

/* Puts the extension to use, directly behind the 101. */
static enum ws_status set_transform(struct ws_server_request *request,
                                    const struct agreement *agreement,
                                    struct ws_deflate **deflate) {
  const struct ws_websocket_config *config = &request->server->config;
  *deflate = NULL;
  if (!agreement->agreed) {
    return WS_OK;
  }
  *deflate = ws_deflate_new(WS_SERVER, &agreement->params, config->deflate,
                            config->allocator);
  if (*deflate == NULL) {
    return WS_ERR_NOMEM;
  }
  struct ws_transform transform = ws_deflate_transform(*deflate);
  return ws_conn_set_transform(request->conn, &transform);
}

/* The 101 leaves at once: whatever becomes of the socket, it was promised. */
static enum ws_status send_output(struct ws_server_request *request) {
  struct ws_slice output = ws_conn_output(request->conn);
  enum ws_status status = ws_io_write(request->stream, output.data, output.len);
  if (status == WS_OK) {
    ws_conn_output_done(request->conn, output.len);
  }
  return status;
}

static void on_socket_gone(void *user, struct ws_websocket *socket) {
  (void)socket;
  ws_server_remove(user);
}

static enum ws_status adopt(struct ws_websocket **socket,
                            struct ws_server_request *request,
                            const struct agreement *agreement,
                            const char *origin) {
  struct ws_adoption adoption = {
      .io = request->server->io,
      .config = &request->server->config,
      .conn = request->conn,
      .stream = request->stream,
      .fin = request->fin,
      .origin = origin,
      .extensions = agreement->agreed ? agreement->value : NULL,
      .gone = on_socket_gone,
      .user = request,
  };
  enum ws_status status = set_transform(request, agreement, &adoption.deflate);
  if (status == WS_OK) {
    status = send_output(request);
  }
  if (status == WS_OK && request->fin) {
    ws_conn_feed_eof(request->conn);
  }
  if (status == WS_OK) {
    status = ws_websocket_adopt(socket, &adoption);
  }
  if (status != WS_OK) {
    /* The connection first: its transform borrows. */
    ws_conn_free(request->conn);
    request->conn = NULL;
    ws_deflate_free(adoption.deflate);
    return status;
  }
  ws_io_timer_free(request->timer);
  request->timer = NULL;
  request->conn = NULL;
  request->stream = NULL;
  request->head = NULL;
  request->phase = WS_SERVER_SOCKET;
  request->socket = *socket;
  return WS_OK;
}

/* NUL-terminated; the head with the original goes. */
static char *copy_origin(const struct ws_server_request *request, size_t *len) {
  const struct ws_allocator *allocator = request->server->config.allocator;
  struct ws_slice origin = request->head->origin;
  *len = origin.len + 1;
  char *copy = allocator->resize(allocator->user, NULL, 0, *len);
  if (copy != NULL) {
    if (origin.len != 0) {
      memcpy(copy, origin.data, origin.len);
    }
    copy[origin.len] = '\0';
  }
  return copy;
}

enum ws_status ws_server_accept(struct ws_websocket **socket,
                                struct ws_server_request *request,
                                const char *protocol,
                                const struct ws_header *headers,
                                size_t num_headers) {
  *socket = NULL;
  if (request->phase != WS_SERVER_WAITING) {
    return WS_ERR_STATE;
  }
  const struct ws_allocator *allocator = request->server->config.allocator;
  size_t origin_len;
  char *origin = copy_origin(request, &origin_len);
  struct agreement agreement;
  agree(&agreement, request);
  const struct ws_accept_options options = {
      .protocol = protocol,
      .extensions = agreement.agreed ? agreement.value : NULL,
      .headers = headers,
      .num_headers = num_headers,
  };
  enum ws_status status = WS_ERR_NOMEM;
  if (origin != NULL) {
    status = ws_conn_accept(request->conn, &options);
  }
  if (status == WS_OK) {
    status = adopt(socket, request, &agreement, origin);
  }
  if (origin != NULL) {
    allocator->resize(allocator->user, origin, origin_len, 0);
  }
  if (status != WS_OK && status != WS_ERR_ARGUMENT) {
    ws_server_remove(request);
  }
  return status;
}

/* Rejecting -------------------------------------------------------------- */

enum ws_status ws_server_reject(struct ws_server_request *request,
                                const struct ws_reject_options *options) {
  size_t len;
  if (request->phase != WS_SERVER_WAITING) {
    return WS_ERR_STATE;
  }
  if (options->status < 300 ||
      ws_response_write_reject(NULL, 0, &len, options) == WS_ERR_ARGUMENT) {
    return WS_ERR_ARGUMENT;
  }
  const struct ws_allocator *allocator = request->server->config.allocator;
  uint8_t *out = allocator->resize(allocator->user, NULL, 0, len);
  if (out == NULL) {
    ws_server_remove(request);
    return WS_ERR_NOMEM;
  }
  size_t cap = len;
  ws_response_write_reject(out, cap, &len, options);
  ws_server_respond(request, (struct ws_slice){out, len});
  allocator->resize(allocator->user, out, cap, 0);
  return WS_OK;
}
