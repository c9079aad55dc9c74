#include "build.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "strbuf.h"

#define EXACT_MAX ((UINT64_C(1) << 53) - 1)

static json_t *whole(json_t *value) {
  if (value == NULL) {
    fputs("wsspec: out of memory\n", stderr);
    exit(3);
  }
  return value;
}

void wsc_json_put(json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, whole(value)) != 0) {
    whole(NULL);
  }
}

void wsc_json_push(json_t *array, json_t *value) {
  if (json_array_append_new(array, whole(value)) != 0) {
    whole(NULL);
  }
}

json_t *wsc_json_object(void) {
  return whole(json_object());
}

json_t *wsc_json_array(void) {
  return whole(json_array());
}

static json_t *escaped(const void *data, size_t len, enum wsc_escape escape) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_escape(&text, data, len, escape);
  json_t *value = json_stringn(text.len == 0 ? "" : text.data, text.len);
  wsc_strbuf_free(&text);
  return whole(value);
}

json_t *wsc_json_text(const char *text) {
  size_t len = 0;
  while (text != NULL && text[len] != '\0') {
    len++;
  }
  return escaped(text, len, WSC_ESCAPE_TEXT);
}

json_t *wsc_json_octets(const void *data, size_t len) {
  return escaped(data, len, WSC_ESCAPE_OCTETS);
}

json_t *wsc_json_hex(const void *data, size_t len) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_hex(&text, data, len);
  json_t *value = json_stringn(text.data, text.len);
  wsc_strbuf_free(&text);
  return whole(value);
}

json_t *wsc_json_count(uint64_t number) {
  char digits[24];
  if (number <= EXACT_MAX) {
    return whole(json_integer((json_int_t)number));
  }
  snprintf(digits, sizeof digits, "%" PRIu64, number);
  return whole(json_string(digits));
}

json_t *wsc_json_texts(const char *const *texts, size_t num) {
  json_t *array = wsc_json_array();
  for (size_t i = 0; i < num; i++) {
    wsc_json_push(array, wsc_json_text(texts[i]));
  }
  return array;
}

json_t *wsc_json_escaped(const json_t *value) {
  const char *key;
  size_t index;
  json_t *item;
  json_t *copy;
  switch (json_typeof(value)) {
  case JSON_STRING:
    return escaped(json_string_value(value), json_string_length(value),
                   WSC_ESCAPE_TEXT);
  case JSON_ARRAY:
    copy = wsc_json_array();
    json_array_foreach(value, index, item) {
      wsc_json_push(copy, wsc_json_escaped(item));
    }
    return copy;
  case JSON_OBJECT:
    copy = wsc_json_object();
    json_object_foreach((json_t *)value, key, item) {
      wsc_json_put(copy, key, wsc_json_escaped(item));
    }
    return copy;
  case JSON_INTEGER:
  case JSON_REAL:
  case JSON_TRUE:
  case JSON_FALSE:
  case JSON_NULL:
    break;
  }
  return whole(json_deep_copy(value));
}

const char *wsc_json_string_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}
