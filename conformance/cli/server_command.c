/* server_command.c: `wsspec server URL... [FILTER...]`. */
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "output.h"
#include "passes.h"
#include "spawn.h"
#include "ws/url.h"

struct session {
  struct wsc_measure measure;
  struct wsc_list urls;
  struct wsc_expectations *expectations;
};

/* What looks like a URL is none of the filters. */
static bool is_url(const char *text) {
  return strstr(text, "://") != NULL;
}

static int read_arguments(struct session *session) {
  const struct wsc_list *arguments = &session->measure.options->arguments;
  for (size_t i = 0; i < arguments->num; i++) {
    struct wsc_list *list = is_url(arguments->items[i])
                                ? &session->urls
                                : &session->measure.filters;
    list->items[list->num++] = arguments->items[i];
  }
  if (session->urls.num == 0) {
    return wsc_usage("no URL given, such as ws://127.0.0.1:9001/");
  }
  session->measure.subject = (struct wsc_list){.items = {"server"}, .num = 1};
  for (size_t i = 0; i < session->urls.num; i++) {
    struct wsc_list *subject = &session->measure.subject;
    const char *text = session->urls.items[i];
    struct ws_url url;
    enum ws_url_error error = ws_url_parse(&url, text, strlen(text));
    bool has_mark = session->measure.options->spawn != NULL &&
                    strstr(text, "{port}") != NULL;
    if (error != WS_URL_OK && !has_mark) {
      return wsc_usage("bad URL '%s': %s", text, ws_url_error_text(error));
    }
    struct wsc_passes passes;
    int code = error != WS_URL_OK
                   ? -1
                   : wsc_passes_of(&passes, session->measure.options, &url);
    if (code >= 0) {
      return code;
    }
    if (subject->num < WSC_LIST_MAX) {
      subject->items[subject->num++] = text;
    }
  }
  return -1;
}

static int run_one(struct session *session, const char *url) {
  const struct wsc_list subject = {.items = {"server", url}, .num = 2};
  struct wsc_measured server = {
      .url = url,
      .options = session->measure.options,
      .subject = &subject,
      .expectations = session->expectations,
  };
  struct wsc_spawned *spawned;
  int code = wsc_spawn(&spawned, server.options, url);
  if (code < 0) {
    wsc_spawned_enter(spawned, &server);
    code = wsc_measure_server(&session->measure, &server);
  }
  wsc_spawned_end(spawned);
  return code;
}

static int run_all(struct session *session) {
  int worst = WSC_EXIT_OK;
  for (size_t i = 0; i < session->urls.num && worst != WSC_EXIT_INTERRUPTED;
       i++) {
    worst = wsc_measure_worse(run_one(session, session->urls.items[i]), worst);
  }
  return wsc_measure_finish(&session->measure, worst);
}

/* Not when the run did not come to its end: what is known would be lost. */
static int write_expectations(const struct session *session, int code) {
  const struct wsc_options *options = session->measure.options;
  const char *path = options->write_expect;
  char *error = NULL;
  size_t num_new = 0;
  if (path == NULL) {
    return code;
  }
  if (code != WSC_EXIT_OK && code != WSC_EXIT_UNEXPECTED) {
    fprintf(stderr, "wsspec: %s is not written: the run is not whole\n", path);
    return code;
  }
  if (!wsc_expectations_write(session->expectations, session->measure.run,
                              options->fail_on_warn ? WSC_WARN : WSC_ERROR,
                              path, &num_new, &error)) {
    code = wsc_usage("%s", error);
    free(error);
    return code;
  }
  if (num_new != 0) {
    fprintf(stderr,
            "wsspec: %s: %zu new entries need a reason (\"why\") before "
            "--expect takes them\n",
            path, num_new);
  }
  return code;
}

static int check_process(const struct session *session) {
  const struct wsc_options *options = session->measure.options;
  if (options->spawn != NULL && options->pid != 0) {
    return wsc_usage("--spawn starts the server, --pid is for one that runs: "
                     "give one of them");
  }
  if ((options->spawn != NULL || options->pid != 0) && session->urls.num > 1) {
    return wsc_usage("--%s is for one URL",
                     options->spawn != NULL ? "spawn" : "pid");
  }
  return -1;
}

static int check_write_expect(const struct session *session) {
  const char *path = session->measure.options->write_expect;
  if (path != NULL && session->urls.num > 1) {
    return wsc_usage("--write-expect is for one URL");
  }
  return wsc_output_check(path);
}

int wsc_command_server(const struct wsc_options *options) {
  struct session session = {.measure = {.options = options}};
  int code = read_arguments(&session);
  session.measure.documented = options->write_expect != NULL;
  if (code < 0) {
    code = check_process(&session);
  }
  if (code < 0) {
    code = check_write_expect(&session);
  }
  if (code < 0) {
    code = wsc_measure_expectations(&session.expectations, options->expect);
  }
  if (code < 0) {
    code = wsc_measure_open(&session.measure);
  }
  if (code < 0) {
    code = write_expectations(&session, run_all(&session));
  }
  wsc_measure_free(&session.measure);
  wsc_expectations_free(session.expectations);
  return code;
}
