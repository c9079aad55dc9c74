/* Negotiation of permessage-deflate (RFC 7692 5, 7.1), both roles. */
#include "ws/deflate.h"

#include "http_support.h"

#define EXT "Sec-WebSocket-Extensions: "

/* Heads that live as long as the reading. */
static void read_text(struct reading *reading, enum ws_http_kind kind,
                      const char *start, const char *field) {
  char text[1024];
  int len = snprintf(text, sizeof text, "%s\r\n%s%s\r\n\r\n", start,
                     field[0] == '\0' ? "X: y" : EXT, field);
  assert_true(len > 0 && (size_t)len < sizeof text);
  read_head(reading, kind, (struct ws_slice){(uint8_t *)text, (size_t)len});
}

static bool choose(const char *offer, const struct ws_deflate_config *config,
                   char answer[WS_DEFLATE_VALUE_MAX]) {
  struct reading reading;
  struct ws_deflate_params params;
  read_text(&reading, WS_HTTP_REQUEST, "GET / HTTP/1.1", offer);
  bool chosen = ws_deflate_choose(&params, config, &reading.head);
  answer[0] = '\0';
  if (chosen) {
    ws_deflate_answer_write(answer, &params);
  }
  free(reading.data);
  return chosen;
}

/* -- the server --------------------------------------------------------- */

#define PMD "permessage-deflate"

static const struct {
  const char *offer;
  const char *answer; /* NULL: declined */
} answers[] = {
    {PMD, PMD},
    {"Permessage-Deflate", PMD},
    {PMD "; Server_No_Context_Takeover", PMD "; server_no_context_takeover"},
    {PMD "; client_max_window_bits", PMD},
    {PMD "; client_max_window_bits=10", PMD "; client_max_window_bits=10"},
    {PMD "; client_max_window_bits=15", PMD},
    {PMD "; client_max_window_bits=8", PMD "; client_max_window_bits=8"},
    {PMD "; client_max_window_bits=\"9\"", PMD "; client_max_window_bits=9"},
    {PMD "; server_max_window_bits=10", PMD "; server_max_window_bits=10"},
    {PMD "; server_max_window_bits=\"12\"", PMD "; server_max_window_bits=12"},
    /* 7.1.2.1: accepted "by including" it, whatever its value. */
    {PMD "; server_max_window_bits=15", PMD "; server_max_window_bits=15"},
    {PMD "; server_max_window_bits=8", PMD "; server_max_window_bits=8"},
    {PMD "; server_no_context_takeover", PMD "; server_no_context_takeover"},
    {PMD "; client_no_context_takeover", PMD "; client_no_context_takeover"},
    {PMD ";server_no_context_takeover ;\tclient_no_context_takeover; "
         "server_max_window_bits=11;client_max_window_bits",
     PMD "; server_no_context_takeover; client_no_context_takeover; "
         "server_max_window_bits=11"},
    /* Several offers: by preference, the first that can be had. */
    {PMD "; server_max_window_bits=10, " PMD,
     PMD "; server_max_window_bits=10"},
    {PMD "; unknown, " PMD "; server_no_context_takeover, " PMD,
     PMD "; server_no_context_takeover"},
    {"x-other; a=b, " PMD, PMD},
    {"x-webkit-deflate-frame, " PMD "; client_max_window_bits", PMD},
    /* 7.1: "MUST decline an extension negotiation offer ... if" */
    {PMD "; unknown", NULL},
    {PMD "; unknown=1", NULL},
    {PMD "; server_no_context_takeover=1", NULL},
    {PMD "; client_no_context_takeover=true", NULL},
    {PMD "; server_no_context_takeover; server_no_context_takeover", NULL},
    {PMD "; client_no_context_takeover; client_no_context_takeover", NULL},
    {PMD "; server_max_window_bits=10; server_max_window_bits=10", NULL},
    {PMD "; client_max_window_bits; client_max_window_bits=10", NULL},
    {PMD "; server_max_window_bits", NULL},
    {PMD "; server_max_window_bits=7", NULL},
    {PMD "; server_max_window_bits=16", NULL},
    {PMD "; server_max_window_bits=08", NULL},
    {PMD "; server_max_window_bits=010", NULL},
    {PMD "; server_max_window_bits=0", NULL},
    {PMD "; server_max_window_bits=100", NULL},
    {PMD "; server_max_window_bits=1x", NULL},
    {PMD "; client_max_window_bits=7", NULL},
    {PMD "; client_max_window_bits=16", NULL},
    {PMD "; client_max_window_bits=abc", NULL},
    {"permessage-deflate2", NULL},
    {PMD "; server_no_context_takeover; =1", NULL},
    {PMD "; client_max_window_bits=", NULL},
    {"x-other", NULL},
    {"", NULL},
};

/* 7692-7-01 to 7692-7-04, as the answers that they lead to. */
static void a_server_answers(void **state) {
  (void)state;
  const struct ws_deflate_config config = {0};
  for (size_t i = 0; i < NUM_OF(answers); i++) {
    char answer[WS_DEFLATE_VALUE_MAX];
    bool chosen = choose(answers[i].offer, &config, answer);
    if (chosen != (answers[i].answer != NULL) ||
        (chosen && strcmp(answer, answers[i].answer) != 0)) {
      fail_msg("\"%s\" was answered by \"%s\"", answers[i].offer, answer);
    }
  }
}

static void a_server_imposes_its_limits(void **state) {
  (void)state;
  const struct ws_deflate_config config = {.server_no_context_takeover = true,
                                           .client_no_context_takeover = true,
                                           .server_max_window_bits = 11,
                                           .client_max_window_bits = 12};
  static const struct {
    const char *offer;
    const char *bits;
  } rows[] = {
      /* 7.1.2.2: not without the client's word that it can. */
      {PMD, "; server_max_window_bits=11"},
      {PMD "; client_max_window_bits",
       "; server_max_window_bits=11; client_max_window_bits=12"},
      {PMD "; client_max_window_bits=14; server_max_window_bits=14",
       "; server_max_window_bits=11; client_max_window_bits=12"},
      {PMD "; client_max_window_bits=9; server_max_window_bits=10",
       "; server_max_window_bits=10; client_max_window_bits=9"},
  };
  char whole[WS_DEFLATE_VALUE_MAX];
  const struct ws_deflate_config most = {.server_max_window_bits = 15,
                                         .client_max_window_bits = 15};
  assert_true(choose(PMD "; client_max_window_bits", &most, whole));
  assert_string_equal(whole, PMD);
  ws_deflate_offer_write(whole, &most);
  assert_string_equal(whole, PMD "; client_max_window_bits");
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    char answer[WS_DEFLATE_VALUE_MAX], expected[WS_DEFLATE_VALUE_MAX + 1];
    assert_true(choose(rows[i].offer, &config, answer));
    snprintf(expected, sizeof expected, "%s%s",
             PMD "; server_no_context_takeover; client_no_context_takeover",
             rows[i].bits);
    assert_string_equal(answer, expected);
  }
}

/* -- the client --------------------------------------------------------- */

static const struct {
  const char *answer;
  struct ws_deflate_config config; /* what was offered */
  enum ws_fault fault;             /* NONE: taken */
} responses[] = {
    {PMD, {0}, WS_FAULT_NONE},
    {PMD "; server_no_context_takeover; client_no_context_takeover; "
         "server_max_window_bits=9; client_max_window_bits=10",
     {0},
     WS_FAULT_NONE},
    {PMD "; client_max_window_bits=\"8\"", {0}, WS_FAULT_NONE},
    {PMD "; client_max_window_bits", {0}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; client_max_window_bits=7", {0}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; server_max_window_bits", {0}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; server_max_window_bits=16", {0}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; unknown", {0}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; server_no_context_takeover=1", {0}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; server_no_context_takeover; server_no_context_takeover",
     {0},
     WS_FAULT_DEFLATE_RESPONSE},
    {PMD ", " PMD, {0}, WS_FAULT_DEFLATE_RESPONSE},
    /* Asked for, and not granted. */
    {PMD, {.server_no_context_takeover = true}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD, {.server_max_window_bits = 10}, WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; server_max_window_bits=11",
     {.server_max_window_bits = 10},
     WS_FAULT_DEFLATE_RESPONSE},
    {PMD "; server_max_window_bits=9",
     {.server_max_window_bits = 10},
     WS_FAULT_NONE},
    /* A hint needs no answer, and may be ignored (7.1.2.2). */
    {PMD, {.client_no_context_takeover = true}, WS_FAULT_NONE},
    {PMD, {.client_max_window_bits = 10}, WS_FAULT_NONE},
    {PMD "; client_max_window_bits=11",
     {.client_max_window_bits = 10},
     WS_FAULT_NONE},
};

static bool check(const char *answer, const struct ws_deflate_config *config,
                  struct ws_deflate_params *params, enum ws_fault *fault) {
  struct reading reading;
  read_text(&reading, WS_HTTP_RESPONSE, "HTTP/1.1 101 Switching Protocols",
            answer);
  bool used = ws_deflate_response_check(params, fault, config, &reading.head);
  free(reading.data);
  return used;
}

static void a_client_judges_the_response(void **state) {
  (void)state;
  for (size_t i = 0; i < NUM_OF(responses); i++) {
    struct ws_deflate_params params;
    enum ws_fault fault;
    bool used =
        check(responses[i].answer, &responses[i].config, &params, &fault);
    if (fault != responses[i].fault || used != (fault == WS_FAULT_NONE)) {
      fail_msg("\"%s\": %s", responses[i].answer, ws_fault_info(fault)->name);
    }
  }
}

static void not_answering_is_the_servers_right(void **state) {
  (void)state;
  const struct ws_deflate_config config = {.server_max_window_bits = 9};
  static const char *const rows[] = {"", "x-other; a=1"};
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    struct ws_deflate_params params;
    enum ws_fault fault = WS_FAULT_RSV;
    assert_false(check(rows[i], &config, &params, &fault));
    assert_int_equal(fault, WS_FAULT_NONE);
  }
}

/* -- together ----------------------------------------------------------- */

static uint8_t bits_of(unsigned index) {
  static const uint8_t bits[] = {0, 8, 9, 14, 15};
  return bits[index % 5];
}

/* Each wish of a client against each of a server: what comes of it is legal for
 * both, and both know the same. */
static void whatever_is_wished_agrees(void **state) {
  (void)state;
  for (unsigned i = 0; i < 100 * 100; i++) {
    struct ws_deflate_config client = {
        i & 1, i >> 1 & 1, bits_of(i / 4), bits_of(i / 20), 0, 0, 0};
    unsigned k = i / 100;
    struct ws_deflate_config server = {
        k & 1, k >> 1 & 1, bits_of(k / 4), bits_of(k / 20), 0, 0, 0};
    char offer[WS_DEFLATE_VALUE_MAX], answer[WS_DEFLATE_VALUE_MAX];
    struct reading reading;
    struct ws_deflate_params theirs, ours;
    enum ws_fault fault;
    assert_int_equal(ws_deflate_config_check(&client), WS_OK);
    ws_deflate_offer_write(offer, &client);
    read_text(&reading, WS_HTTP_REQUEST, "GET / HTTP/1.1", offer);
    assert_true(ws_deflate_choose(&theirs, &server, &reading.head));
    free(reading.data);
    ws_deflate_answer_write(answer, &theirs);
    if (!check(answer, &client, &ours, &fault)) {
      fail_msg("\"%s\" to \"%s\" is refused", answer, offer);
    }
    assert_int_equal(ours.server_no_context_takeover,
                     theirs.server_no_context_takeover);
    assert_int_equal(ours.server_max_window_bits,
                     theirs.server_max_window_bits);
    assert_true(ours.client_no_context_takeover >=
                theirs.client_no_context_takeover);
    /* What the client keeps to is within what the server relies on. */
    uint8_t kept =
        ours.client_max_window_bits == 0 ? 15 : ours.client_max_window_bits;
    uint8_t relied =
        theirs.client_max_window_bits == 0 ? 15 : theirs.client_max_window_bits;
    assert_true(kept <= relied);
  }
}

static void configurations_have_ranges(void **state) {
  (void)state;
  static const struct ws_deflate_config good[] = {
      {0},
      {.level = WS_DEFLATE_LEVEL_NONE, .mem_level = 9},
      {.server_max_window_bits = 8, .client_max_window_bits = 15}};
  static const struct ws_deflate_config bad[] = {
      {.level = 11},
      {.mem_level = 10},
      {.server_max_window_bits = 7},
      {.client_max_window_bits = 16}};
  for (size_t i = 0; i < NUM_OF(good); i++) {
    assert_int_equal(ws_deflate_config_check(&good[i]), WS_OK);
  }
  for (size_t i = 0; i < NUM_OF(bad); i++) {
    assert_int_equal(ws_deflate_config_check(&bad[i]), WS_ERR_ARGUMENT);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_server_answers),
      cmocka_unit_test(a_server_imposes_its_limits),
      cmocka_unit_test(a_client_judges_the_response),
      cmocka_unit_test(not_answering_is_the_servers_right),
      cmocka_unit_test(whatever_is_wished_agrees),
      cmocka_unit_test(configurations_have_ranges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
