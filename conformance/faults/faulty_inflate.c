/* faulty_inflate.c: compressed messages as they are read (RFC 7692 7.2.2). All
 * of a message is gathered first, and inflated at its end. */
#include <string.h>

#include <zlib.h>

#include "faulty_deflate.h"
#include "faulty_zlib.h"

#define CHUNK ((size_t)16 * 1024)
/* zlib knows a small window only between two pieces of output. */
#define SMALL_CHUNK       ((size_t)256)
#define SMALL_WINDOW_BITS 14
/* What WSC_FAULT_DEFLATE_BOMB_SILENT stops at. */
#define BOMB ((size_t)256 * 1024)
/* "at the end of a block" in z_stream.data_type. */
#define BETWEEN_BLOCKS 128
/* Times what a message becomes: WSC_FAULT_INFLATED_KEPT. */
#define INFLATED_KEPT 8

static const uint8_t tail[WSC_FAULTY_TAIL_LEN] = {0x00, 0x00, 0xFF, 0xFF};

enum outcome { INFLATED, BAD_DATA, TOO_BIG, SILENT, NO_MEMORY };

/* 7.2.1: blocks with BFINAL set may be used. zlib ends there, and is made to
 * go on with the window that it has. */
static bool go_on(z_stream *stream) {
  uint8_t window[1 << WSC_FAULTY_BITS_MAX];
  uInt len = 0;
  return inflateGetDictionary(stream, window, &len) == Z_OK &&
         inflateReset(stream) == Z_OK &&
         inflateSetDictionary(stream, window, len) == Z_OK;
}

static void forget(z_stream *stream) {
  inflateReset(stream);
}

static enum outcome put(const struct wsc_faulty *peer,
                        struct wsc_faulty_buffer *plain, const uint8_t *data,
                        size_t len) {
  if (len > WSC_FAULTY_MESSAGE_MAX - plain->len) {
    return TOO_BIG;
  }
  if (!wsc_faulty_buffer_append(plain, data, len)) {
    return NO_MEMORY;
  }
  return wsc_faulty_is(peer, WSC_FAULT_DEFLATE_BOMB_SILENT) && plain->len > BOMB
             ? SILENT
             : INFLATED;
}

/* What a return value of inflate() means; *more: there is more to do. */
static enum outcome judge(const struct wsc_faulty *peer, z_stream *stream,
                          int result, bool *more) {
  *more = stream->avail_in > 0 || stream->avail_out == 0;
  switch (result) {
  case Z_OK:
    if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_FIRST_BLOCK_ONLY)) {
      *more = false;
      return go_on(stream) ? INFLATED : BAD_DATA;
    }
    return INFLATED;
  case Z_BUF_ERROR:
    *more = false;
    return INFLATED;
  case Z_STREAM_END:
    if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_ENDS_AT_FINAL)) {
      *more = false;
      return INFLATED;
    }
    return go_on(stream) ? INFLATED : BAD_DATA;
  case Z_MEM_ERROR:
    return NO_MEMORY;
  default:
    return BAD_DATA;
  }
}

static enum outcome inflate_octets(const struct wsc_faulty *peer,
                                   z_stream *stream, const uint8_t *data,
                                   size_t len,
                                   struct wsc_faulty_buffer *plain) {
  uint8_t chunk[CHUNK];
  bool small = wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SMALL_WINDOW);
  size_t size = small ? SMALL_CHUNK : CHUNK;
  int flush = wsc_faulty_is(peer, WSC_FAULT_DEFLATE_FIRST_BLOCK_ONLY)
                  ? Z_BLOCK
                  : Z_SYNC_FLUSH;
  enum outcome outcome = INFLATED;
  bool more = len > 0;
  stream->next_in = (Bytef *)(uintptr_t)data; /* zlib only reads */
  stream->avail_in = (uInt)len;
  while (more && outcome == INFLATED) {
    stream->next_out = chunk;
    stream->avail_out = (uInt)size;
    int result = inflate(stream, flush);
    enum outcome kept = put(peer, plain, chunk, size - stream->avail_out);
    outcome = judge(peer, stream, result, &more);
    outcome = kept == INFLATED ? outcome : kept;
  }
  return outcome;
}

static bool block_refused(const struct wsc_faulty *peer) {
  const uint8_t *data = peer->message.data;
  size_t len = peer->message.len;
  unsigned type = data[0] >> 1 & 3; /* RFC 1951 3.2.3 */
  switch (peer->fault) {
  case WSC_FAULT_DEFLATE_STORED_REFUSED:
    return type == 0 && len > 1;
  case WSC_FAULT_DEFLATE_DYNAMIC_REFUSED:
    return type == 2;
  case WSC_FAULT_DEFLATE_FINAL_REFUSED:
    return (data[0] & 1) != 0;
  case WSC_FAULT_DEFLATE_EMPTY_REFUSED:
    return len == 1 && data[0] == 0;
  case WSC_FAULT_DEFLATE_EMPTY_LAST_REFUSED:
    return peer->num_fragments > 1 && peer->fragment_start == len - 1 &&
           data[len - 1] == 0;
  case WSC_FAULT_DEFLATE_FRAGMENTS_REFUSED:
    return peer->num_fragments > 1;
  case WSC_FAULT_DEFLATE_UTF8_OF_OCTETS:
    return peer->message_opcode == WS_OP_TEXT && !ws_utf8_valid(data, len);
  default:
    return false;
  }
}

static bool begins_anew(const struct wsc_faulty *peer) {
  const struct wsc_faulty_agreement *agreed = &peer->deflate->agreement;
  return wsc_faulty_is(peer, WSC_FAULT_DEFLATE_WINDOW_FORGOTTEN) ||
         (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_HINT_TAKEN) &&
          agreed->client_no_context_takeover) ||
         (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SIDES_SWAPPED) &&
          agreed->server_no_context_takeover);
}

static enum outcome inflate_message(struct wsc_faulty *peer,
                                    struct wsc_faulty_buffer *plain) {
  struct wsc_faulty_deflate *deflate = peer->deflate;
  z_stream *stream = &deflate->in;
  bool small = wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SMALL_WINDOW);
  if (peer->message.len == 0) {
    return INFLATED;
  }
  if (block_refused(peer)) {
    return BAD_DATA;
  }
  if (!deflate->reads) {
    int bits = small ? SMALL_WINDOW_BITS : WSC_FAULTY_BITS_MAX;
    if (inflateInit2(stream, -bits) != Z_OK) {
      return NO_MEMORY;
    }
    deflate->reads = true;
  } else if (begins_anew(peer)) {
    forget(stream);
  }
  enum outcome outcome = inflate_octets(peer, stream, peer->message.data,
                                        peer->message.len, plain);
  if (outcome == INFLATED &&
      !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TAIL_NOT_ADDED) &&
      !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_FIRST_BLOCK_ONLY)) {
    outcome = inflate_octets(peer, stream, tail, sizeof tail, plain);
  }
  bool whole = (stream->data_type & BETWEEN_BLOCKS) != 0 ||
               wsc_faulty_is(peer, WSC_FAULT_DEFLATE_ENDS_AT_FINAL) ||
               wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TRUNCATED_DELIVERED);
  return outcome == INFLATED && !whole ? BAD_DATA : outcome;
}

/* 6.2 and 7.2.2 name no status code for data that do not inflate. */
static bool give_up(struct wsc_faulty *peer, enum outcome outcome,
                    struct wsc_faulty_buffer *plain) {
  if (outcome == BAD_DATA &&
      wsc_faulty_is(peer, WSC_FAULT_DEFLATE_PARTS_DELIVERED)) {
    wsc_faulty_echo(peer, peer->message_opcode, plain->data, plain->len);
  }
  if (outcome == SILENT) {
    wsc_faulty_end(peer, WSC_PEER_STAY);
  } else if (outcome == NO_MEMORY) {
    wsc_faulty_die(peer);
  } else if (outcome == TOO_BIG) {
    wsc_faulty_fail(peer, 1009);
  } else if (!wsc_faulty_is(peer, WSC_FAULT_DEFLATE_BAD_DATA_DROPPED)) {
    wsc_faulty_fail(peer, 1007);
  }
  wsc_faulty_buffer_free(plain);
  peer->message.len = 0;
  return false;
}

bool wsc_faulty_inflate(struct wsc_faulty *peer) {
  struct wsc_faulty_buffer plain = {NULL, 0, 0};
  enum outcome outcome = inflate_message(peer, &plain);
  if (outcome != INFLATED) {
    return give_up(peer, outcome, &plain);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_INFLATED_KEPT)) {
    peer->wasted += INFLATED_KEPT * plain.len;
  }
  wsc_faulty_buffer_free(&peer->message);
  peer->message = plain;
  return true;
}

void wsc_faulty_inflate_passed(struct wsc_faulty *peer) {
  if (peer->deflate != NULL && peer->deflate->reads &&
      wsc_faulty_is(peer, WSC_FAULT_DEFLATE_PLAIN_RESETS)) {
    forget(&peer->deflate->in);
  }
}
