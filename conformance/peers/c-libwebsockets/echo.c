/* c-libwebsockets [PORT [CERT KEY]]: an echo server on libwebsockets.
 *
 * A message is gathered until it is whole, queued, and written when the socket
 * is writable.
 *
 * Without permessage-deflate: the library's extension ends the process, in an
 * assertion, when an empty message is to be sent behind another one. */
#include <libwebsockets.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_MAX    65536
#define MESSAGE_MAX ((size_t)16 << 20)
#define QUEUE_MAX   ((size_t)1 << 20) /* bytes; then reading stops */

struct message {
  struct message *next;
  size_t len, size;
  enum lws_write_protocol kind;
  unsigned char data[]; /* LWS_PRE octets of room, then `len` of `size` */
};

struct session {
  struct message *coming; /* not whole yet */
  struct message *first, *last;
  size_t queued;
  bool stopped;
};

static volatile sig_atomic_t interrupted;

static struct message *enlarge(struct message *message, size_t size) {
  struct message *larger = realloc(message, sizeof *message + LWS_PRE + size);
  if (larger != NULL) {
    larger->size = size;
  }
  return larger;
}

/* Makes room for `len` more octets of the message that is coming. */
static bool make_room(struct session *session, struct lws *wsi, size_t len) {
  struct message *message = session->coming;
  if (message == NULL) {
    message = enlarge(NULL, len);
    if (message == NULL) {
      return false;
    }
    message->next = NULL;
    message->len = 0;
    message->kind =
        lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
  } else if (message->size - message->len < len) {
    message = enlarge(message, 2 * message->size + len);
    if (message == NULL) {
      return false;
    }
  }
  session->coming = message;
  return true;
}

static void enqueue(struct session *session, struct lws *wsi) {
  struct message *message = session->coming;
  session->coming = NULL;
  if (session->first == NULL) {
    session->first = message;
  } else {
    session->last->next = message;
  }
  session->last = message;
  session->queued += message->len;
  if (session->queued > QUEUE_MAX && !session->stopped) {
    session->stopped = true;
    lws_rx_flow_control(wsi, 0);
  }
  lws_callback_on_writable(wsi);
}

static int receive(struct session *session, struct lws *wsi, const void *in,
                   size_t len) {
  size_t had = session->coming != NULL ? session->coming->len : 0;
  if (len > MESSAGE_MAX - had) {
    lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
    return -1;
  }
  if (!make_room(session, wsi, len)) {
    return -1;
  }
  if (len > 0) {
    memcpy(session->coming->data + LWS_PRE + had, in, len);
  }
  session->coming->len += len;
  if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
    enqueue(session, wsi);
  }
  return 0;
}

static int write_one(struct session *session, struct lws *wsi) {
  struct message *message = session->first;
  if (message == NULL) {
    return 0;
  }
  session->first = message->next;
  session->queued -= message->len;
  int written =
      lws_write(wsi, message->data + LWS_PRE, message->len, message->kind);
  free(message);
  if (written < 0) {
    return -1;
  }
  if (session->first != NULL) {
    lws_callback_on_writable(wsi);
  }
  if (session->stopped && session->queued <= QUEUE_MAX / 2) {
    session->stopped = false;
    lws_rx_flow_control(wsi, 1);
  }
  return 0;
}

static void drop(struct session *session) {
  while (session->first != NULL) {
    struct message *next = session->first->next;
    free(session->first);
    session->first = next;
  }
  free(session->coming);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t len) {
  struct session *session = user;
  switch (reason) {
  case LWS_CALLBACK_ESTABLISHED:
    memset(session, 0, sizeof *session);
    return 0;
  case LWS_CALLBACK_RECEIVE:
    return receive(session, wsi, in, len);
  case LWS_CALLBACK_SERVER_WRITEABLE:
    return write_one(session, wsi);
  case LWS_CALLBACK_CLOSED:
    drop(session);
    return 0;
  default:
    return 0;
  }
}

static void on_signal(int signum) {
  (void)signum;
  interrupted = 1;
}

int main(int argc, char **argv) {
  const struct lws_protocols protocols[] = {
      {.name = "echo",
       .callback = on_event,
       .per_session_data_size = sizeof(struct session),
       .rx_buffer_size = READ_MAX},
      {.name = NULL}};
  struct lws_context_creation_info info = {
      .port = argc > 1 ? atoi(argv[1]) : 0,
      .iface = "127.0.0.1",
      .protocols = protocols,
      .options =
          LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8,
      .pt_serv_buf_size = READ_MAX,
      .gid = -1,
      .uid = -1,
  };
  if (argc > 3) {
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = argv[2];
    info.ssl_private_key_filepath = argv[3];
  }
  lws_set_log_level(LLL_ERR, NULL);
  signal(SIGTERM, on_signal);
  struct lws_context *context = lws_create_context(&info);
  struct lws_vhost *vhost =
      context != NULL ? lws_create_vhost(context, &info) : NULL;
  if (vhost == NULL) {
    fprintf(stderr, "c-libwebsockets: cannot listen\n");
    return EXIT_FAILURE;
  }
  printf("ready %d\n", lws_get_vhost_listen_port(vhost));
  fflush(stdout);
  while (!interrupted && lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
  return EXIT_SUCCESS;
}
