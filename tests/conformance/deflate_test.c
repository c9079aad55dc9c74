/* permessage-deflate of the engine: what was agreed, what is sent, blocks made
 * by hand. What is written is read by zlib or by the reference of fuzz/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "blocks.h"
#include "deflate.h"
#include "inflate_reference.h"
#include "rng.h"

/* -- the agreement -------------------------------------------------------- */

static const struct {
  const char *fields; /* of the response */
  bool agreed;
  struct wsc_deflate_agreement agreement;
} responses[] = {
    {"", false, {false, false, 15, 15}},
    {"permessage-deflate", true, {false, false, 15, 15}},
    {"x-foo, permessage-deflate", true, {false, false, 15, 15}},
    {"x-foo\r\nSec-WebSocket-Extensions: permessage-deflate",
     true,
     {false, false, 15, 15}},
    {"Permessage-Deflate", false, {false, false, 15, 15}},
    {"permessage-deflate; server_no_context_takeover; "
     "client_no_context_takeover",
     true,
     {true, true, 15, 15}},
    {"permessage-deflate; server_max_window_bits=8; "
     "client_max_window_bits=\"10\"",
     true,
     {false, false, 8, 10}},
    {"permessage-deflate; server_max_window_bits=7; client_max_window_bits=16",
     true,
     {false, false, 15, 15}},
    {"permessage-deflate; server_max_window_bits; client_max_window_bits=1e1",
     true,
     {false, false, 15, 15}},
    {"permessage-deflate; server_max_window_bits=99999999999999999999",
     true,
     {false, false, 15, 15}},
    {"permessage-deflate; server_no_context_takeover=1; bogus",
     true,
     {true, false, 15, 15}},
    {"permessage-deflate; server_max_window_bits=9, permessage-deflate",
     true,
     {false, false, 9, 15}},
    {"permessage-deflate; server_max_window_bits=9; =",
     true,
     {false, false, 9, 15}},
    {"=, permessage-deflate", false, {false, false, 15, 15}},
};

static void test_agreement(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
    char head[512] = "HTTP/1.1 101 X\r\nSec-WebSocket-Extensions: ";
    struct ws_http_field fields[8];
    struct ws_http_head parsed;
    struct wsc_deflate_agreement agreement;
    print_message("  %s\n", responses[i].fields);
    strcat(head, responses[i].fields);
    strcat(head, "\r\n\r\n");
    ws_http_parse(&parsed, WS_HTTP_RESPONSE, (const uint8_t *)head,
                  strlen(head), fields, 8);
    assert_int_equal(wsc_deflate_agreed(&agreement, &parsed),
                     responses[i].agreed);
    const struct wsc_deflate_agreement *expected = &responses[i].agreement;
    assert_int_equal(agreement.server_no_context_takeover,
                     expected->server_no_context_takeover);
    assert_int_equal(agreement.client_no_context_takeover,
                     expected->client_no_context_takeover);
    assert_int_equal(agreement.server_max_window_bits,
                     expected->server_max_window_bits);
    assert_int_equal(agreement.client_max_window_bits,
                     expected->client_max_window_bits);
  }
}

/* -- reading what was written --------------------------------------------- */

/* What the reference makes of `wire` and the tail. */
static bool read_wire(struct inflate_reference *reference,
                      struct ws_slice wire) {
  uint8_t *copy = wsc_malloc(wire.len + 4);
  memcpy(copy, wire.data, wire.len);
  memcpy(copy + wire.len, "\x00\x00\xFF\xFF", 4);
  bool good = inflate_reference(reference, copy, wire.len + 4);
  free(copy);
  return good;
}

static void assert_tail_of(const struct inflate_reference *reference,
                           const void *data, size_t len) {
  assert_true(reference->out_len >= len);
  if (len != 0) {
    assert_memory_equal(reference->out + reference->out_len - len, data, len);
  }
}

/* -- compressing ---------------------------------------------------------- */

#define TEXT_LEN 3000

/* Text that comes again after `period` octets. */
static void periodic(uint8_t *text, size_t len, size_t period) {
  struct wsc_rng rng;
  wsc_rng_init(&rng, period, "deflate");
  wsc_rng_text(&rng, (char *)text, period < len ? period : len);
  for (size_t i = period; i < len; i++) {
    text[i] = text[i - period];
  }
}

static struct wsc_deflate_agreement client_terms(bool fresh, uint8_t bits) {
  return (struct wsc_deflate_agreement){.client_no_context_takeover = fresh,
                                        .server_max_window_bits = 15,
                                        .client_max_window_bits = bits};
}

/* Sends the same text three times, and an empty one; returns how far matches
 * went back at most, and behind their message. */
static void send_thrice(const struct wsc_deflate_agreement *agreement,
                        const struct wsc_deflate_options *options,
                        size_t *distance, size_t *reach) {
  struct wsc_deflater *deflater = wsc_deflater_new(agreement);
  struct inflate_reference reference = {0};
  uint8_t text[TEXT_LEN];
  periodic(text, TEXT_LEN, 200);
  *distance = 0;
  *reach = 0;
  for (int i = 0; i < 4; i++) {
    struct ws_slice message = {text, i < 3 ? TEXT_LEN : 0};
    struct ws_slice wire = wsc_deflater_message(deflater, message, options);
    assert_true(wire.len != 0);
    assert_true(read_wire(&reference, wire));
    assert_tail_of(&reference, message.data, message.len);
    *distance =
        reference.max_distance > *distance ? reference.max_distance : *distance;
    *reach = reference.max_reach > *reach ? reference.max_reach : *reach;
  }
  assert_int_equal(reference.out_len, 3 * TEXT_LEN);
  inflate_reference_free(&reference);
  wsc_deflater_free(deflater);
}

static void test_takeover(void **state) {
  (void)state;
  struct wsc_deflate_agreement agreement = client_terms(false, 15);
  struct wsc_deflate_options options = {.level = -1};
  size_t distance, reach;
  send_thrice(&agreement, &options, &distance, &reach);
  assert_true(reach > 0);
  agreement = client_terms(true, 15);
  send_thrice(&agreement, &options, &distance, &reach);
  assert_int_equal(reach, 0);
  assert_true(distance > 0);
}

static void test_window(void **state) {
  (void)state;
  for (uint8_t bits = 8; bits <= 15; bits++) {
    struct wsc_deflate_agreement agreement = client_terms(false, bits);
    struct wsc_deflate_options options = {.level = 9};
    size_t distance, reach;
    send_thrice(&agreement, &options, &distance, &reach);
    assert_in_range(distance, 1, (size_t)1 << bits);
    agreement = client_terms(false, 15);
    options.bits = bits > 8 ? bits : 9;
    send_thrice(&agreement, &options, &distance, &reach);
    assert_in_range(distance, 1, (size_t)1 << options.bits);
  }
}

/* Another level or window begins a stream of its own, in the same context. */
static void test_options_change(void **state) {
  (void)state;
  struct wsc_deflate_agreement agreement = client_terms(false, 15);
  struct wsc_deflater *deflater = wsc_deflater_new(&agreement);
  struct inflate_reference reference = {0};
  uint8_t text[TEXT_LEN];
  periodic(text, TEXT_LEN, 500);
  static const struct wsc_deflate_options turns[] = {
      {-1, 0}, {0, 0}, {0, 0}, {9, 9}, {9, 0}, {1, 15}, {-1, 0}};
  for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
    struct ws_slice wire = wsc_deflater_message(
        deflater, (struct ws_slice){text, TEXT_LEN}, &turns[i]);
    assert_true(read_wire(&reference, wire));
    assert_tail_of(&reference, text, TEXT_LEN);
    assert_true((wire.len > TEXT_LEN) == (turns[i].level == 0));
  }
  inflate_reference_free(&reference);
  wsc_deflater_free(deflater);
}

/* -- blocks --------------------------------------------------------------- */

static void assert_blocks(struct wsc_blocks *blocks, const char *octets,
                          size_t len) {
  wsc_blocks_stored(blocks, NULL, 0, false);
  assert_int_equal(blocks->len, len + 4);
  assert_memory_equal(blocks->data, octets, len);
  assert_memory_equal(blocks->data + len, "\x00\x00\xFF\xFF", 4);
  wsc_blocks_free(blocks);
}

/* The examples of RFC 7692 7.2.3. */
static void test_blocks_of_the_rfc(void **state) {
  (void)state;
  const uint8_t *hello = (const uint8_t *)"Hello";
  for (int final = 0; final < 2; final++) {
    struct wsc_blocks blocks;
    wsc_blocks_init(&blocks);
    wsc_blocks_fixed(&blocks, final != 0);
    wsc_blocks_literals(&blocks, hello, 5);
    wsc_blocks_end(&blocks);
    assert_blocks(&blocks,
                  final != 0 ? "\xF3\x48\xCD\xC9\xC9\x07\x00\x00"
                             : "\xF2\x48\xCD\xC9\xC9\x07\x00",
                  final != 0 ? 8 : 7);
  }
  struct wsc_blocks blocks;
  wsc_blocks_init(&blocks);
  wsc_blocks_stored(&blocks, hello, 5, false);
  assert_blocks(&blocks, "\x00\x05\x00\xFA\xFF\x48\x65\x6C\x6C\x6F\x00", 11);
  wsc_blocks_init(&blocks);
  wsc_blocks_fixed(&blocks, false);
  wsc_blocks_match(&blocks, 258, 32768);
  wsc_blocks_end(&blocks);
  assert_blocks(&blocks, "\x1A\xBD\xFF\x1F\x00", 5);
}

#define HISTORY 32768

/* Matches of every length and of many distances, behind a full window. */
static size_t add_matches(struct wsc_blocks *blocks, uint8_t *out, size_t len,
                          unsigned salt) {
  for (unsigned i = 3; i <= 258; i++) {
    unsigned distance = 1 + (i * 7919u * salt) % HISTORY;
    wsc_blocks_match(blocks, i, distance);
    for (unsigned k = 0; k < i; k++, len++) {
      out[len] = out[len - distance];
    }
  }
  return len;
}

static void test_blocks_of_all_types(void **state) {
  (void)state;
  static uint8_t out[4 * HISTORY + 600000];
  struct wsc_blocks blocks;
  struct wsc_rng rng;
  size_t len = 70000; /* more than one stored block */
  wsc_rng_init(&rng, 1, "blocks");
  wsc_rng_bytes(&rng, out, len);
  wsc_blocks_init(&blocks);
  wsc_blocks_stored(&blocks, out, len, true);
  for (unsigned salt = 1; salt <= 12; salt++) {
    if (salt % 2 == 0) {
      wsc_blocks_fixed(&blocks, salt % 3 == 0);
    } else {
      wsc_blocks_dynamic(&blocks, salt % 3 == 0);
    }
    uint8_t all[256];
    for (unsigned i = 0; i < sizeof all; i++) {
      all[i] = (uint8_t)i;
    }
    wsc_blocks_literals(&blocks, all, sizeof all);
    memcpy(out + len, all, sizeof all);
    len = add_matches(&blocks, out, len + sizeof all, salt);
    wsc_blocks_end(&blocks);
  }
  wsc_blocks_stored(&blocks, NULL, 0, false);
  struct inflate_reference reference = {0};
  assert_true(inflate_reference(&reference, blocks.data, blocks.len));
  assert_int_equal(reference.out_len, len);
  assert_tail_of(&reference, out, len);
  inflate_reference_free(&reference);
  wsc_blocks_free(&blocks);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agreement),
      cmocka_unit_test(test_takeover),
      cmocka_unit_test(test_window),
      cmocka_unit_test(test_options_change),
      cmocka_unit_test(test_blocks_of_the_rfc),
      cmocka_unit_test(test_blocks_of_all_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
