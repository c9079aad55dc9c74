/* A server and a client on one loop: an echo, and a clean end. */
#include <stdio.h>
#include <string.h>

#include <ws/server.h>
#include <ws/websocket.h>

static void echo(void *user, const struct ws_websocket_event *event) {
  (void)user;
  ws_websocket_send_text(event->target, (const char *)event->data.data,
                         event->data.len);
}

static void accept_all(void *user, struct ws_server_request *request) {
  struct ws_websocket **accepted = user;
  if (ws_server_accept(accepted, request, NULL, NULL, 0) == WS_OK) {
    ws_websocket_on_message(*accepted, echo, NULL);
  }
}

static void say(void *user, const struct ws_websocket_event *event) {
  (void)user;
  ws_websocket_send_text(event->target, "hello", 5);
}

static void hear(void *user, const struct ws_websocket_event *event) {
  (void)user;
  printf("%.*s ", (int)event->data.len, (const char *)event->data.data);
  ws_websocket_close(event->target, 1000, "enough");
}

static void end(void *user, const struct ws_websocket_event *event) {
  printf("%d %s\n", event->code, event->was_clean ? "clean" : "unclean");
  ws_server_shutdown(user, 0, NULL);
}

int main(void) {
  struct ws_websocket *accepted = NULL, *client = NULL;
  struct ws_io *io = ws_io_new();
  const struct ws_server_options options = {.request = accept_all,
                                            .user = &accepted};
  const char *text = "out of memory";
  char url[64];
  struct ws_server *server =
      io == NULL ? NULL : ws_server_listen(io, &options, &text);
  if (server == NULL) {
    fprintf(stderr, "%s\n", text);
    return 1;
  }
  snprintf(url, sizeof url, "ws://127.0.0.1:%u/",
           (unsigned)ws_server_port(server));
  if (ws_websocket_connect(&client, io, url, NULL) != WS_OK) {
    return 1;
  }
  ws_websocket_on_open(client, say, NULL);
  ws_websocket_on_message(client, hear, NULL);
  ws_websocket_on_close(client, end, server);
  ws_io_run(io);
  ws_websocket_release(client);
  ws_websocket_release(accepted);
  ws_server_free(server);
  ws_io_free(io);
  return 0;
}
