/* autobahn.c: index.json of the Autobahn Testsuite, for tools that read it. */

#include "autobahn.h"
#include "view.h"

/* The targets' names in index.json and of their files, and the worst result of
 * each Autobahn case. */
struct autobahn {
  struct wsc_view view;
  json_t *index;   /* owned: agent -> case id -> members */
  json_t *details; /* owned: of one target, case id -> members */
};

/* An agent's name, or what tells two of the same name apart. */
static void agent_name(struct wsc_strbuf *out, const struct autobahn *report,
                       size_t number) {
  const json_t *target = json_array_get(report->view.targets, number);
  const char *agent = wsc_view_text(target, "agent");
  wsc_view_plain(out, agent, WSC_VIEW_SHORT);
  if (out->len == 0 || json_object_get(report->index, out->data) != NULL) {
    wsc_strbuf_puts(out, out->len == 0 ? "" : " ");
    wsc_view_plain(out, wsc_view_text(target, "id"), WSC_VIEW_SHORT);
  }
  if (out->len == 0 || json_object_get(report->index, out->data) != NULL) {
    wsc_strbuf_printf(out, " #%zu", number);
  }
}

/* "wsspec_2_tornadoserver_6_2.json": no letter of it can leave the folder. */
static void file_name(struct wsc_strbuf *out, const char *agent,
                      size_t number) {
  wsc_strbuf_printf(out, "wsspec_%zu_", number);
  for (size_t i = 0; i < 64 && agent[i] != '\0'; i++) {
    char c = agent[i];
    c = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    wsc_strbuf_add(out, plain ? &c : "_", 1);
  }
  wsc_strbuf_puts(out, ".json");
}

static json_t *name_or_null(const char *name) {
  return name == NULL ? json_null() : json_string(name);
}

static json_t *code_json(const struct wsc_autobahn *judged) {
  return judged->remote_close_code < 0
             ? json_null()
             : json_integer(judged->remote_close_code);
}

static json_t *brief(const json_t *result, const struct wsc_autobahn *judged,
                     const char *file) {
  json_t *item = wsc_json_object();
  wsc_json_put(item, "behavior", name_or_null(judged->behavior));
  wsc_json_put(item, "behaviorClose", name_or_null(judged->behavior_close));
  wsc_json_put(item, "duration",
               wsc_json_count(wsc_view_duration(result) / 1000));
  wsc_json_put(item, "remoteCloseCode", code_json(judged));
  wsc_json_put(item, "reportfile", json_string(file));
  return item;
}

static json_t *words(const struct wsc_strbuf *text) {
  return wsc_json_text(text->len == 0 ? "" : text->data);
}

static json_t *detail(const struct wsc_view *view, const char *id,
                      const json_t *result, const struct wsc_autobahn *judged) {
  json_t *item = wsc_json_object();
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_json_put(item, "id", wsc_json_text(id));
  wsc_view_name(&text, result);
  wsc_json_put(item, "wsspecCase", words(&text));
  text.len = 0;
  wsc_view_plain(&text, wsc_view_text(wsc_view_case(view, result), "title"),
                 WSC_VIEW_LONG);
  wsc_json_put(item, "description", words(&text));
  text.len = 0;
  wsc_view_reason(&text, result);
  wsc_json_put(item, "result", words(&text));
  wsc_strbuf_free(&text);
  wsc_json_put(item, "behavior", name_or_null(judged->behavior));
  wsc_json_put(item, "behaviorClose", name_or_null(judged->behavior_close));
  wsc_json_put(item, "remoteCloseCode", code_json(judged));
  wsc_json_put(item, "closedByMe", json_boolean(judged->closed_by_me));
  wsc_json_put(item, "droppedByMe", json_boolean(judged->dropped_by_me));
  wsc_json_put(item, "wasClean", json_boolean(judged->was_clean));
  return item;
}

/* The worst result of each Autobahn case: id -> position in the results of the
 * target. */
static json_t *worst_of(const struct wsc_view *view, size_t target) {
  json_t *worst = wsc_json_object();
  for (size_t i = 0; i < wsc_view_num_results(view, target); i++) {
    const json_t *result = wsc_view_result(view, target, i);
    size_t k;
    json_t *row;
    json_array_foreach(json_object_get(result, "autobahn"), k, row) {
      const char *id = wsc_view_text(row, "id");
      const json_t *before = json_object_get(worst, id);
      const json_t *other =
          wsc_view_result(view, target, (size_t)json_integer_value(before));
      if (before == NULL ||
          wsc_view_verdict(result) < wsc_view_verdict(other)) {
        wsc_json_put(worst, id, json_integer((json_int_t)i));
      }
    }
  }
  return worst;
}

static void add_target(struct autobahn *report, size_t target, json_t *of_agent,
                       const char *file) {
  json_t *worst = worst_of(&report->view, target);
  const char *id;
  json_t *position;
  json_object_foreach(worst, id, position) {
    const json_t *result = wsc_view_result(
        &report->view, target, (size_t)json_integer_value(position));
    const struct wsc_autobahn judged = wsc_autobahn_of(result);
    struct wsc_strbuf key;
    wsc_strbuf_init(&key);
    wsc_view_plain(&key, id, WSC_VIEW_SHORT);
    if (judged.behavior != NULL && key.len != 0) {
      wsc_json_put(of_agent, key.data, brief(result, &judged, file));
      wsc_json_put(report->details, key.data,
                   detail(&report->view, key.data, result, &judged));
    }
    wsc_strbuf_free(&key);
  }
  json_decref(worst);
}

static int append(const char *data, size_t len, void *out) {
  wsc_strbuf_add(out, data, len);
  return 0;
}

static bool emit_json(const json_t *json, const char *name,
                      wsc_format_emit emit, void *user) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  json_dump_callback(json, append, &text, JSON_INDENT(3) | JSON_SORT_KEYS);
  wsc_strbuf_puts(&text, "\n");
  bool done = emit(user, name, text.data, text.len);
  wsc_strbuf_free(&text);
  return done;
}

bool wsc_format_autobahn(const struct wsc_run *run, wsc_format_emit emit,
                         void *user) {
  struct autobahn report = {.index = wsc_json_object()};
  bool done = true;
  wsc_view_init(&report.view, run, WSC_FAIL_ON_OF_RUN);
  for (size_t i = 0; done && i < json_array_size(report.view.targets); i++) {
    struct wsc_strbuf agent;
    struct wsc_strbuf file;
    wsc_strbuf_init(&agent);
    wsc_strbuf_init(&file);
    agent_name(&agent, &report, i);
    file_name(&file, agent.data, i);
    json_t *of_agent = wsc_json_object();
    report.details = wsc_json_object();
    wsc_json_put(report.index, agent.data, of_agent);
    add_target(&report, i, of_agent, file.data);
    done = emit_json(report.details, file.data, emit, user);
    json_decref(report.details);
    wsc_strbuf_free(&agent);
    wsc_strbuf_free(&file);
  }
  done = done && emit_json(report.index, "index.json", emit, user);
  json_decref(report.index);
  wsc_view_free(&report.view);
  return done;
}
