/* Who keeps a socket alive, and what is left when nobody does. */
#include "websocket_support.h"

#include "websocket/adopt_internal.h"

static void unlisten(struct rig *rig) {
  for (int i = 0; i < WS_WEBSOCKET_NUM_EVENTS; i++) {
    ws_websocket_set_handler(rig->socket, (enum ws_websocket_event_type)i, NULL,
                             NULL);
  }
}

static void release(struct rig *rig) {
  struct ws_websocket *socket = rig->socket;
  rig->socket = NULL;
  ws_websocket_release(socket);
}

/* Turns until the loop has nothing left: all sockets are gone. */
static void expect_nothing_left(struct rig *rig) {
  uint64_t begin = 0;
  while (rig->fm.live_blocks != 0 && rig_turn(rig, &begin)) {
  }
  failmalloc_assert_empty(&rig->fm);
}

static void hear(void *user, const struct ws_websocket_event *event) {
  char *seen = user;
  seen[event->type]++;
}

/* Opens, says "hi", closes: what a listener to `type` alone gets to hear of a
 * socket that was released in CONNECTING. */
static void release_while_connecting(enum ws_websocket_event_type type) {
  struct rig rig;
  char seen[WS_WEBSOCKET_NUM_EVENTS] = {0};
  rig_init(&rig);
  rig_connect(&rig, "/");
  unlisten(&rig);
  ws_websocket_add_listener(rig.socket, type, hear, seen);
  release(&rig);
  rig_accept(&rig);
  rig_answer(&rig, "");
  if (type == WS_WEBSOCKET_OPEN) {
    PEER_EXPECT(&rig, 0x88, ""); /* nobody listens once it is open */
  }
  PEER_SEND(&rig, 0x81, "hi");
  if (type == WS_WEBSOCKET_ERROR) {
    PEER_SEND(&rig, 0x8F, "reserved opcode");
  } else {
    PEER_SEND(&rig, 0x88, "");
  }
  peer_close(&rig);
  expect_nothing_left(&rig);
  for (int i = 0; i < WS_WEBSOCKET_NUM_EVENTS; i++) {
    assert_int_equal(seen[i], i == (int)type);
  }
  rig_free(&rig);
}

/* WHATWG-gc-01 */
static void a_listener_keeps_a_socket_that_connects(void **state) {
  (void)state;
  release_while_connecting(WS_WEBSOCKET_OPEN);
  release_while_connecting(WS_WEBSOCKET_MESSAGE);
  release_while_connecting(WS_WEBSOCKET_ERROR);
  release_while_connecting(WS_WEBSOCKET_CLOSE);
}

static void nobody_keeps_a_socket_that_connects(void **state) {
  struct rig *rig = *state;
  rig_connect(rig, "/");
  unlisten(rig);
  rig_accept(rig);
  release(rig);
  expect_nothing_left(rig);
  peer_expect_fin(rig);
}

/* WHATWG-gc-02 */
static void a_listener_keeps_an_open_socket(void **state) {
  (void)state;
  static const enum ws_websocket_event_type types[] = {
      WS_WEBSOCKET_MESSAGE, WS_WEBSOCKET_ERROR, WS_WEBSOCKET_CLOSE};
  for (int role = WS_CLIENT; role <= WS_SERVER; role++) {
    for (size_t i = 0; i < NUM_OF(types); i++) {
      struct rig rig;
      char seen[WS_WEBSOCKET_NUM_EVENTS] = {0};
      rig_init(&rig);
      rig_open(&rig, (enum ws_role)role);
      struct ws_websocket *socket = rig.socket;
      ws_websocket_add_listener(socket, types[i], hear, seen);
      unlisten(&rig);
      release(&rig);
      peer_fence(&rig);
      PEER_SEND(&rig, 0x81, "hi");
      peer_fence(&rig);
      assert_int_equal(seen[WS_WEBSOCKET_MESSAGE],
                       types[i] == WS_WEBSOCKET_MESSAGE);
      ws_websocket_remove_listener(socket, types[i], hear, seen);
      PEER_EXPECT(&rig, 0x88, ""); /* now it is closed: WHATWG-gc-05 */
      PEER_SEND(&rig, 0x88, "");
      peer_close(&rig);
      expect_nothing_left(&rig);
      assert_int_equal(rig.num_gone, role == WS_SERVER);
      rig_free(&rig);
    }
  }
}

/* WHATWG-gc-03 */
static void a_listener_keeps_a_closing_socket(void **state) {
  struct rig *rig = *state;
  char seen[WS_WEBSOCKET_NUM_EVENTS] = {0};
  rig_open(rig, WS_CLIENT);
  unlisten(rig);
  ws_websocket_add_listener(rig->socket, WS_WEBSOCKET_CLOSE, hear, seen);
  ws_websocket_close(rig->socket, 4000, NULL);
  release(rig);
  PEER_EXPECT(rig, 0x88, "\x0F\xA0");
  PEER_SEND(rig, 0x88, "");
  peer_close(rig);
  expect_nothing_left(rig);
  assert_int_equal(seen[WS_WEBSOCKET_CLOSE], 1);
}

/* WHATWG-gc-04 */
static void data_is_sent_after_the_release(void **state) {
  struct rig *rig = *state;
  size_t len = 8 << 20;
  char *bytes = calloc(1, len);
  assert_non_null(bytes);
  struct ws_blob *blob = ws_blob_new(&rig->fm.allocator, bytes, len);
  free(bytes);
  rig_open(rig, WS_CLIENT);
  unlisten(rig);
  ws_websocket_send_blob(rig->socket, blob);
  ws_blob_unref(blob);
  ws_websocket_send_text(rig->socket, "last", 4);
  release(rig);
  struct frame_seen frame;
  size_t sum = 0;
  do {
    frame = peer_read_frame(rig);
    sum += frame.len;
  } while ((frame.first & 0x80) == 0);
  assert_int_equal(sum, len);
  PEER_EXPECT(rig, 0x81, "last");
  PEER_EXPECT(rig, 0x88, "");
  PEER_SEND(rig, 0x88, "");
  peer_close(rig);
  expect_nothing_left(rig);
}

static void a_released_socket_of_which_the_peer_tires(void **state) {
  struct rig *rig = *state;
  rig->options.config.timeouts.closing = 20 * MS;
  rig_open(rig, WS_SERVER);
  unlisten(rig);
  release(rig);
  PEER_EXPECT(rig, 0x88, "");
  expect_nothing_left(rig); /* no answer comes */
  assert_int_equal(rig->num_gone, 1);
}

/* Abort -------------------------------------------------------------------- */

static void abort_is_a_reset_and_its_events_are_tasks(void **state) {
  (void)state;
  for (int role = WS_CLIENT; role <= WS_SERVER; role++) {
    struct rig rig;
    rig_init(&rig);
    rig_open(&rig, (enum ws_role)role);
    ws_websocket_send_text(rig.socket, "lost", 4);
    ws_websocket_abort(rig.socket);
    ws_websocket_abort(rig.socket);
    assert_string_equal(rig.log, "1o ");
    assert_int_equal(ws_websocket_ready_state(rig.socket), WS_CLOSING);
    peer_expect_reset(&rig);
    rig_expect(&rig, "1o 3e 3c[0,1006,] ");
    assert_string_equal(ws_websocket_failure(rig.socket), "aborted");
    assert_int_equal(ws_websocket_buffered_amount(rig.socket), 4);
    ws_websocket_abort(rig.socket);
    rig_free(&rig);
  }
}

/* Each at once, with no turn of the loop in between. */
static void abort_and_release_leave_nothing(void **state) {
  (void)state;
  for (int phase = 0; phase < 3; phase++) {
    struct rig rig;
    rig_init(&rig);
    rig_connect(&rig, "/");
    if (phase > 0) {
      rig_accept(&rig);
    }
    if (phase > 1) {
      rig_answer(&rig, "");
      rig_expect(&rig, "1o ");
    }
    ws_websocket_abort(rig.socket);
    release(&rig);
    failmalloc_assert_empty(&rig.fm);
    assert_string_equal(rig.log, phase > 1 ? "1o " : "");
    rig_free(&rig);
  }
}

static void a_client_that_is_never_turned(void **state) {
  struct rig *rig = *state;
  rig_connect(rig, "/");
  ws_websocket_release(NULL);
}

/* A server's sockets ------------------------------------------------------- */

static void a_server_hears_once_that_a_socket_is_gone(void **state) {
  struct rig *rig = *state;
  rig_adopt(rig);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CONNECTING);
  assert_int_equal(ws_websocket_role(rig->socket), WS_SERVER);
  assert_string_equal(ws_websocket_url(rig->socket), "");
  assert_string_equal(ws_websocket_protocol(rig->socket), "");
  assert_string_equal(rig->log, "");
  rig_expect(rig, "1o ");
  assert_string_equal(ws_websocket_protocol(rig->socket), "chat");
  ws_websocket_go_away(rig->socket);
  assert_int_equal(ws_websocket_ready_state(rig->socket), WS_CLOSING);
  uint64_t begin = 0;
  while (rig->in_len < 4 && rig_turn(rig, &begin)) {
    peer_read(rig, 4096);
  }
  assert_memory_equal(rig->in + rig->in_len - 4, "\x88\x02\x03\xE9", 4);
  rig->in_len = 0;
  assert_int_equal(rig->num_gone, 0);
  PEER_SEND(rig, 0x88, "\x03\xE9");
  peer_close(rig);
  rig_expect(rig, "1o 3c[1,1001,] ");
  assert_int_equal(rig->num_gone, 1);
}

static void a_server_hears_of_a_socket_that_was_dropped(void **state) {
  struct rig *rig = *state;
  uint64_t begin = 0;
  rig_open(rig, WS_SERVER);
  ws_websocket_abort(rig->socket);
  release(rig);
  assert_int_equal(rig->num_gone, 0); /* in the loop, as ever */
  while (rig->num_gone == 0 && rig_turn(rig, &begin)) {
  }
  assert_int_equal(rig->num_gone, 1);
  assert_string_equal(rig->log, "1o ");
  failmalloc_assert_empty(&rig->fm);
}

/* The peer's end was seen before the socket was made: nobody waits for it. */
static void a_client_in_a_hurry(void **state) {
  struct rig *rig = *state;
  rig->hasty = true;
  rig->options.config.timeouts.closing = WS_IO_NEVER;
  rig_adopt(rig);
  rig_expect(rig, "1o 3c[1,1000,] ");
  assert_int_equal(rig->num_gone, 1);
}

/* Exhaustion --------------------------------------------------------------- */

/* What is lived through. */
struct scene {
  enum ws_role role;
  bool deflate;
  bool sent; /* the answers were taken */
};

static void send_all(void *user, const struct ws_websocket_event *event) {
  struct scene *scene = user;
  if (event->blob == NULL) {
    return;
  }
  scene->sent = ws_websocket_send_text(event->target, "text", 4) == WS_OK &&
                ws_websocket_send_blob(event->target, event->blob) == WS_OK &&
                ws_websocket_send_array(event->target, "array", 5) == WS_OK;
}

/* A socket that lost its connection says so. */
static bool exchange(struct rig *rig, const struct scene *scene) {
  uint64_t begin = 0;
  bool closed = false;
  if (scene->role == WS_CLIENT) {
    rig_accept(rig);
    rig_answer(rig, scene->deflate
                        ? "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                        : "");
  }
  if (scene->deflate) {
    PEER_SEND(rig, 0xC1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
  }
  PEER_SEND(rig, 0x02, "in ");
  PEER_SEND(rig, 0x80, "fragments");
  PEER_SEND(rig, 0x88, "\x03\xE8");
  peer_close(rig);
  while (!closed && rig_turn(rig, &begin)) {
    peer_read(rig, 65536);
    closed = strstr(rig->log, "3c[") != NULL;
  }
  assert_true(closed);
  return scene->sent && strstr(rig->log, "3c[1,1000,]") != NULL;
}

static void begin_scene(struct rig *rig, const struct scene *scene) {
  static const struct ws_deflate_config deflate;
  char url[64];
  rig->role = scene->role;
  rig->options.config.deflate = scene->deflate ? &deflate : NULL;
  if (scene->role == WS_SERVER) {
    rig_adopt(rig);
    return;
  }
  snprintf(url, sizeof(url), "ws://127.0.0.1:%u/", (unsigned)rig->port);
  enum ws_status status =
      ws_websocket_connect(&rig->socket, rig->io, url, &rig->options);
  assert_true(status == WS_OK || status == WS_ERR_NOMEM);
  assert_int_equal(status == WS_OK, rig->socket != NULL);
  if (rig->socket != NULL) {
    rig_watch(rig);
  }
}

static bool live(struct failmalloc *fm, void *user) {
  struct scene *scene = user;
  struct rig rig;
  bool ok = false;
  scene->sent = false;
  rig_init(&rig);
  rig.options.config.allocator = &fm->allocator;
  begin_scene(&rig, scene);
  if (rig.socket != NULL &&
      ws_websocket_add_listener(rig.socket, WS_WEBSOCKET_MESSAGE, send_all,
                                scene) == WS_OK) {
    ok = exchange(&rig, scene);
  }
  rig_free(&rig);
  return ok;
}

static void memory_may_end_at_any_call(void **state) {
  (void)state;
  struct scene scenes[] = {{.role = WS_CLIENT},
                           {.role = WS_CLIENT, .deflate = true},
                           {.role = WS_SERVER}};
  for (size_t i = 0; i < NUM_OF(scenes); i++) {
    assert_true(failmalloc_each(live, &scenes[i]) > 8);
  }
}

/* A loop without sockets has nothing to run for. */
static void the_loop_ends_with_its_sockets(void **state) {
  struct rig *rig = *state;
  rig_open(rig, WS_CLIENT);
  PEER_SEND(rig, 0x88, "");
  peer_close(rig);
  release(rig); /* its listeners keep it until it is closed */
  ws_io_run(rig->io);
  assert_string_equal(rig->log, "1o 3c[1,1005,] ");
  PEER_EXPECT(rig, 0x88, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_listener_keeps_a_socket_that_connects),
      RIG_TEST(nobody_keeps_a_socket_that_connects),
      cmocka_unit_test(a_listener_keeps_an_open_socket),
      RIG_TEST(a_listener_keeps_a_closing_socket),
      RIG_TEST(data_is_sent_after_the_release),
      RIG_TEST(a_released_socket_of_which_the_peer_tires),
      cmocka_unit_test(abort_is_a_reset_and_its_events_are_tasks),
      cmocka_unit_test(abort_and_release_leave_nothing),
      RIG_TEST(a_client_that_is_never_turned),
      RIG_TEST(a_server_hears_once_that_a_socket_is_gone),
      RIG_TEST(a_server_hears_of_a_socket_that_was_dropped),
      RIG_TEST(a_client_in_a_hurry),
      cmocka_unit_test(memory_may_end_at_any_call),
      RIG_TEST(the_loop_ends_with_its_sockets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
