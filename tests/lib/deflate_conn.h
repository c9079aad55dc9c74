/* deflate_conn.h: connections that have agreed on permessage-deflate. */
#ifndef DEFLATE_CONN_H
#define DEFLATE_CONN_H

#include "conn_support.h"
#include "ws/deflate.h"

/* One end: a connection, and the codec that it uses. */
struct deflate_end {
  struct ws_conn *conn;
  struct ws_deflate *deflate; /* NULL: not agreed on */
  struct ws_deflate_config config;
  const struct ws_allocator *allocator;
  struct counting_crypto crypto;
  enum ws_role role;
};

/* A connection that has not begun; a client has sent its offer of `config`,
 * which waits in the output. `limits` and `allocator` may be NULL. False: out
 * of memory; deflate_end_free is due all the same. */
bool deflate_end_init(struct deflate_end *end, enum ws_role role,
                      const struct ws_deflate_config *config,
                      const struct ws_conn_limits *limits,
                      const struct ws_allocator *allocator);
void deflate_end_free(struct deflate_end *end);

/* What an owner does on REQUEST and on OPEN; to be called with each event.
 * False: out of memory. */
bool deflate_end_negotiate(struct deflate_end *end,
                           const struct ws_event *event);

/* A server that has accepted `offer`, with no output waiting. */
void deflate_server_open(struct deflate_end *end, const char *offer,
                         const struct ws_conn_limits *limits,
                         const struct ws_allocator *allocator);

/* Writes a frame masked with zeros, as a client sends; returns its length. */
size_t write_frame(uint8_t *out, uint8_t first, const void *payload,
                   size_t len);

#endif
