#include "json_mutator.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define DEEP      64   /* nested arrays that nobody asked for */
#define LONG_TEXT 5000 /* octets, beyond every limit of a report */
#define OCTETWISE 16   /* one mutation in so many is the engine's */

/* NOLINTBEGIN(misc-misleading-bidirectional): on purpose. */
static const char *const texts[] = {
    "</script><script>alert(1)</script>",
    "\" onload=\"alert(1)",
    "' onload='alert(1)",
    "javascript:alert(1)",
    "]]>-->",
    "&amp;&#x3c;",
    "`|`[a](javascript:b)",
    "\n::error::owned\n",
    "\nok 9 - owned\n# SKIP",
    "%0A%25",
    "##[error]",
    "../../../etc/passwd",
    "\xE2\x80\xAE",
    "\x1b[31m",
    "\x01\x7F",
    "\xEF\xBF\xBF",
    "\xF0\x9F\x92\xA9",
    "__proto__",
    "constructor",
    "fail",
    "pass",
    "must",
    "sent",
    "received",
    "data",
    "0",
    "",
};
/* NOLINTEND(misc-misleading-bidirectional) */

#define NUM_TEXTS (sizeof texts / sizeof *texts)

static json_t *hostile_text(uint64_t *seed) {
  size_t which = fuzz_random(seed) % (NUM_TEXTS + 1);
  if (which < NUM_TEXTS) {
    return json_string(texts[which]);
  }
  char *text = (char *)fuzz_room(LONG_TEXT);
  memset(text, 'a', LONG_TEXT);
  json_t *value = json_stringn(text, LONG_TEXT);
  free(text);
  return value;
}

static json_t *deep(void) {
  json_t *value = json_array();
  for (size_t i = 0; i < DEEP; i++) {
    json_t *outer = json_array();
    json_array_append_new(outer, value);
    value = outer;
  }
  return value;
}

static json_t *number(uint64_t *seed) {
  static const json_int_t numbers[] = {
      0, 1, -1, 2147483647, 2147483648, 4294967296, 9223372036854775807};
  return json_integer(
      numbers[fuzz_random(seed) % (sizeof numbers / sizeof *numbers)]);
}

static json_t *other_type(uint64_t *seed) {
  switch (fuzz_random(seed) % 7) {
  case 0:
    return number(seed);
  case 1:
    return json_null();
  case 2:
    return json_boolean(fuzz_random(seed) % 2 == 0);
  case 3:
    return json_object();
  case 4:
    return deep();
  case 5:
    return json_real(1e308);
  default:
    return hostile_text(seed);
  }
}

static json_t *other_text(const json_t *value, uint64_t *seed) {
  json_t *text = hostile_text(seed);
  if (fuzz_random(seed) % 2 == 0) {
    return text;
  }
  json_t *both =
      json_sprintf("%s%s", json_string_value(value), json_string_value(text));
  json_decref(text);
  return both;
}

/* Mostly of the same type: another one is refused, and that is soon tested. */
static json_t *other_value(const json_t *value, uint64_t *seed) {
  if (fuzz_random(seed) % 16 == 0) {
    return other_type(seed);
  }
  if (json_is_string(value)) {
    return other_text(value, seed);
  }
  if (json_is_integer(value)) {
    return number(seed);
  }
  if (json_is_boolean(value)) {
    return json_boolean(!json_is_true(value));
  }
  return json_is_null(value) ? hostile_text(seed) : json_deep_copy(value);
}

/* A member or an element, somewhere. */
struct place {
  json_t *container; /* borrowed; NULL: none */
  const char *key;   /* of an object */
  size_t index;      /* of an array */
};

/* Each place is chosen with the same probability: the n-th replaces the choice
 * with one of n. */
static void choose(json_t *container, struct place *chosen, size_t *num,
                   uint64_t *seed) {
  const char *key;
  json_t *item;
  size_t i;
  json_object_foreach(container, key, item) {
    if (fuzz_random(seed) % ++*num == 0) {
      *chosen = (struct place){.container = container, .key = key};
    }
    choose(item, chosen, num, seed);
  }
  json_array_foreach(container, i, item) {
    if (fuzz_random(seed) % ++*num == 0) {
      *chosen = (struct place){.container = container, .index = i};
    }
    choose(item, chosen, num, seed);
  }
}

static void change_member(const struct place *place, uint64_t *seed) {
  json_t *item = json_object_get(place->container, place->key);
  switch (fuzz_random(seed) % 32) {
  case 0:
    json_object_del(place->container, place->key);
    break;
  case 1: {
    json_t *name = hostile_text(seed);
    json_object_set(place->container, json_string_value(name), item);
    json_decref(name);
    break;
  }
  default:
    json_object_set_new(place->container, place->key, other_value(item, seed));
  }
}

static void change_element(const struct place *place, uint64_t *seed) {
  json_t *array = place->container;
  json_t *item = json_array_get(array, place->index);
  size_t where = fuzz_random(seed) % json_array_size(array);
  switch (fuzz_random(seed) % 4) {
  case 0:
    json_array_remove(array, place->index);
    break;
  case 1:
    json_array_insert_new(array, where, json_deep_copy(item));
    break;
  case 2:
    json_array_insert(array, where, item);
    json_array_remove(array, place->index + (where <= place->index));
    break;
  default:
    json_array_set_new(array, place->index, other_value(item, seed));
  }
}

static size_t put(json_t *document, uint8_t *data, size_t max) {
  char *text = json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);
  size_t len = text == NULL ? 0 : strlen(text);
  len = len <= max ? len : 0;
  memcpy(data, text == NULL ? "" : text, len);
  free(text);
  return len;
}

/* Weak, so that a program without the engine links. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t len,
                                              size_t max) {
  (void)data;
  return len < max ? len : max;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max,
                               unsigned seed) {
  uint64_t random = seed;
  json_t *document = seed % OCTETWISE == 0
                         ? NULL
                         : json_loadb((const char *)data, len, 0, NULL);
  struct place place = {.container = NULL};
  size_t num = 0;
  choose(document, &place, &num, &random);
  if (place.key != NULL) {
    change_member(&place, &random);
  } else if (place.container != NULL) {
    change_element(&place, &random);
  }
  size_t changed = place.container == NULL ? 0 : put(document, data, max);
  json_decref(document);
  return changed != 0 ? changed : LLVMFuzzerMutate(data, len, max);
}
