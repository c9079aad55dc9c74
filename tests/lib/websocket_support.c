#include "websocket_support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"
#include "websocket/adopt_internal.h"
#include "ws/handshake.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define REQUEST                                                                \
  "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n"          \
  "Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"                      \
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\r\n"

/* The log ------------------------------------------------------------------ */

static void note(struct rig *rig, const struct ws_websocket_event *event,
                 const char *what, struct ws_slice data) {
  size_t used = strlen(rig->log);
  int n =
      snprintf(rig->log + used, sizeof(rig->log) - used, "%d%s[%.*s] ",
               (int)ws_websocket_ready_state(event->target), what,
               (int)(data.len < 40 ? data.len : 40), (const char *)data.data);
  assert_true(n > 0 && (size_t)n < sizeof(rig->log) - used);
}

static void note_plain(struct rig *rig, const struct ws_websocket_event *event,
                       const char *what) {
  size_t used = strlen(rig->log);
  snprintf(rig->log + used, sizeof(rig->log) - used, "%d%s ",
           (int)ws_websocket_ready_state(event->target), what);
}

static void note_message(struct rig *rig,
                         const struct ws_websocket_event *event) {
  char bytes[40];
  struct ws_slice data = event->data;
  if (event->message == WS_MESSAGE_BLOB) {
    assert_non_null(event->blob);
    data.data = (const uint8_t *)bytes;
    data.len = ws_blob_read(event->blob, 0, bytes, sizeof(bytes));
  } else {
    assert_null(event->blob);
  }
  static const char *const letters[] = {"t", "a", "b"};
  note(rig, event, letters[event->message], data);
}

static void note_close(struct rig *rig,
                       const struct ws_websocket_event *event) {
  char text[160];
  snprintf(text, sizeof(text), "%d,%u,%.*s", event->was_clean, event->code,
           (int)event->reason.len, (const char *)event->reason.data);
  note(rig, event, "c", ws_slice_of(text));
}

static void on_event(void *user, const struct ws_websocket_event *event) {
  struct rig *rig = user;
  switch (event->type) {
  case WS_WEBSOCKET_OPEN:
    note_plain(rig, event, "o");
    break;
  case WS_WEBSOCKET_MESSAGE:
    note_message(rig, event);
    break;
  case WS_WEBSOCKET_ERROR:
    note_plain(rig, event, "e");
    break;
  case WS_WEBSOCKET_CLOSE:
    note_close(rig, event);
    break;
  case WS_WEBSOCKET_DRAIN:
  case WS_WEBSOCKET_NUM_EVENTS:
    break;
  }
  if (rig->act != NULL) {
    rig->act(rig, event);
  }
}

void rig_watch(struct rig *rig) {
  ws_websocket_on_open(rig->socket, on_event, rig);
  ws_websocket_on_message(rig->socket, on_event, rig);
  ws_websocket_on_error(rig->socket, on_event, rig);
  ws_websocket_on_close(rig->socket, on_event, rig);
}

bool rig_turn(struct rig *rig, uint64_t *begin) {
  uint64_t now = ws_io_now(rig->io);
  if (*begin == 0) {
    *begin = now;
  }
  ws_io_turn(rig->io, now + 500);
  return now - *begin < 10000 * MS;
}

void rig_expect(struct rig *rig, const char *log) {
  uint64_t begin = 0;
  while (strlen(rig->log) < strlen(log) && rig_turn(rig, &begin)) {
  }
  assert_string_equal(rig->log, log);
}

void rig_expect_end(struct rig *rig, const char *tail) {
  uint64_t begin = 0;
  size_t len = strlen(tail);
  for (;;) {
    size_t used = strlen(rig->log);
    if (used >= len && strcmp(rig->log + used - len, tail) == 0) {
      return;
    }
    if (!rig_turn(rig, &begin)) {
      fail_msg("\"%s\" does not end in \"%s\"", rig->log, tail);
    }
  }
}

/* Life --------------------------------------------------------------------- */

void rig_init(struct rig *rig) {
  memset(rig, 0, sizeof(*rig));
  rig->io = ws_io_new();
  assert_non_null(rig->io);
  rig->fd = -1;
  rig->listening = listen_here(&rig->port);
  fcntl(rig->listening, F_SETFL, O_NONBLOCK);
  failmalloc_init(&rig->fm);
  rig->options.config.allocator = &rig->fm.allocator;
}

void rig_free(struct rig *rig) {
  if (rig->socket != NULL) {
    ws_websocket_abort(rig->socket);
    ws_websocket_release(rig->socket);
  }
  if (rig->fd >= 0) {
    close(rig->fd);
  }
  close(rig->listening);
  ws_io_server_free(rig->server);
  ws_io_release(rig->accepted);
  ws_io_free(rig->io);
  failmalloc_assert_empty(&rig->fm);
  free(rig->in);
  free(rig->payload);
}

int rig_setup(void **state) {
  struct rig *rig = malloc(sizeof(*rig));
  assert_non_null(rig);
  rig_init(rig);
  *state = rig;
  return 0;
}

int rig_teardown(void **state) {
  rig_free(*state);
  free(*state);
  return 0;
}

/* Opening ------------------------------------------------------------------ */

void rig_connect(struct rig *rig, const char *path) {
  char url[256];
  snprintf(url, sizeof(url), "ws://127.0.0.1:%u%s", (unsigned)rig->port, path);
  assert_int_equal(
      ws_websocket_connect(&rig->socket, rig->io, url, &rig->options), WS_OK);
  rig_watch(rig);
}

void rig_accept_tcp(struct rig *rig) {
  uint64_t begin = 0;
  do {
    rig->fd = accept(rig->listening, NULL, NULL);
  } while (rig->fd < 0 && rig_turn(rig, &begin));
  assert_true(rig->fd >= 0);
  fcntl(rig->fd, F_SETFL, O_NONBLOCK);
}

void rig_accept(struct rig *rig) {
  uint64_t begin = 0;
  const char *end = NULL;
  rig_accept_tcp(rig);
  do {
    peer_read(rig, 4096);
    assert_true(rig->in_len < sizeof(rig->request));
    memcpy(rig->request, rig->in, rig->in_len);
    rig->request[rig->in_len] = '\0';
    end = strstr(rig->request, "\r\n\r\n");
  } while (end == NULL && rig_turn(rig, &begin));
  assert_non_null(end);
  assert_int_equal(end + 4 - rig->request, rig->in_len);
  rig->in_len = 0;
}

void rig_answer(struct rig *rig, const char *fields) {
  static const char name[] = "Sec-WebSocket-Key: ";
  char accept_value[WS_ACCEPT_LEN];
  char response[1024];
  const char *key = strstr(rig->request, name);
  assert_non_null(key);
  key += sizeof(name) - 1;
  assert_true(ws_handshake_accept(
      ws_crypto_openssl(), (struct ws_slice){(const uint8_t *)key, WS_KEY_LEN},
      accept_value));
  int n = snprintf(response, sizeof(response),
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Accept: %.*s\r\n"
                   "%s\r\n",
                   WS_ACCEPT_LEN, accept_value, fields);
  peer_send(rig, response, (size_t)n);
}

static void on_accepted(void *user, struct ws_io_stream *stream) {
  ((struct rig *)user)->accepted = stream;
}

static void on_gone(void *user, struct ws_websocket *socket) {
  struct rig *rig = user;
  assert_int_equal(ws_websocket_ready_state(socket), WS_CLOSED);
  rig->num_gone++;
}

/* The peer's socket, and the stream at our end of it. */
static void dial_ourselves(struct rig *rig) {
  const char *text = NULL;
  uint64_t begin = 0;
  struct ws_io_addresses *here = ws_io_resolve(rig->io, "127.0.0.1", 0, &text);
  rig->server = ws_io_listen(rig->io, here,
                             (struct ws_io_acceptor){on_accepted, rig}, &text);
  ws_io_addresses_free(here);
  assert_non_null(rig->server);
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons(ws_io_server_port(rig->server)),
      .sin_addr = {htonl(INADDR_LOOPBACK)},
  };
  rig->fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(
      connect(rig->fd, (struct sockaddr *)&address, sizeof(address)), 0);
  fcntl(rig->fd, F_SETFL, O_NONBLOCK);
  while (rig->accepted == NULL && rig_turn(rig, &begin)) {
  }
  assert_non_null(rig->accepted);
}

static struct ws_conn *accepted_conn(struct rig *rig, uint8_t *request,
                                     size_t len) {
  struct ws_conn_config config = {
      .role = WS_SERVER,
      .crypto = ws_crypto_openssl(),
      .allocator = rig->options.config.allocator,
      .limits = rig->options.config.limits.conn,
      .manual_close = true,
  };
  struct ws_event event;
  struct ws_conn *conn = ws_conn_new(&config);
  if (conn == NULL) {
    return NULL;
  }
  bool ok = ws_conn_feed(conn, request, len) == WS_OK &&
            ws_conn_next(conn, &event) && event.type == WS_EVENT_REQUEST &&
            ws_conn_accept(
                conn, &(struct ws_accept_options){.protocol = "chat"}) == WS_OK;
  if (!ok) {
    ws_conn_free(conn);
    return NULL;
  }
  if (rig->hasty) {
    ws_conn_feed_eof(conn);
  }
  return conn;
}

void rig_adopt(struct rig *rig) {
  rig->role = WS_SERVER;
  dial_ourselves(rig);
  uint8_t request[] = REQUEST "\x88\x82\0\0\0\0\x03\xE8";
  struct ws_conn *conn = accepted_conn(
      rig, request, rig->hasty ? sizeof(request) - 1 : sizeof(REQUEST) - 1);
  if (conn == NULL) {
    return;
  }
  struct ws_adoption adoption = {
      .io = rig->io,
      .config = &rig->options.config,
      .conn = conn,
      .stream = rig->accepted,
      .fin = rig->hasty,
      .origin = "https://example.com",
      .extensions = "",
      .gone = on_gone,
      .user = rig,
  };
  if (ws_websocket_adopt(&rig->socket, &adoption) != WS_OK) {
    assert_null(rig->socket);
    ws_conn_free(conn);
    return;
  }
  rig->accepted = NULL;
  rig_watch(rig);
}

void rig_open(struct rig *rig, enum ws_role role) {
  uint64_t begin = 0;
  if (role == WS_CLIENT) {
    rig_connect(rig, "/");
    rig_accept(rig);
    rig_answer(rig, "");
    rig_expect(rig, "1o ");
    return;
  }
  rig_adopt(rig);
  assert_non_null(rig->socket);
  rig_expect(rig, "1o ");
  while ((rig->in_len < 4 ||
          memcmp(rig->in + rig->in_len - 4, "\r\n\r\n", 4) != 0) &&
         rig_turn(rig, &begin)) {
    peer_read(rig, 4096);
  }
  assert_memory_equal(rig->in, "HTTP/1.1 101 ", 13);
  rig->in_len = 0;
}

/* The peer ----------------------------------------------------------------- */

void peer_send(struct rig *rig, const void *data, size_t len) {
  const uint8_t *next = data;
  uint64_t begin = 0;
  while (len != 0) {
    ssize_t n = send(rig->fd, next, len, MSG_NOSIGNAL);
    if (n > 0) {
      next += n;
      len -= (size_t)n;
    } else if (errno != EAGAIN || !rig_turn(rig, &begin)) {
      fail_msg("the peer cannot send");
    }
  }
}

void peer_send_frame(struct rig *rig, uint8_t first, const void *payload,
                     size_t len) {
  static const uint8_t key[4] = {0x37, 0xFA, 0x21, 0x3D};
  bool masked = rig->role == WS_SERVER;
  uint8_t *frame = malloc(len + 14);
  assert_non_null(frame);
  size_t n = 0;
  uint8_t mask_bit = masked ? 0x80 : 0;
  frame[n++] = first;
  if (len < 126) {
    frame[n++] = (uint8_t)(mask_bit | len);
  } else if (len < 65536) {
    frame[n++] = mask_bit | 126;
    frame[n++] = (uint8_t)(len >> 8);
    frame[n++] = (uint8_t)len;
  } else {
    frame[n++] = mask_bit | 127;
    for (int shift = 56; shift >= 0; shift -= 8) {
      frame[n++] = (uint8_t)((uint64_t)len >> shift);
    }
  }
  if (masked) {
    memcpy(frame + n, key, 4);
    n += 4;
  }
  for (size_t i = 0; i < len; i++) {
    frame[n + i] =
        (uint8_t)(((const uint8_t *)payload)[i] ^ (masked ? key[i % 4] : 0));
  }
  peer_send(rig, frame, n + len);
  free(frame);
}

size_t peer_read(struct rig *rig, size_t max) {
  if (rig->in_cap - rig->in_len < max) {
    rig->in_cap = rig->in_len + max;
    rig->in = realloc(rig->in, rig->in_cap);
    assert_non_null(rig->in);
  }
  ssize_t n = recv(rig->fd, rig->in + rig->in_len, max, 0);
  if (n > 0) {
    rig->in_len += (size_t)n;
  }
  return n > 0 ? (size_t)n : 0;
}

static void need(struct rig *rig, size_t len) {
  uint64_t begin = 0;
  while (rig->in_len < len) {
    if (peer_read(rig, 65536) == 0 && !rig_turn(rig, &begin)) {
      fail_msg("the peer has %zu bytes of %zu; log: %s", rig->in_len, len,
               rig->log);
    }
  }
}

static void take(struct rig *rig, size_t len) {
  rig->in_len -= len;
  memmove(rig->in, rig->in + len, rig->in_len);
}

struct frame_seen peer_read_frame(struct rig *rig) {
  struct frame_seen frame = {0};
  need(rig, 2);
  frame.first = rig->in[0];
  frame.masked = (rig->in[1] & 0x80) != 0;
  frame.len = rig->in[1] & 0x7F;
  size_t num_more = frame.len == 126 ? 2 : frame.len == 127 ? 8 : 0;
  take(rig, 2);
  if (num_more != 0) {
    need(rig, num_more);
    frame.len = 0;
    for (size_t i = 0; i < num_more; i++) {
      frame.len = frame.len << 8 | rig->in[i];
    }
    take(rig, num_more);
  }
  uint8_t key[4] = {0};
  if (frame.masked) {
    need(rig, 4);
    memcpy(key, rig->in, 4);
    take(rig, 4);
  }
  need(rig, frame.len);
  free(rig->payload);
  rig->payload = exact_copy(rig->in, frame.len);
  for (size_t i = 0; i < frame.len; i++) {
    rig->payload[i] ^= key[i % 4];
  }
  take(rig, frame.len);
  frame.payload = rig->payload;
  assert_int_equal(frame.masked, rig->role == WS_CLIENT);
  return frame;
}

void peer_expect_frame(struct rig *rig, uint8_t first, const void *payload,
                       size_t len) {
  struct frame_seen frame = peer_read_frame(rig);
  assert_int_equal(frame.first, first);
  assert_int_equal(frame.len, len);
  assert_memory_equal(frame.payload, payload, len);
}

/* What the end looks like: 0 for a FIN, -1 for an RST. */
static ssize_t read_end(struct rig *rig) {
  uint64_t begin = 0;
  uint8_t byte;
  assert_int_equal(rig->in_len, 0);
  for (;;) {
    ssize_t n = recv(rig->fd, &byte, 1, 0);
    if (n >= 0 || errno != EAGAIN) {
      assert_true(n <= 0);
      return n;
    }
    if (!rig_turn(rig, &begin)) {
      fail_msg("the stream does not end");
    }
  }
}

void peer_expect_fin(struct rig *rig) {
  assert_int_equal(read_end(rig), 0);
}

void peer_expect_reset(struct rig *rig) {
  assert_int_equal(read_end(rig), -1);
  assert_int_equal(errno, ECONNRESET);
}

void peer_close(struct rig *rig) {
  shutdown(rig->fd, SHUT_WR);
}

void peer_fence(struct rig *rig) {
  PEER_SEND(rig, 0x89, "fence");
  PEER_EXPECT(rig, 0x8A, "fence");
}
