/* file.h: files that appear whole. */
#ifndef WSC_FILE_H
#define WSC_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Writes octets to `path` ("-": standard output) through a temporary file
 * beside it and a rename, so that a reader never sees half of it; to what is
 * no regular file, directly. False: *error (free()) names the path and says
 * what to do. */
bool wsc_file_write(const char *path, const void *data, size_t len,
                    char **error);

#endif
