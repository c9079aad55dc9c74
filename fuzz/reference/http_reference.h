/* http_reference.h: the head of an HTTP/1.x message (RFC 9112), by the letter:
 * no leniency, no partial results. */
#ifndef HTTP_REFERENCE_H
#define HTTP_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the shortest beginning of `data` that ends with an empty line,
 * where lines may end in LF alone; 0: there is none. */
size_t http_reference_end(const uint8_t *data, size_t len);

/* True when all of `data` is start-line CRLF *( field-line CRLF ) CRLF, before
 * a request-line one CRLF more, if any. Of a request-target only that it has
 * neither spaces nor controls. */
bool http_reference_request(const uint8_t *data, size_t len);
bool http_reference_response(const uint8_t *data, size_t len);

/* Looks at a head that is grammatical: how many fields have this name, in any
 * letter case, and where the value of the first is, without the white space
 * around it. */
struct http_reference_field {
  size_t count;
  const uint8_t *value; /* borrowed from `data` */
  size_t value_len;
};

struct http_reference_field http_reference_field(const uint8_t *data,
                                                 size_t len, const char *name);

/* True when `word`, in any letter case, is a member of one of these fields,
 * each read as a list; commas in quoted strings do not separate. */
bool http_reference_lists(const uint8_t *data, size_t len, const char *name,
                          const char *word);

#endif
