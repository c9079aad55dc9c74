/* autobahn.c: index.json of the Autobahn Testsuite, for tools that read it. */

#include <string.h>

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

static json_t *words(const struct wsc_strbuf *text) {
  return wsc_json_text(text->len == 0 ? "" : text->data);
}

static bool is_measured(const json_t *row) {
  return wsc_view_text(row, "behavior")[0] != '\0' &&
         wsc_view_text(row, "behaviorClose")[0] != '\0';
}

/* One of Autobahn's words, or null: a document may say anything. */
static void put_word(json_t *item, const char *member, const json_t *row) {
  static const char *const known[] = {
      "OK",     "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED",
      "FAILED", "UNCLEAN",    "WRONG CODE",    "FAILED BY CLIENT"};
  const char *text = wsc_view_text(row, member);
  json_t *word = json_null();
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(known[i], text) == 0) {
      word = json_string(text);
    }
  }
  wsc_json_put(item, member, word);
}

static void put_verdict(json_t *item, const json_t *row) {
  const json_t *code = json_object_get(row, "remoteCloseCode");
  put_word(item, "behavior", row);
  put_word(item, "behaviorClose", row);
  wsc_json_put(item, "remoteCloseCode",
               json_is_integer(code) ? json_integer(json_integer_value(code))
                                     : json_null());
}

static void put_fact(json_t *item, const char *member, const json_t *row) {
  wsc_json_put(item, member,
               json_boolean(json_is_true(json_object_get(row, member))));
}

static json_t *brief(const json_t *result, const json_t *row,
                     const char *file) {
  json_t *item = wsc_json_object();
  put_verdict(item, row);
  wsc_json_put(item, "duration",
               wsc_json_count(wsc_view_duration(result) / 1000));
  wsc_json_put(item, "reportfile", json_string(file));
  return item;
}

static json_t *detail(const struct wsc_view *view, const char *id,
                      const json_t *result, const json_t *row) {
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
  wsc_json_put(item, "verdict",
               json_string(wsc_verdict_name(wsc_view_verdict(result))));
  put_verdict(item, row);
  put_fact(item, "closedByMe", row);
  put_fact(item, "failedByMe", row);
  put_fact(item, "droppedByMe", row);
  put_fact(item, "wasClean", row);
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

static const json_t *row_of(const json_t *result, const char *id) {
  size_t i;
  const json_t *row;
  json_array_foreach(json_object_get(result, "autobahn"), i, row) {
    if (strcmp(wsc_view_text(row, "id"), id) == 0) {
      return row;
    }
  }
  return NULL;
}

static void add_target(struct autobahn *report, size_t target, json_t *of_agent,
                       const char *file) {
  json_t *worst = worst_of(&report->view, target);
  const char *id;
  json_t *position;
  json_object_foreach(worst, id, position) {
    const json_t *result = wsc_view_result(
        &report->view, target, (size_t)json_integer_value(position));
    const json_t *row = row_of(result, id);
    struct wsc_strbuf key;
    wsc_strbuf_init(&key);
    wsc_view_plain(&key, id, WSC_VIEW_SHORT);
    if (is_measured(row) && key.len != 0) {
      wsc_json_put(of_agent, key.data, brief(result, row, file));
      wsc_json_put(report->details, key.data,
                   detail(&report->view, key.data, result, row));
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
