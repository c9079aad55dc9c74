/* websocket_internal.h: the browser-shaped WebSocket, split by concern.
 *
 *   websocket.c  making, attributes
 *   connect.c    the client: URL, dialling, the request
 *   adopt.c      the server's connections
 *   session.c    the pump between stream and connection, the timer
 *   opening.c    what an opening handshake has agreed on
 *   receive.c    messages in
 *   send.c       messages out, bufferedAmount
 *   closing.c    the closing handshake, failures, the end
 *   events.c     listeners
 *   life.c       references
 *
 * Listeners are called from one place only: between ws_socket_enter and
 * ws_socket_leave, the bracket around everything that comes from the loop (a
 * notice of the stream, or the timer). A listener may call all that is in
 * websocket.h, so whoever dispatches looks at the socket anew afterwards; the
 * bracket keeps the socket and its stream in memory meanwhile. What a call of
 * the user wants done in the loop, it asks for with ws_socket_wake. */
#ifndef WS_WEBSOCKET_INTERNAL_H
#define WS_WEBSOCKET_INTERNAL_H

#include "core/buffer_internal.h"
#include "ws/websocket.h"

#include "adopt_internal.h"

#define WS_SOCKET_FAILURE_MAX WS_TLS_TEXT_MAX
#define WS_SOCKET_MARKS       16

struct ws_socket_listener {
  struct ws_socket_listener *next;
  ws_websocket_listener *call;
  void *user;
  uint64_t seq; /* rises with each that is added */
  bool handler; /* a member of the socket, not of the heap */
};

/* A message that waits until those before it have been framed. */
struct ws_socket_send {
  struct ws_socket_send *next;
  struct ws_blob *blob; /* owned: a reference */
  enum ws_opcode opcode;
  bool whole;      /* was copied, and becomes one frame; else as many as it
                      needs */
  uint64_t offset; /* bytes that have been framed */
  size_t chunk;    /* of the blob, where `offset` is */
  size_t at;       /* in that chunk */
};

/* Application data between two positions of what was sent. */
struct ws_socket_mark {
  uint64_t begin, end; /* of the octets on the wire, framing included */
  uint64_t len;        /* bytes of the application's */
  uint64_t done;       /* of these, no longer in bufferedAmount */
};

/* How a stream is given up. */
enum ws_socket_drop {
  WS_SOCKET_CLOSE, /* in order */
  WS_SOCKET_RELEASE /* it is not connected, or is broken */,
  WS_SOCKET_RESET
};

struct ws_websocket {
  const struct ws_allocator *allocator;
  struct ws_io *io;
  struct ws_websocket_config config; /* defaults are filled in */
  enum ws_role role;
  enum ws_ready_state state;
  enum ws_binary_type binary_type;

  /* life.c */
  size_t num_refs; /* the owner, the connection, and each bracket */
  size_t depth;    /* of brackets */
  bool released;   /* the owner's reference was given up */
  bool aborted;
  void (*gone)(void *user, struct ws_websocket *socket); /* may be NULL */
  void *gone_user;

  /* Attributes: owned, or NULL where they are empty. */
  char *url, *origin, *protocol, *extensions;
  const struct ws_http_head *response; /* see ws_websocket_response */
  bool offered;                        /* subprotocols were asked for */

  /* session.c */
  struct ws_conn *conn;
  struct ws_deflate *deflate;  /* NULL: not in use */
  struct ws_io_stream *stream; /* NULL: given up */
  struct ws_io_timer *timer;   /* NULL: the close event was delivered */
  bool up;                     /* the stream is connected */
  bool fin;                    /* the peer has ended its direction */
  bool finished;               /* we have ended ours */
  bool task;                   /* something waits for the next turn */
  bool kept;                   /* the connection may have events to take */
  bool paused;                 /* by the user */
  bool congested;              /* too much waits for the network */
  bool reading;                /* what the stream was told */
  uint64_t armed;              /* when the timer fires */
  uint64_t deadline;           /* of the present phase */
  uint64_t heard_at;           /* when something came from the peer */
  uint64_t pinged_at;
  bool pinged; /* a keep-alive ping waits for a sign of life */

  /* receive.c */
  struct ws_buffer message; /* of which the end has not come */

  /* send.c */
  struct ws_socket_send *sends, **sends_end;
  size_t copied;     /* bytes in them that belong to us alone */
  uint64_t queued;   /* bytes in them that have not been framed */
  uint64_t buffered; /* bufferedAmount */
  uint64_t written;  /* octets given to the stream */
  uint64_t sent;     /* of these, given to the network */
  struct ws_socket_mark marks[WS_SOCKET_MARKS]; /* a ring */
  size_t first_mark, num_marks;

  /* closing.c */
  bool close_wanted; /* a Close frame goes behind the sends */
  bool close_sent;
  uint16_t close_code;
  uint8_t close_reason[WS_CLOSE_REASON_MAX];
  size_t close_reason_len;
  bool close_received;
  uint16_t code; /* received; the reason too */
  uint8_t reason[WS_CLOSE_REASON_MAX];
  size_t reason_len;
  enum ws_fault fault;
  bool failed;
  char failure[WS_SOCKET_FAILURE_MAX];
  bool over; /* the connection has ended; the close event is due */
  enum ws_socket_drop drop;

  /* events.c */
  struct ws_socket_listener *listeners[WS_WEBSOCKET_NUM_EVENTS];
  struct ws_socket_listener handlers[WS_WEBSOCKET_NUM_EVENTS];
  uint64_t last_seq;
};

/* websocket.c */

/* A socket in CONNECTING with one reference, its owner's, and a timer; `config`
 * is copied. NULL: out of memory. */
struct ws_websocket *ws_socket_new(struct ws_io *io, enum ws_role role,
                                   const struct ws_websocket_config *config);

/* Frees the memory of a socket whose connection has been taken down. */
void ws_socket_destroy(struct ws_websocket *socket);

/* A NUL-terminated copy in *out, NULL for an empty text. False: out of memory.
 */
bool ws_socket_copy(struct ws_websocket *socket, char **out,
                    struct ws_slice text);

/* session.c */

/* The listener for the socket's stream. */
struct ws_io_listener ws_socket_stream_listener(struct ws_websocket *socket);
void ws_socket_on_timer(void *user);

void ws_socket_enter(struct ws_websocket *socket);
void ws_socket_leave(struct ws_websocket *socket); /* may free the socket */

/* The loop shall come by, in its next turn at the latest. */
void ws_socket_wake(struct ws_websocket *socket);

/* The phase that begins now may last so long. */
void ws_socket_set_deadline(struct ws_websocket *socket, uint64_t timeout);

/* A sign of life. */
void ws_socket_heard(struct ws_websocket *socket);

/* opening.c */

/* WS_EVENT_OPEN. */
void ws_socket_opened(struct ws_websocket *socket,
                      const struct ws_event *event);

/* receive.c */

void ws_socket_take_data(struct ws_websocket *socket,
                         const struct ws_event *event);

/* send.c */

/* Gives the network what it takes, and tells when all has left. */
void ws_socket_flush(struct ws_websocket *socket);
void ws_socket_drop_sends(struct ws_websocket *socket);

/* Bytes that wait for the network, in whatever form. */
uint64_t ws_socket_waiting(const struct ws_websocket *socket);

/* closing.c */

/* Says why the connection fails; the first reason counts. */
void ws_socket_blame(struct ws_websocket *socket, const char *text);

/* The connection is over: its stream is given up, and the events of the end are
 * due. */
void ws_socket_conclude(struct ws_websocket *socket, enum ws_socket_drop drop);

/* Blames and concludes. */
void ws_socket_fail(struct ws_websocket *socket, const char *text,
                    enum ws_socket_drop drop);

/* CLOSING begins, with its deadline. */
void ws_socket_begin_closing(struct ws_websocket *socket);

/* Starts the closing handshake, or fails a connection that is not open. */
void ws_socket_start_closing(struct ws_websocket *socket, uint16_t code,
                             struct ws_slice reason);

void ws_socket_take_close(struct ws_websocket *socket,
                          const struct ws_event *event);
void ws_socket_take_fault(struct ws_websocket *socket,
                          const struct ws_event *event);

/* Does what the closing handshake, or a failure, wants next. */
void ws_socket_go_on_closing(struct ws_websocket *socket);

/* The deadline has passed. */
void ws_socket_time_out(struct ws_websocket *socket);

/* Gives the stream of a connection that is over up. */
void ws_socket_drop_stream(struct ws_websocket *socket);

/* CLOSED, with its events; the connection's reference is given up. */
void ws_socket_deliver_end(struct ws_websocket *socket);

/* events.c */

void ws_socket_dispatch(struct ws_websocket *socket,
                        struct ws_websocket_event *event);
bool ws_socket_hears(const struct ws_websocket *socket,
                     enum ws_websocket_event_type type);
void ws_socket_drop_listeners(struct ws_websocket *socket);

/* life.c */

void ws_socket_unref(struct ws_websocket *socket);

/* A socket that was released, and that nobody listens to, is closed. */
void ws_socket_collect(struct ws_websocket *socket);

#endif
