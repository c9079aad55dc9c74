#include <string.h>

#include "ws/deflate.h"
#include "ws/grammar.h"
#include "ws/handshake.h"

/* One element of Sec-WebSocket-Extensions, as it was said. */
struct said {
  bool server_no_context_takeover;
  bool client_no_context_takeover;
  bool has_server_bits, has_client_bits;
  uint8_t server_bits; /* 8..15 */
  uint8_t client_bits; /* 8..15; 0: the parameter has no value */
};

static bool bits_in_range(uint8_t bits) {
  return bits >= WS_DEFLATE_BITS_MIN && bits <= WS_DEFLATE_BITS_MAX;
}

enum ws_status ws_deflate_config_check(const struct ws_deflate_config *config) {
  bool server = config->server_max_window_bits == 0 ||
                bits_in_range(config->server_max_window_bits);
  bool client = config->client_max_window_bits == 0 ||
                bits_in_range(config->client_max_window_bits);
  bool good = server && client && config->level <= WS_DEFLATE_LEVEL_NONE &&
              config->mem_level <= 9;
  return good ? WS_OK : WS_ERR_ARGUMENT;
}

static uint8_t bits_or_most(uint8_t bits) {
  return bits == 0 ? WS_DEFLATE_BITS_MAX : bits;
}

static uint8_t smaller(uint8_t a, uint8_t b) {
  return a < b ? a : b;
}

/* -- reading ------------------------------------------------------------ */

/* RFC 7692 7.1.2.1: "a decimal integer without leading zeroes between 8 to 15,
 * inclusive". */
static bool read_bits(const struct ws_param *param, uint8_t *bits) {
  static const char *const values[] = {"8",  "9",  "10", "11",
                                       "12", "13", "14", "15"};
  for (uint8_t i = 0; param->has_value && i < 8; i++) {
    if (ws_slice_equals(param->value, values[i])) {
      *bits = (uint8_t)(WS_DEFLATE_BITS_MIN + i);
      return true;
    }
  }
  return false;
}

/* A parameter without a value that stands for the first time. */
static bool read_flag(const struct ws_param *param, bool *flag) {
  bool good = !*flag && !param->has_value;
  *flag = true;
  return good;
}

static bool read_param(struct said *said, const struct ws_param *param) {
  if (ws_slice_equals(param->name, "server_no_context_takeover")) {
    return read_flag(param, &said->server_no_context_takeover);
  }
  if (ws_slice_equals(param->name, "client_no_context_takeover")) {
    return read_flag(param, &said->client_no_context_takeover);
  }
  bool first = false;
  if (ws_slice_equals(param->name, "server_max_window_bits")) {
    first = !said->has_server_bits;
    said->has_server_bits = true;
    return first && read_bits(param, &said->server_bits);
  }
  if (ws_slice_equals(param->name, "client_max_window_bits")) {
    first = !said->has_client_bits;
    said->has_client_bits = true;
    return first && (!param->has_value || read_bits(param, &said->client_bits));
  }
  return false;
}

/* False: a parameter is unknown, stands twice, or has a value that it may not
 * have. RFC 7692 7.1 wants an offer with any of these declined, and a response
 * with any of these answered by failing the connection. */
static bool read_said(struct said *said, struct ws_slice params) {
  struct ws_param param;
  *said = (struct said){0};
  for (;;) {
    enum ws_grammar found = ws_param_next(&params, &param);
    if (found != WS_GRAMMAR_OK) {
      return found == WS_GRAMMAR_END;
    }
    if (!read_param(said, &param)) {
      return false;
    }
  }
}

/* The next element called permessage-deflate; false at the end. */
static bool next_element(struct ws_field_list *list,
                         struct ws_extension *extension) {
  while (ws_field_list_next_extension(list, extension) == WS_GRAMMAR_OK) {
    if (ws_slice_equals_nocase(extension->name, WS_DEFLATE_NAME)) {
      return true;
    }
  }
  return false;
}

/* -- server ------------------------------------------------------------- */

static struct ws_deflate_params accept(const struct said *offer,
                                       const struct ws_deflate_config *config) {
  uint8_t server_bits = bits_or_most(config->server_max_window_bits);
  uint8_t client_bits = bits_or_most(config->client_max_window_bits);
  struct ws_deflate_params params = {
      .server_no_context_takeover = offer->server_no_context_takeover ||
                                    config->server_no_context_takeover,
      /* Offered, it is the client's hint that it will not take its context
       * over; saying so in return lets us forget it as well. */
      .client_no_context_takeover = offer->client_no_context_takeover ||
                                    config->client_no_context_takeover,
  };
  /* 7.1.2.1: the offer is accepted "by including" the parameter "with the same
   * or smaller value"; unasked, we may limit ourselves all the same. */
  if (offer->has_server_bits) {
    params.server_max_window_bits = smaller(offer->server_bits, server_bits);
  } else if (server_bits < WS_DEFLATE_BITS_MAX) {
    params.server_max_window_bits = server_bits;
  }
  /* 7.1.2.2: "If a received extension negotiation offer doesn't have the
   * "client_max_window_bits" extension parameter, the corresponding extension
   * negotiation response to the offer MUST NOT include [it]." */
  client_bits = smaller(client_bits, bits_or_most(offer->client_bits));
  if (offer->has_client_bits && client_bits < WS_DEFLATE_BITS_MAX) {
    params.client_max_window_bits = client_bits;
  }
  return params;
}

bool ws_deflate_choose(struct ws_deflate_params *params,
                       const struct ws_deflate_config *config,
                       const struct ws_http_head *request) {
  struct ws_field_list list;
  struct ws_extension extension;
  struct said offer;
  ws_field_list_init(&list, request, "Sec-WebSocket-Extensions");
  while (next_element(&list, &extension)) {
    if (read_said(&offer, extension.params)) {
      *params = accept(&offer, config);
      return true;
    }
  }
  return false;
}

/* -- writing ------------------------------------------------------------ */

struct writer {
  char *out; /* of WS_DEFLATE_VALUE_MAX bytes, which is enough for all */
  size_t len;
};

static void put(struct writer *writer, const char *text) {
  size_t len = strlen(text);
  memcpy(writer->out + writer->len, text, len + 1);
  writer->len += len;
}

static void put_bits(struct writer *writer, const char *name, uint8_t bits) {
  char number[3] = {(char)('0' + bits % 10), '\0', '\0'};
  if (bits >= 10) {
    number[1] = number[0];
    number[0] = '1';
  }
  put(writer, name);
  put(writer, "=");
  put(writer, number);
}

static void put_flags(struct writer *writer, bool server, bool client) {
  put(writer, WS_DEFLATE_NAME);
  put(writer, server ? "; server_no_context_takeover" : "");
  put(writer, client ? "; client_no_context_takeover" : "");
}

void ws_deflate_offer_write(char out[WS_DEFLATE_VALUE_MAX],
                            const struct ws_deflate_config *config) {
  struct writer writer = {out, 0};
  uint8_t server_bits = bits_or_most(config->server_max_window_bits);
  uint8_t client_bits = bits_or_most(config->client_max_window_bits);
  put_flags(&writer, config->server_no_context_takeover,
            config->client_no_context_takeover);
  if (server_bits < WS_DEFLATE_BITS_MAX) {
    put_bits(&writer, "; server_max_window_bits", server_bits);
  }
  if (client_bits < WS_DEFLATE_BITS_MAX) {
    put_bits(&writer, "; client_max_window_bits", client_bits);
  } else {
    put(&writer, "; client_max_window_bits");
  }
}

void ws_deflate_answer_write(char out[WS_DEFLATE_VALUE_MAX],
                             const struct ws_deflate_params *params) {
  struct writer writer = {out, 0};
  put_flags(&writer, params->server_no_context_takeover,
            params->client_no_context_takeover);
  if (params->server_max_window_bits != 0) {
    put_bits(&writer, "; server_max_window_bits",
             params->server_max_window_bits);
  }
  if (params->client_max_window_bits != 0) {
    put_bits(&writer, "; client_max_window_bits",
             params->client_max_window_bits);
  }
}

/* -- client ------------------------------------------------------------- */

/* True when `answer` is a legal response to an offer made of `config`. What was
 * asked for has to be there (7.1.1.1, 7.1.2.1: a server accepts "by including"
 * it), and what the server asks of us has to be within what was offered. */
static bool answers(const struct said *answer,
                    const struct ws_deflate_config *config) {
  uint8_t server_bits = bits_or_most(config->server_max_window_bits);
  uint8_t client_bits = bits_or_most(config->client_max_window_bits);
  bool no_takeover =
      answer->server_no_context_takeover || !config->server_no_context_takeover;
  bool server_window = answer->has_server_bits
                           ? answer->server_bits <= server_bits
                           : server_bits == WS_DEFLATE_BITS_MAX;
  /* In a response the parameter must have a value (7.1.2.2). */
  bool client_window =
      !answer->has_client_bits ||
      (answer->client_bits != 0 && answer->client_bits <= client_bits);
  return no_takeover && server_window && client_window;
}

bool ws_deflate_response_check(struct ws_deflate_params *params,
                               enum ws_fault *fault,
                               const struct ws_deflate_config *config,
                               const struct ws_http_head *response) {
  struct ws_field_list list;
  struct ws_extension extension, second;
  struct said answer;
  *fault = WS_FAULT_NONE;
  ws_field_list_init(&list, response, "Sec-WebSocket-Extensions");
  if (!next_element(&list, &extension)) {
    return false;
  }
  if (!read_said(&answer, extension.params) || !answers(&answer, config) ||
      next_element(&list, &second)) {
    *fault = WS_FAULT_DEFLATE_RESPONSE;
    return false;
  }
  uint8_t client_bits = smaller(bits_or_most(config->client_max_window_bits),
                                bits_or_most(answer.client_bits));
  *params = (struct ws_deflate_params){
      .server_no_context_takeover = answer.server_no_context_takeover,
      .client_no_context_takeover = answer.client_no_context_takeover ||
                                    config->client_no_context_takeover,
      .server_max_window_bits = answer.server_bits,
      .client_max_window_bits =
          client_bits < WS_DEFLATE_BITS_MAX ? client_bits : 0,
  };
  return true;
}
