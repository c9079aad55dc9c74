/* page.h: the run document, made quick to look things up in, and the parts of
 * the page. Internal to reports/html. */
#ifndef WSC_REPORT_PAGE_H
#define WSC_REPORT_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "strbuf.h"
#include "verdict.h"

#define WSC_NOWHERE SIZE_MAX

/* What a target did in a case; of several results (variants) the worst. */
struct wsc_cell {
  enum wsc_verdict verdict; /* WSC_NUM_VERDICTS: no result */
  enum wsc_verdict was;     /* in the older run */
  size_t result;            /* the worst one; WSC_NOWHERE */
};

/* Broken results that say the same of several targets. */
struct wsc_finding {
  enum wsc_verdict verdict;
  const json_t *result; /* of the first of them */
  size_t num_results;
};

struct wsc_page {
  struct wsc_strbuf out;
  const json_t *document; /* borrowed, as the next */
  const json_t *older;    /* to compare with; NULL */
  const json_t *targets;
  const json_t *cases;
  const json_t *results;
  const json_t *requirements;
  size_t num_targets, num_cases, num_results;
  json_t *target_index; /* owned, as the next: id -> position */
  json_t *case_index;
  json_t *row_index;
  json_t *judged;         /* a target each: requirement id -> verdict name */
  json_t *judged_before;  /* the same of the older run, in our order */
  json_t *citing;         /* requirement id -> array of case positions */
  struct wsc_cell *cells; /* owned: [case * num_targets + target] */
  struct wsc_finding *findings; /* owned, worst first */
  size_t num_findings;
  size_t *finding_of;  /* owned: of a result; WSC_NOWHERE */
  size_t traces_shown; /* octets of static traces so far */
};

void wsc_page_init(struct wsc_page *page, const json_t *document,
                   const json_t *older);
void wsc_page_free(struct wsc_page *page);

/* Members of documents, with a neutral value when absent. */
const char *wsc_page_text(const json_t *object, const char *key);
int wsc_page_int(const json_t *object, const char *key);
enum wsc_verdict wsc_page_verdict(const json_t *object);

/* The position of a case, a target, a requirement; WSC_NOWHERE. */
size_t wsc_page_position(const json_t *index, const char *id);

size_t wsc_page_case_number(const struct wsc_page *page, size_t result);
const json_t *wsc_page_case(const struct wsc_page *page, const json_t *result);
const json_t *wsc_page_row(const struct wsc_page *page, const char *id);
const json_t *wsc_page_target(const struct wsc_page *page, size_t target);
const struct wsc_cell *wsc_page_cell(const struct wsc_page *page,
                                     size_t case_number, size_t target);

/* The name to show: the agent's, or the id. */
const char *wsc_page_agent(const json_t *target);

/* True for what a reader has to look at: fail, error, warn, or a known
 * deviation that did not happen. */
bool wsc_page_is_finding(const json_t *result);

/* The verdict of a requirement against a target, now or in the older run;
 * WSC_NUM_VERDICTS: none. */
enum wsc_verdict wsc_page_judged(const struct wsc_page *page, size_t target,
                                 const char *id);
enum wsc_verdict wsc_page_judged_before(const struct wsc_page *page,
                                        size_t target, const char *id);

/* "closing" of "closing.echo-code". Returns its length. */
size_t wsc_page_area(const char *case_id);

/* "RFC 6455", "WHATWG". */
void wsc_page_standard(struct wsc_page *page, const json_t *row);

/* findings.c: groups results; called by wsc_page_init. */
void wsc_page_group(struct wsc_page *page);

/* Sections of the page, each in a file of its own. */
void wsc_page_overview(struct wsc_page *page);
void wsc_page_matrix(struct wsc_page *page);
void wsc_page_findings(struct wsc_page *page);
void wsc_page_coverage(struct wsc_page *page);
void wsc_page_codes(struct wsc_page *page);
void wsc_page_changes(struct wsc_page *page);
void wsc_page_data(struct wsc_page *page);

/* Parts of a finding. */
void wsc_page_clauses(struct wsc_page *page, const json_t *result);
void wsc_page_source(struct wsc_page *page, const json_t *result);
void wsc_page_trace(struct wsc_page *page, const json_t *result);

/* The command that repeats one result, and the whole run. */
void wsc_page_command(struct wsc_page *page, const json_t *result);
void wsc_page_command_of_run(struct wsc_page *page);

/* A cell of a matrix or a table of counts: its class, and its word. `was`:
 * WSC_NUM_VERDICTS for nothing to compare with. `finding`: to be linked;
 * WSC_NOWHERE. */
void wsc_page_verdict_cell(struct wsc_page *page, enum wsc_verdict verdict,
                           enum wsc_verdict was, size_t finding);

#endif
