#include "handshake_internal.h"

#include <string.h>

void ws_writer_init(struct ws_writer *writer, uint8_t *out, size_t cap) {
  *writer = (struct ws_writer){.out = out, .cap = cap};
}

void ws_writer_bytes(struct ws_writer *writer, const void *data, size_t len) {
  if (len > SIZE_MAX - writer->len) {
    writer->illegal = true;
    return;
  }
  if (len != 0 && writer->len <= writer->cap &&
      len <= writer->cap - writer->len) {
    memcpy(writer->out + writer->len, data, len);
  }
  writer->len += len;
}

void ws_writer_text(struct ws_writer *writer, const char *text) {
  ws_writer_bytes(writer, text, strlen(text));
}

void ws_writer_number(struct ws_writer *writer, size_t number) {
  char digits[24];
  size_t at = sizeof(digits);
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  ws_writer_bytes(writer, digits + at, sizeof(digits) - at);
}

static bool value_legal(const char *value) {
  /* RFC 9110 5.5: "Field values containing CR, LF, or NUL characters are
   * invalid and dangerous"; other controls but HTAB have no use either. */
  for (; *value != '\0'; value++) {
    uint8_t c = (uint8_t)*value;
    if ((c < 0x20 && c != '\t') || c == 0x7F) {
      return false;
    }
  }
  return true;
}

void ws_writer_phrase(struct ws_writer *writer, const char *phrase) {
  writer->illegal = writer->illegal || !value_legal(phrase);
  ws_writer_text(writer, " ");
  ws_writer_text(writer, phrase);
  ws_writer_text(writer, "\r\n");
}

void ws_writer_field(struct ws_writer *writer, const char *name,
                     const char *value) {
  if (value == NULL || !value_legal(value)) {
    writer->illegal = true;
    return;
  }
  ws_writer_text(writer, name);
  ws_writer_text(writer, ": ");
  ws_writer_text(writer, value);
  ws_writer_text(writer, "\r\n");
}

static bool is_reserved(const char *name) {
  static const char *const reserved[] = {"Host", "Upgrade", "Connection",
                                         "Content-Length", "Transfer-Encoding"};
  static const char prefix[] = "sec-websocket-";
  struct ws_slice slice = ws_slice_of(name);
  for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
    if (ws_slice_equals_nocase(slice, reserved[i])) {
      return true;
    }
  }
  if (slice.len >= sizeof(prefix) - 1) {
    slice.len = sizeof(prefix) - 1;
  }
  return ws_slice_equals_nocase(slice, prefix);
}

void ws_writer_headers(struct ws_writer *writer,
                       const struct ws_header *headers, size_t num_headers) {
  for (size_t i = 0; i < num_headers; i++) {
    const char *name = headers[i].name;
    if (name == NULL || !ws_is_token(ws_slice_of(name)) || is_reserved(name)) {
      writer->illegal = true;
      return;
    }
    ws_writer_field(writer, name, headers[i].value);
  }
}

enum ws_status ws_writer_finish(const struct ws_writer *writer, size_t *len) {
  if (writer->illegal) {
    return WS_ERR_ARGUMENT;
  }
  *len = writer->len;
  return writer->len <= writer->cap ? WS_OK : WS_ERR_LIMIT;
}
