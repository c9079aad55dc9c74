/* faulty_text.c: the check of text (5.6, 8.1). Without a fault it is done while
 * the text arrives; a fault that changes what is valid waits for all of it. */
#include "faulty_internal.h"

/* Bytes that WSC_FAULT_UTF8_HEAD_ONLY and _PER_BLOCK check at a time. */
#define UTF8_HEAD 64

/* True for faults that judge the whole text at its end. */
static bool judges_late(const struct wsc_faulty *peer) {
  switch (peer->fault) {
  case WSC_FAULT_UTF8_UNCHECKED:
  case WSC_FAULT_UTF8_OVERLONG:
  case WSC_FAULT_UTF8_SURROGATES:
  case WSC_FAULT_UTF8_ABOVE_10FFFF:
  case WSC_FAULT_UTF8_FRAGMENTS_UNCHECKED:
  case WSC_FAULT_UTF8_HEAD_ONLY:
  case WSC_FAULT_UTF8_DELIVERED:
  case WSC_FAULT_UTF8_PER_BLOCK:
    return true;
  default:
    return false;
  }
}

bool wsc_faulty_text_feed(struct wsc_faulty *peer, const uint8_t *data,
                          size_t len) {
  return judges_late(peer) || ws_utf8_feed(&peer->utf8, data, len);
}

/* The length of the sequence at `p` that is no UTF-8 but that the fault lets
 * pass; 0: none. */
static size_t tolerated(enum wsc_fault_id fault, const uint8_t *p, size_t len) {
  uint8_t lead = p[0];
  uint8_t next = len > 1 ? p[1] : 0;
  size_t sequence = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  bool fits = false;
  switch (fault) {
  case WSC_FAULT_UTF8_OVERLONG:
    fits = lead == 0xC0 || lead == 0xC1 || (lead == 0xE0 && next < 0xA0) ||
           (lead == 0xF0 && next < 0x90);
    break;
  case WSC_FAULT_UTF8_SURROGATES:
    fits = lead == 0xED && next >= 0xA0;
    break;
  case WSC_FAULT_UTF8_ABOVE_10FFFF:
    fits = (lead == 0xF4 && next >= 0x90) || (lead >= 0xF5 && lead <= 0xF7);
    break;
  default:
    break;
  }
  if (!fits || sequence > len) {
    return 0;
  }
  for (size_t i = 1; i < sequence; i++) {
    if ((p[i] & 0xC0) != 0x80) {
      return 0;
    }
  }
  return sequence;
}

static bool valid_but_tolerated(enum wsc_fault_id fault, const uint8_t *text,
                                size_t len) {
  if (len == 0) {
    return true; /* `text` may be NULL then */
  }
  size_t begin = 0;
  for (size_t i = 0; i < len;) {
    size_t skip = text[i] < 0xC0 ? 0 : tolerated(fault, text + i, len - i);
    if (skip == 0) {
      i++;
      continue;
    }
    if (!ws_utf8_valid(text + begin, i - begin)) {
      return false;
    }
    i += skip;
    begin = i;
  }
  return ws_utf8_valid(text + begin, len - begin);
}

/* True when a code point of the valid text is one that the fault refuses. */
static bool refused(enum wsc_fault_id fault, const uint8_t *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    const uint8_t *p = text + i;
    size_t rest = len - i;
    bool hit = false;
    switch (fault) {
    case WSC_FAULT_NUL_REFUSED:
      hit = p[0] == 0;
      break;
    case WSC_FAULT_ASTRAL_REFUSED:
      hit = p[0] >= 0xF0;
      break;
    case WSC_FAULT_NONCHARACTERS_REFUSED:
      /* U+FFFE, U+FFFF and their like end in BF BE or BF BF behind a byte whose
       * low bits are all set; U+FDD0..FDEF are EF B7 90..AF. */
      hit = (rest >= 3 && p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE) ||
            (rest >= 3 && p[0] == 0xEF && p[1] == 0xB7 && p[2] >= 0x90 &&
             p[2] <= 0xAF) ||
            (rest >= 4 && p[0] >= 0xF0 && (p[1] & 0x0F) == 0x0F &&
             p[2] == 0xBF && p[3] >= 0xBE);
      break;
    default:
      return false;
    }
    if (hit) {
      return true;
    }
  }
  return false;
}

static bool head_valid(const uint8_t *text, size_t len) {
  struct ws_utf8 utf8;
  if (len <= UTF8_HEAD) {
    return ws_utf8_valid(text, len);
  }
  ws_utf8_init(&utf8);
  return ws_utf8_feed(&utf8, text, UTF8_HEAD);
}

/* True when no code point lies across a multiple of UTF8_HEAD bytes. */
static bool blocks_valid(const uint8_t *text, size_t len) {
  for (size_t i = 0; i < len; i += UTF8_HEAD) {
    size_t rest = len - i;
    if (!ws_utf8_valid(text + i, rest < UTF8_HEAD ? rest : UTF8_HEAD)) {
      return false;
    }
  }
  return true;
}

/* True when the last code point has two or three bytes. */
static bool ends_in_sequence(const uint8_t *text, size_t len) {
  return (len >= 2 && text[len - 2] >= 0xC0) ||
         (len >= 3 && text[len - 3] >= 0xE0 && text[len - 3] < 0xF0);
}

bool wsc_faulty_text_end(const struct wsc_faulty *peer) {
  const uint8_t *text = peer->message.data;
  size_t len = peer->message.len;
  switch (peer->fault) {
  case WSC_FAULT_UTF8_UNCHECKED:
    return true;
  case WSC_FAULT_UTF8_TRUNCATED:
    return !peer->utf8.failed;
  case WSC_FAULT_UTF8_FRAGMENTS_UNCHECKED:
    return peer->num_fragments > 1 || ws_utf8_valid(text, len);
  case WSC_FAULT_UTF8_HEAD_ONLY:
    return head_valid(text, len);
  case WSC_FAULT_UTF8_DELIVERED:
    return ws_utf8_valid(text, len);
  case WSC_FAULT_UTF8_PER_BLOCK:
    return blocks_valid(text, len);
  case WSC_FAULT_UTF8_LAST_REFUSED:
    return ws_utf8_complete(&peer->utf8) && !ends_in_sequence(text, len);
  case WSC_FAULT_UTF8_OVERLONG:
  case WSC_FAULT_UTF8_SURROGATES:
  case WSC_FAULT_UTF8_ABOVE_10FFFF:
    return valid_but_tolerated(peer->fault, text, len);
  default:
    return ws_utf8_complete(&peer->utf8) && !refused(peer->fault, text, len);
  }
}
