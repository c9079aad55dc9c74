/* echo_peer.h: the smallest peer there is: it echoes octets, and obeys a few of
 * them. For the tests of what carries peers. */
#ifndef WSC_ECHO_PEER_H
#define WSC_ECHO_PEER_H

#include "peer.h"

/* Octets that are orders, when `obeys` is set; they are not echoed. */
#define ECHO_CLOSE  0xF0 /* wish to close */
#define ECHO_RESET  0xF1 /* wish to reset */
#define ECHO_TICKS  0xF2 /* send a '!' at each of three ticks, 1 s apart */
#define ECHO_STUCK  0xF3 /* a deadline that stays in the past */
#define ECHO_SILENT 0xF4 /* echo nothing any more */

struct echo_config {
  bool obeys;
  bool stays;           /* does not close when the other side has */
  const char *greeting; /* sent at once; NULL: none */
  struct echo_log *log;
};

/* What the peers of a factory have lived through. */
struct echo_log {
  size_t num_open, num_closed, num_feeds, num_eofs, num_ticks;
  uint64_t bytes;
  uint64_t cuts; /* a digest of the lengths fed */
};

extern const struct wsc_peer_ops echo_peer;
extern const struct wsc_peer_ops echo_peer_exhausted; /* `open` fails */

#endif
