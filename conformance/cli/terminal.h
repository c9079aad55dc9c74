/* terminal.h: what a person sees while cases run.
 *
 * On a terminal: one live line, and failures as they happen. Elsewhere: a line
 * a case, in the order of the suite. Octets of a peer never reach the terminal
 * unescaped. */
#ifndef WSC_TERMINAL_H
#define WSC_TERMINAL_H

#include "cli.h"
#include "host.h"
#include "scheduler.h"

struct wsc_terminal {
  FILE *out;
  bool live; /* a terminal: colours and the progress line */
  bool quiet;
  const struct wsc_host *host;  /* borrowed: for lines of case files */
  const char *repeat;           /* borrowed: "wsspec server URL --seed 1" */
  const struct wsc_item *items; /* borrowed: of the campaign */
  size_t num_items;
  size_t printed; /* items told so far, where the order is the suite's */
  size_t num_final;
  size_t counts[WSC_NUM_VERDICTS];
  uint64_t drawn; /* when the live line was drawn */
  bool on_line;   /* a live line is on the screen */
};

void wsc_terminal_init(struct wsc_terminal *terminal, FILE *out);

/* An item has its final outcome. */
void wsc_terminal_final(struct wsc_terminal *terminal,
                        const struct wsc_item *item);

/* A known deviation (`why` in words) did not show as it was expected. */
void wsc_terminal_unexpected(struct wsc_terminal *terminal,
                             const struct wsc_item *item, const char *why);

/* Draws the live line, at most some times a second. */
void wsc_terminal_progress(struct wsc_terminal *terminal,
                           const struct wsc_campaign *campaign, size_t running);

/* Clears the live line, before anything else is printed. */
void wsc_terminal_clear(struct wsc_terminal *terminal);

/* One result in full: clauses that were broken, the latest frames, the command
 * that repeats it. `repeat` may be NULL. */
void wsc_terminal_explain(FILE *out, const struct wsc_host *host,
                          const struct wsc_case *info,
                          const struct wsc_outcome *outcome,
                          const char *repeat);

/* Writes `text` with everything that is no printable ASCII as \xNN, and so that
 * no CI system finds a command in it. */
void wsc_terminal_escape(FILE *out, const char *text);

/* The same of one octet of a text; *before is 0 where a line begins. */
void wsc_terminal_octet(FILE *out, uint8_t octet, uint8_t *before);

#endif
