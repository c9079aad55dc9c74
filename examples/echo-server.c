/* echo-server.c: sends every message back as it came, over ws or wss.
 *
 * What a server has to do beyond that is done by ws_server and ws_websocket:
 * pings, closing handshakes, timeouts, compression. A client that does not read
 * its echoes is not read either (limits.high_water), so that none can fill the
 * memory. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "endpoint.h"
#include "ws/server.h"

struct echo {
  struct ws_server *server;
  const char *protocols[2];
  bool commands;
  bool stopping;
};

struct arguments {
  struct endpoint endpoint;
  struct ws_tls_options tls; /* with a cert_file: wss */
  const char *protocol;
  bool no_deflate;
  bool commands;
};

static void on_message(void *user, const struct ws_websocket_event *event) {
  const struct echo *echo = user;
  static const char prefix[] = "wsspec:do ";
  const size_t prefix_len = sizeof prefix - 1;
  struct ws_slice data = event->data;
  if (event->message == WS_MESSAGE_ARRAY) {
    ws_websocket_send_array(event->target, data.data, data.len);
    return;
  }
  if (echo->commands && data.len > prefix_len &&
      memcmp(data.data, prefix, prefix_len) == 0 &&
      command_obey(event->target, (struct ws_slice){data.data + prefix_len,
                                                    data.len - prefix_len})) {
    return;
  }
  ws_websocket_send_text(event->target, (const char *)data.data, data.len);
}

static void on_request(void *user, struct ws_server_request *request) {
  struct echo *echo = user;
  struct ws_websocket *socket;
  const char *protocol = ws_server_choose_protocol(request, echo->protocols);
  if (ws_server_accept(&socket, request, protocol, NULL, 0) != WS_OK) {
    return; /* out of memory: the client sees its connection end */
  }
  /* Bytes that are borrowed for the callback, and no blob to allocate. */
  ws_websocket_set_binary_type(socket, WS_BINARY_ARRAY);
  ws_websocket_on_message(socket, on_message, echo);
  /* Nothing is kept of a client: the socket lives until its connection ends, as
   * long as somebody listens. */
  ws_websocket_release(socket);
}

/* Every client is told 1001, "going away". The loop ends when all are gone; a
 * second signal does not wait for them. */
static void on_signal(void *user, int signum) {
  struct echo *echo = user;
  (void)signum;
  ws_server_shutdown(echo->server, echo->stopping ? 1 : 0, NULL);
  echo->stopping = true;
}

static int serve(struct ws_io *io, struct arguments *arguments,
                 struct ws_tls *tls) {
  struct echo echo = {.protocols = {arguments->protocol},
                      .commands = arguments->commands};
  const struct ws_deflate_config deflate = {.level = 0}; /* the defaults */
  const struct ws_server_options options = {
      .config = {.deflate = arguments->no_deflate ? NULL : &deflate},
      .host = arguments->endpoint.host,
      .port = arguments->endpoint.port,
      .tls = tls,
      .request = on_request,
      .user = &echo,
  };
  const char *text;
  echo.server = ws_server_listen(io, &options, &text);
  if (echo.server == NULL) {
    fprintf(stderr, "cannot listen on %s: %s\n", options.host, text);
    return EXIT_FAILURE;
  }
  if (ws_io_watch_signals(io, on_signal, &echo) != WS_OK) {
    fprintf(stderr, "cannot watch for signals\n");
    ws_server_free(echo.server);
    return EXIT_FAILURE;
  }
  arguments->endpoint.port = ws_server_port(echo.server);
  endpoint_announce(&arguments->endpoint, tls != NULL ? "wss" : "ws");
  ws_io_run(io);
  ws_server_free(echo.server);
  return EXIT_SUCCESS;
}

static const char usage[] =
    "usage: echo-server [OPTIONS]\n"
    "  --listen HOST:PORT  where (127.0.0.1:9001); port 0: any free one\n"
    "  --cert FILE         wss, with this certificate chain (PEM)\n"
    "  --key FILE          and its key; if absent, it is in --cert's file\n"
    "  --protocol NAME     a subprotocol to accept\n"
    "  --no-deflate        without permessage-deflate\n"
    "  --commands          obey text messages such as 'wsspec:do close 4000'\n";

/* -1, or the exit status with which the program ends at once. */
static int parse(struct arguments *arguments, int argc, char **argv) {
  static const struct option names[] = {
      {"help", no_argument, NULL, 'h'},
      {"listen", required_argument, NULL, 'l'},
      {"cert", required_argument, NULL, 'c'},
      {"key", required_argument, NULL, 'k'},
      {"protocol", required_argument, NULL, 'p'},
      {"no-deflate", no_argument, NULL, 'n'},
      {"commands", no_argument, NULL, 'd'},
      {0}};
  const char *where = "127.0.0.1:9001";
  int letter;
  while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
    switch (letter) {
    case 'l':
      where = optarg;
      break;
    case 'c':
      arguments->tls.cert_file = optarg;
      break;
    case 'k':
      arguments->tls.key_file = optarg;
      break;
    case 'p':
      arguments->protocol = optarg;
      break;
    case 'n':
      arguments->no_deflate = true;
      break;
    case 'd':
      arguments->commands = true;
      break;
    default:
      fputs(usage, letter == 'h' ? stdout : stderr);
      return letter == 'h' ? EXIT_SUCCESS : 2;
    }
  }
  if (optind != argc) {
    fputs(usage, stderr);
    return 2;
  }
  return endpoint_parse(&arguments->endpoint, where) ? -1 : 2;
}

int main(int argc, char **argv) {
  struct arguments arguments = {.protocol = NULL};
  int status = parse(&arguments, argc, argv);
  if (status != -1) {
    return status;
  }
  struct ws_tls *tls = NULL;
  char text[WS_TLS_TEXT_MAX];
  if (arguments.tls.cert_file != NULL &&
      (tls = ws_tls_server_new(&arguments.tls, text)) == NULL) {
    fprintf(stderr, "%s\n", text);
    return EXIT_FAILURE;
  }
  struct ws_io *io = ws_io_new();
  status = io != NULL ? serve(io, &arguments, tls) : EXIT_FAILURE;
  ws_io_free(io);
  ws_tls_free(tls);
  return status;
}
