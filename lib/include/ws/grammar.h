/* grammar.h: tokens, lists, quoted strings and extension parameters (RFC 9110
 * 5.6, RFC 6455 4.3 and 9.1). Allocates nothing. */
#ifndef WS_GRAMMAR_H
#define WS_GRAMMAR_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* True for the characters of an RFC 9110 token. */
bool ws_is_tchar(uint8_t c);

/* True for one or more tchar. */
bool ws_is_token(struct ws_slice slice);

/* `slice` without leading and trailing SP and HTAB. */
struct ws_slice ws_trim(struct ws_slice slice);

/* Takes the next member of a comma-separated list off *rest: true and *member
 * (trimmed, never empty), or false at the end. Commas inside quoted strings do
 * not separate; empty members are skipped (RFC 9110 5.6.1.2). */
bool ws_list_next(struct ws_slice *rest, struct ws_slice *member);

/* One element of Sec-WebSocket-Extensions. */
struct ws_extension {
  struct ws_slice name;
  struct ws_slice params; /* what follows the name: pass to ws_param_next */
};

struct ws_param {
  struct ws_slice name;
  struct ws_slice value; /* of a quoted value, the text between the quotes,
                            which the grammar requires to be a token */
  bool has_value;        /* "x" has none, "x=1" has */
  bool quoted;
};

enum ws_grammar { WS_GRAMMAR_END, WS_GRAMMAR_OK, WS_GRAMMAR_BAD };

/* Takes the next extension off *rest. WS_GRAMMAR_BAD: the name is no token; the
 * list cannot be read further. */
enum ws_grammar ws_extension_next(struct ws_slice *rest,
                                  struct ws_extension *extension);

/* Takes the next parameter off *params. WS_GRAMMAR_BAD: not of the form
 * token [ "=" ( token | quoted-string ) ], or the unquoted text is no token
 * (9.1), or an escape stands in the quotes. */
enum ws_grammar ws_param_next(struct ws_slice *params, struct ws_param *param);

/* True when the whole value follows the grammar of Sec-WebSocket-Extensions,
 * parameters included, and has at least one member. */
bool ws_extensions_valid(struct ws_slice value);

#ifdef __cplusplus
}
#endif

#endif
