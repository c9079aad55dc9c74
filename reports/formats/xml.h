/* xml.h: writing XML. Internal to reports/formats. */
#ifndef WSC_FORMAT_XML_H
#define WSC_FORMAT_XML_H

#include "strbuf.h"

/* Printable text (view.h) and line ends, escaped for element content and for
 * quoted attribute values alike. */
void wsc_xml_add(struct wsc_strbuf *out, const struct wsc_strbuf *text);

/* Text of a document: made printable, cut to `max` octets, escaped. */
void wsc_xml_text(struct wsc_strbuf *out, const char *text, size_t max);

/* The same as an attribute: ` name="text"`. */
void wsc_xml_attribute(struct wsc_strbuf *out, const char *name,
                       const struct wsc_strbuf *text);

#endif
