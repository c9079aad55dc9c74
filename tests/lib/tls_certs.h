/* tls_certs.h: certificates that are made when a test runs, in a folder of
 * their own that is removed behind it. Used by the tests of lib/io and of the
 * runner. */
#ifndef TLS_CERTS_H
#define TLS_CERTS_H

#define TLS_CERTS_PATH 64

/* Paths of PEM files. Where nothing else is said, a file holds a certificate
 * that `ca` has signed, and its key behind it. */
struct tls_certs {
  char dir[32];
  char ca[TLS_CERTS_PATH];         /* the certificate alone */
  char other_ca[TLS_CERTS_PATH];   /* the same, of a CA that signed nothing */
  char good[TLS_CERTS_PATH];       /* for localhost, 127.0.0.1 and ::1 */
  char good_cert[TLS_CERTS_PATH];  /* the certificate alone */
  char good_key[TLS_CERTS_PATH];   /* its key alone */
  char locked_key[TLS_CERTS_PATH]; /* the same under a passphrase */
  char named[TLS_CERTS_PATH];      /* for example.org and *.example.net */
  char unnamed[TLS_CERTS_PATH];    /* "localhost" as its subject, for no name */
  char hostile[TLS_CERTS_PATH];    /* for a name with an escape sequence */
  char expired[TLS_CERTS_PATH];    /* as `good`, until yesterday */
  char self[TLS_CERTS_PATH];       /* as `good`, signed by itself */
  char client[TLS_CERTS_PATH];     /* for a client */
  char empty[TLS_CERTS_PATH];      /* an empty file */
  char absent[TLS_CERTS_PATH];     /* no file */
};

/* Fails the running test when something cannot be made. */
void tls_certs_make(struct tls_certs *certs);
void tls_certs_remove(const struct tls_certs *certs);

#endif
