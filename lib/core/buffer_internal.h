/* buffer_internal.h: a growing queue of bytes, taken from the front. */
#ifndef WS_BUFFER_INTERNAL_H
#define WS_BUFFER_INTERNAL_H

#include "ws/types.h"

struct ws_buffer {
  const struct ws_allocator *allocator; /* borrowed */
  uint8_t *data;                        /* owned */
  size_t start;                         /* bytes at the front that were taken */
  size_t len;                           /* bytes that wait, behind `start` */
  size_t cap;
};

void ws_buffer_init(struct ws_buffer *buffer,
                    const struct ws_allocator *allocator);

/* Gives the memory back; the buffer is empty and can be used again. */
void ws_buffer_clear(struct ws_buffer *buffer);

/* Room for `len` bytes behind those that wait (borrowed until the next call),
 * or NULL: out of memory, nothing changed. Nothing is added before
 * ws_buffer_grow. */
uint8_t *ws_buffer_reserve(struct ws_buffer *buffer, size_t len);

/* Adds `len` bytes that were written to the reserved room. */
void ws_buffer_grow(struct ws_buffer *buffer, size_t len);

/* False: out of memory, nothing changed. */
bool ws_buffer_append(struct ws_buffer *buffer, const uint8_t *data,
                      size_t len);

/* Takes `len` bytes, at most those that wait, off the front. */
void ws_buffer_take(struct ws_buffer *buffer, size_t len);

/* The bytes that wait; borrowed until the next call on the buffer. */
struct ws_slice ws_buffer_slice(const struct ws_buffer *buffer);

#endif
