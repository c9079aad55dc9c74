/* bench-load: what an echo server can do.
 *
 *   bench-load PORT SIZE CONNECTIONS WINDOW SECONDS PID [tls]
 *
 * Keeps WINDOW text messages of SIZE bytes under way on each connection to
 * 127.0.0.1:PORT, checks what comes back, and prints, for the SECONDS behind a
 * fifth of them to warm up:
 *
 *   messages a second
 *   nanoseconds of processor time that the server, process PID, spent on each
 *   the share of the time that a thread of it was ready and waited for a core
 *   the share of the time that this program ran
 *
 * The last two say what the first means: it is the server's own where nobody
 * waited for a core and the generator had time left. Frames are masked
 * beforehand, so that it has. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire.h"
#include "ws/io.h"
#include "ws/tls.h"

#define SECOND    UINT64_C(1000000)
#define WRITE_MAX ((size_t)131072) /* what a stream may have to queue */

/* Nanoseconds, of all threads of a process. */
struct usage {
  uint64_t ran, waited;
};

struct load {
  struct ws_io *io;
  struct ws_tls *tls; /* NULL: plain TCP */
  struct ws_io_timer *timer;
  int port, pid;
  size_t num_clients, window, len;
  uint64_t duration;
  uint8_t *payload;
  uint8_t *batch; /* `window` frames */
  size_t frame_len, batch_len;
  size_t num_up;
  bool warm;
  uint64_t num_messages, began_at;
  struct usage server;
  clock_t own;
};

struct client {
  struct load *load;
  struct ws_io_stream *stream;
  bool open;
  uint8_t head[1024]; /* of the response; later of a frame that was cut */
  size_t head_len;
  struct ws_frame frame;
  uint64_t left; /* of its payload */
  size_t at;     /* in the message */
  size_t due;    /* bytes to be sent */
  size_t out_at; /* where in the batch, which is sent over and over */
};

static void die(const char *text) {
  fprintf(stderr, "bench-load: %s\n", text);
  exit(EXIT_FAILURE);
}

static struct usage usage_of(int pid) {
  char name[300];
  struct usage sum = {0, 0};
  snprintf(name, sizeof name, "/proc/%d/task", pid);
  DIR *tasks = opendir(name);
  if (tasks == NULL) {
    die("no such process");
  }
  const struct dirent *task;
  while ((task = readdir(tasks)) != NULL) {
    struct usage one;
    snprintf(name, sizeof name, "/proc/%d/task/%s/schedstat", pid,
             task->d_name);
    FILE *file = task->d_name[0] != '.' ? fopen(name, "r") : NULL;
    if (file == NULL) {
      continue; /* a thread that has just ended */
    }
    if (fscanf(file, "%" SCNu64 " %" SCNu64, &one.ran, &one.waited) == 2) {
      sum.ran += one.ran;
      sum.waited += one.waited;
    }
    fclose(file);
  }
  closedir(tasks);
  return sum;
}

/* Sends as far as the kernel takes it; the rest when it has left. */
static void send_due(struct client *client) {
  const struct load *load = client->load;
  while (client->due != 0 && ws_io_unsent(client->stream) == 0) {
    size_t len = load->batch_len - client->out_at;
    len = len < client->due ? len : client->due;
    len = len < WRITE_MAX ? len : WRITE_MAX;
    if (ws_io_write(client->stream, load->batch + client->out_at, len) !=
        WS_OK) {
      die("out of memory");
    }
    client->due -= len;
    client->out_at = (client->out_at + len) % load->batch_len;
  }
}

static void report(const struct load *load) {
  double seconds = (double)(ws_io_now(load->io) - load->began_at) / 1e6;
  double messages = (double)load->num_messages;
  double own = (double)(clock() - load->own) / CLOCKS_PER_SEC;
  struct usage server = usage_of(load->pid);
  if (load->num_messages == 0) {
    die("no message came back in time");
  }
  printf("%.1f %.1f %.3f %.3f\n", messages / seconds,
         (double)(server.ran - load->server.ran) / messages,
         (double)(server.waited - load->server.waited) / 1e9 / seconds,
         own / seconds);
}

static void on_timer(void *user) {
  struct load *load = user;
  if (load->warm) {
    report(load);
    exit(EXIT_SUCCESS);
  }
  load->warm = true;
  load->num_messages = 0;
  load->own = clock();
  load->server = usage_of(load->pid);
  load->began_at = ws_io_now(load->io);
  ws_io_timer_set(load->timer, load->began_at + load->duration);
}

/* The end of the response's head; the bytes of it in `data`. */
static size_t take_head(struct client *client, const uint8_t *data,
                        size_t len) {
  struct load *load = client->load;
  for (size_t i = 0; i < len; i++) {
    if (client->head_len == sizeof client->head) {
      die("the response is too long");
    }
    client->head[client->head_len++] = data[i];
    if (client->head_len >= 4 &&
        memcmp(client->head + client->head_len - 4, "\r\n\r\n", 4) == 0) {
      if (memcmp(client->head, "HTTP/1.1 101", 12) != 0) {
        die("the response is not 101");
      }
      client->open = true;
      client->head_len = 0;
      load->num_up++;
      if (load->num_up == load->num_clients) { /* the first ones wait */
        ws_io_timer_set(load->timer, ws_io_now(load->io) + load->duration / 5);
      }
      client->due = load->batch_len;
      return i + 1;
    }
  }
  return len;
}

/* The bytes of a frame's header in `data`; one that was cut is collected. */
static size_t take_header(struct client *client, const uint8_t *data,
                          size_t len) {
  size_t old_len = client->head_len;
  size_t header_len;
  if (old_len == 0) {
    header_len = ws_frame_decode(&client->frame, data, len);
  } else {
    size_t more = WS_FRAME_HEADER_MAX - old_len;
    memcpy(client->head + old_len, data, more < len ? more : len);
    header_len = ws_frame_decode(&client->frame, client->head,
                                 old_len + (more < len ? more : len));
  }
  if (header_len == 0) {
    memcpy(client->head + old_len, data, len);
    client->head_len += len;
    return len;
  }
  if (ws_opcode_is_control(client->frame.opcode) || client->frame.masked ||
      client->frame.length > client->load->len - client->at) {
    die("not the frame of an echo");
  }
  client->head_len = 0;
  client->left = client->frame.length;
  return header_len - old_len;
}

/* The messages that end in `data`. */
static size_t take_frames(struct client *client, const uint8_t *data,
                          size_t len) {
  const struct load *load = client->load;
  size_t num = 0;
  while (len != 0) {
    size_t done;
    if (client->left == 0) {
      done = take_header(client, data, len);
    } else {
      done = client->left < len ? (size_t)client->left : len;
      if (memcmp(data, load->payload + client->at, done) != 0) {
        die("what came back is something else");
      }
      client->at += done;
      client->left -= done;
      if (client->left == 0 && client->frame.fin) {
        num += client->at == load->len;
        client->at = 0;
      }
    }
    data += done;
    len -= done;
  }
  return num;
}

static void on_notice(void *user, const struct ws_io_notice *notice) {
  struct client *client = user;
  const uint8_t *data = notice->data;
  size_t len = notice->len;
  switch (notice->event) {
  case WS_IO_UP:
    ws_io_write(client->stream, (const uint8_t *)wire_request(),
                strlen(wire_request()));
    return;
  case WS_IO_DRAINED:
    send_due(client);
    return;
  case WS_IO_DATA:
    break;
  default:
    die(notice->text != NULL ? notice->text : "the server ended a connection");
  }
  if (!client->open) {
    size_t done = take_head(client, data, len);
    data += done;
    len -= done;
  }
  size_t num = take_frames(client, data, len);
  client->load->num_messages += num;
  client->due += num * client->load->frame_len;
  send_due(client);
}

static void prepare(struct load *load) {
  load->payload = malloc(load->len);
  load->batch = malloc(WIRE_FRAME_LEN(load->len) * load->window);
  if (load->payload == NULL || load->batch == NULL) {
    die("out of memory");
  }
  wire_text(load->payload, load->len, WIRE_ASCII);
  for (size_t i = 0; i < load->window; i++) {
    load->frame_len = wire_frame(load->batch + i * load->frame_len, WS_OP_TEXT,
                                 load->payload, load->len, (uint32_t)i);
  }
  load->batch_len = load->frame_len * load->window;
}

static void connect_client(struct load *load, struct client *client) {
  const char *text;
  struct ws_io_listener listener = {on_notice, client};
  struct ws_io_addresses *addresses =
      ws_io_resolve(load->io, "127.0.0.1", (uint16_t)load->port, &text);
  if (addresses == NULL) {
    die(text);
  }
  client->load = load;
  client->stream = ws_io_dial(load->io, addresses, 10 * SECOND, listener);
  if (client->stream != NULL && load->tls != NULL) {
    client->stream =
        ws_tls_connect(load->tls, client->stream, "localhost", listener);
  }
  if (client->stream == NULL) {
    die("out of memory");
  }
  ws_io_addresses_free(addresses);
}

int main(int argc, char **argv) {
  struct load load = {.pid = 0};
  char text[WS_TLS_TEXT_MAX];
  if (argc != 7 && (argc != 8 || strcmp(argv[7], "tls") != 0)) {
    die("PORT SIZE CONNECTIONS WINDOW SECONDS PID [tls]");
  }
  load.port = atoi(argv[1]);
  load.len = strtoul(argv[2], NULL, 10);
  load.num_clients = strtoul(argv[3], NULL, 10);
  load.window = strtoul(argv[4], NULL, 10);
  load.duration = (uint64_t)(strtod(argv[5], NULL) * (double)SECOND);
  load.pid = atoi(argv[6]);
  if (load.len == 0 || load.num_clients == 0 || load.window == 0) {
    die("a number is missing");
  }
  prepare(&load);
  if (argc == 8) {
    load.tls =
        ws_tls_client_new(&(struct ws_tls_options){.insecure = true}, text);
    if (load.tls == NULL) {
      die(text);
    }
  }
  load.io = ws_io_new();
  struct client *clients = calloc(load.num_clients, sizeof *clients);
  if (load.io == NULL || clients == NULL) {
    die("out of memory");
  }
  load.timer = ws_io_timer_new(load.io, on_timer, &load);
  for (size_t i = 0; i < load.num_clients; i++) {
    connect_client(&load, &clients[i]);
  }
  ws_io_run(load.io);
  die("nothing is left to do");
}
