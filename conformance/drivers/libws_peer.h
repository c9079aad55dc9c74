/* libws_peer.h: libws' own server as a peer in memory: an echo server on
 * ws_conn. `wsspec echo` serves it over TCP, the simulated network dials it. */
#ifndef WSC_LIBWS_PEER_H
#define WSC_LIBWS_PEER_H

#include <stdbool.h>

#include "ws/crypto.h"

#include "peer.h"

struct wsc_libws_config {
  const struct ws_crypto *crypto; /* borrowed; never NULL */
  const char *const *protocols;   /* subprotocols it speaks; NULL-ended; may be
                                     NULL */
  uint64_t max_message;           /* bytes; 0: 64 MiB */
  bool commands;                  /* takes those of testee.h */
};

/* A table whose factory config is a struct wsc_libws_config. It echoes each
 * message with its type, on the path "/" and any other; accepts
 * permessage-deflate, and compresses the echoes of compressed messages; answers
 * pings; runs the closing handshake; ends a connection whose opening handshake
 * takes longer than 10 s or whose closing handshake longer than 5 s. */
extern const struct wsc_peer_ops wsc_libws_peer;

#endif
