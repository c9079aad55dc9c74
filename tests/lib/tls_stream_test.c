/* TLS streams that are up, or on the way: octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls_support.h"

/* -- octets ------------------------------------------------------------- */

static void test_both_ways(void **state) {
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    char text[16] = "";
    tls_up_kind(&pair, *state, kind);
    tls_write_text(&pair, "question");
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
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    tls_begin_pair(&pair, *state, kind % 2 == 0,
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
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    tls_begin_pair(&pair, *state, kind % 2 == 0,
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
    tls_begin_pair(&pair, *state, kind == 0, TLS1_3_VERSION);
    tls_write_text(&pair, "early");
    tls_write_text(&pair, "bird");
    assert_int_equal(ws_io_unsent(pair.seen.stream), 9);
    ws_io_finish(pair.seen.stream);
    tls_write_text(&pair, "ignored");
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

/* Much, to a reader who rests: queued, counted, told when it has drained. */
static void test_big_out(void **state) {
  for (int kind = 0; kind < TLS_NUM_KINDS; kind += 3) {
    struct tls_pair pair;
    static uint8_t buffer[65536];
    uint8_t *big = tls_big_new();
    uint64_t bytes = 0;
    uint64_t sum = 0;
    tls_up_kind(&pair, *state, kind);
    assert_int_equal(ws_io_write(pair.seen.stream, big, TLS_BIG), WS_OK);
    assert_true(ws_io_unsent(pair.seen.stream) > 0);
    assert_false(io_has(&pair.seen, '-'));
    ws_io_finish(pair.seen.stream);
    for (int n; (n = tls_peer_read(&pair, buffer, sizeof buffer)) != 0;) {
      assert_true(n > 0);
      sum = io_sum_of(sum, bytes, buffer, (size_t)n);
      bytes += (uint64_t)n;
    }
    assert_int_equal(bytes, TLS_BIG);
    assert_int_equal(sum, io_sum_of(0, 0, big, TLS_BIG));
    assert_string_equal(pair.seen.events, "u-");
    assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
    free(big);
    tls_pair_free(&pair);
  }
}

/* Much, to us, who rest now and then. */
static void test_big_in(void **state) {
  for (int kind = 0; kind < TLS_NUM_KINDS; kind += 3) {
    struct tls_pair pair;
    uint8_t *big = tls_big_new();
    tls_up_kind(&pair, *state, kind);
    /* In records of many lengths. */
    for (size_t at = 0, len = 1; at < TLS_BIG; at += len) {
      len = len * 3 % 40009;
      len = len < TLS_BIG - at ? len : TLS_BIG - at;
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
    assert_int_equal(pair.seen.bytes, TLS_BIG);
    assert_int_equal(pair.seen.sum, io_sum_of(0, 0, big, TLS_BIG));
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
  tls_up(&pair, *state, true, TLS1_3_VERSION);
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
  uint8_t *big = tls_big_new();
  ws_io_write(seen.stream, big, TLS_BIG);
  ws_io_write(self.server.stream, big, TLS_BIG);
  io_turn_until_bytes(&self.server, TLS_BIG);
  io_turn_until_bytes(&seen, TLS_BIG);
  assert_int_equal(seen.sum, io_sum_of(0, 0, big, TLS_BIG));
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
      TLS_TEST(test_twice),
  };
  return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
