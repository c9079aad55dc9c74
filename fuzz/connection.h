/* connection.h: the target of both roles: fuzz_conn_server, fuzz_conn_client.
 *
 * Input: two octets of options, a seed of cuts, then frames, as they come behind
 * the opening handshake. First octet, bits 0-4: enum owner_habit; bit 5: small
 * limits; bit 6: little room for output. Second octet, bit 0: permessage-deflate is
 * agreed on; bit 1: without context takeover. Its windows have 15 bits: of
 * narrower ones it depends on the cuts when a match that reaches too far is found
 * out (ws/deflate.h); they are the matter of fuzz_inflate. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "observe.h"

void connection_check(enum ws_role role, const uint8_t *data, size_t len);

#endif
