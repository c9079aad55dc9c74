#include "measure.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "net.h"
#include "passes.h"
#include "repeat.h"
#include "reports.h"
#include "runner.h"
#include "select.h"
#include "ws/tls.h"
#include "ws/url.h"

/* -- before ------------------------------------------------------------- */

/* The run document is made only when somebody reads it. */
static void begin_document(struct wsc_measure *measure) {
  const struct wsc_options *options = measure->options;
  if (!wsc_reports_wanted(options) && !measure->documented) {
    return;
  }
  measure->run = wsc_run_new(
      WSC_VERSION, WSC_SUITE_VERSION, options->seed,
      wsc_repeat_describe(options, &measure->subject, &measure->filters));
  for (size_t i = 0; i < measure->suite.num_selected; i++) {
    wsc_run_add_case(measure->run, measure->suite.selected[i]);
  }
  wsc_run_add_sources(measure->run, wsc_host_sources(measure->suite.host));
}

int wsc_measure_open(struct wsc_measure *measure) {
  const struct wsc_options *options = measure->options;
  wsc_terminal_init(&measure->terminal,
                    wsc_reports_take_stdout(options) ? stderr : stdout);
  measure->terminal.quiet = options->quiet;
  struct wsc_passes passes;
  int code = wsc_passes_of(&passes, options, NULL);
  if (code < 0) {
    code = wsc_reports_check(options);
  }
  if (code < 0) {
    code = wsc_suite_load(&measure->suite, options, measure->filters.items);
  }
  if (code < 0) {
    measure->terminal.host = measure->suite.host;
    begin_document(measure);
  }
  return code;
}

int wsc_measure_expectations(struct wsc_expectations **expectations,
                             const char *path) {
  char *error = NULL;
  *expectations = NULL;
  if (path == NULL) {
    return -1;
  }
  *expectations = wsc_expectations_read(path, &error);
  if (*expectations == NULL) {
    int code = wsc_usage("%s", error);
    free(error);
    return code;
  }
  const char *expired = wsc_expectations_expired(*expectations);
  if (expired != NULL) {
    fprintf(stderr,
            "wsspec: %s: the time of the deviation '%s' is over; it counts "
            "again\n",
            path, expired);
  }
  return -1;
}

/* -- one server --------------------------------------------------------- */

static bool net_interrupted(void *user) {
  return wsc_net_interrupted(user);
}

static void print_counts(FILE *out, const struct wsc_verdicts *verdicts) {
  static const enum wsc_verdict order[] = {WSC_PASS,  WSC_FAIL, WSC_WARN,
                                           WSC_ERROR, WSC_INFO, WSC_SKIP};
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    fprintf(out, "%s%zu %s", i == 0 ? "" : ", ", verdicts->counts[order[i]],
            wsc_verdict_name(order[i]));
  }
  fprintf(out, " of %zu cases", verdicts->num_cases);
  if (!verdicts->echoes && verdicts->end != WSC_CAMPAIGN_INSANE) {
    fputs("; the server does NOT ECHO, cases that need it were skipped", out);
  }
  fputc('\n', out);
}

static void print_insane(const struct wsc_verdicts *verdicts) {
  bool untrusted =
      strstr(verdicts->sanity, "certificate verify failed") != NULL;
  fputs("wsspec: the sanity check failed, nothing was measured: ", stderr);
  wsc_terminal_escape(stderr, verdicts->sanity);
  fputs(untrusted
            ? "\n        name the CA that signed it with --cacert, or take any "
              "certificate with --insecure\n"
            : "\n        check the URL, its path, and what --header, --origin "
              "or --subprotocol the server wants\n",
        stderr);
}

static void print_summary(struct wsc_measure *measure,
                          const struct wsc_measured *server,
                          const struct wsc_verdicts *verdicts) {
  FILE *out = measure->terminal.out;
  wsc_terminal_clear(&measure->terminal);
  wsc_terminal_escape(out, server->name != NULL ? server->name : server->url);
  const char *agent = server->options->agent;
  agent = agent == NULL ? verdicts->agent : agent;
  if (agent[0] != '\0') {
    fputs("  (", out);
    wsc_terminal_escape(out, agent);
    fputc(')', out);
  }
  if (server->options->chop != NULL) {
    fprintf(out, " --chop %s", server->options->chop);
  }
  fputs(": ", out);
  print_counts(out, verdicts);
  if (verdicts->known != 0) {
    fprintf(out, "%zu of them known deviations\n", verdicts->known);
  }
  fflush(out);
  if (server->options->commands && verdicts->commands[0] == '\0' &&
      verdicts->end != WSC_CAMPAIGN_INSANE) {
    fputs("wsspec: the server does not answer 'wsspec:do list': cases that "
          "need a command were skipped, see docs/testee.md\n",
          stderr);
  }
  if (verdicts->end == WSC_CAMPAIGN_INSANE) {
    print_insane(verdicts);
  }
  if (verdicts->end == WSC_CAMPAIGN_GONE) {
    fprintf(stderr, "wsspec: the server stopped accepting connections (%s).\n",
            verdicts->sanity);
    if (verdicts->suspects[0] != '\0') {
      fprintf(stderr,
              "        Running then, or just before: %s\n        Restart it "
              "and run these with -j 1 to find the one.\n",
              verdicts->suspects);
    }
  }
}

static int exit_code(const struct wsc_verdicts *verdicts) {
  switch (verdicts->end) {
  case WSC_CAMPAIGN_INTERRUPTED:
    return WSC_EXIT_INTERRUPTED;
  case WSC_CAMPAIGN_INSANE:
  case WSC_CAMPAIGN_GONE:
    return WSC_EXIT_UNREACHABLE;
  case WSC_CAMPAIGN_DONE:
    break;
  }
  return verdicts->unexpected != 0 ? WSC_EXIT_UNEXPECTED : WSC_EXIT_OK;
}

/* What the server's options leave of the selected cases. */
static void select_for(struct wsc_runner *runner,
                       const struct wsc_measure *measure,
                       const struct wsc_measured *server,
                       struct wsc_arena *arena) {
  static const char *const all[] = {"*", NULL}; /* counterparts, too */
  const struct wsc_suite *suite = &measure->suite;
  const char *unknown;
  const struct wsc_case **kept =
      wsc_arena_alloc(arena, (suite->num_selected + 1) * sizeof *kept);
  runner->num_cases = wsc_select(suite->selected, suite->num_selected, all,
                                 server->options, kept, &unknown);
  runner->cases = kept;
}

/* By what it is called: a name that only the resolver knows may be anybody's. */
static bool is_loopback(const char *host) {
  return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
         strcmp(host, "::1") == 0 || strncmp(host, "[::1]", 5) == 0;
}

/* One server by one transport, its octets cut in one way. */
struct pass {
  struct wsc_measure *measure;
  const struct wsc_measured *server; /* with options and subject of the pass */
  const char *id;                    /* of the target */
  const struct ws_url *url;
  struct ws_tls *tls; /* NULL: plain TCP */
  enum wsc_chop chop;
  int *target; /* see runner.h */
};

static void record_tls(const struct pass *pass,
                       const struct ws_tls_info *info) {
  struct wsc_run *run = pass->measure->run;
  if (run == NULL || info == NULL || *pass->target < 0) {
    return;
  }
  const struct wsc_run_tls tls = {.version = info->version,
                                  .cipher = info->cipher,
                                  .subject = info->subject,
                                  .issuer = info->issuer,
                                  .names = info->names,
                                  .not_before = info->not_before,
                                  .not_after = info->not_after,
                                  .sha256 = info->fingerprint,
                                  .verified = info->verified};
  wsc_run_target_tls(run, *pass->target, &tls);
}

static const char *spared_because(const struct pass *pass) {
  const struct wsc_options *options = pass->server->options;
  const char *host =
      options->connect != NULL ? options->connect : pass->url->host;
  if (pass->chop != WSC_CHOP_WHOLE) {
    return "it sends too much to be cut into pieces";
  }
  return options->robustness || pass->server->meter != NULL || is_loopback(host)
             ? NULL
             : "it may harm a server that is not on this machine; --robustness "
               "runs it";
}

static void run_on(const struct pass *pass, struct wsc_transport *transport,
                   struct wsc_arena *arena, struct wsc_verdicts *verdicts) {
  struct wsc_measure *measure = pass->measure;
  const struct wsc_measured *server = pass->server;
  const struct wsc_options *options = server->options;
  const char *message = options->script_message;
  const char *arrow = message == NULL ? NULL : strstr(message, "=>");
  const struct wsc_target target = {
      .url = server->url,
      .host = pass->url->authority,
      .path = pass->url->target,
      .secure = pass->tls != NULL,
      .request = arrow == NULL
                     ? NULL
                     : wsc_arena_printf(arena, "%.*s", (int)(arrow - message),
                                        message),
      .answer = arrow == NULL ? NULL : arrow + 2,
      .protocol = options->subprotocol,
      .origin = options->origin,
      .headers = options->headers.items,
  };
  struct wsc_runner runner = {
      .options = options,
      .host = measure->suite.host,
      .run = measure->run,
      .terminal = &measure->terminal,
      .expectations = server->expectations,
      .meter = server->meter,
      .spared_because = spared_because(pass),
      .revive = server->revive,
      .reviver = server->reviver,
      .interrupted = net_interrupted,
      .interrupted_user = transport,
      .variant = wsc_net_variant(transport),
      .chop = pass->chop,
      .target = pass->target,
  };
  select_for(&runner, measure, server, arena);
  wsc_net_watch_signals(transport);
  wsc_runner_run(&runner, transport, &target, pass->id, verdicts);
  record_tls(pass, wsc_net_tls(transport));
}

static int measure_pass(const struct pass *pass) {
  struct wsc_measure *measure = pass->measure;
  const struct wsc_options *options = pass->server->options;
  struct wsc_net_options net = {
      .host = pass->url->host,
      .port = pass->url->port,
      .connect = options->connect,
      .dial_timeout = options->timeout,
      .tls = pass->tls,
  };
  char *error = NULL;
  struct wsc_transport *transport = wsc_net_new(&net, &error);
  if (transport == NULL) {
    fprintf(stderr, "wsspec: %s: %s\n", pass->server->url, error);
    free(error);
    return WSC_EXIT_UNREACHABLE;
  }
  struct wsc_arena arena;
  wsc_arena_init(&arena);
  struct wsc_verdicts verdicts;
  measure->terminal.repeat =
      wsc_repeat_command(&arena, options, pass->server->subject);
  run_on(pass, transport, &arena, &verdicts);
  print_summary(measure, pass->server, &verdicts);
  measure->terminal.repeat = NULL;
  wsc_net_free(transport);
  wsc_arena_free(&arena);
  return exit_code(&verdicts);
}

/* Each way to cut. What the passes of one run have in common is repeated one by
 * one: options and subject are of the pass alone. */
static int measure_chops(const struct pass *all,
                         const struct wsc_passes *passes) {
  struct pass pass = *all;
  struct wsc_measured server = *pass.server;
  struct wsc_options options = *server.options;
  char url[WS_URL_MAX];
  int worst = WSC_EXIT_OK;
  ws_url_write(url, sizeof url, pass.url);
  struct wsc_list subject = {.items = {"server", url}, .num = 2};
  if (options.variant != NULL) {
    server.subject = &subject;
    server.url = url;
  }
  options.variant = NULL;
  server.options = &options;
  pass.server = &server;
  for (unsigned chop = 0; chop < WSC_NUM_CHOPS && worst != WSC_EXIT_INTERRUPTED;
       chop++) {
    if (passes->chops[chop]) {
      pass.chop = (enum wsc_chop)chop;
      options.chop = chop == WSC_CHOP_WHOLE ? NULL : wsc_chop_name(pass.chop);
      worst = wsc_measure_worse(measure_pass(&pass), worst);
    }
  }
  return worst;
}

static int measure_secure(const struct pass *plain,
                          const struct wsc_passes *passes) {
  struct pass pass = *plain;
  const struct wsc_options *options = pass.server->options;
  const struct ws_tls_options files = {.ca_file = options->cacert,
                                       .cert_file = options->cert,
                                       .key_file = options->key,
                                       .insecure = options->insecure};
  char text[WS_TLS_TEXT_MAX];
  struct ws_url url;
  wsc_passes_secure(&url, pass.url, options);
  pass.url = &url;
  pass.tls = ws_tls_client_new(&files, text);
  if (pass.tls == NULL) {
    return wsc_usage("%s", text);
  }
  int code = measure_chops(&pass, passes);
  ws_tls_free(pass.tls);
  return code;
}

int wsc_measure_server(struct wsc_measure *measure,
                       const struct wsc_measured *server) {
  struct ws_url url;
  struct wsc_passes passes;
  enum ws_url_error error =
      ws_url_parse(&url, server->url, strlen(server->url));
  if (error != WS_URL_OK) {
    return wsc_usage("bad URL '%s': %s", server->url, ws_url_error_text(error));
  }
  int code = wsc_passes_of(&passes, server->options, &url);
  if (code >= 0) {
    return code;
  }
  int target = -1;
  const struct pass pass = {
      .measure = measure,
      .server = server,
      .id = server->name != NULL ? server->name : server->url,
      .url = &url,
      .target = &target,
  };
  code = passes.plain ? measure_chops(&pass, &passes) : WSC_EXIT_OK;
  if (passes.secure && code != WSC_EXIT_INTERRUPTED) {
    code = wsc_measure_worse(measure_secure(&pass, &passes), code);
  }
  return code;
}

int wsc_measure_absent(struct wsc_measure *measure, const char *name,
                       const char *url, const char *why) {
  fputs("wsspec: ", stderr);
  wsc_terminal_escape(stderr, name);
  fprintf(stderr, ": %s\n", why);
  if (measure->run != NULL) {
    int index = wsc_run_add_target(measure->run, name, "server", url, name);
    wsc_run_target_fact(measure->run, index, "not-measured", why);
  }
  return WSC_EXIT_UNREACHABLE;
}

/* -- after -------------------------------------------------------------- */

int wsc_measure_worse(int code, int than) {
  return code > than || code == WSC_EXIT_INTERRUPTED ? code : than;
}

int wsc_measure_finish(struct wsc_measure *measure, int worst) {
  if (measure->run == NULL) {
    return worst;
  }
  wsc_run_close(measure->run, worst == WSC_EXIT_INTERRUPTED);
  return wsc_reports_write(measure->options, measure->run,
                           measure->terminal.out)
             ? worst
             : WSC_EXIT_USAGE;
}

void wsc_measure_free(struct wsc_measure *measure) {
  wsc_run_free(measure->run);
  wsc_suite_free(&measure->suite);
}
