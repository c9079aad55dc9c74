#include "markup_reference.h"

#include <string.h>

#include "utf8_reference.h"

#define DEPTH_MAX 32
#define NAME_MAX  32

struct reader {
  const struct markup_rules *rules;
  const char *data;
  size_t len, pos;
  const char *open[DEPTH_MAX]; /* of the rules' elements */
  size_t depth;
  const char *wrong;
};

static bool fail(struct reader *reader, const char *words) {
  reader->wrong = reader->wrong != NULL ? reader->wrong : words;
  return false;
}

static bool ahead(const struct reader *reader, const char *text) {
  size_t len = strlen(text);
  return reader->len - reader->pos >= len &&
         memcmp(reader->data + reader->pos, text, len) == 0;
}

static bool take(struct reader *reader, const char *text) {
  bool found = ahead(reader, text);
  reader->pos += found ? strlen(text) : 0;
  return found;
}

static bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == ':';
}

/* The one of `names` that stands here; NULL: none of them. */
static const char *name_of(struct reader *reader, const char *const *names) {
  size_t begin = reader->pos;
  while (reader->pos < reader->len && is_name(reader->data[reader->pos])) {
    reader->pos++;
  }
  size_t len = reader->pos - begin;
  for (; *names != NULL; names++) {
    if (strlen(*names) == len &&
        memcmp(*names, reader->data + begin, len) == 0) {
      return *names;
    }
  }
  return NULL;
}

static bool is_one_of(const char *name, const char *const *names) {
  while (*names != NULL && strcmp(name, *names) != 0) {
    names++;
  }
  return *names != NULL;
}

static bool reference(struct reader *reader) {
  static const char *const known[] = {"&amp;",  "&lt;",  "&gt;", "&quot;",
                                      "&#39;",  "&#10;", "&#9;", "&#13;",
                                      "&#x27;", NULL};
  for (size_t i = 0; known[i] != NULL; i++) {
    if (take(reader, known[i])) {
      return true;
    }
  }
  return fail(reader, "an & that begins no known reference");
}

/* Text up to `end`, which is not taken. */
static bool text_until(struct reader *reader, char end) {
  while (reader->pos < reader->len) {
    char c = reader->data[reader->pos];
    if (c == end) {
      return true;
    }
    if (c == '<') {
      return fail(reader, "a < in a value");
    }
    if (c != '&') {
      reader->pos++;
    } else if (!reference(reader)) {
      return false;
    }
  }
  return end == '<' || fail(reader, "a value without an end");
}

static bool allowed(struct reader *reader, const char *element,
                    const char *attribute, size_t begin) {
  const struct markup_rules *rules = reader->rules;
  struct markup_text value = {reader->data + begin, reader->pos - begin};
  return rules->allows == NULL ||
         rules->allows(rules->user, element, attribute, value) ||
         fail(reader, "a value that must not be");
}

/* Without quotes: a name, or a link to one. */
static bool bare_value(struct reader *reader, const char *element,
                       const char *attribute) {
  size_t begin = reader->pos;
  take(reader, "#");
  while (reader->pos < reader->len && is_name(reader->data[reader->pos])) {
    reader->pos++;
  }
  if (!reader->rules->html || begin == reader->pos) {
    return fail(reader, "a value without quotes");
  }
  return allowed(reader, element, attribute, begin);
}

static bool attribute(struct reader *reader, const char *element) {
  const char *name = name_of(reader, reader->rules->attributes);
  if (name == NULL) {
    return fail(reader, "an attribute that must not be");
  }
  if (!take(reader, "=")) {
    return reader->rules->html || fail(reader, "an attribute without a value");
  }
  if (!take(reader, "\"")) {
    return bare_value(reader, element, name);
  }
  size_t begin = reader->pos;
  return text_until(reader, '"') && allowed(reader, element, name, begin) &&
         take(reader, "\"");
}

/* style and script: up to their own end, whatever stands there. */
static bool raw_text(struct reader *reader, const char *element) {
  char end[NAME_MAX + 3] = "</";
  strcat(end, element); /* it is one of two */
  size_t begin = reader->pos;
  while (reader->pos < reader->len && !ahead(reader, end)) {
    reader->pos++;
  }
  return allowed(reader, element, "", begin);
}

/* HTML's elements whose end tag may be left out: before another of their row,
 * and before the end of what holds them. */
static bool ends_itself(const char *element) {
  static const char *const rows[] = {"td", "th", "dt", "dd", "li", NULL};
  return is_one_of(element, rows);
}

static void end_implied(struct reader *reader) {
  while (reader->rules->html && reader->depth != 0 &&
         ends_itself(reader->open[reader->depth - 1])) {
    reader->depth--;
  }
}

static bool begin_element(struct reader *reader) {
  static const char *const voids[] = {"meta", "br", "col", "input", NULL};
  static const char *const raws[] = {"style", "script", NULL};
  const char *name = name_of(reader, reader->rules->elements);
  if (name == NULL) {
    return fail(reader, "an element that must not be");
  }
  while (take(reader, " ")) {
    if (!ahead(reader, "/>") && !attribute(reader, name)) {
      return false;
    }
  }
  if (ends_itself(name) || strcmp(name, "tr") == 0) {
    end_implied(reader);
  }
  bool closed = take(reader, "/>");
  if (!closed && !take(reader, ">")) {
    return fail(reader, "a tag without an end");
  }
  if (closed || (reader->rules->html && is_one_of(name, voids))) {
    return true;
  }
  if (reader->depth == DEPTH_MAX) {
    return fail(reader, "too deep");
  }
  reader->open[reader->depth++] = name;
  return !reader->rules->html || !is_one_of(name, raws) ||
         raw_text(reader, name);
}

static bool end_element(struct reader *reader) {
  const char *name = name_of(reader, reader->rules->elements);
  if (name != NULL && !ends_itself(name)) {
    end_implied(reader);
  }
  if (reader->depth == 0 || name != reader->open[reader->depth - 1]) {
    return fail(reader, "an end of what was not begun last");
  }
  reader->depth--;
  return take(reader, ">") || fail(reader, "a tag without an end");
}

static bool piece(struct reader *reader) {
  if (take(reader, "</")) {
    return end_element(reader);
  }
  if (take(reader, "<")) {
    return begin_element(reader);
  }
  return text_until(reader, '<');
}

const char *markup_reference(struct markup_text document,
                             const struct markup_rules *rules, size_t *at) {
  struct reader reader = {
      .rules = rules, .data = document.data, .len = document.len};
  bool good = take(&reader, rules->prologue) ||
              fail(&reader, "another beginning than it should have");
  while (good && reader.pos < reader.len) {
    good = piece(&reader);
  }
  if (good && reader.depth != 0) {
    fail(&reader, "an element that is not ended");
  }
  *at = reader.pos;
  return reader.wrong;
}

struct range {
  uint32_t first, last;
};

/* Unicode's Cc but for the line feed; of Cf, what is invisible or turns the
 * direction; line and paragraph separators; noncharacters. */
static const struct range harmful[] = {
    {0x00, 0x09},     {0x0B, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
    {0x061C, 0x061C}, {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},
    {0x2060, 0x206F}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}};

static bool is_harmless(uint32_t scalar) {
  for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++) {
    if (scalar >= harmful[i].first && scalar <= harmful[i].last) {
      return false;
    }
  }
  return (scalar & 0xFFFE) != 0xFFFE;
}

/* Of well-formed UTF-8. */
static uint32_t scalar_at(const uint8_t *data, size_t *len) {
  static const uint8_t lengths[] = {1, 1, 1, 1, 1, 1, 1, 1,
                                    1, 1, 1, 1, 2, 2, 3, 4};
  static const uint8_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  *len = lengths[data[0] >> 4];
  uint32_t scalar = data[0] & masks[*len];
  for (size_t i = 1; i < *len; i++) {
    scalar = scalar << 6 | (data[i] & 0x3F);
  }
  return scalar;
}

bool markup_reference_harmless(struct markup_text text) {
  const uint8_t *data = (const uint8_t *)text.data;
  if (!utf8_reference(data, text.len).whole) {
    return false;
  }
  for (size_t i = 0; i < text.len;) {
    size_t len;
    if (!is_harmless(scalar_at(data + i, &len))) {
      return false;
    }
    i += len;
  }
  return true;
}
