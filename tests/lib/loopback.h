/* loopback.h: plain blocking sockets, the other side of tests of ours. */
#ifndef TESTS_LOOPBACK_H
#define TESTS_LOOPBACK_H

#include <stdint.h>

/* A socket that listens on 127.0.0.1, on a port of the system's choice. */
int listen_here(uint16_t *port);
int accept_one(int listening);
int connect_to(uint16_t port); /* on 127.0.0.1 */
void send_text(int fd, const char *text);

/* Closes with an RST. */
void reset_now(int fd);

#endif
