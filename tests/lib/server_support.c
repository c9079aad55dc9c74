#include "server_support.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

static void on_request(void *user, struct ws_server_request *request) {
  struct host *host = user;
  host->request = request;
  host->num_requests++;
  if (host->act != NULL) {
    host->act(host, request);
  }
}

static void on_gone(void *user, struct ws_server_request *request) {
  struct host *host = user;
  host->num_gone++;
  if (host->request == request) {
    host->request = NULL;
  }
  if (host->mourn != NULL) {
    host->mourn(host, request);
  }
}

static void on_done(void *user) {
  struct host *host = user;
  host->num_done++;
}

void host_init(struct host *host) {
  *host = (struct host){.io = ws_io_new()};
  assert_non_null(host->io);
  failmalloc_init(&host->fm);
  host->options = (struct ws_server_options){
      .config = {.allocator = &host->fm.allocator},
      .request = on_request,
      .gone = on_gone,
      .user = host,
  };
}

void host_listen(struct host *host) {
  const char *text = "";
  host->server = ws_server_listen(host->io, &host->options, &text);
  if (host->server == NULL) {
    fail_msg("%s", text);
  }
  assert_int_not_equal(ws_server_port(host->server), 0);
}

void host_free(struct host *host) {
  ws_server_free(host->server);
  for (size_t i = 0; i < host->num_sockets; i++) {
    if (host->sockets[i] != NULL) {
      ws_websocket_abort(host->sockets[i]);
      ws_websocket_release(host->sockets[i]);
    }
  }
  ws_io_turn(host->io, 0);
  ws_io_turn(host->io, 0);
  ws_io_free(host->io);
  failmalloc_assert_empty(&host->fm);
}

int host_setup(void **state) {
  struct host *host = malloc(sizeof *host);
  assert_non_null(host);
  host_init(host);
  *state = host;
  return 0;
}

int host_teardown(void **state) {
  host_free(*state);
  free(*state);
  return 0;
}

static void on_event(void *user, const struct ws_websocket_event *event) {
  struct host *host = user;
  switch (event->type) {
  case WS_WEBSOCKET_OPEN:
    host->num_opened++;
    break;
  case WS_WEBSOCKET_MESSAGE:
    if (event->message == WS_MESSAGE_TEXT) {
      ws_websocket_send_text(event->target, (const char *)event->data.data,
                             event->data.len);
    } else if (event->message == WS_MESSAGE_BLOB) {
      ws_websocket_send_blob(event->target, event->blob);
    } else {
      ws_websocket_send_array(event->target, event->data.data, event->data.len);
    }
    break;
  case WS_WEBSOCKET_ERROR:
    host->num_errors++;
    break;
  case WS_WEBSOCKET_CLOSE:
    host->num_closed++;
    host->was_clean = event->was_clean;
    host->code = event->code;
    break;
  case WS_WEBSOCKET_DRAIN:
  case WS_WEBSOCKET_NUM_EVENTS:
    break;
  }
  if (host->hear != NULL) {
    host->hear(host, event);
  }
}

struct ws_websocket *host_accept(struct host *host,
                                 struct ws_server_request *request,
                                 const char *protocol) {
  struct ws_websocket *socket;
  assert_int_equal(ws_server_accept(&socket, request, protocol, NULL, 0),
                   WS_OK);
  assert_int_equal(ws_websocket_ready_state(socket), WS_CONNECTING);
  assert_in_range(host->num_sockets, 0, MAX_SOCKETS - 1);
  host->sockets[host->num_sockets++] = socket;
  host->request = NULL;
  ws_websocket_on_open(socket, on_event, host);
  ws_websocket_on_message(socket, on_event, host);
  ws_websocket_on_error(socket, on_event, host);
  ws_websocket_on_close(socket, on_event, host);
  return socket;
}

void host_echo(struct host *host, struct ws_server_request *request) {
  host_accept(host, request, NULL);
}

void host_reject(struct host *host, uint16_t status) {
  const struct ws_reject_options options = {.status = status};
  assert_int_equal(ws_server_reject(host->request, &options), WS_OK);
  host->request = NULL;
}

void host_shutdown(struct host *host, uint64_t timeout) {
  ws_server_shutdown(host->server, timeout, on_done);
}

void host_turn(struct host *host, uint64_t *begin) {
  uint64_t now = ws_io_now(host->io);
  *begin = *begin != 0 ? *begin : now;
  if (now - *begin > 10000 * MS) {
    fail_msg("waited for ten seconds");
  }
  ws_io_turn(host->io, now + MS);
}

void host_fence(struct host *host) {
  void (*act)(struct host *, struct ws_server_request *) = host->act;
  struct ws_server_request *request = host->request;
  size_t num_requests = host->num_requests;
  struct client client;
  host->act = NULL;
  client_init(&client, host);
  client_send_text(&client, REQUEST);
  HOST_UNTIL(host, host->num_requests > num_requests);
  host_reject(host, 404);
  client_expect_status(&client, "404");
  client_expect_fin(&client);
  client_close(&client);
  host->act = act;
  host->request = request;
  host->num_requests = num_requests;
}

/* Clients ------------------------------------------------------------------ */

void client_init(struct client *client, struct host *host) {
  *client = (struct client){.host = host,
                            .fd = connect_to(ws_server_port(host->server))};
}

void client_send(struct client *client, const void *data, size_t len) {
  const uint8_t *at = data;
  uint64_t begin = 0;
  while (len > 0) {
    ssize_t n = send(client->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
      assert_int_equal(errno, EAGAIN);
      host_turn(client->host, &begin);
      continue;
    }
    at += n;
    len -= (size_t)n;
  }
}

void client_send_text(struct client *client, const char *text) {
  client_send(client, text, strlen(text));
}

void client_send_frame(struct client *client, uint8_t first,
                       const char *payload, size_t len) {
  static const uint8_t key[4] = {0x12, 0x34, 0x56, 0x78};
  uint8_t frame[6 + 125];
  assert_in_range(len, 0, 125);
  frame[0] = first;
  frame[1] = (uint8_t)(0x80 | len);
  memcpy(frame + 2, key, 4);
  for (size_t i = 0; i < len; i++) {
    frame[6 + i] = (uint8_t)payload[i] ^ key[i % 4];
  }
  client_send(client, frame, 6 + len);
}

/* What recv says, when it says something. */
static ssize_t receive(struct client *client, void *out, size_t len) {
  uint64_t begin = 0;
  for (;;) {
    ssize_t n = recv(client->fd, out, len, MSG_DONTWAIT);
    if (n >= 0 || errno != EAGAIN) {
      return n;
    }
    host_turn(client->host, &begin);
  }
}

void client_read_head(struct client *client) {
  client->len = 0;
  client->text[0] = '\0';
  while (strstr(client->text, "\r\n\r\n") == NULL) {
    assert_in_range(client->len, 0, sizeof client->text - 2);
    assert_int_equal(receive(client, client->text + client->len, 1), 1);
    client->text[++client->len] = '\0';
  }
}

void client_expect_status(struct client *client, const char *status) {
  static const char field[] = "Content-Length: ";
  client_read_head(client);
  if (strlen(client->text) < 12 || memcmp(client->text, "HTTP/1.1 ", 9) != 0 ||
      memcmp(client->text + 9, status, 3) != 0) {
    fail_msg("got %s", client->text);
  }
  const char *length = strstr(client->text, field);
  assert_non_null(length);
  assert_non_null(strstr(client->text, "Connection: close"));
  for (long left = atol(length + sizeof field - 1); left > 0; left--) {
    char octet;
    assert_int_equal(receive(client, &octet, 1), 1);
  }
}

void client_expect(struct client *client, const void *data, size_t len) {
  uint8_t *got = malloc(len + 1);
  assert_non_null(got);
  for (size_t at = 0; at < len;) {
    ssize_t n = receive(client, got + at, len - at);
    assert_true(n > 0);
    at += (size_t)n;
  }
  assert_memory_equal(got, data, len);
  free(got);
}

void client_expect_fin(struct client *client) {
  char octet;
  assert_int_equal(receive(client, &octet, 1), 0);
}

void client_expect_end(struct client *client) {
  char octet;
  ssize_t n = receive(client, &octet, 1);
  assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
}

void client_take_little(struct client *client) {
  int len = 32 * 1024;
  assert_int_equal(
      setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &len, sizeof len), 0);
}

void client_finish(struct client *client) {
  assert_int_equal(shutdown(client->fd, SHUT_WR), 0);
}

void client_close(struct client *client) {
  close(client->fd);
  client->fd = -1;
}

void client_reset(struct client *client) {
  reset_now(client->fd);
  client->fd = -1;
}

void client_ask(struct client *client, struct host *host, const char *request) {
  client_init(client, host);
  client_send_text(client, request);
  HOST_UNTIL(host, host->request != NULL);
}

void client_open(struct client *client, struct host *host) {
  host->act = host_echo;
  client_init(client, host);
  client_send_text(client, REQUEST);
  client_read_head(client);
  assert_memory_equal(client->text, "HTTP/1.1 101", 12);
  size_t num_sockets = host->num_sockets;
  HOST_UNTIL(host, host->num_opened >= num_sockets);
}
