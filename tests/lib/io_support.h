/* io_support.h: what the tests of lib/io share: a listener that notes what it
 * sees, and a plain socket at the other end. */
#ifndef IO_SUPPORT_H
#define IO_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ws/io.h"

#define SECOND 1000000u

/* What a listener has seen, and what it does about it. */
struct seen {
  struct ws_io *io;
  struct ws_io_stream *stream; /* NULL once released */
  char events[64];             /* a letter an event; DATA in a row once; 't'
                                  for a FIN that is truncated */
  size_t num_events;
  uint64_t bytes;
  uint64_t sum;    /* of position times byte: order matters */
  char text[256];  /* of the last event that had one */
  char release_on; /* the event that the stream is released in */
};

/* A dialled stream and the socket at its other end. */
struct pair {
  struct seen seen;
  int fd;
};

/* Turns the loop until the event `letter` was seen; fails the test after ten
 * seconds. */
void io_turn_until(struct seen *seen, char letter);
void io_turn_until_bytes(struct seen *seen, uint64_t bytes);
void io_turn_idle(struct ws_io *io);
ssize_t io_read_some(int fd);

/* Turns the loop until the other side's socket has something to read; what that
 * read says: bytes, 0 for a FIN, -1 for an error. */
ssize_t io_read_turning(struct ws_io *io, int fd);

/* Dials a socket of the test and accepts there. */
void io_pair_up(struct pair *pair, struct ws_io *io);

/* A loop as the state of a test, and its end. */
int io_setup(void **state);
int io_teardown(void **state);

/* The listener that notes in *seen what happens. */
struct ws_io_listener io_listener(struct seen *seen);
bool io_has(const struct seen *seen, char letter);
struct ws_io_addresses *io_loopback(struct ws_io *io, uint16_t port);
uint64_t io_sum_of(uint64_t sum, uint64_t at, const uint8_t *data, size_t len);

#endif
