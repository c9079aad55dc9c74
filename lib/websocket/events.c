/* Listeners. A list is in the order of `seq`, and a dispatch remembers only the
 * number of the last that it called: whatever is added or removed meanwhile,
 * the next is found, and nothing has to be kept for it. */
#include "websocket_internal.h"

static bool known(enum ws_websocket_event_type type) {
  return (unsigned)type < WS_WEBSOCKET_NUM_EVENTS;
}

static void append(struct ws_websocket *socket,
                   enum ws_websocket_event_type type,
                   struct ws_socket_listener *listener) {
  struct ws_socket_listener **end = &socket->listeners[type];
  while (*end != NULL) {
    end = &(*end)->next;
  }
  listener->next = NULL;
  listener->seq = ++socket->last_seq;
  *end = listener;
}

static void forget(struct ws_websocket *socket,
                   struct ws_socket_listener **link) {
  struct ws_socket_listener *listener = *link;
  *link = listener->next;
  listener->call = NULL;
  if (!listener->handler) {
    socket->allocator->resize(socket->allocator->user, listener,
                              sizeof(*listener), 0);
  }
}

static struct ws_socket_listener **find(struct ws_websocket *socket,
                                        enum ws_websocket_event_type type,
                                        ws_websocket_listener *call,
                                        const void *user) {
  struct ws_socket_listener **link = &socket->listeners[type];
  while (*link != NULL &&
         ((*link)->handler || (*link)->call != call || (*link)->user != user)) {
    link = &(*link)->next;
  }
  return link;
}

enum ws_status ws_websocket_add_listener(struct ws_websocket *socket,
                                         enum ws_websocket_event_type type,
                                         ws_websocket_listener *listener,
                                         void *user) {
  if (!known(type) || listener == NULL) {
    return WS_ERR_ARGUMENT;
  }
  if (*find(socket, type, listener, user) != NULL) {
    return WS_OK;
  }
  struct ws_socket_listener *added = socket->allocator->resize(
      socket->allocator->user, NULL, 0, sizeof(*added));
  if (added == NULL) {
    return WS_ERR_NOMEM;
  }
  *added = (struct ws_socket_listener){.call = listener, .user = user};
  append(socket, type, added);
  return WS_OK;
}

void ws_websocket_remove_listener(struct ws_websocket *socket,
                                  enum ws_websocket_event_type type,
                                  ws_websocket_listener *listener, void *user) {
  if (!known(type)) {
    return;
  }
  struct ws_socket_listener **link = find(socket, type, listener, user);
  if (*link != NULL) {
    forget(socket, link);
    ws_socket_collect(socket);
  }
}

void ws_websocket_set_handler(struct ws_websocket *socket,
                              enum ws_websocket_event_type type,
                              ws_websocket_listener *handler, void *user) {
  if (!known(type)) {
    return;
  }
  struct ws_socket_listener *own = &socket->handlers[type];
  bool is_set = own->call != NULL;
  if (handler == NULL && is_set) {
    struct ws_socket_listener **link = &socket->listeners[type];
    while (*link != own) {
      link = &(*link)->next;
    }
    forget(socket, link);
    ws_socket_collect(socket);
  } else if (handler != NULL) {
    own->handler = true;
    own->call = handler;
    own->user = user;
    if (!is_set) {
      append(socket, type, own);
    }
  }
}

void ws_websocket_on_open(struct ws_websocket *socket,
                          ws_websocket_listener *handler, void *user) {
  ws_websocket_set_handler(socket, WS_WEBSOCKET_OPEN, handler, user);
}

void ws_websocket_on_message(struct ws_websocket *socket,
                             ws_websocket_listener *handler, void *user) {
  ws_websocket_set_handler(socket, WS_WEBSOCKET_MESSAGE, handler, user);
}

void ws_websocket_on_error(struct ws_websocket *socket,
                           ws_websocket_listener *handler, void *user) {
  ws_websocket_set_handler(socket, WS_WEBSOCKET_ERROR, handler, user);
}

void ws_websocket_on_close(struct ws_websocket *socket,
                           ws_websocket_listener *handler, void *user) {
  ws_websocket_set_handler(socket, WS_WEBSOCKET_CLOSE, handler, user);
}

bool ws_socket_hears(const struct ws_websocket *socket,
                     enum ws_websocket_event_type type) {
  return socket->listeners[type] != NULL;
}

void ws_socket_dispatch(struct ws_websocket *socket,
                        struct ws_websocket_event *event) {
  uint64_t newest = socket->last_seq; /* later ones do not hear this event */
  uint64_t called = 0;
  event->target = socket;
  for (;;) {
    const struct ws_socket_listener *next = socket->listeners[event->type];
    while (next != NULL && next->seq <= called) {
      next = next->next;
    }
    if (next == NULL || next->seq > newest) {
      return;
    }
    called = next->seq;
    next->call(next->user, event);
  }
}

void ws_socket_drop_listeners(struct ws_websocket *socket) {
  for (size_t type = 0; type < WS_WEBSOCKET_NUM_EVENTS; type++) {
    while (socket->listeners[type] != NULL) {
      forget(socket, &socket->listeners[type]);
    }
  }
}
