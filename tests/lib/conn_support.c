#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"

static bool counted(struct counting_crypto *crypto) {
  crypto->num_calls++;
  return crypto->num_calls != crypto->fail_at;
}

static bool counting_sha1(void *user, const uint8_t *data, size_t len,
                          uint8_t digest[WS_SHA1_LEN]) {
  const struct ws_crypto *openssl = ws_crypto_openssl();
  return counted(user) && openssl->sha1(openssl->user, data, len, digest);
}

static bool counting_random(void *user, uint8_t *out, size_t len) {
  struct counting_crypto *crypto = user;
  for (size_t i = 0; i < len; i++) {
    out[i] = ++crypto->last;
  }
  return counted(crypto);
}

void counting_crypto_init(struct counting_crypto *crypto) {
  *crypto = (struct counting_crypto){
      .table = {counting_sha1, counting_random, crypto}};
}

uint32_t test_random(uint64_t *state) {
  /* Steele, Lea and Flood's SplitMix64. */
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (uint32_t)((z ^ (z >> 31)) >> 32);
}

void event_log_init(struct event_log *log) {
  *log = (struct event_log){0};
  log->stream = open_memstream(&log->text, &log->text_len);
  assert_non_null(log->stream);
}

static void print_bytes(FILE *stream, const uint8_t *data, size_t len) {
  size_t shown = len <= 48 ? len : 32;
  fputs(" \"", stream);
  for (size_t i = 0; i < shown; i++) {
    if (data[i] >= 0x20 && data[i] < 0x7F && data[i] != '"' &&
        data[i] != '\\') {
      fputc(data[i], stream);
    } else {
      fprintf(stream, "\\x%02X", data[i]);
    }
  }
  if (shown < len) {
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++) {
      sum = sum * 31 + data[i];
    }
    fprintf(stream, "...\" %zu bytes, sum %08X", len, sum);
  } else {
    fputc('"', stream);
  }
}

static void end_run(struct event_log *log) {
  static const char *const parts[] = {"middle", "end", "begin", "whole"};
  if (!log->in_run) {
    return;
  }
  fprintf(log->stream, "%llu+%llu %s %s", (unsigned long long)log->run_offset,
          (unsigned long long)(log->run_end - log->run_offset),
          log->run_opcode == WS_OP_TEXT ? "TEXT" : "BINARY",
          parts[(log->run_first ? 2 : 0) + (log->run_final ? 1 : 0)]);
  print_bytes(log->stream, log->run, log->run_len);
  fputc('\n', log->stream);
  log->in_run = false;
  log->run_len = 0;
}

static void add_data(struct event_log *log, const struct ws_event *event) {
  if (event->first) {
    end_run(log);
  }
  if (!log->in_run) {
    log->in_run = true;
    log->run_first = event->first;
    log->run_opcode = event->opcode;
    log->run_offset = event->offset;
  }
  log->run_final = event->final;
  log->run_end = event->offset + event->len;
  size_t len = log->run_len + event->payload.len;
  uint8_t *run = realloc(log->run, len + 1);
  assert_non_null(run);
  if (event->payload.len != 0) {
    memcpy(run + log->run_len, event->payload.data, event->payload.len);
  }
  log->run = run;
  log->run_len = len;
}

static void print_slice(FILE *stream, struct ws_slice slice) {
  fprintf(stream, " %.*s", (int)slice.len, (const char *)slice.data);
}

void event_log_add(struct event_log *log, const struct ws_event *event) {
  static const char *const names[] = {"REQUEST", "OPEN",  "REFUSED",
                                      "DATA",    "PING",  "PONG",
                                      "CLOSE",   "FAULT", "END"};
  if (event->type == WS_EVENT_DATA) {
    add_data(log, event);
    return;
  }
  end_run(log);
  fprintf(log->stream, "%llu+%llu %s", (unsigned long long)event->offset,
          (unsigned long long)event->len, names[event->type]);
  if (event->type == WS_EVENT_REQUEST) {
    print_slice(log->stream, event->request->authority);
    print_slice(log->stream, event->request->path);
    if (event->request->query.len != 0) {
      fputs(" query", log->stream);
      print_slice(log->stream, event->request->query);
    }
  } else if (event->type == WS_EVENT_REFUSED) {
    fprintf(log->stream, " %u", event->response->status);
  } else if (event->type == WS_EVENT_FAULT) {
    fprintf(log->stream, " %s %u", ws_fault_info(event->fault)->name,
            event->code);
  } else if (event->type == WS_EVENT_CLOSE) {
    fprintf(log->stream, " %u", event->code);
  }
  if (event->type >= WS_EVENT_PING && event->type <= WS_EVENT_CLOSE) {
    print_bytes(log->stream, event->payload.data, event->payload.len);
  }
  fputc('\n', log->stream);
}

const char *event_log_finish(struct event_log *log) {
  end_run(log);
  assert_int_equal(fclose(log->stream), 0);
  log->stream = NULL;
  return log->text;
}

void event_log_free(struct event_log *log) {
  if (log->stream != NULL) {
    fclose(log->stream);
  }
  free(log->text);
  free(log->run);
}

static int hex_digit(char c) {
  const char *digits = "0123456789ABCDEF";
  const char *found = c != '\0' ? strchr(digits, c) : NULL;
  assert_non_null(found);
  return (int)(found - digits);
}

size_t read_hex(uint8_t *out, const char *text) {
  size_t len = 0;
  while (*text != '\0') {
    if (*text == '#') {
      text += strcspn(text, "\n");
    } else if (*text == '"') {
      for (text++; *text != '"'; text++) {
        assert_true(*text != '\0');
        out[len++] = (uint8_t)*text;
      }
      text++;
    } else if (*text == ' ' || *text == '\n') {
      text++;
    } else {
      out[len++] = (uint8_t)(hex_digit(text[0]) * 16 + hex_digit(text[1]));
      text += 2;
    }
  }
  return len;
}

void feed_bytes(struct ws_conn *conn, const void *data, size_t len,
                event_taker *take, void *user) {
  /* Exactly as long as it is, and gone at once: a byte read beyond the end, or
   * after the loan is over, is caught by the address sanitizer. */
  uint8_t *copy = malloc(len != 0 ? len : 1);
  struct ws_event event;
  assert_non_null(copy);
  if (len != 0) {
    memcpy(copy, data, len);
  }
  if (len != 0) {
    enum ws_status status = ws_conn_feed(conn, copy, len);
    assert_true(status == WS_OK || status == ws_conn_status(conn));
  }
  while (ws_conn_next(conn, &event)) {
    take(user, conn, &event);
  }
  free(copy);
}

void see_event(void *user, struct ws_conn *conn, const struct ws_event *event) {
  struct seen *seen = user;
  seen->end_is_last = false;
  if (event->type == WS_EVENT_REQUEST) {
    assert_int_equal(ws_conn_accept(conn, &(struct ws_accept_options){0}),
                     WS_OK);
  } else if (event->type == WS_EVENT_FAULT) {
    seen->num_faults++;
    seen->fault = event->fault;
  } else if (event->type == WS_EVENT_REFUSED) {
    seen->num_refused++;
  } else if (event->type == WS_EVENT_CLOSE) {
    seen->code = event->code;
  } else if (event->type == WS_EVENT_END) {
    seen->num_ends++;
    seen->end_is_last = true;
  }
}

struct ws_conn *begin_conn(enum ws_role role, struct counting_crypto *crypto,
                           const struct ws_conn_limits *limits,
                           const char *protocol) {
  struct ws_conn_config config = {.role = role, .crypto = &crypto->table};
  const char *const protocols[] = {protocol, NULL};
  counting_crypto_init(crypto);
  if (limits != NULL) {
    config.limits = *limits;
  }
  struct ws_conn *conn = ws_conn_new(&config);
  assert_non_null(conn);
  if (role == WS_CLIENT) {
    struct ws_request_options options = {.target = "/chat",
                                         .host = "example.com",
                                         .protocols = protocols,
                                         .extensions = "x-known; a=1"};
    assert_int_equal(ws_conn_connect(conn, &options), WS_OK);
    ws_conn_output_done(conn, ws_conn_output(conn).len);
  }
  return conn;
}

struct ws_slice frames_out(const struct ws_conn *conn) {
  struct ws_slice out = ws_conn_output(conn);
  size_t scanned = 0;
  if (out.len > 4 && memcmp(out.data, "HTTP", 4) == 0) {
    size_t head = ws_http_head_end(out.data, out.len, &scanned);
    out.data += head;
    out.len -= head;
  }
  return out;
}

struct ws_conn *open_conn(enum ws_role role, struct counting_crypto *crypto,
                          const struct ws_conn_limits *limits,
                          struct seen *seen) {
  struct ws_conn *conn = begin_conn(role, crypto, limits, NULL);
  const char *head = role == WS_SERVER ? REQUEST : RESPONSE;
  *seen = (struct seen){0};
  feed_bytes(conn, head, strlen(head), see_event, seen);
  assert_int_equal(ws_conn_state(conn), WS_CONN_OPEN);
  ws_conn_output_done(conn, ws_conn_output(conn).len);
  return conn;
}

void feed_hex(struct ws_conn *conn, const char *hex, struct seen *seen) {
  uint8_t bytes[1024];
  assert_true(strlen(hex) <= sizeof(bytes));
  feed_bytes(conn, bytes, read_hex(bytes, hex), see_event, seen);
}

void expect_output(struct ws_conn *conn, const char *hex) {
  uint8_t bytes[1024];
  assert_true(strlen(hex) <= sizeof(bytes));
  size_t len = read_hex(bytes, hex);
  struct ws_slice out = ws_conn_output(conn);
  assert_int_equal(out.len, len);
  if (len != 0) {
    assert_memory_equal(out.data, bytes, len);
  }
  ws_conn_output_done(conn, len);
}
