/* websocket_support.h: what the tests of lib/websocket share: a socket under
 * test, and at the other end a plain one, with which the test writes and reads
 * octets. Both are on one thread: whatever waits turns the loop. */
#ifndef WEBSOCKET_SUPPORT_H
#define WEBSOCKET_SUPPORT_H

#include "support.h"

#include "ws/websocket.h"

#include "failmalloc.h"

#define MS UINT64_C(1000) /* microseconds */

/* What was sent, or has to be: one frame. */
struct frame_seen {
  uint8_t first; /* FIN, RSV, opcode */
  bool masked;
  uint8_t *payload; /* unmasked; owned by the rig, until the next frame */
  size_t len;
};

struct rig {
  struct ws_io *io;
  struct ws_websocket *socket; /* NULL: released, or not made */
  enum ws_role role;           /* of the socket */
  int listening;               /* where a client dials */
  uint16_t port;
  int fd; /* the plain peer; -1: none */
  struct ws_io_server *server;
  struct ws_io_stream *accepted;
  struct ws_websocket_options options; /* for the next socket */
  struct failmalloc fm;                /* its memory, unless options say else */
  size_t num_gone;                     /* calls of an adopted socket's `gone` */
  bool hasty; /* the client that is adopted sends a Close frame and its FIN
                 directly behind its request */

  /* The events, each as "state letter[contents] ": "1o ", "1t[hi] ", "1a[..] "
   * and "1b[..] " (array, blob), "3e ", "3c[clean,code,reason] ", "1d ". */
  char log[4096];
  /* Called behind each entry of the log; NULL: nothing is. */
  void (*act)(struct rig *rig, const struct ws_websocket_event *event);
  void *user; /* the test's */

  char request[4096]; /* of a client, as the peer has read it */
  uint8_t *in;        /* bytes the peer has read, but not looked at */
  size_t in_len, in_cap;
  uint8_t *payload;
};

void rig_init(struct rig *rig);

/* Aborts and releases what is left; all memory has to be back. */
void rig_free(struct rig *rig);

/* Makes a client that dials the peer, at `path`, and logs its events. */
void rig_connect(struct rig *rig, const char *path);

/* Attaches the log to a socket that the test has made itself. */
void rig_watch(struct rig *rig);

/* The peer accepts; it has read nothing. */
void rig_accept_tcp(struct rig *rig);

/* The same, and it reads the request. */
void rig_accept(struct rig *rig);

/* The peer answers it: 101 with `fields` (whole lines with CRLF). */
void rig_answer(struct rig *rig, const char *fields);

/* A socket that is open, of either role, with its open event in the log, and
 * a peer that has seen the whole handshake. */
void rig_open(struct rig *rig, enum ws_role role);

/* Adopts a connection as a server does; its open event is still to come. */
void rig_adopt(struct rig *rig);

/* The log becomes, or ends in, this: turns until it does. */
void rig_expect(struct rig *rig, const char *log);
void rig_expect_end(struct rig *rig, const char *tail);

/* Turns the loop for a moment; true for as long as ten seconds have not passed
 * since `*begin` (0 at first). */
bool rig_turn(struct rig *rig, uint64_t *begin);

/* The peer's side ---------------------------------------------------------- */

void peer_send(struct rig *rig, const void *data, size_t len);

/* One frame; masked when the peer is a client. */
void peer_send_frame(struct rig *rig, uint8_t first, const void *payload,
                     size_t len);
#define PEER_SEND(rig, first, literal)                                         \
  peer_send_frame(rig, first, literal, sizeof(literal) - 1)

/* The next frame. */
struct frame_seen peer_read_frame(struct rig *rig);
void peer_expect_frame(struct rig *rig, uint8_t first, const void *payload,
                       size_t len);
#define PEER_EXPECT(rig, first, literal)                                       \
  peer_expect_frame(rig, first, literal, sizeof(literal) - 1)

/* Nothing but the end of the stream comes: FIN, or RST. */
void peer_expect_fin(struct rig *rig);
void peer_expect_reset(struct rig *rig);

/* The peer has ended, with a FIN. */
void peer_close(struct rig *rig);

/* A ping goes there and its pong comes back: what came before has been
 * handled. */
void peer_fence(struct rig *rig);

/* Reads what there is, `max` bytes at most; how many. */
size_t peer_read(struct rig *rig, size_t max);

/* A rig as the state of a test. */
int rig_setup(void **state);
int rig_teardown(void **state);
#define RIG_TEST(function)                                                     \
  cmocka_unit_test_setup_teardown(function, rig_setup, rig_teardown)

#endif
