/* base64.h: RFC 4648 4, strict. By hand because libcrypto's decoder accepts
 * what is not canonical. */
#ifndef WS_BASE64_H
#define WS_BASE64_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes WS_BASE64_LEN(len) characters to `out`, no NUL. */
void ws_base64_encode(char *out, const uint8_t *data, size_t len);

/* Decodes exactly the canonical form: alphabet, length a multiple of 4, padding
 * only at the end, pad bits zero. True and *out_len, or false. `out` has room
 * for text.len / 4 * 3 bytes. */
bool ws_base64_decode(uint8_t *out, size_t *out_len, struct ws_slice text);

#ifdef __cplusplus
}
#endif

#endif
