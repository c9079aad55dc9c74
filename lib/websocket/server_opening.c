/* A connection from its first octet to its request, and a refused one to its
 * end. */
#include "server_internal.h"

#define LINGER_MAX  UINT64_C(2000000)
#define REFUSAL_MAX 256 /* octets of a refusal of our own */

uint64_t ws_server_time(const struct ws_server *server, uint64_t by) {
  uint64_t now = ws_io_now(server->io);
  return by > WS_IO_NEVER - now ? WS_IO_NEVER : now + by;
}

uint64_t ws_server_linger(const struct ws_server *server) {
  uint64_t closing = server->config.timeouts.closing;
  return closing < LINGER_MAX ? closing : LINGER_MAX;
}

static void set_deadline(struct ws_server_request *request, uint64_t timeout) {
  ws_io_timer_set(request->timer, ws_server_time(request->server, timeout));
}

/* Refusing --------------------------------------------------------------- */

static struct ws_slice write_refusal(uint8_t out[REFUSAL_MAX],
                                     uint16_t status) {
  const struct ws_reject_options options = {.status = status};
  size_t len = 0;
  enum ws_status written =
      ws_response_write_reject(out, REFUSAL_MAX, &len, &options);
  return (struct ws_slice){out, written == WS_OK ? len : 0};
}

/* The request is REFUSED from then on; its stream may be lost already. */
static void begin_end(struct ws_server_request *request,
                      struct ws_slice response) {
  request->phase = WS_SERVER_REFUSED;
  request->server->num_connections--;
  if (request->stream != NULL && response.len != 0 &&
      ws_io_write(request->stream, response.data, response.len) != WS_OK) {
    ws_io_release(request->stream);
    request->stream = NULL;
  }
  if (request->stream != NULL) {
    ws_io_finish(request->stream);
    set_deadline(request, ws_server_linger(request->server));
  }
}

/* Both sides have ended the stream, or it is lost. */
static bool has_ended(const struct ws_server_request *request) {
  return request->stream == NULL ||
         (request->fin && ws_io_unsent(request->stream) == 0);
}

static void try_end(struct ws_server_request *request) {
  if (has_ended(request)) {
    ws_server_remove(request);
  }
}

void ws_server_respond(struct ws_server_request *request,
                       struct ws_slice response) {
  begin_end(request, response);
  try_end(request);
}

void ws_server_refuse(struct ws_server_request *request, uint16_t status) {
  uint8_t out[REFUSAL_MAX];
  ws_server_respond(request, write_refusal(out, status));
}

void ws_server_turn_away(struct ws_server *server,
                         struct ws_io_stream *stream) {
  uint8_t out[REFUSAL_MAX];
  struct ws_slice refusal = write_refusal(out, 503);
  /* A handshake of TLS for a refusal is what a flood would want. */
  if (server->tls != NULL ||
      ws_io_write(stream, refusal.data, refusal.len) != WS_OK) {
    ws_io_release(stream);
    return;
  }
  ws_io_close(stream, ws_server_linger(server));
}

/* Octets ----------------------------------------------------------------- */

/* A request that waits gets its answer from us, and the user hears of it. */
static void abandon(struct ws_server_request *request, uint16_t status) {
  struct ws_server *server = request->server;
  uint8_t out[REFUSAL_MAX];
  begin_end(request, write_refusal(out, status));
  if (has_ended(request)) {
    /* It has to be there while the user is told: the timer removes it. */
    set_deadline(request, 0);
  }
  if (server->gone != NULL) {
    server->gone(server->user, request);
  }
}

static void pump(struct ws_server_request *request) {
  struct ws_server *server = request->server;
  struct ws_event event;
  bool over = false;
  /* To the end, also behind the request: what came with it is kept then. */
  while (ws_conn_next(request->conn, &event)) {
    over = over || event.type == WS_EVENT_END;
    if (event.type == WS_EVENT_REQUEST) {
      request->head = event.request;
    }
  }
  if (over) {
    ws_server_respond(request, ws_conn_output(request->conn));
  } else if (request->head != NULL) {
    request->phase = WS_SERVER_WAITING;
    server->request(server->user, request);
  }
}

/* RFC 6455 4.1: "Once the client's opening handshake has been sent, the client
 * MUST wait for a response from the server before sending any further data."
 * What comes all the same is kept, up to a limit. */
static void receive_early(struct ws_server_request *request, uint8_t *data,
                          size_t len) {
  enum ws_status status = ws_conn_feed(request->conn, data, len);
  if (status != WS_OK) {
    abandon(request, status == WS_ERR_LIMIT ? 400 : 503);
  }
}

static void receive(struct ws_server_request *request, uint8_t *data,
                    size_t len) {
  request->heard = true;
  if (request->phase == WS_SERVER_WAITING) {
    receive_early(request, data, len);
  } else if (request->phase == WS_SERVER_HEAD) {
    ws_conn_feed(request->conn, data, len); /* pump finds a failure */
    pump(request);
  }
}

static void receive_end(struct ws_server_request *request) {
  request->fin = true;
  if (request->phase == WS_SERVER_HEAD) {
    ws_conn_feed_eof(request->conn);
    pump(request);
  } else if (request->phase == WS_SERVER_REFUSED) {
    try_end(request);
  }
  /* A client that waits for its answer can still read it. */
}

static void lose(struct ws_server_request *request) {
  ws_io_release(request->stream);
  request->stream = NULL;
  if (request->phase == WS_SERVER_WAITING) {
    abandon(request, 503);
  } else {
    ws_server_remove(request);
  }
}

static void on_notice(void *user, const struct ws_io_notice *notice) {
  struct ws_server_request *request = user;
  switch (notice->event) {
  case WS_IO_UP:
    request->phase = WS_SERVER_HEAD;
    set_deadline(request, request->server->config.timeouts.opening);
    break;
  case WS_IO_DATA:
    receive(request, notice->data, notice->len);
    break;
  case WS_IO_FIN:
    receive_end(request);
    break;
  case WS_IO_DRAINED:
    if (request->phase == WS_SERVER_REFUSED) {
      try_end(request);
    }
    break;
  case WS_IO_FAILED:
  case WS_IO_BROKEN:
    lose(request);
    break;
  }
}

/* Time ------------------------------------------------------------------- */

static void on_timer(void *user) {
  struct ws_server_request *request = user;
  switch (request->phase) {
  case WS_SERVER_HEAD:
    /* RFC 9110 15.5.9: 408 is for who "did not receive a complete request
     * message within the time that it was prepared to wait". */
    if (request->heard) {
      ws_server_refuse(request, 408);
    } else {
      ws_server_respond(request, (struct ws_slice){NULL, 0});
    }
    break;
  case WS_SERVER_WAITING: /* not the client's fault */
    abandon(request, 503);
    break;
  case WS_SERVER_TLS:
  case WS_SERVER_REFUSED:
  case WS_SERVER_SOCKET: /* has none */
    ws_server_remove(request);
    break;
  }
}

/* Making ----------------------------------------------------------------- */

static struct ws_server_request *request_new(struct ws_server *server) {
  const struct ws_allocator *allocator = server->config.allocator;
  struct ws_server_request *request =
      allocator->resize(allocator->user, NULL, 0, sizeof(*request));
  if (request == NULL) {
    return NULL;
  }
  *request = (struct ws_server_request){
      .server = server,
      .next = server->requests,
      .link = &server->requests,
      .phase = server->tls != NULL ? WS_SERVER_TLS : WS_SERVER_HEAD,
  };
  if (request->next != NULL) {
    request->next->link = &request->next;
  }
  server->requests = request;
  server->num_connections++;
  const struct ws_conn_config config = {
      .role = WS_SERVER,
      .crypto = server->config.crypto,
      .allocator = allocator,
      .limits = server->config.limits.conn,
      .manual_close = true,
  };
  request->conn = ws_conn_new(&config);
  request->timer = ws_io_timer_new(server->io, on_timer, request);
  if (request->conn == NULL || request->timer == NULL) {
    ws_server_remove(request);
    return NULL;
  }
  return request;
}

void ws_server_open(struct ws_server *server, struct ws_io_stream *stream) {
  struct ws_server_request *request = request_new(server);
  if (request == NULL) {
    ws_io_release(stream);
    return;
  }
  if (server->tls != NULL) {
    stream = ws_tls_accept(server->tls, stream);
  }
  request->stream = stream;
  if (stream == NULL) {
    ws_server_remove(request);
    return;
  }
  set_deadline(request, server->tls != NULL ? server->config.timeouts.connect
                                            : server->config.timeouts.opening);
  ws_io_attach(stream, (struct ws_io_listener){on_notice, request});
}
