/* The client's way to an open connection: URL, request, dialling. */
#include <string.h>

#include "websocket_internal.h"

#include "ws/grammar.h"
#include "ws/url.h"

/* WHATWG "new WebSocket(url, protocols)": tokens, none of them twice. */
static bool protocols_valid(const char *const *protocols) {
  for (size_t i = 0; protocols != NULL && protocols[i] != NULL; i++) {
    if (!ws_is_token(ws_slice_of(protocols[i]))) {
      return false;
    }
    for (size_t k = 0; k < i; k++) {
      if (strcmp(protocols[k], protocols[i]) == 0) {
        return false;
      }
    }
  }
  return true;
}

static enum ws_status check(struct ws_url *url, const char *text,
                            const struct ws_websocket_options *options) {
  if (ws_url_parse(url, text, strlen(text)) != WS_URL_OK ||
      !protocols_valid(options->protocols)) {
    return WS_ERR_SYNTAX;
  }
  const struct ws_deflate_config *deflate = options->config.deflate;
  return deflate != NULL ? ws_deflate_config_check(deflate) : WS_OK;
}

static bool keep_url(struct ws_websocket *socket, const struct ws_url *url) {
  char text[WS_URL_MAX + WS_URL_HOST_MAX + 16];
  size_t len = ws_url_write(text, sizeof(text), url);
  if (!ws_socket_copy(socket, &socket->url,
                      (struct ws_slice){(const uint8_t *)text, len})) {
    return false;
  }
  len = ws_url_write_origin(text, sizeof(text), url);
  return ws_socket_copy(socket, &socket->origin,
                        (struct ws_slice){(const uint8_t *)text, len});
}

/* The request is written before the dial: what is wrong with it shows here. */
static enum ws_status
write_request(struct ws_websocket *socket, const struct ws_url *url,
              const struct ws_websocket_options *options) {
  char offer[WS_DEFLATE_VALUE_MAX];
  struct ws_conn_config config = {
      .role = WS_CLIENT,
      .crypto = socket->config.crypto,
      .allocator = socket->allocator,
      .limits = socket->config.limits.conn,
      .manual_close = true,
  };
  struct ws_request_options request = {
      .target = url->target,
      .host = url->authority,
      .origin = options->origin,
      .protocols = options->protocols,
      .headers = options->headers,
      .num_headers = options->num_headers,
  };
  if (socket->config.deflate != NULL) {
    ws_deflate_offer_write(offer, socket->config.deflate);
    request.extensions = offer;
  }
  socket->offered = options->protocols != NULL && options->protocols[0] != NULL;
  socket->conn = ws_conn_new(&config);
  return socket->conn != NULL ? ws_conn_connect(socket->conn, &request)
                              : WS_ERR_NOMEM;
}

static enum ws_status dial(struct ws_websocket *socket,
                           const struct ws_url *url,
                           const struct ws_websocket_options *options) {
  char text[WS_TLS_TEXT_MAX];
  struct ws_tls *tls = options->tls;
  struct ws_tls *own = NULL;
  if (url->secure && tls == NULL) {
    own = ws_tls_client_new(&(struct ws_tls_options){0}, text);
    tls = own;
    if (own == NULL) {
      ws_socket_fail(socket, text, WS_SOCKET_RELEASE);
      return WS_OK;
    }
  }
  struct ws_io_stream *stream = ws_io_dial_host(
      socket->io, options->connect != NULL ? options->connect : url->host,
      options->connect_port != 0 ? options->connect_port : url->port, 0,
      ws_socket_stream_listener(socket));
  if (stream != NULL && url->secure) {
    stream = ws_tls_connect(tls, stream, url->host,
                            ws_socket_stream_listener(socket));
  }
  ws_tls_free(own);
  socket->stream = stream;
  return stream != NULL ? WS_OK : WS_ERR_NOMEM;
}

static enum ws_status begin(struct ws_websocket *socket,
                            const struct ws_url *url,
                            const struct ws_websocket_options *options) {
  if (!keep_url(socket, url)) {
    return WS_ERR_NOMEM;
  }
  enum ws_status status = write_request(socket, url, options);
  if (status == WS_OK) {
    status = dial(socket, url, options);
  }
  /* Behind the dial: reading the system's certificates may take a while. */
  ws_socket_set_deadline(socket, socket->config.timeouts.connect);
  return status;
}

enum ws_status
ws_websocket_connect(struct ws_websocket **out, struct ws_io *io,
                     const char *url,
                     const struct ws_websocket_options *options) {
  static const struct ws_websocket_options defaults;
  struct ws_url parsed;
  *out = NULL;
  options = options != NULL ? options : &defaults;
  enum ws_status status = check(&parsed, url, options);
  if (status != WS_OK) {
    return status;
  }
  struct ws_websocket *socket = ws_socket_new(io, WS_CLIENT, &options->config);
  if (socket == NULL) {
    return WS_ERR_NOMEM;
  }
  status = begin(socket, &parsed, options);
  if (status != WS_OK) {
    ws_conn_free(socket->conn);
    ws_socket_destroy(socket);
    return status;
  }
  socket->num_refs++; /* the connection's */
  ws_socket_wake(socket);
  *out = socket;
  return WS_OK;
}
