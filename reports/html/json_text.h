/* json_text.h: compact JSON for the page's data blocks. Internal.
 *
 * By hand and not by jansson: thousands of results are written from values that
 * are there already, and building them a second time as a tree would take most
 * of the time. The page's own tests read it back. */
#ifndef WSC_JSON_TEXT_H
#define WSC_JSON_TEXT_H

#include <jansson.h>

#include "strbuf.h"

/* A string of a document, made printable (strbuf.h), in quotes. */
void wsc_json_add_text(struct wsc_strbuf *out, const char *text);

/* The octets of at most `max` pairs of hexadecimal digits as a string whose
 * code points are the octets. Returns the octets left out. */
size_t wsc_json_add_octets(struct wsc_strbuf *out, const char *hex, size_t max);

/* A count of a document: an integer, or digits. */
void wsc_json_add_count(struct wsc_strbuf *out, const json_t *count);

/* A comma, unless it is the first. */
void wsc_json_add_comma(struct wsc_strbuf *out, size_t position);

#endif
