/* sarif.h: what the files of the SARIF writer share. Internal to
 * reports/formats. */
#ifndef WSC_FORMAT_SARIF_H
#define WSC_FORMAT_SARIF_H

#include "view.h"

/* Results that no requirement stands for. */
#define WSC_SARIF_ERROR      "wsspec.not-measured"
#define WSC_SARIF_UNEXPECTED "wsspec.unexpected-pass"

struct wsc_sarif {
  const struct wsc_view *view;
  json_t *rules;      /* borrowed from the document that is built */
  json_t *rule_index; /* owned: id -> position in rules */
  json_t *results;    /* borrowed, as the next */
  json_t *notifications;
  size_t num_left_out;
};

/* Text of a document, printable, cut to `max` octets. */
json_t *wsc_sarif_text(const char *text, size_t max);

/* {"text": ...} */
json_t *wsc_sarif_message(const char *text);

/* Fills `rules` and `rule_index`: the requirements that a case of the run cites,
 * and the two above. */
void wsc_sarif_add_rules(struct wsc_sarif *sarif);

#endif
