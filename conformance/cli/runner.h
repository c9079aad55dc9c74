/* runner.h: one target, run and entered into the run document. */
#ifndef WSC_RUNNER_H
#define WSC_RUNNER_H

#include "cli.h"
#include "expectations.h"
#include "host.h"
#include "run.h"
#include "terminal.h"

struct wsc_runner {
  const struct wsc_options *options;   /* borrowed */
  struct wsc_host *host;               /* borrowed */
  const struct wsc_case *const *cases; /* selected; borrowed */
  size_t num_cases;
  struct wsc_run *run;                         /* borrowed; NULL: no document */
  struct wsc_terminal *terminal;               /* borrowed; NULL: silent */
  const struct wsc_expectations *expectations; /* borrowed; NULL: none */
  /* Told of each final outcome; may be NULL. */
  void (*on_final)(void *user, const struct wsc_item *item);
  void *user;
  bool (*interrupted)(void *user); /* NULL: never */
  void *interrupted_user;
  const struct wsc_meter *meter; /* borrowed; NULL: none */
  const char *spared_because;    /* see struct wsc_context; NULL */
  void (*revive)(void *user, unsigned attempt); /* see struct wsc_campaign */
  void *reviver;
  const char *variant; /* "tcp", "tls", "sim" */
  enum wsc_chop chop;
  bool commands; /* gives the peer commands, whatever the options say */
  int *target;   /* its index in the document; NULL, or -1 in it: to be added */
};

struct wsc_verdicts {
  enum wsc_campaign_end end;
  size_t num_cases; /* that were to run */
  size_t counts[WSC_NUM_VERDICTS];
  size_t unexpected; /* results that make exit code 1 */
  size_t known;      /* deviations that --expect names, and that showed */
  bool echoes;
  char agent[128];
  char commands[64];   /* of the testee contract that it implements; "" */
  char sanity[512];    /* why the sanity check failed; "" */
  char suspects[1024]; /* what ran when the peer went away; "" */
};

/* Runs the cases against `target` through `transport`. `target_id` names it in
 * the document (added here). */
void wsc_runner_run(struct wsc_runner *runner, struct wsc_transport *transport,
                    const struct wsc_target *target, const char *target_id,
                    struct wsc_verdicts *verdicts);

#endif
