/* TLS streams that are up, or on the way: octets, ends, and owners who leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"
#include "tls_support.h"

/* Ours is the client (the server) of the pair; through when this returns. */
static void begin(struct tls_pair *pair, struct tls_world *world, bool client,
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

static void up(struct tls_pair *pair, struct tls_world *world, bool client,
               int version) {
  begin(pair, world, client, version);
  tls_shake(pair);
}

static void write_text(struct tls_pair *pair, const char *text) {
  assert_int_equal(
      ws_io_write(pair->seen.stream, (const uint8_t *)text, strlen(text)),
      WS_OK);
}

/* The four kinds: either role, either version. */
#define NUM_KINDS 4

static void up_kind(struct tls_pair *pair, struct tls_world *world, int kind) {
  up(pair, world, kind % 2 == 0, kind < 2 ? TLS1_2_VERSION : TLS1_3_VERSION);
}

/* -- octets ------------------------------------------------------------- */

static void test_both_ways(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    char text[16] = "";
    up_kind(&pair, *state, kind);
    write_text(&pair, "question");
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 8);
    assert_memory_equal(text, "question", 8);
    tls_peer_write(&pair, "answer", 6);
    tls_until(&pair, 'd');
    assert_int_equal(pair.seen.bytes, 6);
    assert_int_equal(pair.seen.sum,
                     io_sum_of(0, 0, (const uint8_t *)"answer", 6));
    assert_string_equal(pair.seen.events, "ud");
    tls_pair_free(&pair);
  }
}

static void test_octet_by_octet(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    begin(&pair, *state, kind % 2 == 0,
          kind < 2 ? TLS1_2_VERSION : TLS1_3_VERSION);
    pair.peer.chunk = 1;
    tls_shake(&pair);
    SSL_write(pair.peer.ssl, "hello", 5);
    SSL_write(pair.peer.ssl, "world", 5);
    SSL_shutdown(pair.peer.ssl);
    tls_until(&pair, 'f');
    assert_string_equal(pair.seen.events, "udf");
    assert_int_equal(pair.seen.bytes, 10);
    tls_pair_free(&pair);
  }
}

/* The peer's last flight, data and close_notify in one segment. */
static void test_all_at_once(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    begin(&pair, *state, kind % 2 == 0,
          kind < 2 ? TLS1_2_VERSION : TLS1_3_VERSION);
    pair.peer.chunk = 1 << 20;
    uint64_t end = ws_io_now(pair.seen.io) + 10 * SECOND;
    while (SSL_do_handshake(pair.peer.ssl) != 1) {
      assert_true(ws_io_now(pair.seen.io) < end);
      tls_move(&pair);
    }
    SSL_write(pair.peer.ssl, "one", 3);
    SSL_write(pair.peer.ssl, "two", 3);
    SSL_shutdown(pair.peer.ssl);
    tls_until(&pair, 'f');
    assert_string_equal(pair.seen.events, "udf");
    assert_int_equal(pair.seen.bytes, 6);
    tls_pair_free(&pair);
  }
}

/* What is written before WS_IO_UP waits, counts, and leaves in order. */
static void test_early_writes(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    struct tls_pair pair;
    char text[16] = "";
    begin(&pair, *state, kind == 0, TLS1_3_VERSION);
    write_text(&pair, "early");
    write_text(&pair, "bird");
    assert_int_equal(ws_io_unsent(pair.seen.stream), 9);
    ws_io_finish(pair.seen.stream);
    write_text(&pair, "ignored");
    assert_int_equal(ws_io_unsent(pair.seen.stream), 9);
    tls_until(&pair, '-');
    assert_string_equal(pair.seen.events, "u-");
    assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 9);
    assert_memory_equal(text, "earlybird", 9);
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 0);
    tls_pair_free(&pair);
  }
}

#define BIG ((size_t)4 << 20) /* more than sockets hold */

static uint8_t *big_new(void) {
  uint8_t *big = malloc(BIG);
  assert_non_null(big);
  for (size_t i = 0; i < BIG; i++) {
    big[i] = (uint8_t)(i * 31 + (i >> 8));
  }
  return big;
}

/* Much, to a reader who rests: queued, counted, told when it has drained. */
static void test_big_out(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind += 3) {
    struct tls_pair pair;
    static uint8_t buffer[65536];
    uint8_t *big = big_new();
    uint64_t bytes = 0;
    uint64_t sum = 0;
    up_kind(&pair, *state, kind);
    assert_int_equal(ws_io_write(pair.seen.stream, big, BIG), WS_OK);
    assert_true(ws_io_unsent(pair.seen.stream) > 0);
    assert_false(io_has(&pair.seen, '-'));
    ws_io_finish(pair.seen.stream);
    for (int n; (n = tls_peer_read(&pair, buffer, sizeof buffer)) != 0;) {
      assert_true(n > 0);
      sum = io_sum_of(sum, bytes, buffer, (size_t)n);
      bytes += (uint64_t)n;
    }
    assert_int_equal(bytes, BIG);
    assert_int_equal(sum, io_sum_of(0, 0, big, BIG));
    assert_string_equal(pair.seen.events, "u-");
    assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
    free(big);
    tls_pair_free(&pair);
  }
}

/* Much, to us, who rest now and then. */
static void test_big_in(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind += 3) {
    struct tls_pair pair;
    uint8_t *big = big_new();
    up_kind(&pair, *state, kind);
    /* In records of many lengths. */
    for (size_t at = 0, len = 1; at < BIG; at += len) {
      len = len * 3 % 40009;
      len = len < BIG - at ? len : BIG - at;
      assert_int_equal(SSL_write(pair.peer.ssl, big + at, (int)len), (int)len);
    }
    SSL_shutdown(pair.peer.ssl);
    uint64_t end = ws_io_now(pair.seen.io) + 10 * SECOND;
    for (int i = 0; !io_has(&pair.seen, 'f'); i++) {
      assert_true(ws_io_now(pair.seen.io) < end);
      if (i % 16 == 0) {
        uint64_t before = pair.seen.bytes;
        ws_io_pause(pair.seen.stream, true);
        tls_move(&pair);
        assert_int_equal(pair.seen.bytes, before);
        ws_io_pause(pair.seen.stream, false);
      }
      tls_move(&pair);
    }
    assert_int_equal(pair.seen.bytes, BIG);
    assert_int_equal(pair.seen.sum, io_sum_of(0, 0, big, BIG));
    assert_string_equal(pair.seen.events, "udf");
    free(big);
    tls_pair_free(&pair);
  }
}

/* Who does not read, is not sent to without end. */
static void test_pause_bounds_the_peer(void **state) {
  struct tls_pair pair;
  static uint8_t block[16384];
  uint64_t sent = 0;
  up(&pair, *state, true, TLS1_3_VERSION);
  ws_io_pause(pair.seen.stream, true);
  for (int full = 0; full < 20;) {
    if (BIO_pending(pair.peer.out) == 0) {
      SSL_write(pair.peer.ssl, block, sizeof block);
      sent += sizeof block;
    }
    int before = (int)BIO_pending(pair.peer.out);
    tls_move(&pair);
    full = (int)BIO_pending(pair.peer.out) == before ? full + 1 : 0;
    assert_true(sent < (uint64_t)64 << 20);
  }
  assert_int_equal(pair.seen.bytes, 0);
  ws_io_pause(pair.seen.stream, false);
  uint64_t end = ws_io_now(pair.seen.io) + 10 * SECOND;
  while (pair.seen.bytes < sent && ws_io_now(pair.seen.io) < end) {
    tls_move(&pair);
  }
  assert_int_equal(pair.seen.bytes, sent);
  tls_pair_free(&pair);
}

/* -- ends --------------------------------------------------------------- */

static void test_half_close(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    char text[16];
    up_kind(&pair, *state, kind);
    write_text(&pair, "last");
    ws_io_finish(pair.seen.stream);
    write_text(&pair, "ignored");
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 4);
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 0);
    tls_peer_write(&pair, "answer", 6); /* our direction only has ended */
    tls_until(&pair, 'd');
    SSL_shutdown(pair.peer.ssl);
    tls_until(&pair, 'f');
    assert_string_equal(pair.seen.events, "udf");
    tls_pair_free(&pair);
  }
}

/* The peer's direction has ended; ours goes on. */
static void test_fin_then_write(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    char text[16];
    up_kind(&pair, *state, kind);
    SSL_shutdown(pair.peer.ssl);
    tls_until(&pair, 'f');
    write_text(&pair, "more");
    ws_io_finish(pair.seen.stream);
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 4);
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 0);
    shutdown(pair.peer.fd, SHUT_WR);
    io_turn_idle(pair.seen.io);
    assert_string_equal(pair.seen.events, "uf"); /* one end, one event */
    tls_pair_free(&pair);
  }
}

static void test_truncated(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    up_kind(&pair, *state, kind);
    tls_peer_write(&pair, "cut", 3);
    shutdown(pair.peer.fd, SHUT_WR);
    tls_until(&pair, 't');
    assert_string_equal(pair.seen.events, "udt");
    assert_int_equal(pair.seen.bytes, 3);
    tls_pair_free(&pair);
  }
}

/* Within a record: what it would have held never was. */
static void test_truncated_record(void **state) {
  struct tls_pair pair;
  up(&pair, *state, true, TLS1_3_VERSION);
  SSL_write(pair.peer.ssl, "whole", 5);
  int whole = (int)BIO_pending(pair.peer.out);
  SSL_write(pair.peer.ssl, "cut", 3);
  pair.peer.chunk = (size_t)whole + 7;
  tls_move(&pair);
  shutdown(pair.peer.fd, SHUT_WR);
  io_turn_until(&pair.seen, 't');
  assert_string_equal(pair.seen.events, "udt");
  assert_int_equal(pair.seen.bytes, 5);
  tls_pair_free(&pair);
}

static void test_reset(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    up_kind(&pair, *state, kind);
    ws_io_pause(pair.seen.stream, true);
    tls_peer_write(&pair, "last words", 10);
    reset_now(pair.peer.fd);
    pair.peer.fd = -1;
    io_turn_idle(pair.seen.io);
    assert_string_equal(pair.seen.events, "u");
    ws_io_pause(pair.seen.stream, false);
    io_turn_until(&pair.seen, 'r');
    assert_string_equal(pair.seen.events, "udr");
    assert_int_equal(pair.seen.bytes, 10);
    assert_string_equal(pair.seen.text, "connection reset by peer");
    tls_pair_free(&pair);
  }
}

/* Found while writing, which must not make an orderly end of it. */
static void test_reset_while_writing(void **state) {
  struct tls_pair pair;
  up(&pair, *state, true, TLS1_3_VERSION);
  ws_io_pause(pair.seen.stream, true);
  tls_peer_write(&pair, "last words", 10);
  reset_now(pair.peer.fd);
  pair.peer.fd = -1;
  write_text(&pair, "one");
  write_text(&pair, "two");
  io_turn_idle(pair.seen.io);
  ws_io_pause(pair.seen.stream, false);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udr");
  tls_pair_free(&pair);
}

static void test_corrupted(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind++) {
    struct tls_pair pair;
    char *data = NULL;
    char text[16];
    up_kind(&pair, *state, kind);
    SSL_write(pair.peer.ssl, "good", 4);
    SSL_write(pair.peer.ssl, "evil", 4);
    long len = BIO_get_mem_data(pair.peer.out, &data);
    data[len - 1] ^= 1;
    tls_until(&pair, 'r');
    assert_string_equal(pair.seen.events, "udr");
    assert_int_equal(pair.seen.bytes, 4);
    assert_string_equal(pair.seen.text,
                        "TLS: decryption failed or bad record mac");
    write_text(&pair, "ignored");
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), -1);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()),
                     SSL_R_SSLV3_ALERT_BAD_RECORD_MAC); /* it was told */
    tls_pair_free(&pair);
  }
}

static void test_renegotiation_refused(void **state) {
  struct tls_pair pair;
  up(&pair, *state, false, TLS1_2_VERSION);
  assert_int_equal(SSL_renegotiate(pair.peer.ssl), 1);
  assert_false(tls_peer_shakes(&pair));
  tls_until(&pair, 'r');
  assert_string_equal(pair.seen.text,
                      "the peer sent the TLS alert 'handshake failure'");
  tls_pair_free(&pair);
}

static void test_key_update(void **state) {
  struct tls_pair pair;
  char text[16];
  up(&pair, *state, true, TLS1_3_VERSION);
  assert_int_equal(SSL_key_update(pair.peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
  tls_peer_write(&pair, "new", 3);
  tls_until(&pair, 'd');
  write_text(&pair, "too");
  assert_int_equal(tls_peer_read(&pair, text, sizeof text), 3);
  tls_pair_free(&pair);
}

/* -- owners who leave --------------------------------------------------- */

/* In each event: nothing is touched behind it. */
static void test_release_inside(void **state) {
  static const char letters[] = {'u', 'd', 'f', 't', 'r', 'x', '-'};
  for (size_t i = 0; i < sizeof letters; i++) {
    struct tls_pair pair;
    char letter = letters[i];
    begin(&pair, *state, i % 2 == 0, TLS1_3_VERSION);
    pair.seen.release_on = letter;
    if (letter == '-') {
      write_text(&pair, "early");
    } else if (letter == 'x') {
      send_text(pair.peer.fd, "no TLS\r\n");
    }
    if (letter != 'x') {
      while (SSL_do_handshake(pair.peer.ssl) != 1) {
        tls_move(&pair);
      }
      SSL_write(pair.peer.ssl, "data", 4);
      if (letter == 'f') {
        SSL_shutdown(pair.peer.ssl);
      }
    }
    if (letter == 't' || letter == 'r') {
      tls_until(&pair, 'd');
      if (letter == 't') {
        shutdown(pair.peer.fd, SHUT_WR);
      } else {
        reset_now(pair.peer.fd);
        pair.peer.fd = -1;
      }
      io_turn_until(&pair.seen, letter);
    } else {
      tls_until(&pair, letter);
    }
    assert_null(pair.seen.stream);
    assert_int_equal(pair.seen.events[pair.seen.num_events - 1], letter);
    io_turn_idle(pair.seen.io);
    assert_int_equal(pair.seen.events[pair.seen.num_events - 1], letter);
    tls_pair_free(&pair);
  }
}

/* An orderly end where it takes no waiting. */
static void test_release(void **state) {
  struct tls_pair pair;
  char text[16];
  up(&pair, *state, true, TLS1_3_VERSION);
  ws_io_release(pair.seen.stream);
  pair.seen.stream = NULL;
  assert_int_equal(tls_peer_read(&pair, text, sizeof text), 0);
  tls_pair_free(&pair);
}

static void test_reset_of_ours(void **state) {
  struct tls_pair pair;
  char text[16];
  up(&pair, *state, true, TLS1_3_VERSION);
  ws_io_reset(pair.seen.stream);
  pair.seen.stream = NULL;
  assert_int_equal(tls_peer_read(&pair, text, sizeof text), -1);
  tls_pair_free(&pair);
}

/* Everything, close_notify, FIN; and no RST for what comes meanwhile. */
static void test_close(void **state) {
  for (int kind = 0; kind < NUM_KINDS; kind += 3) {
    struct tls_pair pair;
    static uint8_t buffer[65536];
    uint8_t *big = big_new();
    uint64_t bytes = 0;
    up_kind(&pair, *state, kind);
    tls_peer_write(&pair, "unread", 6);
    ws_io_write(pair.seen.stream, big, BIG);
    free(big);
    ws_io_close(pair.seen.stream, 10 * SECOND);
    pair.seen.stream = NULL;
    for (int n; (n = tls_peer_read(&pair, buffer, sizeof buffer)) != 0;) {
      assert_true(n > 0);
      bytes += (uint64_t)n;
    }
    assert_int_equal(bytes, BIG);
    assert_int_equal(io_read_turning(pair.seen.io, pair.peer.fd), 0);
    tls_peer_write(&pair, "more", 4);
    io_turn_idle(pair.seen.io);
    int error = 0;
    socklen_t len = sizeof error;
    getsockopt(pair.peer.fd, SOL_SOCKET, SO_ERROR, &error, &len);
    assert_int_equal(error, 0);
    close(pair.peer.fd);
    pair.peer.fd = -1;
    ws_io_run(pair.seen.io); /* nothing is left to wait for */
    tls_pair_free(&pair);
  }
}

/* Before the handshake is over, with something to send. */
static void test_close_early(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    struct tls_pair pair;
    char text[16];
    begin(&pair, *state, kind == 0, TLS1_3_VERSION);
    write_text(&pair, "bye");
    ws_io_close(pair.seen.stream, 10 * SECOND);
    pair.seen.stream = NULL;
    assert_true(tls_peer_shakes(&pair));
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 3);
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), 0);
    assert_string_equal(pair.seen.events, "");
    tls_pair_free(&pair);
  }
}

/* The same, to a peer that is deaf, and to one that is none. */
static void test_close_gives_up(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    struct tls_pair pair;
    begin(&pair, *state, true, TLS1_3_VERSION);
    uint64_t start = ws_io_now(pair.seen.io);
    write_text(&pair, "bye");
    ws_io_close(pair.seen.stream, kind == 0 ? 20000 : 30 * SECOND);
    pair.seen.stream = NULL;
    if (kind == 1) {
      send_text(pair.peer.fd, "no TLS\r\n");
      shutdown(pair.peer.fd, SHUT_WR);
    }
    ws_io_run(pair.seen.io);
    uint64_t took = ws_io_now(pair.seen.io) - start;
    assert_true(kind == 0 ? took >= 20000 : took < 10 * SECOND);
    assert_string_equal(pair.seen.events, "");
    tls_pair_free(&pair);
  }
}

/* A loop that ends drops its streams, those under TLS with them. */
static void test_loop_ends(void **state) {
  struct tls_world *world = *state;
  struct tls_pair pair;
  up(&pair, world, true, TLS1_3_VERSION);
  ws_io_free(world->io);
  world->io = NULL;
  pair.seen.stream = NULL;
  tls_pair_free(&pair);
}

/* -- ourselves ---------------------------------------------------------- */

struct self {
  struct seen server;
  struct ws_tls *outer, *inner; /* of the server; inner NULL: one layer */
};

static void on_accepted(void *user, struct ws_io_stream *lower) {
  struct self *self = user;
  struct ws_io_stream *stream = ws_tls_accept(self->outer, lower);
  if (self->inner != NULL) {
    stream = ws_tls_accept(self->inner, stream);
  }
  self->server.stream = stream;
  ws_io_attach(stream, io_listener(&self->server));
}

/* TLS on TLS, as through a proxy that is reached by https. */
static void test_twice(void **state) {
  struct tls_world *world = *state;
  struct ws_tls_options options = {.cert_file = world->certs->good,
                                   .ca_file = world->certs->ca};
  struct ws_tls_options server_options = {.cert_file = world->certs->good};
  struct ws_tls *tls = tls_server(&server_options);
  struct ws_tls *client_tls = tls_client(&options);
  struct self self = {.server = {.io = world->io}, .outer = tls, .inner = tls};
  struct seen seen = {.io = world->io};
  struct ws_io_addresses *any = io_loopback(world->io, 0);
  const char *text = NULL;
  struct ws_io_server *server = ws_io_listen(
      world->io, any, (struct ws_io_acceptor){on_accepted, &self}, &text);
  assert_non_null(server);
  struct ws_io_addresses *there =
      io_loopback(world->io, ws_io_server_port(server));
  struct ws_io_stream *stream =
      ws_io_dial(world->io, there, 5 * SECOND, (struct ws_io_listener){0});
  stream = ws_tls_connect(client_tls, stream, "127.0.0.1",
                          (struct ws_io_listener){0});
  seen.stream =
      ws_tls_connect(client_tls, stream, "localhost", io_listener(&seen));
  io_turn_until(&seen, 'u');
  io_turn_until(&self.server, 'u');
  uint8_t *big = big_new();
  ws_io_write(seen.stream, big, BIG);
  ws_io_write(self.server.stream, big, BIG);
  io_turn_until_bytes(&self.server, BIG);
  io_turn_until_bytes(&seen, BIG);
  assert_int_equal(seen.sum, io_sum_of(0, 0, big, BIG));
  assert_int_equal(self.server.sum, seen.sum);
  free(big);
  ws_io_finish(seen.stream);
  io_turn_until(&self.server, 'f');
  ws_io_close(self.server.stream, SECOND);
  io_turn_until(&seen, 'f');
  ws_io_close(seen.stream, SECOND);
  ws_io_server_free(server);
  ws_io_addresses_free(any);
  ws_io_addresses_free(there);
  ws_tls_free(tls);
  ws_tls_free(client_tls);
  ws_io_run(world->io);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TLS_TEST(test_both_ways),
      TLS_TEST(test_octet_by_octet),
      TLS_TEST(test_all_at_once),
      TLS_TEST(test_early_writes),
      TLS_TEST(test_big_out),
      TLS_TEST(test_big_in),
      TLS_TEST(test_pause_bounds_the_peer),
      TLS_TEST(test_half_close),
      TLS_TEST(test_fin_then_write),
      TLS_TEST(test_truncated),
      TLS_TEST(test_truncated_record),
      TLS_TEST(test_reset),
      TLS_TEST(test_reset_while_writing),
      TLS_TEST(test_corrupted),
      TLS_TEST(test_renegotiation_refused),
      TLS_TEST(test_key_update),
      TLS_TEST(test_release_inside),
      TLS_TEST(test_release),
      TLS_TEST(test_reset_of_ours),
      TLS_TEST(test_close),
      TLS_TEST(test_close_early),
      TLS_TEST(test_close_gives_up),
      TLS_TEST(test_loop_ends),
      TLS_TEST(test_twice),
  };
  return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
