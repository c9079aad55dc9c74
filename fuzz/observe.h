/* observe.h: what a connection and its owner make of a stream, written down so
 * that it does not depend on how the stream was cut. The oracle of the targets
 * that drive ws_conn: each way of cutting gives the same. */
#ifndef OBSERVE_H
#define OBSERVE_H

#include "fuzz.h"
#include "ws/conn.h"
#include "ws/deflate.h"

/* What the owner of the connection does; any of them together. */
enum owner_habit {
  OWNER_ANSWERS_PINGS = 1 << 0, /* itself: manual_pong */
  OWNER_ANSWERS_CLOSE = 1 << 1, /* itself: manual_close */
  OWNER_ECHOES = 1 << 2,        /* every message */
  OWNER_CLOSES = 1 << 3,        /* once a message has ended */
  OWNER_HEARS_THE_END = 1 << 4, /* of the stream: feed_eof */
  OWNER_REJECTS = 1 << 5,       /* requests */
  OWNER_CHOOSES = 1 << 6,       /* the first subprotocol that was offered */
  OWNER_HESITATES = 1 << 7, /* to answer a request until the stream has come */
  OWNER_IS_OPEN = 1 << 8    /* the stream begins behind the heads */
};

struct stage {
  enum ws_role role;
  unsigned habits; /* enum owner_habit */
  struct ws_conn_limits limits;
  bool compresses; /* the parameters below are agreed on; with
                                      OWNER_IS_OPEN only */
  struct ws_deflate_params params;
};

enum cutting {
  CUT_NOWHERE,
  CUT_EVERYWHERE,
  CUT_AT_EDGES,  /* behind lines, frame headers and payloads */
  CUT_AT_RANDOM, /* and the output is taken away in between */
  CUT_KEPT,      /* nowhere, but the owner takes a rest: ws_conn_keep */
  NUM_CUTTINGS
};

struct observation {
  struct fuzz_bytes events;  /* adjacent data of a message merged */
  struct fuzz_bytes output;  /* all of it */
  struct fuzz_bytes data;    /* payload of messages, one behind the other */
  struct fuzz_bytes whole;   /* messages and control frames: observation_add */
  struct fuzz_bytes partial; /* what came of the message that is not whole */
  size_t num_messages;
  enum ws_fault fault; /* or NONE */
  uint64_t fault_offset;
  unsigned types; /* bit 1 << t for each enum ws_event_type that was seen */
  uint64_t head_offset, head_len; /* of OPEN or REFUSED */
};

/* Plays the stream `data` once. Whatever holds of every connection is checked
 * on the way. The observation is owned by the caller: observation_free. */
void observe(struct observation *observation, const struct stage *stage,
             struct fuzz_input stream, enum cutting cutting, uint64_t seed);
bool observation_has(const struct observation *observation,
                     enum ws_event_type type);
void observation_free(struct observation *observation);

/* How `whole` writes them down: `number` is an opcode of data, or a code. */
void observation_add(struct fuzz_bytes *whole, enum ws_event_type type,
                     unsigned number, struct ws_slice payload);

/* Plays the stream in every cutting, and checks that all agree. Returns what
 * was seen. */
struct observation observe_all(const struct stage *stage,
                               struct fuzz_input stream, uint64_t seed);

#endif
