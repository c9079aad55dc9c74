#include "ws/conn.h"

#include <string.h>

#include "conn_internal.h"
#include "ws/mask.h"

static bool has_room(const struct ws_conn *conn, size_t header_len,
                     size_t len) {
  size_t limit = conn->limits.output;
  size_t room = conn->out.len < limit ? limit - conn->out.len : 0;
  return len <= room && header_len <= room - len;
}

enum ws_status ws_conn_queue_frame(struct ws_conn *conn, struct ws_frame frame,
                                   struct ws_slice payload,
                                   enum ws_urgency urgency) {
  uint8_t header[WS_FRAME_HEADER_MAX];
  frame.masked = conn->role == WS_CLIENT;
  frame.length = payload.len;
  frame.length_form = ws_length_form_minimal(payload.len);
  if (urgency == WS_QUEUE_LIMITED &&
      !has_room(conn, WS_FRAME_HEADER_MAX, payload.len)) {
    return WS_ERR_LIMIT;
  }
  /* 5.3: "The masking key is a 32-bit value chosen at random by the client ...
   * a fresh masking key". */
  if (frame.masked && !conn->crypto->random(conn->crypto->user, frame.key, 4)) {
    return ws_conn_break(conn, WS_ERR_CRYPTO);
  }
  size_t header_len = ws_frame_encode(header, &frame);
  uint8_t *room = payload.len <= SIZE_MAX - header_len
                      ? ws_buffer_reserve(&conn->out, header_len + payload.len)
                      : NULL;
  if (room == NULL) {
    return ws_conn_break(conn, WS_ERR_NOMEM);
  }
  memcpy(room, header, header_len);
  if (payload.len != 0) {
    memcpy(room + header_len, payload.data, payload.len);
  }
  if (frame.masked) {
    ws_mask(room + header_len, payload.len, frame.key, 0);
  }
  ws_buffer_grow(&conn->out, header_len + payload.len);
  return WS_OK;
}

static enum ws_status check_open(const struct ws_conn *conn) {
  if (conn->status != WS_OK) {
    return conn->status;
  }
  return ws_conn_may_send(conn) ? WS_OK : WS_ERR_STATE;
}

static bool wants_transform(const struct ws_conn *conn, size_t len,
                            bool final) {
  const struct ws_transform *transform = &conn->transform;
  return conn->transforms && (transform->wanted == NULL ||
                              transform->wanted(transform->user, len, final));
}

/* Runs the transform over what is about to be sent. */
static enum ws_status transform_data(struct ws_conn *conn,
                                     struct ws_frame *frame,
                                     struct ws_slice *data) {
  const struct ws_transform *transform = &conn->transform;
  struct ws_slice out = {NULL, 0};
  /* A transform has state that the peer follows: once it has run, the frame has
   * to leave, so the limit is looked at before. */
  if (!has_room(conn, WS_FRAME_HEADER_MAX, data->len)) {
    return WS_ERR_LIMIT;
  }
  enum ws_status status =
      transform->send(transform->user, *data, frame->fin, &out);
  if (status != WS_OK) {
    return ws_conn_break(conn, status);
  }
  frame->rsv = conn->sending ? 0 : transform->rsv;
  *data = out;
  return WS_OK;
}

static enum ws_status send_data(struct ws_conn *conn, enum ws_opcode opcode,
                                struct ws_slice data, bool final) {
  struct ws_utf8 utf8 = conn->sending_utf8;
  if ((opcode != WS_OP_TEXT && opcode != WS_OP_BINARY) ||
      (conn->sending && opcode != conn->sending_opcode)) {
    return WS_ERR_ARGUMENT;
  }
  if (!conn->sending) {
    ws_utf8_init(&utf8);
  }
  if (opcode == WS_OP_TEXT && (!ws_utf8_feed(&utf8, data.data, data.len) ||
                               (final && !ws_utf8_complete(&utf8)))) {
    return WS_ERR_ARGUMENT;
  }
  struct ws_frame frame = {
      .fin = final,
      .opcode = (uint8_t)(conn->sending ? WS_OP_CONTINUATION : opcode),
  };
  bool transformed = conn->sending ? conn->sending_transformed
                                   : wants_transform(conn, data.len, final);
  enum ws_status status = WS_OK;
  if (transformed) {
    status = transform_data(conn, &frame, &data);
  }
  if (status == WS_OK) {
    status = ws_conn_queue_frame(
        conn, frame, data, transformed ? WS_QUEUE_ALWAYS : WS_QUEUE_LIMITED);
  }
  if (transformed && conn->transform.sent != NULL) {
    conn->transform.sent(conn->transform.user);
  }
  if (status == WS_OK) {
    conn->sending = !final;
    conn->sending_transformed = transformed;
    conn->sending_opcode = opcode;
    conn->sending_utf8 = utf8;
  }
  return status;
}

enum ws_status ws_conn_send(struct ws_conn *conn, enum ws_opcode opcode,
                            const uint8_t *data, size_t len) {
  enum ws_status status = check_open(conn);
  if (status == WS_OK && conn->sending) {
    status = WS_ERR_STATE;
  }
  return status == WS_OK
             ? send_data(conn, opcode, (struct ws_slice){data, len}, true)
             : status;
}

enum ws_status ws_conn_send_fragment(struct ws_conn *conn,
                                     enum ws_opcode opcode, const uint8_t *data,
                                     size_t len, bool final) {
  enum ws_status status = check_open(conn);
  return status == WS_OK
             ? send_data(conn, opcode, (struct ws_slice){data, len}, final)
             : status;
}

static enum ws_status send_control(struct ws_conn *conn, enum ws_opcode opcode,
                                   struct ws_slice payload) {
  enum ws_status status = check_open(conn);
  if (status != WS_OK) {
    return status;
  }
  if (payload.len > WS_CONTROL_MAX) {
    return WS_ERR_ARGUMENT;
  }
  struct ws_frame frame = {.fin = true, .opcode = (uint8_t)opcode};
  return ws_conn_queue_frame(conn, frame, payload, WS_QUEUE_LIMITED);
}

enum ws_status ws_conn_ping(struct ws_conn *conn, const uint8_t *data,
                            size_t len) {
  return send_control(conn, WS_OP_PING, (struct ws_slice){data, len});
}

enum ws_status ws_conn_pong(struct ws_conn *conn, const uint8_t *data,
                            size_t len) {
  return send_control(conn, WS_OP_PONG, (struct ws_slice){data, len});
}

void ws_conn_answer_ping(struct ws_conn *conn, struct ws_slice payload) {
  /* 5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in
   * response, unless it already received a Close frame". After our own Close
   * nobody reads any more: 5.5.1 says so of data. */
  if (conn->manual_pong || conn->close_sent) {
    return;
  }
  /* 5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong
   * frame(s) in response to previous Ping frame(s), the endpoint MAY elect to
   * send a Pong frame for only the most recently processed Ping frame." */
  if (payload.len != 0) {
    memcpy(conn->pong, payload.data, payload.len);
  }
  conn->pong_len = payload.len;
  conn->pong_waiting = true;
  ws_conn_flush_pong(conn, WS_QUEUE_LIMITED);
}

void ws_conn_flush_pong(struct ws_conn *conn, enum ws_urgency urgency) {
  if (!conn->pong_waiting || conn->status != WS_OK) {
    return;
  }
  /* A pong is owed, however small the limit: for one that is larger there will
   * never be more room than now. */
  if (conn->out.len == 0) {
    urgency = WS_QUEUE_ALWAYS;
  }
  struct ws_frame frame = {.fin = true, .opcode = WS_OP_PONG};
  enum ws_status status = ws_conn_queue_frame(
      conn, frame, (struct ws_slice){conn->pong, conn->pong_len}, urgency);
  conn->pong_waiting = status == WS_ERR_LIMIT;
}
