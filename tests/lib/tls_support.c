#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls_support.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

/* -- the state ---------------------------------------------------------- */

/* cmocka hands the state of the group to each test; a test replaces it. */
int tls_group_setup(void **state) {
  struct tls_certs *certs = malloc(sizeof *certs);
  assert_non_null(certs);
  tls_certs_make(certs);
  *state = certs;
  return 0;
}

int tls_group_teardown(void **state) {
  tls_certs_remove(*state);
  free(*state);
  return 0;
}

int tls_setup(void **state) {
  struct tls_world *world = malloc(sizeof *world);
  assert_non_null(world);
  *world = (struct tls_world){ws_io_new(), *state};
  assert_non_null(world->io);
  *state = world;
  return 0;
}

int tls_teardown(void **state) {
  struct tls_world *world = *state;
  ws_io_free(world->io);
  free(world);
  return 0;
}

struct ws_tls *tls_client(const struct ws_tls_options *options) {
  char text[WS_TLS_TEXT_MAX];
  struct ws_tls *tls = ws_tls_client_new(options, text);
  if (tls == NULL) {
    fail_msg("%s", text);
  }
  return tls;
}

struct ws_tls *tls_server(const struct ws_tls_options *options) {
  char text[WS_TLS_TEXT_MAX];
  struct ws_tls *tls = ws_tls_server_new(options, text);
  if (tls == NULL) {
    fail_msg("%s", text);
  }
  return tls;
}

/* -- the peer ----------------------------------------------------------- */

SSL_CTX *tls_peer_context(const char *cert) {
  SSL_CTX *context =
      SSL_CTX_new(cert == NULL ? TLS_client_method() : TLS_server_method());
  assert_non_null(context);
  if (cert != NULL) {
    assert_int_equal(SSL_CTX_use_certificate_chain_file(context, cert), 1);
    assert_int_equal(
        SSL_CTX_use_PrivateKey_file(context, cert, SSL_FILETYPE_PEM), 1);
  }
  return context;
}

static void peer_init(struct tls_peer *peer, SSL_CTX *context, int fd) {
  *peer = (struct tls_peer){.fd = fd,
                            .ssl = SSL_new(context),
                            .in = BIO_new(BIO_s_mem()),
                            .out = BIO_new(BIO_s_mem())};
  int on = 1; /* octets leave when they are sent, before an RST as well */
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  assert_non_null(peer->ssl);
  SSL_set_bio(peer->ssl, peer->in, peer->out);
  SSL_CTX_free(context);
}

void tls_dial_peer(struct tls_pair *pair, struct tls_world *world,
                   struct ws_tls *tls, const char *name, SSL_CTX *context) {
  uint16_t port = 0;
  int listening = listen_here(&port);
  struct ws_io_addresses *addresses = io_loopback(world->io, port);
  *pair = (struct tls_pair){.seen = {.io = world->io}};
  struct ws_io_stream *lower =
      ws_io_dial(world->io, addresses, 5 * SECOND, (struct ws_io_listener){0});
  assert_non_null(lower);
  ws_io_addresses_free(addresses);
  pair->seen.stream =
      ws_tls_connect(tls, lower, name, io_listener(&pair->seen));
  assert_non_null(pair->seen.stream);
  ws_tls_free(tls);
  peer_init(&pair->peer, context, accept_one(listening));
  SSL_set_accept_state(pair->peer.ssl);
  close(listening);
}

struct taken {
  struct ws_tls *tls;
  struct ws_io_stream *stream;
};

static void on_accepted(void *user, struct ws_io_stream *lower) {
  struct taken *taken = user;
  taken->stream = ws_tls_accept(taken->tls, lower);
}

void tls_accept_peer(struct tls_pair *pair, struct tls_world *world,
                     struct ws_tls *tls, SSL_CTX *context) {
  struct taken taken = {.tls = tls};
  struct ws_io_addresses *addresses = io_loopback(world->io, 0);
  const char *text = NULL;
  struct ws_io_server *server =
      ws_io_listen(world->io, addresses,
                   (struct ws_io_acceptor){on_accepted, &taken}, &text);
  assert_non_null(server);
  ws_io_addresses_free(addresses);
  int fd = connect_to(ws_io_server_port(server));
  uint64_t end = ws_io_now(world->io) + 10 * SECOND;
  while (taken.stream == NULL && ws_io_now(world->io) < end) {
    ws_io_turn(world->io, end);
  }
  assert_non_null(taken.stream);
  ws_io_server_free(server);
  ws_tls_free(tls);
  *pair = (struct tls_pair){.seen = {.io = world->io, .stream = taken.stream}};
  ws_io_attach(taken.stream, io_listener(&pair->seen));
  peer_init(&pair->peer, context, fd);
  SSL_set_connect_state(pair->peer.ssl);
}

/* -- moving ------------------------------------------------------------- */

static void flush(struct tls_peer *peer) {
  char *data = NULL;
  uint8_t octets[65536];
  size_t most = peer->chunk == 0 ? sizeof octets : peer->chunk;
  long waiting = BIO_get_mem_data(peer->out, &data);
  size_t len = (size_t)waiting < most ? (size_t)waiting : most;
  ssize_t sent =
      len == 0 ? 0 : send(peer->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) {
    BIO_read(peer->out, octets, (int)sent);
  }
}

static void fetch(struct tls_peer *peer) {
  uint8_t octets[65536];
  ssize_t n;
  while ((n = recv(peer->fd, octets, sizeof octets, MSG_DONTWAIT)) > 0) {
    BIO_write(peer->in, octets, (int)n);
  }
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    peer->ended = true;
  }
}

void tls_move(struct tls_pair *pair) {
  struct ws_io *io = pair->seen.io;
  bool busy = BIO_pending(pair->peer.out) != 0;
  flush(&pair->peer);
  fetch(&pair->peer);
  ws_io_turn(io, busy ? 0 : ws_io_now(io) + 1000);
}

static void peer_tries(struct tls_peer *peer) {
  ERR_clear_error();
  if (!SSL_is_init_finished(peer->ssl)) {
    SSL_do_handshake(peer->ssl);
  }
}

void tls_until(struct tls_pair *pair, char letter) {
  uint64_t end = ws_io_now(pair->seen.io) + 10 * SECOND;
  while (!io_has(&pair->seen, letter) && ws_io_now(pair->seen.io) < end) {
    peer_tries(&pair->peer);
    tls_move(pair);
  }
  if (!io_has(&pair->seen, letter)) {
    fail_msg("no '%c' in \"%s\": %s", letter, pair->seen.events,
             pair->seen.text);
  }
}

bool tls_peer_shakes(struct tls_pair *pair) {
  uint64_t end = ws_io_now(pair->seen.io) + 10 * SECOND;
  while (ws_io_now(pair->seen.io) < end) {
    ERR_clear_error();
    int result = SSL_do_handshake(pair->peer.ssl);
    if (result == 1) {
      flush(&pair->peer);
      return true;
    }
    bool waits = SSL_get_error(pair->peer.ssl, result) == SSL_ERROR_WANT_READ;
    if (!waits || pair->peer.ended) {
      flush(&pair->peer);
      return false;
    }
    tls_move(pair);
  }
  fail_msg("the handshake does not end");
  return false;
}

void tls_shake(struct tls_pair *pair) {
  tls_until(pair, 'u');
  assert_true(tls_peer_shakes(pair));
}

void tls_begin_pair(struct tls_pair *pair, struct tls_world *world, bool client,
                    int version) {
  struct ws_tls_options options = {
      .cert_file = client ? NULL : world->certs->good, .insecure = true};
  SSL_CTX *context = tls_peer_context(client ? world->certs->good : NULL);
  SSL_CTX_set_max_proto_version(context, version);
  SSL_CTX_set_num_tickets(context, 0);
  if (client) {
    tls_dial_peer(pair, world, tls_client(&options), "localhost", context);
  } else {
    tls_accept_peer(pair, world, tls_server(&options), context);
  }
}

void tls_up(struct tls_pair *pair, struct tls_world *world, bool client,
            int version) {
  tls_begin_pair(pair, world, client, version);
  tls_shake(pair);
}

void tls_write_text(struct tls_pair *pair, const char *text) {
  assert_int_equal(
      ws_io_write(pair->seen.stream, (const uint8_t *)text, strlen(text)),
      WS_OK);
}

void tls_up_kind(struct tls_pair *pair, struct tls_world *world, int kind) {
  tls_up(pair, world, kind % 2 == 0,
         kind < 2 ? TLS1_2_VERSION : TLS1_3_VERSION);
}

uint8_t *tls_big_new(void) {
  uint8_t *big = malloc(TLS_BIG);
  assert_non_null(big);
  for (size_t i = 0; i < TLS_BIG; i++) {
    big[i] = (uint8_t)(i * 31 + (i >> 8));
  }
  return big;
}

void tls_peer_write(struct tls_pair *pair, const void *data, size_t len) {
  ERR_clear_error();
  assert_int_equal(SSL_write(pair->peer.ssl, data, (int)len), (int)len);
  flush(&pair->peer);
}

int tls_peer_read(struct tls_pair *pair, void *data, int len) {
  uint64_t end = ws_io_now(pair->seen.io) + 10 * SECOND;
  while (ws_io_now(pair->seen.io) < end) {
    bool ended = pair->peer.ended;
    ERR_clear_error();
    int n = SSL_read(pair->peer.ssl, data, len);
    if (n > 0) {
      return n;
    }
    switch (SSL_get_error(pair->peer.ssl, n)) {
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_READ:
      break;
    default:
      return -1;
    }
    if (ended) {
      return -1;
    }
    tls_move(pair);
  }
  fail_msg("nothing to read");
  return -1;
}

void tls_pair_free(struct tls_pair *pair) {
  ws_io_release(pair->seen.stream);
  SSL_free(pair->peer.ssl);
  if (pair->peer.fd >= 0) {
    close(pair->peer.fd);
  }
}
