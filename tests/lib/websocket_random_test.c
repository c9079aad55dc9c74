/* Anything in any order, from both sides: whatever happens, the states follow
 * each other as they may, the events come as they must, and nothing is left. */
#include "websocket_support.h"

#include <sys/socket.h>
#include <unistd.h>

#define NUM_RUNS  400
#define NUM_STEPS 60

struct walk {
  uint64_t random;
  enum ws_ready_state state; /* the last one seen */
  size_t num_open, num_error, num_close;
};

static uint64_t pick(struct walk *walk, uint64_t num) {
  return next_random(&walk->random) % num;
}

static void check_state(struct walk *walk, const struct ws_websocket *socket) {
  enum ws_ready_state now = ws_websocket_ready_state(socket);
  assert_true(now >= walk->state);
  walk->state = now;
}

/* Something that a program may do at any time. */
static void act(struct rig *rig) {
  static const char bytes[70000] = {'a'};
  struct walk *walk = rig->user;
  struct ws_websocket *socket = rig->socket;
  size_t len = (size_t)pick(walk, pick(walk, 4) == 0 ? sizeof(bytes) : 50);
  struct ws_blob *blob;
  if (socket == NULL) {
    return;
  }
  switch (pick(walk, 12)) {
  case 0:
  case 1:
    ws_websocket_send_array(socket, bytes, len);
    break;
  case 2:
    ws_websocket_send_text(socket, "text", 4);
    break;
  case 3:
  case 4:
    blob = ws_blob_new(&rig->fm.allocator, bytes, len);
    ws_websocket_send_blob(socket, blob);
    ws_blob_unref(blob);
    break;
  case 5:
    ws_websocket_ping(socket, bytes, len % 126);
    break;
  case 6:
  case 7:
    ws_websocket_pause(socket, pick(walk, 2) == 0);
    break;
  case 8:
    ws_websocket_set_binary_type(socket, (enum ws_binary_type)pick(walk, 2));
    break;
  case 9:
    if (pick(walk, 8) == 0) {
      ws_websocket_close(socket, 4000, "walk");
    }
    break;
  case 10:
    if (pick(walk, 30) == 0) {
      ws_websocket_abort(socket);
    }
    break;
  default:
    if (pick(walk, 20) == 0) {
      rig->socket = NULL;
      ws_websocket_pause(socket, false); /* nobody else would */
      ws_websocket_release(socket);
    }
    break;
  }
  if (rig->socket != NULL) {
    check_state(walk, socket);
  }
}

static void on_walk(struct rig *rig, const struct ws_websocket_event *event) {
  struct walk *walk = rig->user;
  rig->log[0] = '\0';
  assert_int_equal(walk->num_close, 0); /* nothing comes behind it */
  switch (event->type) {
  case WS_WEBSOCKET_OPEN:
    assert_int_equal(ws_websocket_ready_state(event->target), WS_OPEN);
    walk->num_open++;
    break;
  case WS_WEBSOCKET_MESSAGE:
    assert_int_equal(ws_websocket_ready_state(event->target), WS_OPEN);
    assert_int_equal(walk->num_open, 1);
    assert_int_equal(walk->num_error, 0);
    break;
  case WS_WEBSOCKET_ERROR:
    walk->num_error++;
    break;
  case WS_WEBSOCKET_CLOSE:
    assert_int_equal(ws_websocket_ready_state(event->target), WS_CLOSED);
    assert_int_equal(event->was_clean, walk->num_error == 0);
    walk->num_close++;
    break;
  case WS_WEBSOCKET_DRAIN:
  case WS_WEBSOCKET_NUM_EVENTS:
    break;
  }
  act(rig);
}

/* The peer sends a frame, mostly a legal one, or reads, or ends. */
static void peer_act(struct rig *rig) {
  static const uint8_t firsts[] = {0x81, 0x82, 0x01, 0x00, 0x80, 0x89,
                                   0x8A, 0x02, 0x82, 0x81, 0x82, 0x81};
  static const char text[40] = "some text of some length";
  struct walk *walk = rig->user;
  uint8_t frame[64] = {firsts[pick(walk, NUM_OF(firsts))]};
  size_t len = (size_t)pick(walk, 24);
  size_t at = 2;
  switch (pick(walk, 40)) {
  case 0:
    frame[0] = 0x88;
    len = 0;
    break;
  case 1:
    shutdown(rig->fd, SHUT_WR);
    return;
  case 2:
    frame[0] = (uint8_t)pick(walk, 256);
    break;
  default:
    break;
  }
  if (pick(walk, 3) == 0) {
    peer_read(rig, (size_t)pick(walk, 100000) + 1);
    rig->in_len = 0;
    return;
  }
  frame[1] = (uint8_t)len;
  if (rig->role == WS_SERVER) {
    frame[1] |= 0x80; /* and a key of zeros */
    at += 4;
  }
  memcpy(frame + at, text, len);
  send(rig->fd, frame, at + len, MSG_NOSIGNAL);
}

static void walk_once(enum ws_role role, uint64_t seed) {
  static const struct ws_deflate_config deflate;
  struct walk walk = {.random = seed};
  struct rig rig;
  rig_init(&rig);
  rig.user = &walk;
  rig.options.config.limits.high_water = 100000;
  rig.options.config.timeouts.closing = 5 * MS;
  rig.options.config.deflate = seed % 2 == 0 ? &deflate : NULL;
  rig.act = on_walk;
  if (role == WS_CLIENT) {
    rig_connect(&rig, "/");
    rig_accept(&rig);
    rig_answer(&rig, "");
  } else {
    rig_adopt(&rig);
  }
  for (int i = 0; i < NUM_STEPS; i++) {
    if (pick(&walk, 2) == 0) {
      act(&rig);
    } else {
      peer_act(&rig);
    }
    if (pick(&walk, 2) == 0) {
      ws_io_turn(rig.io, 0);
    }
  }
  assert_true(walk.num_open <= 1 && walk.num_error <= 1);
  if (rig.socket == NULL) {
    /* Its listeners keep it until the connection ends. */
    uint64_t begin = 0;
    close(rig.fd);
    rig.fd = -1;
    while (rig.fm.live_blocks != 0 && rig_turn(&rig, &begin)) {
    }
    assert_int_equal(walk.num_close, 1);
  }
  rig_free(&rig);
}

static void the_order_of_things_holds(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= NUM_RUNS; seed++) {
    walk_once(WS_CLIENT, seed * 7919);
    walk_once(WS_SERVER, seed * 7919);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_order_of_things_holds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
