/* server_command.c: `wsspec server URL... [FILTER...]`. */
#include <string.h>

#include "measure.h"
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
    if (error != WS_URL_OK) {
      return wsc_usage("bad URL '%s': %s", text, ws_url_error_text(error));
    }
    if (subject->num < WSC_LIST_MAX) {
      subject->items[subject->num++] = text;
    }
  }
  return -1;
}

static int run_all(struct session *session) {
  int worst = WSC_EXIT_OK;
  for (size_t i = 0; i < session->urls.num && worst != WSC_EXIT_INTERRUPTED;
       i++) {
    const struct wsc_list subject = {
        .items = {"server", session->urls.items[i]}, .num = 2};
    const struct wsc_measured server = {
        .url = session->urls.items[i],
        .options = session->measure.options,
        .subject = &subject,
        .expectations = session->expectations,
    };
    worst = wsc_measure_worse(wsc_measure_server(&session->measure, &server),
                              worst);
  }
  return wsc_measure_finish(&session->measure, worst);
}

int wsc_command_server(const struct wsc_options *options) {
  struct session session = {.measure = {.options = options}};
  int code = read_arguments(&session);
  if (code < 0) {
    code = wsc_measure_expectations(&session.expectations, options->expect);
  }
  if (code < 0) {
    code = wsc_measure_open(&session.measure);
  }
  if (code < 0) {
    code = run_all(&session);
  }
  wsc_measure_free(&session.measure);
  wsc_expectations_free(session.expectations);
  return code;
}
