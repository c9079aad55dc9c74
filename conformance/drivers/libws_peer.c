#include "libws_peer.h"

#include "testee.h"
#include "ws/conn.h"
#include "ws/deflate.h"

#include <stdlib.h>
#include <string.h>

#define SECOND          UINT64_C(1000000)
#define OPENING_TIMEOUT (10 * SECOND)
#define CLOSING_TIMEOUT (5 * SECOND)
#define MAX_MESSAGE     (UINT64_C(64) << 20)
#define OUTPUT_SLACK    (UINT64_C(1) << 20)

static const struct ws_deflate_config deflate_config = {0};

/* Which timer runs. `feed` is not told the time: a timer that it wants is armed
 * by a tick that is due at once. */
enum timer { TIMER_NONE, TIMER_OPENING, TIMER_TO_ARM, TIMER_CLOSING };

/* Memory is bounded by max_message for the message that comes in, and twice
 * that for the echoes that wait. The serving layer keeps the latter far smaller
 * by not feeding a peer whose output waits; a caller that feeds regardless gets
 * its connection closed with 1008. */
struct wsc_peer {
  const struct wsc_libws_config *config;
  struct ws_conn *conn;
  struct ws_deflate *deflate; /* owned; NULL: not agreed on */
  struct ws_transform codec;  /* of `deflate` */
  bool compressed;            /* the latest message was */
  uint8_t *message;           /* of several events; owned */
  size_t message_len;
  size_t message_cap;
  enum timer timer;
  uint64_t deadline;
  bool broken;  /* out of memory */
  bool dropped; /* TCP ends without a Close: a command */
  bool late;    /* the closing handshake took too long */
};

static uint64_t message_limit(const struct wsc_libws_config *config) {
  uint64_t limit = config->max_message != 0 ? config->max_message : MAX_MESSAGE;
  return limit < SIZE_MAX / 4 ? limit : SIZE_MAX / 4;
}

static struct wsc_peer *peer_open(const void *config, uint64_t now) {
  struct wsc_peer *peer = calloc(1, sizeof(*peer));
  if (peer == NULL) {
    return NULL;
  }
  peer->config = config;
  peer->timer = TIMER_OPENING;
  peer->deadline = now + OPENING_TIMEOUT;
  uint64_t limit = message_limit(peer->config);
  struct ws_conn_config conn = {
      .role = WS_SERVER,
      .crypto = peer->config->crypto,
      .limits = {.frame = limit,
                 .message = limit,
                 .output = (size_t)(2 * limit + OUTPUT_SLACK)},
  };
  peer->conn = ws_conn_new(&conn);
  if (peer->conn == NULL) {
    free(peer);
    return NULL;
  }
  return peer;
}

static void peer_close(struct wsc_peer *peer) {
  if (peer != NULL) {
    ws_conn_free(peer->conn);
    ws_deflate_free(peer->deflate);
    free(peer->message);
    free(peer);
  }
}

static bool speaks(const struct wsc_libws_config *config,
                   struct ws_slice offered, const char **protocol) {
  const char *const *names = config->protocols;
  for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
    if (ws_slice_equals(offered, names[i])) {
      *protocol = names[i];
      return true;
    }
  }
  return false;
}

/* permessage-deflate as ws/deflate.h has it, but that an echo is compressed when
 * the message was: what a client does is what it gets. */
static enum ws_status receive(void *user, struct ws_transform_step *step) {
  struct wsc_peer *peer = user;
  peer->compressed = true;
  return peer->codec.receive(peer->codec.user, step);
}

static bool wanted(void *user, size_t len, bool final) {
  (void)len;
  (void) final;
  return ((const struct wsc_peer *)user)->compressed;
}

static enum ws_status send(void *user, struct ws_slice in, bool final,
                           struct ws_slice *out) {
  struct wsc_peer *peer = user;
  return peer->codec.send(peer->codec.user, in, final, out);
}

static void sent(void *user) {
  struct wsc_peer *peer = user;
  peer->codec.sent(peer->codec.user);
}

static void use_deflate(struct wsc_peer *peer,
                        const struct ws_deflate_params *params) {
  peer->deflate = ws_deflate_new(WS_SERVER, params, &deflate_config, NULL);
  if (peer->deflate == NULL) {
    peer->broken = true;
    return;
  }
  peer->codec = ws_deflate_transform(peer->deflate);
  struct ws_transform transform = {.rsv = peer->codec.rsv,
                                   .receive = receive,
                                   .wanted = wanted,
                                   .send = send,
                                   .sent = sent,
                                   .user = peer};
  ws_conn_set_transform(peer->conn, &transform);
}

/* RFC 6455 4.1 lists the client's subprotocols "ordered by preference": the
 * first one that we speak wins. */
static void accept_request(struct wsc_peer *peer,
                           const struct ws_request *request) {
  struct ws_accept_options options = {0};
  struct ws_deflate_params params;
  char extensions[WS_DEFLATE_VALUE_MAX];
  struct ws_field_list offers;
  struct ws_slice offered;
  ws_field_list_init(&offers, request->head, "Sec-WebSocket-Protocol");
  while (ws_field_list_next(&offers, &offered)) {
    if (speaks(peer->config, offered, &options.protocol)) {
      break;
    }
  }
  bool deflate = ws_deflate_choose(&params, &deflate_config, request->head);
  if (deflate) {
    ws_deflate_answer_write(extensions, &params);
    options.extensions = extensions;
  }
  if (ws_conn_accept(peer->conn, &options) == WS_OK && deflate) {
    use_deflate(peer, &params);
  }
}

static void echo(struct wsc_peer *peer, enum ws_opcode opcode,
                 struct ws_slice message) {
  static const char full[] = "too much output waits";
  if (ws_conn_send(peer->conn, opcode, message.data, message.len) ==
      WS_ERR_LIMIT) {
    ws_conn_close(peer->conn, 1008, ws_slice_of(full));
  }
}

static void send_fragments(struct wsc_peer *peer, struct wsc_do *command) {
  const uint8_t *word;
  size_t len;
  while (wsc_do_word(command, &word, &len)) {
    ws_conn_send_fragment(peer->conn, WS_OP_TEXT, word, len,
                          command->rest_len == 0);
  }
}

static void obey(struct wsc_peer *peer, struct wsc_do *command) {
  struct ws_slice rest = {command->rest, command->rest_len};
  switch (command->kind) {
  case WSC_DO_CLOSE:
    ws_conn_close(peer->conn,
                  command->has_code ? command->code : WS_CLOSE_NO_STATUS, rest);
    break;
  case WSC_DO_PING:
    ws_conn_ping(peer->conn, rest.data, rest.len);
    break;
  case WSC_DO_SEND:
    echo(peer, WS_OP_TEXT, rest);
    break;
  case WSC_DO_FRAGMENTS:
    send_fragments(peer, command);
    break;
  case WSC_DO_DROP:
    peer->dropped = true;
    break;
  case WSC_DO_LIST:
    echo(peer, WS_OP_TEXT, ws_slice_of(WSC_DO_ALL));
    break;
  case WSC_DO_NONE:
    break;
  }
}

/* A whole message. */
static void take_message(struct wsc_peer *peer, enum ws_opcode opcode,
                         struct ws_slice message) {
  struct wsc_do command = {.kind = WSC_DO_NONE};
  if (peer->config->commands && opcode == WS_OP_TEXT) {
    command = wsc_do_parse(message.data, message.len);
  }
  if (command.kind == WSC_DO_NONE) {
    echo(peer, opcode, message);
  } else {
    obey(peer, &command);
  }
}

static bool collect(struct wsc_peer *peer, struct ws_slice data) {
  size_t needed = peer->message_len + data.len;
  if (needed > peer->message_cap) {
    size_t cap = peer->message_cap != 0 ? peer->message_cap : 4096;
    while (cap < needed) {
      cap *= 2;
    }
    uint8_t *message = realloc(peer->message, cap);
    if (message == NULL) {
      return false;
    }
    peer->message = message;
    peer->message_cap = cap;
  }
  if (data.len != 0) {
    memcpy(peer->message + peer->message_len, data.data, data.len);
  }
  peer->message_len = needed;
  return true;
}

/* Messages are echoed whole, in one frame each, so that a reader sees the
 * length forms that belong to their lengths. */
static void take_data(struct wsc_peer *peer, const struct ws_event *event) {
  if (event->first && event->final) {
    take_message(peer, event->opcode, event->payload);
    peer->compressed = false;
    return;
  }
  if (!collect(peer, event->payload)) {
    peer->broken = true;
    return;
  }
  if (event->final) {
    take_message(peer, event->opcode,
                 (struct ws_slice){peer->message, peer->message_len});
    peer->compressed = false;
    free(peer->message);
    peer->message = NULL;
    peer->message_len = 0;
    peer->message_cap = 0;
  }
}

static void take_event(struct wsc_peer *peer, const struct ws_event *event) {
  switch (event->type) {
  case WS_EVENT_REQUEST:
    accept_request(peer, event->request);
    break;
  case WS_EVENT_OPEN:
    peer->timer = TIMER_NONE;
    break;
  case WS_EVENT_DATA:
    take_data(peer, event);
    break;
  case WS_EVENT_REFUSED:
  case WS_EVENT_PING:
  case WS_EVENT_PONG:
  case WS_EVENT_CLOSE:
  case WS_EVENT_FAULT:
  case WS_EVENT_END:
    break;
  }
}

static void drain(struct wsc_peer *peer) {
  struct ws_event event;
  while (ws_conn_next(peer->conn, &event)) {
    take_event(peer, &event);
  }
  bool closing = ws_conn_state(peer->conn) >= WS_CONN_CLOSING;
  if (closing && peer->timer < TIMER_TO_ARM) {
    peer->timer = TIMER_TO_ARM;
  }
  if (ws_conn_status(peer->conn) != WS_OK) {
    peer->broken = true;
  }
}

static void peer_feed(struct wsc_peer *peer, uint8_t *data, size_t len) {
  if (ws_conn_feed(peer->conn, data, len) == WS_OK) {
    drain(peer);
  }
}

static void peer_feed_eof(struct wsc_peer *peer) {
  ws_conn_feed_eof(peer->conn);
  drain(peer);
}

static size_t peer_output(struct wsc_peer *peer, const uint8_t **data) {
  struct ws_slice out = ws_conn_output(peer->conn);
  *data = out.data;
  return out.len;
}

static void peer_output_done(struct wsc_peer *peer, size_t len) {
  ws_conn_output_done(peer->conn, len);
}

static enum wsc_peer_wish peer_wish(const struct wsc_peer *peer) {
  /* A peer that does not even read what ends the connection is broken off. */
  if (peer->broken || (peer->late && ws_conn_output(peer->conn).len != 0)) {
    return WSC_PEER_RESET;
  }
  if (peer->late || peer->dropped) {
    return WSC_PEER_CLOSE;
  }
  return ws_conn_wants_close(peer->conn) ? WSC_PEER_CLOSE : WSC_PEER_STAY;
}

static uint64_t peer_deadline(const struct wsc_peer *peer) {
  switch (peer->timer) {
  case TIMER_OPENING:
  case TIMER_CLOSING:
    return peer->deadline;
  case TIMER_TO_ARM:
    return 0;
  case TIMER_NONE:
    break;
  }
  return UINT64_MAX;
}

static void peer_tick(struct wsc_peer *peer, uint64_t now) {
  if (peer->timer == TIMER_TO_ARM) {
    peer->timer = TIMER_CLOSING;
    peer->deadline = now + CLOSING_TIMEOUT;
    return;
  }
  if (peer->timer == TIMER_NONE || now < peer->deadline) {
    return;
  }
  peer->timer = TIMER_NONE;
  /* For a client that never finished its request, this is its end. */
  if (ws_conn_state(peer->conn) == WS_CONN_CONNECTING) {
    ws_conn_feed_eof(peer->conn);
    drain(peer);
    return;
  }
  peer->late = true;
}

const struct wsc_peer_ops wsc_libws_peer = {
    .name = "libws",
    .open = peer_open,
    .feed = peer_feed,
    .feed_eof = peer_feed_eof,
    .output = peer_output,
    .output_done = peer_output_done,
    .wish = peer_wish,
    .deadline = peer_deadline,
    .tick = peer_tick,
    .close = peer_close,
};
