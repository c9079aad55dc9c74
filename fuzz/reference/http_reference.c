#include "http_reference.h"

#include <string.h>

size_t http_reference_end(const uint8_t *data, size_t len) {
  for (size_t end = 2; end <= len; end++) {
    bool bare = memcmp(data + end - 2, "\n\n", 2) == 0;
    bool full = end >= 3 && memcmp(data + end - 3, "\n\r\n", 3) == 0;
    if (bare || full) {
      return end;
    }
  }
  return 0;
}

/* A place in the text; `bad` once something was missing. */
struct text {
  const uint8_t *at, *end;
  bool bad;
};

static bool is_char(uint8_t c, const char *set) {
  return c != '\0' && strchr(set, c) != NULL;
}

static bool is_digit(uint8_t c) {
  return is_char(c, "0123456789");
}

/* RFC 9110 5.6.2 */
static bool is_token(uint8_t c) {
  return is_digit(c) ||
         is_char(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ||
         is_char(c, "!#$%&'*+-.^_`|~");
}

/* RFC 9110 5.5: VCHAR / obs-text, and what may stand between them. */
static bool is_content(uint8_t c) {
  return c == '\t' || (c >= ' ' && c != 0x7F);
}

static bool is_target(uint8_t c) {
  return c > ' ' && c != 0x7F;
}

static bool here(const struct text *text, const char *literal) {
  size_t len = strlen(literal);
  return (size_t)(text->end - text->at) >= len &&
         memcmp(text->at, literal, len) == 0;
}

static void expect(struct text *text, const char *literal) {
  if (text->bad || !here(text, literal)) {
    text->bad = true;
    return;
  }
  text->at += strlen(literal);
}

/* `least` or more of a class. */
static void expect_many(struct text *text, bool (*class)(uint8_t),
                        size_t least) {
  size_t num = 0;
  while (!text->bad && text->at < text->end && class(*text->at)) {
    text->at++;
    num++;
  }
  text->bad = text->bad || num < least;
}

static void expect_digits(struct text *text, size_t num) {
  for (size_t i = 0; i < num; i++) {
    if (text->bad || text->at == text->end || !is_digit(*text->at)) {
      text->bad = true;
      return;
    }
    text->at++;
  }
}

static void expect_version(struct text *text) {
  expect(text, "HTTP/");
  expect_digits(text, 1);
  expect(text, ".");
  expect_digits(text, 1);
}

static bool fields(struct text *text) {
  while (!text->bad && !here(text, "\r\n")) {
    expect_many(text, is_token, 1);
    expect(text, ":");
    expect_many(text, is_content, 0);
    expect(text, "\r\n");
  }
  expect(text, "\r\n");
  return !text->bad && text->at == text->end;
}

bool http_reference_request(const uint8_t *data, size_t len) {
  struct text text = {data, data + len, false};
  if (here(&text, "\r\n")) {
    expect(&text, "\r\n");
  }
  expect_many(&text, is_token, 1);
  expect(&text, " ");
  expect_many(&text, is_target, 1);
  expect(&text, " ");
  expect_version(&text);
  expect(&text, "\r\n");
  return fields(&text);
}

bool http_reference_response(const uint8_t *data, size_t len) {
  struct text text = {data, data + len, false};
  expect_version(&text);
  expect(&text, " ");
  expect_digits(&text, 3);
  expect(&text, " ");
  expect_many(&text, is_content, 0);
  expect(&text, "\r\n");
  return fields(&text);
}

static uint8_t lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool same(const uint8_t *data, size_t len, const char *word) {
  if (len != strlen(word)) {
    return false;
  }
  for (size_t i = 0; i < len; i++) {
    if (lower(data[i]) != lower((uint8_t)word[i])) {
      return false;
    }
  }
  return true;
}

static void trim(struct text *text) {
  while (text->at < text->end && is_char(*text->at, " \t")) {
    text->at++;
  }
  while (text->at < text->end && is_char(text->end[-1], " \t")) {
    text->end--;
  }
}

/* Takes the next field called `name` off *text; *value is trimmed. */
static bool next_field(struct text *text, const char *name,
                       struct text *value) {
  while (text->at < text->end) {
    const uint8_t *line = text->at;
    const uint8_t *end = line;
    while (*end != '\r') {
      end++;
    }
    text->at = end + 2;
    const uint8_t *colon = memchr(line, ':', (size_t)(end - line));
    if (colon != NULL && same(line, (size_t)(colon - line), name)) {
      *value = (struct text){colon + 1, end, false};
      trim(value);
      return true;
    }
  }
  return false;
}

/* Behind the start line. */
static struct text field_lines(const uint8_t *data, size_t len) {
  struct text text = {data, data + len, false};
  if (here(&text, "\r\n")) {
    text.at += 2;
  }
  while (!here(&text, "\r\n")) {
    text.at++;
  }
  text.at += 2;
  return text;
}

struct http_reference_field http_reference_field(const uint8_t *data,
                                                 size_t len, const char *name) {
  struct http_reference_field field = {0, NULL, 0};
  struct text text = field_lines(data, len);
  struct text value;
  while (next_field(&text, name, &value)) {
    if (field.count++ == 0) {
      field.value = value.at;
      field.value_len = (size_t)(value.end - value.at);
    }
  }
  return field;
}

/* Where the member that begins at `at` ends. */
static const uint8_t *member_end(const uint8_t *at, const uint8_t *end) {
  bool quoted = false;
  for (; at < end; at++) {
    if (*at == '"') {
      quoted = !quoted;
    } else if (quoted && *at == '\\') {
      at++;
    } else if (!quoted && *at == ',') {
      return at;
    }
  }
  return end;
}

bool http_reference_lists(const uint8_t *data, size_t len, const char *name,
                          const char *word) {
  struct text text = field_lines(data, len);
  struct text value;
  while (next_field(&text, name, &value)) {
    while (value.at < value.end) {
      struct text member = {value.at, member_end(value.at, value.end), false};
      value.at = member.end < value.end ? member.end + 1 : value.end;
      trim(&member);
      if (same(member.at, (size_t)(member.end - member.at), word)) {
        return true;
      }
    }
  }
  return false;
}
