/* mask.h: masking and unmasking, one operation (RFC 6455 5.3). */
#ifndef WS_MASK_H
#define WS_MASK_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* XORs data[i] with key[(offset + i) mod 4], in place. `offset` is the number
 * of payload bytes of the same frame that came before `data`; each frame begins
 * at 0. */
void ws_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t offset);

#ifdef __cplusplus
}
#endif

#endif
