/* server.h: the server's side of websocket.h: listen, look at requests, accept
 * or reject them.
 *
 * Every connection that asks properly (RFC 6455 4.2.1) becomes a request, told
 * by the `request` callback. It is answered there or later, once: by
 * ws_server_accept, which makes it a ws_websocket, or by ws_server_reject.
 * Improper requests are answered with their HTTP status and never told; one that
 * is not complete when the opening timeout comes, with 408. All callbacks come
 * from inside ws_io_turn or ws_io_run, and may call anything here, ws_server_free
 * included. */
#ifndef WS_SERVER_H
#define WS_SERVER_H

#include "ws/handshake.h"
#include "ws/io.h"
#include "ws/tls.h"
#include "ws/types.h"
#include "ws/websocket.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ws_server; /* opaque */

/* A request that waits for its answer. It is gone when it was answered, when
 * `gone` was called for it, and with its server. */
struct ws_server_request;

struct ws_server_options {
  /* Of all its sockets; the connect timeout is that of TLS's handshake here.
   * What it points to is borrowed until the server and its sockets are gone. */
  struct ws_websocket_config config;
  const char *host;   /* address to listen on; NULL: 127.0.0.1; borrowed for the
                       call */
  uint16_t port;      /* 0: any, see ws_server_port */
  struct ws_tls *tls; /* wss; the server keeps a reference; NULL: ws */
  size_t max_connections; /* more are answered with 503, over TLS by the end of
                             the stream (requests that wait, TLS handshakes and
                             sockets all count); 0: no limit but descriptors */
  void (*request)(void *user, struct ws_server_request *request);
  /* There will be no answer: the connection broke; or the opening timeout came
   * (the client gets a 503); or what came behind the request exceeds
   * config.limits.conn.head (a 400). The request can still be looked at, for the
   * last time. A client that has ended its direction and waits is not gone: it
   * can read. May be NULL when `request` always answers at once. */
  void (*gone)(void *user, struct ws_server_request *request);
  void *user; /* borrowed until ws_server_free */
};

/* Owned by the caller. NULL, and *text (static) says why: the address cannot be
 * had, an option is out of its range, or memory is exhausted. */
struct ws_server *ws_server_listen(struct ws_io *io,
                                   const struct ws_server_options *options,
                                   const char **text);

/* The port it listens on; the one the system chose when it was asked for 0. */
uint16_t ws_server_port(const struct ws_server *server);

/* Sockets, requests and handshakes in progress. What was answered with an HTTP
 * status is none of them. */
size_t ws_server_num_connections(const struct ws_server *server);

/* Requests --------------------------------------------------------------- */

/* The request as it was checked, with its head; borrowed until the answer. */
const struct ws_request *
ws_server_request_head(const struct ws_server_request *request);

/* Free for the user; NULL at first. */
void ws_server_request_set_user(struct ws_server_request *request, void *user);
void *ws_server_request_user(const struct ws_server_request *request);

/* Answers with 101 and makes *socket, in CONNECTING; its open event is a task of
 * the next turn. Owned by the caller (ws_websocket_release). `protocol` is one
 * that was offered, or NULL; `headers` are further fields; all copied.
 * permessage-deflate is negotiated where the server's config has it.
 * WS_ERR_ARGUMENT: not offered, or an illegal header; nothing happened, and the
 * request still waits. WS_ERR_STATE: inside `gone`, nothing happened. Anything
 * else is exhaustion: the request is gone, without a further word, and its
 * connection closed. On failure *socket is NULL. */
enum ws_status ws_server_accept(struct ws_websocket **socket,
                                struct ws_server_request *request,
                                const char *protocol,
                                const struct ws_header *headers,
                                size_t num_headers);

/* Picks the client's most preferred subprotocol that is in `protocols`
 * (NULL-ended), as a result of `protocols`; NULL when there is none (RFC 6455
 * 4.2.2: the client's order; 1.9). */
const char *ws_server_choose_protocol(const struct ws_server_request *request,
                                      const char *const *protocols);

/* Answers with a status of 300..599; see handshake.h for what `options` may say
 * (copied). WS_ERR_ARGUMENT, WS_ERR_STATE, exhaustion: as above. */
enum ws_status ws_server_reject(struct ws_server_request *request,
                                const struct ws_reject_options *options);

/* Ending ----------------------------------------------------------------- */

/* Orderly: stops listening, answers waiting requests with 503 (`gone` is not
 * called for them), closes every socket with 1001 (RFC 6455 7.4.1: "going
 * away"), and calls `done` (NULL: nobody) when the last connection is gone.
 * What has not closed after `timeout` microseconds (0: the closing timeout) is
 * aborted. Calling it again with less time shortens the wait; a further `done`
 * takes the place of the first. */
void ws_server_shutdown(struct ws_server *server, uint64_t timeout,
                        void (*done)(void *user));

/* Stops listening and aborts what is left; its sockets' owners still hear error
 * and close, and release them: a socket that its owner has released before is
 * gone after the next turn. NULL is ignored. */
void ws_server_free(struct ws_server *server);

#ifdef __cplusplus
}
#endif

#endif
