/* tls_support.h: what the tests of TLS share: OpenSSL itself at the other end of
 * a socket, moved by hand, so that it can be slow, cut and corrupted. */
#ifndef TLS_SUPPORT_H
#define TLS_SUPPORT_H

#include <openssl/ssl.h>

#include "io_support.h"
#include "tls_certs.h"
#include "ws/tls.h"

struct tls_peer {
  SSL *ssl;
  BIO *in, *out;
  int fd;
  size_t chunk; /* octets a send at most; 0: as they come */
  bool ended;   /* the other side's FIN or RST has come */
};

/* A stream of ours, the peer at its other end, and the loop. */
struct tls_pair {
  struct seen seen;
  struct tls_peer peer;
};

/* The state of each test: a loop, and the certificates of the program. */
struct tls_world {
  struct ws_io *io;
  const struct tls_certs *certs;
};

int tls_group_setup(void **state);
int tls_group_teardown(void **state);
int tls_setup(void **state);
int tls_teardown(void **state);
#define TLS_TEST(f) cmocka_unit_test_setup_teardown(f, tls_setup, tls_teardown)

/* Never NULL: a text is the test's failure. */
struct ws_tls *tls_client(const struct ws_tls_options *options);
struct ws_tls *tls_server(const struct ws_tls_options *options);

/* A context of OpenSSL's own for a peer: a server with `cert`, or a client
 * (NULL), which trusts everything. */
SSL_CTX *tls_peer_context(const char *cert);

/* Ours dials and the peer accepts; and the other way round. `context` and `tls`
 * are taken over. Nothing is turned yet. */
void tls_dial_peer(struct tls_pair *pair, struct tls_world *world,
                   struct ws_tls *tls, const char *name, SSL_CTX *context);
void tls_accept_peer(struct tls_pair *pair, struct tls_world *world,
                     struct ws_tls *tls, SSL_CTX *context);

/* Moves octets between the peer and its socket, and turns the loop once. */
void tls_move(struct tls_pair *pair);

/* Until the listener has seen `letter`; fails after ten seconds. */
void tls_until(struct tls_pair *pair, char letter);

/* Until both sides are through: a handshake that must succeed. */
void tls_shake(struct tls_pair *pair);

/* Until the peer's handshake is over, either way: true when it succeeded. */
bool tls_peer_shakes(struct tls_pair *pair);

/* Ours is the client (the server) of the pair, and the peer speaks no newer
 * version; tls_up: through when this returns. */
void tls_begin_pair(struct tls_pair *pair, struct tls_world *world, bool client,
                    int version);
void tls_up(struct tls_pair *pair, struct tls_world *world, bool client,
            int version);

/* The same for each of four kinds: either role, either version. */
#define TLS_NUM_KINDS 4
void tls_up_kind(struct tls_pair *pair, struct tls_world *world, int kind);

void tls_write_text(struct tls_pair *pair, const char *text);

#define TLS_BIG ((size_t)4 << 20) /* more than sockets hold */

/* As many bytes; owned by the caller: free(). */
uint8_t *tls_big_new(void);

void tls_peer_write(struct tls_pair *pair, const void *data, size_t len);

/* What the peer reads: octets, 0 for close_notify, -1 for the end without. */
int tls_peer_read(struct tls_pair *pair, void *data, int len);

/* Frees the peer and what is left of the stream. */
void tls_pair_free(struct tls_pair *pair);

#endif
