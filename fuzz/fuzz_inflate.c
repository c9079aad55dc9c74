/* Inflating. Input: an octet of options (bits 0-2: the window, 8 to 15 bits; bit
 * 3: context takeover; bits 4-7: the limit, see `limits`), a seed of cuts, then
 * messages as they come: two octets of length each, the last takes the rest.
 *
 * Against the inflater of fuzz/reference, whatever the cuts: what that takes
 * comes out the same, what it refuses is refused, and what came out before is
 * the beginning of what it has. A match that reaches behind the window may be
 * found out or not (ws/deflate.h). No more comes out than the limit and an octet
 * that breaks it. */
#include "fuzz.h"
#include "inflate_reference.h"
#include "ws/deflate.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGES = 4, NUM_CUTS = 4, INFLATED = 1 << 20 };

/* Of a message, in octets. */
static const uint32_t limits[16] = {INFLATED, 0,     1,     2,     5,     100,
                                    257,      258,   259,   16383, 16384, 16385,
                                    32768,    32769, 65536, 100000};

struct result {
  struct fuzz_bytes out; /* no more than the limit */
  enum ws_fault fault;   /* DEFLATE_DATA, MESSAGE_TOO_BIG, or NONE */
};

/* Calls the codec as a connection does, for what has arrived. */
static void receive(struct result *result, const struct ws_transform *transform,
                    struct ws_slice in, bool final, uint64_t limit) {
  struct ws_transform_step step = {.in = in, .final = final};
  do {
    step.room = limit - result->out.len;
    FUZZ_CHECK(transform->receive(transform->user, &step) == WS_OK);
    FUZZ_CHECK(step.out.len <= WS_DEFLATE_PIECE);
    FUZZ_CHECK(step.out.len <= step.room || step.out.len == 1);
    FUZZ_CHECK(step.fault == WS_FAULT_NONE ||
               step.fault == WS_FAULT_DEFLATE_DATA);
    result->fault = step.fault;
    if (step.fault == WS_FAULT_NONE && step.out.len > step.room) {
      result->fault = WS_FAULT_MESSAGE_TOO_BIG;
    } else if (step.fault == WS_FAULT_NONE) {
      fuzz_bytes_add(&result->out, step.out.data, step.out.len);
    }
  } while (result->fault == WS_FAULT_NONE && step.out.len != 0);
  FUZZ_CHECK(result->fault != WS_FAULT_NONE || step.in.len == 0);
}

/* A message, in pieces: 0: whole; 1: octets; else random. */
static struct result inflate(struct ws_deflate *codec, struct fuzz_input input,
                             uint64_t limit, size_t cut, uint64_t seed) {
  struct ws_transform transform = ws_deflate_transform(codec);
  struct result result = {.fault = WS_FAULT_NONE};
  do {
    size_t len = cut == 0   ? input.len
                 : cut == 1 ? 1
                            : fuzz_random(&seed) % (input.len + 1);
    struct fuzz_input piece = fuzz_take_some(&input, len);
    uint8_t *copy = fuzz_copy(piece.data, piece.len);
    receive(&result, &transform, (struct ws_slice){copy, piece.len},
            input.len == 0, limit);
    free(copy);
  } while (result.fault == WS_FAULT_NONE && input.len > 0);
  return result;
}

/* What the reference makes of the message; its output is behind that of the
 * messages before it. */
struct expected {
  bool good;
  bool too_far; /* a match reaches behind the window */
  const uint8_t *out;
  size_t out_len;
};

static struct expected expect(struct inflate_reference *reference,
                              struct fuzz_input input, size_t window) {
  static const uint8_t tail[] = {0x00, 0x00, 0xFF, 0xFF};
  struct fuzz_bytes octets = {0};
  size_t before = reference->out_len;
  fuzz_bytes_add(&octets, input.data, input.len);
  fuzz_bytes_add(&octets, tail, sizeof(tail));
  /* Of no octets at all the codec makes an empty message (ws/deflate.h). */
  bool good =
      input.len == 0 || inflate_reference(reference, octets.data, octets.len);
  struct expected expected = {
      .good = good,
      .too_far = input.len != 0 && reference->max_distance > window,
      .out = reference->out != NULL ? reference->out + before : NULL,
      .out_len = reference->out_len - before};
  fuzz_bytes_free(&octets);
  return expected;
}

static void check_result(const struct result *result,
                         const struct expected *expected, uint64_t limit) {
  const struct fuzz_bytes *out = &result->out;
  FUZZ_CHECK(out->len <= limit);
  /* Valid octets behind the bad ones' beginning do not come out. */
  FUZZ_CHECK(out->len <= expected->out_len);
  FUZZ_CHECK(out->len == 0 || memcmp(out->data, expected->out, out->len) == 0);
  switch (result->fault) {
  case WS_FAULT_NONE:
    FUZZ_CHECK(expected->good && out->len == expected->out_len);
    break;
  case WS_FAULT_MESSAGE_TOO_BIG:
    FUZZ_CHECK(out->len == limit && expected->out_len > limit);
    break;
  default:
    FUZZ_CHECK(!expected->good || expected->too_far);
  }
}

static void check_same(const struct result *a, const struct result *b) {
  FUZZ_CHECK(a->fault == b->fault);
  FUZZ_CHECK(fuzz_same(a->out.data, a->out.len, b->out.data, b->out.len));
}

static struct ws_deflate *new_codec(uint8_t options) {
  const struct ws_deflate_config config = {.level = 1};
  const struct ws_deflate_params params = {
      .client_max_window_bits = (uint8_t)(8 + (options & 7)),
      .client_no_context_takeover = (options & 8) == 0};
  struct ws_deflate *codec = ws_deflate_new(WS_SERVER, &params, &config, NULL);
  FUZZ_CHECK(codec != NULL);
  return codec;
}

static struct fuzz_input next_message(struct fuzz_input *input, size_t i) {
  if (i == MAX_MESSAGES - 1) {
    return fuzz_take_some(input, input->len);
  }
  size_t len = fuzz_take(input);
  len = len << 8 | fuzz_take(input);
  return fuzz_take_some(input, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  uint8_t options = fuzz_take(&input);
  uint64_t seed = fuzz_take(&input);
  size_t window = (size_t)1 << (8 + (options & 7));
  uint64_t limit = limits[options >> 4];
  struct inflate_reference reference = {0};
  struct ws_deflate *codecs[NUM_CUTS];
  bool going = true;
  for (size_t i = 0; i < NUM_CUTS; i++) {
    codecs[i] = new_codec(options);
  }
  for (size_t i = 0; going && i < MAX_MESSAGES && input.len > 0; i++) {
    struct fuzz_input message = next_message(&input, i);
    if ((options & 8) == 0) {
      inflate_reference_free(&reference);
    }
    struct expected expected = expect(&reference, message, window);
    struct result first = inflate(codecs[0], message, limit, 0, seed);
    check_result(&first, &expected, limit);
    going = first.fault == WS_FAULT_NONE && !expected.too_far;
    for (size_t cut = 1; cut < NUM_CUTS; cut++) {
      struct result other =
          inflate(codecs[cut], message, limit, cut, seed + cut);
      check_result(&other, &expected, limit);
      if (!expected.too_far) {
        check_same(&first, &other);
      }
      fuzz_bytes_free(&other.out);
    }
    fuzz_bytes_free(&first.out);
  }
  for (size_t i = 0; i < NUM_CUTS; i++) {
    ws_deflate_free(codecs[i]);
  }
  inflate_reference_free(&reference);
  return 0;
}
