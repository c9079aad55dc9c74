/* faulty_deflate_test.c: without a fault the peer negotiates, reads and writes
 * permessage-deflate as RFC 7692 has it. */
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

#define ACCEPTED                                                               \
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"                 \
  "Connection: Upgrade\r\n"                                                    \
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define FIELD      "Sec-WebSocket-Extensions: "
#define OFFER_SIZE 256

static struct script script_of(const char *offer, const char *frames) {
  char fields[OFFER_SIZE];
  struct script script = {NULL, NULL, 0, 0, false};
  snprintf(fields, sizeof fields, "13\r\n" FIELD "%s\r\n", offer);
  script_put_request(&script, BASELINE, "13\r\n", fields);
  script_put_frames(&script, frames);
  return script;
}

static const struct {
  const char *offer;
  const char *answer; /* NULL: declined */
} offers[] = {
    {"permessage-deflate", "permessage-deflate"},
    {"permessage-deflate; server_no_context_takeover",
     "permessage-deflate; server_no_context_takeover"},
    {"permessage-deflate; client_no_context_takeover", "permessage-deflate"},
    {"permessage-deflate; server_max_window_bits=8",
     "permessage-deflate; server_max_window_bits=8"},
    {"permessage-deflate; server_max_window_bits=\"10\"",
     "permessage-deflate; server_max_window_bits=10"},
    {"permessage-deflate; client_max_window_bits", "permessage-deflate"},
    {"permessage-deflate; client_max_window_bits=9",
     "permessage-deflate; client_max_window_bits=9"},
    {"permessage-deflate; foo, permessage-deflate; server_max_window_bits=12",
     "permessage-deflate; server_max_window_bits=12"},
    {"x-foo", NULL},
    {"permessage-deflate; foo", NULL},
    {"permessage-deflate; server_max_window_bits", NULL},
    {"permessage-deflate; server_max_window_bits=7", NULL},
    {"permessage-deflate; server_max_window_bits=16", NULL},
    {"permessage-deflate; server_max_window_bits=08", NULL},
    {"permessage-deflate; server_max_window_bits=1e1", NULL},
    {"permessage-deflate; client_max_window_bits=16", NULL},
    {"permessage-deflate; server_no_context_takeover=1", NULL},
    {"permessage-deflate; client_no_context_takeover; "
     "client_no_context_takeover",
     NULL},
};

static void test_offers(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
    char expected[sizeof ACCEPTED + OFFER_SIZE];
    const char *answer = offers[i].answer;
    struct script script = script_of(offers[i].offer, "");
    struct transcript got = transcript_of(WSC_NO_FAULT, &script, false);
    snprintf(expected, sizeof expected, "%s%s%s%s\r\n", ACCEPTED,
             answer == NULL ? "" : FIELD, answer == NULL ? "" : answer,
             answer == NULL ? "" : "\r\n");
    if (got.len != strlen(expected) ||
        memcmp(got.data, expected, got.len) != 0) {
      fail_msg("%s: got %.*s", offers[i].offer, (int)got.len,
               (const char *)got.data);
    }
    free(got.data);
    script_free(&script);
  }
}

#define PLAIN  "permessage-deflate"
#define SERVER "permessage-deflate; server_no_context_takeover"

static const struct {
  const char *offer;
  const char *frames;
  const char *answer; /* hex, as in faulty_stimuli.h */
  enum wsc_peer_wish wish;
} conversations[] = {
    /* The examples of 7.2.3, and what a window makes of the second. */
    {PLAIN, HELLO, "c107f248cdc9c90700", WSC_PEER_STAY},
    {PLAIN, HELLO HELLO_AGAIN, "c107f248cdc9c90700c105f200110000",
     WSC_PEER_STAY},
    {SERVER, HELLO HELLO_AGAIN, "c107f248cdc9c90700c107f248cdc9c90700",
     WSC_PEER_STAY},
    {PLAIN, "c188kf348cdc9c9070000" HELLO_AGAIN,
     "c107f248cdc9c90700c105f200110000", WSC_PEER_STAY},
    {PLAIN, "c18bk000500faff48656c6c6f00", "c107f248cdc9c90700", WSC_PEER_STAY},
    {PLAIN, "c18dkf24805000000ffffcac9c90700", "c107f248cdc9c90700",
     WSC_PEER_STAY},
    {PLAIN, "4183kf248cd 8980k 8084kc9c90700", "8a00c107f248cdc9c90700",
     WSC_PEER_STAY},
    {PLAIN, "c181k00", "8100", WSC_PEER_STAY},
    /* What is not compressed, and too short to be. */
    {PLAIN, "8183k78797a", "810378797a", WSC_PEER_STAY},
    {PLAIN, PLAIN_HELLO, "c107f248cdc9c90700", WSC_PEER_STAY},
    /* What is refused. */
    {PLAIN, "c181kff", "880203ef", WSC_PEER_CLOSE},
    {PLAIN, "c184kf248cdc9", "880203ef", WSC_PEER_CLOSE},
    {PLAIN, "c185K4d41813c37", "880203ef", WSC_PEER_CLOSE},
    {PLAIN, "c980k", "880203ea", WSC_PEER_CLOSE},
    {PLAIN, "a180k", "880203ea", WSC_PEER_CLOSE},
    {PLAIN, "4183kf248cd c084kc9c90700", "880203ea", WSC_PEER_CLOSE},
};

static void check_conversation(size_t index, bool bytewise) {
  char head[sizeof ACCEPTED + OFFER_SIZE];
  struct script script =
      script_of(conversations[index].offer, conversations[index].frames);
  struct script answer = {NULL, NULL, 0, 0, false};
  snprintf(head, sizeof head, "%s" FIELD "%s\r\n\r\n", ACCEPTED,
           conversations[index].offer);
  script_put_text(&answer, head, strlen(head));
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_offers),
      cmocka_unit_test(test_conversations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
