/* echo-lws [CERT KEY]: an echo server on libwebsockets, to be measured beside
 * ours. Prints "ready PORT".
 *
 * What arrives is queued, as a fragment of the message that it is a part of,
 * and leaves when the socket is writable: as many as it takes, where the
 * library's examples write one a callback. A client that does not read is not
 * read. */
#include <libwebsockets.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_MAX  65536
#define QUEUE_MAX ((size_t)1 << 20) /* bytes; then reading stops */

/* A ring of pieces: their bytes lie in `data`, one behind the other, each with
 * the room in front of it that lws_write asks for. */
struct piece {
  size_t at, len;
  int flags;
};

struct session {
  uint8_t *data;
  size_t data_len, data_cap;
  struct piece *pieces;
  size_t first, num, cap;
  bool stopped;
};

static volatile sig_atomic_t interrupted;

static void *enlarge(void *memory, size_t *cap, size_t needed, size_t size) {
  if (needed <= *cap) {
    return memory;
  }
  while (*cap < needed) {
    *cap = *cap == 0 ? 64 : *cap * 2;
  }
  memory = realloc(memory, *cap * size);
  if (memory == NULL) {
    abort();
  }
  return memory;
}

static void enqueue(struct session *session, struct lws *wsi, const void *in,
                    size_t len) {
  int opcode = lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
  int flags = lws_write_ws_flags(opcode, lws_is_first_fragment(wsi),
                                 lws_is_final_fragment(wsi));
  session->data =
      enlarge(session->data, &session->data_cap,
              session->data_len + LWS_PRE + len, sizeof *session->data);
  session->pieces = enlarge(session->pieces, &session->cap, session->num + 1,
                            sizeof *session->pieces);
  session->pieces[session->num++] =
      (struct piece){session->data_len + LWS_PRE, len, flags};
  memcpy(session->data + session->data_len + LWS_PRE, in, len);
  session->data_len += LWS_PRE + len;
  if (session->data_len > QUEUE_MAX && !session->stopped) {
    session->stopped = true;
    lws_rx_flow_control(wsi, 0);
  }
  lws_callback_on_writable(wsi);
}

static int flush(struct session *session, struct lws *wsi) {
  while (session->first < session->num) {
    const struct piece *piece = &session->pieces[session->first++];
    if (lws_write(wsi, session->data + piece->at, piece->len,
                  (enum lws_write_protocol)piece->flags) < 0) {
      return -1;
    }
    if (session->first < session->num && lws_send_pipe_choked(wsi)) {
      lws_callback_on_writable(wsi);
      return 0;
    }
  }
  session->first = session->num = session->data_len = 0;
  if (session->stopped) {
    session->stopped = false;
    lws_rx_flow_control(wsi, 1);
  }
  return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t len) {
  struct session *session = user;
  switch (reason) {
  case LWS_CALLBACK_ESTABLISHED:
    memset(session, 0, sizeof *session);
    return 0;
  case LWS_CALLBACK_RECEIVE:
    enqueue(session, wsi, in, len);
    return 0;
  case LWS_CALLBACK_SERVER_WRITEABLE:
    return flush(session, wsi);
  case LWS_CALLBACK_CLOSED:
    free(session->data);
    free(session->pieces);
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
      .port = 0,
      .iface = "127.0.0.1",
      .protocols = protocols,
      .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                 LWS_SERVER_OPTION_VALIDATE_UTF8 |
                 LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
      .pt_serv_buf_size = READ_MAX,
      .gid = -1,
      .uid = -1,
  };
  if (argc == 3) {
    info.ssl_cert_filepath = argv[1];
    info.ssl_private_key_filepath = argv[2];
  }
  lws_set_log_level(LLL_ERR, NULL);
  signal(SIGTERM, on_signal);
  struct lws_context *context = lws_create_context(&info);
  struct lws_vhost *vhost =
      context != NULL ? lws_create_vhost(context, &info) : NULL;
  if (vhost == NULL) {
    fprintf(stderr, "echo-lws: cannot start\n");
    return EXIT_FAILURE;
  }
  printf("ready %d\n", lws_get_vhost_listen_port(vhost));
  fflush(stdout);
  while (!interrupted && lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
  return EXIT_SUCCESS;
}
