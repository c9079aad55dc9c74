#include "endpoint.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool endpoint_parse(struct endpoint *endpoint, const char *text) {
  const char *colon = strrchr(text, ':');
  if (colon == NULL || colon == text || colon[1] < '0' || colon[1] > '9') {
    fprintf(stderr, "'%s' is not of the form HOST:PORT\n", text);
    return false;
  }
  char *end;
  unsigned long port = strtoul(colon + 1, &end, 10);
  bool brackets = text[0] == '[' && colon[-1] == ']';
  size_t skip = brackets ? 1 : 0;
  size_t len = (size_t)(colon - text) - 2 * skip;
  if (*end != '\0' || port > UINT16_MAX || len >= sizeof endpoint->host) {
    fprintf(stderr, "'%s' has no port of 0 to 65535\n", text);
    return false;
  }
  memcpy(endpoint->host, text + skip, len);
  endpoint->host[len] = '\0';
  endpoint->port = (uint16_t)port;
  return true;
}

void endpoint_announce(const struct endpoint *endpoint, const char *scheme) {
  bool literal = strchr(endpoint->host, ':') != NULL;
  printf("listening on %s://%s%s%s:%u/\n", scheme, literal ? "[" : "",
         endpoint->host, literal ? "]" : "", (unsigned)endpoint->port);
  fflush(stdout);
}

int endpoint_listen(struct endpoint *endpoint) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
  struct addrinfo *found = NULL;
  char port[8];
  snprintf(port, sizeof port, "%u", (unsigned)endpoint->port);
  int error = getaddrinfo(endpoint->host, port, &hints, &found);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", endpoint->host, gai_strerror(error));
    return -1;
  }
  int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int one = 1;
  struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
  socklen_t len = sizeof address;
  if (fd < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
      bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
      listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
      getnameinfo((struct sockaddr *)&address, len, NULL, 0, port, sizeof port,
                  NI_NUMERICSERV) != 0) {
    fprintf(stderr, "cannot listen on %s: %s\n", endpoint->host,
            strerror(errno));
    if (fd >= 0) {
      close(fd);
    }
    fd = -1;
  }
  freeaddrinfo(found);
  endpoint->port = (uint16_t)strtoul(port, NULL, 10);
  return fd;
}
