/* A client and a server of ours that have agreed on permessage-deflate, joined
 * by pipes that chop; and the same with memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "deflate_conn.h"
#include "deflate_support.h"
#include "failmalloc.h"

#define LEN_MAX 60000

struct pair {
  struct deflate_end client, server;
  struct octets echo; /* what the client got of the message on its way */
  uint64_t random;    /* 0: nothing is chopped */
  size_t num_echoed;
  bool broken;    /* one of them was out of memory */
  uint16_t code;  /* of the Close frame that the client got */
  size_t on_wire; /* octets that the client sent */
};

/* Echoes in fragments as the pieces come. */
static void serve(void *user, struct ws_conn *conn,
                  const struct ws_event *event) {
  struct pair *pair = user;
  if (!deflate_end_negotiate(&pair->server, event)) {
    pair->broken = true;
  }
  if (event->type == WS_EVENT_FAULT) {
    fail_msg("server: %s", ws_fault_info(event->fault)->name);
  }
  if (event->type == WS_EVENT_DATA) {
    enum ws_status status =
        ws_conn_send_fragment(conn, event->opcode, event->payload.data,
                              event->payload.len, event->final);
    assert_true(status == WS_OK || status == WS_ERR_NOMEM);
  }
}

static void listen_to_echo(void *user, struct ws_conn *conn,
                           const struct ws_event *event) {
  struct pair *pair = user;
  (void)conn;
  if (!deflate_end_negotiate(&pair->client, event)) {
    pair->broken = true;
  }
  if (event->type == WS_EVENT_FAULT) {
    fail_msg("client: %s", ws_fault_info(event->fault)->name);
  }
  if (event->type == WS_EVENT_DATA) {
    octets_add(&pair->echo, event->payload.data, event->payload.len);
    pair->num_echoed += event->final;
  }
  if (event->type == WS_EVENT_CLOSE) {
    pair->code = event->code;
  }
}

/* Carries some octets, or all; false when there were none. */
static bool carry(struct pair *pair, struct deflate_end *from,
                  struct deflate_end *to, event_taker *take) {
  struct ws_slice out = ws_conn_output(from->conn);
  if (out.len == 0) {
    return false;
  }
  size_t len = out.len;
  if (pair->random != 0) {
    size_t most = next_random(&pair->random) % 8 == 0 ? 20000 : 40;
    size_t some = 1 + next_random(&pair->random) % most;
    len = some < len ? some : len;
  }
  if (from == &pair->client) {
    pair->on_wire += len;
  }
  feed_bytes(to->conn, out.data, len, take, pair);
  ws_conn_output_done(from->conn, len);
  return true;
}

static void exchange(struct pair *pair) {
  bool busy = true;
  while (busy && !pair->broken) {
    busy = carry(pair, &pair->client, &pair->server, serve);
    busy = carry(pair, &pair->server, &pair->client, listen_to_echo) || busy;
  }
}

static bool pair_init(struct pair *pair, const struct ws_deflate_config *client,
                      const struct ws_deflate_config *server,
                      const struct ws_allocator *allocator, uint64_t random) {
  *pair = (struct pair){.random = random};
  bool made =
      deflate_end_init(&pair->client, WS_CLIENT, client, NULL, allocator) &&
      deflate_end_init(&pair->server, WS_SERVER, server, NULL, allocator);
  if (made) {
    exchange(pair);
  }
  return made && !pair->broken && pair->client.deflate != NULL &&
         pair->server.deflate != NULL;
}

static void pair_free(struct pair *pair) {
  octets_free(&pair->echo);
  deflate_end_free(&pair->client);
  deflate_end_free(&pair->server);
}

/* Half of the messages are text; of both, some cannot be compressed. */
static enum ws_opcode compose(uint64_t *random, uint8_t *data, size_t *len) {
  static const size_t lens[] = {0, 1, 125, 126, 16384, LEN_MAX};
  uint64_t dice = next_random(random);
  *len =
      (dice & 1) != 0 ? lens[(dice >> 8) % NUM_OF(lens)] : (dice >> 8) % 3000;
  if ((dice & 6) == 0) {
    for (size_t i = 0; i < *len; i++) {
      data[i] = (uint8_t)(next_random(random) >> 32);
    }
    return WS_OP_BINARY;
  }
  fill_compressible(data, *len, next_random(random) | 1);
  return (dice & 2) != 0 ? WS_OP_TEXT : WS_OP_BINARY;
}

/* Sends one message in up to four fragments, each as soon as the last has gone,
 * and expects it back. */
static void talk(struct pair *pair, uint64_t *random, uint8_t *data) {
  size_t len;
  size_t at = 0;
  enum ws_opcode opcode = compose(random, data, &len);
  size_t rest = next_random(random) % 4;
  size_t before = pair->num_echoed;
  do {
    size_t part = rest == 0 ? len - at : next_random(random) % (len - at + 1);
    assert_int_equal(ws_conn_send_fragment(pair->client.conn, opcode, data + at,
                                           part, rest == 0),
                     WS_OK);
    at += part;
    exchange(pair);
    assert_int_equal(pair->echo.len, at);
  } while (rest-- != 0);
  assert_int_equal(pair->num_echoed, before + 1);
  if (len != 0) {
    assert_memory_equal(pair->echo.data, data, len);
  }
  octets_free(&pair->echo);
}

static struct ws_deflate_config random_config(uint64_t *random) {
  uint64_t dice = next_random(random);
  return (struct ws_deflate_config){
      .server_no_context_takeover = (dice & 3) == 0,
      .client_no_context_takeover = (dice & 12) == 0,
      .server_max_window_bits = (uint8_t)(8 + (dice >> 8) % 8),
      .client_max_window_bits = (uint8_t)(8 + (dice >> 16) % 8),
      .level = (uint8_t)((dice >> 24) % 11),
      .mem_level = (uint8_t)((dice >> 32) % 10),
      .min_len = (dice & 16) != 0 ? 200 : 0,
  };
}

static void echoes_survive_chopped_pipes(void **state) {
  (void)state;
  uint8_t *data = malloc(LEN_MAX);
  for (uint64_t seed = 1; seed <= 40; seed++) {
    struct pair pair;
    uint64_t random = seed;
    struct ws_deflate_config client = random_config(&random);
    struct ws_deflate_config server = random_config(&random);
    assert_int_equal(ws_deflate_config_check(&client), WS_OK);
    assert_true(pair_init(&pair, &client, &server, NULL, seed));
    for (size_t i = 0; i < 12; i++) {
      talk(&pair, &random, data);
    }
    assert_int_equal(ws_conn_close(pair.client.conn, 4321, ws_slice_of("done")),
                     WS_OK);
    exchange(&pair);
    assert_int_equal(pair.code, 4321);
    assert_true(ws_conn_closed_cleanly(pair.server.conn));
    pair_free(&pair);
  }
  free(data);
}

/* It does compress, and what is taken over counts. */
static void octets_are_saved(void **state) {
  (void)state;
  const struct ws_deflate_config both = {.level = 0};
  const struct ws_deflate_config none = {.client_no_context_takeover = true};
  const struct ws_deflate_config small = {.min_len = 3000};
  const struct ws_deflate_config *const configs[] = {&small, &none, &both};
  uint8_t data[2000];
  size_t on_wire[NUM_OF(configs)];
  fill_compressible(data, sizeof(data), 1);
  for (size_t i = 0; i < NUM_OF(configs); i++) {
    struct pair pair;
    assert_true(pair_init(&pair, configs[i], &both, NULL, 0));
    pair.on_wire = 0;
    for (size_t k = 0; k < 10; k++) {
      assert_int_equal(
          ws_conn_send(pair.client.conn, WS_OP_BINARY, data, sizeof(data)),
          WS_OK);
      exchange(&pair);
    }
    on_wire[i] = pair.on_wire;
    assert_int_equal(pair.echo.len, 10 * sizeof(data));
    pair_free(&pair);
  }
  assert_int_equal(on_wire[0], 10 * (8 + sizeof(data)));
  assert_true(on_wire[1] < on_wire[0] * 3 / 4);
  assert_true(on_wire[2] < on_wire[1] / 4);
}

/* After a message that was long when it was sent, nothing of it is held. */
static void long_messages_leave_no_buffer(void **state) {
  (void)state;
  const struct ws_deflate_config config = {.level = WS_DEFLATE_LEVEL_NONE};
  size_t len = 4 << 20;
  uint8_t *data = calloc(1, len);
  struct failmalloc fm;
  struct pair pair;
  failmalloc_init(&fm);
  assert_true(pair_init(&pair, &config, &config, &fm.allocator, 0));
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(ws_conn_send(pair.client.conn, WS_OP_BINARY, data, len),
                     WS_OK);
    exchange(&pair);
    assert_true(fm.peak_len > len);
    /* Two contexts to compress, two to decompress, and some. */
    assert_true(fm.live_len < 2 * 270000 + 2 * 41000 + 50000);
  }
  pair_free(&pair);
  failmalloc_assert_empty(&fm);
  free(data);
}

static bool live(struct failmalloc *fm, void *user) {
  const struct ws_deflate_config *config = user;
  uint8_t data[40000];
  struct pair pair;
  fill_compressible(data, sizeof(data), 5);
  bool fine = pair_init(&pair, config, config, &fm->allocator, 0);
  for (size_t i = 0; fine && i < 2; i++) {
    enum ws_status status =
        ws_conn_send(pair.client.conn, WS_OP_TEXT, data, sizeof(data));
    assert_true(status == WS_OK || status == WS_ERR_NOMEM);
    exchange(&pair);
    fine = status == WS_OK && !pair.broken &&
           ws_conn_status(pair.client.conn) == WS_OK &&
           ws_conn_status(pair.server.conn) == WS_OK;
  }
  /* Who was told of no exhaustion got everything. */
  if (fine) {
    assert_int_equal(pair.num_echoed, 2);
    assert_memory_equal(pair.echo.data, data, sizeof(data));
  }
  pair_free(&pair);
  return fine;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  struct ws_deflate_config configs[] = {
      {.level = 1, .mem_level = 1},
      {.level = 1,
       .mem_level = 1,
       .client_no_context_takeover = true,
       .server_no_context_takeover = true,
       .server_max_window_bits = 9},
  };
  for (size_t i = 0; i < NUM_OF(configs); i++) {
    assert_true(failmalloc_each(live, &configs[i]) > 20);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(echoes_survive_chopped_pipes),
      cmocka_unit_test(octets_are_saved),
      cmocka_unit_test(long_messages_leave_no_buffer),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
