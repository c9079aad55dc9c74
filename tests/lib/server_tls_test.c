/* A server of wss. */
#include "server_support.h"

#include "tls_certs.h"

struct secure {
  struct host host;
  struct ws_tls *client; /* what a client trusts */
  struct tls_certs certs;
};

static int setup(void **state) {
  struct secure *secure = malloc(sizeof *secure);
  char text[WS_TLS_TEXT_MAX];
  assert_non_null(secure);
  host_init(&secure->host);
  tls_certs_make(&secure->certs);
  struct ws_tls_options options = {.cert_file = secure->certs.good};
  secure->host.options.tls = ws_tls_server_new(&options, text);
  assert_non_null(secure->host.options.tls);
  options = (struct ws_tls_options){.ca_file = secure->certs.ca};
  secure->client = ws_tls_client_new(&options, text);
  assert_non_null(secure->client);
  *state = secure;
  return 0;
}

static int teardown(void **state) {
  struct secure *secure = *state;
  ws_tls_free(secure->client);
  host_free(&secure->host);
  tls_certs_remove(&secure->certs);
  free(secure);
  return 0;
}

/* The server keeps its own reference. */
static void listen_and_forget(struct host *host) {
  host_listen(host);
  ws_tls_free(host->options.tls);
}

struct talk {
  struct ws_websocket *socket;
  char got[16];
  bool opened, closed, was_clean;
  uint16_t code;
};

static void on_event(void *user, const struct ws_websocket_event *event) {
  struct talk *talk = user;
  if (event->type == WS_WEBSOCKET_OPEN) {
    talk->opened = true;
    ws_websocket_send_text(talk->socket, "hello", 5);
  } else if (event->type == WS_WEBSOCKET_MESSAGE) {
    assert_in_range(event->data.len, 0, sizeof talk->got - 1);
    memcpy(talk->got, event->data.data, event->data.len);
  } else {
    talk->closed = true;
    talk->was_clean = event->was_clean;
    talk->code = event->code;
  }
}

static void connect_by_tls(struct talk *talk, struct secure *secure) {
  char url[64];
  struct host *host = &secure->host;
  const struct ws_websocket_options options = {.tls = secure->client,
                                               .connect = "127.0.0.1"};
  *talk = (struct talk){0};
  snprintf(url, sizeof url, "wss://localhost:%u/chat",
           (unsigned)ws_server_port(host->server));
  assert_int_equal(ws_websocket_connect(&talk->socket, host->io, url, &options),
                   WS_OK);
  ws_websocket_on_open(talk->socket, on_event, talk);
  ws_websocket_on_message(talk->socket, on_event, talk);
  ws_websocket_on_close(talk->socket, on_event, talk);
}

/* 6455-4.2.2-03, 6455-10.6-01 */
static void an_echo_over_tls(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  struct talk talk;
  struct ws_tls_info info;
  listen_and_forget(host);
  host->act = host_echo;
  connect_by_tls(&talk, secure);
  HOST_UNTIL(host, talk.got[0] != '\0');
  assert_string_equal(talk.got, "hello");
  assert_true(ws_websocket_tls_info(host->sockets[0], &info));
  assert_memory_equal(info.version, "TLSv1.", 6);
  ws_websocket_close(talk.socket, 1000, NULL);
  HOST_UNTIL(host, talk.closed && host->num_closed == 1);
  assert_true(talk.was_clean);
  assert_true(host->was_clean);
  ws_websocket_release(talk.socket);
}

static void act_reject(struct host *host, struct ws_server_request *request) {
  const struct ws_reject_options options = {.status = 403};
  (void)host;
  assert_int_equal(ws_server_reject(request, &options), WS_OK);
}

static void a_refusal_over_tls(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  struct talk talk;
  listen_and_forget(host);
  host->act = act_reject;
  connect_by_tls(&talk, secure);
  HOST_UNTIL(host, talk.closed);
  assert_false(talk.opened);
  assert_int_equal(ws_websocket_fault(talk.socket), WS_FAULT_STATUS);
  ws_websocket_release(talk.socket);
}

static void a_shutdown_over_tls(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  struct talk talk;
  struct client silent; /* in the handshake of TLS */
  listen_and_forget(host);
  host->act = host_echo;
  connect_by_tls(&talk, secure);
  client_init(&silent, host);
  HOST_UNTIL(host, talk.got[0] != '\0');
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 2);
  host_shutdown(host, 0);
  client_expect_end(&silent);
  client_close(&silent);
  HOST_UNTIL(host, talk.closed && host->num_done == 1);
  assert_int_equal(talk.code, 1001);
  assert_true(talk.was_clean);
  ws_websocket_release(talk.socket);
}

static void who_does_not_speak_tls(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  struct client client;
  listen_and_forget(host);
  client_init(&client, host);
  client_send_text(&client, REQUEST);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 1);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 0);
  assert_int_equal(host->num_requests + host->num_gone, 0);
  client_close(&client);
}

static void a_handshake_has_its_time(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  struct client silent;
  host->options.config.timeouts.connect = 20 * MS;
  listen_and_forget(host);
  client_init(&silent, host);
  client_send(&silent, "\x16\x03\x01", 3);
  client_expect_end(&silent);
  client_close(&silent);
  assert_int_equal(ws_server_num_connections(host->server), 0);
}

static void on_stream(void *user, const struct ws_io_notice *notice) {
  size_t *counts = user;
  counts[notice->event]++;
}

/* The time of the opening handshake begins behind that of TLS. */
static void who_speaks_tls_and_nothing_more(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  const char *text;
  size_t counts[WS_IO_BROKEN + 1] = {0};
  host->options.config.timeouts.connect = WS_IO_NEVER;
  host->options.config.timeouts.opening = 20 * MS;
  listen_and_forget(host);
  struct ws_io_addresses *addresses =
      ws_io_resolve(host->io, "127.0.0.1", ws_server_port(host->server), &text);
  struct ws_io_listener listener = {on_stream, counts};
  struct ws_io_stream *stream = ws_tls_connect(
      secure->client, ws_io_dial(host->io, addresses, 0, listener), "localhost",
      listener);
  assert_non_null(stream);
  ws_io_addresses_free(addresses);
  HOST_UNTIL(host, counts[WS_IO_FIN] == 1);
  assert_int_equal(counts[WS_IO_UP], 1);
  assert_int_equal(counts[WS_IO_DATA], 0);
  ws_io_close(stream, 0);
  assert_int_equal(ws_server_num_connections(host->server), 0);
}

static void one_too_many_is_closed_before_its_handshake(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  struct client first;
  struct client second;
  host->options.max_connections = 1;
  listen_and_forget(host);
  client_init(&first, host);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 1);
  client_init(&second, host);
  client_expect_fin(&second);
  client_close(&first);
  client_close(&second);
}

static void freed_in_the_middle_of_handshakes(void **state) {
  struct secure *secure = *state;
  struct host *host = &secure->host;
  struct talk talk;
  listen_and_forget(host);
  connect_by_tls(&talk, secure);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 1);
  ws_server_free(host->server);
  host->server = NULL;
  HOST_UNTIL(host, talk.closed);
  assert_int_equal(talk.code, 1006);
  ws_websocket_release(talk.socket);
}

#define SECURE_TEST(function)                                                  \
  cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      SECURE_TEST(an_echo_over_tls),
      SECURE_TEST(a_refusal_over_tls),
      SECURE_TEST(a_shutdown_over_tls),
      SECURE_TEST(who_does_not_speak_tls),
      SECURE_TEST(a_handshake_has_its_time),
      SECURE_TEST(who_speaks_tls_and_nothing_more),
      SECURE_TEST(one_too_many_is_closed_before_its_handshake),
      SECURE_TEST(freed_in_the_middle_of_handshakes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
