/* Programs under test: the shell plays them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#define SECOND UINT64_C(1000000)

static struct wsc_process *shell(const char *script) {
  const char *argv[] = {"sh", "-c", script, NULL};
  struct wsc_process_options options = {.argv = argv};
  char *error = NULL;
  struct wsc_process *process = wsc_process_start(&options, &error);
  assert_non_null(process);
  assert_null(error);
  return process;
}

static uint64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (uint64_t)at.tv_sec * SECOND + (uint64_t)at.tv_nsec / 1000;
}

static void lines_are_waited_for(void **state) {
  (void)state;
  char line[64];
  struct wsc_process *process =
      shell("echo begin; printf 're'; sleep 0.02; echo 'al one'; "
            "echo 'ready 4711'; exec sleep 60");
  assert_true(
      wsc_process_wait_line(process, "ready", 10 * SECOND, line, sizeof line));
  assert_string_equal(line, "ready 4711");
  assert_true(wsc_process_wait_line(process, "real", 0, line, sizeof line));
  assert_string_equal(line, "real one");
  assert_true(wsc_process_wait_line(process, "ready 4", 0, line, 6));
  assert_string_equal(line, "ready");
  assert_false(
      wsc_process_wait_line(process, "never", SECOND / 50, line, sizeof line));
  assert_false(wsc_process_wait_end(process, SECOND / 50));
  assert_true(wsc_process_alive(process));
  assert_string_equal(wsc_process_status(process), "is running");
  wsc_process_stop(process, 10 * SECOND);
}

static void an_end_ends_the_wait(void **state) {
  (void)state;
  char line[64], tail[64];
  uint64_t began = now();
  struct wsc_process *process = shell("echo 'no such port' >&2; exit 3");
  assert_true(wsc_process_wait_end(process, 60 * SECOND));
  assert_false(
      wsc_process_wait_line(process, "ready", 60 * SECOND, line, sizeof line));
  assert_true(now() - began < 50 * SECOND);
  assert_false(wsc_process_alive(process));
  assert_string_equal(wsc_process_status(process), "exited with status 3");
  assert_int_equal(wsc_process_tail(process, tail, sizeof tail), 13);
  assert_string_equal(tail, "no such port\n");
  wsc_process_stop(process, 0);

  process = shell("kill -SEGV $$");
  wsc_process_wait_line(process, "ready", 60 * SECOND, line, sizeof line);
  assert_string_equal(wsc_process_status(process),
                      "was killed by signal 11 (Segmentation fault)");
  wsc_process_stop(process, 0);
}

/* More than any buffer holds: who never reads it would stop the program. */
static void output_is_bounded_and_never_in_the_way(void **state) {
  (void)state;
  char line[64], tail[4096];
  struct wsc_process *process = shell(
      "i=0; while [ $i -lt 20000 ]; do echo \"line $i of a chatty server\"; "
      "i=$((i+1)); done; echo done");
  assert_true(wsc_process_wait_line(process, "line 0 ", 10 * SECOND, line,
                                    sizeof line));
  assert_false(wsc_process_wait_line(process, "done", 60 * SECOND, line,
                                     sizeof line)); /* beyond the head */
  size_t len = wsc_process_tail(process, tail, sizeof tail);
  assert_true(len > sizeof tail - 64 && len < sizeof tail);
  assert_memory_equal(tail, "line ", 5);
  assert_string_equal(tail + len - 5, "done\n");
  wsc_process_stop(process, 0);
}

static void the_whole_group_is_stopped(void **state) {
  (void)state;
  char line[64];
  struct wsc_process *process = shell("sleep 60 & echo child $!; wait");
  assert_true(
      wsc_process_wait_line(process, "child ", 10 * SECOND, line, sizeof line));
  pid_t child = (pid_t)strtol(line + strlen("child "), NULL, 10);
  assert_int_equal(kill(child, 0), 0);
  uint64_t began = now();
  wsc_process_stop(process, 20 * SECOND);
  assert_true(now() - began < 15 * SECOND);
  /* It may still be a zombie of whoever adopts orphans, for a moment. */
  for (int i = 0; i < 1000 && kill(child, 0) == 0; i++) {
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  char path[64], stat[256] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
  FILE *file = fopen(path, "r");
  if (file != NULL) {
    assert_non_null(fgets(stat, sizeof stat, file));
    fclose(file);
    assert_non_null(strstr(stat, ") Z"));
  }
}

static void who_ignores_the_signal_is_killed(void **state) {
  (void)state;
  char line[64];
  struct wsc_process *process =
      shell("trap '' TERM; echo ready; while :; do sleep 60; done");
  assert_true(
      wsc_process_wait_line(process, "ready", 10 * SECOND, line, sizeof line));
  uint64_t began = now();
  wsc_process_stop(process, SECOND / 50);
  assert_true(now() - began < 15 * SECOND);
}

static void directory_and_environment_are_given(void **state) {
  (void)state;
  char line[64];
  const char *argv[] = {"sh", "-c", "echo \"$(pwd) $WSSPEC_A $HOME\"", NULL};
  const char *environment[] = {"WSSPEC_A=b c", "HOME=/nowhere", NULL};
  struct wsc_process_options options = {argv, "/", environment};
  char *error;
  struct wsc_process *process = wsc_process_start(&options, &error);
  assert_non_null(process);
  assert_true(
      wsc_process_wait_line(process, "/", 10 * SECOND, line, sizeof line));
  assert_string_equal(line, "/ b c /nowhere");
  wsc_process_stop(process, SECOND);
}

static void what_cannot_be_started_is_said(void **state) {
  (void)state;
  const char *argv[] = {"/no/such/program", NULL};
  const char *there[] = {"sh", NULL};
  struct wsc_process_options options = {.argv = argv};
  char *error;
  assert_null(wsc_process_start(&options, &error));
  assert_string_equal(
      error, "cannot start /no/such/program: No such file or directory");
  free(error);
  options = (struct wsc_process_options){.argv = there,
                                         .directory = "/no/such/directory"};
  assert_null(wsc_process_start(&options, &error));
  assert_non_null(error);
  free(error);
  wsc_process_stop(NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_are_waited_for),
      cmocka_unit_test(an_end_ends_the_wait),
      cmocka_unit_test(output_is_bounded_and_never_in_the_way),
      cmocka_unit_test(the_whole_group_is_stopped),
      cmocka_unit_test(who_ignores_the_signal_is_killed),
      cmocka_unit_test(directory_and_environment_are_given),
      cmocka_unit_test(what_cannot_be_started_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
