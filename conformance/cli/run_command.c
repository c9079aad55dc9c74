/* run_command.c: `wsspec run -c FILE [FILTER...]`. */
#include <fnmatch.h>
#include <stdlib.h>

#include "config.h"
#include "launch.h"
#include "matrix.h"
#include "measure.h"

struct session {
  struct wsc_measure measure;
  struct wsc_config *config;
};

static bool is_wanted(const struct wsc_options *options,
                      const struct wsc_implementation *item) {
  for (size_t i = 0; i < options->only.num; i++) {
    if (fnmatch(options->only.items[i], item->name, 0) == 0) {
      return true;
    }
  }
  return options->only.num == 0;
}

/* Each --only has to name something, before anything is started. */
static int check_only(const struct session *session) {
  const struct wsc_list *only = &session->measure.options->only;
  size_t num;
  const struct wsc_implementation *items =
      wsc_config_items(session->config, &num);
  for (size_t i = 0; i < only->num; i++) {
    size_t k = 0;
    while (k < num && fnmatch(only->items[i], items[k].name, 0) != 0) {
      k++;
    }
    if (k == num) {
      return wsc_usage("--only: '%s' names no implementation of %s",
                       only->items[i], session->measure.options->config);
    }
  }
  return -1;
}

/* What the command line says, and on top what the configuration does. */
static struct wsc_options options_for(const struct wsc_options *options,
                                      const struct wsc_implementation *item) {
  struct wsc_options own = *options;
  own.agent = item->name;
  own.subprotocol = item->subprotocol;
  own.origin = item->origin;
  own.echo = item->echo;
  if (item->timeout != 0 && options->timeout_text == NULL) {
    own.timeout = item->timeout;
  }
  for (size_t i = 0; item->headers[i] != NULL; i++) {
    if (own.headers.num < WSC_LIST_MAX) {
      own.headers.items[own.headers.num++] = item->headers[i];
    }
  }
  for (size_t i = 0; item->exclude[i] != NULL; i++) {
    if (own.exclude.num < WSC_LIST_MAX) {
      own.exclude.items[own.exclude.num++] = item->exclude[i];
    }
  }
  return own;
}

static int measure_launched(struct session *session,
                            const struct wsc_implementation *item,
                            struct wsc_launched *launched) {
  struct wsc_options options = options_for(session->measure.options, item);
  const struct wsc_list subject = {
      .items = {"run", "-c", options.config, "--only", item->name}, .num = 5};
  struct wsc_expectations *expectations;
  int code = wsc_measure_expectations(&expectations, item->expect);
  if (code >= 0) {
    return code;
  }
  const struct wsc_measured server = {
      .name = item->name,
      .url = wsc_launch_url(launched),
      .options = &options,
      .subject = &subject,
      .expectations = expectations,
      .meter = wsc_launch_meter(launched),
  };
  code = wsc_measure_server(&session->measure, &server);
  wsc_expectations_free(expectations);
  return code;
}

static int run_one(struct session *session,
                   const struct wsc_implementation *item) {
  const char *why;
  struct wsc_arena arena;
  wsc_arena_init(&arena);
  const volatile bool *stopped = wsc_launch_signals();
  struct wsc_launched *launched = wsc_launch(
      &arena, item, wsc_config_directory(session->config), stopped, &why);
  int code;
  if (launched == NULL) {
    code = *stopped ? WSC_EXIT_INTERRUPTED
                    : wsc_measure_absent(&session->measure, item->name,
                                         item->url, why);
  } else {
    code = measure_launched(session, item, launched);
    const char *ended = wsc_launch_ended(&arena, launched);
    if (ended != NULL) {
      fprintf(stderr, "wsspec: the server of '%s' %s\n", item->name, ended);
    }
  }
  wsc_launch_end(launched);
  wsc_arena_free(&arena);
  return code;
}

static int run_all(struct session *session) {
  size_t num;
  const struct wsc_implementation *items =
      wsc_config_items(session->config, &num);
  int worst = WSC_EXIT_OK;
  for (size_t i = 0; i < num && worst != WSC_EXIT_INTERRUPTED; i++) {
    if (is_wanted(session->measure.options, &items[i])) {
      worst = wsc_measure_worse(run_one(session, &items[i]), worst);
    }
  }
  int code = wsc_measure_finish(&session->measure, worst);
  wsc_matrix_print(session->measure.terminal.out,
                   wsc_run_json(session->measure.run));
  return code;
}

int wsc_command_run(const struct wsc_options *options) {
  struct session session = {
      .measure = {
          .options = options,
          .filters = options->arguments,
          .subject = {.items = {"run", "-c", options->config}, .num = 3},
          .documented = true}};
  char *error = NULL;
  if (options->config == NULL) {
    return wsc_usage("run needs -c FILE, which describes the implementations");
  }
  session.config = wsc_config_read(options->config, &error);
  if (session.config == NULL) {
    int code =
        wsc_usage("%s", error == NULL ? "the case host cannot start" : error);
    free(error);
    return code;
  }
  int code = check_only(&session);
  if (code < 0) {
    code = wsc_measure_open(&session.measure);
  }
  if (code < 0) {
    code = run_all(&session);
  }
  wsc_measure_free(&session.measure);
  wsc_config_free(session.config);
  return code;
}
