/* github.c: annotations of GitHub Actions. */
#include <string.h>

#include "view.h"

/* What the runner shows of a kind and step; the rest it drops. The last of ours
 * says how many more there are. */
#define ANNOTATIONS_MAX 10

/* What an annotation may be long, in octets before they are escaped: 255
 * characters and 64 KB are the limits behind the escape. */
#define TITLE_MAX   255
#define MESSAGE_MAX 16000

/* A message ends with its line; in a property, ':' and ',' end it as well. */
static void add_escaped(struct wsc_strbuf *out, const struct wsc_strbuf *text,
                        const char *special) {
  for (size_t i = 0; i < text->len; i++) {
    if (strchr(special, text->data[i]) != NULL) {
      wsc_strbuf_printf(out, "%%%02X", (unsigned char)text->data[i]);
    } else {
      wsc_strbuf_add(out, &text->data[i], 1);
    }
  }
}

/* The first octets of `text`, at most `max`, whole characters. */
static struct wsc_strbuf beginning(const struct wsc_strbuf *text, size_t max) {
  size_t len = text->len < max ? text->len : max;
  while (len < text->len && len != 0 &&
         ((unsigned char)text->data[len] & 0xC0) == 0x80) {
    len--;
  }
  return (struct wsc_strbuf){.data = text->data, .len = len};
}

static void property(struct wsc_strbuf *out, const char *name,
                     const struct wsc_strbuf *value) {
  wsc_strbuf_puts(out, name);
  add_escaped(out, value, "%\r\n:,");
}

static void title(struct wsc_strbuf *out, const char *name,
                  const struct wsc_strbuf *text) {
  const struct wsc_strbuf shown = beginning(text, TITLE_MAX);
  property(out, name, &shown);
}

static void command(struct wsc_strbuf *out, const char *kind) {
  wsc_strbuf_printf(out, "::%s ", kind);
}

static void message(struct wsc_strbuf *out, const struct wsc_strbuf *text) {
  struct wsc_strbuf shown = beginning(text, MESSAGE_MAX);
  while (shown.len != 0 && shown.data[shown.len - 1] == '\n') {
    shown.len--; /* no empty line at the end */
  }
  wsc_strbuf_puts(out, "::");
  add_escaped(out, &shown, "%\r\n");
  wsc_strbuf_puts(out, shown.len + 1 < text->len ? "..." : "");
  wsc_strbuf_puts(out, "\n");
}

static const json_t *first_broken(const json_t *result) {
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (wsc_view_is_broken(clause)) {
      return clause;
    }
  }
  return NULL;
}

static void annotate(struct wsc_strbuf *out, const struct wsc_view *view,
                     size_t target, const json_t *result, const char *kind) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  command(out, kind);
  wsc_view_plain(&text, wsc_view_text(wsc_view_case(view, result), "file"),
                 WSC_VIEW_SHORT);
  property(out, "file=", &text);
  wsc_strbuf_printf(out, ",line=%d",
                    wsc_view_line(view, result, first_broken(result)));
  text.len = 0;
  wsc_strbuf_printf(&text, "%s ", wsc_verdict_name(wsc_view_verdict(result)));
  wsc_view_name(&text, result);
  wsc_strbuf_puts(&text, " of ");
  wsc_view_agent(&text, view, json_array_get(view->targets, target));
  title(out, ",title=", &text);
  text.len = 0;
  const json_t *known = json_object_get(result, "expectation");
  if (strcmp(wsc_view_text(known, "state"), "unmet") == 0) {
    wsc_view_reason(&text, result);
    wsc_strbuf_puts(&text, "\n");
  }
  wsc_view_explain(&text, view, result);
  message(out, &text);
  wsc_strbuf_free(&text);
}

/* What the result is annotated with. */
enum kind { FAILURE, NOT_MEASURED, WARNING, NUM_KINDS };

static enum kind kind_of(const struct wsc_view *view, const json_t *result) {
  switch (wsc_view_call(view, result)) {
  case WSC_CALL_FAILURE:
    return FAILURE;
  case WSC_CALL_ERROR:
    return NOT_MEASURED;
  case WSC_CALL_GOOD:
    return wsc_view_verdict(result) == WSC_WARN ? WARNING : NUM_KINDS;
  case WSC_CALL_SKIPPED:
  case WSC_CALL_KNOWN:
  case WSC_NUM_CALLS:
    break;
  }
  return NUM_KINDS;
}

static size_t trouble(struct wsc_strbuf *out, const struct wsc_view *view) {
  size_t num = 0;
  size_t i;
  json_t *target;
  json_array_foreach(view->targets, i, target) {
    const char *why = wsc_view_trouble(target);
    if (why == NULL || ++num >= ANNOTATIONS_MAX) {
      continue;
    }
    struct wsc_strbuf text;
    wsc_strbuf_init(&text);
    wsc_view_agent(&text, view, target);
    command(out, "error");
    title(out, "title=", &text);
    text.len = 0;
    wsc_strbuf_puts(&text, "could not be measured: ");
    wsc_view_plain(&text, why, WSC_VIEW_LONG);
    message(out, &text);
    wsc_strbuf_free(&text);
  }
  return num;
}

static size_t count(const struct wsc_view *view, enum kind kind) {
  size_t num = 0;
  size_t i;
  json_t *result;
  json_array_foreach(view->results, i, result) {
    num += kind_of(view, result) == kind;
  }
  return num;
}

/* The results of a kind, as far as there is room; *num were annotated before. */
static void annotate_kind(struct wsc_strbuf *out, const struct wsc_view *view,
                          enum kind kind, size_t room, size_t *num) {
  const char *name = kind == WARNING ? "warning" : "error";
  for (size_t target = 0; target < json_array_size(view->targets); target++) {
    for (size_t i = 0; i < wsc_view_num_results(view, target); i++) {
      const json_t *result = wsc_view_result(view, target, i);
      if (kind_of(view, result) == kind && (*num)++ < room) {
        annotate(out, view, target, result, name);
      }
    }
  }
}

/* How many of `total` find room when `used` of them are told already. */
static size_t room_for(size_t total, size_t used) {
  return total <= ANNOTATIONS_MAX && used < ANNOTATIONS_MAX
             ? total
             : ANNOTATIONS_MAX - 1;
}

static void left_out(struct wsc_strbuf *out, const char *name, size_t num) {
  if (num != 0) {
    wsc_strbuf_printf(out,
                      "::%s title=wsspec::%zu more of this kind, see the "
                      "summary of the step or the report\n",
                      name, num);
  }
}

/* Failures before what could not be measured: there may be no room for all. */
static void annotate_errors(struct wsc_strbuf *out,
                            const struct wsc_view *view) {
  size_t num = trouble(out, view);
  size_t total = num + count(view, FAILURE) + count(view, NOT_MEASURED);
  size_t room = room_for(total, num);
  annotate_kind(out, view, FAILURE, room, &num);
  annotate_kind(out, view, NOT_MEASURED, room, &num);
  left_out(out, "error", total - room);
}

static void annotate_warnings(struct wsc_strbuf *out,
                              const struct wsc_view *view) {
  size_t num = 0;
  size_t total = count(view, WARNING);
  size_t room = room_for(total, 0);
  annotate_kind(out, view, WARNING, room, &num);
  left_out(out, "warning", total - room);
}

void wsc_format_github(struct wsc_strbuf *out, const struct wsc_run *run,
                       enum wsc_fail_on fail_on) {
  struct wsc_view view;
  wsc_view_init(&view, run, fail_on);
  annotate_errors(out, &view);
  annotate_warnings(out, &view);
  if (wsc_view_is_interrupted(&view)) {
    wsc_strbuf_puts(out, "::notice title=wsspec::the run was interrupted\n");
  }
  wsc_view_free(&view);
}
