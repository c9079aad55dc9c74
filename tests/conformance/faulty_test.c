/* faulty_test.c: without a fault the peer conforms byte for byte; with one, a
 * conversation exists that shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "faulty.h"
#include "faulty_stimuli.h"
#include "faulty_support.h"

#define SHORT_SCRIPT 2000 /* bytes that all faults meet one by one */

static struct script script_of(const char *from, const char *to,
                               const char *frames) {
  struct script script = {NULL, NULL, 0, 0, false};
  script_put_request(&script, BASELINE, from, to);
  script_put_frames(&script, frames);
  return script;
}

/* Without a fault ---------------- */

#define ACCEPTED                                                               \
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"                 \
  "Connection: Upgrade\r\n"                                                    \
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

static const struct {
  const char *from, *to;
  const char *response; /* how it begins */
} openings[] = {
    {"", "", ACCEPTED},
    {"GET /", "GET /chat?x=1", ACCEPTED},
    {"GET /", "GET http://h/", ACCEPTED},
    {"GET / ", "GET https://h ", ACCEPTED},
    {"websocket", "WEBSOCKET", ACCEPTED},
    {"websocket", "foo, websocket", ACCEPTED},
    {"Connection: Upgrade", "Connection: keep-alive, UPGRADE", ACCEPTED},
    {"Connection: Upgrade", "Connection:Upgrade", ACCEPTED},
    {"Connection: Upgrade", "Connection: a\r\nConnection: upgrade", ACCEPTED},
    {KEY, "  " KEY "  \t", ACCEPTED},
    {"Host: h\r\nUpgrade: websocket", "UPGRADE: websocket\r\nhost: h",
     ACCEPTED},
    {"13\r\n", "13\r\nX-Foo: bar\r\nCookie: caf\xC3\xA9\r\n", ACCEPTED},
    {"13\r\n", "13\r\nOrigin: http://evil.invalid\r\n", ACCEPTED},
    {"13\r\n", "13\r\nSec-WebSocket-Extensions: ,, a; b=\"c\" ,\t d;e\r\n",
     ACCEPTED},
    {"13\r\n", "13\r\nSec-WebSocket-Protocol: a,, b\r\n", ACCEPTED},
    {"13\r\n", "13\r\nContent-Length: 0\r\n", ACCEPTED},
    {"GET", "POST", "HTTP/1.1 405 "},
    {"GET", "get", "HTTP/1.1 405 "},
    {"HTTP/1.1", "HTTP/1.0", "HTTP/1.1 505 "},
    {"HTTP/1.1", "HTTP/x", "HTTP/1.1 400 "},
    {"GET /", "GET *", "HTTP/1.1 400 "},
    {"GET /", "GET /#x", "HTTP/1.1 400 "},
    {"Host: h\r\n", "", "HTTP/1.1 400 "},
    {"Host: h\r\n", "Host: h\r\nHost: h\r\n", "HTTP/1.1 400 "},
    {"Host: h", "Host:", "HTTP/1.1 400 "},
    {"Host: h", "Host: h, i", "HTTP/1.1 400 "},
    {"Host: h", "Host : h", "HTTP/1.1 400 "},
    {"Host: h\r\n", "Host: h\n", "HTTP/1.1 400 "},
    {"Host: h\r\n", "Host: h\r\n folded\r\n", "HTTP/1.1 400 "},
    {"Upgrade: websocket\r\n", "", "HTTP/1.1 426 "},
    {"websocket", "h2c", "HTTP/1.1 426 "},
    {"websocket", "websockets", "HTTP/1.1 426 "},
    {"websocket", "", "HTTP/1.1 426 "},
    {"websocket", "web\xC5\xBFocket", "HTTP/1.1 426 "},
    {"Connection: Upgrade\r\n", "", "HTTP/1.1 400 "},
    {"Connection: Upgrade", "Connection: keep-alive", "HTTP/1.1 400 "},
    {"Sec-WebSocket-Key: " KEY "\r\n", "", "HTTP/1.1 400 "},
    {KEY, "", "HTTP/1.1 400 "},
    {KEY, "AQIDBAUGBwgJCgsMDQ4P", "HTTP/1.1 400 "},
    {KEY, "AQIDBAUGBwgJCgsMDQ4PEBE=", "HTTP/1.1 400 "},
    {KEY, "dGhlIHNhbXBsZSBub25jZR==", "HTTP/1.1 400 "},
    {KEY, "!!!!!!!!!!!!!!!!!!!!!!!!", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nSec-WebSocket-Key: " KEY "\r\n", "HTTP/1.1 400 "},
    {"Sec-WebSocket-Version: 13\r\n", "", "HTTP/1.1 426 "},
    {"Version: 13", "Version: 99", "HTTP/1.1 426 "},
    {"Version: 13", "Version: 0", "HTTP/1.1 426 "},
    {"Version: 13", "Version: 255", "HTTP/1.1 426 "},
    {"Version: 13", "Version: 256", "HTTP/1.1 400 "},
    {"Version: 13", "Version: 013", "HTTP/1.1 400 "},
    {"Version: 13", "Version: 13, 8", "HTTP/1.1 400 "},
    {"Version: 13", "Version: +13", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nSec-WebSocket-Version: 8\r\n", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nSec-WebSocket-Protocol: a b\r\n", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nSec-WebSocket-Protocol:\r\n", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nSec-WebSocket-Extensions: a;;b\r\n", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nSec-WebSocket-Extensions: a;\r\n", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nContent-Length: 5\r\n", "HTTP/1.1 400 "},
    {"13\r\n", "13\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.1 400 "},
    {"GET /", "GET /~", "HTTP/1.1 431 "},
};

static void test_openings(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
    struct script script = script_of(openings[i].from, openings[i].to, "");
    struct transcript got = transcript_of(WSC_NO_FAULT, &script, false);
    size_t len = strlen(openings[i].response);
    bool accepted = strcmp(openings[i].response, ACCEPTED) == 0;
    if (got.len < len || memcmp(got.data, openings[i].response, len) != 0 ||
        (accepted && got.len != len) ||
        (got.wish == WSC_PEER_STAY) != accepted) {
      fail_msg("opening %zu (%s): got %.*s", i, openings[i].to, (int)got.len,
               (const char *)got.data);
    }
    free(got.data);
    script_free(&script);
  }
}

static void test_version_is_named(void **state) {
  (void)state;
  struct script script = script_of("Version: 13", "Version: 99", "");
  struct transcript got = transcript_of(WSC_NO_FAULT, &script, false);
  got.data = realloc(got.data, got.len + 1);
  assert_non_null(got.data);
  got.data[got.len] = '\0';
  assert_non_null(
      strstr((const char *)got.data, "\r\nSec-WebSocket-Version: 13\r\n"));
  free(got.data);
  script_free(&script);
}

static const struct {
  const char *frames;
  const char *answer; /* hex, as in faulty_stimuli.h */
  enum wsc_peer_wish wish;
} conversations[] = {
    {"8185K7f9f4d5158", "810548656c6c6f", WSC_PEER_STAY},
    {"8285k41*5", "820541*5", WSC_PEER_STAY},
    {"8180k", "8100", WSC_PEER_STAY},
    {"82fdk41*125", "827d41*125", WSC_PEER_STAY},
    {"82fe007ek41*126", "827e007e41*126", WSC_PEER_STAY},
    {"82feffffk41*65535", "827effff41*65535", WSC_PEER_STAY},
    {"82ff0000000000010000k41*65536", "827f000000000001000041*65536",
     WSC_PEER_STAY},
    {"82ff0000000000100000k41*1048576", "827f000000000010000041*1048576",
     WSC_PEER_STAY},
    {"8984K56986259", "8a0461624364", WSC_PEER_STAY},
    {"8980k89fdk00*125", "8a008a7d00*125", WSC_PEER_STAY},
    {"8a80k8a81k418980k", "8a00", WSC_PEER_STAY},
    {"0181k418981k420080k8081k43", "8a014281024143", WSC_PEER_STAY},
    {"0181kc38980k0080k8081ka9", "8a008102c3a9", WSC_PEER_STAY},
    {"8184kefbbbf41", "8104efbbbf41", WSC_PEER_STAY},
    {"8187kefbfbf00f09f98", "880203ef", WSC_PEER_CLOSE},
    {"8181kc38981k41", "880203ef", WSC_PEER_CLOSE},
    {"8281kff", "8201ff", WSC_PEER_STAY},
    {"8882k03e8", "880203e8", WSC_PEER_CLOSE},
    {"8880k", "8800", WSC_PEER_CLOSE},
    {"8884k0fa0c3a9", "88020fa0", WSC_PEER_CLOSE},
    {"8882k03f4", "880203f4", WSC_PEER_CLOSE},
    {"8882k0bb9", "88020bb9", WSC_PEER_CLOSE},
    {"8981k418882k03e88181k428980k8882k03e9", "8a0141880203e8", WSC_PEER_CLOSE},
    {"0181k418882k03e88081k42", "880203e8", WSC_PEER_CLOSE},
    {"8881k03", "880203ea", WSC_PEER_CLOSE},
    {"8882k03ed", "880203ea", WSC_PEER_CLOSE},
    {"8882k03e7", "880203ea", WSC_PEER_CLOSE},
    {"8882k07d0", "880203ea", WSC_PEER_CLOSE},
    {"8882k1388", "880203ea", WSC_PEER_CLOSE},
    {"8883k03e8ff", "880203ef", WSC_PEER_CLOSE},
    {"810541*5", "880203ea", WSC_PEER_CLOSE},
    {"8900", "880203ea", WSC_PEER_CLOSE},
    {"c180k", "880203ea", WSC_PEER_CLOSE},
    {"a980k", "880203ea", WSC_PEER_CLOSE},
    {"0181k419080k", "880203ea", WSC_PEER_CLOSE},
    {"8380k", "880203ea", WSC_PEER_CLOSE},
    {"8f80k", "880203ea", WSC_PEER_CLOSE},
    {"82fe0005k41*5", "880203ea", WSC_PEER_CLOSE},
    {"82ff000000000000ffffk41*5", "880203ea", WSC_PEER_CLOSE},
    {"89fe0005k41*5", "880203ea", WSC_PEER_CLOSE},
    {"82ff8000000000000005k41*5", "880203ea", WSC_PEER_CLOSE},
    {"0980k", "880203ea", WSC_PEER_CLOSE},
    {"89fe007ek", "880203ea", WSC_PEER_CLOSE},
    {"8080k", "880203ea", WSC_PEER_CLOSE},
    {"0180k8180k", "880203ea", WSC_PEER_CLOSE},
    {"82ff0000000004000001k", "880203f1", WSC_PEER_CLOSE},
    {"0281k4180ff0000000004000000k", "880203f1", WSC_PEER_CLOSE},
    {"$", "", WSC_PEER_CLOSE},
    {"8181k418185k41$", "810141", WSC_PEER_CLOSE},
};

/* Plays a conversation and compares what follows the 101. */
static void check_conversation(size_t index, bool bytewise) {
  struct script script = script_of("", "", conversations[index].frames);
  struct script answer = {NULL, NULL, 0, 0, false};
  script_put_text(&answer, ACCEPTED, strlen(ACCEPTED));
  script_put_frames(&answer, conversations[index].answer);
  struct transcript got = transcript_of(WSC_NO_FAULT, &script, bytewise);
  if (got.len != answer.len || memcmp(got.data, answer.data, got.len) != 0 ||
      got.wish != conversations[index].wish) {
    fail_msg("conversation %zu (%s): %zu bytes, wish %d", index,
             conversations[index].frames, got.len, (int)got.wish);
  }
  free(got.data);
  script_free(&script);
  script_free(&answer);
}

static void test_conversations(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof conversations / sizeof conversations[0]; i++) {
    check_conversation(i, false);
    check_conversation(i, true);
  }
}

/* TCP gives no promise about segments: without a fault none can be seen. */
static void test_segments_do_not_show(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_STIMULI; i++) {
    struct script script =
        script_of(stimuli[i].from, stimuli[i].to, stimuli[i].frames);
    struct transcript whole = transcript_of(WSC_NO_FAULT, &script, false);
    struct transcript bytes = transcript_of(WSC_NO_FAULT, &script, true);
    if (!transcript_same(&whole, &bytes)) {
      fail_msg("segments show in the conversation of %s",
               wsc_fault_entry(stimuli[i].fault)->slug);
    }
    free(whole.data);
    free(bytes.data);
    script_free(&script);
  }
}

/* With a fault ---------------- */

/* What becomes of the process does not show in the octets of a connection. */
static bool is_of_the_process(unsigned fault) {
  const char *slug = wsc_fault_entry((enum wsc_fault_id)fault)->slug;
  return strncmp(slug, "process-", 8) == 0 || strncmp(slug, "crash-", 6) == 0;
}

static void test_every_fault_shows(void **state) {
  (void)state;
  /* It takes two connections: test_lost_frame. */
  bool shown[WSC_NUM_FAULTS] = {[WSC_FAULT_LOST_FRAME_MUTES] = true};
  for (size_t i = 0; i < NUM_STIMULI; i++) {
    struct script script =
        script_of(stimuli[i].from, stimuli[i].to, stimuli[i].frames);
    struct transcript sound = transcript_of(WSC_NO_FAULT, &script, false);
    struct transcript faulty = transcript_of(stimuli[i].fault, &script, false);
    if (transcript_same(&sound, &faulty)) {
      fail_msg("%s does not show", wsc_fault_entry(stimuli[i].fault)->slug);
    }
    shown[stimuli[i].fault] = true;
    free(sound.data);
    free(faulty.data);
    script_free(&script);
  }
  for (unsigned i = 1; i < WSC_NUM_FAULTS; i++) {
    if (!shown[i] && !is_of_the_process(i)) {
      fail_msg("no stimulus for %s",
               wsc_fault_entry((enum wsc_fault_id)i)->slug);
    }
  }
}

static struct wsc_peer *opened(const struct wsc_faulty_config *config) {
  struct script script = script_of("", "", "");
  struct wsc_peer *peer = wsc_faulty_peer.open(config, 0);
  const uint8_t *data;
  assert_non_null(peer);
  wsc_faulty_peer.feed(peer, script.data, script.len);
  wsc_faulty_peer.output_done(peer, wsc_faulty_peer.output(peer, &data));
  script_free(&script);
  return peer;
}

static size_t answer_to_ping(struct wsc_peer *peer) {
  uint8_t ping[] = {0x89, 0x80, 0, 0, 0, 0};
  const uint8_t *data;
  wsc_faulty_peer.feed(peer, ping, sizeof ping);
  return wsc_faulty_peer.output(peer, &data);
}

/* What one connection does to those beside it, and not to those after it. */
static void test_lost_frame(void **state) {
  (void)state;
  for (int i = 0; i < 4; i++) {
    bool with_fault = i % 2 == 1, in_order = i / 2 == 1;
    struct wsc_faulty_process process = {0};
    struct wsc_faulty_config config = {
        .fault = with_fault ? WSC_FAULT_LOST_FRAME_MUTES : WSC_NO_FAULT,
        .process = &process,
    };
    struct wsc_peer *bystander = opened(&config);
    struct wsc_peer *lost = opened(&config);
    uint8_t part[] = {0x82, 0xFE, 0x01};
    wsc_faulty_peer.feed(lost, part, sizeof part);
    if (in_order) {
      wsc_faulty_peer.feed_eof(lost);
    }
    wsc_faulty_peer.close(lost);
    assert_int_equal(answer_to_ping(bystander) == 0, with_fault);
    struct wsc_peer *later = opened(&config);
    assert_int_not_equal(answer_to_ping(later), 0);
    wsc_faulty_peer.close(bystander);
    wsc_faulty_peer.close(later);
  }
}

/* A fault is one switch: a plain conversation works with all but those that
 * make it impossible. */
static void test_faults_are_narrow(void **state) {
  (void)state;
  size_t num_hurt = 0;
  struct script script = script_of("", "", "8182K7f93 8981K74");
  struct transcript sound = transcript_of(WSC_NO_FAULT, &script, false);
  for (unsigned i = 1; i < WSC_NUM_FAULTS; i++) {
    struct transcript faulty =
        transcript_of((enum wsc_fault_id)i, &script, false);
    num_hurt += transcript_same(&sound, &faulty) ? 0 : 1;
    free(faulty.data);
  }
  /* 15 faults of each 101, 9 of each data frame sent, 8 of each pong, and few
   * more: most faults must not be among them. */
  assert_in_range(num_hurt, 20, WSC_NUM_FAULTS / 4);
  free(sound.data);
  script_free(&script);
}

/* Each fault meets what the others are made for, for the sanitizers' sake, and
 * comes to rest. */
static void test_every_fault_survives_everything(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_STIMULI; i++) {
    struct script script =
        script_of(stimuli[i].from, stimuli[i].to, stimuli[i].frames);
    for (unsigned fault = 0; fault < WSC_NUM_FAULTS; fault++) {
      struct transcript got =
          transcript_of((enum wsc_fault_id)fault, &script,
                        (fault & 1) != 0 && script.len < SHORT_SCRIPT);
      assert_true(got.time < 60u * 1000 * 1000);
      free(got.data);
    }
    script_free(&script);
  }
}

static void test_late_close_comes(void **state) {
  (void)state;
  struct script script = script_of("", "", "8882k03e8");
  struct transcript got =
      transcript_of(WSC_FAULT_TCP_CLOSES_LATE, &script, false);
  assert_int_equal(got.wish, WSC_PEER_CLOSE);
  assert_int_equal(got.time, 1000 + 20 * 1000 * 1000);
  free(got.data);
  got = transcript_of(WSC_FAULT_TCP_STAYS_OPEN, &script, false);
  assert_int_equal(got.wish, WSC_PEER_STAY);
  free(got.data);
  script_free(&script);
}

/* The list ---------------- */

static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  long len = ftell(file);
  assert_true(len > 0);
  rewind(file);
  char *text = malloc((size_t)len + 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, (size_t)len, file), len);
  text[len] = '\0';
  fclose(file);
  return text;
}

static void test_entries(void **state) {
  (void)state;
  char *requirements = read_file(WSC_REQUIREMENTS_CSV);
  assert_true(WSC_NUM_FAULTS > 75);
  for (unsigned i = 1; i < WSC_NUM_FAULTS; i++) {
    enum wsc_fault_id fault = (enum wsc_fault_id)i;
    const struct wsc_fault_entry *entry = wsc_fault_entry(fault);
    char row[64];
    snprintf(row, sizeof row, "\n%s,", entry->requirement);
    if (strstr(requirements, row) == NULL) {
      fail_msg("%s: no requirement %s", entry->slug, entry->requirement);
    }
    /* The first entry with a slug is the only one. */
    assert_int_equal(wsc_fault_by_slug(entry->slug), fault);
    assert_true(entry->text[0] != '\0');
  }
  assert_int_equal(wsc_fault_by_slug("no-such-fault"), WSC_NO_FAULT);
  assert_int_equal(wsc_fault_by_slug("none"), WSC_NO_FAULT);
  assert_string_equal(wsc_fault_entry(WSC_NO_FAULT)->slug, "none");
  assert_string_equal(wsc_fault_entry(WSC_NUM_FAULTS)->slug, "none");
  free(requirements);
}

static void test_close_ignores_null(void **state) {
  (void)state;
  wsc_faulty_peer.close(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_openings),
      cmocka_unit_test(test_version_is_named),
      cmocka_unit_test(test_conversations),
      cmocka_unit_test(test_segments_do_not_show),
      cmocka_unit_test(test_every_fault_shows),
      cmocka_unit_test(test_lost_frame),
      cmocka_unit_test(test_faults_are_narrow),
      cmocka_unit_test(test_every_fault_survives_everything),
      cmocka_unit_test(test_late_close_comes),
      cmocka_unit_test(test_entries),
      cmocka_unit_test(test_close_ignores_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
