#include <fcntl.h>
#include <stdlib.h>

#include "io_internal.h"

struct ws_io_watch {
  union {
    uv_handle_t any;
    uv_poll_t poll;
    uv_idle_t idle; /* of a file, which no poller takes and no read waits for */
  } handle;
  bool file;
  bool paused;
  void (*readable)(void *user);
  void *user;
};

static void on_poll(uv_poll_t *handle, int status, int events) {
  struct ws_io_watch *watch = handle->data;
  (void)status; /* read(2) says the same, and more */
  (void)events;
  watch->readable(watch->user);
}

static void on_idle(uv_idle_t *handle) {
  struct ws_io_watch *watch = handle->data;
  watch->readable(watch->user);
}

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

static int start(struct ws_io_watch *watch) {
  return watch->file ? uv_idle_start(&watch->handle.idle, on_idle)
                     : uv_poll_start(&watch->handle.poll,
                                     UV_READABLE | UV_DISCONNECT, on_poll);
}

static int init(struct ws_io_watch *watch, struct ws_io *io, int fd) {
  watch->file = uv_guess_handle(fd) == UV_FILE;
  if (watch->file) {
    return uv_idle_init(&io->loop, &watch->handle.idle);
  }
  int flags = fcntl(fd, F_GETFL);
  int error = uv_poll_init(&io->loop, &watch->handle.poll, fd);
  /* libuv makes it non-blocking, and with it every descriptor of the same file
   * description: a terminal is our standard output, and our parent's. */
  if (flags != -1) {
    fcntl(fd, F_SETFL, flags);
  }
  return error;
}

struct ws_io_watch *ws_io_watch_new(struct ws_io *io, int fd,
                                    void (*readable)(void *user), void *user) {
  struct ws_io_watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) {
    return NULL;
  }
  watch->readable = readable;
  watch->user = user;
  if (init(watch, io, fd) != 0) {
    free(watch);
    return NULL;
  }
  watch->handle.any.data = watch;
  if (start(watch) != 0) {
    ws_io_watch_free(watch);
    return NULL;
  }
  return watch;
}

void ws_io_watch_pause(struct ws_io_watch *watch, bool paused) {
  if (watch->paused == paused) {
    return;
  }
  watch->paused = paused;
  if (!paused) {
    start(watch);
  } else if (watch->file) {
    uv_idle_stop(&watch->handle.idle);
  } else {
    uv_poll_stop(&watch->handle.poll);
  }
}

void ws_io_watch_free(struct ws_io_watch *watch) {
  if (watch != NULL) {
    uv_close(&watch->handle.any, on_closed);
  }
}
