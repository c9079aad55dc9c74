/* repeat.h: the command line that makes a measurement again, in words. */
#ifndef WSC_REPEAT_H
#define WSC_REPEAT_H

#include <jansson.h>

#include "arena.h"
#include "cli.h"

/* "wsspec", the words of `subject` ("server", URL...), and the options that
 * change what is measured; no filters, no seed. Strings are borrowed. */
void wsc_repeat_words(struct wsc_list *words, const struct wsc_options *options,
                      const struct wsc_list *subject);

/* The same as text for a shell, with the seed: what the id of a case is
 * appended to. Owned by `arena`. */
const char *wsc_repeat_command(struct wsc_arena *arena,
                               const struct wsc_options *options,
                               const struct wsc_list *subject);

/* `run.options` of the run document. Owned by the caller. */
json_t *wsc_repeat_describe(const struct wsc_options *options,
                            const struct wsc_list *subject,
                            const struct wsc_list *filters);

#endif
