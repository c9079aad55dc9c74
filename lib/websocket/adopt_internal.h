/* adopt_internal.h: how server.c hands an accepted connection over to
 * websocket.c. */
#ifndef WS_ADOPT_INTERNAL_H
#define WS_ADOPT_INTERNAL_H

#include "ws/websocket.h"

/* A copy with the defaults filled in. */
void ws_websocket_fill_config(struct ws_websocket_config *config,
                              const struct ws_websocket_config *wanted);

/* A server's connection whose 101 `conn` has queued, or has sent already. It was
 * made with manual_close: data that waits may be sent before a Close frame is
 * answered. */
struct ws_adoption {
  struct ws_io *io;
  const struct ws_websocket_config *config; /* copied; what it points to is
                                               borrowed until the socket is gone
                                             */
  struct ws_conn *conn;        /* owned by the socket from then on */
  struct ws_io_stream *stream; /* the same; it will be attached anew */
  struct ws_deflate *deflate;  /* the same; NULL: not negotiated */
  bool fin;                    /* WS_IO_FIN has come, and `conn` knows */
  const char *origin;          /* copied; NULL: none */
  const char *extensions;      /* copied; NULL: none */
  /* Called once, from inside a turn, when the connection is gone for good:
   * after the close event, while the socket itself may live on with its owner.
   * Not a listener: it does not keep a released socket open. */
  void (*gone)(void *user, struct ws_websocket *socket);
  void *user;
};

/* *socket in CONNECTING, owned by the caller; its open event and whatever
 * `conn` already holds come as tasks. WS_ERR_NOMEM: nothing was taken over. */
enum ws_status ws_websocket_adopt(struct ws_websocket **socket,
                                  const struct ws_adoption *adoption);

/* As ws_websocket_close, with any code that may be sent: for 1001 of a server
 * that shuts down. */
void ws_websocket_go_away(struct ws_websocket *socket);

/* `gone` of the adoption will not be called: the server is. */
void ws_websocket_disown(struct ws_websocket *socket);

#endif
