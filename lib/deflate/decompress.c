#include "deflate_internal.h"

static const uint8_t tail[WS_DEFLATE_TAIL_LEN] = {0x00, 0x00, 0xFF, 0xFF};

/* What inflate leaves in data_type when it stands between two blocks, all bits
 * of the last octet were used, and that block was not the last one. */
#define AT_BORDER 128

static void forget_context(struct ws_decompressor *decompressor) {
  if (decompressor->ready) {
    inflateEnd(&decompressor->stream);
    decompressor->ready = false;
  }
}

static void release_piece(struct ws_decompressor *decompressor) {
  const struct ws_allocator *allocator = decompressor->allocator;
  if (decompressor->piece != NULL) {
    allocator->resize(allocator->user, decompressor->piece,
                      decompressor->piece_cap, 0);
  }
  decompressor->piece = NULL;
}

void ws_decompressor_end(struct ws_decompressor *decompressor) {
  forget_context(decompressor);
  release_piece(decompressor);
}

/* The first octets of a message are here. */
static enum ws_status begin(struct ws_decompressor *decompressor,
                            uint64_t room) {
  const struct ws_allocator *allocator = decompressor->allocator;
  size_t cap = room < WS_DEFLATE_PIECE ? (size_t)room + 1 : WS_DEFLATE_PIECE;
  if (decompressor->begun) {
    return WS_OK;
  }
  if (!decompressor->ready) {
    decompressor->stream = ws_deflate_stream(&decompressor->allocator);
    if (inflateInit2(&decompressor->stream, -decompressor->bits) != Z_OK) {
      return WS_ERR_NOMEM;
    }
    decompressor->ready = true;
  }
  decompressor->piece = allocator->resize(allocator->user, NULL, 0, cap);
  if (decompressor->piece == NULL) {
    return WS_ERR_NOMEM;
  }
  decompressor->piece_cap = cap;
  decompressor->begun = true;
  decompressor->more = false;
  decompressor->whole = false;
  decompressor->tail = (struct ws_slice){tail, sizeof(tail)};
  return WS_OK;
}

/* One call of inflate, over bytes of *in; returns what it returned. */
static int inflate_some(struct ws_decompressor *decompressor,
                        struct ws_slice *in, size_t room) {
  z_stream *stream = &decompressor->stream;
  size_t len = in->len < WS_DEFLATE_SLICE ? in->len : WS_DEFLATE_SLICE;
  stream->next_in = in->data;
  stream->avail_in = (uInt)len;
  stream->next_out = decompressor->piece;
  stream->avail_out = (uInt)room;
  int result = inflate(stream, Z_SYNC_FLUSH);
  size_t taken = len - stream->avail_in;
  if (taken != 0) {
    in->data += taken;
    in->len -= taken;
  }
  decompressor->whole =
      result == Z_STREAM_END || stream->data_type == AT_BORDER;
  decompressor->more = stream->avail_out == 0 && !decompressor->whole;
  if (result == Z_STREAM_END) {
    /* 7.2.1: "An endpoint MAY use both DEFLATE blocks with the BFINAL bit set
     * to 0 and DEFLATE blocks with the BFINAL bit set to 1": the window stays.
     * The functions that get and set a dictionary would do as well, but copy
     * all of it each time, and a peer has such a block for two octets. */
    inflateResetKeep(stream);
  }
  return result;
}

/* The message has ended. What was read has to be whole blocks, up to the last
 * bit of its last octet: 7.2.1 makes nothing else. A message of no octets at
 * all is not made either, but has only one meaning, and some do send it. */
static void finish(struct ws_decompressor *decompressor,
                   struct ws_transform_step *step) {
  if (decompressor->begun && !decompressor->whole) {
    step->fault = WS_FAULT_DEFLATE_DATA;
  }
  decompressor->begun = false;
  release_piece(decompressor);
  if (!decompressor->takeover) {
    forget_context(decompressor);
  }
}

enum ws_status ws_deflate_receive(void *user, struct ws_transform_step *step) {
  struct ws_decompressor *decompressor =
      &((struct ws_deflate *)user)->decompressor;
  step->out = (struct ws_slice){NULL, 0};
  if (step->in.len != 0) {
    enum ws_status status = begin(decompressor, step->room);
    if (status != WS_OK) {
      return status;
    }
  }
  /* The last piece before the limit ends at the limit: what is delivered before
   * the fault does not depend on how the octets came. */
  size_t room = decompressor->piece_cap;
  if (step->room < room) {
    room = step->room != 0 ? (size_t)step->room : 1;
  }
  while (decompressor->begun) {
    bool use_tail = step->in.len == 0 && step->final;
    struct ws_slice *in = use_tail ? &decompressor->tail : &step->in;
    if (in->len == 0 && !decompressor->more) {
      break;
    }
    int result = inflate_some(decompressor, in, room);
    size_t len = room - decompressor->stream.avail_out;
    if (result == Z_MEM_ERROR) {
      return WS_ERR_NOMEM;
    }
    if (len != 0) {
      step->out = (struct ws_slice){decompressor->piece, len};
      decompressor->more = decompressor->more || result == Z_DATA_ERROR;
      return WS_OK;
    }
    /* Z_BUF_ERROR is no error: there was nothing to do. */
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      step->fault = WS_FAULT_DEFLATE_DATA;
      return WS_OK;
    }
  }
  if (step->final) {
    finish(decompressor, step);
  }
  return WS_OK;
}
