/* inflate.h: an inflater (RFC 1951) that measures how far matches go back.
 *
 * zlib is no judge of window bits: what it still holds it copies, however small
 * the window that was agreed. This one keeps 32 KiB from message to message,
 * whatever was agreed, reads all that means something, and reports the
 * distances; what is allowed is for others to say. */
#ifndef WSC_INFLATE_H
#define WSC_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wsc_inflate;

struct wsc_inflated {
  const uint8_t *data; /* borrowed until the next message */
  size_t len;
  size_t distance;   /* of the farthest match; 0: there was none */
  size_t reach;      /* how far a match went back behind the beginning of the
                        message; 0: none did */
  const char *error; /* static; NULL: it inflates. Else `data` is what came
                        before */
  bool too_long;     /* the error is that it becomes more than `limit` */
};

struct wsc_inflate *wsc_inflate_new(void);
void wsc_inflate_free(struct wsc_inflate *inflate); /* NULL is ignored */

/* Inflates the payload of one message of permessage-deflate (RFC 7692 7.2.2):
 * appends 00 00 FF FF and reads blocks until the octets are used up. A block
 * with BFINAL is followed by more. No octets at all are an empty message. Never
 * holds more than `limit` and some KiB of it. */
void wsc_inflate_message(struct wsc_inflate *inflate, const uint8_t *data,
                         size_t len, size_t limit, struct wsc_inflated *result);

#endif
