/* extension_reference.h: the grammar of Sec-WebSocket-Extensions (RFC 6455 9.1,
 * with the implied white space of RFC 2616 and the empty members of RFC 9110
 * 5.6.1), recognised by descent. */
#ifndef EXTENSION_REFERENCE_H
#define EXTENSION_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct extension_reference {
  size_t num_extensions;
  size_t num_params; /* of all of them */
};

/* True when the whole value is a list of at least one extension. Quoted values
 * are tokens in quotes, without escapes. */
bool extension_reference(struct extension_reference *found,
                         const uint8_t *value, size_t len);

#endif
