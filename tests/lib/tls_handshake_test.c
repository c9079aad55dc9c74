/* Handshakes: who is trusted, what is agreed, and what is said of those that
 * fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"
#include "tls_support.h"

/* -- certificates of servers -------------------------------------------- */

struct trust {
  size_t cert; /* offset in struct tls_certs */
  size_t ca;   /* the same; */
  const char *name;
  const char *said; /* NULL: it verifies */
};

#define OFFSET(member) offsetof(struct tls_certs, member)
#define FAILED         "certificate verify failed: "

static const struct trust trusts[] = {
    {OFFSET(good), OFFSET(ca), "localhost", NULL},
    {OFFSET(good), OFFSET(ca), "LocalHost", NULL},
    {OFFSET(good), OFFSET(ca), "localhost.", NULL},
    {OFFSET(good), OFFSET(ca), "127.0.0.1", NULL},
    {OFFSET(good), OFFSET(ca), "::1", NULL},
    {OFFSET(good), OFFSET(ca), "0:0::0:1", NULL},
    {OFFSET(good), OFFSET(ca), "::1%lo", NULL},
    {OFFSET(named), OFFSET(ca), "example.org", NULL},
    {OFFSET(named), OFFSET(ca), "www.example.net", NULL},
    {OFFSET(self), OFFSET(self), "localhost", NULL},
    {OFFSET(good), OFFSET(ca), "example.org",
     FAILED "hostname mismatch (the certificate is for localhost, 127.0.0.1, "
            "::1)"},
    {OFFSET(good), OFFSET(ca), "127.0.0.2",
     FAILED "IP address mismatch (the certificate is for localhost, "
            "127.0.0.1, ::1)"},
    {OFFSET(named), OFFSET(ca), "localhost",
     FAILED "hostname mismatch (the certificate is for example.org, "
            "*.example.net)"},
    {OFFSET(named), OFFSET(ca), "a.b.example.net",
     FAILED "hostname mismatch (the certificate is for example.org, "
            "*.example.net)"},
    {OFFSET(unnamed), OFFSET(ca), "localhost",
     FAILED "hostname mismatch (the certificate is for no name)"},
    {OFFSET(hostile), OFFSET(ca), "localhost",
     FAILED "hostname mismatch (the certificate is for \\x1B[2J.example)"},
    {OFFSET(expired), OFFSET(ca), "localhost",
     FAILED "certificate has expired"},
    {OFFSET(self), OFFSET(ca), "localhost", FAILED "self-signed certificate"},
    {OFFSET(good), OFFSET(other_ca), "localhost",
     FAILED "unable to get local issuer certificate"},
    {OFFSET(client), OFFSET(ca), "localhost",
     FAILED "unsuitable certificate purpose"},
    {OFFSET(good), OFFSET(ca), "", "the host name is empty or too long"},
    {OFFSET(good), OFFSET(ca), ".", "the host name is empty or too long"},
};

static const char *path_at(const struct tls_world *world, size_t offset) {
  return (const char *)world->certs + offset;
}

static void test_trust(void **state) {
  struct tls_world *world = *state;
  for (size_t i = 0; i < sizeof trusts / sizeof *trusts; i++) {
    const struct trust *trust = &trusts[i];
    struct ws_tls_options options = {.ca_file = path_at(world, trust->ca)};
    struct tls_pair pair;
    tls_dial_peer(&pair, world, tls_client(&options), trust->name,
                  tls_peer_context(path_at(world, trust->cert)));
    if (trust->said == NULL) {
      tls_shake(&pair);
    } else {
      tls_until(&pair, 'x');
      assert_string_equal(pair.seen.text, trust->said);
    }
    assert_string_equal(pair.seen.events, trust->said == NULL ? "u" : "x");
    tls_pair_free(&pair);
  }
}

/* The system's store is what is trusted by default; it knows no test CA. */
static void test_system_store(void **state) {
  struct tls_world *world = *state;
  struct tls_pair pair;
  tls_dial_peer(&pair, world, tls_client(&(struct ws_tls_options){0}),
                "localhost", tls_peer_context(world->certs->good));
  assert_false(tls_peer_shakes(&pair)); /* and got an alert, unless: */
  tls_until(&pair, 'x');
  assert_string_equal(pair.seen.text,
                      FAILED "unable to get local issuer certificate");
  tls_pair_free(&pair);
}

static void test_insecure(void **state) {
  struct tls_world *world = *state;
  struct ws_tls_options options = {.insecure = true};
  static const char *const names[] = {"example.org", "127.0.0.1"};
  for (size_t i = 0; i < 2; i++) {
    struct tls_pair pair;
    struct ws_tls_info info;
    tls_dial_peer(&pair, world, tls_client(&options), names[i],
                  tls_peer_context(world->certs->self));
    assert_false(ws_tls_info(pair.seen.stream, &info));
    tls_shake(&pair);
    assert_true(ws_tls_info(pair.seen.stream, &info));
    assert_string_equal(info.verified, "self-signed certificate");
    tls_pair_free(&pair);
  }
}

/* What a name in a certificate does to a terminal, it does not do. */
static void test_info(void **state) {
  struct tls_world *world = *state;
  struct ws_tls_options options = {.ca_file = world->certs->ca,
                                   .insecure = true};
  struct tls_pair pair;
  struct ws_tls_info info;
  tls_dial_peer(&pair, world, tls_client(&options), "x.example",
                tls_peer_context(world->certs->hostile));
  tls_shake(&pair);
  assert_true(ws_tls_info(pair.seen.stream, &info));
  assert_string_equal(info.version, "TLSv1.3");
  assert_string_equal(info.cipher, "TLS_AES_256_GCM_SHA384");
  assert_string_equal(info.alpn, "");
  assert_string_equal(info.subject, "CN=hostile\\1B[2J");
  assert_string_equal(info.issuer, "CN=Test CA");
  assert_int_equal(strlen(info.not_before), 20);
  assert_true(strcmp(info.not_before, info.not_after) < 0);
  assert_int_equal(info.not_after[19], 'Z');
  assert_int_equal(strlen(info.fingerprint), 64);
  assert_int_equal(strspn(info.fingerprint, "0123456789abcdef"), 64);
  assert_string_equal(info.verified, "hostname mismatch (the certificate is "
                                     "for \\x1B[2J.example)");
  tls_pair_free(&pair);
}

static void test_info_of_tcp(void **state) {
  struct tls_world *world = *state;
  struct pair pair;
  struct ws_tls_info info;
  io_pair_up(&pair, world->io);
  assert_false(ws_tls_info(pair.seen.stream, &info));
  ws_io_release(pair.seen.stream);
  close(pair.fd);
}

/* -- what is agreed ----------------------------------------------------- */

static int on_sni(SSL *ssl, int *alert, void *user) {
  char *seen = user;
  const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  (void)alert;
  strcpy(seen, name == NULL ? "none" : name);
  return SSL_TLSEXT_ERR_OK;
}

/* RFC 6066 3: "Literal IPv4 and IPv6 addresses are not permitted", and names
 * come "without a trailing dot". */
static void test_sni(void **state) {
  struct tls_world *world = *state;
  static const char *const names[][2] = {{"www.example.net", "www.example.net"},
                                         {"example.org.", "example.org"},
                                         {"127.0.0.1", "none"},
                                         {"::1", "none"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char seen[256] = "";
    struct tls_pair pair;
    SSL_CTX *context = tls_peer_context(world->certs->good);
    SSL_CTX_set_tlsext_servername_callback(context, on_sni);
    SSL_CTX_set_tlsext_servername_arg(context, seen);
    tls_dial_peer(&pair, world,
                  tls_client(&(struct ws_tls_options){.insecure = true}),
                  names[i][0], context);
    tls_shake(&pair);
    assert_string_equal(seen, names[i][1]);
    tls_pair_free(&pair);
  }
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *in, unsigned in_len, void *user) {
  (void)ssl;
  assert_int_equal(in_len, 9);
  assert_memory_equal(in, "\x08http/1.1", 9);
  *out = user;
  *out_len = (unsigned char)strlen(user);
  return SSL_TLSEXT_ERR_OK;
}

static void test_alpn_of_a_server(void **state) {
  struct tls_world *world = *state;
  struct ws_tls_options options = {.insecure = true};
  static char protocols[][9] = {"http/1.1", "h2"};
  for (size_t i = 0; i < 2; i++) {
    struct tls_pair pair;
    struct ws_tls_info info;
    SSL_CTX *context = tls_peer_context(world->certs->good);
    SSL_CTX_set_alpn_select_cb(context, on_alpn, protocols[i]);
    tls_dial_peer(&pair, world, tls_client(&options), "localhost", context);
    if (i == 0) {
      tls_shake(&pair);
      assert_true(ws_tls_info(pair.seen.stream, &info));
      assert_string_equal(info.alpn, "http/1.1");
    } else {
      tls_until(&pair, 'x');
      assert_string_equal(pair.seen.text, "TLS: bad extension");
    }
    tls_pair_free(&pair);
  }
}

static void test_alpn_of_a_client(void **state) {
  struct tls_world *world = *state;
  struct ws_tls_options options = {.cert_file = world->certs->good};
  static const struct {
    const char *offer;
    const char *selected; /* NULL: refused */
  } rows[] = {{"\x08http/1.1", "http/1.1"},
              {"\x02h2\x08http/1.1", "http/1.1"},
              {"\x02h2", NULL},
              {"", ""}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct tls_pair pair;
    struct ws_tls_info info;
    SSL_CTX *context = tls_peer_context(NULL);
    SSL_CTX_set_alpn_protos(context, (const unsigned char *)rows[i].offer,
                            (unsigned)strlen(rows[i].offer));
    tls_accept_peer(&pair, world, tls_server(&options), context);
    assert_int_equal(tls_peer_shakes(&pair), rows[i].selected != NULL);
    tls_until(&pair, rows[i].selected != NULL ? 'u' : 'x');
    if (rows[i].selected != NULL) {
      assert_true(ws_tls_info(pair.seen.stream, &info));
      assert_string_equal(info.alpn, rows[i].selected);
      assert_string_equal(info.verified, ""); /* a client without certificate */
    }
    tls_pair_free(&pair);
  }
}

static void test_versions(void **state) {
  struct tls_world *world = *state;
  static const struct {
    enum ws_tls_version least, most;
    int peer_least, peer_most;
    const char *agreed; /* NULL: none */
  } rows[] = {
      {WS_TLS_ANY, WS_TLS_ANY, 0, 0, "TLSv1.3"},
      {WS_TLS_ANY, WS_TLS_1_2, 0, 0, "TLSv1.2"},
      {WS_TLS_1_3, WS_TLS_ANY, 0, 0, "TLSv1.3"},
      {WS_TLS_ANY, WS_TLS_ANY, 0, TLS1_2_VERSION, "TLSv1.2"},
      {WS_TLS_ANY, WS_TLS_ANY, TLS1_3_VERSION, 0, "TLSv1.3"},
      {WS_TLS_1_3, WS_TLS_ANY, 0, TLS1_2_VERSION, NULL},
      {WS_TLS_ANY, WS_TLS_1_2, TLS1_3_VERSION, 0, NULL},
      {WS_TLS_ANY, WS_TLS_ANY, TLS1_1_VERSION, TLS1_1_VERSION, NULL},
  };
  for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
    bool client = i % 2 == 0;
    struct ws_tls_options options = {
        .cert_file = client ? NULL : world->certs->good,
        .ca_file = client ? world->certs->ca : NULL,
        .min_version = rows[i / 2].least,
        .max_version = rows[i / 2].most};
    SSL_CTX *context = tls_peer_context(client ? world->certs->good : NULL);
    SSL_CTX_set_security_level(context, 0); /* for the old versions */
    SSL_CTX_set_min_proto_version(context, rows[i / 2].peer_least);
    SSL_CTX_set_max_proto_version(context, rows[i / 2].peer_most);
    struct tls_pair pair;
    struct ws_tls_info info;
    if (client) {
      tls_dial_peer(&pair, world, tls_client(&options), "localhost", context);
    } else {
      tls_accept_peer(&pair, world, tls_server(&options), context);
    }
    if (rows[i / 2].agreed != NULL) {
      tls_shake(&pair);
      assert_true(ws_tls_info(pair.seen.stream, &info));
      assert_string_equal(info.version, rows[i / 2].agreed);
    } else {
      tls_until(&pair, 'x');
      assert_true(strcmp(pair.seen.text, "TLS: no TLS version in common") ==
                      0 ||
                  strcmp(pair.seen.text, "the peer sent the TLS alert "
                                         "'protocol version'") == 0);
    }
    tls_pair_free(&pair);
  }
}

/* -- certificates of clients -------------------------------------------- */

static void test_client_cert(void **state) {
  struct tls_world *world = *state;
  struct ws_tls_options client = {.ca_file = world->certs->ca,
                                  .cert_file = world->certs->client};
  SSL_CTX *context = tls_peer_context(world->certs->good);
  SSL_CTX_load_verify_file(context, world->certs->ca);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     NULL);
  struct tls_pair pair;
  tls_dial_peer(&pair, world, tls_client(&client), "localhost", context);
  tls_shake(&pair);
  assert_int_equal(SSL_get_verify_result(pair.peer.ssl), X509_V_OK);
  assert_non_null(SSL_get0_peer_certificate(pair.peer.ssl));
  tls_pair_free(&pair);
}

/* Under TLS 1.3 a client is through before the server has seen its certificate:
 * the refusal comes after WS_IO_UP. */
static void test_client_cert_missing(void **state) {
  struct tls_world *world = *state;
  for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
    struct ws_tls_options options = {.ca_file = world->certs->ca};
    SSL_CTX *context = tls_peer_context(world->certs->good);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_verify(context,
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    struct tls_pair pair;
    tls_dial_peer(&pair, world, tls_client(&options), "localhost", context);
    bool late = version == TLS1_3_VERSION;
    tls_until(&pair, late ? 'r' : 'x');
    assert_string_equal(pair.seen.events, late ? "ur" : "x");
    assert_string_equal(pair.seen.text,
                        late ? "the peer sent the TLS alert 'certificate "
                               "required'"
                             : "the peer sent the TLS alert 'handshake "
                               "failure'");
    tls_pair_free(&pair);
  }
}

static void test_server_asks(void **state) {
  struct tls_world *world = *state;
  struct ws_tls_options options = {.cert_file = world->certs->good,
                                   .ca_file = world->certs->ca};
  const char *const certs[] = {world->certs->client, world->certs->self, NULL};
  const char *const said[] = {NULL, FAILED "self-signed certificate",
                              "TLS: peer did not return a certificate"};
  for (size_t i = 0; i < 3; i++) {
    SSL_CTX *context = tls_peer_context(NULL);
    if (certs[i] != NULL) {
      SSL_CTX_use_certificate_chain_file(context, certs[i]);
      SSL_CTX_use_PrivateKey_file(context, certs[i], SSL_FILETYPE_PEM);
    }
    struct tls_pair pair;
    struct ws_tls_info info;
    tls_accept_peer(&pair, world, tls_server(&options), context);
    if (said[i] == NULL) {
      tls_shake(&pair);
      assert_true(ws_tls_info(pair.seen.stream, &info));
      assert_string_equal(info.subject, "CN=client");
      assert_string_equal(info.verified, "ok");
    } else {
      tls_until(&pair, 'x');
      assert_string_equal(pair.seen.text, said[i]);
    }
    tls_pair_free(&pair);
  }
}

/* -- no TLS at all ------------------------------------------------------ */

static void test_garbage(void **state) {
  struct tls_world *world = *state;
  static const struct {
    const char *sent;
    const char *server; /* what a server says of it */
    const char *client;
  } rows[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
       "TLS: the peer sent a plain HTTP request",
       "TLS: the peer sent a plain HTTP request"},
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "TLS: the peer does not speak TLS",
       "TLS: the peer does not speak TLS"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "TLS: the peer does not speak TLS",
       "TLS: the peer does not speak TLS"},
  };
  for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
    bool client = i % 2 == 0;
    struct ws_tls_options options = {.cert_file =
                                         client ? NULL : world->certs->good};
    struct tls_pair pair;
    if (client) {
      tls_dial_peer(&pair, world, tls_client(&options), "localhost",
                    tls_peer_context(NULL));
    } else {
      tls_accept_peer(&pair, world, tls_server(&options),
                      tls_peer_context(NULL));
    }
    send_text(pair.peer.fd, rows[i / 2].sent);
    io_turn_until(&pair.seen, 'x');
    assert_string_equal(pair.seen.text,
                        client ? rows[i / 2].client : rows[i / 2].server);
    assert_string_equal(pair.seen.events, "x");
    tls_pair_free(&pair);
  }
}

static void test_ends_in_the_handshake(void **state) {
  struct tls_world *world = *state;
  for (int i = 0; i < 2; i++) {
    struct tls_pair pair;
    tls_dial_peer(&pair, world, tls_client(&(struct ws_tls_options){0}),
                  "localhost", tls_peer_context(world->certs->good));
    assert_true(io_read_turning(world->io, pair.peer.fd) > 0);
    if (i == 0) {
      close(pair.peer.fd);
    } else {
      reset_now(pair.peer.fd);
    }
    pair.peer.fd = -1;
    io_turn_until(&pair.seen, 'x');
    assert_string_equal(
        pair.seen.text,
        i == 0 ? "the peer closed the connection in the TLS handshake"
               : "connection reset by peer");
    ws_io_write(pair.seen.stream, (const uint8_t *)"late", 4);
    assert_int_equal(ws_io_unsent(pair.seen.stream), 0);
    ws_io_finish(pair.seen.stream);
    io_turn_idle(world->io);
    assert_string_equal(pair.seen.events, "x");
    tls_pair_free(&pair);
  }
}

static void test_refused(void **state) {
  struct tls_world *world = *state;
  uint16_t port = 0;
  close(listen_here(&port));
  struct ws_io_addresses *addresses = io_loopback(world->io, port);
  struct seen seen = {.io = world->io};
  struct ws_tls *tls = tls_client(&(struct ws_tls_options){0});
  struct ws_io_stream *lower =
      ws_io_dial(world->io, addresses, 5 * SECOND, (struct ws_io_listener){0});
  seen.stream = ws_tls_connect(tls, lower, "localhost", io_listener(&seen));
  ws_tls_free(tls);
  ws_io_addresses_free(addresses);
  ws_io_pause(seen.stream, true); /* is told even so */
  assert_string_equal(seen.events, "");
  io_turn_until(&seen, 'x');
  assert_string_equal(seen.text, "connection refused");
  ws_io_release(seen.stream);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TLS_TEST(test_trust),
      TLS_TEST(test_system_store),
      TLS_TEST(test_insecure),
      TLS_TEST(test_info),
      TLS_TEST(test_info_of_tcp),
      TLS_TEST(test_sni),
      TLS_TEST(test_alpn_of_a_server),
      TLS_TEST(test_alpn_of_a_client),
      TLS_TEST(test_versions),
      TLS_TEST(test_client_cert),
      TLS_TEST(test_client_cert_missing),
      TLS_TEST(test_server_asks),
      TLS_TEST(test_garbage),
      TLS_TEST(test_ends_in_the_handshake),
      TLS_TEST(test_refused),
  };
  return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
