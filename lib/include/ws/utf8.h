/* utf8.h: incremental UTF-8 validation (RFC 3629, RFC 6455 8.1).
 *
 * A stream may be cut anywhere, inside a code point too (5.6). The first bad
 * byte is reported exactly: it is the first byte that cannot continue any valid
 * string, so for ED A0 80 (a surrogate) it is A0, at offset 1. */
#ifndef WS_UTF8_H
#define WS_UTF8_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ws_utf8 {
  uint64_t offset; /* bytes taken so far; after a failure, of the bad byte */
  uint32_t state;  /* private: continuation bytes owed and their range */
  bool failed;     /* sticky */
};

/* Nothing taken yet; the empty string is valid. */
void ws_utf8_init(struct ws_utf8 *utf8);

/* Takes `len` more bytes. False as soon as, and for ever after, the bytes taken
 * so far are no prefix of valid UTF-8; utf8->offset then names the first bad
 * byte, counted from ws_utf8_init. */
bool ws_utf8_feed(struct ws_utf8 *utf8, const uint8_t *data, size_t len);

/* True when nothing failed and no code point is left unfinished. */
bool ws_utf8_complete(const struct ws_utf8 *utf8);

/* One whole string. */
bool ws_utf8_valid(const uint8_t *data, size_t len);

#ifdef __cplusplus
}
#endif

#endif
