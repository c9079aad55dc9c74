/* mask_reference.h: masking (RFC 6455 5.3), an octet at a time. */
#ifndef MASK_REFERENCE_H
#define MASK_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* out[i] = in[i] XOR key[j], where j is the place of in[i] in its payload modulo
 * 4; in[0] is at `offset`. */
void mask_reference(uint8_t *out, const uint8_t *in, size_t len,
                    const uint8_t key[4], uint64_t offset);

#endif
