#include "deflate_support.h"

void octets_add(struct octets *octets, const void *data, size_t len) {
  uint8_t *grown = realloc(octets->data, octets->len + len + 1);
  assert_non_null(grown);
  octets->data = grown;
  if (len != 0) {
    memcpy(grown + octets->len, data, len);
  }
  octets->len += len;
}

void octets_free(struct octets *octets) {
  free(octets->data);
  *octets = (struct octets){NULL, 0};
}

void deflate_message(struct ws_deflate *codec, const void *data, size_t len,
                     struct octets *out) {
  struct ws_transform transform = ws_deflate_transform(codec);
  struct ws_slice piece;
  uint8_t *copy = exact_copy(data, len);
  assert_int_equal(transform.send(transform.user, (struct ws_slice){copy, len},
                                  true, &piece),
                   WS_OK);
  free(copy);
  octets_add(out, piece.data, piece.len);
  transform.sent(transform.user);
}

/* One call as ws_conn makes them: until nothing comes out. */
static enum ws_fault feed(const struct ws_transform *transform,
                          const uint8_t *data, size_t len, bool final,
                          uint64_t room, struct octets *out) {
  uint8_t *copy = exact_copy(data, len);
  struct ws_transform_step step = {.in = {copy, len}, .final = final};
  size_t before = out->len;
  do {
    step.room = room - (out->len - before);
    assert_int_equal(transform->receive(transform->user, &step), WS_OK);
    assert_true(step.out.len <= WS_DEFLATE_PIECE);
    assert_true(step.room == UINT64_MAX || step.out.len <= step.room + 1);
    octets_add(out, step.out.data, step.out.len);
    if (step.fault == WS_FAULT_NONE && step.out.len > step.room) {
      step.fault = WS_FAULT_MESSAGE_TOO_BIG;
    }
  } while (step.fault == WS_FAULT_NONE && step.out.len != 0);
  if (step.fault == WS_FAULT_NONE) {
    assert_int_equal(step.in.len, 0);
  }
  free(copy);
  return step.fault;
}

enum ws_fault inflate_message(struct ws_deflate *codec, const uint8_t *data,
                              size_t len, size_t step, uint64_t room,
                              struct octets *out) {
  struct ws_transform transform = ws_deflate_transform(codec);
  enum ws_fault fault = WS_FAULT_NONE;
  size_t at = 0;
  size_t before = out->len;
  do {
    size_t part = step < len - at ? step : len - at;
    fault = feed(&transform, data + at, part, at + part == len,
                 room - (out->len - before), out);
    at += part;
  } while (fault == WS_FAULT_NONE && at < len);
  return fault;
}

void fill_compressible(uint8_t *out, size_t len, uint64_t seed) {
  for (size_t i = 0; i < len;) {
    uint64_t random = next_random(&seed);
    size_t run = 1 + (random >> 8) % 40;
    size_t back = 1 + (random >> 20) % 40000;
    if ((random & 3) == 0 || back > i) {
      out[i++] = (uint8_t)('a' + (random >> 40) % 26);
      continue;
    }
    for (size_t k = 0; k < run && i < len; k++, i++) {
      out[i] = out[i - back];
    }
  }
}
