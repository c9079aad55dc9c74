#include "engine_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ws/close.h"
#include "ws/mask.h"

/* -- the transport ------------------------------------------------------ */

static struct world *of(struct wsc_transport *transport) {
  return (struct world *)(void *)transport;
}

static uint64_t fake_now(struct wsc_transport *transport) {
  return of(transport)->now;
}

static void plan(struct wsc_stream *stream, uint64_t after,
                 enum wsc_stream_event event, const void *data, size_t len) {
  struct world *world = stream->world;
  assert_true(world->num_plans < WORLD_PLANS);
  struct world_plan *made = &world->plans[world->num_plans++];
  *made = (struct world_plan){.at = world->now + after,
                              .order = world->num_planned++,
                              .stream = stream,
                              .event = event,
                              .data = wsc_malloc(len),
                              .len = len};
  if (len != 0) {
    memcpy(made->data, data, len);
  }
}

static struct wsc_stream *fake_dial(struct wsc_transport *transport,
                                    struct wsc_listener listener) {
  struct world *world = of(transport);
  assert_true(world->num_streams < WORLD_STREAMS);
  struct wsc_stream *stream = wsc_malloc(sizeof *stream);
  *stream = (struct wsc_stream){
      .world = world, .listener = listener, .number = world->num_streams};
  world->streams[world->num_streams++] = stream;
  bool good = world->accepts == NULL || world->accepts(world, stream->number);
  plan(stream, 0, good ? WSC_STREAM_UP : WSC_STREAM_FAILED, NULL, 0);
  return stream;
}

static size_t frame_of(const struct wsc_stream *stream, size_t at,
                       struct ws_frame *frame, uint8_t payload[125]) {
  size_t left = stream->sent_len - at;
  if (left == 0) {
    return 0;
  }
  size_t header = ws_frame_decode(frame, stream->sent + at, left);
  if (header == 0 || left - header < frame->length) {
    return 0;
  }
  size_t kept = frame->length < 125 ? (size_t)frame->length : 125;
  if (kept != 0) {
    memcpy(payload, stream->sent + at + header, kept);
  }
  if (frame->masked) {
    ws_mask(payload, kept, frame->key, 0);
  }
  return header + (size_t)frame->length;
}

static void plan_frame(struct wsc_stream *stream, uint64_t after,
                       uint8_t opcode, const void *payload, size_t len) {
  uint8_t *bytes = wsc_malloc(WS_FRAME_HEADER_MAX + len);
  struct ws_frame frame = {.fin = true, .opcode = opcode, .length = len};
  frame.length_form = ws_length_form_minimal(len);
  size_t header = ws_frame_encode(bytes, &frame);
  if (len != 0) {
    memcpy(bytes + header, payload, len);
  }
  plan(stream, after, WSC_STREAM_DATA, bytes, header + len);
  free(bytes);
}

static void answer_pings(struct wsc_stream *stream) {
  struct world *world = stream->world;
  for (;;) {
    struct ws_frame frame;
    uint8_t payload[125];
    size_t len = frame_of(stream, stream->parsed, &frame, payload);
    if (len == 0) {
      return;
    }
    stream->parsed += len;
    if (frame.opcode == WS_OP_PING && stream->num_pings++ < world->pongs) {
      plan_frame(stream, world->pong_delay, WS_OP_PONG, payload,
                 (size_t)frame.length);
    }
  }
}

static bool fake_write(struct wsc_stream *stream, const uint8_t *data,
                       size_t len) {
  assert_false(stream->released);
  stream->sent = wsc_realloc(stream->sent, stream->sent_len + len);
  memcpy(stream->sent + stream->sent_len, data, len);
  stream->sent_len += len;
  stream->num_writes++;
  if (stream->world->pongs != 0) {
    answer_pings(stream);
  }
  return true;
}

static size_t fake_unsent(const struct wsc_stream *stream) {
  (void)stream;
  return 0;
}

static void fake_pause(struct wsc_stream *stream, bool paused) {
  stream->paused = paused;
}

static void fake_finish(struct wsc_stream *stream) {
  stream->finished = true;
}

static void fake_reset(struct wsc_stream *stream) {
  stream->reset = true;
}

static void fake_release(struct wsc_stream *stream) {
  if (stream != NULL) {
    assert_false(stream->released);
    stream->released = true;
  }
}

static bool comes_before(const struct world_plan *a,
                         const struct world_plan *b) {
  return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* The first plan of a stream that still listens, or num_plans. */
static unsigned next_plan(const struct world *world) {
  unsigned first = world->num_plans;
  for (unsigned i = 0; i < world->num_plans; i++) {
    const struct wsc_stream *stream = world->plans[i].stream;
    if (stream->released || stream->reset || stream->paused) {
      continue;
    }
    if (first == world->num_plans ||
        comes_before(&world->plans[i], &world->plans[first])) {
      first = i;
    }
  }
  return first;
}

static bool fake_wait(struct wsc_transport *transport, uint64_t until) {
  struct world *world = of(transport);
  unsigned first = next_plan(world);
  uint64_t last = until > world->now ? until : world->now;
  if (first == world->num_plans || world->plans[first].at > last) {
    if (until != WSC_FOREVER && until > world->now) {
      world->now = until + world->oversleep;
    }
    return until != WSC_FOREVER;
  }
  struct world_plan due = world->plans[first];
  world->plans[first] = world->plans[--world->num_plans];
  world->now = due.at > world->now ? due.at : world->now;
  struct wsc_stream_notice notice = {
      .event = due.event,
      .data = due.data,
      .len = due.len,
      .text = due.event == WSC_STREAM_FAILED ? "connection refused" : NULL};
  due.stream->listener.notice(due.stream->listener.user, &notice);
  free(due.data);
  return true;
}

static const struct wsc_transport_ops fake_ops = {
    fake_now,    fake_dial,  fake_write,   fake_unsent, fake_pause,
    fake_finish, fake_reset, fake_release, fake_wait};

/* -- life --------------------------------------------------------------- */

void world_open_bare(struct world *world) {
  memset(world, 0, sizeof *world);
  world->transport.ops = &fake_ops;
  world->now = 1000 * SECOND; /* from an arbitrary zero */
  world->target = (struct wsc_target){
      .url = "ws://peer.test/", .host = "peer.test", .path = "/"};
  world->context = (struct wsc_context){.transport = &world->transport,
                                        .target = &world->target,
                                        .seed = 1,
                                        .timeout = WORLD_T,
                                        .echoes = true};
  world->info = (struct wsc_case){.id = "test.case",
                                  .title = "A case of a test",
                                  .file = "test.lua",
                                  .weight = 1};
}

void world_open_patient(struct world *world, unsigned patience) {
  world_open_bare(world);
  world->trial = wsc_trial_new(&world->context, &world->info, patience);
  world->link = world_dial(world);
  wsc_session_begin(world->link, NULL);
}

void world_open(struct world *world) {
  world_open_patient(world, 1);
}

void world_close(struct world *world) {
  wsc_trial_free(world->trial);
  for (unsigned i = 0; i < world->num_streams; i++) {
    assert_true(world->streams[i]->released);
    free(world->streams[i]->sent);
    free(world->streams[i]);
  }
  for (unsigned i = 0; i < world->num_plans; i++) {
    free(world->plans[i].data);
  }
}

struct wsc_link *world_dial(struct world *world) {
  struct wsc_link *link = wsc_link_dial(world->trial);
  world_pass(world, 0);
  assert_int_equal(wsc_link_state(link), WSC_LINK_UP);
  return link;
}

/* -- the peer's deeds --------------------------------------------------- */

static struct wsc_stream *latest(const struct world *world) {
  assert_true(world->num_streams > 0);
  return world->streams[world->num_streams - 1];
}

void world_octets(struct world *world, uint64_t after, const void *data,
                  size_t len) {
  plan(latest(world), after, WSC_STREAM_DATA, data, len);
}

void world_text(struct world *world, uint64_t after, const char *octets) {
  world_octets(world, after, octets, strlen(octets));
}

void world_frame(struct world *world, uint64_t after, uint8_t opcode,
                 const void *payload, size_t len) {
  plan_frame(latest(world), after, opcode, payload, len);
}

void world_close_frame(struct world *world, uint64_t after, uint16_t code) {
  uint8_t body[2] = {(uint8_t)(code >> 8), (uint8_t)code};
  world_frame(world, after, WS_OP_CLOSE, body, code == 1005 ? 0 : 2);
}

void world_fin(struct world *world, uint64_t after) {
  plan(latest(world), after, WSC_STREAM_FIN, NULL, 0);
}

void world_rst(struct world *world, uint64_t after) {
  plan(latest(world), after, WSC_STREAM_RST, NULL, 0);
}

void world_pass(struct world *world, uint64_t time) {
  uint64_t until = world->now + time;
  unsigned first = next_plan(world);
  while (first != world->num_plans && world->plans[first].at <= until) {
    fake_wait(&world->transport, until);
    first = next_plan(world);
  }
  world->now = until;
}

enum wsc_progress world_run(struct world *world, world_step *step, void *op) {
  struct wsc_trial *trial = world->trial;
  for (int i = 0; i < 10000; i++) {
    trial->ready = false;
    trial->wake_at = WSC_FOREVER;
    enum wsc_progress progress = step(op, world->link);
    if (progress != WSC_PENDING) {
      return progress;
    }
    while (!trial->ready && !wsc_trial_past(trial, trial->wake_at)) {
      assert_true(fake_wait(&world->transport, trial->wake_at));
    }
  }
  fail_msg("the operation never ends");
  return WSC_STOP;
}

const char *world_sent_frames(struct world *world) {
  struct wsc_stream *stream = latest(world);
  char *text = wsc_arena_alloc(&world->trial->outcome->arena, 1024);
  size_t used = 0;
  size_t at = 0;
  size_t len;
  do {
    struct ws_frame frame;
    uint8_t payload[125] = {0};
    len = frame_of(stream, at, &frame, payload);
    at += len;
    if (len == 0) {
      break;
    }
    assert_true(frame.masked); /* we play the client, 5.1 */
    used +=
        (size_t)snprintf(text + used, 1024 - used, "%s%s", used == 0 ? "" : " ",
                         ws_opcode_name(frame.opcode));
    if (frame.opcode == WS_OP_CLOSE && frame.length >= 2) {
      used += (size_t)snprintf(text + used, 1024 - used, ":%u",
                               (unsigned)(payload[0] << 8 | payload[1]));
    }
    assert_true(used < 1000);
  } while (len != 0);
  return text;
}

/* -- what was judged ---------------------------------------------------- */

void assert_has(const char *text, const char *part) {
  if (strstr(text, part) == NULL) {
    fail_msg("\"%s\" has no \"%s\"", text, part);
  }
}

void world_assert_clauses(const struct world *world, size_t num) {
  assert_int_equal(world->trial->outcome->num_clauses, num);
}

void world_assert_clause(const struct world *world, size_t index,
                         struct clause_is is) {
  const struct wsc_outcome *outcome = world->trial->outcome;
  assert_true(index < outcome->num_clauses);
  const struct wsc_clause *clause = &outcome->clauses[index];
  assert_string_equal(wsc_strength_name(clause->strength),
                      wsc_strength_name(is.strength));
  assert_string_equal(wsc_verdict_name(clause->verdict),
                      wsc_verdict_name(is.verdict));
  assert_int_equal(clause->absent, is.absent);
  assert_string_equal(clause->requirement, "req");
  if (is.expected != NULL) {
    assert_has(clause->expected, is.expected);
  }
  if (is.got != NULL && is.got[0] == '\0') {
    assert_string_equal(clause->got, "");
  } else if (is.got != NULL) {
    assert_has(clause->got, is.got);
  }
}

void world_assert_verdict(struct world *world, enum wsc_verdict verdict,
                          bool absent) {
  struct wsc_outcome *outcome = world->trial->outcome;
  wsc_outcome_conclude(outcome, false);
  assert_string_equal(wsc_verdict_name(outcome->verdict),
                      wsc_verdict_name(verdict));
  assert_int_equal(outcome->absent, absent);
}
