/* transport.h: byte streams to a peer, and the clock they live on.
 *
 * The engine knows nothing of sockets. It dials, writes and waits through this
 * table; `wsc_net` (TCP, on lib/io) and `wsc_sim` (peers in memory, virtual
 * time) implement it. All calls and all events happen on one thread, and events
 * only inside `wait`. */
#ifndef WSC_TRANSPORT_H
#define WSC_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Times are microseconds on the transport's own clock, from an arbitrary zero. */
#define WSC_FOREVER UINT64_MAX

enum wsc_stream_event {
  WSC_STREAM_UP,     /* the dial succeeded, the handshake of TLS with it */
  WSC_STREAM_FAILED, /* the dial failed; `text` says why; the last event */
  WSC_STREAM_DATA,   /* bytes arrived; borrowed for the call */
  WSC_STREAM_FIN,    /* the peer ended its direction in order; no data comes
                        any more, but an RST can; writing stays possible */
  WSC_STREAM_RST     /* the stream broke: reset by the peer, found while reading
                        or while writing; the last event */
};

struct wsc_stream_notice {
  enum wsc_stream_event event;
  const uint8_t *data; /* WSC_STREAM_DATA */
  size_t len;
  bool truncated;   /* WSC_STREAM_FIN of TLS: without close_notify */
  const char *text; /* WSC_STREAM_FAILED, WSC_STREAM_RST: lives as long as the
                       transport */
};

/* Receives the events of one stream. May write to, reset and release streams;
 * must not call `wait`. */
struct wsc_listener {
  void (*notice)(void *user, const struct wsc_stream_notice *notice);
  void *user; /* borrowed until `release` */
};

struct wsc_stream;    /* made by `dial`, gone with `release` */
struct wsc_transport; /* begins with `const struct wsc_transport_ops *ops` */

struct wsc_transport_ops {
  uint64_t (*now)(struct wsc_transport *transport);

  /* Begins to open a stream to the target that the transport was made for.
   * Returns NULL only when memory is exhausted; all else is WSC_STREAM_FAILED,
   * never delivered before `dial` has returned. */
  struct wsc_stream *(*dial)(struct wsc_transport *transport,
                             struct wsc_listener listener);

  /* Queues a copy of `data` as one write; a TCP segment of its own where the
   * network allows (TCP_NODELAY). Ignored when the stream has broken or was
   * finished. False: memory is exhausted. */
  bool (*write)(struct wsc_stream *stream, const uint8_t *data, size_t len);

  /* Bytes accepted by `write` that have not left for the network yet. */
  size_t (*unsent)(const struct wsc_stream *stream);

  /* Stops (true) or resumes (false) delivering data, so that the peer feels a
   * reader that does not read. What lies behind the data, its end included,
   * waits with it. */
  void (*pause)(struct wsc_stream *stream, bool paused);

  /* Ends our direction with a FIN behind what is queued. */
  void (*finish)(struct wsc_stream *stream);

  /* Breaks the stream at once with an RST; no event follows. */
  void (*reset)(struct wsc_stream *stream);

  /* Gives the stream up: closes it (in order where nothing is unread) and frees
   * it. No event follows. NULL is ignored. */
  void (*release)(struct wsc_stream *stream);

  /* Delivers what is due, at least until one event was delivered, until a
   * stream's `unsent` fell to 0, or until `until` has come. False: nothing can
   * ever happen any more (no stream, no deadline) or the wait was interrupted. */
  bool (*wait)(struct wsc_transport *transport, uint64_t until);
};

struct wsc_transport {
  const struct wsc_transport_ops *ops;
};

#endif
