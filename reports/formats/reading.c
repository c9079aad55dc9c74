#include "reading.h"

#include <string.h>

#include "build.h"

const char *wsc_read_text(const json_t *object, const char *key) {
  return wsc_json_string_of(object, key);
}

int wsc_read_int(const json_t *object, const char *key) {
  return (int)json_integer_value(json_object_get(object, key));
}

enum wsc_verdict wsc_read_verdict(const json_t *object) {
  return wsc_verdict_by_name(wsc_read_text(object, "verdict"));
}

const json_t *wsc_read_list(const json_t *object, const char *key) {
  return json_object_get(object, key);
}

const json_t *wsc_read_by_id(const json_t *rows, const char *id) {
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row) {
    if (strcmp(wsc_read_text(row, "id"), id) == 0) {
      return row;
    }
  }
  return NULL;
}

const char *wsc_read_agent(const json_t *target) {
  const char *agent = wsc_read_text(target, "agent");
  return agent[0] != '\0' ? agent : wsc_read_text(target, "id");
}

enum wsc_standing wsc_read_standing(const json_t *result,
                                    const struct wsc_format_options *options) {
  const char *state =
      wsc_read_text(json_object_get(result, "expectation"), "state");
  if (strcmp(state, "met") == 0) {
    return WSC_STANDING_KNOWN;
  }
  if (strcmp(state, "unmet") == 0) {
    return WSC_STANDING_CHANGED;
  }
  switch (wsc_read_verdict(result)) {
  case WSC_FAIL:
    return WSC_STANDING_FAILED;
  case WSC_WARN:
    return options->fail_on_warn ? WSC_STANDING_FAILED : WSC_STANDING_GOOD;
  case WSC_SKIP:
    return WSC_STANDING_SKIPPED;
  case WSC_PASS:
  case WSC_INFO:
    return WSC_STANDING_GOOD;
  case WSC_ERROR:
  case WSC_NUM_VERDICTS:
    break;
  }
  return WSC_STANDING_ERROR;
}

void wsc_read_name(struct wsc_strbuf *out, const json_t *result) {
  const char *variant = wsc_read_text(result, "variant");
  const char *chop = wsc_read_text(result, "chop");
  bool plain = strcmp(variant, "tcp") == 0 && strcmp(chop, "whole") == 0;
  wsc_strbuf_puts(out, wsc_read_text(result, "case"));
  if (!plain) {
    wsc_strbuf_printf(out, " [%s%s%s]", variant,
                      strcmp(chop, "whole") == 0 ? "" : ", ",
                      strcmp(chop, "whole") == 0 ? "" : chop);
  }
}

const json_t *wsc_read_worst(const json_t *result) {
  const json_t *worst = NULL;
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (worst == NULL || wsc_read_verdict(clause) < wsc_read_verdict(worst)) {
      worst = clause;
    }
  }
  return worst;
}

void wsc_read_sentence(struct wsc_strbuf *out, const json_t *result) {
  const json_t *clause = wsc_read_worst(result);
  if (clause == NULL || wsc_read_verdict(clause) > WSC_WARN) {
    wsc_strbuf_puts(out, wsc_read_text(result, "reason"));
    return;
  }
  const char *label = wsc_read_text(clause, "label");
  if (label[0] != '\0') {
    wsc_strbuf_printf(out, "[%s] ", label);
  }
  wsc_strbuf_printf(out, "expected: %s; got: %s",
                    wsc_read_text(clause, "expected"),
                    wsc_read_text(clause, "got"));
}

void wsc_add_xml(struct wsc_strbuf *out, const char *text) {
  struct wsc_strbuf safe;
  wsc_strbuf_init(&safe);
  wsc_strbuf_escape(&safe, text, strlen(text), WSC_ESCAPE_TEXT);
  for (size_t i = 0; i < safe.len; i++) {
    switch (safe.data[i]) {
    case '&':
      wsc_strbuf_puts(out, "&amp;");
      break;
    case '<':
      wsc_strbuf_puts(out, "&lt;");
      break;
    case '>':
      wsc_strbuf_puts(out, "&gt;");
      break;
    case '"':
      wsc_strbuf_puts(out, "&quot;");
      break;
    default:
      wsc_strbuf_add(out, &safe.data[i], 1);
    }
  }
  wsc_strbuf_free(&safe);
}

void wsc_add_markdown(struct wsc_strbuf *out, const char *text) {
  struct wsc_strbuf safe;
  wsc_strbuf_init(&safe);
  wsc_strbuf_escape(&safe, text, strlen(text), WSC_ESCAPE_TEXT);
  for (size_t i = 0; i < safe.len; i++) {
    char c = safe.data[i];
    if (c == '<') {
      wsc_strbuf_puts(out, "&lt;");
    } else if (c == '&') {
      wsc_strbuf_puts(out, "&amp;");
    } else if (c == '@' || c == '#' || c == ':') {
      /* A backslash does not stop GitHub from seeing a mention, a reference or
       * an address; a character reference does. */
      wsc_strbuf_printf(out, "&#%d;", c);
    } else {
      if (strchr("\\`*_{}[]()>+-.!|~$", c) != NULL) {
        wsc_strbuf_puts(out, "\\");
      }
      wsc_strbuf_add(out, &c, 1);
    }
  }
  wsc_strbuf_free(&safe);
}
