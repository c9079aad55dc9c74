/* wss: the client over TLS, against a server of ours. */
#include "websocket_support.h"

#include "tls_certs.h"
#include "ws/server.h"

/* A server that echoes, and what belongs to it. */
struct echo_server {
  struct ws_server *server;
  struct ws_tls *tls;
  struct tls_certs certs;
  size_t num_sockets;
};

static void echo(void *user, const struct ws_websocket_event *event) {
  (void)user;
  if (event->message == WS_MESSAGE_BLOB) {
    ws_websocket_send_blob(event->target, event->blob);
  } else {
    ws_websocket_send_text(event->target, (const char *)event->data.data,
                           event->data.len);
  }
}

static void on_request(void *user, struct ws_server_request *request) {
  struct echo_server *echo_server = user;
  struct ws_websocket *socket = NULL;
  assert_int_equal(ws_server_accept(&socket, request, NULL, NULL, 0), WS_OK);
  ws_websocket_on_message(socket, echo, NULL);
  ws_websocket_release(socket);
  echo_server->num_sockets++;
}

static void start(struct rig *rig, struct echo_server *server) {
  char text[WS_TLS_TEXT_MAX];
  const char *why = NULL;
  struct ws_server_options options = {.request = on_request, .user = server};
  tls_certs_make(&server->certs);
  server->num_sockets = 0;
  server->tls = ws_tls_server_new(
      &(struct ws_tls_options){.cert_file = server->certs.good}, text);
  assert_non_null(server->tls);
  options.tls = server->tls;
  server->server = ws_server_listen(rig->io, &options, &why);
  assert_non_null(server->server);
}

static void stop(struct rig *rig, struct echo_server *server) {
  uint64_t begin = 0;
  if (rig->socket != NULL) {
    ws_websocket_abort(rig->socket);
    ws_websocket_release(rig->socket);
    rig->socket = NULL;
  }
  while (ws_server_num_connections(server->server) != 0 &&
         rig_turn(rig, &begin)) {
  }
  ws_server_free(server->server);
  ws_tls_free(server->tls);
  tls_certs_remove(&server->certs);
}

/* A client that trusts `ca`. */
static void dial(struct rig *rig, const struct echo_server *server,
                 const char *name, const char *ca) {
  char text[WS_TLS_TEXT_MAX];
  char url[64];
  struct ws_tls *tls =
      ws_tls_client_new(&(struct ws_tls_options){.ca_file = ca}, text);
  assert_non_null(tls);
  snprintf(url, sizeof(url), "wss://%s:%u/", name,
           (unsigned)ws_server_port(server->server));
  rig->options.tls = tls;
  rig->options.connect = "127.0.0.1";
  assert_int_equal(
      ws_websocket_connect(&rig->socket, rig->io, url, &rig->options), WS_OK);
  ws_tls_free(tls); /* the socket keeps its own reference */
  rig_watch(rig);
}

static void messages_go_over_tls(void **state) {
  struct rig *rig = *state;
  struct echo_server server;
  struct ws_tls_info info;
  start(rig, &server);
  dial(rig, &server, "localhost", server.certs.ca);
  assert_false(ws_websocket_tls_info(rig->socket, &info));
  rig_expect(rig, "1o ");
  assert_true(ws_websocket_tls_info(rig->socket, &info));
  assert_string_equal(info.version, "TLSv1.3");
  assert_string_equal(info.verified, "ok");
  ws_websocket_send_text(rig->socket, "hi", 2);
  assert_int_equal(ws_websocket_buffered_amount(rig->socket), 2);
  rig_expect(rig, "1o 1t[hi] ");
  assert_int_equal(ws_websocket_buffered_amount(rig->socket), 0);
  ws_websocket_close(rig->socket, 4000, "done");
  rig_expect(rig, "1o 1t[hi] 3c[1,4000,] ");
  assert_false(ws_websocket_tls_info(rig->socket, &info));
  stop(rig, &server);
}

/* Scripts cannot tell why; the program can. */
static void certificates_are_verified(void **state) {
  struct rig *rig = *state;
  struct echo_server server;
  start(rig, &server);
  dial(rig, &server, "localhost", server.certs.other_ca);
  rig_expect(rig, "3e 3c[0,1006,] ");
  assert_non_null(strstr(ws_websocket_failure(rig->socket), "certificate"));
  ws_websocket_release(rig->socket);
  rig->log[0] = '\0';
  dial(rig, &server, "example.com", server.certs.ca);
  rig_expect(rig, "3e 3c[0,1006,] ");
  assert_string_not_equal(ws_websocket_failure(rig->socket), "");
  assert_int_equal(server.num_sockets, 0);
  stop(rig, &server);
}

/* The peer speaks, but not TLS; or it says nothing. */
static void a_server_without_tls(void **state) {
  (void)state;
  static const char refusal[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  for (int silent = 0; silent < 2; silent++) {
    struct rig rig;
    char url[64];
    rig_init(&rig);
    rig.options.config.timeouts.connect = silent ? 100 * MS : 0;
    snprintf(url, sizeof(url), "wss://127.0.0.1:%u/", (unsigned)rig.port);
    assert_int_equal(
        ws_websocket_connect(&rig.socket, rig.io, url, &rig.options), WS_OK);
    rig_watch(&rig);
    rig_accept_tcp(&rig);
    if (!silent) {
      peer_send(&rig, refusal, sizeof(refusal) - 1);
    }
    rig_expect(&rig, "3e 3c[0,1006,] ");
    if (silent) {
      assert_string_equal(ws_websocket_failure(rig.socket),
                          "connection timed out");
    } else {
      assert_string_not_equal(ws_websocket_failure(rig.socket), "");
    }
    rig_free(&rig);
  }
}

static void abort_in_message(struct rig *rig,
                             const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_MESSAGE) {
    ws_websocket_abort(rig->socket);
    assert_slice(event->data, "still here"); /* it lies in the stream */
  }
}

static void a_message_outlives_its_stream(void **state) {
  struct rig *rig = *state;
  struct echo_server server;
  start(rig, &server);
  rig->act = abort_in_message;
  dial(rig, &server, "localhost", server.certs.ca);
  rig_expect(rig, "1o ");
  ws_websocket_send_text(rig->socket, "still here", 10);
  rig_expect(rig, "1o 1t[still here] 3e 3c[0,1006,] ");
  stop(rig, &server);
}

struct echoed {
  const uint8_t *bytes;
  size_t len;
  bool came;
};

static void on_echoed(void *user, const struct ws_websocket_event *event) {
  struct echoed *echoed = user;
  assert_int_equal(event->data.len, echoed->len);
  assert_memory_equal(event->data.data, echoed->bytes, echoed->len);
  echoed->came = true;
}

/* There and back: more than any buffer on the way holds. */
static void a_large_blob_over_tls(void **state) {
  struct rig *rig = *state;
  struct echo_server server;
  struct echoed echoed = {.len = 8 << 20};
  uint64_t seed = 3;
  uint64_t begin = 0;
  uint8_t *bytes = malloc(echoed.len);
  assert_non_null(bytes);
  for (size_t i = 0; i < echoed.len; i++) {
    bytes[i] = (uint8_t)next_random(&seed);
  }
  echoed.bytes = bytes;
  struct ws_blob *blob = ws_blob_adopt(NULL, bytes, echoed.len, NULL, NULL);
  start(rig, &server);
  dial(rig, &server, "localhost", server.certs.ca);
  rig_expect(rig, "1o ");
  ws_websocket_on_message(rig->socket, on_echoed, &echoed);
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  ws_websocket_send_blob(rig->socket, blob);
  ws_blob_unref(blob);
  while (!echoed.came && rig_turn(rig, &begin)) {
  }
  assert_true(echoed.came);
  stop(rig, &server);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      RIG_TEST(messages_go_over_tls),
      RIG_TEST(certificates_are_verified),
      cmocka_unit_test(a_server_without_tls),
      RIG_TEST(a_message_outlives_its_stream),
      RIG_TEST(a_large_blob_over_tls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
