/* Contexts: files and values that are wrong, by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tls_support.h"

#define OFFSET(member) offsetof(struct tls_certs, member)
#define NONE           SIZE_MAX

static const struct {
  bool server;
  size_t cert, key, ca; /* offsets in struct tls_certs */
  const char *said;     /* "%s" stands for the file `named`; NULL: it is good */
  size_t named;
} rows[] = {
    {false, NONE, NONE, NONE, NULL, 0},
    {false, NONE, NONE, OFFSET(ca), NULL, 0},
    {false, OFFSET(client), NONE, OFFSET(ca), NULL, 0},
    {false, OFFSET(good_cert), OFFSET(good_key), NONE, NULL, 0},
    {true, OFFSET(good), NONE, NONE, NULL, 0},
    {true, OFFSET(good_cert), OFFSET(good_key), OFFSET(ca), NULL, 0},
    {true, NONE, NONE, NONE, "a server needs a certificate", 0},
    {true, NONE, OFFSET(good_key), NONE, "a server needs a certificate", 0},
    {false, NONE, OFFSET(good_key), NONE, "%s: a key without a certificate",
     OFFSET(good_key)},
    {true, OFFSET(absent), NONE, NONE,
     "cannot read %s: No such file or directory", OFFSET(absent)},
    {true, OFFSET(dir), NONE, NONE, "%s: no certificate in PEM", OFFSET(dir)},
    {true, OFFSET(empty), NONE, NONE, "%s: no certificate in PEM",
     OFFSET(empty)},
    {true, OFFSET(good_key), NONE, NONE, "%s: no certificate in PEM",
     OFFSET(good_key)},
    {true, OFFSET(good_cert), NONE, NONE, "%s: no private key in PEM",
     OFFSET(good_cert)},
    {true, OFFSET(good), OFFSET(absent), NONE,
     "cannot read %s: No such file or directory", OFFSET(absent)},
    {true, OFFSET(good), OFFSET(empty), NONE, "%s: no private key in PEM",
     OFFSET(empty)},
    {true, OFFSET(good), OFFSET(locked_key), NONE,
     "%s: the key is protected by a passphrase", OFFSET(locked_key)},
    {true, OFFSET(good), OFFSET(named), NONE,
     "%s: the key does not belong to the certificate in ", OFFSET(named)},
    {false, NONE, NONE, OFFSET(absent),
     "cannot read %s: No such file or directory", OFFSET(absent)},
    {false, NONE, NONE, OFFSET(empty), "%s: no certificate in PEM",
     OFFSET(empty)},
    {true, OFFSET(good), NONE, OFFSET(good_key), "%s: no certificate in PEM",
     OFFSET(good_key)},
};

static const char *path_at(const struct tls_world *world, size_t offset) {
  return offset == NONE ? NULL : (const char *)world->certs + offset;
}

static void test_files(void **state) {
  const struct tls_world *world = *state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct ws_tls_options options = {.cert_file = path_at(world, rows[i].cert),
                                     .key_file = path_at(world, rows[i].key),
                                     .ca_file = path_at(world, rows[i].ca)};
    char text[WS_TLS_TEXT_MAX] = "";
    char said[WS_TLS_TEXT_MAX] = "";
    struct ws_tls *tls = rows[i].server ? ws_tls_server_new(&options, text)
                                        : ws_tls_client_new(&options, text);
    if (rows[i].said == NULL) {
      assert_non_null(tls);
    } else {
      const char *stands = strstr(rows[i].said, "%s");
      int before = stands == NULL ? 0 : (int)(stands - rows[i].said);
      snprintf(said, sizeof said, "%.*s%s%s", before, rows[i].said,
               stands == NULL ? "" : path_at(world, rows[i].named),
               stands == NULL ? rows[i].said : stands + 2);
      assert_null(tls);
      text[strlen(said)] = '\0'; /* only its beginning */
      assert_string_equal(text, said);
    }
    ws_tls_free(tls);
  }
}

static void test_versions(void **state) {
  (void)state;
  struct ws_tls_options options = {.min_version = WS_TLS_1_3,
                                   .max_version = WS_TLS_1_2};
  char text[WS_TLS_TEXT_MAX] = "";
  assert_null(ws_tls_client_new(&options, text));
  assert_string_equal(text, "the lowest TLS version is above the highest");
}

static void test_free_null(void **state) {
  (void)state;
  ws_tls_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TLS_TEST(test_files),
      TLS_TEST(test_versions),
      cmocka_unit_test(test_free_null),
  };
  return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
