/* documents.h: run documents that a command is given. */
#ifndef WSC_DOCUMENTS_H
#define WSC_DOCUMENTS_H

#include "cli.h"
#include "run.h"

/* Reads the document at `path`. NULL: what is wrong was printed; the exit code
 * is WSC_EXIT_USAGE. */
struct wsc_run *wsc_document_read(const char *path);

/* Reads and merges several, names on standard error what they do not agree on,
 * and leaves the targets of --only. NULL as above. */
struct wsc_run *wsc_documents_merge(const struct wsc_list *paths,
                                    const struct wsc_list *only);

#endif
