/* base64_reference.h: base64 (RFC 4648 4), a bit at a time. */
#ifndef BASE64_REFERENCE_H
#define BASE64_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes what an encoder may write, and nothing else (3.5: pad bits are zero).
 * `out` has room for len octets. */
bool base64_reference(uint8_t *out, size_t *out_len, const uint8_t *text,
                      size_t len);

#endif
