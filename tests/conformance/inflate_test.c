/* The inflater: against zlib, which wrote what it reads, and against the slow
 * reference of fuzz/, octet by octet and match by match; then all errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "arena.h"
#include "inflate.h"
#include "inflate_reference.h"
#include "rng.h"

#define TAIL      "\x00\x00\xFF\xFF"
#define TAIL_LEN  4
#define NO_LIMIT  ((size_t)1 << 30)
#define CLEAR_MAX 100000
#define WIRE_MAX  (2 * CLEAR_MAX)

/* -- messages of zlib's -------------------------------------------------- */

struct maker {
  struct wsc_rng rng;
  z_stream stream;
  uint8_t clear[CLEAR_MAX];
  size_t clear_len;
  uint8_t wire[WIRE_MAX]; /* with the four octets at its end */
  size_t wire_len;        /* and them */
};

static void maker_begin(struct maker *maker, uint64_t seed, int bits) {
  memset(maker, 0, sizeof *maker);
  wsc_rng_init(&maker->rng, seed, "inflate");
  int level = (int)wsc_rng_between(&maker->rng, 0, 9);
  int mem_level = (int)wsc_rng_between(&maker->rng, 1, 9);
  int strategy = (int)wsc_rng_between(&maker->rng, 0, Z_FIXED);
  assert_int_equal(deflateInit2(&maker->stream, level, Z_DEFLATED, -bits,
                                mem_level, strategy),
                   Z_OK);
}

static uint8_t octet(struct maker *maker, unsigned choice, size_t at) {
  static const char letters[] = "etaoin shrdlu{}\":,0123";
  uint8_t random = (uint8_t)wsc_rng_between(&maker->rng, 0, 255);
  switch (choice) {
  case 0:
    return random;
  case 1:
    return (uint8_t)letters[random % (sizeof letters - 1)];
  case 2: /* runs that repeat, now and then with a difference */
    return at > 300 && random != 0 ? maker->clear[at - 297] : random;
  default:
    return 0;
  }
}

/* All that zlib is told goes into the next message. */
static void make(struct maker *maker) {
  unsigned choice = (unsigned)wsc_rng_between(&maker->rng, 0, 3);
  bool is_short = wsc_rng_between(&maker->rng, 0, 3) != 0;
  maker->clear_len =
      (size_t)wsc_rng_between(&maker->rng, 0, is_short ? 300 : CLEAR_MAX);
  for (size_t i = 0; i < maker->clear_len; i++) {
    maker->clear[i] = octet(maker, choice, i);
  }
  maker->stream.next_in = maker->clear;
  maker->stream.avail_in = (uInt)maker->clear_len;
  maker->stream.next_out = maker->wire;
  maker->stream.avail_out = WIRE_MAX;
  deflate(&maker->stream, Z_SYNC_FLUSH);
  maker->wire_len = WIRE_MAX - maker->stream.avail_out;
  if (maker->wire_len < TAIL_LEN) { /* nothing has been written since a flush */
    memcpy(maker->wire, "\0" TAIL, 1 + TAIL_LEN);
    maker->wire_len = 1 + TAIL_LEN;
  }
}

static void maker_end(struct maker *maker) {
  deflateEnd(&maker->stream);
}

/* -- two inflaters -------------------------------------------------------- */

struct pair {
  struct wsc_inflate *inflate;
  struct inflate_reference reference;
  struct wsc_inflated result;
};

static void pair_begin(struct pair *pair) {
  memset(pair, 0, sizeof *pair);
  pair->inflate = wsc_inflate_new();
}

static void pair_end(struct pair *pair) {
  wsc_inflate_free(pair->inflate);
  inflate_reference_free(&pair->reference);
}

/* Both read `wire`, which ends with the tail, and agree. Ours gets a block of its
 * own, so that the sanitizers see each octet that is read too many. */
static bool pair_read(struct pair *pair, const uint8_t *wire, size_t len) {
  struct inflate_reference *reference = &pair->reference;
  struct wsc_inflated *result = &pair->result;
  size_t before = reference->out_len;
  bool good = inflate_reference(reference, wire, len);
  uint8_t *copy = wsc_malloc(len - TAIL_LEN);
  memcpy(copy, wire, len - TAIL_LEN);
  wsc_inflate_message(pair->inflate, copy, len - TAIL_LEN, NO_LIMIT, result);
  free(copy);
  assert_int_equal(result->error == NULL, good);
  assert_int_equal(result->distance, reference->max_distance);
  assert_int_equal(result->reach, reference->max_reach);
  /* The reference adds a zero where a stored block breaks off. */
  size_t became = reference->out_len - before;
  assert_true(result->len == became || (!good && result->len + 1 == became));
  if (result->len != 0) {
    assert_memory_equal(result->data, reference->out + before, result->len);
  }
  return good;
}

static void test_random(void **state) {
  (void)state;
  static struct maker maker;
  for (uint64_t seed = 1; seed <= 150; seed++) {
    struct pair pair;
    pair_begin(&pair);
    maker_begin(&maker, seed, 9 + (int)(seed % 7));
    for (int i = 0; i < 6; i++) {
      make(&maker);
      assert_true(pair_read(&pair, maker.wire, maker.wire_len));
      assert_int_equal(pair.result.len, maker.clear_len);
      if (maker.clear_len != 0) {
        assert_memory_equal(pair.result.data, maker.clear, maker.clear_len);
      }
    }
    maker_end(&maker);
    pair_end(&pair);
  }
}

/* Bits turned over, octets replaced, ends cut off. */
static void damage(struct maker *maker) {
  struct wsc_rng *rng = &maker->rng;
  size_t body = maker->wire_len - TAIL_LEN;
  if (wsc_rng_between(rng, 0, 2) == 0) {
    body = (size_t)wsc_rng_between(rng, 1, (int64_t)body);
    maker->wire_len = body + TAIL_LEN;
  }
  for (int64_t i = wsc_rng_between(rng, 0, 3); i > 0; i--) {
    size_t at = (size_t)wsc_rng_between(rng, 0, (int64_t)body - 1);
    maker->wire[at] ^= (uint8_t)(1u << wsc_rng_between(rng, 0, 7));
  }
  if (wsc_rng_between(rng, 0, 7) == 0) {
    wsc_rng_bytes(rng, maker->wire, body);
  }
  memcpy(maker->wire + body, TAIL, TAIL_LEN);
}

static void test_damaged(void **state) {
  (void)state;
  static struct maker maker;
  unsigned num_bad = 0;
  for (uint64_t seed = 1; seed <= 600; seed++) {
    struct pair pair;
    bool good = true;
    pair_begin(&pair);
    maker_begin(&maker, seed, 9 + (int)(seed % 7));
    for (int i = 0; good && i < 3; i++) {
      make(&maker);
      damage(&maker);
      good = pair_read(&pair, maker.wire, maker.wire_len);
    }
    num_bad += !good;
    maker_end(&maker);
    pair_end(&pair);
  }
  assert_in_range(num_bad, 300, 600);
}

/* -- errors --------------------------------------------------------------- */

#define OCTETS(literal) literal, sizeof(literal) - 1

static const struct {
  const char *name;
  const char *wire; /* without the tail */
  size_t len;
  const char *clear;
  size_t clear_len;
  const char *error; /* NULL: none */
} rows[] = {
    {"RFC 7692 7.2.3.1", OCTETS("\xF2\x48\xCD\xC9\xC9\x07\x00"),
     OCTETS("Hello"), NULL},
    {"7.2.3.3: a stored block",
     OCTETS("\x00\x05\x00\xFA\xFF\x48\x65\x6C\x6C\x6F\x00"), OCTETS("Hello"),
     NULL},
    {"7.2.3.4: BFINAL", OCTETS("\xF3\x48\xCD\xC9\xC9\x07\x00\x00"),
     OCTETS("Hello"), NULL},
    {"7.2.3.5: two blocks",
     OCTETS("\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00"),
     OCTETS("Hello"), NULL},
    {"7.2.3.6: nothing", OCTETS("\x00"), OCTETS(""), NULL},
    {"no octet at all", OCTETS(""), OCTETS(""), NULL},
    {"BFINAL, and no block behind it", OCTETS("\xF3\x48\xCD\xC9\xC9\x07\x00"),
     OCTETS("Hello"), "the octets end inside a block"},
    {"a block of type 3", OCTETS("\xFF\xFF\xFF\xFF\xFF"), OCTETS(""),
     "a block of type 3"},
    {"the last octet is missing", OCTETS("\xF2\x48\xCD\xC9\xC9\x07"),
     OCTETS("Hello"), "the octets end inside a block"},
    {"a length that contradicts itself", OCTETS("\x00\x05\x00\xFA\xFE\x48"),
     OCTETS(""), "a stored block whose length contradicts itself"},
    {"a stored block cut short", OCTETS("\x00\x09\x00\xF6\xFFHel"),
     OCTETS("Hel\x00\x00\xFF\xFF"), "the octets end inside a block"},
    {"a match before anything", OCTETS("\x02\x01\x00"), OCTETS(""),
     "a match goes back behind the beginning of the first message"},
    {"fixed code 286", OCTETS("\x1A\x03"), OCTETS(""),
     "a code that has no meaning"},
    {"distance code 30", OCTETS("\x72\x04\x3E"), OCTETS("A"),
     "a code that has no meaning"},
    {"HLIT of 287", OCTETS("\xF4\x00\x00"), OCTETS(""),
     "more codes than there are symbols"},
    {"HDIST of 31", OCTETS("\x04\x1E\x00"), OCTETS(""),
     "more codes than there are symbols"},
    {"code lengths of nothing", OCTETS("\x04\x00\x00\x00"), OCTETS(""),
     "code lengths that make no code"},
    {"a repetition of no length", OCTETS("\x04\x00\x02\x24"), OCTETS(""),
     "a code length repeats one before the first"},
    {"too many lengths", OCTETS("\x04\x00\x80\xE4\xFF\x1F"), OCTETS(""),
     "more code lengths than were announced"},
    {"no end of block", OCTETS("\x04\x00\x80\xE4\x7F\x1B"), OCTETS(""),
     "code lengths that make no code"},
};

static void test_rows(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    print_message("  %s\n", rows[i].name);
    struct wsc_inflate *inflate = wsc_inflate_new();
    struct wsc_inflated result;
    wsc_inflate_message(inflate, (const uint8_t *)rows[i].wire, rows[i].len,
                        NO_LIMIT, &result);
    if (rows[i].error == NULL) {
      assert_null(result.error);
    } else {
      assert_non_null(result.error);
      assert_string_equal(result.error, rows[i].error);
    }
    assert_false(result.too_long);
    assert_int_equal(result.len, rows[i].clear_len);
    if (result.len != 0) {
      assert_memory_equal(result.data, rows[i].clear, result.len);
    }
    wsc_inflate_free(inflate);
  }
}

/* Wherever a message breaks off. */
static void test_cut_everywhere(void **state) {
  (void)state;
  static struct maker maker;
  maker_begin(&maker, 1, 15);
  do {
    make(&maker);
  } while (maker.clear_len < 100 || maker.wire_len > 2000);
  for (size_t len = 1; len < maker.wire_len - TAIL_LEN; len++) {
    uint8_t wire[2000 + TAIL_LEN];
    struct pair pair;
    pair_begin(&pair);
    memcpy(wire, maker.wire, len);
    memcpy(wire + len, TAIL, TAIL_LEN);
    pair_read(&pair, wire, len + TAIL_LEN);
    pair_end(&pair);
  }
  maker_end(&maker);
}

/* -- limits --------------------------------------------------------------- */

#define BOMB_LEN ((size_t)50000)

static void read_bomb(size_t limit, struct wsc_inflated *result) {
  static uint8_t clear[BOMB_LEN];
  uint8_t wire[1000];
  z_stream stream = {.next_in = clear, .avail_in = BOMB_LEN};
  assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, 0), Z_OK);
  stream.next_out = wire;
  stream.avail_out = sizeof wire;
  assert_int_equal(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
  struct wsc_inflate *inflate = wsc_inflate_new();
  wsc_inflate_message(inflate, wire, sizeof wire - stream.avail_out - TAIL_LEN,
                      limit, result);
  result->data = NULL; /* gone with the inflater */
  wsc_inflate_free(inflate);
  deflateEnd(&stream);
}

static void test_limit(void **state) {
  (void)state;
  static const size_t limits[] = {
      BOMB_LEN + 1, BOMB_LEN, BOMB_LEN - 1, BOMB_LEN - 258, 4096, 1, 0};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    struct wsc_inflated result;
    bool fits = limits[i] >= BOMB_LEN;
    read_bomb(limits[i], &result);
    assert_int_equal(result.too_long, !fits);
    assert_int_equal(result.error == NULL, fits);
    assert_int_equal(result.len, fits ? BOMB_LEN : limits[i]);
  }
}

/* 32 KiB stay, however many messages were between. */
static void test_history(void **state) {
  (void)state;
  struct wsc_inflate *inflate = wsc_inflate_new();
  struct wsc_rng rng;
  wsc_rng_init(&rng, 1, "inflate");
  uint8_t history[32768];
  uint8_t stored[5 + 4096 + 1] = "\x00\x00\x10\xFF\xEF"; /* 4096 octets */
  struct wsc_inflated result;
  for (size_t i = 0; i < 200; i++) {
    uint8_t *clear = history + i % 8 * 4096;
    wsc_rng_bytes(&rng, clear, 4096);
    memcpy(stored + 5, clear, 4096);
    wsc_inflate_message(inflate, stored, sizeof stored, NO_LIMIT, &result);
    assert_null(result.error);
    assert_int_equal(result.distance, 0);
    assert_int_equal(result.reach, 0);
  }
  /* A match of 258 octets, 32768 back: PD-16 of the table of stimuli. */
  wsc_inflate_message(inflate, (const uint8_t *)"\x1A\xBD\xFF\x1F\x00", 5,
                      NO_LIMIT, &result);
  assert_null(result.error);
  assert_int_equal(result.distance, 32768);
  assert_int_equal(result.reach, 32768);
  assert_int_equal(result.len, 258);
  assert_memory_equal(result.data, history, 258);
  wsc_inflate_free(inflate);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random), cmocka_unit_test(test_damaged),
      cmocka_unit_test(test_rows),   cmocka_unit_test(test_cut_everywhere),
      cmocka_unit_test(test_limit),  cmocka_unit_test(test_history),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
