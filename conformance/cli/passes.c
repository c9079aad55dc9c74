#include "passes.h"

#include <stdlib.h>
#include <string.h>

#define PORT_WS  80
#define PORT_WSS 443

/* Gives each word of "a,b" to `take`. False: an error was printed. */
static bool each_word(const char *option, const char *text,
                      struct wsc_passes *passes,
                      bool (*take)(struct wsc_passes *passes, const char *word,
                                   size_t len)) {
  const char *word = text;
  for (;;) {
    size_t len = strcspn(word, ",");
    if (!take(passes, word, len)) {
      wsc_usage("--%s: '%.*s' is not one of its values, see --help", option,
                (int)len, word);
      return false;
    }
    if (word[len] == '\0') {
      return true;
    }
    word += len + 1;
  }
}

static bool take_variant(struct wsc_passes *passes, const char *word,
                         size_t len) {
  bool tcp = len == 3 && memcmp(word, "tcp", len) == 0;
  bool tls = len == 3 && memcmp(word, "tls", len) == 0;
  passes->plain = passes->plain || tcp;
  passes->secure = passes->secure || tls;
  return tcp || tls;
}

static bool take_chop(struct wsc_passes *passes, const char *word, size_t len) {
  enum wsc_chop chop = wsc_chop_by_name(word, len);
  if (chop == WSC_NUM_CHOPS) {
    return false;
  }
  passes->chops[chop] = true;
  return true;
}

int wsc_passes_of(struct wsc_passes *passes, const struct wsc_options *options,
                  const struct ws_url *url) {
  *passes = (struct wsc_passes){.plain = false};
  if (options->chop == NULL) {
    passes->chops[WSC_CHOP_WHOLE] = true;
  } else if (!each_word("chop", options->chop, passes, take_chop)) {
    return WSC_EXIT_USAGE;
  }
  if (options->variant == NULL && url != NULL) {
    passes->plain = !url->secure;
    passes->secure = url->secure;
  } else if (options->variant != NULL &&
             !each_word("variant", options->variant, passes, take_variant)) {
    return WSC_EXIT_USAGE;
  }
  if (url == NULL) {
    return -1;
  }
  if (passes->plain && url->secure) {
    return wsc_usage("--variant tcp needs the server's ws:// URL, with "
                     "--tls-port for its wss:// beside it");
  }
  if (passes->secure && !url->secure && options->tls_port == 0 &&
      url->port != PORT_WS) {
    return wsc_usage("--variant tls needs --tls-port, the port where the "
                     "server speaks wss://");
  }
  return -1;
}

void wsc_passes_secure(struct ws_url *secure, const struct ws_url *url,
                       const struct wsc_options *options) {
  char text[WS_URL_MAX];
  const char *host = url->authority;
  size_t host_len =
      host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
  unsigned port = options->tls_port != 0 ? options->tls_port : PORT_WSS;
  *secure = *url;
  if (url->secure) {
    return;
  }
  int len = snprintf(text, sizeof text, "wss://%.*s:%u%s%s", (int)host_len,
                     host, port, url->target, url->empty_query ? "?" : "");
  if (len > 0 && (size_t)len < sizeof text) {
    ws_url_parse(secure, text, (size_t)len);
  }
}
