/* types.h: what every other header of libws builds on.
 *
 * Conventions, valid for all headers under ws/
 * --------------------------------------------
 * - Lengths ending in `_len` count bytes; names beginning with `num_` count
 *   elements. Offsets count bytes from the first byte received or sent.
 * - Every pointer is tagged. *borrowed (until ...)*: the callee or caller keeps
 *   using memory that it does not own, for the time given. *owned*: whoever
 *   receives it frees it. *copied*: the memory may be reused on return.
 * - Two worlds of errors, never mixed. `enum ws_status` is the caller's mistake
 *   or exhaustion, and is a return value. `enum ws_fault` (fault.h) is the
 *   peer's mistake, and is data: an event, or the result of a check.
 * - Objects on the stack have `_init`; objects on the heap have `_new` and
 *   `_free`, and `_free(NULL)` does nothing.
 * - Nothing in lib/core touches sockets, clocks, stdio, errno or global state.
 */
#ifndef WS_TYPES_H
#define WS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller's mistakes, and exhaustion. */
enum ws_status {
  WS_OK = 0,
  WS_ERR_NOMEM,    /* the allocator returned NULL; the object stays usable
                      for `_free` and reports WS_ERR_NOMEM from now on */
  WS_ERR_ARGUMENT, /* an argument is outside its documented range */
  WS_ERR_STATE,    /* the call is not allowed in this state */
  WS_ERR_LIMIT,    /* a configured limit would be exceeded */
  WS_ERR_CRYPTO,   /* the injected ws_crypto reported a failure */
  WS_ERR_SYNTAX,   /* a text does not follow its grammar: what WHATWG's
                      interfaces call SyntaxError (websocket.h) */
  WS_ERR_ACCESS    /* a value that the caller may not use: InvalidAccessError */
};

/* A short English name such as "out of memory"; never NULL. */
const char *ws_status_text(enum ws_status status);

/* The part this endpoint plays in the opening handshake (RFC 6455 1.3). */
enum ws_role { WS_CLIENT, WS_SERVER };

/* A run of bytes that somebody else owns. `data` may be NULL when `len` is 0. */
struct ws_slice {
  const uint8_t *data;
  size_t len;
};

/* True when `slice` holds exactly the bytes of the NUL-terminated `text`. */
bool ws_slice_equals(struct ws_slice slice, const char *text);

/* As ws_slice_equals, but A-Z and a-z compare equal, and only those (RFC 6455
 * 2.1: "ASCII case-insensitive"; no locale is consulted). */
bool ws_slice_equals_nocase(struct ws_slice slice, const char *text);

/* A slice over a NUL-terminated string, without the NUL; borrows `text`. */
struct ws_slice ws_slice_of(const char *text);

/* All memory of libws comes from here. `resize` behaves as realloc with the old
 * size given: `ptr` NULL allocates, `new_len` 0 frees and returns NULL. Both
 * members are borrowed for as long as any object made with the allocator. */
struct ws_allocator {
  void *(*resize)(void *user, void *ptr, size_t old_len, size_t new_len);
  void *user;
};

/* realloc and free of libc. */
const struct ws_allocator *ws_allocator_libc(void);

#ifdef __cplusplus
}
#endif

#endif
