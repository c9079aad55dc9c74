#include "ws/handshake.h"

#include <string.h>

#include "handshake_internal.h"

static enum ws_fault check_status(const struct ws_http_head *head) {
  if ((head->quirks & WS_HTTP_START_LINE) != 0) {
    return WS_FAULT_HTTP_SYNTAX;
  }
  /* 4.1: "If the status code received from the server is not 101, the client
   * handles the response per HTTP procedures": what its fields look like is not
   * ours to judge. */
  if (head->status != 101) {
    return WS_FAULT_STATUS;
  }
  enum ws_fault fault = ws_handshake_check_syntax(head);
  if (fault != WS_FAULT_NONE) {
    return fault;
  }
  /* 4.2.2: "A Status-Line with a 101 response code", of HTTP/1.1; 101 does not
   * exist in HTTP/1.0 (RFC 9110 15.2). */
  if (head->version_major != 1 || head->version_minor < 1) {
    return WS_FAULT_HTTP_VERSION;
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_upgrade(const struct ws_http_head *head) {
  /* 4.1: "contains a value that is not an ASCII case-insensitive match for the
   * value "websocket"": unlike in a request, a list is not good enough. */
  const struct ws_http_field *upgrade = ws_http_field(head, "Upgrade", 0);
  if (ws_http_count(head, "Upgrade") != 1 ||
      !ws_slice_equals_nocase(upgrade->value, "websocket")) {
    return WS_FAULT_RESPONSE_UPGRADE;
  }
  if (!ws_http_has_token(head, "Connection", "Upgrade")) {
    return WS_FAULT_RESPONSE_CONNECTION;
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_accept(const struct ws_http_head *head,
                                  const char accept[WS_ACCEPT_LEN]) {
  size_t count = ws_http_count(head, "Sec-WebSocket-Accept");
  if (count != 1) {
    return count == 0 ? WS_FAULT_ACCEPT_MISSING : WS_FAULT_ACCEPT_DUPLICATE;
  }
  struct ws_slice value = ws_http_field(head, "Sec-WebSocket-Accept", 0)->value;
  if (value.len != WS_ACCEPT_LEN ||
      memcmp(value.data, accept, WS_ACCEPT_LEN) != 0) {
    return WS_FAULT_ACCEPT_VALUE;
  }
  return WS_FAULT_NONE;
}

/* True when the list has another extension of that name before `index`. */
static bool named_before(const struct ws_http_head *head, struct ws_slice name,
                         size_t index) {
  struct ws_field_list list;
  struct ws_extension other;
  ws_field_list_init(&list, head, "Sec-WebSocket-Extensions");
  for (size_t i = 0; i < index; i++) {
    if (ws_field_list_next_extension(&list, &other) != WS_GRAMMAR_OK) {
      return false;
    }
    if (ws_handshake_same_name(other.name, name)) {
      return true;
    }
  }
  return false;
}

static enum ws_fault check_extensions(const struct ws_http_head *head,
                                      const struct ws_http_head *request) {
  enum ws_fault fault = ws_handshake_check_extensions(head);
  if (fault != WS_FAULT_NONE) {
    return fault;
  }
  struct ws_field_list list;
  struct ws_extension extension;
  size_t index = 0;
  ws_field_list_init(&list, head, "Sec-WebSocket-Extensions");
  while (ws_field_list_next_extension(&list, &extension) == WS_GRAMMAR_OK) {
    /* An extension listed twice was offered once at most. The number of
     * distinct names is bounded by our offer, and so is this search. */
    if (!ws_handshake_has_extension(request, extension.name) ||
        named_before(head, extension.name, index)) {
      return WS_FAULT_EXTENSION_NOT_OFFERED;
    }
    index++;
  }
  return WS_FAULT_NONE;
}

static enum ws_fault check_protocol(struct ws_response *response,
                                    const struct ws_http_head *request) {
  const struct ws_http_head *head = response->head;
  size_t count = ws_http_count(head, "Sec-WebSocket-Protocol");
  if (count == 0) {
    return WS_FAULT_NONE;
  }
  /* 11.3.4: "MUST NOT appear more than once in an HTTP response". */
  if (count != 1) {
    return WS_FAULT_RESPONSE_PROTOCOL_DUPLICATE;
  }
  struct ws_slice value =
      ws_http_field(head, "Sec-WebSocket-Protocol", 0)->value;
  if (value.len == 0 || !ws_handshake_has_protocol(request, value)) {
    return WS_FAULT_PROTOCOL_NOT_OFFERED;
  }
  response->protocol = value;
  return WS_FAULT_NONE;
}

enum ws_fault ws_response_check(struct ws_response *response,
                                const struct ws_http_head *head,
                                const struct ws_http_head *request,
                                const char accept[WS_ACCEPT_LEN]) {
  *response = (struct ws_response){.head = head, .status = head->status};
  enum ws_fault fault = check_status(head);
  if (fault == WS_FAULT_NONE) {
    fault = check_upgrade(head);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_accept(head, accept);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_extensions(head, request);
  }
  if (fault == WS_FAULT_NONE) {
    fault = check_protocol(response, request);
  }
  return fault;
}

enum ws_status ws_response_write_accept(uint8_t *out, size_t cap, size_t *len,
                                        const struct ws_accept_options *options,
                                        const char accept[WS_ACCEPT_LEN]) {
  struct ws_writer writer;
  if (options->protocol != NULL &&
      !ws_is_token(ws_slice_of(options->protocol))) {
    return WS_ERR_ARGUMENT;
  }
  if (options->extensions != NULL &&
      !ws_extensions_valid(ws_slice_of(options->extensions))) {
    return WS_ERR_ARGUMENT;
  }
  ws_writer_init(&writer, out, cap);
  ws_writer_text(&writer, "HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: ");
  ws_writer_bytes(&writer, accept, WS_ACCEPT_LEN);
  ws_writer_text(&writer, "\r\n");
  if (options->protocol != NULL) {
    ws_writer_field(&writer, "Sec-WebSocket-Protocol", options->protocol);
  }
  if (options->extensions != NULL) {
    ws_writer_field(&writer, "Sec-WebSocket-Extensions", options->extensions);
  }
  ws_writer_headers(&writer, options->headers, options->num_headers);
  ws_writer_text(&writer, "\r\n");
  return ws_writer_finish(&writer, len);
}

static const char *status_phrase(uint16_t status) {
  static const struct {
    uint16_t status;
    const char *phrase;
  } phrases[] = {
      {200, "OK"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  };
  for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
    if (phrases[i].status == status) {
      return phrases[i].phrase;
    }
  }
  return "";
}

/* The refusals in which a client is told what it can do instead. */
static void write_advice(struct ws_writer *writer, uint16_t status,
                         bool version) {
  /* RFC 9110 7.8: "A sender of Upgrade MUST also send an "Upgrade" connection
   * option"; 15.5.22: a 426 "MUST send an Upgrade header field". */
  ws_writer_text(writer, status == 426 ? "Connection: close, Upgrade\r\n"
                                         "Upgrade: websocket\r\n"
                                       : "Connection: close\r\n");
  /* 4.4: "the server MUST ... send back ... a |Sec-WebSocket-Version| header
   * field indicating the version(s) the server is capable of". */
  if (status == 426 || version) {
    ws_writer_text(writer, "Sec-WebSocket-Version: 13\r\n");
  }
  /* RFC 9110 15.5.6: "MUST generate an Allow header field in a 405". */
  if (status == 405) {
    ws_writer_text(writer, "Allow: GET\r\n");
  }
}

static enum ws_status write_refusal(uint8_t *out, size_t cap, size_t *len,
                                    const struct ws_reject_options *options,
                                    bool version) {
  const char *reason = options->reason;
  const char *type = options->content_type;
  const char *body = options->body != NULL ? options->body : "";
  /* RFC 9110 8.6: a 204 has no Content-Length; 6.4.1: neither it nor a 304 has
   * content. */
  bool bodiless = options->status == 204 || options->status == 304;
  if (options->status < 200 || options->status > 599 ||
      (bodiless && *body != '\0')) {
    return WS_ERR_ARGUMENT;
  }
  struct ws_writer writer;
  ws_writer_init(&writer, out, cap);
  ws_writer_text(&writer, "HTTP/1.1 ");
  ws_writer_number(&writer, options->status);
  ws_writer_phrase(&writer,
                   reason != NULL ? reason : status_phrase(options->status));
  write_advice(&writer, options->status, version);
  if (!bodiless) {
    ws_writer_text(&writer, "Content-Length: ");
    ws_writer_number(&writer, strlen(body));
    ws_writer_text(&writer, "\r\n");
  }
  if (*body != '\0') {
    ws_writer_field(&writer, "Content-Type",
                    type != NULL ? type : "text/plain; charset=utf-8");
  }
  ws_writer_headers(&writer, options->headers, options->num_headers);
  ws_writer_text(&writer, "\r\n");
  ws_writer_text(&writer, body);
  return ws_writer_finish(&writer, len);
}

enum ws_status
ws_response_write_reject(uint8_t *out, size_t cap, size_t *len,
                         const struct ws_reject_options *options) {
  return write_refusal(out, cap, len, options, false);
}

enum ws_status ws_response_write_fault(uint8_t *out, size_t cap, size_t *len,
                                       enum ws_fault fault) {
  const struct ws_fault_info *info = ws_fault_info(fault);
  struct ws_reject_options options = {.status = info->http_status,
                                      .body = info->text};
  /* A request that a HEAD would have made must not get content (RFC 9110
   * 9.3.2), and METHOD is the fault of a HEAD too. */
  if (fault == WS_FAULT_METHOD) {
    options.body = NULL;
  }
  bool version =
      fault == WS_FAULT_VERSION_DUPLICATE || fault == WS_FAULT_VERSION_SYNTAX;
  return write_refusal(out, cap, len, &options, version);
}
