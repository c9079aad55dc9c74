#include "poison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"

/* NOLINTBEGIN(misc-misleading-bidirectional): on purpose. */
const char poison[] =
    "</script><script>alert(1)</script>]]>-->\" ' &amp; `code` | cell | "
    "[a](javascript:alert(1)) @everyone #1 # SKIP \\ %0A%\r\n"
    "::error::owned\n"
    "ok 999 - owned\nBail out! owned\n...\n"
    "\x1b[31m\x07\x7f\xE2\x80\xAE\xE2\x80\x8B\xEF\xBF\xBF ../../etc/passwd "
    "C:\\x, y: z \xC3\xA9\xF0\x9F\x92\xA9 ";
/* NOLINTEND(misc-misleading-bidirectional) */

/* Members that are no free text: what reads them looks for one of its words. */
static bool is_bound(const char *key) {
  static const char *const bound[] = {
      "schema", "verdict",   "strength", "hex",  "header", "payload",
      "key",    "direction", "kind",     "role", "state",  "level",
      "seed",   "t",         "offset",   "cut",  "length", "duration_us"};
  for (size_t i = 0; i < sizeof bound / sizeof *bound; i++) {
    if (strcmp(bound[i], key) == 0) {
      return true;
    }
  }
  return false;
}

static json_t *poison_value(const json_t *value, const char *key,
                            const char *text);

static json_t *poison_object(const json_t *object, const char *text) {
  json_t *copy = json_object();
  const char *key;
  json_t *item;
  json_object_foreach((json_t *)object, key, item) {
    json_object_set_new(copy, key, poison_value(item, key, text));
  }
  return copy;
}

/* The names of its members are free as well. */
static json_t *poison_map(const json_t *map, const char *text) {
  json_t *copy = poison_object(map, text);
  json_object_set_new(copy, text, json_string(text));
  return copy;
}

static json_t *poison_value(const json_t *value, const char *key,
                            const char *text) {
  if (json_is_object(value)) {
    return strcmp(key, "facts") == 0 ? poison_map(value, text)
                                     : poison_object(value, text);
  }
  if (json_is_array(value)) {
    json_t *copy = json_array();
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item) {
      json_array_append_new(copy, poison_value(item, key, text));
    }
    return copy;
  }
  if (!json_is_string(value) || is_bound(key)) {
    return json_deep_copy(value);
  }
  struct wsc_strbuf whole;
  wsc_strbuf_init(&whole);
  wsc_strbuf_puts(&whole, text);
  wsc_strbuf_puts(&whole, json_string_value(value));
  json_t *copy = json_string(whole.data);
  wsc_strbuf_free(&whole);
  return copy;
}

struct wsc_run *poisoned(const struct wsc_run *run, const char *text) {
  json_t *document = poison_object(wsc_run_json(run), text);
  char *whole = json_dumps(document, 0);
  char *error = NULL;
  struct wsc_run *copy =
      wsc_run_parse(whole, strlen(whole), "poisoned", &error);
  if (error != NULL) {
    fprintf(stderr, "%s\n", error);
  }
  free(error);
  json_decref(document);
  free(whole);
  return copy;
}
