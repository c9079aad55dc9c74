#include "connection.h"

#include <stdlib.h>

#include "receiver_reference.h"

enum {
  SMALL_FRAME = 200,
  SMALL_MESSAGE = 300,
  SMALL_FRAGMENTS = 4,
  SMALL_OUTPUT = 64,
  INFLATED = 65536, /* of a message: more would only take time */
  CLOSE_LEN = 4 + 4 + 125
};

/* What the fault of a connection is called by the reference. */
static unsigned breach_of(enum ws_fault fault) {
  static const struct {
    enum ws_fault fault;
    unsigned breach;
  } names[] = {
      {WS_FAULT_RSV, FRAME_RSV},
      {WS_FAULT_OPCODE, FRAME_OPCODE},
      {WS_FAULT_CONTROL_FRAGMENTED, FRAME_CONTROL_FRAGMENTED},
      {WS_FAULT_CONTROL_TOO_LONG, FRAME_CONTROL_TOO_LONG},
      {WS_FAULT_CONTINUATION_UNEXPECTED, FRAME_NOTHING_TO_CONTINUE},
      {WS_FAULT_CONTINUATION_EXPECTED, FRAME_NOT_CONTINUED},
      {WS_FAULT_NOT_MASKED, FRAME_NOT_MASKED},
      {WS_FAULT_MASKED, FRAME_MASKED},
      {WS_FAULT_LENGTH_NOT_MINIMAL, FRAME_NOT_MINIMAL},
      {WS_FAULT_LENGTH_TOP_BIT, FRAME_TOP_BIT},
      {WS_FAULT_TEXT_NOT_UTF8, RECEIVER_NOT_UTF8},
      {WS_FAULT_FRAME_TOO_BIG, RECEIVER_FRAME_TOO_BIG},
      {WS_FAULT_MESSAGE_TOO_BIG, RECEIVER_MESSAGE_TOO_BIG},
      {WS_FAULT_TOO_MANY_FRAGMENTS, RECEIVER_TOO_MANY_FRAGMENTS},
      {WS_FAULT_CLOSE_BODY_LENGTH, RECEIVER_CLOSE_LENGTH},
      {WS_FAULT_CLOSE_CODE, RECEIVER_CLOSE_CODE},
      {WS_FAULT_CLOSE_REASON_NOT_UTF8, RECEIVER_CLOSE_NOT_UTF8},
  };
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (names[i].fault == fault) {
      return names[i].breach;
    }
  }
  return 0;
}

static uint64_t limit(uint64_t set, uint64_t unset) {
  return set != 0 ? set : unset;
}

static void check_last(const struct observation *seen,
                       const struct heard *heard, bool hears_the_end) {
  if (heard->kind == HEARD_BREACH) {
    FUZZ_CHECK((breach_of(seen->fault) & heard->breaches) != 0);
    FUZZ_CHECK(seen->fault_offset == heard->offset);
  } else if (heard->kind == HEARD_ALL && hears_the_end) {
    FUZZ_CHECK(seen->fault == WS_FAULT_ENDED_WITHOUT_CLOSE);
  } else {
    FUZZ_CHECK(seen->fault == WS_FAULT_NONE);
  }
}

/* What came out is what the reference hears in the stream. */
static void check_meaning(const struct stage *stage, struct fuzz_input stream,
                          const struct observation *seen) {
  struct receiver_reference receiver = {
      .server = stage->role == WS_SERVER,
      .max_frame = limit(stage->limits.frame, UINT64_C(64) << 20),
      .max_message = limit(stage->limits.message, UINT64_C(64) << 20),
      .max_fragments = limit(stage->limits.fragments, UINT64_MAX),
      .data = stream.data,
      .len = stream.len,
      .message = fuzz_room(stream.len),
  };
  struct fuzz_bytes expected = {0};
  struct heard heard;
  receiver_reference_next(&receiver, &heard);
  while (heard.kind < HEARD_BREACH) {
    static const enum ws_event_type types[] = {[HEARD_MESSAGE] = WS_EVENT_DATA,
                                               [HEARD_PING] = WS_EVENT_PING,
                                               [HEARD_PONG] = WS_EVENT_PONG,
                                               [HEARD_CLOSE] = WS_EVENT_CLOSE};
    observation_add(&expected, types[heard.kind], heard.opcode + heard.code,
                    (struct ws_slice){heard.payload, heard.payload_len});
    if (heard.kind == HEARD_CLOSE) {
      break;
    }
    receiver_reference_next(&receiver, &heard);
  }
  check_last(seen, &heard, (stage->habits & OWNER_HEARS_THE_END) != 0);
  FUZZ_CHECK(fuzz_same(seen->whole.data, seen->whole.len, expected.data,
                       expected.len));
  FUZZ_CHECK(fuzz_same(seen->partial.data, seen->partial.len, receiver.message,
                       receiver.open ? receiver.message_len : 0));
  fuzz_bytes_free(&expected);
  free(receiver.message);
}

/* One side of a conversation, as the reference hears it. */
struct side {
  struct fuzz_bytes last; /* payload of its last ping, or pong */
  size_t num;             /* of those */
  struct heard end;
  bool whole; /* nothing is left unfinished */
};

static void hear(struct side *side, bool server, enum heard_kind kind,
                 struct fuzz_input octets) {
  struct receiver_reference receiver = {
      .server = server,
      .max_frame = UINT64_MAX,
      .max_message = UINT64_MAX,
      .max_fragments = UINT64_MAX,
      .data = octets.data,
      .len = octets.len,
      .message = fuzz_room(octets.len),
  };
  do {
    receiver_reference_next(&receiver, &side->end);
    if (side->end.kind == kind) {
      side->num++;
      side->last.len = 0;
      fuzz_bytes_add(&side->last, side->end.payload, side->end.payload_len);
    }
  } while (side->end.kind < HEARD_CLOSE);
  side->whole = receiver.at == octets.len && !receiver.open;
  free(receiver.message);
}

/* RFC 6455 5.5.2: a ping is answered "unless it already received a Close frame";
 * 5.5.3: "only for the most recently processed Ping frame", where many wait. */
static void check_pongs(const struct stage *stage, const struct side *heard,
                        const struct side *said) {
  bool some_wait = stage->limits.output != 0;
  FUZZ_CHECK(said->num <= heard->num);
  if ((stage->habits & (OWNER_CLOSES | OWNER_ANSWERS_PINGS)) != 0) {
    return;
  }
  FUZZ_CHECK(some_wait || said->num == heard->num);
  FUZZ_CHECK(heard->num == 0 || fuzz_same(said->last.data, said->last.len,
                                          heard->last.data, heard->last.len));
}

/* What was sent is legal for the other side, to the last octet; a failed
 * connection says why, once. */
static void check_output(const struct stage *stage, struct fuzz_input stream,
                         const struct observation *seen) {
  bool server = stage->role == WS_SERVER;
  struct fuzz_input all = {seen->output.data, seen->output.len};
  struct fuzz_input output = fuzz_take_some(&all, all.len);
  struct side heard = {.num = 0};
  struct side said = {.num = 0};
  uint16_t code = ws_fault_info(seen->fault)->close_code;
  hear(&said, !server, HEARD_PONG, output);
  FUZZ_CHECK(said.end.kind != HEARD_BREACH && said.whole);
  if (seen->fault != WS_FAULT_NONE && code != WS_CLOSE_ABNORMAL) {
    FUZZ_CHECK(said.end.kind == HEARD_CLOSE);
    FUZZ_CHECK(said.end.code == code || (stage->habits & OWNER_CLOSES) != 0);
  }
  if (stage->limits.frame == 0) {
    hear(&heard, server, HEARD_PING, stream);
    check_pongs(stage, &heard, &said);
  }
  fuzz_bytes_free(&heard.last);
  fuzz_bytes_free(&said.last);
}

static struct stage set_stage(enum ws_role role, struct fuzz_input *input) {
  uint8_t options = fuzz_take(input);
  uint8_t deflate = fuzz_take(input);
  struct stage stage = {.role = role, .habits = OWNER_IS_OPEN};
  stage.habits |= options & (OWNER_ANSWERS_PINGS | OWNER_ANSWERS_CLOSE |
                             OWNER_ECHOES | OWNER_CLOSES | OWNER_HEARS_THE_END);
  if ((options & 0x20) != 0) {
    stage.limits.frame = SMALL_FRAME;
    stage.limits.message = SMALL_MESSAGE;
    stage.limits.fragments = SMALL_FRAGMENTS;
  } else if ((deflate & 1) != 0) {
    stage.limits.message = INFLATED;
  }
  if ((options & 0x40) != 0) {
    stage.limits.output = SMALL_OUTPUT;
  }
  stage.compresses = (deflate & 1) != 0;
  stage.params.client_no_context_takeover = (deflate & 2) != 0;
  stage.params.server_no_context_takeover = (deflate & 2) != 0;
  return stage;
}

/* What a peer can make us say. An empty ping is 2 octets, and the pong of a
 * client 6; a message that comes back is not shorter than it came. */
static size_t most_output(const struct stage *stage, size_t len,
                          const struct observation *seen) {
  size_t most = 3 * len + CLOSE_LEN;
  if (stage->compresses) {
    most += seen->data.len + 16 * seen->num_messages;
  }
  return most;
}

void connection_check(enum ws_role role, const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  struct stage stage = set_stage(role, &input);
  uint64_t seed = fuzz_take(&input);
  struct observation seen = observe_all(&stage, input, seed);
  FUZZ_CHECK(seen.output.len <= most_output(&stage, input.len, &seen));
  if (!stage.compresses) {
    check_meaning(&stage, input, &seen);
    check_output(&stage, input, &seen);
  }
  observation_free(&seen);
}
