/* badge.c: the counts of a run as a small SVG, in the shape of the badges that
 * people put on top of a README. No score: a sum would say that one broken MUST
 * can be made up for. */
#include <string.h>

#include "view.h"
#include "writers.h"

#define HEIGHT  20
#define PADDING 60 /* tenths of a pixel on each side of a text */

/* Advance widths of printable ASCII in Verdana at 11 px, tenths of a pixel.
 * Where another font draws the text, textLength fits it in. */
static unsigned text_width(const char *text) {
  static const uint8_t widths[] = {39,  43, 50, 90, 70, 118, 80, 30,
                                   50,  50, 70, 90, 40, 50,  40, 50, /*  */
                                   70,  70, 70, 70, 70, 70,  70, 70,
                                   70,  70, 50, 50, 90, 90,  90, 60, /* 0 */
                                   110, 75, 75, 77, 85, 70,  63, 85,
                                   83,  46, 50, 76, 61, 93,  82, 87, /* @ */
                                   66,  87, 76, 75, 68, 81,  75, 109,
                                   75,  68, 75, 50, 50, 50,  90, 70, /* P */
                                   70,  66, 69, 57, 69, 66,  39, 69,
                                   70,  30, 38, 65, 30, 107, 70, 67, /* ` */
                                   69,  69, 47, 57, 43, 70,  65, 90,
                                   65,  65, 58, 70, 50, 70,  90}; /* p */
  unsigned width = 0;
  for (; *text != '\0'; text++) {
    width += widths[*text - ' '];
  }
  return width;
}

/* The worst that happened, as a colour with a contrast of 5.5:1 to white. */
static const char *colour_of(const size_t *counts, size_t total) {
  if (counts[WSC_FAIL] != 0) {
    return "#a8071a";
  }
  if (counts[WSC_ERROR] != 0) {
    return "#6b21a8";
  }
  if (counts[WSC_WARN] != 0) {
    return "#7a4b00";
  }
  return total != 0 ? "#0b5fa5" : "#57606a";
}

/* Nothing of it comes from the document but numbers. */
static void words_of(struct wsc_strbuf *out, const size_t *counts,
                     size_t total) {
  static const enum wsc_verdict others[] = {WSC_FAIL, WSC_WARN, WSC_ERROR};
  if (total == 0) {
    wsc_strbuf_puts(out, "not measured");
    return;
  }
  wsc_strbuf_printf(out, "%zu pass", counts[WSC_PASS]);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (counts[others[i]] != 0 || others[i] == WSC_FAIL) {
      wsc_strbuf_printf(out, ", %zu %s", counts[others[i]],
                        wsc_verdict_name(others[i]));
    }
  }
}

static void tenths(struct wsc_strbuf *out, const char *name, unsigned value) {
  wsc_strbuf_printf(out, " %s=\"%u.%u\"", name, value / 10, value % 10);
}

static void box(struct wsc_strbuf *out, unsigned x, unsigned width,
                const char *colour) {
  wsc_strbuf_puts(out, "<rect");
  tenths(out, "x", x);
  tenths(out, "width", width);
  wsc_strbuf_printf(out, " height=\"%d\" fill=\"%s\"/>", HEIGHT, colour);
}

static void label(struct wsc_strbuf *out, unsigned x, const char *text) {
  wsc_strbuf_puts(out, "<text");
  tenths(out, "x", x + PADDING);
  wsc_strbuf_puts(out, " y=\"14\"");
  tenths(out, "textLength", text_width(text));
  wsc_strbuf_printf(out, ">%s</text>", text);
}

static void draw(struct wsc_strbuf *out, const char *words,
                 const char *colour) {
  static const char name[] = "WebSocket";
  unsigned left = text_width(name) + 2 * PADDING;
  unsigned right = text_width(words) + 2 * PADDING;
  wsc_strbuf_puts(out, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
  tenths(out, "width", left + right);
  wsc_strbuf_printf(out, " height=\"%d\" role=\"img\" aria-label=\"%s: %s\">",
                    HEIGHT, name, words);
  wsc_strbuf_printf(out, "<title>%s: %s</title><clipPath id=\"r\"><rect", name,
                    words);
  tenths(out, "width", left + right);
  wsc_strbuf_printf(out, " height=\"%d\" rx=\"3\"/></clipPath>", HEIGHT);
  wsc_strbuf_puts(out, "<g clip-path=\"url(#r)\">");
  box(out, 0, left, "#3b4148");
  box(out, left, right, colour);
  wsc_strbuf_puts(out, "</g><g fill=\"#fff\" font-family=\"Verdana,DejaVu "
                       "Sans,Geneva,sans-serif\" font-size=\"11\">");
  label(out, 0, name);
  label(out, left, words);
  wsc_strbuf_puts(out, "</g></svg>\n");
}

void wsc_badge_write(struct wsc_strbuf *out, const struct wsc_run *run,
                     enum wsc_fail_on fail_on) {
  struct wsc_view view;
  size_t counts[WSC_NUM_VERDICTS] = {0};
  wsc_view_init(&view, run, fail_on);
  size_t total = json_array_size(view.results);
  size_t i;
  json_t *result;
  json_array_foreach(view.results, i, result) {
    counts[wsc_view_verdict(result)]++;
  }
  struct wsc_strbuf words;
  wsc_strbuf_init(&words);
  words_of(&words, counts, total);
  draw(out, words.data, colour_of(counts, total));
  wsc_strbuf_free(&words);
  wsc_view_free(&view);
}
