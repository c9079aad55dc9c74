#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"

const struct wsc_command wsc_commands[] = {
    {"server", "URL... [FILTER...]", "test servers", wsc_command_server},
    {"run", "-c FILE [FILTER...]", "start implementations and test each",
     wsc_command_run},
    {"echo", "--listen HOST:PORT", "run the reference echo server",
     wsc_command_echo},
    {"list", "[cases|reqs|faults] [FILTER...]",
     "list cases, requirements or faults", wsc_command_list},
    {"explain", "ID", "explain a case, a requirement or a fault",
     wsc_command_explain},
    {"show", "RUN.json CASE", "show a result of an earlier run",
     wsc_command_show},
    {"report", "RUN.json... -o FILE", "write reports of earlier runs, merged",
     wsc_command_report},
    {"diff", "OLD.json NEW.json", "compare two runs, regressions first",
     wsc_command_diff},
    {"badge", "RUN.json [-o FILE]", "write a badge of a run",
     wsc_command_badge},
    {"selftest", "[FILTER...]", "prove that every case can fail",
     wsc_command_selftest},
    {NULL, NULL, NULL, NULL}};

int wsc_usage(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("wsspec: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  return WSC_EXIT_USAGE;
}

static void help(FILE *out) {
  fputs("wsspec tests WebSocket implementations against RFC 6455.\n\n", out);
  for (const struct wsc_command *c = wsc_commands; c->name != NULL; c++) {
    fprintf(out, "  wsspec %-9s %-33s %s\n", c->name, c->synopsis, c->text);
  }
  fputs("\n'wsspec COMMAND --help' lists the options of a command.\n", out);
}

static int version(void) {
  printf("wsspec %s (suite %s)\n", WSC_VERSION, WSC_SUITE_VERSION);
  return WSC_EXIT_OK;
}

static int dispatch(const struct wsc_command *command, int argc, char **argv) {
  struct wsc_options options;
  int code = wsc_options_parse(&options, command, argc, argv);
  return code >= 0 ? code : command->run(&options);
}

int main(int argc, char **argv) {
  /* A peer or a pager that goes away is an error of a write, not our end. */
  signal(SIGPIPE, SIG_IGN);
  if (argc < 2) {
    help(stderr);
    return WSC_EXIT_USAGE;
  }
  if (strcmp(argv[1], "--version") == 0) {
    return version();
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
    help(stdout);
    return WSC_EXIT_OK;
  }
  for (const struct wsc_command *c = wsc_commands; c->name != NULL; c++) {
    if (strcmp(argv[1], c->name) == 0) {
      return dispatch(c, argc, argv);
    }
  }
  return wsc_usage("unknown command '%s'; 'wsspec --help' lists them", argv[1]);
}
