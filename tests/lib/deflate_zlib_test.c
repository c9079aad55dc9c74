/* Against zlib itself, at random: it reads what we write, and we read what it
 * writes, in every way in which it can. */
#include "deflate_support.h"
#include "inflate_reference.h"

#define ZLIB_CONST
#include <zlib.h>

#define LEN_MAX 50000

static struct ws_deflate_params random_params(uint64_t *random) {
  uint64_t dice = next_random(random);
  return (struct ws_deflate_params){
      .server_no_context_takeover = (dice & 1) != 0,
      .client_no_context_takeover = (dice & 2) != 0,
      .server_max_window_bits = (uint8_t)(9 + (dice >> 8) % 7),
      .client_max_window_bits = (uint8_t)(9 + (dice >> 16) % 7),
  };
}

static size_t random_message(uint64_t *random, uint8_t *data) {
  uint64_t dice = next_random(random);
  size_t len = (dice >> 8) % ((dice & 3) == 0 ? LEN_MAX : 900);
  if ((dice & 12) == 0) {
    for (size_t i = 0; i < len; i++) {
      data[i] = (uint8_t)(next_random(random) >> 40);
    }
  } else {
    fill_compressible(data, len, dice | 1);
  }
  return len;
}

static void zlib_reads_what_we_write(void **state) {
  (void)state;
  static uint8_t data[LEN_MAX], got[LEN_MAX + 1];
  for (uint64_t seed = 1; seed <= 60; seed++) {
    uint64_t random = seed;
    struct ws_deflate_params params = random_params(&random);
    const struct ws_deflate_config config = {
        .level = (uint8_t)(next_random(&random) % 11),
        .mem_level = (uint8_t)(next_random(&random) % 10)};
    struct ws_deflate *codec =
        ws_deflate_new(WS_SERVER, &params, &config, NULL);
    z_stream zlib = {.next_in = NULL};
    assert_int_equal(inflateInit2(&zlib, -params.server_max_window_bits), Z_OK);
    for (size_t i = 0; i < 10; i++) {
      struct octets wire = {NULL, 0};
      size_t len = random_message(&random, data);
      deflate_message(codec, data, len, &wire);
      octets_add(&wire, "\x00\x00\xff\xff", 4);
      if (params.server_no_context_takeover) {
        inflateReset(&zlib);
      }
      zlib.next_in = wire.data;
      zlib.avail_in = (uInt)wire.len;
      zlib.next_out = got;
      zlib.avail_out = sizeof(got);
      assert_int_equal(inflate(&zlib, Z_SYNC_FLUSH), Z_OK);
      assert_int_equal(zlib.avail_in, 0);
      assert_int_equal(sizeof(got) - zlib.avail_out, len);
      assert_memory_equal(got, data, len);
      octets_free(&wire);
    }
    inflateEnd(&zlib);
    ws_deflate_free(codec);
  }
}

/* Compresses `len` octets with flushes of all kinds in between. With Z_FINISH
 * the stream is at its end and begins anew: a block with BFINAL (7.2.3.4). */
static void write_wildly(z_stream *zlib, uint64_t *random, const uint8_t *data,
                         size_t len, struct octets *wire) {
  static const int flushes[] = {Z_NO_FLUSH,   Z_PARTIAL_FLUSH, Z_SYNC_FLUSH,
                                Z_FULL_FLUSH, Z_BLOCK,         Z_FINISH};
  static uint8_t out[2 * LEN_MAX];
  size_t at = 0;
  bool done = false;
  while (!done) {
    uint64_t dice = next_random(random);
    size_t part = len - at < 1000 ? len - at : (dice >> 8) % (len - at + 1);
    int flush = flushes[dice % NUM_OF(flushes)];
    done = at + part == len;
    zlib->next_in = data + at;
    zlib->avail_in = (uInt)part;
    zlib->next_out = out;
    zlib->avail_out = sizeof(out);
    deflate(zlib, done && flush != Z_FINISH ? Z_SYNC_FLUSH : flush);
    assert_int_equal(zlib->avail_in, 0);
    octets_add(wire, out, sizeof(out) - zlib->avail_out);
    at += part;
    if (flush == Z_FINISH) {
      deflateReset(zlib);
    }
    if (done && flush == Z_FINISH) {
      octets_add(wire, "\x00", 1);
    } else if (done && sizeof(out) == zlib->avail_out) {
      octets_add(wire, "\x00", 1); /* it had just flushed */
    } else if (done) {
      wire->len -= 4;
    }
  }
}

static void we_read_what_zlib_writes(void **state) {
  (void)state;
  static uint8_t data[LEN_MAX];
  static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED,
                                   Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
  for (uint64_t seed = 1; seed <= 60; seed++) {
    uint64_t random = seed;
    struct ws_deflate_params params = random_params(&random);
    const struct ws_deflate_config config = {.level = 0};
    struct ws_deflate *codec =
        ws_deflate_new(WS_SERVER, &params, &config, NULL);
    struct inflate_reference reference = {0};
    z_stream zlib = {.next_in = NULL};
    assert_int_equal(
        deflateInit2(&zlib, (int)(next_random(&random) % 10), Z_DEFLATED,
                     -params.client_max_window_bits,
                     1 + (int)(next_random(&random) % 9),
                     strategies[next_random(&random) % NUM_OF(strategies)]),
        Z_OK);
    for (size_t i = 0; i < 10; i++) {
      struct octets wire = {NULL, 0};
      struct octets got = {NULL, 0};
      size_t len = random_message(&random, data);
      size_t before = reference.out_len;
      if (params.client_no_context_takeover) {
        deflateReset(&zlib);
      }
      write_wildly(&zlib, &random, data, len, &wire);
      size_t step = (seed & 1) != 0 ? 1 + next_random(&random) % 50 : SIZE_MAX;
      assert_int_equal(
          inflate_message(codec, wire.data, wire.len, step, len, &got),
          WS_FAULT_NONE);
      assert_int_equal(got.len, len);
      assert_memory_equal(got.data, data, len);
      octets_add(&wire, "\x00\x00\xff\xff", 4);
      assert_true(inflate_reference(&reference, wire.data, wire.len));
      assert_int_equal(reference.out_len - before, len);
      octets_free(&wire);
      octets_free(&got);
    }
    deflateEnd(&zlib);
    inflate_reference_free(&reference);
    ws_deflate_free(codec);
  }
}

/* Changes some octets of *wire. */
static void spoil(uint64_t *random, struct octets *wire) {
  size_t num = 1 + next_random(random) % 3;
  for (size_t i = 0; i < num; i++) {
    uint64_t dice = next_random(random);
    wire->data[(dice >> 8) % wire->len] ^= (uint8_t)(1U << (dice & 7));
  }
}

/* Of octets that were spoilt, both inflaters make the same: the same data, and
 * the same verdict; however they come. */
static void spoilt_octets_are_judged_alike(void **state) {
  (void)state;
  static uint8_t data[LEN_MAX];
  const struct ws_deflate_params params = {.client_max_window_bits = 0};
  size_t num_bad = 0;
  size_t num_good = 0;
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    uint64_t random = seed;
    const struct ws_deflate_config config = {
        .level = (uint8_t)(next_random(&random) % 11)};
    struct ws_deflate *sender =
        ws_deflate_new(WS_CLIENT, &params, &config, NULL);
    struct ws_deflate *receiver =
        ws_deflate_new(WS_SERVER, &params, &config, NULL);
    struct inflate_reference reference = {0};
    struct octets wire = {NULL, 0};
    struct octets got = {NULL, 0};
    fill_compressible(data, 300, seed);
    deflate_message(sender, data, 1 + next_random(&random) % 300, &wire);
    spoil(&random, &wire);
    size_t step = (seed & 1) != 0 ? 1 + next_random(&random) % 5 : SIZE_MAX;
    enum ws_fault fault =
        inflate_message(receiver, wire.data, wire.len, step, UINT64_MAX, &got);
    octets_add(&wire, "\x00\x00\xff\xff", 4);
    bool good = inflate_reference(&reference, wire.data, wire.len);
    if (good != (fault == WS_FAULT_NONE)) {
      fail_msg("seed %llu: %s", (unsigned long long)seed,
               ws_fault_info(fault)->name);
    }
    if (good) {
      assert_int_equal(got.len, reference.out_len);
      assert_true(got.len == 0 ||
                  memcmp(got.data, reference.out, got.len) == 0);
    }
    num_good += good;
    num_bad += !good;
    octets_free(&wire);
    octets_free(&got);
    inflate_reference_free(&reference);
    ws_deflate_free(sender);
    ws_deflate_free(receiver);
  }
  /* Both happened: something was compared. */
  assert_true(num_good > 300 && num_bad > 300);
}

/* A bit behind the other, and codes the other way round (RFC 1951 3.1.1). */
struct bit_writer {
  uint8_t bytes[200];
  size_t len; /* in bits */
};

static void put_bits(struct bit_writer *writer, unsigned value, unsigned num) {
  for (unsigned i = 0; i < num; i++, writer->len++) {
    writer->bytes[writer->len / 8] |=
        (uint8_t)((value >> i & 1) << writer->len % 8);
  }
}

static void put_code(struct bit_writer *writer, unsigned code, unsigned num) {
  while (num-- > 0) {
    put_bits(writer, code >> num & 1, 1);
  }
}

/* A block in which the end of block is written as 15 ones, and the literal 0 as
 * a zero: of the octets 00 00 FF FF behind it, the last bit is the first of a
 * block that never comes. */
static void put_skewed_block(struct bit_writer *writer) {
  put_bits(writer, 2 << 1, 3); /* not final, dynamic */
  put_bits(writer, 0, 5);      /* 257 literals and lengths */
  put_bits(writer, 0, 5);      /* 1 distance */
  put_bits(writer, 15, 4);     /* 19 lengths of the code of lengths: */
  put_bits(writer, 0, 6);      /* of 16 and 17, */
  put_bits(writer, 5, 3);      /* of 18, */
  for (size_t i = 0; i < 15; i++) {
    put_bits(writer, 4, 3); /* of 0 to 14, */
  }
  put_bits(writer, 5, 3); /* and of 15 */
  for (unsigned len = 1; len < 15; len++) {
    put_code(writer, len, 4); /* of the literals 0 to 13 */
  }
  put_code(writer, 30, 5); /* of 14: 15 bits */
  put_code(writer, 31, 5); /* 138 times 0 */
  put_bits(writer, 127, 7);
  put_code(writer, 31, 5); /* 103 times 0 */
  put_bits(writer, 92, 7);
  put_code(writer, 30, 5); /* of the end of block */
  put_code(writer, 0, 4);  /* of the distance */
}

/* 7.2.1: "that the end of the resulting compressed data is aligned at a byte
 * boundary". */
static void a_message_ends_with_an_octet(void **state) {
  (void)state;
  const struct ws_deflate_params params = {.client_max_window_bits = 0};
  const struct ws_deflate_config config = {.level = 0};
  struct bit_writer writer = {.len = 0};
  struct octets got = {NULL, 0};
  struct inflate_reference reference = {0};
  struct ws_deflate *codec = ws_deflate_new(WS_SERVER, &params, &config, NULL);
  put_skewed_block(&writer);
  size_t len = writer.len / 8 + 1;
  size_t num_zeros = len * 8 - writer.len + 16;
  assert_int_equal(
      inflate_message(codec, writer.bytes, len, SIZE_MAX, UINT64_MAX, &got),
      WS_FAULT_DEFLATE_DATA);
  /* It was the end that was wrong: all of its data came. */
  assert_int_equal(got.len, num_zeros);
  memcpy(writer.bytes + len, "\x00\x00\xff\xff", 4);
  assert_false(inflate_reference(&reference, writer.bytes, len + 4));
  assert_int_equal(reference.out_len, num_zeros);
  octets_free(&got);
  inflate_reference_free(&reference);
  ws_deflate_free(codec);
}

/* Where the last match of a message goes over the end of a piece, its octets
 * are used up before its bytes are out. */
static void matches_go_over_the_end_of_a_piece(void **state) {
  (void)state;
  static const uint8_t zeros[WS_DEFLATE_PIECE + 300];
  const struct ws_deflate_params params = {.client_max_window_bits = 0};
  const struct ws_deflate_config config = {.level = 9};
  for (size_t len = WS_DEFLATE_PIECE; len <= sizeof zeros; len++) {
    struct octets wire = {NULL, 0};
    struct octets got = {NULL, 0};
    struct ws_deflate *sender =
        ws_deflate_new(WS_CLIENT, &params, &config, NULL);
    struct ws_deflate *receiver =
        ws_deflate_new(WS_SERVER, &params, &config, NULL);
    struct ws_transform transform = ws_deflate_transform(receiver);
    deflate_message(sender, zeros, len, &wire);
    assert_int_equal(
        inflate_message(receiver, wire.data, wire.len, SIZE_MAX, len, &got),
        WS_FAULT_NONE);
    assert_int_equal(got.len, len);
    /* They are out before the message has ended, too. */
    struct ws_transform_step step = {.in = {wire.data, wire.len}, .room = len};
    size_t out_len = 0;
    do {
      assert_int_equal(transform.receive(transform.user, &step), WS_OK);
      out_len += step.out.len;
      step.room -= step.out.len;
    } while (step.out.len != 0);
    assert_int_equal(out_len, len);
    octets_free(&wire);
    octets_free(&got);
    ws_deflate_free(sender);
    ws_deflate_free(receiver);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_message_ends_with_an_octet),
      cmocka_unit_test(matches_go_over_the_end_of_a_piece),
      cmocka_unit_test(zlib_reads_what_we_write),
      cmocka_unit_test(we_read_what_zlib_writes),
      cmocka_unit_test(spoilt_octets_are_judged_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
