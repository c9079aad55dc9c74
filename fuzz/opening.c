#include "opening.h"

#include <string.h>

#include "http_reference.h"

struct observation opening_observe(enum ws_role role, struct stage *stage,
                                   struct fuzz_input *stream,
                                   const uint8_t *data, size_t len) {
  static const unsigned habits[] = {OWNER_REJECTS, OWNER_CHOOSES,
                                    OWNER_HESITATES, OWNER_HEARS_THE_END};
  *stream = (struct fuzz_input){data, len};
  *stage = (struct stage){.role = role};
  uint8_t options = fuzz_take(stream);
  uint64_t seed = fuzz_take(stream);
  for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
    stage->habits |= (options >> i & 1) != 0 ? habits[i] : 0;
  }
  /* What comes while a request waits is limited like a head: who hesitates has
   * to have room for all of the stream. */
  if ((options & 0x10) != 0 && (stage->habits & OWNER_HESITATES) == 0) {
    stage->limits.head = 256;
  }
  stage->limits.fields = (options & 0x20) != 0 ? 4 : 0;
  return observe_all(stage, *stream, seed);
}

bool opening_has(const struct opening_head *head, const char *name) {
  return http_reference_field(head->data, head->len, name).count != 0;
}

bool opening_is(const struct opening_head *head, const char *name,
                const char *value) {
  struct http_reference_field field =
      http_reference_field(head->data, head->len, name);
  return field.count == 1 &&
         fuzz_same(field.value, field.value_len, value, strlen(value));
}

bool opening_is_nocase(const struct opening_head *head, const char *name,
                       const char *value) {
  struct http_reference_field field =
      http_reference_field(head->data, head->len, name);
  struct ws_slice slice = {field.value, field.value_len};
  return field.count == 1 && ws_slice_equals_nocase(slice, value);
}
