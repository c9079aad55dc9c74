/* What a connection costs in memory: idle, and a message. */
#include "support.h"

#include "conn_support.h"
#include "failmalloc.h"

enum { IDLE_MAX = 1024, PAYLOAD_MAX = 1 << 20 };

struct pair {
  struct failmalloc memory[2]; /* apart, to be counted apart */
  struct counting_crypto crypto;
  struct ws_conn *client, *server;
  size_t num_messages; /* that have come back to the client whole */
  uint8_t *wire;       /* what one side has sent, on its way */
};

static void take(struct pair *pair, struct ws_conn *conn,
                 const struct ws_event *event) {
  if (event->type == WS_EVENT_REQUEST) {
    assert_int_equal(
        ws_conn_accept(conn, &(struct ws_accept_options){.protocol = NULL}),
        WS_OK);
  } else if (event->type == WS_EVENT_DATA && conn == pair->server) {
    assert_int_equal(ws_conn_send_fragment(conn, event->opcode,
                                           event->payload.data,
                                           event->payload.len, event->final),
                     WS_OK);
  } else if (event->type == WS_EVENT_DATA) {
    pair->num_messages += event->final;
  } else {
    assert_int_not_equal(event->type, WS_EVENT_FAULT);
  }
}

/* All that `from` has to say, in pieces as a socket gives them. */
static void carry(struct pair *pair, struct ws_conn *from, struct ws_conn *to) {
  const size_t piece = 65536;
  struct ws_slice out = ws_conn_output(from);
  while (out.len != 0) {
    struct ws_event event;
    size_t len = out.len < piece ? out.len : piece;
    memcpy(pair->wire, out.data, len);
    ws_conn_output_done(from, len);
    assert_int_equal(ws_conn_feed(to, pair->wire, len), WS_OK);
    while (ws_conn_next(to, &event)) {
      take(pair, to, &event);
    }
    out = ws_conn_output(from);
  }
}

static void echo(struct pair *pair, const uint8_t *payload, size_t len) {
  size_t before = pair->num_messages;
  assert_int_equal(ws_conn_send(pair->client, WS_OP_TEXT, payload, len), WS_OK);
  carry(pair, pair->client, pair->server);
  carry(pair, pair->server, pair->client);
  assert_int_equal(pair->num_messages, before + 1);
}

static int set_up(void **state) {
  struct pair *pair = calloc(1, sizeof *pair);
  assert_non_null(pair);
  pair->wire = malloc(65536);
  assert_non_null(pair->wire);
  counting_crypto_init(&pair->crypto);
  struct ws_conn_config config = {.crypto = &pair->crypto.table};
  struct ws_conn **conns[2] = {&pair->client, &pair->server};
  for (int i = 0; i < 2; i++) {
    failmalloc_init(&pair->memory[i]);
    config.allocator = &pair->memory[i].allocator;
    config.role = i == 0 ? WS_CLIENT : WS_SERVER;
    *conns[i] = ws_conn_new(&config);
    assert_non_null(*conns[i]);
  }
  struct ws_request_options options = {.host = "example.com"};
  assert_int_equal(ws_conn_connect(pair->client, &options), WS_OK);
  carry(pair, pair->client, pair->server);
  carry(pair, pair->server, pair->client);
  assert_int_equal(ws_conn_state(pair->client), WS_CONN_OPEN);
  *state = pair;
  return 0;
}

static int tear_down(void **state) {
  struct pair *pair = *state;
  ws_conn_free(pair->client);
  ws_conn_free(pair->server);
  for (int i = 0; i < 2; i++) {
    failmalloc_assert_empty(&pair->memory[i]);
  }
  free(pair->wire);
  free(pair);
  return 0;
}

static void assert_idle(const struct pair *pair) {
  for (int i = 0; i < 2; i++) {
    if (pair->memory[i].live_len >= IDLE_MAX) {
      fail_msg("%s: %zu bytes in %zu blocks", i == 0 ? "client" : "server",
               pair->memory[i].live_len, pair->memory[i].live_blocks);
    }
  }
}

static void an_open_connection_is_small(void **state) {
  assert_idle(*state);
}

static void it_stays_small_with_small_messages(void **state) {
  struct pair *pair = *state;
  for (int i = 0; i < 100; i++) {
    echo(pair, (const uint8_t *)"Hello", 5);
    assert_int_equal(ws_conn_ping(pair->client, NULL, 0), WS_OK);
  }
  carry(pair, pair->client, pair->server);
  carry(pair, pair->server, pair->client);
  assert_idle(pair);
}

/* Both sides: what a message needs, the one before has left. */
static void no_message_allocates_in_the_steady_state(void **state) {
  struct pair *pair = *state;
  static const size_t lens[] = {0, 16, 125, 126, 1000, 20000, 65536};
  uint8_t *payload = calloc(1, PAYLOAD_MAX);
  assert_non_null(payload);
  for (size_t i = 0; i < NUM_OF(lens); i++) {
    echo(pair, payload, lens[i]);
    size_t calls = pair->memory[0].num_calls + pair->memory[1].num_calls;
    for (int j = 0; j < 100; j++) {
      echo(pair, payload, lens[i]);
    }
    assert_int_equal(pair->memory[0].num_calls + pair->memory[1].num_calls,
                     calls);
  }
  free(payload);
}

static void a_large_message_leaves_little_behind(void **state) {
  struct pair *pair = *state;
  uint8_t *payload = calloc(1, PAYLOAD_MAX);
  assert_non_null(payload);
  echo(pair, payload, PAYLOAD_MAX);
  assert_true(pair->memory[0].peak_len > PAYLOAD_MAX);
  for (int i = 0; i < 2; i++) {
    assert_true(pair->memory[i].live_len <= IDLE_MAX + 131072);
  }
  free(payload);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_open_connection_is_small, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(it_stays_small_with_small_messages,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(no_message_allocates_in_the_steady_state,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_large_message_leaves_little_behind,
                                      set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
