/* The engine's transport and the server of peers over TLS, one against the
 * other: the server in a process of its own, as in serve_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "echo_peer.h"
#include "loopback.h"
#include "net.h"
#include "serve.h"
#include "tls_certs.h"

#define SECOND UINT64_C(1000000)

struct world {
  struct tls_certs certs;
  pid_t server;
  uint16_t port;
};

struct seen {
  struct wsc_transport *transport;
  struct wsc_stream *stream;
  char events[16];
  size_t num_events;
  size_t bytes;
  const char *text;
};

static void on_notice(void *user, const struct wsc_stream_notice *notice) {
  static const char letters[] = {
      [WSC_STREAM_UP] = 'u',   [WSC_STREAM_FAILED] = 'x',
      [WSC_STREAM_DATA] = 'd', [WSC_STREAM_FIN] = 'f',
      [WSC_STREAM_RST] = 'r',
  };
  struct seen *seen = user;
  char letter = letters[notice->event];
  bool again = letter == 'd' && seen->events[seen->num_events - 1] == 'd';
  if (!again && seen->num_events < sizeof seen->events - 1) {
    seen->events[seen->num_events++] = letter;
  }
  seen->bytes += notice->len;
  seen->text = notice->text == NULL ? seen->text : notice->text;
}

static void wait_for(struct seen *seen, const char *events, size_t bytes) {
  const struct wsc_transport_ops *ops = seen->transport->ops;
  uint64_t end = ops->now(seen->transport) + 10 * SECOND;
  while ((strcmp(seen->events, events) != 0 || seen->bytes < bytes) &&
         ops->now(seen->transport) < end) {
    assert_true(ops->wait(seen->transport, end));
  }
  assert_string_equal(seen->events, events);
  assert_int_equal(seen->bytes, bytes);
}

static void dial(struct seen *seen, struct wsc_transport *transport) {
  *seen = (struct seen){.transport = transport};
  seen->stream =
      transport->ops->dial(transport, (struct wsc_listener){on_notice, seen});
  assert_non_null(seen->stream);
  assert_int_equal(seen->num_events, 0);
}

static struct ws_tls *client(const char *ca) {
  char text[WS_TLS_TEXT_MAX];
  struct ws_tls *tls =
      ws_tls_client_new(&(struct ws_tls_options){.ca_file = ca}, text);
  assert_non_null(tls);
  return tls;
}

static struct wsc_transport *net_to(const struct world *world,
                                    struct ws_tls *tls, const char *name) {
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)world->port);
  struct wsc_net_options options = {.host = name,
                                    .port = 443,
                                    .connect = address,
                                    .dial_timeout = 5 * SECOND,
                                    .tls = tls};
  char *error = NULL;
  struct wsc_transport *transport = wsc_net_new(&options, &error);
  assert_non_null(transport);
  assert_string_equal(wsc_net_variant(transport), tls == NULL ? "tcp" : "tls");
  return transport;
}

/* -- the server's process ----------------------------------------------- */

static void on_ready(void *user, const char *host, uint16_t port) {
  (void)host;
  if (write(*(int *)user, &port, sizeof port) != sizeof port) {
    exit(9);
  }
}

/* Exits 0 when serving ended well and every peer was given back. */
static void serve(struct world *world, int ready) {
  struct ws_tls_options files = {.cert_file = world->certs.good};
  char text[WS_TLS_TEXT_MAX];
  struct echo_log log = {0};
  struct echo_config config = {.obeys = true, .log = &log};
  struct wsc_serve_options options = {
      .factory = {&echo_peer, &config},
      .host = "127.0.0.1",
      .tls = ws_tls_server_new(&files, text),
      .ready = on_ready,
      .user = &ready,
  };
  char *error = NULL;
  int result = wsc_serve(&options, &error);
  ws_tls_free(options.tls);
  free(error);
  free(world);
  close(ready);
  exit(result != 0 || log.num_open != log.num_closed ? 8 : 0);
}

static int group_setup(void **state) {
  struct world *world = calloc(1, sizeof *world);
  int ends[2];
  assert_non_null(world);
  tls_certs_make(&world->certs);
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  world->server = fork();
  assert_true(world->server >= 0);
  if (world->server == 0) {
    close(ends[0]);
    serve(world, ends[1]);
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], &world->port, sizeof world->port),
                   sizeof world->port);
  close(ends[0]);
  *state = world;
  return 0;
}

static int group_teardown(void **state) {
  struct world *world = *state;
  int status = -1;
  kill(world->server, SIGTERM);
  waitpid(world->server, &status, 0);
  tls_certs_remove(&world->certs);
  free(world);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* -- tests -------------------------------------------------------------- */

#define BIG ((size_t)1 << 20)

static void test_echo(void **state) {
  struct world *world = *state;
  struct ws_tls *tls = client(world->certs.ca);
  struct wsc_transport *transport = net_to(world, tls, "localhost");
  struct seen seen;
  uint8_t *big = calloc(1, BIG);
  dial(&seen, transport);
  wait_for(&seen, "u", 0);
  assert_true(transport->ops->write(seen.stream, big, BIG));
  free(big);
  transport->ops->pause(seen.stream, true);
  transport->ops->pause(seen.stream, false);
  wait_for(&seen, "ud", BIG);
  transport->ops->finish(seen.stream);
  wait_for(&seen, "udf", BIG);
  transport->ops->release(seen.stream);
  wsc_net_free(transport);
  ws_tls_free(tls);
}

/* What the peer wishes, TLS does not blur: an end in order, and a break. */
static void test_wishes(void **state) {
  struct world *world = *state;
  struct ws_tls *tls = client(world->certs.ca);
  struct wsc_transport *transport = net_to(world, tls, "localhost");
  static const struct {
    uint8_t order;
    const char *events;
  } rows[] = {{ECHO_CLOSE, "uf"}, {ECHO_RESET, "ur"}};
  for (size_t i = 0; i < 2; i++) {
    struct seen seen;
    dial(&seen, transport);
    wait_for(&seen, "u", 0);
    transport->ops->write(seen.stream, &rows[i].order, 1);
    wait_for(&seen, rows[i].events, 0);
    transport->ops->release(seen.stream);
  }
  wsc_net_free(transport);
  ws_tls_free(tls);
}

/* The texts of dials live as long as the transport. */
static void test_untrusted(void **state) {
  struct world *world = *state;
  struct ws_tls *tls = client(world->certs.other_ca);
  struct wsc_transport *transport = net_to(world, tls, "localhost");
  struct seen seen[2];
  for (size_t i = 0; i < 2; i++) {
    dial(&seen[i], transport);
    wait_for(&seen[i], "x", 0);
    transport->ops->release(seen[i].stream);
  }
  assert_string_equal(seen[0].text, "certificate verify failed: unable to get "
                                    "local issuer certificate");
  assert_ptr_equal(seen[0].text, seen[1].text);
  wsc_net_free(transport);
  ws_tls_free(tls);
}

/* Whoever is dialled, the host of the URL is meant. */
static void test_name_is_kept(void **state) {
  struct world *world = *state;
  struct ws_tls *tls = client(world->certs.ca);
  struct wsc_transport *transport = net_to(world, tls, "example.org");
  struct seen seen;
  dial(&seen, transport);
  wait_for(&seen, "x", 0);
  assert_non_null(strstr(seen.text, "hostname mismatch"));
  transport->ops->release(seen.stream);
  wsc_net_free(transport);
  ws_tls_free(tls);
}

/* Others who come to the server: it goes on. */
static void test_server_survives(void **state) {
  struct world *world = *state;
  for (int i = 0; i < 3; i++) {
    int fd = connect_to(world->port);
    if (i > 0) {
      send_text(fd, "GET / HTTP/1.1\r\n\r\n");
    }
    if (i == 2) {
      reset_now(fd);
    } else {
      close(fd);
    }
  }
  test_echo(state);
}

/* A server that accepts and is silent: TLS has its own time. */
static void test_silent(void **state) {
  struct world *world = *state;
  struct ws_tls *tls = client(world->certs.ca);
  struct world silent = {0};
  int listening = listen_here(&silent.port);
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)silent.port);
  struct wsc_net_options options = {.host = "localhost",
                                    .connect = address,
                                    .dial_timeout = 20000,
                                    .tls = tls};
  char *error = NULL;
  struct wsc_transport *transport = wsc_net_new(&options, &error);
  assert_non_null(transport);
  struct seen seen;
  dial(&seen, transport);
  wait_for(&seen, "x", 0);
  assert_string_equal(seen.text, "no TLS handshake within the timeout");
  assert_int_equal(transport->ops->unsent(seen.stream), 0);
  transport->ops->release(seen.stream);
  dial(&seen, transport); /* given up before */
  transport->ops->reset(seen.stream);
  transport->ops->release(seen.stream);
  wsc_net_free(transport);
  ws_tls_free(tls);
  close(listening);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_echo),
      cmocka_unit_test(test_wishes),
      cmocka_unit_test(test_untrusted),
      cmocka_unit_test(test_name_is_kept),
      cmocka_unit_test(test_server_survives),
      cmocka_unit_test(test_silent),
  };
  return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
