/* server_support.h: what the tests of the server share: a server under test,
 * and clients that are plain sockets, with which the test writes and reads
 * octets. All is on one thread: whatever waits turns the loop. */
#ifndef SERVER_SUPPORT_H
#define SERVER_SUPPORT_H

#include "support.h"

#include "ws/server.h"

#include "failmalloc.h"

#define MS          UINT64_C(1000) /* microseconds */
#define MAX_SOCKETS 256

#define KEY  "dGhlIHNhbXBsZSBub25jZQ=="
#define HEAD "GET /chat?x HTTP/1.1\r\nHost: example.com\r\n"
#define UPGRADE                                                                \
  "Upgrade: websocket\r\nConnection: Upgrade\r\n"                              \
  "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"
#define REQUEST HEAD UPGRADE "\r\n"

struct host {
  struct ws_io *io;
  struct failmalloc fm;             /* the server's memory */
  struct ws_server_options options; /* of the next host_listen */
  struct ws_server *server;         /* NULL: freed, or not made */
  /* What is done with a request when it comes; NULL: it waits. */
  void (*act)(struct host *host, struct ws_server_request *request);
  /* Called in `gone`, or NULL. */
  void (*mourn)(struct host *host, struct ws_server_request *request);
  /* Called behind the events of sockets, or NULL. */
  void (*hear)(struct host *host, const struct ws_websocket_event *event);
  struct ws_server_request *request; /* the last that came; NULL: it is gone */
  size_t num_requests, num_gone, num_done;
  struct ws_websocket *sockets[MAX_SOCKETS]; /* owned; NULL: released */
  size_t num_sockets;
  size_t num_opened, num_errors, num_closed; /* events */
  /* Of the last close. */
  bool was_clean;
  uint16_t code;
};

void host_init(struct host *host);
void host_listen(struct host *host);

/* Frees the server if it is there, lets its sockets end, and sees that all
 * memory is back. */
void host_free(struct host *host);

int host_setup(void **state);
int host_teardown(void **state);
#define HOST_TEST(function)                                                    \
  cmocka_unit_test_setup_teardown(function, host_setup, host_teardown)

/* For `act`: accepts, echoes, keeps the socket. */
void host_echo(struct host *host, struct ws_server_request *request);
/* As ws_server_accept, which has to succeed, with the echo. */
struct ws_websocket *host_accept(struct host *host,
                                 struct ws_server_request *request,
                                 const char *protocol);

/* Rejects the request that came last. */
void host_reject(struct host *host, uint16_t status);

void host_shutdown(struct host *host, uint64_t timeout);

/* One turn; fails the test ten seconds after *begin (0 at first). */
void host_turn(struct host *host, uint64_t *begin);

/* Turns while `condition` does not hold. */
#define HOST_UNTIL(host, condition)                                            \
  for (uint64_t begin_ = 0; !(condition);) {                                   \
    host_turn(host, &begin_);                                                  \
  }

/* All that the clients have sent so far has been seen: a client comes, is
 * answered, and goes. Takes a request for itself. */
void host_fence(struct host *host);

/* Clients ------------------------------------------------------------------ */

struct client {
  struct host *host;
  int fd;
  char text[8192]; /* what was read last; NUL-terminated */
  size_t len;
};

void client_init(struct client *client, struct host *host);
void client_send(struct client *client, const void *data, size_t len);
void client_send_text(struct client *client, const char *text);
/* One masked frame of at most 125 bytes. */
void client_send_frame(struct client *client, uint8_t first,
                       const char *payload, size_t len);
#define CLIENT_SEND(client, first, literal)                                    \
  client_send_frame(client, first, literal, sizeof(literal) - 1)

/* Reads up to the empty line, and no further, into `text`. */
void client_read_head(struct client *client);
/* The same, with a body of Content-Length. Nothing of it is kept. */
void client_expect_status(struct client *client, const char *status);
/* Reads as many, which have to be these. */
void client_expect(struct client *client, const void *data, size_t len);
#define CLIENT_EXPECT(client, literal)                                         \
  client_expect(client, literal, sizeof(literal) - 1)
void client_expect_fin(struct client *client);
/* RST, or FIN where nothing was left unread. */
void client_expect_end(struct client *client);
/* From now on the kernel takes in little that the test does not read. */
void client_take_little(struct client *client);
void client_finish(struct client *client); /* a FIN */
void client_close(struct client *client);
void client_reset(struct client *client);

/* A client whose request waits: it is host->request. */
void client_ask(struct client *client, struct host *host, const char *request);

/* A client that has been accepted. */
void client_open(struct client *client, struct host *host);

#endif
