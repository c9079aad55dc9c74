#include <limits.h>

#include "deflate_internal.h"

/* 7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload
 * of the message." */
static const uint8_t tail[] = {0x00, 0x00, 0xFF, 0xFF};

static enum ws_status begin(struct ws_deflate *codec) {
  if (codec->in_ready) {
    return WS_OK;
  }
  codec->piece = ws_deflate_allocate(codec, WS_DEFLATE_PIECE);
  if (codec->piece == NULL) {
    return WS_ERR_NOMEM;
  }
  ws_deflate_zlib_init(&codec->in, codec);
  /* Negative: raw DEFLATE. */
  if (inflateInit2(&codec->in, -codec->in_bits) != Z_OK) {
    ws_deflate_release(codec, codec->piece, WS_DEFLATE_PIECE);
    codec->piece = NULL;
    return WS_ERR_NOMEM;
  }
  codec->in_ready = true;
  return WS_OK;
}

void ws_deflate_receive_free(struct ws_deflate *codec) {
  if (codec->in_ready) {
    inflateEnd(&codec->in);
    ws_deflate_release(codec, codec->piece, WS_DEFLATE_PIECE);
    codec->piece = NULL;
    codec->in_ready = false;
  }
}

static unsigned at_most(size_t len) {
  return len < UINT_MAX ? (unsigned)len : UINT_MAX;
}

/* Lets zlib work on what arrived, or behind the end of the message on the tail.
 * Returns its result. */
static int advance(struct ws_deflate *codec, struct ws_transform_step *step) {
  z_stream *in = &codec->in;
  bool in_tail = step->in.len == 0 && step->final;
  const uint8_t *from = in_tail ? tail + codec->tail_fed : step->in.data;
  unsigned given = in_tail ? (unsigned)(sizeof tail - codec->tail_fed)
                           : at_most(step->in.len);
  in->next_in = (Bytef *)from; /* zlib does not write there */
  in->avail_in = given;
  int result = inflate(in, Z_SYNC_FLUSH);
  size_t taken = given - in->avail_in;
  if (in_tail) {
    codec->tail_fed += taken;
  } else {
    step->in.data = taken == 0 ? step->in.data : step->in.data + taken;
    step->in.len -= taken;
  }
  if (result != Z_STREAM_END) {
    return result;
  }
  /* 7.2.3.4: a block with BFINAL set ends a stream of DEFLATE, but not the
   * message. What follows may refer to what came before: unlike inflateReset,
   * this keeps the window. */
  return inflateResetKeep(in);
}

/* The message is over: the last block has to be over as well, and the tail is
 * the whole of an empty one. zlib tells by data_type (zlib.h, Z_BLOCK): 128
 * between blocks, and in the low bits how many of the last octet are unused. */
static enum ws_fault end_message(struct ws_deflate *codec) {
  bool between =
      (codec->in.data_type & 128) != 0 && (codec->in.data_type & 63) == 0;
  codec->tail_fed = 0;
  if (!codec->in_takeover) {
    ws_deflate_receive_free(codec);
  }
  return between ? WS_FAULT_NONE : WS_FAULT_DEFLATE_DATA;
}

enum ws_status ws_deflate_receive(void *user, struct ws_transform_step *step) {
  struct ws_deflate *codec = user;
  /* Called once more after the last octets came out. */
  if (begin(codec) != WS_OK) {
    return WS_ERR_NOMEM;
  }
  z_stream *in = &codec->in;
  unsigned cap = step->room < WS_DEFLATE_PIECE ? (unsigned)step->room + 1
                                               : WS_DEFLATE_PIECE;
  in->next_out = codec->piece;
  in->avail_out = cap;
  while (in->avail_out != 0) {
    if (step->in.len == 0 && (!step->final || codec->tail_fed == sizeof tail)) {
      break;
    }
    int result = advance(codec, step);
    if (result == Z_MEM_ERROR) {
      return WS_ERR_NOMEM;
    }
    if (result != Z_OK && result != Z_BUF_ERROR) {
      step->fault = WS_FAULT_DEFLATE_DATA;
      return WS_OK;
    }
  }
  step->out = (struct ws_slice){codec->piece, cap - in->avail_out};
  if (step->out.len == 0 && step->final) {
    step->fault = end_message(codec);
  }
  return WS_OK;
}
