/* owner.h: who owns the connection that is observed: takes its events, checks
 * what holds of all of them, does what its habits are, writes down. */
#ifndef OWNER_H
#define OWNER_H

#include "observe.h"

struct owner {
  const struct stage *stage;  /* borrowed */
  struct observation *seen;   /* borrowed */
  struct ws_conn *conn;       /* owned */
  struct ws_deflate *deflate; /* owned */
  struct ws_crypto crypto;
  uint8_t last_random;
  uint64_t fed;              /* octets */
  uint64_t reached;          /* the end of the latest event */
  struct fuzz_bytes message; /* that is being received */
  enum ws_opcode opcode;     /* of it */
  bool in_message;
  bool asked_to_close;
  const struct ws_request *request; /* that waits for its answer; borrowed */
  bool in_run;                      /* data that are not written down yet */
  bool run_first, run_final;
  uint64_t run_offset, run_end;
  size_t run_len;
};

/* `owner` must not be moved afterwards. */
void owner_init(struct owner *owner, const struct stage *stage,
                struct observation *seen);
void owner_free(struct owner *owner);

/* Takes all events, or at most `most`; true: there may be more. */
bool owner_listens(struct owner *owner, size_t most);

/* If a request waits: answers it, and takes what follows. */
void owner_answers(struct owner *owner);

/* No event will come: what was held back is written down. */
void owner_finishes(struct owner *owner);

#endif
