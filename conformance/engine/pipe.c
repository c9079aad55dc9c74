#include "pipe.h"

#include <stdlib.h>
#include <string.h>

#define BYTEWISE_MAX 64 /* longer writes are not cut into single bytes */
#define SEGMENT_MAX  (1u << 16) /* bytes */

/* -- bytes -------------------------------------------------------------- */

bool wsc_fifo_push(struct wsc_fifo *fifo, const uint8_t *data, size_t len) {
  if (fifo->cap - fifo->head - fifo->len < len && fifo->head >= fifo->len) {
    /* At least as much was popped as is moved: constant work a byte. */
    if (fifo->len != 0) {
      memcpy(fifo->data, fifo->data + fifo->head, fifo->len);
    }
    fifo->head = 0;
  }
  size_t used = fifo->head + fifo->len;
  if (fifo->cap - used < len) {
    size_t cap = fifo->cap == 0 ? 512 : fifo->cap;
    while (cap - used < len && cap <= SIZE_MAX / 2) {
      cap *= 2;
    }
    uint8_t *grown = cap - used < len ? NULL : realloc(fifo->data, cap);
    if (grown == NULL) {
      return false;
    }
    fifo->data = grown;
    fifo->cap = cap;
  }
  if (len != 0) {
    memcpy(fifo->data + used, data, len);
  }
  fifo->len += len;
  return true;
}

void wsc_fifo_pop(struct wsc_fifo *fifo, size_t len) {
  fifo->head += len;
  fifo->len -= len;
  if (fifo->len == 0) {
    fifo->head = 0;
  }
}

void wsc_fifo_clear(struct wsc_fifo *fifo) {
  free(fifo->data);
  *fifo = (struct wsc_fifo){0};
}

/* -- segments ----------------------------------------------------------- */

uint64_t wsc_pipe_random(uint64_t *rng) {
  uint64_t z = *rng += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

size_t wsc_pipe_room(const struct wsc_pipe *pipe) {
  return pipe->max - pipe->bytes.len;
}

/* Room for `num` more segments. */
static bool reserve(struct wsc_pipe *pipe, size_t num) {
  if (pipe->first != 0 && pipe->first >= pipe->num) {
    memcpy(pipe->segments, pipe->segments + pipe->first,
           pipe->num * sizeof *pipe->segments);
    pipe->first = 0;
  }
  size_t need = pipe->first + pipe->num + num;
  if (need <= pipe->cap) {
    return true;
  }
  size_t cap = pipe->cap == 0 ? 8 : pipe->cap;
  while (cap < need) {
    cap *= 2;
  }
  struct wsc_segment *grown =
      realloc(pipe->segments, cap * sizeof *pipe->segments);
  if (grown == NULL) {
    return false;
  }
  pipe->segments = grown;
  pipe->cap = cap;
  return true;
}

enum cut { CUT_NOT, CUT_RANDOM, CUT_BYTES };

static enum cut choose(uint64_t random, size_t len) {
  switch (random % 8) {
  case 0:
  case 1:
  case 2:
    return CUT_NOT;
  case 3:
    return len <= BYTEWISE_MAX ? CUT_BYTES : CUT_RANDOM;
  default:
    return CUT_RANDOM;
  }
}

/* The length of the next piece of `len` bytes. Borders of all magnitudes are
 * likely, so that a frame header is cut as often as a long payload. */
static size_t piece(enum cut cut, uint64_t random, size_t len) {
  size_t max = SEGMENT_MAX;
  if (cut == CUT_BYTES) {
    max = 1;
  } else if (cut == CUT_RANDOM) {
    size_t magnitude = (size_t)1 << (1 + random % 16);
    max = 1 + (size_t)((random >> 8) % magnitude);
  }
  return max < len ? max : len;
}

static void add_segment(struct wsc_pipe *pipe, size_t len, uint64_t due) {
  pipe->segments[pipe->first + pipe->num++] = (struct wsc_segment){len, due};
}

size_t wsc_pipe_push(struct wsc_pipe *pipe, uint64_t *rng, uint64_t due,
                     const uint8_t *data, size_t len, bool *failed) {
  size_t room = wsc_pipe_room(pipe);
  size_t take = len < room ? len : room;
  /* RFC 9293 3.8.6.2: a sender waits for a window worth filling. Without it the
   * pieces of a long flow would be cut smaller each time around. */
  bool worth = take == len || pipe->num == 0 || take >= pipe->max / 4;
  if (take == 0 || !worth) {
    return 0;
  }
  if (!reserve(pipe, 1) || !wsc_fifo_push(&pipe->bytes, data, take)) {
    *failed = true;
    return 0;
  }
  uint64_t random = wsc_pipe_random(rng);
  enum cut cut = choose(random, take);
  size_t left = take;
  if (pipe->num != 0 && (random >> 8) % 4 == 0) {
    struct wsc_segment *last = &pipe->segments[pipe->first + pipe->num - 1];
    size_t joined = piece(cut, wsc_pipe_random(rng), left);
    last->len += joined; /* Nagle's algorithm: it waits for what joins it */
    last->due = due;
    left -= joined;
  }
  while (left != 0) {
    size_t next = piece(cut, wsc_pipe_random(rng), left);
    if (!reserve(pipe, 1)) {
      /* The bytes are in already: no memory for borders means no borders. The
       * first reservation has made sure that there is a segment. */
      pipe->segments[pipe->first + pipe->num - 1].len += left;
      break;
    }
    add_segment(pipe, next, due);
    left -= next;
  }
  return take;
}

uint64_t wsc_pipe_due(const struct wsc_pipe *pipe) {
  return pipe->num == 0 ? WSC_NEVER : pipe->segments[pipe->first].due;
}

uint8_t *wsc_pipe_peek(const struct wsc_pipe *pipe, size_t *len) {
  *len = pipe->segments[pipe->first].len;
  return pipe->bytes.data + pipe->bytes.head;
}

void wsc_pipe_pop(struct wsc_pipe *pipe) {
  wsc_fifo_pop(&pipe->bytes, pipe->segments[pipe->first].len);
  pipe->first = --pipe->num == 0 ? 0 : pipe->first + 1;
}

void wsc_pipe_clear(struct wsc_pipe *pipe) {
  wsc_fifo_clear(&pipe->bytes);
  free(pipe->segments);
  *pipe = (struct wsc_pipe){.max = pipe->max};
}
