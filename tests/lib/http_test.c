#include "http_support.h"

static void a_request_is_read(void **state) {
  (void)state;
  struct reading r;
  read_head(&r, WS_HTTP_REQUEST,
            SLICE("GET /chat?x=%20 HTTP/1.1\r\n"
                  "Host: server.example.com\r\n"
                  "Upgrade:websocket\r\n"
                  "connection: \t keep-alive ,Upgrade \t\r\n"
                  "X-Empty:\r\n"
                  "X-Colons: a:b: c\r\n"
                  "\r\n"));
  assert_int_equal(r.head.quirks, 0);
  assert_slice(r.head.start_line, "GET /chat?x=%20 HTTP/1.1");
  assert_slice(r.head.method, "GET");
  assert_slice(r.head.target, "/chat?x=%20");
  assert_int_equal(r.head.version_major, 1);
  assert_int_equal(r.head.version_minor, 1);
  assert_int_equal(r.head.num_fields, 5);
  assert_field(&r, 0, "Host", "server.example.com", 0);
  assert_field(&r, 1, "Upgrade", "websocket", 0);
  assert_field(&r, 2, "connection", "keep-alive ,Upgrade", 0);
  assert_field(&r, 3, "X-Empty", "", 0);
  assert_field(&r, 4, "X-Colons", "a:b: c", 0);
  free(r.data);
}

static void a_response_is_read(void **state) {
  (void)state;
  struct reading r;
  read_head(&r, WS_HTTP_RESPONSE,
            SLICE("HTTP/1.1 101 Switching Protocols\r\n"
                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                  "\r\n"));
  assert_int_equal(r.head.quirks, 0);
  assert_int_equal(r.head.status, 101);
  assert_slice(r.head.reason, "Switching Protocols");
  assert_int_equal(r.head.version_major, 1);
  assert_int_equal(r.head.version_minor, 1);
  assert_field(&r, 0, "Sec-WebSocket-Accept",
               "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 0);
  free(r.data);
}

static const struct {
  const char *line; /* before CR LF CR LF */
  const char *method, *target;
  int major, minor;
  uint32_t quirks;
} request_lines[] = {
    {"GET / HTTP/1.1", "GET", "/", 1, 1, 0},
    {"GET / HTTP/1.0", "GET", "/", 1, 0, 0},
    {"GET / HTTP/2.0", "GET", "/", 2, 0, 0},
    {"M-SEARCH * HTTP/1.1", "M-SEARCH", "*", 1, 1, 0},
    {"get http://h/p HTTP/1.1", "get", "http://h/p", 1, 1, 0},
    {"GET /\xC3\xA9 HTTP/1.1", "GET", "/\xC3\xA9", 1, 1, WS_HTTP_NON_ASCII},
    {"GET !~ HTTP/9.0", "GET", "!~", 9, 0, 0},
    {"\r\nGET / HTTP/1.1", "GET", "/", 1, 1, 0},
    {"\nGET / HTTP/1.1", "GET", "/", 1, 1, WS_HTTP_BARE_LF},
    {"", "", "", 0, 0, WS_HTTP_START_LINE},
    {" ", "", "", 0, 0, WS_HTTP_START_LINE},
    {"GET", "GET", "", 0, 0, WS_HTTP_START_LINE},
    {"GET /", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / ", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET  HTTP/1.1", "GET", "", 0, 0, WS_HTTP_START_LINE},
    {"GET  / HTTP/1.1", "GET", "", 0, 0, WS_HTTP_START_LINE},
    {"GET /  HTTP/1.1", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/1.1 ", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / x HTTP/1.1", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {" GET / HTTP/1.1", "", "GET", 0, 0, WS_HTTP_START_LINE},
    {"GET\t/ HTTP/1.1", "GET\t/", "HTTP/1.1", 0, 0, WS_HTTP_START_LINE},
    {"GET /\ta HTTP/1.1", "GET", "/\ta", 0, 0, WS_HTTP_START_LINE},
    {"G@T / HTTP/1.1", "G@T", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / http/1.1", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/1.12", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/1.", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/11", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/1,1", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/a.1", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/1./", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/1.:", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTP/:.1", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET / HTTX/1.1", "GET", "/", 0, 0, WS_HTTP_START_LINE},
    {"GET /\x01 HTTP/1.1", "GET", "/\x01", 0, 0,
     WS_HTTP_START_LINE | WS_HTTP_CONTROL},
    {"GET \x01/ HTTP/1.1", "GET", "\x01/", 0, 0,
     WS_HTTP_START_LINE | WS_HTTP_CONTROL},
    {"GET /\x7F HTTP/1.1", "GET", "/\x7F", 0, 0,
     WS_HTTP_START_LINE | WS_HTTP_CONTROL},
    {"GET / HTTP/1.1\r", "GET", "/", 0, 0,
     WS_HTTP_START_LINE | WS_HTTP_BARE_CR},
};

static void request_lines_are_strict(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(request_lines); i++) {
    char text[128];
    int len = snprintf(text, sizeof text, "%s\r\n\r\n", request_lines[i].line);
    struct reading r;
    read_head(&r, WS_HTTP_REQUEST,
              (struct ws_slice){(uint8_t *)text, (size_t)len});
    if (r.head.quirks != request_lines[i].quirks) {
      fail_msg("\"%s\": quirks %x", request_lines[i].line,
               (unsigned)r.head.quirks);
    }
    assert_slice(r.head.method, request_lines[i].method);
    assert_slice(r.head.target, request_lines[i].target);
    assert_int_equal(r.head.version_major, request_lines[i].major);
    assert_int_equal(r.head.version_minor, request_lines[i].minor);
    assert_int_equal(r.head.num_fields, 0);
    free(r.data);
  }
}

static const struct {
  const char *line;
  int status;
  const char *reason;
  int major, minor;
  uint32_t quirks;
} status_lines[] = {
    {"HTTP/1.1 101 Switching Protocols", 101, "Switching Protocols", 1, 1, 0},
    {"HTTP/1.1 101 ", 101, "", 1, 1, 0},
    {"HTTP/1.0 400 Bad \tRequest ", 400, "Bad \tRequest ", 1, 0, 0},
    {"HTTP/1.1 000 x", 0, "x", 1, 1, 0},
    {"HTTP/1.1 999 x", 999, "x", 1, 1, 0},
    {"HTTP/1.1 200 \xC3\xA9", 200, "\xC3\xA9", 1, 1, WS_HTTP_NON_ASCII},
    {"HTTP/1.1 200 a\x02", 200, "a\x02", 1, 1, WS_HTTP_CONTROL},
    {"HTTP/1.1 101", 101, "", 0, 0, WS_HTTP_START_LINE},
    {"HTTP/1.1  101 x", 0, "101 x", 0, 0, WS_HTTP_START_LINE},
    {"HTTP/1.1 1010 x", 0, "x", 0, 0, WS_HTTP_START_LINE},
    {"HTTP/1.1 10 x", 0, "x", 0, 0, WS_HTTP_START_LINE},
    {"HTTP/1.1 1a1 x", 0, "x", 0, 0, WS_HTTP_START_LINE},
    {"HTTP/1.1 10: x", 0, "x", 0, 0, WS_HTTP_START_LINE},
    {"HTTP/1.1 +11 x", 0, "x", 0, 0, WS_HTTP_START_LINE},
    {"http/1.1 101 x", 101, "x", 0, 0, WS_HTTP_START_LINE},
    {"HTTP/1.1", 0, "", 0, 0, WS_HTTP_START_LINE},
    {"ICY 200 OK", 200, "OK", 0, 0, WS_HTTP_START_LINE},
    {"", 0, "", 0, 0, WS_HTTP_START_LINE},
};

static void status_lines_are_strict(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(status_lines); i++) {
    char text[128];
    int len = snprintf(text, sizeof text, "%s\r\n\r\n", status_lines[i].line);
    struct reading r;
    read_head(&r, WS_HTTP_RESPONSE,
              (struct ws_slice){(uint8_t *)text, (size_t)len});
    if (r.head.quirks != status_lines[i].quirks) {
      fail_msg("\"%s\": quirks %x", status_lines[i].line,
               (unsigned)r.head.quirks);
    }
    assert_int_equal(r.head.status, status_lines[i].status);
    assert_slice(r.head.reason, status_lines[i].reason);
    assert_int_equal(r.head.version_major, status_lines[i].major);
    assert_int_equal(r.head.version_minor, status_lines[i].minor);
    free(r.data);
  }
}

/* Heads with something behind them, and the length up to their end. */
static const struct {
  struct ws_slice data;
  size_t end; /* 0: not complete */
} ends[] = {
    {OCTETS("GET / HTTP/1.1\r\nA: b\r\n\r\nrest\r\n\r\n"), 24},
    {OCTETS("GET / HTTP/1.1\nA: b\n\nrest"), 21},
    {OCTETS("GET / HTTP/1.1\nA: b\n\r\nrest"), 22},
    {OCTETS("GET / HTTP/1.1\r\nA: b\r\n\nrest"), 23},
    {OCTETS("\r\n\r\n"), 4},
    {OCTETS("\n\n"), 2},
    {OCTETS("\n\r\n"), 3},
    {OCTETS("\r\nGET / HTTP/1.1\r\n\r\n"), 20},
    {OCTETS("a\r\n\r\r\n\r\n"), 8},
    {OCTETS("a\n\rb\n\n"), 6},
    {OCTETS(""), 0},
    {OCTETS("\r\n"), 0},
    {OCTETS("\r\r\r\r"), 0},
    {OCTETS("a\r\n\r"), 0},
    {OCTETS("a\r\n \r\n"), 0},
    {OCTETS("a\r\n\r\r\n"), 0},
    {OCTETS("a\n\r\rb\n"), 0},
};

/* Arriving cut into two and three pieces anywhere, and octet by octet. */
static void the_end_is_found_however_it_arrives(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(ends); i++) {
    struct ws_slice data = ends[i].data;
    size_t end = ends[i].end;
    for (size_t a = 0; a <= data.len; a++) {
      for (size_t b = a; b <= data.len; b++) {
        size_t scanned = 0;
        size_t cuts[] = {a, b, data.len};
        for (size_t j = 0; j < 3; j++) {
          uint8_t *copy = exact_copy(data.data, cuts[j]);
          size_t got = ws_http_head_end(copy, cuts[j], &scanned);
          assert_int_equal(got, end != 0 && cuts[j] >= end ? end : 0);
          assert_true(scanned <= cuts[j]);
          free(copy);
        }
      }
    }
    size_t scanned = 0;
    for (size_t len = 0; len <= data.len; len++) {
      uint8_t *copy = exact_copy(data.data, len);
      size_t got = ws_http_head_end(copy, len, &scanned);
      assert_int_equal(got, end != 0 && len >= end ? end : 0);
      free(copy);
    }
  }
}

/* Octet by octet, at most the last two octets are looked at again: a scan from
 * the beginning would make this 10^12 steps. */
static void scanning_is_linear(void **state) {
  (void)state;
  enum { LEN = 1 << 20 };
  static const char *const units[] = {"a", "\r", "ab\r\n", "\n\ra"};
  uint8_t *data = malloc(LEN);
  assert_non_null(data);
  for (size_t i = 0; i < NUM_OF(units); i++) {
    for (size_t j = 0; j < LEN; j++) {
      data[j] = (uint8_t)units[i][j % strlen(units[i])];
    }
    size_t scanned = 0;
    for (size_t len = 1; len <= LEN; len++) {
      size_t before = scanned;
      bool incomplete = ws_http_head_end(data, len, &scanned) == 0;
      if (!incomplete || scanned < before || scanned + 2 < len) {
        fail_msg("length %zu, scanned %zu", len, scanned);
      }
    }
  }
  free(data);
}

/* No head is too short or too odd to be read safely: every prefix of one with
 * all quirks in it, in both directions. */
static void any_octets_can_be_parsed(void **state) {
  (void)state;
  static const struct ws_slice text =
      OCTETS("\r\nGET /\0 HTTP/1.1\r\n x\r\nA : b\n\tc\r\r\n: d\r\nline\r\n"
             "\xFF: \x01\r\nB:\r\n \r\n\r\n");
  for (size_t len = 0; len <= text.len; len++) {
    for (size_t from = 0; from <= len; from++) {
      struct ws_slice part = {text.data + from, len - from};
      struct reading r;
      read_head(&r, WS_HTTP_REQUEST, part);
      free(r.data);
      read_head(&r, WS_HTTP_RESPONSE, part);
      assert_true((r.head.quirks & WS_HTTP_START_LINE) != 0);
      free(r.data);
    }
  }
  struct reading r;
  ws_http_parse(&r.head, WS_HTTP_REQUEST, NULL, 0, NULL, 0);
  assert_int_equal(r.head.quirks, WS_HTTP_START_LINE);
  ws_http_parse(&r.head, WS_HTTP_RESPONSE, NULL, 0, NULL, 0);
  assert_int_equal(r.head.quirks, WS_HTTP_START_LINE);
  read_head(&r, WS_HTTP_REQUEST, SLICE("x"));
  assert_slice(r.head.start_line, "x");
  free(r.data);
  read_head(&r, WS_HTTP_REQUEST, SLICE("\nx"));
  assert_slice(r.head.start_line, "x");
  free(r.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request_is_read),
      cmocka_unit_test(a_response_is_read),
      cmocka_unit_test(request_lines_are_strict),
      cmocka_unit_test(status_lines_are_strict),
      cmocka_unit_test(the_end_is_found_however_it_arrives),
      cmocka_unit_test(scanning_is_linear),
      cmocka_unit_test(any_octets_can_be_parsed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
