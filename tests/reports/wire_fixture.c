#include "wire_fixture.h"

#include <string.h>

#define LOG_MAX  65536
#define TEXT_LEN 70000

static const char request[] = "GET /chat HTTP/1.1\r\n"
                              "Host: 127.0.0.1:9001\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n\r\n";
static const char response[] =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const uint8_t ping[] = {0x89, 0x83, 0x37, 0xfa, 0x21,
                               0x3d, 0x5a, 0x93, 0x45};
static const uint8_t pong[] = {0x8A, 0x03, 'm', 'i', 'd'};
static const uint8_t close_masked[] = {0x88, 0x82, 1, 2, 3, 4, 0x02, 0xEA};
static const uint8_t close_plain[] = {0x88, 0x02, 0x03, 0xE8};

struct log {
  struct wsc_outcome *outcome;
  int connection;
  uint64_t time;
  uint64_t next[2];
};

static void add_data(struct log *log, enum wsc_direction direction,
                     const void *data, size_t len, size_t cut) {
  const struct wsc_wire_event event = {.time = log->time += 100,
                                       .connection = log->connection,
                                       .direction = direction,
                                       .kind = WSC_WIRE_DATA,
                                       .offset = log->next[direction],
                                       .data = data,
                                       .len = len,
                                       .cut = cut};
  log->next[direction] += len + cut;
  wsc_outcome_add_wire(log->outcome, &event);
}

static void add_mark(struct log *log, enum wsc_direction direction,
                     enum wsc_wire_kind kind) {
  const struct wsc_wire_event event = {.time = log->time += 100,
                                       .connection = log->connection,
                                       .direction = direction,
                                       .kind = kind,
                                       .offset = log->next[direction]};
  wsc_outcome_add_wire(log->outcome, &event);
}

static void add_handshake(struct log *log) {
  add_mark(log, WSC_SENT, WSC_WIRE_OPEN);
  add_data(log, WSC_SENT, request, sizeof request - 1, 0);
  add_data(log, WSC_RECEIVED, response, sizeof response - 1, 0);
}

static void add_conversation(struct log *log) {
  static uint8_t text[10 + TEXT_LEN];
  memset(text, 'x', sizeof text);
  memcpy(text, "\x81\x7f\0\0\0\0\0\x01\x11\x70", 10);
  add_handshake(log);
  add_data(log, WSC_SENT, ping, sizeof ping, 0);
  add_data(log, WSC_RECEIVED, pong, sizeof pong, 0);
  add_data(log, WSC_SENT, close_masked, sizeof close_masked, 0);
  add_data(log, WSC_RECEIVED, close_plain, sizeof close_plain, 0);
  /* Behind what is of interest: a message that the log cuts. */
  add_data(log, WSC_RECEIVED, text, LOG_MAX, sizeof text - LOG_MAX);
  add_mark(log, WSC_RECEIVED, WSC_WIRE_FIN);
  add_mark(log, WSC_SENT, WSC_WIRE_RELEASE);
}

struct wsc_run *fixture_wire(void) {
  const char *const requirement = "6455-5.5.3-02";
  struct wsc_run *run = wsc_run_new("0.1.0", "1.0", 1, NULL);
  struct wsc_outcome *outcome = wsc_outcome_new();
  struct log log = {.outcome = outcome};
  add_conversation(&log);
  log = (struct log){.outcome = outcome, .connection = 1, .time = log.time};
  add_handshake(&log);
  add_mark(&log, WSC_RECEIVED, WSC_WIRE_RST);
  const struct wsc_clause clause = {.requirement = requirement,
                                    .strength = WSC_MUST,
                                    .verdict = WSC_PASS,
                                    .label = "",
                                    .expected = "a pong with \"mid\"",
                                    .got = "",
                                    .line = 7,
                                    .step = -1};
  wsc_outcome_add_clause(outcome, &clause);
  wsc_outcome_conclude(outcome, false);
  outcome->num_connections = 2;
  outcome->duration = log.time;
  const struct wsc_case info = {.id = "control.pong-payload",
                                .title = "A pong carries the ping's payload",
                                .file = "conformance/cases/control.lua",
                                .line = 1,
                                .end_line = 2,
                                .requirements = &requirement,
                                .num_requirements = 1,
                                .since = "1.0"};
  wsc_run_add_target(run, "t", "server", "ws://127.0.0.1:9001/", "peer/1.0");
  wsc_run_add_case(run, &info);
  const struct wsc_result_key key = {0, info.id, "tcp", "whole"};
  wsc_run_add_result(run, &key, outcome, WSC_EXPECT_NONE, NULL);
  wsc_outcome_free(outcome);
  wsc_run_close(run, false);
  return run;
}
