/* connection.h: the target of both roles: fuzz_conn_server, fuzz_conn_client.
 *
 * Input: two octets of options, a seed of cuts, then frames, as they come behind
 * the opening handshake. First octet, bits 0-4: enum owner_habit; bit 5: small
 * limits; bit 6: little room for output. Second octet, bits 0-1:
 * permessage-deflate (0: none; 1: agreed on; 2: without context takeover; 3:
 * with windows of 9 bits). */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "observe.h"

void connection_check(enum ws_role role, const uint8_t *data, size_t len);

#endif
