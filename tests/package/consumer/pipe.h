/* pipe.h: a client and a server joined in memory, for the consumers that have
 * no sockets. */
#ifndef CONSUMER_PIPE_H
#define CONSUMER_PIPE_H

#include <string.h>

#include <ws/conn.h>

static struct ws_conn *pipe_end(enum ws_role role) {
  const struct ws_conn_config config = {.role = role,
                                        .crypto = ws_crypto_openssl()};
  return ws_conn_new(&config);
}

/* Moves what `from` has to send into `to`. 0: nothing, or it does not fit. */
static size_t pipe_move(struct ws_conn *from, struct ws_conn *to,
                        uint8_t *buffer, size_t cap) {
  struct ws_slice out = ws_conn_output(from);
  size_t len = out.len < cap ? out.len : cap;
  if (len == 0) {
    return 0;
  }
  memcpy(buffer, out.data, len);
  ws_conn_output_done(from, len);
  return ws_conn_feed(to, buffer, len) == WS_OK ? len : 0;
}

#endif
