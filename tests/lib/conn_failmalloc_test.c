/* Whole lives of a client and a server in which the n-th allocation fails, for
 * each n. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"
#include "failmalloc.h"

struct life {
  struct ws_conn *client, *server;
  const char *client_text; /* what the client sends when it is open */
  bool late_answer;        /* the request waits */
  bool reject;
  bool goal; /* what the life is for was reached */
  size_t num_ends;
};

static void answer(struct life *life) {
  struct ws_accept_options accept = {.protocol = "chat"};
  struct ws_reject_options reject = {.status = 403, .body = "no"};
  if (life->reject) {
    ws_conn_reject(life->server, &reject);
  } else {
    ws_conn_accept(life->server, &accept);
  }
}

static void live_as_server(void *user, struct ws_conn *conn,
                           const struct ws_event *event) {
  struct life *life = user;
  if (event->type == WS_EVENT_REQUEST && !life->late_answer) {
    answer(life);
  } else if (event->type == WS_EVENT_DATA) {
    ws_conn_send_fragment(conn, event->opcode, event->payload.data,
                          event->payload.len, event->final);
  } else if (event->type == WS_EVENT_END) {
    life->num_ends++;
  }
}

static void live_as_client(void *user, struct ws_conn *conn,
                           const struct ws_event *event) {
  struct life *life = user;
  const uint8_t *text = (const uint8_t *)life->client_text;
  if (event->type == WS_EVENT_OPEN) {
    ws_conn_ping(conn, text, 5);
    ws_conn_send(conn, WS_OP_BINARY, text, strlen(life->client_text));
  } else if (event->type == WS_EVENT_DATA && event->final) {
    ws_conn_close(conn, 1000, ws_slice_of("bye"));
  } else if (event->type == WS_EVENT_CLOSE) {
    life->goal = event->code == 1000;
  } else if (event->type == WS_EVENT_REFUSED) {
    life->goal = life->reject && event->response->status == 403;
  } else if (event->type == WS_EVENT_END) {
    life->num_ends++;
  }
}

/* Carries bytes until both are silent. */
static void exchange(struct life *life) {
  for (;;) {
    struct ws_slice out = ws_conn_output(life->client);
    if (out.len != 0) {
      feed_bytes(life->server, out.data, out.len, live_as_server, life);
      ws_conn_output_done(life->client, out.len);
    }
    struct ws_slice back = ws_conn_output(life->server);
    if (back.len != 0) {
      feed_bytes(life->client, back.data, back.len, live_as_client, life);
      ws_conn_output_done(life->server, back.len);
    }
    if (out.len == 0 && back.len == 0) {
      return;
    }
  }
}

static void end(struct life *life) {
  ws_conn_feed_eof(life->server);
  feed_bytes(life->server, "", 0, live_as_server, life);
  ws_conn_feed_eof(life->client);
  feed_bytes(life->client, "", 0, live_as_client, life);
  assert_int_equal(life->num_ends, 2);
}

static bool live(struct failmalloc *fm, void *user) {
  struct life life = *(const struct life *)user;
  struct counting_crypto crypto;
  counting_crypto_init(&crypto);
  struct ws_conn_config config = {
      .role = WS_CLIENT, .crypto = &crypto.table, .allocator = &fm->allocator};
  const char *const protocols[] = {"chat", NULL};
  struct ws_request_options request = {.host = "h", .protocols = protocols};
  life.client = ws_conn_new(&config);
  config.role = WS_SERVER;
  life.server = ws_conn_new(&config);
  bool fine = life.client != NULL && life.server != NULL &&
              ws_conn_connect(life.client, &request) == WS_OK;
  if (fine) {
    exchange(&life);
    if (life.late_answer) {
      uint8_t early[] = {0x89, 0x80, 0, 0, 0, 0};
      ws_conn_feed(life.server, early, sizeof(early));
      answer(&life);
      feed_bytes(life.server, "", 0, live_as_server, &life);
      exchange(&life);
    }
    end(&life);
    enum ws_status statuses[2] = {ws_conn_status(life.client),
                                  ws_conn_status(life.server)};
    fine = statuses[0] == WS_OK && statuses[1] == WS_OK;
    assert_true(fine || (statuses[0] != WS_OK ? statuses[0] : statuses[1]) ==
                            WS_ERR_NOMEM);
    /* Who was told of no exhaustion has lived to the end. */
    assert_true(!fine || life.goal);
  }
  ws_conn_free(life.client);
  ws_conn_free(life.server);
  return fine;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  static char text[70000];
  memset(text, 'x', sizeof(text) - 1);
  struct life lives[] = {
      {.client_text = "hello"},
      {.client_text = text},
      {.client_text = "hello", .late_answer = true},
      {.client_text = "hello", .reject = true},
  };
  for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
    assert_true(failmalloc_each(live, &lives[i]) > 8);
  }
}

static bool provoke(struct failmalloc *fm, void *user) {
  const char *bytes = user;
  struct counting_crypto crypto;
  struct seen seen = {0};
  counting_crypto_init(&crypto);
  struct ws_conn_config config = {
      .role = WS_SERVER, .crypto = &crypto.table, .allocator = &fm->allocator};
  struct ws_conn *conn = ws_conn_new(&config);
  if (conn == NULL) {
    return false;
  }
  feed_bytes(conn, bytes, strlen(bytes), see_event, &seen);
  assert_int_equal(seen.num_ends, 1);
  bool fine = ws_conn_status(conn) == WS_OK;
  assert_int_equal(fine, ws_conn_output(conn).len != 0 && seen.num_faults == 1);
  ws_conn_free(conn);
  return fine;
}

static void answers_to_faults_may_fail(void **state) {
  (void)state;
  char bad_head[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  assert_true(failmalloc_each(provoke, bad_head) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(answers_to_faults_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
