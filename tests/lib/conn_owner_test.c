/* What an owner may do that is not in the common loop: keep input for later,
 * and answer a Close frame in its own time. */
#include "support.h"

#include "conn_support.h"

static struct ws_conn *open_client(struct counting_crypto *crypto,
                                   bool manual_close) {
  struct ws_conn_config config = {.role = WS_CLIENT,
                                  .crypto = &crypto->table,
                                  .manual_close = manual_close};
  struct seen seen = {0};
  counting_crypto_init(crypto);
  struct ws_conn *conn = ws_conn_new(&config);
  assert_non_null(conn);
  assert_int_equal(
      ws_conn_connect(conn,
                      &(struct ws_request_options){.host = "example.com"}),
      WS_OK);
  ws_conn_output_done(conn, ws_conn_output(conn).len);
  feed_bytes(conn, RESPONSE, sizeof(RESPONSE) - 1, see_event, &seen);
  assert_int_equal(ws_conn_state(conn), WS_CONN_OPEN);
  return conn;
}

static void expect_text(struct ws_conn *conn, const char *text) {
  struct ws_event event;
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_DATA);
  assert_slice(event.payload, text);
}

/* The buffer that was fed is gone; each frame comes all the same. */
static void what_is_kept_outlives_the_buffer(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct ws_conn *conn = open_client(&crypto, false);
  uint8_t *fed = exact_copy("\x81\x01"
                            "a\x81\x02"
                            "bc\x81\x03"
                            "d",
                            10);
  struct ws_event event;
  assert_int_equal(ws_conn_feed(conn, fed, 10), WS_OK);
  expect_text(conn, "a");
  assert_int_equal(ws_conn_keep(conn), WS_OK);
  memset(fed, 0xEE, 10);
  free(fed);
  assert_int_equal(ws_conn_keep(conn), WS_OK); /* nothing more to do */
  expect_text(conn, "bc");
  expect_text(conn, "d");
  assert_false(ws_conn_next(conn, &event));
  uint8_t rest[] = {'e', 'f'};
  assert_int_equal(ws_conn_feed(conn, rest, 2), WS_OK);
  assert_true(ws_conn_next(conn, &event));
  assert_slice(event.payload, "ef");
  assert_true(event.final);
  assert_false(ws_conn_next(conn, &event));
  ws_conn_free(conn);
}

/* A transform that doubles each byte, one at a time. */
static enum ws_status doubled(void *user, struct ws_transform_step *step) {
  static const char pairs[][3] = {"aa", "bb", "cc"};
  (void)user;
  if (step->in.len != 0) {
    step->out = ws_slice_of(pairs[step->in.data[0] - 'a']);
    step->in.data++;
    step->in.len--;
  }
  return WS_OK;
}

static enum ws_status as_it_is(void *user, struct ws_slice in, bool final,
                               struct ws_slice *out) {
  (void)user;
  (void) final;
  *out = in;
  return WS_OK;
}

static void what_a_transform_has_not_taken_is_kept_too(void **state) {
  (void)state;
  static const struct ws_transform transform = {
      .rsv = WS_RSV1, .receive = doubled, .send = as_it_is};
  struct ws_conn_config config = {.role = WS_CLIENT};
  struct counting_crypto crypto;
  counting_crypto_init(&crypto);
  config.crypto = &crypto.table;
  struct ws_conn *conn = ws_conn_new(&config);
  assert_non_null(conn);
  ws_conn_connect(conn, &(struct ws_request_options){.host = "example.com"});
  static const char bytes[] = RESPONSE "\xC1\x03"
                                       "abc\x81\x01"
                                       "z";
  size_t len = sizeof(bytes) - 1;
  uint8_t *fed = exact_copy(bytes, len);
  struct ws_event event;
  assert_int_equal(ws_conn_feed(conn, fed, len), WS_OK);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_OPEN);
  assert_int_equal(ws_conn_set_transform(conn, &transform), WS_OK);
  expect_text(conn, "aa");
  assert_int_equal(ws_conn_keep(conn), WS_OK);
  free(fed);
  uint8_t more[] = {0x81};
  assert_int_equal(ws_conn_feed(conn, more, 1), WS_ERR_STATE);
  expect_text(conn, "bb");
  expect_text(conn, "cc");
  expect_text(conn, ""); /* the end of the message */
  expect_text(conn, "z");
  assert_false(ws_conn_next(conn, &event));
  ws_conn_free(conn);
}

/* 5.5.1: "An endpoint MAY delay sending a Close frame until its current message
 * is sent". */
static void the_owner_may_finish_its_message_before_its_close(void **state) {
  (void)state;
  struct counting_crypto crypto;
  struct ws_conn *conn = open_client(&crypto, true);
  struct ws_event event;
  uint8_t close[] = {0x88, 0x02, 0x0F, 0xA0};
  assert_int_equal(
      ws_conn_send_fragment(conn, WS_OP_TEXT, (const uint8_t *)"a", 1, false),
      WS_OK);
  assert_int_equal(ws_conn_feed(conn, close, 4), WS_OK);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_CLOSE);
  assert_int_equal(event.code, 4000);
  assert_true(ws_conn_next(conn, &event));
  assert_int_equal(event.type, WS_EVENT_END);
  assert_false(ws_conn_closed_cleanly(conn));
  size_t before = ws_conn_output(conn).len;
  assert_int_equal(
      ws_conn_send_fragment(conn, WS_OP_TEXT, (const uint8_t *)"b", 1, true),
      WS_OK);
  assert_int_equal(ws_conn_output(conn).len, before + 2 + 4 + 1);
  assert_int_equal(ws_conn_close(conn, 4000, (struct ws_slice){NULL, 0}),
                   WS_OK);
  assert_int_equal(ws_conn_output(conn).len, before + 7 + 2 + 4 + 2);
  assert_true(ws_conn_closed_cleanly(conn));
  assert_int_equal(ws_conn_send(conn, WS_OP_TEXT, (const uint8_t *)"c", 1),
                   WS_ERR_STATE);
  assert_int_equal(ws_conn_close(conn, 4000, (struct ws_slice){NULL, 0}),
                   WS_ERR_STATE);
  ws_conn_free(conn);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_kept_outlives_the_buffer),
      cmocka_unit_test(what_a_transform_has_not_taken_is_kept_too),
      cmocka_unit_test(the_owner_may_finish_its_message_before_its_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
