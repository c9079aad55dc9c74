#include <netinet/in.h>
#include <stdlib.h>

#include "io_internal.h"

struct ws_io_server {
  uv_tcp_t tcp;
  struct ws_io *io;
  struct ws_io_acceptor acceptor;
  /* Takes a connection for which there is no memory, to close it: libuv stops
   * listening while one is not taken. */
  uv_tcp_t shed;
  bool shedding;
  bool gone;
};

static void on_connection(uv_stream_t *handle, int status);

static void on_closed(uv_handle_t *handle) {
  struct ws_io_server *server = handle->data;
  if (!server->shedding) {
    free(server);
  } else {
    server->gone = true; /* on_shed frees it */
  }
}

static void on_shed(uv_handle_t *handle) {
  struct ws_io_server *server = handle->data;
  server->shedding = false;
  if (server->gone) {
    free(server);
  } else if (!uv_is_closing((uv_handle_t *)&server->tcp)) {
    on_connection((uv_stream_t *)&server->tcp, 0);
  }
}

static void shed(struct ws_io_server *server) {
  if (server->shedding) {
    return; /* on_shed goes on with the next */
  }
  uv_tcp_init(&server->io->loop, &server->shed);
  server->shed.data = server;
  server->shedding = true;
  uv_accept((uv_stream_t *)&server->tcp, (uv_stream_t *)&server->shed);
  uv_close((uv_handle_t *)&server->shed, on_shed);
}

static void on_connection(uv_stream_t *handle, int status) {
  struct ws_io_server *server = handle->data;
  if (status != 0) {
    /* Out of descriptors: libuv has refused those that waited. Others, such as
     * ECONNABORTED, concern a connection that is gone. */
    return;
  }
  struct ws_io_tcp *tcp = ws_io_tcp_new(server->io);
  if (tcp != NULL) {
    tcp->handle = ws_io_handle_new(server->io);
  }
  if (tcp == NULL || tcp->handle == NULL) {
    shed(server);
    ws_io_release(tcp == NULL ? NULL : &tcp->base);
    return;
  }
  if (uv_accept(handle, (uv_stream_t *)&tcp->handle->tcp) != 0) {
    ws_io_release(&tcp->base);
    return;
  }
  tcp->handle->tcp.data = tcp;
  uv_tcp_nodelay(&tcp->handle->tcp, 1);
  tcp->up = true;
  server->acceptor.accepted(server->acceptor.user, &tcp->base);
}

static int listen_on(struct ws_io_server *server,
                     const struct sockaddr_storage *address) {
  int error = uv_tcp_bind(&server->tcp, (const struct sockaddr *)address, 0);
  if (error == 0) {
    error = uv_listen((uv_stream_t *)&server->tcp, SOMAXCONN, on_connection);
  }
  return error;
}

static struct ws_io_server *server_new(struct ws_io *io,
                                       struct ws_io_acceptor acceptor) {
  struct ws_io_server *server = calloc(1, sizeof *server);
  if (server != NULL) {
    server->io = io;
    server->acceptor = acceptor;
    uv_tcp_init(&io->loop, &server->tcp);
    server->tcp.data = server;
  }
  return server;
}

struct ws_io_server *ws_io_listen(struct ws_io *io,
                                  const struct ws_io_addresses *addresses,
                                  struct ws_io_acceptor acceptor,
                                  const char **text) {
  int error = UV_EAI_NODATA;
  for (size_t i = 0; i < addresses->num; i++) {
    struct ws_io_server *server = server_new(io, acceptor);
    if (server == NULL) {
      error = UV_ENOMEM;
      break;
    }
    error = listen_on(server, &addresses->items[i]);
    if (error == 0) {
      return server;
    }
    ws_io_server_free(server);
  }
  *text = uv_strerror(error);
  return NULL;
}

uint16_t ws_io_server_port(const struct ws_io_server *server) {
  struct sockaddr_storage address = {0};
  int len = sizeof address;
  if (uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&address, &len)) {
    return 0;
  }
  /* The port stands at the same place in both families. */
  return ntohs(address.ss_family == AF_INET6
                   ? ((const struct sockaddr_in6 *)&address)->sin6_port
                   : ((const struct sockaddr_in *)&address)->sin_port);
}

void ws_io_server_free(struct ws_io_server *server) {
  if (server != NULL) {
    uv_close((uv_handle_t *)&server->tcp, on_closed);
  }
}
