/* outcome.h: what one execution of one case against one target measured.
 *
 * The engine and the case host fill it, the results writer and the terminal
 * read it. Everything in it belongs to its arena. Text may hold any bytes that
 * a peer sent: who prints it escapes it. */
#ifndef WSC_OUTCOME_H
#define WSC_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "autobahn.h"
#include "verdict.h"

/* One judgement of one requirement. */
struct wsc_clause {
  const char *requirement; /* "6455-5.5.3-02" */
  enum wsc_strength strength;
  enum wsc_verdict verdict;
  const char *label;    /* the byte variation it belongs to; "" for none */
  const char *expected; /* what the clause asks for, in words */
  const char *got;      /* what was seen; "" when it was what was asked for */
  int line;             /* of the case's file; 0 when not from a line */
  int step;             /* index in steps of the last step before it; -1 */
  bool absent;          /* rests on something that did not come in time */
};

/* One thing that the script did or saw, in order. */
struct wsc_step {
  uint64_t time;    /* microseconds since the case began */
  int line;         /* of the case's file; 0: the runner's own doing */
  int connection;   /* which connection of the case, from 0; -1: none */
  const char *verb; /* "send", "receive", "expect", "judge", "wait", "end" */
  const char *text; /* "ping \"mid\" (3 bytes)" */
  int wire;         /* index of the wire event that it belongs to; -1 */
};

enum wsc_direction { WSC_SENT, WSC_RECEIVED };

enum wsc_wire_kind {
  WSC_WIRE_DATA,
  WSC_WIRE_OPEN,   /* the stream is up */
  WSC_WIRE_FIN,    /* end of the direction */
  WSC_WIRE_RST,    /* broken */
  WSC_WIRE_RELEASE /* we gave the stream up */
};

/* One event on the wire. */
struct wsc_wire_event {
  uint64_t time; /* microseconds since the case began */
  int connection;
  enum wsc_direction direction;
  enum wsc_wire_kind kind;
  uint64_t offset;     /* of data[0] in its direction of the connection */
  const uint8_t *data; /* WSC_WIRE_DATA: what is kept */
  size_t len;          /* bytes kept */
  bool truncated;      /* WSC_WIRE_FIN of TLS: without close_notify */
  size_t cut;          /* bytes that were not kept: the log of a direction is
                          bounded at WSC_WIRE_MAX */
};

#define WSC_WIRE_MAX 65536 /* bytes kept per connection and direction */

/* A frame that was read or written, for the trace of a failure. */
struct wsc_frame_note {
  uint64_t time;
  int connection;
  enum wsc_direction direction;
  uint64_t offset; /* of the header in its direction */
  uint8_t header[14];
  uint8_t header_len;
  uint64_t length;        /* of the payload, as announced */
  const uint8_t *payload; /* the first bytes of it, unmasked */
  size_t payload_len;     /* how many are kept, at most WSC_FRAME_NOTE_MAX */
};

#define WSC_FRAME_NOTE_MAX 64
#define WSC_FRAMES_MAX     512 /* the latest that are kept */

struct wsc_outcome {
  struct wsc_arena arena;
  enum wsc_verdict verdict;
  const char *reason; /* one line: why it is not a pass; "" for pass */
  bool absent;    /* the verdict is fail, warn or error, and rests only on what
                  did not come in time */
  bool late;      /* no pass, and a wait in it ran out of time: what it says may
                  be the machine's doing */
  bool abandoned; /* wsc_outcome_abandon decided; the clauses no longer do */
  bool repeated;  /* this is the second, lonely and more patient execution */
  struct wsc_clause *clauses;
  size_t num_clauses, cap_clauses;
  struct wsc_step *steps;
  size_t num_steps, cap_steps;
  struct wsc_wire_event *wire;
  size_t num_wire, cap_wire;
  struct wsc_frame_note *frames;
  size_t num_frames, cap_frames;
  int num_connections;
  /* Of a case of the Autobahn Testsuite, in the arena; NULL: of another one, or
   * nothing was measured. */
  const struct wsc_autobahn_verdict *autobahn;
  uint64_t duration; /* microseconds */
};

struct wsc_outcome *wsc_outcome_new(void);
void wsc_outcome_free(struct wsc_outcome *outcome); /* NULL is ignored */

/* Append a copy of the row; its strings must live in the outcome's arena or be
 * static. Return its index. */
int wsc_outcome_add_clause(struct wsc_outcome *outcome,
                           const struct wsc_clause *clause);
int wsc_outcome_add_step(struct wsc_outcome *outcome,
                         const struct wsc_step *step);

/* Appends a frame; copies of its payload what is kept. When there are more than
 * WSC_FRAMES_MAX, the older half is forgotten. */
void wsc_outcome_add_frame(struct wsc_outcome *outcome,
                           const struct wsc_frame_note *frame);

/* Appends a wire event; copies its data, as far as the bound of its connection
 * and direction allows, and sets `cut`. */
int wsc_outcome_add_wire(struct wsc_outcome *outcome,
                         const struct wsc_wire_event *event);

/* The same in less memory, for a result that nobody has to explain: of a long
 * exchange the beginning of the octets and of the steps, and the latest frames.
 * `outcome` is freed. */
struct wsc_outcome *wsc_outcome_condense(struct wsc_outcome *outcome);

#define WSC_WIRE_KEPT 4096 /* of a result that nobody has to explain */

/* Shortens the wire log to `max` bytes per connection and direction. */
void wsc_outcome_trim_wire(struct wsc_outcome *outcome, uint64_t max);

/* Sets verdict, reason and absent from the clauses, unless the outcome was
 * abandoned: the worst of them. A case
 * without a judged clause is an error (`pass` needs one), unless it only took
 * notes and `info_only` says that this is its purpose. */
void wsc_outcome_conclude(struct wsc_outcome *outcome, bool info_only);

/* Overrides what the clauses say: the case could not be measured (WSC_ERROR) or
 * its precondition is absent (WSC_SKIP). A fail that was already measured
 * stands. */
void wsc_outcome_abandon(struct wsc_outcome *outcome, enum wsc_verdict verdict,
                         const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
