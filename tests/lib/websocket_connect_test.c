/* The client's way to an open connection, and the ways in which it fails. */
#include "websocket_support.h"

#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

static enum ws_status try_connect(struct rig *rig, const char *url) {
  struct ws_websocket *socket = (struct ws_websocket *)rig;
  enum ws_status status =
      ws_websocket_connect(&socket, rig->io, url, &rig->options);
  if (status != WS_OK) {
    assert_null(socket);
  } else {
    ws_websocket_abort(socket);
    ws_websocket_release(socket);
  }
  return status;
}

/* WHATWG-ctor-01, WHATWG-ctor-03, WHATWG-ctor-04, 6455-4.1-03 */
static void urls_that_are_a_syntax_error(void **state) {
  struct rig *rig = *state;
  static const char *const urls[] = {
      "",
      "http://[",
      "ws://",
      "ws://a b/",
      "ws://host:65536/",
      "ws://host:0/",
      "ws://host:-1/",
      "ftp://host/",
      "//host/",
      "/path",
      "ws://host/#",
      "ws://host/#fragment",
      "ws://user:secret@host/",
  };
  for (size_t i = 0; i < NUM_OF(urls); i++) {
    if (try_connect(rig, urls[i]) != WS_ERR_SYNTAX) {
      fail_msg("%s was taken", urls[i]);
    }
  }
  assert_int_equal(accept(rig->listening, NULL, NULL), -1);
}

/* WHATWG-ctor-06 */
static void protocols_are_distinct_tokens(void **state) {
  struct rig *rig = *state;
  static const char *const wrong[][3] = {
      {"a", "a", NULL}, {"", NULL}, {"a b", NULL}, {"chat", "a,b", NULL}};
  static const char *const right[] = {"a", "A", "b", NULL};
  for (size_t i = 0; i < NUM_OF(wrong); i++) {
    rig->options.protocols = wrong[i];
    assert_int_equal(try_connect(rig, "ws://127.0.0.1:1/"), WS_ERR_SYNTAX);
  }
  rig->options.protocols = right;
  assert_int_equal(try_connect(rig, "ws://127.0.0.1:1/"), WS_OK);
}

static void fields_that_are_not_ours_to_send(void **state) {
  struct rig *rig = *state;
  static const struct ws_header wrong[] = {
      {"Host", "other"}, {"Sec-WebSocket-Key", "x"},
      {"a b", "x"},      {"X-Line", "a\r\nB: c"},
      {"", "x"},
  };
  for (size_t i = 0; i < NUM_OF(wrong); i++) {
    rig->options.headers = &wrong[i];
    rig->options.num_headers = 1;
    assert_int_equal(try_connect(rig, "ws://127.0.0.1:1/"), WS_ERR_ARGUMENT);
  }
  rig->options.num_headers = 0;
  rig->options.origin = "https://a\r\nX: y";
  assert_int_equal(try_connect(rig, "ws://127.0.0.1:1/"), WS_ERR_ARGUMENT);
}

/* WHATWG-idl-01, WHATWG-idl-02, WHATWG-ctor-07, WHATWG-attrs-02,
 * WHATWG-attrs-03, WHATWG-attrs-04, WHATWG-send-01 */
static void a_new_socket_connects_and_waits(void **state) {
  struct rig *rig = *state;
  rig_connect(rig, "/a/../b?x=1");
  assert_int_equal(WS_CONNECTING, 0);
  assert_int_equal(WS_OPEN, 1);
  assert_int_equal(WS_CLOSING, 2);
  assert_int_equal(WS_CLOSED, 3);
  const struct ws_websocket *socket = rig->socket;
  char url[64];
  snprintf(url, sizeof(url), "ws://127.0.0.1:%u/b?x=1", (unsigned)rig->port);
  assert_int_equal(ws_websocket_ready_state(socket), WS_CONNECTING);
  assert_int_equal(ws_websocket_binary_type(socket), WS_BINARY_BLOB);
  assert_int_equal(ws_websocket_role(socket), WS_CLIENT);
  assert_string_equal(ws_websocket_url(socket), url);
  assert_string_equal(ws_websocket_protocol(socket), "");
  assert_string_equal(ws_websocket_extensions(socket), "");
  assert_string_equal(ws_websocket_failure(socket), "");
  assert_null(ws_websocket_response(socket));
  struct ws_blob *blob = ws_blob_new(NULL, "a", 1);
  assert_int_equal(ws_websocket_send_text(rig->socket, "a", 1), WS_ERR_STATE);
  assert_int_equal(ws_websocket_send_array(rig->socket, "a", 1), WS_ERR_STATE);
  assert_int_equal(ws_websocket_send_blob(rig->socket, blob), WS_ERR_STATE);
  assert_int_equal(ws_websocket_ping(rig->socket, "a", 1), WS_ERR_STATE);
  assert_int_equal(ws_websocket_buffered_amount(socket), 0);
  ws_blob_unref(blob);
  rig_accept(rig);
  assert_int_equal(ws_websocket_ready_state(socket), WS_CONNECTING);
  rig_answer(rig, "");
  rig_expect(rig, "1o ");
}

static void check_open(struct rig *rig,
                       const struct ws_websocket_event *event) {
  if (event->type != WS_WEBSOCKET_OPEN) {
    return;
  }
  assert_int_equal(ws_websocket_ready_state(event->target), WS_OPEN);
  assert_string_equal(ws_websocket_protocol(event->target), "superchat");
  const struct ws_http_head *head = ws_websocket_response(event->target);
  assert_non_null(head);
  const struct ws_http_field *cookie = ws_http_field(head, "Set-Cookie", 0);
  assert_non_null(cookie);
  assert_slice(cookie->value, "id=1; Path=/");
  assert_ptr_equal(event->target, rig->socket);
}

/* WHATWG-feedback-01, 6455-4.1-61, 6455-4.1-62 */
static void open_tells_what_was_agreed(void **state) {
  struct rig *rig = *state;
  static const char *const protocols[] = {"chat", "superchat", NULL};
  static const struct ws_header headers[] = {{"X-One", "1"},
                                             {"Authorization", "Basic YTpi"}};
  rig->options.protocols = protocols;
  rig->options.origin = "https://example.com";
  rig->options.headers = headers;
  rig->options.num_headers = 2;
  rig->act = check_open;
  rig_connect(rig, "/?");
  rig_accept(rig);
  assert_non_null(strstr(rig->request, "GET / HTTP/1.1\r\n"));
  assert_non_null(
      strstr(rig->request, "Sec-WebSocket-Protocol: chat, superchat\r\n"));
  assert_non_null(strstr(rig->request, "Origin: https://example.com\r\n"));
  assert_non_null(strstr(rig->request, "X-One: 1\r\n"));
  assert_non_null(strstr(rig->request, "Authorization: Basic YTpi\r\n"));
  assert_null(strstr(rig->request, "Sec-WebSocket-Extensions"));
  char host[64];
  snprintf(host, sizeof(host), "Host: 127.0.0.1:%u\r\n", (unsigned)rig->port);
  assert_non_null(strstr(rig->request, host));
  rig_answer(rig, "Sec-WebSocket-Protocol: superchat\r\n"
                  "Set-Cookie: id=1; Path=/\r\n");
  rig_expect(rig, "1o ");
  assert_null(ws_websocket_response(rig->socket));
  PEER_SEND(rig, 0x81, "hi");
  rig_expect(rig, "1o 1t[hi] ");
}

/* The URL's host stays in Host, whoever is dialled; http means ws:
 * WHATWG-ctor-02 */
static void another_address_is_dialled(void **state) {
  struct rig *rig = *state;
  rig->options.connect = "127.0.0.1";
  rig->options.connect_port = rig->port;
  assert_int_equal(ws_websocket_connect(&rig->socket, rig->io,
                                        "http://EXAMPLE.com:80/x",
                                        &rig->options),
                   WS_OK);
  rig_watch(rig);
  assert_string_equal(ws_websocket_url(rig->socket), "ws://example.com/x");
  rig_accept(rig);
  assert_non_null(strstr(rig->request, "Host: example.com\r\n"));
  rig_answer(rig, "");
  rig_expect(rig, "1o ");
}

static void ipv6_stands_in_brackets(void **state) {
  struct rig *rig = *state;
  rig->options.connect = "127.0.0.1";
  rig->options.connect_port = rig->port;
  assert_int_equal(ws_websocket_connect(&rig->socket, rig->io,
                                        "ws://[0:0::1]:8080/", &rig->options),
                   WS_OK);
  rig_watch(rig);
  assert_string_equal(ws_websocket_url(rig->socket), "ws://[::1]:8080/");
  rig_accept(rig);
  assert_non_null(strstr(rig->request, "Host: [::1]:8080\r\n"));
}

/* Failures ----------------------------------------------------------------- */

#define NO_CONNECTION "3e 3c[0,1006,] "

static void check_refusal(struct rig *rig,
                          const struct ws_websocket_event *event) {
  const struct ws_http_head *head = ws_websocket_response(event->target);
  if (event->type == WS_WEBSOCKET_ERROR) {
    assert_non_null(head);
    assert_int_equal(head->status, 302);
  } else {
    assert_null(head);
  }
  (void)rig;
}

/* 6455-7.1.4-03 */
static void what_is_not_a_101_fails(void **state) {
  struct rig *rig = *state;
  rig->act = check_refusal;
  rig_connect(rig, "/");
  rig_accept(rig);
  static const char response[] =
      "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"
      "Content-Length: 0\r\n\r\n";
  peer_send(rig, response, sizeof(response) - 1);
  rig_expect(rig, NO_CONNECTION);
  assert_int_equal(ws_websocket_fault(rig->socket), WS_FAULT_STATUS);
  assert_string_equal(ws_websocket_protocol(rig->socket), "");
  peer_expect_fin(rig);
}

/* What the peer does once it has the request. */
enum misdeed {
  REFUSE,
  VANISH,
  RESET,
  GARBAGE,
  WRONG_ACCEPT,
  NO_PROTOCOL,
  SILENCE,
  BREAK_OFF,
  NUM_MISDEEDS
};

static void misbehave(struct rig *rig, enum misdeed misdeed) {
  static const char refusal[] =
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
  switch (misdeed) {
  case REFUSE:
    peer_send(rig, refusal, sizeof(refusal) - 1);
    break;
  case VANISH:
    peer_close(rig);
    break;
  case RESET:
    reset_now(rig->fd);
    rig->fd = -1;
    break;
  case GARBAGE:
    peer_send(rig, "SSH-2.0\r\n\r\n", 11);
    break;
  case WRONG_ACCEPT:
    rig_answer(rig, "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n");
    break;
  case NO_PROTOCOL:
    rig_answer(rig, "");
    break;
  case BREAK_OFF:
    rig_answer(rig, "Sec-WebSocket-Protocol: chat\r\n");
    peer_close(rig);
    break;
  case SILENCE:
  case NUM_MISDEEDS:
    break;
  }
}

/* WHATWG-feedback-09 */
static void scripts_cannot_tell_failures_apart(void **state) {
  (void)state;
  static const char *const protocols[] = {"chat", NULL};
  static const char *const texts[NUM_MISDEEDS] = {
      [REFUSE] = "the status is not 101",
      [VANISH] = "the connection ended inside the head",
      [RESET] = "connection reset by peer",
      [GARBAGE] = "the head is not HTTP",
      [WRONG_ACCEPT] = "there is more than one Sec-WebSocket-Accept field",
      [NO_PROTOCOL] = "the server chose none of the subprotocols",
      [SILENCE] = "the opening handshake timed out",
      [BREAK_OFF] = "the connection ended without a Close frame",
  };
  for (int misdeed = 0; misdeed < NUM_MISDEEDS; misdeed++) {
    struct rig rig;
    rig_init(&rig);
    rig.options.protocols = protocols;
    rig.options.config.timeouts.opening = 40 * MS;
    rig_connect(&rig, "/");
    rig_accept(&rig);
    misbehave(&rig, (enum misdeed)misdeed);
    rig_expect(&rig,
               misdeed == BREAK_OFF ? "1o " NO_CONNECTION : NO_CONNECTION);
    assert_string_equal(ws_websocket_failure(rig.socket), texts[misdeed]);
    rig_free(&rig);
  }
}

static void nobody_listens(void **state) {
  struct rig *rig = *state;
  uint16_t port = 0;
  char url[64];
  close(listen_here(&port));
  snprintf(url, sizeof(url), "ws://127.0.0.1:%u/", (unsigned)port);
  assert_int_equal(
      ws_websocket_connect(&rig->socket, rig->io, url, &rig->options), WS_OK);
  rig_watch(rig);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CONNECTING);
  rig_expect(rig, NO_CONNECTION);
  assert_string_equal(ws_websocket_failure(rig->socket), "connection refused");
}

/* One that no resolver has to be asked for. */
static void a_name_that_does_not_resolve(void **state) {
  struct rig *rig = *state;
  char name[301] = {0};
  memset(name, 'a', sizeof(name) - 1);
  rig->options.connect = name;
  rig_connect(rig, "/");
  rig_expect(rig, NO_CONNECTION);
  assert_string_not_equal(ws_websocket_failure(rig->socket), "");
}

/* A queue of connections that nobody accepts is full: the next dial hangs. */
static void dialling_has_its_time(void **state) {
  struct rig *rig = *state;
  struct ws_websocket *others[4];
  assert_int_equal(listen(rig->listening, 0), 0);
  for (size_t i = 0; i < NUM_OF(others); i++) {
    rig_connect(rig, "/");
    others[i] = rig->socket;
    ws_websocket_on_error(others[i], NULL, NULL);
    ws_websocket_on_close(others[i], NULL, NULL);
  }
  rig->options.config.timeouts.connect = 50 * MS;
  rig_connect(rig, "/");
  rig_expect(rig, NO_CONNECTION);
  assert_string_equal(ws_websocket_failure(rig->socket),
                      "connection timed out");
  for (size_t i = 0; i < NUM_OF(others); i++) {
    ws_websocket_abort(others[i]);
    ws_websocket_release(others[i]);
  }
}

/* WHATWG-close-04 in both of its parts: before TCP is up, and behind it. */
static void closing_a_socket_that_connects(void **state) {
  (void)state;
  for (int accepted = 0; accepted < 2; accepted++) {
    struct rig rig;
    rig_init(&rig);
    rig_connect(&rig, "/");
    if (accepted) {
      rig_accept(&rig);
    }
    assert_int_equal(ws_websocket_close(rig.socket, 1000, "bye"), WS_OK);
    assert_int_equal(ws_websocket_ready_state(rig.socket), WS_CLOSING);
    assert_string_equal(rig.log, "");
    rig_expect(&rig, NO_CONNECTION);
    if (accepted) {
      peer_expect_fin(&rig); /* and no Close frame */
    }
    rig_free(&rig);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      RIG_TEST(urls_that_are_a_syntax_error),
      RIG_TEST(protocols_are_distinct_tokens),
      RIG_TEST(fields_that_are_not_ours_to_send),
      RIG_TEST(a_new_socket_connects_and_waits),
      RIG_TEST(open_tells_what_was_agreed),
      RIG_TEST(another_address_is_dialled),
      RIG_TEST(ipv6_stands_in_brackets),
      RIG_TEST(what_is_not_a_101_fails),
      cmocka_unit_test(scripts_cannot_tell_failures_apart),
      RIG_TEST(nobody_listens),
      RIG_TEST(a_name_that_does_not_resolve),
      RIG_TEST(dialling_has_its_time),
      cmocka_unit_test(closing_a_socket_that_connects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
