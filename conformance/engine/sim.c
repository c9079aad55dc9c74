/* Every stream knows when which of its steps is due; `wait` runs the earliest,
 * in the order of dialing where several are, and moves the clock there. */
#include "sim.h"

#include <stdlib.h>

#include "sim_internal.h"

#define DEFAULT_PIPE    (64u * 1024)
#define DEFAULT_LATENCY 50

static struct wsc_sim *sim_of(struct wsc_transport *transport) {
  return (struct wsc_sim *)transport; /* `base` is the first member */
}

static uint64_t sim_now(struct wsc_transport *transport) {
  return sim_of(transport)->now;
}

static struct wsc_stream *sim_dial(struct wsc_transport *transport,
                                   struct wsc_listener listener) {
  return wsc_sim_stream_new(sim_of(transport), listener);
}

static size_t sim_unsent(const struct wsc_stream *stream) {
  return stream->unsent.len;
}

static void sim_pause(struct wsc_stream *stream, bool paused) {
  stream->paused = paused;
}

static bool sim_wait(struct wsc_transport *transport, uint64_t until) {
  struct wsc_sim *sim = sim_of(transport);
  sim->delivered = false;
  for (;;) {
    struct wsc_stream *first = NULL;
    enum wsc_sim_step step = WSC_SIM_NUM_STEPS;
    uint64_t due = WSC_NEVER;
    for (struct wsc_stream *at = sim->streams; at != NULL; at = at->next) {
      enum wsc_sim_step its_step = WSC_SIM_NUM_STEPS;
      uint64_t its_due = wsc_sim_stream_next(at, &its_step);
      if (its_due < due) {
        first = at;
        due = its_due;
        step = its_step;
      }
    }
    if (first == NULL && until == WSC_FOREVER) {
      return false;
    }
    if (first == NULL || (due > until && due > sim->now)) {
      sim->now = until > sim->now ? until : sim->now;
      return true;
    }
    sim->now = due > sim->now ? due : sim->now;
    wsc_sim_stream_run(first, step);
    if (sim->delivered) {
      return true;
    }
  }
}

static const struct wsc_transport_ops sim_ops = {
    sim_now,
    sim_dial,
    wsc_sim_stream_write,
    sim_unsent,
    sim_pause,
    wsc_sim_stream_finish,
    wsc_sim_stream_reset,
    wsc_sim_stream_release,
    sim_wait,
};

struct wsc_transport *wsc_sim_new(const struct wsc_sim_options *options) {
  struct wsc_sim *sim = calloc(1, sizeof *sim);
  if (sim == NULL) {
    return NULL;
  }
  sim->base.ops = &sim_ops;
  sim->options = *options;
  if (sim->options.pipe_len == 0) {
    sim->options.pipe_len = DEFAULT_PIPE;
  }
  if (sim->options.latency == 0) {
    sim->options.latency = DEFAULT_LATENCY;
  }
  sim->end = &sim->streams;
  return &sim->base;
}

void wsc_sim_free(struct wsc_transport *transport) {
  if (transport == NULL) {
    return;
  }
  struct wsc_sim *sim = sim_of(transport);
  while (sim->streams != NULL) {
    wsc_sim_stream_free(sim->streams);
  }
  free(sim);
}
