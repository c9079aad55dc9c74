/* faulty_request.c: what a request must look like (4.2.1, 4.3), as a list of
 * rules. A fault takes one rule away, or adds one that the RFC does not have.
 * One file, because the list at its end is read beside the rules it names. */
#include "faulty_internal.h"

#include "ws/base64.h"
#include "ws/grammar.h"
#include "ws/handshake.h"

#define NONCE_LEN 16

struct rule {
  bool (*holds)(const struct ws_http_head *head);
  uint16_t status; /* of the refusal */
  enum wsc_fault_id fault;
  bool only; /* the rule exists only with the fault; else only without it */
};

/* The value of the first field called `name`; data is NULL without one. */
static struct ws_slice value_of(const struct ws_http_head *head,
                                const char *name) {
  const struct ws_http_field *field = ws_http_field(head, name, 0);
  return field == NULL ? (struct ws_slice){NULL, 0} : field->value;
}

static bool has(const struct ws_http_head *head, const char *name) {
  return ws_http_count(head, name) > 0;
}

static bool begins_with(struct ws_slice slice, const char *prefix) {
  struct ws_slice text = ws_slice_of(prefix);
  if (slice.len < text.len) {
    return false;
  }
  return ws_slice_equals_nocase((struct ws_slice){slice.data, text.len},
                                prefix);
}

/* Start line and shape ---------------- */

static bool few_fields(const struct ws_http_head *head) {
  return (head->quirks & WS_HTTP_EXTRA_FIELDS) == 0;
}

/* Field values may hold obs-text (RFC 9110 5.5). */
static bool well_formed(const struct ws_http_head *head) {
  return (head->quirks & ~(uint32_t)WS_HTTP_NON_ASCII) == 0;
}

static bool method_is_get(const struct ws_http_head *head) {
  return ws_slice_equals_nocase(head->method, "GET");
}

/* "The method is case-sensitive" (RFC 9110 9.1). */
static bool method_in_capitals(const struct ws_http_head *head) {
  return !method_is_get(head) || ws_slice_equals(head->method, "GET");
}

static bool http_1_1(const struct ws_http_head *head) {
  return head->version_major > 1 ||
         (head->version_major == 1 && head->version_minor >= 1);
}

static bool target_absolute(const struct ws_http_head *head) {
  return begins_with(head->target, "http://") ||
         begins_with(head->target, "https://");
}

static bool target_valid(const struct ws_http_head *head) {
  for (size_t i = 0; i < head->target.len; i++) {
    uint8_t c = head->target.data[i];
    if (c <= 0x20 || c >= 0x7F || c == '#') {
      return false;
    }
  }
  return begins_with(head->target, "/") || target_absolute(head);
}

static bool target_not_absolute(const struct ws_http_head *head) {
  return !target_absolute(head);
}

static bool host_present(const struct ws_http_head *head) {
  return has(head, "Host");
}

static bool host_single(const struct ws_http_head *head) {
  return ws_http_count(head, "Host") <= 1;
}

static bool host_valid(const struct ws_http_head *head) {
  struct ws_slice host = value_of(head, "Host");
  for (size_t i = 0; i < host.len; i++) {
    uint8_t c = host.data[i];
    if (c <= 0x20 || c >= 0x7F || c == ',' || c == '/' || c == '@') {
      return false;
    }
  }
  return host.data == NULL || host.len > 0;
}

static bool no_body(const struct ws_http_head *head) {
  struct ws_slice length = value_of(head, "Content-Length");
  return !has(head, "Transfer-Encoding") &&
         (length.data == NULL || ws_slice_equals(length, "0"));
}

/* Upgrade and Connection ---------------- */

static bool upgrade_present(const struct ws_http_head *head) {
  return has(head, "Upgrade");
}

static bool upgrade_not_longer(const struct ws_http_head *head) {
  return ws_http_has_token(head, "Upgrade", "websocket") ||
         !begins_with(value_of(head, "Upgrade"), "websocket");
}

/* A locale-aware comparison folds U+017F to s; 2.1: only A-Z and a-z fold. */
static bool upgrade_not_folded(const struct ws_http_head *head) {
  return !ws_slice_equals_nocase(value_of(head, "Upgrade"), "web\xC5\xBFocket");
}

static bool upgrade_valid(const struct ws_http_head *head) {
  return !upgrade_present(head) || !upgrade_not_longer(head) ||
         !upgrade_not_folded(head) ||
         ws_http_has_token(head, "Upgrade", "websocket");
}

static bool upgrade_exact(const struct ws_http_head *head) {
  return ws_slice_equals(value_of(head, "Upgrade"), "websocket");
}

static bool connection_present(const struct ws_http_head *head) {
  return has(head, "Connection");
}

static bool connection_valid(const struct ws_http_head *head) {
  return !connection_present(head) ||
         ws_http_has_token(head, "Connection", "Upgrade");
}

static bool connection_exact(const struct ws_http_head *head) {
  struct ws_field_list list;
  struct ws_slice member;
  ws_field_list_init(&list, head, "Connection");
  while (ws_field_list_next(&list, &member)) {
    if (ws_slice_equals(member, "Upgrade")) {
      return true;
    }
  }
  return false;
}

static bool connection_alone(const struct ws_http_head *head) {
  return ws_slice_equals_nocase(value_of(head, "Connection"), "Upgrade") ||
         ws_http_count(head, "Connection") > 1;
}

static bool connection_single(const struct ws_http_head *head) {
  return ws_http_count(head, "Connection") == 1;
}

/* Key and version ---------------- */

static bool key_present(const struct ws_http_head *head) {
  return has(head, "Sec-WebSocket-Key");
}

static bool key_single(const struct ws_http_head *head) {
  return ws_http_count(head, "Sec-WebSocket-Key") <= 1;
}

static bool key_not_empty(const struct ws_http_head *head) {
  return !key_present(head) || value_of(head, "Sec-WebSocket-Key").len > 0;
}

/* The number of bytes that the key decodes to; SIZE_MAX: not base64. */
static size_t key_nonce_len(const struct ws_http_head *head) {
  uint8_t nonce[WS_HANDSHAKE_KEY_MAX];
  size_t len = 0;
  struct ws_slice key = value_of(head, "Sec-WebSocket-Key");
  if (key.len > WS_HANDSHAKE_KEY_MAX || !ws_base64_decode(nonce, &len, key)) {
    return SIZE_MAX;
  }
  return len;
}

static bool key_base64(const struct ws_http_head *head) {
  return key_nonce_len(head) != SIZE_MAX;
}

static bool key_length(const struct ws_http_head *head) {
  size_t len = key_nonce_len(head);
  return len == NONCE_LEN || len == SIZE_MAX || len == 0;
}

static bool key_not_zero(const struct ws_http_head *head) {
  return !ws_slice_equals(value_of(head, "Sec-WebSocket-Key"),
                          "AAAAAAAAAAAAAAAAAAAAAA==");
}

static bool version_present(const struct ws_http_head *head) {
  return has(head, "Sec-WebSocket-Version");
}

static bool version_single(const struct ws_http_head *head) {
  return ws_http_count(head, "Sec-WebSocket-Version") <= 1;
}

/* 4.3: "DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) | ("2" DIGIT DIGIT)", and
 * "Limited to 0-255 range, with no leading zeros". */
static bool version_number(const struct ws_http_head *head) {
  struct ws_slice text = value_of(head, "Sec-WebSocket-Version");
  unsigned value = 0;
  if (text.data == NULL) {
    return true;
  }
  if (text.len == 0 || text.len > 3 || (text.len > 1 && text.data[0] == '0')) {
    return false;
  }
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') {
      return false;
    }
    value = value * 10 + (unsigned)(text.data[i] - '0');
  }
  return value <= 255;
}

static bool version_13(const struct ws_http_head *head) {
  return !version_present(head) || !version_number(head) ||
         ws_slice_equals(value_of(head, "Sec-WebSocket-Version"), "13");
}

/* Subprotocols and extensions ---------------- */

static bool protocol_field_valid(struct ws_slice rest) {
  struct ws_slice member;
  size_t num_members = 0;
  while (ws_list_next(&rest, &member)) {
    if (!ws_is_token(member)) {
      return false;
    }
    num_members++;
  }
  return num_members > 0;
}

/* True when `check` holds for each field called `name`. */
static bool each_field(const struct ws_http_head *head, const char *name,
                       bool (*check)(struct ws_slice value)) {
  const struct ws_http_field *field;
  for (size_t i = 0; (field = ws_http_field(head, name, i)) != NULL; i++) {
    if (!check(field->value)) {
      return false;
    }
  }
  return true;
}

static bool each_offer(const struct ws_http_head *head,
                       bool (*check)(struct ws_slice value)) {
  return each_field(head, "Sec-WebSocket-Extensions", check);
}

static bool protocols_valid(const struct ws_http_head *head) {
  return each_field(head, "Sec-WebSocket-Protocol", protocol_field_valid);
}

static bool extensions_valid(const struct ws_http_head *head) {
  return each_offer(head, ws_extensions_valid);
}

static bool no_quotes(struct ws_slice value) {
  for (size_t i = 0; i < value.len; i++) {
    if (value.data[i] == '"') {
      return false;
    }
  }
  return true;
}

static bool extensions_unquoted(const struct ws_http_head *head) {
  return each_offer(head, no_quotes);
}

static bool extensions_formed(const struct ws_http_head *head) {
  return !extensions_unquoted(head) || extensions_valid(head);
}

static bool extensions_quoted_well(const struct ws_http_head *head) {
  return extensions_unquoted(head) || extensions_valid(head);
}

static bool extensions_none(const struct ws_http_head *head) {
  return !has(head, "Sec-WebSocket-Extensions");
}

static bool extensions_single(const struct ws_http_head *head) {
  return ws_http_count(head, "Sec-WebSocket-Extensions") <= 1;
}

static bool no_empty_member(struct ws_slice value) {
  bool empty = true;
  for (size_t i = 0; i < value.len; i++) {
    uint8_t c = value.data[i];
    if (c == ',' && empty) {
      return false;
    }
    empty = c == ',' || (empty && (c == ' ' || c == '\t'));
  }
  return !empty;
}

static bool extensions_dense(const struct ws_http_head *head) {
  return each_offer(head, no_empty_member);
}

static bool no_space_before(struct ws_slice value) {
  for (size_t i = 1; i < value.len; i++) {
    uint8_t c = value.data[i];
    uint8_t before = value.data[i - 1];
    if ((c == ',' || c == ';') && (before == ' ' || before == '\t')) {
      return false;
    }
  }
  return true;
}

static bool extensions_tight(const struct ws_http_head *head) {
  return each_offer(head, no_space_before);
}

/* Rules that RFC 6455 does not have ---------------- */

static bool protocols_dense(const struct ws_http_head *head) {
  return each_field(head, "Sec-WebSocket-Protocol", no_empty_member);
}

static bool protocols_tight(const struct ws_http_head *head) {
  return each_field(head, "Sec-WebSocket-Protocol", no_space_before);
}

static const char *const known_names[] = {
    "Host",           "Upgrade",
    "Connection",     "Sec-WebSocket-Key",
    "Origin",         "Sec-WebSocket-Version",
    "User-Agent",     "Sec-WebSocket-Protocol",
    "Content-Length", "Sec-WebSocket-Extensions",
    "Authorization",
};

#define NUM_NAMES (sizeof known_names / sizeof known_names[0])

static bool names_exact(const struct ws_http_head *head) {
  for (size_t i = 0; i < NUM_NAMES; i++) {
    const struct ws_http_field *field = ws_http_field(head, known_names[i], 0);
    if (field != NULL && !ws_slice_equals(field->name, known_names[i])) {
      return false;
    }
  }
  return true;
}

static bool host_first(const struct ws_http_head *head) {
  return head->num_fields > 0 &&
         ws_slice_equals_nocase(head->fields[0].name, "Host");
}

static bool names_known(const struct ws_http_head *head) {
  size_t num_known = 0;
  for (size_t i = 0; i < NUM_NAMES; i++) {
    num_known += ws_http_count(head, known_names[i]);
  }
  return num_known == head->num_fields;
}

/* In the order of 4.2.1; the first that does not hold decides. */
static const struct rule rules[] = {
    {few_fields, 431, WSC_NO_FAULT, false},
    {well_formed, 400, WSC_NO_FAULT, false},
    {method_is_get, 405, WSC_FAULT_ACCEPTS_POST, false},
    {method_in_capitals, 405, WSC_FAULT_ACCEPTS_LOWER_CASE_GET, false},
    {http_1_1, 505, WSC_FAULT_ACCEPTS_HTTP_1_0, false},
    {target_valid, 400, WSC_NO_FAULT, false},
    {target_not_absolute, 400, WSC_FAULT_REFUSES_ABSOLUTE_TARGET, true},
    {host_present, 400, WSC_FAULT_ACCEPTS_NO_HOST, false},
    {host_single, 400, WSC_NO_FAULT, false},
    {host_valid, 400, WSC_NO_FAULT, false},
    {no_body, 400, WSC_NO_FAULT, false},
    {upgrade_present, 426, WSC_FAULT_ACCEPTS_NO_UPGRADE, false},
    {upgrade_valid, 426, WSC_FAULT_ACCEPTS_OTHER_UPGRADE, false},
    {upgrade_not_longer, 426, WSC_FAULT_ACCEPTS_UPGRADE_PREFIX, false},
    {upgrade_not_folded, 426, WSC_FAULT_UPGRADE_UNICODE_FOLD, false},
    {upgrade_exact, 426, WSC_FAULT_UPGRADE_EXACT_CASE, true},
    {connection_present, 400, WSC_FAULT_ACCEPTS_NO_CONNECTION, false},
    {connection_valid, 400, WSC_FAULT_ACCEPTS_OTHER_CONNECTION, false},
    {connection_exact, 400, WSC_FAULT_CONNECTION_EXACT_CASE, true},
    {connection_alone, 400, WSC_FAULT_CONNECTION_LIST_REFUSED, true},
    {connection_single, 400, WSC_FAULT_CONNECTION_LINES_REFUSED, true},
    {key_present, 400, WSC_FAULT_ACCEPTS_NO_KEY, false},
    {key_single, 400, WSC_FAULT_ACCEPTS_TWO_KEYS, false},
    {key_not_empty, 400, WSC_FAULT_ACCEPTS_EMPTY_KEY, false},
    {key_base64, 400, WSC_FAULT_ACCEPTS_KEY_NOT_BASE64, false},
    {key_length, 400, WSC_FAULT_ACCEPTS_KEY_LENGTH, false},
    {key_not_zero, 400, WSC_FAULT_REFUSES_ZERO_KEY, true},
    {version_present, 426, WSC_FAULT_ACCEPTS_NO_VERSION, false},
    {version_single, 400, WSC_FAULT_ACCEPTS_TWO_VERSIONS, false},
    {version_number, 400, WSC_FAULT_ACCEPTS_VERSION_GRAMMAR, false},
    {version_13, 426, WSC_FAULT_ACCEPTS_ANY_VERSION, false},
    {protocols_valid, 400, WSC_FAULT_PROTOCOL_MALFORMED_ECHOED, false},
    {protocols_dense, 400, WSC_FAULT_PROTOCOL_EMPTY_MEMBER_REFUSED, true},
    {protocols_tight, 400, WSC_FAULT_PROTOCOL_SPACE_REFUSED, true},
    {extensions_formed, 400, WSC_FAULT_EXTENSION_MALFORMED_ACCEPTED, false},
    {extensions_quoted_well, 400, WSC_FAULT_EXTENSION_QUOTED_ACCEPTED, false},
    {extensions_none, 400, WSC_FAULT_EXTENSION_OFFER_REFUSED, true},
    {extensions_single, 400, WSC_FAULT_EXTENSION_LINES_REFUSED, true},
    {extensions_dense, 400, WSC_FAULT_EXTENSION_EMPTY_MEMBER_REFUSED, true},
    {extensions_tight, 400, WSC_FAULT_EXTENSION_SPACE_REFUSED, true},
    {extensions_unquoted, 400, WSC_FAULT_EXTENSION_QUOTED_REFUSED, true},
    {names_exact, 400, WSC_FAULT_NAMES_EXACT_CASE, true},
    {host_first, 400, WSC_FAULT_ORDER_MATTERS, true},
    {names_known, 400, WSC_FAULT_UNKNOWN_FIELD_REFUSED, true},
};

static bool rule_applies(const struct wsc_faulty *peer,
                         const struct rule *rule) {
  if (rule->fault == WSC_NO_FAULT) {
    return true;
  }
  return wsc_faulty_is(peer, rule->fault) == rule->only;
}

uint16_t wsc_faulty_refusal(const struct wsc_faulty *peer,
                            const struct ws_http_head *head) {
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    if (rule_applies(peer, &rules[i]) && !rules[i].holds(head)) {
      return rules[i].status;
    }
  }
  return 0;
}
