/* selftest.h: what the files of `wsspec selftest` share. */
#ifndef WSC_SELFTEST_H
#define WSC_SELFTEST_H

#include "faulty.h"
#include "runner.h"
#include "suite.h"

/* What a case is known to kill. */
struct wsc_killed {
  size_t num;
  enum wsc_fault_id fault; /* the first, one whose clause rests on no absence
                              where there is one; WSC_NO_FAULT: none */
  bool absent;             /* its clause rests on an absence */
};

struct wsc_selftest {
  const struct wsc_options *options; /* borrowed */
  struct wsc_suite suite;
  struct wsc_run *run;           /* NULL: no document */
  struct wsc_killed *killed;     /* by index of the selected case; owned */
  const struct wsc_case **light; /* those that are not heavy, tagged
                                    slow or robustness; owned */
  const struct wsc_case **heavy;
  size_t num_light, num_heavy;
  bool over_tcp; /* the peers are dialled on loopback, not simulated */
  bool good;
};

/* What one fault was killed by. */
struct wsc_kill {
  struct wsc_selftest *selftest; /* borrowed */
  enum wsc_fault_id fault;
  const char *first; /* id of a case; NULL: survived */
  size_t num;
};

/* Runs the runner's cases (NULL: all that are selected) against a peer. Ends
 * the process when it cannot be had. */
void wsc_selftest_run(struct wsc_selftest *selftest,
                      const struct wsc_peer_factory *factory, const char *id,
                      struct wsc_runner *runner, struct wsc_verdicts *verdicts);

/* The two peers that must pass everything. */
void wsc_selftest_conforming(struct wsc_selftest *selftest);

/* The peer with a fault; kills are counted in `kill`. */
void wsc_selftest_against(struct wsc_kill *kill,
                          const struct wsc_case *const *cases, size_t num,
                          struct wsc_verdicts *verdicts);

/* The same over TCP on loopback: the peers that conform, and where there is a
 * kill matrix, a fault of each area. */
void wsc_selftest_over_tcp(struct wsc_selftest *selftest);

#endif
