/* index.h: the run document, made quick to look things up in. Internal. */
#ifndef WSC_REPORT_INDEX_H
#define WSC_REPORT_INDEX_H

#include <jansson.h>
#include <stdbool.h>

#include "strbuf.h"
#include "verdict.h"

struct wsc_page {
  struct wsc_strbuf out;
  const json_t *document; /* borrowed */
  const json_t *targets;
  const json_t *cases;
  const json_t *results;
  const json_t *requirements;
  json_t *case_by_id; /* owned: id -> case */
  json_t *row_by_id;  /* owned: id -> requirement */
  json_t *judged;     /* owned: array per target, id -> verdict name */
  json_t *citing;     /* owned: requirement id -> array of case ids */
};

void wsc_page_init(struct wsc_page *page, const json_t *document);
void wsc_page_free(struct wsc_page *page);

/* Members of documents, with a neutral value when absent. */
const char *wsc_page_text(const json_t *object, const char *key);
int wsc_page_int(const json_t *object, const char *key);
enum wsc_verdict wsc_page_verdict(const json_t *object);

const json_t *wsc_page_case(const struct wsc_page *page, const json_t *result);

/* True for what a reader has to look at: fail, error, warn, or a known
 * deviation that did not happen. */
bool wsc_page_is_finding(const json_t *result);

/* The verdict of a requirement against a target; WSC_NUM_VERDICTS: none. */
enum wsc_verdict wsc_page_judged(const struct wsc_page *page, size_t target,
                                 const char *id);

/* "closing" of "closing.echo-code". Returns its length. */
size_t wsc_page_area(const char *case_id);

/* True for what a long list leaves out: all but `edge` rows at either end. */
bool wsc_page_left_out(size_t at, size_t num, size_t edge);

/* Parts of the page, each in a file of its own. */
void wsc_page_headline(struct wsc_page *page);
void wsc_page_findings(struct wsc_page *page);
void wsc_page_cases(struct wsc_page *page);
void wsc_page_requirements(struct wsc_page *page);

/* What a case and its finding share. `number` is the index of the result. */
void wsc_page_clauses(struct wsc_page *page, const json_t *result);
void wsc_page_notes(struct wsc_page *page, const json_t *result);
void wsc_page_steps(struct wsc_page *page, const json_t *result);
void wsc_page_source(struct wsc_page *page, const json_t *result);
void wsc_page_wire(struct wsc_page *page, const json_t *result);

/* The command that repeats one result, and the whole run. */
void wsc_page_command(struct wsc_page *page, const json_t *result);
void wsc_page_command_of_run(struct wsc_page *page);

#endif
