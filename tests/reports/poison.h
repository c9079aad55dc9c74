/* poison.h: a document that somebody made to do harm, for the tests of
 * reports. */
#ifndef POISON_H
#define POISON_H

#include "run.h"

/* Markup, ends of strings, of lines and of code spans, commands, directives,
 * control characters, a right-to-left override, paths. */
extern const char poison[];

/* A copy of `run` in which every text that a document is free to choose, names
 * of members included, begins with `text`; ids that refer to each other still
 * do. NULL: the document was refused, and that fails the test. */
struct wsc_run *poisoned(const struct wsc_run *run, const char *text);

#endif
