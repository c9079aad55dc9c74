#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io_internal.h"

/* A resolution that runs in libuv's pool; outlives a stream that is released
 * meanwhile. */
struct resolution {
  uv_getaddrinfo_t req;
  struct ws_io_dialing *dialing; /* NULL: given up */
};

struct ws_io_dialing {
  struct ws_io_tcp *tcp;
  struct ws_io_addresses *addresses;
  size_t next; /* address to try */
  struct resolution *resolution;
  struct ws_io_timer *timer;
};

/* -- addresses ---------------------------------------------------------- */

static struct ws_io_addresses *addresses_from(const struct addrinfo *list) {
  size_t num = 0;
  for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
    num++;
  }
  struct ws_io_addresses *addresses =
      calloc(1, sizeof *addresses + num * sizeof addresses->items[0]);
  if (addresses == NULL) {
    return NULL;
  }
  for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
    if (ai->ai_addrlen <= sizeof addresses->items[0]) {
      memcpy(&addresses->items[addresses->num++], ai->ai_addr, ai->ai_addrlen);
    }
  }
  return addresses;
}

static int resolve(struct ws_io *io, uv_getaddrinfo_t *req, const char *host,
                   uint16_t port, uv_getaddrinfo_cb callback) {
  struct addrinfo hints = {0};
  char name[256]; /* a DNS name has at most 253 characters */
  char service[8];
  size_t len = strlen(host);
  if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
    host++; /* as URLs write IPv6 addresses, RFC 3986 3.2.2 */
    len -= 2;
  }
  if (len >= sizeof name) {
    return UV_ENAMETOOLONG;
  }
  memcpy(name, host, len);
  name[len] = '\0';
  snprintf(service, sizeof service, "%u", (unsigned)port);
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  return uv_getaddrinfo(&io->loop, req, callback, name, service, &hints);
}

struct ws_io_addresses *ws_io_resolve(struct ws_io *io, const char *host,
                                      uint16_t port, const char **text) {
  uv_getaddrinfo_t req;
  int error = resolve(io, &req, host, port, NULL);
  if (error != 0) {
    *text = uv_strerror(error);
    return NULL;
  }
  struct ws_io_addresses *addresses = addresses_from(req.addrinfo);
  uv_freeaddrinfo(req.addrinfo);
  if (addresses == NULL) {
    *text = uv_strerror(UV_ENOMEM);
  }
  return addresses;
}

void ws_io_addresses_free(struct ws_io_addresses *addresses) {
  free(addresses);
}

/* -- dialing ------------------------------------------------------------ */

void ws_io_dialing_free(struct ws_io_dialing *dialing) {
  if (dialing == NULL) {
    return;
  }
  if (dialing->resolution != NULL) {
    dialing->resolution->dialing = NULL;
    uv_cancel((uv_req_t *)&dialing->resolution->req);
  }
  ws_io_timer_free(dialing->timer);
  ws_io_addresses_free(dialing->addresses);
  free(dialing);
}

static void dial_end(struct ws_io_tcp *tcp) {
  ws_io_dialing_free(tcp->dialing);
  tcp->dialing = NULL;
}

/* Told in the next turn: it may happen inside ws_io_dial. */
static void dial_failed(struct ws_io_tcp *tcp, const char *text) {
  dial_end(tcp);
  ws_io_handle_close(tcp->handle);
  tcp->handle = NULL;
  tcp->failed = text;
  ws_io_defer(&tcp->base);
}

static void dial_next(struct ws_io_tcp *tcp, int error);

static void on_connect(uv_connect_t *req, int status) {
  struct ws_io_tcp *tcp = req->handle->data;
  if (tcp == NULL) {
    return;
  }
  if (status != 0) {
    dial_next(tcp, status);
    return;
  }
  dial_end(tcp);
  ws_io_tcp_opened(tcp);
}

/* Tries the next address; `error` is what the one before failed with. */
static void dial_next(struct ws_io_tcp *tcp, int error) {
  struct ws_io_dialing *dialing = tcp->dialing;
  while (dialing->next < dialing->addresses->num) {
    const struct sockaddr_storage *address =
        &dialing->addresses->items[dialing->next++];
    ws_io_handle_close(tcp->handle);
    tcp->handle = ws_io_handle_new(tcp->base.io);
    if (tcp->handle == NULL) {
      error = UV_ENOMEM;
      break;
    }
    tcp->handle->tcp.data = tcp;
    error = uv_tcp_connect(&tcp->handle->connect, &tcp->handle->tcp,
                           (const struct sockaddr *)address, on_connect);
    if (error == 0) {
      return;
    }
  }
  dial_failed(tcp, uv_strerror(error));
}

static void on_timeout(void *user) {
  dial_failed(user, uv_strerror(UV_ETIMEDOUT));
}

static void on_resolved(uv_getaddrinfo_t *req, int status,
                        struct addrinfo *list) {
  struct resolution *resolution = req->data;
  struct ws_io_dialing *dialing = resolution->dialing;
  free(resolution);
  if (dialing != NULL) {
    struct ws_io_tcp *tcp = dialing->tcp;
    dialing->resolution = NULL;
    dialing->addresses = status == 0 ? addresses_from(list) : NULL;
    if (status == 0 && dialing->addresses != NULL) {
      dial_next(tcp, UV_EAI_NODATA);
    } else {
      dial_failed(tcp, uv_strerror(status != 0 ? status : UV_ENOMEM));
    }
  }
  uv_freeaddrinfo(list);
}

/* A stream about to dial, or NULL: out of memory. */
static struct ws_io_tcp *dial_new(struct ws_io *io, uint64_t timeout,
                                  struct ws_io_listener listener) {
  struct ws_io_tcp *tcp = ws_io_tcp_new(io);
  if (tcp == NULL) {
    return NULL;
  }
  tcp->base.listener = listener;
  tcp->attached = true;
  tcp->dialing = calloc(1, sizeof *tcp->dialing);
  if (tcp->dialing == NULL) {
    ws_io_release(&tcp->base);
    return NULL;
  }
  tcp->dialing->tcp = tcp;
  if (timeout != 0) {
    tcp->dialing->timer = ws_io_timer_new(io, on_timeout, tcp);
    if (tcp->dialing->timer == NULL) {
      ws_io_release(&tcp->base);
      return NULL;
    }
    ws_io_timer_set(tcp->dialing->timer, ws_io_in(io, timeout));
  }
  return tcp;
}

struct ws_io_stream *ws_io_dial(struct ws_io *io,
                                const struct ws_io_addresses *addresses,
                                uint64_t timeout,
                                struct ws_io_listener listener) {
  struct ws_io_tcp *tcp = dial_new(io, timeout, listener);
  if (tcp == NULL) {
    return NULL;
  }
  size_t len = sizeof *addresses + addresses->num * sizeof addresses->items[0];
  tcp->dialing->addresses = malloc(len);
  if (tcp->dialing->addresses == NULL) {
    ws_io_release(&tcp->base);
    return NULL;
  }
  memcpy(tcp->dialing->addresses, addresses, len);
  dial_next(tcp, UV_EAI_NODATA);
  return &tcp->base;
}

struct ws_io_stream *ws_io_dial_host(struct ws_io *io, const char *host,
                                     uint16_t port, uint64_t timeout,
                                     struct ws_io_listener listener) {
  struct ws_io_tcp *tcp = dial_new(io, timeout, listener);
  if (tcp == NULL) {
    return NULL;
  }
  struct resolution *resolution = malloc(sizeof *resolution);
  if (resolution == NULL) {
    ws_io_release(&tcp->base);
    return NULL;
  }
  int error = resolve(io, &resolution->req, host, port, on_resolved);
  if (error != 0) {
    free(resolution);
    dial_failed(tcp, uv_strerror(error));
    return &tcp->base;
  }
  resolution->req.data = resolution;
  resolution->dialing = tcp->dialing;
  tcp->dialing->resolution = resolution;
  return &tcp->base;
}
