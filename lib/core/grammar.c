#include "ws/grammar.h"

static bool is_space(uint8_t c) {
  return c == ' ' || c == '\t';
}

bool ws_is_tchar(uint8_t c) {
  /* RFC 9110 5.6.2: any VCHAR, except delimiters. */
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
      (c >= '0' && c <= '9')) {
    return true;
  }
  switch (c) {
  case '!':
  case '#':
  case '$':
  case '%':
  case '&':
  case '\'':
  case '*':
  case '+':
  case '-':
  case '.':
  case '^':
  case '_':
  case '`':
  case '|':
  case '~':
    return true;
  default:
    return false;
  }
}

bool ws_is_token(struct ws_slice slice) {
  for (size_t i = 0; i < slice.len; i++) {
    if (!ws_is_tchar(slice.data[i])) {
      return false;
    }
  }
  return slice.len > 0;
}

static void skip(struct ws_slice *slice, size_t len) {
  if (len > 0) {
    slice->data += len;
    slice->len -= len;
  }
}

static void skip_spaces(struct ws_slice *slice) {
  size_t len = 0;
  while (len < slice->len && is_space(slice->data[len])) {
    len++;
  }
  skip(slice, len);
}

struct ws_slice ws_trim(struct ws_slice slice) {
  skip_spaces(&slice);
  while (slice.len > 0 && is_space(slice.data[slice.len - 1])) {
    slice.len--;
  }
  return slice;
}

/* The bytes of the quoted string that `slice` begins with, both quotes
 * included; all of `slice` when the string is not closed (RFC 9110 5.6.4). */
static size_t quoted_len(struct ws_slice slice) {
  for (size_t i = 1; i < slice.len; i++) {
    if (slice.data[i] == '"') {
      return i + 1;
    }
    if (slice.data[i] == '\\') {
      i++;
    }
  }
  return slice.len;
}

/* The bytes before the first `stop` that stands outside quotes. */
static size_t len_before(struct ws_slice slice, uint8_t stop) {
  size_t len = 0;
  while (len < slice.len && slice.data[len] != stop) {
    struct ws_slice rest = {slice.data + len, slice.len - len};
    len += slice.data[len] == '"' ? quoted_len(rest) : 1;
  }
  return len;
}

bool ws_list_next(struct ws_slice *rest, struct ws_slice *member) {
  while (rest->len > 0) {
    struct ws_slice part = {rest->data, len_before(*rest, ',')};
    skip(rest, part.len < rest->len ? part.len + 1 : part.len);
    /* RFC 9110 5.6.1.2: "A recipient MUST parse and ignore a reasonable number
     * of empty list elements". */
    part = ws_trim(part);
    if (part.len > 0) {
      *member = part;
      return true;
    }
  }
  return false;
}

/* Takes the token that *rest begins with; empty when there is none. */
static struct ws_slice take_token(struct ws_slice *rest) {
  struct ws_slice token = {rest->data, 0};
  while (token.len < rest->len && ws_is_tchar(rest->data[token.len])) {
    token.len++;
  }
  skip(rest, token.len);
  return token;
}

/* A list that could not be read is at its end, so that no loop over it can
 * hang. */
static enum ws_grammar bad(struct ws_slice *rest) {
  skip(rest, rest->len);
  return WS_GRAMMAR_BAD;
}

enum ws_grammar ws_extension_next(struct ws_slice *rest,
                                  struct ws_extension *extension) {
  struct ws_slice member;
  if (!ws_list_next(rest, &member)) {
    return WS_GRAMMAR_END;
  }
  extension->name = take_token(&member);
  skip_spaces(&member);
  if (extension->name.len == 0 || (member.len > 0 && member.data[0] != ';')) {
    return bad(rest);
  }
  extension->params = member;
  return WS_GRAMMAR_OK;
}

/* Takes what stands behind the "=" off *params: token / quoted-string. */
static bool take_value(struct ws_slice *params, struct ws_param *param) {
  param->quoted = params->len > 0 && params->data[0] == '"';
  if (!param->quoted) {
    param->value = take_token(params);
    return param->value.len > 0;
  }
  size_t len = quoted_len(*params);
  param->value = (struct ws_slice){params->data + 1, len - 1};
  skip(params, len);
  if (param->value.len == 0 || param->value.data[param->value.len - 1] != '"') {
    return false;
  }
  param->value.len--;
  /* RFC 6455 9.1: "the value after quoted-string unescaping MUST conform to the
   * 'token' ABNF". An escape cannot be undone in place, and what it protects is
   * either no tchar or needs no protection: it is refused with the rest. */
  return ws_is_token(param->value);
}

/* RFC 6455 9.1: extension-param = token [ "=" (token | quoted-string) ], with
 * the implied white space of RFC 2616 2.1 between any two of them. */
enum ws_grammar ws_param_next(struct ws_slice *params, struct ws_param *param) {
  skip_spaces(params);
  if (params->len == 0) {
    return WS_GRAMMAR_END;
  }
  if (params->data[0] != ';') {
    return bad(params);
  }
  skip(params, 1);
  skip_spaces(params);
  *param = (struct ws_param){.name = take_token(params)};
  if (param->name.len == 0) {
    return bad(params);
  }
  skip_spaces(params);
  param->value = (struct ws_slice){params->data, 0};
  if (params->len > 0 && params->data[0] == '=') {
    param->has_value = true;
    skip(params, 1);
    skip_spaces(params);
    if (!take_value(params, param)) {
      return bad(params);
    }
    skip_spaces(params);
  }
  if (params->len > 0 && params->data[0] != ';') {
    return bad(params);
  }
  return WS_GRAMMAR_OK;
}

bool ws_extensions_valid(struct ws_slice value) {
  size_t num_extensions = 0;
  enum ws_grammar result;
  struct ws_extension extension;
  while ((result = ws_extension_next(&value, &extension)) == WS_GRAMMAR_OK) {
    struct ws_param param;
    enum ws_grammar param_result;
    do {
      param_result = ws_param_next(&extension.params, &param);
    } while (param_result == WS_GRAMMAR_OK);
    if (param_result == WS_GRAMMAR_BAD) {
      return false;
    }
    num_extensions++;
  }
  return result == WS_GRAMMAR_END && num_extensions > 0;
}
