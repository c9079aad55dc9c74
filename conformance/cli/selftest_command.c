/* selftest_command.c: `wsspec selftest`: cases against peers whose conduct is
 * known, on the simulated network, and a few of them over TCP.
 *
 * The conforming peers must pass everything; each fault of the faulty peer must
 * be killed: a clause that cites its requirement turns `fail` or `warn`. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "embedded.h"
#include "libws_peer.h"
#include "requirements.h"
#include "selftest.h"

extern const struct wsc_embedded wsc_idle_cases[];

/* ---- peers that conform ---- */

static void tell_deviation(void *user, const struct wsc_item *item) {
  const struct wsc_selftest *selftest = user;
  enum wsc_verdict verdict = item->outcome->verdict;
  if (verdict == WSC_FAIL || verdict == WSC_WARN || verdict == WSC_ERROR) {
    printf("%s %s\n", wsc_verdict_name(verdict), item->info->id);
    wsc_terminal_explain(stdout, selftest->suite.host, item->info,
                         item->outcome, NULL);
  }
}

static void run_conforming(struct wsc_selftest *selftest, const char *id,
                           const struct wsc_peer_factory *factory) {
  struct wsc_verdicts verdicts;
  struct wsc_runner runner = {
      .run = selftest->run, .on_final = tell_deviation, .user = selftest};
  wsc_selftest_run(selftest, factory, id, &runner, &verdicts);
  bool good = verdicts.end == WSC_CAMPAIGN_DONE &&
              verdicts.counts[WSC_FAIL] == 0 &&
              verdicts.counts[WSC_WARN] == 0 && verdicts.counts[WSC_ERROR] == 0;
  printf("%-16s %zu pass, %zu fail, %zu warn, %zu error, %zu info, %zu "
         "skip%s%s\n",
         id, verdicts.counts[WSC_PASS], verdicts.counts[WSC_FAIL],
         verdicts.counts[WSC_WARN], verdicts.counts[WSC_ERROR],
         verdicts.counts[WSC_INFO], verdicts.counts[WSC_SKIP],
         verdicts.sanity[0] == '\0' ? "" : "; sanity: ", verdicts.sanity);
  selftest->good = selftest->good && good;
}

/* ---- peers that do not ---- */

/* The clause that cites the requirement and is broken; one that rests on no
 * absence where there is one. NULL: none. */
static const struct wsc_clause *broken(const struct wsc_outcome *outcome,
                                       const char *requirement) {
  const struct wsc_clause *found = NULL;
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    const struct wsc_clause *clause = &outcome->clauses[i];
    bool bad = clause->verdict == WSC_FAIL || clause->verdict == WSC_WARN;
    if (bad && strcmp(clause->requirement, requirement) == 0 &&
        (found == NULL || found->absent)) {
      found = clause;
    }
  }
  return found;
}

static void note_killed(struct wsc_killed *killed, enum wsc_fault_id fault,
                        bool absent) {
  killed->num++;
  if (killed->fault == WSC_NO_FAULT || (killed->absent && !absent)) {
    killed->fault = fault;
    killed->absent = absent;
  }
}

static void note_kill(void *user, const struct wsc_item *item) {
  struct wsc_kill *kill = user;
  struct wsc_selftest *selftest = kill->selftest;
  const struct wsc_clause *clause =
      broken(item->outcome, wsc_fault_entry(kill->fault)->requirement);
  if (clause == NULL) {
    return;
  }
  kill->first = kill->first == NULL ? item->info->id : kill->first;
  kill->num++;
  for (size_t i = 0; i < selftest->suite.num_selected; i++) {
    if (selftest->suite.selected[i] == item->info) {
      note_killed(&selftest->killed[i], kill->fault, clause->absent);
    }
  }
}

void wsc_selftest_against(struct wsc_kill *kill,
                          const struct wsc_case *const *cases, size_t num,
                          struct wsc_verdicts *verdicts) {
  struct wsc_faulty_process process = {0};
  struct wsc_faulty_config config = {
      .fault = kill->fault, .process = &process, .commands = true};
  struct wsc_peer_factory factory = {&wsc_faulty_peer, &config};
  struct wsc_runner runner = {
      .cases = cases, .num_cases = num, .on_final = note_kill, .user = kill};
  wsc_selftest_run(kill->selftest, &factory, wsc_fault_entry(kill->fault)->slug,
                   &runner, verdicts);
}

static void run_fault(struct wsc_selftest *selftest, enum wsc_fault_id fault) {
  const struct wsc_fault_entry *entry = wsc_fault_entry(fault);
  struct wsc_kill kill = {.selftest = selftest, .fault = fault};
  struct wsc_verdicts verdicts = {.end = WSC_CAMPAIGN_DONE};
  if (selftest->num_light != 0) {
    wsc_selftest_against(&kill, selftest->light, selftest->num_light,
                         &verdicts);
  }
  /* Cases that move megabytes are for the faults that nothing else kills. */
  if (kill.num == 0 && selftest->num_heavy != 0) {
    wsc_selftest_against(&kill, selftest->heavy, selftest->num_heavy,
                         &verdicts);
  }
  printf("%-36s %-16s ", entry->slug, entry->requirement);
  if (kill.num == 0) {
    printf("NOT KILLED (%zu fail, %zu warn, %zu error)%s%s\n",
           verdicts.counts[WSC_FAIL], verdicts.counts[WSC_WARN],
           verdicts.counts[WSC_ERROR],
           verdicts.sanity[0] == '\0' ? "" : "; sanity: ", verdicts.sanity);
    selftest->good = false;
  } else {
    printf("%s", kill.first);
    printf(kill.num > 1 ? " and %zu more\n" : "\n", kill.num - 1);
  }
}

/* ---- cases that kill nothing ---- */

/* These move megabytes, or wait. */
static bool is_heavy(const struct wsc_case *info) {
  return wsc_case_has_tag(info, "slow") || wsc_case_has_tag(info, "robustness");
}

/* True when the list of cases that are known to kill nothing has this line. */
static bool is_listed(const char *id) {
  const char *at = (const char *)wsc_idle_cases[0].data;
  size_t len = strlen(id);
  while (*at != '\0') {
    size_t line = strcspn(at, "\n");
    if (line == len && memcmp(at, id, len) == 0) {
      return true;
    }
    at += at[line] == '\0' ? line : line + 1;
  }
  return false;
}

/* Slow cases ran only against faults that no other case killed. Those that have
 * killed nothing try the faults that break one of their requirements. */
static void try_slow(struct wsc_selftest *selftest, size_t index) {
  const struct wsc_case *info = selftest->suite.selected[index];
  struct wsc_verdicts verdicts;
  for (int i = 1; i < WSC_NUM_FAULTS && selftest->killed[index].num == 0; i++) {
    struct wsc_kill kill = {.selftest = selftest,
                            .fault = (enum wsc_fault_id)i};
    if (wsc_suite_cites(info, wsc_fault_entry(kill.fault)->requirement)) {
      wsc_selftest_against(&kill, &info, 1, &verdicts);
    }
  }
}

static void judge_idle(struct wsc_selftest *selftest) {
  size_t num_idle = 0;
  for (size_t i = 0; i < selftest->suite.num_selected; i++) {
    const struct wsc_case *info = selftest->suite.selected[i];
    if (is_heavy(info) && !info->info_only) {
      try_slow(selftest, i);
    }
    bool idle = selftest->killed[i].num == 0 && !info->info_only;
    num_idle += idle;
    if (idle == is_listed(info->id)) {
      continue;
    }
    printf(idle ? "case %s kills no fault: give it one\n"
                : "case %s kills a fault now: take it off "
                  "conformance/faults/idle-cases.txt\n",
           info->id);
    selftest->good = false;
  }
  printf("%zu cases kill no fault yet\n", num_idle);
}

/* They judge nothing, so that nothing can make them fail. */
static void list_exempt(const struct wsc_selftest *selftest) {
  size_t num = 0;
  for (size_t i = 0; i < selftest->suite.num_selected; i++) {
    const struct wsc_case *info = selftest->suite.selected[i];
    if (info->info_only) {
      num++;
      printf("%-36s only takes notes\n", info->id);
    }
  }
  printf("%zu cases only take notes\n", num);
}

static void split_by_weight(struct wsc_selftest *selftest) {
  size_t num = selftest->suite.num_selected;
  selftest->light = wsc_malloc((num + 1) * sizeof *selftest->light);
  selftest->heavy = wsc_malloc((num + 1) * sizeof *selftest->heavy);
  for (size_t i = 0; i < num; i++) {
    const struct wsc_case *info = selftest->suite.selected[i];
    if (is_heavy(info)) {
      selftest->heavy[selftest->num_heavy++] = info;
    } else {
      selftest->light[selftest->num_light++] = info;
    }
  }
}

static size_t num_by_default(const struct wsc_suite *suite) {
  size_t num = 0;
  for (size_t i = 0; i < suite->num_all; i++) {
    num += suite->all[i]->num_autobahn == 0;
  }
  return num;
}

static void run_matrix(struct wsc_selftest *selftest) {
  size_t num = selftest->suite.num_selected;
  selftest->killed = wsc_malloc(num * sizeof *selftest->killed);
  memset(selftest->killed, 0, num * sizeof *selftest->killed);
  split_by_weight(selftest);
  for (int i = 1; i < WSC_NUM_FAULTS; i++) {
    run_fault(selftest, (enum wsc_fault_id)i);
  }
  printf("%d faults\n", WSC_NUM_FAULTS - 1);
  /* A selection of cases kills what it kills. */
  if (num == num_by_default(&selftest->suite)) {
    judge_idle(selftest);
  }
  list_exempt(selftest);
}

static int run_one_fault(struct wsc_selftest *selftest, const char *slug) {
  struct wsc_faulty_process process = {0};
  struct wsc_faulty_config config = {
      .fault = wsc_fault_by_slug(slug), .process = &process, .commands = true};
  if (config.fault == WSC_NO_FAULT) {
    return wsc_usage("--fault: there is no '%s'; 'wsspec list faults' shows "
                     "them",
                     slug);
  }
  struct wsc_peer_factory factory = {&wsc_faulty_peer, &config};
  run_conforming(selftest, slug, &factory);
  return WSC_EXIT_OK;
}

void wsc_selftest_conforming(struct wsc_selftest *selftest) {
  static const char *const protocols[] = {"chat", NULL};
  struct wsc_libws_config libws = {
      .crypto = ws_crypto_openssl(), .protocols = protocols, .commands = true};
  struct wsc_faulty_config faultless = {.fault = WSC_NO_FAULT,
                                        .commands = true};
  struct wsc_peer_factory reference = {&wsc_libws_peer, &libws};
  struct wsc_peer_factory conforming = {&wsc_faulty_peer, &faultless};
  run_conforming(selftest, "libws", &reference);
  run_conforming(selftest, "fault-free", &conforming);
}

static int run_everything(struct wsc_selftest *selftest) {
  const struct wsc_options *options = selftest->options;
  if (options->fault != NULL) {
    selftest->over_tcp = options->tcp;
    return run_one_fault(selftest, options->fault);
  }
  wsc_selftest_conforming(selftest);
  if (!options->no_kill) {
    run_matrix(selftest);
  }
  if (options->tcp) {
    wsc_selftest_over_tcp(selftest);
  }
  return selftest->good ? WSC_EXIT_OK : WSC_EXIT_UNEXPECTED;
}

static int write_run(const struct wsc_selftest *selftest) {
  char *error = NULL;
  if (!wsc_run_write(selftest->run, selftest->options->json, &error)) {
    int code = wsc_usage("%s", error);
    free(error);
    return code;
  }
  return -1;
}

int wsc_command_selftest(const struct wsc_options *options) {
  struct wsc_selftest selftest = {.options = options, .good = true};
  struct wsc_options all = *options;
  all.robustness = true; /* nothing can be harmed here */
  int code = wsc_suite_load(&selftest.suite, &all, options->arguments.items);
  if (code < 0) {
    if (options->json != NULL) {
      selftest.run =
          wsc_run_new(WSC_VERSION, WSC_SUITE_VERSION, options->seed, NULL);
      for (size_t i = 0; i < selftest.suite.num_selected; i++) {
        wsc_run_add_case(selftest.run, selftest.suite.selected[i]);
      }
      wsc_run_add_sources(selftest.run, wsc_host_sources(selftest.suite.host));
    }
    code = run_everything(&selftest);
    if (selftest.run != NULL) {
      wsc_run_close(selftest.run, false);
      int written = write_run(&selftest);
      code = written < 0 ? code : written;
    }
  }
  wsc_run_free(selftest.run);
  wsc_suite_free(&selftest.suite);
  free(selftest.killed);
  free(selftest.light);
  free(selftest.heavy);
  return code;
}
