#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libws_peer.h"
#include "testee.h"
#include "ws/frame.h"
#include "ws/mask.h"

#define SECOND UINT64_C(1000000)
#define HEAD                                                                   \
  "GET /any HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"                     \
  "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"     \
  "Sec-WebSocket-Version: 13\r\n"

static const struct wsc_peer_ops *const ops = &wsc_libws_peer;

static void feed(struct wsc_peer *peer, const void *data, size_t len) {
  uint8_t *copy = malloc(len);
  assert_non_null(copy);
  memcpy(copy, data, len);
  ops->feed(peer, copy, len);
  free(copy);
}

static struct wsc_peer *open_peer(const struct wsc_libws_config *config) {
  const uint8_t *out;
  struct wsc_peer *peer = ops->open(config, 0);
  assert_non_null(peer);
  feed(peer, HEAD "\r\n", sizeof(HEAD "\r\n") - 1);
  size_t len = ops->output(peer, &out);
  assert_true(len > 12 && memcmp(out, "HTTP/1.1 101", 12) == 0);
  ops->output_done(peer, len);
  assert_int_equal(ops->wish(peer), WSC_PEER_STAY);
  assert_int_equal(ops->deadline(peer), UINT64_MAX);
  return peer;
}

/* Feeds one masked frame in parts of at most 64 KiB. */
static void feed_frame(struct wsc_peer *peer, uint8_t opcode, bool fin,
                       const uint8_t *payload, size_t payload_len) {
  static uint8_t part[65536];
  struct ws_frame frame = {.fin = fin,
                           .opcode = opcode,
                           .masked = true,
                           .length = payload_len,
                           .length_form = ws_length_form_minimal(payload_len),
                           .key = {1, 2, 3, 4}};
  uint8_t header[WS_FRAME_HEADER_MAX];
  feed(peer, header, ws_frame_encode(header, &frame));
  for (size_t at = 0; at < payload_len; at += sizeof(part)) {
    size_t len =
        payload_len - at < sizeof(part) ? payload_len - at : sizeof(part);
    memcpy(part, payload + at, len);
    ws_mask(part, len, frame.key, at);
    feed(peer, part, len);
  }
}

/* The output is one frame, which is taken in short writes. */
static void expect_frame(struct wsc_peer *peer, uint8_t opcode,
                         const uint8_t *payload, size_t payload_len) {
  const uint8_t *out;
  struct ws_frame frame;
  size_t len = ops->output(peer, &out);
  size_t header_len = ws_frame_decode(&frame, out, len);
  assert_true(header_len != 0);
  assert_true(frame.fin);
  assert_false(frame.masked);
  assert_int_equal(frame.opcode, opcode);
  assert_int_equal(frame.length, payload_len);
  assert_int_equal(frame.length_form, ws_length_form_minimal(payload_len));
  assert_int_equal(len, header_len + payload_len);
  ops->output_done(peer, header_len);
  for (size_t at = 0; at < payload_len;) {
    len = ops->output(peer, &out);
    assert_int_equal(len, payload_len - at);
    len = len < 1000003 ? len : 1000003;
    assert_memory_equal(out, payload + at, len);
    ops->output_done(peer, len);
    at += len;
  }
  assert_int_equal(ops->output(peer, &out), 0);
}

static void messages_come_back_with_their_type(void **state) {
  (void)state;
  static const size_t lens[] = {0, 1, 125, 126, 65535, 65536, 200000};
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl()};
  struct wsc_peer *peer = open_peer(&config);
  static uint8_t payload[200000];
  for (size_t i = 0; i < sizeof(payload); i++) {
    payload[i] = (uint8_t)('a' + i % 26);
  }
  for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
    for (uint8_t opcode = WS_OP_TEXT; opcode <= WS_OP_BINARY; opcode++) {
      feed_frame(peer, opcode, true, payload, lens[i]);
      expect_frame(peer, opcode, payload, lens[i]);
      feed_frame(peer, opcode, false, payload, lens[i] / 2);
      feed_frame(peer, WS_OP_CONTINUATION, true, payload + lens[i] / 2,
                 lens[i] - lens[i] / 2);
      expect_frame(peer, opcode, payload, lens[i]);
    }
  }
  ops->close(peer);
}

/* Feeds a frame masked with zeros: its first octet, and a short payload. */
static void feed_short(struct wsc_peer *peer, uint8_t first,
                       const char *payload, size_t len) {
  uint8_t bytes[64] = {first, (uint8_t)(0x80 | len)};
  memcpy(bytes + 6, payload, len);
  feed(peer, bytes, 6 + len);
}

static void expect_bytes(struct wsc_peer *peer, const char *bytes, size_t len) {
  const uint8_t *out;
  assert_int_equal(ops->output(peer, &out), len);
  if (len != 0) {
    assert_memory_equal(out, bytes, len);
  }
  ops->output_done(peer, len);
}

#define FEED(peer, first, literal)                                             \
  feed_short(peer, first, literal, sizeof(literal) - 1)
#define EXPECT(peer, literal) expect_bytes(peer, literal, sizeof(literal) - 1)

/* RFC 7692 7.2.3: a message comes back compressed when it came so. */
static void what_came_compressed_goes_compressed(void **state) {
  (void)state;
  static const char request[] =
      HEAD "Sec-WebSocket-Extensions: permessage-deflate; unknown, "
           "permessage-deflate; client_max_window_bits\r\n\r\n";
  static const char field[] =
      "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl()};
  struct wsc_peer *peer = ops->open(&config, 0);
  const uint8_t *out;
  feed(peer, request, sizeof(request) - 1);
  size_t len = ops->output(peer, &out);
  char *head = strndup((const char *)out, len);
  assert_non_null(strstr(head, field));
  free(head);
  ops->output_done(peer, len);
  FEED(peer, 0xC1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
  EXPECT(peer, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
  FEED(peer, 0x81, "Hello");
  EXPECT(peer, "\x81\x05Hello");
  FEED(peer, 0x42, "\xf2");
  FEED(peer, 0x89, "");
  EXPECT(peer, "\x8a\x00");
  FEED(peer, 0x80, "\x00\x11\x00\x00");
  EXPECT(peer, "\xc2\x05\xf2\x00\x11\x00\x00");
  FEED(peer, 0xC1, "\x00");
  EXPECT(peer, "\xc1\x01\x00");
  FEED(peer, 0x01, "He");
  FEED(peer, 0x80, "llo");
  EXPECT(peer, "\x81\x05Hello");
  ops->close(peer);
}

/* What each command makes it send; docs/testee.md. */
static void commands_are_obeyed(void **state) {
  (void)state;
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl(),
                                    .commands = true};
  struct wsc_peer *peer = open_peer(&config);
  FEED(peer, 0x81, "wsspec:do list");
  EXPECT(peer, "\x81\x1E" WSC_DO_ALL);
  FEED(peer, 0x81, "wsspec:do ping a b");
  EXPECT(peer, "\x89\x03"
               "a b");
  FEED(peer, 0x81, "wsspec:do send a");
  EXPECT(peer, "\x81\x01"
               "a");
  FEED(peer, 0x01, "wsspec:do fragments");
  FEED(peer, 0x80, " a bc d");
  EXPECT(peer, "\x01\x01"
               "a"
               "\x00\x02"
               "bc"
               "\x80\x01"
               "d");
  FEED(peer, 0x82, "wsspec:do send a");
  EXPECT(peer, "\x82\x10wsspec:do send a");
  FEED(peer, 0x81, "wsspec:do dance");
  EXPECT(peer, "\x81\x0Fwsspec:do dance");
  FEED(peer, 0x81, "wsspec:do close 1006");
  EXPECT(peer, "");
  FEED(peer, 0x81, "wsspec:do close 4000 a b");
  EXPECT(peer, "\x88\x05\x0F\xA0"
               "a b");
  ops->close(peer);
  peer = open_peer(&config);
  FEED(peer, 0x81, "wsspec:do drop");
  EXPECT(peer, "");
  assert_int_equal(ops->wish(peer), WSC_PEER_CLOSE);
  ops->close(peer);
  config.commands = false;
  peer = open_peer(&config);
  FEED(peer, 0x81, "wsspec:do drop");
  EXPECT(peer, "\x81\x0Ewsspec:do drop");
  ops->close(peer);
}

static void any_size_up_to_the_limit_is_echoed(void **state) {
  (void)state;
  const size_t limit = (size_t)64 << 20;
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl()};
  struct wsc_peer *peer = open_peer(&config);
  const uint8_t *out;
  uint8_t *payload = malloc(limit + 1);
  assert_non_null(payload);
  memset(payload, 'x', limit + 1);
  feed_frame(peer, WS_OP_TEXT, true, payload, limit);
  expect_frame(peer, WS_OP_TEXT, payload, limit);
  feed_frame(peer, WS_OP_BINARY, true, payload, limit + 1);
  assert_true(ops->output(peer, &out) > 4);
  assert_int_equal(out[0], 0x88);
  assert_int_equal(out[2] << 8 | out[3], 1009);
  free(payload);
  ops->close(peer);
}

static void output_that_nobody_takes_is_bounded(void **state) {
  (void)state;
  static uint8_t payload[4096];
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl(),
                                    .max_message = sizeof(payload)};
  struct wsc_peer *peer = open_peer(&config);
  const uint8_t *out;
  size_t most = 0;
  for (int i = 0; i < 1000; i++) {
    feed_frame(peer, WS_OP_BINARY, true, payload, sizeof(payload));
    size_t len = ops->output(peer, &out);
    most = len > most ? len : most;
  }
  assert_true(most < ((size_t)1 << 20) + 4 * sizeof(payload));
  size_t len = ops->output(peer, &out);
  /* The last that is said is a Close frame, 1008. */
  assert_memory_equal(out + len - 21, "too much output waits", 21);
  assert_int_equal(out[len - 23] << 8 | out[len - 22], 1008);
  ops->close(peer);
}

static void the_first_offer_that_it_speaks_is_chosen(void **state) {
  (void)state;
  static const char *const protocols[] = {"chat", "superchat", NULL};
  static const struct {
    const char *offer, *answer;
  } rows[] = {
      {"Sec-WebSocket-Protocol: x, superchat, chat\r\n\r\n",
       "Sec-WebSocket-Protocol: superchat\r\n"},
      {"Sec-WebSocket-Protocol: CHAT\r\n\r\n", NULL},
      {"\r\n", NULL},
  };
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl(),
                                    .protocols = protocols};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    const uint8_t *out;
    char text[512] = {0};
    struct wsc_peer *peer = ops->open(&config, 0);
    assert_non_null(peer);
    feed(peer, HEAD, sizeof(HEAD) - 1);
    feed(peer, rows[i].offer, strlen(rows[i].offer));
    size_t len = ops->output(peer, &out);
    assert_true(len < sizeof(text));
    memcpy(text, out, len);
    assert_non_null(strstr(text, " 101 "));
    if (rows[i].answer != NULL) {
      assert_non_null(strstr(text, rows[i].answer));
    } else {
      assert_null(strstr(text, "Protocol:"));
    }
    ops->close(peer);
  }
}

static void a_slow_opening_handshake_is_ended(void **state) {
  (void)state;
  const uint8_t *out;
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl()};
  struct wsc_peer *peer = ops->open(&config, 7 * SECOND);
  assert_non_null(peer);
  assert_int_equal(ops->deadline(peer), 17 * SECOND);
  ops->tick(peer, 16 * SECOND);
  assert_int_equal(ops->wish(peer), WSC_PEER_STAY);
  ops->tick(peer, 17 * SECOND);
  assert_int_equal(ops->wish(peer), WSC_PEER_CLOSE);
  ops->close(peer);
  peer = ops->open(&config, 0);
  assert_non_null(peer);
  feed(peer, "GET /", 5);
  ops->tick(peer, 10 * SECOND);
  size_t len = ops->output(peer, &out);
  assert_true(len > 12 && memcmp(out, "HTTP/1.1 400", 12) == 0);
  ops->output_done(peer, len);
  assert_int_equal(ops->wish(peer), WSC_PEER_CLOSE);
  ops->close(peer);
}

static void the_closing_handshake_has_a_deadline(void **state) {
  (void)state;
  const uint8_t *out;
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl()};
  struct wsc_peer *peer = open_peer(&config);
  feed(peer, "\x88\x80\0\0\0\0", 6);
  assert_int_equal(ops->wish(peer), WSC_PEER_STAY); /* output waits */
  assert_int_equal(ops->deadline(peer), 0);
  ops->tick(peer, 100 * SECOND);
  assert_int_equal(ops->deadline(peer), 105 * SECOND);
  ops->tick(peer, 104 * SECOND);
  assert_int_equal(ops->wish(peer), WSC_PEER_STAY);
  ops->tick(peer, 105 * SECOND);
  assert_int_equal(ops->wish(peer), WSC_PEER_RESET);
  ops->output_done(peer, ops->output(peer, &out));
  assert_int_equal(ops->wish(peer), WSC_PEER_CLOSE);
  ops->close(peer);
}

static void faults_are_answered_and_end(void **state) {
  (void)state;
  const uint8_t *out;
  struct wsc_libws_config config = {.crypto = ws_crypto_openssl()};
  struct wsc_peer *peer = open_peer(&config);
  feed(peer, "\x81\x02hi", 4); /* not masked */
  size_t len = ops->output(peer, &out);
  assert_true(len > 4);
  assert_int_equal(out[0], 0x88);
  assert_int_equal(out[2] << 8 | out[3], 1002);
  ops->output_done(peer, len);
  assert_int_equal(ops->wish(peer), WSC_PEER_CLOSE);
  ops->close(peer);
  peer = open_peer(&config);
  ops->feed_eof(peer);
  assert_int_equal(ops->output(peer, &out), 0);
  assert_int_equal(ops->wish(peer), WSC_PEER_CLOSE);
  ops->close(peer);
  ops->close(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_come_back_with_their_type),
      cmocka_unit_test(what_came_compressed_goes_compressed),
      cmocka_unit_test(commands_are_obeyed),
      cmocka_unit_test(any_size_up_to_the_limit_is_echoed),
      cmocka_unit_test(output_that_nobody_takes_is_bounded),
      cmocka_unit_test(the_first_offer_that_it_speaks_is_chosen),
      cmocka_unit_test(a_slow_opening_handshake_is_ended),
      cmocka_unit_test(the_closing_handshake_has_a_deadline),
      cmocka_unit_test(faults_are_answered_and_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
