/* blob.h: immutable binary data in chunks that are shared, not copied: the Blob
 * of ws_websocket.
 *
 * A blob counts its references: ws_blob_ref takes one, ws_blob_unref gives one
 * up, and the last one frees it. Slices and concatenations refer to the chunks
 * of what they are made from. Not for several threads at once. */
#ifndef WS_BLOB_H
#define WS_BLOB_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ws_blob;

/* A blob of one chunk with a copy of `data`; owned by the caller. NULL: out of
 * memory. `allocator` (NULL: libc) is borrowed for as long as chunks live. */
struct ws_blob *ws_blob_new(const struct ws_allocator *allocator,
                            const void *data, size_t len);

/* The same without a copy: `data` is kept until the last reference to the chunk
 * is gone, then `release(user, data, len)` is called (NULL: nothing is); at
 * once where `len` is 0. On NULL, `release` was not called. */
struct ws_blob *
ws_blob_adopt(const struct ws_allocator *allocator, void *data, size_t len,
              void (*release)(void *user, void *data, size_t len), void *user);

/* A blob of the bytes of `parts`, one behind the other. No byte is copied. */
struct ws_blob *ws_blob_concat(const struct ws_allocator *allocator,
                               struct ws_blob *const *parts, size_t num_parts);

/* The bytes from `begin` up to `end`; both are clamped to the size. */
struct ws_blob *ws_blob_slice(struct ws_blob *blob, uint64_t begin,
                              uint64_t end);

struct ws_blob *ws_blob_ref(struct ws_blob *blob); /* returns `blob` */
void ws_blob_unref(struct ws_blob *blob);          /* NULL is ignored */

uint64_t ws_blob_size(const struct ws_blob *blob); /* bytes */

/* The chunks, from 0 to ws_blob_num_chunks - 1; borrowed for as long as `blob`.
 * No chunk is empty. */
size_t ws_blob_num_chunks(const struct ws_blob *blob);
struct ws_slice ws_blob_chunk(const struct ws_blob *blob, size_t index);

/* Copies up to `len` bytes from `offset` on to `out`; returns how many. */
size_t ws_blob_read(const struct ws_blob *blob, uint64_t offset, void *out,
                    size_t len);

#ifdef __cplusplus
}
#endif

#endif
