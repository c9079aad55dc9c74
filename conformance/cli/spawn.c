#include "spawn.h"

#include <stdlib.h>
#include <string.h>

#include "launch.h"
#include "usage.h"

#define READY_WITHIN UINT64_C(30000000) /* microseconds */
#define STOP_WITHIN  UINT64_C(5000000)

struct wsc_spawned {
  struct wsc_arena arena;
  const char *command; /* NULL: --pid, or nothing */
  const char *url;     /* as it was given; that of `launched` has its port */
  const char *argv[4];
  const char *nothing[1]; /* an empty list */
  struct wsc_implementation item;
  struct wsc_launched *launched; /* NULL: it does not run */
  unsigned pid;                  /* 0: no --pid */
  struct wsc_meter meter;        /* of that */
  const volatile bool *stop;
};

static bool read_pid(void *user, uint64_t now, struct wsc_usage *usage,
                     const char **why) {
  const struct wsc_spawned *spawned = user;
  (void)now;
  return wsc_usage_of((pid_t)spawned->pid, usage, why);
}

static int look_for(struct wsc_spawned *spawned) {
  struct wsc_usage usage;
  const char *why;
  spawned->meter = (struct wsc_meter){read_pid, spawned};
  if (wsc_usage_of((pid_t)spawned->pid, &usage, &why)) {
    return -1;
  }
  return wsc_usage("--pid %u: %s", spawned->pid, why);
}

static int start(struct wsc_spawned *spawned) {
  const char *why;
  /* Its port would seem ready, and somebody else be measured. */
  if (strstr(spawned->url, "{port}") == NULL &&
      wsc_launch_taken(spawned->url)) {
    return wsc_usage("--spawn: somebody listens at %s already; stop it, or "
                     "write {port} in the URL and in the command",
                     spawned->url);
  }
  spawned->stop = wsc_launch_signals();
  spawned->item = (struct wsc_implementation){.name = spawned->command,
                                              .url = spawned->url,
                                              .start = spawned->argv,
                                              .environment = spawned->nothing,
                                              .ready_within = READY_WITHIN,
                                              .stop_within = STOP_WITHIN};
  spawned->launched =
      wsc_launch(&spawned->arena, &spawned->item, NULL, spawned->stop, &why);
  if (spawned->launched != NULL) {
    return -1;
  }
  fprintf(stderr, "wsspec: --spawn '%s': %s\n", spawned->command, why);
  return *spawned->stop ? WSC_EXIT_INTERRUPTED : WSC_EXIT_UNREACHABLE;
}

int wsc_spawn(struct wsc_spawned **out, const struct wsc_options *options,
              const char *url) {
  struct wsc_spawned *spawned = wsc_malloc(sizeof *spawned);
  *spawned = (struct wsc_spawned){.command = options->spawn,
                                  .url = url,
                                  .argv = {"sh", "-c", options->spawn, NULL},
                                  .pid = options->pid};
  wsc_arena_init(&spawned->arena);
  *out = spawned;
  if (spawned->command != NULL) {
    return start(spawned);
  }
  return spawned->pid == 0 ? -1 : look_for(spawned);
}

/* What has ended is started again at once; what lives and answers nobody, when
 * it was given a second chance. */
static void revive(void *user, unsigned attempt) {
  struct wsc_spawned *spawned = user;
  const char *why = wsc_launch_ended(&spawned->arena, spawned->launched);
  if (why == NULL && attempt == 0) {
    return;
  }
  fprintf(stderr, "wsspec: the server %s; it is started again\n",
          why == NULL ? "answers nobody" : why);
  if (!wsc_launch_again(&spawned->arena, spawned->launched, spawned->stop,
                        &why)) {
    fprintf(stderr, "wsspec: --spawn '%s': %s\n", spawned->command, why);
  }
}

void wsc_spawned_enter(struct wsc_spawned *spawned,
                       struct wsc_measured *server) {
  if (spawned->launched != NULL) {
    server->url = wsc_launch_url(spawned->launched);
    server->meter = wsc_launch_meter(spawned->launched);
    server->revive = revive;
    server->reviver = spawned;
  } else if (spawned->pid != 0) {
    server->meter = &spawned->meter;
  }
}

void wsc_spawned_end(struct wsc_spawned *spawned) {
  if (spawned == NULL) {
    return;
  }
  if (spawned->launched != NULL) {
    const char *ended = wsc_launch_ended(&spawned->arena, spawned->launched);
    if (ended != NULL) {
      fprintf(stderr, "wsspec: the server %s\n", ended);
    }
  }
  wsc_launch_end(spawned->launched);
  wsc_arena_free(&spawned->arena);
  free(spawned);
}
