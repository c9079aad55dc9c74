/* poll-echo.c: an echo server on poll(2).
 *
 * What is below needs no event loop and no thread: the connections of ws/conn.h
 * do no I/O, so that any loop can drive them. Here it is an array for poll, a
 * client for each entry but the first. A piece of a message is sent back as
 * soon as it is there, as a fragment: no message is ever held as a whole.
 *
 * ppoll is poll with a set of signals that are let through while it waits. */
#define _GNU_SOURCE /* NOLINT(*-reserved-identifier,cert-dcl*) */

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "endpoint.h"
#include "ws/conn.h"

#define MAX_CLIENTS  1000  /* more wait in the kernel's queue */
#define OPENING_TIME 10000 /* ms for the opening handshake */
#define CLOSING_TIME 5000  /* ms for the closing handshake, TCP's too */
#define NEVER        INT64_MAX
#define BUFFER_LEN   ((size_t)65536)

struct client {
  struct ws_conn *conn;
  int64_t deadline; /* the owner of a connection keeps its timers */
  bool in_ended;    /* the client's FIN has come */
  bool out_ended;   /* ours has left */
  bool gone;
};

struct server {
  struct pollfd polls[1 + MAX_CLIENTS]; /* [0] listens; [i + 1]: clients[i] */
  struct client clients[MAX_CLIENTS];
  size_t num;
  bool stopping;
  uint8_t buffer[BUFFER_LEN];
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What a connection has to say, and what is done about it. None of the results
 * needs a look: a call that fails has either no effect on a connection that is
 * over, or breaks it, and END comes next. */
static void take_events(struct ws_conn *conn) {
  struct ws_event event;
  while (ws_conn_next(conn, &event)) {
    switch (event.type) {
    case WS_EVENT_REQUEST: /* event.request: its path, origin, fields */
      ws_conn_accept(conn, &(struct ws_accept_options){.protocol = NULL});
      break;
    case WS_EVENT_DATA:
      ws_conn_send_fragment(conn, event.opcode, event.payload.data,
                            event.payload.len, event.final);
      break;
    case WS_EVENT_FAULT: {
      const struct ws_fault_info *info = ws_fault_info(event.fault);
      fprintf(stderr, "a client: %s (%s)\n", info->text, info->clause);
      break;
    }
    default: /* pings and Close frames are answered already */
      break;
    }
  }
}

static void receive(struct server *server, struct client *client, int fd) {
  ssize_t n = recv(fd, server->buffer, BUFFER_LEN, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  client->gone = n < 0;
  client->in_ended = n <= 0;
  if (n > 0) {
    ws_conn_feed(client->conn, server->buffer, (size_t)n);
  } else {
    ws_conn_feed_eof(client->conn);
  }
  take_events(client->conn);
}

/* Sends what waits, as far as the kernel takes it, and ends what is over. */
static void send_output(struct client *client, int fd) {
  struct ws_slice out = ws_conn_output(client->conn);
  while (out.len != 0) {
    ssize_t n = send(fd, out.data, out.len, MSG_NOSIGNAL);
    if (n < 0) {
      client->gone |= errno != EAGAIN && errno != EINTR;
      return;
    }
    ws_conn_output_done(client->conn, (size_t)n);
    out = ws_conn_output(client->conn);
  }
  if (ws_conn_wants_close(client->conn) && !client->out_ended) {
    shutdown(fd, SHUT_WR);
    client->out_ended = true; /* then read on until the client's FIN: a close
                                 with unread bytes would be an RST, and destroy
                                 what is still on its way */
  }
  client->gone |= client->in_ended && client->out_ended;
}

/* After every step: the timers, and what poll is asked for. */
static void settle(struct client *client, struct pollfd *poll, int64_t now) {
  enum ws_conn_state state = ws_conn_state(client->conn);
  bool output = ws_conn_output(client->conn).len != 0;
  if (state == WS_CONN_OPEN) {
    client->deadline = NEVER;
  } else if (state != WS_CONN_CONNECTING &&
             client->deadline > now + CLOSING_TIME) {
    client->deadline = now + CLOSING_TIME;
  }
  /* Who does not read the echoes is not read: TCP holds it back. */
  poll->events = output ? POLLOUT : POLLIN;
}

static void drop(struct server *server, size_t i) {
  ws_conn_free(server->clients[i].conn);
  close(server->polls[i + 1].fd);
  server->num--;
  server->clients[i] = server->clients[server->num];
  server->polls[i + 1] = server->polls[server->num + 1];
}

static void take_client(struct server *server, int64_t now) {
  int fd = accept4(server->polls[0].fd, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) {
    return;
  }
  struct ws_conn_config config = {.role = WS_SERVER,
                                  .crypto = ws_crypto_openssl()};
  struct ws_conn *conn = ws_conn_new(&config);
  if (conn == NULL) {
    ws_conn_free(conn);
    close(fd);
    return;
  }
  server->clients[server->num] =
      (struct client){.conn = conn, .deadline = now + OPENING_TIME};
  server->polls[server->num + 1] = (struct pollfd){.fd = fd, .events = POLLIN};
  server->num++;
}

/* 7.4.1: 1001 "indicates that an endpoint is 'going away', such as a server
 * going down". A second signal waits for nobody. */
static void stop(struct server *server, int64_t now) {
  for (size_t i = server->num; i-- > 0;) {
    struct client *client = &server->clients[i];
    if (server->stopping || ws_conn_state(client->conn) == WS_CONN_CONNECTING) {
      drop(server, i);
      continue;
    }
    ws_conn_close(client->conn, 1001, ws_slice_of("the server stops"));
    send_output(client, server->polls[i + 1].fd);
    settle(client, &server->polls[i + 1], now);
  }
  if (!server->stopping) {
    close(server->polls[0].fd);
    server->polls[0].fd = -1; /* poll ignores it */
  }
  server->stopping = true;
}

/* Waits for something to happen, or for the next deadline. False: a signal. */
static bool wait(struct server *server, const sigset_t *signals, int64_t now) {
  int64_t until = NEVER;
  for (size_t i = 0; i < server->num; i++) {
    int64_t deadline = server->clients[i].deadline;
    until = deadline < until ? deadline : until;
  }
  int64_t ms = until > now ? until - now : 0;
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  server->polls[0].events = server->num < MAX_CLIENTS ? POLLIN : 0;
  return ppoll(server->polls, 1 + server->num, until == NEVER ? NULL : &time,
               signals) >= 0 ||
         errno != EINTR;
}

static void serve(struct server *server, const sigset_t *signals) {
  while (!server->stopping || server->num != 0) {
    bool signalled = !wait(server, signals, now_ms());
    int64_t now = now_ms();
    if (signalled) {
      stop(server, now);
      continue;
    }
    bool new_client = server->polls[0].revents != 0;
    for (size_t i = server->num; i-- > 0;) { /* drop moves the last one */
      struct client *client = &server->clients[i];
      struct pollfd *poll = &server->polls[i + 1];
      if ((poll->revents & ~POLLOUT) != 0) {
        receive(server, client, poll->fd);
      }
      if (poll->revents != 0) {
        send_output(client, poll->fd);
        settle(client, poll, now);
      }
      if (client->gone || client->deadline <= now) {
        drop(server, i);
      }
    }
    if (new_client) {
      take_client(server, now);
    }
  }
}

static void on_signal(int signum) {
  (void)signum; /* it has interrupted ppoll: that is all */
}

int main(int argc, char **argv) {
  static const struct option names[] = {
      {"help", no_argument, NULL, 'h'},
      {"listen", required_argument, NULL, 'l'},
      {0}};
  const char *listen_text = "127.0.0.1:9001";
  int letter;
  while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
    if (letter != 'l') {
      fprintf(letter == 'h' ? stdout : stderr,
              "usage: poll-echo [--listen HOST:PORT]\n");
      return letter == 'h' ? 0 : 2;
    }
    listen_text = optarg;
  }
  struct endpoint endpoint;
  if (optind != argc || !endpoint_parse(&endpoint, listen_text)) {
    return 2;
  }
  /* Signals come during ppoll, and at no other time. */
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t ours;
  sigset_t before;
  sigemptyset(&ours);
  sigaddset(&ours, SIGINT);
  sigaddset(&ours, SIGTERM);
  sigprocmask(SIG_BLOCK, &ours, &before);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  struct server *server = calloc(1, sizeof *server);
  int fd = server != NULL ? endpoint_listen(&endpoint) : -1;
  if (fd >= 0) {
    endpoint_announce(&endpoint, "ws");
    server->polls[0].fd = fd;
    serve(server, &before);
  }
  free(server);
  return fd >= 0 ? 0 : 1;
}
