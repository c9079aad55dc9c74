/* websocket.h: a WebSocket as browsers have it (WHATWG WebSockets Standard), on
 * the event loop of io.h.
 *
 *     struct ws_websocket *socket;
 *     ws_websocket_connect(&socket, io, "wss://example.org/chat", &options);
 *     ws_websocket_on_message(socket, got_message, user);
 *     ws_io_run(io);
 *
 * Events
 * ------
 * Every event is a task: it comes from inside ws_io_turn or ws_io_run, never
 * from inside a call of the user, so listeners may be added after the socket was
 * made, and a callback may call anything here, ws_websocket_release included.
 * The order is the standard's: open once, or never; messages while the state is
 * OPEN; error, when the connection failed, before close; close exactly once, as
 * the last. A listener that is added or removed during an event does not change
 * who hears that event, except that a removed one is not called.
 *
 * Life
 * ----
 * The owner's reference ends with ws_websocket_release, which does what losing
 * the last reference does to a browser's WebSocket: while somebody listens to an
 * event that may still come, the connection goes on; else it is closed without a
 * status code, and queued data is sent first (WHATWG "garbage collection"). No
 * callback comes after all listeners are removed. A released socket may be used
 * until its close event was delivered, or until the turn after its last listener
 * was removed. ws_websocket_abort ends the connection at once. Sockets must be
 * gone before ws_io_free: ws_websocket_abort and then ws_websocket_release make
 * it so, without further events.
 *
 * Errors
 * ------
 * Where the standard throws, a function returns a status and does nothing else:
 * SyntaxError is WS_ERR_SYNTAX, InvalidAccessError is WS_ERR_ACCESS, and
 * InvalidStateError is WS_ERR_STATE. What goes wrong later is an error event,
 * and never says more to the peer's scripts than code 1006 does; for the program
 * in C, which is no script, ws_websocket_failure tells the reason.
 *
 * Additions to the standard, each marked "addition" below: timeouts, limits,
 * header fields, TLS options, back-pressure (pausing, and the drain event), the
 * reason of a failure, a server's side (server.h).
 *
 * Left to the program: proxies; to have one connection in CONNECTING for each
 * address and no more (RFC 6455 4.1); to wait before connecting again (7.2.3);
 * names that are not ASCII (url.h). */
#ifndef WS_WEBSOCKET_H
#define WS_WEBSOCKET_H

#include "ws/blob.h"
#include "ws/conn.h"
#include "ws/crypto.h"
#include "ws/deflate.h"
#include "ws/io.h"
#include "ws/tls.h"
#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ws_websocket; /* opaque */

enum ws_ready_state {
  WS_CONNECTING = 0,
  WS_OPEN = 1,
  WS_CLOSING = 2,
  WS_CLOSED = 3
};

/* How binary messages are delivered. */
enum ws_binary_type {
  WS_BINARY_BLOB = 0, /* as a ws_blob that may be kept; the default */
  WS_BINARY_ARRAY     /* as bytes, borrowed for the callback */
};

/* Options ---------------------------------------------------------------- */

/* Microseconds; 0 means the default in parentheses, WS_IO_NEVER no limit. An
 * addition. */
struct ws_websocket_timeouts {
  uint64_t connect; /* name resolution, TCP and TLS (30 s) */
  uint64_t opening; /* the opening handshake, behind that (10 s) */
  uint64_t closing; /* in CLOSING, until the stream is closed; counted anew
                       while queued data leaves (5 s) */
  uint64_t ping;    /* silence before a keep-alive ping is sent (never) */
  uint64_t pong;    /* silence behind that ping before the connection is failed
                       (20 s). While paused there are no pings */
};

/* Bytes; 0 means the default in parentheses. An addition. */
struct ws_websocket_limits {
  struct ws_conn_limits conn; /* see conn.h. Its `output` bounds what is
                                 buffered to be sent: a send beyond it makes the
                                 socket full, which closes it (WHATWG: "flagged
                                 as full") */
  /* When what is sent during message events makes more bytes wait for the
   * network than this (1 MiB), the peer is not read until half of them have
   * left: who does not read our answers cannot make us buffer them. */
  size_t high_water;
};

/* What client and server have in common. What it points to is borrowed until
 * the socket is gone, a server's until the server and all its sockets are; the
 * allocator also for as long as a blob lives that came in a message. */
struct ws_websocket_config {
  const struct ws_crypto *crypto;       /* NULL: ws_crypto_openssl() */
  const struct ws_allocator *allocator; /* NULL: libc */
  struct ws_websocket_timeouts timeouts;
  struct ws_websocket_limits limits;
  const struct ws_deflate_config *deflate; /* permessage-deflate is offered or
                                              accepted; NULL: it is not */
};

struct ws_websocket_options {
  struct ws_websocket_config config;
  const char *const *protocols; /* subprotocols by preference, NULL-ended; NULL:
                                   none; copied */
  /* Additions: */
  const char *origin;              /* value of Origin; NULL: not sent; copied */
  const struct ws_header *headers; /* further fields of the request; copied */
  size_t num_headers;
  struct ws_tls *tls;    /* for wss; NULL: trusts the system's certificates. The
                          socket keeps a reference */
  const char *connect;   /* host or address to dial in place of the URL's, which
                          stays the name in Host, SNI and verification; NULL:
                          the URL's; copied */
  uint16_t connect_port; /* 0: the URL's */
};

/* Making ----------------------------------------------------------------- */

/* new WebSocket(url, protocols): begins to connect and returns at once, with
 * *socket in CONNECTING. `options` NULL: the defaults. WS_ERR_SYNTAX: the URL
 * does not parse (url.h), has another scheme or a fragment, or a subprotocol is
 * no token or comes twice. WS_ERR_ARGUMENT: an option is out of its range or a
 * header is illegal. On failure *socket is NULL. */
enum ws_status ws_websocket_connect(struct ws_websocket **socket,
                                    struct ws_io *io, const char *url,
                                    const struct ws_websocket_options *options);

/* Gives the owner's reference up; see "Life". NULL is ignored. */
void ws_websocket_release(struct ws_websocket *socket);

/* An addition: breaks the connection at once (TCP: RST) without a Close frame.
 * error and close (1006, unless a Close frame had come) follow as tasks where
 * somebody listens. In CLOSED it does nothing. */
void ws_websocket_abort(struct ws_websocket *socket);

/* Attributes --------------------------------------------------------------
 *
 * All strings are borrowed until the socket is gone. */

/* readyState. */
enum ws_ready_state ws_websocket_ready_state(const struct ws_websocket *socket);

/* The serialised URL; of a server's socket, empty. */
const char *ws_websocket_url(const struct ws_websocket *socket);

/* The subprotocol in use; empty until open, and when there is none. */
const char *ws_websocket_protocol(const struct ws_websocket *socket);

/* The value of Sec-WebSocket-Extensions in use; empty as above. */
const char *ws_websocket_extensions(const struct ws_websocket *socket);

/* Bytes of application data that were given to send and had not been handed to
 * the network when the loop last came by; framing does not count. Does not fall
 * to zero when the connection closes: sends after that only make it grow. */
uint64_t ws_websocket_buffered_amount(const struct ws_websocket *socket);

/* binaryType. */
enum ws_binary_type ws_websocket_binary_type(const struct ws_websocket *socket);

/* Holds for messages that are delivered from now on. A value outside the enum is
 * ignored, as a browser ignores an unknown string. */
void ws_websocket_set_binary_type(struct ws_websocket *socket,
                                  enum ws_binary_type type);

/* Additions: */

/* WS_SERVER for a socket of ws_server_accept. */
enum ws_role ws_websocket_role(const struct ws_websocket *socket);

/* During open, and error before it: the head of the server's response, to read
 * Set-Cookie for example (RFC 6455 4.1). Borrowed for the callback; NULL at
 * other times and where none came. */
const struct ws_http_head *
ws_websocket_response(const struct ws_websocket *socket);

/* Why the connection failed, in English ("connection refused", the text of a
 * fault); empty when it did not. */
const char *ws_websocket_failure(const struct ws_websocket *socket);

/* What the peer broke: WS_FAULT_NONE unless it broke a rule. */
enum ws_fault ws_websocket_fault(const struct ws_websocket *socket);

/* True and *info: the stream is TLS and up. */
bool ws_websocket_tls_info(const struct ws_websocket *socket,
                           struct ws_tls_info *info);

/* Sending ----------------------------------------------------------------
 *
 * WS_ERR_STATE: CONNECTING. In CLOSING and CLOSED data is discarded and counted
 * in bufferedAmount, and the result is WS_OK. When the data does not fit into
 * the buffer (limits.conn.output), the socket becomes full: WS_OK too, the
 * connection is closed, error and close follow. WS_ERR_NOMEM: nothing was sent;
 * the connection may fail for it. Memory may be reused on return. Messages leave
 * in the order of the calls, in the loop's next turn at the earliest. */

/* Text; WS_ERR_ARGUMENT when it is not UTF-8. */
enum ws_status ws_websocket_send_text(struct ws_websocket *socket,
                                      const char *text, size_t len);

/* Binary, copied. */
enum ws_status ws_websocket_send_array(struct ws_websocket *socket,
                                       const void *data, size_t len);

/* Binary; the socket keeps a reference to `blob` and takes its chunks as the
 * network does, so that a large blob is never copied as a whole. */
enum ws_status ws_websocket_send_blob(struct ws_websocket *socket,
                                      struct ws_blob *blob);

/* close(), close(code), close(code, reason): starts the closing handshake, or
 * fails the connection in CONNECTING. `code`: WS_CLOSE_NO_STATUS for none (then
 * `reason` must be empty: WS_ERR_ACCESS), 1000, or 3000-4999, else
 * WS_ERR_ACCESS; a server's socket may send 1001-1003, 1007-1009 and 1011-1014
 * as well (an addition). `reason`: NULL for none, NUL-terminated UTF-8 of at
 * most 123 bytes (WS_ERR_SYNTAX, copied). Nothing happens in CLOSING and CLOSED.
 */
enum ws_status ws_websocket_close(struct ws_websocket *socket, uint16_t code,
                                  const char *reason);

/* Additions: */

/* A ping of at most 125 bytes; WS_ERR_ARGUMENT for more, WS_ERR_STATE outside
 * OPEN, WS_ERR_LIMIT when there is no room for it. Pings of the peer are
 * answered without anybody's doing. */
enum ws_status ws_websocket_ping(struct ws_websocket *socket, const void *data,
                                 size_t len);

/* Stops or resumes reading, so that TCP holds the peer back; no message is
 * delivered while paused. Holds in OPEN only: neither handshake waits for it. A
 * connection that breaks meanwhile is noticed when reading goes on. */
void ws_websocket_pause(struct ws_websocket *socket, bool paused);

/* Events ----------------------------------------------------------------- */

enum ws_websocket_event_type {
  WS_WEBSOCKET_OPEN,
  WS_WEBSOCKET_MESSAGE,
  WS_WEBSOCKET_ERROR,
  WS_WEBSOCKET_CLOSE,
  WS_WEBSOCKET_DRAIN, /* an addition: bufferedAmount fell to 0 in OPEN */
  WS_WEBSOCKET_NUM_EVENTS
};

enum ws_message_type { WS_MESSAGE_TEXT, WS_MESSAGE_ARRAY, WS_MESSAGE_BLOB };

/* Members that do not belong to the type are zero, and empty. */
struct ws_websocket_event {
  enum ws_websocket_event_type type;
  struct ws_websocket *target;
  /* MESSAGE. Borrowed for the callback; the blob may be kept with ws_blob_ref.
   */
  enum ws_message_type message;
  struct ws_slice data; /* TEXT (valid UTF-8) and ARRAY */
  struct ws_blob *blob; /* BLOB */
  const char *origin;   /* "wss://host:port"; of a server's socket, the value
                           of the request's Origin, or empty */
  /* CLOSE. */
  bool was_clean; /* both Close frames went their way, and the stream was closed
                     in order, or by us when the peer did not in time (RFC 6455
                     7.1.1, 7.1.4); else there was an error event */
  uint16_t code;  /* 1005: the Close frame had none; 1006: there was no
                             Close frame */
  struct ws_slice reason; /* UTF-8; borrowed for the callback */
};

/* Hears an event; *event is borrowed for the call. */
typedef void ws_websocket_listener(void *user,
                                   const struct ws_websocket_event *event);

/* addEventListener. The same listener and user are added once for a type.
 * `user` is borrowed until the listener is removed or the socket gone. */
enum ws_status ws_websocket_add_listener(struct ws_websocket *socket,
                                         enum ws_websocket_event_type type,
                                         ws_websocket_listener *listener,
                                         void *user);

/* removeEventListener. What was never added is ignored. */
void ws_websocket_remove_listener(struct ws_websocket *socket,
                                  enum ws_websocket_event_type type,
                                  ws_websocket_listener *listener, void *user);

/* socket.onopen = listener and its kind: one handler a type, called in its turn
 * among the listeners, at the place where it was first set; NULL removes it. */
void ws_websocket_set_handler(struct ws_websocket *socket,
                              enum ws_websocket_event_type type,
                              ws_websocket_listener *handler, void *user);

/* ws_websocket_set_handler for one type each. */
void ws_websocket_on_open(struct ws_websocket *socket,
                          ws_websocket_listener *handler, void *user);
void ws_websocket_on_message(struct ws_websocket *socket,
                             ws_websocket_listener *handler, void *user);
void ws_websocket_on_error(struct ws_websocket *socket,
                           ws_websocket_listener *handler, void *user);
void ws_websocket_on_close(struct ws_websocket *socket,
                           ws_websocket_listener *handler, void *user);

#ifdef __cplusplus
}
#endif

#endif
