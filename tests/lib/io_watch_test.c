/* Descriptors that are not streams of the loop: pipes and files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io_support.h"

struct reader {
  struct ws_io_watch *watch; /* NULL once freed, at the end of the input */
  int fd;
  char seen[64];
  size_t num_calls;
};

static void on_readable(void *user) {
  struct reader *reader = user;
  char piece[4];
  reader->num_calls++;
  ssize_t n = read(reader->fd, piece, sizeof piece - 1);
  assert_true(n >= 0);
  if (n == 0) {
    ws_io_watch_free(reader->watch);
    reader->watch = NULL;
    return;
  }
  piece[n] = '\0';
  assert_true(strlen(reader->seen) + (size_t)n < sizeof reader->seen);
  strcat(reader->seen, piece);
}

static void reader_init(struct reader *reader, struct ws_io *io, int fd) {
  *reader = (struct reader){.fd = fd};
  reader->watch = ws_io_watch_new(io, fd, on_readable, reader);
  assert_non_null(reader->watch);
}

static void test_pipe(void **state) {
  struct reader reader;
  int fds[2];
  assert_int_equal(pipe(fds), 0);
  reader_init(&reader, *state, fds[0]);
  io_turn_idle(*state);
  assert_int_equal(reader.num_calls, 0);
  assert_int_equal(write(fds[1], "abcdefg", 7), 7);
  while (strlen(reader.seen) < 7) {
    ws_io_turn(*state, WS_IO_NEVER);
  }
  assert_string_equal(reader.seen, "abcdefg");
  assert_int_equal(reader.num_calls, 3);
  close(fds[1]);
  ws_io_run(*state); /* the watch keeps it running until the end is read */
  assert_null(reader.watch);
  assert_int_equal(reader.num_calls, 4);
  close(fds[0]);
}

static void test_pause(void **state) {
  struct reader reader;
  int fds[2];
  assert_int_equal(pipe(fds), 0);
  reader_init(&reader, *state, fds[0]);
  ws_io_watch_pause(reader.watch, true);
  assert_int_equal(write(fds[1], "abc", 3), 3);
  close(fds[1]);
  ws_io_run(*state);
  assert_int_equal(reader.num_calls, 0);
  ws_io_watch_pause(reader.watch, false);
  ws_io_watch_pause(reader.watch, false);
  ws_io_run(*state);
  assert_string_equal(reader.seen, "abc");
  assert_null(reader.watch);
  close(fds[0]);
}

/* What is shared with our parent, a terminal for example, is left alone. */
static void test_flags(void **state) {
  struct reader reader;
  int fds[2];
  assert_int_equal(pipe(fds), 0);
  int flags = fcntl(fds[0], F_GETFL);
  reader_init(&reader, *state, fds[0]);
  io_turn_idle(*state);
  assert_int_equal(fcntl(fds[0], F_GETFL), flags);
  ws_io_watch_free(reader.watch);
  io_turn_idle(*state);
  close(fds[0]);
  close(fds[1]);
}

static void test_file(void **state) {
  struct reader reader;
  FILE *file = tmpfile();
  assert_non_null(file);
  assert_true(fputs("from a file", file) >= 0);
  assert_int_equal(fflush(file), 0);
  rewind(file);
  reader_init(&reader, *state, fileno(file));
  ws_io_watch_pause(reader.watch, true);
  ws_io_run(*state);
  assert_int_equal(reader.num_calls, 0);
  ws_io_watch_pause(reader.watch, false);
  ws_io_run(*state);
  assert_string_equal(reader.seen, "from a file");
  assert_null(reader.watch);
  fclose(file);
}

static void test_bad_descriptor(void **state) {
  struct reader reader = {.fd = -1};
  assert_null(ws_io_watch_new(*state, -1, on_readable, &reader));
  int fds[2];
  assert_int_equal(pipe(fds), 0);
  close(fds[0]);
  close(fds[1]);
  assert_null(ws_io_watch_new(*state, fds[0], on_readable, &reader));
  ws_io_watch_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_pipe, io_setup, io_teardown),
      cmocka_unit_test_setup_teardown(test_pause, io_setup, io_teardown),
      cmocka_unit_test_setup_teardown(test_flags, io_setup, io_teardown),
      cmocka_unit_test_setup_teardown(test_file, io_setup, io_teardown),
      cmocka_unit_test_setup_teardown(test_bad_descriptor, io_setup,
                                      io_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
