#include "ws/http.h"

#include "ws/grammar.h"

#include <string.h>

size_t ws_http_head_end(const uint8_t *data, size_t len, size_t *scanned) {
  size_t at = *scanned;
  while (at < len) {
    const uint8_t *found = memchr(data + at, '\n', len - at);
    if (found == NULL) {
      break;
    }
    at = (size_t)(found - data);
    size_t next = at + 1;
    if (next < len && data[next] == '\r') {
      next++;
    }
    if (next >= len) {
      /* What follows this LF decides: begin with it next time. */
      *scanned = at;
      return 0;
    }
    if (data[next] == '\n') {
      *scanned = at;
      return next + 1;
    }
    at++;
  }
  *scanned = len;
  return 0;
}

/* What stands wrong in `text` whatever it means. CR counts as bare: line ends
 * are not part of `text`. */
static uint32_t quirks_of_bytes(struct ws_slice text) {
  uint32_t quirks = 0;
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (c >= 0x20 && c < 0x7F) {
      continue;
    }
    if (c > 0x7F) {
      quirks |= WS_HTTP_NON_ASCII;
    } else if (c == '\0') {
      quirks |= WS_HTTP_NUL;
    } else if (c == '\r') {
      quirks |= WS_HTTP_BARE_CR;
    } else if (c != '\t') {
      quirks |= WS_HTTP_CONTROL;
    }
  }
  return quirks;
}

/* Takes a line off *rest, which is not empty; `line` is without its end. */
static uint32_t take_line(struct ws_slice *rest, struct ws_slice *line) {
  const uint8_t *lf = memchr(rest->data, '\n', rest->len);
  size_t len = lf != NULL ? (size_t)(lf - rest->data) : rest->len;
  size_t taken = lf != NULL ? len + 1 : len;
  *line = (struct ws_slice){rest->data, len};
  rest->data += taken;
  rest->len -= taken;
  uint32_t quirks = 0;
  if (len > 0 && line->data[len - 1] == '\r') {
    line->len--;
  } else {
    quirks = WS_HTTP_BARE_LF;
  }
  return quirks | quirks_of_bytes(*line);
}

/* Takes what stands before the first SP off *rest, and that SP. *found says
 * whether there was one. */
static struct ws_slice take_word(struct ws_slice *rest, bool *found) {
  struct ws_slice word = *rest;
  const uint8_t *space =
      rest->len > 0 ? memchr(rest->data, ' ', rest->len) : NULL;
  *found = space != NULL;
  if (space == NULL) {
    rest->len = 0;
    return word;
  }
  word.len = (size_t)(space - rest->data);
  rest->data = space + 1;
  rest->len -= word.len + 1;
  return word;
}

static bool is_digit(uint8_t c) {
  return c >= '0' && c <= '9';
}

/* RFC 9112 2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT, "HTTP-version is
 * case-sensitive". */
static bool read_version(struct ws_http_head *head, struct ws_slice word) {
  if (word.len != 8 || memcmp(word.data, "HTTP/", 5) != 0 ||
      !is_digit(word.data[5]) || word.data[6] != '.' ||
      !is_digit(word.data[7])) {
    return false;
  }
  head->version_major = (uint8_t)(word.data[5] - '0');
  head->version_minor = (uint8_t)(word.data[7] - '0');
  return true;
}

/* Not empty, and free of white space and controls. The rest of the grammar of
 * URIs is the caller's matter. */
static bool is_target(struct ws_slice target) {
  for (size_t i = 0; i < target.len; i++) {
    if (target.data[i] <= ' ' || target.data[i] == 0x7F) {
      return false;
    }
  }
  return target.len > 0;
}

/* RFC 9112 3: request-line = method SP request-target SP HTTP-version. */
static bool read_request_line(struct ws_http_head *head) {
  struct ws_slice rest = head->start_line;
  bool first_space;
  bool second_space;
  head->method = take_word(&rest, &first_space);
  head->target = take_word(&rest, &second_space);
  bool has_version = read_version(head, rest);
  return first_space && second_space && has_version &&
         ws_is_token(head->method) && is_target(head->target);
}

/* RFC 9112 4: status-line = HTTP-version SP status-code SP [ reason-phrase ];
 * "A server MUST send the space that separates the status-code from the
 * reason-phrase even when the reason-phrase is absent". */
static bool read_status_line(struct ws_http_head *head) {
  struct ws_slice rest = head->start_line;
  bool first_space;
  bool second_space;
  struct ws_slice version = take_word(&rest, &first_space);
  struct ws_slice code = take_word(&rest, &second_space);
  head->reason = rest;
  bool is_code = code.len == 3;
  unsigned status = 0;
  for (size_t i = 0; is_code && i < code.len; i++) {
    is_code = is_digit(code.data[i]);
    status = status * 10 + (code.data[i] - (unsigned)'0');
  }
  if (is_code) {
    head->status = (uint16_t)status;
  }
  return read_version(head, version) && is_code && second_space;
}

static void read_start_line(struct ws_http_head *head) {
  bool ok = head->kind == WS_HTTP_REQUEST ? read_request_line(head)
                                          : read_status_line(head);
  if (!ok) {
    head->quirks |= WS_HTTP_START_LINE;
    head->version_major = 0;
    head->version_minor = 0;
  }
}

/* RFC 9112 5: field-line = field-name ":" OWS field-value OWS. */
static void read_field(struct ws_http_field *field, struct ws_slice line) {
  const uint8_t *colon = line.len > 0 ? memchr(line.data, ':', line.len) : NULL;
  if (colon == NULL) {
    field->quirks |= WS_HTTP_NO_COLON;
    field->name = line;
    field->value = (struct ws_slice){line.data + line.len, 0};
    return;
  }
  size_t name_len = (size_t)(colon - line.data);
  field->name = (struct ws_slice){line.data, name_len};
  /* RFC 9112 5.1: "No whitespace is allowed between the field name and
   * colon." */
  while (field->name.len > 0 && (line.data[field->name.len - 1] == ' ' ||
                                 line.data[field->name.len - 1] == '\t')) {
    field->name.len--;
    field->quirks |= WS_HTTP_SPACE_BEFORE_COLON;
  }
  if (!ws_is_token(field->name)) {
    field->quirks |= WS_HTTP_NAME_NOT_TOKEN;
  }
  field->value = ws_trim((struct ws_slice){colon + 1, line.len - name_len - 1});
}

static bool begins_with_space(struct ws_slice line) {
  return line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
}

/* Lengthens the value of `field` by a line that continues it (RFC 9112 5.2). */
static void fold(struct ws_http_field *field, struct ws_slice line,
                 uint32_t quirks) {
  const uint8_t *end = line.data + line.len;
  field->value.len = (size_t)(end - field->value.data);
  field->value = ws_trim(field->value);
  field->quirks |= quirks;
}

static void read_fields(struct ws_http_head *head, struct ws_slice rest,
                        size_t max_fields) {
  struct ws_http_field *last = NULL;
  for (bool first = true; rest.len > 0; first = false) {
    struct ws_slice line;
    uint32_t quirks = take_line(&rest, &line);
    bool folded = begins_with_space(line);
    if (folded) {
      quirks |= WS_HTTP_OBS_FOLD;
    }
    if (line.len == 0) {
      /* The empty line; only its end can be wrong. */
    } else if (folded && !first) {
      if (last != NULL) {
        fold(last, line, quirks);
      }
    } else if (head->num_fields < max_fields) {
      last = &head->fields[head->num_fields++];
      *last = (struct ws_http_field){.quirks = quirks};
      read_field(last, line);
      quirks = last->quirks;
    } else {
      last = NULL;
      quirks |= WS_HTTP_EXTRA_FIELDS;
    }
    head->quirks |= quirks;
  }
}

void ws_http_parse(struct ws_http_head *head, enum ws_http_kind kind,
                   const uint8_t *data, size_t len,
                   struct ws_http_field *fields, size_t max_fields) {
  struct ws_slice rest = {data, len};
  *head = (struct ws_http_head){.kind = kind, .fields = fields};
  if (len > 0) {
    head->quirks |= take_line(&rest, &head->start_line);
  }
  /* RFC 9112 2.2: "a server that is expecting to receive and parse a
   * request-line SHOULD ignore at least one empty line (CRLF) received prior to
   * the request-line." */
  if (kind == WS_HTTP_REQUEST && head->start_line.len == 0 && rest.len > 0) {
    head->quirks |= take_line(&rest, &head->start_line);
  }
  read_start_line(head);
  read_fields(head, rest, max_fields);
}

const struct ws_http_field *ws_http_field(const struct ws_http_head *head,
                                          const char *name, size_t index) {
  for (size_t i = 0; i < head->num_fields; i++) {
    if (ws_slice_equals_nocase(head->fields[i].name, name)) {
      if (index == 0) {
        return &head->fields[i];
      }
      index--;
    }
  }
  return NULL;
}

size_t ws_http_count(const struct ws_http_head *head, const char *name) {
  size_t count = 0;
  for (size_t i = 0; i < head->num_fields; i++) {
    if (ws_slice_equals_nocase(head->fields[i].name, name)) {
      count++;
    }
  }
  return count;
}

static bool is_space_or_break(uint8_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ws_trim that also removes line breaks: in a folded value they are white space
 * (RFC 9112 5.2: "replace each received obs-fold with one or more SP octets
 * prior to interpreting the field value"). */
static struct ws_slice trim_folded(struct ws_slice member) {
  while (member.len > 0 && is_space_or_break(member.data[0])) {
    member.data++;
    member.len--;
  }
  while (member.len > 0 && is_space_or_break(member.data[member.len - 1])) {
    member.len--;
  }
  return member;
}

static bool field_has_token(const struct ws_http_field *field,
                            const char *token) {
  struct ws_slice rest = field->value;
  struct ws_slice member;
  while (ws_list_next(&rest, &member)) {
    if ((field->quirks & WS_HTTP_OBS_FOLD) != 0) {
      member = trim_folded(member);
    }
    if (ws_slice_equals_nocase(member, token)) {
      return true;
    }
  }
  return false;
}

bool ws_http_has_token(const struct ws_http_head *head, const char *name,
                       const char *token) {
  for (size_t i = 0; i < head->num_fields; i++) {
    if (ws_slice_equals_nocase(head->fields[i].name, name) &&
        field_has_token(&head->fields[i], token)) {
      return true;
    }
  }
  return false;
}
