#include "owner.h"

#include <string.h>

#include "core/conn_internal.h"
#include "utf8_reference.h"

static bool sha1(void *user, const uint8_t *data, size_t len,
                 uint8_t digest[WS_SHA1_LEN]) {
  (void)user;
  const struct ws_crypto *openssl = ws_crypto_openssl();
  return openssl->sha1(openssl->user, data, len, digest);
}

/* 01, 02, ...: a client's key is the same in every run, and known to seeds. */
static bool count_up(void *user, uint8_t *out, size_t len) {
  struct owner *owner = user;
  for (size_t i = 0; i < len; i++) {
    out[i] = ++owner->last_random;
  }
  return true;
}

/* As after an opening handshake, which is the matter of other targets and would
 * take most of the time. */
static void skip_opening(struct owner *owner) {
  const struct stage *stage = owner->stage;
  const struct ws_deflate_config config = {.level = 1, .mem_level = 1};
  owner->conn->opened = true;
  owner->conn->phase = WS_PHASE_HEADER;
  if (stage->compresses) {
    owner->deflate = ws_deflate_new(stage->role, &stage->params, &config, NULL);
    FUZZ_CHECK(owner->deflate != NULL);
    owner->conn->transform = ws_deflate_transform(owner->deflate);
    owner->conn->transforms = true;
  }
}

static void connect_client(struct owner *owner) {
  static const char *const protocols[] = {"chat", "superchat", NULL};
  const struct ws_request_options options = {
      .target = "/chat",
      .host = "example.com",
      .protocols = protocols,
      .extensions = "x-known; a=1, permessage-deflate"};
  FUZZ_CHECK(ws_conn_connect(owner->conn, &options) == WS_OK);
}

void owner_init(struct owner *owner, const struct stage *stage,
                struct observation *seen) {
  *owner = (struct owner){.stage = stage, .seen = seen};
  owner->crypto = (struct ws_crypto){sha1, count_up, owner};
  const struct ws_conn_config config = {
      .role = stage->role,
      .crypto = &owner->crypto,
      .limits = stage->limits,
      .manual_pong = (stage->habits & OWNER_ANSWERS_PINGS) != 0,
      .manual_close = (stage->habits & OWNER_ANSWERS_CLOSE) != 0,
  };
  owner->conn = ws_conn_new(&config);
  FUZZ_CHECK(owner->conn != NULL);
  if ((stage->habits & OWNER_IS_OPEN) != 0) {
    skip_opening(owner);
  } else if (stage->role == WS_CLIENT) {
    connect_client(owner);
  }
}

void owner_free(struct owner *owner) {
  ws_conn_free(owner->conn);
  ws_deflate_free(owner->deflate);
  fuzz_bytes_free(&owner->message);
}

/* Writing down ------------------------------------------------------------ */

static void note(struct owner *owner, uint64_t number) {
  fuzz_bytes_add_number(&owner->seen->events, number);
}

static void note_slice(struct owner *owner, struct ws_slice slice) {
  note(owner, slice.len);
  fuzz_bytes_add(&owner->seen->events, slice.data, slice.len);
}

static void end_run(struct owner *owner) {
  if (!owner->in_run) {
    return;
  }
  owner->in_run = false;
  note(owner, WS_EVENT_DATA);
  /* Which octets compressed data came of is told when data do come of them, and
   * so depends on the cuts. */
  if (!owner->stage->compresses) {
    note(owner, owner->run_offset);
    note(owner, owner->run_end);
  }
  note(owner, owner->opcode);
  note(owner, (owner->run_first ? 2U : 0U) + (owner->run_final ? 1U : 0U));
  note(owner, owner->run_len);
}

static void extend_run(struct owner *owner, const struct ws_event *event) {
  if (!owner->in_run || event->first) {
    end_run(owner);
    owner->in_run = true;
    owner->run_first = event->first;
    owner->run_offset = event->offset;
    owner->run_len = 0;
  }
  owner->run_final = event->final;
  owner->run_end = event->offset + event->len;
  owner->run_len += event->payload.len;
  fuzz_bytes_add(&owner->seen->data, event->payload.data, event->payload.len);
}

/* Acting ------------------------------------------------------------------ */

static void expect_sent(enum ws_status status) {
  FUZZ_CHECK(status == WS_OK || status == WS_ERR_LIMIT ||
             status == WS_ERR_STATE);
}

static void take_message(struct owner *owner) {
  const struct fuzz_bytes *message = &owner->message;
  unsigned habits = owner->stage->habits;
  owner->seen->num_messages++;
  observation_add(&owner->seen->whole, WS_EVENT_DATA, owner->opcode,
                  (struct ws_slice){message->data, message->len});
  /* RFC 6455 8.1 */
  FUZZ_CHECK(owner->opcode != WS_OP_TEXT ||
             utf8_reference(message->data, message->len).whole);
  if ((habits & OWNER_ECHOES) != 0) {
    expect_sent(
        ws_conn_send(owner->conn, owner->opcode, message->data, message->len));
  }
  if ((habits & OWNER_CLOSES) != 0 && !owner->asked_to_close) {
    owner->asked_to_close = true;
    expect_sent(ws_conn_close(owner->conn, 1000, ws_slice_of("bye")));
  }
}

static void take_data(struct owner *owner, const struct ws_event *event) {
  FUZZ_CHECK(event->first == !owner->in_message);
  FUZZ_CHECK(event->first || event->opcode == owner->opcode);
  FUZZ_CHECK(event->opcode == WS_OP_TEXT || event->opcode == WS_OP_BINARY);
  FUZZ_CHECK(owner->stage->compresses || event->len == event->payload.len);
  FUZZ_CHECK(event->payload.len != 0 || event->final);
  extend_run(owner, event);
  owner->opcode = event->opcode;
  owner->in_message = !event->final;
  fuzz_bytes_add(&owner->message, event->payload.data, event->payload.len);
  FUZZ_CHECK(owner->stage->limits.message == 0 ||
             owner->message.len <= owner->stage->limits.message);
  if (event->final) {
    take_message(owner);
    owner->message.len = 0;
  }
}

static void answer(struct owner *owner) {
  const struct ws_request *request = owner->request;
  owner->request = NULL;
  unsigned habits = owner->stage->habits;
  char protocol[256] = "";
  struct ws_field_list list;
  struct ws_slice member;
  ws_field_list_init(&list, request->head, "Sec-WebSocket-Protocol");
  if ((habits & OWNER_CHOOSES) != 0 && ws_field_list_next(&list, &member) &&
      member.len < sizeof(protocol)) {
    memcpy(protocol, member.data, member.len);
  }
  const struct ws_accept_options accept = {
      .protocol = protocol[0] != '\0' ? protocol : NULL};
  const struct ws_reject_options reject = {.status = 403, .body = "no"};
  note_slice(owner, request->path);
  note_slice(owner, request->query);
  note_slice(owner, request->authority);
  note_slice(owner, request->origin);
  note_slice(owner, request->key);
  FUZZ_CHECK(((habits & OWNER_REJECTS) != 0
                  ? ws_conn_reject(owner->conn, &reject)
                  : ws_conn_accept(owner->conn, &accept)) == WS_OK);
}

static void take_close(struct owner *owner, const struct ws_event *event) {
  if ((owner->stage->habits & OWNER_ANSWERS_CLOSE) != 0) {
    expect_sent(
        ws_conn_close(owner->conn, event->code, (struct ws_slice){NULL, 0}));
  }
}

static void take_ping(struct owner *owner, const struct ws_event *event) {
  if ((owner->stage->habits & OWNER_ANSWERS_PINGS) != 0) {
    expect_sent(
        ws_conn_pong(owner->conn, event->payload.data, event->payload.len));
  }
}

static void act(struct owner *owner, const struct ws_event *event) {
  switch (event->type) {
  case WS_EVENT_REQUEST:
    owner->request = event->request;
    if ((owner->stage->habits & OWNER_HESITATES) == 0) {
      answer(owner);
    }
    break;
  case WS_EVENT_OPEN:
    owner->seen->head_offset = event->offset;
    owner->seen->head_len = event->len;
    break;
  case WS_EVENT_REFUSED:
    note(owner, event->response->status);
    owner->seen->head_offset = event->offset;
    owner->seen->head_len = event->len;
    break;
  case WS_EVENT_PING:
    take_ping(owner, event);
    break;
  case WS_EVENT_CLOSE:
    take_close(owner, event);
    break;
  case WS_EVENT_FAULT:
    FUZZ_CHECK(owner->seen->fault == WS_FAULT_NONE);
    FUZZ_CHECK(event->fault != WS_FAULT_NONE);
    owner->seen->fault = event->fault;
    owner->seen->fault_offset = event->offset;
    break;
  case WS_EVENT_END:
    FUZZ_CHECK(ws_conn_state(owner->conn) == WS_CONN_CLOSED);
    break;
  case WS_EVENT_DATA:
  case WS_EVENT_PONG:
    break;
  }
}

/* Events stand for octets that came, in the order in which they came; a fault
 * may blame octets that were told of before. */
static void check_place(struct owner *owner, const struct ws_event *event) {
  uint64_t end = event->offset + event->len;
  FUZZ_CHECK(end >= event->offset && end <= owner->fed);
  bool inflated = event->type == WS_EVENT_DATA && owner->stage->compresses;
  if (event->type != WS_EVENT_FAULT && event->type != WS_EVENT_END &&
      !inflated) {
    FUZZ_CHECK(event->offset >= owner->reached);
    owner->reached = end;
  }
}

static void take_event(struct owner *owner, const struct ws_event *event) {
  FUZZ_CHECK(!observation_has(owner->seen, WS_EVENT_END));
  FUZZ_CHECK(owner->seen->fault == WS_FAULT_NONE ||
             event->type == WS_EVENT_END);
  check_place(owner, event);
  owner->seen->types |= 1U << event->type;
  if (event->type == WS_EVENT_DATA) {
    take_data(owner, event);
    return;
  }
  end_run(owner);
  if (event->type >= WS_EVENT_PING && event->type <= WS_EVENT_CLOSE) {
    observation_add(&owner->seen->whole, event->type, event->code,
                    event->payload);
  }
  note(owner, event->type);
  note(owner, event->offset);
  note(owner, event->len);
  note(owner, event->code);
  note(owner, event->fault);
  note_slice(owner, event->payload);
  act(owner, event);
}

bool owner_listens(struct owner *owner, size_t most) {
  struct ws_event event;
  for (size_t i = 0; i < most; i++) {
    if (!ws_conn_next(owner->conn, &event)) {
      return false;
    }
    take_event(owner, &event);
  }
  return true;
}

void owner_answers(struct owner *owner) {
  if (owner->request != NULL) {
    answer(owner);
    owner_listens(owner, SIZE_MAX);
  }
}

void owner_finishes(struct owner *owner) {
  end_run(owner);
  fuzz_bytes_add(&owner->seen->partial, owner->message.data,
                 owner->message.len);
}
