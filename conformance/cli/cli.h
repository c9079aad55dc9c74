/* cli.h: the commands of wsspec and what they share. */
#ifndef WSC_CLI_H
#define WSC_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define WSC_SUITE_VERSION "1.0"

/* Exit codes; fixed. */
enum wsc_exit {
  WSC_EXIT_OK = 0,          /* as expected */
  WSC_EXIT_UNEXPECTED = 1,  /* an unexpected result */
  WSC_EXIT_INTERRUPTED = 2, /* the partial report was written */
  WSC_EXIT_INTERNAL = 3,
  WSC_EXIT_USAGE = 4,
  WSC_EXIT_NO_CASE = 5,    /* no case selected */
  WSC_EXIT_UNREACHABLE = 6 /* peer unreachable, or sanity failed */
};

#define WSC_LIST_MAX 64

struct wsc_list {
  const char *items[WSC_LIST_MAX + 1]; /* borrowed from argv; NULL-ended */
  size_t num;
};

/* What the command line says; see the table in options.c. */
struct wsc_options {
  struct wsc_list arguments; /* what is no option */
  struct wsc_list exclude;   /* -x */
  struct wsc_list headers;   /* --header */
  struct wsc_list only;      /* --only */
  struct wsc_list outputs;   /* -o */
  const char *config;        /* -c */
  const char *json;
  const char *html;
  const char *junit; /* reports: files to write; NULL: none */
  const char *tap;
  const char *sarif;
  const char *markdown;
  const char *badge;
  const char *pcapng;
  const char *autobahn; /* a directory */
  const char *write_expect;
  const char *format;  /* of -o */
  const char *compare; /* run documents to read */
  const char *rerun;
  const char *fail_on; /* "fail", "warn"; NULL: not given */
  const char *level;   /* "must", "should", "may" */
  const char *expect;  /* file of known deviations */
  const char *origin;
  const char *subprotocol;
  const char *connect;
  const char *agent;
  const char *echo;           /* "auto", "yes", "no" */
  const char *script_message; /* "REQUEST=>PATTERN" */
  const char *variant;        /* lists, see passes.h; NULL: not given */
  const char *chop;
  uint16_t tls_port;         /* 0: not given */
  const char *tls_port_text; /* as it was given */
  const char *cases;         /* directory instead of the built-in cases */
  const char *listen;        /* HOST:PORT */
  const char *fault;
  const char *spawn;  /* command that starts the server; NULL: it runs */
  const char *cacert; /* PEM files, of a client */
  const char *cert;
  const char *key;
  const char *tls_cert; /* of a server */
  const char *tls_key;
  unsigned pid; /* the server's process; 0: not known */
  unsigned jobs;
  unsigned shard;      /* from 1 */
  unsigned num_shards; /* 0: all */
  uint64_t seed;
  uint64_t timeout;         /* microseconds; 0: debugger mode */
  const char *timeout_text; /* as it was given; NULL: it was not */
  bool strict;
  bool full;
  bool fail_on_warn;
  bool no_kill;
  bool tcp;
  bool quiet;
  bool github;
  bool robustness; /* such cases run, wherever the server is */
  bool insecure;
  bool commands;
};

struct wsc_command {
  const char *name;
  const char *synopsis; /* behind the name */
  const char *text;     /* one line */
  int (*run)(const struct wsc_options *options);
};

/* The commands; ended by an entry whose name is NULL. */
extern const struct wsc_command wsc_commands[];

/* Parses argv[2..] for `command`. -1: go on; else the exit code: help was asked
 * for, or an error was printed. */
int wsc_options_parse(struct wsc_options *options,
                      const struct wsc_command *command, int argc, char **argv);

/* Prints what a command understands. */
void wsc_options_help(FILE *out, const struct wsc_command *command);

/* "wsspec: TEXT" on stderr, for mistakes of the user. Returns
 * WSC_EXIT_USAGE. */
int wsc_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

int wsc_command_server(const struct wsc_options *options);
int wsc_command_echo(const struct wsc_options *options);
int wsc_command_list(const struct wsc_options *options);
int wsc_command_explain(const struct wsc_options *options);
int wsc_command_show(const struct wsc_options *options);
int wsc_command_run(const struct wsc_options *options);
int wsc_command_report(const struct wsc_options *options);
int wsc_command_diff(const struct wsc_options *options);
int wsc_command_badge(const struct wsc_options *options);
int wsc_command_selftest(const struct wsc_options *options);

#endif
