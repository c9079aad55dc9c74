/* The server of peers, in a process of its own, driven through the transport
 * over TCP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "echo_peer.h"
#include "net.h"
#include "serve.h"
#include "served.h"

#define SECOND UINT64_C(1000000)

struct seen {
  struct wsc_transport *transport;
  struct wsc_stream *stream;
  char events[16];
  size_t num_events;
  size_t bytes;
  uint64_t last; /* when the last event came */
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
  seen->last = seen->transport->ops->now(seen->transport);
}

static uint64_t now(struct seen *seen) {
  return seen->transport->ops->now(seen->transport);
}

static void wait_for(struct seen *seen, const char *events, size_t bytes) {
  uint64_t end = now(seen) + 20 * SECOND;
  while ((strcmp(seen->events, events) != 0 || seen->bytes < bytes) &&
         now(seen) < end) {
    assert_true(seen->transport->ops->wait(seen->transport, end));
  }
  assert_string_equal(seen->events, events);
  assert_int_equal(seen->bytes, bytes);
}

static void dial(struct seen *seen, struct wsc_transport *transport) {
  *seen = (struct seen){.transport = transport};
  seen->stream =
      transport->ops->dial(transport, (struct wsc_listener){on_notice, seen});
  assert_non_null(seen->stream);
}

static void give(struct seen *seen, const void *data, size_t len) {
  assert_true(seen->transport->ops->write(seen->stream, data, len));
}

/* -- the server's process ----------------------------------------------- */

struct server {
  pid_t pid;
  struct wsc_transport *transport;
};

static void on_ready(void *user, const char *host, uint16_t port) {
  (void)host;
  ssize_t n = write(*(int *)user, &port, sizeof port);
  if (n != sizeof port) {
    exit(9);
  }
}

/* Exits 0 when serving ended well and every peer was given back. */
static void serve(int ready, rlim_t num_files) {
  struct echo_log log = {0};
  struct echo_config config = {.obeys = true, .log = &log};
  struct wsc_serve_options options = {
      .factory = {&echo_peer, &config},
      .host = "127.0.0.1",
      .ready = on_ready,
      .user = &ready,
  };
  if (num_files != 0) {
    struct rlimit limit = {num_files, num_files};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  char *error = NULL;
  int result = wsc_serve(&options, &error);
  free(error);
  close(ready);
  exit(result != 0 || log.num_open != log.num_closed ? 8 : 0);
}

static struct server *server_start(rlim_t num_files) {
  struct server *server = malloc(sizeof *server);
  int ends[2];
  uint16_t port = 0;
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  server->pid = fork();
  assert_true(server->pid >= 0);
  if (server->pid == 0) {
    free(server);
    close(ends[0]);
    serve(ends[1], num_files);
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], &port, sizeof port), sizeof port);
  close(ends[0]);
  struct wsc_net_options options = {
      .host = "127.0.0.1", .port = port, .dial_timeout = 5 * SECOND};
  char *error = NULL;
  server->transport = wsc_net_new(&options, &error);
  assert_non_null(server->transport);
  return server;
}

static int setup(void **state) {
  *state = server_start(0);
  return 0;
}

static int setup_few_files(void **state) {
  *state = server_start(24);
  return 0;
}

/* The orderly end: connections are still open when the signal comes. */
static int teardown(void **state) {
  struct server *server = *state;
  struct seen seen;
  int status = 0;
  dial(&seen, server->transport);
  give(&seen, "x", 1);
  wait_for(&seen, "ud", 1);
  kill(server->pid, SIGTERM);
  wait_for(&seen, "udf", 1);
  assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
  seen.transport->ops->release(seen.stream);
  wsc_net_free(server->transport);
  free(server);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* -- tests -------------------------------------------------------------- */

static void test_echo(void **state) {
  struct server *server = *state;
  struct seen seen;
  dial(&seen, server->transport);
  give(&seen, "hello", 5);
  wait_for(&seen, "ud", 5);
  seen.transport->ops->finish(seen.stream);
  wait_for(&seen, "udf", 5);
  seen.transport->ops->release(seen.stream);
}

static void test_wishes(void **state) {
  struct server *server = *state;
  struct seen seen;
  static const uint8_t closes[] = {'b', 'y', 'e', ECHO_CLOSE};
  static const uint8_t resets[] = {ECHO_RESET};
  dial(&seen, server->transport);
  give(&seen, closes, sizeof closes);
  wait_for(&seen, "udf", 3);
  give(&seen, "late", 4); /* discarded: no RST comes of it */
  seen.transport->ops->wait(seen.transport, now(&seen) + 20000);
  give(&seen, "late", 4); /* would meet the RST */
  seen.transport->ops->wait(seen.transport, now(&seen) + 20000);
  assert_string_equal(seen.events, "udf");
  seen.transport->ops->release(seen.stream);
  dial(&seen, server->transport);
  give(&seen, "a", 1);
  wait_for(&seen, "ud", 1);
  give(&seen, resets, sizeof resets);
  wait_for(&seen, "udr", 1);
  seen.transport->ops->release(seen.stream);
}

static void test_ticks(void **state) {
  struct server *server = *state;
  struct seen seen;
  static const uint8_t orders[] = {ECHO_TICKS};
  dial(&seen, server->transport);
  wait_for(&seen, "u", 0);
  uint64_t start = now(&seen);
  give(&seen, orders, sizeof orders);
  wait_for(&seen, "ud", 3);
  /* The first deadline counts from when the peer was opened. */
  assert_true(seen.last - start >= 2 * SECOND);
  seen.transport->ops->release(seen.stream);
}

/* A deadline that stays in the past does not stop the server. */
static void test_stuck_deadline(void **state) {
  struct server *server = *state;
  struct seen seen;
  static const uint8_t orders[] = {ECHO_STUCK};
  dial(&seen, server->transport);
  give(&seen, orders, sizeof orders);
  give(&seen, "hello", 5);
  wait_for(&seen, "ud", 5);
  seen.transport->ops->release(seen.stream);
}

#define BIG ((size_t)48 << 20)

static void test_back_pressure(void **state) {
  struct server *server = *state;
  struct seen seen;
  uint8_t *big = calloc(1, BIG);
  assert_non_null(big);
  dial(&seen, server->transport);
  wait_for(&seen, "u", 0);
  seen.transport->ops->pause(seen.stream, true);
  give(&seen, big, BIG);
  /* Until it stands still. */
  size_t before = 0;
  uint64_t end = now(&seen) + 10 * SECOND;
  do {
    before = seen.transport->ops->unsent(seen.stream);
    seen.transport->ops->wait(seen.transport, now(&seen) + SECOND / 5);
  } while (seen.transport->ops->unsent(seen.stream) != before &&
           now(&seen) < end);
  /* The kernel's buffers and a megabyte took some; the rest has to stay. */
  assert_true(before > BIG / 4);
  assert_int_equal(seen.transport->ops->unsent(seen.stream), before);
  assert_int_equal(seen.bytes, 0);
  seen.transport->ops->pause(seen.stream, false);
  wait_for(&seen, "ud", BIG);
  seen.transport->ops->release(seen.stream);
  free(big);
}

#define MANY 100

static void test_many(void **state) {
  struct server *server = *state;
  static struct seen seen[MANY];
  for (size_t i = 0; i < MANY; i++) {
    dial(&seen[i], server->transport);
    give(&seen[i], "0123456789", 10);
  }
  for (size_t i = 0; i < MANY; i++) {
    wait_for(&seen[i], "ud", 10);
  }
  for (size_t i = 0; i < MANY; i++) {
    seen[i].transport->ops->release(seen[i].stream);
  }
}

static bool ended(const struct seen *seen) {
  return seen->bytes != 0 || strpbrk(seen->events, "xfr") != NULL;
}

/* More connections than descriptors: some are refused, and when there is room
 * again, connections are accepted again. */
static void test_out_of_files(void **state) {
  struct server *server = *state;
  static struct seen seen[MANY];
  size_t echoed = 0;
  for (size_t i = 0; i < MANY; i++) {
    dial(&seen[i], server->transport);
    give(&seen[i], "x", 1);
  }
  for (size_t i = 0; i < MANY; i++) {
    uint64_t end = now(&seen[i]) + 10 * SECOND;
    while (!ended(&seen[i]) && now(&seen[i]) < end) {
      seen[i].transport->ops->wait(seen[i].transport, end);
    }
    assert_true(ended(&seen[i]));
    echoed += seen[i].bytes;
  }
  assert_in_range(echoed, 1, 24);
  for (size_t i = 0; i < MANY; i++) {
    seen[i].transport->ops->release(seen[i].stream);
  }
  bool again = false;
  uint64_t end = now(&seen[0]) + 10 * SECOND;
  while (!again && now(&seen[0]) < end) {
    dial(&seen[0], server->transport);
    give(&seen[0], "x", 1);
    while (!ended(&seen[0]) && now(&seen[0]) < end) {
      seen[0].transport->ops->wait(seen[0].transport, end);
    }
    again = seen[0].bytes == 1;
    seen[0].transport->ops->release(seen[0].stream);
  }
  assert_true(again);
}

static void test_cannot_listen(void **state) {
  (void)state;
  struct echo_log log = {0};
  struct echo_config config = {.log = &log};
  struct wsc_serve_options options = {.factory = {&echo_peer, &config},
                                      .host = "192.0.2.1"}; /* RFC 5737 */
  char *error = NULL;
  assert_int_equal(wsc_serve(&options, &error), -1);
  assert_non_null(error);
  assert_non_null(strstr(error, "192.0.2.1"));
  free(error);
}

/* -- a process of its own ----------------------------------------------- */

static struct wsc_served *served_start(struct echo_config *config) {
  const struct wsc_serve_options options = {.factory = {&echo_peer, config},
                                            .host = "127.0.0.1"};
  char *error = NULL;
  struct wsc_served *served = wsc_served_start(&options, &error);
  assert_non_null(served);
  assert_null(error);
  return served;
}

static struct wsc_transport *net_to(uint16_t port) {
  struct wsc_net_options options = {
      .host = "127.0.0.1", .port = port, .dial_timeout = 5 * SECOND};
  char *error = NULL;
  struct wsc_transport *transport = wsc_net_new(&options, &error);
  assert_non_null(transport);
  return transport;
}

static void test_served(void **state) {
  (void)state;
  struct echo_log log = {0};
  struct echo_config config = {.log = &log};
  struct wsc_served *served = served_start(&config);
  struct wsc_transport *transport = net_to(wsc_served_port(served));
  struct seen seen;
  dial(&seen, transport);
  give(&seen, "hello", 5);
  wait_for(&seen, "ud", 5);
  wsc_served_stop(served);
  wait_for(&seen, "udf", 5);
  transport->ops->release(seen.stream);
  dial(&seen, transport);
  wait_for(&seen, "x", 0);
  transport->ops->release(seen.stream);
  wsc_net_free(transport);
  wsc_served_stop(NULL);
}

/* Whoever started it may die without a word. */
static void test_served_ends_with_its_parent(void **state) {
  (void)state;
  int ends[2];
  uint16_t port = 0;
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    struct echo_log log = {0};
    struct echo_config config = {.log = &log};
    const struct wsc_serve_options options = {.factory = {&echo_peer, &config},
                                              .host = "127.0.0.1"};
    char *error = NULL;
    struct wsc_served *served = wsc_served_start(&options, &error);
    port = served == NULL ? 0 : wsc_served_port(served);
    _exit(write(ends[1], &port, sizeof port) == sizeof port ? 0 : 1);
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], &port, sizeof port), sizeof port);
  assert_int_not_equal(port, 0);
  /* The child holds the other end as long as it lives. */
  assert_int_equal(read(ends[0], &port, sizeof port), 0);
  close(ends[0]);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_served_cannot_listen(void **state) {
  (void)state;
  struct echo_log log = {0};
  struct echo_config config = {.log = &log};
  const struct wsc_serve_options options = {.factory = {&echo_peer, &config},
                                            .host = "192.0.2.1"};
  char *error = NULL;
  assert_null(wsc_served_start(&options, &error));
  assert_non_null(error);
  assert_non_null(strstr(error, "192.0.2.1"));
  free(error);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_served),
      cmocka_unit_test(test_served_ends_with_its_parent),
      cmocka_unit_test(test_served_cannot_listen),
      TEST(test_echo),
      TEST(test_wishes),
      TEST(test_ticks),
      TEST(test_stuck_deadline),
      TEST(test_back_pressure),
      TEST(test_many),
      cmocka_unit_test_setup_teardown(test_out_of_files, setup_few_files,
                                      teardown),
      cmocka_unit_test(test_cannot_listen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
