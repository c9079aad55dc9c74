#include "strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

void wsc_strbuf_init(struct wsc_strbuf *text) {
  *text = (struct wsc_strbuf){0};
}

void wsc_strbuf_free(struct wsc_strbuf *text) {
  free(text->data);
  wsc_strbuf_init(text);
}

char *wsc_strbuf_take(struct wsc_strbuf *text) {
  char *data = text->data != NULL ? text->data : wsc_strdup("");
  wsc_strbuf_init(text);
  return data;
}

static void reserve(struct wsc_strbuf *text, size_t len) {
  size_t need = text->len + len + 1;
  if (need <= text->capacity) {
    return;
  }
  size_t capacity = text->capacity == 0 ? 64 : text->capacity;
  while (capacity < need) {
    capacity *= 2;
  }
  text->data = wsc_realloc(text->data, capacity);
  text->capacity = capacity;
}

void wsc_strbuf_add(struct wsc_strbuf *text, const void *data, size_t len) {
  reserve(text, len);
  if (len != 0) {
    memcpy(text->data + text->len, data, len);
  }
  text->len += len;
  text->data[text->len] = '\0';
}

void wsc_strbuf_puts(struct wsc_strbuf *text, const char *string) {
  wsc_strbuf_add(text, string, strlen(string));
}

void wsc_strbuf_vprintf(struct wsc_strbuf *text, const char *format,
                        va_list args) {
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, format, args);
  if (len > 0) {
    reserve(text, (size_t)len);
    vsnprintf(text->data + text->len, (size_t)len + 1, format, again);
    text->len += (size_t)len;
  }
  va_end(again);
}

void wsc_strbuf_printf(struct wsc_strbuf *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  wsc_strbuf_vprintf(text, format, args);
  va_end(args);
}

void wsc_strbuf_hex(struct wsc_strbuf *text, const void *data, size_t len) {
  static const char digits[] = "0123456789abcdef";
  const uint8_t *octets = data;
  reserve(text, 2 * len);
  for (size_t i = 0; i < len; i++) {
    text->data[text->len++] = digits[octets[i] >> 4];
    text->data[text->len++] = digits[octets[i] & 15];
  }
  text->data[text->len] = '\0';
}

/* Section 4 of RFC 3629: which second octets a first octet allows. Overlong
 * forms, surrogates and what lies past U+10FFFF fall out by these ranges. */
static size_t lead_length(uint8_t lead, uint8_t *low, uint8_t *high) {
  *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

size_t wsc_utf8_scalar(const uint8_t *data, size_t len, uint32_t *scalar) {
  uint8_t low;
  uint8_t high;
  if (data[0] < 0x80) {
    *scalar = data[0];
    return 1;
  }
  size_t need = lead_length(data[0], &low, &high);
  if (need == 0 || need > len || data[1] < low || data[1] > high) {
    return 0;
  }
  uint32_t value = data[0] & (0x7Fu >> need);
  for (size_t i = 1; i < need; i++) {
    if ((data[i] & 0xC0) != 0x80) {
      return 0;
    }
    value = value << 6 | (data[i] & 0x3F);
  }
  *scalar = value;
  return need;
}

struct range {
  uint32_t first;
  uint32_t last;
};

bool wsc_utf8_is_printable(uint32_t scalar) {
  static const struct range hidden[] = {
      {0x00, 0x1F},       {0x7F, 0x9F},     /* control characters */
      {0xAD, 0xAD},       {0x34F, 0x34F},   /* soft hyphen, joiner */
      {0x61C, 0x61C},     {0x115F, 0x1160}, /* Arabic letter mark, fillers */
      {0x17B4, 0x17B5},   {0x180B, 0x180F}, /* invisible letters, selectors */
      {0x200B, 0x200F},   {0x2028, 0x202E}, /* zero width, marks, overrides */
      {0x2060, 0x206F},   {0x3164, 0x3164}, /* isolates, filler */
      {0xE000, 0xF8FF},   {0xFDD0, 0xFDEF}, /* private use, noncharacters */
      {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF}, /* selectors, byte order mark */
      {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB}, /* filler, annotations */
      {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF}, /* tags, private planes */
  };
  for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
    if (scalar >= hidden[i].first && scalar <= hidden[i].last) {
      return false;
    }
  }
  return (scalar & 0xFFFE) != 0xFFFE;
}

static void escape_octet(struct wsc_strbuf *text, uint8_t octet) {
  static const char digits[] = "0123456789ABCDEF";
  if (octet == '\r' || octet == '\n' || octet == '\t') {
    wsc_strbuf_puts(text, octet == '\r'   ? "\\r"
                          : octet == '\n' ? "\\n"
                                          : "\\t");
    return;
  }
  char escaped[] = {'\\', 'x', digits[octet >> 4], digits[octet & 15]};
  wsc_strbuf_add(text, escaped, sizeof escaped);
}

void wsc_strbuf_escape(struct wsc_strbuf *text, const void *data, size_t len,
                       enum wsc_escape escape) {
  const uint8_t *octets = data;
  size_t i = 0;
  reserve(text, len);
  while (i < len) {
    uint32_t scalar;
    size_t taken = wsc_utf8_scalar(octets + i, len - i, &scalar);
    if (octets[i] == '\\' && escape == WSC_ESCAPE_OCTETS) {
      wsc_strbuf_puts(text, "\\\\");
    } else if (taken != 0 && wsc_utf8_is_printable(scalar)) {
      wsc_strbuf_add(text, octets + i, taken);
    } else {
      size_t num = taken == 0 ? 1 : taken;
      for (size_t k = 0; k < num; k++) {
        escape_octet(text, octets[i + k]);
      }
    }
    i += taken == 0 ? 1 : taken;
  }
  if (text->data != NULL) {
    text->data[text->len] = '\0';
  }
}
