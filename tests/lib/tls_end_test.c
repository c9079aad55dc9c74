/* How TLS streams end, and owners who leave. */
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

/* -- ends --------------------------------------------------------------- */

static void test_half_close(void **state) {
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    char text[16];
    tls_up_kind(&pair, *state, kind);
    tls_write_text(&pair, "last");
    ws_io_finish(pair.seen.stream);
    tls_write_text(&pair, "ignored");
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
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    char text[16];
    tls_up_kind(&pair, *state, kind);
    SSL_shutdown(pair.peer.ssl);
    tls_until(&pair, 'f');
    tls_write_text(&pair, "more");
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
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    tls_up_kind(&pair, *state, kind);
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
  tls_up(&pair, *state, true, TLS1_3_VERSION);
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
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    tls_up_kind(&pair, *state, kind);
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
  tls_up(&pair, *state, true, TLS1_3_VERSION);
  ws_io_pause(pair.seen.stream, true);
  tls_peer_write(&pair, "last words", 10);
  reset_now(pair.peer.fd);
  pair.peer.fd = -1;
  tls_write_text(&pair, "one");
  tls_write_text(&pair, "two");
  io_turn_idle(pair.seen.io);
  ws_io_pause(pair.seen.stream, false);
  io_turn_until(&pair.seen, 'r');
  assert_string_equal(pair.seen.events, "udr");
  tls_pair_free(&pair);
}

static void test_corrupted(void **state) {
  for (int kind = 0; kind < TLS_NUM_KINDS; kind++) {
    struct tls_pair pair;
    char *data = NULL;
    char text[16];
    tls_up_kind(&pair, *state, kind);
    SSL_write(pair.peer.ssl, "good", 4);
    SSL_write(pair.peer.ssl, "evil", 4);
    long len = BIO_get_mem_data(pair.peer.out, &data);
    data[len - 1] ^= 1;
    tls_until(&pair, 'r');
    assert_string_equal(pair.seen.events, "udr");
    assert_int_equal(pair.seen.bytes, 4);
    assert_string_equal(pair.seen.text,
                        "TLS: decryption failed or bad record mac");
    tls_write_text(&pair, "ignored");
    assert_int_equal(tls_peer_read(&pair, text, sizeof text), -1);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()),
                     SSL_R_SSLV3_ALERT_BAD_RECORD_MAC); /* it was told */
    tls_pair_free(&pair);
  }
}

static void test_renegotiation_refused(void **state) {
  struct tls_pair pair;
  tls_up(&pair, *state, false, TLS1_2_VERSION);
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
  tls_up(&pair, *state, true, TLS1_3_VERSION);
  assert_int_equal(SSL_key_update(pair.peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
  tls_peer_write(&pair, "new", 3);
  tls_until(&pair, 'd');
  tls_write_text(&pair, "too");
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
    tls_begin_pair(&pair, *state, i % 2 == 0, TLS1_3_VERSION);
    pair.seen.release_on = letter;
    if (letter == '-') {
      tls_write_text(&pair, "early");
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
  tls_up(&pair, *state, true, TLS1_3_VERSION);
  ws_io_release(pair.seen.stream);
  pair.seen.stream = NULL;
  assert_int_equal(tls_peer_read(&pair, text, sizeof text), 0);
  tls_pair_free(&pair);
}

static void test_reset_of_ours(void **state) {
  struct tls_pair pair;
  char text[16];
  tls_up(&pair, *state, true, TLS1_3_VERSION);
  ws_io_reset(pair.seen.stream);
  pair.seen.stream = NULL;
  assert_int_equal(tls_peer_read(&pair, text, sizeof text), -1);
  tls_pair_free(&pair);
}

/* Everything, close_notify, FIN; and no RST for what comes meanwhile. */
static void test_close(void **state) {
  for (int kind = 0; kind < TLS_NUM_KINDS; kind += 3) {
    struct tls_pair pair;
    static uint8_t buffer[65536];
    uint8_t *big = tls_big_new();
    uint64_t bytes = 0;
    tls_up_kind(&pair, *state, kind);
    tls_peer_write(&pair, "unread", 6);
    ws_io_write(pair.seen.stream, big, TLS_BIG);
    free(big);
    ws_io_close(pair.seen.stream, 10 * SECOND);
    pair.seen.stream = NULL;
    for (int n; (n = tls_peer_read(&pair, buffer, sizeof buffer)) != 0;) {
      assert_true(n > 0);
      bytes += (uint64_t)n;
    }
    assert_int_equal(bytes, TLS_BIG);
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
    tls_begin_pair(&pair, *state, kind == 0, TLS1_3_VERSION);
    tls_write_text(&pair, "bye");
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
    tls_begin_pair(&pair, *state, true, TLS1_3_VERSION);
    uint64_t start = ws_io_now(pair.seen.io);
    tls_write_text(&pair, "bye");
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
  tls_up(&pair, world, true, TLS1_3_VERSION);
  ws_io_free(world->io);
  world->io = NULL;
  pair.seen.stream = NULL;
  tls_pair_free(&pair);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TLS_TEST(test_half_close),     TLS_TEST(test_fin_then_write),
      TLS_TEST(test_truncated),      TLS_TEST(test_truncated_record),
      TLS_TEST(test_reset),          TLS_TEST(test_reset_while_writing),
      TLS_TEST(test_corrupted),      TLS_TEST(test_renegotiation_refused),
      TLS_TEST(test_key_update),     TLS_TEST(test_release_inside),
      TLS_TEST(test_release),        TLS_TEST(test_reset_of_ours),
      TLS_TEST(test_close),          TLS_TEST(test_close_early),
      TLS_TEST(test_close_gives_up), TLS_TEST(test_loop_ends),
  };
  return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
