#include "faulty_internal.h"

#include <stdlib.h>
#include <string.h>

#define RESERVE ((size_t)64 * 1024)

static bool reserve(struct wsc_faulty_buffer *buffer, size_t len) {
  if (len > SIZE_MAX / 2 - buffer->len) {
    return false;
  }
  size_t needed = buffer->len + len;
  if (needed <= buffer->cap) {
    return true;
  }
  size_t cap = buffer->cap < 256 ? 256 : buffer->cap * 2;
  if (cap < needed) {
    cap = needed;
  }
  uint8_t *data = realloc(buffer->data, cap);
  if (data == NULL) {
    return false;
  }
  buffer->data = data;
  buffer->cap = cap;
  return true;
}

bool wsc_faulty_buffer_insert(struct wsc_faulty_buffer *buffer, size_t offset,
                              const void *data, size_t len) {
  if (len == 0) {
    return true;
  }
  if (!reserve(buffer, len)) {
    return false;
  }
  memmove(buffer->data + offset + len, buffer->data + offset,
          buffer->len - offset);
  memcpy(buffer->data + offset, data, len);
  buffer->len += len;
  return true;
}

bool wsc_faulty_buffer_append(struct wsc_faulty_buffer *buffer,
                              const void *data, size_t len) {
  return wsc_faulty_buffer_insert(buffer, buffer->len, data, len);
}

void wsc_faulty_buffer_clear(struct wsc_faulty_buffer *buffer) {
  buffer->len = 0;
  if (buffer->cap > RESERVE) {
    wsc_faulty_buffer_free(buffer);
  }
}

void wsc_faulty_buffer_free(struct wsc_faulty_buffer *buffer) {
  free(buffer->data);
  *buffer = (struct wsc_faulty_buffer){NULL, 0, 0};
}
