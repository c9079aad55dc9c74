/* What the connections of one kind share. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

static const unsigned char http_1_1[] = "\x08http/1.1"; /* RFC 7301 3.1 */

/* -- certificates and keys ---------------------------------------------- */

/* Says what is wrong with `file`: the system's word, `absent` when it holds
 * nothing of what was looked for, or OpenSSL's. */
static bool bad_file(char *text, const char *file, const char *absent) {
  unsigned long error = ERR_get_error();
  for (unsigned long e = error; e != 0; e = ERR_get_error()) {
    error = ERR_SYSTEM_ERROR(e) ? e : error;
  }
  const char *reason = ERR_reason_error_string(error);
  if (ERR_SYSTEM_ERROR(error)) {
    snprintf(text, WS_TLS_TEXT_MAX, "cannot read %s: %s", file,
             strerror(ERR_GET_REASON(error)));
  } else if (reason == NULL || (ERR_GET_LIB(error) == ERR_LIB_PEM &&
                                ERR_GET_REASON(error) == PEM_R_NO_START_LINE)) {
    snprintf(text, WS_TLS_TEXT_MAX, "%s: %s", file, absent);
  } else {
    snprintf(text, WS_TLS_TEXT_MAX, "%s: %s (%s)", file, absent, reason);
  }
  return false;
}

/* OpenSSL would ask at the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *asked) {
  (void)buffer, (void)size, (void)writing;
  *(bool *)asked = true;
  return -1;
}

static EVP_PKEY *read_key(const char *file, char *text) {
  bool asked = false;
  BIO *bio = BIO_new_file(file, "r");
  EVP_PKEY *key = NULL;
  if (bio != NULL) {
    key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
  }
  BIO_free(bio);
  if (asked) {
    snprintf(text, WS_TLS_TEXT_MAX, "%s: the key is protected by a passphrase",
             file);
  } else if (key == NULL) {
    bad_file(text, file, "no private key in PEM");
  }
  ERR_clear_error();
  return key;
}

static bool load_key(SSL_CTX *ctx, const struct ws_tls_options *options,
                     char *text) {
  const char *file = options->key_file;
  file = file == NULL ? options->cert_file : file;
  EVP_PKEY *key = read_key(file, text);
  if (key == NULL) {
    return false;
  }
  bool good = true;
  if (X509_check_private_key(SSL_CTX_get0_certificate(ctx), key) != 1) {
    snprintf(text, WS_TLS_TEXT_MAX,
             "%s: the key does not belong to the certificate in %s", file,
             options->cert_file);
    good = false;
  } else if (SSL_CTX_use_PrivateKey(ctx, key) != 1) {
    good = bad_file(text, file, "the key cannot be used");
  }
  EVP_PKEY_free(key);
  ERR_clear_error();
  return good;
}

static bool load_cert(SSL_CTX *ctx, const struct ws_tls_options *options,
                      char *text) {
  if (options->cert_file == NULL) {
    if (options->key_file != NULL) {
      snprintf(text, WS_TLS_TEXT_MAX, "%s: a key without a certificate",
               options->key_file);
    }
    return options->key_file == NULL;
  }
  if (SSL_CTX_use_certificate_chain_file(ctx, options->cert_file) != 1) {
    return bad_file(text, options->cert_file, "no certificate in PEM");
  }
  return load_key(ctx, options, text);
}

/* -- what is trusted ---------------------------------------------------- */

static bool load_trusted(SSL_CTX *ctx, const struct ws_tls_options *options,
                         char *text) {
  if (options->ca_file != NULL &&
      SSL_CTX_load_verify_file(ctx, options->ca_file) != 1) {
    return bad_file(text, options->ca_file, "no certificate in PEM");
  }
  return true;
}

static bool trust_as_client(SSL_CTX *ctx, const struct ws_tls_options *options,
                            char *text) {
  /* Without verification, too, what a verification would say is noted. */
  SSL_CTX_set_verify(ctx, options->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     ws_tls_on_verify);
  if (options->ca_file == NULL) {
    SSL_CTX_set_default_verify_paths(ctx);
    ERR_clear_error(); /* an empty store trusts nobody: that is all */
  }
  return load_trusted(ctx, options, text);
}

static bool trust_as_server(SSL_CTX *ctx, const struct ws_tls_options *options,
                            char *text) {
  if (options->ca_file == NULL) {
    return true;
  }
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     ws_tls_on_verify);
  if (!load_trusted(ctx, options, text)) {
    return false;
  }
  /* Tells clients whose certificates are of use here. */
  SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(options->ca_file));
  return true;
}

/* -- making ------------------------------------------------------------- */

/* RFC 7301 3.2: a server that supports none of what the client offers "SHALL
 * respond with a fatal "no_application_protocol" alert." */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *in, unsigned in_len, void *user) {
  (void)ssl, (void)user;
  int found = SSL_select_next_proto((unsigned char **)out, out_len, http_1_1,
                                    sizeof http_1_1 - 1, in, in_len);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                         : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool set_versions(SSL_CTX *ctx, const struct ws_tls_options *options,
                         char *text) {
  static const int numbers[] = {0, TLS1_2_VERSION, TLS1_3_VERSION};
  int least = numbers[options->min_version];
  int most = numbers[options->max_version];
  if (most != 0 && least > most) {
    snprintf(text, WS_TLS_TEXT_MAX,
             "the lowest TLS version is above the highest");
    return false;
  }
  return SSL_CTX_set_min_proto_version(ctx, least == 0 ? TLS1_2_VERSION
                                                       : least) == 1 &&
         SSL_CTX_set_max_proto_version(ctx, most) == 1;
}

static BIO_METHOD *method_new(void);

static struct ws_tls *tls_new(const SSL_METHOD *method) {
  struct ws_tls *tls = calloc(1, sizeof *tls);
  if (tls == NULL) {
    return NULL;
  }
  tls->refs = 1;
  tls->ctx = SSL_CTX_new(method);
  tls->method = method_new();
  if (tls->ctx == NULL || tls->method == NULL) {
    ws_tls_free(tls);
    return NULL;
  }
  /* Each connection stands by itself: nothing is resumed. A stream relies on
   * records not growing when they are decrypted. */
  SSL_CTX_set_options(tls->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                    SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(tls->ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(tls->ctx, 0);
  return tls;
}

struct ws_tls *ws_tls_client_new(const struct ws_tls_options *options,
                                 char text[WS_TLS_TEXT_MAX]) {
  snprintf(text, WS_TLS_TEXT_MAX, "out of memory");
  struct ws_tls *tls = tls_new(TLS_client_method());
  if (tls == NULL) {
    return NULL;
  }
  if (!set_versions(tls->ctx, options, text) ||
      !trust_as_client(tls->ctx, options, text) ||
      !load_cert(tls->ctx, options, text) ||
      SSL_CTX_set_alpn_protos(tls->ctx, http_1_1, sizeof http_1_1 - 1) != 0) {
    ws_tls_free(tls);
    return NULL;
  }
  return tls;
}

struct ws_tls *ws_tls_server_new(const struct ws_tls_options *options,
                                 char text[WS_TLS_TEXT_MAX]) {
  if (options->cert_file == NULL) {
    snprintf(text, WS_TLS_TEXT_MAX, "a server needs a certificate");
    return NULL;
  }
  snprintf(text, WS_TLS_TEXT_MAX, "out of memory");
  struct ws_tls *tls = tls_new(TLS_server_method());
  if (tls == NULL) {
    return NULL;
  }
  SSL_CTX_set_alpn_select_cb(tls->ctx, on_alpn, NULL);
  if (!set_versions(tls->ctx, options, text) ||
      !trust_as_server(tls->ctx, options, text) ||
      !load_cert(tls->ctx, options, text)) {
    ws_tls_free(tls);
    return NULL;
  }
  return tls;
}

struct ws_tls *ws_tls_ref(struct ws_tls *tls) {
  tls->refs++;
  return tls;
}

void ws_tls_free(struct ws_tls *tls) {
  if (tls == NULL || --tls->refs != 0) {
    return;
  }
  SSL_CTX_free(tls->ctx);
  BIO_meth_free(tls->method);
  free(tls);
}

/* -- the record layer's way out ----------------------------------------- */

static int on_create(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

static long on_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  return command == BIO_CTRL_FLUSH; /* nothing is held back here */
}

static BIO_METHOD *method_new(void) {
  BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "ws_io_stream");
  if (method != NULL) {
    BIO_meth_set_create(method, on_create);
    BIO_meth_set_ctrl(method, on_control);
    BIO_meth_set_read(method, ws_tls_bio_read);
    BIO_meth_set_write(method, ws_tls_bio_write);
  }
  return method;
}
