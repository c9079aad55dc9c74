/* meter.h: what the process of the peer uses, where it can be known: on this
 * machine, or simulated. */
#ifndef WSC_METER_H
#define WSC_METER_H

#include <stdbool.h>
#include <stdint.h>

/* Sums over the process and what it has started. */
struct wsc_usage {
  uint64_t rss;   /* resident memory, bytes */
  uint64_t vsize; /* virtual memory, bytes */
  uint64_t cpu;   /* user and system time since it began, microseconds */
  uint64_t fds;   /* open descriptors; 0: may not be known */
};

struct wsc_meter {
  /* Reads it now, `now` being the time on the transport's clock. False: *why
   * (static) says why it cannot. */
  bool (*read)(void *user, uint64_t now, struct wsc_usage *usage,
               const char **why);
  void *user; /* borrowed */
};

#endif
