/* fuzz.h: what the fuzz targets share.
 *
 * A target is one file with one LLVMFuzzerTestOneInput. An engine calls it with
 * inputs that it makes up (fuzz_<target>), a plain program with those of the
 * corpus (replay_<target>). A target looks at nothing but its input, keeps
 * nothing between two calls, and ends the program where an oracle disagrees. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The name and the result, always 0, are the engine's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Says where and what on stderr, then abort(). */
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* What has to hold. Unlike assert it is never compiled out. */
#define FUZZ_CHECK(condition)                                                  \
  ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

/* An input, read from its front: options come first, what is tested is the
 * rest. Where it has ended, options are zero. */
struct fuzz_input {
  const uint8_t *data; /* borrowed */
  size_t len;
};

uint8_t fuzz_take(struct fuzz_input *input);

/* At most `most` of the octets that are left. Borrowed from the input; never
 * NULL. */
struct fuzz_input fuzz_take_some(struct fuzz_input *input, size_t most);

/* Where streams are cut: the same numbers for the same seed, any seed. */
uint32_t fuzz_random(uint64_t *state);

/* A block of `len` octets. Owned by the caller: free(). Never NULL. */
uint8_t *fuzz_room(size_t len);

/* A copy in a block of exactly `len` octets, so that AddressSanitizer sees what
 * is touched beyond. Owned by the caller: free(). Never NULL. */
uint8_t *fuzz_copy(const void *data, size_t len);

/* The same behind `before` octets 0xC3: for what depends on where it lies. */
uint8_t *fuzz_copy_at(size_t before, const void *data, size_t len);

/* True for two empty ones, too, whatever they point to. */
bool fuzz_same(const void *a, size_t a_len, const void *b, size_t b_len);

/* A growing run of octets; all zero: empty. */
struct fuzz_bytes {
  uint8_t *data; /* owned: fuzz_bytes_free */
  size_t len;
  size_t cap;
};

void fuzz_bytes_add(struct fuzz_bytes *bytes, const void *data, size_t len);
void fuzz_bytes_add_number(struct fuzz_bytes *bytes, uint64_t number);
void fuzz_bytes_free(struct fuzz_bytes *bytes);

#endif
