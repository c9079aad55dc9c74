/* server_internal.h: the server, split by concern.
 *
 *   server.c          listening, taking connections, ending
 *   server_opening.c  a connection from its first octet to its request
 *   server_answer.c   accepting and rejecting
 *
 * A connection is a `struct ws_server_request` from the moment in which TCP has
 * it until it is gone, its time as a socket included. The user hears of it in
 * between. Rule of these files: calling the user is the last thing that a
 * function does with a request and its server, because the user may answer the
 * one and free the other. */
#ifndef WS_SERVER_INTERNAL_H
#define WS_SERVER_INTERNAL_H

#include "ws/server.h"

enum ws_server_phase {
  WS_SERVER_TLS,     /* TLS's handshake */
  WS_SERVER_HEAD,    /* the request is on its way */
  WS_SERVER_WAITING, /* the user's answer is */
  WS_SERVER_SOCKET,  /* it was accepted */
  WS_SERVER_REFUSED  /* it was answered; the peer's FIN is on its way */
};

struct ws_server_request {
  struct ws_server *server;
  struct ws_server_request *next, **link; /* in server->requests */
  enum ws_server_phase phase;
  bool heard; /* octets have come */
  bool fin;   /* WS_IO_FIN has come */
  /* Until it is a socket: owned. */
  struct ws_io_stream *stream;
  struct ws_io_timer *timer;
  struct ws_conn *conn;
  const struct ws_request *head; /* lies in `conn`; NULL: has not come */
  void *user;
  struct ws_websocket *socket; /* from then on: borrowed */
};

struct ws_server {
  struct ws_io *io;
  struct ws_websocket_config config; /* defaults are filled in */
  struct ws_io_server *listener;     /* NULL: not any more */
  uint16_t port;
  struct ws_tls *tls; /* a reference, or NULL */
  size_t max_connections;
  void (*request)(void *user, struct ws_server_request *request);
  void (*gone)(void *user, struct ws_server_request *request);
  void *user;
  struct ws_server_request *requests;
  size_t num_connections; /* of these, not REFUSED */

  /* ws_server_shutdown */
  bool ending;
  uint64_t deadline;         /* when the rest is aborted */
  struct ws_io_timer *timer; /* set while ending, to do what is next */
  void (*done)(void *user);  /* NULL: nobody waits, or was told */
};

/* server.c */

/* Frees the request, and its stream in the way of ws_io_release. */
void ws_server_remove(struct ws_server_request *request);

/* server_opening.c */

/* A request for `stream`, which is owned by it from then on, also when memory is
 * exhausted. */
void ws_server_open(struct ws_server *server, struct ws_io_stream *stream);

/* Writes `response`, which may be empty, and waits for the peer's FIN, but not
 * for ever. The request may be gone afterwards. */
void ws_server_respond(struct ws_server_request *request,
                       struct ws_slice response);

/* The same with one of the server's own refusals. */
void ws_server_refuse(struct ws_server_request *request, uint16_t status);

/* Writes such a refusal to a stream that has no request, and closes it. */
void ws_server_turn_away(struct ws_server *server, struct ws_io_stream *stream);

/* How long after its last octet a stream may take to end. */
uint64_t ws_server_linger(const struct ws_server *server);

/* `by` behind now, or never. */
uint64_t ws_server_time(const struct ws_server *server, uint64_t by);

#endif
