#include "ws/handshake.h"

#include <string.h>

#include "handshake_internal.h"

static struct ws_slice slice_from(struct ws_slice slice, size_t at) {
  return (struct ws_slice){slice.data + at, slice.len - at};
}

static size_t find_any(struct ws_slice slice, const char *chars) {
  size_t at = 0;
  while (at < slice.len && strchr(chars, slice.data[at]) == NULL) {
    at++;
  }
  return at;
}

static bool target_legal(struct ws_slice target) {
  for (size_t i = 0; i < target.len; i++) {
    uint8_t c = target.data[i];
    /* 3: "Fragment identifiers are meaningless in the context of WebSocket
     * URIs and MUST NOT be used". */
    if (c <= 0x20 || c > 0x7E || c == '#') {
      return false;
    }
  }
  return target.len != 0;
}

static size_t scheme_len(struct ws_slice target) {
  static const char *const schemes[] = {"http://", "https://"};
  for (size_t i = 0; i < 2; i++) {
    struct ws_slice start = target;
    size_t len = strlen(schemes[i]);
    if (start.len > len) {
      start.len = len;
    }
    if (ws_slice_equals_nocase(start, schemes[i])) {
      return len;
    }
  }
  return 0;
}

/* 4.2.1: "a 'Request-URI' ... that is either a /resource name/ or an absolute
 * HTTP/HTTPS URI containing the /resource name/". */
static enum ws_fault read_target(struct ws_request *request) {
  struct ws_slice rest = request->head->target;
  if (!target_legal(rest)) {
    return WS_FAULT_REQUEST_TARGET;
  }
  size_t scheme = scheme_len(rest);
  if (scheme != 0) {
    rest = slice_from(rest, scheme);
    size_t end = find_any(rest, "/?");
    request->authority = (struct ws_slice){rest.data, end};
    if (!ws_handshake_authority_valid(request->authority)) {
      return WS_FAULT_REQUEST_TARGET;
    }
    rest = slice_from(rest, end);
  } else if (rest.data[0] != '/') {
    return WS_FAULT_REQUEST_TARGET;
  }
  size_t mark = find_any(rest, "?");
  request->path =
      mark == 0 ? ws_slice_of("/") : (struct ws_slice){rest.data, mark};
  if (mark < rest.len) {
    request->query = slice_from(rest, mark + 1);
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_line(struct ws_request *request) {
  const struct ws_http_head *head = request->head;
  /* 4.2.1: "An HTTP/1.1 or higher GET request". Another major version has
   * another syntax, and cannot arrive in this one. */
  if (head->version_major != 1 || head->version_minor < 1) {
    return WS_FAULT_HTTP_VERSION;
  }
  if (!ws_slice_equals(head->method, "GET")) {
    return WS_FAULT_METHOD;
  }
  return read_target(request);
}

static enum ws_fault check_host(struct ws_request *request) {
  const struct ws_http_head *head = request->head;
  size_t count = ws_http_count(head, "Host");
  if (count != 1) {
    return count == 0 ? WS_FAULT_HOST_MISSING : WS_FAULT_HOST_DUPLICATE;
  }
  /* RFC 9112 3.2: 400 "to any request message that contains more than one Host
   * header field line or a Host header field with an invalid field value". */
  struct ws_slice host = ws_http_field(head, "Host", 0)->value;
  if (!ws_handshake_authority_valid(host)) {
    return WS_FAULT_HTTP_SYNTAX;
  }
  if (request->authority.data == NULL) {
    request->authority = host;
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_body(const struct ws_http_head *head) {
  if (ws_http_count(head, "Transfer-Encoding") != 0) {
    return WS_FAULT_REQUEST_BODY;
  }
  size_t count = ws_http_count(head, "Content-Length");
  for (size_t i = 0; i < count; i++) {
    struct ws_slice value = ws_http_field(head, "Content-Length", i)->value;
    if (!ws_slice_equals(value, "0")) {
      return WS_FAULT_REQUEST_BODY;
    }
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_upgrade(const struct ws_http_head *head) {
  if (ws_http_count(head, "Upgrade") == 0) {
    return WS_FAULT_UPGRADE_MISSING;
  }
  if (!ws_http_has_token(head, "Upgrade", "websocket")) {
    return WS_FAULT_UPGRADE_VALUE;
  }
  if (ws_http_count(head, "Connection") == 0) {
    return WS_FAULT_CONNECTION_MISSING;
  }
  if (!ws_http_has_token(head, "Connection", "Upgrade")) {
    return WS_FAULT_CONNECTION_VALUE;
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_key(struct ws_request *request) {
  const struct ws_http_head *head = request->head;
  size_t count = ws_http_count(head, "Sec-WebSocket-Key");
  if (count != 1) {
    return count == 0 ? WS_FAULT_KEY_MISSING : WS_FAULT_KEY_DUPLICATE;
  }
  request->key = ws_http_field(head, "Sec-WebSocket-Key", 0)->value;
  return ws_handshake_key_valid(request->key) ? WS_FAULT_NONE
                                              : WS_FAULT_KEY_VALUE;
}

/* 4.3: "NZDIGIT ... version = DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) |
 * ("2" DIGIT DIGIT)", limited to 0..255. -1: not of this form. */
static int read_version(struct ws_slice value) {
  int number = 0;
  if (value.len < 1 || value.len > 3 ||
      (value.len > 1 && value.data[0] == '0')) {
    return -1;
  }
  for (size_t i = 0; i < value.len; i++) {
    if (value.data[i] < '0' || value.data[i] > '9') {
      return -1;
    }
    number = number * 10 + (value.data[i] - '0');
  }
  return number <= 255 ? number : -1;
}

static enum ws_fault check_version(const struct ws_http_head *head) {
  size_t count = ws_http_count(head, "Sec-WebSocket-Version");
  if (count != 1) {
    return count == 0 ? WS_FAULT_VERSION_MISSING : WS_FAULT_VERSION_DUPLICATE;
  }
  int version =
      read_version(ws_http_field(head, "Sec-WebSocket-Version", 0)->value);
  if (version < 0) {
    return WS_FAULT_VERSION_SYNTAX;
  }
  return version == WS_VERSION ? WS_FAULT_NONE : WS_FAULT_VERSION_UNSUPPORTED;
}

static enum ws_fault check_protocols(const struct ws_http_head *head) {
  struct ws_slice seen[WS_PROTOCOLS_COMPARED];
  size_t num_seen = 0;
  size_t num_members = 0;
  struct ws_field_list list;
  struct ws_slice member;
  ws_field_list_init(&list, head, "Sec-WebSocket-Protocol");
  while (ws_field_list_next(&list, &member)) {
    if (!ws_is_token(member)) {
      return WS_FAULT_PROTOCOL_SYNTAX;
    }
    for (size_t i = 0; i < num_seen; i++) {
      /* 4.1: "The elements that comprise this value ... MUST all be unique
       * strings". */
      if (seen[i].len == member.len &&
          memcmp(seen[i].data, member.data, member.len) == 0) {
        return WS_FAULT_PROTOCOL_DUPLICATE;
      }
    }
    if (num_seen < WS_PROTOCOLS_COMPARED) {
      seen[num_seen++] = member;
    }
    num_members++;
  }
  return num_members == 0 && ws_http_count(head, "Sec-WebSocket-Protocol") != 0
             ? WS_FAULT_PROTOCOL_SYNTAX
             : WS_FAULT_NONE;
}

static enum ws_fault check_origin(struct ws_request *request) {
  size_t count = ws_http_count(request->head, "Origin");
  if (count == 1) {
    request->origin = ws_http_field(request->head, "Origin", 0)->value;
  }
  /* RFC 6454 7.3: "MUST NOT include more than one Origin header field"; which
   * one a policy looks at must not be a matter of luck. */
  return count > 1 ? WS_FAULT_HTTP_SYNTAX : WS_FAULT_NONE;
}

static enum ws_fault check_fields(struct ws_request *request) {
  enum ws_fault fault = check_upgrade(request->head);
  if (fault == WS_FAULT_NONE) {
    fault = check_key(request);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_version(request->head);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_origin(request);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_protocols(request->head);
  }
  if (fault == WS_FAULT_NONE) {
    fault = ws_handshake_check_extensions(request->head);
  }
  return fault;
}

enum ws_fault ws_request_check(struct ws_request *request,
                               const struct ws_http_head *head) {
  *request = (struct ws_request){.head = head};
  enum ws_fault fault = ws_handshake_check_syntax(head);
  if (fault == WS_FAULT_NONE) {
    fault = check_line(request);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_host(request);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_body(head);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_fields(request);
  }
  return fault;
}

static bool protocols_legal(const char *const *protocols) {
  for (size_t i = 0; protocols[i] != NULL; i++) {
    if (!ws_is_token(ws_slice_of(protocols[i]))) {
      return false;
    }
    for (size_t j = 0; j < i; j++) {
      if (strcmp(protocols[i], protocols[j]) == 0) {
        return false;
      }
    }
  }
  return true;
}

static void write_protocols(struct ws_writer *writer,
                            const char *const *protocols) {
  if (protocols == NULL || protocols[0] == NULL) {
    return;
  }
  writer->illegal = writer->illegal || !protocols_legal(protocols);
  ws_writer_text(writer, "Sec-WebSocket-Protocol: ");
  for (size_t i = 0; protocols[i] != NULL; i++) {
    ws_writer_text(writer, i == 0 ? "" : ", ");
    ws_writer_text(writer, protocols[i]);
  }
  ws_writer_text(writer, "\r\n");
}

enum ws_status ws_request_write(uint8_t *out, size_t cap, size_t *len,
                                const struct ws_request_options *options,
                                const char key[WS_KEY_LEN]) {
  const char *target = options->target != NULL ? options->target : "/";
  struct ws_writer writer;
  if (target[0] != '/' || !target_legal(ws_slice_of(target)) ||
      options->host == NULL ||
      !ws_handshake_authority_valid(ws_slice_of(options->host)) ||
      (options->extensions != NULL &&
       !ws_extensions_valid(ws_slice_of(options->extensions)))) {
    return WS_ERR_ARGUMENT;
  }
  ws_writer_init(&writer, out, cap);
  ws_writer_text(&writer, "GET ");
  ws_writer_text(&writer, target);
  ws_writer_text(&writer, " HTTP/1.1\r\n");
  ws_writer_field(&writer, "Host", options->host);
  ws_writer_text(&writer, "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Key: ");
  ws_writer_bytes(&writer, key, WS_KEY_LEN);
  ws_writer_text(&writer, "\r\nSec-WebSocket-Version: 13\r\n");
  if (options->origin != NULL) {
    ws_writer_field(&writer, "Origin", options->origin);
  }
  write_protocols(&writer, options->protocols);
  if (options->extensions != NULL) {
    ws_writer_field(&writer, "Sec-WebSocket-Extensions", options->extensions);
  }
  ws_writer_headers(&writer, options->headers, options->num_headers);
  ws_writer_text(&writer, "\r\n");
  return ws_writer_finish(&writer, len);
}
