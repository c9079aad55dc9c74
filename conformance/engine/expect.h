/* expect.h: the expectations of a case, as operations.
 *
 * An operation is begun, then stepped whenever its trial wakes, until it is
 * done: it waits by setting the trial's `wake_at`, and judges by clauses. It
 * holds the grading rules F1-F15 and nothing of Lua, so that tests drive it
 * with octets and a virtual clock. */
#ifndef WSC_EXPECT_H
#define WSC_EXPECT_H

#include "session.h"

enum wsc_progress {
  WSC_PENDING, /* step again when the trial wakes */
  WSC_DONE,    /* the expectation is met, or a measurement is made */
  WSC_STOP     /* it is not met: what follows in the script makes no sense */
};

#define WSC_MAX_CODES 16

/* One payload that may come, or came. */
struct wsc_payload {
  const uint8_t *data; /* borrowed for the operation */
  size_t len;
};

/* A message of this type with these bytes arrives. */
struct wsc_expect_message {
  const char *requirement;
  enum wsc_event_kind kind; /* TEXT or BINARY */
  struct wsc_payload payload;
  uint64_t timeout; /* microseconds; 0: T */
  uint64_t deadline;
};
void wsc_expect_message_begin(struct wsc_expect_message *op,
                              struct wsc_link *link);
enum wsc_progress wsc_expect_message_step(struct wsc_expect_message *op,
                                          struct wsc_link *link);

/* A pong with this payload arrives (F10). */
struct wsc_expect_pong {
  const char *requirement;
  struct wsc_payload payload;
  uint64_t deadline;
};
void wsc_expect_pong_begin(struct wsc_expect_pong *op, struct wsc_link *link);
enum wsc_progress wsc_expect_pong_step(struct wsc_expect_pong *op,
                                       struct wsc_link *link);

/* A Close frame arrives (F8). */
struct wsc_expect_close {
  const char *requirement;
  uint16_t codes[WSC_MAX_CODES]; /* that pass; 1005: an empty body */
  size_t num_codes;              /* 0: our own code, 1000 and empty */
  uint64_t deadline;
  const struct wsc_event *close; /* result: borrowed from the session; NULL */
};
void wsc_expect_close_begin(struct wsc_expect_close *op, struct wsc_link *link);
enum wsc_progress wsc_expect_close_step(struct wsc_expect_close *op,
                                        struct wsc_link *link);

/* TCP ends. */
struct wsc_expect_end {
  const char *requirement;
  uint64_t within;   /* microseconds that pass; 0: T */
  uint64_t tolerate; /* microseconds that are non-strict; 0: none */
  bool clean;        /* an RST is non-strict (F9) */
  bool should;       /* the requirement is a SHOULD: late is a warning */
  uint64_t began, deadline;
  uint64_t took; /* result, microseconds */
};
void wsc_expect_end_begin(struct wsc_expect_end *op, struct wsc_link *link);
enum wsc_progress wsc_expect_end_step(struct wsc_expect_end *op,
                                      struct wsc_link *link);

/* The peer fails the connection (7.1.7, F6, F7). */
struct wsc_expect_failed {
  const char *requirement;
  uint16_t codes[WSC_MAX_CODES]; /* fitting status codes */
  size_t num_codes;
  bool message_level;      /* judged when complete: UTF-8, limits */
  bool accepted_tolerated; /* acceptance is non-strict, not a fail */
  bool ordinary_tolerated; /* an ordinary Close reply is non-strict */
  bool patient;            /* silence is legitimate: more bytes may follow */
  bool no_probe;
  const struct wsc_payload *allow; /* echoes that may still come */
  size_t num_allow;
  /* private */
  uint64_t began, deadline, grace;
  unsigned probe, second;
  bool pong_noted;
};
void wsc_expect_failed_begin(struct wsc_expect_failed *op,
                             struct wsc_link *link);
enum wsc_progress wsc_expect_failed_step(struct wsc_expect_failed *op,
                                         struct wsc_link *link);

/* Ping and pong without judgement. */
struct wsc_alive {
  unsigned probe;
  uint64_t deadline;
  bool alive; /* result */
};
void wsc_alive_begin(struct wsc_alive *op, struct wsc_link *link);
enum wsc_progress wsc_alive_step(struct wsc_alive *op, struct wsc_link *link);

/* Closing handshake and end of TCP without judgement. */
struct wsc_finish {
  uint64_t deadline;
};
void wsc_finish_begin(struct wsc_finish *op, struct wsc_link *link);
enum wsc_progress wsc_finish_step(struct wsc_finish *op, struct wsc_link *link);

/* The next event, whatever it is. */
enum wsc_next_kind {
  WSC_NEXT_EVENT,
  WSC_NEXT_FIN,
  WSC_NEXT_RST,
  WSC_NEXT_FENCE,
  WSC_NEXT_TIMEOUT
};
struct wsc_next {
  uint64_t deadline;       /* set by the caller */
  unsigned fence;          /* number of a probe to wait for; 0: none */
  enum wsc_next_kind kind; /* result */
  struct wsc_event *event; /* result, owned by the caller; NULL unless EVENT */
};
enum wsc_progress wsc_next_step(struct wsc_next *op, struct wsc_link *link);

/* A complete response head, interim responses (1xx but 101) passed over. */
#define WSC_MAX_FIELDS 128
struct wsc_response {
  uint64_t deadline; /* set by the caller */
  size_t scanned;
  const char *missing; /* result: NULL, or why there is none: "fin", "rst",
                          "timeout", "refused", "too-large" */
  char *bytes;         /* result: the head, in the outcome's arena */
  size_t len;
  struct ws_http_head head;     /* result, over `bytes` and `fields` */
  struct ws_http_field *fields; /* in the arena */
};
enum wsc_progress wsc_response_step(struct wsc_response *op,
                                    struct wsc_link *link);

#endif
