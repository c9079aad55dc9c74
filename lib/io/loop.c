#include <signal.h>
#include <stdlib.h>

#include "io_internal.h"

static void on_idle(uv_idle_t *idle) {
  struct ws_io *io = idle->data;
  /* Once for each that waits now: `later` may defer its stream again. */
  for (size_t n = io->num_deferred; n > 0 && io->deferred != NULL; n--) {
    struct ws_io_stream *stream = io->deferred;
    ws_io_undefer(stream);
    stream->ops->later(stream);
  }
  if (io->deferred == NULL) {
    uv_idle_stop(idle);
  }
}

void ws_io_defer(struct ws_io_stream *stream) {
  struct ws_io *io = stream->io;
  if (stream->deferred_link != NULL) {
    return;
  }
  stream->next_deferred = NULL;
  stream->deferred_link = io->deferred_end;
  *io->deferred_end = stream;
  io->deferred_end = &stream->next_deferred;
  io->num_deferred++;
  uv_idle_start(&io->idle, on_idle);
}

void ws_io_undefer(struct ws_io_stream *stream) {
  struct ws_io *io = stream->io;
  if (stream->deferred_link == NULL) {
    return;
  }
  *stream->deferred_link = stream->next_deferred;
  if (stream->next_deferred != NULL) {
    stream->next_deferred->deferred_link = stream->deferred_link;
  } else {
    io->deferred_end = stream->deferred_link;
  }
  stream->deferred_link = NULL;
  io->num_deferred--;
}

static void ignore_sigpipe(void) {
  struct sigaction action;
  if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
  }
}

struct ws_io *ws_io_new(void) {
  struct ws_io *io = calloc(1, sizeof *io);
  if (io == NULL) {
    return NULL;
  }
  if (uv_loop_init(&io->loop) != 0) {
    free(io);
    return NULL;
  }
  ignore_sigpipe();
  io->deferred_end = &io->deferred;
  uv_timer_init(&io->loop, &io->alarm);
  uv_idle_init(&io->loop, &io->idle);
  io->idle.data = io;
  return io;
}

void ws_io_free(struct ws_io *io) {
  if (io == NULL) {
    return;
  }
  while (io->streams != NULL) {
    ws_io_release(io->streams);
  }
  uv_close((uv_handle_t *)&io->alarm, NULL);
  uv_close((uv_handle_t *)&io->idle, NULL);
  if (io->watching) {
    uv_close((uv_handle_t *)&io->signals[0], NULL);
    uv_close((uv_handle_t *)&io->signals[1], NULL);
  }
  uv_run(&io->loop, UV_RUN_DEFAULT);
  uv_loop_close(&io->loop);
  free(io);
}

uint64_t ws_io_now(const struct ws_io *io) {
  (void)io;
  return uv_hrtime() / 1000;
}

uint64_t ws_io_delay(struct ws_io *io, uint64_t at) {
  /* The loop counts whole milliseconds of the same clock, rounded down: the
   * first of them that lies wholly behind `at` is neither early nor late by
   * one. */
  uint64_t due = at / 1000 + (at % 1000 != 0);
  uv_update_time(&io->loop);
  uint64_t now = uv_now(&io->loop);
  return due > now ? due - now : 0;
}

uint64_t ws_io_in(const struct ws_io *io, uint64_t by) {
  uint64_t now = ws_io_now(io);
  return by > WS_IO_NEVER - now ? WS_IO_NEVER : now + by;
}

static void on_alarm(uv_timer_t *timer) {
  /* It has ended the wait; but timers run before the loop waits, too, and then
   * nothing else would keep it from waiting. */
  uv_stop(timer->loop);
}

bool ws_io_turn(struct ws_io *io, uint64_t until) {
  if (until == WS_IO_NEVER) {
    uv_run(&io->loop, UV_RUN_ONCE);
  } else if (until <= ws_io_now(io)) {
    uv_run(&io->loop, UV_RUN_NOWAIT);
  } else {
    uv_timer_start(&io->alarm, on_alarm, ws_io_delay(io, until), 0);
    uv_run(&io->loop, UV_RUN_ONCE);
    uv_timer_stop(&io->alarm);
  }
  return uv_loop_alive(&io->loop) != 0;
}

void ws_io_run(struct ws_io *io) {
  uv_run(&io->loop, UV_RUN_DEFAULT);
}

void ws_io_stop(struct ws_io *io) {
  uv_stop(&io->loop);
}

static void on_signal(uv_signal_t *handle, int signum) {
  struct ws_io *io = handle->data;
  io->signalled(io->signal_user, signum);
}

enum ws_status ws_io_watch_signals(struct ws_io *io,
                                   void (*notice)(void *user, int signum),
                                   void *user) {
  static const int numbers[2] = {SIGINT, SIGTERM};
  int result = 0;
  io->signalled = notice;
  io->signal_user = user;
  io->watching = true;
  for (size_t i = 0; i < 2; i++) {
    uv_signal_init(&io->loop, &io->signals[i]);
    io->signals[i].data = io;
    int error = uv_signal_start(&io->signals[i], on_signal, numbers[i]);
    uv_unref((uv_handle_t *)&io->signals[i]);
    result = error != 0 ? error : result;
  }
  return result == 0 ? WS_OK : WS_ERR_NOMEM;
}
