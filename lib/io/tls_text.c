/* What TLS has to say in words. All that comes from a certificate is hostile:
 * it is made printable before anybody sees it. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "tls_internal.h"

/* Appends `len` bytes to the text in `out`, escaped, as far as they fit. */
static void append(char *out, size_t cap, const void *data, size_t len) {
  const unsigned char *bytes = data;
  size_t used = strlen(out);
  for (size_t i = 0; i < len; i++) {
    bool plain = bytes[i] >= 0x20 && bytes[i] < 0x7F;
    size_t need = plain ? 1 : 4;
    if (used + need >= cap) {
      return;
    }
    snprintf(out + used, cap - used, plain ? "%c" : "\\x%02X", bytes[i]);
    used += need;
  }
}

static void append_text(char *out, size_t cap, const char *text) {
  append(out, cap, text, strlen(text));
}

/* -- certificates ------------------------------------------------------- */

static void append_address(char *out, size_t cap,
                           const ASN1_OCTET_STRING *address) {
  char text[INET6_ADDRSTRLEN] = "?";
  int len = ASN1_STRING_length(address);
  if (len == 4 || len == 16) {
    uv_inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address),
                 text, sizeof text);
  }
  append_text(out, cap, text);
}

/* The names that the certificate is for, as a list. */
static void append_names(char *out, size_t cap, const X509 *cert) {
  GENERAL_NAMES *names =
      X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
  const char *comma = "";
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) {
      continue;
    }
    append_text(out, cap, comma);
    comma = ", ";
    if (name->type == GEN_DNS) {
      append(out, cap, ASN1_STRING_get0_data(name->d.dNSName),
             (size_t)ASN1_STRING_length(name->d.dNSName));
    } else {
      append_address(out, cap, name->d.iPAddress);
    }
  }
  GENERAL_NAMES_free(names);
  if (*comma == '\0') {
    append_text(out, cap, "no name");
  }
}

int ws_tls_on_verify(int good, X509_STORE_CTX *store) {
  SSL *ssl =
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  struct ws_tls_stream *tls = SSL_get_app_data(ssl);
  if (good == 1 || tls->trouble[0] != '\0') {
    return good;
  }
  const size_t cap = sizeof tls->trouble;
  int error = X509_STORE_CTX_get_error(store);
  append_text(tls->trouble, cap, X509_verify_cert_error_string(error));
  if (error == X509_V_ERR_HOSTNAME_MISMATCH ||
      error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    append_text(tls->trouble, cap, " (the certificate is for ");
    append_names(tls->trouble, cap - 1, X509_STORE_CTX_get0_cert(store));
    append_text(tls->trouble, cap, ")");
  }
  return good;
}

/* -- errors ------------------------------------------------------------- */

/* OpenSSL's name of an alert, "sslv3 alert handshake failure", without the
 * version, which is that of the alert's invention. */
static const char *alert_name(const char *reason) {
  const char *at = strstr(reason, "alert ");
  return at == NULL ? reason : at + strlen("alert ");
}

static void explain_reason(struct ws_tls_stream *tls, unsigned long error) {
  int reason = ERR_GET_REASON(error);
  const char *text = ERR_reason_error_string(error);
  if (reason >= SSL_AD_REASON_OFFSET) {
    snprintf(tls->text, sizeof tls->text, "the peer sent the TLS alert '%s'",
             text == NULL ? "unknown" : alert_name(text));
    return;
  }
  switch (reason) {
  case SSL_R_CERTIFICATE_VERIFY_FAILED:
    snprintf(tls->text, sizeof tls->text, "certificate verify failed: %s",
             tls->trouble);
    return;
  case SSL_R_HTTP_REQUEST:
    text = "the peer sent a plain HTTP request";
    break;
  case SSL_R_WRONG_VERSION_NUMBER:
    text = "the peer does not speak TLS";
    break;
  case SSL_R_UNSUPPORTED_PROTOCOL:
  case SSL_R_WRONG_SSL_VERSION:
    text = "no TLS version in common";
    break;
  default:
    break;
  }
  snprintf(tls->text, sizeof tls->text, "TLS: %s",
           text == NULL ? "an error without a reason" : text);
}

void ws_tls_explain(struct ws_tls_stream *tls) {
  /* The record layer's word, before that of the ciphers below. */
  unsigned long first = ERR_get_error();
  unsigned long error = first;
  while (error != 0 && ERR_GET_LIB(error) != ERR_LIB_SSL) {
    error = ERR_get_error();
  }
  if (tls->nomem) {
    snprintf(tls->text, sizeof tls->text, "out of memory");
  } else if (error != 0) {
    explain_reason(tls, error);
  } else {
    const char *text = ERR_reason_error_string(first);
    snprintf(tls->text, sizeof tls->text, "TLS: %s",
             text == NULL ? "an error without a reason" : text);
  }
  ERR_clear_error();
}

/* -- what was agreed ---------------------------------------------------- */

static void describe_name(char *out, size_t cap, const X509_NAME *name) {
  BIO *bio = BIO_new(BIO_s_mem());
  char *data = NULL;
  if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
    long len = BIO_get_mem_data(bio, &data);
    append(out, cap, data, len > 0 ? (size_t)len : 0);
  }
  BIO_free(bio);
}

static void describe_time(char *out, size_t cap, const ASN1_TIME *time) {
  struct tm tm;
  if (ASN1_TIME_to_tm(time, &tm) == 1) {
    strftime(out, cap, "%Y-%m-%dT%H:%M:%SZ", &tm);
  }
}

static void describe_cert(const struct ws_tls_stream *tls, const X509 *cert,
                          struct ws_tls_info *info) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  describe_name(info->subject, sizeof info->subject,
                X509_get_subject_name(cert));
  describe_name(info->issuer, sizeof info->issuer, X509_get_issuer_name(cert));
  append_names(info->names, sizeof info->names, cert);
  describe_time(info->not_before, sizeof info->not_before,
                X509_get0_notBefore(cert));
  describe_time(info->not_after, sizeof info->not_after,
                X509_get0_notAfter(cert));
  if (X509_digest(cert, EVP_sha256(), digest, &len) == 1) {
    for (unsigned i = 0; i < len && 2 * i + 2 < sizeof info->fingerprint; i++) {
      snprintf(info->fingerprint + 2 * (size_t)i, 3, "%02x", digest[i]);
    }
  }
  snprintf(info->verified, sizeof info->verified, "%s",
           tls->trouble[0] == '\0' ? "ok" : tls->trouble);
}

void ws_tls_describe(const struct ws_tls_stream *tls,
                     struct ws_tls_info *info) {
  const unsigned char *alpn = NULL;
  unsigned alpn_len = 0;
  *info = (struct ws_tls_info){0};
  append_text(info->version, sizeof info->version, SSL_get_version(tls->ssl));
  append_text(info->cipher, sizeof info->cipher, SSL_get_cipher_name(tls->ssl));
  SSL_get0_alpn_selected(tls->ssl, &alpn, &alpn_len);
  append(info->alpn, sizeof info->alpn, alpn, alpn_len);
  const X509 *cert = SSL_get0_peer_certificate(tls->ssl);
  if (cert != NULL) {
    describe_cert(tls, cert, info);
  }
  ERR_clear_error();
}
