/* words.c: the words that several formats share; all of them printable. */
#include <inttypes.h>
#include <string.h>

#include "view.h"

#define CLAUSES_MAX 20  /* broken clauses of a result that are told */
#define WORDS_MAX   100 /* words of a command */

static const char dots[] = "...";

/* CI systems read commands out of what a step prints: "::" at the beginning of a
 * line, behind spaces too, and "##[" or "##vso[" anywhere. */
static void add_harmless(struct wsc_strbuf *out,
                         const struct wsc_strbuf *text) {
  char before = '\0';
  for (size_t i = 0; i < text->len; i++) {
    char c = text->data[i];
    if ((c == ':' && before == '\0') || (c == '#' && before == '#')) {
      wsc_strbuf_printf(out, "\\x%02X", (unsigned)c);
    } else {
      wsc_strbuf_add(out, &c, 1);
    }
    before = c == ' ' && before == '\0' ? before : c;
  }
}

static void add_printable(struct wsc_strbuf *out, const char *text,
                          size_t len) {
  struct wsc_strbuf printable;
  wsc_strbuf_init(&printable);
  wsc_strbuf_escape(&printable, text, len, WSC_ESCAPE_TEXT);
  add_harmless(out, &printable);
  wsc_strbuf_free(&printable);
}

void wsc_view_plain(struct wsc_strbuf *out, const char *text, size_t max) {
  size_t begin = out->len;
  wsc_strbuf_add(out, "", 0);
  /* What is cut anyway need not be escaped: a text may be very long. */
  size_t len = strlen(text);
  size_t looked = len < max + 8 ? len : max + 8;
  add_printable(out, text, looked);
  if (out->len - begin <= max) {
    return;
  }
  size_t end = begin + max - (sizeof dots - 1);
  while (end > begin && ((uint8_t)out->data[end] & 0xC0) == 0x80) {
    end--;
  }
  out->len = end;
  wsc_strbuf_puts(out, dots);
}

static void sentence(struct wsc_strbuf *out, const json_t *object,
                     const char *key) {
  wsc_view_plain(out, wsc_view_text(object, key), WSC_VIEW_LONG);
}

static void word(struct wsc_strbuf *out, const json_t *object,
                 const char *key) {
  wsc_view_plain(out, wsc_view_text(object, key), WSC_VIEW_SHORT);
}

void wsc_view_area(struct wsc_strbuf *out, const json_t *result) {
  size_t begin = out->len;
  word(out, result, "case");
  const char *id = out->data + begin;
  const char *dot = memchr(id, '.', out->len - begin);
  if (dot != NULL) {
    out->len = begin + (size_t)(dot - id);
    out->data[out->len] = '\0';
  }
}

void wsc_view_name(struct wsc_strbuf *out, const json_t *result) {
  word(out, result, "case");
  wsc_strbuf_puts(out, " [");
  word(out, result, "variant");
  if (strcmp(wsc_view_text(result, "chop"), "whole") != 0) {
    wsc_strbuf_puts(out, ", ");
    word(out, result, "chop");
  }
  wsc_strbuf_puts(out, "]");
}

void wsc_view_agent(struct wsc_strbuf *out, const struct wsc_view *view,
                    const json_t *target) {
  const char *agent = wsc_view_text(target, "agent");
  const char *id = wsc_view_text(target, "id");
  wsc_view_plain(out, agent[0] != '\0' ? agent : id, WSC_VIEW_SHORT);
  if (json_array_size(view->targets) > 1 && agent[0] != '\0' &&
      strcmp(agent, id) != 0) {
    wsc_strbuf_puts(out, " (");
    wsc_view_plain(out, id, WSC_VIEW_SHORT);
    wsc_strbuf_puts(out, ")");
  }
}

void wsc_view_reason(struct wsc_strbuf *out, const json_t *result) {
  const json_t *known = json_object_get(result, "expectation");
  if (wsc_view_is_known(result)) {
    wsc_strbuf_puts(out, "known deviation: ");
    sentence(out, known, "why");
    return;
  }
  if (!json_is_null(known) && known != NULL) {
    wsc_strbuf_printf(out, "%s, but a deviation is known: ",
                      wsc_verdict_name(wsc_view_verdict(result)));
    sentence(out, known, "why");
    return;
  }
  const char *reason = wsc_view_text(result, "reason");
  if (reason[0] == '\0') {
    wsc_strbuf_puts(out, wsc_verdict_name(wsc_view_verdict(result)));
  }
  wsc_view_plain(out, reason, WSC_VIEW_LONG);
}

void wsc_view_clause(struct wsc_strbuf *out, const json_t *clause) {
  if (wsc_view_text(clause, "label")[0] != '\0') {
    wsc_strbuf_puts(out, "[");
    word(out, clause, "label");
    wsc_strbuf_puts(out, "] ");
  }
  wsc_strbuf_puts(out, "expected: ");
  sentence(out, clause, "expected");
  if (wsc_view_text(clause, "got")[0] != '\0') {
    wsc_strbuf_puts(out, "; got: ");
    sentence(out, clause, "got");
  }
  if (json_is_true(json_object_get(clause, "absent"))) {
    wsc_strbuf_puts(out, " (an absence)");
  }
}

/* -- explanation -------------------------------------------------------- */

static void requirement(struct wsc_strbuf *out, const struct wsc_view *view,
                        const json_t *clause) {
  const json_t *row = wsc_view_row(view, wsc_view_text(clause, "requirement"));
  word(out, clause, "requirement");
  if (row != NULL) {
    wsc_strbuf_puts(out, " (");
    word(out, row, "level");
    bool rfc = strcmp(wsc_view_text(row, "rfc"), "WHATWG") != 0;
    wsc_strbuf_puts(out, rfc ? ", RFC " : ", ");
    word(out, row, "rfc");
    wsc_strbuf_puts(out, " section ");
    word(out, row, "section");
    wsc_strbuf_puts(out, "): ");
    sentence(out, row, "statement");
  }
  wsc_strbuf_puts(out, "\n");
}

static void broken(struct wsc_strbuf *out, const struct wsc_view *view,
                   const json_t *result, const json_t *clause) {
  requirement(out, view, clause);
  wsc_strbuf_printf(out, "  %s ", wsc_verdict_name(wsc_view_verdict(clause)));
  wsc_view_clause(out, clause);
  wsc_strbuf_puts(out, "\n  ");
  word(out, wsc_view_case(view, result), "file");
  wsc_strbuf_printf(out, ":%d\n", wsc_view_line(view, result, clause));
}

static size_t all_broken(struct wsc_strbuf *out, const struct wsc_view *view,
                         const json_t *result) {
  size_t num = 0;
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (!wsc_view_is_broken(clause)) {
      continue;
    }
    if (num < CLAUSES_MAX) {
      broken(out, view, result, clause);
    }
    num++;
  }
  return num;
}

/* A word as a shell reads it back. */
static void shell_word(struct wsc_strbuf *out, const char *text) {
  static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789-_./:=@%+,";
  struct wsc_strbuf plain;
  wsc_strbuf_init(&plain);
  wsc_view_plain(&plain, text, WSC_VIEW_SHORT);
  size_t safe_len = plain.len == 0 ? 0 : strspn(plain.data, safe);
  if (plain.len != 0 && safe_len == plain.len) {
    wsc_strbuf_add(out, plain.data, plain.len);
  } else {
    wsc_strbuf_puts(out, "'");
    for (size_t i = 0; i < plain.len; i++) {
      bool quote = plain.data[i] == '\'';
      wsc_strbuf_add(out, quote ? "'\\''" : &plain.data[i], quote ? 4 : 1);
    }
    wsc_strbuf_puts(out, "'");
  }
  wsc_strbuf_free(&plain);
}

static void repeat(struct wsc_strbuf *out, const struct wsc_view *view,
                   const json_t *result) {
  const json_t *run = json_object_get(view->document, "run");
  const json_t *words =
      json_object_get(json_object_get(run, "options"), "command");
  if (!json_is_array(words) || json_array_size(words) == 0) {
    return;
  }
  wsc_strbuf_puts(out, "repeat with: ");
  for (size_t i = 0; i < json_array_size(words) && i < WORDS_MAX; i++) {
    const char *text = json_string_value(json_array_get(words, i));
    if (text != NULL) {
      shell_word(out, text);
      wsc_strbuf_puts(out, " ");
    }
  }
  wsc_strbuf_printf(out, "--seed %" PRIu64 " ",
                    wsc_view_count(json_object_get(run, "seed")));
  shell_word(out, wsc_view_text(result, "case"));
  wsc_strbuf_puts(out, "\n");
}

void wsc_view_explain(struct wsc_strbuf *out, const struct wsc_view *view,
                      const json_t *result) {
  const json_t *info = wsc_view_case(view, result);
  if (info != NULL) {
    sentence(out, info, "title");
    wsc_strbuf_puts(out, "\n");
  }
  size_t num = all_broken(out, view, result);
  if (num > CLAUSES_MAX) {
    wsc_strbuf_printf(out, "and %zu more\n", num - CLAUSES_MAX);
  }
  if (num == 0) {
    wsc_view_reason(out, result);
    wsc_strbuf_puts(out, "\n");
  }
  repeat(out, view, result);
}
