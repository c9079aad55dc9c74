/* permessage-deflate through the client: offered, agreed, used, refused. */
#include "websocket_support.h"

#define DEFLATE_FIELD "Sec-WebSocket-Extensions: permessage-deflate"

static const struct ws_deflate_config plain;

static void begin(struct rig *rig) {
  rig->options.config.deflate = &plain;
  rig_connect(rig, "/");
  rig_accept(rig);
  assert_non_null(strstr(rig->request, DEFLATE_FIELD "; client_max_window_bits"
                                                     "\r\n"));
}

static void check_extensions(struct rig *rig,
                             const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_OPEN) {
    assert_string_equal(ws_websocket_extensions(event->target),
                        "permessage-deflate; server_no_context_takeover");
  }
  (void)rig;
}

/* 6455-4.1-60; the octets are those of RFC 7692 7.2.3.1. */
static void compressed_messages_go_both_ways(void **state) {
  struct rig *rig = *state;
  rig->act = check_extensions;
  begin(rig);
  assert_string_equal(ws_websocket_extensions(rig->socket), "");
  rig_answer(rig, DEFLATE_FIELD "; server_no_context_takeover\r\n");
  rig_expect(rig, "1o ");
  PEER_SEND(rig, 0x41, "\xf2\x48\xcd");
  PEER_SEND(rig, 0x80, "\xc9\xc9\x07\x00");
  PEER_SEND(rig, 0x81, "plain");
  PEER_SEND(rig, 0xC2, "\xf2\x48\xcd\xc9\xc9\x07\x00");
  rig_expect(rig, "1o 1t[Hello] 1t[plain] 1b[Hello] ");
  assert_int_equal(ws_websocket_send_text(rig->socket, "Hello", 5), WS_OK);
  assert_int_equal(ws_websocket_buffered_amount(rig->socket), 5);
  struct frame_seen frame = peer_read_frame(rig);
  assert_int_equal(frame.first, 0xC1);
  assert_memory_equal(frame.payload, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  peer_fence(rig);
  assert_int_equal(ws_websocket_buffered_amount(rig->socket), 0);
}

static void a_server_need_not_answer_the_offer(void **state) {
  struct rig *rig = *state;
  begin(rig);
  rig_answer(rig, "");
  rig_expect(rig, "1o ");
  assert_string_equal(ws_websocket_extensions(rig->socket), "");
  ws_websocket_send_text(rig->socket, "Hello", 5);
  PEER_EXPECT(rig, 0x81, "Hello");
}

static void answers_that_fail_the_connection(void **state) {
  (void)state;
  static const struct {
    const char *answer;
    enum ws_fault fault;
  } rows[] = {
      {DEFLATE_FIELD "; server_max_window_bits=99\r\n",
       WS_FAULT_DEFLATE_RESPONSE},
      {DEFLATE_FIELD "; unknown\r\n", WS_FAULT_DEFLATE_RESPONSE},
      {"Sec-WebSocket-Extensions: x-other\r\n", WS_FAULT_EXTENSION_NOT_OFFERED},
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    struct rig rig;
    rig_init(&rig);
    begin(&rig);
    rig_answer(&rig, rows[i].answer);
    rig_expect(&rig, "3e 3c[0,1006,] ");
    assert_int_equal(ws_websocket_fault(rig.socket), rows[i].fault);
    assert_string_equal(ws_websocket_extensions(rig.socket), "");
    peer_expect_fin(&rig);
    rig_free(&rig);
  }
}

static void an_offer_has_to_be_in_range(void **state) {
  struct rig *rig = *state;
  static const struct ws_deflate_config wrong = {.server_max_window_bits = 7};
  rig->options.config.deflate = &wrong;
  assert_int_equal(ws_websocket_connect(&rig->socket, rig->io,
                                        "ws://127.0.0.1:1/", &rig->options),
                   WS_ERR_ARGUMENT);
  assert_null(rig->socket);
}

static void octets_that_are_not_deflate(void **state) {
  struct rig *rig = *state;
  begin(rig);
  rig_answer(rig, DEFLATE_FIELD "\r\n");
  rig_expect(rig, "1o ");
  PEER_SEND(rig, 0xC1, "\xff\xff\xff");
  struct frame_seen frame = peer_read_frame(rig);
  assert_int_equal(frame.first, 0x88);
  assert_memory_equal(frame.payload, "\x03\xEF", 2);
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
  assert_int_equal(ws_websocket_fault(rig->socket), WS_FAULT_DEFLATE_DATA);
}

static void pause_at_first(struct rig *rig,
                           const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_MESSAGE && strlen(rig->log) < 16) {
    ws_websocket_pause(event->target, true);
  }
}

/* What was read and not inflated yet is kept over the pause. */
static void a_pause_between_compressed_messages(void **state) {
  struct rig *rig = *state;
  static const char frames[] = "\xC1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"
                               "\xC1\x05\xf2\x00\x11\x00\x00"
                               "\x81\x01x";
  rig->act = pause_at_first;
  begin(rig);
  rig_answer(rig, DEFLATE_FIELD "\r\n");
  rig_expect(rig, "1o ");
  peer_send(rig, frames, sizeof(frames) - 1);
  rig_expect(rig, "1o 1t[Hello] ");
  for (int i = 0; i < 5; i++) {
    ws_io_turn(rig->io, ws_io_now(rig->io) + 500);
  }
  assert_string_equal(rig->log, "1o 1t[Hello] ");
  ws_websocket_pause(rig->socket, false);
  rig_expect(rig, "1o 1t[Hello] 1t[Hello] 1t[x] ");
}

/* A blob is one compressed message, in as many frames as it needs; here it
 * comes back as it went, to be inflated by the same socket. */
static void a_blob_is_one_compressed_message(void **state) {
  struct rig *rig = *state;
  const size_t len = 300000;
  uint8_t *bytes = malloc(len);
  uint64_t seed = 7;
  assert_non_null(bytes);
  for (size_t i = 0; i < len; i++) {
    bytes[i] = (uint8_t)("abcdefgh"[next_random(&seed) % 8]);
  }
  struct ws_blob *blob = ws_blob_new(&rig->fm.allocator, bytes, len);
  begin(rig);
  rig_answer(rig, DEFLATE_FIELD "\r\n");
  rig_expect(rig, "1o ");
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_BLOB);
  assert_int_equal(ws_websocket_send_blob(rig->socket, blob), WS_OK);
  ws_blob_unref(blob);
  struct frame_seen frame;
  size_t sum = 0;
  size_t num = 0;
  do {
    frame = peer_read_frame(rig);
    assert_int_equal(frame.first & 0x7F, num == 0 ? 0x42 : 0x00);
    peer_send_frame(rig, frame.first, frame.payload, frame.len);
    sum += frame.len;
    num++;
  } while ((frame.first & 0x80) == 0);
  assert_true(num > 1 && sum < len * 2 / 3);
  char log[64];
  snprintf(log, sizeof(log), "1o 1b[%.40s] ", (const char *)bytes);
  rig_expect(rig, log);
  assert_int_equal(ws_websocket_buffered_amount(rig->socket), 0);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      RIG_TEST(compressed_messages_go_both_ways),
      RIG_TEST(a_server_need_not_answer_the_offer),
      cmocka_unit_test(answers_that_fail_the_connection),
      RIG_TEST(an_offer_has_to_be_in_range),
      RIG_TEST(octets_that_are_not_deflate),
      RIG_TEST(a_pause_between_compressed_messages),
      RIG_TEST(a_blob_is_one_compressed_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
