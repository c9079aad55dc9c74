#include "ws/blob.h"

#include <string.h>

/* Memory that blobs share. */
struct chunk {
  const struct ws_allocator *allocator;
  size_t num_refs;
  uint8_t *data;
  size_t len;
  size_t block_len; /* of this structure, with data behind it where it is ours
                     */
  void (*release)(void *user, void *data, size_t len); /* may be NULL */
  void *user;
};

/* The part of a chunk that belongs to a blob. */
struct piece {
  struct chunk *chunk;
  struct ws_slice data; /* not empty */
  uint64_t begin;       /* where it stands in the blob */
};

struct ws_blob {
  const struct ws_allocator *allocator;
  size_t num_refs;
  uint64_t size;
  size_t num_pieces;
  struct piece pieces[];
};

static void *allocate(const struct ws_allocator *allocator, size_t len) {
  return allocator->resize(allocator->user, NULL, 0, len);
}

static void chunk_unref(struct chunk *chunk) {
  chunk->num_refs--;
  if (chunk->num_refs > 0) {
    return;
  }
  if (chunk->release != NULL) {
    chunk->release(chunk->user, chunk->data, chunk->len);
  }
  chunk->allocator->resize(chunk->allocator->user, chunk, chunk->block_len, 0);
}

/* With one reference and room for `own_len` bytes behind it. */
static struct chunk *chunk_new(const struct ws_allocator *allocator,
                               size_t own_len) {
  if (own_len > SIZE_MAX - sizeof(struct chunk)) {
    return NULL;
  }
  size_t block_len = sizeof(struct chunk) + own_len;
  struct chunk *chunk = allocate(allocator, block_len);
  if (chunk != NULL) {
    *chunk = (struct chunk){.allocator = allocator,
                            .num_refs = 1,
                            .data = (uint8_t *)(chunk + 1),
                            .len = own_len,
                            .block_len = block_len};
  }
  return chunk;
}

static size_t block_len_of(size_t num_pieces) {
  return sizeof(struct ws_blob) + num_pieces * sizeof(struct piece);
}

/* An empty blob with room for `num_pieces`. */
static struct ws_blob *blob_new(const struct ws_allocator *allocator,
                                size_t num_pieces) {
  if (num_pieces > (SIZE_MAX - sizeof(struct ws_blob)) / sizeof(struct piece)) {
    return NULL;
  }
  struct ws_blob *blob = allocate(allocator, block_len_of(num_pieces));
  if (blob != NULL) {
    *blob = (struct ws_blob){.allocator = allocator, .num_refs = 1};
  }
  return blob;
}

/* Appends to a blob with room for it; takes a reference of its own. */
static void append(struct ws_blob *blob, struct chunk *chunk,
                   struct ws_slice data) {
  chunk->num_refs++;
  blob->pieces[blob->num_pieces++] =
      (struct piece){.chunk = chunk, .data = data, .begin = blob->size};
  blob->size += data.len;
}

/* Gives the caller's reference to `chunk` up. */
static struct ws_blob *blob_of(const struct ws_allocator *allocator,
                               struct chunk *chunk) {
  struct ws_blob *blob = blob_new(allocator, 1);
  if (blob != NULL) {
    append(blob, chunk, (struct ws_slice){chunk->data, chunk->len});
  }
  chunk_unref(chunk);
  return blob;
}

struct ws_blob *ws_blob_new(const struct ws_allocator *allocator,
                            const void *data, size_t len) {
  allocator = allocator != NULL ? allocator : ws_allocator_libc();
  if (len == 0) {
    return ws_blob_concat(allocator, NULL, 0);
  }
  struct chunk *chunk = chunk_new(allocator, len);
  if (chunk == NULL) {
    return NULL;
  }
  memcpy(chunk->data, data, len);
  return blob_of(allocator, chunk);
}

struct ws_blob *
ws_blob_adopt(const struct ws_allocator *allocator, void *data, size_t len,
              void (*release)(void *user, void *data, size_t len), void *user) {
  allocator = allocator != NULL ? allocator : ws_allocator_libc();
  struct ws_blob *blob;
  if (len == 0) {
    blob = ws_blob_concat(allocator, NULL, 0);
    if (blob != NULL && release != NULL) {
      release(user, data, len);
    }
    return blob;
  }
  struct chunk *chunk = chunk_new(allocator, 0);
  if (chunk == NULL) {
    return NULL;
  }
  chunk->data = data;
  chunk->len = len;
  blob = blob_of(allocator, chunk);
  if (blob != NULL) {
    /* Only now: a failure must not release. */
    chunk->release = release;
    chunk->user = user;
  }
  return blob;
}

struct ws_blob *ws_blob_concat(const struct ws_allocator *allocator,
                               struct ws_blob *const *parts, size_t num_parts) {
  size_t num_pieces = 0;
  uint64_t size = 0;
  for (size_t i = 0; i < num_parts; i++) {
    if (parts[i]->num_pieces > SIZE_MAX - num_pieces ||
        parts[i]->size > UINT64_MAX - size) {
      return NULL;
    }
    num_pieces += parts[i]->num_pieces;
    size += parts[i]->size;
  }
  struct ws_blob *blob =
      blob_new(allocator != NULL ? allocator : ws_allocator_libc(), num_pieces);
  for (size_t i = 0; blob != NULL && i < num_parts; i++) {
    for (size_t j = 0; j < parts[i]->num_pieces; j++) {
      append(blob, parts[i]->pieces[j].chunk, parts[i]->pieces[j].data);
    }
  }
  return blob;
}

/* The piece that has the byte at `offset`, which is less than the size. */
static size_t find(const struct ws_blob *blob, uint64_t offset) {
  size_t low = 0;
  size_t high = blob->num_pieces;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (blob->pieces[middle].begin <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/* What `piece` has of the bytes from `begin` up to `end` of its blob, at least
 * one. */
static struct ws_slice part_of(const struct piece *piece, uint64_t begin,
                               uint64_t end) {
  struct ws_slice part = piece->data;
  if (piece->begin + part.len > end) {
    part.len = (size_t)(end - piece->begin);
  }
  if (begin > piece->begin) {
    size_t skipped = (size_t)(begin - piece->begin);
    part.data += skipped;
    part.len -= skipped;
  }
  return part;
}

struct ws_blob *ws_blob_slice(struct ws_blob *blob, uint64_t begin,
                              uint64_t end) {
  end = end < blob->size ? end : blob->size;
  if (begin >= end) {
    return blob_new(blob->allocator, 0);
  }
  size_t first = find(blob, begin);
  size_t last = find(blob, end - 1);
  struct ws_blob *slice = blob_new(blob->allocator, last - first + 1);
  for (size_t i = first; slice != NULL && i <= last; i++) {
    append(slice, blob->pieces[i].chunk, part_of(&blob->pieces[i], begin, end));
  }
  return slice;
}

struct ws_blob *ws_blob_ref(struct ws_blob *blob) {
  blob->num_refs++;
  return blob;
}

void ws_blob_unref(struct ws_blob *blob) {
  if (blob == NULL || --blob->num_refs > 0) {
    return;
  }
  for (size_t i = 0; i < blob->num_pieces; i++) {
    chunk_unref(blob->pieces[i].chunk);
  }
  blob->allocator->resize(blob->allocator->user, blob,
                          block_len_of(blob->num_pieces), 0);
}

uint64_t ws_blob_size(const struct ws_blob *blob) {
  return blob->size;
}

size_t ws_blob_num_chunks(const struct ws_blob *blob) {
  return blob->num_pieces;
}

struct ws_slice ws_blob_chunk(const struct ws_blob *blob, size_t index) {
  return blob->pieces[index].data;
}

size_t ws_blob_read(const struct ws_blob *blob, uint64_t offset, void *out,
                    size_t len) {
  if (offset >= blob->size || len == 0) {
    return 0;
  }
  uint64_t end = blob->size - offset < len ? blob->size : offset + len;
  size_t done = 0;
  for (size_t i = find(blob, offset); offset + done < end; i++) {
    struct ws_slice part = part_of(&blob->pieces[i], offset, end);
    memcpy((uint8_t *)out + done, part.data, part.len);
    done += part.len;
  }
  return done;
}
