/* The inflater that measures (conformance/engine/inflate.h). Input: as that of
 * `inflate`, whose window and cuts mean nothing here.
 *
 * Against the inflater of fuzz/reference: the same octets, the same farthest
 * match, the same reach behind the message, an error where that has one. No more
 * comes out than the limit, and it is said when there was more. */
#include "fuzz.h"
#include "inflate.h"
#include "inflate_reference.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGES = 4, INFLATED = 1 << 20, TAKEOVER = 8, LIMIT_SHIFT = 4 };

/* Of a message, in octets. */
static const uint32_t limits[16] = {INFLATED, 0,     1,     2,     5,     100,
                                    257,      258,   259,   16383, 16384, 16385,
                                    32768,    32769, 65536, 100000};

static bool read_reference(struct inflate_reference *reference,
                           struct fuzz_input message) {
  static const uint8_t tail[] = {0x00, 0x00, 0xFF, 0xFF};
  struct fuzz_bytes octets = {0};
  fuzz_bytes_add(&octets, message.data, message.len);
  fuzz_bytes_add(&octets, tail, sizeof(tail));
  bool good = inflate_reference(reference, octets.data, octets.len);
  fuzz_bytes_free(&octets);
  return good;
}

/* False: no message can follow. */
static bool check_message(struct wsc_inflate *inflate,
                          struct inflate_reference *reference,
                          struct fuzz_input message, size_t limit) {
  struct wsc_inflated result;
  size_t before = reference->out_len;
  bool good = read_reference(reference, message);
  size_t became = reference->out_len - before;
  uint8_t *copy = fuzz_copy(message.data, message.len);
  wsc_inflate_message(inflate, copy, message.len, limit, &result);
  free(copy);
  FUZZ_CHECK(result.len <= limit && result.len <= became);
  FUZZ_CHECK(result.len == 0 ||
             memcmp(result.data, reference->out + before, result.len) == 0);
  if (result.too_long) {
    FUZZ_CHECK(result.error != NULL);
    FUZZ_CHECK(result.len == limit && became > limit);
    return false;
  }
  FUZZ_CHECK((result.error == NULL) == good);
  /* The reference adds a zero where a stored block breaks off. */
  FUZZ_CHECK(result.len == became || (!good && result.len + 1 == became));
  FUZZ_CHECK(result.distance == reference->max_distance);
  FUZZ_CHECK(result.reach == reference->max_reach);
  return good;
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
  fuzz_take(&input);
  size_t limit = limits[options >> LIMIT_SHIFT];
  struct inflate_reference reference = {0};
  struct wsc_inflate *inflate = wsc_inflate_new();
  bool going = true;
  for (size_t i = 0; going && i < MAX_MESSAGES && input.len > 0; i++) {
    struct fuzz_input message = next_message(&input, i);
    if ((options & TAKEOVER) == 0) {
      inflate_reference_free(&reference);
      wsc_inflate_free(inflate);
      inflate = wsc_inflate_new();
    }
    /* Of no octets at all it makes an empty message. */
    going =
        message.len == 0 || check_message(inflate, &reference, message, limit);
  }
  wsc_inflate_free(inflate);
  inflate_reference_free(&reference);
  return 0;
}
