/* The engine's transport over real sockets on the loopback interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loopback.h"
#include "net.h"

#define SECOND UINT64_C(1000000)

struct seen {
  struct wsc_transport *transport;
  struct wsc_stream *stream;
  int fd; /* the other side */
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
  if (notice->text != NULL) {
    seen->text = notice->text;
  }
}

static uint64_t now(struct seen *seen) {
  return seen->transport->ops->now(seen->transport);
}

static void wait_for(struct seen *seen, char letter) {
  uint64_t end = now(seen) + 10 * SECOND;
  while (strchr(seen->events, letter) == NULL && now(seen) < end) {
    assert_true(seen->transport->ops->wait(seen->transport, end));
  }
  if (strchr(seen->events, letter) == NULL) {
    fail_msg("no '%c' in \"%s\"", letter, seen->events);
  }
}

/* Waits a while, only to show that nothing happens. */
static void wait_idle(struct seen *seen) {
  uint64_t end = now(seen) + 20000;
  while (now(seen) < end) {
    assert_true(seen->transport->ops->wait(seen->transport, end));
  }
}

static struct wsc_transport *net_to(uint16_t port, uint64_t dial_timeout) {
  struct wsc_net_options options = {
      .host = "127.0.0.1", .port = port, .dial_timeout = dial_timeout};
  char *error = NULL;
  struct wsc_transport *transport = wsc_net_new(&options, &error);
  assert_null(error);
  assert_non_null(transport);
  return transport;
}

static void dial(struct seen *seen, struct wsc_transport *transport) {
  *seen = (struct seen){.transport = transport, .fd = -1};
  seen->stream =
      transport->ops->dial(transport, (struct wsc_listener){on_notice, seen});
  assert_non_null(seen->stream);
  assert_int_equal(seen->num_events, 0);
}

static int setup(void **state) {
  struct seen *seen = malloc(sizeof *seen);
  uint16_t port = 0;
  int listening = listen_here(&port);
  dial(seen, net_to(port, 5 * SECOND));
  wait_for(seen, 'u');
  seen->fd = accept_one(listening);
  close(listening);
  *state = seen;
  return 0;
}

static int teardown(void **state) {
  struct seen *seen = *state;
  seen->transport->ops->release(seen->stream);
  wsc_net_free(seen->transport);
  if (seen->fd >= 0) {
    close(seen->fd);
  }
  free(seen);
  return 0;
}

static void give(struct seen *seen, const char *text) {
  assert_true(seen->transport->ops->write(seen->stream, (const uint8_t *)text,
                                          strlen(text)));
}

static void test_fin(void **state) {
  struct seen *seen = *state;
  send_text(seen->fd, "hello");
  shutdown(seen->fd, SHUT_WR);
  wait_for(seen, 'f');
  assert_string_equal(seen->events, "udf");
  assert_int_equal(seen->bytes, 5);
  give(seen, "after"); /* writing stays possible */
  char buffer[16];
  assert_int_equal(recv(seen->fd, buffer, sizeof buffer, 0), 5);
}

static void test_rst_while_reading(void **state) {
  struct seen *seen = *state;
  send_text(seen->fd, "last words");
  reset_now(seen->fd);
  seen->fd = -1;
  wait_for(seen, 'r');
  assert_string_equal(seen->events, "udr");
  assert_int_equal(seen->bytes, 10);
  assert_non_null(seen->text);
}

static void test_rst_while_writing(void **state) {
  struct seen *seen = *state;
  send_text(seen->fd, "last words");
  reset_now(seen->fd);
  seen->fd = -1;
  give(seen, "one"); /* takes the error that the reader would have got */
  give(seen, "two");
  wait_for(seen, 'r');
  assert_string_equal(seen->events, "udr");
  assert_int_equal(seen->bytes, 10);
  assert_int_equal(seen->transport->ops->unsent(seen->stream), 0);
}

static void test_each_write_is_sent(void **state) {
  struct seen *seen = *state;
  char buffer[16] = "";
  give(seen, "ab");
  give(seen, "cd");
  seen->transport->ops->finish(seen->stream);
  give(seen, "no");
  wait_idle(seen);
  assert_int_equal(recv(seen->fd, buffer, sizeof buffer, MSG_WAITALL), 4);
  assert_string_equal(buffer, "abcd");
}

static void test_our_reset(void **state) {
  struct seen *seen = *state;
  char byte;
  seen->transport->ops->reset(seen->stream);
  seen->transport->ops->pause(seen->stream, true);
  seen->transport->ops->finish(seen->stream);
  give(seen, "ignored");
  assert_int_equal(seen->transport->ops->unsent(seen->stream), 0);
  seen->transport->ops->wait(seen->transport, now(seen));
  assert_int_equal(recv(seen->fd, &byte, 1, 0), -1);
  assert_string_equal(seen->events, "u");
}

/* Nobody reads: the queue is here, and what was drained ends the wait. */
static void test_unsent(void **state) {
  struct seen *seen = *state;
  const size_t len = (size_t)16 << 20;
  uint8_t *data = calloc(1, len);
  size_t read = 0;
  assert_true(seen->transport->ops->write(seen->stream, data, len));
  wait_idle(seen);
  assert_in_range(seen->transport->ops->unsent(seen->stream), 1, len);
  while (seen->transport->ops->unsent(seen->stream) != 0) {
    ssize_t n = recv(seen->fd, data, len, MSG_DONTWAIT);
    read += n > 0 ? (size_t)n : 0;
    seen->transport->ops->wait(seen->transport, now(seen) + 1000);
  }
  assert_string_equal(seen->events, "u");
  seen->transport->ops->finish(seen->stream);
  while (read < len) {
    ssize_t n = recv(seen->fd, data, len, MSG_DONTWAIT);
    read += n > 0 ? (size_t)n : 0;
    seen->transport->ops->wait(seen->transport, now(seen));
  }
  free(data);
}

static void test_drained_ends_wait(void **state) {
  struct seen *seen = *state;
  int size = 1 << 16;
  const size_t len = (size_t)16 << 20;
  uint8_t *data = calloc(1, len);
  setsockopt(seen->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  assert_true(seen->transport->ops->write(seen->stream, data, len));
  pid_t reader = fork();
  if (reader == 0) {
    char buffer[65536];
    size_t read_len = 0;
    while (read_len < len) {
      ssize_t n = recv(seen->fd, buffer, sizeof buffer, 0);
      read_len += n > 0 ? (size_t)n : len;
    }
    _exit(0);
  }
  uint64_t until = now(seen) + 30 * SECOND;
  assert_true(seen->transport->ops->wait(seen->transport, until));
  assert_int_equal(seen->transport->ops->unsent(seen->stream), 0);
  assert_true(now(seen) < until);
  free(data);
}

static void test_pause(void **state) {
  struct seen *seen = *state;
  seen->transport->ops->pause(seen->stream, true);
  send_text(seen->fd, "hello");
  wait_idle(seen);
  assert_string_equal(seen->events, "u");
  seen->transport->ops->pause(seen->stream, false);
  wait_for(seen, 'd');
  assert_int_equal(seen->bytes, 5);
}

/* A wait that waits does not burn: its CPU time is a small part. */
static void test_wait_keeps_time(void **state) {
  struct seen *seen = *state;
  clock_t begin = clock();
  for (uint64_t delay = 200; delay < 20000; delay += 900) {
    uint64_t until = now(seen) + delay;
    assert_true(seen->transport->ops->wait(seen->transport, until));
    assert_true(now(seen) >= until);
  }
  double spent = (double)(clock() - begin) / CLOCKS_PER_SEC;
  assert_true(spent < 0.1); /* of 0.2 s and more */
}

static void test_refused(void **state) {
  (void)state;
  struct seen seen;
  uint16_t port = 0;
  close(listen_here(&port));
  struct wsc_transport *transport = net_to(port, SECOND);
  assert_false(transport->ops->wait(transport, WSC_FOREVER));
  dial(&seen, transport);
  wait_for(&seen, 'x');
  assert_string_equal(seen.events, "x");
  assert_string_equal(seen.text, "connection refused");
  give(&seen, "ignored");
  transport->ops->release(seen.stream);
  assert_false(transport->ops->wait(transport, WSC_FOREVER));
  wsc_net_free(transport);
}

static void test_connect_elsewhere(void **state) {
  (void)state;
  uint16_t port = 0;
  int listening = listen_here(&port);
  char where[64];
  snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)port);
  struct wsc_net_options options = {.host = "no such host",
                                    .port = 9,
                                    .connect = where,
                                    .dial_timeout = SECOND};
  char *error = NULL;
  struct wsc_transport *transport = wsc_net_new(&options, &error);
  assert_non_null(transport);
  struct seen seen;
  dial(&seen, transport);
  wait_for(&seen, 'u');
  transport->ops->release(seen.stream);
  wsc_net_free(transport);
  /* Without a port, the URL's is kept. */
  options.connect = "127.0.0.1";
  options.port = port;
  transport = wsc_net_new(&options, &error);
  dial(&seen, transport);
  wait_for(&seen, 'u');
  transport->ops->release(seen.stream);
  wsc_net_free(transport);
  close(listening);
}

static void test_bad_targets(void **state) {
  (void)state;
  static const char *const bad[] = {"127.0.0.1:",      "127.0.0.1:0",
                                    "127.0.0.1:65536", "127.0.0.1:+1",
                                    "[::1]:x",         "no such host:1"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct wsc_net_options options = {
        .host = "127.0.0.1", .port = 1, .connect = bad[i]};
    char *error = NULL;
    assert_null(wsc_net_new(&options, &error));
    assert_non_null(error);
    free(error);
  }
  static const char *const good[] = {"127.0.0.1", "::1", "[::1]", "[::1]:80"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct wsc_net_options options = {
        .host = "127.0.0.1", .port = 1, .connect = good[i]};
    char *error = NULL;
    struct wsc_transport *transport = wsc_net_new(&options, &error);
    assert_non_null(transport);
    wsc_net_free(transport);
  }
}

static void test_interrupt(void **state) {
  struct seen *seen = *state;
  assert_true(wsc_net_watch_signals(seen->transport));
  assert_false(wsc_net_interrupted(seen->transport));
  raise(SIGINT);
  assert_false(
      seen->transport->ops->wait(seen->transport, now(seen) + 10 * SECOND));
  assert_true(wsc_net_interrupted(seen->transport));
  assert_true(seen->transport->ops->wait(seen->transport, now(seen) + 1000));
  assert_true(wsc_net_interrupted(seen->transport));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_fin),
      TEST(test_rst_while_reading),
      TEST(test_rst_while_writing),
      TEST(test_each_write_is_sent),
      TEST(test_our_reset),
      TEST(test_unsent),
      TEST(test_drained_ends_wait),
      TEST(test_pause),
      TEST(test_wait_keeps_time),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_connect_elsewhere),
      cmocka_unit_test(test_bad_targets),
      TEST(test_interrupt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
