#include "ws/grammar.h"

#include "support.h"

static void tchars_are_those_of_rfc_9110(void **state) {
  (void)state;
  for (unsigned c = 0; c < 256; c++) {
    /* 5.6.2: VCHAR except delimiters: DQUOTE and "(),/:;<=>?@[\]{}". */
    bool tchar =
        c > 0x20 && c < 0x7F && strchr("\"(),/:;<=>?@[\\]{}", (int)c) == NULL;
    uint8_t octet = (uint8_t)c;
    assert_int_equal(ws_is_tchar(octet), tchar);
    assert_int_equal(ws_is_token((struct ws_slice){&octet, 1}), tchar);
  }
  assert_false(ws_is_token((struct ws_slice){NULL, 0}));
  assert_true(ws_is_token(SLICE("permessage-deflate")));
  assert_false(ws_is_token(SLICE("a b")));
  assert_false(ws_is_token(SLICE("ab ")));
  assert_false(ws_is_token(SLICE("ab\0")));
}

static void trimming_takes_spaces_and_tabs_only(void **state) {
  (void)state;
  assert_slice(ws_trim(SLICE("")), "");
  assert_slice(ws_trim((struct ws_slice){NULL, 0}), "");
  assert_slice(ws_trim(SLICE(" \t ")), "");
  assert_slice(ws_trim(SLICE("\t a b \t")), "a b");
  assert_slice(ws_trim(SLICE("a")), "a");
  assert_slice(ws_trim(SLICE("\r\na\v")), "\r\na\v");
}

/* The members of `text`, each followed by "|", to be compared at one glance;
 * read from a block of exact size. */
static void assert_list(const char *text, const char *expected) {
  char joined[256] = "";
  size_t len = 0;
  uint8_t *copy = exact_copy(text, strlen(text));
  struct ws_slice rest = {copy, strlen(text)};
  struct ws_slice member;
  while (ws_list_next(&rest, &member)) {
    assert_true(member.len > 0 && len + member.len + 1 < sizeof joined);
    memcpy(joined + len, member.data, member.len);
    len += member.len;
    joined[len++] = '|';
  }
  joined[len] = '\0';
  assert_string_equal(joined, expected);
  assert_int_equal(rest.len, 0);
  assert_false(ws_list_next(&rest, &member));
  free(copy);
}

static void lists_split_at_unquoted_commas(void **state) {
  (void)state;
  static const struct {
    const char *text, *members;
  } rows[] = {
      {"", ""},
      {"   ", ""},
      {",", ""},
      {" ,\t, ,", ""},
      {"a", "a|"},
      {"a,b", "a|b|"},
      {"  a  ,\tb\t", "a|b|"},
      /* RFC 9110 5.6.1.2: its own examples. */
      {"foo ,bar,", "foo|bar|"},
      {"foo , ,bar,charlie", "foo|bar|charlie|"},
      {",, permessage-deflate ,", "permessage-deflate|"},
      {"a b, c", "a b|c|"},
      {"x; p=\"1,2\", y", "x; p=\"1,2\"|y|"},
      {"\"a\\\",b\",c", "\"a\\\",b\"|c|"},
      {"\"a\\\\\",b", "\"a\\\\\"|b|"},
      {"\"\",b", "\"\"|b|"},
      {"\",\",\",\"", "\",\"|\",\"|"},
      /* A backslash outside quotes means nothing. */
      {"a\\,b", "a\\|b|"},
      /* A quote that is never closed takes the rest. */
      {"a,\"b,c", "a|\"b,c|"},
      {"\"", "\"|"},
      {"\"\\", "\"\\|"},
      {"\"\\\"", "\"\\\"|"},
      {"a\"b,c\"d,e", "a\"b,c\"d|e|"},
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    assert_list(rows[i].text, rows[i].members);
  }
}

static void a_list_without_memory_is_empty(void **state) {
  (void)state;
  struct ws_slice rest = {NULL, 0};
  struct ws_slice member;
  struct ws_extension extension;
  struct ws_param param;
  assert_false(ws_list_next(&rest, &member));
  assert_int_equal(ws_extension_next(&rest, &extension), WS_GRAMMAR_END);
  assert_int_equal(ws_param_next(&rest, &param), WS_GRAMMAR_END);
  assert_false(ws_extensions_valid(rest));
}

/* Appends `text` to a string in a buffer of 256 bytes. */
static void append(char *out, const char *text, size_t len) {
  size_t at = strlen(out);
  assert_true(at + len < 256);
  memcpy(out + at, text, len);
  out[at + len] = '\0';
}

static void append_slice(char *out, struct ws_slice slice) {
  if (slice.len > 0) {
    append(out, (const char *)slice.data, slice.len);
  }
}

/* Writes parameters as " name", " name=value", " name='value'" for a quoted
 * one, and " !" for what is bad. */
static void describe_params(char *out, struct ws_slice params) {
  struct ws_param param;
  enum ws_grammar result;
  while ((result = ws_param_next(&params, &param)) == WS_GRAMMAR_OK) {
    append(out, " ", 1);
    append_slice(out, param.name);
    append(out, "=", param.has_value ? 1 : 0);
    append(out, "'", param.quoted ? 1 : 0);
    append_slice(out, param.value);
    append(out, "'", param.quoted ? 1 : 0);
    assert_int_equal(param.value.len > 0, param.has_value);
  }
  append(out, " !", result == WS_GRAMMAR_BAD ? 2 : 0);
  assert_int_equal(ws_param_next(&params, &param), WS_GRAMMAR_END);
}

static void describe(char *out, struct ws_slice rest) {
  struct ws_extension extension;
  enum ws_grammar result;
  out[0] = '\0';
  while ((result = ws_extension_next(&rest, &extension)) == WS_GRAMMAR_OK) {
    append(out, "[", 1);
    append_slice(out, extension.name);
    describe_params(out, extension.params);
    append(out, "]", 1);
  }
  append(out, "!", result == WS_GRAMMAR_BAD ? 1 : 0);
  assert_int_equal(ws_extension_next(&rest, &extension), WS_GRAMMAR_END);
}

static const struct {
  const char *value, *reading;
} extension_rows[] = {
    {"permessage-deflate", "[permessage-deflate]"},
    {"foo, bar; baz=2", "[foo][bar baz=2]"}, /* RFC 6455 9.1 */
    {"x; a; b=1 ;c = 2;d=\"3\"", "[x a b=1 c=2 d='3']"},
    {"x;a=1;a=2", "[x a=1 a=2]"},
    {"x ; a", "[x a]"},
    {",, permessage-deflate ,", "[permessage-deflate]"},
    {"x; a=\"t\" , y", "[x a='t'][y]"},
    {"x;\ta\t=\t\"t\"\t;b", "[x a='t' b]"},
    {"x; server_max_window_bits=\"10\"", "[x server_max_window_bits='10']"},
    {"~!#$%&'*+-.^_`|", "[~!#$%&'*+-.^_`|]"},
    /* empty */
    {"", ""},
    {",", ""},
    {" , ,\t", ""},
    /* malformed names: the list ends */
    {"perm@ge", "!"},
    {"a b", "!"},
    {"\"q\"", "!"},
    {";;x", "!"},
    {"=1", "!"},
    {"a=1", "!"},
    {"good, b@d, never read", "[good]!"},
    {"x\r\n", "!"},
    {"\xC3\xA9", "!"},
    /* malformed parameters: the extension ends */
    {"permessage-deflate; =1", "[permessage-deflate !]"},
    {"x;;y", "[x !]"},
    {"x;", "[x !]"},
    {"x; ", "[x !]"},
    {"x; a;", "[x a !]"},
    {"x; a; ; b", "[x a !]"},
    {"x; a=", "[x !]"},
    {"x; a=;b", "[x !]"},
    {"x; a==1", "[x !]"},
    {"x; a=1 2", "[x !]"},
    {"x; a b", "[x !]"},
    {"x; a=1=2", "[x !]"},
    {"x; a=(1)", "[x !]"},
    {"x; \"a\"", "[x !]"},
    {"x; a=\"\"", "[x !]"},
    {"x; a=\"1", "[x !]"},
    {"x; a=\"", "[x !]"},
    {"x; a=\"1 2\"", "[x !]"},
    {"x; a=\"1,2\", y", "[x !][y]"},
    {"x; a=\"1\\0\"", "[x !]"},
    {"x; a=\"1\\\"", "[x !]"},
    {"x; a=\"1\\\"\"", "[x !]"},
    {"x; a=\"1\"2", "[x !]"},
    {"x; a=1\"2\"", "[x !]"},
    {"x; b@d, y; ok", "[x !][y ok]"},
};

static void extensions_are_read_or_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(extension_rows); i++) {
    const char *value = extension_rows[i].value;
    const char *reading = extension_rows[i].reading;
    uint8_t *copy = exact_copy(value, strlen(value));
    struct ws_slice slice = {copy, strlen(value)};
    char got[256];
    describe(got, slice);
    if (strcmp(got, reading) != 0) {
      fail_msg("\"%s\": %s, expected %s", value, got, reading);
    }
    bool bad = strstr(reading, "!]") != NULL || strstr(reading, "]!") != NULL ||
               strcmp(reading, "!") == 0;
    assert_int_equal(ws_extensions_valid(slice), !bad && reading[0] != '\0');
    free(copy);
  }
}

static void params_begin_with_a_semicolon(void **state) {
  (void)state;
  struct ws_slice params = SLICE("a=1");
  struct ws_param param;
  assert_int_equal(ws_param_next(&params, &param), WS_GRAMMAR_BAD);
  assert_int_equal(ws_param_next(&params, &param), WS_GRAMMAR_END);
}

/* Every string of up to seven bytes over the characters that mean something:
 * all loops end, nothing reads past the end, and ws_extensions_valid agrees
 * with a reading step by step. */
static void every_short_string_comes_to_an_end(void **state) {
  (void)state;
  static const char letters[] = "a;=,\"\\ ";
  size_t n = sizeof letters - 1;
  size_t num_strings = 1;
  for (size_t len = 1; len <= 7; len++) {
    uint8_t *text = exact_copy("aaaaaaa", len);
    num_strings *= n;
    for (size_t i = 0; i < num_strings; i++) {
      size_t digits = i;
      for (size_t j = 0; j < len; j++) {
        text[j] = (uint8_t)letters[digits % n];
        digits /= n;
      }
      char got[256];
      struct ws_slice slice = {text, len};
      describe(got, slice);
      bool valid = got[0] != '\0' && strchr(got, '!') == NULL;
      if (ws_extensions_valid(slice) != valid) {
        fail_msg("\"%.*s\": %s", (int)len, (char *)text, got);
      }
    }
    free(text);
  }
}

/* A quadratic reading of these 4 MB would take hours. */
static void the_work_is_linear(void **state) {
  (void)state;
  static const char *const units[] = {",", "a,",   "a;b,",       "\"",   ";",
                                      " ", "\"\\", "a;b=\"c\",", "\\\","};
  enum { LEN = 4 << 20 };
  uint8_t *text = malloc(LEN);
  assert_non_null(text);
  for (size_t i = 0; i < NUM_OF(units); i++) {
    for (size_t j = 0; j < LEN; j++) {
      text[j] = (uint8_t)units[i][j % strlen(units[i])];
    }
    struct ws_slice rest = {text, LEN};
    struct ws_slice member;
    size_t num_members = 0;
    while (ws_list_next(&rest, &member)) {
      num_members++;
    }
    assert_true(num_members <= LEN / 2);
    bool valid = ws_extensions_valid((struct ws_slice){text, LEN});
    assert_int_equal(valid, units[i][0] == 'a');
  }
  /* One extension with a million parameters. */
  for (size_t j = 0; j < LEN; j++) {
    text[j] = (uint8_t) "a;"[j % 2];
  }
  assert_true(ws_extensions_valid((struct ws_slice){text, LEN - 1}));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tchars_are_those_of_rfc_9110),
      cmocka_unit_test(trimming_takes_spaces_and_tabs_only),
      cmocka_unit_test(lists_split_at_unquoted_commas),
      cmocka_unit_test(a_list_without_memory_is_empty),
      cmocka_unit_test(extensions_are_read_or_refused),
      cmocka_unit_test(params_begin_with_a_semicolon),
      cmocka_unit_test(every_short_string_comes_to_an_end),
      cmocka_unit_test(the_work_is_linear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
