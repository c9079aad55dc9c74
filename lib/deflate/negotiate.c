#include "ws/deflate.h"

#include <string.h>

#define FIELD "Sec-WebSocket-Extensions"

enum parameter {
  SERVER_NO_CONTEXT_TAKEOVER,
  CLIENT_NO_CONTEXT_TAKEOVER,
  SERVER_MAX_WINDOW_BITS,
  CLIENT_MAX_WINDOW_BITS,
  NUM_PARAMETERS
};

static const char *const names[NUM_PARAMETERS] = {
    [SERVER_NO_CONTEXT_TAKEOVER] = "server_no_context_takeover",
    [CLIENT_NO_CONTEXT_TAKEOVER] = "client_no_context_takeover",
    [SERVER_MAX_WINDOW_BITS] = "server_max_window_bits",
    [CLIENT_MAX_WINDOW_BITS] = "client_max_window_bits",
};

/* One element of the field, as it was written. */
struct element {
  bool has[NUM_PARAMETERS];
  uint8_t bits[NUM_PARAMETERS]; /* 0: no value */
};

enum ws_status ws_deflate_config_check(const struct ws_deflate_config *config) {
  const uint8_t bits[] = {config->server_max_window_bits,
                          config->client_max_window_bits};
  for (size_t i = 0; i < sizeof(bits); i++) {
    if (bits[i] != 0 &&
        (bits[i] < WS_DEFLATE_BITS_MIN || bits[i] > WS_DEFLATE_BITS_MAX)) {
      return WS_ERR_ARGUMENT;
    }
  }
  bool level = config->level <= 9 || config->level == WS_DEFLATE_LEVEL_NONE;
  return level && config->mem_level <= 9 ? WS_OK : WS_ERR_ARGUMENT;
}

/* 7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15,
 * inclusive". 0: it is none. */
static uint8_t read_bits(struct ws_slice value) {
  if (value.len == 1 && (value.data[0] == '8' || value.data[0] == '9')) {
    return (uint8_t)(value.data[0] - '0');
  }
  if (value.len == 2 && value.data[0] == '1' && value.data[1] >= '0' &&
      value.data[1] <= '5') {
    return (uint8_t)(10 + value.data[1] - '0');
  }
  return 0;
}

/* Adds one parameter; false for what neither an offer nor a response may have
 * (7). */
static bool add_parameter(struct element *element,
                          const struct ws_param *param) {
  size_t i = 0;
  while (i < NUM_PARAMETERS && !ws_slice_equals_nocase(param->name, names[i])) {
    i++;
  }
  if (i == NUM_PARAMETERS || element->has[i]) {
    return false;
  }
  element->has[i] = true;
  if (i == SERVER_NO_CONTEXT_TAKEOVER || i == CLIENT_NO_CONTEXT_TAKEOVER) {
    return !param->has_value;
  }
  if (!param->has_value) {
    return i == CLIENT_MAX_WINDOW_BITS;
  }
  element->bits[i] = read_bits(param->value);
  return element->bits[i] != 0;
}

static bool read_element(struct element *element, struct ws_slice params) {
  struct ws_param param;
  enum ws_grammar result;
  *element = (struct element){0};
  while ((result = ws_param_next(&params, &param)) == WS_GRAMMAR_OK) {
    if (!add_parameter(element, &param)) {
      return false;
    }
  }
  return result == WS_GRAMMAR_END;
}

/* Takes the next element that is about us. */
static bool next_element(struct ws_field_list *list,
                         struct ws_extension *extension) {
  while (ws_field_list_next_extension(list, extension) == WS_GRAMMAR_OK) {
    if (ws_slice_equals_nocase(extension->name, WS_DEFLATE_NAME)) {
      return true;
    }
  }
  return false;
}

/* The smaller of two limits of which 0 is none. */
static uint8_t stricter(uint8_t a, uint8_t b) {
  if (a == 0 || b == 0) {
    return a != 0 ? a : b;
  }
  return a < b ? a : b;
}

/* A limit that is worth to be imposed, or 0. */
static uint8_t limit(uint8_t bits) {
  return bits < WS_DEFLATE_BITS_MAX ? bits : 0;
}

static void accept_offer(struct ws_deflate_params *params,
                         const struct ws_deflate_config *config,
                         const struct element *offer) {
  *params = (struct ws_deflate_params){
      .server_no_context_takeover = config->server_no_context_takeover ||
                                    offer->has[SERVER_NO_CONTEXT_TAKEOVER],
      /* Of an offer, a hint: taken up, as it spares us memory. */
      .client_no_context_takeover = config->client_no_context_takeover ||
                                    offer->has[CLIENT_NO_CONTEXT_TAKEOVER],
      /* 7.1.2.1: who accepts an offer with it includes it, be it 15. */
      .server_max_window_bits = stricter(limit(config->server_max_window_bits),
                                         offer->bits[SERVER_MAX_WINDOW_BITS]),
  };
  /* 7.1.2.2: "If a received extension negotiation offer doesn't have the
   * "client_max_window_bits" extension parameter, the corresponding extension
   * negotiation response to the offer MUST NOT include" it. */
  if (offer->has[CLIENT_MAX_WINDOW_BITS]) {
    params->client_max_window_bits = limit(stricter(
        config->client_max_window_bits, offer->bits[CLIENT_MAX_WINDOW_BITS]));
  }
}

bool ws_deflate_choose(struct ws_deflate_params *params,
                       const struct ws_deflate_config *config,
                       const struct ws_http_head *request) {
  struct ws_field_list list;
  struct ws_extension extension;
  struct element offer;
  ws_field_list_init(&list, request, FIELD);
  while (next_element(&list, &extension)) {
    if (read_element(&offer, extension.params)) {
      accept_offer(params, config, &offer);
      return true;
    }
  }
  return false;
}

/* 7.1: what was asked for has to be granted; hints may be ignored. */
static bool answers(const struct element *response,
                    const struct ws_deflate_config *config) {
  uint8_t asked = limit(config->server_max_window_bits);
  uint8_t granted = response->bits[SERVER_MAX_WINDOW_BITS];
  /* 7.1.2.2: of a response, "a decimal integer value". */
  if (response->has[CLIENT_MAX_WINDOW_BITS] &&
      response->bits[CLIENT_MAX_WINDOW_BITS] == 0) {
    return false;
  }
  if (asked != 0 && (granted == 0 || granted > asked)) {
    return false;
  }
  return !config->server_no_context_takeover ||
         response->has[SERVER_NO_CONTEXT_TAKEOVER];
}

bool ws_deflate_response_check(struct ws_deflate_params *params,
                               enum ws_fault *fault,
                               const struct ws_deflate_config *config,
                               const struct ws_http_head *response) {
  struct ws_field_list list;
  struct ws_extension extension;
  struct ws_extension second;
  struct element element;
  *fault = WS_FAULT_NONE;
  ws_field_list_init(&list, response, FIELD);
  if (!next_element(&list, &extension)) {
    return false;
  }
  /* 5: two extensions that use RSV1 exclude each other. */
  if (!read_element(&element, extension.params) || !answers(&element, config) ||
      next_element(&list, &second)) {
    *fault = WS_FAULT_DEFLATE_RESPONSE;
    return false;
  }
  *params = (struct ws_deflate_params){
      .server_no_context_takeover = element.has[SERVER_NO_CONTEXT_TAKEOVER],
      .client_no_context_takeover = element.has[CLIENT_NO_CONTEXT_TAKEOVER],
      .server_max_window_bits = element.bits[SERVER_MAX_WINDOW_BITS],
      .client_max_window_bits = element.bits[CLIENT_MAX_WINDOW_BITS],
  };
  return true;
}

/* The longest value, every parameter in it and a NUL behind it, fits. */
static void append(char out[WS_DEFLATE_VALUE_MAX], const char *text) {
  size_t at = strlen(out);
  size_t len = strlen(text);
  memcpy(out + at, text, len + 1);
}

static void append_parameter(char out[WS_DEFLATE_VALUE_MAX],
                             enum parameter parameter) {
  append(out, "; ");
  append(out, names[parameter]);
}

static void append_bits(char out[WS_DEFLATE_VALUE_MAX],
                        enum parameter parameter, uint8_t bits) {
  static const char values[][4] = {"=8",  "=9",  "=10", "=11",
                                   "=12", "=13", "=14", "=15"};
  if (bits >= WS_DEFLATE_BITS_MIN && bits <= WS_DEFLATE_BITS_MAX) {
    append_parameter(out, parameter);
    append(out, values[bits - WS_DEFLATE_BITS_MIN]);
  }
}

/* What offers and responses write alike. */
static void write_element(char out[WS_DEFLATE_VALUE_MAX],
                          const struct ws_deflate_params *params) {
  strcpy(out, WS_DEFLATE_NAME);
  if (params->server_no_context_takeover) {
    append_parameter(out, SERVER_NO_CONTEXT_TAKEOVER);
  }
  if (params->client_no_context_takeover) {
    append_parameter(out, CLIENT_NO_CONTEXT_TAKEOVER);
  }
  append_bits(out, SERVER_MAX_WINDOW_BITS, params->server_max_window_bits);
  append_bits(out, CLIENT_MAX_WINDOW_BITS, params->client_max_window_bits);
}

void ws_deflate_offer_write(char out[WS_DEFLATE_VALUE_MAX],
                            const struct ws_deflate_config *config) {
  const struct ws_deflate_params params = {
      .server_no_context_takeover = config->server_no_context_takeover,
      .client_no_context_takeover = config->client_no_context_takeover,
      .server_max_window_bits = limit(config->server_max_window_bits),
      .client_max_window_bits = limit(config->client_max_window_bits),
  };
  write_element(out, &params);
  if (params.client_max_window_bits == 0) {
    append_parameter(out, CLIENT_MAX_WINDOW_BITS);
  }
}

void ws_deflate_answer_write(char out[WS_DEFLATE_VALUE_MAX],
                             const struct ws_deflate_params *params) {
  write_element(out, params);
}
