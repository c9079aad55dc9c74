/* How a server ends. */
#include "server_support.h"

#include <sys/socket.h>

#define GOING_AWAY "\x88\x02\x03\xE9"

static void open_all(struct client *clients, size_t num, struct host *host) {
  for (size_t i = 0; i < num; i++) {
    client_open(&clients[i], host);
  }
}

static void connect_is_refused(struct host *host, uint16_t port) {
  const char *text;
  struct ws_server_options options = host->options;
  /* Nobody has the port any more: it can be had. */
  options.port = port;
  struct ws_server *server = ws_server_listen(host->io, &options, &text);
  assert_non_null(server);
  ws_server_free(server);
}

/* 6455-7.1.1-03, 6455-7.3-03 */
static void every_client_sees_1001(void **state) {
  struct host *host = *state;
  struct client clients[5];
  host_listen(host);
  open_all(clients, NUM_OF(clients), host);
  host_shutdown(host, 0);
  for (size_t i = 0; i < NUM_OF(clients); i++) {
    CLIENT_EXPECT(&clients[i], GOING_AWAY);
    assert_int_equal(host->num_done, 0);
    CLIENT_SEND(&clients[i], 0x88, "\x03\xE9");
    client_expect_fin(&clients[i]);
    client_close(&clients[i]);
  }
  HOST_UNTIL(host, host->num_done == 1);
  assert_int_equal(host->num_closed, NUM_OF(clients));
  assert_int_equal(host->num_errors, 0);
  assert_true(host->was_clean);
  assert_int_equal(ws_server_num_connections(host->server), 0);
}

static void nobody_is_there(void **state) {
  struct host *host = *state;
  host_listen(host);
  uint16_t port = ws_server_port(host->server);
  host_shutdown(host, 0);
  assert_int_equal(host->num_done, 0);
  HOST_UNTIL(host, host->num_done == 1);
  connect_is_refused(host, port);
  assert_int_equal(ws_server_port(host->server), port);
  ws_io_run(host->io); /* nothing keeps it running */
}

static void who_waits_gets_503(void **state) {
  struct host *host = *state;
  struct client waiting;
  struct client begun;
  struct client silent;
  host_listen(host);
  client_init(&silent, host);
  client_init(&begun, host);
  client_send_text(&begun, HEAD);
  client_init(&waiting, host);
  client_send_text(&waiting, REQUEST);
  HOST_UNTIL(host, host->request != NULL);
  host_fence(host);
  host_shutdown(host, 0);
  assert_int_equal(ws_server_num_connections(host->server), 0);
  client_expect_status(&waiting, "503");
  client_expect_fin(&waiting);
  client_expect_status(&begun, "503");
  client_expect_fin(&begun);
  client_expect_fin(&silent);
  client_close(&waiting);
  client_close(&begun);
  assert_int_equal(host->num_done, 0);
  client_close(&silent);
  HOST_UNTIL(host, host->num_done == 1);
  assert_int_equal(host->num_gone, 0);
}

/* The 101 has been promised: it comes, and 1001 behind it. */
static void a_socket_that_is_not_open_yet(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_init(&client, host);
  client_send_text(&client, REQUEST);
  HOST_UNTIL(host, host->request != NULL);
  host_accept(host, host->request, NULL);
  host_shutdown(host, 0);
  client_read_head(&client);
  assert_memory_equal(client.text, "HTTP/1.1 101", 12);
  CLIENT_EXPECT(&client, GOING_AWAY);
  CLIENT_SEND(&client, 0x88, "\x03\xE9");
  client_expect_fin(&client);
  client_close(&client);
  HOST_UNTIL(host, host->num_done == 1);
  assert_int_equal(host->num_opened, 1);
  assert_true(host->was_clean);
}

static void who_never_answers_is_aborted(void **state) {
  struct host *host = *state;
  struct client clients[3];
  host_listen(host);
  open_all(clients, NUM_OF(clients), host);
  host_shutdown(host, 20 * MS);
  HOST_UNTIL(host, host->num_done == 1);
  assert_int_equal(host->num_closed, NUM_OF(clients));
  assert_int_equal(host->num_errors, NUM_OF(clients));
  assert_false(host->was_clean);
  assert_int_equal(host->code, 1006);
  for (size_t i = 0; i < NUM_OF(clients); i++) {
    CLIENT_EXPECT(&clients[i], GOING_AWAY);
    client_expect_end(&clients[i]);
    client_close(&clients[i]);
  }
}

static void a_refused_client_that_stays_is_aborted(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_init(&client, host);
  client_send_text(&client, REQUEST);
  HOST_UNTIL(host, host->request != NULL);
  uint64_t begin = ws_io_now(host->io);
  host_shutdown(host, 20 * MS);
  client_expect_status(&client, "503");
  HOST_UNTIL(host, host->num_done == 1);
  assert_true(ws_io_now(host->io) - begin < 1500 * MS);
  client_close(&client);
}

static void again_with_less_time(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_open(&client, host);
  host_shutdown(host, WS_IO_NEVER);
  CLIENT_EXPECT(&client, GOING_AWAY);
  host_shutdown(host, 10 * MS);
  ws_server_shutdown(host->server, 5000 * MS, NULL);
  uint64_t begin = ws_io_now(host->io);
  HOST_UNTIL(host, host->num_done == 1);
  assert_true(ws_io_now(host->io) - begin < 4000 * MS);
  assert_int_equal(host->code, 1006);
  client_close(&client);
  /* There is nobody left: who asks is told, and once. */
  host_shutdown(host, 0);
  HOST_UNTIL(host, host->num_done == 2);
  ws_server_shutdown(host->server, 0, NULL);
  ws_io_run(host->io);
  assert_int_equal(host->num_done, 2);
}

static void the_closing_timeout_is_the_default(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.closing = 20 * MS;
  host_listen(host);
  client_open(&client, host);
  host_shutdown(host, 0);
  HOST_UNTIL(host, host->num_done == 1);
  assert_false(host->was_clean);
  client_close(&client);
}

static void freed_without_a_shutdown(void **state) {
  struct host *host = *state;
  struct client clients[4];
  host_listen(host);
  open_all(clients, 2, host);
  host->act = NULL;
  client_init(&clients[2], host);
  client_send_text(&clients[2], REQUEST);
  client_init(&clients[3], host);
  client_send_text(&clients[3], HEAD);
  HOST_UNTIL(host, host->request != NULL);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 4);
  ws_server_free(host->server);
  host->server = NULL;
  HOST_UNTIL(host, host->num_closed == 2);
  assert_int_equal(host->num_errors, 2);
  assert_int_equal(host->num_gone, 0);
  for (size_t i = 0; i < NUM_OF(clients); i++) {
    client_expect_end(&clients[i]);
    client_close(&clients[i]);
  }
}

/* Abort and release are enough for a socket whose server is gone. */
static void sockets_end_without_another_turn(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_open(&client, host);
  ws_server_free(host->server);
  host->server = NULL;
  ws_websocket_release(host->sockets[0]);
  host->sockets[0] = NULL;
  client_close(&client);
  failmalloc_assert_empty(&host->fm);
}

static void freed_in_the_middle_of_a_shutdown(void **state) {
  struct host *host = *state;
  struct client clients[2];
  host_listen(host);
  client_open(&clients[0], host);
  host->act = NULL;
  client_init(&clients[1], host);
  client_send_text(&clients[1], REQUEST);
  HOST_UNTIL(host, host->request != NULL);
  host_shutdown(host, 0);
  CLIENT_EXPECT(&clients[0], GOING_AWAY);
  ws_server_free(host->server);
  host->server = NULL;
  HOST_UNTIL(host, host->num_closed == 1);
  assert_int_equal(host->num_done, 0);
  client_close(&clients[0]);
  client_close(&clients[1]);
}

/* From inside callbacks ---------------------------------------------------- */

static void free_server(struct host *host) {
  ws_server_free(host->server);
  host->server = NULL;
}

static void act_free(struct host *host, struct ws_server_request *request) {
  (void)request;
  free_server(host);
}

static void act_accept_free(struct host *host,
                            struct ws_server_request *request) {
  host_accept(host, request, NULL);
  free_server(host);
}

static void act_reject_free(struct host *host,
                            struct ws_server_request *request) {
  const struct ws_reject_options options = {.status = 404};
  assert_int_equal(ws_server_reject(request, &options), WS_OK);
  free_server(host);
}

static void act_shutdown(struct host *host, struct ws_server_request *request) {
  (void)request;
  host_shutdown(host, 0);
}

static void freed_in_the_request_callback(void **state) {
  struct host *host = *state;
  void (*const acts[])(struct host *, struct ws_server_request *) = {
      act_free, act_accept_free, act_reject_free};
  for (size_t i = 0; i < NUM_OF(acts); i++) {
    struct client client;
    host_listen(host);
    host->act = acts[i];
    client_init(&client, host);
    client_send_text(&client, REQUEST);
    CLIENT_SEND(&client, 0x81, "early");
    HOST_UNTIL(host, host->server == NULL);
    HOST_UNTIL(host, host->num_closed == host->num_sockets);
    client_close(&client);
  }
  assert_int_equal(host->num_gone, 0);
}

static void shut_down_in_the_request_callback(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  host->act = act_shutdown;
  client_init(&client, host);
  client_send_text(&client, REQUEST);
  client_expect_status(&client, "503");
  client_expect_fin(&client);
  client_close(&client);
  HOST_UNTIL(host, host->num_done == 1);
}

static void freed_in_gone(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.opening = 20 * MS;
  host->mourn = act_free;
  for (int reset = 0; reset < 2; reset++) {
    host_listen(host);
    client_init(&client, host);
    client_send_text(&client, REQUEST);
    HOST_UNTIL(host, host->request != NULL);
    if (reset != 0) {
      client_reset(&client);
    }
    HOST_UNTIL(host, host->server == NULL);
    if (reset == 0) {
      client_close(&client);
    }
  }
  assert_int_equal(host->num_gone, 2);
}

static void hear_free(struct host *host,
                      const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_MESSAGE && host->server != NULL) {
    free_server(host);
  }
}

static void hear_free_at_the_close(struct host *host,
                                   const struct ws_websocket_event *event) {
  if (event->type == WS_WEBSOCKET_CLOSE && host->server != NULL) {
    free_server(host);
  }
}

static void freed_in_the_events_of_sockets(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  host->hear = hear_free;
  client_open(&client, host);
  CLIENT_SEND(&client, 0x81, "x");
  HOST_UNTIL(host, host->num_closed == 1);
  assert_null(host->server);
  client_close(&client);
  host_listen(host);
  host->hear = hear_free_at_the_close;
  client_open(&client, host);
  CLIENT_SEND(&client, 0x88, "");
  client_close(&client);
  HOST_UNTIL(host, host->num_closed == 2);
  assert_null(host->server);
}

static void done_frees(void *user) {
  free_server(user);
}

static void freed_in_done(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_open(&client, host);
  ws_server_shutdown(host->server, 0, done_frees);
  CLIENT_EXPECT(&client, GOING_AWAY);
  client_close(&client);
  HOST_UNTIL(host, host->server == NULL);
  ws_io_run(host->io);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HOST_TEST(every_client_sees_1001),
      HOST_TEST(nobody_is_there),
      HOST_TEST(who_waits_gets_503),
      HOST_TEST(a_socket_that_is_not_open_yet),
      HOST_TEST(who_never_answers_is_aborted),
      HOST_TEST(a_refused_client_that_stays_is_aborted),
      HOST_TEST(again_with_less_time),
      HOST_TEST(the_closing_timeout_is_the_default),
      HOST_TEST(freed_without_a_shutdown),
      HOST_TEST(sockets_end_without_another_turn),
      HOST_TEST(freed_in_the_middle_of_a_shutdown),
      HOST_TEST(freed_in_the_request_callback),
      HOST_TEST(shut_down_in_the_request_callback),
      HOST_TEST(freed_in_gone),
      HOST_TEST(freed_in_the_events_of_sockets),
      HOST_TEST(freed_in_done),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
