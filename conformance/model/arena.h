/* arena.h: memory that lives and dies together; the text of one outcome. */
#ifndef WSC_ARENA_H
#define WSC_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct wsc_arena_block;
struct wsc_arena {
  struct wsc_arena_block *blocks;
};

void wsc_arena_init(struct wsc_arena *arena);
void wsc_arena_free(struct wsc_arena *arena);

/* `len` zeroed bytes, aligned for any type, owned by the arena. The runner
 * cannot do anything useful without memory for its findings: when there is none
 * the process ends with exit code 3 and says so. */
void *wsc_arena_alloc(struct wsc_arena *arena, size_t len);

/* A copy of `len` bytes with a NUL behind them. */
char *wsc_arena_copy(struct wsc_arena *arena, const void *data, size_t len);

/* printf into the arena. */
char *wsc_arena_printf(struct wsc_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *wsc_arena_vprintf(struct wsc_arena *arena, const char *format,
                        va_list args) __attribute__((format(printf, 2, 0)));

/* A growing array: returns `items` with room for one more element of `size`
 * bytes than *num, moved within the arena when it must be. */
void *wsc_arena_grow(struct wsc_arena *arena, void *items, size_t num,
                     size_t *capacity, size_t size);

/* malloc and realloc with the same promise: they return, or end the process. */
void *wsc_malloc(size_t len);
void *wsc_realloc(void *ptr, size_t len);
char *wsc_strdup(const char *text);

#endif
