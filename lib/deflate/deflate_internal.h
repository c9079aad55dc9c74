/* deflate_internal.h: the two directions of the codec.
 *
 *   negotiate.c   the heads of the opening handshake
 *   transform.c   life, and the table that ws_conn takes
 *   compress.c    messages out
 *   decompress.c  messages in
 */
#ifndef WS_DEFLATE_INTERNAL_H
#define WS_DEFLATE_INTERNAL_H

#include "ws/deflate.h"

#define ZLIB_CONST
#include <zlib.h>

/* What every message ends with before it is sent, and after it came (7.2.1,
 * 7.2.2): the length of an empty stored block. */
#define WS_DEFLATE_TAIL_LEN 4

/* zlib counts in uInt: longer input is handed over in slices. A test makes them
 * short. */
#ifndef WS_DEFLATE_SLICE
#define WS_DEFLATE_SLICE ((size_t)1 << 30)
#endif

struct ws_compressor {
  const struct ws_allocator *allocator;
  int level;
  int mem_level;
  int bits; /* 9..15 */
  bool takeover;
  bool ready; /* `stream` is allocated */
  bool open;  /* a message has begun */
  z_stream stream;
  uint8_t *out; /* owned */
  size_t out_len;
  size_t out_cap;
};

struct ws_decompressor {
  const struct ws_allocator *allocator;
  int bits; /* 9..15 */
  bool takeover;
  bool ready; /* `stream` is allocated */
  bool begun; /* octets of the message came */
  bool more;  /* `stream` may have more to say without further input */
  bool whole; /* what was read so far ends with a block and with an octet */
  struct ws_slice tail; /* what is left of the four octets to be appended */
  z_stream stream;
  uint8_t *piece; /* owned; exists while a message is read */
  size_t piece_cap;
};

struct ws_deflate {
  const struct ws_allocator *allocator;
  size_t min_len;
  struct ws_compressor compressor;
  struct ws_decompressor decompressor;
};

/* The members of ws_transform that they are called like; `user` is the struct
 * ws_deflate. */
enum ws_status ws_deflate_send(void *user, struct ws_slice in, bool final,
                               struct ws_slice *out);
void ws_deflate_sent(void *user);
enum ws_status ws_deflate_receive(void *user, struct ws_transform_step *step);

void ws_compressor_end(struct ws_compressor *compressor);
void ws_decompressor_end(struct ws_decompressor *decompressor);

/* A stream that takes its memory from **allocator, which is borrowed until the
 * stream has ended. */
z_stream ws_deflate_stream(const struct ws_allocator **allocator);

#endif
