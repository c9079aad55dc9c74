/* selftest_peers.c: the peers of `wsspec selftest`, on the simulated network and
 * over TCP on loopback. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "net.h"
#include "selftest.h"
#include "served.h"
#include "sim.h"

#define LOOPBACK "127.0.0.1"

/* Where the cases find a peer. */
struct place {
  struct wsc_transport *transport;
  struct wsc_served *served; /* NULL: simulated */
  char host[32];
  char name[64]; /* in the document */
};

static void give_up(char *error) {
  fprintf(stderr, "wsspec: %s\n", error == NULL ? "out of memory" : error);
  free(error);
  exit(WSC_EXIT_INTERNAL);
}

static void open_simulated(struct place *place,
                           const struct wsc_peer_factory *factory,
                           uint64_t seed) {
  struct wsc_sim_options sim = {.factory = *factory, .seed = seed};
  place->transport = wsc_sim_new(&sim);
  snprintf(place->host, sizeof place->host, "localhost:9001");
  if (place->transport == NULL) {
    give_up(NULL);
  }
}

static void open_tcp(struct place *place,
                     const struct wsc_peer_factory *factory) {
  const struct wsc_serve_options serve = {.factory = *factory,
                                          .host = LOOPBACK};
  char *error;
  place->served = wsc_served_start(&serve, &error);
  if (place->served == NULL) {
    give_up(error);
  }
  const struct wsc_net_options net = {.host = LOOPBACK,
                                      .port = wsc_served_port(place->served)};
  place->transport = wsc_net_new(&net, &error);
  snprintf(place->host, sizeof place->host, LOOPBACK ":%u", (unsigned)net.port);
  if (place->transport == NULL) {
    wsc_served_stop(place->served);
    give_up(error);
  }
}

/* The process of a simulated faulty peer is simulated too. */
static void watch_process(struct wsc_runner *runner, struct wsc_meter *meter,
                          const struct wsc_peer_factory *factory) {
  const struct wsc_faulty_config *config = factory->config;
  if (factory->ops != &wsc_faulty_peer || config->process == NULL) {
    return;
  }
  *meter = (struct wsc_meter){wsc_faulty_usage, config->process};
  runner->meter = meter;
  runner->revive = wsc_faulty_revive;
  runner->reviver = config->process;
}

static void close_place(struct place *place) {
  if (place->served == NULL) {
    wsc_sim_free(place->transport);
    return;
  }
  wsc_net_free(place->transport);
  wsc_served_stop(place->served);
}

void wsc_selftest_run(struct wsc_selftest *selftest,
                      const struct wsc_peer_factory *factory, const char *id,
                      struct wsc_runner *runner,
                      struct wsc_verdicts *verdicts) {
  struct place place = {0};
  struct wsc_meter meter;
  if (selftest->over_tcp) {
    open_tcp(&place, factory);
    snprintf(place.name, sizeof place.name, "%s over TCP", id);
  } else {
    snprintf(place.name, sizeof place.name, "%s", id);
    open_simulated(&place, factory, selftest->options->seed);
    watch_process(runner, &meter, factory);
  }
  /* Both peers speak it, so that no case of subprotocols is skipped. */
  struct wsc_target target = {
      .url = place.name,
      .host = place.host,
      .path = "/",
      /* The simulated network has FINs with and without a close_notify. */
      .secure = !selftest->over_tcp,
      .protocol = "chat"};
  runner->options = selftest->options;
  runner->host = selftest->suite.host;
  if (runner->cases == NULL) {
    runner->cases = selftest->suite.selected;
    runner->num_cases = selftest->suite.num_selected;
  }
  runner->commands = true;
  runner->variant = selftest->over_tcp ? "tcp" : "sim";
  wsc_runner_run(runner, place.transport, &target, place.name, verdicts);
  close_place(&place);
}

/* ---- a fault of each area, over TCP ---- */

static size_t area_len(const struct wsc_case *info) {
  return strcspn(info->id, ".");
}

static bool same_area(const struct wsc_case *a, const struct wsc_case *b) {
  size_t len = area_len(a);
  return len == area_len(b) && memcmp(a->id, b->id, len) == 0;
}

/* Of the cases of the area that begins at `begin`, the one to run: one that
 * kills by what it sees, and not by waiting in vain, where there is one. NULL:
 * none kills anything. */
static const struct wsc_case *
representative(const struct wsc_selftest *selftest, const struct wsc_case *area,
               enum wsc_fault_id *fault) {
  const struct wsc_case *found = NULL;
  bool waits = true;
  for (size_t i = 0; i < selftest->suite.num_selected; i++) {
    const struct wsc_case *info = selftest->suite.selected[i];
    const struct wsc_killed *killed = &selftest->killed[i];
    if (killed->fault == WSC_NO_FAULT || !same_area(area, info) ||
        wsc_fault_is_of_process(killed->fault)) {
      continue;
    }
    bool slow = killed->absent || wsc_case_has_tag(info, "slow");
    if (found == NULL || (waits && !slow)) {
      found = info;
      *fault = killed->fault;
      waits = slow;
    }
  }
  return found;
}

static void run_representative(struct wsc_selftest *selftest,
                               const struct wsc_case *info,
                               enum wsc_fault_id fault) {
  struct wsc_kill kill = {.selftest = selftest, .fault = fault};
  struct wsc_verdicts verdicts;
  const struct wsc_fault_entry *entry = wsc_fault_entry(fault);
  /* A passive case judges what others have seen. */
  if (info->passive) {
    wsc_selftest_against(&kill, selftest->light, selftest->num_light,
                         &verdicts);
  } else {
    wsc_selftest_against(&kill, &info, 1, &verdicts);
  }
  printf("%-36s %-16s %s%s\n", entry->slug, entry->requirement,
         kill.first == NULL ? "NOT KILLED over TCP by " : "", info->id);
  selftest->good = selftest->good && kill.first != NULL;
}

static bool is_first_of_area(const struct wsc_suite *suite, size_t index) {
  for (size_t i = 0; i < index; i++) {
    if (same_area(suite->selected[i], suite->selected[index])) {
      return false;
    }
  }
  return true;
}

static void run_areas(struct wsc_selftest *selftest) {
  const struct wsc_suite *suite = &selftest->suite;
  size_t num_areas = 0;
  for (size_t i = 0; i < suite->num_selected; i++) {
    enum wsc_fault_id fault = WSC_NO_FAULT;
    const struct wsc_case *info =
        is_first_of_area(suite, i)
            ? representative(selftest, suite->selected[i], &fault)
            : NULL;
    if (info != NULL) {
      num_areas++;
      run_representative(selftest, info, fault);
    }
  }
  printf("%zu areas over TCP\n", num_areas);
}

void wsc_selftest_over_tcp(struct wsc_selftest *selftest) {
  puts("over TCP:");
  selftest->over_tcp = true;
  wsc_selftest_conforming(selftest);
  if (!selftest->options->no_kill) {
    run_areas(selftest);
  }
}
