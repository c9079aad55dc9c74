#include "request.h"

#include <string.h>

#include "ws/base64.h"
#include "ws/grammar.h"
#include "ws/handshake.h"
#include "ws/http.h"

static bool same_name(struct ws_slice a, struct ws_slice b) {
  if (a.len != b.len) {
    return false;
  }
  for (size_t i = 0; i < a.len; i++) {
    uint8_t x =
        a.data[i] >= 'A' && a.data[i] <= 'Z' ? a.data[i] | 0x20 : a.data[i];
    uint8_t y =
        b.data[i] >= 'A' && b.data[i] <= 'Z' ? b.data[i] | 0x20 : b.data[i];
    if (x != y) {
      return false;
    }
  }
  return true;
}

static void add_header_option(struct wsc_request *request, const char *line) {
  const char *colon = strchr(line, ':');
  if (colon == NULL) {
    return;
  }
  struct ws_slice name = {(const uint8_t *)line, (size_t)(colon - line)};
  struct ws_slice value = ws_trim(ws_slice_of(colon + 1));
  wsc_request_set(request, name, value);
}

static struct ws_slice new_key(struct wsc_trial *trial) {
  uint8_t nonce[16];
  wsc_rng_bytes(&trial->rng, nonce, sizeof nonce);
  char *text =
      wsc_arena_alloc(&trial->outcome->arena, WS_BASE64_LEN(sizeof nonce) + 1);
  ws_base64_encode(text, nonce, sizeof nonce);
  return ws_slice_of(text);
}

void wsc_request_init(struct wsc_request *request, struct wsc_trial *trial) {
  const struct wsc_target *target = trial->context->target;
  memset(request, 0, sizeof *request);
  request->method = ws_slice_of("GET");
  request->target = ws_slice_of(target->path);
  request->version = ws_slice_of("HTTP/1.1");
  request->eol = ws_slice_of("\r\n");
  request->key = new_key(trial);
  wsc_request_add(request, ws_slice_of("Host"), ws_slice_of(target->host));
  wsc_request_add(request, ws_slice_of("Upgrade"), ws_slice_of("websocket"));
  wsc_request_add(request, ws_slice_of("Connection"), ws_slice_of("Upgrade"));
  wsc_request_add(request, ws_slice_of("Sec-WebSocket-Key"), request->key);
  wsc_request_add(request, ws_slice_of("Sec-WebSocket-Version"),
                  ws_slice_of("13"));
  if (target->origin != NULL) {
    wsc_request_add(request, ws_slice_of("Origin"),
                    ws_slice_of(target->origin));
  }
  for (const char *const *line = target->headers; line != NULL && *line != NULL;
       line++) {
    add_header_option(request, *line);
  }
}

void wsc_request_drop(struct wsc_request *request, struct ws_slice name) {
  size_t kept = 0;
  for (size_t i = 0; i < request->num_fields; i++) {
    if (!same_name(request->fields[i].name, name)) {
      request->fields[kept++] = request->fields[i];
    }
  }
  request->num_fields = kept;
}

void wsc_request_set(struct wsc_request *request, struct ws_slice name,
                     struct ws_slice value) {
  for (size_t i = 0; i < request->num_fields; i++) {
    if (same_name(request->fields[i].name, name)) {
      request->fields[i].value = value;
      return;
    }
  }
  wsc_request_add(request, name, value);
}

void wsc_request_add(struct wsc_request *request, struct ws_slice name,
                     struct ws_slice value) {
  if (request->num_fields < WSC_REQUEST_FIELDS) {
    request->fields[request->num_fields].name = name;
    request->fields[request->num_fields].value = value;
    request->num_fields++;
  }
}

void wsc_request_reverse(struct wsc_request *request) {
  for (size_t i = 0; i < request->num_fields / 2; i++) {
    size_t j = request->num_fields - 1 - i;
    struct ws_slice name = request->fields[i].name;
    struct ws_slice value = request->fields[i].value;
    request->fields[i] = request->fields[j];
    request->fields[j].name = name;
    request->fields[j].value = value;
  }
}

void wsc_request_names(struct wsc_request *request, struct wsc_trial *trial,
                       bool upper) {
  for (size_t i = 0; i < request->num_fields; i++) {
    struct ws_slice *name = &request->fields[i].name;
    char *copy = wsc_arena_copy(&trial->outcome->arena, name->data, name->len);
    for (size_t j = 0; j < name->len; j++) {
      char c = copy[j];
      bool lower_letter = c >= 'a' && c <= 'z';
      bool upper_letter = c >= 'A' && c <= 'Z';
      if (upper ? lower_letter : upper_letter) {
        copy[j] = (char)(c ^ 0x20);
      }
    }
    name->data = (const uint8_t *)copy;
  }
}

struct writer {
  uint8_t *out; /* NULL: only count */
  size_t len;
};

static void put(struct writer *writer, struct ws_slice slice) {
  if (writer->out != NULL && slice.len != 0) {
    memcpy(writer->out + writer->len, slice.data, slice.len);
  }
  writer->len += slice.len;
}

static void put_all(struct writer *writer, const struct wsc_request *request) {
  put(writer, request->method);
  put(writer, ws_slice_of(" "));
  put(writer, request->target);
  put(writer, ws_slice_of(" "));
  put(writer, request->version);
  put(writer, request->eol);
  for (size_t i = 0; i < request->num_fields; i++) {
    put(writer, request->fields[i].name);
    put(writer, ws_slice_of(": "));
    put(writer, request->fields[i].value);
    put(writer, request->eol);
  }
  put(writer, request->eol);
}

struct ws_slice wsc_request_write(const struct wsc_request *request,
                                  struct wsc_trial *trial) {
  struct writer counter = {NULL, 0};
  put_all(&counter, request);
  struct writer writer = {
      wsc_arena_alloc(&trial->outcome->arena, counter.len + 1), 0};
  put_all(&writer, request);
  return (struct ws_slice){writer.out, writer.len};
}

struct ws_slice wsc_request_key(struct ws_slice bytes) {
  struct ws_http_field fields[WSC_REQUEST_FIELDS];
  struct ws_http_head head;
  size_t scanned = 0;
  size_t len = ws_http_head_end(bytes.data, bytes.len, &scanned);
  ws_http_parse(&head, WS_HTTP_REQUEST, bytes.data, len == 0 ? bytes.len : len,
                fields, WSC_REQUEST_FIELDS);
  const struct ws_http_field *key =
      ws_http_field(&head, "Sec-WebSocket-Key", 0);
  return key == NULL ? (struct ws_slice){NULL, 0} : key->value;
}

bool wsc_request_accepted(const struct wsc_trial *trial,
                          const struct ws_http_head *head,
                          struct ws_slice key) {
  char expected[29] = "";
  const struct ws_http_field *accept =
      ws_http_field(head, "Sec-WebSocket-Accept", 0);
  return head->status == 101 && accept != NULL &&
         ws_handshake_accept(trial->context->crypto, key, expected) &&
         ws_slice_equals(accept->value, expected);
}
