#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io_support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

static void io_note(struct seen *seen, char letter) {
  bool again = letter == 'd' && seen->num_events != 0 &&
               seen->events[seen->num_events - 1] == 'd';
  if (!again && seen->num_events < sizeof seen->events - 1) {
    seen->events[seen->num_events++] = letter;
  }
}

uint64_t io_sum_of(uint64_t sum, uint64_t at, const uint8_t *data, size_t len) {
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
  char letter = notice->truncated ? 't' : letters[notice->event];
  io_note(seen, letter);
  if (notice->event == WS_IO_DATA) {
    assert_true(notice->len > 0);
    seen->sum = io_sum_of(seen->sum, seen->bytes, notice->data, notice->len);
    seen->bytes += notice->len;
  }
  if (seen->release_on == letter) {
    ws_io_release(seen->stream);
    seen->stream = NULL;
    if (notice->data != NULL) {
      notice->data[0] = 0; /* still borrowed */
    }
  }
  if (notice->text != NULL) {
    snprintf(seen->text, sizeof seen->text, "%s", notice->text);
  }
}

struct ws_io_listener io_listener(struct seen *seen) {
  return (struct ws_io_listener){on_notice, seen};
}

bool io_has(const struct seen *seen, char letter) {
  return memchr(seen->events, letter, seen->num_events) != NULL;
}

/* Turns until the event was seen; fails after ten seconds. */
void io_turn_until(struct seen *seen, char letter) {
  uint64_t end = ws_io_now(seen->io) + 10 * SECOND;
  while (!io_has(seen, letter) && ws_io_now(seen->io) < end) {
    ws_io_turn(seen->io, end);
  }
  if (!io_has(seen, letter)) {
    fail_msg("no '%c' in \"%s\"", letter, seen->events);
  }
}

/* Turns until `bytes` have come. */
void io_turn_until_bytes(struct seen *seen, uint64_t bytes) {
  uint64_t end = ws_io_now(seen->io) + 10 * SECOND;
  while (seen->bytes < bytes && ws_io_now(seen->io) < end) {
    ws_io_turn(seen->io, end);
  }
  assert_int_equal(seen->bytes, bytes);
}

/* Turns until nothing has happened for a while: only to show an absence. */
void io_turn_idle(struct ws_io *io) {
  uint64_t end = ws_io_now(io) + 30000;
  while (ws_io_now(io) < end) {
    ws_io_turn(io, end);
  }
}

/* -- the other side ----------------------------------------------------- */

/* What the next read says: bytes, 0 for a FIN, -1 for an error. */
ssize_t io_read_some(int fd) {
  char buffer[4096];
  return recv(fd, buffer, sizeof buffer, 0);
}

/* Turns the loop until the other side's socket has something to read. */
ssize_t io_read_turning(struct ws_io *io, int fd) {
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

struct ws_io_addresses *io_loopback(struct ws_io *io, uint16_t port) {
  const char *text = NULL;
  struct ws_io_addresses *addresses =
      ws_io_resolve(io, "127.0.0.1", port, &text);
  assert_non_null(addresses);
  return addresses;
}

void io_pair_up(struct pair *pair, struct ws_io *io) {
  uint16_t port = 0;
  int listening = listen_here(&port);
  struct ws_io_addresses *addresses = io_loopback(io, port);
  *pair = (struct pair){.seen = {.io = io}};
  pair->seen.stream =
      ws_io_dial(io, addresses, 5 * SECOND, io_listener(&pair->seen));
  assert_non_null(pair->seen.stream);
  ws_io_addresses_free(addresses);
  io_turn_until(&pair->seen, 'u');
  pair->fd = accept_one(listening);
  close(listening);
}

int io_setup(void **state) {
  *state = ws_io_new();
  return *state == NULL ? -1 : 0;
}

int io_teardown(void **state) {
  ws_io_free(*state);
  return 0;
}
