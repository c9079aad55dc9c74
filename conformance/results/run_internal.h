/* run_internal.h: what the files of results/ share of a run. */
#ifndef WSC_RUN_INTERNAL_H
#define WSC_RUN_INTERNAL_H

#include "run.h"
#include "strbuf.h"

/* The members are borrowed from `document`, where they stand in this order. */
struct wsc_run {
  json_t *document; /* owned */
  json_t *targets;
  json_t *cases;
  json_t *results;
  json_t *requirements;
  json_t *case_by_id; /* owned index: id -> element of `cases` */
};

/* Takes over a document that wsc_rules_check accepted. */
struct wsc_run *wsc_run_adopt(json_t *document);

/* {connections, events, frames} of an outcome; a new reference. */
json_t *wsc_wire_json(const struct wsc_outcome *outcome);

/* What a result is known by, with `target` in place of its target's id. */
void wsc_result_key_text(struct wsc_strbuf *out, const json_t *result,
                         const char *target);

/* Checks a parsed document: types, required members, references between its
 * parts. False: *error (free()) says what is wrong, with the JSON path. */
bool wsc_rules_check(const json_t *document, char **error);

#endif
