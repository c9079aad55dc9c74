/* conn_internal.h: the connection, split by direction and phase.
 *
 *   conn.c          life, input, output, state
 *   conn_opening.c  the opening handshake of both roles
 *   conn_receive.c  frames and messages in
 *   conn_send.c     frames and messages out
 *   conn_closing.c  Close frames, faults, the end
 */
#ifndef WS_CONN_INTERNAL_H
#define WS_CONN_INTERNAL_H

#include "ws/conn.h"
#include "ws/utf8.h"

#include "buffer_internal.h"

/* What the receiving side waits for or has to say. Each phase has one step
 * function; see ws_conn_next. */
enum ws_phase {
  WS_PHASE_IDLE,    /* client, before ws_conn_connect */
  WS_PHASE_HEAD,    /* bytes of the peer's HTTP head */
  WS_PHASE_ANSWER,  /* server: the owner's answer */
  WS_PHASE_OPENED,  /* server: OPEN has to be said */
  WS_PHASE_HEADER,  /* a frame header */
  WS_PHASE_CONTROL, /* the payload of a control frame */
  WS_PHASE_DATA,    /* the payload of a data frame */
  WS_PHASE_INFLATE, /* output of the transform */
  WS_PHASE_FAULT,   /* FAULT has to be said */
  WS_PHASE_END,     /* END has to be said */
  WS_PHASE_DISCARD, /* nothing, ever */
  WS_NUM_PHASES
};

enum ws_step {
  WS_STEP_AGAIN, /* the phase may have changed: take the next step */
  WS_STEP_EVENT, /* *event is filled */
  WS_STEP_NEED   /* nothing can be done without more input or an answer */
};

/* Exists until the connection is open, or for ever when it does not open. */
struct ws_opening {
  struct ws_buffer head; /* the peer's */
  size_t scanned;
  struct ws_http_field *fields; /* owned */
  struct ws_http_head parsed;
  struct ws_request request;   /* server */
  struct ws_response response; /* client */
  struct ws_buffer sent;       /* client: our request, to be judged against */
  struct ws_http_field *sent_fields; /* owned */
  size_t num_sent_fields;
  struct ws_http_head sent_head;
  char accept[WS_ACCEPT_LEN];
};

struct ws_conn {
  enum ws_role role;
  const struct ws_crypto *crypto;
  const struct ws_allocator *allocator;
  struct ws_conn_limits limits;
  bool manual_pong;
  bool manual_close;

  enum ws_phase phase;
  enum ws_status status; /* sticky */
  bool opened;           /* frames may be sent and received */
  bool eof;
  bool failed; /* by a fault, a refusal or a rejection: no closing handshake */
  bool close_sent;
  bool close_received;
  char *protocol; /* owned */
  size_t protocol_len;
  bool transforms; /* `transform` is in use */
  struct ws_transform transform;
  struct ws_opening *opening;

  /* Input: in[0] is at `offset` in the received stream. */
  uint8_t *in; /* borrowed from the feed, or inside `held` */
  size_t in_len;
  uint64_t offset;
  struct ws_buffer held; /* came while a request waited for its answer, or was
                            kept; its last in_len bytes are the input */

  /* The frame being read. */
  uint8_t header[WS_FRAME_HEADER_MAX];
  size_t header_len;
  uint64_t frame_offset;
  struct ws_frame frame;
  uint64_t done; /* payload bytes of it that were taken */
  uint8_t control[WS_CONTROL_MAX];

  /* The message being read. */
  bool message_open;
  bool message_begun; /* an event of it was delivered */
  bool message_transformed;
  enum ws_opcode message_opcode;
  uint64_t message_len;
  uint64_t num_fragments;
  struct ws_utf8 utf8;
  struct ws_slice inflating; /* what the transform has not taken yet */
  bool inflating_final;      /* the message ends behind it */
  uint64_t inflating_offset; /* of those bytes on the wire; told once */
  uint64_t inflating_len;

  /* The fault to be said. */
  enum ws_fault fault;
  uint64_t fault_offset, fault_len;

  /* Output. */
  struct ws_buffer out;
  bool pong_waiting;
  uint8_t pong[WS_CONTROL_MAX];
  size_t pong_len;
  bool sending; /* a fragmented message of ours is unfinished */
  bool sending_transformed;
  enum ws_opcode sending_opcode;
  struct ws_utf8 sending_utf8;
};

/* conn.c */

void *ws_conn_allocate(struct ws_conn *conn, size_t len); /* zeroed, or NULL */
void ws_conn_release(struct ws_conn *conn, void *memory, size_t len);

/* Frames may be sent: OPEN, or a Close frame waits for the owner's answer. */
bool ws_conn_may_send(const struct ws_conn *conn);

/* Marks `len` input bytes as consumed. */
static inline void ws_conn_consume(struct ws_conn *conn, size_t len) {
  if (len != 0) {
    conn->in += len;
    conn->in_len -= len;
    conn->offset += len;
  }
}

/* Breaks the connection by exhaustion; returns `status`. */
enum ws_status ws_conn_break(struct ws_conn *conn, enum ws_status status);

/* conn_opening.c: the steps of the phases, and the end of the opening. */

enum ws_step ws_conn_step_head(struct ws_conn *conn, struct ws_event *event);
enum ws_step ws_conn_step_answer(struct ws_conn *conn, struct ws_event *event);
enum ws_step ws_conn_step_opened(struct ws_conn *conn, struct ws_event *event);
void ws_conn_opening_free(struct ws_conn *conn);

/* Queues the HTTP error that belongs to `fault`. */
void ws_conn_refuse(struct ws_conn *conn, enum ws_fault fault);

/* conn_receive.c */

enum ws_step ws_conn_step_header(struct ws_conn *conn, struct ws_event *event);
enum ws_step ws_conn_step_control(struct ws_conn *conn, struct ws_event *event);
enum ws_step ws_conn_step_data(struct ws_conn *conn, struct ws_event *event);
enum ws_step ws_conn_step_inflate(struct ws_conn *conn, struct ws_event *event);

/* conn_send.c */

enum ws_urgency {
  WS_QUEUE_LIMITED, /* WS_ERR_LIMIT when the output is full */
  WS_QUEUE_ALWAYS
};

/* Queues one frame; sets mask and key for the role. */
enum ws_status ws_conn_queue_frame(struct ws_conn *conn, struct ws_frame frame,
                                   struct ws_slice payload,
                                   enum ws_urgency urgency);

/* Answers a ping: now, or when there is room. */
void ws_conn_answer_ping(struct ws_conn *conn, struct ws_slice payload);

/* Queues a pong that waits for room, if there is room or it is urgent. */
void ws_conn_flush_pong(struct ws_conn *conn, enum ws_urgency urgency);

/* conn_closing.c */

/* Records the fault, queues what it is answered with, ends the reading. */
enum ws_step ws_conn_fail_at(struct ws_conn *conn, enum ws_fault fault,
                             uint64_t offset, uint64_t len);

/* The input is used up: waits for more, or the stream has ended too early. */
enum ws_step ws_conn_starve(struct ws_conn *conn);

/* A whole Close frame is in conn->control. */
enum ws_step ws_conn_take_close(struct ws_conn *conn, struct ws_event *event);

enum ws_step ws_conn_step_fault(struct ws_conn *conn, struct ws_event *event);
enum ws_step ws_conn_step_end(struct ws_conn *conn, struct ws_event *event);
enum ws_step ws_conn_step_discard(struct ws_conn *conn, struct ws_event *event);

#endif
