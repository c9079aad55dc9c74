#include "run_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Markup, an attribute's end, a script's end, a control character, an escape
 * sequence of terminals, a right-to-left override, broken UTF-8. */
/* NOLINTBEGIN(misc-misleading-bidirectional): on purpose. */
const char fixture_hostile[] =
    "</code></script><script>alert(1)</script>\" onload='x' &amp; \x01\x1b[31m"
    "\xE2\x80\xAE\xC0\xAF\xED\xA0\x80 \xC3\xA9";
/* NOLINTEND(misc-misleading-bidirectional) */

struct plan {
  const char *id;
  const char *title;
  const char *requirement;
  enum wsc_strength strength;
  enum wsc_verdict verdict;
  const char *expected;
  const char *got;
};

static const struct plan plans[] = {
    {"frag.ping-between-fragments",
     "A ping between two fragments is answered and the message survives",
     "6455-5.4-10", WSC_MUST, WSC_FAIL,
     "a pong with the payload \"mid\" between the fragments",
     "the connection ended (FIN) with close code 1002"},
    {"closing.echo-code", "A Close frame is answered with a Close frame",
     "6455-5.5.1-06", WSC_SHOULD, WSC_WARN, "the status code 1000 comes back",
     "no status code"},
    {"length.minimal", "Lengths are written in the shortest form",
     "6455-5.2-20", WSC_MUST, WSC_PASS, "the 7-bit form", ""},
    {"handshake.extra-field", "An unknown field is ignored", "6455-4.1-20",
     WSC_NOTE, WSC_INFO, "the server repeats the field", ""},
    {"utf8.echo", "Valid UTF-8 comes back as it was", "6455-8.1-01", WSC_MUST,
     WSC_SKIP, "", ""},
    {"control.hostile", "A peer that would like to own the report",
     "6455-5.5.2-01", WSC_MUST, WSC_ERROR, "a pong", fixture_hostile},
};
#define NUM_PLANS (sizeof plans / sizeof plans[0])

static const char source[] = "case {\n"
                             "  id = \"frag.ping-between-fragments\",\n"
                             "  run = function(t)\n"
                             "    local ws = t:open()\n"
                             "    ws:text(\"frag\", { fin = false })\n"
                             "    ws:ping(\"mid\")\n"
                             "    ws:expect_pong(\"mid\")\n"
                             "    if 1 < 2 and \"&\" then ws:finish() end\n"
                             "  end,\n"
                             "}\n";

static int add_data(struct wsc_outcome *outcome, enum wsc_direction direction,
                    uint64_t time, uint64_t offset, const void *data,
                    size_t len) {
  struct wsc_wire_event event = {.time = time,
                                 .direction = direction,
                                 .kind = WSC_WIRE_DATA,
                                 .offset = offset,
                                 .data = data,
                                 .len = len};
  return wsc_outcome_add_wire(outcome, &event);
}

static void add_wire(struct wsc_outcome *outcome) {
  static const char request[] = "GET /chat HTTP/1.1\r\n"
                                "Host: 127.0.0.1:9001\r\n"
                                "Upgrade: websocket\r\n\r\n";
  static const uint8_t ping[] = {0x89, 0x83, 0x37, 0xfa, 0x21,
                                 0x3d, 0x5a, 0x93, 0x45};
  static const uint8_t close[] = {0x88, 0x02, 0x03, 0xea};
  struct wsc_wire_event open = {.kind = WSC_WIRE_OPEN};
  struct wsc_wire_event fin = {
      .time = 2100, .direction = WSC_RECEIVED, .kind = WSC_WIRE_FIN};
  wsc_outcome_add_wire(outcome, &open);
  add_data(outcome, WSC_SENT, 120, 0, request, sizeof request - 1);
  add_data(outcome, WSC_RECEIVED, 900, 0, fixture_hostile,
           strlen(fixture_hostile));
  add_data(outcome, WSC_SENT, 1450, sizeof request - 1, ping, sizeof ping);
  add_data(outcome, WSC_RECEIVED, 2049, 129, close, sizeof close);
  wsc_outcome_add_wire(outcome, &fin);
  struct wsc_frame_note note = {.time = 1450,
                                .direction = WSC_SENT,
                                .offset = sizeof request - 1,
                                .header_len = 6,
                                .length = 3,
                                .payload = (const uint8_t *)"mid",
                                .payload_len = 3};
  memcpy(note.header, ping, 6);
  wsc_outcome_add_frame(outcome, &note);
  struct wsc_frame_note reply = {.time = 2049,
                                 .direction = WSC_RECEIVED,
                                 .offset = 129,
                                 .header = {0x88, 0x02},
                                 .header_len = 2,
                                 .length = 2,
                                 .payload = close + 2,
                                 .payload_len = 2};
  wsc_outcome_add_frame(outcome, &reply);
  struct wsc_frame_note huge = {.time = 2060,
                                .direction = WSC_SENT,
                                .offset = 200,
                                .header = {0xF3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                           0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4},
                                .header_len = 14,
                                .length = UINT64_MAX};
  wsc_outcome_add_frame(outcome, &huge);
}

static void add_steps(struct wsc_outcome *outcome) {
  const struct wsc_step steps[] = {
      {100, 4, 0, "send", "an opening request", 1},
      {900, 4, 0, "receive", fixture_hostile, 2},
      {1450, 6, 0, "send", "ping \"mid\" (3 bytes), masked with 37 fa 21 3d",
       3},
      {2049, 7, 0, "receive", "close 1002", 4},
      {2100, 7, 0, "receive", "end of the stream (FIN)", 5},
      {2101, 0, -1, "end", "the case is over", -1}};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    wsc_outcome_add_step(outcome, &steps[i]);
  }
}

/* What Autobahn would say of it, in its own way. */
static const struct wsc_autobahn_verdict *
autobahn_of(enum wsc_verdict verdict) {
  static const struct wsc_autobahn_verdict good = {
      "OK", "WRONG CODE", 1002, true, false, false, true};
  static const struct wsc_autobahn_verdict bad = {
      "FAILED", "FAILED BY CLIENT", -1, true, true, true, false};
  if (verdict == WSC_SKIP || verdict == WSC_ERROR) {
    return NULL;
  }
  return verdict == WSC_PASS || verdict == WSC_WARN ? &good : &bad;
}

static struct wsc_outcome *make_outcome(const struct plan *plan) {
  struct wsc_outcome *outcome = wsc_outcome_new();
  outcome->autobahn = autobahn_of(plan->verdict);
  add_wire(outcome);
  add_steps(outcome);
  outcome->duration = 2101;
  outcome->num_connections = 1;
  if (plan->verdict == WSC_SKIP) {
    wsc_outcome_abandon(outcome, WSC_SKIP, "the peer does not echo");
    return outcome;
  }
  if (plan->verdict == WSC_ERROR) {
    wsc_outcome_abandon(outcome, WSC_ERROR, "no 101: %s", fixture_hostile);
    return outcome;
  }
  struct wsc_clause clause = {.requirement = plan->requirement,
                              .strength = plan->strength,
                              .verdict = plan->verdict,
                              .label = "",
                              .expected = plan->expected,
                              .got = plan->got,
                              .line = 7,
                              .step = 3};
  wsc_outcome_add_clause(outcome, &clause);
  wsc_outcome_conclude(outcome, plan->verdict == WSC_INFO);
  return outcome;
}

static void add_one(struct wsc_run *run, int target, const struct plan *plan,
                    const char *id) {
  const char *const autobahn[] = {"5.6"};
  struct wsc_case info = {.id = id,
                          .title = plan->title,
                          .file = "conformance/cases/fragmentation.lua",
                          .line = 1,
                          .end_line = 10,
                          .requirements = &plan->requirement,
                          .num_requirements = 1,
                          .autobahn = autobahn,
                          .num_autobahn = 1,
                          .since = "1.0"};
  struct wsc_result_key key = {target, id, "tcp", "whole"};
  struct wsc_outcome *outcome = make_outcome(plan);
  wsc_run_add_case(run, &info);
  wsc_run_add_result(run, &key, outcome,
                     plan->verdict == WSC_WARN ? WSC_EXPECT_MET
                                               : WSC_EXPECT_NONE,
                     "issue 17, to be repaired");
  wsc_outcome_free(outcome);
}

static struct wsc_run *new_run(void) {
  json_t *options = json_pack("{s:[s,s,s],s:[]}", "command", "wsspec", "server",
                              "ws://127.0.0.1:9001/it's", "filters");
  return wsc_run_new("0.1.0", "1.0", 42, options);
}

static void add_sources(struct wsc_run *run) {
  const struct wsc_embedded files[] = {
      {"conformance/cases/fragmentation.lua", (const uint8_t *)source,
       (const uint8_t *)source + sizeof source - 1},
      {NULL, NULL, NULL}};
  wsc_run_add_sources(run, files);
}

struct wsc_run *fixture_run(size_t num_cases) {
  struct wsc_run *run = new_run();
  wsc_run_add_target(run, "t1", "server", "ws://127.0.0.1:9001/it's",
                     fixture_hostile);
  wsc_run_target_fact(run, 0, "echo", "yes");
  for (size_t i = 0; i < num_cases; i++) {
    const struct plan *plan = &plans[i % NUM_PLANS];
    char id[96];
    if (i < NUM_PLANS) {
      snprintf(id, sizeof id, "%s", plan->id);
    } else {
      snprintf(id, sizeof id, "%s-%zu", plan->id, i);
    }
    add_one(run, 0, plan, id);
  }
  add_sources(run);
  wsc_run_close(run, false);
  return run;
}

struct wsc_run *fixture_matrix(void) {
  struct wsc_run *run = new_run();
  wsc_run_add_target(run, "good", "server", "ws://127.0.0.1:9001/", "good/1.0");
  wsc_run_add_target(run, "bad", "server", "ws://127.0.0.1:9002/", "bad/0.1");
  struct plan kept = plans[0];
  kept.verdict = WSC_PASS;
  kept.got = "";
  add_one(run, 0, &kept, kept.id);
  add_one(run, 1, &plans[0], plans[0].id);
  add_one(run, 0, &plans[4], plans[4].id);
  add_sources(run);
  wsc_run_close(run, true);
  return run;
}

char *fixture_path(const char *name) {
  const char *dir = getenv("TMPDIR");
  char *path = wsc_malloc(512);
  snprintf(path, 512, "%s/wsspec-%ld-%s", dir == NULL ? "/tmp" : dir,
           (long)getpid(), name);
  return path;
}

char *fixture_slurp(const char *path, size_t *len) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    fprintf(stderr, "cannot read %s\n", path);
    abort();
  }
  long size = ftell(file);
  if (size < 0 || fseek(file, 0, SEEK_SET) != 0) {
    fprintf(stderr, "cannot read %s\n", path);
    abort();
  }
  *len = (size_t)size;
  char *text = wsc_malloc(*len + 1);
  *len = fread(text, 1, *len, file);
  text[*len] = '\0';
  fclose(file);
  return text;
}
