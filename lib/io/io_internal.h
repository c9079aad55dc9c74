/* io_internal.h: what the files of lib/io share. */
#ifndef WS_IO_INTERNAL_H
#define WS_IO_INTERNAL_H

#include <sys/socket.h>
#include <uv.h>

#include "ws/io.h"

/* What a stream can do. TCP implements it, and TLS, which attaches itself to the
 * stream below. */
struct ws_io_stream_ops {
  void (*attached)(struct ws_io_stream *stream);
  enum ws_status (*write)(struct ws_io_stream *stream, const uint8_t *data,
                          size_t len);
  size_t (*unsent)(const struct ws_io_stream *stream);
  void (*pause)(struct ws_io_stream *stream, bool paused);
  void (*finish)(struct ws_io_stream *stream);
  void (*release)(struct ws_io_stream *stream);
  void (*reset)(struct ws_io_stream *stream);
  void (*close)(struct ws_io_stream *stream, uint64_t linger);
  void (*later)(struct ws_io_stream *stream); /* what ws_io_defer was for */
};

/* The base of every stream. */
struct ws_io_stream {
  const struct ws_io_stream_ops *ops;
  struct ws_io_listener listener;
  struct ws_io *io;
  struct ws_io_stream *next, **link;                   /* in io->streams */
  struct ws_io_stream *next_deferred, **deferred_link; /* in io->deferred */
};

#define WS_IO_BUFFER_LEN 65536
#define WS_IO_RECORD_LEN 16384 /* the most that a TLS record holds */

struct ws_io {
  uv_loop_t loop;
  uv_timer_t alarm; /* the `until` of ws_io_turn */
  uv_idle_t idle;   /* active while something is deferred */
  uv_signal_t signals[2];
  bool watching;
  void (*signalled)(void *user, int signum);
  void *signal_user;
  /* All of them, the newest first: so a filter stands before what it lies on,
   * which goes with it. */
  struct ws_io_stream *streams;
  struct ws_io_stream *deferred; /* whose `later` is due in the next turn */
  struct ws_io_stream **deferred_end;
  size_t num_deferred;
  /* Bytes go to the listener inside the read callback, so that all streams can
   * share one buffer. */
  uint8_t buffer[WS_IO_BUFFER_LEN];
  /* So can all TLS streams, for what they make of it: no more than came, and
   * the rest of a record that began earlier. */
  uint8_t plain[WS_IO_BUFFER_LEN + WS_IO_RECORD_LEN];
  /* And for the records of one write, on their way down. */
  uint8_t sealed[WS_IO_BUFFER_LEN];
  size_t sealed_len;
};

struct ws_io_addresses {
  size_t num;
  struct sockaddr_storage items[];
};

/* A handle lives until libuv's close callback, longer than its stream. `data`
 * of the uv handle is the stream, or NULL once it has been given up. */
struct ws_io_handle {
  uv_tcp_t tcp;
  uv_connect_t connect;
  uv_shutdown_t shutdown;
};

/* A write that the kernel did not take at once. */
struct ws_io_queued {
  uv_write_t req;
  struct ws_io_queued *next; /* while waiting for the dial */
  size_t len;
  uint8_t data[];
};

struct ws_io_dialing; /* dial.c */

struct ws_io_tcp {
  struct ws_io_stream base;
  struct ws_io_handle *handle; /* NULL: not open yet, or broken */
  struct ws_io_dialing *dialing;
  struct ws_io_timer *linger;                  /* set under ws_io_close */
  struct ws_io_queued *waiting, **waiting_end; /* written before the dial */
  size_t waiting_len;
  const char *failed; /* the dial failed; to be told */
  int error;          /* latched: an error of writing, to be told */
  bool up;
  bool attached; /* somebody listens */
  bool paused;
  bool queued;   /* something waits for the kernel; WS_IO_DRAINED is owed */
  bool draining; /* tcp_drain reads, not libuv */
  bool finished;
  bool shut;     /* our FIN has left */
  bool fin_seen; /* the peer's FIN was delivered */
};

/* tcp.c */
struct ws_io_tcp *ws_io_tcp_new(struct ws_io *io);
struct ws_io_handle *ws_io_handle_new(struct ws_io *io);
void ws_io_handle_close(struct ws_io_handle *handle); /* NULL is ignored */
void ws_io_tcp_opened(struct ws_io_tcp *tcp);         /* tells WS_IO_UP */

/* stream.c: the base of a new stream, in the list of `io`; and out of it again,
 * before the stream is freed. */
void ws_io_stream_init(struct ws_io_stream *stream, struct ws_io *io,
                       const struct ws_io_stream_ops *ops);
void ws_io_stream_fini(struct ws_io_stream *stream);
void ws_io_tell(struct ws_io_stream *stream, enum ws_io_event event,
                const char *text);

/* loop.c */
void ws_io_defer(struct ws_io_stream *stream);
void ws_io_undefer(struct ws_io_stream *stream);
/* The loop's time, in its milliseconds, at which `at` has surely come, less the
 * loop's time now. */
uint64_t ws_io_delay(struct ws_io *io, uint64_t at);
/* `by` microseconds from now, WS_IO_NEVER at most. */
uint64_t ws_io_in(const struct ws_io *io, uint64_t by);

/* dial.c */
void ws_io_dialing_free(struct ws_io_dialing *dialing);

#endif
