/* conn.h: one WebSocket connection (RFC 6455), without any I/O.
 *
 * The connection is a machine between bytes and events. Whoever owns the
 * transport feeds it what arrived, takes the events out, and sends what the
 * output holds:
 *
 *     n = read(fd, buf, sizeof(buf));
 *     ws_conn_feed(c, buf, n);                     // or ws_conn_feed_eof(c)
 *     while (ws_conn_next(c, &event)) { ... }
 *     out = ws_conn_output(c);
 *     n = write(fd, out.data, out.len);
 *     ws_conn_output_done(c, n);
 *     if (ws_conn_wants_close(c)) { shutdown(fd); }
 *
 * There are no callbacks, so nothing is re-entrant; there is no clock, so the
 * owner arms the timers: for the opening handshake (until WS_EVENT_OPEN) and
 * for the closing handshake (from ws_conn_close, or WS_CONN_CLOSING, until the
 * transport is closed). All functions may be called between two events.
 *
 * Opening handshake
 * -----------------
 * A client calls ws_conn_connect first; the answer is WS_EVENT_OPEN,
 * WS_EVENT_REFUSED (a response that is not 101) or WS_EVENT_FAULT. A server
 * gets WS_EVENT_REQUEST for a request that is valid by 4.2.1 and answers with
 * ws_conn_accept (WS_EVENT_OPEN follows) or ws_conn_reject; it may take its
 * time, and stops feeding meanwhile. Any other request is answered with an HTTP
 * error before the owner hears of it, as WS_EVENT_FAULT.
 *
 * Messages
 * --------
 * A message arrives as one or more WS_EVENT_DATA, as the bytes come in: `first`
 * is set in its first event and `final` in its last. Text is checked while it
 * arrives, so that each event holds the beginning of valid UTF-8 so far. Pings
 * are answered (5.5.2) and Close frames too (5.5.1) before their events are
 * seen.
 *
 * The end
 * -------
 * The last event is always WS_EVENT_END, once: after a CLOSE, a FAULT, a
 * REFUSED, or the end of the stream. From then on input is discarded (5.5.1,
 * 7.1.7), while output may still wait. After a fault, the Close frame with its
 * status code, or the HTTP error, is in the output.
 *
 * Exhaustion is no fault of the peer: a function returns WS_ERR_NOMEM or
 * WS_ERR_CRYPTO, ws_conn_status keeps it, the next event is END.
 */
#ifndef WS_CONN_H
#define WS_CONN_H

#include "ws/close.h"
#include "ws/crypto.h"
#include "ws/fault.h"
#include "ws/frame.h"
#include "ws/handshake.h"
#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ws_conn; /* opaque */

/* What the connection accepts; 0 means the default in parentheses. Breaches by
 * the peer are faults; a send beyond `output` returns WS_ERR_LIMIT. */
struct ws_conn_limits {
  size_t head;        /* bytes of the peer's HTTP head (65536) */
  size_t fields;      /* fields of that head (128) */
  uint64_t frame;     /* payload bytes of a frame on the wire (64 MiB) */
  uint64_t message;   /* bytes of a message, after decompression (64 MiB) */
  uint64_t fragments; /* frames of a message (1048576) */
  size_t output;      /* bytes that wait in the output (128 MiB). A pong that
                         finds no room waits outside; a later one replaces it
                         (5.5.3). Close frames and HTTP responses always fit,
                         and so does a pong when nothing else waits */
};

struct ws_conn_config {
  enum ws_role role;
  const struct ws_crypto *crypto;       /* borrowed until ws_conn_free */
  const struct ws_allocator *allocator; /* borrowed until ws_conn_free; NULL:
                                           libc */
  struct ws_conn_limits limits;
  bool manual_pong; /* the owner answers pings itself */
  bool
      manual_close; /* the owner answers a Close frame itself, by ws_conn_close;
                        until then it may still send (5.5.1: "MAY delay") */
};

/* 7.1: OPEN until a Close frame was sent or received or the connection failed;
 * CLOSED once WS_EVENT_END was delivered. */
enum ws_conn_state {
  WS_CONN_CONNECTING,
  WS_CONN_OPEN,
  WS_CONN_CLOSING,
  WS_CONN_CLOSED
};

enum ws_event_type {
  WS_EVENT_REQUEST, /* server: a valid request waits for its answer */
  WS_EVENT_OPEN,    /* the opening handshake is over */
  WS_EVENT_REFUSED, /* client: the response is not 101; its head, no body */
  WS_EVENT_DATA,    /* bytes of a message */
  WS_EVENT_PING,
  WS_EVENT_PONG,
  WS_EVENT_CLOSE, /* a Close frame, already answered (but see manual_close) */
  WS_EVENT_FAULT, /* the peer broke a rule; the connection has failed */
  WS_EVENT_END    /* no event follows */
};

struct ws_event {
  enum ws_event_type type;
  /* Where in the received stream: the whole frame of a PING, PONG or CLOSE; the
   * payload bytes of DATA as they came in; the head of REQUEST, REFUSED and a
   * client's OPEN; the offending bytes of FAULT, for a transformed message the
   * header of a frame; else a position, len 0. */
  uint64_t offset;
  uint64_t len;
  enum ws_opcode opcode; /* DATA: WS_OP_TEXT or WS_OP_BINARY */
  bool first, final;     /* DATA: of its message */
  /* DATA, PING, PONG: the payload, unmasked; CLOSE: the reason. Borrowed until
   * the next call of ws_conn_next or ws_conn_feed; for DATA it lies in the
   * buffer that was fed, where no extension is in use. */
  struct ws_slice payload;
  uint16_t code; /* CLOSE: the status code, WS_CLOSE_NO_STATUS for none; FAULT:
                    the close_code of the fault */
  enum ws_fault fault;                /* FAULT */
  const struct ws_request *request;   /* REQUEST; borrowed until the answer */
  const struct ws_response *response; /* REFUSED, a client's OPEN; borrowed
                                         until the next ws_conn_next */
};

/* Extensions --------------------------------------------------------------
 *
 * The seam for permessage-compression and its kind: an extension that uses RSV
 * bits of the first frame of a message and transforms its payload (5.8, 9.2).
 * The owner negotiates it in the handshake's fields, then hands the transform
 * over. Everything else, limits and UTF-8 included, stays the connection's. */
/* A step of receiving: what goes in, and what comes of it. */
struct ws_transform_step {
  struct ws_slice in;  /* what arrived; the callee takes bytes off it */
  bool final;          /* the message ends behind `in` */
  uint64_t room;       /* what the message may still grow by: a byte more fails
                         the connection, and more than one is wasted */
  struct ws_slice out; /* to be set; borrowed until the next call. In pieces of
                          a size that the callee chooses; empty: all was taken */
  enum ws_fault fault; /* to be set when the peer broke a rule: the connection
                          fails with it */
};

struct ws_transform {
  uint8_t rsv; /* the bits that mark a transformed message; no more than that
                  may be set by the peer */
  /* Called for the bytes of a transformed message until `out` is empty. Not
   * WS_OK: the connection is broken with that status. */
  enum ws_status (*receive)(void *user, struct ws_transform_step *step);
  /* Whether a message to be sent is transformed, asked before its first frame:
   * `len` bytes come in it, and `final` says that these are all. NULL: always.
   */
  bool (*wanted)(void *user, size_t len, bool final);
  /* Sets *out to the whole of what `in` gives (borrowed until the next call).
   * `final` says that the message ends with it. Not WS_OK: the connection is
   * broken with that status. */
  enum ws_status (*send)(void *user, struct ws_slice in, bool final,
                         struct ws_slice *out);
  /* The output of `send` was copied: its memory may be given back. NULL: there
   * is no need to. */
  void (*sent)(void *user);
  void *user; /* borrowed until ws_conn_free */
};

/* Life ------------------------------------------------------------------- */

/* A copy of *config is kept. NULL: out of memory. */
struct ws_conn *ws_conn_new(const struct ws_conn_config *config);

void ws_conn_free(struct ws_conn *conn); /* NULL is ignored */

/* Takes bytes from the peer. `data` is borrowed, and changed (unmasking in
 * place), until ws_conn_next has returned false. WS_ERR_STATE: events of an
 * earlier feed still wait, a client has not called ws_conn_connect, or the
 * stream has ended. WS_ERR_LIMIT: a request waits for its answer and what came
 * behind it exceeds limits.head; nothing was taken. */
enum ws_status ws_conn_feed(struct ws_conn *conn, uint8_t *data, size_t len);

/* The peer ended its direction of the stream, in whatever way: on a reset, too.
 * Without a Close frame before it, that is WS_FAULT_ENDED_WITHOUT_CLOSE (status
 * code 1006, 7.1.5). */
enum ws_status ws_conn_feed_eof(struct ws_conn *conn);

/* The owner takes no more events for now: what was fed and not yet taken is
 * copied, and the buffer that was fed is free. The next feed has to wait until
 * ws_conn_next has returned false. */
enum ws_status ws_conn_keep(struct ws_conn *conn);

/* Takes the next event: true and *event, or false when more input is needed. */
bool ws_conn_next(struct ws_conn *conn, struct ws_event *event);

/* The bytes to send; len 0 when there are none. Borrowed until the next call
 * that may send: ws_conn_next, ws_conn_output_done, or any of those below. */
struct ws_slice ws_conn_output(const struct ws_conn *conn);

/* `len` bytes of the output were sent. */
void ws_conn_output_done(struct ws_conn *conn, size_t len);

/* True when the owner has to close the transport: all output was sent, and the
 * closing handshake is over (server; 7.1.1: a client waits for the server to
 * close, within a time that the owner sets), or the connection failed, was
 * refused, or has ended. */
bool ws_conn_wants_close(const struct ws_conn *conn);

/* Where the connection is in its life; see enum ws_conn_state. */
enum ws_conn_state ws_conn_state(const struct ws_conn *conn);

/* WS_OK, or the exhaustion that broke the connection. */
enum ws_status ws_conn_status(const struct ws_conn *conn);

/* True when both Close frames went their way: the clean part of `wasClean`,
 * which also needs that the transport was closed in order. */
bool ws_conn_closed_cleanly(const struct ws_conn *conn);

/* The subprotocol in use, NUL-terminated, or NULL. Borrowed until ws_conn_free.
 */
const char *ws_conn_protocol(const struct ws_conn *conn);

/* Opening ---------------------------------------------------------------- */

/* Client, once: queues the request. WS_ERR_ARGUMENT: see ws_request_options,
 * nothing happened. */
enum ws_status ws_conn_connect(struct ws_conn *conn,
                               const struct ws_request_options *options);

/* Server, after WS_EVENT_REQUEST: queues the 101; frames may be sent at once.
 * WS_ERR_ARGUMENT: the subprotocol or an extension was not offered, or an
 * option is illegal; nothing happened. */
enum ws_status ws_conn_accept(struct ws_conn *conn,
                              const struct ws_accept_options *options);

/* Server, after WS_EVENT_REQUEST: queues the refusal; END follows. */
enum ws_status ws_conn_reject(struct ws_conn *conn,
                              const struct ws_reject_options *options);

/* Puts a negotiated extension to use. Server: directly after ws_conn_accept.
 * Client: on WS_EVENT_OPEN, before the next ws_conn_next. *transform is copied.
 * WS_ERR_STATE: too late. */
enum ws_status ws_conn_set_transform(struct ws_conn *conn,
                                     const struct ws_transform *transform);

/* Sending ----------------------------------------------------------------
 *
 * WS_ERR_STATE: not OPEN, or a Close frame was sent. WS_ERR_LIMIT: the output
 * is full; nothing was queued, the call may be repeated. Data is copied. */

/* One message in one frame. `opcode` is WS_OP_TEXT or WS_OP_BINARY; text must
 * be valid UTF-8 (WS_ERR_ARGUMENT). WS_ERR_STATE while a fragmented message is
 * unfinished. */
enum ws_status ws_conn_send(struct ws_conn *conn, enum ws_opcode opcode,
                            const uint8_t *data, size_t len);

/* The next fragment of a message; the first call begins it, `final` ends it.
 * `opcode` is the message's in every call. Text may be cut anywhere. */
enum ws_status ws_conn_send_fragment(struct ws_conn *conn,
                                     enum ws_opcode opcode, const uint8_t *data,
                                     size_t len, bool final);

/* At most WS_CONTROL_MAX bytes. */
enum ws_status ws_conn_ping(struct ws_conn *conn, const uint8_t *data,
                            size_t len);
enum ws_status ws_conn_pong(struct ws_conn *conn, const uint8_t *data,
                            size_t len);

/* Starts the closing handshake (7.1.2), or answers a Close frame under
 * manual_close. `code` is one that may be sent (a server sends 1010 only to echo
 * it), or WS_CLOSE_NO_STATUS for an empty body (then `reason` must be empty).
 * `reason`: UTF-8, at most WS_CLOSE_REASON_MAX bytes. Messages still arrive
 * until the peer answers. */
enum ws_status ws_conn_close(struct ws_conn *conn, uint16_t code,
                             struct ws_slice reason);

/* _Fails the WebSocket Connection_ (7.1.7) for a fault that the owner found, in
 * a negotiated extension for example: as if the connection had found it. */
enum ws_status ws_conn_fail(struct ws_conn *conn, enum ws_fault fault);

#ifdef __cplusplus
}
#endif

#endif
