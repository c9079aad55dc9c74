/* A server's connection: see connection.h. */
#include "connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  connection_check(WS_SERVER, data, len);
  return 0;
}
