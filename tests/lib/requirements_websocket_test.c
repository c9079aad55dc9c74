/* Requirements of the browser-shaped WebSocket that no other test names. */
#include "websocket_support.h"

static const enum ws_role roles[] = {WS_CLIENT, WS_SERVER};

/* The peer's data, then its Close frame, meet a socket that has sent its own. */
static void data_meets_a_closing_socket(struct rig *rig) {
  assert_int_equal(ws_websocket_close(rig->socket, 1000, NULL), WS_OK);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CLOSING);
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  PEER_SEND(rig, 0x81, "late");
  PEER_SEND(rig, 0x02, "in ");
  PEER_SEND(rig, 0x80, "parts");
  PEER_SEND(rig, 0x88, "\x03\xE8");
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,1000,] ");
}

static void close_at_the_first_message(struct rig *rig,
                                       const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_MESSAGE) {
    assert_int_equal(ws_websocket_close(rig->socket, 1000, NULL), WS_OK);
  }
}

/* The second message has been read already when the first one ends OPEN. */
static void a_message_ends_the_open_state(struct rig *rig) {
  static const char unmasked[] = "\x81\x03one\x81\x03two";
  static const char masked[] = "\x81\x83\0\0\0\0one\x81\x83\0\0\0\0two";
  rig->act = close_at_the_first_message;
  if (rig->role == WS_CLIENT) {
    peer_send(rig, unmasked, sizeof unmasked - 1);
  } else {
    peer_send(rig, masked, sizeof masked - 1);
  }
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  PEER_SEND(rig, 0x88, "\x03\xE8");
  peer_close(rig);
  rig_expect(rig, "1o 1t[one] 3c[1,1000,] ");
}

/* WHATWG-feedback-02 */
static void messages_are_delivered_while_open_alone(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(roles); i++) {
    struct rig rig;
    rig_init(&rig);
    rig_open(&rig, roles[i]);
    data_meets_a_closing_socket(&rig);
    rig_free(&rig);
    rig_init(&rig);
    rig_open(&rig, roles[i]);
    a_message_ends_the_open_state(&rig);
    rig_free(&rig);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_are_delivered_while_open_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
