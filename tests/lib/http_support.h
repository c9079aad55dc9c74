/* http_support.h: what the tests of HTTP heads share. */
#ifndef HTTP_SUPPORT_H
#define HTTP_SUPPORT_H

#include "support.h"
#include "ws/http.h"

#define MAX_FIELDS 16

/* A head in a block of exact size, and what was read from it. */
struct reading {
  uint8_t *data;
  struct ws_http_head head;
  struct ws_http_field fields[MAX_FIELDS];
};

static inline void read_head(struct reading *reading, enum ws_http_kind kind,
                             struct ws_slice text) {
  reading->data = exact_copy(text.data, text.len);
  ws_http_parse(&reading->head, kind, reading->data, text.len, reading->fields,
                MAX_FIELDS);
  assert_true(reading->head.fields == reading->fields);
  assert_int_equal(reading->head.kind, kind);
}

static inline void assert_field(const struct reading *reading, size_t index,
                                const char *name, const char *value,
                                uint32_t quirks) {
  assert_true(index < reading->head.num_fields);
  assert_slice(reading->fields[index].name, name);
  assert_slice(reading->fields[index].value, value);
  assert_int_equal(reading->fields[index].quirks, quirks);
}

#endif
