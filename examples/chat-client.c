/* chat-client.c: talks to chat-server. A line is said to all; "/send FILE"
 * sends them a file, "/quit" or the end of the input leaves.
 *
 * The exit status is that of client.c. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "ws/websocket.h"

#define FILE_MAX ((size_t)4 << 20)

struct chat {
  struct ws_io *io;
  struct ws_websocket *socket;
  struct lines *lines; /* NULL before open */
  bool clean;
};

static void forget(void *user, void *data, size_t len) {
  (void)user;
  (void)len;
  free(data);
}

/* The file as a blob that owns its bytes; NULL and a line on standard error. */
static struct ws_blob *blob_of_file(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) {
    perror(name);
    return NULL;
  }
  uint8_t *data = malloc(FILE_MAX + 1);
  size_t len = data != NULL ? fread(data, 1, FILE_MAX + 1, file) : 0;
  bool whole = data != NULL && ferror(file) == 0 && len <= FILE_MAX;
  fclose(file);
  uint8_t *fitting = whole && len != 0 ? realloc(data, len) : NULL;
  data = fitting != NULL ? fitting : data;
  struct ws_blob *blob =
      whole ? ws_blob_adopt(NULL, data, len, forget, NULL) : NULL;
  if (blob == NULL) {
    fprintf(stderr, "%s cannot be read, or is larger than 4 MiB\n", name);
    free(data);
  }
  return blob;
}

static void send_file(const struct chat *chat, const char *text, size_t len) {
  char name[4096];
  if (len >= sizeof name) {
    fprintf(stderr, "the name of the file is too long\n");
    return;
  }
  memcpy(name, text, len);
  name[len] = '\0';
  struct ws_blob *blob = blob_of_file(name);
  if (blob != NULL) {
    ws_websocket_send_blob(chat->socket, blob); /* takes a reference */
    ws_blob_unref(blob);
  }
}

static void on_line(void *user, const char *text, size_t len) {
  static const char send[] = "/send ";
  const size_t send_len = sizeof send - 1;
  const struct chat *chat = user;
  if (len == 5 && memcmp(text, "/quit", len) == 0) {
    ws_websocket_close(chat->socket, 1000, "bye");
  } else if (len > send_len && memcmp(text, send, send_len) == 0) {
    send_file(chat, text + send_len, len - send_len);
  } else if (len != 0 &&
             ws_websocket_send_text(chat->socket, text, len) != WS_OK) {
    fprintf(stderr, "not sent: the line is not UTF-8\n");
  }
  lines_pause(chat->lines, ws_websocket_buffered_amount(chat->socket) != 0);
}

static void on_end(void *user) {
  const struct chat *chat = user;
  ws_websocket_close(chat->socket, 1000, "bye");
}

static void on_open(void *user, const struct ws_websocket_event *event) {
  struct chat *chat = user;
  chat->lines =
      lines_new(chat->io, (struct lines_listener){on_line, on_end, chat});
  if (chat->lines == NULL) {
    fprintf(stderr, "cannot read standard input\n");
    ws_websocket_close(event->target, 1000, NULL);
  }
}

static void on_message(void *user, const struct ws_websocket_event *event) {
  (void)user;
  if (event->message == WS_MESSAGE_BLOB) {
    printf("(a file of %llu bytes)\n",
           (unsigned long long)ws_blob_size(event->blob));
  } else {
    fwrite(event->data.data, 1, event->data.len, stdout);
    putchar('\n');
  }
  fflush(stdout);
}

static void on_drain(void *user, const struct ws_websocket_event *event) {
  const struct chat *chat = user;
  (void)event;
  if (chat->lines != NULL) {
    lines_pause(chat->lines, false);
  }
}

static void on_close(void *user, const struct ws_websocket_event *event) {
  struct chat *chat = user;
  const char *failure = ws_websocket_failure(event->target);
  chat->clean = event->was_clean;
  if (*failure != '\0') {
    fprintf(stderr, "failed: %s\n", failure);
  }
  fprintf(stderr, "closed: %u %.*s\n", (unsigned)event->code,
          (int)event->reason.len,
          event->reason.len != 0 ? (const char *)event->reason.data : "");
  lines_free(chat->lines);
  chat->lines = NULL;
  ws_websocket_release(chat->socket);
  chat->socket = NULL; /* nothing keeps the loop running now */
}

static void on_signal(void *user, int signum) {
  const struct chat *chat = user;
  (void)signum;
  if (chat->socket != NULL) {
    ws_websocket_close(chat->socket, 1000, "bye");
  }
}

static int run(struct chat *chat, const char *url, struct ws_tls *tls) {
  static const char *const protocols[] = {"chat", NULL};
  const struct ws_deflate_config deflate = {.level = 0}; /* the defaults */
  const struct ws_websocket_options options = {
      .config = {.deflate = &deflate}, .protocols = protocols, .tls = tls};
  if (ws_io_watch_signals(chat->io, on_signal, chat) != WS_OK) {
    fprintf(stderr, "cannot watch for signals\n");
    return EXIT_FAILURE;
  }
  enum ws_status status =
      ws_websocket_connect(&chat->socket, chat->io, url, &options);
  if (status != WS_OK) {
    fprintf(stderr, "cannot connect to '%s': %s\n", url,
            ws_status_text(status));
    return status == WS_ERR_NOMEM ? EXIT_FAILURE : 2;
  }
  ws_websocket_on_open(chat->socket, on_open, chat);
  ws_websocket_on_message(chat->socket, on_message, chat);
  ws_websocket_on_close(chat->socket, on_close, chat);
  ws_websocket_set_handler(chat->socket, WS_WEBSOCKET_DRAIN, on_drain, chat);
  ws_io_run(chat->io);
  return chat->clean ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const char usage[] =
    "usage: chat-client [OPTIONS] URL\n"
    "  --cacert FILE  trust these certificates (PEM), not the system's\n"
    "  --insecure     verify no certificate\n";

int main(int argc, char **argv) {
  static const struct option names[] = {
      {"help", no_argument, NULL, 'h'},
      {"cacert", required_argument, NULL, 'c'},
      {"insecure", no_argument, NULL, 'i'},
      {0}};
  struct ws_tls_options options = {.ca_file = NULL};
  int letter;
  while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
    if (letter == 'c') {
      options.ca_file = optarg;
    } else if (letter == 'i') {
      options.insecure = true;
    } else {
      fputs(usage, letter == 'h' ? stdout : stderr);
      return letter == 'h' ? EXIT_SUCCESS : 2;
    }
  }
  if (optind + 1 != argc) {
    fputs(usage, stderr);
    return 2;
  }
  char text[WS_TLS_TEXT_MAX];
  struct ws_tls *tls = ws_tls_client_new(&options, text);
  if (tls == NULL) {
    fprintf(stderr, "%s\n", text);
    return EXIT_FAILURE;
  }
  struct chat chat = {.io = ws_io_new()};
  int status = chat.io != NULL ? run(&chat, argv[optind], tls) : EXIT_FAILURE;
  ws_io_free(chat.io);
  ws_tls_free(tls);
  return status;
}
