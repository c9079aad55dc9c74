/* c-wslay [PORT [CERT KEY]]: an echo server on wslay.
 *
 * wslay speaks frames. Sockets and the opening handshake are this program's, a
 * thread and a loop of poll() to a connection as in the library's own
 * example. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#define HEAD_MAX    16384
#define MESSAGE_MAX ((uint64_t)16 << 20)
#define LINGER_MS   2000
#define HEAD_MS     10000
#define STOPPED     (-1)
#define BLOCKED     (-2)

struct session {
  int fd;
  SSL *ssl; /* NULL: plain TCP */
  char head[HEAD_MAX + 1];
  size_t head_len; /* of which `head_used` are read */
  size_t head_used;
};

static SSL_CTX *tls;

/* -- octets ---------------------------------------------------------------- */

static ssize_t result_of(const struct session *session, int num) {
  int error = SSL_get_error(session->ssl, num);
  if (num > 0) {
    return num;
  }
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
             ? BLOCKED
             : STOPPED;
}

static ssize_t receive(struct session *session, void *data, size_t len) {
  if (session->ssl != NULL) {
    ERR_clear_error();
    return result_of(session, SSL_read(session->ssl, data, (int)len));
  }
  ssize_t num = recv(session->fd, data, len, 0);
  if (num > 0) {
    return num;
  }
  return num < 0 && errno == EAGAIN ? BLOCKED : STOPPED;
}

static ssize_t transmit(struct session *session, const void *data, size_t len) {
  if (session->ssl != NULL) {
    ERR_clear_error();
    return result_of(session, SSL_write(session->ssl, data, (int)len));
  }
  ssize_t num = send(session->fd, data, len, MSG_NOSIGNAL);
  if (num >= 0) {
    return num;
  }
  return errno == EAGAIN ? BLOCKED : STOPPED;
}

static bool wait_for(const struct session *session, short events, int ms) {
  struct pollfd pollfd = {session->fd, events, 0};
  if (session->ssl != NULL && SSL_pending(session->ssl) > 0) {
    return true;
  }
  return poll(&pollfd, 1, ms) > 0;
}

/* -- the opening handshake -------------------------------------------------- */

/* The value of a field that occurs once; NULL when it does not. */
static const char *field(char **lines, const char *name) {
  const char *found = NULL;
  size_t len = strlen(name);
  for (; *lines != NULL; lines++) {
    if (strncasecmp(*lines, name, len) == 0 && (*lines)[len] == ':') {
      if (found != NULL) {
        return NULL;
      }
      found = *lines + len + 1;
      found += strspn(found, " \t");
    }
  }
  return found;
}

/* RFC 6455 4.2.1: tokens are compared as an ASCII case-insensitive match, and
 * lists may be spread over several fields. */
static bool has_token(char **lines, const char *name, const char *token) {
  size_t name_len = strlen(name);
  size_t token_len = strlen(token);
  for (; *lines != NULL; lines++) {
    if (strncasecmp(*lines, name, name_len) != 0 || (*lines)[name_len] != ':') {
      continue;
    }
    const char *at = *lines + name_len + 1;
    while (*at != '\0') {
      at += strspn(at, " \t,");
      size_t len = strcspn(at, " \t,");
      if (len == token_len && strncasecmp(at, token, len) == 0) {
        return true;
      }
      at += len;
    }
  }
  return false;
}

static void accept_value(const char *key, char out[EVP_MAX_MD_SIZE]) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len;
  char joined[HEAD_MAX + 64];
  int joined_len = snprintf(joined, sizeof joined, "%s%s", key,
                            "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  EVP_Digest(joined, (size_t)joined_len, digest, &len, EVP_sha1(), NULL);
  EVP_EncodeBlock((unsigned char *)out, digest, (int)len);
}

/* A key is 16 octets in base64: 22 characters and "==". */
static bool is_key(const char *key) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
  return key != NULL && strlen(key) == 24 && strspn(key, alphabet) == 22 &&
         strcmp(key + 22, "==") == 0;
}

/* The response to the request in `lines`. */
static bool respond(char **lines, char *out, size_t size) {
  const char *version = field(lines + 1, "Sec-WebSocket-Version");
  const char *key = field(lines + 1, "Sec-WebSocket-Key");
  size_t line_len = strlen(lines[0]);
  bool get = strncmp(lines[0], "GET ", 4) == 0 && line_len > 13 &&
             strcmp(lines[0] + line_len - 9, " HTTP/1.1") == 0;
  char accept[EVP_MAX_MD_SIZE];
  if (!get || field(lines + 1, "Host") == NULL || !is_key(key) ||
      !has_token(lines + 1, "Upgrade", "websocket") ||
      !has_token(lines + 1, "Connection", "upgrade")) {
    snprintf(out, size,
             "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
             "Content-Length: 0\r\n\r\n");
    return false;
  }
  if (version == NULL || strcmp(version, "13") != 0) {
    snprintf(out, size,
             "HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n"
             "Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n");
    return false;
  }
  accept_value(key, accept);
  snprintf(out, size,
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
           accept);
  return true;
}

/* The lines of the head, without the white space at their ends. */
static void split(char *head, char **lines, size_t max) {
  size_t num = 0;
  for (char *at = head; num + 1 < max && *at != '\0';) {
    char *end = strstr(at, "\r\n");
    char *next = end + 2;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t')) {
      end--;
    }
    *end = '\0';
    lines[num++] = at;
    at = next;
  }
  lines[num] = NULL;
}

static bool read_head(struct session *session) {
  for (;;) {
    char *end = strstr(session->head, "\r\n\r\n");
    if (end != NULL) {
      session->head_used = (size_t)(end - session->head) + 4;
      return memchr(session->head, '\0', session->head_used) == NULL;
    }
    if (session->head_len == HEAD_MAX || !wait_for(session, POLLIN, HEAD_MS)) {
      return false;
    }
    ssize_t num = receive(session, session->head + session->head_len,
                          HEAD_MAX - session->head_len);
    if (num == STOPPED) {
      return false;
    }
    session->head_len += num > 0 ? (size_t)num : 0;
    session->head[session->head_len] = '\0';
  }
}

static bool shake_hands(struct session *session) {
  char head[HEAD_MAX];
  char *lines[HEAD_MAX / 2];
  char out[512];
  if (!read_head(session)) {
    return false;
  }
  memcpy(head, session->head, session->head_used - 2);
  head[session->head_used - 2] = '\0';
  split(head, lines, sizeof lines / sizeof *lines);
  bool accepted = respond(lines, out, sizeof out);
  size_t len = strlen(out);
  for (size_t sent = 0; sent < len;) {
    ssize_t num = transmit(session, out + sent, len - sent);
    if (num == STOPPED || (num == BLOCKED && !wait_for(session, POLLOUT, -1))) {
      return false;
    }
    sent += num > 0 ? (size_t)num : 0;
  }
  return accepted;
}

/* -- wslay's callbacks ------------------------------------------------------ */

static ssize_t on_recv(wslay_event_context_ptr wslay, uint8_t *data, size_t len,
                       int flags, void *user) {
  struct session *session = user;
  size_t left = session->head_len - session->head_used;
  (void)flags;
  /* What came in one segment with the opening request. */
  if (left > 0) {
    left = left < len ? left : len;
    memcpy(data, session->head + session->head_used, left);
    session->head_used += left;
    return (ssize_t)left;
  }
  ssize_t num = receive(session, data, len);
  if (num < 0) {
    wslay_event_set_error(wslay, num == BLOCKED ? WSLAY_ERR_WOULDBLOCK
                                                : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
  }
  return num;
}

static ssize_t on_send(wslay_event_context_ptr wslay, const uint8_t *data,
                       size_t len, int flags, void *user) {
  ssize_t num = transmit(user, data, len);
  (void)flags;
  if (num < 0) {
    wslay_event_set_error(wslay, num == BLOCKED ? WSLAY_ERR_WOULDBLOCK
                                                : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
  }
  return num;
}

static void on_message(wslay_event_context_ptr wslay,
                       const struct wslay_event_on_msg_recv_arg *message,
                       void *user) {
  struct wslay_event_msg echo = {message->opcode, message->msg,
                                 message->msg_length};
  (void)user;
  if (!wslay_is_ctrl_frame(message->opcode)) {
    wslay_event_queue_msg(wslay, &echo);
  }
}

static void exchange(struct session *session) {
  const struct wslay_event_callbacks callbacks = {
      .recv_callback = on_recv,
      .send_callback = on_send,
      .on_msg_recv_callback = on_message,
  };
  wslay_event_context_ptr wslay;
  bool pending = true;
  if (wslay_event_context_server_init(&wslay, &callbacks, session) != 0) {
    return;
  }
  wslay_event_config_set_max_recv_msg_length(wslay, MESSAGE_MAX);
  for (;;) {
    bool reads = wslay_event_want_read(wslay) != 0;
    bool writes = wslay_event_want_write(wslay) != 0;
    short events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
    if (events == 0 || (!pending && !wait_for(session, events, -1)) ||
        (reads && wslay_event_recv(wslay) != 0) ||
        (writes && wslay_event_send(wslay) != 0)) {
      break;
    }
    pending = false;
  }
  wslay_event_context_free(wslay);
}

/* -- connections ------------------------------------------------------------ */

/* Reads to the end for a while: with unread octets the kernel would send an
 * RST, which may take away what was sent last. */
static void end(struct session *session) {
  char rest[4096];
  if (session->ssl != NULL) {
    SSL_shutdown(session->ssl);
    SSL_free(session->ssl);
    session->ssl = NULL;
  }
  shutdown(session->fd, SHUT_WR);
  while (wait_for(session, POLLIN, LINGER_MS) &&
         receive(session, rest, sizeof rest) > 0) {
  }
  close(session->fd);
}

static bool start_tls(struct session *session) {
  session->ssl = SSL_new(tls);
  if (session->ssl == NULL || SSL_set_fd(session->ssl, session->fd) != 1) {
    return false;
  }
  for (;;) {
    ERR_clear_error();
    int num = SSL_accept(session->ssl);
    if (num == 1) {
      return true;
    }
    bool reads = SSL_get_error(session->ssl, num) == SSL_ERROR_WANT_READ;
    if (result_of(session, num) != BLOCKED ||
        !wait_for(session, reads ? POLLIN : POLLOUT, HEAD_MS)) {
      return false;
    }
  }
}

static void *serve(void *arg) {
  struct session *session = arg;
  if ((tls == NULL || start_tls(session)) && shake_hands(session)) {
    exchange(session);
  }
  end(session);
  free(session);
  return NULL;
}

static void on_connection(int fd) {
  struct session *session = calloc(1, sizeof *session);
  int on = 1;
  pthread_t thread;
  if (session == NULL) {
    close(fd);
    return;
  }
  session->fd = fd;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (pthread_create(&thread, NULL, serve, session) != 0) {
    close(fd);
    free(session);
    return;
  }
  pthread_detach(thread);
}

static int listen_at(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof address;
  int on = 1;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
      listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
    perror("c-wslay");
    exit(EXIT_FAILURE);
  }
  printf("ready %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  if (argc > 3) {
    tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file(tls, argv[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, argv[3], SSL_FILETYPE_PEM) != 1) {
      ERR_print_errors_fp(stderr);
      return EXIT_FAILURE;
    }
  }
  /* OpenSSL writes with write(). SIGTERM ends the process, as it does. */
  signal(SIGPIPE, SIG_IGN);
  int listening = listen_at(argc > 1 ? argv[1] : "0");
  for (;;) {
    int fd = accept(listening, NULL, NULL);
    if (fd >= 0) {
      on_connection(fd);
    }
  }
}
