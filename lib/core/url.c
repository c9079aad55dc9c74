#include "url_internal.h"

#include <string.h>

static bool is_alpha(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c) {
  return c >= '0' && c <= '9';
}

/* What separates path segments, since all our schemes are "special". */
static bool is_slash(uint8_t c) {
  return c == '/' || c == '\\';
}

static size_t len_until(struct ws_slice text, const char *stops) {
  size_t len = 0;
  /* strchr finds NUL in any string. */
  while (len < text.len &&
         (text.data[len] == '\0' || strchr(stops, text.data[len]) == NULL)) {
    len++;
  }
  return len;
}

static struct ws_slice take(struct ws_slice *rest, size_t len) {
  struct ws_slice taken = {rest->data, len};
  rest->data += len;
  rest->len -= len;
  return taken;
}

/* Copies `len` bytes without what the standard removes first: C0 controls and
 * spaces at both ends, tabs and line ends everywhere. */
static enum ws_url_error clean(uint8_t out[WS_URL_MAX], size_t *out_len,
                               const uint8_t *text, size_t len) {
  *out_len = 0;
  while (len > 0 && text[len - 1] <= ' ') {
    len--;
  }
  size_t at = 0;
  while (at < len && text[at] <= ' ') {
    at++;
  }
  for (; at < len; at++) {
    uint8_t c = text[at];
    if (c == '\t' || c == '\n' || c == '\r') {
      continue;
    }
    if (*out_len == WS_URL_MAX - 1) {
      return WS_URL_TOO_LONG;
    }
    out[(*out_len)++] = c;
  }
  return WS_URL_OK;
}

/* Takes "scheme:" off *rest. */
static enum ws_url_error take_scheme(bool *secure, struct ws_slice *rest) {
  static const struct {
    const char *name;
    bool secure;
  } schemes[] = {
      {"ws", false}, {"wss", true}, {"http", false}, {"https", true}};
  size_t len = 0;
  while (len < rest->len &&
         (is_alpha(rest->data[len]) ||
          (len > 0 && (is_digit(rest->data[len]) || rest->data[len] == '+' ||
                       rest->data[len] == '-' || rest->data[len] == '.')))) {
    len++;
  }
  if (len == 0 || len == rest->len || rest->data[len] != ':') {
    return WS_URL_SYNTAX;
  }
  struct ws_slice name = take(rest, len);
  take(rest, 1);
  for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
    if (ws_slice_equals_nocase(name, schemes[i].name)) {
      *secure = schemes[i].secure;
      return WS_URL_OK;
    }
  }
  return WS_URL_SCHEME;
}

/* Authority -------------------------------------------------------------- */

/* The bytes before the ':' that no brackets enclose. */
static size_t host_len(struct ws_slice authority) {
  bool in_brackets = false;
  size_t len = 0;
  while (len < authority.len && (in_brackets || authority.data[len] != ':')) {
    uint8_t c = authority.data[len];
    in_brackets = c == '[' || (in_brackets && c != ']');
    len++;
  }
  return len;
}

static enum ws_url_error read_port(struct ws_url *url, struct ws_slice digits) {
  uint32_t port = 0;
  for (size_t i = 0; i < digits.len; i++) {
    if (!is_digit(digits.data[i])) {
      return WS_URL_PORT;
    }
    port = port * 10 + (digits.data[i] - (uint32_t)'0');
    if (port > UINT16_MAX) {
      return WS_URL_PORT;
    }
  }
  /* The standard has nothing against port 0, but TCP cannot connect to it
   * (RFC 6455 4.1: "if any of the components are invalid"). */
  if (digits.len > 0 && port == 0) {
    return WS_URL_PORT;
  }
  if (digits.len > 0) {
    url->port = (uint16_t)port;
  }
  return WS_URL_OK;
}

/* Appends to a string that has room for it. */
static void append(char *string, size_t *len, const char *text) {
  size_t text_len = strlen(text);
  memcpy(string + *len, text, text_len + 1);
  *len += text_len;
}

static void write_authority(struct ws_url *url, uint16_t default_port) {
  char digits[8];
  size_t at = sizeof(digits);
  digits[--at] = '\0';
  for (unsigned port = url->port; port > 0; port /= 10) {
    digits[--at] = (char)('0' + port % 10);
  }
  bool brackets = strchr(url->host, ':') != NULL;
  size_t len = 0;
  append(url->authority, &len, brackets ? "[" : "");
  append(url->authority, &len, url->host);
  append(url->authority, &len, brackets ? "]" : "");
  if (url->port != default_port) {
    append(url->authority, &len, ":");
    append(url->authority, &len, digits + at);
  }
}

static enum ws_url_error read_authority(struct ws_url *url,
                                        struct ws_slice authority) {
  if (len_until(authority, "@") < authority.len) {
    return WS_URL_USER;
  }
  struct ws_slice host = take(&authority, host_len(authority));
  if (host.len == 0) {
    return WS_URL_HOST;
  }
  enum ws_url_error error = ws_url_host_parse(url->host, host);
  if (error != WS_URL_OK) {
    return error;
  }
  uint16_t default_port = url->secure ? 443 : 80;
  url->port = default_port;
  if (authority.len > 0) {
    take(&authority, 1);
    error = read_port(url, authority);
  }
  if (error == WS_URL_OK) {
    write_authority(url, default_port);
  }
  return error;
}

/* Path and query --------------------------------------------------------- */

/* Grows url->target, which is kept terminated. */
struct target {
  char *text;
  size_t len;
  bool full; /* sticky */
};

static void put(struct target *target, char c) {
  if (target->len == WS_URL_MAX - 1) {
    target->full = true;
    return;
  }
  target->text[target->len++] = c;
  target->text[target->len] = '\0';
}

static void cut(struct target *target, size_t len) {
  target->len = len;
  target->text[len] = '\0';
}

/* `set` has the printable ASCII that is encoded besides what always is. A '%'
 * stands for itself, valid or not. */
static void put_encoded(struct target *target, struct ws_slice text,
                        const char *set) {
  static const char hex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (c > ' ' && c < 0x7F && strchr(set, c) == NULL) {
      put(target, (char)c);
      continue;
    }
    put(target, '%');
    put(target, hex[c >> 4]);
    put(target, hex[c & 15]);
  }
}

/* The number of dots that `segment` is, each bare or as %2e; 0 when it is
 * something else. */
static size_t num_dots(struct ws_slice segment) {
  size_t num = 0;
  while (segment.len > 0) {
    struct ws_slice escape = {segment.data, segment.len < 3 ? segment.len : 3};
    if (ws_slice_equals_nocase(escape, "%2e")) {
      take(&segment, 3);
    } else if (segment.data[0] == '.') {
      take(&segment, 1);
    } else {
      return 0;
    }
    num++;
  }
  return num;
}

static void drop_segment(struct target *target) {
  size_t len = target->len;
  while (len > 0 && target->text[len - 1] != '/') {
    len--;
  }
  cut(target, len > 0 ? len - 1 : 0);
}

/* The path percent-encode set of the standard, less '?' which cannot come. */
static void read_path(struct target *target, struct ws_slice path) {
  if (path.len > 0) {
    take(&path, 1);
  }
  bool is_last = false;
  while (!is_last) {
    struct ws_slice segment = take(&path, len_until(path, "/\\"));
    is_last = path.len == 0;
    size_t dots = num_dots(segment);
    if (dots == 2) {
      drop_segment(target);
    }
    if (dots != 1 && dots != 2) {
      put(target, '/');
      put_encoded(target, segment, "\"#<>^`{}");
    } else if (is_last) {
      put(target, '/');
    }
    if (!is_last) {
      take(&path, 1);
    }
  }
}

/* `rest` is empty or begins with a slash or a '?'. */
static enum ws_url_error read_target(struct ws_url *url, struct ws_slice rest) {
  struct target target = {.text = url->target};
  cut(&target, 0);
  read_path(&target, take(&rest, len_until(rest, "?")));
  url->empty_query = rest.len == 1;
  if (rest.len > 1) {
    put(&target, '?');
    take(&rest, 1);
    put_encoded(&target, rest, "\"#<>'");
  }
  return target.full ? WS_URL_TOO_LONG : WS_URL_OK;
}

/* The whole -------------------------------------------------------------- */

static enum ws_url_error parse(struct ws_url *url, struct ws_slice rest) {
  enum ws_url_error error = take_scheme(&url->secure, &rest);
  if (error != WS_URL_OK) {
    return error;
  }
  if (len_until(rest, "#") < rest.len) {
    return WS_URL_FRAGMENT;
  }
  while (rest.len > 0 && is_slash(rest.data[0])) {
    take(&rest, 1);
  }
  error = read_authority(url, take(&rest, len_until(rest, "/\\?")));
  if (error == WS_URL_OK) {
    error = read_target(url, rest);
  }
  if (error == WS_URL_OK && ws_url_write(NULL, 0, url) >= WS_URL_MAX) {
    error = WS_URL_TOO_LONG;
  }
  return error;
}

enum ws_url_error ws_url_parse(struct ws_url *url, const char *text,
                               size_t len) {
  uint8_t cleaned[WS_URL_MAX];
  struct ws_slice rest = {cleaned, 0};
  struct ws_url parsed;
  enum ws_url_error error =
      clean(cleaned, &rest.len, (const uint8_t *)text, len);
  if (error == WS_URL_OK) {
    error = parse(&parsed, rest);
  }
  if (error == WS_URL_OK) {
    *url = parsed;
  }
  return error;
}

const char *ws_url_error_text(enum ws_url_error error) {
  switch (error) {
  case WS_URL_OK:
    return "nothing is wrong";
  case WS_URL_SYNTAX:
    return "it does not begin with a scheme";
  case WS_URL_SCHEME:
    return "its scheme is none of ws, wss, http and https";
  case WS_URL_FRAGMENT:
    return "it must not have a fragment ('#')";
  case WS_URL_USER:
    return "it must not have user information ('@')";
  case WS_URL_HOST:
    return "its host is empty, not ASCII, or no legal name or address";
  case WS_URL_PORT:
    return "its port is not a number from 1 to 65535";
  case WS_URL_TOO_LONG:
    return "it is too long";
  }
  return "it does not parse";
}

/* Writes `parts`, NULL-ended, and a NUL. */
static size_t write_parts(char *out, size_t cap, const char *const *parts) {
  size_t len = 0;
  for (const char *const *part = parts; *part != NULL; part++) {
    len += strlen(*part);
  }
  if (out == NULL || len >= cap) {
    return len;
  }
  size_t at = 0;
  out[0] = '\0';
  for (; *parts != NULL; parts++) {
    append(out, &at, *parts);
  }
  return len;
}

size_t ws_url_write(char *out, size_t cap, const struct ws_url *url) {
  const char *parts[] = {url->secure ? "wss://" : "ws://", url->authority,
                         url->target, url->empty_query ? "?" : "", NULL};
  return write_parts(out, cap, parts);
}

size_t ws_url_write_origin(char *out, size_t cap, const struct ws_url *url) {
  const char *parts[] = {url->secure ? "wss://" : "ws://", url->authority,
                         NULL};
  return write_parts(out, cap, parts);
}
