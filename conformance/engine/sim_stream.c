/* One stream of the simulated network. Rule of this file: telling the listener
 * is the last thing done with a stream, unless `tell` says that it is still
 * there. */
#include <stdlib.h>

#include "sim_internal.h"

#define TICK_MIN 1000 /* a deadline that a tick left in the past */

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
  } else if ((wish == WSC_PEER_CLOSE || wish == WSC_PEER_CUT) && len == 0) {
    stream->cut = wish == WSC_PEER_CUT;
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

void wsc_sim_stream_free(struct wsc_stream *stream) {
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
    wsc_sim_stream_free(stream);
    return false;
  }
  return true;
}

static void tell_event(struct wsc_stream *stream, enum wsc_stream_event event,
                       const char *text) {
  struct wsc_stream_notice notice = {.event = event,
                                     .truncated =
                                         event == WSC_STREAM_FIN && stream->cut,
                                     .text = text};
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
  struct wsc_stream_notice notice = {.event = WSC_STREAM_DATA};
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

void wsc_sim_stream_run(struct wsc_stream *stream, enum wsc_sim_step step) {
  switch (step) {
  case WSC_SIM_ACCEPT:
    step_accept(stream);
    break;
  case WSC_SIM_FAIL:
    stream->dead = true;
    tell_event(stream, WSC_STREAM_FAILED, "the peer is out of memory");
    break;
  case WSC_SIM_UP:
    step_up(stream);
    break;
  case WSC_SIM_FEED:
    step_feed(stream);
    break;
  case WSC_SIM_FEED_EOF:
    step_feed_eof(stream);
    break;
  case WSC_SIM_DATA:
    step_data(stream);
    break;
  case WSC_SIM_FIN:
    stream->from_fin = WSC_NEVER;
    tell_event(stream, WSC_STREAM_FIN, NULL);
    break;
  case WSC_SIM_RST:
    stream->dead = true;
    tell_event(stream, WSC_STREAM_RST, "connection reset by peer");
    break;
  case WSC_SIM_TICK:
    step_tick(stream);
    break;
  case WSC_SIM_NUM_STEPS:
    break;
  }
}

uint64_t wsc_sim_stream_next(const struct wsc_stream *stream,
                             enum wsc_sim_step *step) {
  uint64_t due[WSC_SIM_NUM_STEPS];
  bool deaf = stream->paused || !stream->up;
  if (stream->dead) {
    return WSC_NEVER;
  }
  /* What was sent later is never due earlier, so that of one direction the
   * order of the list decides where the times are the same. */
  due[WSC_SIM_ACCEPT] = stream->accept;
  due[WSC_SIM_FAIL] = stream->fail;
  due[WSC_SIM_UP] = stream->up_at;
  due[WSC_SIM_FEED] = stream->blocked ? WSC_NEVER : wsc_pipe_due(&stream->to);
  due[WSC_SIM_FEED_EOF] = stream->blocked ? WSC_NEVER : stream->to_fin;
  due[WSC_SIM_DATA] = deaf ? WSC_NEVER : wsc_pipe_due(&stream->from);
  due[WSC_SIM_FIN] = deaf ? WSC_NEVER : stream->from_fin;
  due[WSC_SIM_RST] = deaf ? WSC_NEVER : stream->from_rst;
  due[WSC_SIM_TICK] = stream->tick;
  *step = WSC_SIM_ACCEPT;
  for (int i = 1; i < WSC_SIM_NUM_STEPS; i++) {
    if (due[i] < due[*step]) {
      *step = (enum wsc_sim_step)i;
    }
  }
  return due[*step];
}

/* -- what the table says --------------------------------------------- */

struct wsc_stream *wsc_sim_stream_new(struct wsc_sim *sim,
                                      struct wsc_listener listener) {
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

bool wsc_sim_stream_write(struct wsc_stream *stream, const uint8_t *data,
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

void wsc_sim_stream_finish(struct wsc_stream *stream) {
  if (!stream->dead) {
    stream->finished = true;
    pump(stream);
  }
}

/* The peer's table has no word for an RST: its connection is gone. */
void wsc_sim_stream_reset(struct wsc_stream *stream) {
  stream->dead = true;
  if (stream->peer != NULL) {
    peer_free(stream);
  }
  drop_sent(stream);
}

/* What the peer does with the end of a connection that was given up cannot be
 * observed: the peer goes with the stream. */
void wsc_sim_stream_release(struct wsc_stream *stream) {
  if (stream == NULL) {
    return;
  }
  if (stream->telling) {
    stream->released = true; /* its bytes are borrowed for the call */
    wsc_sim_stream_reset(stream);
  } else {
    wsc_sim_stream_free(stream);
  }
}
