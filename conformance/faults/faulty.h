/* faulty.h: an echo server on the codecs with one run-time switch for each
 * violation.
 *
 * Without a fault it is a conforming RFC 6455 echo server, written apart from
 * libws: each case must pass against it. With one fault it breaks exactly one
 * requirement, which a clause of some case must then turn `fail` or `warn`:
 * `wsspec selftest` proves it. */
#ifndef WSC_FAULTY_H
#define WSC_FAULTY_H

#include "meter.h"
#include "peer.h"

/* One entry per fault: identifier, slug, requirement, what the peer does. The
 * list is in faults.def, included here and by the table behind
 * wsc_fault_entry. */
enum wsc_fault_id {
  WSC_NO_FAULT = 0,
#define XX(id, slug, requirement, text) WSC_FAULT_##id,
#include "faults.def"
#undef XX
  WSC_NUM_FAULTS
};

struct wsc_fault_entry {
  const char *slug;        /* "pong-payload-cut" */
  const char *requirement; /* "6455-5.5.3-02" */
  const char *text;        /* what the peer does, one clause */
};

/* The entry of a fault, 1 .. WSC_NUM_FAULTS - 1; for others, one that says
 * "none". Static. */
const struct wsc_fault_entry *wsc_fault_entry(enum wsc_fault_id fault);

/* The fault called `slug`, or WSC_NO_FAULT. */
enum wsc_fault_id wsc_fault_by_slug(const char *slug);

/* What the connections of one peer share: the process that it would be, with
 * what it uses. Begins as zeros. */
struct wsc_faulty_process {
  unsigned num_lost; /* connections that were lost within a frame */
  unsigned num_fds;
  bool dead;          /* it has crashed: accepts nobody */
  bool spins;         /* it uses a processor, doing nothing, */
  uint64_t spins_at;  /* from here on */
  uint64_t cpu;       /* microseconds, before that */
  uint64_t allocated; /* bytes */
};

/* A reader for a meter whose `user` is a struct wsc_faulty_process. */
bool wsc_faulty_usage(void *user, uint64_t now, struct wsc_usage *usage,
                      const char **why);

/* Starts a dead one again. Its `user` is a struct wsc_faulty_process. */
void wsc_faulty_revive(void *user, unsigned attempt);

/* True for faults that show in a struct wsc_faulty_process alone. */
bool wsc_fault_is_of_process(enum wsc_fault_id fault);

struct wsc_faulty_config {
  enum wsc_fault_id fault;
  /* Borrowed. NULL: its connections share nothing, and faults that concern
   * others than their own do not show. */
  struct wsc_faulty_process *process;
  bool commands; /* takes those of testee.h */
};

/* A table whose factory config is a struct wsc_faulty_config. */
extern const struct wsc_peer_ops wsc_faulty_peer;

#endif
