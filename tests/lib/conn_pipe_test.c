/* A client and a server of ours, joined by two narrow pipes with short reads
 * and short writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"

#define PIPE_LEN     1024
#define NUM_MESSAGES 24
#define LEN_MAX      70000

struct side {
  struct ws_conn *conn;
  uint8_t pipe[PIPE_LEN]; /* on its way to the other side */
  size_t pipe_len;
  bool shut; /* our direction was closed */
  bool heard_end;
  uint8_t *message; /* owned; LEN_MAX bytes */
  size_t message_len;
  size_t num_pongs;
  uint16_t code;
};

struct world {
  uint64_t random;
  struct side client, server;
  uint8_t *sent; /* owned; the message that the client waits for */
  size_t sent_len;
  enum ws_opcode sent_opcode;
  size_t num_fragments; /* of it, still to be sent; 0: all was sent */
  size_t fragment_at;
  bool waiting;
  size_t num_echoed;
  size_t num_pings;
};

static void serve(void *user, struct ws_conn *conn,
                  const struct ws_event *event) {
  struct world *world = user;
  struct side *server = &world->server;
  struct ws_accept_options options = {.protocol = "echo"};
  switch (event->type) {
  case WS_EVENT_REQUEST:
    assert_int_equal(ws_conn_accept(conn, &options), WS_OK);
    break;
  case WS_EVENT_DATA:
    assert_true(event->first == (server->message_len == 0) ||
                event->payload.len == 0);
    assert_true(server->message_len + event->payload.len <= LEN_MAX);
    if (event->payload.len != 0) {
      memcpy(server->message + server->message_len, event->payload.data,
             event->payload.len);
      server->message_len += event->payload.len;
    }
    if (event->final) {
      assert_int_equal(ws_conn_send(conn, event->opcode, server->message,
                                    server->message_len),
                       WS_OK);
      server->message_len = 0;
    }
    break;
  case WS_EVENT_FAULT:
    fail_msg("server: %s", ws_fault_info(event->fault)->name);
    break;
  case WS_EVENT_CLOSE:
    server->code = event->code;
    break;
  case WS_EVENT_END:
    assert_false(server->heard_end);
    server->heard_end = true;
    break;
  default:
    break;
  }
}

static void listen_to_echo(void *user, struct ws_conn *conn,
                           const struct ws_event *event) {
  struct world *world = user;
  struct side *client = &world->client;
  switch (event->type) {
  case WS_EVENT_OPEN:
    assert_string_equal(ws_conn_protocol(conn), "echo");
    break;
  case WS_EVENT_DATA:
    assert_int_equal(event->opcode, world->sent_opcode);
    assert_true(client->message_len + event->payload.len <= world->sent_len);
    if (event->payload.len != 0) {
      assert_memory_equal(event->payload.data,
                          world->sent + client->message_len,
                          event->payload.len);
      client->message_len += event->payload.len;
    }
    if (event->final) {
      assert_int_equal(client->message_len, world->sent_len);
      client->message_len = 0;
      world->waiting = false;
      world->num_echoed++;
    }
    break;
  case WS_EVENT_PONG:
    client->num_pongs++;
    break;
  case WS_EVENT_REFUSED:
  case WS_EVENT_FAULT:
    fail_msg("client: %s", ws_fault_info(event->fault)->name);
    break;
  case WS_EVENT_CLOSE:
    client->code = event->code;
    break;
  case WS_EVENT_END:
    assert_false(client->heard_end);
    client->heard_end = true;
    break;
  default:
    break;
  }
}

static void compose(struct world *world) {
  static const size_t lens[] = {0, 1, 125, 126, 127, 65535, 65536, LEN_MAX};
  uint32_t dice = test_random(&world->random);
  size_t len = (dice & 1) != 0 ? lens[(dice >> 8) % 8] : (dice >> 8) % 600;
  world->sent_opcode = (dice & 2) != 0 ? WS_OP_TEXT : WS_OP_BINARY;
  for (size_t i = 0; i < len; i++) {
    /* "é" over and over, so that text is cut inside code points. */
    world->sent[i] = world->sent_opcode == WS_OP_BINARY
                         ? (uint8_t)test_random(&world->random)
                         : (uint8_t)(i % 2 == 0 ? 0xC3 : 0xA9);
  }
  if (world->sent_opcode == WS_OP_TEXT && len % 2 != 0) {
    world->sent[len - 1] = 'x';
  }
  world->sent_len = len;
  world->fragment_at = 0;
  world->num_fragments = 1 + test_random(&world->random) % 4;
  world->waiting = true;
}

/* What the client has to say next, as far as its output has room. */
static void speak(struct world *world) {
  struct ws_conn *conn = world->client.conn;
  if (!world->waiting && world->num_echoed == NUM_MESSAGES) {
    ws_conn_close(conn, 4321, ws_slice_of("done"));
    return;
  }
  if (!world->waiting) {
    compose(world);
  }
  if (test_random(&world->random) % 64 == 0) {
    world->num_pings += ws_conn_ping(conn, NULL, 0) == WS_OK;
  }
  if (world->num_fragments == 0) {
    return;
  }
  size_t rest = world->sent_len - world->fragment_at;
  size_t len = world->num_fragments == 1
                   ? rest
                   : test_random(&world->random) % (rest + 1);
  enum ws_status status = ws_conn_send_fragment(
      conn, world->sent_opcode, world->sent + world->fragment_at, len,
      world->num_fragments == 1);
  assert_true(status == WS_OK || status == WS_ERR_LIMIT);
  if (status == WS_OK) {
    world->fragment_at += len;
    world->num_fragments--;
  }
}

/* A short write into the pipe, and a short read out of it at the other end. */
static void move(struct world *world, struct side *from, struct side *to,
                 event_taker *take) {
  struct ws_slice out = ws_conn_output(from->conn);
  size_t room = PIPE_LEN - from->pipe_len;
  size_t len = test_random(&world->random) % (room + 1);
  len = len < out.len ? len : out.len;
  if (len != 0) {
    memcpy(from->pipe + from->pipe_len, out.data, len);
    from->pipe_len += len;
    ws_conn_output_done(from->conn, len);
  }
  len = test_random(&world->random) % (from->pipe_len + 1);
  if (len != 0) {
    feed_bytes(to->conn, from->pipe, len, take, world);
    memmove(from->pipe, from->pipe + len, from->pipe_len - len);
    from->pipe_len -= len;
  }
  if (!from->shut && ws_conn_wants_close(from->conn) && from->pipe_len == 0) {
    from->shut = true;
    ws_conn_feed_eof(to->conn);
    feed_bytes(to->conn, "", 0, take, world);
  }
}

static void world_run(uint64_t seed) {
  struct world world = {.random = seed};
  struct counting_crypto cryptos[2];
  struct ws_conn_config config = {.role = WS_CLIENT,
                                  .limits = {.output = LEN_MAX + 100}};
  const char *const protocols[] = {"other", "echo", NULL};
  struct ws_request_options options = {.host = "h", .protocols = protocols};
  world.sent = malloc(LEN_MAX);
  world.server.message = malloc(LEN_MAX);
  assert_non_null(world.sent);
  assert_non_null(world.server.message);
  counting_crypto_init(&cryptos[0]);
  counting_crypto_init(&cryptos[1]);
  config.crypto = &cryptos[0].table;
  world.client.conn = ws_conn_new(&config);
  config.role = WS_SERVER;
  config.crypto = &cryptos[1].table;
  world.server.conn = ws_conn_new(&config);
  assert_int_equal(ws_conn_connect(world.client.conn, &options), WS_OK);
  for (size_t turn = 0; !world.client.shut || !world.server.shut; turn++) {
    assert_true(turn < 10000000);
    if (ws_conn_state(world.client.conn) == WS_CONN_OPEN) {
      speak(&world);
    }
    move(&world, &world.client, &world.server, serve);
    move(&world, &world.server, &world.client, listen_to_echo);
    /* 7.1.1: the server closes first. */
    assert_true(!world.client.shut || world.server.shut);
  }
  assert_int_equal(world.num_echoed, NUM_MESSAGES);
  assert_true(world.client.num_pongs <= world.num_pings);
  assert_true(world.num_pings == 0 || world.client.num_pongs > 0);
  assert_true(world.client.heard_end && world.server.heard_end);
  assert_int_equal(world.client.code, 4321);
  assert_int_equal(world.server.code, 4321);
  assert_true(ws_conn_closed_cleanly(world.client.conn));
  assert_true(ws_conn_closed_cleanly(world.server.conn));
  ws_conn_free(world.client.conn);
  ws_conn_free(world.server.conn);
  free(world.server.message);
  free(world.sent);
}

static void echoes_survive_chopped_pipes(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 8; seed++) {
    world_run(seed);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(echoes_survive_chopped_pipes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
