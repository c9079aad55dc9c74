#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "index.h"
#include "markup.h"

#define ROW       16   /* octets a line of the dump */
#define SHOWN_MAX 1024 /* octets of an event that the page shows */
#define EDGE      40   /* rows shown of the beginning and the end of a list */

struct octets {
  uint8_t *data; /* owned */
  size_t len;
};

static uint8_t nibble(char c) {
  return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* The readers of documents let only pairs of digits through. */
static struct octets octets_of(const json_t *object, const char *key) {
  const char *hex = wsc_page_text(object, key);
  struct octets octets = {NULL, strlen(hex) / 2};
  octets.data = wsc_malloc(octets.len);
  for (size_t i = 0; i < octets.len; i++) {
    octets.data[i] =
        (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
  }
  return octets;
}

static void dump_row(struct wsc_strbuf *out, uint64_t offset,
                     const uint8_t *data, size_t len) {
  char text[ROW];
  wsc_strbuf_printf(out, "<b>%06llx</b>  ", (unsigned long long)offset);
  for (size_t i = 0; i < ROW; i++) {
    if (i < len) {
      wsc_strbuf_printf(out, "%02x ", data[i]);
      text[i] = data[i] >= 0x20 && data[i] < 0x7F ? (char)data[i] : '.';
    } else {
      wsc_strbuf_puts(out, "   ");
    }
    wsc_strbuf_puts(out, i == ROW / 2 - 1 ? " " : "");
  }
  wsc_strbuf_puts(out, " ");
  wsc_html_text_len(out, text, len);
  wsc_strbuf_puts(out, "\n");
}

static void dump(struct wsc_page *page, const json_t *event) {
  struct octets octets = octets_of(event, "hex");
  size_t shown = octets.len < SHOWN_MAX ? octets.len : SHOWN_MAX;
  uint64_t offset =
      (uint64_t)json_integer_value(json_object_get(event, "offset"));
  const json_t *cut = json_object_get(event, "cut");
  if (shown != 0) {
    wsc_strbuf_puts(&page->out, "<pre class=\"hex\" tabindex=\"0\">");
    for (size_t at = 0; at < shown; at += ROW) {
      size_t left = shown - at;
      dump_row(&page->out, offset + at, octets.data + at,
               left < ROW ? left : ROW);
    }
    wsc_strbuf_puts(&page->out, "</pre>");
  }
  if (shown < octets.len) {
    wsc_html(&page->out,
             "<p class=\"dim\">%z more octets are in the run "
             "document.</p>",
             octets.len - shown);
  }
  if (cut != NULL) {
    wsc_strbuf_puts(&page->out, "<p class=\"dim\">");
    wsc_html_count(&page->out, cut);
    wsc_strbuf_puts(&page->out, " octets were not kept.</p>");
  }
  free(octets.data);
}

static const char *arrow(const json_t *item) {
  bool sent = strcmp(wsc_page_text(item, "direction"), "sent") == 0;
  return sent ? "\u2192 sent" : "\u2190 received";
}

static void event_words(struct wsc_page *page, const json_t *event) {
  const char *kind = wsc_page_text(event, "kind");
  const char *direction = wsc_page_text(event, "direction");
  bool sent = strcmp(direction, "sent") == 0;
  if (strcmp(kind, "data") == 0) {
    wsc_html(&page->out, "%s, %z octets", arrow(event),
             strlen(wsc_page_text(event, "hex")) / 2);
  } else if (strcmp(kind, "open") == 0) {
    wsc_strbuf_puts(&page->out, "the stream is up");
  } else if (strcmp(kind, "fin") == 0) {
    wsc_html(&page->out, "%s: end of the stream (FIN)", arrow(event));
  } else if (strcmp(kind, "rst") == 0) {
    wsc_html(&page->out, "%s: connection reset (RST)",
             sent ? "\u2192 sent" : "\u2190 received");
  } else {
    wsc_strbuf_puts(&page->out, "the stream was given up");
  }
}

static void events(struct wsc_page *page, const json_t *wire) {
  const json_t *list = json_object_get(wire, "events");
  size_t num = json_array_size(list);
  size_t i;
  json_t *event;
  wsc_strbuf_puts(&page->out, "<ol class=\"wire\">\n");
  json_array_foreach(list, i, event) {
    if (wsc_page_left_out(i, num, EDGE)) {
      if (i == EDGE) {
        wsc_html(&page->out,
                 "<li class=\"gap\">\u22EE %z events in between are in the "
                 "run document</li>\n",
                 num - 2 * (size_t)EDGE);
      }
      continue;
    }
    bool sent = strcmp(wsc_page_text(event, "direction"), "sent") == 0;
    wsc_html(&page->out, "<li class=\"%s\"><p><span class=\"at\">",
             sent ? "sent" : "received");
    wsc_html_time(&page->out, json_object_get(event, "t"));
    wsc_html(&page->out, "</span> connection %d \u00B7 ",
             wsc_page_int(event, "connection"));
    event_words(page, event);
    wsc_strbuf_puts(&page->out, "</p>");
    dump(page, event);
    wsc_strbuf_puts(&page->out, "</li>\n");
  }
  wsc_strbuf_puts(&page->out, "</ol>\n");
}

static void length_cell(struct wsc_page *page, const json_t *frame) {
  wsc_html_count(&page->out, json_object_get(frame, "length"));
  wsc_html(&page->out, " <span class=\"dim\">in %d bits</span>",
           wsc_page_int(frame, "length_form"));
}

static void spaced_hex(struct wsc_page *page, const char *hex) {
  size_t len = strlen(hex);
  for (size_t i = 0; i + 1 < len; i += 2) {
    wsc_html_text_len(&page->out, hex + i, 2);
    wsc_strbuf_puts(&page->out, i + 3 < len ? " " : "");
  }
}

static void opcode_cell(struct wsc_page *page, const json_t *frame) {
  const char *name = wsc_page_text(frame, "opcode_name");
  wsc_html(&page->out, "<td>%s", name);
  if (strncmp(name, "reserved", 8) != 0) {
    wsc_strbuf_printf(&page->out, " <span class=\"dim\">0x%X</span>",
                      (unsigned)wsc_page_int(frame, "opcode") & 15);
  }
  wsc_strbuf_puts(&page->out, "</td>");
}

static void one_frame(struct wsc_page *page, const json_t *frame) {
  const json_t *key = json_object_get(frame, "key");
  int rsv = wsc_page_int(frame, "rsv");
  wsc_strbuf_puts(&page->out, "<tr><td class=\"n\">");
  wsc_html_time(&page->out, json_object_get(frame, "t"));
  wsc_html(&page->out, "</td><td>%s</td><td class=\"n\">", arrow(frame));
  /* As in the dump below it. */
  wsc_strbuf_printf(
      &page->out, "%06llx",
      (unsigned long long)json_integer_value(json_object_get(frame, "offset")));
  wsc_html(&page->out,
           "</td><td class=\"n\">%d</td><td class=\"n\">%d%d%d</td>",
           json_is_true(json_object_get(frame, "fin")) ? 1 : 0, rsv >> 2 & 1,
           rsv >> 1 & 1, rsv & 1);
  opcode_cell(page, frame);
  wsc_strbuf_puts(&page->out, "<td>");
  if (!json_is_true(json_object_get(frame, "masked"))) {
    wsc_strbuf_puts(&page->out, "clear");
  } else if (json_is_string(key)) {
    wsc_strbuf_puts(&page->out, "masked <code>");
    spaced_hex(page, json_string_value(key));
    wsc_strbuf_puts(&page->out, "</code>");
  } else {
    wsc_strbuf_puts(&page->out, "masked, key cut off");
  }
  wsc_strbuf_puts(&page->out, "</td><td>");
  length_cell(page, frame);
  wsc_strbuf_puts(&page->out, "</td><td class=\"payload\"><code>");
  spaced_hex(page, wsc_page_text(frame, "payload"));
  wsc_html(&page->out, "</code> <span class=\"text\">%s</span></td></tr>\n",
           wsc_page_text(frame, "text"));
}

static void frames(struct wsc_page *page, const json_t *wire) {
  const json_t *list = json_object_get(wire, "frames");
  size_t num = json_array_size(list);
  size_t i;
  json_t *frame;
  if (num == 0) {
    return;
  }
  wsc_strbuf_puts(
      &page->out,
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
      "aria-label=\"Frames\"><table class=\"frames\"><caption>Frames</caption>"
      "<thead><tr><th scope=\"col\" class=\"n\">time</th>"
      "<th scope=\"col\">direction</th><th scope=\"col\" class=\"n\">offset"
      "</th><th scope=\"col\" class=\"n\">FIN</th>"
      "<th scope=\"col\" class=\"n\">RSV1\u20133</th>"
      "<th scope=\"col\">opcode</th><th scope=\"col\">MASK</th>"
      "<th scope=\"col\">payload length</th>"
      "<th scope=\"col\">payload, unmasked</th></tr></thead><tbody>\n");
  json_array_foreach(list, i, frame) {
    if (!wsc_page_left_out(i, num, EDGE)) {
      one_frame(page, frame);
    } else if (i == EDGE) {
      wsc_html(&page->out,
               "<tr class=\"gap\"><td colspan=\"9\">\u22EE %z frames in "
               "between are in the run document</td></tr>\n",
               num - 2 * (size_t)EDGE);
    }
  }
  wsc_strbuf_puts(&page->out, "</tbody></table></div>\n");
}

void wsc_page_wire(struct wsc_page *page, const json_t *result) {
  const json_t *wire = json_object_get(result, "wire");
  size_t num_events = json_array_size(json_object_get(wire, "events"));
  size_t num_frames = json_array_size(json_object_get(wire, "frames"));
  if (num_events + num_frames == 0) {
    return;
  }
  wsc_html(&page->out,
           "<details><summary>Wire, %z frames in %z events</summary>\n",
           num_frames, num_events);
  frames(page, wire);
  events(page, wire);
  wsc_strbuf_puts(&page->out, "</details>\n");
}
