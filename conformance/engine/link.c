#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "session.h"

/* A peer may send this much that nobody reads; a session bounds its own. */
#define UNREAD_MAX (1u << 20)

struct bytes {
  uint8_t *data;
  size_t len;
  size_t cap;
};

struct wsc_link {
  struct wsc_link *next;
  struct wsc_trial *trial;
  struct wsc_stream *stream;
  int id;
  enum wsc_link_state state;
  const char *end_text;
  uint64_t ended_at;
  struct bytes in;
  size_t taken;   /* of `in` */
  bool truncated; /* its FIN came without TLS's close_notify */
  bool held;      /* not read, because of what lies in `in` */
  uint64_t received;
  struct bytes cork;
  bool corked;
  struct bytes late;      /* WSC_CHOP_COALESCED: not written yet */
  struct wsc_rng chopper; /* of WSC_CHOP_RANDOM; apart from the case's, which
                             sends the same octets however they are cut */
  uint64_t sent;
  uint64_t sent_at;
  struct wsc_session *session; /* owned; NULL before the upgrade */
};

static const struct wsc_transport_ops *ops(const struct wsc_link *link) {
  return link->trial->context->transport->ops;
}

static void bytes_add(struct bytes *bytes, const uint8_t *data, size_t len) {
  if (bytes->cap - bytes->len < len) {
    size_t cap = bytes->cap == 0 ? 512 : bytes->cap;
    while (cap - bytes->len < len) {
      cap *= 2;
    }
    bytes->data = wsc_realloc(bytes->data, cap);
    bytes->cap = cap;
  }
  if (len != 0) {
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
  }
}

static void log_wire(struct wsc_link *link, enum wsc_direction direction,
                     enum wsc_wire_kind kind, const uint8_t *data, size_t len) {
  struct wsc_wire_event event = {
      .time = wsc_trial_time(link->trial),
      .connection = link->id,
      .direction = direction,
      .kind = kind,
      .offset = direction == WSC_SENT ? link->sent : link->received,
      .data = data,
      .len = len,
      .truncated =
          direction == WSC_RECEIVED && kind == WSC_WIRE_FIN && link->truncated,
  };
  wsc_outcome_add_wire(link->trial->outcome, &event);
}

static void end(struct wsc_link *link, enum wsc_link_state state,
                enum wsc_wire_kind kind, const char *text) {
  /* An RST behind a FIN answers what we sent after the peer had closed: ours is
   * the blame, and the orderly end stands (F6, F9). */
  if (link->state == WSC_LINK_FIN) {
    log_wire(link, WSC_RECEIVED, kind, NULL, 0);
    return;
  }
  link->state = state;
  link->end_text = text;
  link->ended_at = wsc_trial_time(link->trial);
  if (state != WSC_LINK_REFUSED) {
    log_wire(link, WSC_RECEIVED, kind, NULL, 0);
  }
  if (link->session != NULL) {
    wsc_session_end(link->session);
  }
}

static void receive(struct wsc_link *link, const uint8_t *data, size_t len) {
  log_wire(link, WSC_RECEIVED, WSC_WIRE_DATA, data, len);
  link->received += len;
  if (link->session != NULL) {
    bool news = wsc_session_feed(link->session, data, len);
    link->trial->ready = link->trial->ready || news;
    return;
  }
  link->trial->ready = true;
  bytes_add(&link->in, data, len);
  if (link->in.len - link->taken > UNREAD_MAX) {
    link->held = true;
    ops(link)->pause(link->stream, true);
  }
}

static void notice(void *user, const struct wsc_stream_notice *what) {
  struct wsc_link *link = user;
  if (what->event != WSC_STREAM_DATA) {
    link->trial->ready = true;
  }
  switch (what->event) {
  case WSC_STREAM_UP:
    link->state = WSC_LINK_UP;
    log_wire(link, WSC_SENT, WSC_WIRE_OPEN, NULL, 0);
    break;
  case WSC_STREAM_FAILED:
    link->trial->context->dial_error = what->text;
    link->trial->unreachable = true;
    end(link, WSC_LINK_REFUSED, WSC_WIRE_RST, what->text);
    break;
  case WSC_STREAM_DATA:
    receive(link, what->data, what->len);
    break;
  case WSC_STREAM_FIN:
    link->truncated = what->truncated;
    end(link, WSC_LINK_FIN, WSC_WIRE_FIN, "the peer closed the connection");
    break;
  case WSC_STREAM_RST:
    end(link, WSC_LINK_RST, WSC_WIRE_RST, "the peer reset the connection");
    break;
  }
}

struct wsc_link *wsc_link_dial(struct wsc_trial *trial) {
  struct wsc_link *link = wsc_malloc(sizeof *link);
  memset(link, 0, sizeof *link);
  link->trial = trial;
  link->id = trial->num_links++;
  link->state = WSC_LINK_DIALING;
  link->end_text = "";
  wsc_rng_init(&link->chopper, ~trial->context->seed - (uint64_t)link->id,
               trial->info->id);
  link->sent_at = wsc_trial_time(trial);
  link->next = trial->links;
  trial->links = link;
  struct wsc_transport *transport = trial->context->transport;
  struct wsc_listener listener = {notice, link};
  link->stream = transport->ops->dial(transport, listener);
  if (link->stream == NULL) {
    end(link, WSC_LINK_REFUSED, WSC_WIRE_RST, "out of memory");
    trial->ready = true;
  }
  return link;
}

struct wsc_link *wsc_link_next(const struct wsc_link *link) {
  return link->next;
}

void wsc_link_release(struct wsc_link *link) {
  if (link->stream == NULL) {
    return;
  }
  wsc_link_push(link);
  if (!wsc_link_ended(link)) {
    log_wire(link, WSC_SENT, WSC_WIRE_RELEASE, NULL, 0);
  }
  ops(link)->release(link->stream);
  link->stream = NULL;
  if (!wsc_link_ended(link)) {
    link->state = WSC_LINK_RELEASED;
  }
}

void wsc_link_free(struct wsc_link *link) {
  if (link->stream != NULL) {
    ops(link)->release(link->stream);
  }
  wsc_session_free(link->session);
  free(link->in.data);
  free(link->cork.data);
  free(link->late.data);
  free(link);
}

enum wsc_link_state wsc_link_state(const struct wsc_link *link) {
  return link->state;
}

struct wsc_trial *wsc_link_trial(const struct wsc_link *link) {
  return link->trial;
}

int wsc_link_id(const struct wsc_link *link) {
  return link->id;
}

bool wsc_link_ended(const struct wsc_link *link) {
  return link->state == WSC_LINK_REFUSED || link->state == WSC_LINK_FIN ||
         link->state == WSC_LINK_RST;
}

uint64_t wsc_link_ended_at(const struct wsc_link *link) {
  return link->ended_at;
}

bool wsc_link_truncated(const struct wsc_link *link) {
  return link->truncated;
}

const char *wsc_link_end_text(const struct wsc_link *link) {
  return link->end_text;
}

/* One write to the stream. */
static void leave(struct wsc_link *link, const uint8_t *data, size_t len) {
  if (!ops(link)->write(link->stream, data, len)) {
    wsc_outcome_abandon(link->trial->outcome, WSC_ERROR,
                        "out of memory while sending");
  }
}

void wsc_link_push(struct wsc_link *link) {
  if (link->stream != NULL && link->late.len != 0) {
    leave(link, link->late.data, link->late.len);
    link->late.len = 0;
  }
}

static void log_sent(struct wsc_link *link, const uint8_t *data, size_t len) {
  log_wire(link, WSC_SENT, WSC_WIRE_DATA, data, len);
  link->sent += len;
  link->sent_at = wsc_trial_time(link->trial);
}

/* A write that the case cut itself. */
static void write_as_is(struct wsc_link *link, const uint8_t *data,
                        size_t len) {
  if (link->stream != NULL && len != 0) {
    wsc_link_push(link);
    log_sent(link, data, len);
    leave(link, data, len);
  }
}

/* A write that the run's --chop cuts, or joins with what follows. */
static void write_chopped(struct wsc_link *link, const uint8_t *data,
                          size_t len) {
  enum wsc_chop chop = link->trial->context->chop;
  if (link->stream == NULL || len == 0) {
    return;
  }
  log_sent(link, data, len);
  if (chop == WSC_CHOP_COALESCED) {
    bytes_add(&link->late, data, len);
    return;
  }
  for (size_t at = 0; at < len;) {
    size_t piece = wsc_chop_next(chop, &link->chopper, at, len);
    leave(link, data + at, piece);
    at += piece;
  }
}

void wsc_link_send(struct wsc_link *link, const uint8_t *data, size_t len) {
  if (link->corked) {
    bytes_add(&link->cork, data, len);
  } else {
    write_chopped(link, data, len);
  }
}

void wsc_link_cork(struct wsc_link *link) {
  link->corked = true;
}

void wsc_link_flush(struct wsc_link *link, size_t piece) {
  link->corked = false;
  size_t step = piece == 0 ? link->cork.len : piece;
  for (size_t at = 0; at < link->cork.len; at += step) {
    size_t left = link->cork.len - at;
    write_as_is(link, link->cork.data + at, left < step ? left : step);
  }
  link->cork.len = 0;
}

uint64_t wsc_link_sent(const struct wsc_link *link) {
  return link->sent + link->cork.len;
}

size_t wsc_link_unsent(const struct wsc_link *link) {
  size_t queued = link->stream == NULL ? 0 : ops(link)->unsent(link->stream);
  return queued + link->cork.len;
}

uint64_t wsc_link_received(const struct wsc_link *link) {
  return link->received;
}

uint64_t wsc_link_sent_at(const struct wsc_link *link) {
  return link->sent_at;
}

void wsc_link_finish(struct wsc_link *link) {
  if (link->stream != NULL) {
    wsc_link_push(link);
    log_wire(link, WSC_SENT, WSC_WIRE_FIN, NULL, 0);
    ops(link)->finish(link->stream);
  }
}

void wsc_link_reset(struct wsc_link *link) {
  if (link->stream != NULL) {
    wsc_link_push(link);
    log_wire(link, WSC_SENT, WSC_WIRE_RST, NULL, 0);
    ops(link)->reset(link->stream);
    ops(link)->release(link->stream);
    link->stream = NULL;
    link->state = WSC_LINK_RELEASED;
  }
}

void wsc_link_pause(struct wsc_link *link, bool paused) {
  if (link->stream != NULL) {
    ops(link)->pause(link->stream, paused);
  }
}

struct ws_slice wsc_link_unread(const struct wsc_link *link) {
  struct ws_slice unread = {link->in.data, 0};
  if (link->in.len > link->taken) {
    unread.data += link->taken;
    unread.len = link->in.len - link->taken;
  }
  return unread;
}

void wsc_link_take(struct wsc_link *link, size_t len) {
  link->taken += len;
  if (link->held && wsc_link_unread(link).len <= UNREAD_MAX) {
    link->held = false;
    wsc_link_pause(link, false);
  }
}

struct wsc_session *wsc_link_session(const struct wsc_link *link) {
  return link->session;
}

void wsc_link_set_session(struct wsc_link *link, struct wsc_session *session) {
  link->session = session;
}
