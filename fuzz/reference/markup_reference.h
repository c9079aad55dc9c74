/* markup_reference.h: HTML and XML, as far as the reports use them: elements are
 * closed (in HTML, cells and items of lists may close themselves), attributes
 * are quoted by " (in HTML, names need not be), every & begins a reference, and
 * there is nothing but what the rules name. No comments, no CDATA. */
#ifndef MARKUP_REFERENCE_H
#define MARKUP_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

struct markup_text {
  const char *data; /* borrowed */
  size_t len;
};

struct markup_rules {
  bool html;            /* void elements; style and script are raw text */
  const char *prologue; /* what the document begins with */
  const char *const *elements;   /* NULL-ended */
  const char *const *attributes; /* NULL-ended */

  /* Asked about each value of an attribute, and the raw text of each element
   * that has some (`attribute` ""). False: it must not be. */
  bool (*allows)(void *user, const char *element, const char *attribute,
                 struct markup_text value);
  void *user;
};

/* NULL when the document is what the rules allow; else what is wrong, in static
 * words, and *at where. */
const char *markup_reference(struct markup_text document,
                             const struct markup_rules *rules, size_t *at);

/* True for well-formed UTF-8 whose characters show as themselves: no controls
 * but line feeds, nothing invisible, nothing that turns the direction, no
 * noncharacters. */
bool markup_reference_harmless(struct markup_text text);

#endif
