#include "ws/conn.h"

#include <string.h>

#include "conn_internal.h"

static enum ws_status queue_close(struct ws_conn *conn, uint16_t code,
                                  struct ws_slice reason) {
  uint8_t body[WS_CONTROL_MAX];
  size_t len = ws_close_write(body, code, reason);
  struct ws_frame frame = {.fin = true, .opcode = WS_OP_CLOSE};
  ws_conn_flush_pong(conn, WS_QUEUE_ALWAYS);
  enum ws_status status = ws_conn_queue_frame(
      conn, frame, (struct ws_slice){body, len}, WS_QUEUE_ALWAYS);
  conn->close_sent = status == WS_OK;
  return status;
}

enum ws_step ws_conn_fail_at(struct ws_conn *conn, enum ws_fault fault,
                             uint64_t offset, uint64_t len) {
  const struct ws_fault_info *info = ws_fault_info(fault);
  conn->fault = fault;
  conn->fault_offset = offset;
  conn->fault_len = len;
  conn->failed = true;
  conn->phase = WS_PHASE_FAULT;
  if (!conn->opened) {
    if (conn->role == WS_SERVER && info->http_status != 0) {
      ws_conn_refuse(conn, fault);
    }
    return WS_STEP_AGAIN;
  }
  /* 7.1.7: "the endpoint SHOULD send a Close frame with an appropriate status
   * code before proceeding to _Close the WebSocket Connection_"; 5.5.1 allows
   * one Close frame, and 7.4.1 forbids 1006 in it. */
  if (!conn->close_sent && info->close_code != 0 &&
      info->close_code != WS_CLOSE_ABNORMAL) {
    queue_close(conn, info->close_code, ws_slice_of(info->text));
  }
  return WS_STEP_AGAIN;
}

enum ws_step ws_conn_starve(struct ws_conn *conn) {
  if (!conn->eof) {
    return WS_STEP_NEED;
  }
  if (conn->phase != WS_PHASE_HEAD) {
    return ws_conn_fail_at(conn, WS_FAULT_ENDED_WITHOUT_CLOSE, conn->offset, 0);
  }
  /* Who comes and goes without a word has broken no rule. */
  if (conn->role == WS_SERVER && conn->offset == 0) {
    conn->failed = true;
    conn->phase = WS_PHASE_END;
    return WS_STEP_AGAIN;
  }
  return ws_conn_fail_at(conn, WS_FAULT_HTTP_TRUNCATED, 0, conn->offset);
}

enum ws_step ws_conn_take_close(struct ws_conn *conn, struct ws_event *event) {
  struct ws_close close;
  enum ws_fault fault =
      ws_close_parse(&close, event->payload.data, event->payload.len);
  if (fault != WS_FAULT_NONE) {
    return ws_conn_fail_at(conn, fault, event->offset, event->len);
  }
  conn->close_received = true;
  conn->phase = WS_PHASE_END;
  /* 5.5.1: "If an endpoint receives a Close frame and did not previously send a
   * Close frame, the endpoint MUST send a Close frame in response. (When
   * sending a Close frame in response, the endpoint typically echos the status
   * code it received.)" */
  if (!conn->close_sent && !conn->manual_close) {
    queue_close(conn, close.code, (struct ws_slice){NULL, 0});
  }
  event->type = WS_EVENT_CLOSE;
  event->code = close.code;
  event->payload = close.reason;
  return WS_STEP_EVENT;
}

enum ws_step ws_conn_step_fault(struct ws_conn *conn, struct ws_event *event) {
  conn->phase = WS_PHASE_END;
  event->type = WS_EVENT_FAULT;
  event->offset = conn->fault_offset;
  event->len = conn->fault_len;
  event->fault = conn->fault;
  event->code = ws_fault_info(conn->fault)->close_code;
  return WS_STEP_EVENT;
}

enum ws_step ws_conn_step_end(struct ws_conn *conn, struct ws_event *event) {
  conn->phase = WS_PHASE_DISCARD;
  event->type = WS_EVENT_END;
  /* Where the reading stopped, not how much of the feed was taken by then. */
  if (conn->fault != WS_FAULT_NONE) {
    event->offset = conn->fault_offset + conn->fault_len;
  }
  return WS_STEP_EVENT;
}

enum ws_step ws_conn_step_discard(struct ws_conn *conn,
                                  struct ws_event *event) {
  (void)event;
  ws_conn_opening_free(conn);
  ws_conn_consume(conn, conn->in_len);
  return WS_STEP_NEED;
}

/* 7.4.1 of 1010: "Note that this status code is not used by the server". An
 * answer may echo whatever came (5.5.1). */
static bool may_close_with(const struct ws_conn *conn, uint16_t code) {
  bool clients = code == WS_CLOSE_MANDATORY_EXTENSION;
  return ws_close_code_sendable(code) &&
         (!clients || conn->role == WS_CLIENT || conn->close_received);
}

enum ws_status ws_conn_close(struct ws_conn *conn, uint16_t code,
                             struct ws_slice reason) {
  if (conn->status != WS_OK) {
    return conn->status;
  }
  if (!ws_conn_may_send(conn)) {
    return WS_ERR_STATE;
  }
  bool empty = code == WS_CLOSE_NO_STATUS;
  if ((!empty && !may_close_with(conn, code)) || (empty && reason.len != 0) ||
      reason.len > WS_CLOSE_REASON_MAX ||
      !ws_utf8_valid(reason.data, reason.len)) {
    return WS_ERR_ARGUMENT;
  }
  return queue_close(conn, code, reason);
}

enum ws_status ws_conn_fail(struct ws_conn *conn, enum ws_fault fault) {
  if (fault <= WS_FAULT_NONE || fault >= WS_FAULT_COUNT) {
    return WS_ERR_ARGUMENT;
  }
  if (conn->status != WS_OK) {
    return conn->status;
  }
  if (!conn->opened || conn->phase >= WS_PHASE_FAULT) {
    return WS_ERR_STATE;
  }
  ws_conn_fail_at(conn, fault, conn->offset, 0);
  return conn->status;
}
