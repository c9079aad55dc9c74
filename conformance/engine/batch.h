/* batch.h: executes a list of items, several at once. */
#ifndef WSC_BATCH_H
#define WSC_BATCH_H

#include "scheduler.h"

struct wsc_batch {
  struct wsc_campaign *campaign; /* borrowed */
  struct wsc_item **items;       /* borrowed; each gets its outcome */
  size_t num_items;
  unsigned jobs;
  unsigned patience;
};

enum wsc_batch_end {
  WSC_BATCH_DONE,
  WSC_BATCH_INTERRUPTED,
  WSC_BATCH_UNREACHABLE /* a dial failed: the rest was not begun */
};

enum wsc_batch_end wsc_batch_run(const struct wsc_batch *batch);

#endif
