/* lines.h: standard input as lines, on the event loop. */
#ifndef LINES_H
#define LINES_H

#include "ws/io.h"

struct lines;

struct lines_listener {
  void (*line)(void *user, const char *text, size_t len); /* without its end */
  void (*end)(void *user); /* of the input, or it cannot be read */
  void *user;
};

/* Reads from now on. NULL: out of memory. */
struct lines *lines_new(struct ws_io *io, struct lines_listener listener);

/* Stops reading, or goes on: for a network slower than the keyboard. Of what
 * was read already, lines still come. */
void lines_pause(struct lines *lines, bool paused);

/* Not from inside `line`; from inside `end` it may be. NULL is ignored. */
void lines_free(struct lines *lines);

#endif
