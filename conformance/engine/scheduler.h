/* scheduler.h: runs cases, many at once, and decides what is run again.
 *
 * A campaign against one target: the sanity check, all selected cases, the
 * lonely repetition of those that are no pass because something did not come in
 * time, the same for the cases that are tagged robustness, one by one, the
 * passive cases, the sanity check again. */
#ifndef WSC_SCHEDULER_H
#define WSC_SCHEDULER_H

#include "trial.h"

/* Who executes scripts: conformance/script. */
struct wsc_script_ops {
  /* Prepares the script of trial->info. NULL: out of memory. */
  void *(*start)(void *host, struct wsc_trial *trial);
  /* Runs it until it waits (false) or has ended (true). */
  bool (*resume)(void *host, void *script);
  void (*stop)(void *host, void *script); /* frees it; NULL is ignored */
};

struct wsc_item {
  const struct wsc_case *info; /* borrowed */
  struct wsc_outcome *outcome; /* owned; NULL until it has run */
  bool unreachable;            /* its latest execution could not dial */
  bool final;                  /* `on_final` was called */
};

enum wsc_campaign_end {
  WSC_CAMPAIGN_DONE,
  WSC_CAMPAIGN_INTERRUPTED, /* what is left out is a skip */
  WSC_CAMPAIGN_INSANE,      /* the sanity check failed before anything ran */
  WSC_CAMPAIGN_GONE         /* the peer stopped accepting connections */
};

struct wsc_campaign;
struct wsc_campaign {
  struct wsc_context *context;      /* borrowed */
  const struct wsc_script_ops *ops; /* borrowed */
  void *host;                       /* borrowed */
  const struct wsc_case *first;     /* sanity check before; borrowed */
  const struct wsc_case *last;      /* sanity check after; borrowed */
  struct wsc_item *items;           /* in order of report; borrowed */
  size_t num_items;
  unsigned jobs; /* 1..256 at once */
  /* Asked between events; NULL: never interrupted. */
  bool (*interrupted)(void *user);
  /* The peer accepts no connections, for the `attempt`-th time (from 0) in a
   * row: starts it again. NULL: nobody can, the campaign waits for it. */
  void (*revive)(void *user, unsigned attempt);
  void *reviver; /* the `user` of that; borrowed */
  /* An item has its final outcome; in the order in which that happens. */
  void (*on_final)(void *user, const struct wsc_item *item);
  /* A case begins or ends: for the progress line; see `phase`. May be NULL. */
  void (*on_progress)(void *user, const struct wsc_campaign *campaign,
                      size_t running);
  void *user;
  const char *phase;              /* what goes on, in words; static */
  size_t phase_total, phase_done; /* cases of it, and those that ended */
  uint64_t lateness; /* microseconds by which the runner itself was behind a
                        deadline, at most, in the latest batch */
  /* results */
  struct wsc_outcome *sanity; /* owned: of the sanity check that decided the
                                 end; NULL when none failed */
  char suspects[1024];        /* WSC_CAMPAIGN_GONE: cases that ran when the peer
                                 went away, in words */
};

enum wsc_campaign_end wsc_campaign_run(struct wsc_campaign *campaign);

#endif
