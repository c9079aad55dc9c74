/* crypto.h: the two primitives the protocol needs, injected.
 *
 * lib/core never links a crypto library: SHA-1 for Sec-WebSocket-Accept (RFC
 * 6455 4.2.2) and unpredictable bytes for masking keys and nonces (5.3, 10.3)
 * come in through this table. A test passes one that is deterministic, or that
 * fails at the n-th call. */
#ifndef WS_CRYPTO_H
#define WS_CRYPTO_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_SHA1_LEN 20

struct ws_crypto {
  /* Writes the digest of `data` to `digest`. False: failure. */
  bool (*sha1)(void *user, const uint8_t *data, size_t len,
               uint8_t digest[WS_SHA1_LEN]);
  /* Fills `out` with `len` unpredictable bytes. False: failure. */
  bool (*random)(void *user, uint8_t *out, size_t len);
  void *user; /* borrowed; passed to both functions */
};

/* The table on OpenSSL (lib/crypto, target ws_crypto). Never NULL. */
const struct ws_crypto *ws_crypto_openssl(void);

#ifdef __cplusplus
}
#endif

#endif
