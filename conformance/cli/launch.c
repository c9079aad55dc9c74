#include "launch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net.h"
#include "process.h"
#include "strbuf.h"
#include "usage.h"
#include "ws/io.h"
#include "ws/url.h"

#define SLICE     UINT64_C(50000) /* between looks at *stop */
#define TAIL_KEPT 1024            /* of its output, in messages */

struct wsc_launched {
  const struct wsc_implementation *item;
  const char *directory;
  struct wsc_process *process; /* NULL: we did not start it */
  struct wsc_meter meter;      /* of that */
  const char *url;             /* of the arena, as the next */
  const char *port;            /* "{port}" stands for it; NULL: not known yet */
};

/* -- {port} ------------------------------------------------------------- */

static const char mark[] = "{port}";

static const char *fill(struct wsc_arena *arena, const char *text,
                        const char *port) {
  const char *at = port == NULL ? NULL : strstr(text, mark);
  if (at == NULL) {
    return text;
  }
  return wsc_arena_printf(arena, "%.*s%s%s", (int)(at - text), text, port,
                          fill(arena, at + sizeof mark - 1, port));
}

static const char *const *fill_list(struct wsc_arena *arena,
                                    const char *const *list, const char *port) {
  size_t num = 0;
  while (list[num] != NULL) {
    num++;
  }
  const char **filled = wsc_arena_alloc(arena, (num + 1) * sizeof *filled);
  for (size_t i = 0; i < num; i++) {
    filled[i] = fill(arena, list[i], port);
  }
  return filled;
}

static void refuse(void *user, struct ws_io_stream *stream) {
  (void)user;
  ws_io_release(stream);
}

/* A port that nobody listens on just now. */
static const char *free_port(struct wsc_arena *arena) {
  const char *text = NULL;
  struct ws_io *io = ws_io_new();
  struct ws_io_addresses *addresses =
      io == NULL ? NULL : ws_io_resolve(io, "127.0.0.1", 0, &text);
  struct ws_io_server *server =
      addresses == NULL
          ? NULL
          : ws_io_listen(io, addresses, (struct ws_io_acceptor){refuse, NULL},
                         &text);
  const char *port =
      server == NULL
          ? NULL
          : wsc_arena_printf(arena, "%u", (unsigned)ws_io_server_port(server));
  ws_io_server_free(server);
  ws_io_addresses_free(addresses);
  ws_io_free(io);
  return port;
}

/* The number where `pattern` has {port}, in a line that begins like it. */
static const char *port_of_line(struct wsc_arena *arena, const char *pattern,
                                const char *line) {
  const char *digits = line + (strstr(pattern, mark) - pattern);
  size_t len = strspn(digits, "0123456789");
  long port = len == 0 || len > 5 ? 0 : strtol(digits, NULL, 10);
  return port < 1 || port > 65535 ? NULL : wsc_arena_printf(arena, "%ld", port);
}

/* -- readiness ---------------------------------------------------------- */

static void note_event(void *user, const struct wsc_stream_notice *notice) {
  enum wsc_stream_event *event = user;
  *event = notice->event;
}

/* True: the port of `url` accepts a connection. */
static bool accepts(const char *text) {
  struct ws_url url;
  char *error;
  enum wsc_stream_event event = WSC_STREAM_FIN;
  if (ws_url_parse(&url, text, strlen(text)) != WS_URL_OK) {
    return true; /* the run says what is wrong with it */
  }
  struct wsc_net_options options = {
      .host = url.host, .port = url.port, .dial_timeout = 20 * SLICE};
  struct wsc_transport *net = wsc_net_new(&options, &error);
  if (net == NULL) {
    free(error);
    return false;
  }
  struct wsc_stream *stream =
      net->ops->dial(net, (struct wsc_listener){note_event, &event});
  while (event != WSC_STREAM_UP && event != WSC_STREAM_FAILED &&
         stream != NULL && net->ops->wait(net, WSC_FOREVER)) {
  }
  net->ops->release(stream);
  wsc_net_free(net);
  return event == WSC_STREAM_UP;
}

/* One look, of at most SLICE. */
static bool is_ready(struct wsc_arena *arena, struct wsc_launched *launched,
                     const char **why) {
  const char *pattern = launched->item->ready;
  char line[256];
  if (pattern == NULL) {
    if (accepts(launched->url)) {
      return true;
    }
    /* Nothing tells when it will: look again in a while. */
    wsc_process_wait_end(launched->process, SLICE);
    return false;
  }
  const char *at = strstr(pattern, mark);
  const char *prefix =
      at == NULL ? pattern
                 : wsc_arena_copy(arena, pattern, (size_t)(at - pattern));
  if (!wsc_process_wait_line(launched->process, prefix, SLICE, line,
                             sizeof line)) {
    return false;
  }
  if (at != NULL) {
    launched->port = port_of_line(arena, pattern, line);
    *why = launched->port == NULL ? "its line of readiness has no port" : NULL;
  }
  return true;
}

/* "TEXT; its output ends: ...", escaped. */
static const char *with_output(struct wsc_arena *arena, const char *text,
                               struct wsc_process *process) {
  char tail[TAIL_KEPT];
  struct wsc_strbuf escaped;
  size_t len = wsc_process_tail(process, tail, sizeof tail);
  while (len != 0 && tail[len - 1] == '\n') {
    len--;
  }
  if (len == 0) {
    return wsc_arena_printf(arena, "%s; it printed nothing", text);
  }
  wsc_strbuf_init(&escaped);
  wsc_strbuf_escape(&escaped, tail, len, WSC_ESCAPE_TEXT);
  const char *out =
      wsc_arena_printf(arena, "%s; its output ends: %s", text, escaped.data);
  wsc_strbuf_free(&escaped);
  return out;
}

static uint64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000;
}

static bool wait_ready(struct wsc_arena *arena, struct wsc_launched *launched,
                       const volatile bool *stop, const char **why) {
  uint64_t late = now() + launched->item->ready_within;
  *why = NULL;
  while (!is_ready(arena, launched, why)) {
    if (*stop) {
      *why = "interrupted";
    } else if (!wsc_process_alive(launched->process)) {
      *why = with_output(arena, wsc_process_status(launched->process),
                         launched->process);
    } else if (now() > late) {
      *why = with_output(arena, "it was not ready in time", launched->process);
    }
    if (*why != NULL) {
      return false;
    }
  }
  return *why == NULL;
}

/* -- life --------------------------------------------------------------- */

static bool start(struct wsc_arena *arena, struct wsc_launched *launched,
                  const char **why) {
  const struct wsc_implementation *item = launched->item;
  char *error = NULL;
  bool says_port = item->ready != NULL && strstr(item->ready, mark) != NULL;
  if (!says_port && launched->port == NULL) {
    launched->port = free_port(arena);
  }
  struct wsc_process_options options = {
      .argv = fill_list(arena, item->start, launched->port),
      .directory = launched->directory,
      .environment = fill_list(arena, item->environment, launched->port),
  };
  launched->url = fill(arena, item->url, launched->port);
  launched->process = wsc_process_start(&options, &error);
  if (launched->process == NULL) {
    *why = wsc_arena_printf(arena, "%s", error);
    free(error);
  }
  return launched->process != NULL;
}

static bool read_usage(void *user, uint64_t now, struct wsc_usage *usage,
                       const char **why) {
  const struct wsc_launched *launched = user;
  (void)now;
  *why = "the server does not run";
  return launched->process != NULL &&
         wsc_usage_of(wsc_process_pid(launched->process), usage, why);
}

struct wsc_launched *wsc_launch(struct wsc_arena *arena,
                                const struct wsc_implementation *item,
                                const char *directory,
                                const volatile bool *stop, const char **why) {
  struct wsc_launched *launched = wsc_malloc(sizeof *launched);
  *launched = (struct wsc_launched){.item = item,
                                    .directory = directory,
                                    .url = item->url,
                                    .meter = {read_usage, launched}};
  *why = NULL;
  if (item->start == NULL) {
    return launched;
  }
  if (!start(arena, launched, why) || !wait_ready(arena, launched, stop, why)) {
    wsc_launch_end(launched);
    return NULL;
  }
  launched->url = fill(arena, item->url, launched->port);
  return launched;
}

bool wsc_launch_again(struct wsc_arena *arena, struct wsc_launched *launched,
                      const volatile bool *stop, const char **why) {
  wsc_process_stop(launched->process, launched->item->stop_within);
  launched->process = NULL;
  return start(arena, launched, why) && wait_ready(arena, launched, stop, why);
}

bool wsc_launch_taken(const char *url) {
  return accepts(url);
}

const struct wsc_meter *wsc_launch_meter(const struct wsc_launched *launched) {
  return launched->process == NULL ? NULL : &launched->meter;
}

static volatile bool stopped;

static void on_signal(int signum) {
  (void)signum;
  stopped = true;
}

const volatile bool *wsc_launch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  return &stopped;
}

const char *wsc_launch_url(const struct wsc_launched *launched) {
  return launched->url;
}

const char *wsc_launch_ended(struct wsc_arena *arena,
                             struct wsc_launched *launched) {
  if (launched->process == NULL || wsc_process_alive(launched->process)) {
    return NULL;
  }
  return with_output(arena, wsc_process_status(launched->process),
                     launched->process);
}

void wsc_launch_end(struct wsc_launched *launched) {
  if (launched != NULL) {
    wsc_process_stop(launched->process, launched->item->stop_within);
    free(launched);
  }
}
