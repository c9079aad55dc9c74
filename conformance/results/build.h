/* build.h: JSON values of the run document and of reports. For results/ and
 * reports/.
 *
 * All of them end the process when memory is exhausted, as wsc_malloc does, so
 * that a document is whole or is not. */
#ifndef WSC_BUILD_H
#define WSC_BUILD_H

#include <jansson.h>
#include <stdint.h>

/* Sets a member; the reference to `value` is taken over. */
void wsc_json_put(json_t *object, const char *key, json_t *value);

/* Appends; the reference to `value` is taken over. */
void wsc_json_push(json_t *array, json_t *value);

json_t *wsc_json_object(void);
json_t *wsc_json_array(void);

/* A sentence, escaped (strbuf.h). NULL becomes "". */
json_t *wsc_json_text(const char *text);

/* Octets as escaped text, and as hexadecimal digits. */
json_t *wsc_json_octets(const void *data, size_t len);
json_t *wsc_json_hex(const void *data, size_t len);

/* An unsigned number: an integer up to 2^53 - 1, where readers begin to round
 * (RFC 8259 section 6), and a string of decimal digits above. */
json_t *wsc_json_count(uint64_t number);

/* An array of sentences. */
json_t *wsc_json_texts(const char *const *texts, size_t num);

/* A copy of `value` in which every string is escaped: words of a command line
 * are octets, too. */
json_t *wsc_json_escaped(const json_t *value);

/* The member as a string; "" when it is absent or something else. */
const char *wsc_json_string_of(const json_t *object, const char *key);

#endif
