#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "build.h"
#include "markup.h"

const char *wsc_page_text(const json_t *object, const char *key) {
  return wsc_json_string_of(object, key);
}

int wsc_page_int(const json_t *object, const char *key) {
  return (int)json_integer_value(json_object_get(object, key));
}

enum wsc_verdict wsc_page_verdict(const json_t *object) {
  return wsc_verdict_by_name(wsc_page_text(object, "verdict"));
}

/* -- making ------------------------------------------------------------- */

/* Ids come from a document that may hold anything: they are keys here, and
 * jansson refuses what is no UTF-8, which a parsed document cannot hold. Of two
 * with one id the first counts. */
static json_t *positions(const json_t *rows) {
  json_t *index = wsc_json_object();
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row) {
    const char *id = wsc_page_text(row, "id");
    if (json_object_get(index, id) == NULL) {
      wsc_json_put(index, id, json_integer((json_int_t)i));
    }
  }
  return index;
}

static json_t *verdicts_of(const json_t *target) {
  json_t *verdicts = wsc_json_object();
  size_t i;
  json_t *row;
  json_array_foreach(json_object_get(target, "requirements"), i, row) {
    wsc_json_put(verdicts, wsc_page_text(row, "id"),
                 json_incref(json_object_get(row, "verdict")));
  }
  return verdicts;
}

static json_t *judged_of(const json_t *targets) {
  json_t *judged = wsc_json_array();
  size_t i;
  json_t *target;
  json_array_foreach(targets, i, target) {
    wsc_json_push(judged, verdicts_of(target));
  }
  return judged;
}

/* The older run's verdicts, in the order of our targets. */
static json_t *judged_before(const struct wsc_page *page) {
  json_t *judged = wsc_json_array();
  const json_t *targets = json_object_get(page->older, "targets");
  json_t *index = positions(targets);
  size_t i;
  json_t *target;
  json_array_foreach(page->targets, i, target) {
    size_t at = wsc_page_position(index, wsc_page_text(target, "id"));
    wsc_json_push(judged, at == WSC_NOWHERE
                              ? wsc_json_object()
                              : verdicts_of(json_array_get(targets, at)));
  }
  json_decref(index);
  return judged;
}

static json_t *citing_of(const json_t *cases) {
  json_t *citing = wsc_json_object();
  size_t i;
  json_t *info;
  json_array_foreach(cases, i, info) {
    size_t k;
    json_t *id;
    json_array_foreach(json_object_get(info, "requirements"), k, id) {
      const char *name = json_string_value(id);
      if (json_object_get(citing, name) == NULL) {
        wsc_json_put(citing, name, wsc_json_array());
      }
      wsc_json_push(json_object_get(citing, name), json_integer((json_int_t)i));
    }
  }
  return citing;
}

/* The cell that a result belongs to; NULL when the document does not describe
 * its case or its target. */
static struct wsc_cell *cell_of(const struct wsc_page *page,
                                const json_t *result) {
  size_t number =
      wsc_page_position(page->case_index, wsc_page_text(result, "case"));
  size_t target =
      wsc_page_position(page->target_index, wsc_page_text(result, "target"));
  if (number == WSC_NOWHERE || target == WSC_NOWHERE) {
    return NULL;
  }
  return &page->cells[number * page->num_targets + target];
}

static void fill_cells(struct wsc_page *page) {
  size_t num = page->num_cases * page->num_targets;
  page->cells = wsc_malloc((num + 1) * sizeof *page->cells);
  for (size_t i = 0; i < num; i++) {
    page->cells[i] =
        (struct wsc_cell){WSC_NUM_VERDICTS, WSC_NUM_VERDICTS, WSC_NOWHERE};
  }
  size_t i;
  json_t *result;
  json_array_foreach(page->results, i, result) {
    struct wsc_cell *cell = cell_of(page, result);
    enum wsc_verdict verdict = wsc_page_verdict(result);
    if (cell != NULL &&
        (cell->result == WSC_NOWHERE || verdict < cell->verdict)) {
      cell->verdict = verdict;
      cell->result = i;
    }
  }
  json_array_foreach(json_object_get(page->older, "results"), i, result) {
    struct wsc_cell *cell = cell_of(page, result);
    if (cell != NULL) {
      cell->was = wsc_verdict_worse(cell->was, wsc_page_verdict(result));
    }
  }
}

void wsc_page_init(struct wsc_page *page, const json_t *document,
                   const json_t *older) {
  *page = (struct wsc_page){.document = document, .older = older};
  wsc_strbuf_init(&page->out);
  page->targets = json_object_get(document, "targets");
  page->cases = json_object_get(document, "cases");
  page->results = json_object_get(document, "results");
  page->requirements = json_object_get(document, "requirements");
  page->num_targets = json_array_size(page->targets);
  page->num_cases = json_array_size(page->cases);
  page->num_results = json_array_size(page->results);
  page->target_index = positions(page->targets);
  page->case_index = positions(page->cases);
  page->row_index = positions(page->requirements);
  page->judged = judged_of(page->targets);
  page->judged_before = judged_before(page);
  page->citing = citing_of(page->cases);
  fill_cells(page);
  wsc_page_group(page);
}

void wsc_page_free(struct wsc_page *page) {
  wsc_strbuf_free(&page->out);
  json_decref(page->target_index);
  json_decref(page->case_index);
  json_decref(page->row_index);
  json_decref(page->judged);
  json_decref(page->judged_before);
  json_decref(page->citing);
  free(page->cells);
  free(page->findings);
  free(page->finding_of);
}

/* -- looking up --------------------------------------------------------- */

size_t wsc_page_position(const json_t *index, const char *id) {
  const json_t *at = json_object_get(index, id);
  return at == NULL ? WSC_NOWHERE : (size_t)json_integer_value(at);
}

size_t wsc_page_case_number(const struct wsc_page *page, size_t result) {
  return wsc_page_position(
      page->case_index,
      wsc_page_text(json_array_get(page->results, result), "case"));
}

const json_t *wsc_page_case(const struct wsc_page *page, const json_t *result) {
  return json_array_get(
      page->cases,
      wsc_page_position(page->case_index, wsc_page_text(result, "case")));
}

const json_t *wsc_page_row(const struct wsc_page *page, const char *id) {
  return json_array_get(page->requirements,
                        wsc_page_position(page->row_index, id));
}

const json_t *wsc_page_target(const struct wsc_page *page, size_t target) {
  return json_array_get(page->targets, target);
}

const struct wsc_cell *wsc_page_cell(const struct wsc_page *page,
                                     size_t case_number, size_t target) {
  return &page->cells[case_number * page->num_targets + target];
}

const char *wsc_page_agent(const json_t *target) {
  const char *agent = wsc_page_text(target, "agent");
  return agent[0] != '\0' ? agent : wsc_page_text(target, "id");
}

static bool is_unmet(const json_t *result) {
  const json_t *expectation = json_object_get(result, "expectation");
  return strcmp(wsc_page_text(expectation, "state"), "unmet") == 0;
}

bool wsc_page_is_finding(const json_t *result) {
  enum wsc_verdict verdict = wsc_page_verdict(result);
  return verdict == WSC_FAIL || verdict == WSC_ERROR || verdict == WSC_WARN ||
         is_unmet(result);
}

static enum wsc_verdict verdict_in(const json_t *judged, size_t target,
                                   const char *id) {
  const json_t *name = json_object_get(json_array_get(judged, target), id);
  return name == NULL ? WSC_NUM_VERDICTS
                      : wsc_verdict_by_name(json_string_value(name));
}

enum wsc_verdict wsc_page_judged(const struct wsc_page *page, size_t target,
                                 const char *id) {
  return verdict_in(page->judged, target, id);
}

enum wsc_verdict wsc_page_judged_before(const struct wsc_page *page,
                                        size_t target, const char *id) {
  return verdict_in(page->judged_before, target, id);
}

size_t wsc_page_area(const char *case_id) {
  return strcspn(case_id, ".");
}

void wsc_page_standard(struct wsc_page *page, const json_t *row) {
  const char *rfc = wsc_page_text(row, "rfc");
  wsc_html(&page->out, "%s%s", strcmp(rfc, "WHATWG") == 0 ? "" : "RFC ", rfc);
}

void wsc_page_verdict_cell(struct wsc_page *page, enum wsc_verdict verdict,
                           enum wsc_verdict was, size_t finding) {
  /* One letter a class and no quotes: there are thousands of them. */
  const char *name =
      verdict >= WSC_NUM_VERDICTS ? "" : wsc_verdict_name(verdict);
  wsc_html(&page->out, "<td class=%s",
           verdict >= WSC_NUM_VERDICTS ? "n" : (char[]){name[0], '\0'});
  if (was != WSC_NUM_VERDICTS && was != verdict) {
    wsc_html(&page->out, " data-was=%s", wsc_verdict_name(was));
  }
  if (finding != WSC_NOWHERE) {
    wsc_html(&page->out, "><a href=#finding-%z>%s</a>", finding, name);
  } else {
    wsc_html(&page->out, ">%s", name);
  }
}
