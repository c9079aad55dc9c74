#include "deflate_internal.h"

#define CAP_MIN  64
#define CAP_KEPT ((size_t)WS_DEFLATE_PIECE) /* more is given back when sent */

static enum ws_status begin(struct ws_compressor *compressor) {
  if (compressor->ready) {
    return WS_OK;
  }
  compressor->stream = ws_deflate_stream(&compressor->allocator);
  /* Negative bits: no zlib header. All arguments are in their ranges, so that
   * only memory can be missing. */
  if (deflateInit2(&compressor->stream, compressor->level, Z_DEFLATED,
                   -compressor->bits, compressor->mem_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return WS_ERR_NOMEM;
  }
  compressor->ready = true;
  return WS_OK;
}

static void forget_context(struct ws_compressor *compressor) {
  if (compressor->ready) {
    deflateEnd(&compressor->stream);
    compressor->ready = false;
  }
}

static void release_out(struct ws_compressor *compressor) {
  const struct ws_allocator *allocator = compressor->allocator;
  if (compressor->out != NULL) {
    allocator->resize(allocator->user, compressor->out, compressor->out_cap, 0);
  }
  compressor->out = NULL;
  compressor->out_cap = 0;
}

void ws_compressor_end(struct ws_compressor *compressor) {
  forget_context(compressor);
  release_out(compressor);
}

/* Makes room behind what was written. */
static enum ws_status enlarge(struct ws_compressor *compressor, size_t cap) {
  const struct ws_allocator *allocator = compressor->allocator;
  if (cap <= compressor->out_cap) {
    return cap == 0 ? WS_ERR_NOMEM : WS_OK;
  }
  uint8_t *out = allocator->resize(allocator->user, compressor->out,
                                   compressor->out_cap, cap);
  if (out == NULL) {
    return WS_ERR_NOMEM;
  }
  compressor->out = out;
  compressor->out_cap = cap;
  return WS_OK;
}

/* The whole output of what stands in the stream. A flush whose octets fill the
 * room exactly is repeated, which costs an empty block and no more. */
static enum ws_status run(struct ws_compressor *compressor, int flush) {
  z_stream *stream = &compressor->stream;
  do {
    if (compressor->out_len == compressor->out_cap) {
      size_t cap = compressor->out_cap;
      if (cap > SIZE_MAX / 2 || enlarge(compressor, cap * 2) != WS_OK) {
        return WS_ERR_NOMEM;
      }
    }
    size_t room = compressor->out_cap - compressor->out_len;
    room = room < WS_DEFLATE_SLICE ? room : WS_DEFLATE_SLICE;
    stream->next_out = compressor->out + compressor->out_len;
    stream->avail_out = (uInt)room;
    /* Z_BUF_ERROR is no error: there was nothing to write. */
    deflate(stream, flush);
    compressor->out_len += room - stream->avail_out;
  } while (stream->avail_out == 0);
  return WS_OK;
}

static enum ws_status compress_all(struct ws_compressor *compressor,
                                   struct ws_slice in) {
  z_stream *stream = &compressor->stream;
  /* Most messages are short, and do not grow by more than this. */
  size_t guess = in.len < CAP_KEPT ? in.len + in.len / 8 + CAP_MIN : CAP_KEPT;
  enum ws_status status = enlarge(compressor, guess);
  bool last = false;
  compressor->out_len = 0;
  while (status == WS_OK && !last) {
    size_t len = in.len < WS_DEFLATE_SLICE ? in.len : WS_DEFLATE_SLICE;
    last = len == in.len;
    stream->next_in = in.data;
    stream->avail_in = (uInt)len;
    status = run(compressor, last ? Z_SYNC_FLUSH : Z_NO_FLUSH);
    if (!last) {
      in.data += len;
      in.len -= len;
    }
  }
  return status;
}

enum ws_status ws_deflate_send(void *user, struct ws_slice in, bool final,
                               struct ws_slice *out) {
  struct ws_compressor *compressor = &((struct ws_deflate *)user)->compressor;
  enum ws_status status = begin(compressor);
  if (status == WS_OK) {
    status = compress_all(compressor, in);
  }
  if (status != WS_OK) {
    return status;
  }
  compressor->open = !final;
  /* 7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end",
   * and: "for non-final fragments, the removal of 0x00 0x00 0xff 0xff MUST NOT
   * be done". */
  if (final && compressor->out_len >= WS_DEFLATE_TAIL_LEN) {
    compressor->out_len -= WS_DEFLATE_TAIL_LEN;
  } else if (final) {
    /* 7.2.3.6: zlib writes nothing when it has just flushed. */
    compressor->out[0] = 0;
    compressor->out_len = 1;
  }
  if (final && !compressor->takeover) {
    forget_context(compressor);
  }
  *out = (struct ws_slice){compressor->out, compressor->out_len};
  return WS_OK;
}

void ws_deflate_sent(void *user) {
  struct ws_compressor *compressor = &((struct ws_deflate *)user)->compressor;
  bool idle = !compressor->open && !compressor->takeover;
  if (idle || compressor->out_cap > CAP_KEPT) {
    release_out(compressor);
  }
}
