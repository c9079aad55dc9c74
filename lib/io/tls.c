/* The TLS stream. Rule of this file, as of tcp.c: telling the listener is the
 * last thing that a function does with a stream, because the listener may
 * release it. Data is told at once, whatever ends the stream in the next turn,
 * so that nothing has to be remembered behind a notice. */
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

#define ALERT_LINGER UINT64_C(1000000) /* for the peer to read our alert */

static struct ws_tls_stream *tls_of(struct ws_io_stream *stream) {
  return (struct ws_tls_stream *)stream; /* `base` is the first member */
}

static bool keep(struct ws_tls_octets *octets, const uint8_t *data,
                 size_t len) {
  if (len > octets->cap - octets->len) {
    size_t cap = octets->len + len;
    cap = cap < SIZE_MAX / 2 ? 2 * cap : cap;
    uint8_t *larger = cap < len ? NULL : realloc(octets->data, cap);
    if (larger == NULL) {
      return false;
    }
    octets->data = larger;
    octets->cap = cap;
  }
  if (len != 0) {
    memcpy(octets->data + octets->len, data, len);
  }
  octets->len += len;
  return true;
}

static void drop(struct ws_tls_octets *octets) {
  free(octets->data);
  *octets = (struct ws_tls_octets){0};
}

/* -- the record layer --------------------------------------------------- */

int ws_tls_bio_read(BIO *bio, char *data, int len) {
  struct ws_tls_stream *tls = BIO_get_data(bio);
  size_t take = (size_t)len < tls->in_len ? (size_t)len : tls->in_len;
  BIO_clear_retry_flags(bio);
  if (take == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  memcpy(data, tls->in, take);
  tls->in += take;
  tls->in_len -= take;
  return (int)take;
}

static bool write_below(struct ws_tls_stream *tls, const uint8_t *data,
                        size_t len) {
  if (len != 0 && ws_io_write(tls->lower, data, len) != WS_OK) {
    tls->nomem = true;
  }
  return !tls->nomem;
}

static bool flush_sealed(struct ws_tls_stream *tls) {
  struct ws_io *io = tls->base.io;
  size_t len = io->sealed_len;
  io->sealed_len = 0;
  return write_below(tls, io->sealed, len);
}

/* A record, or a flight of the handshake: the stream below takes all of it. */
int ws_tls_bio_write(BIO *bio, const char *data, int len) {
  struct ws_tls_stream *tls = BIO_get_data(bio);
  struct ws_io *io = tls->base.io;
  size_t size = (size_t)len;
  BIO_clear_retry_flags(bio);
  if (!tls->gathers) {
    return write_below(tls, (const uint8_t *)data, size) ? len : -1;
  }
  if (size > sizeof io->sealed - io->sealed_len && !flush_sealed(tls)) {
    return -1;
  }
  memcpy(io->sealed + io->sealed_len, data, size);
  io->sealed_len += size;
  return len;
}

/* -- what is due -------------------------------------------------------- */

/* After each change of what is to be told, and of who listens. While something
 * is due, nothing more is read below: what came first is told first. */
static void steer(struct ws_tls_stream *tls) {
  bool due = tls->kept.len != 0 || tls->end != WS_TLS_GOES_ON;
  bool hold = tls->up && (tls->paused || due);
  if (tls->lower != NULL && tls->held != hold) {
    tls->held = hold;
    ws_io_pause(tls->lower, hold);
  }
  if (tls->drained || tls->end == WS_TLS_FAILED || (due && !tls->paused)) {
    ws_io_defer(&tls->base);
  }
}

/* `text` is set. An alert may be under way: the peer gets time to read it. */
static void fall(struct ws_tls_stream *tls) {
  struct ws_io_stream *lower = tls->lower;
  tls->lower = NULL;
  tls->end = tls->up ? WS_TLS_BROKEN : WS_TLS_FAILED;
  ws_io_close(lower, ALERT_LINGER);
  steer(tls);
}

static void fall_for(struct ws_tls_stream *tls, const char *text) {
  snprintf(tls->text, sizeof tls->text, "%s", text);
  fall(tls);
}

/* -- writing ------------------------------------------------------------ */

static enum ws_status encrypt(struct ws_tls_stream *tls, const uint8_t *data,
                              size_t len) {
  size_t done = 0;
  ERR_clear_error();
  /* One call below for many records, and no small segment behind each. */
  tls->gathers =
      len > WS_IO_RECORD_LEN && tls->lower->ops != &ws_tls_stream_ops;
  bool written = SSL_write_ex(tls->ssl, data, len, &done) == 1;
  tls->gathers = false;
  if (flush_sealed(tls) && written) {
    tls->waited = tls->waited || ws_io_unsent(tls->lower) != 0;
    return WS_OK;
  }
  bool nomem = tls->nomem;
  ws_tls_explain(tls);
  fall(tls);
  return nomem ? WS_ERR_NOMEM : WS_OK;
}

static enum ws_status tls_write(struct ws_io_stream *stream,
                                const uint8_t *data, size_t len) {
  struct ws_tls_stream *tls = tls_of(stream);
  if (len == 0 || tls->lower == NULL || tls->finished) {
    return WS_OK;
  }
  if (tls->up) {
    return encrypt(tls, data, len);
  }
  tls->waited = true;
  return keep(&tls->early, data, len) ? WS_OK : WS_ERR_NOMEM;
}

static size_t tls_unsent(const struct ws_io_stream *stream) {
  const struct ws_tls_stream *tls = (const struct ws_tls_stream *)stream;
  if (tls->lower == NULL) {
    return 0;
  }
  return tls->up ? ws_io_unsent(tls->lower) : tls->early.len;
}

static void notify(struct ws_tls_stream *tls) {
  ERR_clear_error();
  SSL_shutdown(tls->ssl); /* our close_notify; does not wait for theirs */
  ERR_clear_error();
}

static void tls_finish(struct ws_io_stream *stream) {
  struct ws_tls_stream *tls = tls_of(stream);
  if (tls->finished) {
    return;
  }
  tls->finished = true;
  if (tls->up && tls->lower != NULL) {
    notify(tls);
    ws_io_finish(tls->lower);
  }
}

/* -- reading ------------------------------------------------------------ */

/* What a read that brought nothing means. */
static void judge(struct ws_tls_stream *tls) {
  int error = SSL_get_error(tls->ssl, 0);
  if (error == SSL_ERROR_ZERO_RETURN) {
    tls->fin_seen = true;
    tls->end = WS_TLS_FIN;
  } else if (error != SSL_ERROR_WANT_READ || tls->nomem) {
    ws_tls_explain(tls);
    fall(tls);
  }
}

/* Decrypts all that came, and tells it. Plaintext is shorter than its record:
 * `room` is for what came, and for a record that began before it. */
static void receive(struct ws_tls_stream *tls, const uint8_t *data,
                    size_t len) {
  struct ws_io *io = tls->base.io;
  size_t room = len + WS_IO_RECORD_LEN;
  /* TLS inside TLS: there `data` lies in io->plain. */
  bool own = tls->lower->ops == &ws_tls_stream_ops || room > sizeof io->plain;
  uint8_t *plain = own ? malloc(room) : io->plain;
  if (plain == NULL) {
    fall_for(tls, "out of memory");
    return;
  }
  size_t done = 0;
  size_t got = 0;
  tls->in = data;
  tls->in_len = len;
  ERR_clear_error();
  while (SSL_read_ex(tls->ssl, plain + done, room - done, &got) == 1) {
    done += got;
  }
  judge(tls);
  steer(tls);
  if (done != 0) {
    struct ws_io_notice notice = {
        .event = WS_IO_DATA, .data = plain, .len = done};
    tls->base.listener.notice(tls->base.listener.user, &notice);
  }
  if (own) {
    free(plain);
  }
}

/* -- the handshake ------------------------------------------------------ */

static void tls_closed(struct ws_tls_stream *tls, uint64_t linger);

static void opened(struct ws_tls_stream *tls) {
  struct ws_tls_octets early = tls->early;
  tls->early = (struct ws_tls_octets){0};
  tls->up = true;
  if (early.len != 0) {
    encrypt(tls, early.data, early.len);
    drop(&early);
  }
  if (tls->linger != NULL) {
    uint64_t now = ws_io_now(tls->base.io);
    tls_closed(tls, tls->close_at > now ? tls->close_at - now : 0);
    return;
  }
  if (tls->lower != NULL && !keep(&tls->kept, tls->in, tls->in_len)) {
    fall_for(tls, "out of memory");
  }
  if (tls->lower != NULL && tls->finished) {
    notify(tls);
    ws_io_finish(tls->lower);
  }
  if (tls->waited && tls_unsent(&tls->base) == 0) {
    tls->waited = false;
    tls->drained = true;
  }
  steer(tls);
  ws_io_tell(&tls->base, WS_IO_UP, NULL);
}

static void shake_hands(struct ws_tls_stream *tls, const uint8_t *data,
                        size_t len) {
  tls->in = data;
  tls->in_len = len;
  ERR_clear_error();
  int result = SSL_do_handshake(tls->ssl);
  if (result == 1) {
    opened(tls);
  } else if (SSL_get_error(tls->ssl, result) != SSL_ERROR_WANT_READ ||
             tls->nomem) {
    ws_tls_explain(tls);
    fall(tls);
  }
}

/* -- the stream below --------------------------------------------------- */

static void lower_fin(struct ws_tls_stream *tls) {
  if (!tls->up) {
    fall_for(tls, "the peer closed the connection in the TLS handshake");
  } else if (!tls->fin_seen) {
    tls->fin_seen = true;
    tls->end = WS_TLS_TRUNCATED;
    steer(tls);
  }
}

static void lower_gone(struct ws_tls_stream *tls, const char *text) {
  ws_io_release(tls->lower);
  tls->lower = NULL;
  snprintf(tls->text, sizeof tls->text, "%s", text);
  tls->end = tls->up ? WS_TLS_BROKEN : WS_TLS_FAILED;
  steer(tls);
}

static void on_lower(void *user, const struct ws_io_notice *notice) {
  struct ws_tls_stream *tls = user;
  switch (notice->event) {
  case WS_IO_UP: /* our first flight was in its queue */
    break;
  case WS_IO_DATA:
    if (!tls->up) {
      shake_hands(tls, notice->data, notice->len);
    } else if (!tls->fin_seen) {
      receive(tls, notice->data, notice->len);
    }
    break;
  case WS_IO_FIN:
    lower_fin(tls);
    break;
  case WS_IO_DRAINED:
    if (tls->up && tls->waited) {
      tls->waited = false;
      ws_io_tell(&tls->base, WS_IO_DRAINED, NULL);
    }
    break;
  case WS_IO_FAILED:
  case WS_IO_BROKEN:
    lower_gone(tls, notice->text);
    break;
  }
}

static void tell_end(struct ws_tls_stream *tls) {
  static const enum ws_io_event events[] = {
      [WS_TLS_FIN] = WS_IO_FIN,
      [WS_TLS_TRUNCATED] = WS_IO_FIN,
      [WS_TLS_FAILED] = WS_IO_FAILED,
      [WS_TLS_BROKEN] = WS_IO_BROKEN,
  };
  /* The listener may release the stream, and still read the text. */
  char text[WS_TLS_TEXT_MAX];
  memcpy(text, tls->text, sizeof text);
  bool fin = events[tls->end] == WS_IO_FIN;
  struct ws_io_notice notice = {.event = events[tls->end],
                                .text = fin ? NULL : text,
                                .truncated = tls->end == WS_TLS_TRUNCATED};
  tls->end = WS_TLS_GOES_ON;
  steer(tls);
  tls->base.listener.notice(tls->base.listener.user, &notice);
}

static void tls_later(struct ws_io_stream *stream) {
  struct ws_tls_stream *tls = tls_of(stream);
  if (tls->linger != NULL) {
    ws_io_release(stream); /* the handshake failed: nobody listens any more */
  } else if (tls->drained) {
    tls->drained = false;
    steer(tls);
    ws_io_tell(stream, WS_IO_DRAINED, NULL);
  } else if (tls->paused && tls->end != WS_TLS_FAILED) {
    return; /* tls_pause defers it again */
  } else if (tls->kept.len != 0) {
    struct ws_tls_octets kept = tls->kept;
    tls->kept = (struct ws_tls_octets){0};
    receive(tls, kept.data, kept.len);
    drop(&kept);
  } else if (tls->end != WS_TLS_GOES_ON) {
    tell_end(tls);
  }
}

static void tls_pause(struct ws_io_stream *stream, bool paused) {
  struct ws_tls_stream *tls = tls_of(stream);
  tls->paused = paused;
  steer(tls);
}

static void tls_attached(struct ws_io_stream *stream) {
  struct ws_tls_stream *tls = tls_of(stream);
  if (!tls->attached && tls->lower != NULL) {
    tls->attached = true;
    ws_io_attach(tls->lower, (struct ws_io_listener){on_lower, tls});
  }
}

/* -- giving up ---------------------------------------------------------- */

static void tls_free(struct ws_tls_stream *tls) {
  ws_io_stream_fini(&tls->base);
  ws_io_timer_free(tls->linger);
  drop(&tls->early);
  drop(&tls->kept);
  SSL_free(tls->ssl);
  ws_tls_free(tls->tls);
  free(tls);
}

static void tls_reset(struct ws_io_stream *stream) {
  ws_io_reset(tls_of(stream)->lower);
  tls_free(tls_of(stream));
}

static void tls_release(struct ws_io_stream *stream) {
  struct ws_tls_stream *tls = tls_of(stream);
  /* RFC 8446 6.1: "Each party MUST send a "close_notify" alert before closing
   * its write side", where that takes no waiting. */
  if (tls->up && tls->lower != NULL && !tls->finished &&
      ws_io_unsent(tls->lower) == 0) {
    notify(tls);
  }
  ws_io_release(tls->lower);
  tls_free(tls);
}

static void tls_closed(struct ws_tls_stream *tls, uint64_t linger) {
  if (tls->lower != NULL && tls->up && !tls->finished) {
    notify(tls);
  }
  ws_io_close(tls->lower, linger);
  tls_free(tls);
}

static void on_linger(void *user) {
  struct ws_tls_stream *tls = user;
  ws_io_release(&tls->base);
}

static void tls_close(struct ws_io_stream *stream, uint64_t linger) {
  struct ws_tls_stream *tls = tls_of(stream);
  if (tls->up || tls->early.len == 0 || tls->lower == NULL) {
    tls_closed(tls, linger);
    return;
  }
  tls->linger = ws_io_timer_new(tls->base.io, on_linger, tls);
  if (tls->linger == NULL) {
    tls_release(stream);
    return;
  }
  tls->close_at = ws_io_in(tls->base.io, linger);
  ws_io_timer_set(tls->linger, tls->close_at);
  tls_attached(stream);
}

const struct ws_io_stream_ops ws_tls_stream_ops = {
    tls_attached, tls_write, tls_unsent, tls_pause, tls_finish,
    tls_release,  tls_reset, tls_close,  tls_later,
};

/* -- the begin of a client ---------------------------------------------- */

void ws_tls_begin(struct ws_tls_stream *tls) {
  tls_attached(&tls->base);
  shake_hands(tls, NULL, 0);
}

void ws_tls_refuse(struct ws_tls_stream *tls, const char *text) {
  tls_attached(&tls->base);
  fall_for(tls, text);
}
