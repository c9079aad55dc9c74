/* tls_internal.h: what the files of TLS share. */
#ifndef WS_TLS_INTERNAL_H
#define WS_TLS_INTERNAL_H

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "io_internal.h"
#include "ws/tls.h"

struct ws_tls {
  size_t refs;
  SSL_CTX *ctx;
  BIO_METHOD *method; /* from and to the stream below */
};

/* Octets on the heap that wait for something. */
struct ws_tls_octets {
  uint8_t *data;
  size_t len, cap;
};

/* How a stream ends, until the listener has been told. */
enum ws_tls_end {
  WS_TLS_GOES_ON,
  WS_TLS_FIN,
  WS_TLS_TRUNCATED, /* a FIN without close_notify */
  WS_TLS_FAILED,
  WS_TLS_BROKEN
};

struct ws_tls_stream {
  struct ws_io_stream base;
  struct ws_tls *tls;
  struct ws_io_stream *lower; /* NULL: given up */
  SSL *ssl;
  const uint8_t *in; /* what the record layer may read: borrowed from below */
  size_t in_len;
  struct ws_tls_octets early; /* written before the handshake was over */
  struct ws_tls_octets kept;  /* came with the end of the handshake */
  struct ws_io_timer
      *linger;       /* closed in the handshake, with `early` to send */
  uint64_t close_at; /* when `linger` fires */
  enum ws_tls_end end;
  bool attached; /* to the stream below */
  bool up;
  bool gathers; /* records go to io->sealed first */
  bool paused;
  bool held; /* the stream below is paused */
  bool finished;
  bool fin_seen;
  bool waited;  /* something had to wait to be sent: WS_IO_DRAINED is owed */
  bool drained; /* and is due */
  bool nomem;   /* the stream below could not take a record */
  char trouble[128]; /* why the peer's certificate does not verify */
  char text[WS_TLS_TEXT_MAX];
};

/* tls.c */
extern const struct ws_io_stream_ops ws_tls_stream_ops;

/* A client listens to the stream below and sends its first flight; or it fails,
 * with this text, in the next turn. */
void ws_tls_begin(struct ws_tls_stream *tls);
void ws_tls_refuse(struct ws_tls_stream *tls, const char *text);

/* The record layer's way to the stream below. */
int ws_tls_bio_read(BIO *bio, char *data, int len);
int ws_tls_bio_write(BIO *bio, const char *data, int len);

/* tls_text.c */

/* SSL_set_verify's callback: notes why a certificate does not verify in the
 * stream's `trouble`. The stream is the SSL's app data. */
int ws_tls_on_verify(int good, X509_STORE_CTX *store);

/* What OpenSSL's error queue says, into the stream's `text`; empties it. */
void ws_tls_explain(struct ws_tls_stream *tls);

/* `info` of a stream that is up. */
void ws_tls_describe(const struct ws_tls_stream *tls, struct ws_tls_info *info);

#endif
