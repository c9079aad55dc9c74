/* The HTTP head. Input: an octet of options (bit 0: a response; the rest: how
 * many fields there is room for), a seed of cuts, then what arrives. The end of
 * the head is where the reference has it, however the octets come. A head
 * without a quirk is one by the letter, and the other way round; what was taken
 * apart is the head again when put together. */
#include "fuzz.h"
#include "http_reference.h"
#include "ws/grammar.h"
#include "ws/http.h"

#include <stdlib.h>
#include <string.h>

struct arrived {
  const uint8_t *data;
  size_t len;
  size_t head_len; /* by the reference; 0: no end */
};

/* In blocks of exactly what has arrived, as buffers that grow are. */
static void check_growing(const struct arrived *arrived, size_t step,
                          uint64_t seed) {
  size_t scanned = 0;
  size_t at = 0;
  size_t end = 0;
  do {
    size_t rest = arrived->len - at;
    size_t len = step != 0 ? step : 1 + fuzz_random(&seed) % 64;
    at += len < rest ? len : rest;
    size_t before = scanned;
    uint8_t *data = fuzz_copy(arrived->data, at);
    end = ws_http_head_end(data, at, &scanned);
    free(data);
    FUZZ_CHECK(scanned >= before && scanned <= at);
    bool whole = arrived->head_len != 0 && at >= arrived->head_len;
    FUZZ_CHECK(end == (whole ? arrived->head_len : 0));
  } while (end == 0 && at < arrived->len);
}

static bool inside(struct ws_slice slice, const uint8_t *data, size_t len) {
  return slice.len == 0 || (slice.data >= data && slice.len <= len &&
                            slice.data - data <= (ptrdiff_t)(len - slice.len));
}

static void check_field(const struct ws_http_head *head, size_t i) {
  const struct ws_http_field *field = &head->fields[i];
  const uint32_t odd = WS_HTTP_NAME_NOT_TOKEN | WS_HTTP_NO_COLON;
  FUZZ_CHECK((field->quirks & ~head->quirks) == 0);
  FUZZ_CHECK((field->quirks & odd) != 0 || ws_is_token(field->name));
  struct ws_slice trimmed = ws_trim(field->value);
  FUZZ_CHECK(trimmed.len == field->value.len);
  for (size_t k = 0; field->quirks == 0 && k < field->value.len; k++) {
    uint8_t c = field->value.data[k];
    FUZZ_CHECK(c == '\t' || (c >= ' ' && c < 0x7F));
  }
}

/* Names are looked up as C strings: one with a NUL cannot be. */
static void check_lookup(const struct ws_http_head *head, size_t i) {
  const struct ws_slice wanted = head->fields[i].name;
  if ((head->fields[i].quirks & WS_HTTP_NUL) != 0) {
    return;
  }
  struct fuzz_bytes name = {0};
  fuzz_bytes_add(&name, wanted.data, wanted.len);
  fuzz_bytes_add(&name, "", 1);
  const char *text = (const char *)name.data;
  size_t count = ws_http_count(head, text);
  size_t last = 0;
  FUZZ_CHECK(count > 0);
  FUZZ_CHECK(ws_http_field(head, text, count) == NULL);
  for (size_t k = 0; k < count; k++) {
    const struct ws_http_field *field = ws_http_field(head, text, k);
    FUZZ_CHECK(field != NULL);
    FUZZ_CHECK(ws_slice_equals_nocase(field->name, text));
    FUZZ_CHECK(k == 0 || (size_t)(field - head->fields) > last);
    last = (size_t)(field - head->fields);
  }
  fuzz_bytes_free(&name);
}

static void add_slice(struct fuzz_bytes *bytes, struct ws_slice slice) {
  fuzz_bytes_add(bytes, slice.data, slice.len);
}

/* Taken apart and put together, what has no quirk means the same. */
static void check_again(const struct ws_http_head *head) {
  struct fuzz_bytes bytes = {0};
  struct ws_http_head again;
  struct ws_http_field fields[256];
  size_t scanned = 0;
  add_slice(&bytes, head->start_line);
  for (size_t i = 0; i < head->num_fields; i++) {
    fuzz_bytes_add(&bytes, "\r\n", 2);
    add_slice(&bytes, head->fields[i].name);
    fuzz_bytes_add(&bytes, ": ", 2);
    add_slice(&bytes, head->fields[i].value);
  }
  fuzz_bytes_add(&bytes, "\r\n\r\n", 4);
  FUZZ_CHECK(ws_http_head_end(bytes.data, bytes.len, &scanned) == bytes.len);
  ws_http_parse(&again, head->kind, bytes.data, bytes.len, fields, 256);
  FUZZ_CHECK(again.quirks == head->quirks);
  FUZZ_CHECK(again.num_fields == head->num_fields);
  FUZZ_CHECK(again.status == head->status);
  for (size_t i = 0; i < head->num_fields; i++) {
    struct ws_slice a = head->fields[i].value;
    struct ws_slice b = fields[i].value;
    FUZZ_CHECK(fuzz_same(a.data, a.len, b.data, b.len));
  }
  fuzz_bytes_free(&bytes);
}

static void check_parsed(const struct arrived *arrived, enum ws_http_kind kind,
                         size_t max_fields) {
  size_t len = arrived->head_len;
  uint8_t *data = fuzz_copy(arrived->data, len);
  struct ws_http_field *fields =
      (void *)fuzz_room(max_fields * sizeof(*fields));
  struct ws_http_head head;
  ws_http_parse(&head, kind, data, len, fields, max_fields);
  FUZZ_CHECK(head.num_fields <= max_fields);
  FUZZ_CHECK(inside(head.start_line, data, len));
  FUZZ_CHECK(inside(head.method, data, len));
  FUZZ_CHECK(inside(head.target, data, len));
  FUZZ_CHECK(inside(head.reason, data, len));
  FUZZ_CHECK(head.status <= 999);
  for (size_t i = 0; i < head.num_fields; i++) {
    FUZZ_CHECK(inside(fields[i].name, data, len));
    FUZZ_CHECK(inside(fields[i].value, data, len));
    check_field(&head, i);
    check_lookup(&head, i);
  }
  /* By the letter there may be octets above 0x7F; of a field for which there is
   * no room, only the octets are looked at. */
  uint32_t quirks = head.quirks & ~(uint32_t)WS_HTTP_NON_ASCII;
  bool good = kind == WS_HTTP_REQUEST ? http_reference_request(data, len)
                                      : http_reference_response(data, len);
  if ((quirks & WS_HTTP_EXTRA_FIELDS) == 0) {
    FUZZ_CHECK(good == (quirks == 0));
  } else {
    FUZZ_CHECK(!good || quirks == WS_HTTP_EXTRA_FIELDS);
  }
  if (quirks == 0) {
    check_again(&head);
  }
  free(fields);
  free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  uint8_t options = fuzz_take(&input);
  uint64_t seed = fuzz_take(&input);
  struct arrived arrived = {input.data, input.len,
                            http_reference_end(input.data, input.len)};
  check_growing(&arrived, SIZE_MAX, 0);
  check_growing(&arrived, 1, 0);
  check_growing(&arrived, 0, seed);
  if (arrived.head_len != 0) {
    check_parsed(&arrived,
                 (options & 1) != 0 ? WS_HTTP_RESPONSE : WS_HTTP_REQUEST,
                 options >> 1);
  }
  return 0;
}
