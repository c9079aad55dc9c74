#include "terminal.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "requirements.h"
#include "trace.h"

#define REDRAW       50000 /* microseconds between two live lines */
#define FRAMES_SHOWN 6

static const char *colour(const struct wsc_terminal *terminal,
                          enum wsc_verdict verdict) {
  static const char *const codes[WSC_NUM_VERDICTS] = {
      [WSC_FAIL] = "\033[31m", [WSC_ERROR] = "\033[35m",
      [WSC_WARN] = "\033[33m", [WSC_PASS] = "\033[32m",
      [WSC_INFO] = "\033[36m", [WSC_SKIP] = "\033[2m"};
  return terminal->live ? codes[verdict] : "";
}

void wsc_terminal_init(struct wsc_terminal *terminal, FILE *out) {
  memset(terminal, 0, sizeof *terminal);
  terminal->out = out;
  terminal->live = isatty(fileno(out)) != 0;
}

/* CI systems read commands out of what a step prints: "::" at the beginning of a
 * line, behind spaces too, and "##[" or "##vso[" anywhere. */
static bool begins_command(uint8_t octet, uint8_t before) {
  return (octet == ':' && before == '\0') || (octet == '#' && before == '#');
}

void wsc_terminal_octet(FILE *out, uint8_t octet, uint8_t *before) {
  bool plain = octet >= 0x20 && octet < 0x7F;
  if (plain && !begins_command(octet, *before)) {
    fputc(octet, out);
  } else {
    fprintf(out, "\\x%02X", octet);
  }
  if (octet != ' ' || *before != '\0') {
    *before = octet == '\0' ? ' ' : octet;
  }
}

static void escape(FILE *out, const char *text, size_t len) {
  uint8_t before = '\0';
  for (size_t i = 0; i < len; i++) {
    wsc_terminal_octet(out, (uint8_t)text[i], &before);
  }
}

void wsc_terminal_escape(FILE *out, const char *text) {
  escape(out, text, strlen(text));
}

void wsc_terminal_clear(struct wsc_terminal *terminal) {
  if (terminal->on_line) {
    fputs("\r\033[K", terminal->out);
    terminal->on_line = false;
  }
}

static uint64_t wall_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void wsc_terminal_progress(struct wsc_terminal *terminal,
                           const struct wsc_campaign *campaign,
                           size_t running) {
  if (!terminal->live) {
    return;
  }
  uint64_t now = wall_clock();
  if (terminal->on_line && now - terminal->drawn < REDRAW) {
    return;
  }
  terminal->drawn = now;
  terminal->on_line = true;
  fprintf(terminal->out, "\r\033[K%s: %zu of %zu", campaign->phase,
          campaign->phase_done, campaign->phase_total);
  if (running > 1) {
    fprintf(terminal->out, ", %zu at once", running);
  }
  fflush(terminal->out);
}

static bool is_bad(enum wsc_verdict verdict) {
  return verdict == WSC_FAIL || verdict == WSC_ERROR || verdict == WSC_WARN;
}

static void print_requirement(FILE *out, const char *id) {
  const struct wsc_requirement *row = wsc_requirement_find(id);
  if (row == NULL) {
    return;
  }
  fprintf(out, "      %s%s %s (%s, %s): %s\n",
          strcmp(row->rfc, "WHATWG") == 0 ? "" : "RFC ", row->rfc, row->section,
          row->level, row->id, row->statement);
}

static void print_source(FILE *out, const struct wsc_host *host,
                         const struct wsc_case *info, int line) {
  size_t len = 0;
  const char *text =
      host == NULL ? "" : wsc_host_source_line(host, info->file, line, &len);
  while (len != 0 && (*text == ' ' || *text == '\t')) {
    text++;
    len--;
  }
  if (line != 0) {
    fputs("      ", out);
    wsc_terminal_escape(out, info->file);
    fprintf(out, ":%d  ", line);
    escape(out, text, len);
    fputc('\n', out);
  }
}

/* Variants of one check break one requirement, mostly at one line: its words and
 * the line stand once above them. */
static bool same_requirement(const struct wsc_clause *a,
                             const struct wsc_clause *b) {
  return a != NULL && strcmp(a->requirement, b->requirement) == 0;
}

static bool same_line(const struct wsc_clause *a, const struct wsc_clause *b) {
  return a != NULL && a->line == b->line;
}

static void print_clause(FILE *out, const struct wsc_host *host,
                         const struct wsc_case *info,
                         const struct wsc_clause *before,
                         const struct wsc_clause *clause) {
  if (!same_requirement(before, clause)) {
    print_requirement(out, clause->requirement);
  }
  if (!same_line(before, clause)) {
    print_source(out, host, info, clause->line);
  }
  fprintf(out, "      %-5s ", wsc_verdict_name(clause->verdict));
  if (clause->label[0] != '\0') {
    fputc('[', out);
    wsc_terminal_escape(out, clause->label);
    fputs("] ", out);
  }
  fputs("expected: ", out);
  wsc_terminal_escape(out, clause->expected);
  fputs("; got: ", out);
  wsc_terminal_escape(out, clause->got);
  fputs(clause->absent ? " (an absence)\n" : "\n", out);
}

static const struct wsc_clause *
print_clauses(FILE *out, const struct wsc_host *host,
              const struct wsc_case *info, const struct wsc_outcome *outcome) {
  const struct wsc_clause *worst = NULL;
  const struct wsc_clause *before = NULL;
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    const struct wsc_clause *clause = &outcome->clauses[i];
    if (!is_bad(clause->verdict)) {
      continue;
    }
    print_clause(out, host, info, before, clause);
    before = clause;
    if (worst == NULL || clause->verdict < worst->verdict) {
      worst = clause;
    }
  }
  return worst;
}

/* The connection on which the clause was judged. */
static int connection_of(const struct wsc_outcome *outcome,
                         const struct wsc_clause *clause) {
  for (int i = clause->step; i >= 0; i--) {
    if (outcome->steps[i].connection >= 0) {
      return outcome->steps[i].connection;
    }
  }
  return outcome->num_connections - 1;
}

void wsc_terminal_explain(FILE *out, const struct wsc_host *host,
                          const struct wsc_case *info,
                          const struct wsc_outcome *outcome,
                          const char *repeat) {
  fputs("      ", out);
  wsc_terminal_escape(out, info->title);
  fputc('\n', out);
  if (outcome->reason[0] != '\0' && outcome->verdict == WSC_ERROR) {
    fputs("      could not be measured: ", out);
    wsc_terminal_escape(out, outcome->reason);
    fputc('\n', out);
  }
  const struct wsc_clause *worst = print_clauses(out, host, info, outcome);
  if (worst != NULL && !info->passive) {
    wsc_trace_connection(out, outcome, connection_of(outcome, worst),
                         FRAMES_SHOWN);
  }
  if (outcome->repeated) {
    fputs("      confirmed by a repetition, alone and with four times the "
          "patience\n",
          out);
  }
  if (repeat != NULL) {
    fprintf(out, "      repeat with: %s %s\n", repeat, info->id);
  }
}

static void print_item(struct wsc_terminal *terminal,
                       const struct wsc_item *item) {
  enum wsc_verdict verdict = item->outcome->verdict;
  bool bad = is_bad(verdict);
  if (!bad && (terminal->live || terminal->quiet)) {
    return;
  }
  wsc_terminal_clear(terminal);
  fprintf(terminal->out, "%s%-5s%s %s", colour(terminal, verdict),
          wsc_verdict_name(verdict), terminal->live ? "\033[0m" : "",
          item->info->id);
  if (!bad && item->outcome->reason[0] != '\0') {
    fputs("  (", terminal->out);
    wsc_terminal_escape(terminal->out, item->outcome->reason);
    fputc(')', terminal->out);
  }
  fputc('\n', terminal->out);
  if (bad) {
    wsc_terminal_explain(terminal->out, terminal->host, item->info,
                         item->outcome, terminal->repeat);
  }
}

void wsc_terminal_final(struct wsc_terminal *terminal,
                        const struct wsc_item *item) {
  terminal->num_final++;
  terminal->counts[item->outcome->verdict]++;
  if (terminal->live) {
    print_item(terminal, item);
    return;
  }
  while (terminal->printed < terminal->num_items &&
         terminal->items[terminal->printed].final) {
    print_item(terminal, &terminal->items[terminal->printed++]);
  }
  fflush(terminal->out);
}

void wsc_terminal_unexpected(struct wsc_terminal *terminal,
                             const struct wsc_item *item, const char *why) {
  wsc_terminal_clear(terminal);
  fprintf(terminal->out,
          "unexpected: %s is %s, not the known deviation of --expect (",
          item->info->id, wsc_verdict_name(item->outcome->verdict));
  wsc_terminal_escape(terminal->out, why);
  fputs("): bring its entry up to date\n", terminal->out);
}
