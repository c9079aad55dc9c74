/* faulty_support.c: see faulty_support.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "faulty_support.h"

#define MAX_TICKS 100

static void script_put(struct script *script, uint8_t byte) {
  if (script->len == script->cap) {
    script->cap = script->cap * 2 + 64;
    script->data = realloc(script->data, script->cap);
    script->ends = realloc(script->ends, script->cap * sizeof *script->ends);
    assert_non_null(script->data);
    assert_non_null(script->ends);
  }
  script->data[script->len] = byte;
  script->ends[script->len] = false;
  script->len++;
}

static void script_cut(struct script *script) {
  assert_true(script->len > 0);
  script->ends[script->len - 1] = true;
}

void script_put_text(struct script *script, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '|') {
      script_cut(script);
      continue;
    }
    for (int n = text[i] == '~' ? 20000 : 1; n > 0; n--) {
      script_put(script, text[i] == '~' ? 'a' : (uint8_t)text[i]);
    }
  }
}

void script_put_request(struct script *script, const char *request,
                        const char *from, const char *to) {
  const char *at = strstr(request, from);
  assert_non_null(at);
  size_t before = (size_t)(at - request);
  size_t after = before + strlen(from);
  script_put_text(script, request, before);
  script_put_text(script, to, strlen(to));
  script_put_text(script, request + after, strlen(request + after));
  script_cut(script);
}

static unsigned digit_of(char c) {
  static const char digits[] = "0123456789abcdef";
  const char *at = strchr(digits, c);
  assert_non_null(at);
  return (unsigned)(at - digits);
}

static void script_put_bytes(struct script *script, const char *bytes) {
  for (size_t i = 0; i < 4; i++) {
    script_put(script, (uint8_t)bytes[i]);
  }
}

static const char *script_repeat(struct script *script, const char *p) {
  char *end;
  unsigned long num = strtoul(p, &end, 10);
  uint8_t byte = script->data[script->len - 1];
  /* What follows the number must not begin with a decimal digit. */
  for (; num > 1; num--) {
    script_put(script, byte);
  }
  return end;
}

/* What was put since `begin`, again, up to the number of times at `p`. */
static const char *script_repeat_all(struct script *script, size_t begin,
                                     const char *p) {
  char *end;
  unsigned long num = strtoul(p, &end, 10);
  size_t len = script->len - begin;
  for (; num > 1; num--) {
    for (size_t i = 0; i < len; i++) {
      script_put(script, script->data[begin + i]);
      script->ends[script->len - 1] = script->ends[begin + i];
    }
  }
  return end;
}

void script_put_frames(struct script *script, const char *hex) {
  size_t begin = 0;
  for (const char *p = hex; *p != '\0';) {
    switch (*p) {
    case '(':
      begin = script->len;
      p++;
      break;
    case ')':
      p = script_repeat_all(script, begin, p + 1);
      break;
    case ' ':
      p++;
      break;
    case '|':
      script_cut(script);
      p++;
      break;
    case '$':
      script->eof = true;
      p++;
      break;
    case 'k':
      script_put_bytes(script, "\0\0\0\0");
      p++;
      break;
    case 'K':
      script_put_bytes(script, "\x37\xFA\x21\x3D");
      p++;
      break;
    case '*':
      p = script_repeat(script, p + 1);
      break;
    default:
      script_put(script, (uint8_t)(digit_of(p[0]) << 4 | digit_of(p[1])));
      p += 2;
      break;
    }
  }
}

void script_free(struct script *script) {
  free(script->data);
  free(script->ends);
}

static void drain(struct wsc_peer *peer, struct transcript *transcript) {
  const uint8_t *data;
  size_t len;
  while ((len = wsc_faulty_peer.output(peer, &data)) > 0) {
    /* In pieces, so that what is left over counts too. */
    size_t part = len > 1000 ? len - 1000 : len;
    transcript->data = realloc(transcript->data, transcript->len + part);
    assert_non_null(transcript->data);
    memcpy(transcript->data + transcript->len, data, part);
    transcript->len += part;
    wsc_faulty_peer.output_done(peer, part);
  }
  assert_null(data);
}

static bool stays(const struct wsc_peer *peer) {
  return wsc_faulty_peer.wish(peer) == WSC_PEER_STAY;
}

/* Feeds the script in its segments, or byte by byte. */
static void feed(struct wsc_peer *peer, const struct script *script,
                 bool bytewise, struct transcript *transcript) {
  size_t begin = 0;
  for (size_t i = 0; i < script->len && stays(peer); i++) {
    if (!bytewise && !script->ends[i] && i + 1 < script->len) {
      continue;
    }
    /* Memory of exactly its length: a read beyond is found. */
    size_t len = i + 1 - begin;
    uint8_t *segment = malloc(len);
    assert_non_null(segment);
    memcpy(segment, script->data + begin, len);
    wsc_faulty_peer.feed(peer, segment, len);
    free(segment);
    drain(peer, transcript);
    begin = i + 1;
  }
  if (script->eof && stays(peer)) {
    wsc_faulty_peer.feed_eof(peer);
    drain(peer, transcript);
  }
}

struct transcript transcript_of(enum wsc_fault_id fault,
                                const struct script *script, bool bytewise) {
  struct wsc_faulty_config config = {.fault = fault, .commands = true};
  struct transcript transcript = {NULL, 0, WSC_PEER_STAY, 0};
  uint64_t now = 1000;
  struct wsc_peer *peer = wsc_faulty_peer.open(&config, now);
  assert_non_null(peer);
  feed(peer, script, bytewise, &transcript);
  for (int i = 0; i < MAX_TICKS && stays(peer); i++) {
    uint64_t due = wsc_faulty_peer.deadline(peer);
    if (due == UINT64_MAX) {
      break;
    }
    now = due > now ? due : now;
    wsc_faulty_peer.tick(peer, now);
    drain(peer, &transcript);
  }
  transcript.wish = wsc_faulty_peer.wish(peer);
  transcript.time = now;
  wsc_faulty_peer.close(peer);
  return transcript;
}

bool transcript_same(const struct transcript *a, const struct transcript *b) {
  return a->len == b->len && a->wish == b->wish && a->time == b->time &&
         (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}
