#include "observe.h"

#include <stdlib.h>
#include <string.h>

#include "frame_reference.h"
#include "http_reference.h"
#include "owner.h"

/* Where to cut next. */
struct cutter {
  enum cutting cutting;
  uint64_t seed;
  size_t head_len;      /* of the stream: lines, not frames */
  uint64_t payload_len; /* that follows the latest edge */
};

/* The octets to the next edge of a frame. */
static size_t edge(struct cutter *cutter, const uint8_t *data, size_t len) {
  struct frame_reference frame;
  if (cutter->payload_len != 0) {
    uint64_t payload_len = cutter->payload_len;
    cutter->payload_len = 0;
    return payload_len < len ? (size_t)payload_len : len;
  }
  if (!frame_reference(&frame, data, len)) {
    return len;
  }
  cutter->payload_len = frame.length;
  return frame.header_len;
}

static size_t line(const uint8_t *data, size_t len) {
  const uint8_t *lf = memchr(data, '\n', len);
  return lf != NULL ? (size_t)(lf - data) + 1 : len;
}

static size_t next_piece(struct cutter *cutter, size_t at, const uint8_t *data,
                         size_t len) {
  size_t most;
  switch (cutter->cutting) {
  case CUT_AT_EDGES:
    return at < cutter->head_len ? line(data, len) : edge(cutter, data, len);
  case CUT_AT_RANDOM:
    most = fuzz_random(&cutter->seed) % 4 == 0 ? len : 16;
    most = fuzz_random(&cutter->seed) % most + 1;
    return most < len ? most : len;
  default:
    return len;
  }
}

static void take_output(struct owner *owner, size_t most) {
  struct ws_slice out = ws_conn_output(owner->conn);
  size_t len = out.len < most ? out.len : most;
  fuzz_bytes_add(&owner->seen->output, out.data, len);
  ws_conn_output_done(owner->conn, len);
}

/* The block that was fed is gone before the rest of it is looked at. */
static uint8_t *rest(struct owner *owner, uint8_t *piece, uint64_t *seed) {
  if (owner_listens(owner, fuzz_random(seed) % 4)) {
    FUZZ_CHECK(ws_conn_keep(owner->conn) == WS_OK);
    free(piece);
    return NULL;
  }
  return piece;
}

/* One block of one octet serves them all: nobody may look at what was in it
 * before. */
static void feed_octets(struct owner *owner, struct fuzz_input stream) {
  uint8_t *octet = fuzz_room(1);
  for (size_t i = 0; i < stream.len; i++) {
    *octet = stream.data[i];
    owner->fed++;
    FUZZ_CHECK(ws_conn_feed(owner->conn, octet, 1) == WS_OK);
    owner_listens(owner, SIZE_MAX);
  }
  free(octet);
}

static void feed_piece(struct owner *owner, struct cutter *cutter,
                       const uint8_t *data, size_t len) {
  uint8_t *piece = fuzz_copy(data, len);
  owner->fed += len;
  FUZZ_CHECK(ws_conn_feed(owner->conn, piece, len) == WS_OK);
  if (cutter->cutting == CUT_KEPT) {
    piece = rest(owner, piece, &cutter->seed);
  }
  owner_listens(owner, SIZE_MAX);
  free(piece);
  /* A pong that waits for room would find it: only where there is always room
   * does it not matter when the output is taken. */
  if (cutter->cutting == CUT_AT_RANDOM && owner->stage->limits.output == 0) {
    take_output(owner, fuzz_random(&cutter->seed) % 64);
  }
}

static void feed_pieces(struct owner *owner, struct cutter *cutter,
                        struct fuzz_input stream) {
  while (stream.len > 0) {
    size_t at = (size_t)owner->fed;
    size_t len = next_piece(cutter, at, stream.data, stream.len);
    struct fuzz_input piece = fuzz_take_some(&stream, len);
    feed_piece(owner, cutter, piece.data, piece.len);
  }
}

/* Of a connection at the end of its stream. */
static void check_end(struct owner *owner) {
  struct observation *seen = owner->seen;
  bool failed = seen->fault != WS_FAULT_NONE;
  FUZZ_CHECK(ws_conn_status(owner->conn) == WS_OK);
  FUZZ_CHECK(!failed || observation_has(seen, WS_EVENT_END));
  FUZZ_CHECK(observation_has(seen, WS_EVENT_END) ||
             (owner->stage->habits & OWNER_HEARS_THE_END) == 0);
  FUZZ_CHECK(ws_conn_output(owner->conn).len == 0);
  FUZZ_CHECK(!failed || ws_conn_wants_close(owner->conn));
  FUZZ_CHECK(!failed || !ws_conn_closed_cleanly(owner->conn));
  fuzz_bytes_add_number(&seen->events, ws_conn_state(owner->conn));
  fuzz_bytes_add_number(&seen->events, ws_conn_wants_close(owner->conn));
  fuzz_bytes_add_number(&seen->events, ws_conn_closed_cleanly(owner->conn));
}

/* Nothing is heard and nothing is said after the end. */
static void check_silence(struct owner *owner) {
  uint8_t more[2] = {0x89, 0};
  if (observation_has(owner->seen, WS_EVENT_END) &&
      (owner->stage->habits & OWNER_HEARS_THE_END) == 0) {
    FUZZ_CHECK(ws_conn_feed(owner->conn, more, sizeof(more)) == WS_OK);
    owner_listens(owner, SIZE_MAX);
    FUZZ_CHECK(ws_conn_output(owner->conn).len == 0);
  }
}

void observe(struct observation *observation, const struct stage *stage,
             struct fuzz_input stream, enum cutting cutting, uint64_t seed) {
  struct owner owner;
  struct cutter cutter = {.cutting = cutting, .seed = seed};
  *observation = (struct observation){.fault = WS_FAULT_NONE};
  if ((stage->habits & OWNER_IS_OPEN) == 0) {
    cutter.head_len = http_reference_end(stream.data, stream.len);
  }
  owner_init(&owner, stage, observation);
  if (cutting == CUT_EVERYWHERE) {
    feed_octets(&owner, stream);
  } else {
    feed_pieces(&owner, &cutter, stream);
  }
  owner_answers(&owner);
  if ((stage->habits & OWNER_HEARS_THE_END) != 0) {
    FUZZ_CHECK(ws_conn_feed_eof(owner.conn) == WS_OK);
    owner_listens(&owner, SIZE_MAX);
  }
  owner_finishes(&owner);
  while (ws_conn_output(owner.conn).len > 0) {
    take_output(&owner, SIZE_MAX);
  }
  check_end(&owner);
  check_silence(&owner);
  owner_free(&owner);
}

bool observation_has(const struct observation *observation,
                     enum ws_event_type type) {
  return (observation->types >> type & 1) != 0;
}

void observation_free(struct observation *observation) {
  fuzz_bytes_free(&observation->events);
  fuzz_bytes_free(&observation->output);
  fuzz_bytes_free(&observation->data);
  fuzz_bytes_free(&observation->whole);
  fuzz_bytes_free(&observation->partial);
}

void observation_add(struct fuzz_bytes *whole, enum ws_event_type type,
                     unsigned number, struct ws_slice payload) {
  fuzz_bytes_add_number(whole, type);
  fuzz_bytes_add_number(whole, number);
  fuzz_bytes_add_number(whole, payload.len);
  fuzz_bytes_add(whole, payload.data, payload.len);
}

static bool same_bytes(const struct fuzz_bytes *a, const struct fuzz_bytes *b) {
  return fuzz_same(a->data, a->len, b->data, b->len);
}

struct observation observe_all(const struct stage *stage,
                               struct fuzz_input stream, uint64_t seed) {
  struct observation first;
  observe(&first, stage, stream, CUT_NOWHERE, 0);
  for (int i = CUT_NOWHERE + 1; i < NUM_CUTTINGS; i++) {
    struct observation other;
    observe(&other, stage, stream, (enum cutting)i, seed);
    FUZZ_CHECK(same_bytes(&first.events, &other.events));
    FUZZ_CHECK(same_bytes(&first.data, &other.data));
    FUZZ_CHECK(same_bytes(&first.whole, &other.whole));
    FUZZ_CHECK(same_bytes(&first.partial, &other.partial));
    FUZZ_CHECK(same_bytes(&first.output, &other.output));
    observation_free(&other);
  }
  return first;
}
