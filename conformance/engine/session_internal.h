/* session_internal.h: shared by session.c (reading), session_send.c,
 * session_deflate.c (what is compressed), session_autobahn.c and
 * session_watch.c (what is observed). */
#ifndef WSC_SESSION_INTERNAL_H
#define WSC_SESSION_INTERNAL_H

#include "inflate.h"
#include "session.h"

struct wsc_ping {
  uint8_t *payload; /* owned */
  size_t len;
  unsigned probe; /* number of the probe, 0: a ping of the script */
};

struct wsc_session {
  struct wsc_link *link;
  struct wsc_trial *trial;

  /* reading */
  uint8_t *in;
  size_t in_len, in_cap;
  uint64_t base; /* offset of in[0] in what was received */
  struct ws_frame frame;
  uint8_t header[WS_FRAME_HEADER_MAX];
  uint8_t header_len;
  uint64_t frame_at;
  bool in_payload;
  uint64_t payload_seen;
  uint8_t sample[WSC_FRAME_NOTE_MAX];
  size_t sample_len;

  bool message_open;
  uint8_t message_opcode;
  unsigned message_frames;
  bool message_compressed;
  enum ws_length_form message_form;
  uint8_t *message;
  size_t message_len, message_cap;

  struct wsc_event *events;
  struct wsc_event **tail;
  size_t num_events;   /* in the queue */
  uint64_t all_events; /* that ever were */
  uint64_t pongs_sent; /* octets of pongs that answer pings */
  bool ping_due;       /* the latest ping is to be answered */
  uint8_t ping[WS_CONTROL_MAX];
  size_t ping_len;
  struct wsc_event *first_close; /* a copy */
  bool ended;
  bool flooded;

  /* permessage-deflate */
  bool agreed;
  struct wsc_deflate_agreement agreement;
  struct wsc_deflater *deflater; /* owned; NULL until the first message */
  struct wsc_inflate *inflate;   /* owned; NULL until the first message */
  uint64_t inflated;             /* octets that came out */
  uint64_t saved; /* octets that compression left out of what we sent */

  /* sending */
  bool close_sent;
  uint16_t close_sent_code; /* 1005: none */
  bool close_sent_has_code; /* tells an empty body from a literal 1005 */
  struct wsc_ping *pings;
  size_t num_pings, cap_pings;
  size_t answered; /* pings up to here were answered or overtaken */
  unsigned num_probes;
  unsigned probed;
};

/* session_send.c */
unsigned wsc_session_match_pong(struct wsc_session *session,
                                const uint8_t *payload, size_t len);

/* session.c: octets that what we sent asks for; and the end of reading. */
uint64_t wsc_session_asked(const struct wsc_session *session);
void wsc_session_flood(struct wsc_session *session);

/* session_deflate.c: fills `event` from the compressed message. */
void wsc_session_inflate(struct wsc_session *session, struct wsc_event *event);

/* session_autobahn.c: what the Autobahn Testsuite would see of it. */
void wsc_session_tell_open(const struct wsc_session *session);
void wsc_session_tell_event(const struct wsc_session *session,
                            const struct wsc_event *event);
void wsc_session_tell_violation(const struct wsc_session *session,
                                enum wsc_check check);
void wsc_session_tell_close_sent(const struct wsc_session *session);
void wsc_session_tell_end(const struct wsc_session *session);

/* session_watch.c */
void wsc_session_watch_inflated(struct wsc_session *session,
                                const struct wsc_event *message,
                                bool whole); /* false: more was not read */
void wsc_session_watch_header(struct wsc_session *session);
void wsc_session_watch_message(struct wsc_session *session,
                               const struct wsc_event *message);
void wsc_session_watch_close(struct wsc_session *session,
                             const struct wsc_event *close);
void wsc_session_sample(struct wsc_session *session, const uint8_t *data,
                        size_t len);
void wsc_session_note_received(struct wsc_session *session);
void wsc_session_observe(struct wsc_session *session, enum wsc_check check,
                         const char *violation);

/* What a peer may send beyond what we sent it: greetings, pings, broadcasts. */
#define WSC_UNASKED_MAX (2u << 20)

#endif
