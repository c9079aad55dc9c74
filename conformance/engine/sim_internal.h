/* sim_internal.h: the streams of the simulated network. */
#ifndef WSC_SIM_INTERNAL_H
#define WSC_SIM_INTERNAL_H

#include "pipe.h"
#include "sim.h"

struct wsc_sim {
  struct wsc_transport base;
  struct wsc_sim_options options;
  uint64_t now;
  uint64_t num_dials;
  struct wsc_stream *streams, **end; /* in the order of dialing */
  bool delivered;                    /* something came in this `wait` */
};

struct wsc_stream {
  struct wsc_sim *sim;
  struct wsc_stream *next, **link;
  struct wsc_listener listener;
  uint64_t rng;
  struct wsc_peer *peer; /* NULL: not accepted yet, or gone */
  struct wsc_fifo unsent;
  struct wsc_pipe to, from;
  /* When these happen; WSC_NEVER: not at all, or done. */
  uint64_t accept, up_at, fail, tick;
  uint64_t to_fin, from_fin, from_rst;
  bool up;
  bool paused;
  bool finished; /* `finish` was called */
  bool fin_left; /* our FIN is, or was, on its way */
  bool cut;      /* it ends as TLS without a close_notify does */
  bool blocked;  /* the peer has output that does not fit: it does not read */
  bool dead;     /* no event any more */
  bool telling;  /* inside the listener */
  bool released; /* meanwhile */
};

enum wsc_sim_step {
  WSC_SIM_ACCEPT,
  WSC_SIM_FAIL,
  WSC_SIM_UP,
  WSC_SIM_FEED,
  WSC_SIM_FEED_EOF,
  WSC_SIM_DATA,
  WSC_SIM_FIN,
  WSC_SIM_RST,
  WSC_SIM_TICK,
  WSC_SIM_NUM_STEPS
};

/* NULL: out of memory. */
struct wsc_stream *wsc_sim_stream_new(struct wsc_sim *sim,
                                      struct wsc_listener listener);
void wsc_sim_stream_free(struct wsc_stream *stream);

/* The first step of a stream and when it is due; of several the one that stands
 * first in the list, so that data comes before the FIN, and that before RST. */
uint64_t wsc_sim_stream_next(const struct wsc_stream *stream,
                             enum wsc_sim_step *step);

/* Runs a step that is due now. The stream may be gone afterwards. */
void wsc_sim_stream_run(struct wsc_stream *stream, enum wsc_sim_step step);

/* What the transport's table says of a stream. */
bool wsc_sim_stream_write(struct wsc_stream *stream, const uint8_t *data,
                          size_t len);
void wsc_sim_stream_finish(struct wsc_stream *stream);
void wsc_sim_stream_reset(struct wsc_stream *stream);
void wsc_sim_stream_release(struct wsc_stream *stream);

#endif
