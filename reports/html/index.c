#include "index.h"

#include <string.h>

#include "build.h"

const char *wsc_page_text(const json_t *object, const char *key) {
  return wsc_json_string_of(object, key);
}

int wsc_page_int(const json_t *object, const char *key) {
  return (int)json_integer_value(json_object_get(object, key));
}

enum wsc_verdict wsc_page_verdict(const json_t *object) {
  return wsc_verdict_by_name(wsc_page_text(object, "verdict"));
}

/* Ids come from a document that may hold anything: they are keys here, and
 * jansson refuses what is no UTF-8, which a parsed document cannot hold. */
static json_t *by_id(const json_t *rows) {
  json_t *index = wsc_json_object();
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row) {
    wsc_json_put(index, wsc_page_text(row, "id"), json_incref(row));
  }
  return index;
}

static json_t *judged_of(const json_t *targets) {
  json_t *judged = wsc_json_array();
  size_t i;
  json_t *target;
  json_array_foreach(targets, i, target) {
    json_t *verdicts = wsc_json_object();
    size_t k;
    json_t *row;
    json_array_foreach(json_object_get(target, "requirements"), k, row) {
      wsc_json_put(verdicts, wsc_page_text(row, "id"),
                   json_incref(json_object_get(row, "verdict")));
    }
    wsc_json_push(judged, verdicts);
  }
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
      wsc_json_push(json_object_get(citing, name),
                    json_incref(json_object_get(info, "id")));
    }
  }
  return citing;
}

void wsc_page_init(struct wsc_page *page, const json_t *document) {
  wsc_strbuf_init(&page->out);
  page->document = document;
  page->targets = json_object_get(document, "targets");
  page->cases = json_object_get(document, "cases");
  page->results = json_object_get(document, "results");
  page->requirements = json_object_get(document, "requirements");
  page->case_by_id = by_id(page->cases);
  page->row_by_id = by_id(page->requirements);
  page->judged = judged_of(page->targets);
  page->citing = citing_of(page->cases);
}

void wsc_page_free(struct wsc_page *page) {
  wsc_strbuf_free(&page->out);
  json_decref(page->case_by_id);
  json_decref(page->row_by_id);
  json_decref(page->judged);
  json_decref(page->citing);
}

const json_t *wsc_page_case(const struct wsc_page *page, const json_t *result) {
  return json_object_get(page->case_by_id, wsc_page_text(result, "case"));
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

enum wsc_verdict wsc_page_judged(const struct wsc_page *page, size_t target,
                                 const char *id) {
  const json_t *name =
      json_object_get(json_array_get(page->judged, target), id);
  return name == NULL ? WSC_NUM_VERDICTS
                      : wsc_verdict_by_name(json_string_value(name));
}

size_t wsc_page_area(const char *case_id) {
  return strcspn(case_id, ".");
}

bool wsc_page_left_out(size_t at, size_t num, size_t edge) {
  return num > 2 * edge && at >= edge && at < num - edge;
}
