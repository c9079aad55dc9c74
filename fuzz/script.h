/* script.h: two connections of ours, joined by pipes that chop, whose memory and
 * randomness fail when the input says so; and what is known of each: a model in
 * lock-step, which says what a call may return. */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include "fuzz.h"
#include "ws/conn.h"

#define SCRIPT_FED_MAX 64 /* buffers that wait to be taken */

/* What a call may return: bit 1 << s for each enum ws_status. */
#define SCRIPT_MAY(status) (1U << (status))

struct script_side {
  struct ws_conn *conn; /* owned */
  enum ws_role role;
  struct ws_allocator allocator;
  struct ws_crypto crypto;
  size_t live;      /* octets handed out */
  unsigned fail_in; /* the call for memory or randomness that fails; 0: none */
  uint8_t last_random;

  /* The model. */
  enum ws_conn_state state;
  bool connected;      /* client: the request was sent */
  bool asked;          /* server: a request waits for its answer */
  bool refused;        /* no opening handshake can succeed any more */
  bool fed_end;        /* feed_eof */
  bool more;           /* events of the latest feed may wait */
  bool close_sent;     /* by a call */
  bool close_received; /* told */
  bool manual_close;
  bool limited;             /* the output is bounded */
  bool failing;             /* a fault will be told next */
  bool ended;               /* END was told */
  bool sending;             /* a fragmented message is unfinished */
  enum ws_opcode opcode;    /* of it */
  struct fuzz_bytes unsent; /* what it consists of so far */
  struct fuzz_bytes said;   /* messages: opcode, length, octets */
  struct fuzz_bytes heard;
  struct fuzz_bytes message;    /* that is being received */
  uint8_t *fed[SCRIPT_FED_MAX]; /* owned; what the connection borrows */
  size_t num_fed;
};

struct script_world {
  struct script_side sides[2]; /* by enum ws_role */
  bool forged; /* a side got octets that the other one did not send */
  uint64_t seed;
};

/* First octet of *input: bit 0: pongs are the owners' matter; bit 1: answers to
 * Close frames, too; bit 2: small limits; bit 3: the client's failure comes from
 * the second octet, and the server's from the third (0: none). Then a seed of
 * cuts. `world` must not be moved. */
void script_begin(struct script_world *world, struct fuzz_input *input);

/* Carries what is left, ends both streams, checks that all that was said was
 * heard, and that no memory is left. */
void script_end(struct script_world *world);

/* Takes at most `most` events. */
void script_listen(struct script_side *side, size_t most);

/* Carries up to `most` octets; false: there are none, or they cannot be taken. */
bool script_carry(struct script_world *world, enum ws_role from, size_t most);

/* Feeds octets of whatever origin. */
void script_feed(struct script_side *side, const uint8_t *data, size_t len);
void script_feed_end(struct script_side *side);

/* Checks what a call returned, and that a failure of memory or randomness broke
 * the connection for good. */
void script_judge(struct script_side *side, enum ws_status got, unsigned may);

/* True while frames may be sent. */
bool script_is_open(const struct script_side *side);

/* Bits for a call that sends, before its arguments are looked at. */
unsigned script_may_send(const struct script_side *side);

/* A message was sent. */
void script_said(struct script_side *side, enum ws_opcode opcode,
                 const uint8_t *data, size_t len);

#endif
