#include "ws/handshake.h"

#include "ws/base64.h"

#include <string.h>

#include "handshake_internal.h"

#define GUID     "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 1.3 */
#define GUID_LEN (sizeof(GUID) - 1)

bool ws_handshake_accept(const struct ws_crypto *crypto, struct ws_slice key,
                         char out[WS_ACCEPT_LEN]) {
  uint8_t text[WS_HANDSHAKE_KEY_MAX + GUID_LEN];
  uint8_t digest[WS_SHA1_LEN];
  if (key.len > WS_HANDSHAKE_KEY_MAX) {
    return false;
  }
  if (key.len != 0) {
    memcpy(text, key.data, key.len);
  }
  memcpy(text + key.len, GUID, GUID_LEN);
  if (!crypto->sha1(crypto->user, text, key.len + GUID_LEN, digest)) {
    return false;
  }
  ws_base64_encode(out, digest, sizeof(digest));
  return true;
}

bool ws_handshake_key_valid(struct ws_slice key) {
  uint8_t nonce[WS_KEY_LEN / 4 * 3];
  size_t len;
  return key.len == WS_KEY_LEN && ws_base64_decode(nonce, &len, key) &&
         len == 16;
}

bool ws_handshake_key_make(const struct ws_crypto *crypto,
                           char out[WS_KEY_LEN]) {
  uint8_t nonce[16];
  if (!crypto->random(crypto->user, nonce, sizeof(nonce))) {
    return false;
  }
  ws_base64_encode(out, nonce, sizeof(nonce));
  return true;
}

void ws_field_list_init(struct ws_field_list *list,
                        const struct ws_http_head *head, const char *name) {
  list->head = head;
  list->name = name;
  list->index = 0;
  list->rest = (struct ws_slice){NULL, 0};
}

static bool next_field(struct ws_field_list *list) {
  const struct ws_http_field *field =
      ws_http_field(list->head, list->name, list->index);
  if (field == NULL) {
    return false;
  }
  list->index++;
  list->rest = field->value;
  return true;
}

bool ws_field_list_next(struct ws_field_list *list, struct ws_slice *member) {
  while (!ws_list_next(&list->rest, member)) {
    if (!next_field(list)) {
      return false;
    }
  }
  return true;
}

enum ws_grammar ws_field_list_next_extension(struct ws_field_list *list,
                                             struct ws_extension *extension) {
  for (;;) {
    enum ws_grammar found = ws_extension_next(&list->rest, extension);
    if (found != WS_GRAMMAR_END) {
      return found;
    }
    if (!next_field(list)) {
      return WS_GRAMMAR_END;
    }
  }
}

bool ws_handshake_has_protocol(const struct ws_http_head *head,
                               struct ws_slice protocol) {
  struct ws_field_list list;
  struct ws_slice member;
  ws_field_list_init(&list, head, "Sec-WebSocket-Protocol");
  while (ws_field_list_next(&list, &member)) {
    if (member.len == protocol.len &&
        memcmp(member.data, protocol.data, member.len) == 0) {
      return true;
    }
  }
  return false;
}

static uint8_t lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool ws_handshake_same_name(struct ws_slice a, struct ws_slice b) {
  if (a.len != b.len) {
    return false;
  }
  for (size_t i = 0; i < a.len; i++) {
    if (lower(a.data[i]) != lower(b.data[i])) {
      return false;
    }
  }
  return true;
}

bool ws_handshake_has_extension(const struct ws_http_head *head,
                                struct ws_slice name) {
  struct ws_field_list list;
  struct ws_extension extension;
  ws_field_list_init(&list, head, "Sec-WebSocket-Extensions");
  while (ws_field_list_next_extension(&list, &extension) == WS_GRAMMAR_OK) {
    if (ws_handshake_same_name(extension.name, name)) {
      return true;
    }
  }
  return false;
}

enum ws_fault ws_handshake_check_syntax(const struct ws_http_head *head) {
  /* RFC 9110 5.5: obs-text is opaque data in a field's value, and legal. */
  uint32_t quirks =
      head->quirks & ~(uint32_t)(WS_HTTP_NON_ASCII | WS_HTTP_EXTRA_FIELDS);
  if (quirks != 0) {
    return WS_FAULT_HTTP_SYNTAX;
  }
  if ((head->quirks & WS_HTTP_EXTRA_FIELDS) != 0) {
    return WS_FAULT_HTTP_TOO_MANY_FIELDS;
  }
  return WS_FAULT_NONE;
}

enum ws_fault ws_handshake_check_extensions(const struct ws_http_head *head) {
  const char *name = "Sec-WebSocket-Extensions";
  size_t num_fields = ws_http_count(head, name);
  size_t num_members = 0;
  for (size_t i = 0; i < num_fields; i++) {
    struct ws_slice value = ws_http_field(head, name, i)->value;
    struct ws_slice rest = value;
    struct ws_slice member;
    /* RFC 9110 5.6.1.2: empty members are legal, so a field of nothing else is
     * too, as long as the combined list has a member (9.1: "1#extension"). */
    if (!ws_list_next(&rest, &member)) {
      continue;
    }
    if (!ws_extensions_valid(value)) {
      return WS_FAULT_EXTENSION_SYNTAX;
    }
    num_members++;
  }
  return num_fields != 0 && num_members == 0 ? WS_FAULT_EXTENSION_SYNTAX
                                             : WS_FAULT_NONE;
}

bool ws_handshake_authority_valid(struct ws_slice authority) {
  /* RFC 3986 3.2.2: unreserved, pct-encoded, sub-delims, and the brackets and
   * colons of IP literals and ports; userinfo has no place here. */
  static const char others[] = "-._~%!$&'()*+,;=:[]";
  for (size_t i = 0; i < authority.len; i++) {
    uint8_t c = authority.data[i];
    bool alnum = (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
    if (!alnum && (c == 0 || c > 0x7E || strchr(others, c) == NULL)) {
      return false;
    }
  }
  return authority.len != 0;
}
