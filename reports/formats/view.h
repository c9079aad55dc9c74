/* view.h: a run document, made quick to look things up in, and the words that
 * several formats share. Internal to reports/formats. */
#ifndef WSC_FORMAT_VIEW_H
#define WSC_FORMAT_VIEW_H

#include "build.h"
#include "report_formats.h"

/* What a result is to who waits for a build. */
enum wsc_call {
  WSC_CALL_GOOD,    /* pass, info, and warn where it is no failure */
  WSC_CALL_FAILURE, /* fail, and a known deviation that did not show */
  WSC_CALL_ERROR,   /* could not be measured */
  WSC_CALL_SKIPPED,
  WSC_CALL_KNOWN, /* a known deviation */
  WSC_NUM_CALLS
};

struct wsc_view {
  const json_t *document; /* borrowed, as the next */
  const json_t *targets;
  const json_t *cases;
  const json_t *results;
  const json_t *requirements;
  json_t *target_index; /* owned, as the next: id -> position */
  json_t *case_index;
  json_t *row_index;
  json_t *of_target; /* a target each: array of positions in results */
  bool fail_on_warn;
};

void wsc_view_init(struct wsc_view *view, const struct wsc_run *run,
                   enum wsc_fail_on fail_on);
void wsc_view_free(struct wsc_view *view);

/* Members; "" and 0 when absent. A count that is too large is the largest. */
const char *wsc_view_text(const json_t *object, const char *key);
int wsc_view_int(const json_t *object, const char *key);
uint64_t wsc_view_count(const json_t *count);
uint64_t wsc_view_duration(const json_t *result); /* microseconds */
enum wsc_verdict wsc_view_verdict(const json_t *object);

/* The case of a result, and the row called `id`; NULL: the document has none.
 */
const json_t *wsc_view_case(const struct wsc_view *view, const json_t *result);
const json_t *wsc_view_row(const struct wsc_view *view, const char *id);

/* The results of a target, in order. */
size_t wsc_view_num_results(const struct wsc_view *view, size_t target);
const json_t *wsc_view_result(const struct wsc_view *view, size_t target,
                              size_t number);

enum wsc_call wsc_view_call(const struct wsc_view *view, const json_t *result);
bool wsc_view_is_known(const json_t *result); /* a deviation that showed */

/* True for a clause that counts against the result. */
bool wsc_view_is_broken(const json_t *clause);

/* Why the target could not be measured to its end; NULL: it was. */
const char *wsc_view_trouble(const json_t *target);
bool wsc_view_is_interrupted(const struct wsc_view *view);

/* The address of a row's words; NULL when it is none that a reader should
 * follow. */
const char *wsc_view_url(const json_t *row);

/* Where the result was decided: the line of the clause, or of the case. 0: it
 * is not known. */
int wsc_view_line(const struct wsc_view *view, const json_t *result,
                  const json_t *clause);

#define WSC_VIEW_SHORT 300  /* octets of a name */
#define WSC_VIEW_LONG  2000 /* of a sentence */

/* Adds `text`, printable, without what CI systems take for a command, cut to
 * `max` octets at a character's border. `out` holds a string afterwards. */
void wsc_view_plain(struct wsc_strbuf *out, const char *text, size_t max);

/* "closing", the area of "closing.echo-code". */
void wsc_view_area(struct wsc_strbuf *out, const json_t *result);

/* "closing.echo-code [tcp]". */
void wsc_view_name(struct wsc_strbuf *out, const json_t *result);

/* The agent's name, with the id of the target where the document has several.
 */
void wsc_view_agent(struct wsc_strbuf *out, const struct wsc_view *view,
                    const json_t *target);

/* One line: why the result is what it is. */
void wsc_view_reason(struct wsc_strbuf *out, const json_t *result);

/* "expected: ...; got: ..." of a clause, with its label. */
void wsc_view_clause(struct wsc_strbuf *out, const json_t *clause);

/* Some lines: the title, each broken clause with its requirement and its line,
 * the command that repeats it. All of it printable but for the line ends. */
void wsc_view_explain(struct wsc_strbuf *out, const struct wsc_view *view,
                      const json_t *result);

#endif
