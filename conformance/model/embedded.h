/* embedded.h: files compiled into the binary, see cmake/embed.cmake. */
#ifndef WSC_EMBEDDED_H
#define WSC_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct wsc_embedded {
  const char *name;    /* path in the source tree; NULL ends an array */
  const uint8_t *data; /* a NUL stands behind the last byte */
  const uint8_t *end;
};

#endif
