/* select.h: filters on cases. */
#ifndef WSC_SELECT_H
#define WSC_SELECT_H

#include "case.h"
#include "cli.h"

/* True when `filter` is meant for `info`: a glob on its id, or req:GLOB,
 * tag:GLOB, level:LEVEL, autobahn:GLOB. */
bool wsc_select_matches(const struct wsc_case *info, const char *filter);

/* True when the case is of part `shard` of `num_shards` (0: there is one). Every
 * case is of one part, whatever the filters; but passive cases are of each:
 * they judge what the others of their run observed. */
bool wsc_select_in_shard(const struct wsc_case *info, unsigned shard,
                         unsigned num_shards);

/* Keeps of cases[0 .. num-1], in order, those that some of filters[] match (all
 * without filters), no -x matches and --level and --shard allow; returns their number.
 * `kept` has room for `num`. *unknown: the first filter that matches no case of
 * the suite, or NULL. */
size_t wsc_select(const struct wsc_case *const *cases, size_t num,
                  const char *const *filters, const struct wsc_options *options,
                  const struct wsc_case **kept, const char **unknown);

#endif
