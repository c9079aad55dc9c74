#include "deflate_internal.h"

/* In front of each block of zlib's, which frees without telling the length. */
union block {
  max_align_t align;
  size_t len; /* all of it */
};

static voidpf zlib_allocate(voidpf user, uInt num, uInt len) {
  const struct ws_allocator *allocator = *(const struct ws_allocator **)user;
  size_t most = SIZE_MAX - sizeof(union block);
  if (len != 0 && num > most / len) {
    return Z_NULL;
  }
  size_t all = sizeof(union block) + (size_t)num * len;
  union block *block = allocator->resize(allocator->user, NULL, 0, all);
  if (block == NULL) {
    return Z_NULL;
  }
  block->len = all;
  return block + 1;
}

static void zlib_free(voidpf user, voidpf memory) {
  const struct ws_allocator *allocator = *(const struct ws_allocator **)user;
  if (memory != Z_NULL) {
    union block *block = (union block *)memory - 1;
    allocator->resize(allocator->user, block, block->len, 0);
  }
}

z_stream ws_deflate_stream(const struct ws_allocator **allocator) {
  return (z_stream){
      .zalloc = zlib_allocate, .zfree = zlib_free, .opaque = allocator};
}

static int window_bits(uint8_t agreed, uint8_t wanted) {
  int bits = agreed != 0 ? agreed : WS_DEFLATE_BITS_MAX;
  if (wanted != 0 && wanted < bits) {
    bits = wanted;
  }
  /* See "Window bits 8" in deflate.h. */
  return bits > WS_DEFLATE_BITS_MIN ? bits : WS_DEFLATE_BITS_MIN + 1;
}

static int level_of(const struct ws_deflate_config *config) {
  if (config->level == WS_DEFLATE_LEVEL_NONE) {
    return Z_NO_COMPRESSION;
  }
  return config->level != 0 ? config->level : 6;
}

struct ws_deflate *ws_deflate_new(enum ws_role role,
                                  const struct ws_deflate_params *params,
                                  const struct ws_deflate_config *config,
                                  const struct ws_allocator *allocator) {
  if (allocator == NULL) {
    allocator = ws_allocator_libc();
  }
  struct ws_deflate *deflate =
      allocator->resize(allocator->user, NULL, 0, sizeof(*deflate));
  if (deflate == NULL) {
    return NULL;
  }
  /* 7.1.1.2, 7.1.2.2: a client that hinted at what it will do does it, whatever
   * the server made of the hint. */
  bool client = role == WS_CLIENT;
  bool server_fresh = params->server_no_context_takeover ||
                      (!client && config->server_no_context_takeover);
  bool client_fresh = params->client_no_context_takeover ||
                      (client && config->client_no_context_takeover);
  int server_bits =
      window_bits(params->server_max_window_bits,
                  client ? (uint8_t)0 : config->server_max_window_bits);
  int client_bits =
      window_bits(params->client_max_window_bits,
                  client ? config->client_max_window_bits : (uint8_t)0);
  *deflate = (struct ws_deflate){
      .allocator = allocator,
      .min_len = config->min_len,
      .compressor = {.allocator = allocator,
                     .level = level_of(config),
                     .mem_level =
                         config->mem_level != 0 ? config->mem_level : 8,
                     .bits = client ? client_bits : server_bits,
                     .takeover = client ? !client_fresh : !server_fresh},
      .decompressor = {.allocator = allocator,
                       .bits = client ? server_bits : client_bits,
                       .takeover = client ? !server_fresh : !client_fresh},
  };
  return deflate;
}

void ws_deflate_free(struct ws_deflate *deflate) {
  if (deflate == NULL) {
    return;
  }
  ws_compressor_end(&deflate->compressor);
  ws_decompressor_end(&deflate->decompressor);
  const struct ws_allocator *allocator = deflate->allocator;
  allocator->resize(allocator->user, deflate, sizeof(*deflate), 0);
}

/* 6: a message may be sent uncompressed at any time. */
static bool wanted(void *user, size_t len, bool final) {
  const struct ws_deflate *deflate = user;
  return !final || len >= deflate->min_len;
}

struct ws_transform ws_deflate_transform(struct ws_deflate *deflate) {
  return (struct ws_transform){
      .rsv = WS_RSV1,
      .receive = ws_deflate_receive,
      .wanted = wanted,
      .send = ws_deflate_send,
      .sent = ws_deflate_sent,
      .user = deflate,
  };
}
