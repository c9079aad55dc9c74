/* url.h: ws and wss URLs (RFC 6455 3, WHATWG WebSockets and URL standards), as a
 * pure function.
 *
 * Parses like a browser: letter case, default ports, dot segments, backslashes,
 * percent-encoding of what may not stand bare, tabs and line ends dropped, IPv4
 * in its number forms, IPv6 in brackets. What is stricter: a host that is not
 * ASCII is refused (IDNA is the caller's), and so are characters that RFC 3986
 * has in no host, port 0, and user information, since nothing here would send
 * it. */
#ifndef WS_URL_H
#define WS_URL_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_URL_HOST_MAX 256  /* bytes, NUL included */
#define WS_URL_MAX      8192 /* bytes of a serialised URL, NUL included */

/* All strings are NUL-terminated. */
struct ws_url {
  bool secure;                /* wss */
  char host[WS_URL_HOST_MAX]; /* to resolve and to verify: lower case; an IPv6
                                 address without brackets */
  uint16_t port;              /* 1..65535; 80 or 443 by default */
  char authority[WS_URL_HOST_MAX + 8]; /* for Host: brackets where needed, the
                                          port when it is not the default */
  char target[WS_URL_MAX]; /* path and query: begins with '/'; printable ASCII
                              without '#' */
  bool empty_query; /* a '?' with nothing behind it: ws_url_write shows it, a
                       request does not (RFC 6455 3: "if the query component is
                       non-empty") */
};

enum ws_url_error {
  WS_URL_OK = 0,
  WS_URL_SYNTAX,   /* it does not parse */
  WS_URL_SCHEME,   /* not ws, wss, http or https */
  WS_URL_FRAGMENT, /* a '#', even with nothing behind it (RFC 6455 3) */
  WS_URL_USER,     /* user information */
  WS_URL_HOST,     /* empty, not ASCII, or a character that may not be there */
  WS_URL_PORT,     /* no number from 1 to 65535 */
  WS_URL_TOO_LONG  /* a part exceeds its array, or the whole WS_URL_MAX */
};

/* Parses `len` bytes; http and https mean ws and wss. Bytes above 0x7F in path
 * and query are percent-encoded as they are. *url is filled only for WS_URL_OK.
 */
enum ws_url_error ws_url_parse(struct ws_url *url, const char *text,
                               size_t len);

/* What is wrong, in a clause of English; static. */
const char *ws_url_error_text(enum ws_url_error error);

/* "wss://host:port/path?query", WHATWG's serialisation, NUL-terminated, into
 * `out`. Returns the length without NUL; `out` (NULL when cap is 0) holds it
 * when that is less than `cap`. */
size_t ws_url_write(char *out, size_t cap, const struct ws_url *url);

/* The same for its origin: "wss://host:port", the default port left out. */
size_t ws_url_write_origin(char *out, size_t cap, const struct ws_url *url);

#ifdef __cplusplus
}
#endif

#endif
