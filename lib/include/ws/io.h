/* io.h: one TCP pump and one clock, on libuv.
 *
 * Everything happens on one thread, and every callback comes from inside
 * ws_io_turn or ws_io_run, never from inside a call of the user. A callback may
 * call anything here except ws_io_turn, ws_io_run and ws_io_free; it may
 * release the very object that it was called for.
 *
 * The kernel tells a process only once that a peer has reset a connection, to
 * whichever call comes first, and answers the next read with an end of file. So
 * errors of reading and of writing are latched here: a connection that was
 * reset ends in WS_IO_BROKEN, never in a bare WS_IO_FIN, whoever found out, and
 * what had arrived before is delivered first.
 *
 * Times are microseconds on the monotonic clock of ws_io_now; UINT64_MAX stands
 * for never. Texts of errors are English, and static where nothing else is said.
 */
#ifndef WS_IO_H
#define WS_IO_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_IO_NEVER UINT64_MAX

struct ws_io;

/* NULL: memory or file descriptors are exhausted. Sets SIGPIPE to be ignored
 * where its disposition is the default, since a write to a broken connection
 * must be an error, not a death. */
struct ws_io *ws_io_new(void);

/* Drops streams that are left (those under ws_io_close too), and frees the
 * loop. Timers, watches, servers and resolutions must be gone. NULL is ignored.
 */
void ws_io_free(struct ws_io *io);

/* The clock: microseconds from an arbitrary zero; never goes back. */
uint64_t ws_io_now(const struct ws_io *io);

/* Waits for something to happen, until `until` at the latest, and delivers all
 * that is due. With `until` in the past it only delivers. It may return before
 * anything was delivered, and at most a millisecond after `until` when nothing
 * is. False: no stream, server or timer is active, so that nothing would happen
 * without the user. */
bool ws_io_turn(struct ws_io *io, uint64_t until);

/* Turns until ws_io_stop, or until nothing is active. */
void ws_io_run(struct ws_io *io);
void ws_io_stop(struct ws_io *io);

/* Calls `notice` for every SIGINT and SIGTERM from now on, from inside a turn.
 * Does not keep ws_io_run running. `user` is borrowed until ws_io_free. May be
 * called once. */
enum ws_status ws_io_watch_signals(struct ws_io *io,
                                   void (*notice)(void *user, int signum),
                                   void *user);

/* -- timers ------------------------------------------------------------- */

struct ws_io_timer;

/* A timer that is not set. NULL: out of memory. `user` is borrowed until
 * ws_io_timer_free. */
struct ws_io_timer *ws_io_timer_new(struct ws_io *io,
                                    void (*notice)(void *user), void *user);

/* Sets the timer to fire once, not before `at` and less than a millisecond
 * after it when the loop is idle; WS_IO_NEVER unsets it. */
void ws_io_timer_set(struct ws_io_timer *timer, uint64_t at);
void ws_io_timer_free(struct ws_io_timer *timer); /* NULL is ignored */

/* -- descriptors -------------------------------------------------------- */

struct ws_io_watch;

/* Calls `readable` in each turn in which one read of `fd` would not block: data
 * is there, the end, or an error. A regular file is always readable. `fd` is no
 * descriptor of a stream here; it is borrowed until ws_io_watch_free, as is
 * `user`, and its flags stay as they are. NULL: out of memory, or `fd` is of a
 * kind that cannot be watched. */
struct ws_io_watch *ws_io_watch_new(struct ws_io *io, int fd,
                                    void (*readable)(void *user), void *user);

/* While paused, nothing is called, and the loop is not kept running. */
void ws_io_watch_pause(struct ws_io_watch *watch, bool paused);
void ws_io_watch_free(struct ws_io_watch *watch); /* NULL is ignored */

/* -- addresses ---------------------------------------------------------- */

struct ws_io_addresses;

/* Resolves `host` (a name, or a literal address with or without brackets) now,
 * blocking. Owned by the caller; NULL and *text when that fails. */
struct ws_io_addresses *ws_io_resolve(struct ws_io *io, const char *host,
                                      uint16_t port, const char **text);
void ws_io_addresses_free(struct ws_io_addresses *addresses);

/* -- streams ------------------------------------------------------------ */

enum ws_io_event {
  WS_IO_UP,      /* the dial succeeded */
  WS_IO_FAILED,  /* the dial failed; `text` says why; the last event */
  WS_IO_DATA,    /* bytes arrived */
  WS_IO_FIN,     /* the peer ended its direction in order; writing stays
                    possible */
  WS_IO_DRAINED, /* what waited in the queue (ws_io_unsent) has left; not told
                    for a write that never had to wait */
  WS_IO_BROKEN   /* reset by the peer, or timed out; `text` says which; the
                    last event */
};

struct ws_io_notice {
  enum ws_io_event event;
  uint8_t *data;    /* WS_IO_DATA: borrowed for the call; may be changed, as
                       unmasking does */
  size_t len;       /* of data, at least 1 */
  const char *text; /* WS_IO_FAILED, WS_IO_BROKEN; borrowed for the call */
  bool truncated;   /* WS_IO_FIN of a TLS stream: without close_notify */
};

struct ws_io_listener {
  void (*notice)(void *user, const struct ws_io_notice *notice);
  void *user; /* borrowed until the stream is released or another attached */
};

/* A byte stream: TCP, or a filter on top of another stream, which attaches
 * itself to it and brings a table of its own: TLS (tls.h). */
struct ws_io_stream;

/* Dials the addresses in their order until one accepts; `timeout` in
 * microseconds is for all of them together, 0 and WS_IO_NEVER: none. Never NULL
 * for a reason but exhausted memory: the rest is WS_IO_FAILED. `addresses` is
 * copied. TCP_NODELAY is set: each ws_io_write is a segment where the network
 * allows. */
struct ws_io_stream *ws_io_dial(struct ws_io *io,
                                const struct ws_io_addresses *addresses,
                                uint64_t timeout,
                                struct ws_io_listener listener);

/* The same by name: the resolution runs aside, inside `timeout`. `host` is
 * copied. */
struct ws_io_stream *ws_io_dial_host(struct ws_io *io, const char *host,
                                     uint16_t port, uint64_t timeout,
                                     struct ws_io_listener listener);

/* Replaces the listener. An accepted stream reads nothing before this. */
void ws_io_attach(struct ws_io_stream *stream, struct ws_io_listener listener);

/* Sends `data` (copied) behind what is queued: at once when the socket takes
 * it, queued otherwise. Before WS_IO_UP it is queued; after ws_io_finish, and
 * on a broken stream, it is ignored. An error of writing is not returned: it
 * becomes WS_IO_BROKEN. WS_ERR_NOMEM: a part may have left; give the stream
 * up. */
enum ws_status ws_io_write(struct ws_io_stream *stream, const uint8_t *data,
                           size_t len);

/* Bytes written that the kernel has not taken yet. 0 on a broken stream. */
size_t ws_io_unsent(const struct ws_io_stream *stream);

/* Stops or resumes reading. While paused, no event comes but WS_IO_UP,
 * WS_IO_FAILED and WS_IO_DRAINED. */
void ws_io_pause(struct ws_io_stream *stream, bool paused);

/* Ends our direction: a FIN behind what is queued. */
void ws_io_finish(struct ws_io_stream *stream);

/* These free the stream; no event follows. NULL is ignored.
 * release: closes at once; what is queued is lost. The kernel makes this a FIN,
 *          or an RST when received bytes are unread.
 * reset:   an RST at once.
 * close:   in order, as RFC 6455 7.1.1 wants it: sends what is queued, then a
 *          FIN, and discards what comes until the peer's FIN, so that no RST
 *          destroys what the peer has not read; gives up after `linger`
 *          microseconds. */
void ws_io_release(struct ws_io_stream *stream);
void ws_io_reset(struct ws_io_stream *stream);
void ws_io_close(struct ws_io_stream *stream, uint64_t linger);

/* -- servers ------------------------------------------------------------ */

struct ws_io_server;

/* Takes a connection: `stream` is owned by the callee, who attaches a listener
 * to it or releases it. */
struct ws_io_acceptor {
  void (*accepted)(void *user, struct ws_io_stream *stream);
  void *user; /* borrowed until ws_io_server_free */
};

/* Listens on the first of `addresses` that can be bound. NULL and *text when
 * none can. When descriptors or memory run out later, connections are refused
 * and the server goes on. */
struct ws_io_server *ws_io_listen(struct ws_io *io,
                                  const struct ws_io_addresses *addresses,
                                  struct ws_io_acceptor acceptor,
                                  const char **text);

/* The port it listens on; the one the system chose when it was asked for 0. */
uint16_t ws_io_server_port(const struct ws_io_server *server);

/* Stops listening. Accepted streams stay. NULL is ignored. */
void ws_io_server_free(struct ws_io_server *server);

#ifdef __cplusplus
}
#endif

#endif
