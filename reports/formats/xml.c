#include "xml.h"

#include "view.h"

static const char *entity_of(char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  default:
    return NULL;
  }
}

void wsc_xml_add(struct wsc_strbuf *out, const struct wsc_strbuf *text) {
  for (size_t i = 0; i < text->len; i++) {
    const char *entity = entity_of(text->data[i]);
    if (entity != NULL) {
      wsc_strbuf_puts(out, entity);
    } else {
      wsc_strbuf_add(out, &text->data[i], 1);
    }
  }
}

void wsc_xml_text(struct wsc_strbuf *out, const char *text, size_t max) {
  struct wsc_strbuf plain;
  wsc_strbuf_init(&plain);
  wsc_view_plain(&plain, text, max);
  wsc_xml_add(out, &plain);
  wsc_strbuf_free(&plain);
}

void wsc_xml_attribute(struct wsc_strbuf *out, const char *name,
                       const struct wsc_strbuf *text) {
  wsc_strbuf_printf(out, " %s=\"", name);
  wsc_xml_add(out, text);
  wsc_strbuf_puts(out, "\"");
}
