/* client.c: a connection on the terminal. Lines of standard input are sent as
 * text; messages are printed. When the input has ended and nothing has come for
 * a while, it closes. With --echo it is a client to be tested: it sends every
 * message back and ends with its connection.
 *
 * The exit status: 0, the connection was closed cleanly; 1, it was not, or was
 * never open; 2, the command line is wrong; 89, WSSPEC_DO asks for what this
 * program cannot do. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lines.h"
#include "ws/websocket.h"

#define UNSUPPORTED 89
#define ENOUGH      ((uint64_t)1 << 20) /* bytes unsent: read no more lines */

struct client {
  struct ws_io *io;
  struct ws_websocket *socket;
  struct lines *lines; /* NULL before open, and with --echo */
  struct ws_io_timer *silence;
  uint64_t linger; /* microseconds */
  bool input_ended;
  bool echo;
  const char *command; /* of WSSPEC_DO, with --echo; NULL: none */
  int status;          /* of the program */
};

struct arguments {
  const char *url;
  const char *protocols[2];
  const char *origin;
  struct ws_tls_options tls;
  double linger; /* seconds */
  bool no_deflate;
  bool echo;
};

/* -- standard input ----------------------------------------------------- */

static void on_line(void *user, const char *text, size_t len) {
  struct client *client = user;
  if (ws_websocket_send_text(client->socket, text, len) != WS_OK) {
    fprintf(stderr, "not sent: the line is not UTF-8\n");
  }
  /* Until the drain event. */
  lines_pause(client->lines,
              ws_websocket_buffered_amount(client->socket) > ENOUGH);
}

/* A socket in CLOSING hears no more messages, so that answers to the last lines
 * would be lost if it closed at once. */
static void wait_for_silence(const struct client *client) {
  ws_io_timer_set(client->silence, client->input_ended
                                       ? ws_io_now(client->io) + client->linger
                                       : WS_IO_NEVER);
}

static void on_end(void *user) {
  struct client *client = user;
  client->input_ended = true;
  wait_for_silence(client);
}

static void on_silence(void *user) {
  const struct client *client = user;
  ws_websocket_close(client->socket, 1000, NULL);
}

/* -- the connection ----------------------------------------------------- */

static void on_open(void *user, const struct ws_websocket_event *event) {
  struct client *client = user;
  const char *protocol = ws_websocket_protocol(event->target);
  const char *extensions = ws_websocket_extensions(event->target);
  fprintf(stderr, "connected%s%s%s%s\n", *protocol != '\0' ? ", " : "",
          protocol, *extensions != '\0' ? ", " : "", extensions);
  if (client->echo) {
    if (client->command != NULL &&
        !command_obey(event->target, ws_slice_of(client->command))) {
      client->status = UNSUPPORTED;
      ws_websocket_close(event->target, 1000, NULL);
    }
    return;
  }
  client->lines =
      lines_new(client->io, (struct lines_listener){on_line, on_end, client});
  if (client->lines == NULL) {
    fprintf(stderr, "cannot read standard input\n");
    ws_websocket_close(event->target, 1000, NULL);
  }
}

static void on_message(void *user, const struct ws_websocket_event *event) {
  const struct client *client = user;
  const char *text = (const char *)event->data.data;
  size_t len = event->data.len;
  wait_for_silence(client);
  if (client->echo && event->message == WS_MESSAGE_TEXT) {
    ws_websocket_send_text(event->target, text, len);
  } else if (client->echo) {
    ws_websocket_send_array(event->target, text, len);
  } else if (event->message == WS_MESSAGE_TEXT) {
    printf("%.*s\n", (int)len, text);
    fflush(stdout);
  } else {
    printf("(binary, %zu bytes)\n", len);
    fflush(stdout);
  }
}

static void on_drain(void *user, const struct ws_websocket_event *event) {
  const struct client *client = user;
  (void)event;
  if (client->lines != NULL) {
    lines_pause(client->lines, false);
  }
  wait_for_silence(client);
}

static void on_error(void *user, const struct ws_websocket_event *event) {
  const struct ws_http_head *answer = ws_websocket_response(event->target);
  (void)user;
  fprintf(stderr, "failed: %s\n", ws_websocket_failure(event->target));
  if (answer != NULL) {
    fprintf(stderr, "the server answered: %.*s\n", (int)answer->start_line.len,
            (const char *)answer->start_line.data);
  }
}

static void on_close(void *user, const struct ws_websocket_event *event) {
  struct client *client = user;
  if (client->status != UNSUPPORTED) {
    client->status = event->was_clean ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  fprintf(stderr, "closed%s: %u %.*s\n", event->was_clean ? "" : " uncleanly",
          (unsigned)event->code, (int)event->reason.len,
          event->reason.len != 0 ? (const char *)event->reason.data : "");
  lines_free(client->lines);
  client->lines = NULL;
  ws_io_timer_set(client->silence, WS_IO_NEVER);
  ws_websocket_release(client->socket);
  client->socket = NULL; /* nothing keeps the loop running now */
}

static void on_signal(void *user, int signum) {
  struct client *client = user;
  (void)signum;
  if (client->socket == NULL) {
    return;
  }
  if (ws_websocket_ready_state(client->socket) == WS_CLOSING) {
    ws_websocket_abort(client->socket); /* the second signal */
  } else {
    ws_websocket_close(client->socket, 1000, NULL);
  }
}

static int run(struct client *client, const struct arguments *arguments,
               struct ws_tls *tls) {
  const struct ws_deflate_config deflate = {.level = 0}; /* the defaults */
  const struct ws_websocket_options options = {
      .config = {.deflate = arguments->no_deflate ? NULL : &deflate},
      .protocols = arguments->protocols,
      .origin = arguments->origin,
      .tls = tls,
  };
  if (ws_io_watch_signals(client->io, on_signal, client) != WS_OK) {
    fprintf(stderr, "cannot watch for signals\n");
    return EXIT_FAILURE;
  }
  enum ws_status status = ws_websocket_connect(&client->socket, client->io,
                                               arguments->url, &options);
  if (status != WS_OK) {
    fprintf(stderr, "cannot connect to '%s': %s\n", arguments->url,
            ws_status_text(status));
    return status == WS_ERR_NOMEM ? EXIT_FAILURE : 2;
  }
  ws_websocket_set_binary_type(client->socket, WS_BINARY_ARRAY);
  ws_websocket_on_open(client->socket, on_open, client);
  ws_websocket_on_message(client->socket, on_message, client);
  ws_websocket_on_error(client->socket, on_error, client);
  ws_websocket_on_close(client->socket, on_close, client);
  ws_websocket_set_handler(client->socket, WS_WEBSOCKET_DRAIN, on_drain,
                           client);
  ws_io_run(client->io);
  return client->status;
}

/* What WSSPEC_DO asks for before there is a connection is done here. */
static void take_command(struct client *client, struct arguments *arguments) {
  static const char offer[] = "offer ";
  const char *command = getenv("WSSPEC_DO");
  if (!client->echo || command == NULL) {
    return;
  }
  if (strncmp(command, offer, sizeof offer - 1) == 0) {
    arguments->protocols[0] = command + sizeof offer - 1;
  } else if (strcmp(command, "deflate") != 0) { /* that is offered anyway */
    client->command = command;
  }
}

/* -- the command line --------------------------------------------------- */

static const char usage[] =
    "usage: client [OPTIONS] URL\n"
    "  --echo           send every message back, read no lines; obey "
    "WSSPEC_DO\n"
    "  --protocol NAME  a subprotocol to ask for\n"
    "  --origin VALUE   the Origin field\n"
    "  --cacert FILE    trust these certificates (PEM), not the system's\n"
    "  --insecure       verify no certificate\n"
    "  --no-deflate     do not offer permessage-deflate\n"
    "  --linger SECONDS silence behind the end of the input (1)\n";

/* -1, or the exit status with which the program ends at once. */
static int parse(struct arguments *arguments, int argc, char **argv) {
  static const struct option names[] = {
      {"help", no_argument, NULL, 'h'},
      {"echo", no_argument, NULL, 'e'},
      {"protocol", required_argument, NULL, 'p'},
      {"origin", required_argument, NULL, 'o'},
      {"cacert", required_argument, NULL, 'c'},
      {"insecure", no_argument, NULL, 'i'},
      {"no-deflate", no_argument, NULL, 'n'},
      {"linger", required_argument, NULL, 'l'},
      {0}};
  int letter;
  while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
    switch (letter) {
    case 'e':
      arguments->echo = true;
      break;
    case 'p':
      arguments->protocols[0] = optarg;
      break;
    case 'o':
      arguments->origin = optarg;
      break;
    case 'c':
      arguments->tls.ca_file = optarg;
      break;
    case 'i':
      arguments->tls.insecure = true;
      break;
    case 'n':
      arguments->no_deflate = true;
      break;
    case 'l':
      arguments->linger = strtod(optarg, NULL);
      break;
    default:
      fputs(usage, letter == 'h' ? stdout : stderr);
      return letter == 'h' ? EXIT_SUCCESS : 2;
    }
  }
  if (optind + 1 != argc ||
      !(arguments->linger >= 0 && arguments->linger < 1e9)) {
    fputs(usage, stderr);
    return 2;
  }
  arguments->url = argv[optind];
  return -1;
}

int main(int argc, char **argv) {
  struct arguments arguments = {.linger = 1};
  int status = parse(&arguments, argc, argv);
  if (status != -1) {
    return status;
  }
  char text[WS_TLS_TEXT_MAX];
  struct ws_tls *tls = ws_tls_client_new(&arguments.tls, text);
  if (tls == NULL) {
    fprintf(stderr, "%s\n", text);
    return EXIT_FAILURE;
  }
  struct client client = {.io = ws_io_new(),
                          .linger = (uint64_t)(arguments.linger * 1e6),
                          .echo = arguments.echo,
                          .status = EXIT_FAILURE};
  take_command(&client, &arguments);
  if (client.io != NULL) {
    client.silence = ws_io_timer_new(client.io, on_silence, &client);
  }
  status =
      client.silence != NULL ? run(&client, &arguments, tls) : EXIT_FAILURE;
  ws_io_timer_free(client.silence);
  ws_io_free(client.io);
  ws_tls_free(tls);
  return status;
}
