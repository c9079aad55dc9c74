#include "extension_reference.h"

#include <string.h>

struct text {
  const uint8_t *at, *end;
};

static bool is_token(uint8_t c) {
  static const char chars[] = "0123456789"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz"
                              "!#$%&'*+-.^_`|~";
  return c != '\0' && strchr(chars, c) != NULL;
}

static void spaces(struct text *text) {
  while (text->at < text->end && (*text->at == ' ' || *text->at == '\t')) {
    text->at++;
  }
}

static bool is_here(const struct text *text, char c) {
  return text->at < text->end && *text->at == (uint8_t)c;
}

/* Takes `c`, and the spaces around it. */
static bool take(struct text *text, char c) {
  spaces(text);
  if (!is_here(text, c)) {
    return false;
  }
  text->at++;
  spaces(text);
  return true;
}

static bool token(struct text *text) {
  const uint8_t *begin = text->at;
  while (text->at < text->end && is_token(*text->at)) {
    text->at++;
  }
  return text->at > begin;
}

static bool value(struct text *text) {
  if (!is_here(text, '"')) {
    return token(text);
  }
  text->at++;
  if (!token(text) || !is_here(text, '"')) {
    return false;
  }
  text->at++;
  return true;
}

static bool extension(struct extension_reference *found, struct text *text) {
  if (!token(text)) {
    return false;
  }
  found->num_extensions++;
  while (take(text, ';')) {
    if (!token(text)) {
      return false;
    }
    if (take(text, '=') && !value(text)) {
      return false;
    }
    found->num_params++;
  }
  spaces(text);
  return true;
}

bool extension_reference(struct extension_reference *found, const uint8_t *data,
                         size_t len) {
  struct text text = {data, data + len};
  *found = (struct extension_reference){0, 0};
  for (;;) {
    spaces(&text);
    while (take(&text, ',')) {
    }
    if (text.at == text.end) {
      return found->num_extensions > 0;
    }
    if (!extension(found, &text)) {
      return false;
    }
    if (text.at < text.end && !is_here(&text, ',')) {
      return false;
    }
  }
}
