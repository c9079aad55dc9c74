#include "markup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_markup(struct wsc_strbuf *out, char c) {
  switch (c) {
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
  case '\'':
    wsc_strbuf_puts(out, "&#39;");
    break;
  default:
    wsc_strbuf_add(out, &c, 1);
  }
}

void wsc_html_text_len(struct wsc_strbuf *out, const char *text, size_t len) {
  /* A document may come from anywhere: what the writer escaped is escaped
   * already, what it did not is caught here. */
  struct wsc_strbuf safe;
  wsc_strbuf_init(&safe);
  wsc_strbuf_escape(&safe, text, len, WSC_ESCAPE_TEXT);
  for (size_t i = 0; i < safe.len; i++) {
    add_markup(out, safe.data[i]);
  }
  wsc_strbuf_free(&safe);
}

void wsc_html_text(struct wsc_strbuf *out, const char *text) {
  wsc_html_text_len(out, text, strlen(text));
}

void wsc_html(struct wsc_strbuf *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  for (const char *pos = format; *pos != '\0'; pos++) {
    if (*pos != '%') {
      wsc_strbuf_add(out, pos, 1);
      continue;
    }
    pos++;
    if (*pos == 's') {
      wsc_html_text(out, va_arg(args, const char *));
    } else if (*pos == 'd') {
      wsc_strbuf_printf(out, "%d", va_arg(args, int));
    } else if (*pos == 'z') {
      wsc_strbuf_printf(out, "%zu", va_arg(args, size_t));
    } else {
      wsc_strbuf_puts(out, "%");
    }
  }
  va_end(args);
}

void wsc_html_count(struct wsc_strbuf *out, const json_t *count) {
  if (json_is_string(count)) {
    wsc_html_text(out, json_string_value(count));
  } else {
    wsc_strbuf_printf(out, "%lld", (long long)json_integer_value(count));
  }
}

void wsc_html_time(struct wsc_strbuf *out, const json_t *microseconds) {
  const char *digits = json_string_value(microseconds);
  uint64_t time = digits != NULL ? strtoull(digits, NULL, 10)
                                 : (uint64_t)json_integer_value(microseconds);
  wsc_strbuf_printf(out, "%" PRIu64 ".%03u ms", time / 1000,
                    (unsigned)(time % 1000));
}

void wsc_html_badge(struct wsc_strbuf *out, enum wsc_verdict verdict) {
  static const char *const icons[] = {
      [WSC_FAIL] = "\u2717", [WSC_ERROR] = "?", [WSC_WARN] = "!",
      [WSC_PASS] = "\u2713", [WSC_INFO] = "i",  [WSC_SKIP] = "\u2013"};
  if (verdict >= WSC_NUM_VERDICTS) {
    wsc_strbuf_puts(out, "<span class=\"none\">\u00B7</span>");
    return;
  }
  const char *name = wsc_verdict_name(verdict);
  wsc_html(out, "<span class=\"v %s\"><i aria-hidden=\"true\">%s</i>%s</span>",
           name, icons[verdict], name);
}

void wsc_html_bar(struct wsc_strbuf *out, const size_t *counts) {
  size_t total = 0;
  size_t before = 0;
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    total += counts[verdict];
  }
  if (total == 0) {
    return;
  }
  wsc_html(out,
           "<svg class=\"bar\" viewBox=\"0 0 %z 1\" "
           "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
           total);
  for (int verdict = 0; verdict < WSC_NUM_VERDICTS; verdict++) {
    if (counts[verdict] != 0) {
      wsc_html(out, "<rect class=\"b-%s\" x=\"%z\" width=\"%z\" height=\"1\"/>",
               wsc_verdict_name((enum wsc_verdict)verdict), before,
               counts[verdict]);
    }
    before += counts[verdict];
  }
  wsc_strbuf_puts(out, "</svg>");
}

void wsc_html_word(struct wsc_strbuf *out, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_./:=@%+,{}";
  size_t len = strlen(word);
  if (len != 0 && strspn(word, plain) == len) {
    wsc_html_text(out, word);
    return;
  }
  wsc_strbuf_puts(out, "&#39;");
  for (size_t i = 0; i < len;) {
    size_t run = strcspn(word + i, "'");
    wsc_html_text_len(out, word + i, run);
    i += run;
    if (word[i] == '\'') {
      wsc_strbuf_puts(out, "&#39;\\&#39;&#39;");
      i++;
    }
  }
  wsc_strbuf_puts(out, "&#39;");
}
