/* permessage-deflate from end to end. Input: what a client and a server want (an
 * octet of takeovers and one of window bits each, as for fuzz_negotiate; an
 * octet each of levels, memory levels and least lengths, a nibble for each
 * side), a seed of cuts, then messages.
 *
 * A message: an octet (bit 0: of the server; bit 1: text; bits 2-3: what it is
 * made of: octets of the input, one octet over and over, the message before it
 * with a byte changed, noise; bits 4-5: fragments, less one), two octets of
 * length.
 *
 * Both sides are ours, joined by pipes that chop. Every message arrives once, as
 * it was sent; what was on the wire means the same to the references, and keeps
 * to the window that was agreed on; the closing handshake is clean. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http_reference.h"
#include "wire.h"
#include "ws/conn.h"
#include "ws/deflate.h"

enum { MAX_MESSAGES = 12, MAX_LEN = 6000, MAX_TURNS = 1000000 };

struct side {
  struct ws_conn *conn;
  struct ws_deflate *deflate;
  struct ws_deflate_config config;
  struct ws_deflate_params params;
  enum ws_role role;
  bool agreed;
  struct fuzz_bytes wire; /* all that it sent */
  struct fuzz_bytes said; /* the messages it sent, one behind the other */
  size_t num_said;
  struct fuzz_bytes heard;
  size_t num_heard;
  enum ws_opcode opcode; /* of the message heard last */
  bool ended;
};

struct world {
  struct side sides[2]; /* by enum ws_role */
  uint64_t seed;
  uint8_t last_random;
  struct ws_crypto crypto;
  struct fuzz_bytes content; /* of the latest message */
};

static bool sha1(void *user, const uint8_t *data, size_t len,
                 uint8_t digest[WS_SHA1_LEN]) {
  (void)user;
  const struct ws_crypto *openssl = ws_crypto_openssl();
  return openssl->sha1(openssl->user, data, len, digest);
}

static bool count_up(void *user, uint8_t *out, size_t len) {
  struct world *world = user;
  for (size_t i = 0; i < len; i++) {
    out[i] = ++world->last_random;
  }
  return true;
}

/* Negotiating ------------------------------------------------------------- */

static void use_deflate(struct side *side) {
  side->agreed = true;
  side->deflate =
      ws_deflate_new(side->role, &side->params, &side->config, NULL);
  FUZZ_CHECK(side->deflate != NULL);
  struct ws_transform transform = ws_deflate_transform(side->deflate);
  FUZZ_CHECK(ws_conn_set_transform(side->conn, &transform) == WS_OK);
}

static void answer(struct side *side, const struct ws_request *request) {
  char value[WS_DEFLATE_VALUE_MAX];
  FUZZ_CHECK(ws_deflate_choose(&side->params, &side->config, request->head));
  ws_deflate_answer_write(value, &side->params);
  const struct ws_accept_options options = {.extensions = value};
  FUZZ_CHECK(ws_conn_accept(side->conn, &options) == WS_OK);
  use_deflate(side);
}

static void judge(struct side *side, const struct ws_response *response) {
  enum ws_fault fault;
  FUZZ_CHECK(ws_deflate_response_check(&side->params, &fault, &side->config,
                                       response->head));
  use_deflate(side);
}

static void take_event(struct side *side, const struct ws_event *event) {
  FUZZ_CHECK(!side->ended);
  switch (event->type) {
  case WS_EVENT_REQUEST:
    answer(side, event->request);
    break;
  case WS_EVENT_OPEN:
    if (side->role == WS_CLIENT) {
      judge(side, event->response);
    }
    break;
  case WS_EVENT_DATA:
    fuzz_bytes_add(&side->heard, event->payload.data, event->payload.len);
    side->num_heard += event->final ? 1 : 0;
    side->opcode = event->opcode;
    break;
  case WS_EVENT_CLOSE:
    FUZZ_CHECK(event->code == 1000);
    break;
  case WS_EVENT_END:
    side->ended = true;
    break;
  default:
    fuzz_fail(__FILE__, __LINE__, "an event that nobody caused");
  }
}

/* Carrying ---------------------------------------------------------------- */

static bool carry(struct world *world, enum ws_role from) {
  struct side *sender = &world->sides[from];
  struct side *receiver = &world->sides[from == WS_CLIENT];
  struct ws_slice out = ws_conn_output(sender->conn);
  size_t most = fuzz_random(&world->seed) % 4 == 0 ? 5000 : 40;
  size_t len = fuzz_random(&world->seed) % most + 1;
  struct ws_event event;
  if (out.len == 0) {
    return false;
  }
  len = len < out.len ? len : out.len;
  fuzz_bytes_add(&sender->wire, out.data, len);
  uint8_t *piece = fuzz_copy(out.data, len);
  ws_conn_output_done(sender->conn, len);
  FUZZ_CHECK(ws_conn_feed(receiver->conn, piece, len) == WS_OK);
  while (ws_conn_next(receiver->conn, &event)) {
    take_event(receiver, &event);
  }
  free(piece);
  return true;
}

static void carry_all(struct world *world) {
  size_t turns = 0;
  bool busy = true;
  while (busy) {
    busy = carry(world, WS_CLIENT);
    busy = carry(world, WS_SERVER) || busy;
    FUZZ_CHECK(turns++ < MAX_TURNS);
  }
}

/* Talking ----------------------------------------------------------------- */

static void make_content(struct world *world, struct fuzz_input *input,
                         uint8_t kind, size_t len) {
  struct fuzz_bytes *content = &world->content;
  struct fuzz_input own = {NULL, 0};
  uint8_t octet = fuzz_take(input);
  if (kind == 2 && content->len > 0) {
    content->data[len % content->len] ^= octet;
    return;
  }
  content->len = 0;
  if (kind == 0) {
    own = fuzz_take_some(input, len);
    fuzz_bytes_add(content, own.data, own.len);
  }
  for (size_t i = 0; kind != 0 && i < len; i++) {
    uint8_t noise = (uint8_t)fuzz_random(&world->seed);
    fuzz_bytes_add(content, kind == 1 ? &octet : &noise, 1);
  }
}

static void send_content(struct world *world, enum ws_role from,
                         enum ws_opcode opcode, size_t num_fragments) {
  struct side *side = &world->sides[from];
  const struct fuzz_bytes *content = &world->content;
  size_t at = 0;
  if (num_fragments == 1) {
    FUZZ_CHECK(ws_conn_send(side->conn, opcode, content->data, content->len) ==
               WS_OK);
    return;
  }
  for (size_t i = 1; i <= num_fragments; i++) {
    size_t rest = content->len - at;
    size_t len =
        i == num_fragments ? rest : fuzz_random(&world->seed) % (rest + 1);
    const uint8_t *data = len != 0 ? content->data + at : NULL;
    FUZZ_CHECK(ws_conn_send_fragment(side->conn, opcode, data, len,
                                     i == num_fragments) == WS_OK);
    at += len;
    carry(world, from);
  }
}

static void say(struct world *world, struct fuzz_input *input) {
  uint8_t options = fuzz_take(input);
  size_t len = fuzz_take(input);
  len = (len << 8 | fuzz_take(input)) % MAX_LEN;
  bool text = (options & 2) != 0;
  enum ws_role from = (options & 1) != 0 ? WS_SERVER : WS_CLIENT;
  enum ws_opcode opcode = text ? WS_OP_TEXT : WS_OP_BINARY;
  struct side *sender = &world->sides[from];
  struct side *receiver = &world->sides[from == WS_CLIENT];
  struct fuzz_bytes *content = &world->content;
  make_content(world, input, options >> 2 & 3, len);
  for (size_t i = 0; text && i < content->len; i++) {
    content->data[i] &= 0x7F;
  }
  send_content(world, from, opcode, (options >> 4 & 3) + 1U);
  carry_all(world);
  fuzz_bytes_add(&sender->said, content->data, content->len);
  sender->num_said++;
  FUZZ_CHECK(receiver->num_heard == sender->num_said);
  FUZZ_CHECK(receiver->opcode == opcode);
  FUZZ_CHECK(fuzz_same(sender->said.data, sender->said.len,
                       receiver->heard.data, receiver->heard.len));
}

/* Judging ----------------------------------------------------------------- */

static void check_wire(const struct side *side) {
  const struct ws_deflate_params *params = &side->params;
  bool client = side->role == WS_CLIENT;
  uint8_t bits =
      client ? params->client_max_window_bits : params->server_max_window_bits;
  const struct wire wire = {
      .fresh = client ? params->client_no_context_takeover
                      : params->server_no_context_takeover,
      .window = (size_t)1 << (bits != 0 ? bits : WS_DEFLATE_BITS_MAX)};
  struct fuzz_bytes data = {0};
  struct fuzz_input octets = {side->wire.data, side->wire.len};
  fuzz_take_some(&octets, http_reference_end(octets.data, octets.len));
  FUZZ_CHECK(wire_read(&data, &wire, octets) == side->num_said);
  FUZZ_CHECK(fuzz_same(data.data, data.len, side->said.data, side->said.len));
  fuzz_bytes_free(&data);
}

static void close_world(struct world *world) {
  struct side *sides = world->sides;
  FUZZ_CHECK(ws_conn_close(sides[WS_CLIENT].conn, 1000, ws_slice_of("")) ==
             WS_OK);
  carry_all(world);
  for (size_t i = 0; i < 2; i++) {
    FUZZ_CHECK(sides[i].ended && ws_conn_closed_cleanly(sides[i].conn));
    check_wire(&sides[i]);
  }
}

static void init_side(struct world *world, enum ws_role role,
                      struct fuzz_input *input) {
  struct side *side = &world->sides[role];
  uint8_t takeovers = fuzz_take(input);
  uint8_t windows = fuzz_take(input);
  unsigned low = windows & 15;
  unsigned high = windows >> 4;
  const struct ws_conn_config config = {.role = role, .crypto = &world->crypto};
  side->role = role;
  side->config = (struct ws_deflate_config){
      .server_no_context_takeover = (takeovers & 1) != 0,
      .client_no_context_takeover = (takeovers & 2) != 0,
      .server_max_window_bits = (uint8_t)(low >= 8 ? low : 0),
      .client_max_window_bits = (uint8_t)(high >= 8 ? high : 0)};
  side->conn = ws_conn_new(&config);
  FUZZ_CHECK(side->conn != NULL);
}

static void set_levels(struct world *world, struct fuzz_input *input) {
  uint8_t levels = fuzz_take(input);
  uint8_t memory = fuzz_take(input);
  uint8_t least = fuzz_take(input);
  for (unsigned i = 0; i < 2; i++) {
    struct ws_deflate_config *config = &world->sides[i].config;
    config->level = (uint8_t)((levels >> 4 * i & 15) % 11);
    config->mem_level = (uint8_t)((memory >> 4 * i & 15) % 10);
    config->min_len = (size_t)(least >> 4 * i & 15) * 16;
  }
}

static void open_world(struct world *world, struct fuzz_input *input) {
  char offer[WS_DEFLATE_VALUE_MAX];
  struct side *client = &world->sides[WS_CLIENT];
  world->crypto = (struct ws_crypto){sha1, count_up, world};
  init_side(world, WS_CLIENT, input);
  init_side(world, WS_SERVER, input);
  set_levels(world, input);
  world->seed = fuzz_take(input);
  ws_deflate_offer_write(offer, &client->config);
  const struct ws_request_options options = {.host = "h", .extensions = offer};
  FUZZ_CHECK(ws_conn_connect(client->conn, &options) == WS_OK);
  carry_all(world);
  FUZZ_CHECK(client->agreed && world->sides[WS_SERVER].agreed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  struct world world = {.seed = 0};
  open_world(&world, &input);
  for (size_t i = 0; i < MAX_MESSAGES && input.len > 0; i++) {
    say(&world, &input);
  }
  close_world(&world);
  for (size_t i = 0; i < 2; i++) {
    struct side *side = &world.sides[i];
    ws_conn_free(side->conn);
    ws_deflate_free(side->deflate);
    fuzz_bytes_free(&side->wire);
    fuzz_bytes_free(&side->said);
    fuzz_bytes_free(&side->heard);
  }
  fuzz_bytes_free(&world.content);
  return 0;
}
