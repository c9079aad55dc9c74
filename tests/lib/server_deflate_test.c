/* permessage-deflate, as a server agrees on it and uses it. */
#include "server_support.h"

#include <sys/socket.h>

static const struct ws_deflate_config config = {.min_len = 8};

static void wait_for_request(struct host *host, struct client *client,
                             const char *fields) {
  client_init(client, host);
  client_send_text(client, HEAD UPGRADE);
  client_send_text(client, fields);
  client_send_text(client, "\r\n");
  HOST_UNTIL(host, host->request != NULL);
}

static void open_with(struct host *host, struct client *client,
                      const char *fields) {
  wait_for_request(host, client, fields);
  host_accept(host, host->request, NULL);
  client_read_head(client);
}

/* 6455-4.2.2-14, 6455-4.2.2-15 */
static void agreed_when_it_is_offered(void **state) {
  static const struct {
    const char *fields, *value;
  } rows[] = {
      {"Sec-WebSocket-Extensions: permessage-deflate\r\n",
       "permessage-deflate"},
      {"Sec-WebSocket-Extensions: x-unknown, permessage-deflate; "
       "client_max_window_bits\r\n",
       "permessage-deflate"},
      {"Sec-WebSocket-Extensions: permessage-deflate; bogus\r\n"
       "Sec-WebSocket-Extensions: permessage-deflate; "
       "server_no_context_takeover\r\n",
       "permessage-deflate; server_no_context_takeover"},
      {"Sec-WebSocket-Extensions: permessage-deflate; bogus\r\n", ""},
      {"Sec-WebSocket-Extensions: x-unknown\r\n", ""},
      {"", ""},
  };
  struct host *host = *state;
  host->options.config.deflate = &config;
  host_listen(host);
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    static const char name[] = "Sec-WebSocket-Extensions: ";
    struct client client;
    open_with(host, &client, rows[i].fields);
    const char *field = strstr(client.text, name);
    if (rows[i].value[0] == '\0') {
      assert_null(field);
    } else {
      size_t len = strlen(rows[i].value);
      assert_non_null(field);
      assert_memory_equal(field + sizeof name - 1, rows[i].value, len);
      assert_memory_equal(field + sizeof name - 1 + len, "\r\n", 2);
    }
    HOST_UNTIL(host, host->num_opened == host->num_sockets);
    assert_string_equal(
        ws_websocket_extensions(host->sockets[host->num_sockets - 1]),
        rows[i].value);
    client_close(&client);
  }
}

static void not_agreed_where_the_server_has_none(void **state) {
  struct host *host = *state;
  struct client client;
  host_listen(host);
  open_with(host, &client, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  assert_null(strstr(client.text, "Sec-WebSocket-Extensions"));
  /* RFC 6455 5.2: RSV1 has no meaning then, and fails the connection. */
  CLIENT_SEND(&client, 0xC1, "\xF2\x48\xCD\xC9\xC9\x07\x00");
  CLIENT_EXPECT(&client, "\x88");
  client_close(&client);
}

/* RFC 7692 7.2.3.1: "Hello". */
static void messages_are_compressed(void **state) {
  static const char hello[] = "\xF2\x48\xCD\xC9\xC9\x07\x00";
  struct host *host = *state;
  struct client client;
  host->options.config.deflate = &config;
  host_listen(host);
  open_with(host, &client, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  client_send_frame(&client, 0xC1, hello, sizeof hello - 1);
  /* Shorter than min_len: it comes back as it is. */
  CLIENT_EXPECT(&client, "\x81\x05Hello");
  char text[120];
  memset(text, 'a', sizeof text);
  client_send_frame(&client, 0x81, text, sizeof text);
  CLIENT_EXPECT(&client, "\xC1");
  uint8_t len = 0;
  HOST_UNTIL(host, recv(client.fd, &len, 1, MSG_DONTWAIT) == 1);
  assert_in_range(len, 1, 20);
  client_close(&client);
}

/* Frames that came before the answer are decompressed as well. */
static void behind_the_request(void **state) {
  static const char hello[] = "\xF2\x48\xCD\xC9\xC9\x07\x00";
  struct host *host = *state;
  struct client client;
  host->options.config.deflate = &config;
  host_listen(host);
  wait_for_request(host, &client,
                   "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  client_send_frame(&client, 0xC1, hello, sizeof hello - 1);
  host_fence(host);
  host_accept(host, host->request, NULL);
  client_read_head(&client);
  CLIENT_EXPECT(&client, "\x81\x05Hello");
  client_close(&client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HOST_TEST(agreed_when_it_is_offered),
      HOST_TEST(not_agreed_where_the_server_has_none),
      HOST_TEST(messages_are_compressed),
      HOST_TEST(behind_the_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
