/* The TCP stream. Rule of this file: telling the listener is the last thing
 * that a function does with a stream, because the listener may release it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io_internal.h"

static struct ws_io_tcp *tcp_of(struct ws_io_stream *stream) {
  return (struct ws_io_tcp *)stream; /* `base` is the first member */
}

/* -- handles ------------------------------------------------------------ */

static void on_closed(uv_handle_t *handle) {
  free(handle); /* `tcp` is the first member of ws_io_handle */
}

struct ws_io_handle *ws_io_handle_new(struct ws_io *io) {
  struct ws_io_handle *handle = malloc(sizeof *handle);
  if (handle == NULL) {
    return NULL;
  }
  uv_tcp_init(&io->loop, &handle->tcp);
  handle->tcp.data = NULL;
  return handle;
}

void ws_io_handle_close(struct ws_io_handle *handle) {
  if (handle != NULL) {
    handle->tcp.data = NULL;
    uv_close((uv_handle_t *)&handle->tcp, on_closed);
  }
}

static int handle_fd(const struct ws_io_handle *handle) {
  uv_os_fd_t fd = -1;
  uv_fileno((const uv_handle_t *)&handle->tcp, &fd);
  return fd;
}

static uv_stream_t *handle_stream(struct ws_io_handle *handle) {
  return (uv_stream_t *)&handle->tcp;
}

/* -- the end ------------------------------------------------------------ */

static void tcp_break(struct ws_io_tcp *tcp, int error) {
  ws_io_handle_close(tcp->handle);
  tcp->handle = NULL;
  ws_io_undefer(&tcp->base);
  ws_io_tell(&tcp->base, WS_IO_BROKEN, uv_strerror(error));
}

/* An error of writing. The bytes that had arrived before are still readable,
 * but libuv would take the end of file behind them, which is all that the
 * kernel says after having told its error once, for an orderly one: so from
 * here on `drain` reads. */
static void tcp_latch(struct ws_io_tcp *tcp, int error) {
  if (tcp->error != 0) {
    return;
  }
  tcp->error = error;
  tcp->draining = true;
  uv_read_stop(handle_stream(tcp->handle));
  if (!tcp->paused || tcp->fin_seen) {
    ws_io_defer(&tcp->base);
  }
}

static void tcp_fin(struct ws_io_tcp *tcp) {
  int error = 0;
  socklen_t len = sizeof error;
  tcp->draining = false;
  tcp->fin_seen = true;
  /* A reset that came behind the FIN is not told by reading any more. */
  getsockopt(handle_fd(tcp->handle), SOL_SOCKET, SO_ERROR, &error, &len);
  if (error != 0) {
    tcp_latch(tcp, uv_translate_sys_error(error));
  }
  ws_io_tell(&tcp->base, WS_IO_FIN, NULL);
}

/* Reads without libuv when the end is near, to learn which it is. One buffer a
 * turn, so that other streams get theirs. */
static void tcp_drain(struct ws_io_tcp *tcp) {
  struct ws_io *io = tcp->base.io;
  if (tcp->fin_seen) {
    tcp_break(tcp, tcp->error);
    return;
  }
  if (tcp->paused || !tcp->attached) {
    return; /* tcp_read defers it again */
  }
  ssize_t n =
      recv(handle_fd(tcp->handle), io->buffer, sizeof io->buffer, MSG_DONTWAIT);
  if (n > 0) {
    ws_io_defer(&tcp->base);
    struct ws_io_notice notice = {
        .event = WS_IO_DATA, .data = io->buffer, .len = (size_t)n};
    tcp->base.listener.notice(tcp->base.listener.user, &notice);
  } else if (tcp->error != 0) {
    tcp_break(tcp, tcp->error);
  } else if (n == 0) {
    tcp_fin(tcp);
  } else {
    tcp_break(tcp, uv_translate_sys_error(errno));
  }
}

static void tcp_later(struct ws_io_stream *stream) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  if (tcp->failed != NULL) {
    ws_io_tell(&tcp->base, WS_IO_FAILED, tcp->failed);
  } else if (tcp->draining && tcp->handle != NULL) {
    tcp_drain(tcp);
  }
}

/* -- reading ------------------------------------------------------------ */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  struct ws_io_tcp *tcp = handle->data;
  (void)suggested;
  *buf = uv_buf_init((char *)tcp->base.io->buffer, WS_IO_BUFFER_LEN);
}

static void on_read(uv_stream_t *handle, ssize_t n, const uv_buf_t *buf) {
  struct ws_io_tcp *tcp = handle->data;
  if (tcp == NULL || n == 0) { /* 0: nothing there after all */
    return;
  }
  if (n == UV_EOF) {
    /* libuv takes POLLHUP behind a short read for an end of file without asking
     * the socket; a reset looks the same. */
    tcp->draining = true;
    tcp_drain(tcp);
  } else if (n < 0) {
    tcp_break(tcp, (int)n);
  } else {
    struct ws_io_notice notice = {
        .event = WS_IO_DATA, .data = (uint8_t *)buf->base, .len = (size_t)n};
    tcp->base.listener.notice(tcp->base.listener.user, &notice);
  }
}

static void tcp_read(struct ws_io_tcp *tcp) {
  if (!tcp->up || tcp->handle == NULL || tcp->fin_seen) {
    return;
  }
  if (tcp->paused || !tcp->attached) {
    uv_read_stop(handle_stream(tcp->handle));
  } else if (tcp->draining) {
    ws_io_defer(&tcp->base);
  } else {
    int error = uv_read_start(handle_stream(tcp->handle), on_alloc, on_read);
    if (error != 0 && error != UV_EALREADY) {
      tcp_latch(tcp, error);
    }
  }
}

static void tcp_pause(struct ws_io_stream *stream, bool paused) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  tcp->paused = paused;
  tcp_read(tcp);
}

static void tcp_attached(struct ws_io_stream *stream) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  if (!tcp->attached) {
    tcp->attached = true;
    tcp_read(tcp);
  }
}

/* -- writing ------------------------------------------------------------ */

static void on_shutdown(uv_shutdown_t *req, int status) {
  struct ws_io_tcp *tcp = req->handle->data;
  if (tcp == NULL) {
    return;
  }
  tcp->shut = true;
  if (status != 0) {
    tcp_latch(tcp, status); /* ENOTCONN: there is no connection any more */
  } else if (tcp->linger != NULL && tcp->fin_seen) {
    ws_io_release(&tcp->base);
  }
}

static void tcp_shutdown(struct ws_io_tcp *tcp) {
  int error = uv_shutdown(&tcp->handle->shutdown, handle_stream(tcp->handle),
                          on_shutdown);
  if (error != 0) {
    tcp->shut = true;
    tcp_latch(tcp, error);
  }
}

static void on_written(uv_write_t *req, int status) {
  struct ws_io_tcp *tcp = req->handle->data;
  free(req); /* the first member of ws_io_queued */
  if (tcp == NULL) {
    return;
  }
  if (status != 0) {
    tcp_latch(tcp, status);
  } else if (tcp->queued && ws_io_unsent(&tcp->base) == 0) {
    tcp->queued = false;
    ws_io_tell(&tcp->base, WS_IO_DRAINED, NULL);
  }
}

static void tcp_submit(struct ws_io_tcp *tcp, struct ws_io_queued *queued) {
  uv_buf_t buf = {(char *)queued->data, queued->len};
  int error =
      uv_write(&queued->req, handle_stream(tcp->handle), &buf, 1, on_written);
  if (error != 0) {
    free(queued);
    tcp_latch(tcp, error);
  }
}

static enum ws_status tcp_queue(struct ws_io_tcp *tcp, const uint8_t *data,
                                size_t len) {
  struct ws_io_queued *queued = NULL;
  if (len <= SIZE_MAX - sizeof *queued) {
    queued = malloc(sizeof *queued + len);
  }
  if (queued == NULL) {
    return WS_ERR_NOMEM;
  }
  queued->next = NULL;
  queued->len = len;
  memcpy(queued->data, data, len);
  tcp->queued = true;
  if (tcp->up) {
    tcp_submit(tcp, queued);
    return WS_OK;
  }
  *tcp->waiting_end = queued;
  tcp->waiting_end = &queued->next;
  tcp->waiting_len += len;
  return WS_OK;
}

static enum ws_status tcp_write(struct ws_io_stream *stream,
                                const uint8_t *data, size_t len) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  bool gone = tcp->up ? tcp->handle == NULL : tcp->failed != NULL;
  if (len == 0 || gone || tcp->finished || tcp->error != 0) {
    return WS_OK;
  }
  if (tcp->up) {
    uv_buf_t buf = {(char *)data, len}; /* libuv only reads it */
    int sent = uv_try_write(handle_stream(tcp->handle), &buf, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
      tcp_latch(tcp, sent);
      return WS_OK;
    }
    size_t done = sent > 0 ? (size_t)sent : 0;
    if (done == len) {
      return WS_OK;
    }
    data += done;
    len -= done;
  }
  return tcp_queue(tcp, data, len);
}

static size_t tcp_unsent(const struct ws_io_stream *stream) {
  const struct ws_io_tcp *tcp = (const struct ws_io_tcp *)stream;
  if (!tcp->up) {
    return tcp->waiting_len;
  }
  if (tcp->handle == NULL || tcp->error != 0) {
    return 0;
  }
  return uv_stream_get_write_queue_size((const uv_stream_t *)&tcp->handle->tcp);
}

static void tcp_finish(struct ws_io_stream *stream) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  if (tcp->finished) {
    return;
  }
  tcp->finished = true;
  if (tcp->up && tcp->handle != NULL && tcp->error == 0) {
    tcp_shutdown(tcp);
  }
}

static void drop_waiting(struct ws_io_tcp *tcp) {
  while (tcp->waiting != NULL) {
    struct ws_io_queued *queued = tcp->waiting;
    tcp->waiting = queued->next;
    free(queued);
  }
  tcp->waiting_len = 0;
}

void ws_io_tcp_opened(struct ws_io_tcp *tcp) {
  uv_tcp_nodelay(&tcp->handle->tcp, 1);
  tcp->up = true;
  while (tcp->waiting != NULL && tcp->error == 0) {
    struct ws_io_queued *queued = tcp->waiting;
    tcp->waiting = queued->next;
    tcp_submit(tcp, queued);
  }
  drop_waiting(tcp);
  if (tcp->finished && tcp->error == 0) {
    tcp_shutdown(tcp);
  }
  tcp_read(tcp);
  ws_io_tell(&tcp->base, WS_IO_UP, NULL);
}

/* -- giving up ---------------------------------------------------------- */

static void tcp_release(struct ws_io_stream *stream) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  ws_io_stream_fini(stream);
  ws_io_handle_close(tcp->handle);
  ws_io_dialing_free(tcp->dialing);
  ws_io_timer_free(tcp->linger);
  drop_waiting(tcp);
  free(tcp);
}

static void tcp_reset(struct ws_io_stream *stream) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  if (tcp->handle != NULL) {
    /* By hand: uv_tcp_close_reset refuses behind a shutdown, where Linux does
     * send the RST. */
    struct linger off = {1, 0};
    setsockopt(handle_fd(tcp->handle), SOL_SOCKET, SO_LINGER, &off, sizeof off);
  }
  tcp_release(stream);
}

static void linger_notice(void *user, const struct ws_io_notice *notice) {
  struct ws_io_tcp *tcp = user;
  bool ended = notice->event == WS_IO_FIN && tcp->shut;
  if (ended || notice->event == WS_IO_BROKEN || notice->event == WS_IO_FAILED) {
    ws_io_release(&tcp->base);
  }
}

static void on_linger(void *user) {
  struct ws_io_tcp *tcp = user;
  ws_io_release(&tcp->base);
}

static void tcp_close(struct ws_io_stream *stream, uint64_t linger) {
  struct ws_io_tcp *tcp = tcp_of(stream);
  bool gone = tcp->up ? tcp->handle == NULL : tcp->failed != NULL;
  bool ended = tcp->fin_seen && tcp->shut;
  tcp->linger = gone || ended || tcp->linger != NULL
                    ? NULL
                    : ws_io_timer_new(tcp->base.io, on_linger, tcp);
  if (tcp->linger == NULL) {
    tcp_release(stream);
    return;
  }
  ws_io_timer_set(tcp->linger, ws_io_in(tcp->base.io, linger));
  ws_io_attach(stream, (struct ws_io_listener){linger_notice, tcp});
  tcp_pause(stream, false);
  tcp_finish(stream);
}

static const struct ws_io_stream_ops tcp_ops = {
    tcp_attached, tcp_write, tcp_unsent, tcp_pause, tcp_finish,
    tcp_release,  tcp_reset, tcp_close,  tcp_later,
};

struct ws_io_tcp *ws_io_tcp_new(struct ws_io *io) {
  struct ws_io_tcp *tcp = calloc(1, sizeof *tcp);
  if (tcp == NULL) {
    return NULL;
  }
  ws_io_stream_init(&tcp->base, io, &tcp_ops);
  tcp->waiting_end = &tcp->waiting;
  return tcp;
}
