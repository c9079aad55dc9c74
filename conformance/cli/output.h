/* output.h: files that a command is to write. */
#ifndef WSC_OUTPUT_H
#define WSC_OUTPUT_H

#include <jansson.h>

/* Finds out before a run, and not after it, that `path` can be written ("-" and
 * NULL can). -1, or the exit code of an error that was printed. */
int wsc_output_check(const char *path);

/* Writes `value` to `path`, indented. -1, or the exit code as above. */
int wsc_output_json(const json_t *value, const char *path);

#endif
