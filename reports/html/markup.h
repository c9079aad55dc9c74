/* markup.h: writing HTML. Internal to reports/html. */
#ifndef WSC_MARKUP_H
#define WSC_MARKUP_H

#include <jansson.h>

#include "strbuf.h"
#include "verdict.h"

/* Text of a document: made printable (strbuf.h), then escaped for element
 * content and for quoted attribute values alike. */
void wsc_html_text(struct wsc_strbuf *out, const char *text);
void wsc_html_text_len(struct wsc_strbuf *out, const char *text, size_t len);

/* Markup of ours: in `format`, %s takes document text, which is escaped, %d an
 * int, %z a size_t, and %% a percent sign. Nothing else is understood. */
void wsc_html(struct wsc_strbuf *out, const char *format, ...);

/* A count of a document: an integer, or digits (docs/run.schema.json). */
void wsc_html_count(struct wsc_strbuf *out, const json_t *count);

/* Microseconds as "12.345 ms". */
void wsc_html_time(struct wsc_strbuf *out, const json_t *microseconds);

/* Icon, word and colour of a verdict, never colour alone. */
void wsc_html_badge(struct wsc_strbuf *out, enum wsc_verdict verdict);

/* A stacked bar of counts, indexed by verdict; for the eye only, the numbers
 * stand beside it. */
void wsc_html_bar(struct wsc_strbuf *out, const size_t *counts);

/* One word of a shell command, quoted where it must be. */
void wsc_html_word(struct wsc_strbuf *out, const char *word);

#endif
