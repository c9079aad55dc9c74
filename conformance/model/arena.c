#include "arena.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_LEN 4096

struct wsc_arena_block {
  struct wsc_arena_block *next;
  size_t used;
  size_t len;
  max_align_t data[];
};

static void die(void) {
  fputs("wsspec: out of memory\n", stderr);
  exit(3);
}

void *wsc_malloc(size_t len) {
  void *ptr = malloc(len == 0 ? 1 : len);
  if (ptr == NULL) {
    die();
  }
  return ptr;
}

void *wsc_realloc(void *ptr, size_t len) {
  void *moved = realloc(ptr, len == 0 ? 1 : len);
  if (moved == NULL) {
    die();
  }
  return moved;
}

char *wsc_strdup(const char *text) {
  size_t len = strlen(text) + 1;
  return memcpy(wsc_malloc(len), text, len);
}

void wsc_arena_init(struct wsc_arena *arena) {
  arena->blocks = NULL;
}

void wsc_arena_free(struct wsc_arena *arena) {
  struct wsc_arena_block *block = arena->blocks;
  while (block != NULL) {
    struct wsc_arena_block *next = block->next;
    free(block);
    block = next;
  }
  arena->blocks = NULL;
}

static struct wsc_arena_block *add_block(struct wsc_arena *arena, size_t len) {
  size_t room = len > BLOCK_LEN ? len : BLOCK_LEN;
  struct wsc_arena_block *block = wsc_malloc(sizeof *block + room);
  block->used = 0;
  block->len = room;
  /* A large allocation goes behind the current block, which keeps the rest of
   * that block in use. */
  if (arena->blocks != NULL && len > BLOCK_LEN / 2) {
    block->next = arena->blocks->next;
    arena->blocks->next = block;
  } else {
    block->next = arena->blocks;
    arena->blocks = block;
  }
  return block;
}

void *wsc_arena_alloc(struct wsc_arena *arena, size_t len) {
  const size_t align = sizeof(max_align_t);
  size_t rounded = (len + align - 1) / align * align;
  struct wsc_arena_block *block = arena->blocks;
  if (block == NULL || block->len - block->used < rounded) {
    block = add_block(arena, rounded);
  }
  void *ptr = (char *)block->data + block->used;
  block->used += rounded;
  return memset(ptr, 0, len);
}

char *wsc_arena_copy(struct wsc_arena *arena, const void *data, size_t len) {
  char *copy = wsc_arena_alloc(arena, len + 1);
  if (len != 0) {
    memcpy(copy, data, len);
  }
  return copy;
}

char *wsc_arena_vprintf(struct wsc_arena *arena, const char *format,
                        va_list args) {
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, format, again);
  va_end(again);
  char *text = wsc_arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
  if (len >= 0) {
    vsnprintf(text, (size_t)len + 1, format, args);
  }
  return text;
}

char *wsc_arena_printf(struct wsc_arena *arena, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = wsc_arena_vprintf(arena, format, args);
  va_end(args);
  return text;
}

void *wsc_arena_grow(struct wsc_arena *arena, void *items, size_t num,
                     size_t *capacity, size_t size) {
  if (num < *capacity) {
    return items;
  }
  size_t room = *capacity == 0 ? 8 : *capacity * 2;
  void *moved = wsc_arena_alloc(arena, room * size);
  if (num != 0) {
    memcpy(moved, items, num * size);
  }
  *capacity = room;
  return moved;
}
