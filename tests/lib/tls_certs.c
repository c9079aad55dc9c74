#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls_certs.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY (24L * 60 * 60)

struct made {
  X509 *cert;
  EVP_PKEY *key;
};

struct wish {
  const char *name;    /* of the subject */
  const char *names;   /* subjectAltName; NULL: none */
  const char *purpose; /* extendedKeyUsage; NULL: a CA */
  long until;          /* days from now */
};

static void extend(X509 *cert, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  assert_non_null(extension);
  assert_int_equal(X509_add_ext(cert, extension, -1), 1);
  X509_EXTENSION_free(extension);
}

/* `by` NULL: signed by itself. */
static struct made make(const struct wish *wish, const struct made *by) {
  static long serial = 1;
  struct made made = {X509_new(), EVP_EC_gen("P-256")};
  assert_non_null(made.cert);
  assert_non_null(made.key);
  X509_set_version(made.cert, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.cert), -30 * DAY);
  X509_gmtime_adj(X509_getm_notAfter(made.cert), wish->until * DAY);
  X509_set_pubkey(made.cert, made.key);
  X509_NAME *name = X509_get_subject_name(made.cert);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             (const unsigned char *)wish->name, -1, -1, 0);
  X509_set_issuer_name(made.cert,
                       by == NULL ? name : X509_get_subject_name(by->cert));
  extend(made.cert, NID_basic_constraints,
         wish->purpose == NULL ? "critical,CA:TRUE" : "CA:FALSE");
  if (wish->names != NULL) {
    extend(made.cert, NID_subject_alt_name, wish->names);
  }
  if (wish->purpose != NULL) {
    extend(made.cert, NID_ext_key_usage, wish->purpose);
  }
  assert_true(
      X509_sign(made.cert, by == NULL ? made.key : by->key, EVP_sha256()) > 0);
  return made;
}

static void made_free(struct made *made) {
  X509_free(made->cert);
  EVP_PKEY_free(made->key);
}

/* Writes what is not NULL. */
static void save(char *path, const struct tls_certs *certs, const char *name,
                 X509 *cert, EVP_PKEY *key, const char *passphrase) {
  snprintf(path, TLS_CERTS_PATH, "%s/%s", certs->dir, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  if (cert != NULL) {
    assert_int_equal(PEM_write_X509(file, cert), 1);
  }
  if (key != NULL) {
    const EVP_CIPHER *cipher = passphrase == NULL ? NULL : EVP_aes_128_cbc();
    int len = passphrase == NULL ? 0 : (int)strlen(passphrase);
    assert_int_equal(PEM_write_PrivateKey(file, key, cipher,
                                          (const unsigned char *)passphrase,
                                          len, NULL, NULL),
                     1);
  }
  fclose(file);
}

static void leaf(char *path, const struct tls_certs *certs, const char *name,
                 const struct wish *wish, const struct made *by) {
  struct made made = make(wish, by);
  save(path, certs, name, made.cert, made.key, NULL);
  made_free(&made);
}

#define HERE "DNS:localhost,IP:127.0.0.1,IP:::1"

void tls_certs_make(struct tls_certs *certs) {
  *certs = (struct tls_certs){.dir = "/tmp/wsspec-certs-XXXXXX"};
  assert_non_null(mkdtemp(certs->dir));
  const char *server = "serverAuth";
  struct made ca = make(&(struct wish){"Test CA", NULL, NULL, 30}, NULL);
  struct made other = make(&(struct wish){"Other CA", NULL, NULL, 30}, NULL);
  struct made good = make(&(struct wish){"good", HERE, server, 30}, &ca);
  save(certs->ca, certs, "ca.pem", ca.cert, NULL, NULL);
  save(certs->other_ca, certs, "other-ca.pem", other.cert, NULL, NULL);
  save(certs->good, certs, "good.pem", good.cert, good.key, NULL);
  save(certs->good_cert, certs, "good.crt", good.cert, NULL, NULL);
  save(certs->good_key, certs, "good.key", NULL, good.key, NULL);
  save(certs->locked_key, certs, "locked.key", NULL, good.key, "secret");
  leaf(certs->named, certs, "named.pem",
       &(struct wish){"named", "DNS:example.org,DNS:*.example.net", server, 30},
       &ca);
  leaf(certs->unnamed, certs, "unnamed.pem",
       &(struct wish){"localhost", NULL, server, 30}, &ca);
  leaf(certs->hostile, certs, "hostile.pem",
       &(struct wish){"hostile\x1B[2J", "DNS:\x1B[2J.example", server, 30},
       &ca);
  leaf(certs->expired, certs, "expired.pem",
       &(struct wish){"expired", HERE, server, -1}, &ca);
  leaf(certs->self, certs, "self.pem", &(struct wish){"self", HERE, server, 30},
       NULL);
  leaf(certs->client, certs, "client.pem",
       &(struct wish){"client", NULL, "clientAuth", 30}, &ca);
  save(certs->empty, certs, "empty.pem", NULL, NULL, NULL);
  snprintf(certs->absent, sizeof certs->absent, "%s/absent.pem", certs->dir);
  made_free(&ca);
  made_free(&other);
  made_free(&good);
}

void tls_certs_remove(const struct tls_certs *certs) {
  const char *const paths[] = {
      certs->ca,       certs->other_ca,   certs->good,  certs->good_cert,
      certs->good_key, certs->locked_key, certs->named, certs->unnamed,
      certs->hostile,  certs->expired,    certs->self,  certs->client,
      certs->empty};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    unlink(paths[i]);
  }
  rmdir(certs->dir);
}
