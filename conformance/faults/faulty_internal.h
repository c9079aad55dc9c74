/* faulty_internal.h: one connection of the faulty peer, split by phase and
 * direction: faulty_opening, _request and _response read and answer the opening
 * handshake; faulty_receive reads frames by faulty_rules; faulty_message and
 * _text make messages of them; faulty_send writes frames; faulty_close ends the
 * connection; faulty_deflate.h has permessage-deflate. Each asks wsc_faulty_is at the branch where a fault matters. */
#ifndef WSC_FAULTY_INTERNAL_H
#define WSC_FAULTY_INTERNAL_H

#include "faulty.h"

#include "ws/fault.h"
#include "ws/frame.h"
#include "ws/http.h"
#include "ws/utf8.h"

#define WSC_FAULTY_HEAD_MAX    ((size_t)16 * 1024) /* bytes of a request */
#define WSC_FAULTY_MESSAGE_MAX ((size_t)64 * 1024 * 1024)

/* How long it goes on reading when a fault makes it process what arrives after
 * its Close: long enough for what is on the way, far below any reaction
 * timeout. Microseconds. */
#define WSC_FAULTY_LINGER ((uint64_t)200 * 1000)
/* How long it waits for frames that belong to a batch. Microseconds. */
#define WSC_FAULTY_BATCH ((uint64_t)50 * 1000)
/* The delay of WSC_FAULT_TCP_CLOSES_LATE and _CLOSE_REPLY_LATE.
 * Microseconds. */
#define WSC_FAULTY_LATE ((uint64_t)20 * 1000 * 1000)
/* How long an answer to a Close of its own will is waited for. Microseconds. */
#define WSC_FAULTY_UNANSWERED ((uint64_t)5 * 1000 * 1000)
/* The limits of WSC_FAULT_LIMITS_SILENT. */
#define WSC_FAULTY_SILENT_BYTES  ((size_t)8 * 1024 * 1024)
#define WSC_FAULTY_SILENT_FRAMES ((size_t)5000)

/* Bytes that grow at the end. */
struct wsc_faulty_buffer {
  uint8_t *data; /* owned */
  size_t len;
  size_t cap;
};

/* False: out of memory, the buffer stays as it was. */
bool wsc_faulty_buffer_insert(struct wsc_faulty_buffer *buffer, size_t offset,
                              const void *data, size_t len);
bool wsc_faulty_buffer_append(struct wsc_faulty_buffer *buffer,
                              const void *data, size_t len);
/* Empties it, and gives memory beyond a small reserve back. */
void wsc_faulty_buffer_clear(struct wsc_faulty_buffer *buffer);
void wsc_faulty_buffer_free(struct wsc_faulty_buffer *buffer);

enum wsc_faulty_phase {
  WSC_FAULTY_HEAD, /* reads the request */
  WSC_FAULTY_OPEN, /* reads frames */
  WSC_FAULTY_DONE  /* discards what arrives (7.1.7) */
};

/* Where the payload of the frame under way goes. */
enum wsc_faulty_sink {
  WSC_FAULTY_TO_MESSAGE,
  WSC_FAULTY_TO_ASIDE, /* control frames: they may interrupt a message */
  WSC_FAULTY_TO_NOTHING
};

struct wsc_faulty_deflate;

struct wsc_faulty {
  enum wsc_fault_id fault;
  bool commands;
  enum wsc_faulty_phase phase;
  enum wsc_peer_wish wish;
  bool resets_when_sent; /* wish WSC_PEER_RESET once the output is sent */
  bool close_sent;
  bool close_begun;                   /* of its own will */
  struct wsc_faulty_process *process; /* NULL: see struct wsc_faulty_config */
  uint64_t allocated;                 /* its share of the memory of that */
  uint64_t wasted;    /* bytes that a fault keeps beyond its buffers */
  unsigned lost_seen; /* its value when this connection began */

  uint64_t now;   /* as far as the owner has told */
  uint64_t delay; /* asked for at an unknown time; 0: none */
  uint64_t due;   /* UINT64_MAX: never */

  struct wsc_faulty_buffer head;
  size_t head_scanned;

  uint8_t header[WS_FRAME_HEADER_MAX];
  size_t header_len;
  bool in_payload;
  struct ws_frame frame; /* the frame under way, while in_payload */
  uint64_t received;     /* of its payload */
  size_t num_segments;   /* that the request or its payload came in, so far */
  bool segment_dropped;  /* the rest of the segment under way is not read */
  enum wsc_faulty_sink sink;
  struct wsc_faulty_buffer aside;

  struct wsc_faulty_deflate *deflate; /* owned; NULL: not agreed on */

  bool message_open;
  bool compressed; /* the message under way */
  uint8_t message_opcode;
  size_t num_fragments;
  size_t fragment_start; /* where the last fragment begins in `message` */
  uint8_t first_key[4];  /* masking key of the message's first fragment */
  struct ws_utf8 utf8;
  struct wsc_faulty_buffer message;

  size_t num_pongs;
  size_t num_messages;           /* to be echoed */
  bool close_held;               /* the reply to Close is kept back */
  struct wsc_faulty_buffer held; /* frames kept back */
  struct wsc_faulty_buffer out;
  size_t out_sent;
};

static inline bool wsc_faulty_is(const struct wsc_faulty *peer,
                                 enum wsc_fault_id fault) {
  return peer->fault == fault;
}

/* True while it still processes frames though it has sent its Close. */
static inline bool wsc_faulty_lingers(const struct wsc_faulty *peer) {
  return peer->close_sent && peer->phase == WSC_FAULTY_OPEN;
}

/* faulty_process.c: what a fault does to the process. Without one, nothing. */
void wsc_faulty_crash(struct wsc_faulty *peer);
void wsc_faulty_spin(struct wsc_faulty *peer);
void wsc_faulty_burn(struct wsc_faulty *peer, uint64_t microseconds);

/* Takes the connection's memory anew; `gone`: it has none any more. */
void wsc_faulty_account(struct wsc_faulty *peer, bool gone);

/* A request that this fault does not survive, or that costs it. */
void wsc_faulty_choke(struct wsc_faulty *peer, const struct ws_http_head *head);

/* Memory is exhausted: drops the connection. */
void wsc_faulty_die(struct wsc_faulty *peer);
/* Calls wsc_faulty_due `delay` microseconds from now. */
void wsc_faulty_arm(struct wsc_faulty *peer, uint64_t delay);
/* Discards all further input and closes, or keeps the connection. */
void wsc_faulty_end(struct wsc_faulty *peer, enum wsc_peer_wish wish);

/* Takes bytes of the request; frames behind it go to wsc_faulty_receive. */
void wsc_faulty_opening(struct wsc_faulty *peer, const uint8_t *data,
                        size_t len);
/* TCP ended inside the request. */
void wsc_faulty_opening_eof(struct wsc_faulty *peer);

/* The HTTP status with which `head` is refused, or 0. */
uint16_t wsc_faulty_refusal(const struct wsc_faulty *peer,
                            const struct ws_http_head *head);
/* Writes the response that refuses with `status`, and closes. */
void wsc_faulty_refuse(struct wsc_faulty *peer, uint16_t status);
/* Writes the 101. False: not possible, and refused. */
bool wsc_faulty_accept(struct wsc_faulty *peer,
                       const struct ws_http_head *head);

/* Takes bytes of frames, and unmasks them in place. */
void wsc_faulty_receive(struct wsc_faulty *peer, uint8_t *data, size_t len);
/* The status code with which peer->frame has to be refused, or 0. */
uint16_t wsc_faulty_judge(const struct wsc_faulty *peer);
/* True when peer->frame exceeds what this peer stores. */
bool wsc_faulty_too_big(const struct wsc_faulty *peer);
/* Where the payload of peer->frame goes. */
enum wsc_faulty_sink wsc_faulty_sink_of(const struct wsc_faulty *peer);

/* A data frame begins; its payload arrives; it has ended. */
void wsc_faulty_message_begin(struct wsc_faulty *peer);
void wsc_faulty_message_data(struct wsc_faulty *peer, const uint8_t *data,
                             size_t len);
void wsc_faulty_message_end(struct wsc_faulty *peer);

/* True as long as the text under way can become valid. */
bool wsc_faulty_text_feed(struct wsc_faulty *peer, const uint8_t *data,
                          size_t len);
/* True when it is: all of it, in peer->message. */
bool wsc_faulty_text_end(const struct wsc_faulty *peer);

/* Queues `frame` as it stands; frame->length is that of the payload. */
void wsc_faulty_put_frame(struct wsc_faulty *peer, const struct ws_frame *frame,
                          const uint8_t *payload);
/* Queues one frame. */
void wsc_faulty_send(struct wsc_faulty *peer, uint8_t opcode,
                     const uint8_t *payload, size_t len);
/* Queues the echo of a message, the pong for a ping. */
void wsc_faulty_echo(struct wsc_faulty *peer, uint8_t opcode,
                     const uint8_t *payload, size_t len);
void wsc_faulty_pong(struct wsc_faulty *peer, const uint8_t *payload,
                     size_t len);
/* Queues the frames that were kept back. */
void wsc_faulty_release(struct wsc_faulty *peer);

/* Does what a whole text message asks for. False: it is no command. */
bool wsc_faulty_command(struct wsc_faulty *peer, const uint8_t *data,
                        size_t len);
/* Queues one frame of a fragmented message. */
void wsc_faulty_send_fragment(struct wsc_faulty *peer, uint8_t opcode, bool fin,
                              const uint8_t *payload, size_t len);

/* A Close frame has arrived. */
void wsc_faulty_closing(struct wsc_faulty *peer, const uint8_t *payload,
                        size_t len);
/* Fails the connection (7.1.7) with a status code. */
void wsc_faulty_fail(struct wsc_faulty *peer, uint16_t code);
/* TCP ended in OPEN. */
void wsc_faulty_closing_eof(struct wsc_faulty *peer);
/* The delay of wsc_faulty_arm has passed. */
void wsc_faulty_due(struct wsc_faulty *peer);

#endif
