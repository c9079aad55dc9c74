/* The negotiation of permessage-deflate. Input: what a client wants and what a
 * server wants (an octet of takeovers, an octet of window bits each), then the
 * values of fields, a line each, as an offer or an answer of anybody. What we
 * offer, accept and agree on fits together; of any offers, the first that RFC
 * 7692 7.1 lets a server accept is accepted, within what it says; of any answer,
 * what is agreed on is what was asked for. */
#include "fuzz.h"
#include "ws/deflate.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 8 };

#define FIELD "Sec-WebSocket-Extensions"

struct fields {
  struct ws_http_field fields[MAX_FIELDS];
  struct ws_http_head head;
};

static void add_field(struct fields *fields, struct ws_slice value) {
  fields->fields[fields->head.num_fields++] = (struct ws_http_field){
      .name = ws_slice_of(FIELD), .value = ws_trim(value)};
}

static void init_fields(struct fields *fields) {
  memset(fields, 0, sizeof(*fields));
  fields->head.fields = fields->fields;
}

static void init_text(struct fields *fields, const char *value) {
  init_fields(fields);
  add_field(fields, ws_slice_of(value));
}

static void init_lines(struct fields *fields, struct fuzz_input input) {
  init_fields(fields);
  while (input.len > 0 && fields->head.num_fields < MAX_FIELDS) {
    const uint8_t *lf = memchr(input.data, '\n', input.len);
    size_t len = lf != NULL ? (size_t)(lf - input.data) : input.len;
    add_field(fields, (struct ws_slice){input.data, len});
    fuzz_take_some(&input, len + 1);
  }
}

static uint8_t bits(unsigned nibble) {
  return (uint8_t)(nibble >= 8 ? nibble : 0);
}

static struct ws_deflate_config take_config(struct fuzz_input *input) {
  uint8_t takeovers = fuzz_take(input);
  uint8_t windows = fuzz_take(input);
  const struct ws_deflate_config config = {
      .server_no_context_takeover = (takeovers & 1) != 0,
      .client_no_context_takeover = (takeovers & 2) != 0,
      .server_max_window_bits = bits(windows & 15),
      .client_max_window_bits = bits(windows >> 4)};
  FUZZ_CHECK(ws_deflate_config_check(&config) == WS_OK);
  return config;
}

/* What 0 bits mean, where none are agreed on. */
static uint8_t window(uint8_t agreed) {
  return agreed != 0 ? agreed : WS_DEFLATE_BITS_MAX;
}

/* Both sides are ours. */
static void check_ours(const struct ws_deflate_config *client,
                       const struct ws_deflate_config *server) {
  char value[WS_DEFLATE_VALUE_MAX];
  struct fields fields;
  struct ws_deflate_params chosen;
  struct ws_deflate_params agreed;
  enum ws_fault fault;
  ws_deflate_offer_write(value, client);
  FUZZ_CHECK(ws_extensions_valid(ws_slice_of(value)));
  init_text(&fields, value);
  FUZZ_CHECK(ws_deflate_choose(&chosen, server, &fields.head));
  ws_deflate_answer_write(value, &chosen);
  FUZZ_CHECK(ws_extensions_valid(ws_slice_of(value)));
  init_text(&fields, value);
  FUZZ_CHECK(ws_deflate_response_check(&agreed, &fault, client, &fields.head));
  FUZZ_CHECK(fault == WS_FAULT_NONE);
  FUZZ_CHECK(agreed.server_no_context_takeover ==
             chosen.server_no_context_takeover);
  FUZZ_CHECK(agreed.client_no_context_takeover ==
             chosen.client_no_context_takeover);
  FUZZ_CHECK(agreed.server_max_window_bits == chosen.server_max_window_bits);
  FUZZ_CHECK(agreed.client_max_window_bits == chosen.client_max_window_bits);
  /* What either side asked for it gets. */
  FUZZ_CHECK(agreed.server_no_context_takeover ||
             !(client->server_no_context_takeover ||
               server->server_no_context_takeover));
  FUZZ_CHECK(window(agreed.server_max_window_bits) <=
             window(client->server_max_window_bits));
  FUZZ_CHECK(window(agreed.server_max_window_bits) <=
             window(server->server_max_window_bits));
  FUZZ_CHECK(window(agreed.client_max_window_bits) <=
             window(server->client_max_window_bits));
}

/* An element as RFC 7692 7.1 has it; -1: no such parameter, 0: no value. */
struct element {
  int server_fresh, client_fresh, server_bits, client_bits;
};

static int decimal(struct ws_slice value) {
  static const char *const numbers[] = {"8",  "9",  "10", "11",
                                        "12", "13", "14", "15"};
  for (int i = 0; i < 8; i++) {
    if (ws_slice_equals(value, numbers[i])) {
      return 8 + i;
    }
  }
  return -1;
}

/* False: the parameter spoils the element. */
static bool set(struct element *element, const struct ws_param *param) {
  int *place = NULL;
  int value = param->has_value ? decimal(param->value) : 0;
  bool flag = false;
  if (ws_slice_equals_nocase(param->name, "server_no_context_takeover")) {
    place = &element->server_fresh;
    flag = true;
  } else if (ws_slice_equals_nocase(param->name,
                                    "client_no_context_takeover")) {
    place = &element->client_fresh;
    flag = true;
  } else if (ws_slice_equals_nocase(param->name, "server_max_window_bits")) {
    place = &element->server_bits;
    value = value == 0 ? -1 : value;
  } else if (ws_slice_equals_nocase(param->name, "client_max_window_bits")) {
    place = &element->client_bits;
  }
  if (place == NULL || *place != -1 || value < 0 || (flag && value != 0) ||
      (flag && param->has_value)) {
    return false;
  }
  *place = value;
  return true;
}

/* Finds the first element that is about permessage-deflate and can be read.
 * False: there is none before the end, or before what cannot be read. */
static bool first_element(struct element *element, size_t *num_ours,
                          const struct ws_http_head *head) {
  struct ws_field_list list;
  struct ws_extension extension;
  bool found = false;
  *num_ours = 0;
  ws_field_list_init(&list, head, FIELD);
  while (ws_field_list_next_extension(&list, &extension) == WS_GRAMMAR_OK) {
    struct ws_param param;
    struct element read = {-1, -1, -1, -1};
    enum ws_grammar result = WS_GRAMMAR_OK;
    if (!ws_slice_equals_nocase(extension.name, WS_DEFLATE_NAME)) {
      continue;
    }
    ++*num_ours;
    while (result == WS_GRAMMAR_OK) {
      result = ws_param_next(&extension.params, &param);
      if (result == WS_GRAMMAR_OK && !set(&read, &param)) {
        result = WS_GRAMMAR_BAD;
      }
    }
    if (!found && result == WS_GRAMMAR_END) {
      found = true;
      *element = read;
    }
  }
  return found;
}

static void check_offers(const struct ws_deflate_config *server,
                         const struct ws_http_head *head) {
  struct ws_deflate_params params;
  struct element offer;
  size_t num_ours;
  bool acceptable = first_element(&offer, &num_ours, head);
  FUZZ_CHECK(ws_deflate_choose(&params, server, head) == acceptable);
  if (!acceptable) {
    return;
  }
  /* 7.1.1.1, 7.1.2.1: accepting takes the parameter into the answer. */
  FUZZ_CHECK(offer.server_fresh == -1 || params.server_no_context_takeover);
  FUZZ_CHECK(offer.server_bits == -1 ||
             (params.server_max_window_bits != 0 &&
              params.server_max_window_bits <= offer.server_bits));
  /* 7.1.2.2: "MUST NOT include" it where the offer does not. */
  FUZZ_CHECK(offer.client_bits != -1 || params.client_max_window_bits == 0);
  FUZZ_CHECK(offer.client_bits <= 0 || params.client_max_window_bits == 0 ||
             params.client_max_window_bits <= offer.client_bits);
  FUZZ_CHECK(window(params.server_max_window_bits) <=
             window(server->server_max_window_bits));
}

static void check_answers(const struct ws_deflate_config *client,
                          const struct ws_http_head *head) {
  struct ws_deflate_params params;
  struct element answer = {-1, -1, -1, -1};
  enum ws_fault fault;
  size_t num_ours;
  bool readable = first_element(&answer, &num_ours, head);
  bool used = ws_deflate_response_check(&params, &fault, client, head);
  /* What was asked for; an answer may have no bits without a number. */
  bool asked_bits = client->server_max_window_bits != 0 &&
                    client->server_max_window_bits != WS_DEFLATE_BITS_MAX;
  bool granted =
      (!client->server_no_context_takeover || answer.server_fresh != -1) &&
      answer.client_bits != 0 &&
      (!asked_bits || (answer.server_bits != -1 &&
                       answer.server_bits <= client->server_max_window_bits));
  FUZZ_CHECK(used == (readable && num_ours == 1 && granted));
  FUZZ_CHECK(used || (fault == WS_FAULT_NONE) == (num_ours == 0));
  if (used) {
    struct ws_deflate *codec = ws_deflate_new(WS_CLIENT, &params, client, NULL);
    FUZZ_CHECK(fault == WS_FAULT_NONE && codec != NULL);
    ws_deflate_free(codec);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  struct ws_deflate_config client = take_config(&input);
  struct ws_deflate_config server = take_config(&input);
  struct fields fields;
  check_ours(&client, &server);
  init_lines(&fields, input);
  check_offers(&server, &fields.head);
  check_answers(&client, &fields.head);
  return 0;
}
