/* endpoint.h: HOST:PORT on a command line, and as a URL. */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct endpoint {
  char host[256]; /* without brackets */
  uint16_t port;
};

/* Reads "127.0.0.1:9001", "[::1]:9001", "localhost:0". False and a line on
 * standard error: it is something else. */
bool endpoint_parse(struct endpoint *endpoint, const char *text);

/* Prints "listening on ws://127.0.0.1:9001/" as a line of its own, at once. */
void endpoint_announce(const struct endpoint *endpoint, const char *scheme);

/* For programs that have no event loop to do it: a listening socket, and in
 * *endpoint the port that was chosen for port 0. -1 and a line on standard
 * error: the address cannot be had. */
int endpoint_listen(struct endpoint *endpoint);

#endif
