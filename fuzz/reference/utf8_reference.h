/* utf8_reference.h: UTF-8 (RFC 3629) read the slow and plain way: row by row of
 * its ABNF. */
#ifndef UTF8_REFERENCE_H
#define UTF8_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct utf8_reference {
  size_t good; /* octets that begin some valid string: all, or those before the
                  first bad one */
  bool whole;  /* these are a valid string themselves */
};

struct utf8_reference utf8_reference(const uint8_t *data, size_t len);

#endif
