#include "lines.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)65536)

struct lines {
  struct ws_io_watch *watch; /* NULL once the input has ended */
  struct lines_listener listener;
  char *data; /* of a line, so far */
  size_t len, cap;
};

static void finish(struct lines *lines) {
  ws_io_watch_free(lines->watch);
  lines->watch = NULL;
  lines->listener.end(lines->listener.user);
}

static bool reserve(struct lines *lines) {
  if (lines->cap - lines->len >= PIECE) {
    return true;
  }
  size_t cap = lines->cap * 2 + PIECE;
  char *data = realloc(lines->data, cap);
  if (data == NULL) {
    return false;
  }
  lines->data = data;
  lines->cap = cap;
  return true;
}

static void on_readable(void *user) {
  struct lines *lines = user;
  ssize_t n =
      reserve(lines) ? read(STDIN_FILENO, lines->data + lines->len, PIECE) : -1;
  lines->len += n > 0 ? (size_t)n : 0;
  size_t done = 0;
  char *end;
  while (lines->len > done &&
         (end = memchr(lines->data + done, '\n', lines->len - done)) != NULL) {
    size_t len = (size_t)(end - lines->data) - done;
    lines->listener.line(lines->listener.user, lines->data + done, len);
    done += len + 1;
  }
  lines->len -= done;
  if (lines->len != 0) {
    memmove(lines->data, lines->data + done, lines->len);
  }
  if (n <= 0 && lines->len != 0) { /* the last line may lack its end */
    lines->listener.line(lines->listener.user, lines->data, lines->len);
  }
  if (n <= 0) {
    finish(lines);
  }
}

struct lines *lines_new(struct ws_io *io, struct lines_listener listener) {
  struct lines *lines = calloc(1, sizeof *lines);
  if (lines == NULL) {
    return NULL;
  }
  lines->listener = listener;
  lines->watch = ws_io_watch_new(io, STDIN_FILENO, on_readable, lines);
  if (lines->watch == NULL) {
    free(lines);
    return NULL;
  }
  return lines;
}

void lines_pause(struct lines *lines, bool paused) {
  if (lines->watch != NULL) {
    ws_io_watch_pause(lines->watch, paused);
  }
}

void lines_free(struct lines *lines) {
  if (lines != NULL) {
    ws_io_watch_free(lines->watch);
    free(lines->data);
    free(lines);
  }
}
