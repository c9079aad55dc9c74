/* sim.h: the simulated network: peers in memory under a virtual clock.
 *
 * A dial makes a peer from the factory. Bytes travel through bounded pipes, in
 * segments whose borders come from the seed, with a virtual latency; when
 * nothing is left to deliver, the clock jumps to the next deadline, so that a
 * hanging peer costs no time. The same seed gives the same run, byte for byte. */
#ifndef WSC_SIM_H
#define WSC_SIM_H

#include "peer.h"
#include "transport.h"

struct wsc_sim_options {
  struct wsc_peer_factory factory;
  uint64_t seed;
  size_t pipe_len;  /* bytes in flight per direction; 0: 64 KiB */
  uint64_t latency; /* one way, microseconds; 0: 50 */
};

/* NULL: out of memory. `options` is copied; the factory's members are borrowed
 * until wsc_sim_free. */
struct wsc_transport *wsc_sim_new(const struct wsc_sim_options *options);
void wsc_sim_free(struct wsc_transport *transport);

#endif
