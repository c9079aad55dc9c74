/* http.h: the head of an HTTP/1.x message (RFC 9112), read without policy.
 *
 * The scanner accepts what real peers send and records what is wrong with it as
 * *quirks*, per field and for the whole head, so that the caller decides: libws
 * refuses, an instrument reports. It allocates nothing: slices point into the
 * caller's bytes. An empty line before a request-line is skipped (RFC 9112 2.2);
 * before a status-line it is read as one that is not grammatical. */
#ifndef WS_HTTP_H
#define WS_HTTP_H

#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ws_http_quirk {
  WS_HTTP_BARE_LF = 1 << 0,            /* a line ends in LF without CR */
  WS_HTTP_BARE_CR = 1 << 1,            /* a CR that no LF follows */
  WS_HTTP_OBS_FOLD = 1 << 2,           /* a field value folded over lines */
  WS_HTTP_NUL = 1 << 3,                /* a NUL byte */
  WS_HTTP_CONTROL = 1 << 4,            /* another control byte (not HTAB) */
  WS_HTTP_SPACE_BEFORE_COLON = 1 << 5, /* "Name : value" */
  WS_HTTP_NAME_NOT_TOKEN = 1 << 6,     /* an empty or illegal field name */
  WS_HTTP_NO_COLON = 1 << 7,     /* a line without colon: name is the line */
  WS_HTTP_START_LINE = 1 << 8,   /* the start line is not grammatical */
  WS_HTTP_NON_ASCII = 1 << 9,    /* bytes above 0x7F */
  WS_HTTP_EXTRA_FIELDS = 1 << 10 /* more fields than room: rest dropped */
};

struct ws_http_field {
  struct ws_slice name;  /* without the colon and spaces before it */
  struct ws_slice value; /* without leading and trailing SP and HTAB; a folded
                            value includes its line breaks */
  uint32_t quirks;       /* enum ws_http_quirk, of this field */
};

enum ws_http_kind { WS_HTTP_REQUEST, WS_HTTP_RESPONSE };

struct ws_http_head {
  enum ws_http_kind kind;
  struct ws_slice start_line; /* whole, without its line end */
  struct ws_slice method;     /* request */
  struct ws_slice target;     /* request */
  uint16_t status;            /* response: 0..999 */
  struct ws_slice reason;     /* response: may be empty */
  uint8_t version_major;      /* 0 when the start line has WS_HTTP_START_LINE */
  uint8_t version_minor;
  struct ws_http_field *fields; /* borrowed from the caller of ws_http_parse */
  size_t num_fields;
  uint32_t quirks; /* of the whole head, those of the fields included */
};

/* Looks for the empty line that ends a head. `data` is all that has arrived,
 * `*scanned` the number of bytes looked at by earlier calls (0 at first; kept
 * by the caller, so that the total work is linear). Returns the length of the
 * head with its empty line, or 0 when it is not complete. An empty line is LF
 * LF or LF CR LF, so bare LF ends a head too (and is a quirk). */
size_t ws_http_head_end(const uint8_t *data, size_t len, size_t *scanned);

/* Reads a complete head of `len` bytes (the result of ws_http_head_end). Fields
 * go to fields[0 .. max_fields-1]. Never fails: what is wrong is in the quirks.
 * `data` and `fields` are borrowed for as long as *head is used. */
void ws_http_parse(struct ws_http_head *head, enum ws_http_kind kind,
                   const uint8_t *data, size_t len,
                   struct ws_http_field *fields, size_t max_fields);

/* The number of fields called `name`, in any letter case. */
size_t ws_http_count(const struct ws_http_head *head, const char *name);

/* The `index`-th field called `name` (from 0), or NULL. Borrowed from *head. */
const struct ws_http_field *ws_http_field(const struct ws_http_head *head,
                                          const char *name, size_t index);

/* True when one of the fields called `name`, each read as a comma-separated
 * list, has the member `token` in any ASCII letter case. */
bool ws_http_has_token(const struct ws_http_head *head, const char *name,
                       const char *token);

#ifdef __cplusplus
}
#endif

#endif
