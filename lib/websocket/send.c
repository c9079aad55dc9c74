/* Messages out. What is sent is framed at once into the connection's output; a
 * blob goes there piece by piece, as the network takes them, and what is sent
 * behind it waits in a queue. The stream is given no more than it had to queue
 * last time, so that what waits is counted, and bounded, here. */
#include <string.h>

#include "websocket_internal.h"

#include "ws/utf8.h"

#define PIECE_MAX  ((size_t)65536)  /* of a blob: one frame */
#define GATHER_MAX ((size_t)4096)   /* chunks below this are joined */
#define WRITE_MAX  ((size_t)131072) /* that a stream may have to queue */
#define NUM_WRITES 32               /* in a turn: others want theirs */

/* Accounting --------------------------------------------------------------- */

/* Where the next octet will stand in all that is sent. */
static uint64_t position(const struct ws_websocket *socket) {
  return socket->written + ws_conn_output(socket->conn).len;
}

static struct ws_socket_mark *mark_at(struct ws_websocket *socket, size_t i) {
  return &socket->marks[(socket->first_mark + i) % WS_SOCKET_MARKS];
}

/* `len` bytes of the application's are between `begin` and here. */
static void mark(struct ws_websocket *socket, uint64_t begin, uint64_t len) {
  if (len == 0) {
    return;
  }
  struct ws_socket_mark *last;
  if (socket->num_marks == WS_SOCKET_MARKS) {
    last = mark_at(socket, WS_SOCKET_MARKS - 1); /* it gets coarser */
  } else {
    last = mark_at(socket, socket->num_marks++);
    *last = (struct ws_socket_mark){.begin = begin};
  }
  last->end = position(socket);
  last->len += len;
}

/* Bytes of *first that have left when `sent` octets have: those of the frame's
 * header leave first, and of compressed data nothing is known. */
static uint64_t done_of(const struct ws_socket_mark *first, uint64_t sent) {
  uint64_t left = first->end - sent;
  if (left > first->len || first->end - first->begin < first->len) {
    return first->done;
  }
  return first->len - left;
}

static void settle_marks(struct ws_websocket *socket) {
  while (socket->num_marks != 0) {
    struct ws_socket_mark *first = mark_at(socket, 0);
    bool whole = first->end <= socket->sent;
    uint64_t done = whole ? first->len : done_of(first, socket->sent);
    if (done > first->done) {
      socket->buffered -= done - first->done;
      first->done = done;
    }
    if (!whole) {
      return;
    }
    socket->first_mark = (socket->first_mark + 1) % WS_SOCKET_MARKS;
    socket->num_marks--;
  }
}

uint64_t ws_socket_waiting(const struct ws_websocket *socket) {
  if (socket->conn == NULL || socket->stream == NULL) {
    return 0;
  }
  return socket->queued + ws_conn_output(socket->conn).len +
         ws_io_unsent(socket->stream);
}

/* The queue of messages ---------------------------------------------------- */

static void drop_first(struct ws_websocket *socket) {
  struct ws_socket_send *send = socket->sends;
  uint64_t size = ws_blob_size(send->blob);
  socket->sends = send->next;
  if (socket->sends == NULL) {
    socket->sends_end = &socket->sends;
  }
  socket->queued -= size - send->offset;
  if (send->whole) {
    socket->copied -= (size_t)size;
  }
  ws_blob_unref(send->blob);
  socket->allocator->resize(socket->allocator->user, send, sizeof(*send), 0);
}

void ws_socket_drop_sends(struct ws_websocket *socket) {
  while (socket->sends != NULL) {
    drop_first(socket);
  }
}

/* `blob` is taken over where the result is WS_OK. */
static enum ws_status queue(struct ws_websocket *socket, enum ws_opcode opcode,
                            struct ws_blob *blob, bool whole) {
  struct ws_socket_send *send = socket->allocator->resize(
      socket->allocator->user, NULL, 0, sizeof(*send));
  if (send == NULL) {
    return WS_ERR_NOMEM;
  }
  uint64_t size = ws_blob_size(blob);
  *send =
      (struct ws_socket_send){.blob = blob, .opcode = opcode, .whole = whole};
  *socket->sends_end = send;
  socket->sends_end = &send->next;
  socket->queued += size;
  socket->buffered += size;
  if (whole) {
    socket->copied += (size_t)size;
  }
  return WS_OK;
}

/* The next bytes of a message; small chunks are joined in `joined`. */
static struct ws_slice next_piece(const struct ws_socket_send *send, size_t max,
                                  uint8_t joined[GATHER_MAX]) {
  uint64_t left = ws_blob_size(send->blob) - send->offset;
  if (left == 0) {
    return (struct ws_slice){NULL, 0};
  }
  struct ws_slice piece = ws_blob_chunk(send->blob, send->chunk);
  piece.data += send->at;
  piece.len -= send->at;
  if (piece.len < GATHER_MAX && piece.len < left) {
    piece.len = ws_blob_read(send->blob, send->offset, joined, GATHER_MAX);
    piece.data = joined;
  }
  if (piece.len > max && !send->whole) {
    piece.len = max;
  }
  return piece;
}

static void skip(struct ws_websocket *socket, struct ws_socket_send *send,
                 size_t len) {
  send->offset += len;
  socket->queued -= len;
  send->at += len;
  while (send->at != 0 &&
         send->at >= ws_blob_chunk(send->blob, send->chunk).len) {
    send->at -= ws_blob_chunk(send->blob, send->chunk).len;
    send->chunk++;
    if (send->chunk == ws_blob_num_chunks(send->blob)) {
      return;
    }
  }
}

/* Frames the next piece of the first message. False: not now, or never. */
static bool frame_piece(struct ws_websocket *socket) {
  uint8_t joined[GATHER_MAX];
  struct ws_socket_send *send = socket->sends;
  size_t half = socket->config.limits.conn.output / 2;
  struct ws_slice piece =
      next_piece(send, half < PIECE_MAX ? half : PIECE_MAX, joined);
  bool final = send->offset + piece.len == ws_blob_size(send->blob);
  uint64_t begin = position(socket);
  enum ws_status status = ws_conn_send_fragment(socket->conn, send->opcode,
                                                piece.data, piece.len, final);
  if (status == WS_ERR_LIMIT && ws_conn_output(socket->conn).len != 0) {
    return false; /* it fits when that has left */
  }
  if (status != WS_OK) {
    ws_socket_fail(socket, ws_status_text(status), WS_SOCKET_CLOSE);
    return false;
  }
  mark(socket, begin, piece.len);
  skip(socket, send, piece.len);
  if (final) {
    drop_first(socket);
  }
  return true;
}

/* Fills the output as far as is useful; the Close frame comes last. */
static void frame_sends(struct ws_websocket *socket) {
  while (socket->sends != NULL && !socket->failed &&
         ws_conn_output(socket->conn).len < PIECE_MAX) {
    if (!frame_piece(socket)) {
      return;
    }
  }
  if (socket->sends == NULL && socket->close_wanted && !socket->close_sent) {
    socket->close_sent = true;
    ws_conn_close(
        socket->conn, socket->close_code,
        (struct ws_slice){socket->close_reason, socket->close_reason_len});
  }
}

/* The network -------------------------------------------------------------- */

static void write_output(struct ws_websocket *socket) {
  for (int i = 0; i < NUM_WRITES; i++) {
    frame_sends(socket);
    struct ws_slice out = ws_conn_output(socket->conn);
    if (socket->over || out.len == 0 || ws_io_unsent(socket->stream) != 0) {
      return;
    }
    size_t len = out.len < WRITE_MAX ? out.len : WRITE_MAX;
    if (ws_io_write(socket->stream, out.data, len) != WS_OK) {
      ws_socket_fail(socket, ws_status_text(WS_ERR_NOMEM), WS_SOCKET_RESET);
      return;
    }
    socket->written += len;
    ws_conn_output_done(socket->conn, len);
  }
  ws_socket_wake(socket);
}

void ws_socket_flush(struct ws_websocket *socket) {
  uint64_t buffered = socket->buffered;
  write_output(socket);
  uint64_t unsent = ws_io_unsent(socket->stream);
  uint64_t sent = unsent < socket->written ? socket->written - unsent : 0;
  if (socket->over || sent <= socket->sent) {
    return;
  }
  socket->sent = sent;
  settle_marks(socket);
  if (socket->state == WS_CLOSING) {
    ws_socket_set_deadline(socket, socket->config.timeouts.closing);
  }
  if (socket->congested) {
    ws_socket_heard(socket); /* it reads: that is a sign of life, too */
  }
  if (buffered != 0 && socket->buffered == 0 && socket->state == WS_OPEN) {
    struct ws_websocket_event event = {.type = WS_WEBSOCKET_DRAIN};
    ws_socket_dispatch(socket, &event);
  }
}

/* The API ------------------------------------------------------------------ */

/* WHATWG: "if the data cannot be sent, e.g. because it would need to be
 * buffered but the buffer is full, the user agent must flag the WebSocket as
 * full and then close the WebSocket connection." */
static enum ws_status full(struct ws_websocket *socket, uint64_t len) {
  socket->buffered += len;
  ws_socket_fail(socket, "the buffer of what is to be sent is full",
                 WS_SOCKET_CLOSE);
  return WS_OK;
}

/* Behind blobs that are not framed yet. */
static enum ws_status send_later(struct ws_websocket *socket,
                                 enum ws_opcode opcode, const uint8_t *data,
                                 size_t len) {
  size_t limit = socket->config.limits.conn.output;
  if (opcode == WS_OP_TEXT && !ws_utf8_valid(data, len)) {
    return WS_ERR_ARGUMENT;
  }
  if (limit < WS_FRAME_HEADER_MAX || socket->copied > limit ||
      len > limit - WS_FRAME_HEADER_MAX || len > limit - socket->copied) {
    return full(socket, len);
  }
  struct ws_blob *blob = ws_blob_new(socket->allocator, data, len);
  if (blob == NULL) {
    return WS_ERR_NOMEM;
  }
  enum ws_status status = queue(socket, opcode, blob, true);
  if (status != WS_OK) {
    ws_blob_unref(blob);
  }
  return status;
}

static enum ws_status send_now(struct ws_websocket *socket,
                               enum ws_opcode opcode, const uint8_t *data,
                               size_t len) {
  uint64_t begin = position(socket);
  enum ws_status status = ws_conn_send(socket->conn, opcode, data, len);
  if (status == WS_OK) {
    socket->buffered += len;
    mark(socket, begin, len);
  }
  return status;
}

static bool is_sending(const struct ws_websocket *socket) {
  return socket->state == WS_OPEN && !socket->over;
}

static enum ws_status send_bytes(struct ws_websocket *socket,
                                 enum ws_opcode opcode, const uint8_t *data,
                                 size_t len) {
  if (socket->state == WS_CONNECTING) {
    return WS_ERR_STATE;
  }
  if (!is_sending(socket)) {
    if (opcode == WS_OP_TEXT && !ws_utf8_valid(data, len)) {
      return WS_ERR_ARGUMENT;
    }
    socket->buffered += len;
    return WS_OK;
  }
  enum ws_status status = socket->sends != NULL
                              ? send_later(socket, opcode, data, len)
                              : send_now(socket, opcode, data, len);
  if (status == WS_ERR_LIMIT) {
    return full(socket, len);
  }
  ws_socket_wake(socket);
  return status;
}

enum ws_status ws_websocket_send_text(struct ws_websocket *socket,
                                      const char *text, size_t len) {
  return send_bytes(socket, WS_OP_TEXT, (const uint8_t *)text, len);
}

enum ws_status ws_websocket_send_array(struct ws_websocket *socket,
                                       const void *data, size_t len) {
  return send_bytes(socket, WS_OP_BINARY, data, len);
}

enum ws_status ws_websocket_send_blob(struct ws_websocket *socket,
                                      struct ws_blob *blob) {
  if (socket->state == WS_CONNECTING) {
    return WS_ERR_STATE;
  }
  if (!is_sending(socket)) {
    socket->buffered += ws_blob_size(blob);
    return WS_OK;
  }
  enum ws_status status = queue(socket, WS_OP_BINARY, ws_blob_ref(blob), false);
  if (status != WS_OK) {
    ws_blob_unref(blob);
    return status;
  }
  ws_socket_wake(socket);
  return WS_OK;
}
