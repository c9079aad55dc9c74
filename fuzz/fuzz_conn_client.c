/* A client's connection: see connection.h. */
#include "connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  connection_check(WS_CLIENT, data, len);
  return 0;
}
