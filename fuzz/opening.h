/* opening.h: the target of both roles: fuzz_opening_server, fuzz_opening_client.
 *
 * Input: an octet of options, a seed of cuts, then all that the peer sends. Bit
 * 0: the server rejects; bit 1: it chooses a subprotocol; bit 2: it takes its
 * time; bit 3: the stream ends; bit 4: no more than 256 octets of head; bit 5:
 * no more than 4 fields. */
#ifndef OPENING_H
#define OPENING_H

#include "observe.h"

/* Plays the input in every cutting; *stream is what the peer sends. */
struct observation opening_observe(enum ws_role role, struct stage *stage,
                                   struct fuzz_input *stream,
                                   const uint8_t *data, size_t len);

/* A head that is grammatical, as the reference reads it. */
struct opening_head {
  const uint8_t *data; /* borrowed */
  size_t len;
};

/* There is one field of this name, with this value; `nocase`: in any letter
 * case. */
bool opening_is(const struct opening_head *head, const char *name,
                const char *value);
bool opening_is_nocase(const struct opening_head *head, const char *name,
                       const char *value);
bool opening_has(const struct opening_head *head, const char *name);

#endif
