/* handshake.h: the opening handshake of RFC 6455 4, as pure functions.
 *
 * Checks read a parsed HTTP head and name the first fault in the order in which
 * the RFC lists its requirements; they allocate nothing and keep nothing.
 * Writers refuse every argument that would put something else on the wire than
 * the field it belongs to, so that nothing can be smuggled or reflected through
 * them. ws_conn (conn.h) is built on both. */
#ifndef WS_HANDSHAKE_H
#define WS_HANDSHAKE_H

#include "ws/crypto.h"
#include "ws/fault.h"
#include "ws/grammar.h"
#include "ws/http.h"
#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_VERSION            13   /* Sec-WebSocket-Version of RFC 6455 */
#define WS_KEY_LEN            24   /* base64 of 16 bytes */
#define WS_ACCEPT_LEN         28   /* base64 of a SHA-1 digest */
#define WS_HANDSHAKE_KEY_MAX  1024 /* bytes that ws_handshake_accept takes */
#define WS_PROTOCOLS_COMPARED 256  /* see ws_request_check */

/* Sec-WebSocket-Key and Sec-WebSocket-Accept ---------------------------- */

/* Writes base64(SHA-1(key + GUID)) to `out`, no NUL (4.2.2). `key` (borrowed
 * for the call) is taken as it stands, well-formed or not, without the white
 * space around the field's value. False: the crypto table failed, or `key` is
 * longer than WS_HANDSHAKE_KEY_MAX. */
bool ws_handshake_accept(const struct ws_crypto *crypto, struct ws_slice key,
                         char out[WS_ACCEPT_LEN]);

/* True when `key` is the canonical base64 of 16 bytes (4.1; pad bits zero,
 * erratum 3150). */
bool ws_handshake_key_valid(struct ws_slice key);

/* Writes a fresh key of 16 random bytes to `out`, no NUL (4.1). False: the
 * crypto table failed. */
bool ws_handshake_key_make(const struct ws_crypto *crypto,
                           char out[WS_KEY_LEN]);

/* Lists that may stand in one field or be split over several (9.1, 11.3.4) - */

struct ws_field_list {
  const struct ws_http_head *head; /* borrowed while the list is used */
  const char *name;                /* borrowed while the list is used */
  size_t index;                    /* private: of the next field */
  struct ws_slice rest;            /* private: of the current field */
};

/* A list over the members of all fields of `head` that are called `name`. */
void ws_field_list_init(struct ws_field_list *list,
                        const struct ws_http_head *head, const char *name);

/* Takes the next member: true and *member (borrowed from the head), or false at
 * the end. */
bool ws_field_list_next(struct ws_field_list *list, struct ws_slice *member);

/* The same for a list of extensions; see ws_extension_next. */
enum ws_grammar ws_field_list_next_extension(struct ws_field_list *list,
                                             struct ws_extension *extension);

/* True when `head` lists the subprotocol `protocol`, byte for byte. */
bool ws_handshake_has_protocol(const struct ws_http_head *head,
                               struct ws_slice protocol);

/* True when `head` lists an extension called `name`, in any letter
 * case. */
bool ws_handshake_has_extension(const struct ws_http_head *head,
                                struct ws_slice name);

/* Requests --------------------------------------------------------------- */

struct ws_request {
  const struct ws_http_head *head; /* borrowed, as are all slices below */
  struct ws_slice path;            /* begins with '/'; "/" for http://host */
  struct ws_slice query;     /* behind the '?'; empty when there is none */
  struct ws_slice authority; /* of an absolute request-target, else of Host */
  struct ws_slice origin;    /* data is NULL when there is no Origin field */
  struct ws_slice key;       /* Sec-WebSocket-Key */
};

/* The first of 4.2.1's requirements that `head` misses, or WS_FAULT_NONE and
 * *request filled. Strict: the head has to be HTTP/1.1 by the letter (no bare
 * LF, no folding, no space before a colon), to name one Host, to announce no
 * body, and to carry well-formed Sec-WebSocket-* fields. Offered subprotocols
 * are iterated with ws_field_list over "Sec-WebSocket-Protocol", offered
 * extensions over "Sec-WebSocket-Extensions"; both are known to be grammatical
 * then. Distinctness is judged against the first WS_PROTOCOLS_COMPARED
 * subprotocols, so that the work stays linear in the length of the head. */
enum ws_fault ws_request_check(struct ws_request *request,
                               const struct ws_http_head *head);

/* A field of our own making. Both strings are borrowed for the call. */
struct ws_header {
  const char *name;  /* a token; none of the fields that the writer itself is
                        responsible for */
  const char *value; /* no control bytes but HTAB */
};

/* All pointers are borrowed for the call. */
struct ws_request_options {
  const char *target; /* path and query; NULL: "/". No '#', no space */
  const char *host;   /* host, and port unless it is the scheme's default */
  const char *origin; /* NULL: none */
  const char *const *protocols;    /* distinct tokens by preference, NULL-ended;
                                   NULL: none */
  const char *extensions;          /* the field's value; NULL: none */
  const struct ws_header *headers; /* additional fields, in order */
  size_t num_headers;
};

/* Writes the opening request of 4.1. *len is the length it has; the octets are
 * written when `cap` is enough. WS_ERR_ARGUMENT: an option is illegal, nothing
 * is meant by *len. WS_ERR_LIMIT: `cap` is too small (0 with `out` NULL
 * measures). */
enum ws_status ws_request_write(uint8_t *out, size_t cap, size_t *len,
                                const struct ws_request_options *options,
                                const char key[WS_KEY_LEN]);

/* Responses -------------------------------------------------------------- */

struct ws_response {
  const struct ws_http_head *head; /* borrowed, as are the slices below */
  uint16_t status;
  struct ws_slice protocol; /* the subprotocol in use; empty: none */
};

/* Judges the answer `head` to the request `request` by 4.1. `accept` is what
 * ws_handshake_accept makes of the request's key. WS_FAULT_NONE or the first
 * fault; WS_FAULT_STATUS for a well-formed status line that is not 101.
 * *response is filled in every case. */
enum ws_fault ws_response_check(struct ws_response *response,
                                const struct ws_http_head *head,
                                const struct ws_http_head *request,
                                const char accept[WS_ACCEPT_LEN]);

/* All pointers are borrowed for the call. */
struct ws_accept_options {
  const char *protocol;   /* one that the client offered; NULL: none */
  const char *extensions; /* the field's value, of offered extensions; NULL:
                             none */
  const struct ws_header *headers;
  size_t num_headers;
};

/* All pointers are borrowed for the call. */
struct ws_reject_options {
  uint16_t status;          /* 200..599 */
  const char *reason;       /* NULL: the registered phrase, or none */
  const char *content_type; /* NULL: text/plain; charset=utf-8 */
  const char *body;         /* NULL: none. Not for 204 and 304 */
  const struct ws_header *headers;
  size_t num_headers;
};

/* Write a 101, a refusal, and the refusal that belongs to a fault. *len and the
 * result as for ws_request_write. A refusal has Content-Length and
 * `Connection: close`; a 426 has Upgrade and Sec-WebSocket-Version (4.4), a 405
 * has Allow. Nothing of the request is reflected. `fault` must be one with an
 * http_status. */
enum ws_status ws_response_write_accept(uint8_t *out, size_t cap, size_t *len,
                                        const struct ws_accept_options *options,
                                        const char accept[WS_ACCEPT_LEN]);
enum ws_status
ws_response_write_reject(uint8_t *out, size_t cap, size_t *len,
                         const struct ws_reject_options *options);
enum ws_status ws_response_write_fault(uint8_t *out, size_t cap, size_t *len,
                                       enum ws_fault fault);

#ifdef __cplusplus
}
#endif

#endif
