/* deflate_internal.h: what the files of lib/deflate share. */
#ifndef WS_DEFLATE_INTERNAL_H
#define WS_DEFLATE_INTERNAL_H

#include <zlib.h>

#include "ws/deflate.h"

struct ws_deflate {
  const struct ws_allocator *allocator;
  struct ws_deflate_config config;

  /* Receiving. */
  z_stream in;
  bool in_ready; /* `in` has been made */
  bool in_takeover;
  int in_bits;
  uint8_t *piece;  /* owned, with `in` */
  size_t tail_fed; /* octets of the message's tail that `in` has taken */

  /* Sending. */
  z_stream out;
  bool out_ready;
  bool out_takeover;
  int out_bits;
  uint8_t *buffer; /* owned: what the latest call gave */
  size_t buffer_cap;
};

/* zlib's allocation through ours. */
void ws_deflate_zlib_init(z_stream *stream, struct ws_deflate *codec);

/* Memory of our own; NULL when there is none. */
void *ws_deflate_allocate(struct ws_deflate *codec, size_t len);
void ws_deflate_release(struct ws_deflate *codec, void *memory, size_t len);

/* inflate.c, deflate.c: the two halves of the transform, and their end. */
enum ws_status ws_deflate_receive(void *user, struct ws_transform_step *step);
void ws_deflate_receive_free(struct ws_deflate *codec);
enum ws_status ws_deflate_send(void *user, struct ws_slice in, bool final,
                               struct ws_slice *out);
void ws_deflate_send_free(struct ws_deflate *codec);

#endif
