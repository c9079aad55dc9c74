/* An opening handshake and a message, with OpenSSL's SHA-1 and randomness. */
#include <stdio.h>

#include "pipe.h"

int main(void) {
  struct ws_conn *client = pipe_end(WS_CLIENT), *server = pipe_end(WS_SERVER);
  const struct ws_request_options request = {.host = "example.org"};
  const struct ws_accept_options accept = {0};
  struct ws_event event;
  uint8_t buffer[4096];
  int result = 1;
  if (ws_conn_connect(client, &request) == WS_OK &&
      pipe_move(client, server, buffer, sizeof buffer) != 0 &&
      ws_conn_next(server, &event) && event.type == WS_EVENT_REQUEST &&
      ws_conn_accept(server, &accept) == WS_OK &&
      ws_conn_send(server, WS_OP_TEXT, (const uint8_t *)"hi", 2) == WS_OK &&
      pipe_move(server, client, buffer, sizeof buffer) != 0) {
    while (ws_conn_next(client, &event)) {
      if (event.type == WS_EVENT_DATA) {
        printf("%.*s\n", (int)event.payload.len, (char *)event.payload.data);
        result = 0;
      }
    }
  }
  ws_conn_free(client);
  ws_conn_free(server);
  return result;
}
