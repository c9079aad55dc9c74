/* UTF-8. Input: three octets that say where the text is cut and how it lies in
 * memory, then the text. Each path that this machine has, and the public
 * functions, say the same as the reference of every prefix that a cut makes. */
#include "core/utf8_internal.h"
#include "fuzz.h"
#include "utf8_reference.h"

#include <stdlib.h>
#include <string.h>

enum { EVERY_CUT = 24, PIECES = 2, ALIGN = 32 };

struct text {
  const uint8_t *data; /* in a block that ends with it */
  size_t len;
  struct utf8_reference expected;
};

static void check_state(const struct ws_utf8 *utf8, const struct text *text) {
  bool good = text->expected.good == text->len;
  FUZZ_CHECK(utf8->failed == !good);
  FUZZ_CHECK(utf8->offset == text->expected.good);
  FUZZ_CHECK(ws_utf8_complete(utf8) == text->expected.whole);
}

static bool feed(const struct ws_utf8_path *path, struct ws_utf8 *utf8,
                 const uint8_t *data, size_t len) {
  return path != NULL ? ws_utf8_feed_by(path, utf8, data, len)
                      : ws_utf8_feed(utf8, data, len);
}

/* By `path`, NULL being the function that chooses one: in pieces that end at
 * `step` octets, at the next `step` from there, and so on. 0: random ones. */
static void check_pieces(const struct ws_utf8_path *path,
                         const struct text *text, size_t step, uint64_t seed) {
  struct ws_utf8 utf8;
  ws_utf8_init(&utf8);
  size_t at = 0;
  while (at < text->len) {
    size_t rest = text->len - at;
    size_t len = step != 0 ? step : fuzz_random(&seed) % (rest + 1);
    len = len < rest ? len : rest;
    bool good = feed(path, &utf8, text->data + at, len);
    at += len;
    FUZZ_CHECK(good == !utf8.failed);
    FUZZ_CHECK(good == (at <= text->expected.good));
    FUZZ_CHECK(utf8.offset == (good ? at : text->expected.good));
  }
  check_state(&utf8, text);
  /* A failure stays. */
  bool before = utf8.failed;
  feed(path, &utf8, (const uint8_t *)"a", 1);
  FUZZ_CHECK(utf8.failed || !before);
}

static void check_path(const struct ws_utf8_path *path, const struct text *text,
                       uint64_t seed) {
  check_pieces(path, text, SIZE_MAX, seed);
  check_pieces(path, text, 1, seed);
  for (size_t i = 0; i < PIECES; i++) {
    check_pieces(path, text, 0, seed + i);
  }
  for (size_t cut = 1; cut < text->len && text->len <= EVERY_CUT; cut++) {
    check_pieces(path, text, cut, seed);
  }
}

/* What a path promises by itself. */
static void check_contract(const struct ws_utf8_path *path,
                           const struct text *text) {
  size_t whole = path->valid(text->data, text->len);
  FUZZ_CHECK(whole <= text->expected.good);
  FUZZ_CHECK(utf8_reference(text->data, whole).whole);
}

static void check_text(const struct text *text, uint64_t seed) {
  const struct ws_utf8_path *path;
  FUZZ_CHECK(ws_utf8_valid(text->data, text->len) == text->expected.whole);
  check_path(NULL, text, seed);
  for (size_t i = 0; (path = ws_utf8_path(i)) != NULL; i++) {
    if (path->usable()) {
      check_contract(path, text);
      check_path(path, text, seed);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  uint64_t seed = fuzz_take(&input);
  seed = seed << 8 | fuzz_take(&input);
  size_t before = fuzz_take(&input) % ALIGN;
  uint8_t *block = fuzz_copy_at(before, input.data, input.len);
  struct text text = {block + before, input.len,
                      utf8_reference(input.data, input.len)};
  check_text(&text, seed);
  free(block);
  return 0;
}
