/* engine_support.h: a world for tests of the engine: a transport that does
 * nothing by itself, under a clock that only the test moves.
 *
 * What the peer does is planned before: octets, FIN or RST of a connection, at
 * a time. Pings of the engine are answered when the world says so. */
#ifndef ENGINE_SUPPORT_H
#define ENGINE_SUPPORT_H

#include "expect.h"

#define MS            UINT64_C(1000)
#define SECOND        UINT64_C(1000000)
#define WORLD_T       (3 * SECOND) /* the reaction timeout */
#define WORLD_STREAMS 64
#define WORLD_PLANS   128

struct world_plan {
  uint64_t at;
  unsigned order; /* of plans for the same time: as they were made */
  struct wsc_stream *stream;
  enum wsc_stream_event event;
  uint8_t *data; /* owned */
  size_t len;
};

struct wsc_stream {
  struct world *world;
  struct wsc_listener listener;
  unsigned number; /* of the dial, from 0 */
  uint8_t *sent;   /* what the engine wrote; owned */
  size_t sent_len;
  size_t parsed; /* of it, as frames */
  unsigned num_writes;
  unsigned num_pings;
  bool paused, finished, reset, released;
};

struct world {
  struct wsc_transport transport; /* first: the engine sees only this */
  uint64_t now;
  struct wsc_stream *streams[WORLD_STREAMS];
  unsigned num_streams;
  struct world_plan plans[WORLD_PLANS];
  unsigned num_plans, num_planned;

  /* The peer: how it takes dials and pings. */
  bool (*accepts)(struct world *world, unsigned number); /* NULL: always */
  unsigned pongs;      /* answers this many pings of a connection */
  uint64_t pong_delay; /* so late */
  uint64_t oversleep;  /* the machine: by which a wait is too long */
  void *user;          /* the test's own */

  struct wsc_target target;
  struct wsc_context context;
  struct wsc_case info;
  struct wsc_trial *trial;
  struct wsc_link *link; /* the trial's connection, upgraded */
};

/* Only the transport, the target and the context. */
void world_open_bare(struct world *world);

/* With a trial whose only connection is up and speaks frames. */
void world_open(struct world *world);
void world_open_patient(struct world *world, unsigned patience);
void world_close(struct world *world);

/* A new connection of the trial, up, without a session. */
struct wsc_link *world_dial(struct world *world);

/* The peer's deeds on the latest connection, `after` microseconds from now. */
void world_octets(struct world *world, uint64_t after, const void *data,
                  size_t len);
void world_text(struct world *world, uint64_t after, const char *octets);
void world_frame(struct world *world, uint64_t after, uint8_t opcode,
                 const void *payload, size_t len);
void world_close_frame(struct world *world, uint64_t after, uint16_t code);
void world_fin(struct world *world, uint64_t after);
void world_rst(struct world *world, uint64_t after);

/* Lets time pass, delivering what is due. */
void world_pass(struct world *world, uint64_t time);

/* One step of an operation. */
typedef enum wsc_progress world_step(void *op, struct wsc_link *link);

/* Steps `op` as a batch does, until it is done; fails the test when it waits
 * for nothing. */
enum wsc_progress world_run(struct world *world, world_step *step, void *op);

/* The frames that the engine wrote, as "ping text close:1000"; borrowed. */
const char *world_sent_frames(struct world *world);

/* What the clause number `index` has to be. `expected` and `got` are parts of
 * the words; NULL: any. */
struct clause_is {
  enum wsc_strength strength;
  enum wsc_verdict verdict;
  bool absent;
  const char *expected;
  const char *got;
};
void world_assert_clause(const struct world *world, size_t index,
                         struct clause_is is);
void world_assert_clauses(const struct world *world, size_t num);

/* Concludes the outcome and compares its verdict. */
void world_assert_verdict(struct world *world, enum wsc_verdict verdict,
                          bool absent);

void assert_has(const char *text, const char *part);

#endif
