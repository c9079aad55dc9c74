/* process.h: a program that is started, watched and stopped: an implementation
 * under test on this machine.
 *
 * It runs in a process group of its own, so that what it starts in turn is
 * stopped with it, and so that Ctrl-C at the terminal reaches the runner alone.
 * Its standard output and error are read all the time, by a thread, so that it
 * never waits for us; the first WSC_PROCESS_HEAD and the last WSC_PROCESS_TAIL
 * bytes are kept. */
#ifndef WSC_PROCESS_H
#define WSC_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WSC_PROCESS_HEAD 16384
#define WSC_PROCESS_TAIL 16384

struct wsc_process;

/* All pointers are borrowed for the call. */
struct wsc_process_options {
  const char *const *argv;        /* NULL-ended; argv[0] with a slash is a path,
                                     else it is looked up in PATH */
  const char *directory;          /* to run in; NULL: ours */
  const char *const *environment; /* "NAME=VALUE", NULL-ended, on top of ours;
                                     NULL: none */
};

/* NULL: *error (free()) says why it could not be started. */
struct wsc_process *wsc_process_start(const struct wsc_process_options *options,
                                      char **error);

/* Waits until a whole line of the output begins with `prefix` (copied to `line`
 * without its end, cut to `cap`), the program ends, or `timeout` microseconds
 * have gone. True: it came. Looks only at the first WSC_PROCESS_HEAD bytes. */
bool wsc_process_wait_line(struct wsc_process *process, const char *prefix,
                           uint64_t timeout, char *line, size_t cap);

/* Waits until the program ends, or for `timeout` microseconds. True: it has. */
bool wsc_process_wait_end(struct wsc_process *process, uint64_t timeout);

/* False: it has ended. */
bool wsc_process_alive(struct wsc_process *process);

/* Its number, which is its group's too. */
pid_t wsc_process_pid(const struct wsc_process *process);

/* How it ended, in words ("exited with status 1", "was killed by signal 11
 * (Segmentation fault)"); "is running" while it does. Borrowed until the next
 * call. */
const char *wsc_process_status(struct wsc_process *process);

/* Copies the end of the output, at most `cap` - 1 bytes, beginning with a whole
 * line where one fits; NUL-terminated. The bytes are the program's own: escape
 * them. Returns their number. */
size_t wsc_process_tail(struct wsc_process *process, char *out, size_t cap);

/* SIGTERM to the group, SIGKILL to what is left of it after `grace`
 * microseconds; waits for the program. Frees `process`. NULL is ignored. */
void wsc_process_stop(struct wsc_process *process, uint64_t grace);

#endif
