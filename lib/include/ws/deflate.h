/* deflate.h: permessage-deflate (RFC 7692), on zlib.
 *
 * Two halves. Negotiation is pure functions over the heads of the opening
 * handshake, for either role: what to offer, what to accept, whether a response
 * may be accepted. The codec is a `struct ws_transform` for ws_conn_set_transform
 * (conn.h).
 *
 *     client                               server
 *     ws_deflate_offer_write               -
 *     ws_conn_connect(.extensions)         on WS_EVENT_REQUEST:
 *     on WS_EVENT_OPEN:                      ws_deflate_choose, then
 *       ws_deflate_response_check            ws_deflate_answer_write,
 *       ws_deflate_new                       ws_conn_accept(.extensions)
 *       ws_conn_set_transform                ws_deflate_new, ws_conn_set_transform
 *
 * Window bits 8: zlib's deflate has no window of 256 bytes, but its window of 9
 * bits never reaches back further than 250 bytes (512 less MIN_LOOKAHEAD), so
 * the octets it makes are legal for a peer that asked for 8. Agreeing to 8 means
 * running at 9 here; inflating is done with a window of at least 9 bits, too. */
#ifndef WS_DEFLATE_H
#define WS_DEFLATE_H

#include "ws/conn.h"
#include "ws/fault.h"
#include "ws/handshake.h"
#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_DEFLATE_NAME       "permessage-deflate"
#define WS_DEFLATE_BITS_MIN   8
#define WS_DEFLATE_BITS_MAX   15
#define WS_DEFLATE_VALUE_MAX  160 /* bytes that the writers need, NUL included */
#define WS_DEFLATE_LEVEL_NONE 10  /* see ws_deflate_config */

/* The agreed parameters, 7.1. Window bits are 8..15, or 0 where nothing was
 * agreed, which means 15 but leaves the parameter out. */
struct ws_deflate_params {
  bool server_no_context_takeover; /* 7.1.1.1 */
  bool client_no_context_takeover; /* 7.1.1.2 */
  uint8_t server_max_window_bits;  /* 7.1.2.1 */
  uint8_t client_max_window_bits;  /* 7.1.2.2 */
};

/* What an endpoint wants; all zero is a good choice. */
struct ws_deflate_config {
  /* Asked for (client) or imposed (server), whatever the peer wants. The side
   * that compresses may always be asked for less; see RFC 7692 7.1. */
  bool server_no_context_takeover;
  bool client_no_context_takeover;
  uint8_t server_max_window_bits; /* 8..15; 0: 15, no limit */
  uint8_t client_max_window_bits; /* 8..15; 0: 15, no limit. A server may impose
                                     it only on a client that said it can */
  uint8_t level;     /* of zlib, 1..9; 0: 6; WS_DEFLATE_LEVEL_NONE: stored
                         blocks only */
  uint8_t mem_level; /* of zlib, 1..9; 0: 8 */
  size_t min_len;    /* messages sent in one frame and shorter than this leave
                         uncompressed (6: "MAY"); 0: all are compressed */
};

/* WS_ERR_ARGUMENT when a member is outside its range. */
enum ws_status ws_deflate_config_check(const struct ws_deflate_config *config);

/* Client: the value of Sec-WebSocket-Extensions that offers `config`, always
 * with client_max_window_bits (7.1.2.2: so that the server may use it). Writes
 * a NUL-terminated string. *config must be valid. */
void ws_deflate_offer_write(char out[WS_DEFLATE_VALUE_MAX],
                            const struct ws_deflate_config *config);

/* Server: goes through the offers of `request` by preference and takes the
 * first that can be accepted; an offer with an unknown, repeated or ill-valued
 * parameter is declined (7.1: "MUST decline"), and the next one tried. True and
 * *params, or false: the extension is not used. Borrows for the call. */
bool ws_deflate_choose(struct ws_deflate_params *params,
                       const struct ws_deflate_config *config,
                       const struct ws_http_head *request);

/* Server: the value of Sec-WebSocket-Extensions that accepts *params as chosen.
 * Writes a NUL-terminated string. */
void ws_deflate_answer_write(char out[WS_DEFLATE_VALUE_MAX],
                             const struct ws_deflate_params *params);

/* Client: judges the response to an offer made of `config` (7.1). True and
 * *params: the extension is in use. False: it is not, and *fault says whether
 * that is the server's right (WS_FAULT_NONE: it did not answer the offer) or a
 * breach for which the connection has to be failed: ws_conn_fail. */
bool ws_deflate_response_check(struct ws_deflate_params *params,
                               enum ws_fault *fault,
                               const struct ws_deflate_config *config,
                               const struct ws_http_head *response);

/* The codec ---------------------------------------------------------------
 *
 * Memory: the window and tables of a direction (about 256 KiB to compress and
 * 40 KiB to decompress, at 15 bits) are allocated when its first compressed
 * message comes, and given back between messages where no context is taken
 * over. Decompression goes in pieces: however small the octets of a bomb, no
 * more than a piece of WS_DEFLATE_PIECE bytes exists beyond what the owner has
 * taken, and nothing at all beyond limits.message. */

#define WS_DEFLATE_PIECE 16384

struct ws_deflate; /* opaque */

/* For an endpoint of `role` after agreeing on *params with *config, which gives
 * level, mem_level and min_len, and to a client the hints of its offer: they
 * bind it, taken up or not (7.1.1.2, 7.1.2.2). Both are copied. `allocator` is
 * borrowed until ws_deflate_free; NULL: libc. NULL: out of memory. */
struct ws_deflate *ws_deflate_new(enum ws_role role,
                                  const struct ws_deflate_params *params,
                                  const struct ws_deflate_config *config,
                                  const struct ws_allocator *allocator);

/* The connection that uses its transform must be gone. NULL is ignored. */
void ws_deflate_free(struct ws_deflate *deflate);

/* What ws_conn_set_transform takes; borrows `deflate`. RSV1 marks a compressed
 * message (6). WS_FAULT_DEFLATE_DATA: the octets of a message, with the four
 * that 7.2.2 appends, are not DEFLATE data, or end inside a block or an octet.
 * A message of no octets at all is taken for an empty one, though 7.2.3.6 asks
 * for one octet. What could be inflated before the fault is delivered before.
 *
 * A peer that reaches back further than the window agreed on is found out when
 * the octets it means are gone; while they are in the piece at hand it gets
 * away with it, which 7.2.2 allows. */
struct ws_transform ws_deflate_transform(struct ws_deflate *deflate);

#ifdef __cplusplus
}
#endif

#endif
