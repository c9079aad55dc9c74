/* data.c: what the page shows on demand: one block for all, and one for every
 * few cases, deflated, as base64 (reports/html/page.md).
 *
 * A page must open fast and be sent by mail, so the octets of conversations have
 * a budget: findings keep most of theirs, the others share the rest. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "arena.h"
#include "data.h"
#include "json_text.h"

#define OCTETS_FINDING 6144   /* of a finding's conversation */
#define OCTETS_OTHERS  600000 /* of all other conversations together */
#define OCTETS_OTHER   1024   /* of one of them, at most */
#define ITEMS_FINDING  400    /* steps, events, frames: of a finding each */
#define ITEMS_OTHERS   60000  /* of all others together */
#define ITEMS_OTHER    40     /* of one of them, at most */
#define ITEMS_LEAST    8      /* and at least */
#define CASES_OF_BLOCK 40     /* what one look at a case has to inflate */

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

void wsc_data_member(struct wsc_strbuf *out, const json_t *object,
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
    wsc_data_member(out, target, "id");
    wsc_strbuf_puts(out, ",");
    wsc_data_member(out, target, "role");
    wsc_strbuf_puts(out, ",");
    wsc_data_member(out, target, "url");
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
    wsc_data_member(out, info, "id");
    wsc_strbuf_puts(out, ",");
    wsc_data_member(out, info, "title");
    wsc_strbuf_puts(out, ",");
    wsc_data_member(out, info, "file");
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

/* -- blocks ------------------------------------------------------------- */

/* The results of a case, one target after the other: they are alike, and so
 * cost little behind each other. */
static size_t add_case(struct wsc_strbuf *out, const struct wsc_page *page,
                       const size_t *order, size_t num,
                       const struct wsc_data_budget *others) {
  static const struct wsc_data_budget findings = {OCTETS_FINDING,
                                                  ITEMS_FINDING};
  for (size_t i = 0; i < num; i++) {
    bool finding = page->finding_of[order[i]] != WSC_NOWHERE;
    wsc_strbuf_puts(out, i == 0 ? "" : ",");
    wsc_data_result(out, page, order[i], finding ? &findings : others);
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
static struct wsc_data_budget budget_of_others(const struct wsc_page *page) {
  size_t others = 1;
  for (size_t i = 0; i < page->num_results; i++) {
    others += page->finding_of[i] == WSC_NOWHERE;
  }
  struct wsc_data_budget budget = {OCTETS_OTHERS / others,
                                   ITEMS_OTHERS / others};
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
  const struct wsc_data_budget others = budget_of_others(page);
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
