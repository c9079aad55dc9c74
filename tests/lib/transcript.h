/* transcript.h: reads the golden transcripts of tests/golden.
 *
 * A transcript is a section (`## name`) of prose and fenced blocks:
 *
 *   ```options   a line each: `role client`, `offer chat other`, `accept chat`,
 *                `reject 403`, `close 1000 bye` (when open), `limit message 5`
 *                (head, fields, frame, message, fragments)
 *   ```http      bytes that arrive: lines, which end in CRLF
 *   ```hex       bytes that arrive: hex and "text", # begins a comment
 *   ```eof       (empty) the stream ends
 *   ```events    what is expected: the event log, offset+length event details
 *   ```sent      what is expected: the output; HTTP heads as text, frames as
 *                hex, a line each; ends the section's blocks
 *
 * The arriving blocks are one stream, in their order. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "ws/conn.h"

#include <stdio.h>

#define TRANSCRIPT_OFFERS_MAX 4

struct transcript {
  char name[128];
  enum ws_role role;
  char offers[TRANSCRIPT_OFFERS_MAX][32];
  size_t num_offers;
  char accept[32]; /* subprotocol; empty: none */
  uint16_t reject; /* 0: accept */
  uint16_t close;  /* 0: not of ourselves */
  char close_reason[32];
  struct ws_conn_limits limits;
  uint8_t in[65536];
  size_t in_len;
  bool eof;
  char events[16384];
  char sent[16384];
};

/* Reads the next section that has a sent block: true, or false at the end of
 * the file. What is not understood fails the running test. */
bool transcript_read(struct transcript *transcript, FILE *file);

#endif
