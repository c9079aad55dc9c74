/* peer.h: a peer that lives in memory.
 *
 * A sans-I/O endpoint behind a table: bytes in, bytes out, a wish to close, a
 * deadline. The simulated network dials it; conformance/drivers serves the same
 * object over TCP. The libws echo peer and the faulty peer implement it. */
#ifndef WSC_PEER_H
#define WSC_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wsc_peer_wish {
  WSC_PEER_STAY,  /* keep the connection */
  WSC_PEER_CLOSE, /* send what is queued, then close in order (FIN) */
  WSC_PEER_CUT,   /* the same, but over TLS without its close_notify */
  WSC_PEER_RESET  /* break the connection now (RST), queued output is lost */
};

struct wsc_peer; /* one accepted connection */

struct wsc_peer_ops {
  const char *name; /* "libws", "faulty" */

  /* A new connection at time `now` (microseconds). `config` is the table's
   * own, see wsc_peer_factory. NULL: out of memory. */
  struct wsc_peer *(*open)(const void *config, uint64_t now);

  /* Bytes from the network, in a buffer that the peer may change (unmasking in
   * place) and that is borrowed for the call. */
  void (*feed)(struct wsc_peer *peer, uint8_t *data, size_t len);

  /* The other side ended its direction in order. */
  void (*feed_eof)(struct wsc_peer *peer);

  /* The bytes waiting to be sent, borrowed until the next call on the peer;
   * 0 when there are none. */
  size_t (*output)(struct wsc_peer *peer, const uint8_t **data);
  void (*output_done)(struct wsc_peer *peer, size_t len);

  enum wsc_peer_wish (*wish)(const struct wsc_peer *peer);

  /* When `tick` wants to be called; UINT64_MAX: never. */
  uint64_t (*deadline)(const struct wsc_peer *peer);
  void (*tick)(struct wsc_peer *peer, uint64_t now);

  void (*close)(struct wsc_peer *peer); /* frees it; NULL is ignored */
};

/* What a listener needs to make peers. Both members are borrowed. */
struct wsc_peer_factory {
  const struct wsc_peer_ops *ops;
  const void *config;
};

#endif
