#include "deflate.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "arena.h"
#include "ws/grammar.h"

/* ---- what was agreed ---- */

/* 8 to 15; anything else is no value. */
static void read_bits(uint8_t *bits, const struct ws_param *param) {
  unsigned value = 0;
  for (size_t i = 0; i < param->value.len && value < 100; i++) {
    uint8_t c = param->value.data[i];
    value = c >= '0' && c <= '9' ? value * 10 + (unsigned)(c - '0') : 100;
  }
  if (value >= WSC_DEFLATE_BITS_MIN && value <= WSC_DEFLATE_BITS_MAX) {
    *bits = (uint8_t)value;
  }
}

static bool is(struct ws_slice slice, const char *text) {
  return slice.len == strlen(text) && memcmp(slice.data, text, slice.len) == 0;
}

static void read_params(struct wsc_deflate_agreement *agreement,
                        struct ws_slice params) {
  struct ws_param param;
  while (ws_param_next(&params, &param) == WS_GRAMMAR_OK) {
    if (is(param.name, "server_no_context_takeover")) {
      agreement->server_no_context_takeover = true;
    } else if (is(param.name, "client_no_context_takeover")) {
      agreement->client_no_context_takeover = true;
    } else if (is(param.name, "server_max_window_bits")) {
      read_bits(&agreement->server_max_window_bits, &param);
    } else if (is(param.name, "client_max_window_bits")) {
      read_bits(&agreement->client_max_window_bits, &param);
    }
  }
}

static bool read_field(struct wsc_deflate_agreement *agreement,
                       struct ws_slice value) {
  struct ws_extension extension;
  while (ws_extension_next(&value, &extension) == WS_GRAMMAR_OK) {
    if (is(extension.name, "permessage-deflate")) {
      read_params(agreement, extension.params);
      return true;
    }
  }
  return false;
}

bool wsc_deflate_agreed(struct wsc_deflate_agreement *agreement,
                        const struct ws_http_head *response) {
  static const char name[] = "Sec-WebSocket-Extensions";
  *agreement = (struct wsc_deflate_agreement){
      .server_max_window_bits = WSC_DEFLATE_BITS_MAX,
      .client_max_window_bits = WSC_DEFLATE_BITS_MAX,
  };
  size_t num = ws_http_count(response, name);
  for (size_t i = 0; i < num; i++) {
    if (read_field(agreement, ws_http_field(response, name, i)->value)) {
      return true;
    }
  }
  return false;
}

/* ---- compressing ---- */

#define MEM_LEVEL 8  /* zlib's own choice */
#define TAIL_LEN  4  /* 7.2.1: 0x00 0x00 0xff 0xff */
#define SPARE     64 /* what a message may grow by, besides zlib's bound */

struct wsc_deflater {
  struct wsc_deflate_agreement agreement;
  bool ready;      /* `stream` is allocated */
  int level, bits; /* of it */
  z_stream stream;
  uint8_t *out; /* owned */
};

struct wsc_deflater *
wsc_deflater_new(const struct wsc_deflate_agreement *agreement) {
  struct wsc_deflater *deflater = wsc_malloc(sizeof *deflater);
  memset(deflater, 0, sizeof *deflater);
  deflater->agreement = *agreement;
  return deflater;
}

static voidpf zlib_allocate(voidpf user, uInt num, uInt len) {
  (void)user;
  return wsc_malloc((size_t)num * len);
}

static void zlib_free(voidpf user, voidpf memory) {
  (void)user;
  free(memory);
}

static void forget(struct wsc_deflater *deflater) {
  if (deflater->ready) {
    deflateEnd(&deflater->stream);
    deflater->ready = false;
  }
}

void wsc_deflater_free(struct wsc_deflater *deflater) {
  if (deflater != NULL) {
    forget(deflater);
    free(deflater->out);
    free(deflater);
  }
}

/* zlib has no raw window of 8 bits; its window of 9 never reaches back further
 * than 250 octets, which 8 bits allow. */
static int window_bits(const struct wsc_deflater *deflater,
                       const struct wsc_deflate_options *options) {
  int bits = options->bits != 0 ? options->bits
                                : deflater->agreement.client_max_window_bits;
  return bits > WSC_DEFLATE_BITS_MIN ? bits : WSC_DEFLATE_BITS_MIN + 1;
}

/* A stream with these options: the one that is there, or a new one, whose
 * window is empty. */
static void prepare(struct wsc_deflater *deflater,
                    const struct wsc_deflate_options *options) {
  int level = options->level < 0 ? Z_DEFAULT_COMPRESSION : options->level;
  int bits = window_bits(deflater, options);
  bool fresh = deflater->agreement.client_no_context_takeover;
  if (deflater->ready && bits == deflater->bits && level == deflater->level) {
    if (fresh) {
      deflateReset(&deflater->stream);
    }
    return;
  }
  forget(deflater);
  deflater->stream = (z_stream){.zalloc = zlib_allocate, .zfree = zlib_free};
  /* All arguments are in their ranges, and there is memory or an end. */
  deflateInit2(&deflater->stream, level, Z_DEFLATED, -bits, MEM_LEVEL,
               Z_DEFAULT_STRATEGY);
  deflater->ready = true;
  deflater->level = level;
  deflater->bits = bits;
}

struct ws_slice
wsc_deflater_message(struct wsc_deflater *deflater, struct ws_slice message,
                     const struct wsc_deflate_options *options) {
  z_stream *stream = &deflater->stream;
  prepare(deflater, options);
  size_t room = deflateBound(stream, message.len) + SPARE;
  deflater->out = wsc_realloc(deflater->out, room);
  stream->next_in = message.data;
  stream->avail_in = (uInt)message.len;
  stream->next_out = deflater->out;
  stream->avail_out = (uInt)room;
  deflate(stream, Z_SYNC_FLUSH);
  size_t len = room - stream->avail_out;
  /* 7.2.3.6: zlib writes nothing when it has just flushed. */
  if (len < TAIL_LEN) {
    deflater->out[0] = 0;
    return (struct ws_slice){deflater->out, 1};
  }
  return (struct ws_slice){deflater->out, len - TAIL_LEN};
}
