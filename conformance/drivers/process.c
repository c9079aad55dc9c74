#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#define LAST_WORDS UINT64_C(200000) /* microseconds for output after the end */

extern char **environ;

/* One lock for all that the two threads write. `reader` ends when the last
 * holder of the pipe is gone, `waiter` when the program is. */
struct wsc_process {
  pthread_t reader, waiter;
  pthread_mutex_t lock;
  pthread_cond_t changed; /* output, its end, or the program's */
  pid_t pid;
  int output; /* our end of the pipe */
  bool ended;
  bool closed;    /* no output comes any more */
  bool signalled; /* how it ended */
  int status;     /* exit status, or the signal */
  char text[96];
  size_t head_len;
  char head[WSC_PROCESS_HEAD];
  uint64_t total;              /* bytes ever written */
  char tail[WSC_PROCESS_TAIL]; /* a ring: byte i of the output is at i modulo
                                  its size */
};

static char *explain(const char *what, const char *name, int error) {
  const char *text = strerror(error);
  size_t size = strlen(what) + strlen(name) + strlen(text) + 8;
  char *out = malloc(size);
  if (out != NULL) {
    snprintf(out, size, "%s %s: %s", what, name, text);
  }
  return out;
}

/* -- the threads -------------------------------------------------------- */

static void keep(struct wsc_process *process, const char *data, size_t len) {
  size_t room = sizeof process->head - process->head_len;
  size_t first = len < room ? len : room;
  memcpy(process->head + process->head_len, data, first);
  process->head_len += first;
  for (size_t i = 0; i < len; i++) {
    process->tail[process->total++ % sizeof process->tail] = data[i];
  }
}

static void *read_output(void *user) {
  struct wsc_process *process = user;
  char buffer[4096];
  for (;;) {
    ssize_t len = read(process->output, buffer, sizeof buffer);
    if (len < 0 && errno == EINTR) {
      continue;
    }
    pthread_mutex_lock(&process->lock);
    if (len > 0) {
      keep(process, buffer, (size_t)len);
    } else {
      process->closed = true;
    }
    pthread_cond_broadcast(&process->changed);
    pthread_mutex_unlock(&process->lock);
    if (len <= 0) {
      return NULL;
    }
  }
}

/* The program is not reaped before it is stopped: its number, which is its
 * group's, must not become somebody else's. */
static void *wait_for_end(void *user) {
  struct wsc_process *process = user;
  siginfo_t info;
  while (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR) {
  }
  pthread_mutex_lock(&process->lock);
  process->signalled = info.si_code != CLD_EXITED;
  process->status = info.si_status;
  process->ended = true;
  pthread_cond_broadcast(&process->changed);
  pthread_mutex_unlock(&process->lock);
  return NULL;
}

/* -- starting ----------------------------------------------------------- */

/* In the child. Only calls that are safe between fork and exec of a program with
 * threads; what goes wrong is told through `report`. */
static _Noreturn void run_child(const struct wsc_process_options *options,
                                char **environment, int output, int report) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL); /* lib/io ignores it, and exec would keep that */
  setpgid(0, 0);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  int null = open("/dev/null", O_RDONLY);
  if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
      dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0 &&
      (options->directory == NULL || chdir(options->directory) == 0)) {
    environ = environment;
    execvp(options->argv[0], (char *const *)options->argv);
  }
  int error = errno;
  ssize_t written = write(report, &error, sizeof error);
  _exit(written == sizeof error ? 127 : 126);
}

static bool overridden(const char *entry, const char *const *additions) {
  size_t len = strcspn(entry, "=") + 1;
  for (const char *const *at = additions; at != NULL && *at != NULL; at++) {
    if (strncmp(*at, entry, len) == 0) {
      return true;
    }
  }
  return false;
}

static size_t count(const char *const *list) {
  size_t num = 0;
  while (list != NULL && list[num] != NULL) {
    num++;
  }
  return num;
}

/* Ours with the additions in place of what they override. */
static char **make_environment(const char *const *additions) {
  size_t num = count(additions);
  char **all =
      calloc(num + count((const char *const *)environ) + 1, sizeof *all);
  if (all == NULL) {
    return NULL;
  }
  for (size_t i = 0; i < num; i++) {
    all[i] = (char *)additions[i];
  }
  for (char **at = environ; *at != NULL; at++) {
    if (!overridden(*at, additions)) {
      all[num++] = *at;
    }
  }
  return all;
}

/* Forks; 0, or the errno of what failed, in the child as well. */
static int launch(struct wsc_process *process,
                  const struct wsc_process_options *options, int output,
                  const int report[2]) {
  char **environment = make_environment(options->environment);
  if (environment == NULL) {
    return ENOMEM;
  }
  process->pid = fork();
  if (process->pid == 0) {
    run_child(options, environment, output, report[1]);
  }
  int error = process->pid < 0 ? errno : 0;
  free(environment);
  if (error != 0) {
    return error;
  }
  /* Here too: the group has to exist before anybody signals it. */
  setpgid(process->pid, process->pid);
  return 0;
}

/* The child's errno, or 0 when exec closed its end of `report`. */
static int read_report(int report) {
  int error = 0;
  ssize_t len;
  do {
    len = read(report, &error, sizeof error);
  } while (len < 0 && errno == EINTR);
  return len == sizeof error ? error : 0;
}

static int start_threads(struct wsc_process *process) {
  /* Signals are the main thread's. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&process->reader, NULL, read_output, process);
  if (error == 0) {
    error = pthread_create(&process->waiter, NULL, wait_for_end, process);
    if (error != 0) {
      kill(-process->pid, SIGKILL);
      waitpid(process->pid, NULL, 0);
      pthread_join(process->reader, NULL);
    }
  } else {
    kill(-process->pid, SIGKILL);
    waitpid(process->pid, NULL, 0);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

static void init_lock(struct wsc_process *process) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&process->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  pthread_mutex_init(&process->lock, NULL);
}

static void process_free(struct wsc_process *process) {
  pthread_cond_destroy(&process->changed);
  pthread_mutex_destroy(&process->lock);
  close(process->output);
  free(process);
}

static bool open_pipe(int ends[2]) {
  if (pipe(ends) != 0) {
    return false;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return true;
}

struct wsc_process *wsc_process_start(const struct wsc_process_options *options,
                                      char **error) {
  int output[2], report[2];
  struct wsc_process *process = calloc(1, sizeof *process);
  *error = NULL;
  if (process == NULL || !open_pipe(output)) {
    *error = explain("cannot start", options->argv[0], errno);
    free(process);
    return NULL;
  }
  process->output = output[0];
  init_lock(process);
  int failed = open_pipe(report) ? 0 : errno;
  if (failed == 0) {
    failed = launch(process, options, output[1], report);
    close(report[1]);
    int told = failed == 0 ? read_report(report[0]) : 0;
    close(report[0]);
    if (told != 0) {
      waitpid(process->pid, NULL, 0);
      failed = told;
    }
  }
  close(output[1]);
  failed = failed == 0 ? start_threads(process) : failed;
  if (failed != 0) {
    *error = explain("cannot start", options->argv[0], failed);
    process_free(process);
    return NULL;
  }
  return process;
}

/* -- watching ----------------------------------------------------------- */

static struct timespec moment(uint64_t from_now) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  uint64_t ns = (uint64_t)at.tv_nsec + from_now % 1000000 * 1000;
  at.tv_sec += (time_t)(from_now / 1000000 + ns / 1000000000);
  at.tv_nsec = (long)(ns % 1000000000);
  return at;
}

/* The first whole line that begins with `prefix`. Locked. */
static bool find_line(const struct wsc_process *process, const char *prefix,
                      char *line, size_t cap) {
  const char *at = process->head;
  const char *end = process->head + process->head_len;
  size_t prefix_len = strlen(prefix);
  while (at < end) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (stop == NULL) {
      return false;
    }
    size_t len = (size_t)(stop - at);
    if (len >= prefix_len && memcmp(at, prefix, prefix_len) == 0) {
      len = len < cap - 1 ? len : cap - 1;
      memcpy(line, at, len);
      line[len] = '\0';
      return true;
    }
    at = stop + 1;
  }
  return false;
}

bool wsc_process_wait_line(struct wsc_process *process, const char *prefix,
                           uint64_t timeout, char *line, size_t cap) {
  struct timespec until = moment(timeout);
  pthread_mutex_lock(&process->lock);
  bool found = find_line(process, prefix, line, cap);
  int late = 0;
  while (!found && late == 0 && !(process->ended && process->closed)) {
    late = pthread_cond_timedwait(&process->changed, &process->lock, &until);
    found = find_line(process, prefix, line, cap);
  }
  pthread_mutex_unlock(&process->lock);
  return found;
}

bool wsc_process_wait_end(struct wsc_process *process, uint64_t timeout) {
  struct timespec until = moment(timeout);
  pthread_mutex_lock(&process->lock);
  int late = 0;
  while (late == 0 && !process->ended) {
    late = pthread_cond_timedwait(&process->changed, &process->lock, &until);
  }
  bool ended = process->ended;
  pthread_mutex_unlock(&process->lock);
  return ended;
}

bool wsc_process_alive(struct wsc_process *process) {
  pthread_mutex_lock(&process->lock);
  bool alive = !process->ended;
  pthread_mutex_unlock(&process->lock);
  return alive;
}

pid_t wsc_process_pid(const struct wsc_process *process) {
  return process->pid;
}

const char *wsc_process_status(struct wsc_process *process) {
  if (wsc_process_alive(process)) {
    return "is running";
  }
  if (process->signalled) {
    snprintf(process->text, sizeof process->text,
             "was killed by signal %d (%s)", process->status,
             strsignal(process->status));
  } else {
    snprintf(process->text, sizeof process->text, "exited with status %d",
             process->status);
  }
  return process->text;
}

size_t wsc_process_tail(struct wsc_process *process, char *out, size_t cap) {
  /* What has ended may have said something that was not read yet; who inherited
   * its output may never close it. */
  struct timespec soon = moment(LAST_WORDS);
  pthread_mutex_lock(&process->lock);
  int late = 0;
  while (late == 0 && process->ended && !process->closed) {
    late = pthread_cond_timedwait(&process->changed, &process->lock, &soon);
  }
  uint64_t most = process->total < sizeof process->tail ? process->total
                                                        : sizeof process->tail;
  size_t len = most < cap - 1 ? (size_t)most : cap - 1;
  for (size_t i = 0; i < len; i++) {
    out[i] = process->tail[(process->total - len + i) % sizeof process->tail];
  }
  bool cut = process->total > len;
  pthread_mutex_unlock(&process->lock);
  out[len] = '\0';
  const char *line = cut ? memchr(out, '\n', len) : NULL;
  if (line != NULL && (size_t)(line + 1 - out) < len) {
    len -= (size_t)(line + 1 - out);
    memmove(out, line + 1, len + 1);
  }
  return len;
}

/* -- stopping ----------------------------------------------------------- */

/* Locked. False: `until` came first. */
static bool wait_both(struct wsc_process *process,
                      const struct timespec *until) {
  int late = 0;
  while (late == 0 && !(process->ended && process->closed)) {
    late = pthread_cond_timedwait(&process->changed, &process->lock, until);
  }
  return process->ended && process->closed;
}

void wsc_process_stop(struct wsc_process *process, uint64_t grace) {
  if (process == NULL) {
    return;
  }
  struct timespec until = moment(grace);
  pthread_mutex_lock(&process->lock);
  kill(-process->pid, SIGTERM);
  wait_both(process, &until);
  kill(-process->pid, SIGKILL);
  pthread_mutex_unlock(&process->lock);
  pthread_join(process->waiter, NULL);
  waitpid(process->pid, NULL, 0);
  /* Who left the group may hold the pipe open for ever. */
  struct timespec soon = moment(100000);
  pthread_mutex_lock(&process->lock);
  bool closed = wait_both(process, &soon);
  pthread_mutex_unlock(&process->lock);
  if (!closed) {
    pthread_cancel(process->reader);
  }
  pthread_join(process->reader, NULL);
  process_free(process);
}
