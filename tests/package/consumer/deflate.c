/* What permessage-deflate offers and answers, and a message through it. */
#include <stdio.h>
#include <string.h>

#include <ws/deflate.h>

static int show(const struct ws_transform *transform, struct ws_slice packed) {
  struct ws_transform_step step = {.in = packed, .final = true, .room = 1000};
  if (transform->receive(transform->user, &step) != WS_OK ||
      step.out.len != 400) {
    return 1;
  }
  printf("%zu bytes in less than 40: %d\n", step.out.len, packed.len < 40);
  return 0;
}

int main(void) {
  const struct ws_deflate_config config = {0};
  const struct ws_deflate_params params = {.server_max_window_bits = 15,
                                           .client_max_window_bits = 15};
  char offer[WS_DEFLATE_VALUE_MAX];
  uint8_t text[400];
  struct ws_slice packed;
  ws_deflate_offer_write(offer, &config);
  memset(text, 'x', sizeof text);
  struct ws_deflate *client = ws_deflate_new(WS_CLIENT, &params, &config, NULL);
  struct ws_deflate *server = ws_deflate_new(WS_SERVER, &params, &config, NULL);
  if (client == NULL || server == NULL ||
      strncmp(offer, WS_DEFLATE_NAME, strlen(WS_DEFLATE_NAME)) != 0) {
    return 1;
  }
  struct ws_transform sender = ws_deflate_transform(client);
  struct ws_transform receiver = ws_deflate_transform(server);
  const struct ws_slice whole = {text, sizeof text};
  int result = 1;
  if (sender.send(sender.user, whole, true, &packed) == WS_OK) {
    result = show(&receiver, packed);
  }
  ws_deflate_free(client);
  ws_deflate_free(server);
  return result;
}
