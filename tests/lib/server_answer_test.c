/* Requests and their answers. */
#include "server_support.h"

#include <sys/socket.h>

/* Less than a stream lingers that is not ended by both sides. */
#define LINGER      (1500 * MS)
#define ACCEPT_LINE "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static void hear_origin(struct host *host,
                        const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_MESSAGE) {
    assert_string_equal(event->origin, "http://o");
    host->act = NULL;
  }
}

static void messages_have_the_origin_of_the_request(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  host->act = host_echo;
  host->hear = hear_origin;
  client_init(&client, host);
  client_send_text(&client, HEAD UPGRADE "Origin: http://o\r\n\r\n");
  CLIENT_SEND(&client, 0x81, "x");
  HOST_UNTIL(host, host->act == NULL);
  client_close(&client);
}

static void act_reject(struct host *host, struct ws_server_request *request) {
  static const struct ws_header header = {"X-Why", "not today"};
  const struct ws_reject_options options = {.status = 403,
                                            .reason = "No",
                                            .content_type = "text/html",
                                            .body = "<p>no",
                                            .headers = &header,
                                            .num_headers = 1};
  (void)host;
  assert_int_equal(ws_server_reject(request, &options), WS_OK);
}

/* 6455-4.2.2-16, 6455-4.2.2-17, 6455-4.2.2-20, 6455-5.5.1-17,
 * 6455-7.1.1-03 */
static void accepted_in_the_callback(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_open(&client, host);
  assert_non_null(strstr(client.text, ACCEPT_LINE));
  assert_null(strstr(client.text, "Sec-WebSocket-Protocol"));
  assert_null(strstr(client.text, "Sec-WebSocket-Extensions"));
  assert_int_equal(ws_server_num_connections(host->server), 1);
  CLIENT_SEND(&client, 0x81, "hello");
  CLIENT_EXPECT(&client, "\x81\x05hello");
  CLIENT_SEND(&client, 0x82, "\0\xFF");
  CLIENT_EXPECT(&client, "\x82\x02\0\xFF");
  CLIENT_SEND(&client, 0x88, "\x03\xE8");
  CLIENT_EXPECT(&client, "\x88\x02\x03\xE8");
  client_expect_fin(&client);
  client_close(&client);
  HOST_UNTIL(host, host->num_closed == 1);
  assert_true(host->was_clean);
  assert_int_equal(host->code, 1000);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 0);
  assert_int_equal(host->num_gone, 0);
}

static void rejected_in_the_callback(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  host->act = act_reject;
  client_init(&client, host);
  client_send_text(&client, REQUEST);
  client_read_head(&client);
  assert_memory_equal(client.text, "HTTP/1.1 403 No\r\n", 17);
  assert_non_null(strstr(client.text, "Connection: close\r\n"));
  assert_non_null(strstr(client.text, "Content-Length: 5\r\n"));
  assert_non_null(strstr(client.text, "Content-Type: text/html\r\n"));
  assert_non_null(strstr(client.text, "X-Why: not today\r\n"));
  CLIENT_EXPECT(&client, "<p>no");
  client_expect_fin(&client);
  assert_int_equal(ws_server_num_connections(host->server), 0);
  client_close(&client);
  assert_int_equal(host->num_gone, 0);
}

static void answered_later(void **state) {
  struct host *host = *state;
  struct client accepted;
  struct client rejected;
  host_listen(host);
  client_ask(&accepted, host, REQUEST);
  struct ws_server_request *first = host->request;
  host->request = NULL;
  client_ask(&rejected, host, REQUEST);
  struct ws_server_request *second = host->request;
  assert_ptr_not_equal(first, second);
  assert_int_equal(ws_server_num_connections(host->server), 2);
  char octet;
  assert_int_equal(recv(accepted.fd, &octet, 1, MSG_DONTWAIT), -1);
  host_reject(host, 404);
  client_expect_status(&rejected, "404");
  client_expect_fin(&rejected);
  client_close(&rejected);
  host_accept(host, first, NULL);
  client_read_head(&accepted);
  assert_memory_equal(accepted.text, "HTTP/1.1 101", 12);
  CLIENT_SEND(&accepted, 0x81, "x");
  CLIENT_EXPECT(&accepted, "\x81\x01x");
  client_close(&accepted);
  HOST_UNTIL(host, host->num_closed == 1);
  assert_int_equal(host->code, 1006);
}

static void the_request_can_be_looked_at(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_ask(&client, host, HEAD UPGRADE "Origin: http://o\r\n\r\n");
  const struct ws_request *head = ws_server_request_head(host->request);
  assert_slice(head->path, "/chat");
  assert_slice(head->query, "x");
  assert_slice(head->authority, "example.com");
  assert_slice(head->origin, "http://o");
  assert_int_equal(head->head->num_fields, 6);
  assert_null(ws_server_request_user(host->request));
  ws_server_request_set_user(host->request, host);
  assert_ptr_equal(ws_server_request_user(host->request), host);
  host_reject(host, 302);
  client_close(&client);
}

/* 6455-4.2.2-11, 6455-4.2.2-12, 6455-4.2.2-13 */
static void the_clients_first_protocol_that_is_known(void **state) {
  static const char *const protocols[] = {"soap", "chat", "Chat", NULL};
  static const char *const none[] = {NULL};
  static const struct {
    const char *fields, *chosen;
  } rows[] = {
      {"Sec-WebSocket-Protocol: chat, soap\r\n", "chat"},
      {"Sec-WebSocket-Protocol: x, soap, chat\r\n", "soap"},
      {"Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: Chat\r\n", "Chat"},
      {"Sec-WebSocket-Protocol: CHAT, cha, chatt\r\n", NULL},
      {"", NULL},
  };
  struct host *host = *state;
  host_listen(host);
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    struct client client;
    char request[1024];
    snprintf(request, sizeof request, "%s%s\r\n", HEAD UPGRADE, rows[i].fields);
    client_ask(&client, host, request);
    assert_null(ws_server_choose_protocol(host->request, none));
    const char *chosen = ws_server_choose_protocol(host->request, protocols);
    if (rows[i].chosen == NULL) {
      assert_null(chosen);
    } else {
      assert_string_equal(chosen, rows[i].chosen);
      assert_true(chosen == protocols[0] || chosen == protocols[1] ||
                  chosen == protocols[2]);
    }
    struct ws_websocket *socket = host_accept(host, host->request, chosen);
    HOST_UNTIL(host, ws_websocket_ready_state(socket) == WS_OPEN);
    assert_string_equal(ws_websocket_protocol(socket),
                        chosen != NULL ? chosen : "");
    client_read_head(&client);
    const char *field = strstr(client.text, "Sec-WebSocket-Protocol: ");
    if (chosen == NULL) {
      assert_null(field);
    } else {
      assert_memory_equal(field + 24, chosen, strlen(chosen));
      assert_memory_equal(field + 24 + strlen(chosen), "\r\n", 2);
    }
    client_close(&client);
  }
}

/* Nothing that the user says may become a line of its own. */
static void what_may_not_be_sent_is_refused(void **state) {
  static const struct ws_header headers[] = {
      {"X-A", "b\r\nSet-Cookie: c"},
      {"X-A", "b\nc"},
      {"X-A", "b\rc"},
      {"X-A: b\r\nX-C", "d"},
      {"", "b"},
      {"X A", "b"},
      {"X-A", "\x01"},
      {"X-A", "\x7F"},
      {"X-A", NULL},
      {NULL, "b"},
      {"Upgrade", "h2c"},
      {"connection", "x"},
      {"Sec-WebSocket-Accept", "x"},
      {"Content-Length", "1"},
      {"Transfer-Encoding", "chunked"},
  };
  struct host *host = *state;
  struct client client;
  struct ws_websocket *socket;
  host_listen(host);
  client_ask(&client, host,
             HEAD UPGRADE "Sec-WebSocket-Protocol: chat\r\n\r\n");
  for (size_t i = 0; i < NUM_OF(headers); i++) {
    const struct ws_reject_options options = {
        .status = 400, .headers = &headers[i], .num_headers = 1};
    socket = (struct ws_websocket *)host;
    assert_int_equal(
        ws_server_accept(&socket, host->request, NULL, &headers[i], 1),
        WS_ERR_ARGUMENT);
    assert_null(socket);
    assert_int_equal(ws_server_reject(host->request, &options),
                     WS_ERR_ARGUMENT);
  }
  static const char *const protocols[] = {"", "CHAT", "soap", "chat\r\nX: y"};
  for (size_t i = 0; i < NUM_OF(protocols); i++) {
    assert_int_equal(
        ws_server_accept(&socket, host->request, protocols[i], NULL, 0),
        WS_ERR_ARGUMENT);
  }
  static const struct ws_reject_options options[] = {
      {.status = 0},
      {.status = 101},
      {.status = 200},
      {.status = 299},
      {.status = 600},
      {.status = 400, .reason = "a\r\nb"},
      {.status = 400, .body = "x", .content_type = "a\nb"},
      {.status = 304, .body = "x"}};
  for (size_t i = 0; i < NUM_OF(options); i++) {
    assert_int_equal(ws_server_reject(host->request, &options[i]),
                     WS_ERR_ARGUMENT);
  }
  char octet;
  host_fence(host);
  assert_int_equal(recv(client.fd, &octet, 1, MSG_DONTWAIT), -1);
  const struct ws_header cookie = {"Set-Cookie", "a=b"};
  assert_int_equal(ws_server_accept(&socket, host->request, "chat", &cookie, 1),
                   WS_OK);
  host->sockets[host->num_sockets++] = socket;
  client_read_head(&client);
  assert_non_null(strstr(client.text, "\r\nSet-Cookie: a=b\r\n"));
  client_close(&client);
}

static void a_long_refusal_arrives_whole(void **state) {
  struct host *host = *state;
  struct client client;
  size_t len = (size_t)8 << 20;
  char *body = malloc(len + 1);
  assert_non_null(body);
  memset(body, 'x', len);
  body[len] = '\0';
  host_listen(host);
  client_ask(&client, host, REQUEST);
  client_take_little(&client);
  client_finish(&client);
  host_fence(host);
  const struct ws_reject_options options = {.status = 404, .body = body};
  assert_int_equal(ws_server_reject(host->request, &options), WS_OK);
  client_read_head(&client);
  client_expect(&client, body, len);
  client_expect_fin(&client);
  client_close(&client);
  free(body);
}

/* Where there is nothing to wait for. */
static void a_refusal_ends_with_a_fin_at_once(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_ask(&client, host, REQUEST);
  uint64_t begin = ws_io_now(host->io);
  host_reject(host, 404);
  client_expect_status(&client, "404");
  client_expect_fin(&client);
  assert_true(ws_io_now(host->io) - begin < LINGER);
  client_close(&client);
}

/* More than the kernel's buffers take in. */
#define BLOB_LEN ((size_t)8 << 20)

static void hear_send_blob(struct host *host,
                           const struct ws_websocket_event *event) {
  (void)host;
  if (event->type == WS_WEBSOCKET_OPEN) {
    static uint8_t octets[BLOB_LEN];
    struct ws_blob *blob =
        ws_blob_adopt(NULL, octets, sizeof octets, NULL, NULL);
    assert_int_equal(ws_websocket_send_blob(event->target, blob), WS_OK);
    ws_blob_unref(blob);
  }
}

/* RFC 6455 5.5.1: "An endpoint MAY delay sending a Close frame until its
 * current message is sent". */
static void data_that_waits_comes_before_the_answer_to_a_close(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  host->hear = hear_send_blob;
  client_init(&client, host);
  client_take_little(&client);
  client_send_text(&client, REQUEST);
  HOST_UNTIL(host, host->request != NULL);
  host_accept(host, host->request, NULL);
  CLIENT_SEND(&client, 0x88, "\x03\xE8");
  host_fence(host);
  static uint8_t got[1 << 18];
  uint8_t last[4] = {0};
  size_t len = 0;
  uint64_t begin = 0;
  ssize_t n = 1;
  while (n != 0) {
    n = recv(client.fd, got, sizeof got, MSG_DONTWAIT);
    for (ssize_t i = n > 4 ? n - 4 : 0; i < n; i++) {
      memmove(last, last + 1, 3);
      last[3] = got[i];
    }
    len += n > 0 ? (size_t)n : 0;
    host_turn(host, &begin);
  }
  assert_true(len > BLOB_LEN);
  assert_memory_equal(last, "\x88\x02\x03\xE8", 4);
  client_close(&client);
}

/* A refused client that never ends its side does not stay for ever. */
static void a_refused_client_is_not_waited_for_long(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.closing = 20 * MS;
  host_listen(host);
  client_ask(&client, host, REQUEST);
  host_reject(host, 404);
  client_expect_status(&client, "404");
  client_expect_fin(&client);
  /* The server's side is gone when an octet to it is answered with an RST. */
  char octet;
  uint64_t begin = 0;
  ssize_t n = 0;
  while (n >= 0) {
    host_turn(host, &begin);
    send(client.fd, "x", 1, MSG_NOSIGNAL);
    n = send(client.fd, "x", 1, MSG_NOSIGNAL);
  }
  assert_int_equal(recv(client.fd, &octet, 1, MSG_DONTWAIT) <= 0, 1);
  client_close(&client);
}

static void options_out_of_their_range(void **state) {
  struct host *host = *state;
  const char *text = NULL;
  struct ws_server_options options = host->options;
  options.request = NULL;
  assert_null(ws_server_listen(host->io, &options, &text));
  assert_non_null(text);
  options = host->options;
  const struct ws_deflate_config deflate = {.level = 11};
  options.config.deflate = &deflate;
  text = NULL;
  assert_null(ws_server_listen(host->io, &options, &text));
  assert_non_null(text);
  options = host->options;
  options.host = "not.an.address.invalid";
  text = NULL;
  assert_null(ws_server_listen(host->io, &options, &text));
  assert_non_null(text);
  host_listen(host);
  options = host->options;
  options.port = ws_server_port(host->server);
  text = NULL;
  assert_null(ws_server_listen(host->io, &options, &text));
  assert_non_null(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HOST_TEST(messages_have_the_origin_of_the_request),
      HOST_TEST(accepted_in_the_callback),
      HOST_TEST(rejected_in_the_callback),
      HOST_TEST(answered_later),
      HOST_TEST(the_request_can_be_looked_at),
      HOST_TEST(the_clients_first_protocol_that_is_known),
      HOST_TEST(what_may_not_be_sent_is_refused),
      HOST_TEST(a_long_refusal_arrives_whole),
      HOST_TEST(a_refusal_ends_with_a_fin_at_once),
      HOST_TEST(data_that_waits_comes_before_the_answer_to_a_close),
      HOST_TEST(a_refused_client_is_not_waited_for_long),
      HOST_TEST(options_out_of_their_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
