/* Messages in: their types, how they are told, what they cost, and that a
 * reader who pauses holds the peer back. */
#include "websocket_support.h"

#include <sys/socket.h>

/* WHATWG-feedback-03 */
static void messages_have_the_type_of_the_moment(void **state) {
  struct rig *rig = *state;
  rig_open(rig, WS_CLIENT);
  PEER_SEND(rig, 0x81, "text");
  PEER_SEND(rig, 0x82, "blob");
  PEER_SEND(rig, 0x81, "");
  PEER_SEND(rig, 0x82, "");
  rig_expect(rig, "1o 1t[text] 1b[blob] 1t[] 1b[] ");
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  PEER_SEND(rig, 0x82, "array");
  PEER_SEND(rig, 0x82, "");
  rig_expect_end(rig, "1b[] 1a[array] 1a[] ");
}

/* WHATWG-binaryType-01 */
static void other_binary_types_are_ignored(void **state) {
  struct rig *rig = *state;
  rig_connect(rig, "/");
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  assert_int_equal(ws_websocket_binary_type(rig->socket), WS_BINARY_ARRAY);
  ws_websocket_set_binary_type(rig->socket, (enum ws_binary_type)7);
  assert_int_equal(ws_websocket_binary_type(rig->socket), WS_BINARY_ARRAY);
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_BLOB);
  assert_int_equal(ws_websocket_binary_type(rig->socket), WS_BINARY_BLOB);
}

static void check_origin(struct rig *rig,
                         const struct ws_websocket_event *event) {
  char origin[64] = "https://example.com";
  if (event->type == WS_WEBSOCKET_MESSAGE) {
    if (rig->role == WS_CLIENT) {
      snprintf(origin, sizeof(origin), "ws://127.0.0.1:%u",
               (unsigned)rig->port);
    }
    assert_string_equal(event->origin, origin);
  }
}

/* WHATWG-feedback-04; a server tells the client's Origin. */
static void messages_carry_an_origin(void **state) {
  (void)state;
  for (int role = WS_CLIENT; role <= WS_SERVER; role++) {
    struct rig rig;
    rig_init(&rig);
    rig.act = check_origin;
    rig_open(&rig, (enum ws_role)role);
    PEER_SEND(&rig, 0x81, "hi");
    rig_expect(&rig, "1o 1t[hi] ");
    rig_free(&rig);
  }
}

/* The type is that of the message's end, wherever it began. */
static void fragments_become_one_message(void **state) {
  struct rig *rig = *state;
  rig_open(rig, WS_SERVER);
  PEER_SEND(rig, 0x01, "a\xC3");
  PEER_SEND(rig, 0x89, "mid");
  PEER_EXPECT(rig, 0x8A, "mid");
  PEER_SEND(rig, 0x00, "\xA9");
  PEER_SEND(rig, 0x80, "b");
  PEER_SEND(rig, 0x02, "x");
  PEER_SEND(rig, 0x80, "yz");
  rig_expect(rig, "1o 1t[a\xC3\xA9"
                  "b] 1b[xyz] ");
  PEER_SEND(rig, 0x02, "");
  peer_fence(rig);
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  PEER_SEND(rig, 0x00, "12");
  PEER_SEND(rig, 0x80, "");
  rig_expect_end(rig, " 1a[12] ");
}

/* What a message event is compared with. */
struct large {
  uint8_t *bytes;
  size_t len;
  size_t num_seen;
  struct ws_blob *kept;
};

static void on_large(void *user, const struct ws_websocket_event *event) {
  struct large *large = user;
  large->num_seen++;
  if (event->message == WS_MESSAGE_BLOB) {
    assert_int_equal(ws_blob_size(event->blob), large->len);
    large->kept = ws_blob_ref(event->blob);
  } else {
    assert_int_equal(event->data.len, large->len);
    assert_memory_equal(event->data.data, large->bytes, large->len);
  }
}

static struct large make_large(size_t len) {
  struct large large = {.bytes = malloc(len), .len = len};
  uint64_t seed = 42;
  assert_non_null(large.bytes);
  for (size_t i = 0; i < len; i++) {
    large.bytes[i] = (uint8_t)next_random(&seed);
  }
  return large;
}

static void large_messages_and_a_blob_that_outlives_them(void **state) {
  struct rig *rig = *state;
  struct large large = make_large(300000);
  uint64_t begin = 0;
  rig_open(rig, WS_CLIENT);
  ws_websocket_on_message(rig->socket, on_large, &large);
  peer_send_frame(rig, 0x82, large.bytes, large.len);
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_BLOB);
  while (large.num_seen == 0 && rig_turn(rig, &begin)) {
  }
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  peer_send_frame(rig, 0x82, large.bytes, large.len);
  while (large.num_seen == 1 && rig_turn(rig, &begin)) {
  }
  assert_int_equal(large.num_seen, 2);
  ws_websocket_abort(rig->socket);
  ws_websocket_release(rig->socket);
  rig->socket = NULL;
  uint8_t *copy = malloc(large.len);
  assert_non_null(copy);
  assert_int_equal(ws_blob_read(large.kept, 0, copy, large.len), large.len);
  assert_memory_equal(copy, large.bytes, large.len);
  free(copy);
  ws_blob_unref(large.kept);
  free(large.bytes);
}

static void limits_end_in_1009(void **state) {
  struct rig *rig = *state;
  rig->options.config.limits.conn.message = 10;
  rig_open(rig, WS_CLIENT);
  PEER_SEND(rig, 0x81, "0123456789");
  PEER_SEND(rig, 0x81, "0123456789a");
  struct frame_seen frame = peer_read_frame(rig);
  assert_int_equal(frame.first, 0x88);
  assert_memory_equal(frame.payload, "\x03\xF1", 2);
  rig_expect(rig, "1o 1t[0123456789] 3e 3c[0,1006,] ");
  assert_int_equal(ws_websocket_fault(rig->socket), WS_FAULT_MESSAGE_TOO_BIG);
}

/* A message that lies whole in what was read, and its echo. */
static void echo(void *user, const struct ws_websocket_event *event) {
  size_t *num_seen = user;
  (*num_seen)++;
  enum ws_status status =
      event->message == WS_MESSAGE_TEXT
          ? ws_websocket_send_text(
                event->target, (const char *)event->data.data, event->data.len)
          : ws_websocket_send_array(event->target, event->data.data,
                                    event->data.len);
  assert_int_equal(status, WS_OK);
}

static void the_steady_state_allocates_nothing(void **state) {
  struct rig *rig = *state;
  size_t num_seen = 0;
  size_t before = 0;
  rig_open(rig, WS_SERVER);
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  ws_websocket_on_message(rig->socket, echo, &num_seen);
  for (int i = 0; i < 1000; i++) {
    PEER_SEND(rig, 0x81, "a message of some length");
    PEER_EXPECT(rig, 0x81, "a message of some length");
    PEER_SEND(rig, 0x82, "\0\1\2\3");
    PEER_EXPECT(rig, 0x82, "\0\1\2\3");
    if (i == 10) {
      before = rig->fm.num_calls;
    }
  }
  assert_int_equal(num_seen, 2000);
  assert_int_equal(rig->fm.num_calls, before);
}

/* Pausing ------------------------------------------------------------------ */

static void pause_once(struct rig *rig,
                       const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_MESSAGE && event->data.data[0] == '1') {
    ws_websocket_pause(event->target, true);
  }
  (void)rig;
}

/* Four messages in one segment, and a pause behind the first of them. */
static void no_message_is_delivered_while_paused(void **state) {
  struct rig *rig = *state;
  static const char frames[] = "\x81\x01"
                               "1\x81\x01"
                               "2\x01\x01"
                               "3\x80\x01"
                               "4\x88\x00";
  rig->act = pause_once;
  rig_open(rig, WS_CLIENT);
  peer_send(rig, frames, sizeof(frames) - 1);
  rig_expect(rig, "1o 1t[1] ");
  for (int i = 0; i < 20; i++) {
    ws_io_turn(rig->io, ws_io_now(rig->io) + 500);
  }
  assert_string_equal(rig->log, "1o 1t[1] ");
  ws_websocket_pause(rig->socket, false);
  assert_string_equal(rig->log, "1o 1t[1] "); /* not from inside the call */
  PEER_EXPECT(rig, 0x88, "");
  peer_close(rig);
  rig_expect(rig, "1o 1t[1] 1t[2] 1t[34] 3c[1,1005,] ");
}

static void pause_at_open(struct rig *rig,
                          const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_OPEN) {
    ws_websocket_pause(event->target, true);
  }
  (void)rig;
}

/* A pause does not keep a connection from opening, nor from closing. */
static void handshakes_do_not_wait(void **state) {
  struct rig *rig = *state;
  rig->act = pause_at_open;
  rig_connect(rig, "/");
  ws_websocket_pause(rig->socket, true);
  rig_accept(rig);
  rig_answer(rig, "");
  PEER_SEND(rig, 0x81, "never told");
  rig_expect(rig, "1o ");
  assert_int_equal(ws_websocket_close(rig->socket, 1000, NULL), WS_OK);
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  PEER_SEND(rig, 0x88, "\x03\xE8");
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,1000,] ");
}

/* Sends until the network takes no more for a while; how much. */
static size_t flood(struct rig *rig) {
  static const uint8_t frame[65536 + 10] = {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0};
  size_t sum = 0;
  for (int idle = 0; idle < 20; idle++) {
    size_t at = sum % sizeof(frame);
    ssize_t n = send(rig->fd, frame + at, sizeof(frame) - at, MSG_NOSIGNAL);
    if (n > 0) {
      sum += (size_t)n;
      idle = 0;
    }
    ws_io_turn(rig->io, ws_io_now(rig->io) + 200);
  }
  return sum;
}

/* The flood ends, since nobody reads it, and it lies with the kernel. */
static void who_is_paused_buffers_nothing(void **state) {
  struct rig *rig = *state;
  int size = 65536;
  rig_open(rig, WS_CLIENT);
  setsockopt(rig->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
  size_t before = rig->fm.live_len;
  rig->fm.peak_len = before;
  ws_websocket_pause(rig->socket, true);
  size_t sent = flood(rig);
  assert_true(sent >= 65536); /* and then TCP has held the peer back */
  assert_true(rig->fm.peak_len <= before + 2 * 65536);
  assert_string_equal(rig->log, "1o ");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      RIG_TEST(messages_have_the_type_of_the_moment),
      RIG_TEST(other_binary_types_are_ignored),
      cmocka_unit_test(messages_carry_an_origin),
      RIG_TEST(fragments_become_one_message),
      RIG_TEST(large_messages_and_a_blob_that_outlives_them),
      RIG_TEST(limits_end_in_1009),
      RIG_TEST(the_steady_state_allocates_nothing),
      RIG_TEST(no_message_is_delivered_while_paused),
      RIG_TEST(handshakes_do_not_wait),
      RIG_TEST(who_is_paused_buffers_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
