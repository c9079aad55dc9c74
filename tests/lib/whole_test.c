/* The library as a whole: a client and a server on one loop, over ws and wss,
 * IPv4 and IPv6. However they part, no descriptor is left, and nothing in
 * OpenSSL's queue of errors. */
#include "support.h"

#include <dirent.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"
#include "tls_certs.h"
#include "ws/server.h"

#define MS UINT64_C(1000) /* microseconds */

struct whole {
  struct ws_io *io;
  struct tls_certs certs;
  struct ws_tls *identity;  /* of the server of wss */
  struct ws_tls *trust;     /* of clients: the CA of that */
  struct ws_server *plain;  /* ws, on 127.0.0.1 */
  struct ws_server *secure; /* wss, the same */
  bool rejects;             /* the servers do */
  size_t at_first;          /* descriptors before all of that */
  /* The client. */
  struct ws_websocket *socket; /* NULL: released */
  bool aborts_at_open, aborts_at_message;
  bool opened, closed, was_clean;
  char got[16];
  uint16_t code;
};

static size_t num_descriptors(void) {
  size_t num = 0;
  DIR *dir = opendir("/proc/self/fd");
  if (dir == NULL) {
    skip(); /* no such system */
    return 0;
  }
  while (readdir(dir) != NULL) {
    num++;
  }
  closedir(dir);
  return num;
}

/* Servers ------------------------------------------------------------------ */

static void echo(void *user, const struct ws_websocket_event *event) {
  (void)user;
  ws_websocket_send_text(event->target, (const char *)event->data.data,
                         event->data.len);
}

static void on_request(void *user, struct ws_server_request *request) {
  const struct whole *whole = user;
  const struct ws_reject_options no = {.status = 403};
  struct ws_websocket *socket = NULL;
  if (whole->rejects) {
    assert_int_equal(ws_server_reject(request, &no), WS_OK);
    return;
  }
  assert_int_equal(ws_server_accept(&socket, request, NULL, NULL, 0), WS_OK);
  ws_websocket_on_message(socket, echo, NULL);
  ws_websocket_release(socket);
}

static struct ws_server *serve(struct whole *whole, const char *host,
                               struct ws_tls *tls) {
  const char *text = "";
  const struct ws_server_options options = {
      .host = host, .tls = tls, .request = on_request, .user = whole};
  struct ws_server *server = ws_server_listen(whole->io, &options, &text);
  if (server == NULL) {
    fail_msg("%s", text);
  }
  return server;
}

static int setup(void **state) {
  char text[WS_TLS_TEXT_MAX];
  struct whole *whole = calloc(1, sizeof *whole);
  assert_non_null(whole);
  tls_certs_make(&whole->certs);
  ws_io_free(ws_io_new()); /* libuv keeps a pipe for signals from then on */
  whole->at_first = num_descriptors();
  whole->io = ws_io_new();
  assert_non_null(whole->io);
  whole->identity = ws_tls_server_new(
      &(struct ws_tls_options){.cert_file = whole->certs.good}, text);
  whole->trust = ws_tls_client_new(
      &(struct ws_tls_options){.ca_file = whole->certs.ca}, text);
  assert_non_null(whole->identity);
  assert_non_null(whole->trust);
  whole->plain = serve(whole, NULL, NULL);
  whole->secure = serve(whole, NULL, whole->identity);
  *state = whole;
  return 0;
}

static int teardown(void **state) {
  struct whole *whole = *state;
  ws_server_free(whole->plain);
  ws_server_free(whole->secure);
  ws_tls_free(whole->identity);
  ws_tls_free(whole->trust);
  ws_io_free(whole->io);
  assert_int_equal(num_descriptors(), whole->at_first);
  tls_certs_remove(&whole->certs);
  free(whole);
  return 0;
}

#define WHOLE_TEST(function)                                                   \
  cmocka_unit_test_setup_teardown(function, setup, teardown)

/* One turn; fails the test ten seconds after *begin (0 at first). */
static void turn(struct whole *whole, uint64_t *begin) {
  uint64_t now = ws_io_now(whole->io);
  *begin = *begin != 0 ? *begin : now;
  assert_true(now - *begin < 10000 * MS);
  ws_io_turn(whole->io, now + 1 * MS);
}

#define UNTIL(whole, condition)                                                \
  for (uint64_t begin_ = 0; !(condition);) {                                   \
    turn(whole, &begin_);                                                      \
  }

/* The client --------------------------------------------------------------- */

static void on_event(void *user, const struct ws_websocket_event *event) {
  struct whole *whole = user;
  if (event->type == WS_WEBSOCKET_OPEN) {
    whole->opened = true;
    ws_websocket_send_text(event->target, "hello", 5);
  } else if (event->type == WS_WEBSOCKET_MESSAGE) {
    assert_in_range(event->data.len, 1, sizeof whole->got - 1);
    memcpy(whole->got, event->data.data, event->data.len);
  } else {
    whole->closed = true;
    whole->was_clean = event->was_clean;
    whole->code = event->code;
  }
  if ((event->type == WS_WEBSOCKET_OPEN && whole->aborts_at_open) ||
      (event->type == WS_WEBSOCKET_MESSAGE && whole->aborts_at_message)) {
    ws_websocket_abort(event->target);
  }
}

static void dial(struct whole *whole, const char *scheme, const char *host,
                 uint16_t port, const struct ws_websocket_options *options) {
  char url[64];
  snprintf(url, sizeof url, "%s://%s:%u/", scheme, host, (unsigned)port);
  whole->opened = whole->closed = whole->was_clean = false;
  memset(whole->got, 0, sizeof whole->got);
  assert_int_equal(
      ws_websocket_connect(&whole->socket, whole->io, url, options), WS_OK);
  ws_websocket_on_open(whole->socket, on_event, whole);
  ws_websocket_on_message(whole->socket, on_event, whole);
  ws_websocket_on_close(whole->socket, on_event, whole);
}

static void release(struct whole *whole) {
  ws_websocket_release(whole->socket);
  whole->socket = NULL;
}

static void expect_failure(struct whole *whole, const char *text) {
  UNTIL(whole, whole->closed);
  assert_false(whole->opened);
  assert_int_equal(whole->code, WS_CLOSE_ABNORMAL);
  if (strstr(ws_websocket_failure(whole->socket), text) == NULL) {
    fail_msg("\"%s\" does not say \"%s\"", ws_websocket_failure(whole->socket),
             text);
  }
  release(whole);
}

static void talk_and_close(struct whole *whole) {
  UNTIL(whole, whole->got[0] != '\0');
  assert_string_equal(whole->got, "hello");
  ws_websocket_close(whole->socket, 1000, NULL);
  UNTIL(whole, whole->closed);
  assert_true(whole->was_clean);
  release(whole);
}

/* IPv6 --------------------------------------------------------------------- */

static bool has_ipv6(struct whole *whole) {
  const char *text;
  const struct ws_server_options options = {.host = "::1",
                                            .request = on_request};
  struct ws_server *server = ws_server_listen(whole->io, &options, &text);
  ws_server_free(server);
  if (server == NULL) {
    print_message("no IPv6 on this machine: %s\n", text);
  }
  return server != NULL;
}

static void ipv6_from_end_to_end(void **state) {
  struct whole *whole = *state;
  const struct ws_websocket_options options = {.tls = whole->trust};
  if (!has_ipv6(whole)) {
    skip();
  }
  struct ws_server *plain = serve(whole, "::1", NULL);
  dial(whole, "ws", "[::1]", ws_server_port(plain), NULL);
  talk_and_close(whole);
  ws_server_free(plain);
  /* The certificate is for the address, and the brackets are the URL's. */
  struct ws_server *secure = serve(whole, "[::1]", whole->identity);
  dial(whole, "wss", "[::1]", ws_server_port(secure), &options);
  UNTIL(whole, whole->opened);
  struct ws_tls_info info;
  assert_true(ws_websocket_tls_info(whole->socket, &info));
  assert_string_equal(info.verified, "ok");
  talk_and_close(whole);
  ws_server_free(secure);
}

/* Who is trusted ----------------------------------------------------------- */

/* 6455-4.1-15: without a word about TLS, and with every way to be wrong. */
static void certificates_are_verified_by_default(void **state) {
  struct whole *whole = *state;
  struct ws_websocket_options options = {.tls = whole->trust};
  uint16_t port = ws_server_port(whole->secure);
  dial(whole, "wss", "127.0.0.1", port, NULL);
  expect_failure(whole, "unable to get local issuer certificate");
  options.connect = "127.0.0.1";
  dial(whole, "wss", "example.org", port, &options);
  expect_failure(whole, "hostname mismatch");
  dial(whole, "wss", "127.0.0.2", port, &options);
  expect_failure(whole, "IP address mismatch");
  dial(whole, "wss", "localhost.", port, &options);
  talk_and_close(whole);
  dial(whole, "wss", "127.1", port, &options); /* an address, too */
  talk_and_close(whole);
  options.connect = "localhost"; /* is no alias of the name in the URL */
  dial(whole, "wss", "example.org", port, &options);
  expect_failure(whole, "hostname mismatch");
}

static void wrong_certificates_are_refused(void **state) {
  struct whole *whole = *state;
  const struct ws_websocket_options options = {.tls = whole->trust};
  const struct {
    const char *file, *text;
  } rows[] = {
      {whole->certs.expired, "certificate has expired"},
      {whole->certs.self, "self-signed certificate"},
      {whole->certs.unnamed, "hostname mismatch"},
      {whole->certs.client, "unsuitable certificate purpose"},
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    char text[WS_TLS_TEXT_MAX];
    struct ws_tls *tls = ws_tls_server_new(
        &(struct ws_tls_options){.cert_file = rows[i].file}, text);
    assert_non_null(tls);
    struct ws_server *server = serve(whole, NULL, tls);
    dial(whole, "wss", "localhost", ws_server_port(server), &options);
    expect_failure(whole, rows[i].text);
    ws_server_free(server);
    ws_tls_free(tls);
  }
}

/* Nothing is left ---------------------------------------------------------- */

static void clean(struct whole *whole) {
  const struct ws_websocket_options options = {.tls = whole->trust};
  dial(whole, "ws", "127.0.0.1", ws_server_port(whole->plain), NULL);
  talk_and_close(whole);
  dial(whole, "wss", "localhost", ws_server_port(whole->secure), &options);
  talk_and_close(whole);
}

static void refused(struct whole *whole) {
  const struct ws_websocket_options tls = {.tls = whole->trust};
  uint16_t port;
  close(listen_here(&port));
  dial(whole, "ws", "127.0.0.1", port, NULL);
  expect_failure(whole, "connection refused");
  dial(whole, "wss", "127.0.0.1", port, &tls);
  expect_failure(whole, "connection refused");
}

static void not_resolved(struct whole *whole) {
  const struct ws_websocket_options options = {.connect = "999.999.999.999 "};
  dial(whole, "ws", "localhost", 1, &options);
  expect_failure(whole, "");
}

static void without_an_answer(struct whole *whole) {
  const struct ws_websocket_options options = {
      .tls = whole->trust,
      .config = {.timeouts = {.connect = 20 * MS, .opening = 20 * MS}}};
  uint16_t port;
  int silent = listen_here(&port);
  dial(whole, "ws", "127.0.0.1", port, &options);
  expect_failure(whole, "timed out");
  dial(whole, "wss", "127.0.0.1", port, &options);
  expect_failure(whole, "timed out");
  close(silent);
}

static void of_another_kind(struct whole *whole) {
  /* The server waits for the end of the head that this is not. */
  const struct ws_websocket_options options = {
      .tls = whole->trust, .config = {.timeouts = {.connect = 20 * MS}}};
  dial(whole, "wss", "127.0.0.1", ws_server_port(whole->plain), &options);
  expect_failure(whole, "timed out");
  dial(whole, "ws", "127.0.0.1", ws_server_port(whole->secure), NULL);
  expect_failure(whole, "");
  dial(whole, "wss", "127.0.0.1", ws_server_port(whole->secure), NULL);
  expect_failure(whole, "certificate");
}

static void rejected(struct whole *whole) {
  const struct ws_websocket_options options = {.tls = whole->trust};
  whole->rejects = true;
  dial(whole, "ws", "127.0.0.1", ws_server_port(whole->plain), NULL);
  expect_failure(whole, "");
  dial(whole, "wss", "127.0.0.1", ws_server_port(whole->secure), &options);
  expect_failure(whole, "");
  whole->rejects = false;
}

static void aborted(struct whole *whole) {
  const struct ws_websocket_options options = {.tls = whole->trust};
  uint16_t port = ws_server_port(whole->secure);
  for (int turns = 0; turns < 6; turns++) {
    dial(whole, "wss", "127.0.0.1", port, &options);
    for (int i = 0; i < turns; i++) {
      ws_io_turn(whole->io, ws_io_now(whole->io) + 1 * MS);
    }
    ws_websocket_abort(whole->socket);
    release(whole);
  }
  whole->aborts_at_open = true;
  dial(whole, "wss", "127.0.0.1", port, &options);
  UNTIL(whole, whole->closed);
  release(whole);
  whole->aborts_at_open = false;
  whole->aborts_at_message = true;
  dial(whole, "ws", "127.0.0.1", ws_server_port(whole->plain), NULL);
  UNTIL(whole, whole->closed);
  release(whole);
  whole->aborts_at_message = false;
}

static void of_no_use(struct whole *whole) {
  char text[WS_TLS_TEXT_MAX];
  const char *why = NULL;
  const struct ws_tls_options options[] = {
      {.cert_file = whole->certs.absent},
      {.cert_file = whole->certs.empty},
      {.cert_file = whole->certs.good, .key_file = whole->certs.ca},
      {.cert_file = whole->certs.good, .key_file = whole->certs.locked_key},
      {.cert_file = whole->certs.good, .ca_file = whole->certs.absent},
      {.cert_file = whole->certs.good, .ca_file = whole->certs.good_key},
      {.cert_file = whole->certs.good,
       .min_version = WS_TLS_1_3,
       .max_version = WS_TLS_1_2},
  };
  for (size_t i = 0; i < NUM_OF(options); i++) {
    assert_null(ws_tls_server_new(&options[i], text));
    assert_null(ws_tls_client_new(&options[i], text));
  }
  const struct ws_server_options taken = {.port = ws_server_port(whole->plain),
                                          .request = on_request};
  assert_null(ws_server_listen(whole->io, &taken, &why));
  assert_string_equal(why, "address already in use");
  const struct ws_server_options nowhere = {.host = "999.999.999.999 ",
                                            .request = on_request};
  assert_null(ws_server_listen(whole->io, &nowhere, &why));
}

static void its_server_freed(struct whole *whole) {
  const struct ws_websocket_options options = {.tls = whole->trust};
  struct ws_server *server = serve(whole, NULL, whole->identity);
  dial(whole, "wss", "127.0.0.1", ws_server_port(server), &options);
  UNTIL(whole, whole->got[0] != '\0');
  ws_server_free(server);
  UNTIL(whole, whole->closed);
  assert_false(whole->was_clean);
  release(whole);
}

static void nothing_is_left(void **state) {
  struct whole *whole = *state;
  void (*const ways[])(struct whole *) = {
      clean,    refused, not_resolved, without_an_answer, of_another_kind,
      rejected, aborted, of_no_use,    its_server_freed};
  size_t before = num_descriptors();
  for (size_t i = 0; i < NUM_OF(ways); i++) {
    ways[i](whole);
    UNTIL(whole, num_descriptors() == before);
    assert_int_equal(ERR_peek_error(), 0);
    assert_int_equal(ws_server_num_connections(whole->plain), 0);
    assert_int_equal(ws_server_num_connections(whole->secure), 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      WHOLE_TEST(ipv6_from_end_to_end),
      WHOLE_TEST(certificates_are_verified_by_default),
      WHOLE_TEST(wrong_certificates_are_refused),
      WHOLE_TEST(nothing_is_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
