/* A client and a server of ours, and what their owners ask of them, sensible or
 * not. Input: options (script.h), then deeds: an octet that says which (bits
 * 0-3) and whose (bit 4), and what it takes.
 *
 * A model says what each call may return; a failure of memory or randomness
 * breaks the connection for good and leaks nothing; every message arrives once
 * and in order, and both sides come to their end. The engine is rewarded for
 * each deed in each pair of states. */
#include "script.h"

#include <stdlib.h>

#include "utf8_reference.h"

enum { DEEDS_MAX = 200, NUM_STATES = 4, NUM_DEEDS = 16 };

#ifdef __clang__
/* libFuzzer reads counters of this section, too. */
__attribute__((section("__libfuzzer_extra_counters")))
#endif
static uint8_t pairs[NUM_STATES][NUM_STATES][NUM_DEEDS];

/* Opening ----------------------------------------------------------------- */

static void connect_client(struct script_side *side, struct fuzz_input *input) {
  static const char *const two[] = {"chat", "superchat", NULL};
  static const char *const same[] = {"chat", "chat", NULL};
  static const char *const odd[] = {"a b", NULL};
  static const struct ws_header headers[] = {{"Cookie", "a=b"}};
  static const struct ws_header reserved[] = {{"sec-websocket-key", "x"}};
  static const struct ws_header breaking[] = {{"A", "b\r\nC: d"}};
  static const struct {
    struct ws_request_options options;
    bool legal;
  } choices[] = {
      {{.host = "example.com"}, true},
      {{.host = "h", .target = "/a?b", .protocols = two}, true},
      {{.host = "h", .extensions = "x; y=1", .origin = "http://o"}, true},
      {{.host = "h", .headers = headers, .num_headers = 1}, true},
      {{.host = "h", .protocols = same}, false},
      {{.host = "h", .protocols = odd}, false},
      {{.host = "h", .target = "/a b"}, false},
      {{.host = "h", .headers = reserved, .num_headers = 1}, false},
      {{.host = "h", .headers = breaking, .num_headers = 1}, false},
      {{.host = "h", .extensions = ";"}, false},
      {{.host = "h\n"}, false},
  };
  size_t which = fuzz_take(input) % (sizeof choices / sizeof *choices);
  unsigned may =
      side->connected || side->fed_end
          ? SCRIPT_MAY(WS_ERR_STATE)
          : SCRIPT_MAY(choices[which].legal ? WS_OK : WS_ERR_ARGUMENT);
  enum ws_status got = ws_conn_connect(side->conn, &choices[which].options);
  script_judge(side, got, may);
  side->connected = side->connected || got == WS_OK;
}

static void accept_client(struct script_side *side, struct fuzz_input *input) {
  static const struct ws_header headers[] = {{"Set-Cookie", "a=b"}};
  static const struct ws_header reserved[] = {{"Upgrade", "x"}};
  static const struct {
    struct ws_accept_options options;
    bool legal; /* if it was offered */
  } choices[] = {
      {{.protocol = NULL}, true},
      {{.protocol = "superchat"}, true},
      {{.extensions = "x"}, true},
      {{.headers = headers, .num_headers = 1}, true},
      {{.protocol = "a b"}, false},
      {{.extensions = "x;"}, false},
      {{.headers = reserved, .num_headers = 1}, false},
  };
  size_t which = fuzz_take(input) % (sizeof choices / sizeof *choices);
  const struct ws_accept_options *options = &choices[which].options;
  bool offered = options->protocol == NULL && options->extensions == NULL;
  unsigned may = SCRIPT_MAY(WS_ERR_STATE);
  if (side->asked) {
    may = choices[which].legal ? SCRIPT_MAY(WS_OK) : 0;
    may |= choices[which].legal && offered ? 0 : SCRIPT_MAY(WS_ERR_ARGUMENT);
  }
  enum ws_status got = ws_conn_accept(side->conn, options);
  script_judge(side, got, may);
  if (got == WS_OK) {
    side->asked = false;
    side->more = true;
    side->state = WS_CONN_OPEN; /* "frames may be sent at once" */
  }
}

static void reject_client(struct script_side *side, struct fuzz_input *input) {
  static const struct {
    struct ws_reject_options options;
    bool legal;
  } choices[] = {
      {{.status = 401}, true},
      {{.status = 503, .reason = "Later", .body = "later"}, true},
      {{.status = 204}, true},
      {{.status = 426, .body = "13"}, true},
      {{.status = 101}, false},
      {{.status = 600}, false},
      {{.status = 400, .reason = "a\r\nb"}, false},
      {{.status = 204, .body = "some"}, false},
  };
  size_t which = fuzz_take(input) % (sizeof choices / sizeof *choices);
  unsigned may = SCRIPT_MAY(WS_ERR_STATE);
  if (side->asked) {
    may = SCRIPT_MAY(choices[which].legal ? WS_OK : WS_ERR_ARGUMENT);
  }
  enum ws_status got = ws_conn_reject(side->conn, &choices[which].options);
  script_judge(side, got, may);
  if (got == WS_OK) {
    side->asked = false;
    side->more = true;
    side->refused = true;
  }
}

/* Sending ----------------------------------------------------------------- */

static struct fuzz_input data_of(struct fuzz_input *input) {
  return fuzz_take_some(input, fuzz_take(input));
}

static enum ws_opcode opcode_of(struct fuzz_input *input) {
  static const enum ws_opcode opcodes[] = {WS_OP_TEXT, WS_OP_BINARY, WS_OP_PING,
                                           WS_OP_CONTINUATION};
  return opcodes[fuzz_take(input) % 4];
}

static bool is_data(enum ws_opcode opcode) {
  return opcode == WS_OP_TEXT || opcode == WS_OP_BINARY;
}

static unsigned may_send(const struct script_side *side, bool legal) {
  unsigned may = script_may_send(side);
  bool open = (may & SCRIPT_MAY(WS_OK)) != 0;
  return open && !legal ? SCRIPT_MAY(WS_ERR_ARGUMENT) : may;
}

static void send_message(struct script_side *side, struct fuzz_input *input) {
  enum ws_opcode opcode = opcode_of(input);
  struct fuzz_input data = data_of(input);
  bool legal = is_data(opcode) && (opcode != WS_OP_TEXT ||
                                   utf8_reference(data.data, data.len).whole);
  unsigned may =
      side->sending ? SCRIPT_MAY(WS_ERR_STATE) : may_send(side, legal);
  enum ws_status got = ws_conn_send(side->conn, opcode, data.data, data.len);
  script_judge(side, got, may);
  if (got == WS_OK) {
    script_said(side, opcode, data.data, data.len);
  }
}

static void send_fragment(struct script_side *side, struct fuzz_input *input) {
  enum ws_opcode opcode = opcode_of(input);
  bool final = (fuzz_take(input) & 1) != 0;
  struct fuzz_input data = data_of(input);
  struct fuzz_bytes *all = &side->unsent;
  size_t before = side->sending ? all->len : 0;
  all->len = before;
  fuzz_bytes_add(all, data.data, data.len);
  struct utf8_reference text = utf8_reference(all->data, all->len);
  bool legal =
      is_data(opcode) && (!side->sending || opcode == side->opcode) &&
      (opcode != WS_OP_TEXT || (final ? text.whole : text.good == all->len));
  enum ws_status got =
      ws_conn_send_fragment(side->conn, opcode, data.data, data.len, final);
  script_judge(side, got, may_send(side, legal));
  if (got != WS_OK) {
    all->len = before;
    return;
  }
  side->sending = !final;
  side->opcode = opcode;
  if (final) {
    script_said(side, opcode, all->data, all->len);
  }
}

static void send_control(struct script_side *side, struct fuzz_input *input,
                         bool ping) {
  struct fuzz_input data = data_of(input);
  enum ws_status got = ping ? ws_conn_ping(side->conn, data.data, data.len)
                            : ws_conn_pong(side->conn, data.data, data.len);
  script_judge(side, got, may_send(side, data.len <= 125));
}

/* RFC 6455 7.4, and the registry. */
static bool may_close_with(const struct script_side *side, uint16_t code) {
  bool defined = (code >= 1000 && code <= 1003) ||
                 (code >= 1007 && code <= 1009) || code == 1011 ||
                 (code >= 1012 && code <= 1014);
  bool clients = side->role == WS_CLIENT || side->close_received;
  return defined || (code == 1010 && clients) || (code >= 3000 && code < 5000);
}

static void close_side(struct script_side *side, struct fuzz_input *input) {
  uint16_t code = (uint16_t)(fuzz_take(input) << 8);
  code = (uint16_t)(code | fuzz_take(input));
  struct fuzz_input reason = data_of(input);
  bool legal = reason.len <= 123 &&
               utf8_reference(reason.data, reason.len).whole &&
               (code == 1005 ? reason.len == 0 : may_close_with(side, code));
  unsigned may = SCRIPT_MAY(legal ? WS_OK : WS_ERR_ARGUMENT);
  may = script_is_open(side) ? may : SCRIPT_MAY(WS_ERR_STATE);
  enum ws_status got = ws_conn_close(
      side->conn, code, (struct ws_slice){reason.data, reason.len});
  script_judge(side, got, may);
  if (got == WS_OK) {
    side->close_sent = true;
    side->state = side->ended ? WS_CONN_CLOSED : WS_CONN_CLOSING;
  }
}

static void fail_side(struct script_side *side, struct fuzz_input *input) {
  enum ws_fault fault =
      (enum ws_fault)(1 + fuzz_take(input) % (WS_FAULT_COUNT - 1));
  enum ws_status got = ws_conn_fail(side->conn, fault);
  script_judge(side, got,
               SCRIPT_MAY(WS_OK) | SCRIPT_MAY(WS_ERR_STATE) |
                   SCRIPT_MAY(WS_ERR_ARGUMENT));
  if (got == WS_OK) {
    side->more = true;
    side->close_sent = true;
    side->asked = false;
    side->refused = side->refused || side->state == WS_CONN_CONNECTING;
    side->state = WS_CONN_CLOSING;
  }
}

/* Deeds ------------------------------------------------------------------- */

static void forge(struct script_world *world, struct script_side *side,
                  struct fuzz_input *input) {
  struct fuzz_input data = data_of(input);
  world->forged = true;
  script_feed(side, data.data, data.len);
}

static void carry(struct script_world *world, enum ws_role from,
                  struct fuzz_input *input) {
  script_carry(world, from, 1 + fuzz_take(input));
  script_listen(&world->sides[from == WS_CLIENT], SIZE_MAX);
}

static void carry_much(struct script_world *world, enum ws_role from) {
  size_t most = 1 + fuzz_random(&world->seed) % 5000;
  while (script_carry(world, from, most)) {
    script_listen(&world->sides[from == WS_CLIENT], SIZE_MAX);
  }
}

static void keep(struct script_side *side) {
  script_judge(side, ws_conn_keep(side->conn), SCRIPT_MAY(WS_OK));
}

static void do_deed(struct script_world *world, uint8_t deed,
                    struct fuzz_input *input) {
  enum ws_role role = (deed & 16) != 0 ? WS_SERVER : WS_CLIENT;
  struct script_side *side = &world->sides[role];
  switch (deed % NUM_DEEDS) {
  case 0:
    connect_client(&world->sides[WS_CLIENT], input);
    break;
  case 1:
    accept_client(&world->sides[WS_SERVER], input);
    break;
  case 2:
    reject_client(&world->sides[WS_SERVER], input);
    break;
  case 3:
    send_message(side, input);
    break;
  case 4:
    send_fragment(side, input);
    break;
  case 5:
  case 6:
    send_control(side, input, deed % NUM_DEEDS == 5);
    break;
  case 7:
    close_side(side, input);
    break;
  case 8:
    carry(world, role, input);
    break;
  case 9:
  case 10:
    carry_much(world, role);
    break;
  case 11:
    script_feed_end(side);
    script_listen(side, SIZE_MAX);
    break;
  case 12:
    keep(side);
    break;
  case 13:
    fail_side(side, input);
    break;
  case 14:
    forge(world, side, input);
    break;
  default:
    script_listen(side, 1);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  struct script_world world;
  script_begin(&world, &input);
  for (size_t i = 0; i < DEEDS_MAX && input.len != 0; i++) {
    uint8_t deed = fuzz_take(&input);
    enum ws_conn_state client = world.sides[WS_CLIENT].state;
    enum ws_conn_state server = world.sides[WS_SERVER].state;
    pairs[client][server][deed % NUM_DEEDS] = 1;
    do_deed(&world, deed, &input);
  }
  script_end(&world);
  return 0;
}
