/* session.h: a connection after its opening handshake, read as WebSocket.
 *
 * It is an instrument and no endpoint: it reads whatever the peer sends as
 * leniently as octets allow, reports what it saw as events, watches for the
 * violations of observe.h, and answers pings. It refuses nothing. */
#ifndef WSC_SESSION_H
#define WSC_SESSION_H

#include "deflate.h"
#include "link.h"
#include "ws/frame.h"

enum wsc_event_kind {
  WSC_EVENT_TEXT,
  WSC_EVENT_BINARY,
  WSC_EVENT_PING,
  WSC_EVENT_PONG,
  WSC_EVENT_CLOSE
};

struct wsc_event {
  struct wsc_event *next;
  enum wsc_event_kind kind;
  uint8_t *payload; /* owned by the event; a Close frame's is its whole body */
  size_t len;
  uint16_t code; /* Close: status code, 1005 for an empty body */
  unsigned num_frames;
  enum ws_length_form form; /* of its first frame */
  uint64_t time;            /* on the trial's clock, of its last byte */

  /* Of a data message. `payload` is what it inflated to. */
  bool compressed;
  size_t wire_len;           /* octets of payload in its frames */
  size_t distance;           /* of its farthest match; 0: none */
  size_t reach;              /* how far one went back behind its beginning */
  const char *inflate_error; /* static; NULL: none. Else `payload` is what came
                                until there */
};

struct wsc_session;

/* Begins to read frames on `link`, whose owner it becomes; what was received
 * behind the response head is read first. `agreement` (copied; NULL: none) is on
 * permessage-deflate. */
struct wsc_session *
wsc_session_begin(struct wsc_link *link,
                  const struct wsc_deflate_agreement *agreement);
void wsc_session_free(struct wsc_session *session); /* NULL is ignored */

/* From the link: octets, and the end of the connection. True: something that a
 * script may wait for has happened, an event, a pong to a probe or a flood. */
bool wsc_session_feed(struct wsc_session *session, const uint8_t *data,
                      size_t len);
void wsc_session_end(struct wsc_session *session);

/* The events that nobody has taken yet, oldest first. */
struct wsc_event *wsc_session_events(const struct wsc_session *session);

/* Takes one of them out of the queue; the caller frees it. */
void wsc_session_take(struct wsc_session *session, struct wsc_event *event);
void wsc_event_free(struct wsc_event *event); /* NULL is ignored */

/* The first Close frame that came, also when it was taken; NULL: none. */
const struct wsc_event *wsc_session_close(const struct wsc_session *session);

/* True when the peer sent more than anybody asked for: reading has stopped and
 * the case cannot be measured. */
bool wsc_session_flooded(const struct wsc_session *session);

/* What was agreed on permessage-deflate; NULL: it is not in use. */
const struct wsc_deflate_agreement *
wsc_session_agreement(const struct wsc_session *session);

/* Compresses a message, as if it were sent, for frames made by hand. There is an
 * agreement. Borrowed until the next call. */
struct ws_slice wsc_session_deflated(struct wsc_session *session,
                                     struct ws_slice message,
                                     const struct wsc_deflate_options *options);

/* Sending. */
struct wsc_send {
  uint8_t opcode;
  bool fin;
  uint8_t rsv;
  bool masked;
  bool has_key;
  uint8_t key[4];
  int form; /* 7, 16, 64; 0: minimal */
  bool has_length;
  uint64_t length; /* announced, when it is not the payload's */
  const uint8_t *payload;
  size_t len;
  bool deflate; /* the payload is compressed, and RSV1 set */
  struct wsc_deflate_options options;
};

/* Sends one frame; masked by `key`, or a key from the trial's randomness. */
void wsc_session_send(struct wsc_session *session, const struct wsc_send *send);

/* A Close frame with `code` (1005: an empty body) and no reason. */
void wsc_session_send_close(struct wsc_session *session, uint16_t code);
bool wsc_session_close_sent(const struct wsc_session *session);
uint16_t wsc_session_close_sent_code(const struct wsc_session *session);

/* Sends a ping of our own, whose pong is no event, and returns its number.
 * Numbers begin at 1. */
unsigned wsc_session_probe(struct wsc_session *session);

/* A probe that bounds a wait: the latest one when its pong is still owed, else
 * a new one. A peer that answers each ping with something else cannot keep a
 * script busy for ever. */
unsigned wsc_session_fence(struct wsc_session *session);

/* The highest number of a probe whose pong came. */
unsigned wsc_session_probed(const struct wsc_session *session);

/* The peer's connection is known to have failed (an offence of ours was
 * rejected): for observe.h. */
void wsc_session_note_failed(struct wsc_session *session);

#endif
