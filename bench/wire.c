#include "wire.h"

#include <string.h>

#include "ws/mask.h"

void wire_text(uint8_t *out, size_t len, enum wire_text text) {
  static const char *const parts[] = {
      "The quick brown fox jumps over the lazy dog. ",
      "Zwölf Boxkämpfer jagen Viktor über den Sylter Deich. ",
      "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
      "天地玄黃宇宙洪荒日月盈昃辰宿列張。",
      "👩‍🚀🚀🌍🎉 ",
  };
  size_t num = text == WIRE_ASCII ? 1 : sizeof parts / sizeof parts[0];
  size_t at = 0;
  for (size_t i = 0; strlen(parts[i % num]) <= len - at; i++) {
    size_t part_len = strlen(parts[i % num]);
    memcpy(out + at, parts[i % num], part_len);
    at += part_len;
  }
  memset(out + at, '.', len - at);
}

size_t wire_frame(uint8_t *out, enum ws_opcode opcode, const uint8_t *payload,
                  size_t len, uint32_t seed) {
  struct ws_frame frame = {
      .fin = true,
      .opcode = (uint8_t)opcode,
      .masked = true,
      .length_form = ws_length_form_minimal(len),
      .length = len,
  };
  uint32_t key = (seed + 1) * UINT32_C(2654435761);
  memcpy(frame.key, &key, sizeof frame.key);
  size_t header_len = ws_frame_encode(out, &frame);
  if (len != 0) {
    memcpy(out + header_len, payload, len);
  }
  ws_mask(out + header_len, len, frame.key, 0);
  return header_len + len;
}

const char *wire_request(void) {
  return "GET / HTTP/1.1\r\n"
         "Host: localhost\r\n"
         "Upgrade: websocket\r\n"
         "Connection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Version: 13\r\n\r\n";
}
