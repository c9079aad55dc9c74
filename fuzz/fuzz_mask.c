/* Masking. Input: a key, an offset (8 octets), how the payload lies in memory
 * and where it is cut, then the payload. Each path that this machine has, and
 * the public function, do what the reference does, touch nothing else, and undo
 * it when done again. */
#include "core/mask_internal.h"
#include "fuzz.h"
#include "mask_reference.h"
#include "ws/mask.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, AFTER = 64 };

struct payload {
  uint8_t key[4];
  uint64_t offset;
  size_t before; /* octets in front of it in its block */
  struct fuzz_input octets;
  uint8_t *expected; /* owned */
};

/* `path` NULL: the public function, cut at `cut`. */
static void mask(const struct ws_mask_path *path, uint8_t *data,
                 const struct payload *payload, size_t cut) {
  size_t len = payload->octets.len;
  if (path == NULL) {
    ws_mask(data, cut, payload->key, payload->offset);
    ws_mask(data + cut, len - cut, payload->key, payload->offset + cut);
    return;
  }
  uint8_t pattern[4];
  for (size_t i = 0; i < 4; i++) {
    pattern[i] = payload->key[(payload->offset + i) % 4];
  }
  path->mask(data, len, pattern);
}

static void check_guards(const uint8_t *block, size_t before, size_t len) {
  for (size_t i = 0; i < before; i++) {
    FUZZ_CHECK(block[i] == 0xC3);
  }
  for (size_t i = 0; i < AFTER; i++) {
    FUZZ_CHECK(block[before + len + i] == 0x3C);
  }
}

/* In the middle of a block, where it shows what else is changed. */
static void check_touched(const struct ws_mask_path *path,
                          const struct payload *payload, size_t cut) {
  size_t len = payload->octets.len;
  struct fuzz_bytes room = {0};
  uint8_t after[AFTER];
  memset(after, 0x3C, sizeof(after));
  fuzz_bytes_add(&room, payload->octets.data, len);
  fuzz_bytes_add(&room, after, sizeof(after));
  uint8_t *block = fuzz_copy_at(payload->before, room.data, room.len);
  mask(path, block + payload->before, payload, cut);
  check_guards(block, payload->before, len);
  free(block);
  fuzz_bytes_free(&room);
}

static void check_path(const struct ws_mask_path *path,
                       const struct payload *payload, size_t cut) {
  const struct fuzz_input *octets = &payload->octets;
  uint8_t *block = fuzz_copy_at(payload->before, octets->data, octets->len);
  uint8_t *data = block + payload->before;
  mask(path, data, payload, cut);
  FUZZ_CHECK(fuzz_same(data, octets->len, payload->expected, octets->len));
  mask(path, data, payload, cut);
  FUZZ_CHECK(fuzz_same(data, octets->len, octets->data, octets->len));
  free(block);
  check_touched(path, payload, cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  struct payload payload = {.offset = 0};
  for (size_t i = 0; i < 4; i++) {
    payload.key[i] = fuzz_take(&input);
  }
  for (size_t i = 0; i < 8; i++) {
    payload.offset = payload.offset << 8 | fuzz_take(&input);
  }
  payload.before = fuzz_take(&input) % ALIGN;
  size_t cut = fuzz_take(&input);
  cut = cut < input.len ? cut : input.len;
  payload.octets = fuzz_take_some(&input, input.len);
  payload.expected = fuzz_copy(payload.octets.data, payload.octets.len);
  mask_reference(payload.expected, payload.octets.data, payload.octets.len,
                 payload.key, payload.offset);
  const struct ws_mask_path *path;
  check_path(NULL, &payload, 0);
  check_path(NULL, &payload, cut);
  for (size_t i = 0; (path = ws_mask_path(i)) != NULL; i++) {
    if (path->usable()) {
      check_path(path, &payload, cut);
    }
  }
  free(payload.expected);
  return 0;
}
