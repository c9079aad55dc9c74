/* faulty_offer.c: offers of permessage-deflate and the answer (RFC 7692 5 and
 * 7.1). Without a fault it agrees to the first valid offer, to all that it asks
 * for, and to a hint for client_max_window_bits that has a value. */
#include <stdio.h>
#include <string.h>

#include "faulty_deflate.h"
#include "ws/grammar.h"

enum parameter {
  SERVER_TAKEOVER,
  CLIENT_TAKEOVER,
  SERVER_BITS,
  CLIENT_BITS,
  NUM_PARAMETERS
};

static const char *const names[NUM_PARAMETERS] = {
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits",
    "client_max_window_bits",
};

static enum parameter parameter_of(struct ws_slice name) {
  unsigned i = 0;
  while (i < NUM_PARAMETERS && !ws_slice_equals(name, names[i])) {
    i++;
  }
  return (enum parameter)i;
}

/* 7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15,
 * inclusive". 0: the value is none of these. */
static uint8_t bits_of(struct ws_slice value) {
  unsigned bits = 0;
  if (value.len == 0 || value.len > 2 || value.data[0] == '0') {
    return 0;
  }
  for (size_t i = 0; i < value.len; i++) {
    if (value.data[i] < '0' || value.data[i] > '9') {
      return 0;
    }
    bits = bits * 10 + (unsigned)(value.data[i] - '0');
  }
  bool in_range = bits >= WSC_FAULTY_BITS_MIN && bits <= WSC_FAULTY_BITS_MAX;
  return in_range ? (uint8_t)bits : 0;
}

/* True when the value is one that the parameter may have in an offer. */
static bool value_valid(enum parameter parameter,
                        const struct ws_param *param) {
  switch (parameter) {
  case SERVER_TAKEOVER:
  case CLIENT_TAKEOVER:
    return !param->has_value;
  case CLIENT_BITS:
    return !param->has_value || bits_of(param->value) != 0;
  default:
    return param->has_value && bits_of(param->value) != 0;
  }
}

static void take(struct wsc_faulty_agreement *offer, enum parameter parameter,
                 struct ws_slice value) {
  switch (parameter) {
  case SERVER_TAKEOVER:
    offer->server_no_context_takeover = true;
    break;
  case CLIENT_TAKEOVER:
    offer->client_no_context_takeover = true;
    break;
  case SERVER_BITS:
    offer->has_server_bits = true;
    offer->server_bits = bits_of(value);
    break;
  default:
    offer->has_client_bits = true;
    offer->client_bits = bits_of(value);
    break;
  }
}

/* 7: "A server MUST decline an extension negotiation offer for this extension
 * if any of the following conditions are met" */
static bool read_offer(const struct wsc_faulty *peer, struct ws_slice params,
                       struct wsc_faulty_agreement *offer) {
  unsigned seen = 0;
  struct ws_param param;
  *offer = (struct wsc_faulty_agreement){0};
  while (ws_param_next(&params, &param) == WS_GRAMMAR_OK) {
    enum parameter parameter = parameter_of(param.name);
    if (parameter == NUM_PARAMETERS) {
      if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_UNKNOWN_ACCEPTED)) {
        continue;
      }
      return false;
    }
    if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_QUOTED_PASSED_OVER) &&
        param.quoted) {
      continue;
    }
    bool twice = (seen & 1u << parameter) != 0;
    seen |= 1u << parameter;
    if ((twice && !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_REPEATED_ACCEPTED)) ||
        (!value_valid(parameter, &param) &&
         !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_VALUE_ACCEPTED))) {
      return false;
    }
    take(offer, parameter, param.value);
  }
  return !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TAKEOVER_DECLINED) ||
         !offer->server_no_context_takeover;
}

/* The offers of one field. */
static void read_field(const struct wsc_faulty *peer, struct ws_slice rest,
                       enum wsc_faulty_choice *choice,
                       struct wsc_faulty_agreement *agreement) {
  bool last = wsc_faulty_is(peer, WSC_FAULT_DEFLATE_LAST_OFFER_TAKEN);
  struct ws_extension extension;
  struct wsc_faulty_agreement offer;
  while (ws_extension_next(&rest, &extension) == WS_GRAMMAR_OK) {
    if (!ws_slice_equals(extension.name, WSC_FAULTY_EXTENSION)) {
      continue;
    }
    if (*choice == WSC_FAULTY_NOT_OFFERED) {
      *choice = WSC_FAULTY_DECLINED;
    }
    bool taken = (last || *choice == WSC_FAULTY_DECLINED) &&
                 read_offer(peer, extension.params, &offer);
    if (taken) {
      *choice = WSC_FAULTY_AGREED;
      *agreement = offer;
    }
  }
}

enum wsc_faulty_choice
wsc_faulty_choose(const struct wsc_faulty *peer,
                  const struct ws_http_head *head,
                  struct wsc_faulty_agreement *agreement) {
  enum wsc_faulty_choice choice = WSC_FAULTY_NOT_OFFERED;
  const struct ws_http_field *field;
  for (size_t i = 0;
       (field = ws_http_field(head, "Sec-WebSocket-Extensions", i)) != NULL;
       i++) {
    read_field(peer, field->value, &choice, agreement);
  }
  /* zlib cannot write a window of 8 bits, and says so when it is asked to. */
  if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_8_BITS_BREAK) &&
      choice == WSC_FAULTY_AGREED &&
      agreement->server_bits == WSC_FAULTY_BITS_MIN) {
    return WSC_FAULTY_BROKEN;
  }
  return choice;
}

/* ---- the answer ---- */

static void append(char text[WSC_FAULTY_ANSWER_MAX], const char *more) {
  size_t len = strlen(text);
  snprintf(text + len, WSC_FAULTY_ANSWER_MAX - len, "%s", more);
}

static void append_bits(char text[WSC_FAULTY_ANSWER_MAX],
                        enum parameter parameter, unsigned bits) {
  size_t len = strlen(text);
  snprintf(text + len, WSC_FAULTY_ANSWER_MAX - len, "; %s=%u", names[parameter],
           bits);
}

static void append_server_bits(const struct wsc_faulty *peer,
                               const struct wsc_faulty_agreement *agreement,
                               char text[WSC_FAULTY_ANSWER_MAX]) {
  switch (peer->fault) {
  case WSC_FAULT_DEFLATE_BITS_LEFT_OUT:
    return;
  case WSC_FAULT_DEFLATE_ANSWERS_15:
    append_bits(text, SERVER_BITS, WSC_FAULTY_BITS_MAX);
    return;
  case WSC_FAULT_DEFLATE_ANSWERS_7:
    append_bits(text, SERVER_BITS, WSC_FAULTY_BITS_MIN - 1);
    return;
  case WSC_FAULT_DEFLATE_ANSWERS_NO_NUMBER:
    append(text, "; server_max_window_bits=8bits");
    return;
  default:
    append_bits(text, SERVER_BITS, agreement->server_bits);
  }
}

static void append_client_bits(const struct wsc_faulty *peer,
                               const struct wsc_faulty_agreement *agreement,
                               char text[WSC_FAULTY_ANSWER_MAX]) {
  if (!agreement->has_client_bits) {
    if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_CLIENT_BITS_UNASKED)) {
      append_bits(text, CLIENT_BITS, WSC_FAULTY_BITS_MAX);
    }
  } else if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_CLIENT_BITS_EMPTY)) {
    append(text, "; client_max_window_bits");
  } else if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_CLIENT_BITS_RAISED)) {
    append_bits(text, CLIENT_BITS, WSC_FAULTY_BITS_MAX);
  } else if (agreement->client_bits != 0) {
    append_bits(text, CLIENT_BITS, agreement->client_bits);
  }
}

void wsc_faulty_answer_write(const struct wsc_faulty *peer,
                             const struct wsc_faulty_agreement *agreement,
                             char text[WSC_FAULTY_ANSWER_MAX]) {
  static const struct {
    enum wsc_fault_id fault;
    const char *text;
  } additions[] = {
      {WSC_FAULT_DEFLATE_ANSWERS_UNKNOWN, "; server_memory_level=8"},
      {WSC_FAULT_DEFLATE_ANSWERS_TWICE,
       "; client_no_context_takeover; client_no_context_takeover"},
      {WSC_FAULT_DEFLATE_CLIENT_TAKEOVER_VALUE,
       "; client_no_context_takeover=true"},
      {WSC_FAULT_DEFLATE_LISTED_TWICE, ", " WSC_FAULTY_EXTENSION},
  };
  text[0] = '\0';
  append(text, WSC_FAULTY_EXTENSION);
  if (wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TAKEOVER_VALUE)) {
    append(text, "; server_no_context_takeover=true");
  } else if (agreement->server_no_context_takeover &&
             !wsc_faulty_is(peer, WSC_FAULT_DEFLATE_TAKEOVER_LEFT_OUT)) {
    append(text, "; server_no_context_takeover");
  }
  if (agreement->has_server_bits) {
    append_server_bits(peer, agreement, text);
  }
  append_client_bits(peer, agreement, text);
  for (size_t i = 0; i < sizeof additions / sizeof additions[0]; i++) {
    if (wsc_faulty_is(peer, additions[i].fault)) {
      append(text, additions[i].text);
    }
  }
}
