#include "csv.h"

#include <stdbool.h>

/* Moves one field to `out`, unquoted; `out` never overtakes the reader. Leaves
 * csv->pos at what ended the field and returns the end of what was kept. */
static char *take_field(struct wsc_csv *csv, char *out) {
  bool quoted = csv->pos < csv->end && *csv->pos == '"';
  csv->pos += quoted;
  while (csv->pos < csv->end) {
    char c = *csv->pos;
    if (quoted && c == '"') {
      if (csv->pos + 1 == csv->end || csv->pos[1] != '"') {
        csv->pos++;
        quoted = false;
        continue;
      }
      csv->pos++;
    } else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
      break;
    }
    *out++ = c;
    csv->pos++;
  }
  return out;
}

size_t wsc_csv_row(struct wsc_csv *csv, const char **fields, size_t max) {
  size_t num = 0;
  if (csv->pos >= csv->end) {
    return 0;
  }
  for (;;) {
    char *start = csv->pos;
    char *end = take_field(csv, start);
    char stop = csv->pos < csv->end ? *csv->pos : '\n';
    if (stop == '\r' && csv->pos + 1 < csv->end && csv->pos[1] == '\n') {
      csv->pos++;
    }
    csv->pos++;
    *end = '\0';
    if (num < max) {
      fields[num++] = start;
    }
    if (stop != ',') {
      return num;
    }
  }
}
