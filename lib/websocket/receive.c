/* Messages in. One that lies whole in what was read is told from there; others
 * are collected. */
#include "websocket_internal.h"

static void out_of_memory(struct ws_websocket *socket) {
  ws_socket_fail(socket, ws_status_text(WS_ERR_NOMEM), WS_SOCKET_CLOSE);
}

static void release_message(void *user, void *data, size_t len) {
  const struct ws_allocator *allocator = user;
  allocator->resize(allocator->user, data, len, 0);
}

/* The collected message becomes a blob where it lies. NULL: out of memory. */
static struct ws_blob *adopt_message(struct ws_websocket *socket) {
  const struct ws_allocator *allocator = socket->allocator;
  struct ws_buffer *message = &socket->message;
  size_t len = message->len;
  uint8_t *data =
      allocator->resize(allocator->user, message->data, message->cap, len);
  if (data == NULL) {
    return NULL;
  }
  message->data = data;
  message->cap = len;
  struct ws_blob *blob =
      ws_blob_adopt(allocator, data, len, release_message, (void *)allocator);
  if (blob != NULL) {
    ws_buffer_init(message, allocator);
  }
  return blob;
}

/* `data` is the message, or lies in socket->message. */
static void tell(struct ws_websocket *socket, enum ws_opcode opcode,
                 struct ws_slice data) {
  struct ws_websocket_event event = {
      .type = WS_WEBSOCKET_MESSAGE,
      .message = opcode == WS_OP_TEXT ? WS_MESSAGE_TEXT : WS_MESSAGE_ARRAY,
      .data = data,
      .origin = socket->origin != NULL ? socket->origin : "",
  };
  if (!ws_socket_hears(socket, WS_WEBSOCKET_MESSAGE)) {
    return;
  }
  if (opcode == WS_OP_BINARY && socket->binary_type == WS_BINARY_BLOB) {
    event.message = WS_MESSAGE_BLOB;
    event.data = (struct ws_slice){NULL, 0};
    event.blob = socket->message.len != 0
                     ? adopt_message(socket)
                     : ws_blob_new(socket->allocator, data.data, data.len);
    if (event.blob == NULL) {
      out_of_memory(socket);
      return;
    }
  }
  ws_socket_dispatch(socket, &event);
  ws_blob_unref(event.blob);
}

void ws_socket_take_data(struct ws_websocket *socket,
                         const struct ws_event *event) {
  struct ws_buffer *message = &socket->message;
  /* WHATWG "When a WebSocket message has been received": "If ready state is not
   * OPEN (1), then return." */
  if (socket->state != WS_OPEN) {
    ws_buffer_clear(message);
    return;
  }
  if (event->first && event->final) {
    tell(socket, event->opcode, event->payload);
    return;
  }
  if (!ws_buffer_append(message, event->payload.data, event->payload.len)) {
    out_of_memory(socket);
    return;
  }
  if (event->final) {
    tell(socket, event->opcode, ws_buffer_slice(message));
    ws_buffer_take(message, message->len);
  }
}
