/* url_internal.h: the host parser, which is half of a URL parser. */
#ifndef WS_URL_INTERNAL_H
#define WS_URL_INTERNAL_H

#include "ws/url.h"

int ws_url_hex_value(uint8_t c); /* 0..15, or -1 */

/* WHATWG URL "host parsing" of a special scheme's host, and its serialisation,
 * NUL-terminated. `text` is not empty. An address of IPv6 is the only host with
 * a ':' in it; it comes without brackets. */
enum ws_url_error ws_url_host_parse(char host[WS_URL_HOST_MAX],
                                    struct ws_slice text);

#endif
