/* handshake_internal.h: what request.c and response.c share. */
#ifndef WS_HANDSHAKE_INTERNAL_H
#define WS_HANDSHAKE_INTERNAL_H

#include "ws/handshake.h"

/* The fault in the syntax of a head, before any field is looked at. */
enum ws_fault ws_handshake_check_syntax(const struct ws_http_head *head);

/* EXTENSION_SYNTAX or none, over all Sec-WebSocket-Extensions fields. */
enum ws_fault ws_handshake_check_extensions(const struct ws_http_head *head);

/* True for the characters of uri-host [ ":" port ], at least one. */
bool ws_handshake_authority_valid(struct ws_slice authority);

/* True when these are one name of an extension, in any letter case. */
bool ws_handshake_same_name(struct ws_slice a, struct ws_slice b);

/* Counts what does not fit, so that one pass measures and writes. */
struct ws_writer {
  uint8_t *out;
  size_t cap;
  size_t len;
  bool illegal; /* sticky: an argument must not be sent */
};

void ws_writer_init(struct ws_writer *writer, uint8_t *out, size_t cap);
void ws_writer_text(struct ws_writer *writer, const char *text);
void ws_writer_bytes(struct ws_writer *writer, const void *data, size_t len);
void ws_writer_number(struct ws_writer *writer, size_t number);

/* The rest of a status line, SP and line end included; refused as a field's
 * value would be. */
void ws_writer_phrase(struct ws_writer *writer, const char *phrase);

/* A field whose value comes from the caller: refused when it is NULL or has
 * control bytes. */
void ws_writer_field(struct ws_writer *writer, const char *name,
                     const char *value);

/* Additional fields; those that the handshake itself is made of are refused. */
void ws_writer_headers(struct ws_writer *writer,
                       const struct ws_header *headers, size_t num_headers);

enum ws_status ws_writer_finish(const struct ws_writer *writer, size_t *len);

#endif
