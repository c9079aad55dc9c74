/* The fields of a head: http_test.c has its lines and its end. */
#include "http_support.h"

/* One field behind a good start line; its quirks are those of the head. */
static const struct {
  struct ws_slice lines; /* with their ends, before the empty line */
  const char *name, *value;
  uint32_t quirks;
} field_rows[] = {
    {OCTETS("A: b\r\n"), "A", "b", 0},
    {OCTETS("A:b\r\n"), "A", "b", 0},
    {OCTETS("A:\t b \t\r\n"), "A", "b", 0},
    {OCTETS("A: b\tc\r\n"), "A", "b\tc", 0},
    {OCTETS("A:\r\n"), "A", "", 0},
    {OCTETS("A: \t \r\n"), "A", "", 0},
    {OCTETS("A: b\n"), "A", "b", WS_HTTP_BARE_LF},
    {OCTETS("A: b\r\r\n"), "A", "b\r", WS_HTTP_BARE_CR},
    {OCTETS("A: b\rc\r\n"), "A", "b\rc", WS_HTTP_BARE_CR},
    {OCTETS("A: b\rc\n"), "A", "b\rc", WS_HTTP_BARE_CR | WS_HTTP_BARE_LF},
    {OCTETS("A: b\r\n c\r\n"), "A", "b\r\n c", WS_HTTP_OBS_FOLD},
    {OCTETS("A: b\r\n\tc \r\n"), "A", "b\r\n\tc", WS_HTTP_OBS_FOLD},
    {OCTETS("A:\r\n c\r\n d\r\n"), "A", "\r\n c\r\n d", WS_HTTP_OBS_FOLD},
    {OCTETS("A: b\n c\n"), "A", "b\n c", WS_HTTP_OBS_FOLD | WS_HTTP_BARE_LF},
    {OCTETS("A: b\r\n \x03\r\n"), "A", "b\r\n \x03",
     WS_HTTP_OBS_FOLD | WS_HTTP_CONTROL},
    {OCTETS("A: b\r\n \r\n"), "A", "b\r\n", WS_HTTP_OBS_FOLD},
    {OCTETS(" A: b\r\n"), " A", "b", WS_HTTP_OBS_FOLD | WS_HTTP_NAME_NOT_TOKEN},
    {OCTETS("A : b\r\n"), "A", "b", WS_HTTP_SPACE_BEFORE_COLON},
    {OCTETS("A \t: b\r\n"), "A", "b", WS_HTTP_SPACE_BEFORE_COLON},
    {OCTETS(" : b\r\n"), "", "b",
     WS_HTTP_OBS_FOLD | WS_HTTP_SPACE_BEFORE_COLON | WS_HTTP_NAME_NOT_TOKEN},
    {OCTETS(":\r\n"), "", "", WS_HTTP_NAME_NOT_TOKEN},
    {OCTETS(": b\r\n"), "", "b", WS_HTTP_NAME_NOT_TOKEN},
    {OCTETS("A B: c\r\n"), "A B", "c", WS_HTTP_NAME_NOT_TOKEN},
    {OCTETS("A@: b\r\n"), "A@", "b", WS_HTTP_NAME_NOT_TOKEN},
    {OCTETS("\xC3\xA9: b\r\n"), "\xC3\xA9", "b",
     WS_HTTP_NAME_NOT_TOKEN | WS_HTTP_NON_ASCII},
    {OCTETS("A: \xC3\xA9\r\n"), "A", "\xC3\xA9", WS_HTTP_NON_ASCII},
    {OCTETS("A: \x01\r\n"), "A", "\x01", WS_HTTP_CONTROL},
    {OCTETS("A: \x7F\r\n"), "A", "\x7F", WS_HTTP_CONTROL},
    {OCTETS("A: \v\r\n"), "A", "\v", WS_HTTP_CONTROL},
    {OCTETS("no colon\r\n"), "no colon", "", WS_HTTP_NO_COLON},
    {OCTETS("line\r\n fold\r\n"), "line", "\r\n fold",
     WS_HTTP_NO_COLON | WS_HTTP_OBS_FOLD},
};

static void fields_are_read_with_their_quirks(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(field_rows); i++) {
    static const char before[] = "GET / HTTP/1.1\r\n";
    uint8_t text[128];
    size_t len = sizeof before - 1;
    memcpy(text, before, len);
    memcpy(text + len, field_rows[i].lines.data, field_rows[i].lines.len);
    len += field_rows[i].lines.len;
    memcpy(text + len, "\r\n", 2);
    struct reading r;
    read_head(&r, WS_HTTP_REQUEST, (struct ws_slice){text, len + 2});
    assert_int_equal(r.head.num_fields, 1);
    if (r.fields[0].quirks != field_rows[i].quirks) {
      fail_msg("row %zu, %s: quirks %x", i, field_rows[i].name,
               (unsigned)r.fields[0].quirks);
    }
    assert_field(&r, 0, field_rows[i].name, field_rows[i].value,
                 field_rows[i].quirks);
    assert_int_equal(r.head.quirks, field_rows[i].quirks);
    free(r.data);
  }
}

/* What RFC 9110 5.5 says of each octet of a value. */
static uint32_t quirk_of(unsigned c) {
  if (c >= 0x80) {
    return WS_HTTP_NON_ASCII;
  }
  if (c == 0) {
    return WS_HTTP_NUL;
  }
  if (c == '\r') {
    return WS_HTTP_BARE_CR;
  }
  return (c < 0x20 && c != '\t') || c == 0x7F ? WS_HTTP_CONTROL : 0;
}

/* At the beginning, inside and at the end of a value, and as a name. */
static void every_octet_has_its_quirk(void **state) {
  (void)state;
  for (unsigned c = 0; c < 256; c++) {
    if (c == '\n') {
      continue;
    }
    for (size_t at = 0; at < 3; at++) {
      uint8_t text[] = "GET / HTTP/1.1\r\nA:bbb\r\n\r\n";
      text[18 + at] = (uint8_t)c;
      struct reading r;
      read_head(&r, WS_HTTP_REQUEST, (struct ws_slice){text, sizeof text - 1});
      assert_int_equal(r.fields[0].quirks, quirk_of(c));
      assert_int_equal(r.head.quirks, quirk_of(c));
      free(r.data);
    }
    uint8_t text[] = "GET / HTTP/1.1\r\nA:b\r\n\r\n";
    text[16] = (uint8_t)c;
    struct reading r;
    read_head(&r, WS_HTTP_REQUEST, (struct ws_slice){text, sizeof text - 1});
    assert_int_equal(r.head.quirks & quirk_of(c), quirk_of(c));
    free(r.data);
  }
}

static void a_nul_is_found_anywhere(void **state) {
  (void)state;
  struct reading r;
  read_head(&r, WS_HTTP_REQUEST,
            SLICE("GET /\0 HTTP/1.1\r\nA: b\r\nC: d\0e\r\nF\0: g\r\n\r\n"));
  assert_int_equal(r.head.num_fields, 3);
  assert_int_equal(r.fields[0].quirks, 0);
  assert_int_equal(r.fields[1].quirks, WS_HTTP_NUL);
  assert_int_equal(r.fields[1].value.len, 3);
  assert_int_equal(r.fields[2].quirks, WS_HTTP_NUL | WS_HTTP_NAME_NOT_TOKEN);
  assert_int_equal(r.head.quirks,
                   WS_HTTP_NUL | WS_HTTP_NAME_NOT_TOKEN | WS_HTTP_START_LINE);
  free(r.data);
}

/* The quirk of one field is not that of its neighbours. */
static void quirks_stay_with_their_field(void **state) {
  (void)state;
  struct reading r;
  read_head(&r, WS_HTTP_REQUEST,
            SLICE("GET / HTTP/1.1\r\nA: 1\nB: 2\r\nC : 3\r\nD: 4\r\n 5\r\n"
                  "E: 6\r\n\n"));
  assert_int_equal(r.head.num_fields, 5);
  assert_field(&r, 0, "A", "1", WS_HTTP_BARE_LF);
  assert_field(&r, 1, "B", "2", 0);
  assert_field(&r, 2, "C", "3", WS_HTTP_SPACE_BEFORE_COLON);
  assert_field(&r, 3, "D", "4\r\n 5", WS_HTTP_OBS_FOLD);
  assert_field(&r, 4, "E", "6", 0);
  assert_int_equal(r.head.quirks, WS_HTTP_BARE_LF | WS_HTTP_SPACE_BEFORE_COLON |
                                      WS_HTTP_OBS_FOLD);
  free(r.data);
}

static void a_bare_end_of_the_head_is_a_quirk(void **state) {
  (void)state;
  struct reading r;
  read_head(&r, WS_HTTP_REQUEST, SLICE("GET / HTTP/1.1\r\nA: b\r\n\n"));
  assert_int_equal(r.head.quirks, WS_HTTP_BARE_LF);
  assert_field(&r, 0, "A", "b", 0);
  free(r.data);
}

/* Every room from none to enough: what has no place is dropped, its quirks are
 * not, and nothing is written behind the last place. */
static void fields_beyond_the_room_are_dropped(void **state) {
  (void)state;
  static const struct ws_slice text =
      OCTETS("GET / HTTP/1.1\r\nA: 1\r\n 2\r\nB: 3\r\n 4\r\nC: 5\x01\r\n\r\n");
  for (size_t room = 0; room <= 4; room++) {
    struct ws_http_field *fields = calloc(room + 1, sizeof *fields);
    assert_non_null(fields);
    fields[room].quirks = 0xBEEF;
    struct ws_http_head head;
    ws_http_parse(&head, WS_HTTP_REQUEST, text.data, text.len, fields, room);
    assert_int_equal(head.num_fields, room < 3 ? room : 3);
    assert_int_equal(fields[room].quirks, 0xBEEF);
    uint32_t quirks = WS_HTTP_OBS_FOLD | WS_HTTP_CONTROL;
    assert_int_equal(head.quirks,
                     room < 3 ? quirks | WS_HTTP_EXTRA_FIELDS : quirks);
    if (room > 0) {
      assert_slice(fields[0].value, "1\r\n 2");
    }
    if (room > 1) {
      assert_slice(fields[1].value, "3\r\n 4");
    }
    free(fields);
  }
}

static void fields_are_found_by_name(void **state) {
  (void)state;
  struct reading r;
  read_head(&r, WS_HTTP_REQUEST,
            SLICE("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                  "HOST: b\r\nHosts: c\r\nhost: d\r\n\r\n"));
  assert_int_equal(ws_http_count(&r.head, "host"), 3);
  assert_int_equal(ws_http_count(&r.head, "Upgrade"), 1);
  assert_int_equal(ws_http_count(&r.head, "Hos"), 0);
  assert_slice(ws_http_field(&r.head, "hOST", 0)->value, "a");
  assert_slice(ws_http_field(&r.head, "Host", 1)->value, "b");
  assert_slice(ws_http_field(&r.head, "Host", 2)->value, "d");
  assert_null(ws_http_field(&r.head, "Host", 3));
  assert_null(ws_http_field(&r.head, "Origin", 0));
  assert_true(ws_http_field(&r.head, "Hosts", 0) == &r.fields[3]);
  free(r.data);
}

/* What stands behind the last field read is not one of them. */
static void fields_end_where_they_end(void **state) {
  (void)state;
  struct reading r;
  read_head(&r, WS_HTTP_REQUEST,
            SLICE("GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n"));
  r.head.num_fields = 1;
  assert_int_equal(ws_http_count(&r.head, "C"), 0);
  assert_null(ws_http_field(&r.head, "C", 0));
  assert_false(ws_http_has_token(&r.head, "C", "d"));
  free(r.data);
}

static void tokens_are_found_in_all_fields_of_a_name(void **state) {
  (void)state;
  static const struct {
    struct ws_slice lines;
    bool found;
  } rows[] = {
      {OCTETS("Connection: Upgrade\r\n"), true},
      {OCTETS("connection: uPGRADE\r\n"), true},
      {OCTETS("Connection: keep-alive, Upgrade\r\n"), true},
      {OCTETS("Connection: keep-alive,upgrade,,\r\n"), true},
      {OCTETS("Connection: a\r\nConnection: Upgrade\r\n"), true},
      {OCTETS("Connection: a,\r\n Upgrade\r\n"), true},
      {OCTETS("Connection:\r\n Upgrade\r\n , b\r\n"), true},
      {OCTETS("Connection: \"a, b\", Upgrade\r\n"), true},
      {OCTETS("Connection: Upgraded\r\n"), false},
      {OCTETS("Connection: Up grade\r\n"), false},
      {OCTETS("Connection: Upgrade;q=1\r\n"), false},
      {OCTETS("Connection: \"Upgrade\"\r\n"), false},
      {OCTETS("Connection: \"a, Upgrade, b\"\r\n"), false},
      {OCTETS("Connection: Upgrade\0\r\n"), false},
      {OCTETS("Connection: \rUpgrade\r\n"), false},
      {OCTETS("Connection:\r\n"), false},
      {OCTETS("Connection\r\n"), false},
      {OCTETS("X-Connection: Upgrade\r\n"), false},
      {OCTETS("Upgrade: Connection\r\n"), false},
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    static const char before[] = "GET / HTTP/1.1\r\n";
    uint8_t text[128];
    size_t len = sizeof before - 1;
    memcpy(text, before, len);
    memcpy(text + len, rows[i].lines.data, rows[i].lines.len);
    len += rows[i].lines.len;
    memcpy(text + len, "\r\n", 2);
    struct reading r;
    read_head(&r, WS_HTTP_REQUEST, (struct ws_slice){text, len + 2});
    if (ws_http_has_token(&r.head, "Connection", "upgrade") != rows[i].found) {
      fail_msg("row %zu", i);
    }
    free(r.data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_are_read_with_their_quirks),
      cmocka_unit_test(every_octet_has_its_quirk),
      cmocka_unit_test(a_nul_is_found_anywhere),
      cmocka_unit_test(quirks_stay_with_their_field),
      cmocka_unit_test(a_bare_end_of_the_head_is_a_quirk),
      cmocka_unit_test(fields_beyond_the_room_are_dropped),
      cmocka_unit_test(fields_are_found_by_name),
      cmocka_unit_test(fields_end_where_they_end),
      cmocka_unit_test(tokens_are_found_in_all_fields_of_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
