#include "ws/conn.h"

#include <string.h>

#include "conn_internal.h"
#include "ws/mask.h"

static size_t smaller(uint64_t a, size_t b) {
  return a < b ? (size_t)a : b;
}

/* The limits are checked before a byte of the payload is taken. */
static enum ws_fault begin_data(struct ws_conn *conn) {
  const struct ws_frame *frame = &conn->frame;
  if (frame->length > conn->limits.frame) {
    return WS_FAULT_FRAME_TOO_BIG;
  }
  if (!conn->message_open) {
    conn->message_open = true;
    conn->message_begun = false;
    conn->message_opcode = (enum ws_opcode)frame->opcode;
    conn->message_transformed = frame->rsv != 0;
    conn->message_len = 0;
    conn->num_fragments = 0;
    ws_utf8_init(&conn->utf8);
  }
  conn->num_fragments++;
  if (conn->num_fragments > conn->limits.fragments) {
    return WS_FAULT_TOO_MANY_FRAGMENTS;
  }
  if (!conn->message_transformed &&
      frame->length > conn->limits.message - conn->message_len) {
    return WS_FAULT_MESSAGE_TOO_BIG;
  }
  return WS_FAULT_NONE;
}

/* A header that the input ends in, or that began in an earlier one, is collected
 * in conn->header. Returns its length, or 0 when the input is used up. */
static size_t collect_header(struct ws_conn *conn) {
  size_t old_len = conn->header_len;
  size_t len = smaller(WS_FRAME_HEADER_MAX - old_len, conn->in_len);
  memcpy(conn->header + old_len, conn->in, len);
  size_t header_len =
      ws_frame_decode(&conn->frame, conn->header, old_len + len);
  /* When it is not whole, all that came belongs to it. */
  ws_conn_consume(conn, header_len != 0 ? header_len - old_len : len);
  conn->header_len = header_len != 0 ? header_len : old_len + len;
  return header_len;
}

/* Mostly it lies whole in the input. */
static size_t read_header(struct ws_conn *conn) {
  if (conn->header_len != 0) {
    return collect_header(conn);
  }
  conn->frame_offset = conn->offset;
  size_t len = ws_frame_decode(&conn->frame, conn->in, conn->in_len);
  if (len == 0) {
    return collect_header(conn);
  }
  ws_conn_consume(conn, len);
  conn->header_len = len;
  return len;
}

enum ws_step ws_conn_step_header(struct ws_conn *conn, struct ws_event *event) {
  if (conn->opening != NULL) {
    ws_conn_opening_free(conn);
  }
  if (conn->in_len == 0) {
    return ws_conn_starve(conn);
  }
  size_t header_len = read_header(conn);
  if (header_len == 0) {
    return WS_STEP_AGAIN;
  }
  conn->done = 0;
  struct ws_frame_rules rules = {
      .receiver = conn->role,
      .rsv_allowed = conn->transforms ? conn->transform.rsv : 0,
      .message_open = conn->message_open,
  };
  enum ws_fault fault = ws_frame_check(&conn->frame, &rules);
  bool control = ws_opcode_is_control(conn->frame.opcode);
  if (fault == WS_FAULT_NONE && !control) {
    fault = begin_data(conn);
  }
  if (fault != WS_FAULT_NONE) {
    return ws_conn_fail_at(conn, fault, conn->frame_offset, header_len);
  }
  /* The payload mostly lies behind the header: the next step at once. */
  conn->phase = control ? WS_PHASE_CONTROL : WS_PHASE_DATA;
  event->offset = conn->offset;
  return control ? ws_conn_step_control(conn, event)
                 : ws_conn_step_data(conn, event);
}

enum ws_step ws_conn_step_control(struct ws_conn *conn,
                                  struct ws_event *event) {
  /* ws_frame_check has seen to it that this is at most WS_CONTROL_MAX. */
  size_t frame_len = (size_t)conn->frame.length;
  size_t done = (size_t)conn->done;
  size_t len = smaller(frame_len - done, conn->in_len);
  if (len != 0) {
    memcpy(conn->control + done, conn->in, len);
    conn->done += len;
    ws_conn_consume(conn, len);
  }
  if (conn->done < frame_len) {
    return ws_conn_starve(conn);
  }
  if (conn->frame.masked) {
    ws_mask(conn->control, frame_len, conn->frame.key, 0);
  }
  event->offset = conn->frame_offset;
  event->len = conn->header_len + frame_len;
  event->payload = (struct ws_slice){conn->control, frame_len};
  conn->phase = WS_PHASE_HEADER;
  conn->header_len = 0;
  if (conn->frame.opcode == WS_OP_CLOSE) {
    return ws_conn_take_close(conn, event);
  }
  event->type = WS_EVENT_PONG;
  if (conn->frame.opcode == WS_OP_PING) {
    event->type = WS_EVENT_PING;
    ws_conn_answer_ping(conn, event->payload);
  }
  return WS_STEP_EVENT;
}

/* The header stands for a frame of a transformed message: which of its octets
 * is to blame depends on how much the transform takes at once. */
static enum ws_step fail_frame(struct ws_conn *conn, enum ws_fault fault) {
  uint8_t header[WS_FRAME_HEADER_MAX];
  size_t header_len = ws_frame_encode(header, &conn->frame);
  return ws_conn_fail_at(conn, fault, conn->frame_offset, header_len);
}

static void fail_text(struct ws_conn *conn, uint64_t offset, uint64_t len) {
  if (conn->message_transformed) {
    fail_frame(conn, WS_FAULT_TEXT_NOT_UTF8);
  } else {
    ws_conn_fail_at(conn, WS_FAULT_TEXT_NOT_UTF8, offset, len);
  }
}

/* The text in event->payload is bad, or unfinished at the end of the message.
 * What is valid before a bad byte is kept in the event: it does not depend on
 * how the stream was cut. */
static void refuse_text(struct ws_conn *conn, struct ws_event *event) {
  event->final = false;
  if (!conn->utf8.failed) {
    fail_text(conn, event->offset + event->len, 0);
    return;
  }
  uint64_t before = conn->message_len - event->payload.len;
  size_t valid = (size_t)(conn->utf8.offset - before);
  fail_text(conn, event->offset + valid, 1);
  event->payload.len = valid;
  event->len = conn->message_transformed ? event->len : valid;
}

/* event->payload, offset, len and final are set. */
static enum ws_step deliver(struct ws_conn *conn, struct ws_event *event) {
  conn->message_len += event->payload.len;
  /* 8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds
   * that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint
   * MUST _Fail the WebSocket Connection_." */
  if (conn->message_opcode == WS_OP_TEXT &&
      (!ws_utf8_feed(&conn->utf8, event->payload.data, event->payload.len) ||
       (event->final && !ws_utf8_complete(&conn->utf8)))) {
    refuse_text(conn, event);
  }
  if (event->payload.len == 0 && !event->final) {
    return WS_STEP_AGAIN;
  }
  event->type = WS_EVENT_DATA;
  event->opcode = conn->message_opcode;
  event->first = !conn->message_begun;
  conn->message_begun = true;
  return WS_STEP_EVENT;
}

enum ws_step ws_conn_step_data(struct ws_conn *conn, struct ws_event *event) {
  uint64_t rest = conn->frame.length - conn->done;
  size_t len = smaller(rest, conn->in_len);
  uint8_t *data = conn->in;
  if (rest != 0 && len == 0) {
    return ws_conn_starve(conn);
  }
  if (len != 0) {
    if (conn->frame.masked) {
      ws_mask(data, len, conn->frame.key, conn->done);
    }
    ws_conn_consume(conn, len);
    conn->done += len;
  }
  event->payload = (struct ws_slice){data, len};
  event->len = len;
  if (conn->done == conn->frame.length) {
    event->final = conn->frame.fin;
    conn->message_open = !conn->frame.fin;
    conn->header_len = 0;
    conn->phase = WS_PHASE_HEADER;
  }
  if (!conn->message_transformed) {
    return deliver(conn, event);
  }
  conn->inflating = event->payload;
  conn->inflating_final = event->final;
  /* What has given no output yet is told with what does. */
  if (conn->inflating_len == 0) {
    conn->inflating_offset = event->offset;
  }
  conn->inflating_len = event->offset + event->len - conn->inflating_offset;
  conn->phase = WS_PHASE_INFLATE;
  return WS_STEP_AGAIN;
}

enum ws_step ws_conn_step_inflate(struct ws_conn *conn,
                                  struct ws_event *event) {
  const struct ws_transform *transform = &conn->transform;
  struct ws_transform_step step = {
      .in = conn->inflating,
      .final = conn->inflating_final,
      .room = conn->limits.message - conn->message_len,
  };
  enum ws_status status = transform->receive(transform->user, &step);
  if (status != WS_OK) {
    ws_conn_break(conn, status);
    return WS_STEP_AGAIN;
  }
  if (step.fault == WS_FAULT_NONE && step.out.len > step.room) {
    step.fault = WS_FAULT_MESSAGE_TOO_BIG;
  }
  if (step.fault != WS_FAULT_NONE) {
    return fail_frame(conn, step.fault);
  }
  conn->inflating = step.in;
  if (step.out.len == 0) {
    conn->phase =
        conn->done == conn->frame.length ? WS_PHASE_HEADER : WS_PHASE_DATA;
    event->final = conn->inflating_final;
  }
  event->offset = conn->inflating_offset;
  event->len = conn->inflating_len;
  event->payload = step.out;
  enum ws_step told = deliver(conn, event);
  if (told == WS_STEP_EVENT) {
    conn->inflating_offset += conn->inflating_len;
    conn->inflating_len = 0;
  }
  return told;
}
