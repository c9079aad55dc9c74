/* sarif_rules.c: the requirements of a run, as rules. */
#include <string.h>

#include "sarif.h"

json_t *wsc_sarif_text(const char *text, size_t max) {
  struct wsc_strbuf plain;
  wsc_strbuf_init(&plain);
  wsc_view_plain(&plain, text, max);
  json_t *value = wsc_json_text(plain.data);
  wsc_strbuf_free(&plain);
  return value;
}

json_t *wsc_sarif_message(const char *text) {
  json_t *object = wsc_json_object();
  wsc_json_put(object, "text", wsc_sarif_text(text, 2 * WSC_VIEW_LONG));
  return object;
}

static const char *level_of_row(const json_t *row) {
  const char *level = wsc_view_text(row, "level");
  if (strcmp(level, "MUST") == 0) {
    return "error";
  }
  return strcmp(level, "SHOULD") == 0 ? "warning" : "note";
}

static json_t *tags_of(const json_t *row) {
  struct wsc_strbuf tag;
  json_t *tags = wsc_json_array();
  wsc_strbuf_init(&tag);
  wsc_strbuf_puts(&tag, "RFC");
  if (strcmp(wsc_view_text(row, "rfc"), "WHATWG") == 0) {
    tag.len = 0;
  }
  wsc_strbuf_puts(&tag, wsc_view_text(row, "rfc"));
  wsc_json_push(tags, wsc_sarif_text(tag.data, WSC_VIEW_SHORT));
  wsc_json_push(tags,
                wsc_sarif_text(wsc_view_text(row, "level"), WSC_VIEW_SHORT));
  wsc_strbuf_free(&tag);
  return tags;
}

static json_t *properties_of_row(const json_t *row) {
  static const char *const keys[] = {"rfc", "section", "level", "role"};
  json_t *properties = wsc_json_object();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    wsc_json_put(properties, keys[i],
                 wsc_sarif_text(wsc_view_text(row, keys[i]), WSC_VIEW_SHORT));
  }
  wsc_json_put(properties, "tags", tags_of(row));
  return properties;
}

static json_t *rule_json(const char *id, const char *text, const char *level) {
  json_t *rule = wsc_json_object();
  json_t *configuration = wsc_json_object();
  wsc_json_put(configuration, "level", json_string(level));
  wsc_json_put(rule, "id", wsc_sarif_text(id, WSC_VIEW_SHORT));
  wsc_json_put(rule, "shortDescription", wsc_sarif_message(text));
  wsc_json_put(rule, "fullDescription", wsc_sarif_message(text));
  wsc_json_put(rule, "defaultConfiguration", configuration);
  wsc_json_put(rule, "help", wsc_sarif_message(text));
  return rule;
}

static void add_rule(struct wsc_sarif *sarif, const char *id, json_t *rule) {
  wsc_json_put(sarif->rule_index, id,
               json_integer((json_int_t)json_array_size(sarif->rules)));
  wsc_json_push(sarif->rules, rule);
}

void wsc_sarif_add_rules(struct wsc_sarif *sarif) {
  size_t i;
  json_t *row;
  json_array_foreach(sarif->view->requirements, i, row) {
    const char *id = wsc_view_text(row, "id");
    bool covered = json_is_null(json_object_get(row, "uncovered_reason"));
    if (!covered || json_object_get(sarif->rule_index, id) != NULL) {
      continue;
    }
    json_t *rule =
        rule_json(id, wsc_view_text(row, "statement"), level_of_row(row));
    const char *url = wsc_view_url(row);
    if (url != NULL) {
      wsc_json_put(rule, "helpUri", json_string(url));
    }
    wsc_json_put(rule, "properties", properties_of_row(row));
    add_rule(sarif, id, rule);
  }
  add_rule(sarif, WSC_SARIF_ERROR,
           rule_json(WSC_SARIF_ERROR,
                     "The case could not be measured; nothing is said about "
                     "the implementation.",
                     "note"));
  add_rule(sarif, WSC_SARIF_UNEXPECTED,
           rule_json(WSC_SARIF_UNEXPECTED,
                     "A known deviation did not show: its entry can go.",
                     "error"));
}
