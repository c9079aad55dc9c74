/* data_result.c: one result as the page shows it on demand (page.md). */
#include <string.h>

#include "data.h"
#include "json_text.h"

#define OCTETS_EVENT 2048 /* of one event */

static void add_clauses(struct wsc_strbuf *out, const struct wsc_page *page,
                        const json_t *result) {
  static const char *const texts[] = {"strength", "verdict", "label",
                                      "expected", "got"};
  size_t i;
  json_t *clause;
  wsc_strbuf_puts(out, ",\"clauses\":[");
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    size_t at = wsc_page_position(page->row_index,
                                  wsc_page_text(clause, "requirement"));
    wsc_json_add_comma(out, i);
    wsc_strbuf_printf(out, "[%d", at == WSC_NOWHERE ? -1 : (int)at);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
      wsc_strbuf_puts(out, ",");
      wsc_json_add_text(out, wsc_page_text(clause, texts[k]));
    }
    wsc_strbuf_printf(out, ",%d,%d,%d]", wsc_page_int(clause, "line"),
                      wsc_page_int(clause, "step"),
                      json_is_true(json_object_get(clause, "absent")) ? 1 : 0);
  }
  wsc_strbuf_puts(out, "]");
}

static size_t add_steps(struct wsc_strbuf *out, const json_t *result,
                        size_t max) {
  const json_t *steps = json_object_get(result, "steps");
  size_t num = json_array_size(steps);
  size_t shown = num < max ? num : max;
  wsc_strbuf_puts(out, ",\"steps\":[");
  for (size_t i = 0; i < shown; i++) {
    const json_t *step = json_array_get(steps, i);
    wsc_json_add_comma(out, i);
    wsc_strbuf_printf(out, "[%d,", wsc_page_int(step, "line"));
    wsc_json_add_text(out, wsc_page_text(step, "verb"));
    wsc_strbuf_puts(out, ",");
    wsc_json_add_text(out, wsc_page_text(step, "text"));
    wsc_strbuf_printf(out, ",%d,%d]", wsc_page_int(step, "connection"),
                      wsc_page_int(step, "wire"));
  }
  wsc_strbuf_puts(out, "]");
  return num - shown;
}

static int is_received(const json_t *item) {
  return strcmp(wsc_page_text(item, "direction"), "sent") == 0 ? 0 : 1;
}

/* t, connection, direction: what events and frames begin with. */
static void add_place(struct wsc_strbuf *out, const json_t *item) {
  wsc_strbuf_puts(out, "[");
  wsc_json_add_count(out, json_object_get(item, "t"));
  wsc_strbuf_printf(out, ",%d,%d,", wsc_page_int(item, "connection"),
                    is_received(item));
}

/* Returns what was left out: events, and octets as one more. */
static size_t add_events(struct wsc_strbuf *out, const json_t *wire,
                         const struct wsc_data_budget *budget) {
  const json_t *events = json_object_get(wire, "events");
  size_t num = json_array_size(events);
  size_t shown = num < budget->items ? num : budget->items;
  size_t octets = budget->octets;
  size_t cut = 0;
  wsc_strbuf_puts(out, ",\"events\":[");
  for (size_t i = 0; i < shown; i++) {
    const json_t *event = json_array_get(events, i);
    size_t room = octets < OCTETS_EVENT ? octets : OCTETS_EVENT;
    const char *hex = wsc_page_text(event, "hex");
    wsc_json_add_comma(out, i);
    add_place(out, event);
    wsc_json_add_text(out, wsc_page_text(event, "kind"));
    wsc_strbuf_puts(out, ",");
    wsc_json_add_count(out, json_object_get(event, "offset"));
    wsc_strbuf_puts(out, ",");
    size_t left = wsc_json_add_octets(out, hex, room);
    wsc_strbuf_printf(out, ",%zu]", left);
    octets -= strlen(hex) / 2 - left;
    cut += left != 0;
  }
  wsc_strbuf_puts(out, "]");
  return num - shown + cut;
}

static void add_frames(struct wsc_strbuf *out, const json_t *wire, size_t max) {
  const json_t *frames = json_object_get(wire, "frames");
  size_t num = json_array_size(frames);
  wsc_strbuf_puts(out, ",\"frames\":[");
  for (size_t i = 0; i < num && i < max; i++) {
    const json_t *frame = json_array_get(frames, i);
    const char *key = wsc_page_text(frame, "key");
    wsc_json_add_comma(out, i);
    add_place(out, frame);
    wsc_json_add_count(out, json_object_get(frame, "offset"));
    wsc_strbuf_printf(out, ",%d,%d,%d,%d,",
                      json_is_true(json_object_get(frame, "fin")) ? 1 : 0,
                      wsc_page_int(frame, "rsv"), wsc_page_int(frame, "opcode"),
                      json_is_true(json_object_get(frame, "masked")) ? 1 : 0);
    wsc_json_add_text(out, key);
    wsc_strbuf_puts(out, ",");
    wsc_json_add_count(out, json_object_get(frame, "length"));
    wsc_strbuf_printf(out, ",%d]", wsc_page_int(frame, "length_form"));
  }
  wsc_strbuf_puts(out, "]");
}

void wsc_data_result(struct wsc_strbuf *out, const struct wsc_page *page,
                     size_t number, const struct wsc_data_budget *budget) {
  const json_t *result = json_array_get(page->results, number);
  const json_t *wire = json_object_get(result, "wire");
  size_t target =
      wsc_page_position(page->target_index, wsc_page_text(result, "target"));
  wsc_strbuf_printf(out, "{\"c\":%zu,\"t\":%d,",
                    wsc_page_case_number(page, number),
                    target == WSC_NOWHERE ? -1 : (int)target);
  wsc_data_member(out, result, "verdict");
  wsc_strbuf_puts(out, ",");
  wsc_data_member(out, result, "variant");
  wsc_strbuf_puts(out, ",");
  wsc_data_member(out, result, "chop");
  wsc_strbuf_puts(out, ",");
  wsc_data_member(out, result, "reason");
  const json_t *known = json_object_get(result, "expectation");
  if (known != NULL && !json_is_null(known)) {
    wsc_strbuf_puts(out, ",\"known\":{");
    wsc_data_member(out, known, "state");
    wsc_strbuf_puts(out, ",");
    wsc_data_member(out, known, "why");
    wsc_strbuf_puts(out, "}");
  }
  add_clauses(out, page, result);
  size_t left_out = add_steps(out, result, budget->items);
  left_out += add_events(out, wire, budget);
  add_frames(out, wire, budget->items);
  wsc_strbuf_printf(out, ",\"left_out\":%d}", left_out != 0 ? 1 : 0);
}
