#include "json_text.h"

#include <stdlib.h>
#include <string.h>

static void add_code_point(struct wsc_strbuf *out, unsigned c) {
  if (c == '"' || c == '\\') {
    char escaped[] = {'\\', (char)c};
    wsc_strbuf_add(out, escaped, 2);
  } else if (c < 0x20) {
    wsc_strbuf_printf(out, "\\u%04x", c);
  } else if (c < 0x80) {
    char plain = (char)c;
    wsc_strbuf_add(out, &plain, 1);
  } else {
    char both[] = {(char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F))};
    wsc_strbuf_add(out, both, 2);
  }
}

void wsc_json_add_text(struct wsc_strbuf *out, const char *text) {
  struct wsc_strbuf safe;
  wsc_strbuf_init(&safe);
  wsc_strbuf_escape(&safe, text, strlen(text), WSC_ESCAPE_TEXT);
  wsc_strbuf_puts(out, "\"");
  for (size_t i = 0; i < safe.len;) {
    size_t run = strcspn(safe.data + i, "\"\\");
    wsc_strbuf_add(out, safe.data + i, run);
    i += run;
    if (i < safe.len) {
      add_code_point(out, (unsigned char)safe.data[i++]);
    }
  }
  wsc_strbuf_puts(out, "\"");
  wsc_strbuf_free(&safe);
}

static unsigned nibble(char c) {
  return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* The readers of documents let only pairs of digits through. */
size_t wsc_json_add_octets(struct wsc_strbuf *out, const char *hex,
                           size_t max) {
  size_t len = strlen(hex) / 2;
  size_t shown = len < max ? len : max;
  wsc_strbuf_puts(out, "\"");
  for (size_t i = 0; i < shown; i++) {
    add_code_point(out,
                   (nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1])) & 0xFF);
  }
  wsc_strbuf_puts(out, "\"");
  return len - shown;
}

void wsc_json_add_count(struct wsc_strbuf *out, const json_t *count) {
  if (json_is_string(count)) {
    wsc_json_add_text(out, json_string_value(count));
  } else {
    wsc_strbuf_printf(out, "%lld", (long long)json_integer_value(count));
  }
}

void wsc_json_add_comma(struct wsc_strbuf *out, size_t position) {
  if (position != 0) {
    wsc_strbuf_puts(out, ",");
  }
}
