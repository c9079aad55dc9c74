#include "served.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child says, once. */
struct news {
  uint16_t port; /* 0: it does not listen, `error` says why */
  char error[256];
};

struct wsc_served {
  pid_t pid;
  int stop; /* the child serves until this end of the pipe is closed */
  uint16_t port;
};

static void tell(int fd, const struct news *news) {
  /* Less than PIPE_BUF: whole or not at all. */
  if (write(fd, news, sizeof *news) != (ssize_t)sizeof *news) {
    _exit(1); /* the parent is gone, or sees the end of the pipe */
  }
}

static void ready(void *user, const char *host, uint16_t port) {
  const int *fd = user;
  struct news news = {.port = port};
  (void)host;
  tell(*fd, &news);
}

/* Never returns, and leaves what the parent had buffered to the parent. */
static void serve(const struct wsc_serve_options *options, int stop_fd,
                  int news_fd) {
  struct wsc_serve_options own = *options;
  struct news news = {0};
  char *error = NULL;
  own.stop_fd = stop_fd;
  own.ready = ready;
  own.user = &news_fd;
  if (wsc_serve(&own, &error) != 0) {
    snprintf(news.error, sizeof news.error, "%s",
             error == NULL ? "out of memory" : error);
    tell(news_fd, &news);
  }
  _exit(0);
}

static bool open_pipes(int stop[2], int news[2]) {
  if (pipe(stop) != 0) {
    return false;
  }
  if (pipe(news) != 0) {
    close(stop[0]);
    close(stop[1]);
    return false;
  }
  return true;
}

static struct wsc_served *start(const struct wsc_serve_options *options,
                                struct news *said) {
  int stop[2];
  int news[2];
  struct wsc_served *served = malloc(sizeof *served);
  if (served == NULL || !open_pipes(stop, news)) {
    snprintf(said->error, sizeof said->error, "%s", strerror(errno));
    free(served);
    return NULL;
  }
  fflush(NULL);
  *served = (struct wsc_served){.pid = fork(), .stop = stop[1]};
  if (served->pid == 0) {
    close(stop[1]);
    close(news[0]);
    serve(options, stop[0], news[1]);
  }
  close(stop[0]);
  close(news[1]);
  bool told = served->pid > 0 &&
              read(news[0], said, sizeof *said) == (ssize_t)sizeof *said;
  close(news[0]);
  served->port = told ? said->port : 0;
  if (!told) {
    snprintf(said->error, sizeof said->error, "the server did not start");
  }
  return served;
}

struct wsc_served *wsc_served_start(const struct wsc_serve_options *options,
                                    char **error) {
  struct news said = {0};
  struct wsc_served *served = start(options, &said);
  *error = NULL;
  if (served == NULL || served->port == 0) {
    *error = strdup(said.error);
    wsc_served_stop(served);
    return NULL;
  }
  return served;
}

uint16_t wsc_served_port(const struct wsc_served *served) {
  return served->port;
}

void wsc_served_stop(struct wsc_served *served) {
  if (served == NULL) {
    return;
  }
  close(served->stop);
  while (served->pid > 0 && waitpid(served->pid, NULL, 0) < 0 &&
         errno == EINTR) {
  }
  free(served);
}
