/* server_command.c: `wsspec server URL... [FILTER...]`. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cli.h"
#include "expectations.h"
#include "net.h"
#include "output.h"
#include "report_html.h"
#include "runner.h"
#include "suite.h"
#include "url.h"

struct session {
  const struct wsc_options *options;
  struct wsc_suite suite;
  struct wsc_list urls;
  struct wsc_list filters;
  struct wsc_expectations *expectations;
  struct wsc_run *run;
  struct wsc_terminal terminal;
};

static int check_outputs(const struct wsc_options *options) {
  int code = wsc_output_check(options->json);
  return code < 0 ? wsc_output_check(options->html) : code;
}

static int read_arguments(struct session *session) {
  const struct wsc_list *arguments = &session->options->arguments;
  for (size_t i = 0; i < arguments->num; i++) {
    bool is_url = wsc_url_is(arguments->items[i]);
    struct wsc_list *list = is_url ? &session->urls : &session->filters;
    list->items[list->num++] = arguments->items[i];
  }
  if (session->urls.num == 0) {
    return wsc_usage("no URL given, such as ws://127.0.0.1:9001/");
  }
  for (size_t i = 0; i < session->urls.num; i++) {
    struct wsc_url url;
    const char *why;
    if (!wsc_url_parse(session->urls.items[i], &url, &why)) {
      return wsc_usage("bad URL '%s': %s", session->urls.items[i], why);
    }
  }
  return -1;
}

static int read_expectations(struct session *session) {
  char *error = NULL;
  const char *path = session->options->expect;
  if (path == NULL) {
    return -1;
  }
  session->expectations = wsc_expectations_read(path, &error);
  if (session->expectations == NULL) {
    int code = wsc_usage("%s", error);
    free(error);
    return code;
  }
  const char *expired = wsc_expectations_expired(session->expectations);
  if (expired != NULL) {
    fprintf(stderr,
            "wsspec: %s: the time of the deviation '%s' is over; it counts "
            "again\n",
            path, expired);
  }
  return -1;
}

static bool net_interrupted(void *user) {
  return wsc_net_interrupted(user);
}

static void print_counts(FILE *out, const struct wsc_verdicts *verdicts,
                         const struct session *session) {
  static const enum wsc_verdict order[] = {WSC_PASS,  WSC_FAIL, WSC_WARN,
                                           WSC_ERROR, WSC_INFO, WSC_SKIP};
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    fprintf(out, "%s%zu %s", i == 0 ? "" : ", ", verdicts->counts[order[i]],
            wsc_verdict_name(order[i]));
  }
  fprintf(out, " of %zu cases", session->suite.num_selected);
  if (!verdicts->echoes && verdicts->end != WSC_CAMPAIGN_INSANE) {
    fputs("; the server does NOT ECHO, cases that need it were skipped", out);
  }
  fputc('\n', out);
}

static void print_summary(struct session *session, const char *url,
                          const struct wsc_verdicts *verdicts) {
  FILE *out = session->terminal.out;
  wsc_terminal_clear(&session->terminal);
  fprintf(out, "%s", url);
  const char *agent = session->options->agent;
  agent = agent == NULL ? verdicts->agent : agent;
  if (agent[0] != '\0') {
    fputs("  (", out);
    wsc_terminal_escape(out, agent);
    fputc(')', out);
  }
  fputs(": ", out);
  print_counts(out, verdicts, session);
  if (verdicts->known != 0) {
    fprintf(out, "%zu of them known deviations\n", verdicts->known);
  }
  fflush(out);
  if (verdicts->end == WSC_CAMPAIGN_INSANE) {
    fputs("wsspec: the sanity check failed, nothing was measured: ", stderr);
    wsc_terminal_escape(stderr, verdicts->sanity);
    fputs("\n        check the URL, its path, and what --header, --origin or "
          "--subprotocol the server wants\n",
          stderr);
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

/* The words of the command line without filters and seed; for one URL, or for
 * all of them. Borrowed strings, NULL-ended. */
static void command_words(const struct session *session, const char *url,
                          struct wsc_list *words) {
  const struct wsc_options *options = session->options;
  const struct {
    const char *name;
    const char *value;
  } pairs[] = {
      {"--origin", options->origin},
      {"--subprotocol", options->subprotocol},
      {"--connect", options->connect},
      {"--cases", options->cases},
      {"--timeout", options->timeout_text},
      {"--echo", strcmp(options->echo, "auto") == 0 ? NULL : options->echo},
      {"--level", strcmp(options->level, "may") == 0 ? NULL : options->level}};
  *words = (struct wsc_list){.items = {"wsspec", "server"}, .num = 2};
  for (size_t i = 0; i < session->urls.num && url == NULL; i++) {
    words->items[words->num++] = session->urls.items[i];
  }
  if (url != NULL) {
    words->items[words->num++] = url;
  }
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    if (pairs[i].value != NULL && words->num + 2 <= WSC_LIST_MAX) {
      words->items[words->num++] = pairs[i].name;
      words->items[words->num++] = pairs[i].value;
    }
  }
  for (size_t i = 0; i < options->headers.num && words->num + 2 <= WSC_LIST_MAX;
       i++) {
    words->items[words->num++] = "--header";
    words->items[words->num++] = options->headers.items[i];
  }
  if (options->strict && words->num < WSC_LIST_MAX) {
    words->items[words->num++] = "--strict";
  }
}

static void set_if(json_t *object, const char *key, const char *value) {
  if (value != NULL) {
    json_object_set_new(object, key,
                        json_stringn_nocheck(value, strlen(value)));
  }
}

static json_t *describe_options(const struct session *session) {
  const struct wsc_options *options = session->options;
  json_t *json = json_object();
  json_t *filters = json_array();
  for (size_t i = 0; i < session->filters.num; i++) {
    json_array_append_new(filters, json_string(session->filters.items[i]));
  }
  struct wsc_list words;
  json_t *command = json_array();
  command_words(session, NULL, &words);
  for (size_t i = 0; i < words.num; i++) {
    json_array_append_new(command, json_string(words.items[i]));
  }
  json_object_set_new(json, "command", command);
  json_object_set_new(json, "filters", filters);
  json_object_set_new(json, "timeout_ms",
                      json_integer((json_int_t)(options->timeout / 1000)));
  json_object_set_new(json, "jobs", json_integer(options->jobs));
  json_object_set_new(json, "strict", json_boolean(options->strict));
  set_if(json, "level", options->level);
  set_if(json, "echo", options->echo);
  set_if(json, "origin", options->origin);
  set_if(json, "subprotocol", options->subprotocol);
  set_if(json, "connect", options->connect);
  return json;
}

/* A word as a shell reads it back. */
static const char *shell_word(struct wsc_arena *arena, const char *word) {
  static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                             "WXYZ0123456789-_./:=@%+,[]";
  if (word[0] != '\0' && strspn(word, safe) == strlen(word)) {
    return word;
  }
  const char *text = "'";
  for (; *word != '\0'; word++) {
    text = *word == '\'' ? wsc_arena_printf(arena, "%s'\\''", text)
                         : wsc_arena_printf(arena, "%s%c", text, *word);
  }
  return wsc_arena_printf(arena, "%s'", text);
}

/* The command that repeats a case, without its id. */
static const char *repeat_command(struct wsc_arena *arena,
                                  const struct session *session,
                                  const char *url) {
  struct wsc_list words;
  const char *text = "";
  command_words(session, url, &words);
  for (size_t i = 0; i < words.num; i++) {
    text = wsc_arena_printf(arena, "%s%s ", text,
                            shell_word(arena, words.items[i]));
  }
  return wsc_arena_printf(arena, "%s--seed %" PRIu64, text,
                          session->options->seed);
}

static void run_on(struct session *session, struct wsc_transport *transport,
                   const struct wsc_target *target,
                   struct wsc_verdicts *verdicts) {
  struct wsc_runner runner = {
      .options = session->options,
      .host = session->suite.host,
      .cases = session->suite.selected,
      .num_cases = session->suite.num_selected,
      .run = session->run,
      .terminal = &session->terminal,
      .expectations = session->expectations,
      .interrupted = net_interrupted,
      .interrupted_user = transport,
      .variant = "tcp",
  };
  wsc_net_watch_signals(transport);
  wsc_runner_run(&runner, transport, target, target->url, verdicts);
}

static int run_url(struct session *session, const char *text) {
  struct wsc_url url;
  const char *why;
  wsc_url_parse(text, &url, &why);
  const struct wsc_options *options = session->options;
  struct wsc_net_options net = {
      .host = url.host,
      .port = url.port,
      .connect = options->connect,
      .dial_timeout = options->timeout,
  };
  char *error = NULL;
  struct wsc_transport *transport = wsc_net_new(&net, &error);
  if (transport == NULL) {
    fprintf(stderr, "wsspec: %s: %s\n", text, error);
    free(error);
    return WSC_EXIT_UNREACHABLE;
  }
  struct wsc_target target = {
      .url = text,
      .host = url.authority,
      .path = url.path,
      .protocol = options->subprotocol,
      .origin = options->origin,
      .headers = options->headers.items,
  };
  struct wsc_arena arena;
  wsc_arena_init(&arena);
  struct wsc_verdicts verdicts;
  session->terminal.repeat = repeat_command(&arena, session, text);
  run_on(session, transport, &target, &verdicts);
  print_summary(session, text, &verdicts);
  wsc_net_free(transport);
  wsc_arena_free(&arena);
  return exit_code(&verdicts);
}

static bool write_outputs(const struct session *session) {
  const struct wsc_options *options = session->options;
  char *error = NULL;
  bool good = true;
  if (options->json != NULL &&
      !wsc_run_write(session->run, options->json, &error)) {
    fprintf(stderr, "wsspec: %s\n", error);
    good = false;
  }
  free(error);
  error = NULL;
  if (options->html != NULL &&
      !wsc_report_html(session->run, options->html, &error)) {
    fprintf(stderr, "wsspec: %s\n", error);
    good = false;
  }
  free(error);
  return good;
}

/* The run document is made only when somebody reads it. */
static void begin_document(struct session *session) {
  const struct wsc_options *options = session->options;
  if (options->json == NULL && options->html == NULL) {
    return;
  }
  session->run = wsc_run_new(WSC_VERSION, WSC_SUITE_VERSION, options->seed,
                             describe_options(session));
  for (size_t i = 0; i < session->suite.num_selected; i++) {
    wsc_run_add_case(session->run, session->suite.selected[i]);
  }
  wsc_run_add_sources(session->run, wsc_host_sources(session->suite.host));
}

/* Of several targets the gravest code counts: 6 over 2 over 1 over 0. */
static int run_all(struct session *session) {
  int worst = WSC_EXIT_OK;
  begin_document(session);
  for (size_t i = 0; i < session->urls.num && worst != WSC_EXIT_INTERRUPTED;
       i++) {
    int code = run_url(session, session->urls.items[i]);
    worst = code > worst || code == WSC_EXIT_INTERRUPTED ? code : worst;
  }
  if (session->run != NULL) {
    wsc_run_close(session->run, worst == WSC_EXIT_INTERRUPTED);
    return write_outputs(session) ? worst : WSC_EXIT_USAGE;
  }
  return worst;
}

int wsc_command_server(const struct wsc_options *options) {
  struct session session = {.options = options};
  bool json_to_stdout =
      options->json != NULL && strcmp(options->json, "-") == 0;
  wsc_terminal_init(&session.terminal, json_to_stdout ? stderr : stdout);
  session.terminal.quiet = options->quiet;
  int code = read_arguments(&session);
  if (code < 0) {
    code = check_outputs(options);
  }
  if (code < 0) {
    code = read_expectations(&session);
  }
  if (code < 0) {
    code = wsc_suite_load(&session.suite, options, session.filters.items);
  }
  if (code < 0) {
    session.terminal.host = session.suite.host;
    code = run_all(&session);
  }
  wsc_run_free(session.run);
  wsc_suite_free(&session.suite);
  wsc_expectations_free(session.expectations);
  return code;
}
