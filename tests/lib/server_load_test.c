/* Many clients, bad ones, and little memory. */
#include "server_support.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

/* Many ------------------------------------------------------------------- */

#define NUM_CLIENTS 200

/* A client of the library: sends text, then bytes, then a blob. */
struct talker {
  struct ws_websocket *socket;
  unsigned number;
  unsigned num_echoes;
  bool closed, was_clean;
};

static void say(struct talker *talker) {
  char text[32];
  struct ws_blob *blob;
  int len = snprintf(text, sizeof text, "%u of %u", talker->num_echoes,
                     talker->number);
  switch (talker->num_echoes) {
  case 0:
    ws_websocket_send_text(talker->socket, text, (size_t)len);
    break;
  case 1:
    ws_websocket_send_array(talker->socket, text, (size_t)len);
    break;
  case 2:
    blob = ws_blob_new(NULL, text, (size_t)len);
    ws_websocket_send_blob(talker->socket, blob);
    ws_blob_unref(blob);
    break;
  default:
    break;
  }
}

static void on_talk(void *user, const struct ws_websocket_event *event) {
  struct talker *talker = user;
  char expected[32];
  char got[32] = "";
  if (event->type == WS_WEBSOCKET_OPEN) {
    say(talker);
  } else if (event->type == WS_WEBSOCKET_CLOSE) {
    talker->closed = true;
    talker->was_clean = event->was_clean;
  } else {
    snprintf(expected, sizeof expected, "%u of %u", talker->num_echoes,
             talker->number);
    if (event->message == WS_MESSAGE_BLOB) {
      ws_blob_read(event->blob, 0, got, sizeof got - 1);
    } else {
      memcpy(got, event->data.data, event->data.len);
    }
    assert_int_equal(event->message, talker->num_echoes == 0 ? WS_MESSAGE_TEXT
                                                             : WS_MESSAGE_BLOB);
    assert_string_equal(got, expected);
    talker->num_echoes++;
    say(talker);
  }
}

static void connect_all(struct talker *talkers, struct host *host,
                        const struct ws_websocket_options *options) {
  char url[64];
  snprintf(url, sizeof url, "%s://localhost:%u/",
           host->options.tls != NULL ? "wss" : "ws",
           (unsigned)ws_server_port(host->server));
  for (unsigned i = 0; i < NUM_CLIENTS; i++) {
    talkers[i] = (struct talker){.number = i};
    struct ws_websocket *socket;
    assert_int_equal(ws_websocket_connect(&socket, host->io, url, options),
                     WS_OK);
    talkers[i].socket = socket;
    ws_websocket_on_open(socket, on_talk, &talkers[i]);
    ws_websocket_on_message(socket, on_talk, &talkers[i]);
    ws_websocket_on_close(socket, on_talk, &talkers[i]);
  }
}

static void two_hundred_at_once(void **state) {
  struct host *host = *state;
  static struct talker talkers[NUM_CLIENTS];
  struct ws_websocket_options options = {.connect = "127.0.0.1"};
  host_listen(host);
  host->act = host_echo;
  connect_all(talkers, host, &options);
  for (size_t i = 0; i < NUM_CLIENTS; i++) {
    HOST_UNTIL(host, talkers[i].num_echoes == 3);
  }
  assert_int_equal(ws_server_num_connections(host->server), NUM_CLIENTS);
  for (size_t i = 0; i < NUM_CLIENTS; i++) {
    ws_websocket_close(talkers[i].socket, 1000, NULL);
  }
  for (size_t i = 0; i < NUM_CLIENTS; i++) {
    HOST_UNTIL(host, talkers[i].closed);
    assert_true(talkers[i].was_clean);
    ws_websocket_release(talkers[i].socket);
  }
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 0);
  assert_int_equal(host->num_errors, 0);
}

/* Too many --------------------------------------------------------------- */

static void more_than_the_limit_get_503(void **state) {
  struct host *host = *state;
  struct client first;
  struct client second;
  struct client third;
  host->options.max_connections = 2;
  host_listen(host);
  client_init(&first, host); /* says nothing, and counts */
  client_open(&second, host);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 2);
  client_init(&third, host);
  client_expect_status(&third, "503");
  client_expect_fin(&third);
  client_close(&third);
  assert_int_equal(ws_server_num_connections(host->server), 2);
  client_close(&second);
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 1);
  client_open(&third, host);
  CLIENT_SEND(&third, 0x81, "x");
  CLIENT_EXPECT(&third, "\x81\x01x");
  client_close(&first);
  client_close(&third);
}

/* The process has no descriptor left: the loop waits, and goes on later. */
static void descriptors_run_out(void **state) {
  struct host *host = *state;
  struct client clients[32];
  struct rlimit before;
  host_listen(host);
  for (size_t i = 0; i < NUM_OF(clients); i++) {
    client_init(&clients[i], host);
  }
  int next = dup(clients[0].fd);
  assert_true(next >= 0);
  close(next);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit few = {(rlim_t)next + 2, before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  uint64_t begin = ws_io_now(host->io);
  size_t num_turns = 0;
  while (ws_io_now(host->io) - begin < 100 * MS) {
    ws_io_turn(host->io, begin + 100 * MS);
    num_turns++;
  }
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_in_range(num_turns, 1, 40);
  assert_in_range(ws_server_num_connections(host->server), 1, 3);
  for (size_t i = 0; i < NUM_OF(clients); i++) {
    client_reset(&clients[i]);
  }
  HOST_UNTIL(host, ws_server_num_connections(host->server) == 0);
  client_open(&clients[0], host);
  client_close(&clients[0]);
}

/* Little memory ---------------------------------------------------------- */

/* Who sends heads slowly, or too much, costs no more than the limit. */
static void heads_are_bounded(void **state) {
  struct host *host = *state;
  struct client clients[8];
  char octets[1024];
  memset(octets, 'a', sizeof octets);
  host->options.config.limits.conn.head = 4096;
  host_listen(host);
  size_t before = host->fm.live_len;
  for (size_t i = 0; i < NUM_OF(clients); i++) {
    client_init(&clients[i], host);
    client_send_text(&clients[i], HEAD "Cookie: ");
    for (size_t j = 0; j < 3; j++) {
      client_send(&clients[i], octets, sizeof octets);
    }
  }
  HOST_UNTIL(host, ws_server_num_connections(host->server) == NUM_OF(clients));
  host_fence(host);
  size_t each = (host->fm.live_len - before) / NUM_OF(clients);
  assert_in_range(each, 3 * sizeof octets, 12 * 1024);
  for (size_t i = 0; i < NUM_OF(clients); i++) {
    client_send(&clients[i], octets, sizeof octets);
    client_expect_status(&clients[i], "431");
    client_close(&clients[i]);
  }
  assert_in_range(host->fm.peak_len - before, 1, NUM_OF(clients) * 16 * 1024);
}

/* Sends as long as the server reads; how much that was. */
static size_t flood(struct client *client) {
  /* More than any buffers of the kernel take in on the way there and back. */
  static const size_t most = (size_t)64 << 20;
  static uint8_t frames[1 << 16];
  size_t len = 0;
  while (len + 4 + 4 + 1000 <= sizeof frames) {
    static const uint8_t header[] = {0x82, 0xFE, 0x03, 0xE8, 0, 0, 0, 0};
    memcpy(frames + len, header, sizeof header);
    len += sizeof header + 1000;
  }
  size_t done = 0;
  size_t at = 0;
  client_take_little(client);
  for (unsigned idle = 0; idle < 50 && done < most;) {
    ssize_t n = send(client->fd, frames + at, len - at, MSG_DONTWAIT);
    if (n > 0) {
      idle = 0;
      done += (size_t)n;
      at = (at + (size_t)n) % len;
    } else {
      assert_int_equal(errno, EAGAIN);
      idle++;
    }
    ws_io_turn(client->host->io, ws_io_now(client->host->io) + MS / 4);
  }
  assert_true(done < most);
  return done;
}

/* Our reading stops, and goes on when it reads. */
static void who_does_not_read_is_not_read(void **state) {
  static uint8_t octets[1 << 16];
  struct host *host = *state;
  struct client client;
  host->options.config.limits.high_water = 64 * 1024;
  host_listen(host);
  client_open(&client, host);
  size_t sent = flood(&client);
  assert_in_range(host->fm.peak_len, 64 * 1024, 1 << 20);
  assert_int_equal(host->num_closed, 0);
  /* Each message of 1000 bytes comes back, with a header of four octets in
   * place of eight; the last may be cut. */
  size_t due = sent / 1008 * 1004;
  uint64_t begin = 0;
  for (size_t got = 0; got < due;) {
    ssize_t n = recv(client.fd, octets, sizeof octets, MSG_DONTWAIT);
    if (n > 0) {
      got += (size_t)n;
      begin = 0;
      continue;
    }
    assert_int_equal(errno, EAGAIN);
    host_turn(host, &begin);
  }
  assert_in_range(host->fm.peak_len, 64 * 1024, 1 << 20);
  client_reset(&client);
  HOST_UNTIL(host, host->num_closed == 1);
}

static void hear_pause(struct host *host,
                       const struct ws_websocket_event *event) {
  (void)host;
  if (event->type == WS_WEBSOCKET_OPEN) {
    ws_websocket_pause(event->target, true);
  }
}

/* Nor does a server that is busy have to take everything in. */
static void who_is_not_read_has_to_wait(void **state) {
  struct host *host = *state;
  struct client client;
  host->hear = hear_pause;
  host_listen(host);
  client_open(&client, host);
  size_t before = host->fm.live_len;
  CLIENT_SEND(&client, 0x81, "first");
  flood(&client);
  assert_in_range(host->fm.peak_len - before, 0, 256 * 1024);
  ws_websocket_pause(host->sockets[0], false);
  CLIENT_EXPECT(&client, "\x81\x05"
                         "first\x82\x7E\x03\xE8");
  client_reset(&client);
  HOST_UNTIL(host, host->num_closed == 1);
}

/* Exhaustion ------------------------------------------------------------- */

/* Reads until the end; whether it was all that is due. */
static bool converse(struct client *client) {
  static const char due[] = "\x81\x05hello\x88\x02\x03\xE8";
  struct host *host = client->host;
  char got[1024] = "";
  size_t len = 0;
  uint64_t begin = 0;
  client_send_text(client, HEAD UPGRADE "Origin: http://o\r\n"
                                        "Sec-WebSocket-Protocol: chat\r\n"
                                        "Sec-WebSocket-Extensions: "
                                        "permessage-deflate\r\n\r\n");
  CLIENT_SEND(client, 0x81, "hello");
  CLIENT_SEND(client, 0x88, "\x03\xE8");
  for (;;) {
    ssize_t n = recv(client->fd, got + len, sizeof got - 1 - len, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
      break;
    }
    len += n > 0 ? (size_t)n : 0;
    host_turn(host, &begin);
  }
  return len >= sizeof due - 1 &&
         memcmp(got + len - (sizeof due - 1), due, sizeof due - 1) == 0;
}

static void act_accept_or_not(struct host *host,
                              struct ws_server_request *request) {
  struct ws_websocket *socket;
  enum ws_status status = ws_server_accept(&socket, request, "chat", NULL, 0);
  if (status != WS_OK) {
    assert_int_equal(status, WS_ERR_NOMEM);
    assert_null(socket);
    return;
  }
  host->sockets[host->num_sockets++] = socket;
}

static void hear_echo(void *user, const struct ws_websocket_event *event) {
  (void)user;
  ws_websocket_send_text(event->target, (const char *)event->data.data,
                         event->data.len);
}

static void act_echo_or_not(struct host *host,
                            struct ws_server_request *request) {
  act_accept_or_not(host, request);
  if (host->num_sockets > 0) {
    ws_websocket_on_message(host->sockets[0], hear_echo, host);
  }
}

static bool accept_echo_close(struct failmalloc *fm, void *user) {
  (void)user;
  static const struct ws_deflate_config deflate = {.min_len = 100};
  const char *text = NULL;
  struct host host;
  host_init(&host);
  host.options.config.allocator = &fm->allocator;
  host.options.config.deflate = &deflate;
  host.act = act_echo_or_not;
  host.server = ws_server_listen(host.io, &host.options, &text);
  bool ok = false;
  if (host.server != NULL) {
    struct client client;
    client_init(&client, &host);
    ok = converse(&client);
    client_close(&client);
    HOST_UNTIL(&host, ws_server_num_connections(host.server) == 0);
  } else {
    assert_string_equal(text, ws_status_text(WS_ERR_NOMEM));
  }
  host_free(&host);
  return ok;
}

static void exhaustion_at_every_allocation(void **state) {
  (void)state;
  size_t num = failmalloc_each_lenient(accept_echo_close, NULL);
  assert_in_range(num, 10, 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HOST_TEST(two_hundred_at_once),
      HOST_TEST(more_than_the_limit_get_503),
      HOST_TEST(descriptors_run_out),
      HOST_TEST(heads_are_bounded),
      HOST_TEST(who_does_not_read_is_not_read),
      HOST_TEST(who_is_not_read_has_to_wait),
      cmocka_unit_test(exhaustion_at_every_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
