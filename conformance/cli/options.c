/* options.c: one table is the source of parsing and help. */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "ws/grammar.h"
#include "ws/utf8.h"

enum id {
  OPT_HELP = 'h',
  OPT_CONFIG = 'c',
  OPT_EXCLUDE = 'x',
  OPT_JOBS = 'j',
  OPT_OUTPUT = 'o',
  OPT_QUIET = 'q',
  OPT_JSON = 256,
  OPT_HTML,
  OPT_JUNIT,
  OPT_TAP,
  OPT_SARIF,
  OPT_MARKDOWN,
  OPT_BADGE,
  OPT_PCAPNG,
  OPT_AUTOBAHN,
  OPT_GITHUB,
  OPT_WRITE_EXPECT,
  OPT_FORMAT,
  OPT_COMPARE,
  OPT_SHARD,
  OPT_RERUN,
  OPT_SEED,
  OPT_TIMEOUT,
  OPT_LEVEL,
  OPT_STRICT,
  OPT_FULL,
  OPT_FAIL_ON,
  OPT_EXPECT,
  OPT_HEADER,
  OPT_ORIGIN,
  OPT_SUBPROTOCOL,
  OPT_CONNECT,
  OPT_AGENT,
  OPT_ECHO,
  OPT_COMMANDS,
  OPT_SCRIPT_MESSAGE,
  OPT_VARIANT,
  OPT_CHOP,
  OPT_TLS_PORT,
  OPT_CASES,
  OPT_LISTEN,
  OPT_CACERT,
  OPT_CERT,
  OPT_KEY,
  OPT_INSECURE,
  OPT_TLS_CERT,
  OPT_TLS_KEY,
  OPT_FAULT,
  OPT_PID,
  OPT_SPAWN,
  OPT_ROBUSTNESS,
  OPT_NO_KILL,
  OPT_TCP,
  OPT_ONLY
};

struct row {
  int id; /* a character where there is a short form */
  const char *name;
  const char *argument; /* NULL: takes none */
  const char *commands; /* names of those that take it; "*": all */
  const char *text;
  size_t place; /* of a `const char *` in the options; 0: take() knows */
};

#define PLACE(member) offsetof(struct wsc_options, member)

static const struct row rows[] = {
    {OPT_HELP, "help", NULL, "*", "print this", 0},
    {OPT_CONFIG, "config", "FILE", "run",
     "describes the implementations, see docs/cli.md", PLACE(config)},
    {OPT_ONLY, "only", "NAME", "run report badge",
     "only implementations of this name (a glob); may be repeated", 0},
    {OPT_EXCLUDE, "exclude", "FILTER", "server run list selftest",
     "leave these cases out; may be repeated", 0},
    {OPT_SHARD, "shard", "I/N", "server run list",
     "only the I-th of N parts of the cases", 0},
    {OPT_RERUN, "rerun", "RUN.json", "server run",
     "only cases that failed, warned or erred there", PLACE(rerun)},
    {OPT_JOBS, "jobs", "N", "server run",
     "cases at once, 1 to 256 (default 32)", 0},
    {OPT_QUIET, "quiet", NULL, "server run selftest",
     "print only what is not a pass", 0},
    {OPT_JSON, "json", "FILE", "server run selftest diff list",
     "write the document; - is standard output", PLACE(json)},
    {OPT_HTML, "html", "FILE", "server run", "write the HTML report",
     PLACE(html)},
    {OPT_JUNIT, "junit", "FILE", "server run", "write JUnit's XML",
     PLACE(junit)},
    {OPT_TAP, "tap", "FILE", "server run", "write TAP version 14", PLACE(tap)},
    {OPT_SARIF, "sarif", "FILE", "server run", "write SARIF 2.1.0",
     PLACE(sarif)},
    {OPT_MARKDOWN, "markdown", "FILE", "server run",
     "write a summary in Markdown", PLACE(markdown)},
    {OPT_BADGE, "badge", "FILE", "server run", "write a badge (SVG)",
     PLACE(badge)},
    {OPT_PCAPNG, "pcapng", "FILE", "server run",
     "write the wire log as packets, for Wireshark", PLACE(pcapng)},
    {OPT_AUTOBAHN, "autobahn", "DIR", "server run",
     "write index.json of the Autobahn Testsuite", PLACE(autobahn)},
    {OPT_GITHUB, "github", NULL, "server run",
     "print annotations, append to $GITHUB_STEP_SUMMARY", 0},
    {OPT_OUTPUT, "output", "FILE", "report badge",
     "write this file; - is standard output; may be repeated", 0},
    {OPT_FORMAT, "format", "FORMAT", "report",
     "instead of what FILE's extension says, see docs/reports.md",
     PLACE(format)},
    {OPT_COMPARE, "compare", "OLD.json", "report",
     "an older run that the HTML report compares with", PLACE(compare)},
    {OPT_SEED, "seed", "N", "server run selftest",
     "seed of all randomness (default 1)", 0},
    {OPT_TIMEOUT, "timeout", "SECONDS", "server run selftest",
     "reaction timeout T (default 3); 0 waits for ever", 0},
    {OPT_LEVEL, "level", "LEVEL", "server run list selftest",
     "only requirements of this level and above: must, should, may", 0},
    {OPT_STRICT, "strict", NULL, "server run selftest",
     "what a grading rule tolerates is a fail", 0},
    {OPT_FULL, "full", NULL, "server run",
     "counterparts of Autobahn: a thousand messages each", 0},
    {OPT_FAIL_ON, "fail-on", "VERDICT", "server run report",
     "fail (default) or warn: the mildest verdict that makes exit code 1", 0},
    {OPT_EXPECT, "expect", "FILE", "server",
     "known deviations, see docs/cli.md", PLACE(expect)},
    {OPT_WRITE_EXPECT, "write-expect", "FILE", "server",
     "write what deviates, for --expect", PLACE(write_expect)},
    {OPT_HEADER, "header", "'NAME: VALUE'", "server",
     "add to every opening request; may be repeated", 0},
    {OPT_ORIGIN, "origin", "ORIGIN", "server", "send this Origin", 0},
    {OPT_SUBPROTOCOL, "subprotocol", "NAME", "server echo",
     "a subprotocol that the server speaks", 0},
    {OPT_CONNECT, "connect", "ADDR[:PORT]", "server",
     "dial this address instead of the URL's host", PLACE(connect)},
    {OPT_SPAWN, "spawn", "'COMMAND'", "server",
     "start the server with this, measure it, start it again when it dies",
     PLACE(spawn)},
    {OPT_PID, "pid", "PID", "server",
     "the server's process on this machine: measure what it uses", 0},
    {OPT_ROBUSTNESS, "robustness", NULL, "server run",
     "the cases robustness.* too, on another machine as well", 0},
    {OPT_CACERT, "cacert", "FILE", "server run",
     "trust these CAs (PEM) instead of the system's", PLACE(cacert)},
    {OPT_CERT, "cert", "FILE", "server run",
     "a client certificate with its chain (PEM)", PLACE(cert)},
    {OPT_KEY, "key", "FILE", "server run",
     "its key (PEM), when --cert does not hold it", PLACE(key)},
    {OPT_INSECURE, "insecure", NULL, "server run",
     "take any certificate of the server", 0},
    {OPT_AGENT, "agent", "NAME", "server",
     "name of the implementation in reports", PLACE(agent)},
    {OPT_ECHO, "echo", "MODE", "server",
     "whether the server echoes: auto (default), yes, no", 0},
    {OPT_SCRIPT_MESSAGE, "script-message", "REQUEST=>PATTERN", "server",
     "a text message and what answers it (* for any octets), for want of echo",
     PLACE(script_message)},
    {OPT_COMMANDS, "commands", NULL, "server run echo",
     "the server takes commands as messages, see docs/testee.md", 0},
    {OPT_VARIANT, "variant", "LIST", "server",
     "transports of the same server: tcp, tls or both", PLACE(variant)},
    {OPT_TLS_PORT, "tls-port", "PORT", "server",
     "where the server of a ws:// URL speaks wss://, for --variant", 0},
    {OPT_CHOP, "chop", "LIST", "server run",
     "how what is sent is cut: whole (default), 1, random, coalesced",
     PLACE(chop)},
    {OPT_CASES, "cases", "DIR", "server run list explain selftest",
     "case files instead of the built-in ones", PLACE(cases)},
    {OPT_LISTEN, "listen", "HOST:PORT", "echo",
     "where to listen; port 0 takes any (default 127.0.0.1:9001)",
     PLACE(listen)},
    {OPT_TLS_CERT, "tls-cert", "FILE", "echo",
     "serve wss with this certificate and its chain (PEM)", PLACE(tls_cert)},
    {OPT_TLS_KEY, "tls-key", "FILE", "echo",
     "its key (PEM), when --tls-cert does not hold it", PLACE(tls_key)},
    {OPT_FAULT, "fault", "NAME", "echo selftest",
     "the peer with this fault, see 'wsspec list faults'", PLACE(fault)},
    {OPT_NO_KILL, "no-kill", NULL, "selftest",
     "leave the kill matrix out: only the conforming peers", 0},
    {OPT_TCP, "tcp", NULL, "selftest",
     "then over TCP: the conforming peers, and a fault of each area", 0},
};

#define NUM_ROWS (sizeof rows / sizeof *rows)

static bool takes(const struct row *row, const char *command) {
  if (strcmp(row->commands, "*") == 0) {
    return true;
  }
  const char *at = strstr(row->commands, command);
  size_t len = strlen(command);
  return at != NULL && (at == row->commands || at[-1] == ' ') &&
         (at[len] == '\0' || at[len] == ' ');
}

void wsc_options_help(FILE *out, const struct wsc_command *command) {
  fprintf(out, "usage: wsspec %s %s [OPTION...]\n%s\n\n", command->name,
          command->synopsis, command->text);
  for (size_t i = 0; i < NUM_ROWS; i++) {
    const struct row *row = &rows[i];
    if (!takes(row, command->name)) {
      continue;
    }
    char head[64];
    snprintf(head, sizeof head, "--%s%s%s", row->name,
             row->argument == NULL ? "" : " ",
             row->argument == NULL ? "" : row->argument);
    if (row->id < 256) {
      fprintf(out, "  -%c, %-24s %s\n", row->id, head, row->text);
    } else {
      fprintf(out, "      %-24s %s\n", head, row->text);
    }
  }
  if (strstr(command->synopsis, "FILTER") != NULL) {
    fputs("\nA FILTER is a glob on ids, or req:ID, tag:TAG, level:LEVEL, "
          "autobahn:ID.\n",
          out);
  }
}

static bool add(struct wsc_list *list, const char *text) {
  if (list->num == WSC_LIST_MAX) {
    wsc_usage("more than %d of the same kind: '%s'", WSC_LIST_MAX, text);
    return false;
  }
  list->items[list->num++] = text;
  return true;
}

static bool is_one_of(const char *option, const char *text,
                      const char *const *words) {
  for (size_t i = 0; words[i] != NULL; i++) {
    if (strcmp(words[i], text) == 0) {
      return true;
    }
  }
  wsc_usage("--%s: '%s' is not one of its values, see --help", option, text);
  return false;
}

static bool number(const char *option, const char *text, double least,
                   double most, double *value) {
  char *end;
  errno = 0;
  *value = strtod(text, &end);
  if (end == text || *end != '\0' || errno != 0 || !(*value >= least) ||
      !(*value <= most)) {
    wsc_usage("--%s: '%s' is not a number from %g to %g", option, text, least,
              most);
    return false;
  }
  return true;
}

static bool seed(const char *text, uint64_t *value) {
  char *end;
  errno = 0;
  *value = strtoull(text, &end, 0);
  if (end == text || *end != '\0' || errno != 0 || *text < '0' ||
      *text > '9') { /* strtoull would take a sign */
    wsc_usage("--seed: '%s' is not a number from 0 to 2^64-1", text);
    return false;
  }
  return true;
}

static bool header(struct wsc_options *options, const char *text) {
  const char *colon = strchr(text, ':');
  if (colon == NULL || colon == text || strpbrk(text, "\r\n") != NULL) {
    wsc_usage("--header: '%s' is not of the form 'Name: value'", text);
    return false;
  }
  return add(&options->headers, text);
}

#define SCRIPT_REQUEST_MAX 125 /* one frame of the short form */

/* The request before the first "=>", the pattern behind it. */
static bool script_message(struct wsc_options *options, const char *text) {
  const char *arrow = strstr(text, "=>");
  options->script_message = text;
  if (arrow != NULL && arrow - text > SCRIPT_REQUEST_MAX) {
    wsc_usage("--script-message: the request has more than %d octets",
              SCRIPT_REQUEST_MAX);
    return false;
  }
  if (arrow == NULL || arrow == text || arrow[2] == '\0' ||
      !ws_utf8_valid((const uint8_t *)text, strlen(text))) {
    wsc_usage("--script-message: '%s' is not of the form 'REQUEST=>PATTERN'",
              text);
    return false;
  }
  return true;
}

/* What goes into a field of the request as it is must not end the field. */
static bool field_value(const struct row *row, const char *text,
                        const char **place) {
  bool token = row->id == OPT_SUBPROTOCOL;
  bool good = token ? ws_is_token(ws_slice_of(text))
                    : text[0] != '\0' && strpbrk(text, "\r\n") == NULL;
  if (!good) {
    wsc_usage("--%s: '%s' is not %s", row->name, text,
              token ? "one token" : "the value of a field");
  }
  *place = text;
  return good;
}

static bool take_number(struct wsc_options *options, const struct row *row,
                        const char *text) {
  double value;
  if (row->id == OPT_JOBS || row->id == OPT_TLS_PORT) {
    bool port = row->id == OPT_TLS_PORT;
    bool good = number(row->name, text, 1, port ? UINT16_MAX : 256, &value);
    unsigned whole = good ? (unsigned)value : 1;
    if (good && value > whole) {
      wsc_usage("--%s: '%s' is not a whole number", row->name, text);
      good = false;
    }
    options->tls_port = port ? (uint16_t)whole : options->tls_port;
    options->tls_port_text = port ? text : options->tls_port_text;
    options->jobs = port ? options->jobs : whole;
    return good;
  }
  bool good = number(row->name, text, 0, 3600, &value);
  options->timeout = good ? (uint64_t)(value * 1e6) : 0;
  options->timeout_text = text;
  return good;
}

static bool take_word(struct wsc_options *options, const struct row *row,
                      const char *text) {
  static const char *const levels[] = {"must", "should", "may", NULL};
  static const char *const verdicts[] = {"fail", "warn", NULL};
  static const char *const modes[] = {"auto", "yes", "no", NULL};
  switch (row->id) {
  case OPT_LEVEL:
    options->level = text;
    return is_one_of(row->name, text, levels);
  case OPT_ECHO:
    options->echo = text;
    return is_one_of(row->name, text, modes);
  default:
    options->fail_on = text;
    options->fail_on_warn = strcmp(text, "warn") == 0;
    return is_one_of(row->name, text, verdicts);
  }
}

/* Digits and nothing else up to `end`; strtoul would take a sign and spaces. */
static bool whole(const char *text, const char *end, unsigned *value) {
  size_t len = strspn(text, "0123456789");
  if (len == 0 || len > 5 || text + len != end) {
    return false;
  }
  *value = (unsigned)strtoul(text, NULL, 10);
  return true;
}

static bool process(const char *text, unsigned *pid) {
  size_t len = strspn(text, "0123456789");
  bool good = len != 0 && len < 10 && text[len] == '\0';
  *pid = good ? (unsigned)strtoul(text, NULL, 10) : 0;
  if (*pid == 0) {
    wsc_usage("--pid: '%s' is not the number of a process", text);
  }
  return *pid != 0;
}

static bool part(struct wsc_options *options, const char *text) {
  const char *slash = text + strcspn(text, "/");
  bool good = *slash == '/' && whole(text, slash, &options->shard) &&
              whole(slash + 1, text + strlen(text), &options->num_shards) &&
              options->shard >= 1 && options->shard <= options->num_shards;
  if (!good) {
    wsc_usage("--shard: '%s' is not of the form I/N, I from 1 to N", text);
  }
  return good;
}

static bool take(struct wsc_options *options, const struct row *row,
                 const char *text) {
  switch (row->id) {
  case OPT_EXCLUDE:
    return add(&options->exclude, text);
  case OPT_ONLY:
    return add(&options->only, text);
  case OPT_HEADER:
    return header(options, text);
  case OPT_OUTPUT:
    return add(&options->outputs, text);
  case OPT_SHARD:
    return part(options, text);
  case OPT_PID:
    return process(text, &options->pid);
  case OPT_ROBUSTNESS:
    return options->robustness = true;
  case OPT_GITHUB:
    return options->github = true;
  case OPT_QUIET:
    return options->quiet = true;
  case OPT_STRICT:
    return options->strict = true;
  case OPT_FULL:
    return options->full = true;
  case OPT_NO_KILL:
    return options->no_kill = true;
  case OPT_TCP:
    return options->tcp = true;
  case OPT_SCRIPT_MESSAGE:
    return script_message(options, text);
  case OPT_COMMANDS:
    return options->commands = true;
  case OPT_INSECURE:
    return options->insecure = true;
  case OPT_SEED:
    return seed(text, &options->seed);
  case OPT_ORIGIN:
    return field_value(row, text, &options->origin);
  case OPT_SUBPROTOCOL:
    return field_value(row, text, &options->subprotocol);
  case OPT_JOBS:
  case OPT_TLS_PORT:
  case OPT_TIMEOUT:
    return take_number(options, row, text);
  case OPT_LEVEL:
  case OPT_ECHO:
  case OPT_FAIL_ON:
    return take_word(options, row, text);
  default:
    memcpy((char *)options + row->place, &text, sizeof text);
    return true;
  }
}

/* getopt's two tables, from the rows that `command` takes. */
struct tables {
  struct option longs[NUM_ROWS + 1];
  char shorts[2 * NUM_ROWS + 2];
};

static void make_tables(struct tables *tables, const char *command) {
  size_t num = 0;
  char *out = tables->shorts;
  *out++ = ':'; /* tells a missing argument from an unknown option */
  for (size_t i = 0; i < NUM_ROWS; i++) {
    const struct row *row = &rows[i];
    if (!takes(row, command)) {
      continue;
    }
    int kind = row->argument == NULL ? no_argument : required_argument;
    tables->longs[num++] = (struct option){row->name, kind, NULL, row->id};
    if (row->id < 256) {
      *out++ = (char)row->id;
      if (kind == required_argument) {
        *out++ = ':';
      }
    }
  }
  memset(&tables->longs[num], 0, sizeof tables->longs[num]);
  *out = '\0';
}

static const struct row *row_of(int id) {
  size_t i = 0;
  while (rows[i].id != id) {
    i++;
  }
  return &rows[i];
}

int wsc_options_parse(struct wsc_options *options,
                      const struct wsc_command *command, int argc,
                      char **argv) {
  struct tables tables;
  make_tables(&tables, command->name);
  *options = (struct wsc_options){.jobs = 32,
                                  .seed = 1,
                                  .timeout = 3000000,
                                  .echo = "auto",
                                  .level = "may",
                                  .listen = "127.0.0.1:9001"};
  opterr = 0;
  optind = 2;
  int id;
  while ((id = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) !=
         -1) {
    if (id == '?' || id == ':') {
      return wsc_usage("%s '%s'; 'wsspec %s --help' lists the options",
                       id == '?' ? "unknown option" : "no argument behind",
                       argv[optind - 1], command->name);
    }
    if (id == OPT_HELP) {
      wsc_options_help(stdout, command);
      return WSC_EXIT_OK;
    }
    if (!take(options, row_of(id), optarg)) {
      return WSC_EXIT_USAGE;
    }
  }
  for (; optind < argc; optind++) {
    if (!add(&options->arguments, argv[optind])) {
      return WSC_EXIT_USAGE;
    }
  }
  return -1;
}
