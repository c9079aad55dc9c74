/* testee.h: the commands of the testee contract (docs/testee.md), for servers:
 * text messages that ask a server for what no client can provoke.
 *
 *     wsspec:do close 4000 reason
 *
 * A server that implements some of them lists them when it is asked to
 * (`wsspec:do list`); cases that need others are skipped. */
#ifndef WSC_TESTEE_H
#define WSC_TESTEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wsc_do_kind {
  WSC_DO_CLOSE,     /* [CODE [REASON]]: close the connection by its API */
  WSC_DO_PING,      /* [PAYLOAD] */
  WSC_DO_SEND,      /* TEXT: a text message */
  WSC_DO_FRAGMENTS, /* WORD...: one text message, a fragment each word */
  WSC_DO_DROP,      /* end TCP without a Close */
  WSC_NUM_DO,
  WSC_DO_LIST = WSC_NUM_DO, /* what is implemented */
  WSC_DO_NONE               /* no command: a message to echo */
};

#define WSC_DO_PREFIX "wsspec:do "

/* "close", "ping", ...; static. */
const char *wsc_do_name(enum wsc_do_kind kind);

/* The set of the names in `text`, separated by spaces, as 1 << kind; unknown
 * ones are passed over. */
unsigned wsc_do_set(const char *text);

/* The reverse, NUL-terminated, cut to `cap` (not 0) bytes. */
void wsc_do_write(char *out, size_t cap, unsigned set);

/* All of them, as a server lists them; static. */
#define WSC_DO_ALL "close ping send fragments drop"

struct wsc_do {
  enum wsc_do_kind kind;
  bool has_code;
  uint16_t code;       /* WSC_DO_CLOSE: any 16 bits */
  const uint8_t *rest; /* behind name and code; borrowed from the message */
  size_t rest_len;
};

/* What a text message asks for. WSC_DO_NONE: it is none of ours, or does not
 * parse. */
struct wsc_do wsc_do_parse(const uint8_t *data, size_t len);

/* The next word of `rest` for WSC_DO_FRAGMENTS: its length, and cuts it and the
 * space behind it off. False: there is none. */
bool wsc_do_word(struct wsc_do *message, const uint8_t **word, size_t *len);

#endif
