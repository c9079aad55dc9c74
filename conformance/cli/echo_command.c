/* echo_command.c: `wsspec echo`, the reference echo server. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "faulty.h"
#include "libws_peer.h"
#include "serve.h"
#include "ws/tls.h"

/* "HOST:PORT", "[V6]:PORT". */
static bool split(const char *text, char *host, size_t host_len,
                  uint16_t *port) {
  const char *colon = strrchr(text, ':');
  if (colon == NULL || colon == text) {
    return false;
  }
  bool literal = text[0] == '[' && colon[-1] == ']';
  const char *begin = literal ? text + 1 : text;
  const char *end = literal ? colon - 1 : colon;
  size_t len = (size_t)(end - begin);
  char *stop;
  long number = strtol(colon + 1, &stop, 10);
  if (len >= host_len || colon[1] == '\0' || *stop != '\0' || number < 0 ||
      number > 65535) {
    return false;
  }
  memcpy(host, begin, len);
  host[len] = '\0';
  *port = (uint16_t)number;
  return true;
}

static void ready(void *user, const char *host, uint16_t port) {
  const struct wsc_serve_options *serve = user;
  bool literal = strchr(host, ':') != NULL;
  printf("listening on %s://%s%s%s:%u/\n", serve->tls == NULL ? "ws" : "wss",
         literal ? "[" : "", host, literal ? "]" : "", port);
  fflush(stdout);
}

/* -1, or the exit code of an error that was printed. */
static int load_tls(struct wsc_serve_options *serve,
                    const struct wsc_options *options) {
  const struct ws_tls_options files = {.cert_file = options->tls_cert,
                                       .key_file = options->tls_key};
  char text[WS_TLS_TEXT_MAX];
  if (options->tls_cert == NULL) {
    return options->tls_key == NULL
               ? -1
               : wsc_usage("--tls-key needs --tls-cert beside it");
  }
  serve->tls = ws_tls_server_new(&files, text);
  return serve->tls == NULL ? wsc_usage("%s", text) : -1;
}

static int serve_until_signal(const struct wsc_serve_options *serve) {
  char *error = NULL;
  if (wsc_serve(serve, &error) != 0) {
    fprintf(stderr, "wsspec: %s\n", error);
    free(error);
    return WSC_EXIT_USAGE;
  }
  return WSC_EXIT_OK;
}

int wsc_command_echo(const struct wsc_options *options) {
  char host[256];
  struct wsc_serve_options serve = {
      .host = host, .ready = ready, .user = &serve};
  if (options->arguments.num != 0) {
    return wsc_usage("echo takes no argument '%s'",
                     options->arguments.items[0]);
  }
  if (!split(options->listen, host, sizeof host, &serve.port)) {
    return wsc_usage("--listen: '%s' is not of the form HOST:PORT",
                     options->listen);
  }
  const char *const protocols[] = {options->subprotocol, NULL};
  struct wsc_libws_config libws = {.crypto = ws_crypto_openssl(),
                                   .protocols = protocols,
                                   .commands = options->commands};
  struct wsc_faulty_process process = {0};
  struct wsc_faulty_config faulty = {.fault = WSC_NO_FAULT,
                                     .commands = options->commands,
                                     .process = &process};
  serve.factory = (struct wsc_peer_factory){&wsc_libws_peer, &libws};
  if (options->fault != NULL) {
    faulty.fault = wsc_fault_by_slug(options->fault);
    if (faulty.fault == WSC_NO_FAULT && strcmp(options->fault, "none") != 0) {
      return wsc_usage("--fault: there is no '%s'; 'wsspec list faults' shows "
                       "them",
                       options->fault);
    }
    serve.factory = (struct wsc_peer_factory){&wsc_faulty_peer, &faulty};
  }
  int code = load_tls(&serve, options);
  if (code < 0) {
    code = serve_until_signal(&serve);
  }
  ws_tls_free(serve.tls);
  return code;
}
