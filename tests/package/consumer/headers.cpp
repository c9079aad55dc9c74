// Every public header, in C++, and a function of each library.
#include <cstdio>

#include <ws/base64.h>
#include <ws/blob.h>
#include <ws/close.h>
#include <ws/conn.h>
#include <ws/crypto.h>
#include <ws/deflate.h>
#include <ws/fault.h>
#include <ws/frame.h>
#include <ws/grammar.h>
#include <ws/handshake.h>
#include <ws/http.h>
#include <ws/io.h>
#include <ws/mask.h>
#include <ws/server.h>
#include <ws/tls.h>
#include <ws/types.h>
#include <ws/url.h>
#include <ws/utf8.h>
#include <ws/websocket.h>

int main() {
  char key[WS_KEY_LEN];
  char offer[WS_DEFLATE_VALUE_MAX];
  ws_deflate_config config = {};
  ws_deflate_offer_write(offer, &config);
  ws_io *io = ws_io_new();
  ws_websocket *socket = nullptr;
  if (!ws_handshake_key_make(ws_crypto_openssl(), key) || io == nullptr ||
      ws_websocket_connect(&socket, io, "ftp://host/", nullptr) !=
          WS_ERR_SYNTAX) {
    return 1;
  }
  ws_io_free(io);
  std::printf("%s\n", ws_close_code_name(1000));
  return 0;
}
