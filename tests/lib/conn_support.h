/* conn_support.h: what the tests of ws_conn share. */
#ifndef CONN_SUPPORT_H
#define CONN_SUPPORT_H

#include "ws/conn.h"

#include <stdio.h>

/* SHA-1 of OpenSSL, and "random" bytes that count 01, 02, ...: the first key of
 * a client is then AQIDBAUGBwgJCgsMDQ4PEA==, that of erratum 3150. */
struct counting_crypto {
  struct ws_crypto table; /* pass &crypto.table; must not be moved */
  uint8_t last;
  size_t num_calls;
  size_t fail_at; /* the call that fails, from 1; 0: none */
};

void counting_crypto_init(struct counting_crypto *crypto);

/* A small generator for cuts and contents; any seed. */
uint32_t test_random(uint64_t *state);

/* Writes events as text, a line each, in a form that does not depend on how the
 * stream was cut: neighbouring DATA of one message become one line. */
struct event_log {
  FILE *stream;
  char *text; /* owned; complete after event_log_finish */
  size_t text_len;
  bool in_run; /* a run of DATA is being gathered */
  bool run_first, run_final;
  enum ws_opcode run_opcode;
  uint64_t run_offset, run_end;
  uint8_t *run; /* owned */
  size_t run_len;
};

void event_log_init(struct event_log *log);
void event_log_add(struct event_log *log, const struct ws_event *event);
const char *event_log_finish(struct event_log *log);
void event_log_free(struct event_log *log);

/* "81 05", spaces and # comments to the end of the line ignored, "quoted" text
 * taken as it stands. Returns the length; `out` has room for as many bytes as
 * `text` has characters. Anything else fails the running test. */
size_t read_hex(uint8_t *out, const char *text);

/* Requests and responses of the baseline. */
#define REQUEST_LINE "GET /chat HTTP/1.1\r\n"
#define HOST         "Host: example.com\r\n"
#define UPGRADE      "Upgrade: websocket\r\n"
#define CONNECTION   "Connection: Upgrade\r\n"
#define KEY          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION      "Sec-WebSocket-Version: 13\r\n"
#define REQUEST      REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION "\r\n"
#define STATUS_LINE  "HTTP/1.1 101 Switching Protocols\r\n"
#define ACCEPT       "Sec-WebSocket-Accept: C/0nmHhBztSRGR1CwL6Tf4ZjwpY=\r\n"
#define RESPONSE     STATUS_LINE UPGRADE CONNECTION ACCEPT "\r\n"

/* Feeds a copy of exactly these bytes, if any, and calls `take` for each event;
 * the copy is gone afterwards. */
typedef void event_taker(void *user, struct ws_conn *conn,
                         const struct ws_event *event);
void feed_bytes(struct ws_conn *conn, const void *data, size_t len,
                event_taker *take, void *user);

/* What happened; the user of see_event. */
struct seen {
  size_t num_faults, num_ends, num_refused;
  bool end_is_last;
  enum ws_fault fault;
  uint16_t code;
};

/* Takes notes, and accepts a request without ado. */
void see_event(void *user, struct ws_conn *conn, const struct ws_event *event);

/* A connection before the peer's head; a client has sent its request, offering
 * `protocol` (may be NULL) and the extension x-known. `limits` may be NULL. */
struct ws_conn *begin_conn(enum ws_role role, struct counting_crypto *crypto,
                           const struct ws_conn_limits *limits,
                           const char *protocol);

/* The same after a good opening handshake, with no output waiting. */
struct ws_conn *open_conn(enum ws_role role, struct counting_crypto *crypto,
                          const struct ws_conn_limits *limits,
                          struct seen *seen);

/* Feeds what read_hex makes of `hex`. */
void feed_hex(struct ws_conn *conn, const char *hex, struct seen *seen);

/* The output is exactly this, and is taken. */
void expect_output(struct ws_conn *conn, const char *hex);

/* The bytes that wait, past an HTTP head if one is among them. */
struct ws_slice frames_out(const struct ws_conn *conn);

#endif
