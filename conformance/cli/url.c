#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool wsc_url_is(const char *text) {
  return strstr(text, "://") != NULL;
}

static bool bad(const char **why, const char *text) {
  *why = text;
  return false;
}

/* "host", "host:port", "[v6]", "[v6]:port"; `len` bytes. */
static bool parse_authority(const char *text, size_t len, struct wsc_url *url,
                            const char **why) {
  bool literal = len != 0 && text[0] == '[';
  const char *end = text + len;
  const char *host_end = memchr(text, literal ? ']' : ':', len);
  if (literal && host_end == NULL) {
    return bad(why, "the bracket of the IPv6 address is not closed");
  }
  const char *host = literal ? text + 1 : text;
  host_end = host_end == NULL ? end : host_end;
  size_t host_len = (size_t)(host_end - host);
  if (host_len == 0 || host_len >= sizeof url->host) {
    return bad(why, "the host is empty or too long");
  }
  if (memchr(text, '@', len) != NULL) {
    return bad(why, "it must not have user information");
  }
  memcpy(url->host, host, host_len);
  url->host[host_len] = '\0';
  const char *rest = literal ? host_end + 1 : host_end;
  url->port = 80;
  if (rest != end) {
    char *stop;
    /* strtol would take a sign. */
    bool number = *rest == ':' && rest[1] >= '0' && rest[1] <= '9';
    long port = number ? strtol(rest + 1, &stop, 10) : 0;
    if (port < 1 || port > 65535 || stop != end) {
      return bad(why, "the port is not a number from 1 to 65535");
    }
    url->port = (uint16_t)port;
  }
  const char *open = strchr(url->host, ':') != NULL ? "[" : "";
  const char *close = *open == '[' ? "]" : "";
  if (url->port == 80) {
    snprintf(url->authority, sizeof url->authority, "%s%s%s", open, url->host,
             close);
  } else {
    snprintf(url->authority, sizeof url->authority, "%s%s%s:%u", open,
             url->host, close, url->port);
  }
  return true;
}

bool wsc_url_parse(const char *text, struct wsc_url *url, const char **why) {
  for (const char *c = text; *c != '\0'; c++) {
    if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7F) {
      return bad(why, "it has characters that must be percent-encoded");
    }
  }
  if (strncasecmp(text, "wss://", 6) == 0 ||
      strncasecmp(text, "https://", 8) == 0) {
    return bad(why, "this version tests ws:// only, TLS is not built in yet");
  }
  if (strncasecmp(text, "ws://", 5) != 0) {
    return bad(why, "it must begin with ws://");
  }
  /* RFC 6455 3: "Fragment identifiers ... MUST NOT be used on these URIs." */
  if (strchr(text, '#') != NULL) {
    return bad(why, "it must not have a fragment ('#')");
  }
  const char *authority = text + 5;
  size_t len = strcspn(authority, "/?");
  const char *path = authority + len;
  const char *slash = *path == '/' ? "" : "/";
  int written = snprintf(url->path, sizeof url->path, "%s%s", slash, path);
  if (written < 0 || (size_t)written >= sizeof url->path) {
    return bad(why, "the path is too long");
  }
  return parse_authority(authority, len, url, why);
}
