#include "buffer_internal.h"

#include <string.h>

#define CAP_MIN 256
/* An emptied buffer gives larger memory back: enough for a frame of 64 KiB, so
 * that a stream of messages up to that size allocates nothing. What is larger
 * costs an allocation a message, little beside its bytes, and does not stay with
 * a connection that had one large message to say. */
#define CAP_KEPT 131072

void ws_buffer_init(struct ws_buffer *buffer,
                    const struct ws_allocator *allocator) {
  *buffer = (struct ws_buffer){.allocator = allocator};
}

void ws_buffer_clear(struct ws_buffer *buffer) {
  const struct ws_allocator *allocator = buffer->allocator;
  if (buffer->data != NULL) {
    allocator->resize(allocator->user, buffer->data, buffer->cap, 0);
  }
  ws_buffer_init(buffer, allocator);
}

static bool enlarge(struct ws_buffer *buffer, size_t needed) {
  const struct ws_allocator *allocator = buffer->allocator;
  size_t cap = buffer->cap < CAP_MIN ? CAP_MIN : buffer->cap;
  while (cap < needed) {
    cap = cap > SIZE_MAX / 2 ? needed : cap * 2;
  }
  uint8_t *data =
      allocator->resize(allocator->user, buffer->data, buffer->cap, cap);
  if (data == NULL) {
    return false;
  }
  buffer->data = data;
  buffer->cap = cap;
  return true;
}

uint8_t *ws_buffer_reserve(struct ws_buffer *buffer, size_t len) {
  size_t end = buffer->start + buffer->len;
  if (len > buffer->cap - end) {
    /* Moving costs at most what was taken since the last move when half of the
     * room has been taken; else growing pays for itself. */
    if (buffer->start > buffer->cap / 2 && len <= buffer->cap - buffer->len) {
      memmove(buffer->data, buffer->data + buffer->start, buffer->len);
      buffer->start = 0;
    } else if (len > SIZE_MAX - end || !enlarge(buffer, end + len)) {
      return NULL;
    }
  } else if (buffer->data == NULL && !enlarge(buffer, CAP_MIN)) {
    return NULL;
  }
  return buffer->data + buffer->start + buffer->len;
}

void ws_buffer_grow(struct ws_buffer *buffer, size_t len) {
  buffer->len += len;
}

bool ws_buffer_append(struct ws_buffer *buffer, const uint8_t *data,
                      size_t len) {
  uint8_t *room = ws_buffer_reserve(buffer, len);
  if (room == NULL) {
    return false;
  }
  if (len != 0) {
    memcpy(room, data, len);
  }
  buffer->len += len;
  return true;
}

void ws_buffer_take(struct ws_buffer *buffer, size_t len) {
  if (len >= buffer->len) {
    buffer->start = 0;
    buffer->len = 0;
    if (buffer->cap > CAP_KEPT) {
      ws_buffer_clear(buffer);
    }
    return;
  }
  buffer->start += len;
  buffer->len -= len;
}

struct ws_slice ws_buffer_slice(const struct ws_buffer *buffer) {
  if (buffer->len == 0) {
    return (struct ws_slice){NULL, 0};
  }
  return (struct ws_slice){buffer->data + buffer->start, buffer->len};
}
