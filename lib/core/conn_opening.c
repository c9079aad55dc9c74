#include "ws/conn.h"

#include <string.h>

#include "conn_internal.h"

static bool opening_begin(struct ws_conn *conn) {
  if (conn->opening != NULL) {
    return true;
  }
  struct ws_opening *opening = ws_conn_allocate(conn, sizeof(*opening));
  if (opening == NULL) {
    ws_conn_break(conn, WS_ERR_NOMEM);
    return false;
  }
  ws_buffer_init(&opening->head, conn->allocator);
  ws_buffer_init(&opening->sent, conn->allocator);
  conn->opening = opening;
  return true;
}

void ws_conn_opening_free(struct ws_conn *conn) {
  struct ws_opening *opening = conn->opening;
  if (opening == NULL) {
    return;
  }
  ws_buffer_clear(&opening->head);
  ws_buffer_clear(&opening->sent);
  ws_conn_release(conn, opening->fields,
                  conn->limits.fields * sizeof(*opening->fields));
  ws_conn_release(conn, opening->sent_fields,
                  opening->num_sent_fields * sizeof(*opening->sent_fields));
  ws_conn_release(conn, opening, sizeof(*opening));
  conn->opening = NULL;
}

static bool keep_protocol(struct ws_conn *conn, struct ws_slice protocol) {
  if (protocol.len == 0) {
    return true;
  }
  char *copy = ws_conn_allocate(conn, protocol.len + 1);
  if (copy == NULL) {
    ws_conn_break(conn, WS_ERR_NOMEM);
    return false;
  }
  memcpy(copy, protocol.data, protocol.len);
  conn->protocol = copy;
  conn->protocol_len = protocol.len;
  return true;
}

static bool parse_head(struct ws_conn *conn) {
  struct ws_opening *opening = conn->opening;
  size_t max_fields = conn->limits.fields;
  if (opening->fields == NULL) {
    if (max_fields > SIZE_MAX / sizeof(*opening->fields)) {
      ws_conn_break(conn, WS_ERR_NOMEM);
      return false;
    }
    opening->fields =
        ws_conn_allocate(conn, max_fields * sizeof(*opening->fields));
    if (opening->fields == NULL) {
      ws_conn_break(conn, WS_ERR_NOMEM);
      return false;
    }
  }
  ws_http_parse(&opening->parsed,
                conn->role == WS_SERVER ? WS_HTTP_REQUEST : WS_HTTP_RESPONSE,
                opening->head.data, opening->head.len, opening->fields,
                max_fields);
  return true;
}

static enum ws_step judge_request(struct ws_conn *conn,
                                  struct ws_event *event) {
  struct ws_opening *opening = conn->opening;
  enum ws_fault fault = ws_request_check(&opening->request, &opening->parsed);
  if (fault != WS_FAULT_NONE) {
    return ws_conn_fail_at(conn, fault, 0, opening->head.len);
  }
  conn->phase = WS_PHASE_ANSWER;
  event->type = WS_EVENT_REQUEST;
  event->offset = 0;
  event->len = opening->head.len;
  event->request = &opening->request;
  return WS_STEP_EVENT;
}

static enum ws_step judge_response(struct ws_conn *conn,
                                   struct ws_event *event) {
  struct ws_opening *opening = conn->opening;
  struct ws_response *response = &opening->response;
  uint64_t len = opening->head.len;
  uint64_t offset = conn->offset - len;
  enum ws_fault fault = ws_response_check(response, &opening->parsed,
                                          &opening->sent_head, opening->accept);
  /* RFC 9110 15.2: "A client MUST be able to parse one or more 1xx responses
   * received prior to a final response". */
  if (fault == WS_FAULT_STATUS && response->status >= 100 &&
      response->status < 200) {
    ws_buffer_take(&opening->head, opening->head.len);
    opening->scanned = 0;
    return WS_STEP_AGAIN;
  }
  if (fault != WS_FAULT_NONE && fault != WS_FAULT_STATUS) {
    return ws_conn_fail_at(conn, fault, offset, len);
  }
  event->offset = offset;
  event->len = len;
  event->response = response;
  if (fault == WS_FAULT_STATUS) {
    conn->failed = true;
    conn->phase = WS_PHASE_END;
    event->type = WS_EVENT_REFUSED;
    return WS_STEP_EVENT;
  }
  if (!keep_protocol(conn, response->protocol)) {
    return WS_STEP_AGAIN;
  }
  conn->opened = true;
  conn->phase = WS_PHASE_HEADER;
  event->type = WS_EVENT_OPEN;
  return WS_STEP_EVENT;
}

enum ws_step ws_conn_step_head(struct ws_conn *conn, struct ws_event *event) {
  if (conn->in_len == 0) {
    return ws_conn_starve(conn);
  }
  if (!opening_begin(conn)) {
    return WS_STEP_AGAIN;
  }
  struct ws_opening *opening = conn->opening;
  size_t old_len = opening->head.len;
  /* Interim responses count too: conn->offset is all that came so far. */
  size_t room = conn->limits.head - (size_t)conn->offset;
  size_t len = conn->in_len < room ? conn->in_len : room;
  if (!ws_buffer_append(&opening->head, conn->in, len)) {
    ws_conn_break(conn, WS_ERR_NOMEM);
    return WS_STEP_AGAIN;
  }
  size_t end = ws_http_head_end(opening->head.data, opening->head.len,
                                &opening->scanned);
  if (end == 0) {
    ws_conn_consume(conn, len);
    return len < room ? ws_conn_starve(conn)
                      : ws_conn_fail_at(conn, WS_FAULT_HTTP_HEAD_TOO_LARGE, 0,
                                        conn->offset);
  }
  opening->head.len = end;
  ws_conn_consume(conn, end - old_len);
  if (!parse_head(conn)) {
    return WS_STEP_AGAIN;
  }
  return conn->role == WS_SERVER ? judge_request(conn, event)
                                 : judge_response(conn, event);
}

enum ws_step ws_conn_step_answer(struct ws_conn *conn, struct ws_event *event) {
  (void)event;
  return ws_conn_starve(conn);
}

enum ws_step ws_conn_step_opened(struct ws_conn *conn, struct ws_event *event) {
  ws_conn_opening_free(conn);
  conn->phase = WS_PHASE_HEADER;
  event->type = WS_EVENT_OPEN;
  return WS_STEP_EVENT;
}

static enum ws_status write_request(struct ws_conn *conn,
                                    const struct ws_request_options *options) {
  struct ws_opening *opening = conn->opening;
  char key[WS_KEY_LEN];
  size_t len;
  if (!ws_handshake_key_make(conn->crypto, key) ||
      !ws_handshake_accept(conn->crypto,
                           (struct ws_slice){(uint8_t *)key, WS_KEY_LEN},
                           opening->accept)) {
    return ws_conn_break(conn, WS_ERR_CRYPTO);
  }
  enum ws_status status = ws_request_write(NULL, 0, &len, options, key);
  if (status == WS_ERR_ARGUMENT) {
    return status;
  }
  uint8_t *room = ws_buffer_reserve(&opening->sent, len);
  if (room == NULL) {
    return ws_conn_break(conn, WS_ERR_NOMEM);
  }
  status = ws_request_write(room, len, &len, options, key);
  ws_buffer_grow(&opening->sent, len);
  return status;
}

enum ws_status ws_conn_connect(struct ws_conn *conn,
                               const struct ws_request_options *options) {
  const size_t max_own = 16; /* fields that ws_request_write has of itself */
  if (conn->status != WS_OK) {
    return conn->status;
  }
  if (conn->phase != WS_PHASE_IDLE || conn->eof) {
    return WS_ERR_STATE;
  }
  if (!opening_begin(conn)) {
    return conn->status;
  }
  struct ws_opening *opening = conn->opening;
  enum ws_status status = write_request(conn, options);
  if (status != WS_OK) {
    return status;
  }
  size_t num_fields = options->num_headers + max_own;
  opening->sent_fields =
      ws_conn_allocate(conn, num_fields * sizeof(*opening->sent_fields));
  if (opening->sent_fields == NULL ||
      !ws_buffer_append(&conn->out, opening->sent.data, opening->sent.len)) {
    opening->num_sent_fields = opening->sent_fields != NULL ? num_fields : 0;
    return ws_conn_break(conn, WS_ERR_NOMEM);
  }
  opening->num_sent_fields = num_fields;
  ws_http_parse(&opening->sent_head, WS_HTTP_REQUEST, opening->sent.data,
                opening->sent.len, opening->sent_fields, num_fields);
  conn->phase = WS_PHASE_HEAD;
  return WS_OK;
}

/* 4.2.2: what a server chooses "MUST" have been offered by the client. */
static bool were_offered(const struct ws_opening *opening,
                         const struct ws_accept_options *options) {
  if (options->protocol != NULL &&
      !ws_handshake_has_protocol(&opening->parsed,
                                 ws_slice_of(options->protocol))) {
    return false;
  }
  if (options->extensions == NULL) {
    return true;
  }
  struct ws_slice rest = ws_slice_of(options->extensions);
  struct ws_extension extension;
  enum ws_grammar found = ws_extension_next(&rest, &extension);
  while (found == WS_GRAMMAR_OK) {
    if (!ws_handshake_has_extension(&opening->parsed, extension.name)) {
      return false;
    }
    found = ws_extension_next(&rest, &extension);
  }
  return found == WS_GRAMMAR_END;
}

enum ws_status ws_conn_accept(struct ws_conn *conn,
                              const struct ws_accept_options *options) {
  struct ws_opening *opening = conn->opening;
  size_t len;
  if (conn->status != WS_OK || conn->phase != WS_PHASE_ANSWER) {
    return conn->status != WS_OK ? conn->status : WS_ERR_STATE;
  }
  if (!ws_handshake_accept(conn->crypto, opening->request.key,
                           opening->accept)) {
    return ws_conn_break(conn, WS_ERR_CRYPTO);
  }
  if (ws_response_write_accept(NULL, 0, &len, options, opening->accept) ==
          WS_ERR_ARGUMENT ||
      !were_offered(opening, options)) {
    return WS_ERR_ARGUMENT;
  }
  uint8_t *room = ws_buffer_reserve(&conn->out, len);
  if (room == NULL) {
    return ws_conn_break(conn, WS_ERR_NOMEM);
  }
  if (options->protocol != NULL &&
      !keep_protocol(conn, ws_slice_of(options->protocol))) {
    return conn->status;
  }
  ws_response_write_accept(room, len, &len, options, opening->accept);
  ws_buffer_grow(&conn->out, len);
  conn->opened = true;
  conn->phase = WS_PHASE_OPENED;
  return WS_OK;
}

enum ws_status ws_conn_reject(struct ws_conn *conn,
                              const struct ws_reject_options *options) {
  size_t len;
  if (conn->status != WS_OK || conn->phase != WS_PHASE_ANSWER) {
    return conn->status != WS_OK ? conn->status : WS_ERR_STATE;
  }
  if (ws_response_write_reject(NULL, 0, &len, options) == WS_ERR_ARGUMENT) {
    return WS_ERR_ARGUMENT;
  }
  uint8_t *room = ws_buffer_reserve(&conn->out, len);
  if (room == NULL) {
    return ws_conn_break(conn, WS_ERR_NOMEM);
  }
  ws_response_write_reject(room, len, &len, options);
  ws_buffer_grow(&conn->out, len);
  conn->failed = true;
  conn->phase = WS_PHASE_END;
  return WS_OK;
}

void ws_conn_refuse(struct ws_conn *conn, enum ws_fault fault) {
  size_t len;
  if (ws_response_write_fault(NULL, 0, &len, fault) == WS_ERR_ARGUMENT) {
    return;
  }
  uint8_t *room = ws_buffer_reserve(&conn->out, len);
  if (room == NULL) {
    ws_conn_break(conn, WS_ERR_NOMEM);
    return;
  }
  ws_response_write_fault(room, len, &len, fault);
  ws_buffer_grow(&conn->out, len);
}

enum ws_status ws_conn_set_transform(struct ws_conn *conn,
                                     const struct ws_transform *transform) {
  /* Between the handshake and the first frame, in either direction: that is
   * until the opening is forgotten. */
  if (!conn->opened || conn->opening == NULL ||
      (conn->phase != WS_PHASE_OPENED && conn->phase != WS_PHASE_HEADER)) {
    return WS_ERR_STATE;
  }
  if (transform->rsv == 0 || transform->rsv > 7) {
    return WS_ERR_ARGUMENT;
  }
  conn->transform = *transform;
  conn->transforms = true;
  return WS_OK;
}
