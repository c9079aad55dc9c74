#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "session_internal.h"
#include "ws/close.h"
#include "ws/mask.h"

/* And so many events. */
#define UNASKED_MANY 20000u

struct wsc_session *
wsc_session_begin(struct wsc_link *link,
                  const struct wsc_deflate_agreement *agreement) {
  struct wsc_session *session = wsc_malloc(sizeof *session);
  memset(session, 0, sizeof *session);
  session->link = link;
  session->trial = wsc_link_trial(link);
  session->tail = &session->events;
  if (agreement != NULL) {
    session->agreed = true;
    session->agreement = *agreement;
  }
  session->base = wsc_link_received(link) - wsc_link_unread(link).len;
  wsc_link_set_session(link, session);
  wsc_session_tell_open(session);
  struct ws_slice early = wsc_link_unread(link);
  wsc_link_take(link, early.len);
  wsc_session_feed(session, early.data, early.len);
  if (wsc_link_ended(link)) {
    wsc_session_end(session);
  }
  return session;
}

void wsc_event_free(struct wsc_event *event) {
  if (event != NULL) {
    free(event->payload);
    free(event);
  }
}

void wsc_session_free(struct wsc_session *session) {
  if (session == NULL) {
    return;
  }
  while (session->events != NULL) {
    struct wsc_event *next = session->events->next;
    wsc_event_free(session->events);
    session->events = next;
  }
  wsc_event_free(session->first_close);
  for (size_t i = 0; i < session->num_pings; i++) {
    free(session->pings[i].payload);
  }
  free(session->pings);
  free(session->message);
  free(session->in);
  wsc_deflater_free(session->deflater);
  wsc_inflate_free(session->inflate);
  free(session);
}

static void queue(struct wsc_session *session, struct wsc_event *event) {
  event->next = NULL;
  *session->tail = event;
  session->tail = &event->next;
  session->num_events++;
  session->all_events++;
  wsc_session_tell_event(session, event);
}

static struct wsc_event *new_event(struct wsc_session *session,
                                   enum wsc_event_kind kind,
                                   const uint8_t *payload, size_t len) {
  struct wsc_event *event = wsc_malloc(sizeof *event);
  memset(event, 0, sizeof *event);
  event->kind = kind;
  event->payload = wsc_malloc(len);
  if (len != 0) {
    memcpy(event->payload, payload, len);
  }
  event->len = len;
  event->num_frames = 1;
  event->form = session->frame.length_form;
  event->time = wsc_trial_time(session->trial);
  return event;
}

/* F11: pings of the peer are answered wherever they come. */
static void on_ping(struct wsc_session *session, const uint8_t *payload,
                    size_t len) {
  queue(session, new_event(session, WSC_EVENT_PING, payload, len));
  if (len > WS_CONTROL_MAX) {
    return;
  }
  session->ping_due = true;
  session->ping_len = len;
  if (len != 0) {
    memcpy(session->ping, payload, len);
  }
}

/* 5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong
 * frame(s) in response to previous Ping frame(s), the endpoint MAY elect to send
 * a Pong frame for only the most recently processed Ping frame." A pong for each
 * of thousands would be a flood of ours. */
static void answer_ping(struct wsc_session *session) {
  if (!session->ping_due || session->close_sent) {
    return;
  }
  int line = session->trial->line;
  uint64_t before = wsc_link_sent(session->link);
  session->trial->line = 0;
  session->ping_due = false;
  struct wsc_send pong = {.opcode = WS_OP_PONG,
                          .fin = true,
                          .masked = true,
                          .payload = session->ping,
                          .len = session->ping_len};
  wsc_session_send(session, &pong);
  session->pongs_sent += wsc_link_sent(session->link) - before;
  session->trial->line = line;
}

static void on_pong(struct wsc_session *session, const uint8_t *payload,
                    size_t len) {
  unsigned probe = wsc_session_match_pong(session, payload, len);
  if (probe != 0) {
    session->probed = probe > session->probed ? probe : session->probed;
    return;
  }
  queue(session, new_event(session, WSC_EVENT_PONG, payload, len));
}

static void on_close(struct wsc_session *session, const uint8_t *payload,
                     size_t len) {
  struct wsc_event *event = new_event(session, WSC_EVENT_CLOSE, payload, len);
  struct ws_close close;
  ws_close_parse(&close, event->payload, len);
  event->code = close.code;
  wsc_session_watch_close(session, event);
  if (session->first_close == NULL) {
    session->first_close = new_event(session, WSC_EVENT_CLOSE, payload, len);
    session->first_close->code = event->code;
  }
  queue(session, event);
}

static void on_control(struct wsc_session *session, const uint8_t *payload,
                       size_t len) {
  switch (session->frame.opcode) {
  case WS_OP_PING:
    on_ping(session, payload, len);
    break;
  case WS_OP_PONG:
    on_pong(session, payload, len);
    break;
  case WS_OP_CLOSE:
    on_close(session, payload, len);
    break;
  default: /* a reserved opcode: observed, and no event */
    break;
  }
}

/* What a frame announces is room to be had at once, as far as it is credible. */
#define ANNOUNCED_MAX (1u << 20)

static void message_add(struct wsc_session *session, const uint8_t *data,
                        size_t len) {
  if (session->message_cap - session->message_len < len) {
    uint64_t left = session->frame.length - session->payload_seen;
    size_t more = left < ANNOUNCED_MAX ? (size_t)left : ANNOUNCED_MAX;
    size_t cap = session->message_len + (more > len ? more : len);
    if (cap < session->message_cap * 2) {
      cap = session->message_cap * 2;
    }
    session->message = wsc_realloc(session->message, cap);
    session->message_cap = cap;
  }
  if (len != 0) {
    memcpy(session->message + session->message_len, data, len);
    session->message_len += len;
  }
}

static void message_done(struct wsc_session *session) {
  struct wsc_event *event = wsc_malloc(sizeof *event);
  memset(event, 0, sizeof *event);
  event->kind =
      session->message_opcode == WS_OP_TEXT ? WSC_EVENT_TEXT : WSC_EVENT_BINARY;
  event->wire_len = session->message_len;
  event->compressed = session->message_compressed;
  event->num_frames = session->message_frames;
  event->form = session->message_form;
  event->time = wsc_trial_time(session->trial);
  if (event->compressed) {
    wsc_session_inflate(session, event);
  } else {
    event->payload = session->message;
    event->len = session->message_len;
    session->message = NULL;
    session->message_cap = 0;
  }
  if (event->payload == NULL) {
    event->payload = wsc_malloc(0);
  }
  session->message_len = 0;
  session->message_open = false;
  wsc_session_watch_message(session, event);
  queue(session, event);
}

/* A frame's header is complete. */
static void frame_begin(struct wsc_session *session) {
  const struct ws_frame *frame = &session->frame;
  wsc_session_watch_header(session);
  session->payload_seen = 0;
  if (ws_opcode_is_control(frame->opcode)) {
    return;
  }
  if (!session->message_open || frame->opcode != WS_OP_CONTINUATION) {
    session->message_open = true;
    session->message_opcode = frame->opcode;
    session->message_compressed =
        session->agreed && (frame->rsv & WS_RSV1) != 0;
    session->message_form = frame->length_form;
    session->message_frames = 0;
    session->message_len = 0;
  }
  session->message_frames++;
}

static void frame_done(struct wsc_session *session, const uint8_t *control) {
  wsc_session_note_received(session);
  if (ws_opcode_is_control(session->frame.opcode)) {
    /* A control frame of megabytes was observed; it is no event. */
    if (session->frame.length <= WSC_UNASKED_MAX) {
      on_control(session, control, (size_t)session->frame.length);
    }
  } else if (session->frame.fin) {
    message_done(session);
  }
  session->in_payload = false;
}

/* Payload in the clear. */
static void take_clear(struct wsc_session *session, const uint8_t *data,
                       size_t len) {
  const struct ws_frame *frame = &session->frame;
  wsc_session_sample(session, data, len);
  if (!ws_opcode_is_control(frame->opcode)) {
    message_add(session, data, len);
  }
  session->payload_seen += len;
  if (session->payload_seen == frame->length) {
    frame_done(session, data);
  }
}

/* A masked frame is a violation of the peer, and is read all the same. */
static void take_masked(struct wsc_session *session, const uint8_t *data,
                        size_t len) {
  uint8_t *copy = wsc_malloc(len);
  memcpy(copy, data, len);
  ws_mask(copy, len, session->frame.key, session->payload_seen);
  take_clear(session, copy, len);
  free(copy);
}

/* Takes what is there of the payload. Returns the bytes taken; 0 with the frame
 * still open: more are needed. */
static size_t take_payload(struct wsc_session *session, const uint8_t *data,
                           size_t len) {
  const struct ws_frame *frame = &session->frame;
  uint64_t left = frame->length - session->payload_seen;
  bool whole =
      ws_opcode_is_control(frame->opcode) && frame->length <= WSC_UNASKED_MAX;
  if (whole && len < left) {
    return 0;
  }
  size_t now = len < left ? len : (size_t)left;
  if (frame->masked) {
    take_masked(session, data, now);
  } else {
    take_clear(session, data, now);
  }
  return now;
}

static size_t take_some(struct wsc_session *session, const uint8_t *data,
                        size_t len) {
  if (session->in_payload) {
    return take_payload(session, data, len);
  }
  size_t header = ws_frame_decode(&session->frame, data, len);
  if (header == 0) {
    return 0;
  }
  session->frame_at = session->base;
  memcpy(session->header, data, header);
  session->header_len = (uint8_t)header;
  session->sample_len = 0;
  session->in_payload = true;
  frame_begin(session);
  if (session->frame.length == 0) {
    frame_done(session, data);
  }
  return header;
}

/* What we sent asks for as much again; the pongs that answer the peer's own
 * pings ask for nothing. */
uint64_t wsc_session_asked(const struct wsc_session *session) {
  return wsc_link_sent(session->link) + session->saved - session->pongs_sent;
}

static bool too_much(const struct wsc_session *session) {
  uint64_t asked = wsc_session_asked(session);
  return wsc_link_received(session->link) > asked * 2 + WSC_UNASKED_MAX ||
         session->all_events > UNASKED_MANY + asked / 6;
}

static void append(struct wsc_session *session, const uint8_t *data,
                   size_t len) {
  if (session->in_cap - session->in_len < len) {
    session->in_cap = (session->in_len + len) * 2;
    session->in = wsc_realloc(session->in, session->in_cap);
  }
  memcpy(session->in + session->in_len, data, len);
  session->in_len += len;
}

/* Reads frames off the octets; returns how many were taken. */
static size_t consume(struct wsc_session *session, const uint8_t *data,
                      size_t len) {
  size_t at = 0;
  while (at < len && !session->flooded) {
    size_t taken = take_some(session, data + at, len - at);
    if (taken == 0) {
      break;
    }
    at += taken;
    session->base += taken;
  }
  return at;
}

void wsc_session_flood(struct wsc_session *session) {
  session->flooded = true;
  wsc_link_pause(session->link, true);
}

bool wsc_session_feed(struct wsc_session *session, const uint8_t *data,
                      size_t len) {
  if (session->flooded) {
    return false;
  }
  if (too_much(session)) {
    wsc_session_flood(session);
    return true;
  }
  size_t events = session->num_events;
  unsigned probed = session->probed;
  if (session->in_len == 0) {
    size_t taken = consume(session, data, len);
    if (taken != len) {
      append(session, data + taken, len - taken);
    }
  } else if (len != 0) {
    append(session, data, len);
    size_t taken = consume(session, session->in, session->in_len);
    session->in_len -= taken;
    memmove(session->in, session->in + taken, session->in_len);
  }
  answer_ping(session);
  return session->num_events != events || session->probed != probed;
}

void wsc_session_end(struct wsc_session *session) {
  session->ended = true;
  wsc_session_tell_end(session);
}

struct wsc_event *wsc_session_events(const struct wsc_session *session) {
  return session->events;
}

void wsc_session_take(struct wsc_session *session, struct wsc_event *event) {
  struct wsc_event **at = &session->events;
  while (*at != event) {
    at = &(*at)->next;
  }
  *at = event->next;
  if (session->tail == &event->next) {
    session->tail = at;
  }
  session->num_events--;
}

const struct wsc_event *wsc_session_close(const struct wsc_session *session) {
  return session->first_close;
}

bool wsc_session_flooded(const struct wsc_session *session) {
  return session->flooded;
}

unsigned wsc_session_probed(const struct wsc_session *session) {
  return session->probed;
}

bool wsc_session_close_sent(const struct wsc_session *session) {
  return session->close_sent;
}

uint16_t wsc_session_close_sent_code(const struct wsc_session *session) {
  return session->close_sent_code;
}
