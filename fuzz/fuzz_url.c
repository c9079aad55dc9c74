/* URLs. Input: the text of one. What is refused changes nothing; what is parsed
 * has its parts in their form, is written as something that parses to the same,
 * and can be asked for by a request. */
#include "fuzz.h"
#include "ws/handshake.h"
#include "ws/url.h"

#include <stdlib.h>
#include <string.h>

static const char key[WS_KEY_LEN + 1] = "AQIDBAUGBwgJCgsMDQ4PEA==";

static bool all_of(const char *text, bool (*class)(uint8_t)) {
  for (; *text != '\0'; text++) {
    if (!class((uint8_t)*text)) {
      return false;
    }
  }
  return true;
}

static bool in_target(uint8_t c) {
  return c > ' ' && c < 0x7F && c != '#';
}

static bool in_host(uint8_t c) {
  return c > ' ' && c < 0x7F && !(c >= 'A' && c <= 'Z') &&
         strchr("/?#@[]\\", c) == NULL;
}

static void check_parts(const struct ws_url *url) {
  FUZZ_CHECK(memchr(url->host, '\0', sizeof(url->host)) != NULL);
  FUZZ_CHECK(memchr(url->authority, '\0', sizeof(url->authority)) != NULL);
  FUZZ_CHECK(memchr(url->target, '\0', sizeof(url->target)) != NULL);
  FUZZ_CHECK(url->host[0] != '\0' && all_of(url->host, in_host));
  FUZZ_CHECK(url->target[0] == '/' && all_of(url->target, in_target));
  FUZZ_CHECK(url->port != 0);
  FUZZ_CHECK(strstr(url->authority, url->host) != NULL);
  /* An empty query shows nowhere but in what ws_url_write writes. */
  FUZZ_CHECK(!url->empty_query || strchr(url->target, '?') == NULL);
}

static void check_equal(const struct ws_url *a, const struct ws_url *b) {
  FUZZ_CHECK(a->secure == b->secure && a->port == b->port);
  FUZZ_CHECK(strcmp(a->host, b->host) == 0);
  FUZZ_CHECK(strcmp(a->authority, b->authority) == 0);
  FUZZ_CHECK(strcmp(a->target, b->target) == 0);
  FUZZ_CHECK(a->empty_query == b->empty_query);
}

typedef size_t writer(char *out, size_t cap, const struct ws_url *url);

/* With room for all of it, and for less. Owned by the caller. */
static char *write_url(writer *write, const struct ws_url *url) {
  size_t len = write(NULL, 0, url);
  char *text = (char *)fuzz_room(len + 1);
  FUZZ_CHECK(write(text, len + 1, url) == len);
  FUZZ_CHECK(strlen(text) == len);
  char *less = (char *)fuzz_room(len);
  FUZZ_CHECK(write(less, len, url) == len);
  free(less);
  return text;
}

static void check_written(const struct ws_url *url) {
  char *text = write_url(ws_url_write, url);
  char *origin = write_url(ws_url_write_origin, url);
  struct ws_url again;
  FUZZ_CHECK(ws_url_parse(&again, text, strlen(text)) == WS_URL_OK);
  check_equal(url, &again);
  char *second = write_url(ws_url_write, &again);
  FUZZ_CHECK(strcmp(text, second) == 0);
  FUZZ_CHECK(strncmp(text, origin, strlen(origin)) == 0);
  FUZZ_CHECK(ws_url_parse(&again, origin, strlen(origin)) == WS_URL_OK);
  FUZZ_CHECK(strcmp(again.authority, url->authority) == 0);
  free(second);
  free(origin);
  free(text);
}

static void check_asked_for(const struct ws_url *url) {
  const struct ws_request_options options = {.target = url->target,
                                             .host = url->authority};
  size_t len;
  FUZZ_CHECK(ws_request_write(NULL, 0, &len, &options, key) == WS_ERR_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct ws_url before;
  struct ws_url url;
  memset(&before, 0x5A, sizeof(before));
  memcpy(&url, &before, sizeof(url));
  enum ws_url_error error = ws_url_parse(&url, (const char *)data, len);
  FUZZ_CHECK(ws_url_error_text(error) != NULL);
  if (error != WS_URL_OK) {
    FUZZ_CHECK(fuzz_same(&url, sizeof(url), &before, sizeof(before)));
    return 0;
  }
  check_parts(&url);
  check_written(&url);
  check_asked_for(&url);
  return 0;
}
