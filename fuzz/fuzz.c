#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *condition) {
  fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
  abort();
}

static void *fuzz_resize(void *memory, size_t len) {
  void *resized = realloc(memory, len > 0 ? len : 1);
  if (resized == NULL) {
    fprintf(stderr, "out of memory\n");
    abort();
  }
  return resized;
}

uint8_t fuzz_take(struct fuzz_input *input) {
  if (input->len == 0) {
    return 0;
  }
  input->len--;
  return *input->data++;
}

struct fuzz_input fuzz_take_some(struct fuzz_input *input, size_t most) {
  struct fuzz_input some = *input;
  if (some.len > most) {
    some.len = most;
  }
  if (some.len > 0) {
    input->data += some.len;
    input->len -= some.len;
  } else {
    some.data = (const uint8_t *)"";
  }
  return some;
}

uint32_t fuzz_random(uint64_t *state) {
  /* Steele, Lea and Flood's SplitMix64. */
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (uint32_t)((z ^ (z >> 31)) >> 32);
}

uint8_t *fuzz_room(size_t len) {
  return fuzz_resize(NULL, len);
}

uint8_t *fuzz_copy(const void *data, size_t len) {
  uint8_t *copy = fuzz_room(len);
  if (len > 0) {
    memcpy(copy, data, len);
  }
  return copy;
}

uint8_t *fuzz_copy_at(size_t before, const void *data, size_t len) {
  uint8_t *block = fuzz_room(before + len);
  memset(block, 0xC3, before);
  if (len > 0) {
    memcpy(block + before, data, len);
  }
  return block;
}

bool fuzz_same(const void *a, size_t a_len, const void *b, size_t b_len) {
  return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

void fuzz_bytes_add(struct fuzz_bytes *bytes, const void *data, size_t len) {
  if (len == 0) {
    return;
  }
  if (len > bytes->cap - bytes->len) {
    bytes->cap = (bytes->len + len) * 2;
    bytes->data = fuzz_resize(bytes->data, bytes->cap);
  }
  memcpy(bytes->data + bytes->len, data, len);
  bytes->len += len;
}

void fuzz_bytes_add_number(struct fuzz_bytes *bytes, uint64_t number) {
  fuzz_bytes_add(bytes, &number, sizeof(number));
}

void fuzz_bytes_free(struct fuzz_bytes *bytes) {
  free(bytes->data);
  *bytes = (struct fuzz_bytes){0};
}
