/* trace.c: the last of a conversation, a line a frame, for readers without
 * JavaScript; the case page has all of it. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "markup.h"
#include "page.h"

#define LINES_MAX  18       /* of a trace */
#define OCTETS_MAX 24       /* of a line */
#define TRACES_MAX 300000   /* octets of all traces of a page */
#define SENT       "\u2192" /* right arrow */
#define RECEIVED   "\u2190"

struct line {
  const json_t *frame; /* or else an event */
  const json_t *event;
};

static bool is_sent(const json_t *item) {
  return strcmp(wsc_page_text(item, "direction"), "sent") == 0;
}

static uint64_t count_of(const json_t *item, const char *key) {
  return (uint64_t)json_integer_value(json_object_get(item, key));
}

static uint64_t time_of(const json_t *item) {
  return count_of(item, "t");
}

/* True when the octets of `event` are shown as frames: some frame of its
 * direction and connection begins in or before it. */
static bool is_framed(const json_t *frames, const json_t *event) {
  uint64_t end =
      count_of(event, "offset") + strlen(wsc_page_text(event, "hex")) / 2;
  size_t i;
  json_t *frame;
  json_array_foreach(frames, i, frame) {
    if (wsc_page_int(frame, "connection") ==
            wsc_page_int(event, "connection") &&
        is_sent(frame) == is_sent(event) && count_of(frame, "offset") < end) {
      return true;
    }
  }
  return false;
}

/* Frames, and the events that are none, in the order of time. */
static size_t collect(const json_t *wire, struct line *lines) {
  const json_t *frames = json_object_get(wire, "frames");
  size_t num = 0;
  size_t next = 0;
  size_t i;
  json_t *event;
  json_array_foreach(json_object_get(wire, "events"), i, event) {
    bool data = strcmp(wsc_page_text(event, "kind"), "data") == 0;
    while (next < json_array_size(frames) &&
           time_of(json_array_get(frames, next)) < time_of(event)) {
      lines[num++].frame = json_array_get(frames, next++);
    }
    if (!data || !is_framed(frames, event)) {
      lines[num++].event = event;
    }
  }
  while (next < json_array_size(frames)) {
    lines[num++].frame = json_array_get(frames, next++);
  }
  return num;
}

static void spaced_hex(struct wsc_strbuf *out, const char *hex, size_t octets) {
  size_t len = strlen(hex) / 2;
  for (size_t i = 0; i < len && i < octets; i++) {
    wsc_strbuf_puts(out, i == 0 ? "" : " ");
    wsc_html_text_len(out, hex + 2 * i, 2);
  }
  wsc_strbuf_puts(out, len > octets ? " ..." : "");
}

static void frame_words(struct wsc_strbuf *out, const json_t *frame) {
  int rsv = wsc_page_int(frame, "rsv");
  const json_t *key = json_object_get(frame, "key");
  wsc_html(out, "<b>%s</b> FIN=%d RSV=%d%d%d opcode=",
           wsc_page_text(frame, "opcode_name"),
           json_is_true(json_object_get(frame, "fin")) ? 1 : 0, rsv >> 2 & 1,
           rsv >> 1 & 1, rsv & 1);
  wsc_strbuf_printf(out, "%X", (unsigned)wsc_page_int(frame, "opcode") & 15);
  wsc_strbuf_puts(out, json_is_true(json_object_get(frame, "masked"))
                           ? " MASK=1"
                           : " MASK=0");
  if (json_is_string(key)) {
    wsc_strbuf_puts(out, " key=");
    spaced_hex(out, json_string_value(key), 4);
  }
  wsc_strbuf_puts(out, " length=");
  wsc_html_count(out, json_object_get(frame, "length"));
  const char *payload = wsc_page_text(frame, "payload");
  if (payload[0] != '\0') {
    wsc_strbuf_puts(out, "  ");
    spaced_hex(out, payload, OCTETS_MAX);
    wsc_html(out, "  <i>%s</i>", wsc_page_text(frame, "text"));
  }
}

static void event_words(struct wsc_strbuf *out, const json_t *event) {
  const char *kind = wsc_page_text(event, "kind");
  const char *hex = wsc_page_text(event, "hex");
  const char *text = wsc_page_text(event, "text");
  if (strcmp(kind, "open") == 0) {
    wsc_strbuf_puts(out, "the stream is up");
  } else if (strcmp(kind, "fin") == 0) {
    bool truncated = json_is_true(json_object_get(event, "truncated"));
    wsc_strbuf_puts(out, truncated
                             ? "end of the stream (FIN without close_notify)"
                             : "end of the stream (FIN)");
  } else if (strcmp(kind, "rst") == 0) {
    wsc_strbuf_puts(out, "connection reset (RST)");
  } else if (strcmp(kind, "data") != 0) {
    wsc_strbuf_puts(out, "the stream was given up");
  } else if (text[0] != '\0') {
    wsc_html(out, "%z octets  <i>", strlen(hex) / 2);
    wsc_html_text_len(out, text, strcspn(text, "\\\n"));
    wsc_strbuf_puts(out, "</i>");
  } else {
    wsc_html(out, "%z octets  ", strlen(hex) / 2);
    spaced_hex(out, hex, OCTETS_MAX);
  }
}

static void one_line(struct wsc_page *page, const struct line *line) {
  const json_t *item = line->frame != NULL ? line->frame : line->event;
  wsc_html(&page->out, "<span class=\"%s\">%s ", is_sent(item) ? "out" : "in",
           is_sent(item) ? SENT : RECEIVED);
  wsc_strbuf_printf(&page->out, "%9.3f ms  #%d  ", (double)time_of(item) / 1000,
                    wsc_page_int(item, "connection"));
  if (line->frame != NULL) {
    frame_words(&page->out, line->frame);
  } else {
    event_words(&page->out, line->event);
  }
  wsc_strbuf_puts(&page->out, "</span>\n");
}

void wsc_page_trace(struct wsc_page *page, const json_t *result) {
  const json_t *wire = json_object_get(result, "wire");
  size_t cap = json_array_size(json_object_get(wire, "events")) +
               json_array_size(json_object_get(wire, "frames"));
  size_t before = page->out.len;
  if (cap == 0) {
    wsc_strbuf_puts(&page->out, "<p class=\"dim\">Nothing was on the wire."
                                "</p>\n");
    return;
  }
  if (page->traces_shown > TRACES_MAX) {
    wsc_strbuf_puts(&page->out,
                    "<p class=\"dim\">Its trace is on the page of the case, "
                    "and in the run document.</p>\n");
    return;
  }
  struct line *lines = wsc_malloc(cap * sizeof *lines);
  memset(lines, 0, cap * sizeof *lines);
  size_t num = collect(wire, lines);
  size_t from = num > LINES_MAX ? num - LINES_MAX : 0;
  wsc_strbuf_puts(&page->out, "<pre class=\"trace\" tabindex=\"0\">");
  if (from != 0) {
    wsc_html(&page->out, "<span class=\"dim\">%z before these</span>\n", from);
  }
  for (size_t i = from; i < num; i++) {
    one_line(page, &lines[i]);
  }
  wsc_strbuf_puts(&page->out, "</pre>\n");
  free(lines);
  page->traces_shown += page->out.len - before;
}
