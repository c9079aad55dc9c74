/* url.h: the URL of a server under test (RFC 6455 3). */
#ifndef WSC_URL_H
#define WSC_URL_H

#include <stdbool.h>
#include <stdint.h>

struct wsc_url {
  char host[256]; /* without the brackets of an IPv6 literal */
  uint16_t port;
  char authority[272]; /* for the Host field: port only when not the default */
  char path[2048];     /* the resource name: path and query */
};

/* True and *url, or false and *why (static): what is wrong with it. */
bool wsc_url_parse(const char *text, struct wsc_url *url, const char **why);

/* True when the text looks like a URL rather than a filter. */
bool wsc_url_is(const char *text);

#endif
