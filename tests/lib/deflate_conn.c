#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "deflate_conn.h"

bool deflate_end_init(struct deflate_end *end, enum ws_role role,
                      const struct ws_deflate_config *config,
                      const struct ws_conn_limits *limits,
                      const struct ws_allocator *allocator) {
  *end = (struct deflate_end){
      .role = role, .config = *config, .allocator = allocator};
  counting_crypto_init(&end->crypto);
  struct ws_conn_config conn = {
      .role = role, .crypto = &end->crypto.table, .allocator = allocator};
  if (limits != NULL) {
    conn.limits = *limits;
  }
  end->conn = ws_conn_new(&conn);
  if (end->conn == NULL || role == WS_SERVER) {
    return end->conn != NULL;
  }
  char offer[WS_DEFLATE_VALUE_MAX];
  ws_deflate_offer_write(offer, config);
  struct ws_request_options options = {.host = "h", .extensions = offer};
  return ws_conn_connect(end->conn, &options) == WS_OK;
}

void deflate_end_free(struct deflate_end *end) {
  ws_conn_free(end->conn);
  ws_deflate_free(end->deflate);
}

static bool use(struct deflate_end *end,
                const struct ws_deflate_params *params) {
  end->deflate =
      ws_deflate_new(end->role, params, &end->config, end->allocator);
  if (end->deflate == NULL) {
    return false;
  }
  struct ws_transform transform = ws_deflate_transform(end->deflate);
  assert_int_equal(ws_conn_set_transform(end->conn, &transform), WS_OK);
  return true;
}

static bool answer(struct deflate_end *end, const struct ws_http_head *head) {
  char value[WS_DEFLATE_VALUE_MAX];
  struct ws_deflate_params params;
  bool chosen = ws_deflate_choose(&params, &end->config, head);
  if (chosen) {
    ws_deflate_answer_write(value, &params);
  }
  struct ws_accept_options options = {.extensions = chosen ? value : NULL};
  enum ws_status status = ws_conn_accept(end->conn, &options);
  assert_true(status == WS_OK || status == WS_ERR_NOMEM);
  return status == WS_OK && (!chosen || use(end, &params));
}

bool deflate_end_negotiate(struct deflate_end *end,
                           const struct ws_event *event) {
  struct ws_deflate_params params;
  enum ws_fault fault;
  if (event->type == WS_EVENT_REQUEST) {
    return answer(end, event->request->head);
  }
  if (event->type != WS_EVENT_OPEN || end->role == WS_SERVER) {
    return true;
  }
  if (ws_deflate_response_check(&params, &fault, &end->config,
                                event->response->head)) {
    return use(end, &params);
  }
  return fault == WS_FAULT_NONE || ws_conn_fail(end->conn, fault) == WS_OK;
}

static void negotiate(void *user, struct ws_conn *conn,
                      const struct ws_event *event) {
  (void)conn;
  assert_true(deflate_end_negotiate(user, event));
}

void deflate_server_open(struct deflate_end *end, const char *offer,
                         const struct ws_conn_limits *limits,
                         const struct ws_allocator *allocator) {
  static const struct ws_deflate_config config = {.level = 0};
  char request[1024];
  int len = snprintf(request, sizeof(request),
                     "%sSec-WebSocket-Extensions: %s\r\n\r\n",
                     REQUEST_LINE HOST UPGRADE CONNECTION KEY VERSION, offer);
  assert_true(len > 0 && (size_t)len < sizeof(request));
  assert_true(deflate_end_init(end, WS_SERVER, &config, limits, allocator));
  feed_bytes(end->conn, request, (size_t)len, negotiate, end);
  assert_int_equal(ws_conn_state(end->conn), WS_CONN_OPEN);
  assert_non_null(end->deflate);
  ws_conn_output_done(end->conn, ws_conn_output(end->conn).len);
}

size_t write_frame(uint8_t *out, uint8_t first, const void *payload,
                   size_t len) {
  struct ws_frame frame = {
      .fin = (first & 0x80) != 0,
      .rsv = (uint8_t)(first >> 4 & 7),
      .opcode = (uint8_t)(first & 0xF),
      .masked = true,
      .length = len,
      .length_form = ws_length_form_minimal(len),
  };
  size_t header_len = ws_frame_encode(out, &frame);
  if (len != 0) {
    memcpy(out + header_len, payload, len);
  }
  return header_len + len;
}
