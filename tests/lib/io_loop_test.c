/* How streams come about, and what else a loop has: dialling, servers, timers,
 * signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io_internal.h"
#include "io_support.h"
#include "loopback.h"

/* -- dialing ------------------------------------------------------------ */

static void test_refused(void **state) {
  struct seen seen = {.io = *state};
  uint16_t port = 0;
  close(listen_here(&port));
  struct ws_io_addresses *addresses = io_loopback(*state, port);
  seen.stream = ws_io_dial(*state, addresses, SECOND, io_listener(&seen));
  ws_io_addresses_free(addresses);
  assert_int_equal(seen.num_events, 0);
  io_turn_until(&seen, 'x');
  assert_string_equal(seen.events, "x");
  assert_string_equal(seen.text, "connection refused");
  ws_io_write(seen.stream, (const uint8_t *)"x", 1);
  ws_io_release(seen.stream);
}

/* The addresses of a name are tried in their order. */
static void test_second_address(void **state) {
  struct seen seen = {.io = *state};
  uint16_t dead_port = 0;
  uint16_t port = 0;
  close(listen_here(&dead_port));
  int listening = listen_here(&port);
  struct ws_io_addresses *dead = io_loopback(*state, dead_port);
  struct ws_io_addresses *alive = io_loopback(*state, port);
  struct ws_io_addresses *both =
      malloc(sizeof *both + 3 * sizeof both->items[0]);
  assert_non_null(both);
  both->num = 3;
  both->items[0] = dead->items[0];
  both->items[1] = dead->items[0];
  both->items[2] = alive->items[0];
  seen.stream = ws_io_dial(*state, both, 5 * SECOND, io_listener(&seen));
  ws_io_addresses_free(both);
  ws_io_addresses_free(dead);
  ws_io_addresses_free(alive);
  io_turn_until(&seen, 'u');
  assert_string_equal(seen.events, "u");
  close(accept_one(listening));
  ws_io_release(seen.stream);
  close(listening);
}

static void test_dial_by_name(void **state) {
  struct seen seen = {.io = *state};
  uint16_t port = 0;
  int listening = listen_here(&port); /* IPv4 only: ::1 is tried and refused */
  seen.stream = ws_io_dial_host(*state, "localhost", port, 5 * SECOND,
                                io_listener(&seen));
  ws_io_write(seen.stream, (const uint8_t *)"early", 5);
  assert_int_equal(ws_io_unsent(seen.stream), 5);
  io_turn_until(&seen, 'u');
  int fd = accept_one(listening);
  assert_int_equal(io_read_turning(*state, fd), 5);
  ws_io_release(seen.stream);
  close(fd);
  close(listening);
}

static void test_bad_name(void **state) {
  struct seen seen = {.io = *state};
  const char *text = NULL;
  seen.stream = ws_io_dial_host(*state, "999.999.999.999 ", 1, 5 * SECOND,
                                io_listener(&seen));
  io_turn_until(&seen, 'x');
  assert_string_not_equal(seen.text, "");
  ws_io_release(seen.stream);
  assert_null(ws_io_resolve(*state, "999.999.999.999 ", 1, &text));
  assert_non_null(text);
}

static void test_release_while_dialing(void **state) {
  struct seen seen = {.io = *state};
  uint16_t port = 0;
  int listening = listen_here(&port);
  struct ws_io_addresses *addresses = io_loopback(*state, port);
  struct ws_io_stream *a =
      ws_io_dial(*state, addresses, SECOND, io_listener(&seen));
  struct ws_io_stream *b =
      ws_io_dial_host(*state, "127.0.0.1", port, SECOND, io_listener(&seen));
  ws_io_addresses_free(addresses);
  ws_io_release(a);
  ws_io_release(b);
  ws_io_run(*state);
  assert_int_equal(seen.num_events, 0);
  close(listening);
}

/* Three milliseconds go by before the first turn, so that a timeout of less
 * comes before the connection, whoever would answer. */
static void dial_late(struct ws_io *io, uint64_t timeout, const char *events) {
  struct seen seen = {.io = io};
  uint16_t port = 0;
  int listening = listen_here(&port);
  struct ws_io_addresses *addresses = io_loopback(io, port);
  uint64_t start = ws_io_now(io);
  seen.stream = ws_io_dial(io, addresses, timeout, io_listener(&seen));
  while (ws_io_now(io) < start + 3000) {
  }
  io_turn_until(&seen, *events);
  io_turn_idle(io);
  assert_string_equal(seen.events, events);
  assert_string_equal(seen.text, *events == 'x' ? "connection timed out" : "");
  ws_io_release(seen.stream);
  ws_io_addresses_free(addresses);
  close(listening);
}

static void test_dial_timeout(void **state) {
  dial_late(*state, 1, "x");
  dial_late(*state, 0, "u");
  dial_late(*state, WS_IO_NEVER, "u");
}

/* -- servers ------------------------------------------------------------ */

struct accepted {
  struct seen seen[64];
  size_t num;
  struct ws_io *io;
};

static void on_accepted(void *user, struct ws_io_stream *stream) {
  struct accepted *accepted = user;
  assert_true(accepted->num < 64);
  struct seen *seen = &accepted->seen[accepted->num++];
  seen->io = accepted->io;
  seen->stream = stream;
  ws_io_attach(stream, io_listener(seen));
}

static void test_server(void **state) {
  static struct accepted accepted;
  const char *text = NULL;
  struct seen clients[32];
  accepted = (struct accepted){.io = *state};
  struct ws_io_addresses *any = io_loopback(*state, 0);
  struct ws_io_server *server = ws_io_listen(
      *state, any, (struct ws_io_acceptor){on_accepted, &accepted}, &text);
  assert_non_null(server);
  ws_io_addresses_free(any);
  struct ws_io_addresses *addresses =
      io_loopback(*state, ws_io_server_port(server));
  for (size_t i = 0; i < 32; i++) {
    clients[i] = (struct seen){.io = *state};
    clients[i].stream =
        ws_io_dial(*state, addresses, SECOND, io_listener(&clients[i]));
    ws_io_write(clients[i].stream, (const uint8_t *)"hello", 5);
    ws_io_finish(clients[i].stream);
  }
  while (accepted.num < 32) {
    ws_io_turn(*state, ws_io_now(*state) + SECOND);
  }
  for (size_t i = 0; i < 32; i++) {
    io_turn_until(&accepted.seen[i], 'f');
    assert_string_equal(accepted.seen[i].events, "df");
    assert_int_equal(accepted.seen[i].bytes, 5);
    ws_io_close(accepted.seen[i].stream, SECOND);
  }
  for (size_t i = 0; i < 32; i++) {
    io_turn_until(&clients[i], 'f');
    ws_io_release(clients[i].stream);
  }
  assert_null(ws_io_listen(*state, addresses, (struct ws_io_acceptor){0},
                           &text)); /* in use */
  assert_string_equal(text, "address already in use");
  ws_io_addresses_free(addresses);
  ws_io_server_free(server);
  ws_io_run(*state);
}

/* -- clock -------------------------------------------------------------- */

static void on_timer(void *user) {
  ++*(int *)user;
}

static void test_timers(void **state) {
  struct ws_io *io = *state;
  int fired = 0;
  struct ws_io_timer *timer = ws_io_timer_new(io, on_timer, &fired);
  for (uint64_t delay = 0; delay < 5000; delay += 700) {
    uint64_t at = ws_io_now(io) + delay;
    int before = fired;
    ws_io_timer_set(timer, at);
    while (fired == before) {
      ws_io_turn(io, WS_IO_NEVER);
    }
    assert_true(ws_io_now(io) >= at);
  }
  int before = fired;
  ws_io_timer_set(timer, ws_io_now(io) + 1000);
  ws_io_timer_set(timer, WS_IO_NEVER);
  io_turn_idle(io);
  assert_int_equal(fired, before);
  assert_false(ws_io_turn(io, WS_IO_NEVER));
  ws_io_timer_free(timer);
}

static void test_turn_keeps_time(void **state) {
  for (uint64_t delay = 0; delay < 4000; delay += 300) {
    uint64_t until = ws_io_now(*state) + delay;
    ws_io_turn(*state, until);
    assert_true(delay == 0 || ws_io_now(*state) >= until);
  }
}

/* A timer that works past the time for which the turn waits, and sets another:
 * the loop finds both out before it waits. */
struct busy {
  struct ws_io *io;
  struct ws_io_timer *later;
  uint64_t until;
};

static void work_too_long(void *user) {
  struct busy *busy = user;
  while (ws_io_now(busy->io) < busy->until + 3000) {
  }
  ws_io_timer_set(busy->later, busy->until + 5 * SECOND);
}

static void rest(void *user) {
  (void)user;
}

static void test_turn_ends_behind_a_long_timer(void **state) {
  struct busy busy = {.io = *state};
  struct ws_io_timer *first = ws_io_timer_new(*state, work_too_long, &busy);
  busy.later = ws_io_timer_new(*state, rest, NULL);
  ws_io_timer_set(first, 0);
  busy.until = ws_io_now(*state) + 500;
  ws_io_turn(*state, busy.until);
  assert_true(ws_io_now(*state) < busy.until + 2 * SECOND);
  ws_io_timer_free(first);
  ws_io_timer_free(busy.later);
}

static void on_signal(void *user, int signum) {
  *(int *)user = signum;
}

static void test_signals(void **state) {
  int got = 0;
  assert_int_equal(ws_io_watch_signals(*state, on_signal, &got), WS_OK);
  raise(SIGTERM);
  while (got == 0) {
    ws_io_turn(*state, ws_io_now(*state) + SECOND);
  }
  assert_int_equal(got, SIGTERM);
  ws_io_run(*state); /* the watch keeps nothing running */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, io_setup, io_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_refused),
      TEST(test_second_address),
      TEST(test_dial_by_name),
      TEST(test_bad_name),
      TEST(test_release_while_dialing),
      TEST(test_dial_timeout),
      TEST(test_server),
      TEST(test_timers),
      TEST(test_turn_keeps_time),
      TEST(test_turn_ends_behind_a_long_timer),
      TEST(test_signals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
