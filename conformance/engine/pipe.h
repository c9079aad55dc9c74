/* pipe.h: one direction of a simulated connection: bytes in flight, cut into
 * segments at borders that come from a seed. */
#ifndef WSC_PIPE_H
#define WSC_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WSC_NEVER UINT64_MAX

/* A queue of bytes. All zeros is an empty one. */
struct wsc_fifo {
  uint8_t *data;
  size_t head, len, cap; /* the bytes are data[head .. head + len - 1] */
};

/* Appends a copy. False: out of memory, nothing was appended. */
bool wsc_fifo_push(struct wsc_fifo *fifo, const uint8_t *data, size_t len);
void wsc_fifo_pop(struct wsc_fifo *fifo, size_t len);
void wsc_fifo_clear(struct wsc_fifo *fifo); /* frees its memory */

struct wsc_segment {
  size_t len;
  uint64_t due; /* arrives at this time */
};

/* All zeros but `max` is an empty pipe. */
struct wsc_pipe {
  size_t max; /* bytes in flight */
  struct wsc_fifo bytes;
  struct wsc_segment *segments;
  size_t first, num, cap; /* segments[first .. first + num - 1] */
};

size_t wsc_pipe_room(const struct wsc_pipe *pipe);

/* Puts one write into the pipe, as much of it as there is room for, arriving at
 * `due`, which never goes back from call to call. The write travels whole, cut
 * at random borders, or byte by byte when it is short; its beginning may join
 * the segment before it. Returns the bytes taken; *failed is set when memory is
 * exhausted. `rng` is the state of the randomness. */
size_t wsc_pipe_push(struct wsc_pipe *pipe, uint64_t *rng, uint64_t due,
                     const uint8_t *data, size_t len, bool *failed);

/* When the first segment arrives; WSC_NEVER when the pipe is empty. */
uint64_t wsc_pipe_due(const struct wsc_pipe *pipe);

/* The first segment: its bytes, borrowed until the next call. */
uint8_t *wsc_pipe_peek(const struct wsc_pipe *pipe, size_t *len);
void wsc_pipe_pop(struct wsc_pipe *pipe);

void wsc_pipe_clear(struct wsc_pipe *pipe); /* drops all, frees its memory */

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t wsc_pipe_random(uint64_t *rng);

#endif
