/* trial.h: one execution of one case: its clock, its connections, its record.
 *
 * A trial is driven from outside: the case host resumes its script whenever
 * `ready` is set or `wake_at` has come, and the verbs of the script call into
 * the engine. */
#ifndef WSC_TRIAL_H
#define WSC_TRIAL_H

#include "ws/crypto.h"

#include "case.h"
#include "chop.h"
#include "meter.h"
#include "observe.h"
#include "outcome.h"
#include "rng.h"
#include "transport.h"

/* The peer under test, as the user named it. All strings are borrowed for the
 * whole run. */
struct wsc_target {
  const char *url;
  const char *host;           /* value of the Host field: "127.0.0.1:9001" */
  const char *path;           /* the request-target: "/chat?x=1" */
  bool secure;                /* over TLS */
  const char *request;        /* --script-message, or NULL: a text message */
  const char *answer;         /* and what its answer looks like: '*' stands
                                 for any octets */
  const char *protocol;       /* --subprotocol, or NULL */
  const char *origin;         /* --origin, or NULL */
  const char *const *headers; /* --header, "Name: value"; NULL-ended */
};

/* What all trials of a run share. */
struct wsc_context {
  struct wsc_transport *transport; /* borrowed */
  const struct wsc_target *target; /* borrowed */
  const struct ws_crypto *crypto;  /* borrowed */
  struct wsc_observed observed;
  uint64_t seed;
  uint64_t timeout;   /* T, microseconds; 0: wait for ever (a debugger) */
  enum wsc_chop chop; /* how what cases send is cut */
  bool strict;        /* `tolerated` clauses fail */
  bool only_must;     /* --level must: SHOULD clauses are notes */
  bool greets;        /* the peer sends messages unasked (F11) */
  bool echoes;        /* the peer echoes messages; set by the sanity check */
  bool answers;       /* the scripted message is answered; as above */
  bool text_only;     /* it refuses binary messages with Close 1003; as above */
  bool asks_commands; /* --commands: the peer may be given some (testee.h) */
  unsigned commands;  /* those it implements, as 1 << kind; set as above */
  char agent[128];    /* what the peer calls itself (Server field); "" */
  bool ends_late;     /* a finish() has waited in vain: do not wait again */
  const struct wsc_meter *meter; /* borrowed; NULL: nobody can say what the
                                    peer uses */
  const char
      *spared_because;    /* why cases tagged robustness are skipped; static;
                                 NULL: they run */
  const char *dial_error; /* why the latest dial failed; NULL: it did not */
  /* When the network was read last: a deadline has passed when what came before
   * it was read. 0: nobody reads, the clock counts. */
  uint64_t polled;
  uint64_t slowest; /* the longest wait for a response head, since it was 0 */
};

struct wsc_link;

struct wsc_trial {
  struct wsc_context *context; /* borrowed */
  const struct wsc_case *info; /* borrowed */
  struct wsc_outcome *outcome; /* owned until taken */
  struct wsc_rng rng;
  char nonce[13];
  uint64_t began;         /* on the transport's clock */
  uint64_t wake_at;       /* WSC_FOREVER: only an event wakes it */
  bool ready;             /* an event came since the script was last resumed */
  unsigned patience;      /* factor on T: 1, or 4 for a lonely repetition */
  int line;               /* of the case's file, for the next step or clause */
  const char *label;      /* of the variant that runs; "" for none */
  bool unreachable;       /* a dial failed: the case could not be measured */
  bool late;              /* a wait ran out of time that no clause tells of */
  bool ran_out;           /* and it was the latest wait */
  bool in_doubt;          /* a clause was broken right behind such a wait */
  struct wsc_link *links; /* owned */
  int num_links;
  struct wsc_autobahn *autobahn; /* in the outcome's arena; NULL: none asked */
};

struct wsc_trial *wsc_trial_new(struct wsc_context *context,
                                const struct wsc_case *info, unsigned patience);

/* Releases its connections, frees it with its outcome. NULL is ignored. */
void wsc_trial_free(struct wsc_trial *trial);

/* Writes what its connections have kept back, see wsc_link_push. */
void wsc_trial_push(const struct wsc_trial *trial);

/* Gives up all connections, so that the end of a script ends its traffic. */
void wsc_trial_release_links(struct wsc_trial *trial);

/* The outcome becomes the caller's. */
struct wsc_outcome *wsc_trial_take(struct wsc_trial *trial);

/* Microseconds since the trial began. */
uint64_t wsc_trial_time(const struct wsc_trial *trial);

/* The point in time that is T (times the trial's patience) from now;
 * WSC_FOREVER in debugger mode. */
uint64_t wsc_trial_deadline(const struct wsc_trial *trial);

/* The same for another length of time, in microseconds. */
uint64_t wsc_trial_after(const struct wsc_trial *trial, uint64_t time);

/* The same for a time that a script names: patience stretches it as far as it
 * stretches T, and a minute stays a minute. */
uint64_t wsc_trial_for(const struct wsc_trial *trial, uint64_t time);

/* From here on connections are recorded as the Autobahn Testsuite sees them. What
 * `plan` points to must live in the outcome's arena. */
void wsc_trial_plan_autobahn(struct wsc_trial *trial,
                             const struct wsc_autobahn_plan *plan);

bool wsc_trial_past(const struct wsc_trial *trial, uint64_t deadline);

/* False when the case has noted so many steps that no more are kept. */
bool wsc_trial_notes_steps(const struct wsc_trial *trial);

/* Notes a step. `connection` -1: none; it belongs to the latest wire event when
 * `on_wire`. */
int wsc_trial_step(struct wsc_trial *trial, int connection, bool on_wire,
                   const char *verb, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* A wait that judges nothing begins, and has run out of time. */
void wsc_trial_waits(struct wsc_trial *trial);
void wsc_trial_runs_out(struct wsc_trial *trial);

/* What a clause is about. */
struct wsc_judgement {
  const char *requirement;
  enum wsc_strength strength;
  bool holds;
  bool absent; /* when it does not hold: because something did not come */
  const char *expected; /* copied */
  const char *got;      /* copied; NULL is "" */
};

/* Notes a clause under the current line and label. Returns `holds`. */
bool wsc_trial_judge(struct wsc_trial *trial,
                     const struct wsc_judgement *judgement);

/* printf into the outcome's arena. */
const char *wsc_trial_text(struct wsc_trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Up to `max` bytes of `data` as quoted, escaped text; in the arena. */
const char *wsc_trial_quote(struct wsc_trial *trial, const uint8_t *data,
                            size_t len, size_t max);

#endif
