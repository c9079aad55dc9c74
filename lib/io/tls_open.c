/* How TLS is laid over a stream. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

static SSL *ssl_new(struct ws_tls_stream *stream) {
  SSL *ssl = SSL_new(stream->tls->ctx);
  BIO *bio = BIO_new(stream->tls->method);
  if (ssl == NULL || bio == NULL) {
    SSL_free(ssl);
    BIO_free(bio);
    ERR_clear_error();
    return NULL;
  }
  BIO_set_data(bio, stream);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_app_data(ssl, stream);
  return ssl;
}

/* `lower` is owned: released where this fails. */
static struct ws_tls_stream *stream_new(struct ws_tls *tls,
                                        struct ws_io_stream *lower) {
  struct ws_tls_stream *stream = calloc(1, sizeof *stream);
  if (stream != NULL) {
    ws_io_stream_init(&stream->base, lower->io, &ws_tls_stream_ops);
    stream->tls = ws_tls_ref(tls);
    stream->lower = lower;
    stream->ssl = ssl_new(stream);
  }
  if (stream == NULL || stream->ssl == NULL) {
    ws_io_release(stream == NULL ? lower : &stream->base);
    return NULL;
  }
  return stream;
}

/* The name to ask for and to verify: without the dot of a root, and without the
 * zone of an IPv6 address, of which certificates know nothing. */
static bool set_name(struct ws_tls_stream *tls, const char *name) {
  char host[256];
  size_t len = strlen(name);
  if (len >= sizeof host) {
    return false;
  }
  memcpy(host, name, len + 1);
  if (strchr(host, ':') != NULL) {
    host[strcspn(host, "%")] = '\0';
  } else if (len != 0 && host[len - 1] == '.') {
    host[len - 1] = '\0';
  }
  if (host[0] == '\0') {
    return false; /* OpenSSL would verify any */
  }
  X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1) {
    return true;
  }
  ERR_clear_error();
  /* RFC 9525 6.3, 1.2: a wildcard is a whole label, and the subject's common
   * name is no name of a service. */
  X509_VERIFY_PARAM_set_hostflags(param,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1 &&
         SSL_set_tlsext_host_name(tls->ssl, host) == 1;
}

struct ws_io_stream *ws_tls_connect(struct ws_tls *tls,
                                    struct ws_io_stream *lower,
                                    const char *name,
                                    struct ws_io_listener listener) {
  struct ws_tls_stream *stream = stream_new(tls, lower);
  if (stream == NULL) {
    return NULL;
  }
  stream->base.listener = listener;
  SSL_set_connect_state(stream->ssl);
  if (set_name(stream, name)) {
    ws_tls_begin(stream);
  } else {
    ws_tls_refuse(stream, "the host name is empty or too long");
  }
  return &stream->base;
}

struct ws_io_stream *ws_tls_accept(struct ws_tls *tls,
                                   struct ws_io_stream *lower) {
  struct ws_tls_stream *stream = stream_new(tls, lower);
  if (stream == NULL) {
    return NULL;
  }
  SSL_set_accept_state(stream->ssl);
  return &stream->base;
}

bool ws_tls_info(const struct ws_io_stream *stream, struct ws_tls_info *info) {
  const struct ws_tls_stream *tls = (const struct ws_tls_stream *)stream;
  if (stream->ops != &ws_tls_stream_ops || !tls->up) {
    return false;
  }
  ws_tls_describe(tls, info);
  return true;
}
