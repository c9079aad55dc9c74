/* csv.h: rows of comma-separated values (RFC 4180). */
#ifndef WSC_CSV_H
#define WSC_CSV_H

#include <stddef.h>

struct wsc_csv {
  char *pos; /* borrowed: fields are unquoted and ended where they stand */
  char *end; /* one writable byte stands here */
};

/* Reads the next row into `fields`, at most `max` of them; further fields are
 * read and dropped. The strings live in the text of `csv`. Returns the number
 * of fields kept, 0 at the end. A quoted field may hold commas, line ends and
 * doubled quotes; one that is never closed ends with the text. */
size_t wsc_csv_row(struct wsc_csv *csv, const char **fields, size_t max);

#endif
