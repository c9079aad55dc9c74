/* The pump, against plain blocking sockets of the test's own, so that what
 * happens on the wire does not depend on the code under test. */
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
#include "loopback.h"

#define SECOND 1000000u

/* What a listener has seen, and what it does about it. */
struct seen {
  struct ws_io *io;
  struct ws_io_stream *stream; /* NULL once released */
  char events[64];             /* a letter an event; DATA in a row once */
  size_t num_events;
  uint64_t bytes;
  uint64_t sum; /* of position times byte: order matters */
  const char *text;
  bool release_on_data;
};

static void note(struct seen *seen, char letter) {
  bool again = letter == 'd' && seen->num_events != 0 &&
               seen->events[seen->num_events - 1] == 'd';
  if (!again && seen->num_events < sizeof seen->events - 1) {
    seen->events[seen->num_events++] = letter;
  }
}

static uint64_t sum_of(uint64_t sum, uint64_t at, const uint8_t *data,
                       size_t len) {
  for (size_t i = 0; i < len; i++) {
    sum += (at + i + 1) * data[i];
  }
  return sum;
}

static void on_notice(void *user, const struct ws_io_notice *notice) {
  static const char letters[] = {
      [WS_IO_UP] = 'u',  [WS_IO_FAILED] = 'x',  [WS_IO_DATA] = 'd',
      [WS_IO_FIN] = 'f', [WS_IO_DRAINED] = '-', [WS_IO_BROKEN] = 'r',
  };
  struct seen *seen = user;
  note(seen, letters[notice->event]);
  if (notice->event == WS_IO_DATA) {
    assert_true(notice->len > 0);
    seen->sum = sum_of(seen->sum, seen->bytes, notice->data, notice->len);
    seen->bytes += notice->len;
    if (seen->release_on_data) {
      ws_io_release(seen->stream);
      seen->stream = NULL;
      notice->data[0] = 0; /* still borrowed */
    }
  }
  if (notice->text != NULL) {
    seen->text = notice->text;
  }
}

static struct ws_io_listener listener(struct seen *seen) {
  return (struct ws_io_listener){on_notice, seen};
}

static bool has(const struct seen *seen, char letter) {
  return memchr(seen->events, letter, seen->num_events) != NULL;
}

/* Turns until the event was seen; fails after ten seconds. */
static void turn_until(struct seen *seen, char letter) {
  uint64_t end = ws_io_now(seen->io) + 10 * SECOND;
  while (!has(seen, letter) && ws_io_now(seen->io) < end) {
    ws_io_turn(seen->io, end);
  }
  if (!has(seen, letter)) {
    fail_msg("no '%c' in \"%s\"", letter, seen->events);
  }
}

/* Turns until `bytes` have come. */
static void turn_until_bytes(struct seen *seen, uint64_t bytes) {
  uint64_t end = ws_io_now(seen->io) + 10 * SECOND;
  while (seen->bytes < bytes && ws_io_now(seen->io) < end) {
    ws_io_turn(seen->io, end);
  }
  assert_int_equal(seen->bytes, bytes);
}

/* Turns until nothing has happened for a while: only to show an absence. */
static void turn_idle(struct ws_io *io) {
  uint64_t end = ws_io_now(io) + 30000;
  while (ws_io_now(io) < end) {
    ws_io_turn(io, end);
  }
}

/* -- the other side ----------------------------------------------------- */

/* What the next read says: bytes, 0 for a FIN, -1 for an error. */
static ssize_t read_some(int fd) {
  char buffer[4096];
  return recv(fd, buffer, sizeof buffer, 0);
}

/* Turns the loop until the other side's socket has something to read. */
static ssize_t read_turning(struct ws_io *io, int fd) {
  char buffer[4096];
  uint64_t end = ws_io_now(io) + 10 * SECOND;
  while (ws_io_now(io) < end) {
    ssize_t n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT | MSG_PEEK);
    if (n >= 0 || (errno != EAGAIN && errno != EINTR)) {
      return recv(fd, buffer, sizeof buffer, 0);
    }
    ws_io_turn(io, ws_io_now(io) + 1000);
  }
  fail_msg("nothing to read");
  return -1;
}

/* A dialled stream and the socket at its other end. */
struct pair {
  struct seen seen;
  int fd;
};

static struct ws_io_addresses *loopback(struct ws_io *io, uint16_t port) {
  const char *text = NULL;
  struct ws_io_addresses *addresses =
      ws_io_resolve(io, "127.0.0.1", port, &text);
  assert_non_null(addresses);
  return addresses;
}

static void pair_up(struct pair *pair, struct ws_io *io) {
  uint16_t port = 0;
  int listening = listen_here(&port);
  struct ws_io_addresses *addresses = loopback(io, port);
  *pair = (struct pair){.seen = {.io = io}};
  pair->seen.stream =
      ws_io_dial(io, addresses, 5 * SECOND, listener(&pair->seen));
  assert_non_null(pair->seen.stream);
  ws_io_addresses_free(addresses);
  turn_until(&pair->seen, 'u');
  pair->fd = accept_one(listening);
  close(listening);
}

static int setup(void **state) {
  *state = ws_io_new();
  return *state == NULL ? -1 : 0;
}

static int teardown(void **state) {
  ws_io_free(*state);
  return 0;
}

/* -- reading ------------------------------------------------------------ */

static void test_fin(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  send_text(pair.fd, "hello");
  close(pair.fd);
  turn_until(&pair.seen, 'f');
  turn_idle(*state);
  assert_string_equal(pair.seen.events, "udf");
  assert_int_equal(pair.seen.bytes, 5);
  ws_io_release(pair.seen.stream);
}

static void test_rst_while_reading(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  reset_now(pair.fd);
  turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "ur");
  assert_string_equal(pair.seen.text, "connection reset by peer");
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  assert_int_equal(ws_io_write(pair.seen.stream, (const uint8_t *)"late", 4),
                   WS_OK);
  turn_idle(*state);
  assert_string_equal(pair.seen.events, "ur");
  ws_io_release(pair.seen.stream);
}

static void test_data_before_rst(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "last words");
  reset_now(pair.fd);
  turn_idle(*state);
  assert_string_equal(pair.seen.events, "u");
  ws_io_pause(pair.seen.stream, false);
  turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udr");
  assert_int_equal(pair.seen.bytes, 10);
  ws_io_release(pair.seen.stream);
}

/* The kernel tells its error to the write; what it tells the next read is an
 * end of file. */
static void test_rst_while_writing(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "last words");
  reset_now(pair.fd);
  ws_io_write(pair.seen.stream, (const uint8_t *)"one", 3);
  ws_io_write(pair.seen.stream, (const uint8_t *)"two", 3);
  turn_idle(*state);
  assert_string_equal(pair.seen.events, "u");
  ws_io_pause(pair.seen.stream, false);
  turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udr");
  assert_int_equal(pair.seen.bytes, 10);
  ws_io_release(pair.seen.stream);
}

/* A peer that closed with our bytes unread: its FIN, then an RST. */
static void test_rst_after_fin(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  close(pair.fd);
  turn_until(&pair.seen, 'f');
  ws_io_write(pair.seen.stream, (const uint8_t *)"one", 3); /* provokes it */
  for (int i = 0; i < 1000 && !has(&pair.seen, 'r'); i++) {
    ws_io_write(pair.seen.stream, (const uint8_t *)"two", 3);
    ws_io_turn(*state, ws_io_now(*state) + 1000);
  }
  assert_string_equal(pair.seen.events, "ufr");
  ws_io_release(pair.seen.stream);
}

static void test_fin_and_rst_together(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "bye");
  shutdown(pair.fd, SHUT_WR);
  reset_now(pair.fd);
  ws_io_pause(pair.seen.stream, false);
  turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udfr");
  ws_io_release(pair.seen.stream);
}

static void test_release_inside_notice(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  pair.seen.release_on_data = true;
  send_text(pair.fd, "x");
  turn_until(&pair.seen, 'd');
  assert_null(pair.seen.stream);
  assert_int_equal(read_turning(*state, pair.fd), 0);
  close(pair.fd);
}

/* libuv takes the hang-up of a reset behind a short read for an end of file. */
static void test_rst_behind_short_read(void **state) {
  for (int i = 0; i < 50; i++) {
    struct pair pair;
    pair_up(&pair, *state);
    send_text(pair.fd, "last words");
    reset_now(pair.fd);
    turn_until(&pair.seen, 'r');
    assert_string_equal(pair.seen.events, "udr");
    ws_io_release(pair.seen.stream);
  }
}

/* -- writing ------------------------------------------------------------ */

static void test_half_close(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  ws_io_write(pair.seen.stream, (const uint8_t *)"question", 8);
  ws_io_finish(pair.seen.stream);
  ws_io_write(pair.seen.stream, (const uint8_t *)"ignored", 7);
  turn_idle(*state);
  assert_int_equal(read_some(pair.fd), 8);
  assert_int_equal(read_some(pair.fd), 0);
  send_text(pair.fd, "answer");
  close(pair.fd);
  turn_until(&pair.seen, 'f');
  assert_string_equal(pair.seen.events, "udf");
  assert_int_equal(pair.seen.bytes, 6);
  ws_io_release(pair.seen.stream);
}

static void test_reset(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  ws_io_finish(pair.seen.stream);
  turn_idle(*state); /* behind the FIN as well */
  assert_int_equal(read_some(pair.fd), 0);
  ws_io_reset(pair.seen.stream);
  turn_idle(*state);
  int error = 0;
  socklen_t len = sizeof error;
  getsockopt(pair.fd, SOL_SOCKET, SO_ERROR, &error, &len);
  assert_true(error == ECONNRESET || error == EPIPE);
  close(pair.fd);
}

#define BIG ((size_t)8 << 20)

static uint8_t *big_new(void) {
  uint8_t *big = malloc(BIG);
  assert_non_null(big);
  for (size_t i = 0; i < BIG; i++) {
    big[i] = (uint8_t)(i * 31 + (i >> 8));
  }
  return big;
}

/* Queued behind a reader that does not read, and sent in order when it does. */
static void test_slow_reader(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  uint8_t *big = big_new();
  static uint8_t buffer[65536];
  uint64_t bytes = 0;
  uint64_t sum = 0;
  assert_int_equal(ws_io_write(pair.seen.stream, big, BIG), WS_OK);
  turn_idle(*state);
  size_t unsent = ws_io_unsent(pair.seen.stream);
  assert_in_range(unsent, 1, BIG);
  assert_false(has(&pair.seen, '-'));
  ws_io_write(pair.seen.stream, (const uint8_t *)"tail", 4);
  assert_int_equal(ws_io_unsent(pair.seen.stream), unsent + 4);
  ws_io_finish(pair.seen.stream);
  for (;;) {
    ssize_t n = recv(pair.fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n == 0) {
      break;
    }
    if (n > 0) {
      sum = sum_of(sum, bytes, buffer, (size_t)n);
      bytes += (uint64_t)n;
    }
    ws_io_turn(*state, ws_io_now(*state) + (n > 0 ? 0 : 1000));
  }
  assert_int_equal(bytes, BIG + 4);
  uint64_t expected = sum_of(0, 0, big, BIG);
  expected = sum_of(expected, BIG, (const uint8_t *)"tail", 4);
  assert_int_equal(sum, expected);
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  assert_true(has(&pair.seen, '-'));
  free(big);
  ws_io_release(pair.seen.stream);
  close(pair.fd);
}

/* A reader that pauses does not hear of the end, but the queue is void. */
static void test_rst_with_queue_paused(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  uint8_t *big = big_new();
  ws_io_pause(pair.seen.stream, true);
  ws_io_write(pair.seen.stream, big, BIG);
  ws_io_write(pair.seen.stream, big, BIG);
  free(big);
  reset_now(pair.fd);
  turn_idle(*state);
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  assert_string_equal(pair.seen.events, "u");
  ws_io_pause(pair.seen.stream, false);
  turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "ur");
  ws_io_release(pair.seen.stream);
}

static void test_rst_with_queue(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  uint8_t *big = big_new();
  ws_io_write(pair.seen.stream, big, BIG);
  free(big);
  assert_true(ws_io_unsent(pair.seen.stream) > 0);
  reset_now(pair.fd);
  turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "ur");
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  ws_io_release(pair.seen.stream);
}

static void test_pause_bounds_the_peer(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  static uint8_t block[65536];
  uint64_t sent = 0;
  ws_io_pause(pair.seen.stream, true);
  for (;;) {
    ssize_t n = send(pair.fd, block, sizeof block, MSG_DONTWAIT);
    if (n < 0) {
      break;
    }
    sent += (uint64_t)n;
    assert_true(sent < (uint64_t)64 << 20);
    ws_io_turn(*state, 0);
  }
  assert_int_equal(pair.seen.bytes, 0);
  ws_io_pause(pair.seen.stream, false);
  turn_until_bytes(&pair.seen, sent);
  ws_io_release(pair.seen.stream);
  close(pair.fd);
}

/* -- the orderly close -------------------------------------------------- */

static void test_close_sends_everything(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  uint8_t *big = big_new();
  static uint8_t buffer[65536];
  uint64_t bytes = 0;
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "unread"); /* would make a plain close an RST */
  ws_io_write(pair.seen.stream, big, BIG);
  free(big);
  ws_io_close(pair.seen.stream, 10 * SECOND);
  for (;;) {
    ssize_t n = recv(pair.fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n == 0) {
      break;
    }
    assert_true(n > 0 || errno == EAGAIN);
    bytes += n > 0 ? (uint64_t)n : 0;
    ws_io_turn(*state, ws_io_now(*state) + (n > 0 ? 0 : 1000));
  }
  assert_int_equal(bytes, BIG);
  send_text(pair.fd, "more"); /* after its FIN: discarded, no RST */
  turn_idle(*state);
  int error = 0;
  socklen_t len = sizeof error;
  getsockopt(pair.fd, SOL_SOCKET, SO_ERROR, &error, &len);
  assert_int_equal(error, 0);
  close(pair.fd);
  uint64_t start = ws_io_now(*state);
  ws_io_run(*state); /* ends with the FIN, not with the time */
  assert_true(ws_io_now(*state) - start < 5 * SECOND);
}

static void test_close_gives_up(void **state) {
  struct pair pair;
  pair_up(&pair, *state);
  uint64_t start = ws_io_now(*state);
  ws_io_close(pair.seen.stream, 20000);
  ws_io_run(*state);
  assert_true(ws_io_now(*state) - start >= 20000);
  assert_string_equal(pair.seen.events, "u");
  close(pair.fd);
}

/* -- dialing ------------------------------------------------------------ */

static void test_refused(void **state) {
  struct seen seen = {.io = *state};
  uint16_t port = 0;
  close(listen_here(&port));
  struct ws_io_addresses *addresses = loopback(*state, port);
  seen.stream = ws_io_dial(*state, addresses, SECOND, listener(&seen));
  ws_io_addresses_free(addresses);
  assert_int_equal(seen.num_events, 0);
  turn_until(&seen, 'x');
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
  struct ws_io_addresses *dead = loopback(*state, dead_port);
  struct ws_io_addresses *alive = loopback(*state, port);
  struct ws_io_addresses *both =
      malloc(sizeof *both + 3 * sizeof both->items[0]);
  assert_non_null(both);
  both->num = 3;
  both->items[0] = dead->items[0];
  both->items[1] = dead->items[0];
  both->items[2] = alive->items[0];
  seen.stream = ws_io_dial(*state, both, 5 * SECOND, listener(&seen));
  ws_io_addresses_free(both);
  ws_io_addresses_free(dead);
  ws_io_addresses_free(alive);
  turn_until(&seen, 'u');
  assert_string_equal(seen.events, "u");
  close(accept_one(listening));
  ws_io_release(seen.stream);
  close(listening);
}

static void test_dial_by_name(void **state) {
  struct seen seen = {.io = *state};
  uint16_t port = 0;
  int listening = listen_here(&port); /* IPv4 only: ::1 is tried and refused */
  seen.stream =
      ws_io_dial_host(*state, "localhost", port, 5 * SECOND, listener(&seen));
  ws_io_write(seen.stream, (const uint8_t *)"early", 5);
  assert_int_equal(ws_io_unsent(seen.stream), 5);
  turn_until(&seen, 'u');
  int fd = accept_one(listening);
  assert_int_equal(read_turning(*state, fd), 5);
  ws_io_release(seen.stream);
  close(fd);
  close(listening);
}

static void test_bad_name(void **state) {
  struct seen seen = {.io = *state};
  const char *text = NULL;
  seen.stream = ws_io_dial_host(*state, "999.999.999.999 ", 1, 5 * SECOND,
                                listener(&seen));
  turn_until(&seen, 'x');
  assert_non_null(seen.text);
  ws_io_release(seen.stream);
  assert_null(ws_io_resolve(*state, "999.999.999.999 ", 1, &text));
  assert_non_null(text);
}

static void test_release_while_dialing(void **state) {
  struct seen seen = {.io = *state};
  uint16_t port = 0;
  int listening = listen_here(&port);
  struct ws_io_addresses *addresses = loopback(*state, port);
  struct ws_io_stream *a =
      ws_io_dial(*state, addresses, SECOND, listener(&seen));
  struct ws_io_stream *b =
      ws_io_dial_host(*state, "127.0.0.1", port, SECOND, listener(&seen));
  ws_io_addresses_free(addresses);
  ws_io_release(a);
  ws_io_release(b);
  ws_io_run(*state);
  assert_int_equal(seen.num_events, 0);
  close(listening);
}

/* Nothing has to answer for this: the timeout is over before the first turn,
 * so that it comes before the connection. */
static void test_dial_timeout(void **state) {
  struct seen seen = {.io = *state};
  uint16_t port = 0;
  int listening = listen_here(&port);
  struct ws_io_addresses *addresses = loopback(*state, port);
  uint64_t start = ws_io_now(*state);
  seen.stream = ws_io_dial(*state, addresses, 1, listener(&seen));
  while (ws_io_now(*state) < start + 3000) {
  }
  turn_until(&seen, 'x');
  turn_idle(*state);
  assert_string_equal(seen.events, "x");
  assert_string_equal(seen.text, "connection timed out");
  ws_io_release(seen.stream);
  ws_io_addresses_free(addresses);
  close(listening);
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
  ws_io_attach(stream, listener(seen));
}

static void test_server(void **state) {
  static struct accepted accepted;
  const char *text = NULL;
  struct seen clients[32];
  accepted = (struct accepted){.io = *state};
  struct ws_io_addresses *any = loopback(*state, 0);
  struct ws_io_server *server = ws_io_listen(
      *state, any, (struct ws_io_acceptor){on_accepted, &accepted}, &text);
  assert_non_null(server);
  ws_io_addresses_free(any);
  struct ws_io_addresses *addresses =
      loopback(*state, ws_io_server_port(server));
  for (size_t i = 0; i < 32; i++) {
    clients[i] = (struct seen){.io = *state};
    clients[i].stream =
        ws_io_dial(*state, addresses, SECOND, listener(&clients[i]));
    ws_io_write(clients[i].stream, (const uint8_t *)"hello", 5);
    ws_io_finish(clients[i].stream);
  }
  while (accepted.num < 32) {
    ws_io_turn(*state, ws_io_now(*state) + SECOND);
  }
  for (size_t i = 0; i < 32; i++) {
    turn_until(&accepted.seen[i], 'f');
    assert_string_equal(accepted.seen[i].events, "df");
    assert_int_equal(accepted.seen[i].bytes, 5);
    ws_io_close(accepted.seen[i].stream, SECOND);
  }
  for (size_t i = 0; i < 32; i++) {
    turn_until(&clients[i], 'f');
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
  turn_idle(io);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_fin),
      TEST(test_rst_while_reading),
      TEST(test_data_before_rst),
      TEST(test_rst_while_writing),
      TEST(test_rst_after_fin),
      TEST(test_fin_and_rst_together),
      TEST(test_rst_behind_short_read),
      TEST(test_release_inside_notice),
      TEST(test_half_close),
      TEST(test_reset),
      TEST(test_slow_reader),
      TEST(test_rst_with_queue),
      TEST(test_rst_with_queue_paused),
      TEST(test_pause_bounds_the_peer),
      TEST(test_close_sends_everything),
      TEST(test_close_gives_up),
      TEST(test_refused),
      TEST(test_second_address),
      TEST(test_dial_by_name),
      TEST(test_bad_name),
      TEST(test_release_while_dialing),
      TEST(test_dial_timeout),
      TEST(test_server),
      TEST(test_timers),
      TEST(test_turn_keeps_time),
      TEST(test_signals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
