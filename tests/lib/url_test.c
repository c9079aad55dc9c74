#include "ws/url.h"

#include "support.h"
#include "ws/handshake.h"

static enum ws_url_error parse(struct ws_url *url, const char *text) {
  size_t len = strlen(text);
  uint8_t *copy = exact_copy(text, len);
  enum ws_url_error error = ws_url_parse(url, (const char *)copy, len);
  free(copy);
  return error;
}

/* Every URL that parses has these. */
static void assert_sound(const struct ws_url *url) {
  char text[WS_URL_MAX];
  size_t len = ws_url_write(text, sizeof text, url);
  assert_in_range(len, 1, sizeof text - 1);
  assert_int_equal(strlen(text), len);
  assert_int_not_equal(url->port, 0);
  assert_int_equal(url->target[0], '/');
  struct ws_request_options options = {.target = url->target,
                                       .host = url->authority};
  size_t request_len;
  assert_int_equal(ws_request_write(NULL, 0, &request_len, &options,
                                    "dGhlIHNhbXBsZSBub25jZQ=="),
                   WS_ERR_LIMIT);
  struct ws_url again;
  char text_again[WS_URL_MAX];
  assert_int_equal(ws_url_parse(&again, text, len), WS_URL_OK);
  assert_int_equal(ws_url_write(text_again, sizeof text_again, &again), len);
  assert_string_equal(text_again, text);
  assert_string_equal(again.host, url->host);
  assert_string_equal(again.target, url->target);
  assert_int_equal(again.port, url->port);
  assert_int_equal(again.secure, url->secure);
}

struct row {
  const char *text;
  const char *written; /* NULL: `error` */
  enum ws_url_error error;
};

static void check_rows(const struct row *rows, size_t num_rows) {
  for (size_t i = 0; i < num_rows; i++) {
    struct ws_url url;
    enum ws_url_error error = parse(&url, rows[i].text);
    if (error != rows[i].error) {
      fail_msg("%s: %d, expected %d", rows[i].text, (int)error,
               (int)rows[i].error);
    }
    if (error == WS_URL_OK) {
      char written[WS_URL_MAX];
      ws_url_write(written, sizeof written, &url);
      assert_string_equal(written, rows[i].written);
      assert_sound(&url);
    }
  }
}

#define OK(text, written)                                                      \
  { text, written, WS_URL_OK }
#define BAD(text, error)                                                       \
  { text, NULL, error }

/* 6455-3-03, WHATWG-ctor-01, WHATWG-ctor-02, WHATWG-ctor-03 */
static void schemes(void **state) {
  (void)state;
  static const struct row rows[] = {
      OK("ws://h", "ws://h/"),         OK("wss://h", "wss://h/"),
      OK("WSS://h/", "wss://h/"),      OK("wS://h/", "ws://h/"),
      OK("http://h/x", "ws://h/x"),    OK("HTTPS://h:443/x", "wss://h/x"),
      OK("ws:h", "ws://h/"),           OK("ws:/h/a", "ws://h/a"),
      OK("ws:////h/a", "ws://h/a"),    OK("ws:\\\\h\\a", "ws://h/a"),
      OK("ws:/\\/\\h", "ws://h/"),     BAD("", WS_URL_SYNTAX),
      BAD("h", WS_URL_SYNTAX),         BAD("//h/", WS_URL_SYNTAX),
      BAD("/a", WS_URL_SYNTAX),        BAD("://h/", WS_URL_SYNTAX),
      BAD("1ws://h/", WS_URL_SYNTAX),  BAD("w s://h/", WS_URL_SYNTAX),
      BAD("ws", WS_URL_SYNTAX),        BAD("ws%3A//h", WS_URL_SYNTAX),
      BAD("ftp://h/", WS_URL_SCHEME),  BAD("w://h/", WS_URL_SCHEME),
      BAD("wsss://h/", WS_URL_SCHEME), BAD("w-1.s+x://h/", WS_URL_SCHEME),
      BAD("file:///h", WS_URL_SCHEME),
  };
  check_rows(rows, NUM_OF(rows));
}

static void white_space(void **state) {
  (void)state;
  static const struct row rows[] = {
      OK(" ws://h/a ", "ws://h/a"),
      OK("\x01\x1F ws://h/a\n\r\t\x02", "ws://h/a"),
      OK("w\ts:\r/\n/h\t1x/\ta\nb?\rc", "ws://h1x/ab?c"),
      OK("ws://h:8\n0\t8/", "ws://h:808/"),
      OK("ws://h/.\t./a", "ws://h/a"),
      OK("ws://h/%\n2e/a", "ws://h/a"),
      OK("ws://h/a b", "ws://h/a%20b"),
      BAD("ws://h h/", WS_URL_HOST),
      BAD("ws:// h/", WS_URL_HOST),
      BAD("ws://h:8 0/", WS_URL_PORT),
      BAD(" \t\n ", WS_URL_SYNTAX),
  };
  check_rows(rows, NUM_OF(rows));
}

/* 6455-3-06, 6455-3-07, WHATWG-ctor-04 */
static void fragments_and_users(void **state) {
  (void)state;
  static const struct row rows[] = {
      BAD("ws://h/#", WS_URL_FRAGMENT),     BAD("ws://h#", WS_URL_FRAGMENT),
      BAD("ws://h/a?b#c", WS_URL_FRAGMENT), OK("ws://h/a%23b", "ws://h/a%23b"),
      OK("ws://h/?%23", "ws://h/?%23"),     BAD("ws://u@h/", WS_URL_USER),
      BAD("ws://u:p@h/", WS_URL_USER),      BAD("ws://@h/", WS_URL_USER),
      BAD("ws://a@b@h/", WS_URL_USER),      BAD("ws://h:80@/", WS_URL_USER),
      OK("ws://h/@", "ws://h/@"),           OK("ws://h/?u@h", "ws://h/?u@h"),
      OK("ws://h\\@x", "ws://h/@x"),
  };
  check_rows(rows, NUM_OF(rows));
}

static void names(void **state) {
  (void)state;
  static const struct row rows[] = {
      OK("ws://EXAMPLE.Com/", "ws://example.com/"),
      OK("ws://ex%41mple/", "ws://example/"),
      OK("ws://h%2e%2Dx/", "ws://h.-x/"),
      OK("ws://XN--Nxasmq6b.EXAMPLE/", "ws://xn--nxasmq6b.example/"),
      OK("ws://a_b~!$&'()*+,;=/", "ws://a_b~!$&'()*+,;=/"),
      OK("ws://example.com./", "ws://example.com./"),
      OK("ws://./", "ws://./"),
      OK("ws://a..b/", "ws://a..b/"),
      OK("ws://1.a/", "ws://1.a/"),
      OK("ws://0xg/", "ws://0xg/"),
      OK("ws://1../", "ws://1../"),
      BAD("ws://", WS_URL_HOST),
      BAD("ws:///", WS_URL_HOST),
      BAD("ws://?x", WS_URL_HOST),
      BAD("ws://:80/", WS_URL_HOST),
      BAD("ws://h%/", WS_URL_HOST),
      BAD("ws://h%2/", WS_URL_HOST),
      BAD("ws://h%zz/", WS_URL_HOST),
      BAD("ws://h%20/", WS_URL_HOST),
      BAD("ws://h%00/", WS_URL_HOST),
      BAD("ws://h%25/", WS_URL_HOST),
      BAD("ws://h%2F/", WS_URL_HOST),
      BAD("ws://h%3a80/", WS_URL_HOST),
      BAD("ws://h%7F/", WS_URL_HOST),
      BAD("ws://h%C3%A9/", WS_URL_HOST),
      BAD("ws://h\xC3\xA9/", WS_URL_HOST),
      BAD("ws://a<b/", WS_URL_HOST),
      BAD("ws://a>b/", WS_URL_HOST),
      BAD("ws://a^b/", WS_URL_HOST),
      BAD("ws://a|b/", WS_URL_HOST),
      BAD("ws://a\"b/", WS_URL_HOST),
      BAD("ws://a`b/", WS_URL_HOST),
      BAD("ws://a{b/", WS_URL_HOST),
      BAD("ws://a%7Db/", WS_URL_HOST),
      BAD("ws://a[b/", WS_URL_HOST),
      BAD("ws://a]b/", WS_URL_HOST),
      BAD("ws://a\x01"
          "b/",
          WS_URL_HOST),
  };
  check_rows(rows, NUM_OF(rows));
}

static void ipv4(void **state) {
  (void)state;
  static const struct row rows[] = {
      OK("ws://127.0.0.1/", "ws://127.0.0.1/"),
      OK("ws://127.0.0.1./", "ws://127.0.0.1/"),
      OK("ws://127.1/", "ws://127.0.0.1/"),
      OK("ws://127.0.1/", "ws://127.0.0.1/"),
      OK("ws://0x7f.1/", "ws://127.0.0.1/"),
      OK("ws://0X7F.0x1/", "ws://127.0.0.1/"),
      OK("ws://0177.0.0.01/", "ws://127.0.0.1/"),
      OK("ws://2130706433/", "ws://127.0.0.1/"),
      OK("ws://0x7f000001/", "ws://127.0.0.1/"),
      OK("ws://017700000001/", "ws://127.0.0.1/"),
      OK("ws://%31%32%37.1/", "ws://127.0.0.1/"),
      OK("ws://4294967295/", "ws://255.255.255.255/"),
      OK("ws://1.16777215/", "ws://1.255.255.255/"),
      OK("ws://1.2.65535/", "ws://1.2.255.255/"),
      OK("ws://0/", "ws://0.0.0.0/"),
      OK("ws://0x/", "ws://0.0.0.0/"),
      OK("ws://0x./", "ws://0.0.0.0/"),
      OK("ws://00000000000000000000001/", "ws://0.0.0.1/"),
      OK("ws://192.168.10.200:8080/", "ws://192.168.10.200:8080/"),
      BAD("ws://4294967296/", WS_URL_HOST),
      BAD("ws://18446744073709551617/", WS_URL_HOST),
      BAD("ws://0xffffffffffffffffffffff/", WS_URL_HOST),
      BAD("ws://1.16777216/", WS_URL_HOST),
      BAD("ws://1.2.65536/", WS_URL_HOST),
      BAD("ws://1.2.3.256/", WS_URL_HOST),
      BAD("ws://256.1/", WS_URL_HOST),
      BAD("ws://4294967297.1/", WS_URL_HOST),
      BAD("ws://1.2.3.4.5/", WS_URL_HOST),
      BAD("ws://1..2/", WS_URL_HOST),
      BAD("ws://.1/", WS_URL_HOST),
      BAD("ws://09/", WS_URL_HOST),
      BAD("ws://a.b.1/", WS_URL_HOST),
      BAD("ws://a.0x1/", WS_URL_HOST),
      BAD("ws://a.09./", WS_URL_HOST),
      BAD("ws://-1.2/", WS_URL_HOST),
  };
  check_rows(rows, NUM_OF(rows));
}

static void ipv6(void **state) {
  (void)state;
  static const struct row rows[] = {
      OK("ws://[::1]/", "ws://[::1]/"),
      OK("ws://[::]/", "ws://[::]/"),
      OK("ws://[1::]/", "ws://[1::]/"),
      OK("ws://[2001:DB8:0:0:1:0:0:1]/", "ws://[2001:db8::1:0:0:1]/"),
      OK("ws://[1:0:0:2:0:0:0:3]/", "ws://[1:0:0:2::3]/"),
      OK("ws://[0001:0:02:003:4:5:6:0]/", "ws://[1:0:2:3:4:5:6:0]/"),
      OK("ws://[1:2:3:4:5:6:7::]/", "ws://[1:2:3:4:5:6:7:0]/"),
      OK("ws://[::2:3:4:5:6:7:8]/", "ws://[0:2:3:4:5:6:7:8]/"),
      OK("ws://[1:2:3:4:5:6:7:8]/", "ws://[1:2:3:4:5:6:7:8]/"),
      OK("ws://[0:0:0:0:0:0:0:0]/", "ws://[::]/"),
      OK("ws://[1:0:0:0:0:0:0:0]/", "ws://[1::]/"),
      OK("ws://[fe80:0:0:1::]/", "ws://[fe80:0:0:1::]/"),
      OK("ws://[::ffff:192.0.2.33]/", "ws://[::ffff:c000:221]/"),
      OK("ws://[::127.0.0.1]:8080/", "ws://[::7f00:1]:8080/"),
      OK("ws://[1:2:3:4:5:6:7.8.9.10]/", "ws://[1:2:3:4:5:6:708:90a]/"),
      OK("wss://[::1]:443/", "wss://[::1]/"),
      BAD("ws://[]/", WS_URL_HOST),
      BAD("ws://[/", WS_URL_HOST),
      BAD("ws://[", WS_URL_HOST),
      BAD("ws://[:/", WS_URL_HOST),
      BAD("ws://[:]/", WS_URL_HOST),
      BAD("ws://[::1", WS_URL_HOST),
      BAD("ws://[::1]x/", WS_URL_HOST),
      BAD("ws://::1/", WS_URL_HOST),
      BAD("ws://%5B::1%5D/", WS_URL_HOST),
      BAD("ws://[:1:2:3:4:5:6:7]/", WS_URL_HOST),
      BAD("ws://[1:2:3:4:5:6:7:]/", WS_URL_HOST),
      BAD("ws://[:::]/", WS_URL_HOST),
      BAD("ws://[1:::2]/", WS_URL_HOST),
      BAD("ws://[1::2::3]/", WS_URL_HOST),
      BAD("ws://[1:2:3:4:5:6:7]/", WS_URL_HOST),
      BAD("ws://[1:2:3:4:5:6:7:8:9]/", WS_URL_HOST),
      BAD("ws://[1:2:3:4:5:6:7:8::]/", WS_URL_HOST),
      BAD("ws://[1::2:3:4:5:6:7:8]/", WS_URL_HOST),
      BAD("ws://[12345::]/", WS_URL_HOST),
      BAD("ws://[g::]/", WS_URL_HOST),
      BAD("ws://[::1%25eth0]/", WS_URL_HOST),
      BAD("ws://[1.2.3.4]/", WS_URL_HOST),
      BAD("ws://[::1.2.3]/", WS_URL_HOST),
      BAD("ws://[::1.2.3.4.5]/", WS_URL_HOST),
      BAD("ws://[::1.2.3.256]/", WS_URL_HOST),
      BAD("ws://[::1.2.3.]/", WS_URL_HOST),
      BAD("ws://[::01.2.3.4]/", WS_URL_HOST),
      BAD("ws://[::1f.2.3.4]/", WS_URL_HOST),
      BAD("ws://[::.2.3.4]/", WS_URL_HOST),
      BAD("ws://[::1.2.3.4:5]/", WS_URL_HOST),
      BAD("ws://[1:2:3:4:5:6:7:8.9.10.11]/", WS_URL_HOST),
  };
  check_rows(rows, NUM_OF(rows));
}

/* 6455-3-02, 6455-4.1-03, 6455-4.1-04 */
static void ports(void **state) {
  (void)state;
  static const struct row rows[] = {
      OK("ws://h:80/", "ws://h/"),
      OK("ws://h:443/", "ws://h:443/"),
      OK("wss://h:443/", "wss://h/"),
      OK("wss://h:80/", "wss://h:80/"),
      OK("ws://h:/", "ws://h/"),
      OK("ws://h:", "ws://h/"),
      OK("ws://h:00080", "ws://h/"),
      OK("ws://h:0000000000065535?x", "ws://h:65535/?x"),
      OK("ws://h:1\\x", "ws://h:1/x"),
      BAD("ws://h:65536/", WS_URL_PORT),
      BAD("ws://h:99999999999999999999999/", WS_URL_PORT),
      BAD("ws://h:0/", WS_URL_PORT),
      BAD("ws://h:000/", WS_URL_PORT),
      BAD("ws://h:-1/", WS_URL_PORT),
      BAD("ws://h:+1/", WS_URL_PORT),
      BAD("ws://h:8a/", WS_URL_PORT),
      BAD("ws://h:%38/", WS_URL_PORT),
      BAD("ws://h:80:80/", WS_URL_PORT),
      BAD("ws://[::1]:x/", WS_URL_PORT),
  };
  check_rows(rows, NUM_OF(rows));
}

/* 6455-3-01, 6455-3-04, 6455-3-05, WHATWG-obtain-01, WHATWG-attrs-01 */
static void paths_and_queries(void **state) {
  (void)state;
  static const struct row rows[] = {
      OK("ws://H:80/a/../b", "ws://h/b"),
      OK("ws://h?q=1", "ws://h/?q=1"),
      OK("ws://h?", "ws://h/?"),
      OK("ws://h/p?", "ws://h/p?"),
      OK("ws://h/p??", "ws://h/p??"),
      OK("ws://h/.", "ws://h/"),
      OK("ws://h/..", "ws://h/"),
      OK("ws://h/../../a", "ws://h/a"),
      OK("ws://h/a/.", "ws://h/a/"),
      OK("ws://h/a/..", "ws://h/"),
      OK("ws://h/a/b/..", "ws://h/a/"),
      OK("ws://h/a/b/../", "ws://h/a/"),
      OK("ws://h/a/./b", "ws://h/a/b"),
      OK("ws://h/a/b/../../c", "ws://h/c"),
      OK("ws://h//a/../b", "ws://h//b"),
      OK("ws://h//..//a", "ws://h//a"),
      OK("ws://h/a//", "ws://h/a//"),
      OK("ws://h/a\\..\\b\\c", "ws://h/b/c"),
      OK("ws://h/%2e/a/%2E%2e/b", "ws://h/b"),
      OK("ws://h/a/.%2e/b", "ws://h/b"),
      OK("ws://h/a/%2E./b", "ws://h/b"),
      OK("ws://h/a/...", "ws://h/a/..."),
      OK("ws://h/a/%2e%2e%2e", "ws://h/a/%2e%2e%2e"),
      OK("ws://h/a/..b", "ws://h/a/..b"),
      OK("ws://h/a/%2", "ws://h/a/%2"),
      OK("ws://h/a?b/../c\\d", "ws://h/a?b/../c\\d"),
      OK("ws://h/..?/..", "ws://h/?/.."),
      OK("ws://h/a;b=1?x=y&z=%20", "ws://h/a;b=1?x=y&z=%20"),
      OK("ws://h/a/b%20c?d=e%26f", "ws://h/a/b%20c?d=e%26f"),
      OK("ws://h/%zz%", "ws://h/%zz%"),
      OK("ws://h/%41", "ws://h/%41"),
      OK("ws://h/ \"<>^`{}|'[]?a", "ws://h/%20%22%3C%3E%5E%60%7B%7D|'[]?a"),
      OK("ws://h/? \"<>'^`{}|[]", "ws://h/?%20%22%3C%3E%27^`{}|[]"),
      OK("ws://h/\xC3\xA9?\xE2\x82\xAC", "ws://h/%C3%A9?%E2%82%AC"),
      OK("ws://h/\x01\x7F?\x1F\x7F", "ws://h/%01%7F?%1F%7F"),
      OK("ws://h/\xFF", "ws://h/%FF"),
  };
  check_rows(rows, NUM_OF(rows));
}

static void the_parts_are_for_their_users(void **state) {
  (void)state;
  struct ws_url url;
  assert_int_equal(parse(&url, "https://[::0:1]:8443/a?"), WS_URL_OK);
  assert_true(url.secure);
  assert_string_equal(url.host, "::1");
  assert_int_equal(url.port, 8443);
  assert_string_equal(url.authority, "[::1]:8443");
  assert_string_equal(url.target, "/a");
  assert_true(url.empty_query);
  assert_int_equal(parse(&url, "ws://Example?x"), WS_URL_OK);
  assert_false(url.secure);
  assert_string_equal(url.host, "example");
  assert_int_equal(url.port, 80);
  assert_string_equal(url.authority, "example");
  assert_string_equal(url.target, "/?x");
  assert_false(url.empty_query);
}

static void a_url_that_does_not_parse_fills_nothing(void **state) {
  (void)state;
  static const char *const texts[] = {"ws://h:0/a", "ws://u@h", "ws://h/#", "x",
                                      "ws://[::g]/"};
  for (size_t i = 0; i < NUM_OF(texts); i++) {
    struct ws_url url;
    struct ws_url before;
    memset(&url, 0x5A, sizeof url);
    memset(&before, 0x5A, sizeof before);
    assert_int_not_equal(parse(&url, texts[i]), WS_URL_OK);
    assert_memory_equal(&url, &before, sizeof url);
  }
}

static void origins(void **state) {
  (void)state;
  static const char *const rows[][2] = {
      {"ws://H:80/a?b", "ws://h"},
      {"wss://h:8443/a", "wss://h:8443"},
      {"https://[::1]/", "wss://[::1]"},
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    struct ws_url url;
    char origin[64];
    assert_int_equal(parse(&url, rows[i][0]), WS_URL_OK);
    assert_int_equal(ws_url_write_origin(origin, sizeof origin, &url),
                     strlen(rows[i][1]));
    assert_string_equal(origin, rows[i][1]);
  }
}

static void writing_needs_room_for_the_nul(void **state) {
  (void)state;
  struct ws_url url;
  assert_int_equal(parse(&url, "ws://h/a"), WS_URL_OK);
  char *out = malloc(9);
  assert_non_null(out);
  for (size_t cap = 0; cap <= 9; cap++) {
    memset(out, 'x', 9);
    assert_int_equal(ws_url_write(cap == 0 ? NULL : out, cap, &url), 8);
    assert_string_equal(cap == 9 ? out : "ws://h/a", "ws://h/a");
    assert_int_equal(cap == 9 ? 'x' : out[cap], 'x');
  }
  free(out);
}

/* "prefix" + `len` times 'a' + "suffix". */
static enum ws_url_error parse_long(struct ws_url *url, const char *prefix,
                                    const char *fill, size_t num,
                                    const char *suffix) {
  size_t fill_len = strlen(fill);
  size_t cap = strlen(prefix) + num * fill_len + strlen(suffix);
  char *text = malloc(cap + 1);
  assert_non_null(text);
  size_t len = strlen(prefix);
  memcpy(text, prefix, len);
  for (size_t i = 0; i < num; i++, len += fill_len) {
    memcpy(text + len, fill, fill_len);
  }
  memcpy(text + len, suffix, strlen(suffix));
  uint8_t *copy = exact_copy(text, cap);
  enum ws_url_error error = ws_url_parse(url, (const char *)copy, cap);
  free(copy);
  free(text);
  if (error == WS_URL_OK) {
    assert_sound(url);
  }
  return error;
}

static void lengths_at_the_limits(void **state) {
  (void)state;
  struct ws_url url;
  size_t host = WS_URL_HOST_MAX - 1;
  assert_int_equal(parse_long(&url, "ws://", "a", host, ":65535/"), WS_URL_OK);
  assert_int_equal(strlen(url.host), host);
  assert_int_equal(strlen(url.authority), host + 6);
  assert_int_equal(parse_long(&url, "ws://", "a", host + 1, ""),
                   WS_URL_TOO_LONG);
  assert_int_equal(parse_long(&url, "ws://", "%61", host, ""), WS_URL_OK);
  assert_int_equal(parse_long(&url, "ws://", "%61", host + 1, ""),
                   WS_URL_TOO_LONG);
  size_t path = WS_URL_MAX - 1 - strlen("ws://h/");
  assert_int_equal(parse_long(&url, "ws://h/", "a", path, ""), WS_URL_OK);
  assert_int_equal(parse_long(&url, "ws://h/", "a", path + 1, ""),
                   WS_URL_TOO_LONG);
  assert_int_equal(parse_long(&url, "ws:h/", "a", path, ""), WS_URL_OK);
  assert_int_equal(parse_long(&url, "ws:h/", "a", path + 1, ""),
                   WS_URL_TOO_LONG);
  assert_int_equal(parse_long(&url, "ws:h?", "a", path - 1, ""), WS_URL_OK);
  assert_int_equal(parse_long(&url, "ws:h?", "a", path, ""), WS_URL_TOO_LONG);
  assert_int_equal(parse_long(&url, "ws://h/", "\xFF", path / 3, ""),
                   WS_URL_OK);
  assert_int_equal(parse_long(&url, "ws://h/", "\xFF", path / 3 + 1, ""),
                   WS_URL_TOO_LONG);
  assert_int_equal(parse_long(&url, "ws://h/", "\xFF", path, ""),
                   WS_URL_TOO_LONG);
  assert_int_equal(parse_long(&url, "ws://h/", "a", path, "/../b"),
                   WS_URL_TOO_LONG);
  assert_int_equal(parse_long(&url, "ws://h/", "../", 2000, "b"), WS_URL_OK);
  assert_string_equal(url.target, "/b");
  assert_int_equal(parse_long(&url, "ws://h/", "\t", 100000, "b"), WS_URL_OK);
  assert_string_equal(url.target, "/b");
  assert_int_equal(parse_long(&url, "ws:", "/", 100000, "h"), WS_URL_TOO_LONG);
}

static const char *const samples[] = {
    "wss://Example.com:8443/a/%2e%2E/b c?d='e'&f=%zz",
    "http://0x7f.0.1:00080\\a\\..\\b",
    "ws://[2001:db8::ffff:192.0.2.33]:81/?",
};

/* Parses from a block of exactly `len` bytes. */
static void try_octets(const char *data, size_t len) {
  uint8_t *copy = exact_copy(data, len);
  struct ws_url url;
  enum ws_url_error error = ws_url_parse(&url, (const char *)copy, len);
  free(copy);
  if (error == WS_URL_OK) {
    assert_sound(&url);
  }
  assert_true(strlen(ws_url_error_text(error)) > 0);
}

static void every_truncation(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(samples); i++) {
    for (size_t len = 0; len <= strlen(samples[i]); len++) {
      try_octets(samples[i], len);
    }
  }
}

static void every_byte_in_every_place(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(samples); i++) {
    char text[128];
    size_t len = strlen(samples[i]);
    for (size_t at = 0; at < len; at++) {
      memcpy(text, samples[i], len);
      for (unsigned c = 0; c < 256; c++) {
        text[at] = (char)c;
        try_octets(text, len);
      }
    }
  }
}

/* Words of the grammar in random order reach what single octets do not. */
static void random_words(void **state) {
  (void)state;
  static const char *const words[] = {
      "ws:", "http://", "//", "/",    "\\", "..", ".",  "%2e", "%",
      "?",   "[",       "]",  ":",    "::", "1",  "08", "0x",  "255",
      ".1",  "a",       "-",  "\xC3", "\t", " ",  "@",  "#",   "ffff"};
  uint64_t random = 42;
  size_t num_ok = 0;
  for (size_t i = 0; i < 30000; i++) {
    char text[128] = "ws://";
    size_t num = (size_t)(next_random(&random) % 9);
    for (size_t j = 0; j < num; j++) {
      strcat(text, words[next_random(&random) % NUM_OF(words)]);
    }
    struct ws_url url;
    num_ok += parse(&url, text) == WS_URL_OK;
    try_octets(text, strlen(text));
  }
  assert_in_range(num_ok, 1000, 29000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(schemes),
      cmocka_unit_test(white_space),
      cmocka_unit_test(fragments_and_users),
      cmocka_unit_test(names),
      cmocka_unit_test(ipv4),
      cmocka_unit_test(ipv6),
      cmocka_unit_test(ports),
      cmocka_unit_test(paths_and_queries),
      cmocka_unit_test(the_parts_are_for_their_users),
      cmocka_unit_test(a_url_that_does_not_parse_fills_nothing),
      cmocka_unit_test(origins),
      cmocka_unit_test(writing_needs_room_for_the_nul),
      cmocka_unit_test(lengths_at_the_limits),
      cmocka_unit_test(every_truncation),
      cmocka_unit_test(every_byte_in_every_place),
      cmocka_unit_test(random_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
