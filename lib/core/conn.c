#include "ws/conn.h"

#include <string.h>

#include "conn_internal.h"

#define DEFAULT_HEAD      ((size_t)65536)
#define DEFAULT_FIELDS    ((size_t)128)
#define DEFAULT_FRAME     (UINT64_C(64) << 20)
#define DEFAULT_MESSAGE   (UINT64_C(64) << 20)
#define DEFAULT_FRAGMENTS (UINT64_C(1) << 20)
#define DEFAULT_OUTPUT    ((size_t)128 << 20)

static void set_limits(struct ws_conn_limits *limits,
                       const struct ws_conn_limits *wanted) {
  *limits = *wanted;
  limits->head = limits->head != 0 ? limits->head : DEFAULT_HEAD;
  limits->fields = limits->fields != 0 ? limits->fields : DEFAULT_FIELDS;
  limits->frame = limits->frame != 0 ? limits->frame : DEFAULT_FRAME;
  limits->message = limits->message != 0 ? limits->message : DEFAULT_MESSAGE;
  limits->fragments =
      limits->fragments != 0 ? limits->fragments : DEFAULT_FRAGMENTS;
  limits->output = limits->output != 0 ? limits->output : DEFAULT_OUTPUT;
}

struct ws_conn *ws_conn_new(const struct ws_conn_config *config) {
  const struct ws_allocator *allocator =
      config->allocator != NULL ? config->allocator : ws_allocator_libc();
  struct ws_conn *conn =
      allocator->resize(allocator->user, NULL, 0, sizeof(*conn));
  if (conn == NULL) {
    return NULL;
  }
  *conn = (struct ws_conn){
      .role = config->role,
      .crypto = config->crypto,
      .allocator = allocator,
      .manual_pong = config->manual_pong,
      .manual_close = config->manual_close,
      .phase = config->role == WS_CLIENT ? WS_PHASE_IDLE : WS_PHASE_HEAD,
  };
  set_limits(&conn->limits, &config->limits);
  ws_buffer_init(&conn->held, allocator);
  ws_buffer_init(&conn->out, allocator);
  return conn;
}

void ws_conn_free(struct ws_conn *conn) {
  if (conn == NULL) {
    return;
  }
  ws_conn_opening_free(conn);
  ws_buffer_clear(&conn->held);
  ws_buffer_clear(&conn->out);
  ws_conn_release(conn, conn->protocol, conn->protocol_len + 1);
  ws_conn_release(conn, conn, sizeof(*conn));
}

void *ws_conn_allocate(struct ws_conn *conn, size_t len) {
  void *memory = conn->allocator->resize(conn->allocator->user, NULL, 0, len);
  if (memory != NULL) {
    memset(memory, 0, len);
  }
  return memory;
}

void ws_conn_release(struct ws_conn *conn, void *memory, size_t len) {
  if (memory != NULL) {
    conn->allocator->resize(conn->allocator->user, memory, len, 0);
  }
}

enum ws_status ws_conn_break(struct ws_conn *conn, enum ws_status status) {
  if (conn->status == WS_OK) {
    conn->status = status;
  }
  return status;
}

/* Adds to what came while a request waits for its answer. */
static enum ws_status hold(struct ws_conn *conn, const uint8_t *data,
                           size_t len) {
  if (!ws_buffer_append(&conn->held, data, len)) {
    return ws_conn_break(conn, WS_ERR_NOMEM);
  }
  conn->in_len += len;
  conn->in = conn->held.data + conn->held.len - conn->in_len;
  return WS_OK;
}

enum ws_status ws_conn_feed(struct ws_conn *conn, uint8_t *data, size_t len) {
  if (conn->status != WS_OK) {
    return conn->status;
  }
  if (conn->eof || conn->phase == WS_PHASE_IDLE) {
    return WS_ERR_STATE;
  }
  /* 5.5.1, 7.1.7: what comes after the end is not looked at. */
  if (conn->phase >= WS_PHASE_FAULT) {
    conn->in_len = 0;
    return WS_OK;
  }
  if (conn->phase == WS_PHASE_INFLATE) {
    return WS_ERR_STATE;
  }
  if (conn->phase == WS_PHASE_ANSWER || conn->held.len != 0) {
    if (conn->in_len > conn->limits.head ||
        len > conn->limits.head - conn->in_len) {
      return WS_ERR_LIMIT;
    }
    return hold(conn, data, len);
  }
  if (conn->in_len != 0) {
    return WS_ERR_STATE;
  }
  conn->in = data;
  conn->in_len = len;
  return WS_OK;
}

enum ws_status ws_conn_keep(struct ws_conn *conn) {
  /* What is being inflated lies directly before the input. */
  size_t before = conn->phase == WS_PHASE_INFLATE ? conn->inflating.len : 0;
  size_t len = before + conn->in_len;
  if (conn->status != WS_OK || conn->held.len != 0 || len == 0) {
    return conn->status;
  }
  const uint8_t *from = before != 0 ? conn->inflating.data : conn->in;
  if (!ws_buffer_append(&conn->held, from, len)) {
    return ws_conn_break(conn, WS_ERR_NOMEM);
  }
  conn->in = conn->held.data + before;
  if (before != 0) {
    conn->inflating.data = conn->held.data;
  }
  return WS_OK;
}

enum ws_status ws_conn_feed_eof(struct ws_conn *conn) {
  conn->eof = true;
  return conn->status;
}

static enum ws_step step_idle(struct ws_conn *conn, struct ws_event *event) {
  (void)event;
  if (!conn->eof) {
    return WS_STEP_NEED;
  }
  conn->failed = true;
  conn->phase = WS_PHASE_END;
  return WS_STEP_AGAIN;
}

/* Before the owner's buffer goes away: a request that waits for its answer
 * leaves input behind. */
static bool settle(struct ws_conn *conn) {
  if (conn->in_len == 0) {
    ws_buffer_clear(&conn->held);
    return true;
  }
  if (conn->held.len != 0) {
    return true;
  }
  size_t len = conn->in_len;
  conn->in_len = 0;
  return hold(conn, conn->in, len) == WS_OK;
}

bool ws_conn_next(struct ws_conn *conn, struct ws_event *event) {
  static enum ws_step (*const steps[WS_NUM_PHASES])(struct ws_conn *,
                                                    struct ws_event *) = {
      [WS_PHASE_IDLE] = step_idle,
      [WS_PHASE_HEAD] = ws_conn_step_head,
      [WS_PHASE_ANSWER] = ws_conn_step_answer,
      [WS_PHASE_OPENED] = ws_conn_step_opened,
      [WS_PHASE_HEADER] = ws_conn_step_header,
      [WS_PHASE_CONTROL] = ws_conn_step_control,
      [WS_PHASE_DATA] = ws_conn_step_data,
      [WS_PHASE_INFLATE] = ws_conn_step_inflate,
      [WS_PHASE_FAULT] = ws_conn_step_fault,
      [WS_PHASE_END] = ws_conn_step_end,
      [WS_PHASE_DISCARD] = ws_conn_step_discard,
  };
  for (;;) {
    if (conn->status != WS_OK && conn->phase < WS_PHASE_END) {
      conn->phase = WS_PHASE_END;
    }
    *event = (struct ws_event){.offset = conn->offset};
    enum ws_step step = steps[conn->phase](conn, event);
    if (step == WS_STEP_EVENT) {
      return true;
    }
    if (step == WS_STEP_NEED && settle(conn)) {
      return false;
    }
  }
}

struct ws_slice ws_conn_output(const struct ws_conn *conn) {
  return ws_buffer_slice(&conn->out);
}

void ws_conn_output_done(struct ws_conn *conn, size_t len) {
  ws_buffer_take(&conn->out, len);
  ws_conn_flush_pong(conn, WS_QUEUE_LIMITED);
}

bool ws_conn_wants_close(const struct ws_conn *conn) {
  if (conn->out.len != 0) {
    return false;
  }
  if (conn->failed || conn->status != WS_OK) {
    return true;
  }
  /* 7.1.1: "In most normal cases, the TCP connection SHOULD be closed first by
   * the server ... the client ... SHOULD wait for the server". */
  return conn->close_sent && conn->close_received &&
         (conn->role == WS_SERVER || conn->eof);
}

enum ws_conn_state ws_conn_state(const struct ws_conn *conn) {
  if (conn->phase == WS_PHASE_DISCARD) {
    return WS_CONN_CLOSED;
  }
  if (conn->phase >= WS_PHASE_FAULT || conn->status != WS_OK ||
      conn->close_sent) {
    return WS_CONN_CLOSING;
  }
  return conn->opened ? WS_CONN_OPEN : WS_CONN_CONNECTING;
}

bool ws_conn_may_send(const struct ws_conn *conn) {
  bool owed = conn->manual_close && conn->close_received && !conn->close_sent &&
              !conn->failed && conn->status == WS_OK;
  return owed || ws_conn_state(conn) == WS_CONN_OPEN;
}

enum ws_status ws_conn_status(const struct ws_conn *conn) {
  return conn->status;
}

bool ws_conn_closed_cleanly(const struct ws_conn *conn) {
  return conn->close_sent && conn->close_received;
}

const char *ws_conn_protocol(const struct ws_conn *conn) {
  return conn->protocol;
}
