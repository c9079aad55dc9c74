/* reading.h: what the formats read of a document. Internal. */
#ifndef WSC_FORMAT_READING_H
#define WSC_FORMAT_READING_H

#include <jansson.h>

#include "format.h"
#include "verdict.h"

/* Members, with a neutral value when absent. */
const char *wsc_read_text(const json_t *object, const char *key);
int wsc_read_int(const json_t *object, const char *key);
enum wsc_verdict wsc_read_verdict(const json_t *object);
const json_t *wsc_read_list(const json_t *object, const char *key);

/* The row of `rows` with this id, or NULL. */
const json_t *wsc_read_by_id(const json_t *rows, const char *id);

/* What a result is to who runs the suite in CI. */
enum wsc_standing {
  WSC_STANDING_GOOD,   /* pass, info; warn where it is no failure */
  WSC_STANDING_FAILED, /* fail; warn where it is one */
  WSC_STANDING_ERROR,  /* could not be measured */
  WSC_STANDING_SKIPPED,
  WSC_STANDING_KNOWN,   /* a known deviation that showed (--expect) */
  WSC_STANDING_CHANGED, /* a known deviation that did not show */
  WSC_NUM_STANDINGS
};
enum wsc_standing wsc_read_standing(const json_t *result,
                                    const struct wsc_format_options *options);

/* "case", or "case [tls, random]" when it is not the plain one. */
void wsc_read_name(struct wsc_strbuf *out, const json_t *result);

/* One sentence of the worst clause: "expected X; got Y", or the reason. */
void wsc_read_sentence(struct wsc_strbuf *out, const json_t *result);

/* The worst clause; NULL: there is none. */
const json_t *wsc_read_worst(const json_t *result);

/* Text, made printable and escaped for XML (element content and attributes). */
void wsc_add_xml(struct wsc_strbuf *out, const char *text);

/* The same for Markdown: nothing in it is markup, not even a line end. */
void wsc_add_markdown(struct wsc_strbuf *out, const char *text);

/* The name to show of a target. */
const char *wsc_read_agent(const json_t *target);

#endif
