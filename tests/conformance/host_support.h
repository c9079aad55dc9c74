/* host_support.h: what the tests of the case host share. */
#ifndef WSC_HOST_SUPPORT_H
#define WSC_HOST_SUPPORT_H

#include "host.h"

/* wsc_host_load() of a whole string, with its ownership; a mistake in `text`
 * fails the running cmocka test. */
void host_load(struct wsc_host *host, const char *name, const char *text);

#endif
