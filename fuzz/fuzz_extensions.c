/* The grammar of extensions. Input: the value of a field. It is valid where the
 * reference says so, and has as many extensions and parameters; put together
 * again from its parts it has the same parts. Parts of what is not valid stay
 * inside of it, and every loop over it ends. */
#include "extension_reference.h"
#include "fuzz.h"
#include "ws/grammar.h"

#include <stdlib.h>
#include <string.h>

/* The text of a value, made of its parts. */
struct parts {
  struct fuzz_bytes text;
  struct extension_reference count;
  bool bad;
};

static void add(struct parts *parts, const char *separator,
                struct ws_slice slice) {
  fuzz_bytes_add(&parts->text, separator, strlen(separator));
  fuzz_bytes_add(&parts->text, slice.data, slice.len);
}

static void check_inside(struct ws_slice part, struct ws_slice whole) {
  FUZZ_CHECK(part.len <= whole.len);
  FUZZ_CHECK(part.len == 0 ||
             (part.data >= whole.data &&
              part.data - whole.data <= (ptrdiff_t)(whole.len - part.len)));
}

static void take_params(struct parts *parts, struct ws_slice params) {
  struct ws_slice whole = params;
  struct ws_param param;
  enum ws_grammar result;
  while ((result = ws_param_next(&params, &param)) == WS_GRAMMAR_OK) {
    check_inside(param.name, whole);
    check_inside(param.value, whole);
    check_inside(params, whole);
    FUZZ_CHECK(ws_is_token(param.name));
    FUZZ_CHECK(param.has_value == (param.value.len != 0));
    FUZZ_CHECK(param.has_value || !param.quoted);
    FUZZ_CHECK(!param.has_value || ws_is_token(param.value));
    add(parts, "; ", param.name);
    if (param.has_value) {
      add(parts, param.quoted ? "=\"" : "=", param.value);
      add(parts, param.quoted ? "\"" : "", (struct ws_slice){NULL, 0});
    }
    parts->count.num_params++;
  }
  parts->bad = parts->bad || result == WS_GRAMMAR_BAD;
}

static void take_apart(struct parts *parts, struct ws_slice value) {
  struct ws_slice whole = value;
  struct ws_extension extension;
  enum ws_grammar result;
  *parts = (struct parts){.bad = false};
  while ((result = ws_extension_next(&value, &extension)) == WS_GRAMMAR_OK) {
    check_inside(extension.name, whole);
    check_inside(extension.params, whole);
    FUZZ_CHECK(ws_is_token(extension.name));
    add(parts, parts->count.num_extensions != 0 ? ", " : "", extension.name);
    take_params(parts, extension.params);
    parts->count.num_extensions++;
  }
  parts->bad = parts->bad || result == WS_GRAMMAR_BAD;
}

static void check_members(struct ws_slice value) {
  struct ws_slice whole = value;
  struct ws_slice member;
  while (ws_list_next(&value, &member)) {
    check_inside(member, whole);
    FUZZ_CHECK(member.len != 0);
    FUZZ_CHECK(ws_trim(member).len == member.len);
  }
  FUZZ_CHECK(value.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  uint8_t *copy = fuzz_copy(data, len);
  struct ws_slice value = {copy, len};
  struct extension_reference expected;
  struct parts parts;
  bool valid = extension_reference(&expected, data, len);
  take_apart(&parts, value);
  check_members(value);
  FUZZ_CHECK(ws_extensions_valid(value) == valid);
  FUZZ_CHECK(valid == (!parts.bad && parts.count.num_extensions != 0));
  if (valid) {
    struct parts again;
    FUZZ_CHECK(parts.count.num_extensions == expected.num_extensions);
    FUZZ_CHECK(parts.count.num_params == expected.num_params);
    take_apart(&again, (struct ws_slice){parts.text.data, parts.text.len});
    FUZZ_CHECK(!again.bad && fuzz_same(parts.text.data, parts.text.len,
                                       again.text.data, again.text.len));
    fuzz_bytes_free(&again.text);
  }
  fuzz_bytes_free(&parts.text);
  free(copy);
  return 0;
}
