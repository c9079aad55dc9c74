/* codes.c: with which status code each implementation closed, case by case. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "markup.h"
#include "page.h"

#define CONNECTIONS_MAX 64 /* of a result that are looked at */

/* How the peer ended a connection. */
enum ending {
  ENDING_UNUSED,  /* no frame of ours: not about closing */
  ENDING_OPEN,    /* it had not, when we left */
  ENDING_FIN,     /* without a Close frame */
  ENDING_RST,     /* the same */
  ENDING_NO_CODE, /* a Close frame without a code */
  ENDING_CODE     /* and more: plus the code */
};

static bool is_sent(const json_t *item) {
  return strcmp(wsc_page_text(item, "direction"), "sent") == 0;
}

static int hex_value(const char *hex, size_t digits) {
  char copy[5] = "";
  memcpy(copy, hex, digits);
  return (int)strtol(copy, NULL, 16);
}

static void note_frame(int *endings, const json_t *frame) {
  int connection = wsc_page_int(frame, "connection");
  const char *payload = wsc_page_text(frame, "payload");
  if (connection < 0 || connection >= CONNECTIONS_MAX) {
    return;
  }
  int *ending = &endings[connection];
  if (is_sent(frame)) {
    *ending = *ending == ENDING_UNUSED ? ENDING_OPEN : *ending;
  } else if (wsc_page_int(frame, "opcode") == 8 && *ending < ENDING_NO_CODE) {
    *ending = strlen(payload) < 4 ? ENDING_NO_CODE
                                  : ENDING_CODE + hex_value(payload, 4);
  }
}

static void note_event(int *endings, const json_t *event) {
  int connection = wsc_page_int(event, "connection");
  const char *kind = wsc_page_text(event, "kind");
  if (connection < 0 || connection >= CONNECTIONS_MAX || is_sent(event) ||
      endings[connection] != ENDING_OPEN) {
    return;
  }
  if (strcmp(kind, "fin") == 0) {
    endings[connection] = ENDING_FIN;
  } else if (strcmp(kind, "rst") == 0) {
    endings[connection] = ENDING_RST;
  }
}

static void find_endings(const json_t *result, int endings[CONNECTIONS_MAX]) {
  const json_t *wire = json_object_get(result, "wire");
  size_t i;
  json_t *item;
  memset(endings, 0, CONNECTIONS_MAX * sizeof *endings);
  json_array_foreach(json_object_get(wire, "frames"), i, item) {
    note_frame(endings, item);
  }
  json_array_foreach(json_object_get(wire, "events"), i, item) {
    note_event(endings, item);
  }
}

static void ending_words(struct wsc_page *page, int ending) {
  static const char *const words[] = {
      [ENDING_OPEN] = "still open",
      [ENDING_FIN] = "FIN only",
      [ENDING_RST] = "RST only",
      [ENDING_NO_CODE] = "no code",
  };
  if (ending >= ENDING_CODE) {
    wsc_html(&page->out, "%d", ending - ENDING_CODE);
  } else {
    wsc_strbuf_puts(&page->out, words[ending]);
  }
}

/* Each way once, in the order in which it first happened, with its number. */
static void endings_cell(struct wsc_page *page, const json_t *result) {
  int endings[CONNECTIONS_MAX];
  const char *between = "";
  wsc_strbuf_puts(&page->out, "<td>");
  find_endings(result, endings);
  for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
    size_t times = 0;
    bool first = endings[i] != ENDING_UNUSED;
    for (size_t k = 0; k < CONNECTIONS_MAX; k++) {
      times += endings[k] == endings[i];
      first = first && (k >= i || endings[k] != endings[i]);
    }
    if (!first) {
      continue;
    }
    wsc_strbuf_puts(&page->out, between);
    ending_words(page, endings[i]);
    if (times > 1) {
      wsc_html(&page->out, "\u00A0\u00D7%z", times);
    }
    between = ", ";
  }
}

/* Cases in which the peer has to close, or to fail, the connection. */
static bool is_about_closing(const struct wsc_page *page, size_t number) {
  const char *id = wsc_page_text(json_array_get(page->cases, number), "id");
  if (wsc_page_area(id) == 7 && strncmp(id, "closing", 7) == 0) {
    return true;
  }
  for (size_t target = 0; target < page->num_targets; target++) {
    const struct wsc_cell *cell = wsc_page_cell(page, number, target);
    const json_t *result = json_array_get(page->results, cell->result);
    size_t i;
    json_t *clause;
    json_array_foreach(json_object_get(result, "clauses"), i, clause) {
      if (strstr(wsc_page_text(clause, "expected"), "fails the connection") !=
          NULL) {
        return true;
      }
    }
  }
  return false;
}

static void one_row(struct wsc_page *page, size_t number) {
  const json_t *info = json_array_get(page->cases, number);
  wsc_html(&page->out, "<tr data-c=%z><th scope=\"row\">%s</th><td>%s", number,
           wsc_page_text(info, "id"), wsc_page_text(info, "title"));
  for (size_t target = 0; target < page->num_targets; target++) {
    const struct wsc_cell *cell = wsc_page_cell(page, number, target);
    if (cell->result == WSC_NOWHERE) {
      wsc_strbuf_puts(&page->out, "<td>");
    } else {
      endings_cell(page, json_array_get(page->results, cell->result));
    }
  }
  wsc_strbuf_puts(&page->out, "</tr>\n");
}

void wsc_page_codes(struct wsc_page *page) {
  wsc_strbuf_puts(
      &page->out,
      "<section id=\"close-codes\"><h2>Status codes</h2>\n<p>How each "
      "implementation ended the connections of the cases in which it has to: "
      "the status code of its first Close frame, or what it did without "
      "one.</p>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
      "aria-label=\"Status codes\"><table class=\"codes\"><thead><tr>"
      "<th scope=\"col\">case</th><th scope=\"col\">what it asks for</th>");
  for (size_t i = 0; i < page->num_targets; i++) {
    wsc_html(&page->out, "<th scope=\"col\">%s</th>",
             wsc_page_agent(wsc_page_target(page, i)));
  }
  wsc_strbuf_puts(&page->out, "</tr></thead>\n<tbody>");
  for (size_t i = 0; i < page->num_cases; i++) {
    if (is_about_closing(page, i)) {
      one_row(page, i);
    }
  }
  wsc_strbuf_puts(&page->out, "</tbody></table></div></section>\n");
}
