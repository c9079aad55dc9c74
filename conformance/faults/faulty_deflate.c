/* faulty_deflate.c: messages as they are compressed (RFC 7692 6.1 and 7.2.1).
 * Without a fault a message of some octets leaves compressed, a shorter one as
 * it is. */
#include "faulty_deflate.h"

#include <stdlib.h>
#include <string.h>

#include "faulty_zlib.h"

#define MIN_LEN      4
#define MEMORY_LEVEL 8
#define CHUNK        ((size_t)16 * 1024)
/* zlib writes no window of 8 bits; with 9 its matches stay within 250 octets
 * (2^9 - 262), which a window of 8 bits holds. */
#define ZLIB_BITS_MIN 9

bool wsc_faulty_deflate_begin(struct wsc_faulty *peer,
                              const struct wsc_faulty_agreement *agreement) {
  peer->deflate = calloc(1, sizeof *peer->deflate);
  if (peer->deflate != NULL) {
    peer->deflate->agreement = *agreement;
  }
  return peer->deflate != NULL;
}

void wsc_faulty_deflate_free(struct wsc_faulty_deflate *deflate) {
  if (deflate == NULL) {
    return;
  }
  if (deflate->reads) {
    inflateEnd(&deflate->in);
  }
  if (deflate->writes) {
    deflateEnd(&deflate->out);
  }
  free(deflate);
}

static int window_bits(const struct wsc_faulty *peer) {
  const struct wsc_faulty_agreement *agreed = &peer->deflate->agreement;
  if (!agreed->has_server_bits || agreed->server_bits == 0 ||
      wsc_faulty_is(peer, WSC_FAULT_DEFLATE_WINDOW_EXCEEDED) ||
      (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_8_BITS_EXCEEDED) &&
       agreed->server_bits == WSC_FAULTY_BITS_MIN)) {
    return WSC_FAULTY_BITS_MAX;
  }
  return agreed->server_bits < ZLIB_BITS_MIN ? ZLIB_BITS_MIN
                                             : agreed->server_bits;
}

static bool keeps_window(const struct wsc_faulty *peer) {
  return !peer->deflate->agreement.server_no_context_takeover ||
         wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TAKEOVER_KEPT) ||
         wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SIDES_SWAPPED);
}

static bool prepare(struct wsc_faulty *peer) {
  struct wsc_faulty_deflate *deflate = peer->deflate;
  if (deflate->writes) {
    return keeps_window(peer) || deflateReset(&deflate->out) == Z_OK;
  }
  deflate->writes = deflateInit2(&deflate->out, Z_DEFAULT_COMPRESSION,
                                 Z_DEFLATED, -window_bits(peer), MEMORY_LEVEL,
                                 Z_DEFAULT_STRATEGY) == Z_OK;
  return deflate->writes;
}

/* Appends what the octets become, up to an empty stored block. */
static bool compress_octets(struct wsc_faulty *peer, const uint8_t *data,
                            size_t len, struct wsc_faulty_buffer *packed) {
  uint8_t chunk[CHUNK];
  z_stream *stream = &peer->deflate->out;
  stream->next_in = (Bytef *)(uintptr_t)data; /* zlib only reads */
  stream->avail_in = (uInt)len;
  do {
    stream->next_out = chunk;
    stream->avail_out = (uInt)sizeof chunk;
    int result = deflate(stream, Z_SYNC_FLUSH);
    if ((result != Z_OK && result != Z_BUF_ERROR) ||
        !wsc_faulty_buffer_append(packed, chunk,
                                  sizeof chunk - stream->avail_out)) {
      return false;
    }
  } while (stream->avail_out == 0);
  return true;
}

static bool in_two_frames(const struct wsc_faulty *peer) {
  return wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SENDS_RSV1_TWICE) ||
         wsc_faulty_is(peer, WSC_FAULT_DEFLATE_FRAGMENT_TAIL_CUT);
}

/* Appends the message; *split: where the second of two fragments begins. */
static bool pack(struct wsc_faulty *peer, const uint8_t *payload, size_t len,
                 struct wsc_faulty_buffer *packed, size_t *split) {
  size_t half = in_two_frames(peer) ? len / 2 : 0;
  if (!prepare(peer) ||
      (half > 0 && !compress_octets(peer, payload, half, packed))) {
    return false;
  }
  *split = packed->len;
  if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_FRAGMENT_TAIL_CUT)) {
    packed->len -= WSC_FAULTY_TAIL_LEN;
    *split = packed->len;
  }
  return compress_octets(peer, payload + half, len - half, packed);
}

static size_t cut_len(const struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TAIL_LEFT_ON)) {
    return 0;
  }
  return wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TAIL_CUT_SHORT)
             ? WSC_FAULTY_TAIL_LEN + 1
             : WSC_FAULTY_TAIL_LEN;
}

static void put(struct wsc_faulty *peer, uint8_t opcode, bool fin, uint8_t rsv,
                const uint8_t *payload, size_t len) {
  struct ws_frame frame = {.fin = fin,
                           .rsv = rsv,
                           .opcode = opcode,
                           .length_form = ws_length_form_minimal(len),
                           .length = len};
  wsc_faulty_put_frame(peer, &frame, payload);
}

static void put_message(struct wsc_faulty *peer, uint8_t opcode,
                        const struct wsc_faulty_buffer *packed, size_t split) {
  size_t len = packed->len - cut_len(peer);
  uint8_t rsv =
      wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SENDS_NO_RSV1) ? 0 : WS_RSV1;
  if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TYPE_LOST)) {
    opcode = WS_OP_BINARY;
  }
  if (!in_two_frames(peer)) {
    put(peer, opcode, true, rsv, packed->data, len);
    return;
  }
  bool again = wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SENDS_RSV1_TWICE);
  put(peer, opcode, false, rsv, packed->data, split);
  put(peer, WS_OP_CONTINUATION, true, again ? WS_RSV1 : 0, packed->data + split,
      len - split);
}

bool wsc_faulty_echo_deflated(struct wsc_faulty *peer, uint8_t opcode,
                              const uint8_t *payload, size_t len) {
  struct wsc_faulty_buffer packed = {NULL, 0, 0};
  size_t split = 0;
  if (peer->deflate == NULL) {
    return false;
  }
  if (len < MIN_LEN) {
    bool claims =
        wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SENDS_RSV1_ON_PLAIN) ||
        (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SENDS_NOTHING) && len == 0);
    if (claims) {
      put(peer, opcode, true, WS_RSV1, payload, len);
    }
    return claims;
  }
  if (pack(peer, payload, len, &packed, &split)) {
    put_message(peer, opcode, &packed, split);
  } else {
    wsc_faulty_die(peer);
  }
  wsc_faulty_buffer_free(&packed);
  return true;
}

bool wsc_faulty_pong_deflated(struct wsc_faulty *peer, const uint8_t *payload,
                              size_t len) {
  struct wsc_faulty_buffer packed = {NULL, 0, 0};
  if (peer->deflate == NULL || len == 0) {
    return false;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_SENDS_RSV1_PONG)) {
    put(peer, WS_OP_PONG, true, WS_RSV1, payload, len);
    return true;
  }
  if (!wsc_faulty_is(peer, WSC_FAULT_DEFLATE_PONG_COMPRESSED)) {
    return false;
  }
  if (prepare(peer) && compress_octets(peer, payload, len, &packed) &&
      packed.len - WSC_FAULTY_TAIL_LEN <= WS_CONTROL_MAX) {
    put(peer, WS_OP_PONG, true, 0, packed.data,
        packed.len - WSC_FAULTY_TAIL_LEN);
  }
  wsc_faulty_buffer_free(&packed);
  return true;
}
