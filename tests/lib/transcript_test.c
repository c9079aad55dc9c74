/* Runs the golden transcripts, each whole, byte by byte and in seeded cuts: the
 * event log and the output are the same however the stream is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"
#include "transcript.h"

#define NUM_SEEDS   24
#define NUM_DAMAGED 60

struct player {
  const struct transcript *transcript;
  bool damaged; /* what is accepted or closed may not be possible any more */
  struct event_log log;
  char *sent; /* owned */
};

static void play_event(void *user, struct ws_conn *conn,
                       const struct ws_event *event) {
  struct player *player = user;
  const struct transcript *transcript = player->transcript;
  event_log_add(&player->log, event);
  if (event->type == WS_EVENT_REQUEST && transcript->reject != 0) {
    struct ws_reject_options options = {.status = transcript->reject};
    assert_int_equal(ws_conn_reject(conn, &options), WS_OK);
  } else if (event->type == WS_EVENT_REQUEST) {
    struct ws_accept_options options = {0};
    if (transcript->accept[0] != '\0') {
      options.protocol = transcript->accept;
    }
    enum ws_status status = ws_conn_accept(conn, &options);
    assert_true(player->damaged || status == WS_OK);
    if (status != WS_OK) {
      ws_conn_accept(conn, &(struct ws_accept_options){0});
    }
  } else if (event->type == WS_EVENT_OPEN && transcript->close != 0) {
    assert_int_equal(ws_conn_close(conn, transcript->close,
                                   ws_slice_of(transcript->close_reason)),
                     WS_OK);
  }
}

static struct ws_conn *begin(const struct transcript *transcript,
                             struct counting_crypto *crypto) {
  counting_crypto_init(crypto);
  struct ws_conn_config config = {.role = transcript->role,
                                  .crypto = &crypto->table,
                                  .limits = transcript->limits};
  struct ws_conn *conn = ws_conn_new(&config);
  assert_non_null(conn);
  if (transcript->role == WS_CLIENT) {
    const char *offers[TRANSCRIPT_OFFERS_MAX + 1] = {NULL};
    for (size_t i = 0; i < transcript->num_offers; i++) {
      offers[i] = transcript->offers[i];
    }
    struct ws_request_options options = {
        .target = "/chat", .host = "example.com", .protocols = offers};
    assert_int_equal(ws_conn_connect(conn, &options), WS_OK);
  }
  return conn;
}

/* HTTP heads and bodies as they stand, less CR; frames as hex, a line each. */
static char *print_sent(struct ws_slice out) {
  char *text = NULL;
  size_t text_len = 0;
  FILE *stream = open_memstream(&text, &text_len);
  assert_non_null(stream);
  size_t scanned = 0;
  size_t at = 0;
  if (out.len != 0 && (out.data[0] == 'H' || out.data[0] == 'G')) {
    at = ws_http_head_end(out.data, out.len, &scanned);
    bool refusal = memcmp(out.data, "HTTP/1.1 4", 10) == 0 ||
                   memcmp(out.data, "HTTP/1.1 5", 10) == 0;
    at = refusal ? out.len : at;
    for (size_t i = 0; i < at; i++) {
      if (out.data[i] != '\r') {
        fputc(out.data[i], stream);
      }
    }
    fputs(at != 0 && out.data[at - 1] != '\n' ? "\n" : "", stream);
  }
  while (at < out.len) {
    struct ws_frame frame;
    size_t len = ws_frame_decode(&frame, out.data + at, out.len - at);
    assert_true(len != 0);
    len += (size_t)frame.length;
    assert_true(len <= out.len - at);
    for (size_t i = 0; i < len; i++) {
      fprintf(stream, "%s%02X", i == 0 ? "" : " ", out.data[at + i]);
    }
    fputc('\n', stream);
    at += len;
  }
  assert_int_equal(fclose(stream), 0);
  return text;
}

static void expect_text(const struct transcript *transcript, const char *what,
                        const char *cut, const char *got,
                        const char *expected) {
  if (strcmp(got, expected) != 0) {
    fail_msg("%s: %s, %s\n--- expected\n%s--- got\n%s---", transcript->name,
             what, cut, expected, got);
  }
}

/* `seed` 0: whole; 1: byte by byte; else random cuts. */
static void play(struct player *player, uint64_t seed) {
  const struct transcript *transcript = player->transcript;
  struct counting_crypto crypto;
  uint64_t random = seed;
  event_log_init(&player->log);
  struct ws_conn *conn = begin(transcript, &crypto);
  size_t at = 0;
  while (at < transcript->in_len) {
    size_t rest = transcript->in_len - at;
    size_t len = rest;
    if (seed != 0) {
      len = seed == 1 ? 1 : 1 + test_random(&random) % (seed % 2 ? 7 : 300);
    }
    len = len < rest ? len : rest;
    feed_bytes(conn, transcript->in + at, len, play_event, player);
    at += len;
  }
  if (transcript->eof) {
    assert_int_equal(ws_conn_feed_eof(conn), WS_OK);
    feed_bytes(conn, "", 0, play_event, player);
  }
  player->sent = print_sent(ws_conn_output(conn));
  event_log_finish(&player->log);
  ws_conn_free(conn);
}

static void player_free(struct player *player) {
  free(player->sent);
  event_log_free(&player->log);
}

static void play_as_written(const struct transcript *transcript) {
  for (uint64_t seed = 0; seed < NUM_SEEDS; seed++) {
    struct player player = {.transcript = transcript};
    char cut[32];
    snprintf(cut, sizeof(cut), "cut %llu", (unsigned long long)seed);
    play(&player, seed);
    expect_text(transcript, "events", cut, player.log.text, transcript->events);
    expect_text(transcript, "sent", cut, player.sent, transcript->sent);
    player_free(&player);
  }
}

/* Damage makes streams that nobody thought of. What they give is not written
 * down, but it is the same however they are cut. */
static void play_damaged(const struct transcript *transcript) {
  static struct transcript damaged;
  for (uint64_t round = 0; round < NUM_DAMAGED; round++) {
    uint64_t random = round * 1000003 + transcript->in_len;
    damaged = *transcript;
    for (size_t i = 0; i <= round % 3 && damaged.in_len != 0; i++) {
      /* Towards the end, where the frames are, more often than not. */
      size_t span = round % 2 ? damaged.in_len : (damaged.in_len + 3) / 4;
      size_t at = damaged.in_len - 1 - test_random(&random) % span;
      damaged.in[at] = (uint8_t)test_random(&random);
    }
    struct player whole = {.transcript = &damaged, .damaged = true};
    struct player cut = whole;
    play(&whole, 0);
    play(&cut, 1 + round % 5);
    expect_text(&damaged, "events", "damaged", cut.log.text, whole.log.text);
    expect_text(&damaged, "sent", "damaged", cut.sent, whole.sent);
    player_free(&whole);
    player_free(&cut);
  }
}

static void play_file(const char *name, size_t at_least) {
  static struct transcript transcript;
  char path[512];
  snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    fail_msg("cannot open %s", path);
    return;
  }
  size_t count = 0;
  while (transcript_read(&transcript, file)) {
    play_as_written(&transcript);
    play_damaged(&transcript);
    count++;
  }
  fclose(file);
  assert_true(count >= at_least);
}

static void opening_as_server(void **state) {
  (void)state;
  play_file("opening-server.md", 8);
}

static void opening_as_client(void **state) {
  (void)state;
  play_file("opening-client.md", 5);
}

static void messages(void **state) {
  (void)state;
  play_file("messages.md", 8);
}

static void closing(void **state) {
  (void)state;
  play_file("closing.md", 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opening_as_server),
      cmocka_unit_test(opening_as_client),
      cmocka_unit_test(messages),
      cmocka_unit_test(closing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
