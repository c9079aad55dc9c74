/* writers.h: the writers of formats that are one file. Internal to
 * reports/formats; report_formats.c lists them. */
#ifndef WSC_FORMAT_WRITERS_H
#define WSC_FORMAT_WRITERS_H

#include "report_formats.h"

void wsc_junit_write(struct wsc_strbuf *out, const struct wsc_run *run,
                     enum wsc_fail_on fail_on);
void wsc_tap_write(struct wsc_strbuf *out, const struct wsc_run *run,
                   enum wsc_fail_on fail_on);
void wsc_sarif_write(struct wsc_strbuf *out, const struct wsc_run *run,
                     enum wsc_fail_on fail_on);
void wsc_markdown_write(struct wsc_strbuf *out, const struct wsc_run *run,
                        enum wsc_fail_on fail_on);
void wsc_badge_write(struct wsc_strbuf *out, const struct wsc_run *run,
                     enum wsc_fail_on fail_on);
void wsc_pcapng_write(struct wsc_strbuf *out, const struct wsc_run *run,
                      enum wsc_fail_on fail_on);

#endif
