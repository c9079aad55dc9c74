/* formats_support.h: what the tests of reports/formats share. */
#ifndef FORMATS_SUPPORT_H
#define FORMATS_SUPPORT_H

#include "report_formats.h"

/* The run in the format called `name`, with a NUL behind it. Owned. */
char *format_render(const struct wsc_run *run, const char *name,
                    enum wsc_fail_on fail_on, size_t *len);

/* How often `words` occur in `text`. */
size_t count_of(const char *text, const char *words);

/* Fails the test when `text` has anything but printable characters and line
 * ends. */
void assert_printable(const char *text, size_t len);

/* Fails the test when `text` is not what golden/`name` holds. With
 * UPDATE_GOLDEN in the environment the file is written instead. */
void assert_golden(const char *name, const char *text, size_t len);

#endif
