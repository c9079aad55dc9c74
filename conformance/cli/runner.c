#include "runner.h"

#include <stdlib.h>
#include <string.h>

#include "testee.h"

struct progress {
  struct wsc_runner *runner;
  struct wsc_verdicts *verdicts;
};

static bool counts_against(const struct wsc_runner *runner,
                           enum wsc_verdict verdict) {
  return verdict == WSC_FAIL || verdict == WSC_ERROR ||
         (verdict == WSC_WARN && runner->options->fail_on_warn);
}

static void on_final(void *user, const struct wsc_item *item) {
  struct progress *progress = user;
  struct wsc_runner *runner = progress->runner;
  progress->verdicts->counts[item->outcome->verdict]++;
  if (runner->terminal != NULL) {
    wsc_terminal_final(runner->terminal, item);
  }
  if (runner->on_final != NULL) {
    runner->on_final(runner->user, item);
  }
}

static void on_progress(void *user, const struct wsc_campaign *campaign,
                        size_t running) {
  const struct progress *progress = user;
  if (progress->runner->terminal != NULL) {
    wsc_terminal_progress(progress->runner->terminal, campaign, running);
  }
}

static bool interrupted(void *user) {
  const struct wsc_runner *runner = ((const struct progress *)user)->runner;
  return runner->interrupted != NULL &&
         runner->interrupted(runner->interrupted_user);
}

/* The known deviations have the last word on what is unexpected. */
static void enter(struct wsc_runner *runner, int target,
                  const struct wsc_item *item, struct wsc_verdicts *verdicts) {
  const char *why = NULL;
  enum wsc_verdict verdict = item->outcome->verdict;
  enum wsc_expectation expectation = wsc_expectations_judge(
      runner->expectations, item->info->id, verdict, &why);
  if (expectation == WSC_EXPECT_UNEXPECTED ||
      (expectation == WSC_EXPECT_NONE && counts_against(runner, verdict))) {
    verdicts->unexpected++;
  }
  verdicts->known += expectation == WSC_EXPECT_MET;
  if (expectation == WSC_EXPECT_UNEXPECTED && runner->terminal != NULL) {
    wsc_terminal_unexpected(runner->terminal, item, why);
  }
  if (runner->run == NULL) {
    return;
  }
  if (verdict == WSC_PASS || verdict == WSC_INFO || verdict == WSC_SKIP) {
    wsc_outcome_trim_wire(item->outcome, WSC_WIRE_KEPT);
  }
  struct wsc_result_key key = {
      .target = target,
      .case_id = item->info->id,
      .variant = runner->variant,
      .chop = wsc_chop_name(runner->chop),
  };
  wsc_run_add_result(runner->run, &key, item->outcome, expectation, why);
}

static int add_target(struct wsc_runner *runner,
                      const struct wsc_target *target, const char *target_id,
                      const struct wsc_verdicts *verdicts) {
  if (runner->run == NULL) {
    return -1;
  }
  const char *agent = runner->options->agent;
  if (agent == NULL) {
    agent = verdicts->agent;
  }
  int index = runner->target == NULL ? -1 : *runner->target;
  bool known = index >= 0;
  if (!known) {
    index = wsc_run_add_target(runner->run, target_id, "server", target->url,
                               agent[0] == '\0' ? target_id : agent);
  }
  if (!known || verdicts->end != WSC_CAMPAIGN_INSANE) {
    wsc_run_target_fact(runner->run, index, "echo",
                        verdicts->echoes ? "yes" : "no");
  }
  if (verdicts->commands[0] != '\0') {
    wsc_run_target_fact(runner->run, index, "commands", verdicts->commands);
  }
  if (verdicts->sanity[0] != '\0') {
    wsc_run_target_fact(runner->run, index, "sanity", verdicts->sanity);
  }
  if (verdicts->suspects[0] != '\0') {
    wsc_run_target_fact(runner->run, index, "went-down-during",
                        verdicts->suspects);
  }
  if (runner->target != NULL) {
    *runner->target = index;
  }
  return index;
}

static void note_end(const struct wsc_campaign *campaign,
                     const struct wsc_context *context,
                     struct wsc_verdicts *verdicts) {
  verdicts->echoes = context->echoes;
  wsc_do_write(verdicts->commands, sizeof verdicts->commands,
               context->commands);
  snprintf(verdicts->agent, sizeof verdicts->agent, "%s", context->agent);
  if (campaign->sanity != NULL) {
    snprintf(verdicts->sanity, sizeof verdicts->sanity, "%s",
             campaign->sanity->reason);
  }
  if (verdicts->end == WSC_CAMPAIGN_GONE) {
    snprintf(verdicts->suspects, sizeof verdicts->suspects, "%s",
             campaign->suspects);
  }
}

void wsc_runner_run(struct wsc_runner *runner, struct wsc_transport *transport,
                    const struct wsc_target *target, const char *target_id,
                    struct wsc_verdicts *verdicts) {
  const struct wsc_options *options = runner->options;
  struct wsc_context context = {
      .transport = transport,
      .target = target,
      .crypto = ws_crypto_openssl(),
      .seed = options->seed,
      .timeout = options->timeout,
      .chop = runner->chop,
      .asks_commands = options->commands || runner->commands,
      .strict = options->strict,
      .meter = runner->meter,
      .spared_because = runner->spared_because,
      .only_must = strcmp(options->level, "must") == 0,
  };
  struct wsc_item *items = wsc_malloc((runner->num_cases + 1) * sizeof *items);
  memset(items, 0, (runner->num_cases + 1) * sizeof *items);
  for (size_t i = 0; i < runner->num_cases; i++) {
    items[i].info = runner->cases[i];
  }
  struct progress progress = {runner, verdicts};
  struct wsc_campaign campaign = {
      .context = &context,
      .ops = &wsc_host_ops,
      .host = runner->host,
      .first = wsc_host_sanity_first(runner->host),
      .last = wsc_host_sanity_last(runner->host),
      .items = items,
      .num_items = runner->num_cases,
      .jobs = options->jobs,
      .interrupted = interrupted,
      .revive = runner->revive,
      .reviver = runner->reviver,
      .on_final = on_final,
      .on_progress = on_progress,
      .user = &progress,
  };
  memset(verdicts, 0, sizeof *verdicts);
  verdicts->num_cases = runner->num_cases;
  if (runner->terminal != NULL) {
    runner->terminal->items = items;
    runner->terminal->num_items = runner->num_cases;
    runner->terminal->printed = 0;
    runner->terminal->num_final = 0;
  }
  wsc_host_set_echo(runner->host, options->echo);
  wsc_host_set_full(runner->host, options->full);
  verdicts->end = wsc_campaign_run(&campaign);
  note_end(&campaign, &context, verdicts);
  int index = add_target(runner, target, target_id, verdicts);
  for (size_t i = 0; i < runner->num_cases; i++) {
    if (items[i].outcome != NULL) {
      enter(runner, index, &items[i], verdicts);
    }
    wsc_outcome_free(items[i].outcome);
  }
  wsc_outcome_free(campaign.sanity);
  free(items);
}
