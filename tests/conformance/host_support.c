/* host_support.c: see host_support.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "host_support.h"
#include "libws_peer.h"
#include "sim.h"

void host_load(struct wsc_host *host, const char *name, const char *text) {
  char *error = NULL;
  if (!wsc_host_load(host, name, text, strlen(text), &error)) {
    fail_msg("%s", error);
  }
}

static void on_final(void *user, const struct wsc_item *item) {
  (void)user;
  (void)item;
}

void run_against(struct run *run, const char *text, uint64_t seed, size_t jobs,
                 struct wsc_peer_factory factory) {
  static const struct wsc_target target = {
      .url = "ws://sim/", .host = "sim", .path = "/"};
  struct wsc_sim_options options = {.factory = factory, .seed = seed};
  memset(run, 0, sizeof *run);
  run->host = wsc_host_new();
  host_load(run->host, "cases.lua", text);
  run->transport = wsc_sim_new(&options);
  run->context = (struct wsc_context){.transport = run->transport,
                                      .target = &target,
                                      .crypto = ws_crypto_openssl(),
                                      .seed = seed,
                                      .timeout = 3000000};
  const struct wsc_case *const *cases =
      wsc_host_cases(run->host, &run->num_items);
  for (size_t i = 0; i < run->num_items; i++) {
    run->items[i].info = cases[i];
  }
  struct wsc_campaign campaign = {.context = &run->context,
                                  .ops = &wsc_host_ops,
                                  .host = run->host,
                                  .first = wsc_host_sanity_first(run->host),
                                  .last = wsc_host_sanity_last(run->host),
                                  .items = run->items,
                                  .num_items = run->num_items,
                                  .jobs = (unsigned)jobs,
                                  .on_final = on_final};
  assert_int_equal(wsc_campaign_run(&campaign), WSC_CAMPAIGN_DONE);
}

void run_begin(struct run *run, const char *text, uint64_t seed, size_t jobs) {
  static struct wsc_libws_config config;
  config.crypto = ws_crypto_openssl();
  run_against(run, text, seed, jobs,
              (struct wsc_peer_factory){&wsc_libws_peer, &config});
}

void run_end(struct run *run) {
  for (size_t i = 0; i < run->num_items; i++) {
    wsc_outcome_free(run->items[i].outcome);
  }
  wsc_host_free(run->host);
  wsc_sim_free(run->transport);
}

void assert_outcome(const struct wsc_outcome *outcome, enum wsc_verdict verdict,
                    const char *reason) {
  assert_string_equal(wsc_verdict_name(outcome->verdict),
                      wsc_verdict_name(verdict));
  assert_string_equal(outcome->reason, reason);
}
