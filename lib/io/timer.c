#include <stdlib.h>

#include "io_internal.h"

struct ws_io_timer {
  uv_timer_t handle;
  struct ws_io *io;
  void (*notice)(void *user);
  void *user;
};

static void on_timer(uv_timer_t *handle) {
  struct ws_io_timer *timer = handle->data;
  timer->notice(timer->user);
}

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

struct ws_io_timer *ws_io_timer_new(struct ws_io *io,
                                    void (*notice)(void *user), void *user) {
  struct ws_io_timer *timer = malloc(sizeof *timer);
  if (timer == NULL) {
    return NULL;
  }
  timer->io = io;
  timer->notice = notice;
  timer->user = user;
  uv_timer_init(&io->loop, &timer->handle);
  timer->handle.data = timer;
  return timer;
}

void ws_io_timer_set(struct ws_io_timer *timer, uint64_t at) {
  if (at == WS_IO_NEVER) {
    uv_timer_stop(&timer->handle);
    return;
  }
  uv_timer_start(&timer->handle, on_timer, ws_io_delay(timer->io, at), 0);
}

void ws_io_timer_free(struct ws_io_timer *timer) {
  if (timer != NULL) {
    uv_close((uv_handle_t *)&timer->handle, on_closed);
  }
}
