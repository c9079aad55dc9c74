/* request.h: opening requests, valid and otherwise.
 *
 * A request begins as the baseline of the target (RFC 6455 4.1, with what
 * --header and --origin add) and is then bent. All memory is the arena's of the
 * trial's outcome. */
#ifndef WSC_REQUEST_H
#define WSC_REQUEST_H

#include "trial.h"
#include "ws/types.h"

#define WSC_REQUEST_FIELDS 64

struct wsc_request {
  struct ws_slice method;  /* "GET" */
  struct ws_slice target;  /* the request-target */
  struct ws_slice version; /* "HTTP/1.1" */
  struct ws_slice eol;     /* "\r\n" */
  struct {
    struct ws_slice name;
    struct ws_slice value;
  } fields[WSC_REQUEST_FIELDS];
  size_t num_fields;
  struct ws_slice key; /* of Sec-WebSocket-Key, for the accept value */
};

/* Fills in the baseline; the key comes from the trial's randomness. */
void wsc_request_init(struct wsc_request *request, struct wsc_trial *trial);

/* Each takes borrowed slices that must live until wsc_request_write. Names are
 * compared without regard to letter case. */
void wsc_request_drop(struct wsc_request *request, struct ws_slice name);
void wsc_request_set(struct wsc_request *request, struct ws_slice name,
                     struct ws_slice value); /* appends when absent */
void wsc_request_add(struct wsc_request *request, struct ws_slice name,
                     struct ws_slice value); /* dropped when full */
void wsc_request_reverse(struct wsc_request *request);

/* Upper or lower case names, copied into the arena. */
void wsc_request_names(struct wsc_request *request, struct wsc_trial *trial,
                       bool upper);

/* The octets, with the empty line. */
struct ws_slice wsc_request_write(const struct wsc_request *request,
                                  struct wsc_trial *trial);

/* The key that a peer has to take from `bytes`: the trimmed value of the first
 * Sec-WebSocket-Key field; empty when there is none. */
struct ws_slice wsc_request_key(struct ws_slice bytes);

/* True when `head` is a 101 whose Sec-WebSocket-Accept belongs to `key`. */
struct ws_http_head;
bool wsc_request_accepted(const struct wsc_trial *trial,
                          const struct ws_http_head *head, struct ws_slice key);

#endif
