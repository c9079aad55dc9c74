#include <limits.h>
#include <string.h>

#include "deflate_internal.h"

#define TAIL_LEN   4 /* 00 00 FF FF, 7.2.1 */
#define CAP_MIN    1024
#define CAP_KEPT   65536 /* a larger buffer is given back with the next call */
#define LEVEL_WISE 6
#define MEM_WISE   8

static enum ws_status begin(struct ws_deflate *codec) {
  const struct ws_deflate_config *config = &codec->config;
  if (codec->out_ready) {
    return WS_OK;
  }
  int level = config->level == 0 ? LEVEL_WISE : config->level;
  level = level == WS_DEFLATE_LEVEL_NONE ? Z_NO_COMPRESSION : level;
  int mem_level = config->mem_level == 0 ? MEM_WISE : config->mem_level;
  ws_deflate_zlib_init(&codec->out, codec);
  /* Negative: raw DEFLATE. */
  if (deflateInit2(&codec->out, level, Z_DEFLATED, -codec->out_bits, mem_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return WS_ERR_NOMEM;
  }
  codec->out_ready = true;
  return WS_OK;
}

void ws_deflate_send_free(struct ws_deflate *codec) {
  if (codec->out_ready) {
    deflateEnd(&codec->out);
    codec->out_ready = false;
  }
}

/* Room for one more octet than `len` in the buffer, at least. */
static bool enlarge(struct ws_deflate *codec, size_t len) {
  const struct ws_allocator *allocator = codec->allocator;
  size_t cap = codec->buffer_cap < CAP_MIN ? CAP_MIN : codec->buffer_cap;
  while (cap <= len) {
    if (cap > SIZE_MAX / 2) {
      return false;
    }
    cap *= 2;
  }
  if (cap == codec->buffer_cap) {
    return true;
  }
  uint8_t *buffer =
      allocator->resize(allocator->user, codec->buffer, codec->buffer_cap, cap);
  if (buffer == NULL) {
    return false;
  }
  codec->buffer = buffer;
  codec->buffer_cap = cap;
  return true;
}

static void shrink(struct ws_deflate *codec) {
  if (codec->buffer_cap > CAP_KEPT) {
    ws_deflate_release(codec, codec->buffer, codec->buffer_cap);
    codec->buffer = NULL;
    codec->buffer_cap = 0;
  }
}

static unsigned at_most(size_t len) {
  return len < UINT_MAX ? (unsigned)len : UINT_MAX;
}

/* Compresses all of `in`, up to an octet boundary (7.2.1: Z_SYNC_FLUSH makes
 * the "empty DEFLATE block with no compression"), to the buffer. */
static enum ws_status compress_all(struct ws_deflate *codec, struct ws_slice in,
                                   size_t *len) {
  z_stream *out = &codec->out;
  size_t guess = in.len < CAP_KEPT / 2 ? deflateBound(out, in.len) : CAP_KEPT;
  *len = 0;
  if (!enlarge(codec, guess)) {
    return WS_ERR_NOMEM;
  }
  do {
    if (!enlarge(codec, *len)) {
      return WS_ERR_NOMEM;
    }
    unsigned given = at_most(in.len);
    unsigned room = at_most(codec->buffer_cap - *len);
    out->next_in = (Bytef *)in.data; /* zlib does not write there */
    out->avail_in = given;
    out->next_out = codec->buffer + *len;
    out->avail_out = room;
    /* Its only failure is to have nothing to do, which is none. */
    deflate(out, Z_SYNC_FLUSH);
    size_t taken = given - out->avail_in;
    in.data = taken == 0 ? in.data : in.data + taken;
    in.len -= taken;
    *len += room - out->avail_out;
  } while (out->avail_out == 0 || in.len != 0);
  return WS_OK;
}

enum ws_status ws_deflate_send(void *user, struct ws_slice in, bool final,
                               struct ws_slice *out) {
  struct ws_deflate *codec = user;
  size_t len;
  shrink(codec);
  if (begin(codec) != WS_OK || compress_all(codec, in, &len) != WS_OK) {
    return WS_ERR_NOMEM;
  }
  if (final && len < TAIL_LEN) {
    /* Nothing was left to flush. 7.2.3.6: "the single octet 0x00" is an empty
     * block without the octets that the receiver appends. */
    codec->buffer[0] = 0x00;
    len = 1;
  } else if (final) {
    /* 7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail
     * end." */
    len -= TAIL_LEN;
  }
  *out = (struct ws_slice){codec->buffer, len};
  if (final && !codec->out_takeover) {
    ws_deflate_send_free(codec);
  }
  return WS_OK;
}
