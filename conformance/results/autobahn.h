/* autobahn.h: what the Autobahn Testsuite would call a result. */
#ifndef WSC_AUTOBAHN_H
#define WSC_AUTOBAHN_H

#include <jansson.h>
#include <stdbool.h>

/* In Autobahn's words, derived from our verdict and from the connection that
 * the case opened last; docs/reports.md has the rules. */
struct wsc_autobahn {
  const char *behavior;       /* static, as the next; NULL: not measured */
  const char *behavior_close; /* the same */
  int remote_close_code;      /* -1: the peer sent none */
  bool closed_by_me;          /* our Close frame came first */
  bool dropped_by_me;         /* we gave TCP up before the peer did */
  bool was_clean;             /* a Close frame each way, then the peer's FIN */
};

/* `result` is an element of results[] of a run document. */
struct wsc_autobahn wsc_autobahn_of(const json_t *result);

#endif
