/* selftest_command.c: `wsspec selftest`: cases against peers whose conduct is
 * known, on the simulated network.
 *
 * The conforming peers must pass everything; each fault of the faulty peer must
 * be killed: a clause that cites its requirement turns `fail` or `warn`. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cli.h"
#include "embedded.h"
#include "faulty.h"
#include "libws_peer.h"
#include "requirements.h"
#include "runner.h"
#include "sim.h"
#include "suite.h"

extern const struct wsc_embedded wsc_idle_cases[];

struct selftest {
  const struct wsc_options *options;
  struct wsc_suite suite;
  struct wsc_run *run;
  size_t *kills;                 /* by index of the selected case */
  const struct wsc_case **light; /* those that are not tagged slow */
  const struct wsc_case **heavy;
  size_t num_light, num_heavy;
  bool good;
};

/* What one fault was killed by. */
struct kill {
  struct selftest *selftest;
  const char *requirement;
  const char *first; /* id of a case */
  size_t num;
};

static void run_on(struct selftest *selftest,
                   const struct wsc_peer_factory *factory, const char *id,
                   struct wsc_runner *runner, struct wsc_verdicts *verdicts) {
  struct wsc_sim_options sim = {.factory = *factory,
                                .seed = selftest->options->seed};
  struct wsc_transport *transport = wsc_sim_new(&sim);
  if (transport == NULL) {
    fputs("wsspec: out of memory\n", stderr);
    exit(WSC_EXIT_INTERNAL);
  }
  /* Both peers speak it, so that no case of subprotocols is skipped. */
  struct wsc_target target = {
      .url = id, .host = "localhost:9001", .path = "/", .protocol = "chat"};
  runner->options = selftest->options;
  runner->host = selftest->suite.host;
  if (runner->cases == NULL) {
    runner->cases = selftest->suite.selected;
    runner->num_cases = selftest->suite.num_selected;
  }
  runner->variant = "sim";
  wsc_runner_run(runner, transport, &target, id, verdicts);
  wsc_sim_free(transport);
}

/* ---- peers that conform ---- */

static void tell_deviation(void *user, const struct wsc_item *item) {
  const struct selftest *selftest = user;
  enum wsc_verdict verdict = item->outcome->verdict;
  if (verdict == WSC_FAIL || verdict == WSC_WARN || verdict == WSC_ERROR) {
    printf("%s %s\n", wsc_verdict_name(verdict), item->info->id);
    wsc_terminal_explain(stdout, selftest->suite.host, item->info,
                         item->outcome, NULL);
  }
}

static void run_conforming(struct selftest *selftest, const char *id,
                           const struct wsc_peer_factory *factory) {
  struct wsc_verdicts verdicts;
  struct wsc_runner runner = {
      .run = selftest->run, .on_final = tell_deviation, .user = selftest};
  run_on(selftest, factory, id, &runner, &verdicts);
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

static bool kills(const struct wsc_outcome *outcome, const char *requirement) {
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    const struct wsc_clause *clause = &outcome->clauses[i];
    bool broken = clause->verdict == WSC_FAIL || clause->verdict == WSC_WARN;
    if (broken && strcmp(clause->requirement, requirement) == 0) {
      return true;
    }
  }
  return false;
}

static void note_kill(void *user, const struct wsc_item *item) {
  struct kill *kill = user;
  struct selftest *selftest = kill->selftest;
  if (!kills(item->outcome, kill->requirement)) {
    return;
  }
  kill->first = kill->first == NULL ? item->info->id : kill->first;
  kill->num++;
  for (size_t i = 0; i < selftest->suite.num_selected; i++) {
    if (selftest->suite.selected[i] == item->info) {
      selftest->kills[i]++;
    }
  }
}

static void run_against(struct selftest *selftest, enum wsc_fault_id fault,
                        const struct wsc_case *const *cases, size_t num,
                        struct kill *kill, struct wsc_verdicts *verdicts) {
  struct wsc_faulty_config config = {.fault = fault};
  struct wsc_peer_factory factory = {&wsc_faulty_peer, &config};
  struct wsc_runner runner = {
      .cases = cases, .num_cases = num, .on_final = note_kill, .user = kill};
  run_on(selftest, &factory, wsc_fault_entry(fault)->slug, &runner, verdicts);
}

static void run_fault(struct selftest *selftest, enum wsc_fault_id fault) {
  const struct wsc_fault_entry *entry = wsc_fault_entry(fault);
  struct kill kill = {.selftest = selftest, .requirement = entry->requirement};
  struct wsc_verdicts verdicts = {.end = WSC_CAMPAIGN_DONE};
  if (selftest->num_light != 0) {
    run_against(selftest, fault, selftest->light, selftest->num_light, &kill,
                &verdicts);
  }
  /* Cases that move megabytes are for the faults that nothing else kills. */
  if (kill.num == 0 && selftest->num_heavy != 0) {
    run_against(selftest, fault, selftest->heavy, selftest->num_heavy, &kill,
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

static void judge_idle(struct selftest *selftest) {
  size_t num_idle = 0;
  for (size_t i = 0; i < selftest->suite.num_selected; i++) {
    const struct wsc_case *info = selftest->suite.selected[i];
    bool idle = selftest->kills[i] == 0 && !info->info_only;
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

static void split_by_weight(struct selftest *selftest) {
  size_t num = selftest->suite.num_selected;
  selftest->light = wsc_malloc((num + 1) * sizeof *selftest->light);
  selftest->heavy = wsc_malloc((num + 1) * sizeof *selftest->heavy);
  for (size_t i = 0; i < num; i++) {
    const struct wsc_case *info = selftest->suite.selected[i];
    if (wsc_case_has_tag(info, "slow")) {
      selftest->heavy[selftest->num_heavy++] = info;
    } else {
      selftest->light[selftest->num_light++] = info;
    }
  }
}

static void run_matrix(struct selftest *selftest) {
  selftest->kills =
      wsc_malloc(selftest->suite.num_selected * sizeof *selftest->kills);
  memset(selftest->kills, 0,
         selftest->suite.num_selected * sizeof *selftest->kills);
  split_by_weight(selftest);
  for (int i = 1; i < WSC_NUM_FAULTS; i++) {
    run_fault(selftest, (enum wsc_fault_id)i);
  }
  printf("%d faults\n", WSC_NUM_FAULTS - 1);
  /* A selection of cases kills what it kills. */
  if (selftest->suite.num_selected == selftest->suite.num_all) {
    judge_idle(selftest);
  }
}

static int run_one_fault(struct selftest *selftest, const char *slug) {
  struct wsc_faulty_config config = {.fault = wsc_fault_by_slug(slug)};
  if (config.fault == WSC_NO_FAULT) {
    return wsc_usage("--fault: there is no '%s'; 'wsspec list faults' shows "
                     "them",
                     slug);
  }
  struct wsc_peer_factory factory = {&wsc_faulty_peer, &config};
  run_conforming(selftest, slug, &factory);
  return WSC_EXIT_OK;
}

static int run_everything(struct selftest *selftest) {
  const struct wsc_options *options = selftest->options;
  static const char *const protocols[] = {"chat", NULL};
  struct wsc_libws_config libws = {.crypto = ws_crypto_openssl(),
                                   .protocols = protocols};
  struct wsc_faulty_config faultless = {.fault = WSC_NO_FAULT};
  struct wsc_peer_factory reference = {&wsc_libws_peer, &libws};
  struct wsc_peer_factory conforming = {&wsc_faulty_peer, &faultless};
  if (options->fault != NULL) {
    return run_one_fault(selftest, options->fault);
  }
  run_conforming(selftest, "libws", &reference);
  run_conforming(selftest, "fault-free", &conforming);
  if (!options->no_kill) {
    run_matrix(selftest);
  }
  return selftest->good ? WSC_EXIT_OK : WSC_EXIT_UNEXPECTED;
}

static int write_run(const struct selftest *selftest) {
  char *error = NULL;
  if (!wsc_run_write(selftest->run, selftest->options->json, &error)) {
    int code = wsc_usage("%s", error);
    free(error);
    return code;
  }
  return -1;
}

int wsc_command_selftest(const struct wsc_options *options) {
  struct selftest selftest = {.options = options, .good = true};
  int code = wsc_suite_load(&selftest.suite, options, options->arguments.items);
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
  free(selftest.kills);
  free(selftest.light);
  free(selftest.heavy);
  return code;
}
