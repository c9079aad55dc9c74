/* faulty_response.c: the answer to a request (4.2.2). */
#include <stdio.h>
#include <string.h>

#include "faulty_deflate.h"
#include "ws/crypto.h"
#include "ws/grammar.h"
#include "ws/handshake.h"

#define EXTENSIONS "Sec-WebSocket-Extensions"

static void put_slice(struct wsc_faulty *peer, struct ws_slice slice) {
  if (!wsc_faulty_buffer_append(&peer->out, slice.data, slice.len)) {
    wsc_faulty_die(peer);
  }
}

static void put(struct wsc_faulty *peer, const char *text) {
  put_slice(peer, ws_slice_of(text));
}

static void put_field(struct wsc_faulty *peer, const char *name,
                      struct ws_slice value) {
  put(peer, name);
  put(peer, ": ");
  put_slice(peer, value);
  put(peer, "\r\n");
}

/* Refusals ---------------- */

static const char *reason_of(uint16_t status) {
  static const struct {
    uint16_t status;
    const char *reason;
  } reasons[] = {
      {400, "Bad Request"},           {405, "Method Not Allowed"},
      {426, "Upgrade Required"},      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"}, {505, "HTTP Version Not Supported"},
  };
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    if (reasons[i].status == status) {
      return reasons[i].reason;
    }
  }
  return "Error";
}

/* 4.2.2: "the server MUST abort the WebSocket handshake ... and instead send an
 * appropriate HTTP error code (such as 426 Upgrade Required) and a
 * |Sec-WebSocket-Version| header field indicating the version(s) the server is
 * capable of understanding". */
static void put_versions(struct wsc_faulty *peer) {
  const char *versions = "13";
  if (wsc_faulty_is(peer, WSC_FAULT_VERSION_NOT_NAMED)) {
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_VERSION_LACKS_13)) {
    versions = "7, 8";
  } else if (wsc_faulty_is(peer, WSC_FAULT_VERSION_NAMED_WRONG)) {
    versions = "13, 99";
  } else if (wsc_faulty_is(peer, WSC_FAULT_VERSION_LIST_GRAMMAR)) {
    versions = "13, hybi-17";
  } else if (wsc_faulty_is(peer, WSC_FAULT_VERSION_OVER_255)) {
    versions = "13, 300";
  }
  put_field(peer, "Sec-WebSocket-Version", ws_slice_of(versions));
}

void wsc_faulty_refuse(struct wsc_faulty *peer, uint16_t status) {
  wsc_faulty_end(peer, WSC_PEER_CLOSE);
  if (wsc_faulty_is(peer, WSC_FAULT_REFUSES_WITHOUT_STATUS)) {
    return;
  }
  char line[64];
  snprintf(line, sizeof line, "HTTP/1.1 %u %s\r\n", (unsigned)status,
           reason_of(status));
  put(peer, line);
  if (status == 426) {
    put(peer, "Connection: Upgrade, close\r\nUpgrade: websocket\r\n");
    put_versions(peer);
  } else {
    put(peer, "Connection: close\r\n");
  }
  if (status == 405) {
    put(peer, "Allow: GET\r\n");
  }
  put(peer, "Content-Length: 0\r\n\r\n");
}

/* The 101 ---------------- */

static struct ws_slice first_value(const struct ws_http_head *head,
                                   const char *name) {
  const struct ws_http_field *field = ws_http_field(head, name, 0);
  return field == NULL ? ws_slice_of("") : field->value;
}

/* The key with all white space around it but the one space that all writers put
 * behind the colon. */
static struct ws_slice untrimmed(struct ws_slice key,
                                 const struct ws_http_head *head) {
  const struct ws_http_field *field =
      ws_http_field(head, "Sec-WebSocket-Key", 0);
  if (field == NULL || key.len == 0) {
    return key;
  }
  const uint8_t *begin = field->name.data + field->name.len + 1;
  const uint8_t *end = key.data + key.len;
  if (*begin == ' ') {
    begin++;
  }
  /* The head ends in CR LF CR LF: the loop stops at the first of them. */
  while (*end == ' ' || *end == '\t') {
    end++;
  }
  return (struct ws_slice){begin, (size_t)(end - begin)};
}

static void put_accept(struct wsc_faulty *peer, const char *accept) {
  struct ws_slice value = {(const uint8_t *)accept, WS_ACCEPT_LEN};
  if (wsc_faulty_is(peer, WSC_FAULT_ACCEPT_MISSING)) {
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_ACCEPT_CONSTANT)) {
    value = ws_slice_of("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  } else if (wsc_faulty_is(peer, WSC_FAULT_ACCEPT_UNPADDED)) {
    value.len--;
  }
  put_field(peer, "Sec-WebSocket-Accept", value);
  if (wsc_faulty_is(peer, WSC_FAULT_ACCEPT_TWICE)) {
    put_field(peer, "Sec-WebSocket-Accept", value);
  }
}

static void lower_case(char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (text[i] >= 'A' && text[i] <= 'Z') {
      text[i] = (char)(text[i] - 'A' + 'a');
    }
  }
}

/* The answers to an offer, each with the fault that makes it. */
static const struct {
  enum wsc_fault_id fault;
  const char *value;
} answers[] = {
    {WSC_FAULT_EXTENSION_NOT_OFFERED, "x-another"},
    {WSC_FAULT_EXTENSION_NOT_TOKEN, "permessage/deflate"},
    {WSC_FAULT_EXTENSION_UNREGISTERED, "deflate-stream"},
    {WSC_FAULT_EXTENSION_UNDEFINED_PARAMETER, "permessage-deflate; level=9"},
    {WSC_FAULT_EXTENSION_UNDEFINED_VALUE,
     "permessage-deflate; server_max_window_bits=16"},
};

static const char *answer_to_offer(const struct wsc_faulty *peer) {
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
    if (wsc_faulty_is(peer, answers[i].fault)) {
      return answers[i].value;
    }
  }
  return NULL;
}

/* Faults that answer with an extension of their own. */
static bool put_other_extension(struct wsc_faulty *peer,
                                const struct ws_http_head *head) {
  struct ws_slice offer = first_value(head, EXTENSIONS);
  bool offered = ws_http_count(head, EXTENSIONS) > 0;
  if (wsc_faulty_is(peer, WSC_FAULT_EXTENSION_UNREQUESTED) && !offered) {
    put_field(peer, EXTENSIONS, ws_slice_of(WSC_FAULTY_EXTENSION));
  } else if (wsc_faulty_is(peer, WSC_FAULT_EXTENSION_EMPTY_FIELD) && !offered) {
    put_field(peer, EXTENSIONS, ws_slice_of(""));
  } else if (offered && answer_to_offer(peer) != NULL) {
    put_field(peer, EXTENSIONS, ws_slice_of(answer_to_offer(peer)));
  } else if (wsc_faulty_is(peer, WSC_FAULT_EXTENSION_UNKNOWN_ECHOED) &&
             offered) {
    put_field(peer, EXTENSIONS, offer);
  } else if ((wsc_faulty_is(peer, WSC_FAULT_EXTENSION_MALFORMED_ACCEPTED) ||
              wsc_faulty_is(peer, WSC_FAULT_EXTENSION_QUOTED_ACCEPTED)) &&
             offered && !ws_extensions_valid(offer)) {
    put_field(peer, EXTENSIONS, ws_slice_of(WSC_FAULTY_EXTENSION));
  } else {
    return false;
  }
  return true;
}

static void put_extension(struct wsc_faulty *peer,
                          const struct ws_http_head *head,
                          enum wsc_faulty_choice choice,
                          const struct wsc_faulty_agreement *agreement) {
  char answer[WSC_FAULTY_ANSWER_MAX];
  bool agrees = choice == WSC_FAULTY_AGREED;
  bool declines = choice == WSC_FAULTY_DECLINED;
  if (put_other_extension(peer, head)) {
    return;
  }
  if (declines && wsc_faulty_is(peer, WSC_FAULT_DEFLATE_DECLINED_AND_LISTED)) {
    put_field(peer, EXTENSIONS, ws_slice_of(WSC_FAULTY_EXTENSION));
  }
  if (agrees && !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_NOT_NAMED)) {
    wsc_faulty_answer_write(peer, agreement, answer);
    put_field(peer, EXTENSIONS, ws_slice_of(answer));
  }
  bool used =
      agrees ||
      (declines && wsc_faulty_is(peer, WSC_FAULT_DEFLATE_DECLINED_AND_USED));
  if (used && !wsc_faulty_deflate_begin(peer, agreement)) {
    wsc_faulty_die(peer);
  }
}

#define SPOKEN "chat" /* the only subprotocol of this peer */

/* The first member of the offer that this peer speaks; data is NULL when there
 * is none. 11.3.4: several fields are one list. */
static struct ws_slice spoken(const struct wsc_faulty *peer,
                              const struct ws_http_head *head) {
  static const char name[] = "Sec-WebSocket-Protocol";
  size_t begin = 0, end = ws_http_count(head, name);
  bool any_case = wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_ANY_CASE);
  struct ws_slice member;
  if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_FIRST_FIELD) && end > 1) {
    end = 1;
  } else if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_LAST_FIELD) && end > 1) {
    begin = end - 1;
  }
  for (size_t i = begin; i < end; i++) {
    struct ws_slice rest = ws_http_field(head, name, i)->value;
    while (ws_list_next(&rest, &member)) {
      /* 7936 2: the names are compared with their letter case. */
      if (ws_slice_equals(member, SPOKEN) ||
          (any_case && ws_slice_equals_nocase(member, SPOKEN))) {
        return member;
      }
    }
  }
  return (struct ws_slice){NULL, 0};
}

/* Without a subprotocol that it speaks no field is sent (4.2.2). */
static void put_protocol(struct wsc_faulty *peer,
                         const struct ws_http_head *head) {
  static const char name[] = "Sec-WebSocket-Protocol";
  struct ws_slice offer = first_value(head, name);
  struct ws_slice first = ws_slice_of("");
  struct ws_slice rest = offer;
  bool offered = ws_http_count(head, name) > 0;
  bool well_formed = ws_list_next(&rest, &first) && ws_is_token(first);
  if (!offered) {
    if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_UNREQUESTED)) {
      put_field(peer, name, ws_slice_of(SPOKEN));
    }
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_NOT_OFFERED)) {
    put_field(peer, name, ws_slice_of("x-another"));
  } else if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_LIST_ECHOED)) {
    put_field(peer, name, offer);
  } else if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_EMPTY)) {
    put_field(peer, name, ws_slice_of(""));
  } else if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_TWICE)) {
    put_field(peer, name, first);
    put_field(peer, name, first);
  } else if (wsc_faulty_is(peer, WSC_FAULT_PROTOCOL_MALFORMED_ECHOED) &&
             !well_formed) {
    put_field(peer, name, offer);
  } else if (spoken(peer, head).data != NULL) {
    put_field(peer, name, spoken(peer, head));
  }
}

static bool has_query(struct ws_slice target) {
  return target.len > 0 && memchr(target.data, '?', target.len) != NULL;
}

static void put_status(struct wsc_faulty *peer,
                       const struct ws_http_head *head) {
  if (wsc_faulty_is(peer, WSC_FAULT_STATUS_200) && has_query(head->target)) {
    put(peer, "HTTP/1.1 200 OK\r\n");
  } else if (wsc_faulty_is(peer, WSC_FAULT_RESPONSE_NOT_HTTP)) {
    put(peer, "WebSocket 101 Switching Protocols\r\n");
  } else {
    put(peer, "HTTP/1.1 101 Switching Protocols\r\n");
  }
}

static void put_upgrade(struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_RESPONSE_OTHER_UPGRADE)) {
    put(peer, "Upgrade: h2c\r\n");
  } else if (!wsc_faulty_is(peer, WSC_FAULT_RESPONSE_NO_UPGRADE)) {
    put(peer, "Upgrade: websocket\r\n");
  }
  if (wsc_faulty_is(peer, WSC_FAULT_RESPONSE_OTHER_CONNECTION)) {
    put(peer, "Connection: keep-alive\r\n");
  } else if (!wsc_faulty_is(peer, WSC_FAULT_RESPONSE_NO_CONNECTION)) {
    put(peer, "Connection: Upgrade\r\n");
  }
}

bool wsc_faulty_accept(struct wsc_faulty *peer,
                       const struct ws_http_head *head) {
  char accept[WS_ACCEPT_LEN];
  struct wsc_faulty_agreement agreement = {0};
  enum wsc_faulty_choice choice = wsc_faulty_choose(peer, head, &agreement);
  struct ws_slice key = first_value(head, "Sec-WebSocket-Key");
  if (wsc_faulty_is(peer, WSC_FAULT_ACCEPT_OF_UNTRIMMED_KEY)) {
    key = untrimmed(key, head);
  }
  if (choice == WSC_FAULTY_BROKEN) {
    wsc_faulty_refuse(peer, 500);
    return false;
  }
  if (!ws_handshake_accept(ws_crypto_openssl(), key, accept)) {
    wsc_faulty_refuse(peer, 400);
    return false;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_ACCEPT_LOWER_CASE)) {
    lower_case(accept, sizeof accept);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_FRAME_BEFORE_RESPONSE)) {
    wsc_faulty_send(peer, WS_OP_PING, NULL, 0);
  }
  put_status(peer, head);
  put_upgrade(peer);
  put_accept(peer, accept);
  put_extension(peer, head, choice, &agreement);
  put_protocol(peer, head);
  if (wsc_faulty_is(peer, WSC_FAULT_RESPONSE_CONTENT_LENGTH)) {
    put(peer, "Content-Length: 0\r\n");
  } else if (wsc_faulty_is(peer, WSC_FAULT_RESPONSE_TRANSFER_ENCODING)) {
    put(peer, "Transfer-Encoding: chunked\r\n");
  }
  put(peer, "\r\n");
  return peer->phase != WSC_FAULTY_DONE;
}
