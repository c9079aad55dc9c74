/* data.h: what the files of a page's data share. Internal to reports/html. */
#ifndef WSC_REPORT_DATA_H
#define WSC_REPORT_DATA_H

#include "page.h"

/* What one result may take. */
struct wsc_data_budget {
  size_t octets; /* of its conversation */
  size_t items;  /* steps, events, frames: of each */
};

/* "key":"text" of a member that is a text; "" when it is absent. */
void wsc_data_member(struct wsc_strbuf *out, const json_t *object,
                     const char *key);

/* Result `number` of the document, an object. */
void wsc_data_result(struct wsc_strbuf *out, const struct wsc_page *page,
                     size_t number, const struct wsc_data_budget *budget);

#endif
