#include "ws/types.h"

#include <stdlib.h>
#include <string.h>

const char *ws_status_text(enum ws_status status) {
  switch (status) {
  case WS_OK:
    return "success";
  case WS_ERR_NOMEM:
    return "out of memory";
  case WS_ERR_ARGUMENT:
    return "argument out of range";
  case WS_ERR_STATE:
    return "not allowed in this state";
  case WS_ERR_LIMIT:
    return "limit exceeded";
  case WS_ERR_CRYPTO:
    return "the crypto provider failed";
  case WS_ERR_SYNTAX:
    return "text does not follow its grammar";
  case WS_ERR_ACCESS:
    return "value may not be used";
  }
  return "unknown status";
}

bool ws_slice_equals(struct ws_slice slice, const char *text) {
  size_t len = strlen(text);
  return slice.len == len && (len == 0 || memcmp(slice.data, text, len) == 0);
}

/* tolower() would ask the locale. */
static uint8_t ascii_lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool ws_slice_equals_nocase(struct ws_slice slice, const char *text) {
  if (slice.len != strlen(text)) {
    return false;
  }
  for (size_t i = 0; i < slice.len; i++) {
    if (ascii_lower(slice.data[i]) != ascii_lower((uint8_t)text[i])) {
      return false;
    }
  }
  return true;
}

struct ws_slice ws_slice_of(const char *text) {
  return (struct ws_slice){(const uint8_t *)text, strlen(text)};
}

static void *libc_resize(void *user, void *ptr, size_t old_len,
                         size_t new_len) {
  (void)user;
  (void)old_len;
  /* What realloc(ptr, 0) does is up to the implementation (C17 7.22.3.5). */
  if (new_len == 0) {
    free(ptr);
    return NULL;
  }
  return realloc(ptr, new_len);
}

const struct ws_allocator *ws_allocator_libc(void) {
  static const struct ws_allocator libc = {libc_resize, NULL};
  return &libc;
}
