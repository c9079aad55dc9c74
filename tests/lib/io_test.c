/* Streams of the pump, against plain blocking sockets of the test's own, so that
 * what happens on the wire does not depend on the code under test. */
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

/* -- reading ------------------------------------------------------------ */

static void test_fin(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  send_text(pair.fd, "hello");
  close(pair.fd);
  io_turn_until(&pair.seen, 'f');
  io_turn_idle(*state);
  assert_string_equal(pair.seen.events, "udf");
  assert_int_equal(pair.seen.bytes, 5);
  ws_io_release(pair.seen.stream);
}

static void test_rst_while_reading(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  reset_now(pair.fd);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "ur");
  assert_string_equal(pair.seen.text, "connection reset by peer");
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  assert_int_equal(ws_io_write(pair.seen.stream, (const uint8_t *)"late", 4),
                   WS_OK);
  io_turn_idle(*state);
  assert_string_equal(pair.seen.events, "ur");
  ws_io_release(pair.seen.stream);
}

static void test_data_before_rst(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "last words");
  reset_now(pair.fd);
  io_turn_idle(*state);
  assert_string_equal(pair.seen.events, "u");
  ws_io_pause(pair.seen.stream, false);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udr");
  assert_int_equal(pair.seen.bytes, 10);
  ws_io_release(pair.seen.stream);
}

/* The kernel tells its error to the write; what it tells the next read is an
 * end of file. */
static void test_rst_while_writing(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "last words");
  reset_now(pair.fd);
  ws_io_write(pair.seen.stream, (const uint8_t *)"one", 3);
  ws_io_write(pair.seen.stream, (const uint8_t *)"two", 3);
  io_turn_idle(*state);
  assert_string_equal(pair.seen.events, "u");
  ws_io_pause(pair.seen.stream, false);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udr");
  assert_int_equal(pair.seen.bytes, 10);
  ws_io_release(pair.seen.stream);
}

/* A peer that closed with our bytes unread: its FIN, then an RST. */
static void test_rst_after_fin(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  close(pair.fd);
  io_turn_until(&pair.seen, 'f');
  ws_io_write(pair.seen.stream, (const uint8_t *)"one", 3); /* provokes it */
  for (int i = 0; i < 1000 && !io_has(&pair.seen, 'r'); i++) {
    ws_io_write(pair.seen.stream, (const uint8_t *)"two", 3);
    ws_io_turn(*state, ws_io_now(*state) + 1000);
  }
  assert_string_equal(pair.seen.events, "ufr");
  ws_io_release(pair.seen.stream);
}

static void test_fin_and_rst_together(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "bye");
  shutdown(pair.fd, SHUT_WR);
  reset_now(pair.fd);
  ws_io_pause(pair.seen.stream, false);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udfr");
  ws_io_release(pair.seen.stream);
}

static void test_release_inside_notice(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  pair.seen.release_on = 'd';
  send_text(pair.fd, "x");
  io_turn_until(&pair.seen, 'd');
  assert_null(pair.seen.stream);
  assert_int_equal(io_read_turning(*state, pair.fd), 0);
  close(pair.fd);
}

/* libuv takes the hang-up of a reset behind a short read for an end of file. */
static void test_rst_behind_short_read(void **state) {
  for (int i = 0; i < 50; i++) {
    struct pair pair;
    io_pair_up(&pair, *state);
    send_text(pair.fd, "last words");
    reset_now(pair.fd);
    io_turn_until(&pair.seen, 'r');
    assert_string_equal(pair.seen.events, "udr");
    ws_io_release(pair.seen.stream);
  }
}

/* -- writing ------------------------------------------------------------ */

static void test_half_close(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  ws_io_write(pair.seen.stream, (const uint8_t *)"question", 8);
  ws_io_finish(pair.seen.stream);
  ws_io_write(pair.seen.stream, (const uint8_t *)"ignored", 7);
  io_turn_idle(*state);
  assert_int_equal(io_read_some(pair.fd), 8);
  assert_int_equal(io_read_some(pair.fd), 0);
  send_text(pair.fd, "answer");
  close(pair.fd);
  io_turn_until(&pair.seen, 'f');
  assert_string_equal(pair.seen.events, "udf");
  assert_int_equal(pair.seen.bytes, 6);
  ws_io_release(pair.seen.stream);
}

static void test_reset(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  ws_io_finish(pair.seen.stream);
  io_turn_idle(*state); /* behind the FIN as well */
  assert_int_equal(io_read_some(pair.fd), 0);
  ws_io_reset(pair.seen.stream);
  io_turn_idle(*state);
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
  io_pair_up(&pair, *state);
  uint8_t *big = big_new();
  static uint8_t buffer[65536];
  uint64_t bytes = 0;
  uint64_t sum = 0;
  assert_int_equal(ws_io_write(pair.seen.stream, big, BIG), WS_OK);
  io_turn_idle(*state);
  size_t unsent = ws_io_unsent(pair.seen.stream);
  assert_in_range(unsent, 1, BIG);
  assert_false(io_has(&pair.seen, '-'));
  ws_io_write(pair.seen.stream, (const uint8_t *)"tail", 4);
  assert_int_equal(ws_io_unsent(pair.seen.stream), unsent + 4);
  ws_io_finish(pair.seen.stream);
  for (;;) {
    ssize_t n = recv(pair.fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n == 0) {
      break;
    }
    if (n > 0) {
      sum = io_sum_of(sum, bytes, buffer, (size_t)n);
      bytes += (uint64_t)n;
    }
    ws_io_turn(*state, ws_io_now(*state) + (n > 0 ? 0 : 1000));
  }
  assert_int_equal(bytes, BIG + 4);
  uint64_t expected = io_sum_of(0, 0, big, BIG);
  expected = io_sum_of(expected, BIG, (const uint8_t *)"tail", 4);
  assert_int_equal(sum, expected);
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  assert_true(io_has(&pair.seen, '-'));
  free(big);
  ws_io_release(pair.seen.stream);
  close(pair.fd);
}

/* A reader that pauses does not hear of the end, but the queue is void. */
static void test_rst_with_queue_paused(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  uint8_t *big = big_new();
  ws_io_pause(pair.seen.stream, true);
  ws_io_write(pair.seen.stream, big, BIG);
  ws_io_write(pair.seen.stream, big, BIG);
  free(big);
  reset_now(pair.fd);
  io_turn_idle(*state);
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  assert_string_equal(pair.seen.events, "u");
  ws_io_pause(pair.seen.stream, false);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "ur");
  ws_io_release(pair.seen.stream);
}

static void test_rst_with_queue(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  uint8_t *big = big_new();
  ws_io_write(pair.seen.stream, big, BIG);
  free(big);
  assert_true(ws_io_unsent(pair.seen.stream) > 0);
  reset_now(pair.fd);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "ur");
  assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
  ws_io_release(pair.seen.stream);
}

static void test_pause_bounds_the_peer(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
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
  io_turn_until_bytes(&pair.seen, sent);
  ws_io_release(pair.seen.stream);
  close(pair.fd);
}

/* -- the orderly close -------------------------------------------------- */

static void close_sends_everything(void **state, uint64_t linger) {
  struct pair pair;
  io_pair_up(&pair, *state);
  uint8_t *big = big_new();
  static uint8_t buffer[65536];
  uint64_t bytes = 0;
  ws_io_pause(pair.seen.stream, true);
  send_text(pair.fd, "unread"); /* would make a plain close an RST */
  ws_io_write(pair.seen.stream, big, BIG);
  free(big);
  ws_io_close(pair.seen.stream, linger);
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
  io_turn_idle(*state);
  int error = 0;
  socklen_t len = sizeof error;
  getsockopt(pair.fd, SOL_SOCKET, SO_ERROR, &error, &len);
  assert_int_equal(error, 0);
  close(pair.fd);
  uint64_t start = ws_io_now(*state);
  ws_io_run(*state); /* ends with the FIN, not with the time */
  assert_true(ws_io_now(*state) - start < 5 * SECOND);
}

static void test_close_sends_everything(void **state) {
  close_sends_everything(state, 10 * SECOND);
  close_sends_everything(state, WS_IO_NEVER);
}

static void test_close_gives_up(void **state) {
  struct pair pair;
  io_pair_up(&pair, *state);
  uint64_t start = ws_io_now(*state);
  ws_io_close(pair.seen.stream, 20000);
  ws_io_run(*state);
  assert_true(ws_io_now(*state) - start >= 20000);
  assert_string_equal(pair.seen.events, "u");
  close(pair.fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, io_setup, io_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_fin),
      TEST(test_rst_while_reading),
      TEST(test_data_before_rst),
      TEST(test_rst_while_writing),
      TEST(test_rst_after_fin),
      TEST(test_fin_and_rst_together),
      TEST(test_release_inside_notice),
      TEST(test_rst_behind_short_read),
      TEST(test_half_close),
      TEST(test_reset),
      TEST(test_slow_reader),
      TEST(test_rst_with_queue_paused),
      TEST(test_rst_with_queue),
      TEST(test_pause_bounds_the_peer),
      TEST(test_close_sends_everything),
      TEST(test_close_gives_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
