#include "utf8_reference.h"

struct range {
  uint8_t low, high;
};

/* RFC 3629 4: UTF8-1 to UTF8-4. */
static const struct row {
  size_t len;
  struct range octets[4];
} rows[] = {
    {1, {{0x00, 0x7F}}},
    {2, {{0xC2, 0xDF}, {0x80, 0xBF}}},
    {3, {{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}},
    {3, {{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {3, {{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}},
    {3, {{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {4, {{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {4, {{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {4, {{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}},
};

/* How many octets of `row` the data begins with. */
static size_t match(const struct row *row, const uint8_t *data, size_t len) {
  size_t i = 0;
  while (i < row->len && i < len && data[i] >= row->octets[i].low &&
         data[i] <= row->octets[i].high) {
    i++;
  }
  return i;
}

struct utf8_reference utf8_reference(const uint8_t *data, size_t len) {
  size_t at = 0;
  while (at < len) {
    size_t most = 0;
    bool whole = false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
      size_t matched = match(&rows[i], data + at, len - at);
      if (matched > most) {
        most = matched;
        whole = matched == rows[i].len;
      }
    }
    at += most;
    if (!whole) {
      return (struct utf8_reference){at, false};
    }
  }
  return (struct utf8_reference){at, true};
}
