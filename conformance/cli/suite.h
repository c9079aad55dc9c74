/* suite.h: the selected cases of a command. */
#ifndef WSC_SUITE_H
#define WSC_SUITE_H

#include "cli.h"
#include "host.h"

struct wsc_suite {
  struct wsc_host *host;             /* owned */
  const struct wsc_case *const *all; /* borrowed from the host */
  size_t num_all;
  const struct wsc_case **selected; /* owned array */
  size_t num_selected;
};

/* Loads the cases that the options ask for, checks that each cites known
 * requirements, and selects by `filters` (NULL-ended). -1, or the exit code of
 * an error that was printed. */
int wsc_suite_load(struct wsc_suite *suite, const struct wsc_options *options,
                   const char *const *filters);
void wsc_suite_free(struct wsc_suite *suite);

/* True when the case lists the requirement called `id`. */
bool wsc_suite_cites(const struct wsc_case *info, const char *id);

#endif
