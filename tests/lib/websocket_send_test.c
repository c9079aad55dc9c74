/* Messages out: order, bufferedAmount, and that a slow reader costs no more
 * than the limits say. */
#include "websocket_support.h"

#include <sys/socket.h>

#include "loopback.h"

static struct ws_blob *blob_of(struct rig *rig, const char *text) {
  struct ws_blob *blob = ws_blob_new(&rig->fm.allocator, text, strlen(text));
  assert_non_null(blob);
  return blob;
}

static void say(struct rig *rig, const char *text) {
  assert_int_equal(ws_websocket_send_text(rig->socket, text, strlen(text)),
                   WS_OK);
}

static uint64_t buffered(const struct rig *rig) {
  return ws_websocket_buffered_amount(rig->socket);
}

/* WHATWG-buffered-01, WHATWG-send-04, WHATWG-send-06, WHATWG-send-08,
 * WHATWG-send-10 */
static void sends_are_counted_until_they_leave(void **state) {
  (void)state;
  for (int role = WS_CLIENT; role <= WS_SERVER; role++) {
    struct rig rig;
    uint64_t begin = 0;
    rig_init(&rig);
    rig_open(&rig, (enum ws_role)role);
    struct ws_blob *blob = blob_of(&rig, "blob");
    static const char array[] = "0123456789";
    say(&rig, "\xC3\xA9");
    assert_int_equal(buffered(&rig), 2);
    assert_int_equal(ws_websocket_send_array(rig.socket, array + 2, 3), WS_OK);
    assert_int_equal(buffered(&rig), 5);
    assert_int_equal(ws_websocket_send_blob(rig.socket, blob), WS_OK);
    assert_int_equal(buffered(&rig), 9);
    say(&rig, "");
    assert_int_equal(buffered(&rig), 9);
    ws_blob_unref(blob);
    while (buffered(&rig) != 0 && rig_turn(&rig, &begin)) {
    }
    PEER_EXPECT(&rig, 0x81, "\xC3\xA9");
    PEER_EXPECT(&rig, 0x82, "234");
    PEER_EXPECT(&rig, 0x82, "blob");
    PEER_EXPECT(&rig, 0x81, "");
    rig_free(&rig);
  }
}

/* WHATWG-buffered-02, 6455-6.1-02 */
static void sends_behind_the_end_are_counted_and_discarded(void **state) {
  struct rig *rig = *state;
  struct ws_blob *blob = blob_of(rig, "blob");
  rig_open(rig, WS_CLIENT);
  assert_int_equal(ws_websocket_close(rig->socket, 1000, NULL), WS_OK);
  say(rig, "ab");
  assert_int_equal(ws_websocket_send_array(rig->socket, "c", 1), WS_OK);
  assert_int_equal(ws_websocket_send_blob(rig->socket, blob), WS_OK);
  assert_int_equal(ws_websocket_send_text(rig->socket, "\xFF", 1),
                   WS_ERR_ARGUMENT);
  assert_int_equal(buffered(rig), 7);
  PEER_EXPECT(rig, 0x88, "\x03\xE8");
  PEER_SEND(rig, 0x88, "\x03\xE8");
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,1000,] ");
  peer_expect_fin(rig);
  assert_int_equal(buffered(rig), 7);
  say(rig, "ab");
  assert_int_equal(ws_websocket_send_blob(rig->socket, blob), WS_OK);
  assert_int_equal(buffered(rig), 13);
  ws_blob_unref(blob);
}

/* WHATWG-close-10 and -send-12: the order of the calls is the order on the
 * wire, Close frame included. */
static void the_order_is_kept(void **state) {
  struct rig *rig = *state;
  struct ws_blob *first = blob_of(rig, "first ");
  struct ws_blob *second = blob_of(rig, "second");
  struct ws_blob *parts[] = {first, second};
  struct ws_blob *both = ws_blob_concat(&rig->fm.allocator, parts, 2);
  struct ws_blob *nothing = blob_of(rig, "");
  rig_open(rig, WS_CLIENT);
  say(rig, "1");
  assert_int_equal(ws_websocket_send_blob(rig->socket, both), WS_OK);
  say(rig, "2");
  assert_int_equal(ws_websocket_send_blob(rig->socket, nothing), WS_OK);
  assert_int_equal(ws_websocket_send_array(rig->socket, "3", 1), WS_OK);
  assert_int_equal(ws_websocket_send_text(rig->socket, "\xED\xA0\x80", 3),
                   WS_ERR_ARGUMENT);
  assert_int_equal(ws_websocket_close(rig->socket, 1000, "bye"), WS_OK);
  ws_blob_unref(first);
  ws_blob_unref(second);
  ws_blob_unref(both);
  ws_blob_unref(nothing);
  PEER_EXPECT(rig, 0x81, "1");
  PEER_EXPECT(rig, 0x82, "first second");
  PEER_EXPECT(rig, 0x81, "2");
  PEER_EXPECT(rig, 0x82, "");
  PEER_EXPECT(rig, 0x82, "3");
  PEER_EXPECT(rig, 0x88,
              "\x03\xE8"
              "bye");
}

/* 6455-10.3-02 */
static void memory_may_be_reused_on_return(void **state) {
  struct rig *rig = *state;
  char text[] = "before";
  struct ws_blob *blob = blob_of(rig, "blob");
  rig_open(rig, WS_CLIENT);
  say(rig, text);
  ws_websocket_send_blob(rig->socket, blob);
  ws_blob_unref(blob);
  say(rig, text); /* this one waits behind the blob */
  memcpy(text, "after!", 6);
  PEER_EXPECT(rig, 0x81, "before");
  PEER_EXPECT(rig, 0x82, "blob");
  PEER_EXPECT(rig, 0x81, "before");
}

static void pings_are_sent_and_answered(void **state) {
  struct rig *rig = *state;
  char data[126] = {0};
  rig_open(rig, WS_CLIENT);
  assert_int_equal(ws_websocket_ping(rig->socket, data, 126), WS_ERR_ARGUMENT);
  assert_int_equal(ws_websocket_ping(rig->socket, "hi", 2), WS_OK);
  PEER_EXPECT(rig, 0x89, "hi");
  peer_fence(rig);
  ws_websocket_close(rig->socket, 1000, NULL);
  assert_int_equal(ws_websocket_ping(rig->socket, "hi", 2), WS_ERR_STATE);
}

/* Draining ----------------------------------------------------------------- */

static void on_drain(void *user, const struct ws_websocket_event *event) {
  size_t *num = user;
  assert_int_equal(event->type, WS_WEBSOCKET_DRAIN);
  assert_int_equal(ws_websocket_buffered_amount(event->target), 0);
  (*num)++;
  if (*num < 3) {
    ws_websocket_send_text(event->target, "again", 5);
  }
}

static void drain_is_told_when_all_has_left(void **state) {
  struct rig *rig = *state;
  size_t num = 0;
  rig_open(rig, WS_CLIENT);
  assert_int_equal(ws_websocket_add_listener(rig->socket, WS_WEBSOCKET_DRAIN,
                                             on_drain, &num),
                   WS_OK);
  peer_fence(rig);
  assert_int_equal(num, 0); /* a pong is nobody's data */
  say(rig, "one");
  say(rig, "two");
  assert_int_equal(num, 0);
  PEER_EXPECT(rig, 0x81, "one");
  PEER_EXPECT(rig, 0x81, "two");
  PEER_EXPECT(rig, 0x81, "again");
  PEER_EXPECT(rig, 0x81, "again");
  peer_fence(rig);
  assert_int_equal(num, 3);
}

/* Back-pressure ------------------------------------------------------------ */

/* Sends that fill what the kernel takes: a peer that does not read. */
static void stuff(struct rig *rig) {
  static const char block[65536];
  uint64_t begin = 0;
  uint64_t before;
  do {
    for (int i = 0; i < 16; i++) {
      ws_websocket_send_array(rig->socket, block, sizeof(block));
    }
    before = buffered(rig);
    for (int i = 0; i < 5; i++) {
      rig_turn(rig, &begin);
    }
  } while (buffered(rig) != before && rig_turn(rig, &begin));
  assert_true(buffered(rig) > 0);
}

#define LARGE ((size_t)16 << 20)

/* bufferedAmount falls by what the network takes, not by whole messages. */
static void a_slow_reader_lets_it_fall_slowly(void **state) {
  struct rig *rig = *state;
  uint64_t begin = 0;
  rig_open(rig, WS_SERVER);
  stuff(rig);
  char *large = calloc(1, LARGE);
  assert_non_null(large);
  ws_websocket_send_array(rig->socket, large, LARGE);
  free(large);
  uint64_t last = buffered(rig);
  size_t num_steps = 0;
  while (buffered(rig) != 0 && rig_turn(rig, &begin)) {
    peer_read(rig, 1 << 18);
    rig->in_len = 0;
    assert_true(buffered(rig) <= last);
    num_steps += buffered(rig) < last && buffered(rig) < LARGE;
    last = buffered(rig);
  }
  assert_int_equal(buffered(rig), 0);
  assert_true(num_steps > 3);
}

/* WHATWG-send-03 */
static void a_full_buffer_closes_the_socket(void **state) {
  struct rig *rig = *state;
  static const char block[100000];
  rig->options.config.limits.conn.output = 250000;
  rig_open(rig, WS_CLIENT);
  assert_int_equal(ws_websocket_send_array(rig->socket, block, 100000), WS_OK);
  assert_int_equal(ws_websocket_send_array(rig->socket, block, 100000), WS_OK);
  assert_int_equal(ws_websocket_send_array(rig->socket, block, 100000), WS_OK);
  assert_int_equal(buffered(rig), 300000);
  assert_string_equal(rig->log, "1o ");
  assert_int_equal(ws_websocket_send_array(rig->socket, block, 5), WS_OK);
  assert_int_equal(buffered(rig), 300005);
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
  assert_string_equal(ws_websocket_failure(rig->socket),
                      "the buffer of what is to be sent is full");
}

/* The same for what waits behind a blob. */
static void a_full_queue_closes_the_socket(void **state) {
  struct rig *rig = *state;
  static const char block[100000];
  rig->options.config.limits.conn.output = 250000;
  struct ws_blob *blob = blob_of(rig, "blob");
  rig_open(rig, WS_CLIENT);
  ws_websocket_send_blob(rig->socket, blob);
  ws_blob_unref(blob);
  for (int i = 0; i < 2; i++) {
    ws_websocket_send_array(rig->socket, block, 100000);
  }
  assert_string_equal(ws_websocket_failure(rig->socket), "");
  ws_websocket_send_array(rig->socket, block, 100000);
  assert_int_equal(buffered(rig), 300004);
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
}

/* What fits, but not yet, waits. */
static void a_message_waits_for_room_in_the_output(void **state) {
  struct rig *rig = *state;
  static const char block[100000];
  rig->options.config.limits.conn.output = 150000;
  rig_open(rig, WS_CLIENT);
  struct ws_blob *blob = ws_blob_new(&rig->fm.allocator, block, 65000);
  ws_websocket_send_blob(rig->socket, blob);
  ws_websocket_send_array(rig->socket, block, 100000);
  ws_blob_unref(blob);
  assert_int_equal(peer_read_frame(rig).len, 65000);
  assert_int_equal(peer_read_frame(rig).len, 100000);
  peer_fence(rig);
  assert_int_equal(buffered(rig), 0);
}

/* A blob is taken as the network takes it: what is allocated meanwhile stays
 * small, and no byte is lost. */
static void a_large_blob_costs_little_memory(void **state) {
  struct rig *rig = *state;
  const size_t len = 16 << 20;
  char *bytes = malloc(len);
  uint64_t begin = 0;
  assert_non_null(bytes);
  for (size_t i = 0; i < len; i++) {
    bytes[i] = (char)(i * 31 >> 3);
  }
  rig->options.config.limits.conn.output = 1 << 20;
  struct ws_blob *blob = ws_blob_adopt(NULL, bytes, len, NULL, NULL);
  rig_open(rig, WS_CLIENT);
  size_t before = rig->fm.live_len;
  rig->fm.peak_len = before;
  assert_int_equal(ws_websocket_send_blob(rig->socket, blob), WS_OK);
  ws_blob_unref(blob);
  for (int i = 0; i < 50; i++) {
    rig_turn(rig, &begin);
  }
  assert_true(buffered(rig) > len / 4); /* the peer does not read yet */
  size_t at = 0;
  struct frame_seen frame;
  do {
    frame = peer_read_frame(rig);
    assert_int_equal(frame.first & 0x7F, at == 0 ? 0x02 : 0x00);
    assert_true(frame.len <= 65536 && frame.len <= len - at);
    assert_memory_equal(frame.payload, bytes + at, frame.len);
    at += frame.len;
  } while ((frame.first & 0x80) == 0);
  assert_int_equal(at, len);
  assert_true(rig->fm.peak_len < before + (512 << 10));
  peer_fence(rig);
  assert_int_equal(buffered(rig), 0);
  free(bytes);
}

static void echo(void *user, const struct ws_websocket_event *event) {
  size_t *num = user;
  (*num)++;
  ws_websocket_send_array(event->target, event->data.data, event->data.len);
}

/* Sends `frame` again and again, until the network takes no more; how many
 * bytes. */
static size_t flood(struct rig *rig, const uint8_t *frame, size_t len) {
  uint64_t begin = 0;
  size_t sum = 0;
  for (int idle = 0; idle < 20; idle++) {
    size_t at = sum % len;
    ssize_t n = send(rig->fd, frame + at, len - at, MSG_NOSIGNAL);
    if (n > 0) {
      sum += (size_t)n;
      idle = 0;
    } else {
      rig_turn(rig, &begin);
    }
  }
  return sum;
}

/* Who sends and does not read makes us buffer no more than high_water, and what
 * one reading held; then TCP holds it back. */
static void who_does_not_read_our_answers_is_not_read(void **state) {
  struct rig *rig = *state;
  static const uint8_t frame[8192 + 8] = {0x82, 0xFE, 0x20, 0x00};
  size_t num_echoed = 0;
  rig->options.config.limits.high_water = 300000;
  rig_open(rig, WS_SERVER);
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  ws_websocket_on_message(rig->socket, echo, &num_echoed);
  size_t sum = flood(rig, frame, sizeof(frame));
  assert_true(buffered(rig) > 300000);
  assert_true(buffered(rig) < 300000 + 2 * 65536);
  assert_true(rig->fm.peak_len < 1200000); /* a doubling buffer, old and new */
  size_t rest = sizeof(frame) - sum % sizeof(frame);
  size_t num_sent = sum / sizeof(frame);
  for (size_t i = 0; i < num_sent; i++) {
    struct frame_seen seen = peer_read_frame(rig);
    assert_int_equal(seen.first, 0x82);
    assert_int_equal(seen.len, 8192);
  }
  peer_send(rig, frame + sizeof(frame) - rest, rest);
  assert_int_equal(peer_read_frame(rig).len, 8192);
  assert_int_equal(num_echoed, num_sent + 1);
  assert_int_equal(buffered(rig), 0);
  assert_string_equal(rig->log, "1o ");
}

/* ... and when it is gone, that is found out. */
static void who_does_not_read_our_answers_may_vanish(void **state) {
  struct rig *rig = *state;
  static const uint8_t frame[8192 + 8] = {0x82, 0xFE, 0x20, 0x00};
  size_t num_echoed = 0;
  rig->options.config.limits.high_water = 300000;
  rig_open(rig, WS_SERVER);
  ws_websocket_set_binary_type(rig->socket, WS_BINARY_ARRAY);
  ws_websocket_on_message(rig->socket, echo, &num_echoed);
  flood(rig, frame, sizeof(frame));
  assert_true(buffered(rig) > 300000);
  reset_now(rig->fd);
  rig->fd = -1;
  rig_expect(rig, "1o 3e 3c[0,1006,] ");
}

/* Two that send of their own accord, more than high_water each, do not wait for
 * each other. */
static void what_is_sent_unasked_does_not_stop_the_reading(void **state) {
  struct rig *rig = *state;
  uint64_t begin = 0;
  rig->options.config.limits.high_water = 100000;
  rig_open(rig, WS_SERVER);
  stuff(rig);
  assert_true(buffered(rig) > 100000);
  PEER_SEND(rig, 0x81, "hi");
  rig_expect(rig, "1o 1t[hi] ");
  while (buffered(rig) != 0 && rig_turn(rig, &begin)) {
    peer_read(rig, 1 << 20);
    rig->in_len = 0;
  }
  assert_int_equal(buffered(rig), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sends_are_counted_until_they_leave),
      RIG_TEST(sends_behind_the_end_are_counted_and_discarded),
      RIG_TEST(the_order_is_kept),
      RIG_TEST(memory_may_be_reused_on_return),
      RIG_TEST(pings_are_sent_and_answered),
      RIG_TEST(drain_is_told_when_all_has_left),
      RIG_TEST(a_slow_reader_lets_it_fall_slowly),
      RIG_TEST(a_full_buffer_closes_the_socket),
      RIG_TEST(a_full_queue_closes_the_socket),
      RIG_TEST(a_message_waits_for_room_in_the_output),
      RIG_TEST(a_large_blob_costs_little_memory),
      RIG_TEST(who_does_not_read_our_answers_is_not_read),
      RIG_TEST(who_does_not_read_our_answers_may_vanish),
      RIG_TEST(what_is_sent_unasked_does_not_stop_the_reading),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
