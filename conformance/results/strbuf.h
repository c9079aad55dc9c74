/* strbuf.h: a growing text, and how octets of a peer become part of one. */
#ifndef WSC_STRBUF_H
#define WSC_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wsc_strbuf {
  char *data; /* owned; NULL until something was added; a NUL stands behind */
  size_t len;
  size_t capacity;
};

void wsc_strbuf_init(struct wsc_strbuf *text);
void wsc_strbuf_free(struct wsc_strbuf *text);

/* The text, owned by the caller (free()), never NULL; *text is empty again. */
char *wsc_strbuf_take(struct wsc_strbuf *text);

void wsc_strbuf_add(struct wsc_strbuf *text, const void *data, size_t len);
void wsc_strbuf_puts(struct wsc_strbuf *text, const char *string);
void wsc_strbuf_printf(struct wsc_strbuf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void wsc_strbuf_vprintf(struct wsc_strbuf *text, const char *format,
                        va_list args) __attribute__((format(printf, 2, 0)));

/* Adds octets as two lower-case digits each. */
void wsc_strbuf_hex(struct wsc_strbuf *text, const void *data, size_t len);

/* What becomes of a backslash. */
enum wsc_escape {
  WSC_ESCAPE_OCTETS, /* \\: raw octets, the result can be read back */
  WSC_ESCAPE_TEXT    /* it stays: a sentence that may quote escaped octets */
};

/* Adds octets as printable UTF-8: control characters, what is not UTF-8,
 * characters that change the direction or are invisible, and noncharacters
 * become \xNN an octet (\r, \n, \t for those three). */
void wsc_strbuf_escape(struct wsc_strbuf *text, const void *data, size_t len,
                       enum wsc_escape escape);

/* The code point at `data` and its length in octets; 0 when it is no
 * well-formed UTF-8 (RFC 3629). `len` is at least 1. */
size_t wsc_utf8_scalar(const uint8_t *data, size_t len, uint32_t *scalar);

/* True when `scalar` shows as itself, without side effects on its neighbours.
 */
bool wsc_utf8_is_printable(uint32_t scalar);

#endif
