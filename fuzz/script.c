#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "utf8_reference.h"

enum {
  SMALL_MESSAGE = 600,
  SMALL_OUTPUT = 300,
  CARRY_MOST = 3000,
  TURNS_MAX = 200000
};

/* Failing ----------------------------------------------------------------- */

static bool fails(struct script_side *side) {
  if (side->fail_in == 0) {
    return false;
  }
  side->fail_in--;
  return side->fail_in == 0;
}

static void *resize(void *user, void *ptr, size_t old_len, size_t new_len) {
  struct script_side *side = user;
  if (new_len == 0) {
    side->live -= old_len;
    free(ptr);
    return NULL;
  }
  if (fails(side)) {
    return NULL;
  }
  /* A block of its own each time, so that an old pointer is found out. */
  uint8_t *block = fuzz_room(new_len);
  if (old_len != 0) {
    memcpy(block, ptr, old_len < new_len ? old_len : new_len);
  }
  side->live += new_len - old_len;
  free(ptr);
  return block;
}

static bool sha1(void *user, const uint8_t *data, size_t len,
                 uint8_t digest[WS_SHA1_LEN]) {
  const struct ws_crypto *openssl = ws_crypto_openssl();
  return !fails(user) && openssl->sha1(openssl->user, data, len, digest);
}

static bool count_up(void *user, uint8_t *out, size_t len) {
  struct script_side *side = user;
  for (size_t i = 0; i < len; i++) {
    out[i] = ++side->last_random;
  }
  return !fails(side);
}

/* Beginning --------------------------------------------------------------- */

static void begin_side(struct script_side *side, enum ws_role role,
                       uint8_t options, uint8_t fail_in) {
  bool small = (options & 4) != 0;
  *side = (struct script_side){.role = role, .limited = small};
  side->manual_close = (options & 2) != 0;
  side->allocator = (struct ws_allocator){resize, side};
  side->crypto = (struct ws_crypto){sha1, count_up, side};
  side->fail_in = (options & 8) != 0 ? fail_in : 0;
  const struct ws_conn_config config = {
      .role = role,
      .crypto = &side->crypto,
      .allocator = &side->allocator,
      .limits = {.message = small ? SMALL_MESSAGE : 0,
                 .output = small ? SMALL_OUTPUT : 0},
      .manual_pong = (options & 1) != 0,
      .manual_close = side->manual_close,
  };
  side->conn = ws_conn_new(&config);
  FUZZ_CHECK(side->conn != NULL || side->fail_in == 0);
  if (side->conn == NULL) {
    FUZZ_CHECK(side->live == 0);
    side->conn = ws_conn_new(&config); /* the failure is behind it */
  }
  FUZZ_CHECK(side->conn != NULL);
}

void script_begin(struct script_world *world, struct fuzz_input *input) {
  uint8_t options = fuzz_take(input);
  uint8_t fail_client = fuzz_take(input);
  uint8_t fail_server = fuzz_take(input);
  *world = (struct script_world){.seed = fuzz_take(input)};
  begin_side(&world->sides[WS_CLIENT], WS_CLIENT, options, fail_client);
  begin_side(&world->sides[WS_SERVER], WS_SERVER, options, fail_server);
}

/* Judging ----------------------------------------------------------------- */

static bool is_broken(const struct script_side *side) {
  return ws_conn_status(side->conn) != WS_OK;
}

void script_judge(struct script_side *side, enum ws_status got, unsigned may) {
  enum ws_status status = ws_conn_status(side->conn);
  if (status != WS_OK) {
    FUZZ_CHECK(status == WS_ERR_NOMEM || status == WS_ERR_CRYPTO);
    FUZZ_CHECK(side->fail_in == 0); /* it was used up */
    FUZZ_CHECK(got == status || (SCRIPT_MAY(got) & may) != 0);
    return;
  }
  FUZZ_CHECK((SCRIPT_MAY(got) & may) != 0);
}

bool script_is_open(const struct script_side *side) {
  /* 5.5.1: who is to answer a Close frame "MAY delay" that, and send on. */
  bool owes = side->manual_close && side->close_received;
  return (side->state == WS_CONN_OPEN || owes) && !side->close_sent &&
         !side->failing;
}

unsigned script_may_send(const struct script_side *side) {
  if (!script_is_open(side)) {
    return SCRIPT_MAY(WS_ERR_STATE);
  }
  return SCRIPT_MAY(WS_OK) | (side->limited ? SCRIPT_MAY(WS_ERR_LIMIT) : 0);
}

static void add_message(struct fuzz_bytes *list, enum ws_opcode opcode,
                        const uint8_t *data, size_t len) {
  fuzz_bytes_add_number(list, opcode);
  fuzz_bytes_add_number(list, len);
  fuzz_bytes_add(list, data, len);
}

void script_said(struct script_side *side, enum ws_opcode opcode,
                 const uint8_t *data, size_t len) {
  add_message(&side->said, opcode, data, len);
}

/* Listening --------------------------------------------------------------- */

static void take_data(struct script_side *side, const struct ws_event *event) {
  fuzz_bytes_add(&side->message, event->payload.data, event->payload.len);
  if (event->final) {
    FUZZ_CHECK(event->opcode != WS_OP_TEXT ||
               utf8_reference(side->message.data, side->message.len).whole);
    add_message(&side->heard, event->opcode, side->message.data,
                side->message.len);
    side->message.len = 0;
  }
}

static void take_event(struct script_side *side, const struct ws_event *event) {
  FUZZ_CHECK(!side->ended);
  FUZZ_CHECK(!side->failing || event->type == WS_EVENT_FAULT);
  side->failing = false;
  switch (event->type) {
  case WS_EVENT_REQUEST:
    side->asked = true;
    break;
  case WS_EVENT_OPEN:
    FUZZ_CHECK(!side->refused);
    if (side->role == WS_CLIENT) { /* a server's was open when it accepted */
      side->state = WS_CONN_OPEN;
    }
    break;
  case WS_EVENT_REFUSED:
    side->refused = true;
    break;
  case WS_EVENT_DATA:
    take_data(side, event);
    break;
  case WS_EVENT_CLOSE:
    side->close_received = true;
    side->close_sent = side->close_sent || !side->manual_close;
    side->state = WS_CONN_CLOSING;
    break;
  case WS_EVENT_FAULT:
    side->refused = side->refused || side->state == WS_CONN_CONNECTING;
    side->asked = false;
    side->close_sent = true; /* or nothing may be sent any more */
    side->state = WS_CONN_CLOSING;
    break;
  case WS_EVENT_END:
    side->ended = true;
    side->asked = false;
    side->state = WS_CONN_CLOSED;
    break;
  case WS_EVENT_PING:
  case WS_EVENT_PONG:
    break;
  }
}

/* Both say the same of where the connection is in its life. The last data before
 * a fault are told when it has failed already. */
static void check_state(struct script_side *side, enum ws_event_type type) {
  enum ws_conn_state state = ws_conn_state(side->conn);
  if (type == WS_EVENT_DATA && side->state == WS_CONN_OPEN &&
      state == WS_CONN_CLOSING) {
    side->failing = true;
    return;
  }
  FUZZ_CHECK(state == side->state || side->refused || is_broken(side));
}

void script_listen(struct script_side *side, size_t most) {
  struct ws_event event;
  for (size_t i = 0; i < most; i++) {
    side->more = ws_conn_next(side->conn, &event);
    if (!side->more) {
      break;
    }
    take_event(side, &event);
    check_state(side, event.type);
  }
}

/* Carrying ---------------------------------------------------------------- */

/* What was fed is borrowed until there are no more events, and while a request
 * waits. */
static void free_fed(struct script_side *side) {
  for (size_t i = 0; i < side->num_fed; i++) {
    free(side->fed[i]);
  }
  side->num_fed = 0;
}

void script_feed(struct script_side *side, const uint8_t *data, size_t len) {
  if (!side->more && !side->asked) {
    free_fed(side);
  }
  if (side->num_fed == SCRIPT_FED_MAX) {
    return;
  }
  uint8_t *copy = fuzz_copy(data, len);
  side->fed[side->num_fed++] = copy;
  bool idle = side->role == WS_CLIENT && !side->connected;
  bool may_wait = side->more || side->fed_end || side->asked;
  enum ws_status got = ws_conn_feed(side->conn, copy, len);
  unsigned may = SCRIPT_MAY(idle ? WS_ERR_STATE : WS_OK);
  may |= may_wait ? SCRIPT_MAY(WS_ERR_STATE) | SCRIPT_MAY(WS_ERR_LIMIT) : 0;
  script_judge(side, got, may);
  side->more = side->more || got == WS_OK;
}

void script_feed_end(struct script_side *side) {
  bool idle = side->role == WS_CLIENT && !side->connected;
  bool cannot = side->more || side->fed_end || idle;
  enum ws_status got = ws_conn_feed_eof(side->conn);
  script_judge(side, got,
               SCRIPT_MAY(WS_OK) | (cannot ? SCRIPT_MAY(WS_ERR_STATE) : 0));
  side->fed_end = side->fed_end || got == WS_OK;
  side->more = side->more || got == WS_OK;
}

bool script_carry(struct script_world *world, enum ws_role from, size_t most) {
  struct script_side *sender = &world->sides[from];
  struct script_side *receiver = &world->sides[from == WS_CLIENT];
  struct ws_slice out = ws_conn_output(sender->conn);
  size_t len = out.len < most ? out.len : most;
  bool idle = receiver->role == WS_CLIENT && !receiver->connected;
  if (len == 0 || receiver->more || receiver->fed_end || receiver->asked ||
      idle || is_broken(receiver)) {
    return false;
  }
  script_feed(receiver, out.data, len);
  ws_conn_output_done(sender->conn, len);
  return true;
}

/* Ending ------------------------------------------------------------------ */

static void reject(struct script_side *server) {
  const struct ws_reject_options options = {.status = 403};
  script_judge(server, ws_conn_reject(server->conn, &options),
               SCRIPT_MAY(WS_OK));
  server->asked = false;
  server->refused = true;
}

static void carry_all(struct script_world *world) {
  size_t turns = 0;
  bool busy = true;
  while (busy) {
    busy = false;
    for (int role = 0; role < 2; role++) {
      struct script_side *side = &world->sides[role];
      script_listen(side, SIZE_MAX);
      if (side->asked) {
        reject(side);
      }
      busy = script_carry(world, (enum ws_role)role,
                          1 + fuzz_random(&world->seed) % CARRY_MOST) ||
             busy;
    }
    FUZZ_CHECK(turns++ < TURNS_MAX);
  }
}

/* What was heard is what was said, or its beginning. */
static void check_heard(const struct script_side *from,
                        const struct script_side *to) {
  FUZZ_CHECK(to->heard.len <= from->said.len);
  FUZZ_CHECK(
      fuzz_same(to->heard.data, to->heard.len, from->said.data, to->heard.len));
  bool disturbed = to->limited || to->refused || is_broken(from) ||
                   is_broken(to) || ws_conn_output(from->conn).len != 0;
  /* A side hears all until a Close frame of the other, whoever began. */
  if (!disturbed && to->close_received && !to->sending) {
    FUZZ_CHECK(to->heard.len == from->said.len);
  }
}

static void end_side(struct script_side *side) {
  script_listen(side, SIZE_MAX);
  if (!side->fed_end) {
    script_feed_end(side);
  }
  script_listen(side, SIZE_MAX);
  bool idle = side->role == WS_CLIENT && !side->connected;
  FUZZ_CHECK(side->ended || idle || is_broken(side));
  bool waits = side->close_received && !side->close_sent; /* for the owner */
  FUZZ_CHECK(!side->ended || waits || ws_conn_wants_close(side->conn) ||
             ws_conn_output(side->conn).len != 0 || is_broken(side));
}

static void free_side(struct script_side *side) {
  ws_conn_free(side->conn);
  FUZZ_CHECK(side->live == 0);
  fuzz_bytes_free(&side->unsent);
  fuzz_bytes_free(&side->said);
  fuzz_bytes_free(&side->heard);
  fuzz_bytes_free(&side->message);
  free_fed(side);
}

void script_end(struct script_world *world) {
  struct script_side *client = &world->sides[WS_CLIENT];
  struct script_side *server = &world->sides[WS_SERVER];
  carry_all(world);
  if (!world->forged) {
    check_heard(client, server);
    check_heard(server, client);
  }
  end_side(client);
  end_side(server);
  free_side(client);
  free_side(server);
}
