/* host_support.h: what the tests of the case host share. Every function fails
 * the running cmocka test when it cannot do what it says. */
#ifndef WSC_HOST_SUPPORT_H
#define WSC_HOST_SUPPORT_H

#include "host.h"
#include "peer.h"
#include "scheduler.h"

/* wsc_host_load() of a whole string, with its ownership. */
void host_load(struct wsc_host *host, const char *name, const char *text);

/* A file with one case. */
#define CASE(fields, body)                                                     \
  "case {\n  id = 'test.one', title = 'T',\n  requirements = { 'R-1' "         \
  "}," fields "\n  run = function(t)\n" body "\n  end,\n}\n"
#define FIRST_LINE 5 /* of `body` */

/* A campaign of the cases in a string, on the simulated network. */
struct run {
  struct wsc_host *host;
  struct wsc_transport *transport;
  struct wsc_context context;
  struct wsc_item items[4];
  size_t num_items;
};

/* Against libws, and against another peer. */
void run_begin(struct run *run, const char *text, uint64_t seed, size_t jobs);
void run_against(struct run *run, const char *text, uint64_t seed, size_t jobs,
                 struct wsc_peer_factory factory);
void run_end(struct run *run);

void assert_outcome(const struct wsc_outcome *outcome, enum wsc_verdict verdict,
                    const char *reason);

#endif
