/* serve.h: serves peers that live in memory over TCP and TLS, on lib/io. */
#ifndef WSC_SERVE_H
#define WSC_SERVE_H

#include "peer.h"
#include "ws/tls.h"

struct wsc_serve_options {
  struct wsc_peer_factory factory;
  const char *host;   /* address to listen on */
  uint16_t port;      /* 0: any; `ready` is told which */
  struct ws_tls *tls; /* NULL: plain TCP; borrowed for the call */
  int stop_fd;        /* serving ends when it is readable; 0: none */
  /* Called once when the listener is ready. May be NULL. */
  void (*ready)(void *user, const char *host, uint16_t port);
  void *user;
};

/* Serves until SIGINT, SIGTERM or `stop_fd`. 0 then; else -1 and *error (free())
 * says what to do. Back-pressure is real: a connection whose peer does not read
 * is not read either. */
int wsc_serve(const struct wsc_serve_options *options, char **error);

#endif
