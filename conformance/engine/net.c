#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport.h"
#include "ws/io.h"

/* What a dial has said; kept, since an outcome quotes it later. */
struct text {
  struct text *next;
  char text[];
};

struct net {
  struct wsc_transport base;
  struct ws_io *io;
  struct ws_io_addresses *addresses;
  uint64_t dial_timeout;
  struct ws_tls *tls;
  char *name; /* whom TLS verifies */
  struct text *texts;
  struct ws_tls_info agreed; /* of the first connection that came up */
  bool has_agreed;
  bool delivered;   /* something came in this `wait` */
  bool interrupt;   /* a `wait` has to return false */
  bool interrupted; /* SIGINT or SIGTERM came, ever */
};

struct wsc_stream {
  struct net *net;
  struct ws_io_stream *io;
  struct ws_io_timer *handshake; /* of TLS; NULL: over, or there is none */
  struct wsc_listener listener;
};

static struct net *net_of(struct wsc_transport *transport) {
  return (struct net *)transport; /* `base` is the first member */
}

static uint64_t net_now(struct wsc_transport *transport) {
  return ws_io_now(net_of(transport)->io);
}

/* Few texts are said, and those often. */
static const char *keep(struct net *net, const char *text) {
  for (struct text *kept = net->texts; kept != NULL; kept = kept->next) {
    if (strcmp(kept->text, text) == 0) {
      return kept->text;
    }
  }
  struct text *kept = malloc(sizeof *kept + strlen(text) + 1);
  if (kept == NULL) {
    return "out of memory";
  }
  strcpy(kept->text, text);
  kept->next = net->texts;
  net->texts = kept;
  return kept->text;
}

static void end_handshake(struct wsc_stream *stream) {
  ws_io_timer_free(stream->handshake);
  stream->handshake = NULL;
}

static void on_notice(void *user, const struct ws_io_notice *notice) {
  struct wsc_stream *stream = user;
  static const enum wsc_stream_event events[] = {
      [WS_IO_UP] = WSC_STREAM_UP,      [WS_IO_FAILED] = WSC_STREAM_FAILED,
      [WS_IO_DATA] = WSC_STREAM_DATA,  [WS_IO_FIN] = WSC_STREAM_FIN,
      [WS_IO_BROKEN] = WSC_STREAM_RST,
  };
  /* A drained queue counts too: who waits for `unsent` to fall would otherwise
   * sleep until the deadline. */
  stream->net->delivered = true;
  if (notice->event == WS_IO_UP || notice->event == WS_IO_FAILED) {
    end_handshake(stream);
  }
  if (notice->event == WS_IO_UP && !stream->net->has_agreed) {
    stream->net->has_agreed = ws_tls_info(stream->io, &stream->net->agreed);
  }
  if (notice->event != WS_IO_DRAINED) {
    struct wsc_stream_notice copy = {
        .event = events[notice->event],
        .data = notice->data,
        .len = notice->len,
        .truncated = notice->truncated,
        .text = notice->text == NULL ? NULL : keep(stream->net, notice->text)};
    stream->listener.notice(stream->listener.user, &copy);
  }
}

static void on_handshake_late(void *user) {
  struct wsc_stream *stream = user;
  struct wsc_stream_notice notice = {.event = WSC_STREAM_FAILED,
                                     .text =
                                         "no TLS handshake within the timeout"};
  stream->net->delivered = true;
  end_handshake(stream);
  ws_io_release(stream->io);
  stream->io = NULL;
  stream->listener.notice(stream->listener.user, &notice);
}

/* Lays TLS over the stream; false: out of memory, and it is gone. */
static bool secure(struct wsc_stream *stream) {
  struct net *net = stream->net;
  stream->io = ws_tls_connect(net->tls, stream->io, net->name,
                              (struct ws_io_listener){on_notice, stream});
  if (stream->io == NULL || net->dial_timeout == 0) {
    return stream->io != NULL;
  }
  stream->handshake = ws_io_timer_new(net->io, on_handshake_late, stream);
  if (stream->handshake == NULL) {
    ws_io_release(stream->io);
    return false;
  }
  /* The dial below has its own time before that. */
  ws_io_timer_set(stream->handshake,
                  ws_io_now(net->io) + 2 * net->dial_timeout);
  return true;
}

static struct wsc_stream *net_dial(struct wsc_transport *transport,
                                   struct wsc_listener listener) {
  struct net *net = net_of(transport);
  struct wsc_stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL) {
    return NULL;
  }
  stream->net = net;
  stream->listener = listener;
  stream->io = ws_io_dial(net->io, net->addresses, net->dial_timeout,
                          (struct ws_io_listener){on_notice, stream});
  if (stream->io == NULL || (net->tls != NULL && !secure(stream))) {
    free(stream);
    return NULL;
  }
  return stream;
}

static bool net_write(struct wsc_stream *stream, const uint8_t *data,
                      size_t len) {
  return stream->io == NULL || ws_io_write(stream->io, data, len) == WS_OK;
}

static size_t net_unsent(const struct wsc_stream *stream) {
  return stream->io == NULL ? 0 : ws_io_unsent(stream->io);
}

static void net_pause(struct wsc_stream *stream, bool paused) {
  if (stream->io != NULL) {
    ws_io_pause(stream->io, paused);
  }
}

static void net_finish(struct wsc_stream *stream) {
  if (stream->io != NULL) {
    ws_io_finish(stream->io);
  }
}

static void net_reset(struct wsc_stream *stream) {
  end_handshake(stream);
  ws_io_reset(stream->io);
  stream->io = NULL;
}

static void net_release(struct wsc_stream *stream) {
  if (stream != NULL) {
    end_handshake(stream);
    ws_io_release(stream->io);
    free(stream);
  }
}

static bool net_wait(struct wsc_transport *transport, uint64_t until) {
  struct net *net = net_of(transport);
  net->delivered = false;
  for (;;) {
    bool last = until <= ws_io_now(net->io);
    bool alive = ws_io_turn(net->io, until);
    if (net->interrupt) {
      net->interrupt = false;
      return false;
    }
    if (net->delivered || last) {
      return true;
    }
    if (!alive && until == WSC_FOREVER) {
      return false;
    }
  }
}

static const struct wsc_transport_ops net_ops = {
    net_now,    net_dial,  net_write,   net_unsent, net_pause,
    net_finish, net_reset, net_release, net_wait,
};

/* -- making ------------------------------------------------------------- */

static char *copy(const char *text) {
  char *out = malloc(strlen(text) + 1);
  return out == NULL ? NULL : strcpy(out, text);
}

static char *message(const char *subject, const char *text) {
  size_t size = strlen(subject) + strlen(text) + sizeof ": ";
  char *out = malloc(size);
  if (out != NULL) {
    snprintf(out, size, "%s: %s", subject, text);
  }
  return out;
}

/* "HOST[:PORT]"; an IPv6 address with a port stands in brackets. Cuts the port
 * off `text`. False: the port is not one. */
static bool split_port(char *text, uint16_t *port) {
  char *colon = strrchr(text, ':');
  char *bracket = strrchr(text, ']');
  bool bare_v6 = text[0] != '[' && colon != strchr(text, ':');
  if (colon == NULL || bare_v6 || (bracket != NULL && colon < bracket)) {
    return true;
  }
  *colon = '\0';
  char *end = NULL;
  unsigned long value = strtoul(colon + 1, &end, 10);
  if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || value == 0 ||
      value > UINT16_MAX) {
    return false;
  }
  *port = (uint16_t)value;
  return true;
}

static bool net_resolve(struct net *net, const struct wsc_net_options *options,
                        char **error) {
  const char *name =
      options->connect != NULL ? options->connect : options->host;
  uint16_t port = options->port;
  char *host = copy(name);
  if (host == NULL) {
    return false;
  }
  if (options->connect != NULL && !split_port(host, &port)) {
    *error = message(name, "the port is not a number from 1 to 65535");
    free(host);
    return false;
  }
  const char *text = "";
  net->addresses = ws_io_resolve(net->io, host, port, &text);
  if (net->addresses == NULL) {
    *error = message(host, text);
  }
  free(host);
  return net->addresses != NULL;
}

struct wsc_transport *wsc_net_new(const struct wsc_net_options *options,
                                  char **error) {
  *error = NULL;
  struct net *net = calloc(1, sizeof *net);
  if (net == NULL) {
    return NULL;
  }
  net->base.ops = &net_ops;
  net->dial_timeout = options->dial_timeout;
  net->tls = options->tls;
  net->name = copy(options->host);
  net->io = ws_io_new();
  if (net->io == NULL) {
    *error = message("no event loop", "out of memory or descriptors");
    free(net);
    return NULL;
  }
  if (net->name == NULL || !net_resolve(net, options, error)) {
    wsc_net_free(&net->base);
    return NULL;
  }
  return &net->base;
}

void wsc_net_free(struct wsc_transport *transport) {
  if (transport != NULL) {
    struct net *net = net_of(transport);
    ws_io_addresses_free(net->addresses);
    ws_io_free(net->io);
    while (net->texts != NULL) {
      struct text *next = net->texts->next;
      free(net->texts);
      net->texts = next;
    }
    free(net->name);
    free(net);
  }
}

static void on_signal(void *user, int signum) {
  struct net *net = user;
  (void)signum;
  net->interrupt = true;
  net->interrupted = true;
}

bool wsc_net_watch_signals(struct wsc_transport *transport) {
  struct net *net = net_of(transport);
  return ws_io_watch_signals(net->io, on_signal, net) == WS_OK;
}

const struct ws_tls_info *wsc_net_tls(const struct wsc_transport *transport) {
  const struct net *net = (const struct net *)transport;
  return net->has_agreed ? &net->agreed : NULL;
}

const char *wsc_net_variant(const struct wsc_transport *transport) {
  return ((const struct net *)transport)->tls != NULL ? "tls" : "tcp";
}

bool wsc_net_interrupted(const struct wsc_transport *transport) {
  return ((const struct net *)transport)->interrupted;
}
