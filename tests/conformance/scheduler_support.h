/* scheduler_support.h: a campaign of cases that each do one deed, against a peer
 * that can go down. */
#ifndef WSC_SCHEDULER_SUPPORT_H
#define WSC_SCHEDULER_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "batch.h"
#include "engine_support.h"

#define MOST 8

/* What a case does once its connection is up. */
enum deed {
  PASSES,
  FAILS,
  WARNS_ABSENT, /* waits T, then warns of what did not come */
  ABSENT_ONCE,  /* the same, unless it is repeated */
  ABSENT_TWICE, /* the same, unless it is repeated again */
  LATE_ONCE,    /* could not be measured in time, unless it is repeated */
  SKIPPED_ONCE, /* a precondition did not show in time, unless it is repeated */
  FAILS_LATE,   /* fails behind a wait that ran out, unless it is repeated */
  STALLED, /* the runner sleeps past T, and the peer has answered in time */
  CROWDED, /* the peer needs longer, the more cases run at once */
  WAITS,   /* T */
  STUCK,   /* for something that never comes */
  SILENT,  /* judges nothing */
  KILLS,   /* the peer goes down for a while, each time */
  KILLS_ONCE,
  KILLS_TWICE,
  KILLS_FOR_GOOD,
  INTERRUPTS
};

struct play {
  struct wsc_case info; /* first: the script finds the rest by it */
  enum deed deed;
  unsigned runs, finals;
  unsigned beside;  /* how many ran when it ended, itself included */
  unsigned ordinal; /* of its latest end, among all ends */
};

struct stage {
  struct world world;
  struct play plays[MOST + 2]; /* then the sanity checks */
  struct wsc_item items[MOST];
  struct wsc_campaign campaign;
  unsigned running, weight, max_running, max_weight, ends;
  uint64_t down_until;
  unsigned late; /* cases of CROWDED that had no answer in time */
  bool interrupted;
};

/* Sets up a campaign of `num` cases, at most MOST, one a deed, between sanity
 * checks that pass. `stage` must stay where it is until stage_close(). */
void stage_open(struct stage *stage, const enum deed *deeds, size_t num);

/* Frees all; no script may be running. */
void stage_close(struct stage *stage);

/* Asserts the verdict of a case, how often it ran, and that it was final
 * once. */
void stage_assert_item(const struct stage *stage, size_t index,
                       enum wsc_verdict verdict, unsigned runs);

/* Declares `stage` and opens it on those deeds. */
#define OPEN(stage, ...)                                                       \
  static const enum deed deeds[] = {__VA_ARGS__};                              \
  struct stage stage;                                                          \
  stage_open(&stage, deeds, sizeof deeds / sizeof *deeds)

#endif
