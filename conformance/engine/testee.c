#include "testee.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"close",     "ping", "send",
                                    "fragments", "drop", "list"};

#define NUM_NAMES (sizeof names / sizeof *names)

const char *wsc_do_name(enum wsc_do_kind kind) {
  return (size_t)kind < NUM_NAMES ? names[kind] : "none";
}

static enum wsc_do_kind kind_of(const char *name, size_t len) {
  unsigned kind = 0;
  while (kind < NUM_NAMES &&
         (strlen(names[kind]) != len || memcmp(names[kind], name, len) != 0)) {
    kind++;
  }
  return kind < NUM_NAMES ? (enum wsc_do_kind)kind : WSC_DO_NONE;
}

unsigned wsc_do_set(const char *text) {
  unsigned set = 0;
  while (*text != '\0') {
    size_t len = strcspn(text, " ");
    enum wsc_do_kind kind = kind_of(text, len);
    set |= kind < WSC_NUM_DO ? 1u << kind : 0;
    text += len + strspn(text + len, " ");
  }
  return set;
}

void wsc_do_write(char *out, size_t cap, unsigned set) {
  size_t used = 0;
  out[0] = '\0';
  for (unsigned kind = 0; kind < WSC_NUM_DO && used < cap; kind++) {
    if ((set >> kind & 1u) != 0) {
      used += (size_t)snprintf(out + used, cap - used, "%s%s",
                               used == 0 ? "" : " ", names[kind]);
    }
  }
}

bool wsc_do_word(struct wsc_do *message, const uint8_t **word, size_t *len) {
  if (message->rest_len == 0) {
    return false;
  }
  const uint8_t *space = memchr(message->rest, ' ', message->rest_len);
  *word = message->rest;
  *len = space == NULL ? message->rest_len : (size_t)(space - message->rest);
  size_t used = *len + (space != NULL);
  message->rest += used;
  message->rest_len -= used;
  return true;
}

/* Decimal digits, up to 65535. */
static bool read_code(struct wsc_do *message) {
  const uint8_t *word;
  size_t len;
  unsigned code = 0;
  if (!wsc_do_word(message, &word, &len)) {
    return true; /* a Close without a body */
  }
  for (size_t i = 0; i < len; i++) {
    if (word[i] < '0' || word[i] > '9' || i > 4) {
      return false;
    }
    code = code * 10 + (unsigned)(word[i] - '0');
  }
  message->has_code = true;
  message->code = (uint16_t)code;
  return len != 0 && code <= UINT16_MAX;
}

struct wsc_do wsc_do_parse(const uint8_t *data, size_t len) {
  static const char prefix[] = WSC_DO_PREFIX;
  const size_t prefix_len = sizeof prefix - 1;
  const struct wsc_do none = {.kind = WSC_DO_NONE};
  struct wsc_do message = {.kind = WSC_DO_NONE};
  const uint8_t *word;
  size_t word_len;
  if (len < prefix_len || memcmp(data, prefix, prefix_len) != 0) {
    return none;
  }
  message.rest = data + prefix_len;
  message.rest_len = len - prefix_len;
  if (!wsc_do_word(&message, &word, &word_len)) {
    return none;
  }
  message.kind = kind_of((const char *)word, word_len);
  if (message.kind == WSC_DO_CLOSE && !read_code(&message)) {
    return none;
  }
  return message;
}
