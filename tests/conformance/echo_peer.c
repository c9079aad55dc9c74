#include "echo_peer.h"

#include <stdlib.h>
#include <string.h>

struct wsc_peer {
  const struct echo_config *config;
  uint8_t *out;
  size_t head, len, cap;
  enum wsc_peer_wish wish;
  uint64_t deadline;
  uint64_t now;
  int ticks;
  bool stuck;
  bool silent;
};

static struct echo_log *log_of(const struct wsc_peer *peer) {
  return peer->config->log;
}

static void say(struct wsc_peer *peer, const void *data, size_t len) {
  if (peer->len == 0) {
    peer->head = 0;
  }
  size_t used = peer->head + peer->len;
  if (peer->cap < used + len) {
    peer->cap = 2 * (used + len);
    peer->out = realloc(peer->out, peer->cap);
    if (peer->out == NULL) {
      abort();
    }
  }
  memcpy(peer->out + used, data, len);
  peer->len += len;
}

static struct wsc_peer *echo_open(const void *config, uint64_t now) {
  struct wsc_peer *peer = calloc(1, sizeof *peer);
  if (peer == NULL) {
    abort();
  }
  peer->config = config;
  peer->now = now;
  peer->deadline = UINT64_MAX;
  log_of(peer)->num_open++;
  if (peer->config->greeting != NULL) {
    say(peer, peer->config->greeting, strlen(peer->config->greeting));
  }
  return peer;
}

static struct wsc_peer *no_open(const void *config, uint64_t now) {
  (void)config;
  (void)now;
  return NULL;
}

static bool obey(struct wsc_peer *peer, uint8_t octet) {
  switch (octet) {
  case ECHO_CLOSE:
    peer->wish = WSC_PEER_CLOSE;
    return true;
  case ECHO_RESET:
    peer->wish = WSC_PEER_RESET;
    return true;
  case ECHO_TICKS:
    peer->ticks = 3;
    peer->deadline = peer->now + 1000000;
    return true;
  case ECHO_STUCK:
    peer->stuck = true;
    peer->deadline = 0;
    return true;
  case ECHO_SILENT:
    peer->silent = true;
    return true;
  default:
    return false;
  }
}

static void echo_feed(struct wsc_peer *peer, uint8_t *data, size_t len) {
  struct echo_log *log = log_of(peer);
  size_t kept = 0;
  log->num_feeds++;
  log->bytes += len;
  log->cuts = (log->cuts ^ len) * UINT64_C(0x100000001b3);
  for (size_t i = 0; i < len; i++) {
    if (!peer->config->obeys || !obey(peer, data[i])) {
      data[kept++] = data[i]; /* in place: the buffer may be changed */
    }
  }
  if (!peer->silent && kept != 0) {
    say(peer, data, kept);
  }
}

static void echo_feed_eof(struct wsc_peer *peer) {
  log_of(peer)->num_eofs++;
  if (!peer->config->stays) {
    peer->wish = WSC_PEER_CLOSE;
  }
}

static size_t echo_output(struct wsc_peer *peer, const uint8_t **data) {
  *data = peer->len == 0 ? NULL : peer->out + peer->head;
  return peer->len;
}

static void echo_output_done(struct wsc_peer *peer, size_t len) {
  peer->head += len;
  peer->len -= len;
}

static enum wsc_peer_wish echo_wish(const struct wsc_peer *peer) {
  return peer->wish;
}

static uint64_t echo_deadline(const struct wsc_peer *peer) {
  return peer->deadline;
}

static void echo_tick(struct wsc_peer *peer, uint64_t now) {
  peer->now = now;
  log_of(peer)->num_ticks++;
  if (peer->ticks != 0) {
    say(peer, "!", 1);
    peer->ticks--;
    peer->deadline = peer->ticks != 0 ? now + 1000000 : UINT64_MAX;
  }
}

static void echo_close(struct wsc_peer *peer) {
  if (peer != NULL) {
    log_of(peer)->num_closed++;
    free(peer->out);
    free(peer);
  }
}

const struct wsc_peer_ops echo_peer = {
    "echo",           echo_open, echo_feed,     echo_feed_eof, echo_output,
    echo_output_done, echo_wish, echo_deadline, echo_tick,     echo_close,
};

const struct wsc_peer_ops echo_peer_exhausted = {
    "exhausted",      no_open,   echo_feed,     echo_feed_eof, echo_output,
    echo_output_done, echo_wish, echo_deadline, echo_tick,     echo_close,
};
