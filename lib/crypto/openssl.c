#include "ws/crypto.h"

#include <limits.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

static bool sha1(void *user, const uint8_t *data, size_t len,
                 uint8_t digest[WS_SHA1_LEN]) {
  (void)user;
  return EVP_Digest(data, len, digest, NULL, EVP_sha1(), NULL) == 1;
}

static bool random_bytes(void *user, uint8_t *out, size_t len) {
  (void)user;
  while (len > 0) {
    int part = len < INT_MAX ? (int)len : INT_MAX;
    if (RAND_bytes(out, part) != 1) {
      return false;
    }
    out += part;
    len -= (size_t)part;
  }
  return true;
}

const struct ws_crypto *ws_crypto_openssl(void) {
  static const struct ws_crypto table = {sha1, random_bytes, NULL};
  return &table;
}
