/* deflate.h: permessage-deflate (RFC 7692) as an instrument uses it: what was
 * agreed, and compressing what we send. For what comes, see inflate.h. */
#ifndef WSC_DEFLATE_H
#define WSC_DEFLATE_H

#include "ws/http.h"

#define WSC_DEFLATE_BITS_MIN 8
#define WSC_DEFLATE_BITS_MAX 15

struct wsc_deflate_agreement {
  bool server_no_context_takeover;
  bool client_no_context_takeover;
  uint8_t server_max_window_bits; /* 8..15; 15 when there is none */
  uint8_t client_max_window_bits;
};

/* True when `response` lists permessage-deflate. It is read leniently: what
 * makes no sense is passed over; of elements the first counts, of parameters the
 * last. */
bool wsc_deflate_agreed(struct wsc_deflate_agreement *agreement,
                        const struct ws_http_head *response);

/* A client's compressor. */
struct wsc_deflater;

struct wsc_deflate_options {
  int level; /* of zlib, 0..9; negative: zlib's own choice */
  int bits; /* 9..15: a window of this size, which begins empty; 0: as agreed */
};

struct wsc_deflater *
wsc_deflater_new(const struct wsc_deflate_agreement *agreement);
void wsc_deflater_free(struct wsc_deflater *deflater); /* NULL is ignored */

/* The payload of a compressed message (7.2.1); borrowed until the next call. */
struct ws_slice wsc_deflater_message(struct wsc_deflater *deflater,
                                     struct ws_slice message,
                                     const struct wsc_deflate_options *options);

#endif
