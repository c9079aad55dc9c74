/* failmalloc.h: an allocator that runs out of memory when the test says so.
 *
 * Every block is accounted for and carries its own length, so that a wrong
 * `old_len` and a block that was never handed out are caught where they
 * happen. Links cmocka; misuse fails the running test. */
#ifndef FAILMALLOC_H
#define FAILMALLOC_H

#include "ws/types.h"

enum failmalloc_mode {
  FAILMALLOC_ONCE, /* only the call `fail_at` fails */
  FAILMALLOC_ON    /* that call and all after it fail */
};

struct failmalloc {
  struct ws_allocator allocator; /* pass &fm.allocator; its user is `this` */
  size_t fail_at;                /* from 1; 0: no call fails */
  enum failmalloc_mode mode;
  size_t num_calls; /* that asked for memory; frees are not counted */
  size_t num_failed;
  size_t live_blocks;
  size_t live_len; /* bytes */
  size_t peak_len; /* the most live_len has been */
};

/* An allocator that never fails, until fail_at is set. `fm` is borrowed by its
 * own allocator: it must not be moved. */
void failmalloc_init(struct failmalloc *fm);

/* Fails the test when a block is live. */
void failmalloc_assert_empty(const struct failmalloc *fm);

/* One run of what is tested, from creation to release, with all memory from
 * fm->allocator. Returns false when it was told of exhaustion (and has then
 * released everything), true when it reached its goal. */
typedef bool failmalloc_scenario(struct failmalloc *fm, void *user);

/* Runs `scenario` without failures, then with the n-th call failing for n = 1,
 * 2, ... until a run has no n-th call, in both modes. Each run must leave no
 * block behind; the runs that met a failure must return false, the others true.
 * Returns the number of calls of the run without failures. `user` is borrowed
 * for the call. */
size_t failmalloc_each(failmalloc_scenario *scenario, void *user);

/* As failmalloc_each, for a scenario that may get along without the memory it
 * was denied: a run that met a failure may also return true. */
size_t failmalloc_each_lenient(failmalloc_scenario *scenario, void *user);

#endif
