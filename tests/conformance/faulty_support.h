/* faulty_support.h: scripts of bytes in segments, and what a faulty peer does
 * when one is played to it. Every function fails the running cmocka test when
 * it cannot do what it says. */
#ifndef WSC_FAULTY_SUPPORT_H
#define WSC_FAULTY_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "faulty.h"

/* Bytes to send: a segment ends where `ends` says so. */
struct script {
  uint8_t *data;
  bool *ends;
  size_t len;
  size_t cap;
  bool eof;
};

/* What a peer did. */
struct transcript {
  uint8_t *data;
  size_t len;
  enum wsc_peer_wish wish;
  uint64_t time; /* when it became that */
};

/* Appends `request` with the first `from` in it replaced by `to`, and ends the
 * segment. A script begins zeroed, and is freed by script_free(). */
void script_put_request(struct script *script, const char *request,
                        const char *from, const char *to);

/* Appends text: a '|' ends a segment, a '~' stands for 20000 times 'a'. */
void script_put_text(struct script *script, const char *text, size_t len);

/* Appends frames in the notation of faulty_stimuli.h. */
void script_put_frames(struct script *script, const char *hex);

void script_free(struct script *script);

/* Plays the script to a peer with that fault, from 1000 us on, in its segments
 * or byte by byte, and lets time pass until the peer has come to rest. The
 * `data` is owned by the caller (free()). */
struct transcript transcript_of(enum wsc_fault_id fault,
                                const struct script *script, bool bytewise);

bool transcript_same(const struct transcript *a, const struct transcript *b);

#endif
