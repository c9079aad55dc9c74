#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "url.h"

static const struct {
  const char *text;
  const char *host;
  uint16_t port;
  const char *authority;
  const char *path;
} good[] = {
    {"ws://example.com", "example.com", 80, "example.com", "/"},
    {"ws://example.com/", "example.com", 80, "example.com", "/"},
    {"WS://Example.com/Chat", "Example.com", 80, "Example.com", "/Chat"},
    {"ws://example.com:80/", "example.com", 80, "example.com", "/"},
    {"ws://example.com:9001/a/b?x=1&y=2", "example.com", 9001,
     "example.com:9001", "/a/b?x=1&y=2"},
    /* RFC 6455 3: the resource name is "/" when the path is empty, then the
     * query */
    {"ws://example.com?x=1", "example.com", 80, "example.com", "/?x=1"},
    {"ws://example.com:1?x=a:b@c", "example.com", 1, "example.com:1",
     "/?x=a:b@c"},
    {"ws://127.0.0.1:65535", "127.0.0.1", 65535, "127.0.0.1:65535", "/"},
    {"ws://[::1]/", "::1", 80, "[::1]", "/"},
    {"ws://[2001:db8::7]:8080/x", "2001:db8::7", 8080, "[2001:db8::7]:8080",
     "/x"},
    {"ws://h/%20%C3%A9", "h", 80, "h", "/%20%C3%A9"},
};

static void test_good(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    struct wsc_url url;
    const char *why = NULL;
    assert_true(wsc_url_parse(good[i].text, &url, &why));
    assert_string_equal(url.host, good[i].host);
    assert_int_equal(url.port, good[i].port);
    assert_string_equal(url.authority, good[i].authority);
    assert_string_equal(url.path, good[i].path);
  }
}

#define PORT "the port is not a number from 1 to 65535"
#define HOST "the host is empty or too long"

static const struct {
  const char *text;
  const char *why;
} bad[] = {
    {"", "it must begin with ws://"},
    {"http://example.com/", "it must begin with ws://"},
    {"example.com", "it must begin with ws://"},
    {"wss://example.com/",
     "this version tests ws:// only, TLS is not built in yet"},
    {"https://example.com/",
     "this version tests ws:// only, TLS is not built in yet"},
    {"ws://example.com/#x", "it must not have a fragment ('#')"},
    {"ws://example.com/a b", "it has characters that must be percent-encoded"},
    {"ws://example.com/\r\nX: y",
     "it has characters that must be percent-encoded"},
    {"ws://ex\xC3\xA4mple.com/",
     "it has characters that must be percent-encoded"},
    {"ws:///", HOST},
    {"ws://:80/", HOST},
    {"ws://[]/", HOST},
    {"ws://[::1/", "the bracket of the IPv6 address is not closed"},
    {"ws://[::1]x/", PORT},
    {"ws://h:0/", PORT},
    {"ws://h:65536/", PORT},
    {"ws://h:99999999999999999999/", PORT},
    {"ws://h:-1/", PORT},
    {"ws://h:+80/", PORT},
    {"ws://h:80x/", PORT},
    {"ws://h:/", PORT},
    {"ws://h:80:80/", PORT},
    {"ws://user@h/", "it must not have user information"},
    {"ws://user:secret@h/", "it must not have user information"},
};

static void test_bad(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct wsc_url url;
    const char *why = NULL;
    assert_false(wsc_url_parse(bad[i].text, &url, &why));
    assert_string_equal(why, bad[i].why);
  }
}

/* The longest that fits, and one more. */
static void test_lengths(void **state) {
  (void)state;
  struct wsc_url url;
  const char *why = NULL;
  char text[4096] = "ws://";
  memset(text + 5, 'h', 255);
  strcpy(text + 5 + 255, ":12345/");
  assert_true(wsc_url_parse(text, &url, &why));
  assert_int_equal(strlen(url.authority), 255 + 6);
  memset(text + 5, 'h', 256);
  strcpy(text + 5 + 256, "/");
  assert_false(wsc_url_parse(text, &url, &why));
  assert_string_equal(why, HOST);
  strcpy(text, "ws://h/");
  memset(text + 7, 'p', 2046);
  text[7 + 2046] = '\0';
  assert_true(wsc_url_parse(text, &url, &why));
  assert_int_equal(strlen(url.path), 2047);
  strcat(text, "p");
  assert_false(wsc_url_parse(text, &url, &why));
  assert_string_equal(why, "the path is too long");
}

static void test_is(void **state) {
  (void)state;
  assert_true(wsc_url_is("ws://h/"));
  assert_true(wsc_url_is("http://h/"));
  assert_false(wsc_url_is("frag.*"));
  assert_false(wsc_url_is("req:6455-5.4*"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good),
      cmocka_unit_test(test_bad),
      cmocka_unit_test(test_lengths),
      cmocka_unit_test(test_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
