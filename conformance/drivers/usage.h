/* usage.h: what a program on this machine uses, from /proc. */
#ifndef WSC_DRIVERS_USAGE_H
#define WSC_DRIVERS_USAGE_H

#include <sys/types.h>

#include "meter.h"

/* Sums over the process `pid`, its descendants and, where it leads a process
 * group, the members of that: the workers of a cluster count. False: *why
 * (static); there is no such process, or no /proc. */
bool wsc_usage_of(pid_t pid, struct wsc_usage *usage, const char **why);

#endif
