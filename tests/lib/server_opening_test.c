/* From a connection to its request, or to its end without one. */
#include "server_support.h"

#include <sys/socket.h>

/* Less than a stream lingers that is not ended by both sides. */
#define LINGER (1500 * MS)

/* 6455-4.2.1-01, 6455-4.2.1-02, 6455-4.2.1-03, 6455-4.2.1-06,
 * 6455-4.2.1-08 */
static void improper_requests_are_never_told(void **state) {
  static const struct {
    const char *request, *status;
  } rows[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "426"},
      {"POST / HTTP/1.1\r\nHost: h\r\n" UPGRADE "\r\n", "405"},
      {"GET / HTTP/1.0\r\nHost: h\r\n" UPGRADE "\r\n", "505"},
      {"GET / HTTP/1.1\r\n" UPGRADE "\r\n", "400"},
      {"\x16\x03\x01\x02\r\n\r\n", "400"},
  };
  struct host *host = *state;
  host_listen(host);
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    struct client client;
    client_init(&client, host);
    client_send_text(&client, rows[i].request);
    client_expect_status(&client, rows[i].status);
    client_expect_fin(&client);
    client_close(&client);
  }
  assert_int_equal(host->num_requests, 0);
  assert_int_equal(host->num_gone, 0);
}

static void a_head_that_is_too_large(void **state) {
  struct host *host = *state;
  struct client client;
  char octets[1000];
  memset(octets, 'a', sizeof octets);
  host->options.config.limits.conn.head = 999;
  host_listen(host);
  client_init(&client, host);
  client_send(&client, octets, sizeof octets);
  client_expect_status(&client, "431");
  client_expect_fin(&client);
  client_close(&client);
  assert_int_equal(host->num_requests, 0);
}

static void a_request_that_ends_too_early(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.opening = WS_IO_NEVER;
  host_listen(host);
  client_init(&client, host);
  client_send_text(&client, HEAD);
  client_finish(&client);
  client_expect_status(&client, "400");
  client_expect_fin(&client);
  client_close(&client);
  client_init(&client, host);
  client_finish(&client);
  client_expect_fin(&client);
  client_close(&client);
  assert_int_equal(host->num_requests + host->num_gone, 0);
}

/* The end of its direction is the client's right; it still reads. */
static void a_client_that_half_closed_is_answered(void **state) {
  struct host *host = *state;
  struct client rejected;
  struct client accepted;
  host_listen(host);
  client_ask(&rejected, host, REQUEST);
  client_finish(&rejected);
  host_fence(host);
  assert_int_equal(host->num_gone, 0);
  host_reject(host, 403);
  client_expect_status(&rejected, "403");
  client_expect_fin(&rejected);
  client_ask(&accepted, host, REQUEST);
  client_finish(&accepted);
  host_fence(host);
  host_accept(host, host->request, NULL);
  client_read_head(&accepted);
  assert_memory_equal(accepted.text, "HTTP/1.1 101", 12);
  HOST_UNTIL(host, host->num_closed == 1);
  assert_int_equal(host->num_opened, 1);
  assert_int_equal(host->code, 1006);
  assert_false(host->was_clean);
  client_expect_end(&accepted);
  client_close(&rejected);
  client_close(&accepted);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 0);
}

/* Request, Close and FIN, all before the answer. */
static void a_conversation_that_was_over_before(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.closing = WS_IO_NEVER;
  host_listen(host);
  client_ask(&client, host, REQUEST);
  CLIENT_SEND(&client, 0x81, "x");
  CLIENT_SEND(&client, 0x88, "\x03\xE8");
  client_finish(&client);
  host_fence(host);
  host_accept(host, host->request, NULL);
  client_read_head(&client);
  CLIENT_EXPECT(&client, "\x81\x01x\x88\x02\x03\xE8");
  client_expect_fin(&client);
  client_close(&client);
  HOST_UNTIL(host, host->num_closed == 1);
  assert_true(host->was_clean);
}

static void mourn(struct host *host, struct ws_server_request *request) {
  struct ws_websocket *socket;
  const struct ws_reject_options options = {.status = 404};
  assert_ptr_equal(ws_server_request_user(request), host);
  assert_slice(ws_server_request_head(request)->path, "/chat");
  assert_int_equal(ws_server_accept(&socket, request, NULL, NULL, 0),
                   WS_ERR_STATE);
  assert_null(socket);
  assert_int_equal(ws_server_reject(request, &options), WS_ERR_STATE);
}

static void gone_by_a_reset(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  host->mourn = mourn;
  client_ask(&client, host, REQUEST);
  ws_server_request_set_user(host->request, host);
  client_reset(&client);
  HOST_UNTIL(host, host->num_gone == 1);
  assert_int_equal(ws_server_num_connections(host->server), 0);
}

static void gone_by_time(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.opening = 20 * MS;
  host_listen(host);
  host->mourn = mourn;
  client_ask(&client, host, REQUEST);
  ws_server_request_set_user(host->request, host);
  client_expect_status(&client, "503");
  client_expect_fin(&client);
  assert_int_equal(host->num_gone, 1);
  assert_int_equal(ws_server_num_connections(host->server), 0);
  client_close(&client);
}

static void gone_by_time_when_half_closed(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.opening = 20 * MS;
  host_listen(host);
  host->mourn = mourn;
  client_ask(&client, host, REQUEST);
  ws_server_request_set_user(host->request, host);
  client_finish(&client);
  client_expect_status(&client, "503");
  client_expect_fin(&client);
  assert_int_equal(host->num_gone, 1);
  /* Both sides have ended: nothing lingers. */
  uint64_t begin = ws_io_now(host->io);
  host_shutdown(host, WS_IO_NEVER);
  HOST_UNTIL(host, host->num_done == 1);
  assert_true(ws_io_now(host->io) - begin < LINGER);
  client_close(&client);
}

/* RFC 6455 4.1 forbids a client to send before the answer. */
static void what_comes_behind_the_request_is_kept(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  client_init(&client, host);
  client_send_text(&client, REQUEST);
  CLIENT_SEND(&client, 0x81, "one");
  HOST_UNTIL(host, host->request != NULL);
  CLIENT_SEND(&client, 0x81, "two");
  host_fence(host);
  host_accept(host, host->request, NULL);
  client_read_head(&client);
  CLIENT_SEND(&client, 0x81, "three");
  CLIENT_EXPECT(&client, "\x81\x03one\x81\x03two\x81\x05three");
  client_close(&client);
}

static void more_of_it_than_the_limit_is_refused(void **state) {
  struct host *host = *state;
  struct client client;
  char octets[2000] = {0};
  host->options.config.limits.conn.head = 1000;
  host_listen(host);
  host->mourn = mourn;
  client_ask(&client, host, REQUEST);
  ws_server_request_set_user(host->request, host);
  client_send(&client, octets, sizeof octets);
  client_expect_status(&client, "400");
  client_expect_fin(&client);
  assert_int_equal(host->num_gone, 1);
  client_close(&client);
}

static void a_request_that_is_not_ended_in_time_gets_408(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.opening = 20 * MS;
  host_listen(host);
  client_init(&client, host);
  client_send_text(&client, HEAD);
  client_expect_status(&client, "408");
  client_expect_fin(&client);
  client_close(&client);
  assert_int_equal(host->num_requests + host->num_gone, 0);
}

/* An octet now and then does not buy more time. */
static void time_counts_from_the_connection(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.opening = 50 * MS;
  host_listen(host);
  client_init(&client, host);
  uint64_t begin = ws_io_now(host->io);
  uint64_t next = begin;
  char octet;
  while (recv(client.fd, &octet, 1, MSG_DONTWAIT) < 0) {
    uint64_t now = ws_io_now(host->io);
    if (now >= next) {
      next = now + 5 * MS;
      send(client.fd, "G", 1, MSG_NOSIGNAL);
    }
    assert_true(now - begin < 5000 * MS);
    ws_io_turn(host->io, now + MS);
  }
  assert_int_equal(octet, 'H');
  client_reset(&client);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 0);
}

static void who_says_nothing_is_just_closed(void **state) {
  struct host *host = *state;
  struct client client;
  host->options.config.timeouts.opening = 20 * MS;
  host_listen(host);
  client_init(&client, host);
  client_expect_fin(&client);
  client_close(&client);
  client_init(&client, host);
  client_finish(&client);
  client_expect_fin(&client);
  client_close(&client);
  assert_int_equal(host->num_requests + host->num_gone, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HOST_TEST(improper_requests_are_never_told),
      HOST_TEST(a_head_that_is_too_large),
      HOST_TEST(a_request_that_ends_too_early),
      HOST_TEST(a_client_that_half_closed_is_answered),
      HOST_TEST(a_conversation_that_was_over_before),
      HOST_TEST(gone_by_a_reset),
      HOST_TEST(gone_by_time),
      HOST_TEST(gone_by_time_when_half_closed),
      HOST_TEST(what_comes_behind_the_request_is_kept),
      HOST_TEST(more_of_it_than_the_limit_is_refused),
      HOST_TEST(a_request_that_is_not_ended_in_time_gets_408),
      HOST_TEST(time_counts_from_the_connection),
      HOST_TEST(who_says_nothing_is_just_closed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
