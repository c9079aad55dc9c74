/* net.h: the transport over TCP and TLS, on lib/io. */
#ifndef WSC_NET_H
#define WSC_NET_H

#include "transport.h"
#include "ws/tls.h"

struct wsc_net_options {
  const char *host; /* name or literal address; borrowed, copied by new */
  uint16_t port;
  const char *connect;   /* NULL, or "HOST[:PORT]" to dial instead */
  uint64_t dial_timeout; /* microseconds, for TCP and for TLS each; 0: none */
  struct ws_tls *tls;    /* NULL: plain TCP; borrowed until wsc_net_free. It is
                            `host` that a server has to prove to be */
};

/* Resolves the host once. NULL and *error (owned by the caller, free()) when it
 * cannot be resolved or memory is exhausted. */
struct wsc_transport *wsc_net_new(const struct wsc_net_options *options,
                                  char **error);
void wsc_net_free(struct wsc_transport *transport);

/* Makes the running or the next `wait` return false. Safe in a signal handler
 * only through lib/io's signal watch, which wsc_net installs for SIGINT and
 * SIGTERM when `on` is true. */
bool wsc_net_watch_signals(struct wsc_transport *transport);

/* What the first connection that came up agreed on over TLS, and the peer's
 * certificate; NULL: none has. Borrowed. */
const struct ws_tls_info *wsc_net_tls(const struct wsc_transport *transport);

/* What it is called in results: "tcp" or "tls". */
const char *wsc_net_variant(const struct wsc_transport *transport);

/* True once SIGINT or SIGTERM came. */
bool wsc_net_interrupted(const struct wsc_transport *transport);

#endif
