/* faulty_deflate.h: permessage-deflate (RFC 7692) of the faulty peer, on zlib:
 * faulty_offer reads offers and answers one, faulty_inflate reads compressed
 * messages, faulty_deflate writes them. */
#ifndef WSC_FAULTY_DEFLATE_H
#define WSC_FAULTY_DEFLATE_H

#include "faulty_internal.h"

#define WSC_FAULTY_EXTENSION "permessage-deflate"
#define WSC_FAULTY_BITS_MIN  8
#define WSC_FAULTY_BITS_MAX  15
/* Octets of an answer, the final zero included. */
#define WSC_FAULTY_ANSWER_MAX 256

/* What an offer asks for, and what is agreed. */
struct wsc_faulty_agreement {
  bool server_no_context_takeover;
  bool client_no_context_takeover; /* a hint, which this peer does not take */
  bool has_server_bits;
  bool has_client_bits;
  uint8_t server_bits; /* 8..15; 0: without a value */
  uint8_t client_bits;
};

/* What became of the offers of a request. */
enum wsc_faulty_choice {
  WSC_FAULTY_NOT_OFFERED,
  WSC_FAULTY_DECLINED,
  WSC_FAULTY_AGREED,
  WSC_FAULTY_BROKEN /* a fault lets the whole request fail */
};

/* Takes the first valid offer. */
enum wsc_faulty_choice
wsc_faulty_choose(const struct wsc_faulty *peer,
                  const struct ws_http_head *head,
                  struct wsc_faulty_agreement *agreement);

/* Writes the element that answers, ended by zero. */
void wsc_faulty_answer_write(const struct wsc_faulty *peer,
                             const struct wsc_faulty_agreement *agreement,
                             char text[WSC_FAULTY_ANSWER_MAX]);

/* From here on messages may be compressed. False: out of memory. */
bool wsc_faulty_deflate_begin(struct wsc_faulty *peer,
                              const struct wsc_faulty_agreement *agreement);
/* NULL is ignored. */
void wsc_faulty_deflate_free(struct wsc_faulty_deflate *deflate);

/* Puts what peer->message becomes in its place (7.2.2). False: it was refused,
 * or dropped. */
bool wsc_faulty_inflate(struct wsc_faulty *peer);
/* A message that is not compressed has been read. */
void wsc_faulty_inflate_passed(struct wsc_faulty *peer);

/* Queues a message compressed (7.2.1). False: it has to leave as it is. */
bool wsc_faulty_echo_deflated(struct wsc_faulty *peer, uint8_t opcode,
                              const uint8_t *payload, size_t len);
/* Queues a pong as the faults of this extension have it. False: no fault
 * changes it. */
bool wsc_faulty_pong_deflated(struct wsc_faulty *peer, const uint8_t *payload,
                              size_t len);

#endif
