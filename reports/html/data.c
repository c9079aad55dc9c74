/* data.c: what the page shows on demand: one block for all, and one for every
 * few cases, deflated, as base64 (reports/html/page.md).
 *
 * A page must open fast and be sent by mail, so the octets of conversations have
 * a budget: findings keep most of theirs, the others share the rest. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "arena.h"
#include "json_text.h"
#include "page.h"

#define OCTETS_FINDING 6144   /* of a finding's conversation */
#define OCTETS_EVENT   2048   /* of one event */
#define OCTETS_OTHERS  600000 /* of all other conversations together */
#define OCTETS_OTHER   1024   /* of one of them, at most */
#define ITEMS_FINDING  400    /* steps, events, frames: of a finding each */
#define ITEMS_OTHERS   60000  /* of all others together */
#define ITEMS_OTHER    40     /* of one of them, at most */
#define ITEMS_LEAST    8      /* and at least */
#define CASES_OF_BLOCK 40     /* what one look at a case has to inflate */

/* What one result may take. */
struct budget {
  size_t octets;
  size_t items;
};

/* -- base64 and deflate ------------------------------------------------- */

static void add_base64(struct wsc_strbuf *out, const uint8_t *data,
                       size_t len) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
                               "stuvwxyz0123456789+/";
  for (size_t i = 0; i < len; i += 3) {
    size_t left = len - i;
    uint32_t group = (uint32_t)data[i] << 16;
    group |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
    group |= left > 2 ? data[i + 2] : 0;
    char four[] = {digits[group >> 18], digits[group >> 12 & 63],
                   left > 1 ? digits[group >> 6 & 63] : '=',
                   left > 2 ? digits[group & 63] : '='};
    wsc_strbuf_add(out, four, sizeof four);
  }
}

/* `number`: WSC_NOWHERE for what all blocks share. */
static void add_block(struct wsc_page *page, size_t number,
                      const struct wsc_strbuf *json) {
  uLongf len = compressBound((uLong)json->len);
  uint8_t *deflated = wsc_malloc(len);
  /* Only memory could fail, and the bound is zlib's own. */
  if (compress2(deflated, &len, (const Bytef *)json->data, (uLong)json->len,
                6) != Z_OK) {
    abort();
  }
  wsc_strbuf_printf(&page->out,
                    "<script type=\"application/octet-stream\" id=\"data-");
  if (number == WSC_NOWHERE) {
    wsc_strbuf_puts(&page->out, "shared");
  } else {
    wsc_strbuf_printf(&page->out, "%zu", number);
  }
  wsc_strbuf_puts(&page->out, "\">");
  add_base64(&page->out, deflated, len);
  wsc_strbuf_puts(&page->out, "</script>\n");
  free(deflated);
}

/* -- shared ------------------------------------------------------------- */

static void member(struct wsc_strbuf *out, const json_t *object,
                   const char *key) {
  wsc_strbuf_printf(out, "\"%s\":", key);
  wsc_json_add_text(out, wsc_page_text(object, key));
}

static void add_targets(struct wsc_strbuf *out, const struct wsc_page *page) {
  wsc_strbuf_puts(out, "\"targets\":[");
  for (size_t i = 0; i < page->num_targets; i++) {
    const json_t *target = wsc_page_target(page, i);
    wsc_json_add_comma(out, i);
    wsc_strbuf_puts(out, "{");
    member(out, target, "id");
    wsc_strbuf_puts(out, ",");
    member(out, target, "role");
    wsc_strbuf_puts(out, ",");
    member(out, target, "url");
    wsc_strbuf_puts(out, ",\"agent\":");
    wsc_json_add_text(out, wsc_page_agent(target));
    wsc_strbuf_puts(out, "}");
  }
  wsc_strbuf_puts(out, "]");
}

static void add_requirements(struct wsc_strbuf *out,
                             const struct wsc_page *page) {
  static const char *const members[] = {"id",      "level",     "rfc",
                                        "section", "statement", "url"};
  size_t i;
  json_t *row;
  wsc_strbuf_puts(out, ",\"requirements\":[");
  json_array_foreach(page->requirements, i, row) {
    wsc_json_add_comma(out, i);
    for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
      wsc_strbuf_puts(out, k == 0 ? "[" : ",");
      wsc_json_add_text(out, wsc_page_text(row, members[k]));
    }
    wsc_strbuf_puts(out, "]");
  }
  wsc_strbuf_puts(out, "]");
}

/* Positions in the table of requirements. */
static void add_positions(struct wsc_strbuf *out, const struct wsc_page *page,
                          const json_t *ids) {
  size_t num = 0;
  size_t i;
  json_t *id;
  wsc_strbuf_puts(out, "[");
  json_array_foreach(ids, i, id) {
    size_t at = wsc_page_position(page->row_index, json_string_value(id));
    if (at != WSC_NOWHERE) {
      wsc_json_add_comma(out, num++);
      wsc_strbuf_printf(out, "%zu", at);
    }
  }
  wsc_strbuf_puts(out, "]");
}

static void add_texts(struct wsc_strbuf *out, const json_t *texts) {
  size_t i;
  json_t *text;
  wsc_strbuf_puts(out, "[");
  json_array_foreach(texts, i, text) {
    wsc_json_add_comma(out, i);
    const char *value = json_string_value(text);
    wsc_json_add_text(out, value == NULL ? "" : value);
  }
  wsc_strbuf_puts(out, "]");
}

static void add_cases(struct wsc_strbuf *out, const struct wsc_page *page) {
  size_t i;
  json_t *info;
  wsc_strbuf_puts(out, ",\"cases\":[");
  json_array_foreach(page->cases, i, info) {
    wsc_json_add_comma(out, i);
    wsc_strbuf_puts(out, "{");
    member(out, info, "id");
    wsc_strbuf_puts(out, ",");
    member(out, info, "title");
    wsc_strbuf_puts(out, ",");
    member(out, info, "file");
    wsc_strbuf_printf(out, ",\"line\":%d,", wsc_page_int(info, "line"));
    /* Lines of a script are text of ours, or of whoever wrote the document: the
     * line ends are structure, the rest is not. */
    wsc_strbuf_puts(out, "\"source\":[");
    const char *pos = wsc_page_text(info, "source");
    for (size_t line = 0; *pos != '\0'; line++) {
      size_t len = strcspn(pos, "\n");
      struct wsc_strbuf text;
      wsc_strbuf_init(&text);
      wsc_strbuf_add(&text, pos, len);
      wsc_json_add_comma(out, line);
      wsc_json_add_text(out, text.data);
      wsc_strbuf_free(&text);
      pos += len + (pos[len] == '\n');
    }
    wsc_strbuf_puts(out, "],\"requirements\":");
    add_positions(out, page, json_object_get(info, "requirements"));
    wsc_strbuf_puts(out, ",\"autobahn\":");
    add_texts(out, json_object_get(info, "autobahn"));
    wsc_strbuf_puts(out, "}");
  }
  wsc_strbuf_puts(out, "]");
}

static void add_shared(struct wsc_page *page) {
  const json_t *run = json_object_get(page->document, "run");
  const json_t *options = json_object_get(run, "options");
  struct wsc_strbuf json;
  wsc_strbuf_init(&json);
  wsc_strbuf_puts(&json, "{");
  add_targets(&json, page);
  add_requirements(&json, page);
  add_cases(&json, page);
  wsc_strbuf_puts(&json, ",\"seed\":");
  wsc_json_add_count(&json, json_object_get(run, "seed"));
  wsc_strbuf_puts(&json, ",\"command\":");
  add_texts(&json, json_object_get(options, "command"));
  wsc_strbuf_puts(&json, "}");
  add_block(page, WSC_NOWHERE, &json);
  wsc_strbuf_free(&json);
}

/* -- one result --------------------------------------------------------- */

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
                         const struct budget *budget) {
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

static void add_result(struct wsc_strbuf *out, const struct wsc_page *page,
                       size_t number, const struct budget *budget) {
  const json_t *result = json_array_get(page->results, number);
  const json_t *wire = json_object_get(result, "wire");
  size_t target =
      wsc_page_position(page->target_index, wsc_page_text(result, "target"));
  wsc_strbuf_printf(out, "{\"c\":%zu,\"t\":%d,",
                    wsc_page_case_number(page, number),
                    target == WSC_NOWHERE ? -1 : (int)target);
  member(out, result, "verdict");
  wsc_strbuf_puts(out, ",");
  member(out, result, "variant");
  wsc_strbuf_puts(out, ",");
  member(out, result, "chop");
  wsc_strbuf_puts(out, ",");
  member(out, result, "reason");
  const json_t *known = json_object_get(result, "expectation");
  if (known != NULL && !json_is_null(known)) {
    wsc_strbuf_puts(out, ",\"known\":{");
    member(out, known, "state");
    wsc_strbuf_puts(out, ",");
    member(out, known, "why");
    wsc_strbuf_puts(out, "}");
  }
  add_clauses(out, page, result);
  size_t left_out = add_steps(out, result, budget->items);
  left_out += add_events(out, wire, budget);
  add_frames(out, wire, budget->items);
  wsc_strbuf_printf(out, ",\"left_out\":%d}", left_out != 0 ? 1 : 0);
}

/* -- blocks ------------------------------------------------------------- */

/* The results of a case, one target after the other: they are alike, and so
 * cost little behind each other. */
static size_t add_case(struct wsc_strbuf *out, const struct wsc_page *page,
                       const size_t *order, size_t num,
                       const struct budget *others) {
  static const struct budget findings = {OCTETS_FINDING, ITEMS_FINDING};
  for (size_t i = 0; i < num; i++) {
    bool finding = page->finding_of[order[i]] != WSC_NOWHERE;
    wsc_strbuf_puts(out, i == 0 ? "" : ",");
    add_result(out, page, order[i], finding ? &findings : others);
  }
  return num;
}

/* The numbers of the results, those of one case together, in the order of
 * cases; begins[c] is where those of case c begin. Results of cases that the
 * document does not describe are left out. */
static size_t *sort_by_case(const struct wsc_page *page, size_t *begins) {
  size_t *order = wsc_malloc((page->num_results + 1) * sizeof *order);
  size_t *next = wsc_malloc((page->num_cases + 1) * sizeof *next);
  memset(begins, 0, (page->num_cases + 1) * sizeof *begins);
  for (size_t i = 0; i < page->num_results; i++) {
    size_t at = wsc_page_case_number(page, i);
    if (at != WSC_NOWHERE) {
      begins[at + 1]++;
    }
  }
  for (size_t i = 0; i < page->num_cases; i++) {
    begins[i + 1] += begins[i];
    next[i] = begins[i];
  }
  for (size_t i = 0; i < page->num_results; i++) {
    size_t at = wsc_page_case_number(page, i);
    if (at != WSC_NOWHERE) {
      order[next[at]++] = i;
    }
  }
  free(next);
  return order;
}

/* What is no finding shares what is left. */
static struct budget budget_of_others(const struct wsc_page *page) {
  size_t others = 1;
  for (size_t i = 0; i < page->num_results; i++) {
    others += page->finding_of[i] == WSC_NOWHERE;
  }
  struct budget budget = {OCTETS_OTHERS / others, ITEMS_OTHERS / others};
  if (budget.octets > OCTETS_OTHER) {
    budget.octets = OCTETS_OTHER;
  }
  if (budget.items > ITEMS_OTHER) {
    budget.items = ITEMS_OTHER;
  } else if (budget.items < ITEMS_LEAST) {
    budget.items = ITEMS_LEAST;
  }
  return budget;
}

void wsc_page_data(struct wsc_page *page) {
  const struct budget others = budget_of_others(page);
  size_t *begins = wsc_malloc((page->num_cases + 1) * sizeof *begins);
  size_t *order = sort_by_case(page, begins);
  add_shared(page);
  for (size_t first = 0; first < page->num_cases; first += CASES_OF_BLOCK) {
    struct wsc_strbuf json;
    size_t num = 0;
    wsc_strbuf_init(&json);
    wsc_strbuf_puts(&json, "{\"results\":[");
    for (size_t i = first; i < first + CASES_OF_BLOCK && i < page->num_cases;
         i++) {
      size_t own = begins[i + 1] - begins[i];
      wsc_strbuf_puts(&json, num != 0 && own != 0 ? "," : "");
      num += add_case(&json, page, order + begins[i], own, &others);
    }
    wsc_strbuf_puts(&json, "]}");
    add_block(page, first / CASES_OF_BLOCK, &json);
    wsc_strbuf_free(&json);
  }
  free(order);
  free(begins);
}
