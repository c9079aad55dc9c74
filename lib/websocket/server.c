#include "ws/server.h"

#include "adopt_internal.h"
#include "server_internal.h"

/* Until the server has ended. */
static void look_later(struct ws_server *server) {
  if (server->ending) {
    ws_io_timer_set(server->timer, server->requests == NULL
                                       ? ws_io_now(server->io)
                                       : server->deadline);
  }
}

void ws_server_remove(struct ws_server_request *request) {
  struct ws_server *server = request->server;
  const struct ws_allocator *allocator = server->config.allocator;
  ws_io_release(request->stream);
  ws_io_timer_free(request->timer);
  ws_conn_free(request->conn);
  *request->link = request->next;
  if (request->next != NULL) {
    request->next->link = request->link;
  }
  server->num_connections -= request->phase != WS_SERVER_REFUSED ? 1 : 0;
  allocator->resize(allocator->user, request, sizeof(*request), 0);
  if (server->requests == NULL) {
    look_later(server);
  }
}

/* Ending ----------------------------------------------------------------- */

/* False: the request has to be asked again. */
static bool send_away(struct ws_server_request *request) {
  switch (request->phase) {
  case WS_SERVER_TLS:
    ws_server_remove(request);
    return true;
  case WS_SERVER_HEAD:
    if (!request->heard) {
      ws_server_respond(request, (struct ws_slice){NULL, 0});
      return true;
    }
    ws_server_refuse(request, 503);
    return true;
  case WS_SERVER_WAITING:
    ws_server_refuse(request, 503);
    return true;
  case WS_SERVER_SOCKET:
    /* It has been promised a 101, which is on its way: 1001 comes behind it. */
    if (ws_websocket_ready_state(request->socket) == WS_CONNECTING) {
      return false;
    }
    ws_websocket_go_away(request->socket);
    return true;
  case WS_SERVER_REFUSED:
    break;
  }
  return true;
}

/* All that are here; false: some have to be asked again. */
static bool send_all_away(struct ws_server *server) {
  bool all = true;
  struct ws_server_request *next;
  for (struct ws_server_request *request = server->requests; request != NULL;
       request = next) {
    next = request->next;
    all = send_away(request) && all;
  }
  return all;
}

static void abort_all(struct ws_server *server) {
  struct ws_server_request *next;
  for (struct ws_server_request *request = server->requests; request != NULL;
       request = next) {
    next = request->next;
    if (request->phase == WS_SERVER_SOCKET) {
      ws_websocket_abort(request->socket); /* which is gone in the next turn */
    } else {
      ws_server_remove(request);
    }
  }
}

static void on_timer(void *user) {
  struct ws_server *server = user;
  if (server->requests == NULL) {
    void (*done)(void *user) = server->done;
    server->done = NULL;
    if (done != NULL) {
      done(server->user);
    }
    return;
  }
  if (ws_io_now(server->io) >= server->deadline) {
    server->deadline = WS_IO_NEVER;
    abort_all(server);
  }
  bool all = send_all_away(server);
  look_later(server);
  if (!all) {
    ws_io_timer_set(server->timer, ws_io_now(server->io));
  }
}

void ws_server_shutdown(struct ws_server *server, uint64_t timeout,
                        void (*done)(void *user)) {
  uint64_t deadline = ws_server_time(
      server, timeout != 0 ? timeout : server->config.timeouts.closing);
  ws_io_server_free(server->listener);
  server->listener = NULL;
  if (!server->ending || deadline < server->deadline) {
    server->deadline = deadline;
  }
  server->ending = true;
  if (done != NULL) {
    server->done = done;
  }
  ws_io_timer_set(server->timer, ws_io_now(server->io));
  send_all_away(server);
}

void ws_server_free(struct ws_server *server) {
  if (server == NULL) {
    return;
  }
  const struct ws_allocator *allocator = server->config.allocator;
  server->ending = false;
  while (server->requests != NULL) {
    struct ws_server_request *request = server->requests;
    if (request->phase == WS_SERVER_SOCKET) {
      ws_websocket_disown(request->socket);
      ws_websocket_abort(request->socket);
    } else if (request->phase != WS_SERVER_REFUSED) {
      ws_io_reset(request->stream);
      request->stream = NULL;
    }
    ws_server_remove(request);
  }
  ws_io_server_free(server->listener);
  ws_io_timer_free(server->timer);
  ws_tls_free(server->tls);
  allocator->resize(allocator->user, server, sizeof(*server), 0);
}

/* Beginning -------------------------------------------------------------- */

static void on_accepted(void *user, struct ws_io_stream *stream) {
  struct ws_server *server = user;
  if (server->max_connections != 0 &&
      server->num_connections >= server->max_connections) {
    ws_server_turn_away(server, stream);
  } else {
    ws_server_open(server, stream);
  }
}

static struct ws_server *server_new(struct ws_io *io,
                                    const struct ws_server_options *options) {
  struct ws_websocket_config config;
  ws_websocket_fill_config(&config, &options->config);
  const struct ws_allocator *allocator = config.allocator;
  struct ws_server *server =
      allocator->resize(allocator->user, NULL, 0, sizeof(*server));
  if (server == NULL) {
    return NULL;
  }
  *server = (struct ws_server){
      .io = io,
      .config = config,
      .tls = options->tls != NULL ? ws_tls_ref(options->tls) : NULL,
      .max_connections = options->max_connections,
      .request = options->request,
      .gone = options->gone,
      .user = options->user,
      .timer = ws_io_timer_new(io, on_timer, server),
  };
  if (server->timer == NULL) {
    ws_server_free(server);
    return NULL;
  }
  return server;
}

static bool listen_on(struct ws_server *server,
                      const struct ws_server_options *options,
                      const char **text) {
  struct ws_io_addresses *addresses = ws_io_resolve(
      server->io, options->host != NULL ? options->host : "127.0.0.1",
      options->port, text);
  if (addresses == NULL) {
    return false;
  }
  server->listener =
      ws_io_listen(server->io, addresses,
                   (struct ws_io_acceptor){on_accepted, server}, text);
  ws_io_addresses_free(addresses);
  if (server->listener == NULL) {
    return false;
  }
  server->port = ws_io_server_port(server->listener);
  return true;
}

struct ws_server *ws_server_listen(struct ws_io *io,
                                   const struct ws_server_options *options,
                                   const char **text) {
  const struct ws_deflate_config *deflate = options->config.deflate;
  if (options->request == NULL) {
    *text = "nobody takes requests";
    return NULL;
  }
  if (deflate != NULL && ws_deflate_config_check(deflate) != WS_OK) {
    *text = "an option of permessage-deflate is out of its range";
    return NULL;
  }
  struct ws_server *server = server_new(io, options);
  if (server == NULL) {
    *text = ws_status_text(WS_ERR_NOMEM);
    return NULL;
  }
  if (!listen_on(server, options, text)) {
    ws_server_free(server);
    return NULL;
  }
  return server;
}

uint16_t ws_server_port(const struct ws_server *server) {
  return server->port;
}

size_t ws_server_num_connections(const struct ws_server *server) {
  return server->num_connections;
}
