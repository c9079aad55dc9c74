/* The command line: what it takes, and what it says of what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static char said[1024]; /* by wsc_usage, which main.c has */

int wsc_usage(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(said, sizeof said, format, args);
  va_end(args);
  return WSC_EXIT_USAGE;
}

static const struct wsc_command server = {"server", "URL...", "Test.", NULL};
static const struct wsc_command list = {"list", "", "List.", NULL};
static const struct wsc_command echo = {"echo", "", "Echo.", NULL};

/* `words` are the arguments behind the command, apart by spaces. */
static int parse(struct wsc_options *options, const struct wsc_command *command,
                 const char *words) {
  static char kept[4096]; /* options borrow from argv */
  static char *argv[256];
  int argc = 2;
  static char program[] = "wsspec";
  static char name[16];
  snprintf(kept, sizeof kept, "%s", words);
  snprintf(name, sizeof name, "%s", command->name);
  argv[0] = program;
  argv[1] = name;
  for (char *word = strtok(kept, " "); word != NULL; word = strtok(NULL, " ")) {
    argv[argc++] = word;
  }
  argv[argc] = NULL;
  said[0] = '\0';
  /* getopt remembers where it stopped: in what was overwritten above. */
  char *nothing[] = {program, NULL};
  static const struct option longs[] = {{NULL, 0, NULL, 0}};
  optind = 0;
  assert_int_equal(getopt_long(1, nothing, "", longs, NULL), -1);
  return wsc_options_parse(options, command, argc, argv);
}

static void test_defaults(void **state) {
  (void)state;
  struct wsc_options options;
  assert_int_equal(parse(&options, &server, ""), -1);
  assert_int_equal(options.arguments.num, 0);
  assert_int_equal(options.jobs, 32);
  assert_int_equal(options.seed, 1);
  assert_int_equal(options.timeout, 3000000);
  assert_string_equal(options.echo, "auto");
  assert_string_equal(options.level, "may");
  assert_string_equal(options.listen, "127.0.0.1:9001");
  assert_null(options.json);
  assert_false(options.strict || options.fail_on_warn || options.quiet);
}

static void test_everything(void **state) {
  (void)state;
  struct wsc_options options;
  assert_int_equal(
      parse(&options, &server,
            "ws://h/ -x tag:slow frag.* --exclude=tcp.* -j 7 -q --json=- "
            "--html r.html --seed 0xFFFFFFFFFFFFFFFF --timeout 0.25 --level "
            "must --strict --fail-on warn --expect e.json --header A:b "
            "--header C:d --origin o --subprotocol p --connect c:1 --agent a "
            "--echo no --cases dir --cacert ca.pem --cert c.pem --key k.pem "
            "--insecure"),
      -1);
  assert_string_equal(said, "");
  assert_int_equal(options.arguments.num, 2);
  assert_string_equal(options.arguments.items[1], "frag.*");
  assert_int_equal(options.exclude.num, 2);
  assert_string_equal(options.exclude.items[1], "tcp.*");
  assert_null(options.exclude.items[2]);
  assert_int_equal(options.jobs, 7);
  assert_true(options.quiet && options.strict && options.fail_on_warn);
  assert_string_equal(options.json, "-");
  assert_string_equal(options.html, "r.html");
  assert_true(options.seed == UINT64_MAX);
  assert_int_equal(options.timeout, 250000);
  assert_string_equal(options.level, "must");
  assert_string_equal(options.expect, "e.json");
  assert_int_equal(options.headers.num, 2);
  assert_string_equal(options.headers.items[1], "C:d");
  assert_string_equal(options.origin, "o");
  assert_string_equal(options.subprotocol, "p");
  assert_string_equal(options.connect, "c:1");
  assert_string_equal(options.agent, "a");
  assert_string_equal(options.echo, "no");
  assert_string_equal(options.cases, "dir");
  assert_string_equal(options.cacert, "ca.pem");
  assert_string_equal(options.cert, "c.pem");
  assert_string_equal(options.key, "k.pem");
  assert_true(options.insecure);
}

/* Each report has its own place. */
static void test_reports(void **state) {
  (void)state;
  struct wsc_options options;
  assert_int_equal(
      parse(&options, &server,
            "ws://h/ --junit a --tap b --sarif c --markdown d --badge e "
            "--pcapng f --autobahn g --github --write-expect h --rerun i "
            "--shard 99999/99999"),
      -1);
  assert_string_equal(options.junit, "a");
  assert_string_equal(options.tap, "b");
  assert_string_equal(options.sarif, "c");
  assert_string_equal(options.markdown, "d");
  assert_string_equal(options.badge, "e");
  assert_string_equal(options.pcapng, "f");
  assert_string_equal(options.autobahn, "g");
  assert_string_equal(options.write_expect, "h");
  assert_string_equal(options.rerun, "i");
  assert_true(options.github);
  assert_int_equal(options.shard, 99999);
  assert_int_equal(options.num_shards, 99999);
  assert_null(options.json);
}

static void test_of_echo(void **state) {
  (void)state;
  struct wsc_options options;
  assert_int_equal(
      parse(&options, &echo, "--listen h:1 --tls-cert c.pem --tls-key k.pem"),
      -1);
  assert_string_equal(options.tls_cert, "c.pem");
  assert_string_equal(options.tls_key, "k.pem");
  assert_null(options.cert);
}

static void test_limits(void **state) {
  (void)state;
  struct wsc_options options;
  assert_int_equal(parse(&options, &server, "--jobs 256 --timeout 0"), -1);
  assert_int_equal(options.jobs, 256);
  assert_int_equal(options.timeout, 0);
  assert_int_equal(parse(&options, &server, "--timeout 3600 --seed 0"), -1);
  assert_int_equal(options.timeout, 3600000000);
  assert_int_equal(options.seed, 0);
}

static void test_end_of_options(void **state) {
  (void)state;
  struct wsc_options options;
  assert_int_equal(parse(&options, &server, "-- --json"), -1);
  assert_int_equal(options.arguments.num, 1);
  assert_string_equal(options.arguments.items[0], "--json");
}

static const struct {
  const char *words;
  const char *said; /* its beginning */
} wrong[] = {
    {"--colour", "unknown option '--colour'; 'wsspec server --help'"},
    {"-z", "unknown option '-z'"},
    {"--listen x", "unknown option '--listen'"}, /* of another command */
    {"--tls-cert x", "unknown option '--tls-cert'"},
    {"--json", "no argument behind '--json'"},
    {"-j", "no argument behind '-j'"},
    {"-j 0", "--jobs: '0' is not a number from 1 to 256"},
    {"-j 257", "--jobs: '257' is not"},
    {"-j 1.5", "--jobs: '1.5' is not"},
    {"-j many", "--jobs: 'many' is not"},
    {"--timeout -1", "--timeout: '-1' is not a number from 0 to 3600"},
    {"--timeout 3s", "--timeout: '3s' is not"},
    {"--timeout nan", "--timeout: 'nan' is not"},
    {"--timeout 1e9", "--timeout: '1e9' is not"},
    {"--seed -1", "--seed: '-1' is not a number from 0 to 2^64-1"},
    {"--seed 1x", "--seed: '1x' is not"},
    {"--seed 18446744073709551616", "--seed: '18446744073709551616' is not"},
    {"--level most", "--level: 'most' is not one of its values"},
    {"--fail-on skip", "--fail-on: 'skip' is not one of its values"},
    {"--echo maybe", "--echo: 'maybe' is not one of its values"},
    {"--header X", "--header: 'X' is not of the form 'Name: value'"},
    {"--header :x", "--header: ':x' is not of the form"},
    {"--header A:b\r\nC:d", "--header: "},
    {"--shard 0/2", "--shard: '0/2' is not of the form I/N, I from 1 to N"},
    {"--shard 3/2", "--shard: '3/2' is not"},
    {"--shard 1", "--shard: '1' is not"},
    {"--shard 1/", "--shard: '1/' is not"},
    {"--shard /2", "--shard: '/2' is not"},
    {"--shard 1/2/3", "--shard: '1/2/3' is not"},
    {"--shard 1/2x", "--shard: '1/2x' is not"},
    {"--shard +1/2", "--shard: '+1/2' is not"},
    {"--shard 1/-2", "--shard: '1/-2' is not"},
    {"--shard 1/4294967297", "--shard: '1/4294967297' is not"},
};

static void test_wrong(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct wsc_options options;
    assert_int_equal(parse(&options, &server, wrong[i].words), WSC_EXIT_USAGE);
    if (strncmp(said, wrong[i].said, strlen(wrong[i].said)) != 0) {
      fail_msg("\"%s\" does not begin with \"%s\"", said, wrong[i].said);
    }
  }
}

static void test_too_many(void **state) {
  (void)state;
  struct wsc_options options;
  char words[1024] = "";
  for (int i = 0; i < WSC_LIST_MAX; i++) {
    strcat(words, "a.b ");
  }
  assert_int_equal(parse(&options, &server, words), -1);
  assert_int_equal(options.arguments.num, WSC_LIST_MAX);
  assert_null(options.arguments.items[WSC_LIST_MAX]);
  strcat(words, "last.one");
  assert_int_equal(parse(&options, &server, words), WSC_EXIT_USAGE);
  assert_string_equal(said, "more than 64 of the same kind: 'last.one'");
}

/* The help of a command has its options and no other's. */
static void test_help(void **state) {
  (void)state;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  wsc_options_help(out, &list);
  fclose(out);
  assert_non_null(strstr(text, "usage: wsspec list "));
  assert_non_null(strstr(text, "  -x, --exclude FILTER "));
  assert_non_null(strstr(text, "      --level LEVEL "));
  assert_null(strstr(text, "--seed"));
  for (const char *line = text; line != NULL;) {
    const char *end = strchr(line, '\n');
    assert_true(end == NULL || end - line <= 100);
    line = end == NULL ? NULL : end + 1;
  }
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults), cmocka_unit_test(test_everything),
      cmocka_unit_test(test_limits),   cmocka_unit_test(test_end_of_options),
      cmocka_unit_test(test_wrong),    cmocka_unit_test(test_too_many),
      cmocka_unit_test(test_reports),  cmocka_unit_test(test_of_echo),
      cmocka_unit_test(test_help),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
