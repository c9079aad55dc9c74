/* chat-server.c: everybody hears what anybody says, over wss.
 *
 * A line of chat is a text message; each member gets it with the name of who
 * said it. A binary message is a file: it is handed on as the blob that came,
 * which all the sockets share, so that its bytes exist once however many are
 * here. Who is too slow to take what is said is asked to leave. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "ws/server.h"

#define TOO_SLOW    ((uint64_t)16 << 20) /* bytes that wait for one member */
#define MESSAGE_MAX ((uint64_t)4 << 20)
#define TRY_AGAIN   1013 /* IANA's registry of status codes */
#define BAD_REQUEST 400
#define PROTOCOL    "chat"

struct chat;

struct member {
  struct chat *chat;
  struct member *next, **link;
  struct ws_websocket *socket; /* ours until its close event */
  unsigned number;
};

struct chat {
  struct ws_server *server;
  struct member *members;
  unsigned last_number;
  bool stopping;
};

static void after_send(const struct member *member) {
  if (ws_websocket_buffered_amount(member->socket) > TOO_SLOW) {
    /* The closing timeout ends it if nothing is read at all. */
    ws_websocket_close(member->socket, TRY_AGAIN, "too slow");
  }
}

static void tell_text(struct chat *chat, const char *text, size_t len) {
  for (struct member *member = chat->members; member != NULL;
       member = member->next) {
    ws_websocket_send_text(member->socket, text, len);
    after_send(member);
  }
}

static void tell_blob(const struct member *from, struct ws_blob *blob) {
  for (struct member *member = from->chat->members; member != NULL;
       member = member->next) {
    if (member != from) {
      ws_websocket_send_blob(member->socket, blob);
      after_send(member);
    }
  }
}

/* "guest 3" and what belongs to it. */
static void tell(const struct member *from, const char *what,
                 struct ws_slice text) {
  char begin[64];
  int n = snprintf(begin, sizeof begin, "guest %u%s", from->number, what);
  size_t len = (size_t)n + text.len;
  char *line = malloc(len);
  if (line == NULL) {
    fprintf(stderr, "out of memory: a message is lost\n");
    return;
  }
  memcpy(line, begin, (size_t)n);
  if (text.len != 0) {
    memcpy(line + n, text.data, text.len);
  }
  tell_text(from->chat, line, len);
  free(line);
}

static void on_open(void *user, const struct ws_websocket_event *event) {
  (void)event;
  tell(user, " joined", (struct ws_slice){NULL, 0});
}

static void on_message(void *user, const struct ws_websocket_event *event) {
  const struct member *member = user;
  if (event->message == WS_MESSAGE_BLOB) {
    tell(member, " sends a file", (struct ws_slice){NULL, 0});
    tell_blob(member, event->blob);
  } else {
    tell(member, ": ", event->data);
  }
}

static void on_close(void *user, const struct ws_websocket_event *event) {
  struct member *member = user;
  *member->link = member->next;
  if (member->next != NULL) {
    member->next->link = member->link;
  }
  tell(member, event->was_clean ? " left" : " is gone",
       (struct ws_slice){NULL, 0});
  ws_websocket_release(member->socket);
  free(member);
}

static struct member *join(struct chat *chat, struct ws_websocket *socket) {
  struct member *member = malloc(sizeof *member);
  if (member == NULL) {
    return NULL;
  }
  *member = (struct member){.chat = chat,
                            .next = chat->members,
                            .link = &chat->members,
                            .socket = socket,
                            .number = ++chat->last_number};
  if (member->next != NULL) {
    member->next->link = &member->next;
  }
  chat->members = member;
  return member;
}

static void on_request(void *user, struct ws_server_request *request) {
  static const char *const protocols[] = {PROTOCOL, NULL};
  const char *protocol = ws_server_choose_protocol(request, protocols);
  if (protocol == NULL) {
    const struct ws_reject_options options = {
        .status = BAD_REQUEST,
        .body = "the subprotocol here is " PROTOCOL "\n"};
    ws_server_reject(request, &options);
    return;
  }
  struct ws_websocket *socket;
  if (ws_server_accept(&socket, request, protocol, NULL, 0) != WS_OK) {
    return;
  }
  struct member *member = join(user, socket);
  if (member == NULL) {
    ws_websocket_abort(socket);
    ws_websocket_release(socket);
    return;
  }
  ws_websocket_on_open(socket, on_open, member);
  ws_websocket_on_message(socket, on_message, member);
  ws_websocket_on_close(socket, on_close, member);
}

/* Every member is told 1001, "going away"; the loop ends when all are gone. A
 * second signal does not wait for them. */
static void on_signal(void *user, int signum) {
  struct chat *chat = user;
  (void)signum;
  ws_server_shutdown(chat->server, chat->stopping ? 1 : 0, NULL);
  chat->stopping = true;
}

static int serve(struct ws_io *io, struct endpoint *endpoint,
                 struct ws_tls *tls) {
  struct chat chat = {.members = NULL};
  const struct ws_deflate_config deflate = {.level = 0}; /* the defaults */
  const struct ws_server_options options = {
      .config = {.deflate = &deflate,
                 .limits.conn.message = MESSAGE_MAX,
                 /* A silent member is asked whether it is still there. */
                 .timeouts = {.ping = 30 * UINT64_C(1000000)}},
      .host = endpoint->host,
      .port = endpoint->port,
      .tls = tls,
      .request = on_request,
      .user = &chat,
  };
  const char *text;
  chat.server = ws_server_listen(io, &options, &text);
  if (chat.server == NULL) {
    fprintf(stderr, "cannot listen on %s: %s\n", options.host, text);
    return EXIT_FAILURE;
  }
  if (ws_io_watch_signals(io, on_signal, &chat) != WS_OK) {
    fprintf(stderr, "cannot watch for signals\n");
    ws_server_free(chat.server);
    return EXIT_FAILURE;
  }
  endpoint->port = ws_server_port(chat.server);
  endpoint_announce(endpoint, "wss");
  ws_io_run(io);
  ws_server_free(chat.server);
  return EXIT_SUCCESS;
}

static const char usage[] =
    "usage: chat-server --cert FILE [OPTIONS]\n"
    "  --listen HOST:PORT  where (127.0.0.1:9443); port 0: any free one\n"
    "  --cert FILE         the certificate chain (PEM)\n"
    "  --key FILE          and its key; if absent, it is in --cert's file\n";

int main(int argc, char **argv) {
  static const struct option names[] = {
      {"help", no_argument, NULL, 'h'},
      {"listen", required_argument, NULL, 'l'},
      {"cert", required_argument, NULL, 'c'},
      {"key", required_argument, NULL, 'k'},
      {0}};
  const char *where = "127.0.0.1:9443";
  struct ws_tls_options options = {.cert_file = NULL};
  int letter;
  while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
    if (letter == 'l') {
      where = optarg;
    } else if (letter == 'c') {
      options.cert_file = optarg;
    } else if (letter == 'k') {
      options.key_file = optarg;
    } else {
      fputs(usage, letter == 'h' ? stdout : stderr);
      return letter == 'h' ? EXIT_SUCCESS : 2;
    }
  }
  struct endpoint endpoint;
  if (optind != argc || options.cert_file == NULL) {
    fputs(usage, stderr);
    return 2;
  }
  if (!endpoint_parse(&endpoint, where)) {
    return 2;
  }
  char text[WS_TLS_TEXT_MAX];
  struct ws_tls *tls = ws_tls_server_new(&options, text);
  if (tls == NULL) {
    fprintf(stderr, "%s\n", text);
    return EXIT_FAILURE;
  }
  struct ws_io *io = ws_io_new();
  int status = io != NULL ? serve(io, &endpoint, tls) : EXIT_FAILURE;
  ws_io_free(io);
  ws_tls_free(tls);
  return status;
}
