#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ws/io.h"

#define OUTPUT_MAX ((size_t)1 << 20)   /* more waiting: the peer is not fed */
#define QUEUE_MAX  ((size_t)256 << 10) /* taken from the peer ahead of time */
#define LINGER     UINT64_C(5000000)   /* for the other side's FIN */
#define TICK_MIN   1000 /* microseconds between ticks, at least */

struct connection;

struct serve {
  struct ws_io *io;
  struct ws_io_server *server;
  struct ws_io_watch *stop; /* NULL: none */
  struct wsc_peer_factory factory;
  struct ws_tls *tls;
  struct connection *connections;
};

struct connection {
  struct serve *serve;
  struct connection *next, **link;
  struct ws_io_stream *stream;
  struct ws_io_stream *tcp; /* below TLS, owned by `stream`; else the same */
  struct ws_io_timer *timer;
  struct wsc_peer *peer;
  uint64_t ticked; /* the last tick */
  bool paused;
};

/* `stream` is the caller's to give up, in the way that fits. */
static void connection_free(struct connection *connection) {
  *connection->link = connection->next;
  if (connection->next != NULL) {
    connection->next->link = connection->link;
  }
  connection->serve->factory.ops->close(connection->peer);
  ws_io_timer_free(connection->timer);
  free(connection);
}

/* Hands over what the peer wants to send, as far as the network takes it, and
 * returns what waits, here and in the peer. */
static size_t send_output(struct connection *connection) {
  const struct wsc_peer_ops *ops = connection->serve->factory.ops;
  const uint8_t *data = NULL;
  size_t len = ops->output(connection->peer, &data);
  while (len != 0) {
    size_t queued = ws_io_unsent(connection->stream);
    if (queued >= QUEUE_MAX) {
      return queued + len;
    }
    size_t room = QUEUE_MAX - queued;
    size_t take = len < room ? len : room;
    if (ws_io_write(connection->stream, data, take) != WS_OK) {
      return SIZE_MAX;
    }
    ops->output_done(connection->peer, take);
    len = ops->output(connection->peer, &data);
  }
  return ws_io_unsent(connection->stream);
}

/* Does what the peer wishes, after each call that may have changed it. The
 * connection may be gone afterwards. */
static void sync(struct connection *connection) {
  const struct wsc_peer_ops *ops = connection->serve->factory.ops;
  struct ws_io_stream *stream = connection->stream;
  const uint8_t *data = NULL;
  bool reset = ops->wish(connection->peer) == WSC_PEER_RESET;
  size_t waiting = reset ? 0 : send_output(connection);
  if (reset || waiting == SIZE_MAX ||
      ops->wish(connection->peer) == WSC_PEER_RESET) {
    connection_free(connection);
    ws_io_reset(stream);
    return;
  }
  if (ops->wish(connection->peer) == WSC_PEER_CLOSE &&
      ops->output(connection->peer, &data) == 0) {
    connection_free(connection);
    ws_io_close(stream, LINGER);
    return;
  }
  if (ops->wish(connection->peer) == WSC_PEER_CUT && waiting == 0) {
    struct ws_io_stream *tcp = connection->tcp;
    connection_free(connection);
    ws_io_finish(tcp); /* what TLS would say at the end comes too late */
    ws_io_close(stream, LINGER);
    return;
  }
  if (connection->paused != (waiting > OUTPUT_MAX)) {
    connection->paused = waiting > OUTPUT_MAX;
    ws_io_pause(stream, connection->paused);
  }
  uint64_t next = connection->ticked + TICK_MIN;
  uint64_t deadline = ops->deadline(connection->peer);
  ws_io_timer_set(connection->timer, deadline > next ? deadline : next);
}

static void on_notice(void *user, const struct ws_io_notice *notice) {
  struct connection *connection = user;
  const struct wsc_peer_ops *ops = connection->serve->factory.ops;
  struct ws_io_stream *stream = connection->stream;
  switch (notice->event) {
  case WS_IO_DATA:
    ops->feed(connection->peer, notice->data, notice->len);
    sync(connection);
    break;
  case WS_IO_FIN:
    ops->feed_eof(connection->peer);
    sync(connection);
    break;
  case WS_IO_DRAINED:
    sync(connection);
    break;
  case WS_IO_FAILED: /* the handshake of TLS */
  case WS_IO_BROKEN:
    connection_free(connection);
    ws_io_release(stream);
    break;
  case WS_IO_UP:
    break;
  }
}

static void on_timer(void *user) {
  struct connection *connection = user;
  connection->ticked = ws_io_now(connection->serve->io);
  connection->serve->factory.ops->tick(connection->peer, connection->ticked);
  sync(connection);
}

static void on_accepted(void *user, struct ws_io_stream *stream) {
  struct serve *serve = user;
  struct ws_io_stream *tcp = stream;
  if (serve->tls != NULL) {
    stream = ws_tls_accept(serve->tls, stream);
    if (stream == NULL) {
      return;
    }
  }
  struct connection *connection = calloc(1, sizeof *connection);
  if (connection == NULL) {
    ws_io_release(stream);
    return;
  }
  connection->serve = serve;
  connection->stream = stream;
  connection->tcp = tcp;
  connection->timer = ws_io_timer_new(serve->io, on_timer, connection);
  connection->peer =
      serve->factory.ops->open(serve->factory.config, ws_io_now(serve->io));
  connection->next = serve->connections;
  connection->link = &serve->connections;
  if (connection->next != NULL) {
    connection->next->link = &connection->next;
  }
  serve->connections = connection;
  if (connection->timer == NULL || connection->peer == NULL) {
    connection_free(connection);
    ws_io_release(stream);
    return;
  }
  ws_io_attach(stream, (struct ws_io_listener){on_notice, connection});
  sync(connection);
}

static void on_signal(void *user, int signum) {
  struct serve *serve = user;
  (void)signum;
  ws_io_stop(serve->io);
}

static void on_stop(void *user) {
  struct serve *serve = user;
  ws_io_stop(serve->io);
}

static void explain(char **error, const struct wsc_serve_options *options,
                    const char *text) {
  size_t size = strlen(options->host) + strlen(text) + 64;
  *error = malloc(size);
  if (*error != NULL) {
    snprintf(*error, size, "cannot listen on %s port %u: %s", options->host,
             (unsigned)options->port, text);
  }
}

/* Opens all that serving needs; false and *text when something cannot be had. */
static bool serve_open(struct serve *serve,
                       const struct wsc_serve_options *options,
                       const char **text) {
  serve->io = ws_io_new();
  if (serve->io == NULL ||
      ws_io_watch_signals(serve->io, on_signal, serve) != WS_OK) {
    *text = "out of memory or descriptors";
    return false;
  }
  if (options->stop_fd != 0) {
    serve->stop = ws_io_watch_new(serve->io, options->stop_fd, on_stop, serve);
    if (serve->stop == NULL) {
      *text = "the descriptor that ends it cannot be watched";
      return false;
    }
  }
  struct ws_io_addresses *addresses =
      ws_io_resolve(serve->io, options->host, options->port, text);
  if (addresses == NULL) {
    return false;
  }
  serve->server = ws_io_listen(
      serve->io, addresses, (struct ws_io_acceptor){on_accepted, serve}, text);
  ws_io_addresses_free(addresses);
  return serve->server != NULL;
}

int wsc_serve(const struct wsc_serve_options *options, char **error) {
  struct serve serve = {.factory = options->factory, .tls = options->tls};
  const char *text = NULL;
  *error = NULL;
  bool open = serve_open(&serve, options, &text);
  if (open) {
    if (options->ready != NULL) {
      options->ready(options->user, options->host,
                     ws_io_server_port(serve.server));
    }
    ws_io_run(serve.io);
  } else {
    explain(error, options, text);
  }
  while (serve.connections != NULL) {
    struct ws_io_stream *stream = serve.connections->stream;
    connection_free(serve.connections);
    ws_io_release(stream);
  }
  ws_io_watch_free(serve.stop);
  ws_io_server_free(serve.server);
  ws_io_free(serve.io);
  return open ? 0 : -1;
}
