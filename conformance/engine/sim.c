/* Every stream knows when which of its steps is due; `wait` runs the earliest,
 * in the order of dialing where several are, and moves the clock there. Rule of
 * this file: telling the listener is the last thing done with a stream, unless
 * `tell` says that it is still there. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "pipe.h"

#define DEFAULT_PIPE    (64u * 1024)
#define DEFAULT_LATENCY 50
#define TICK_MIN        1000 /* a deadline that a tick left in the past */

struct sim {
  struct wsc_transport base;
  struct wsc_sim_options options;
  uint64_t now;
  uint64_t num_dials;
  struct wsc_stream *streams, **end; /* in the order of dialing */
  bool delivered;                    /* something came in this `wait` */
};

struct wsc_stream {
  struct sim *sim;
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
  bool blocked;  /* the peer has output that does not fit: it does not read */
  bool dead;     /* no event any more */
  bool telling;  /* inside the listener */
  bool released; /* meanwhile */
};

enum step {
  STEP_ACCEPT,
  STEP_FAIL,
  STEP_UP,
  STEP_FEED,
  STEP_FEED_EOF,
  STEP_DATA,
  STEP_FIN,
  STEP_RST,
  STEP_TICK,
  NUM_STEPS
};

static struct sim *sim_of(struct wsc_transport *transport) {
  return (struct sim *)transport; /* `base` is the first member */
}

static const struct wsc_peer_ops *peer_ops(const struct wsc_stream *stream) {
  return stream->sim->options.factory.ops;
}

/* When what is sent now arrives. Never goes back, as time does not: so what is
 * sent later arrives later, a FIN or an RST too. */
static uint64_t arrival(const struct wsc_stream *stream) {
  return stream->sim->now + stream->sim->options.latency;
}

/* -- the peer's side ---------------------------------------------------- */

static void drop_sent(struct wsc_stream *stream) {
  wsc_pipe_clear(&stream->to);
  wsc_fifo_clear(&stream->unsent);
  stream->to_fin = WSC_NEVER;
}

static void peer_free(struct wsc_stream *stream) {
  peer_ops(stream)->close(stream->peer);
  stream->peer = NULL;
  stream->tick = WSC_NEVER;
  stream->blocked = false;
}

/* The peer breaks the stream. What it had sent arrives before the RST; what was
 * on the way to it is lost, and so is what it had queued. */
static void peer_reset(struct wsc_stream *stream) {
  peer_free(stream);
  drop_sent(stream);
  stream->from_rst = arrival(stream);
}

static void peer_close(struct wsc_stream *stream, bool was_blocked) {
  bool unread = wsc_pipe_due(&stream->to) <= stream->sim->now;
  if (unread && was_blocked) {
    /* RFC 2525 2.17: closing with unread data in the receive buffer is told by
     * an RST. A peer that was not blocked would have read it all at once. */
    peer_reset(stream);
    return;
  }
  peer_free(stream);
  while (wsc_pipe_due(&stream->to) <= stream->sim->now) {
    wsc_pipe_pop(&stream->to);
  }
  stream->from_fin = arrival(stream);
}

/* Takes what the peer wants, after each call that may have changed it. */
static void peer_sync(struct wsc_stream *stream) {
  const struct wsc_peer_ops *ops = peer_ops(stream);
  bool was_blocked = stream->blocked;
  bool failed = false;
  const uint8_t *data = NULL;
  size_t len = ops->output(stream->peer, &data);
  enum wsc_peer_wish wish = ops->wish(stream->peer);
  while (len != 0 && wish != WSC_PEER_RESET) {
    size_t taken = wsc_pipe_push(&stream->from, &stream->rng, arrival(stream),
                                 data, len, &failed);
    if (taken == 0) {
      break;
    }
    ops->output_done(stream->peer, taken);
    len = ops->output(stream->peer, &data);
    wish = ops->wish(stream->peer);
  }
  stream->blocked = len != 0;
  if (wish == WSC_PEER_RESET || failed) {
    peer_reset(stream);
  } else if (wish == WSC_PEER_CLOSE && len == 0) {
    peer_close(stream, was_blocked);
  } else {
    stream->tick = ops->deadline(stream->peer);
  }
}

/* -- our side ----------------------------------------------------------- */

/* Moves what waits into the pipe, and the FIN behind it. */
static void pump(struct wsc_stream *stream) {
  bool failed = false;
  if (!stream->up) {
    return;
  }
  while (stream->unsent.len != 0) {
    size_t taken = wsc_pipe_push(&stream->to, &stream->rng, arrival(stream),
                                 stream->unsent.data + stream->unsent.head,
                                 stream->unsent.len, &failed);
    if (taken == 0) {
      break;
    }
    wsc_fifo_pop(&stream->unsent, taken);
    if (stream->unsent.len == 0) {
      /* Who waits for `unsent` to fall would sleep until the deadline. */
      stream->sim->delivered = true;
    }
  }
  if (failed && stream->peer != NULL) {
    peer_reset(stream);
  } else if (stream->finished && !stream->fin_left && stream->unsent.len == 0) {
    stream->fin_left = true;
    stream->to_fin = arrival(stream);
  }
}

static void stream_free(struct wsc_stream *stream) {
  *stream->link = stream->next;
  if (stream->next != NULL) {
    stream->next->link = stream->link;
  } else {
    stream->sim->end = stream->link;
  }
  if (stream->peer != NULL) {
    peer_free(stream);
  }
  drop_sent(stream);
  wsc_pipe_clear(&stream->from);
  free(stream);
}

/* False: the stream is gone. */
static bool tell(struct wsc_stream *stream,
                 const struct wsc_stream_notice *notice) {
  stream->sim->delivered = true;
  stream->telling = true;
  stream->listener.notice(stream->listener.user, notice);
  stream->telling = false;
  if (stream->released) {
    stream_free(stream);
    return false;
  }
  return true;
}

static void tell_event(struct wsc_stream *stream, enum wsc_stream_event event,
                       const char *text) {
  struct wsc_stream_notice notice = {event, NULL, 0, text};
  tell(stream, &notice);
}

/* -- steps -------------------------------------------------------------- */

static void step_accept(struct wsc_stream *stream) {
  const struct wsc_peer_factory *factory = &stream->sim->options.factory;
  stream->accept = WSC_NEVER;
  stream->peer = factory->ops->open(factory->config, stream->sim->now);
  if (stream->peer == NULL) {
    stream->fail = arrival(stream);
    return;
  }
  stream->up_at = arrival(stream);
  peer_sync(stream);
}

static void step_up(struct wsc_stream *stream) {
  stream->up_at = WSC_NEVER;
  stream->up = true;
  pump(stream);
  tell_event(stream, WSC_STREAM_UP, NULL);
}

static void step_feed(struct wsc_stream *stream) {
  size_t len = 0;
  if (stream->peer == NULL) {
    /* RFC 9293 3.10.7.1: a segment for a connection that is closed is answered
     * with an RST. */
    drop_sent(stream);
    stream->from_rst = arrival(stream);
    return;
  }
  uint8_t *data = wsc_pipe_peek(&stream->to, &len);
  peer_ops(stream)->feed(stream->peer, data, len);
  wsc_pipe_pop(&stream->to);
  peer_sync(stream);
  pump(stream);
}

static void step_feed_eof(struct wsc_stream *stream) {
  stream->to_fin = WSC_NEVER;
  if (stream->peer != NULL) {
    peer_ops(stream)->feed_eof(stream->peer);
    peer_sync(stream);
  }
}

static void step_data(struct wsc_stream *stream) {
  struct wsc_stream_notice notice = {WSC_STREAM_DATA, NULL, 0, NULL};
  notice.data = wsc_pipe_peek(&stream->from, &notice.len);
  if (!tell(stream, &notice)) {
    return;
  }
  wsc_pipe_pop(&stream->from);
  if (stream->blocked) {
    peer_sync(stream);
  }
}

static void step_tick(struct wsc_stream *stream) {
  uint64_t now = stream->sim->now;
  peer_ops(stream)->tick(stream->peer, now);
  peer_sync(stream);
  if (stream->tick <= now) {
    stream->tick = now + TICK_MIN; /* else time would stand still */
  }
}

static void run_step(struct wsc_stream *stream, enum step step) {
  switch (step) {
  case STEP_ACCEPT:
    step_accept(stream);
    break;
  case STEP_FAIL:
    stream->dead = true;
    tell_event(stream, WSC_STREAM_FAILED, "the peer is out of memory");
    break;
  case STEP_UP:
    step_up(stream);
    break;
  case STEP_FEED:
    step_feed(stream);
    break;
  case STEP_FEED_EOF:
    step_feed_eof(stream);
    break;
  case STEP_DATA:
    step_data(stream);
    break;
  case STEP_FIN:
    stream->from_fin = WSC_NEVER;
    tell_event(stream, WSC_STREAM_FIN, NULL);
    break;
  case STEP_RST:
    stream->dead = true;
    tell_event(stream, WSC_STREAM_RST, "connection reset by peer");
    break;
  case STEP_TICK:
    step_tick(stream);
    break;
  case NUM_STEPS:
    break;
  }
}

/* The first step of a stream and when it is due; of several the one that stands
 * first in the list, so that data comes before the FIN, and that before RST. */
static uint64_t next_step(const struct wsc_stream *stream, enum step *step) {
  uint64_t due[NUM_STEPS];
  bool deaf = stream->paused || !stream->up;
  if (stream->dead) {
    return WSC_NEVER;
  }
  uint64_t to = wsc_pipe_due(&stream->to);
  uint64_t from = wsc_pipe_due(&stream->from);
  bool data = from != WSC_NEVER;
  bool fin = stream->from_fin != WSC_NEVER;
  due[STEP_ACCEPT] = stream->accept;
  due[STEP_FAIL] = stream->fail;
  due[STEP_UP] = stream->up_at;
  due[STEP_FEED] = stream->blocked ? WSC_NEVER : to;
  due[STEP_FEED_EOF] =
      stream->blocked || to != WSC_NEVER ? WSC_NEVER : stream->to_fin;
  due[STEP_DATA] = deaf ? WSC_NEVER : from;
  due[STEP_FIN] = deaf || data ? WSC_NEVER : stream->from_fin;
  due[STEP_RST] = deaf || data || fin ? WSC_NEVER : stream->from_rst;
  due[STEP_TICK] = stream->tick;
  *step = STEP_ACCEPT;
  for (int i = 1; i < NUM_STEPS; i++) {
    if (due[i] < due[*step]) {
      *step = (enum step)i;
    }
  }
  return due[*step];
}

/* -- the table ---------------------------------------------------------- */

static uint64_t sim_now(struct wsc_transport *transport) {
  return sim_of(transport)->now;
}

static struct wsc_stream *sim_dial(struct wsc_transport *transport,
                                   struct wsc_listener listener) {
  struct sim *sim = sim_of(transport);
  struct wsc_stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL) {
    return NULL;
  }
  stream->sim = sim;
  stream->listener = listener;
  /* A sequence of its own, so that one stream's borders do not depend on what
   * the others do. */
  uint64_t state = sim->options.seed ^ ++sim->num_dials;
  stream->rng = wsc_pipe_random(&state);
  stream->to.max = sim->options.pipe_len;
  stream->from.max = sim->options.pipe_len;
  stream->accept = arrival(stream);
  stream->up_at = WSC_NEVER;
  stream->fail = WSC_NEVER;
  stream->tick = WSC_NEVER;
  stream->to_fin = WSC_NEVER;
  stream->from_fin = WSC_NEVER;
  stream->from_rst = WSC_NEVER;
  stream->link = sim->end;
  *sim->end = stream;
  sim->end = &stream->next;
  return stream;
}

static bool sim_write(struct wsc_stream *stream, const uint8_t *data,
                      size_t len) {
  bool broken = stream->dead || stream->from_rst != WSC_NEVER;
  if (broken || stream->finished || len == 0) {
    return true;
  }
  if (stream->up && stream->unsent.len == 0) {
    bool failed = false;
    size_t taken = wsc_pipe_push(&stream->to, &stream->rng, arrival(stream),
                                 data, len, &failed);
    if (failed) {
      return false;
    }
    data += taken;
    len -= taken;
  }
  return len == 0 || wsc_fifo_push(&stream->unsent, data, len);
}

static size_t sim_unsent(const struct wsc_stream *stream) {
  return stream->unsent.len;
}

static void sim_pause(struct wsc_stream *stream, bool paused) {
  stream->paused = paused;
}

static void sim_finish(struct wsc_stream *stream) {
  if (!stream->dead) {
    stream->finished = true;
    pump(stream);
  }
}

/* The peer's table has no word for an RST: its connection is gone. */
static void sim_reset(struct wsc_stream *stream) {
  stream->dead = true;
  if (stream->peer != NULL) {
    peer_free(stream);
  }
  drop_sent(stream);
}

/* What the peer does with the end of a connection that was given up cannot be
 * observed: the peer goes with the stream. */
static void sim_release(struct wsc_stream *stream) {
  if (stream == NULL) {
    return;
  }
  if (stream->telling) {
    stream->released = true; /* its bytes are borrowed for the call */
    sim_reset(stream);
  } else {
    stream_free(stream);
  }
}

static bool sim_wait(struct wsc_transport *transport, uint64_t until) {
  struct sim *sim = sim_of(transport);
  sim->delivered = false;
  for (;;) {
    struct wsc_stream *first = NULL;
    enum step step = NUM_STEPS;
    uint64_t due = WSC_NEVER;
    for (struct wsc_stream *at = sim->streams; at != NULL; at = at->next) {
      enum step its_step = NUM_STEPS;
      uint64_t its_due = next_step(at, &its_step);
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
    run_step(first, step);
    if (sim->delivered) {
      return true;
    }
  }
}

static const struct wsc_transport_ops sim_ops = {
    sim_now,    sim_dial,  sim_write,   sim_unsent, sim_pause,
    sim_finish, sim_reset, sim_release, sim_wait,
};

struct wsc_transport *wsc_sim_new(const struct wsc_sim_options *options) {
  struct sim *sim = calloc(1, sizeof *sim);
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
  struct sim *sim = sim_of(transport);
  while (sim->streams != NULL) {
    stream_free(sim->streams);
  }
  free(sim);
}
