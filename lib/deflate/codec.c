#include <stdint.h>
#include <string.h>

#include "deflate_internal.h"

/* zlib frees without saying how much; our allocator wants to know. */
struct block {
  _Alignas(max_align_t) size_t len; /* of the whole */
};

static void *zlib_allocate(void *opaque, unsigned items, unsigned size) {
  struct ws_deflate *codec = opaque;
  if (size != 0 && items > (SIZE_MAX - sizeof(struct block)) / size) {
    return NULL;
  }
  size_t len = sizeof(struct block) + (size_t)items * size;
  struct block *block = ws_deflate_allocate(codec, len);
  if (block == NULL) {
    return NULL;
  }
  block->len = len;
  return block + 1;
}

static void zlib_release(void *opaque, void *memory) {
  struct block *block = (struct block *)memory - 1;
  ws_deflate_release(opaque, block, block->len);
}

void ws_deflate_zlib_init(z_stream *stream, struct ws_deflate *codec) {
  *stream = (z_stream){
      .zalloc = zlib_allocate, .zfree = zlib_release, .opaque = codec};
}

void *ws_deflate_allocate(struct ws_deflate *codec, size_t len) {
  const struct ws_allocator *allocator = codec->allocator;
  return allocator->resize(allocator->user, NULL, 0, len);
}

void ws_deflate_release(struct ws_deflate *codec, void *memory, size_t len) {
  const struct ws_allocator *allocator = codec->allocator;
  if (memory != NULL) {
    allocator->resize(allocator->user, memory, len, 0);
  }
}

/* See ws/deflate.h on windows of 8 bits. A larger window than the peer's is no
 * harm when we inflate. */
static int zlib_bits(uint8_t bits) {
  if (bits == 0) {
    return WS_DEFLATE_BITS_MAX;
  }
  return bits == WS_DEFLATE_BITS_MIN ? WS_DEFLATE_BITS_MIN + 1 : bits;
}

struct ws_deflate *ws_deflate_new(enum ws_role role,
                                  const struct ws_deflate_params *params,
                                  const struct ws_deflate_config *config,
                                  const struct ws_allocator *allocator) {
  allocator = allocator != NULL ? allocator : ws_allocator_libc();
  struct ws_deflate *codec =
      allocator->resize(allocator->user, NULL, 0, sizeof(*codec));
  if (codec == NULL) {
    return NULL;
  }
  bool client = role == WS_CLIENT;
  *codec = (struct ws_deflate){
      .allocator = allocator,
      .config = *config,
      .in_takeover = client ? !params->server_no_context_takeover
                            : !params->client_no_context_takeover,
      .in_bits = zlib_bits(client ? params->server_max_window_bits
                                  : params->client_max_window_bits),
      .out_takeover = client ? !params->client_no_context_takeover
                             : !params->server_no_context_takeover,
      .out_bits = zlib_bits(client ? params->client_max_window_bits
                                   : params->server_max_window_bits),
  };
  return codec;
}

void ws_deflate_free(struct ws_deflate *codec) {
  if (codec != NULL) {
    ws_deflate_receive_free(codec);
    ws_deflate_send_free(codec);
    ws_deflate_release(codec, codec->buffer, codec->buffer_cap);
    ws_deflate_release(codec, codec, sizeof(*codec));
  }
}

static bool wanted(void *user, size_t len, bool final) {
  const struct ws_deflate *codec = user;
  return !final || len >= codec->config.min_len;
}

struct ws_transform ws_deflate_transform(struct ws_deflate *codec) {
  return (struct ws_transform){
      .rsv = WS_RSV1,
      .receive = ws_deflate_receive,
      .wanted = wanted,
      .send = ws_deflate_send,
      .user = codec,
  };
}
