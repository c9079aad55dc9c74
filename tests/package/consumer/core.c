/* A frame, written and read, and a URL: nothing but libc behind it. */
#include <stdio.h>
#include <string.h>

#include <ws/frame.h>
#include <ws/mask.h>
#include <ws/url.h>
#include <ws/utf8.h>

int main(void) {
  const uint8_t key[4] = {1, 2, 3, 4};
  uint8_t wire[WS_FRAME_HEADER_MAX + 5];
  struct ws_frame frame = {.fin = true,
                           .opcode = WS_OP_TEXT,
                           .masked = true,
                           .length_form = ws_length_form_minimal(5),
                           .length = 5};
  struct ws_frame read;
  struct ws_url url;
  memcpy(frame.key, key, sizeof key);
  size_t head = ws_frame_encode(wire, &frame);
  memcpy(wire + head, "hello", 5);
  ws_mask(wire + head, 5, key, 0);
  if (ws_frame_decode(&read, wire, head + 5) != head || read.length != 5 ||
      memcmp(wire + head, "hello", 5) == 0) {
    return 1;
  }
  ws_mask(wire + head, 5, read.key, 0);
  if (!ws_utf8_valid(wire + head, 5) ||
      ws_url_parse(&url, "wss://Example.org/a", 19) != WS_URL_OK) {
    return 1;
  }
  printf("%s %.5s %s\n", ws_opcode_name(read.opcode), (char *)wire + head,
         url.host);
  return 0;
}
