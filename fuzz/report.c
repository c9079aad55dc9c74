#include "report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "markup_reference.h"
#include "report_formats.h"
#include "report_html.h"

#define MARKDOWN_LEAST 1024
#define MARKDOWN_MOST  65536
#define SHOWN          80 /* octets of what is wrong */
#define BLOCK_LEAST    12 /* of pcapng: type, length, length again */

static struct markup_text text_of(const struct wsc_strbuf *out) {
  return (struct markup_text){out->data == NULL ? "" : out->data, out->len};
}

static bool begins(struct markup_text text, const char *with) {
  size_t len = strlen(with);
  return text.len >= len && memcmp(text.data, with, len) == 0;
}

void fuzz_check_harmless(const char *text, size_t len) {
  FUZZ_CHECK(markup_reference_harmless((struct markup_text){text, len}));
}

/* -- markup ------------------------------------------------------------- */

static void check_markup(struct markup_text text,
                         const struct markup_rules *rules) {
  size_t at;
  const char *wrong = markup_reference(text, rules, &at);
  if (wrong != NULL) {
    size_t left = text.len - at;
    fprintf(stderr, "%s, at octet %zu: %.*s\n", wrong, at,
            (int)(left < SHOWN ? left : SHOWN), text.data + at);
  }
  FUZZ_CHECK(wrong == NULL);
}

/* What the scripts and styles of a page are. */
struct raws {
  size_t scripts, styles;
};

static bool is_base64(struct markup_text text) {
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/' &&
        c != '=') {
      return false;
    }
  }
  return true;
}

/* One style and one script are the page's own, and its policy names their
 * hashes; everything else is data. Links lead to the page or to the web. */
static bool allowed_in_html(void *user, const char *element,
                            const char *attribute, struct markup_text value) {
  struct raws *raws = user;
  if (strcmp(attribute, "href") == 0) {
    return begins(value, "#") || begins(value, "https://") ||
           begins(value, "http://");
  }
  if (strcmp(attribute, "type") == 0) {
    return begins(value, "application/octet-stream") ||
           strcmp(element, "script") != 0;
  }
  if (attribute[0] == '\0' && strcmp(element, "style") == 0) {
    return ++raws->styles == 1;
  }
  return attribute[0] != '\0' || is_base64(value) || ++raws->scripts == 1;
}

static void check_html(const struct wsc_run *run, const struct wsc_run *older) {
  static const char *const elements[] = {
      "a",       "article", "b",      "body",  "br",      "caption", "code",
      "dd",      "details", "div",    "dl",    "dt",      "h1",      "h2",
      "h3",      "head",    "header", "html",  "i",       "li",      "main",
      "mark",    "meta",    "nav",    "p",     "pre",     "rect",    "script",
      "section", "small",   "span",   "style", "summary", "svg",     "table",
      "tbody",   "td",      "th",     "thead", "title",   "tr",      "ul",
      NULL};
  static const char *const attributes[] = {
      "aria-hidden", "aria-label", "charset", "class",
      "colspan",     "content",    "data-c",  "data-r",
      "data-s",      "height",     "hidden",  "href",
      "id",          "http-equiv", "lang",    "name",
      "open",        "rel",        "role",    "rowspan",
      "scope",       "tabindex",   "type",    "width",
      "x",           "viewBox",    "y",       "preserveAspectRatio",
      NULL};
  struct raws raws = {0, 0};
  const struct markup_rules rules = {.html = true,
                                     .prologue = "<!DOCTYPE html>",
                                     .elements = elements,
                                     .attributes = attributes,
                                     .allows = allowed_in_html,
                                     .user = &raws};
  const struct wsc_report_html_options options = {.run = run, .older = older};
  struct wsc_strbuf out;
  wsc_strbuf_init(&out);
  wsc_report_html_text(&options, &out);
  check_markup(text_of(&out), &rules);
  FUZZ_CHECK(raws.scripts == 1 && raws.styles == 1);
  FUZZ_CHECK(markup_reference_harmless(text_of(&out)));
  wsc_strbuf_free(&out);
}

static void check_xml(struct markup_text text) {
  static const char *const elements[] = {
      "testsuites", "testsuite", "testcase", "properties", "property",
      "failure",    "error",     "skipped",  "system-out", NULL};
  static const char *const attributes[] = {
      "name",    "time",      "tests",     "failures", "errors", "skipped",
      "message", "type",      "classname", "id",       "value",  "package",
      "version", "timestamp", "hostname",  NULL};
  const struct markup_rules rules = {
      .prologue = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      .elements = elements,
      .attributes = attributes};
  check_markup(text, &rules);
}

static void check_svg(struct markup_text text) {
  static const char *const elements[] = {"svg",  "title", "clipPath", "rect",
                                         "text", "g",     NULL};
  static const char *const attributes[] = {
      "xmlns",       "width",        "height",    "role", "aria-label",
      "id",          "rx",           "clip-path", "fill", "font-family",
      "text-anchor", "font-size",    "x",         "y",    "textLength",
      "viewBox",     "lengthAdjust", NULL};
  const struct markup_rules rules = {
      .prologue = "", .elements = elements, .attributes = attributes};
  check_markup(text, &rules);
}

/* -- lines -------------------------------------------------------------- */

static struct markup_text next_line(struct markup_text *rest) {
  const char *end = memchr(rest->data, '\n', rest->len);
  FUZZ_CHECK(end != NULL);
  struct markup_text line = {rest->data, (size_t)(end - rest->data)};
  rest->data = end + 1;
  rest->len -= line.len + 1;
  return line;
}

/* As many test points as the plan says, numbered; what explains them is
 * indented, so that nothing in it is a directive. */
static void check_tap(struct markup_text text) {
  size_t planned = 0;
  size_t points = 0;
  FUZZ_CHECK(begins(next_line(&text), "TAP version 14"));
  struct markup_text plan = next_line(&text);
  FUZZ_CHECK(begins(plan, "1.."));
  planned = strtoul(plan.data + 3, NULL, 10);
  while (text.len != 0) {
    struct markup_text line = next_line(&text);
    bool good = begins(line, "ok ");
    if (good || begins(line, "not ok ")) {
      points++;
      FUZZ_CHECK(strtoul(line.data + (good ? 3 : 7), NULL, 10) == points);
    } else {
      FUZZ_CHECK(begins(line, "  ") ||
                 (begins(line, "Bail out! ") && text.len == 0));
    }
  }
  FUZZ_CHECK(points == planned);
}

static void check_github(const struct wsc_run *run) {
  struct wsc_strbuf out;
  wsc_strbuf_init(&out);
  wsc_format_github(&out, run, WSC_FAIL_ON_WARN);
  struct markup_text rest = text_of(&out);
  FUZZ_CHECK(markup_reference_harmless(rest));
  while (rest.len != 0) {
    struct markup_text line = next_line(&rest);
    FUZZ_CHECK(begins(line, "::error ") || begins(line, "::warning ") ||
               begins(line, "::notice "));
  }
  wsc_strbuf_free(&out);
}

static void check_markdown(const struct wsc_run *run, uint64_t *seed) {
  size_t max = MARKDOWN_LEAST + fuzz_random(seed) % MARKDOWN_MOST;
  struct wsc_strbuf out;
  wsc_strbuf_init(&out);
  wsc_format_markdown(&out, run, WSC_FAIL_ON_OF_RUN, max);
  FUZZ_CHECK(out.len <= max);
  FUZZ_CHECK(markup_reference_harmless(text_of(&out)));
  wsc_strbuf_free(&out);
}

/* -- others ------------------------------------------------------------- */

static bool check_file(void *user, const char *name, const char *data,
                       size_t len) {
  size_t *num = user;
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  FUZZ_CHECK(name[0] != '.' && name[strspn(name, letters)] == '\0');
  json_t *document = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
  FUZZ_CHECK(document != NULL);
  json_decref(document);
  ++*num;
  return true;
}

static uint32_t number_at(const char *data) {
  uint32_t number;
  memcpy(&number, data, sizeof number); /* pcapng: the writer's own order */
  return number;
}

static void check_pcapng(struct markup_text text) {
  while (text.len != 0) {
    FUZZ_CHECK(text.len >= BLOCK_LEAST);
    size_t len = number_at(text.data + 4);
    FUZZ_CHECK(len >= BLOCK_LEAST && len % 4 == 0 && len <= text.len);
    FUZZ_CHECK(number_at(text.data + len - 4) == len);
    text.data += len;
    text.len -= len;
  }
}

static void check_json(struct markup_text text) {
  json_t *document =
      json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
  FUZZ_CHECK(document != NULL);
  json_decref(document);
}

/* The formats whose names a table holds. */
static void check_format(const struct wsc_format *format,
                         const struct wsc_run *run) {
  static const struct {
    const char *name;
    void (*check)(struct markup_text text);
  } checks[] = {{"junit", check_xml},
                {"badge", check_svg},
                {"tap", check_tap},
                {"sarif", check_json},
                {"pcapng", check_pcapng}};
  struct wsc_strbuf out;
  wsc_strbuf_init(&out);
  format->write(&out, run, WSC_FAIL_ON_OF_RUN);
  bool binary = strcmp(format->name, "pcapng") == 0;
  FUZZ_CHECK(binary || markup_reference_harmless(text_of(&out)));
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    if (strcmp(checks[i].name, format->name) == 0) {
      checks[i].check(text_of(&out));
    }
  }
  wsc_strbuf_free(&out);
}

void fuzz_check_reports(const struct wsc_run *run, uint64_t seed) {
  const struct wsc_format *format;
  for (size_t i = 0; (format = wsc_format_at(i)) != NULL; i++) {
    check_format(format, run);
  }
  check_github(run);
  check_markdown(run, &seed);
  check_html(run, fuzz_random(&seed) % 2 == 0 ? run : NULL);
  size_t num_files = 0;
  FUZZ_CHECK(wsc_format_autobahn(run, check_file, &num_files));
  FUZZ_CHECK(num_files != 0);
}
