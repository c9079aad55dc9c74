/* sim_support.h: a simulated network of echoing peers, and what a listener saw
 * of one stream. Every function fails the running cmocka test when it cannot do
 * what it says. */
#ifndef WSC_SIM_SUPPORT_H
#define WSC_SIM_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "echo_peer.h"
#include "transport.h"

#define SECOND UINT64_C(1000000) /* in microseconds, as the transport counts */

/* What one stream's listener has seen. */
struct seen {
  struct wsc_transport *transport;
  struct wsc_stream *stream;
  char events[64]; /* a letter an event; DATA in a row once */
  size_t num_events;
  size_t num_data;
  uint64_t bytes;
  uint64_t cuts; /* a digest of lengths and times */
  uint8_t *kept; /* what came; NULL: not kept */
  bool release_on_data;
};

struct world {
  struct echo_log log;
  struct echo_config config;
  struct wsc_transport *transport;
};

/* Opens a network of echo peers of this configuration; its log is the world's.
 * A `pipe_len` of 0 is the default length. `world` must stay where it is until
 * world_close(). */
void world_open_with(struct world *world, struct echo_config config,
                     uint64_t seed, size_t pipe_len);

/* The same with seed 1 and pipes of the default length. */
void world_open(struct world *world, struct echo_config config);

/* world_open(), a stream dialed into `seen`, and everything settled. */
void world_start(struct world *world, struct seen *seen,
                 struct echo_config config);

/* Frees the network; every peer opened must have been closed. */
void world_close(struct world *world);

uint64_t world_now(const struct world *world);

/* The transport's wait(). */
bool world_wait(struct world *world, uint64_t until);

/* Waits until nothing can happen any more. */
void world_settle(struct world *world);

/* Dials a stream whose notices `seen` records, afresh except for `kept` and
 * `release_on_data`. */
void seen_dial(struct world *world, struct seen *seen);

void seen_send(struct seen *seen, const void *data, size_t len);
void seen_send_octet(struct seen *seen, uint8_t octet);
void seen_pause(struct seen *seen, bool on);
size_t seen_unsent(const struct seen *seen);
void seen_release(struct seen *seen);

/* Owned (free()): bytes in which a loss or a swap shows. */
uint8_t *pattern_new(size_t len);

#endif
