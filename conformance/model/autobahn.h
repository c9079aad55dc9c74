/* autobahn.h: what the Autobahn Testsuite would call a result, by its own rules.
 *
 * A record is fed with what a connection of ours sends and receives, as the
 * suite's engine would have seen it; then it is judged. docs/autobahn.md has the
 * rules and where their verdict differs from ours. */
#ifndef WSC_AUTOBAHN_H
#define WSC_AUTOBAHN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wsc_autobahn_kind {
  WSC_AUTOBAHN_TEXT,
  WSC_AUTOBAHN_BINARY,
  WSC_AUTOBAHN_PING,
  WSC_AUTOBAHN_PONG,
  WSC_AUTOBAHN_MARK /* a wait of the script was over */
};

/* What the suite compares. */
struct wsc_autobahn_event {
  enum wsc_autobahn_kind kind;
  const uint8_t *payload; /* borrowed; NULL: any octets of this length */
  size_t len;
};

/* Events in their order, the whole list `times` over. */
struct wsc_autobahn_list {
  const struct wsc_autobahn_event *events; /* borrowed */
  size_t num;
  size_t times;
};

#define WSC_AUTOBAHN_CODES_MAX 4

/* What the suite expects of a case. */
struct wsc_autobahn_plan {
  struct wsc_autobahn_list ok;
  struct wsc_autobahn_list non_strict;
  bool has_non_strict;
  bool direct;        /* the lists do not count: the script says it */
  bool informational; /* both verdicts are INFORMATIONAL whatever happens */
  bool peer_closes;   /* the peer has to close or drop first, else we have to */
  bool clean;         /* the closing handshake has to be complete */
  bool close_counts;  /* the wrong side closing makes the behavior FAILED */
  bool code_counts;   /* a wrong status code does */
  bool raw_close;     /* the script sends its Close frame as an offence: it does
                         not count as our closing */
  uint16_t codes[WSC_AUTOBAHN_CODES_MAX]; /* that the peer may send */
  size_t num_codes;
};

/* What happened. Private to autobahn.c. */
struct wsc_autobahn {
  struct wsc_autobahn_plan plan;
  size_t num_events;
  bool as_ok, as_non_strict; /* the events so far begin this list */
  const char *said;          /* `direct`: static */
  bool opened, ended;
  bool close_sent, close_received;
  bool closed_by_me, failed_by_me, dropped_by_me;
  int remote_code; /* -1: none */
};

struct wsc_autobahn_verdict {
  const char *behavior;       /* static, as the next */
  const char *behavior_close; /* the same */
  int remote_code;            /* -1: the peer sent none */
  bool closed_by_me;          /* our Close frame came first */
  bool failed_by_me;          /* the peer broke a rule that the suite checks */
  bool dropped_by_me;         /* we gave TCP up before the peer did */
  bool was_clean; /* a Close frame each way, then the peer's end of TCP */
};

/* `plan` is copied; what it points to is borrowed until the record is judged. */
void wsc_autobahn_begin(struct wsc_autobahn *record,
                        const struct wsc_autobahn_plan *plan);

/* The opening handshake is over. */
void wsc_autobahn_note_open(struct wsc_autobahn *record);

/* The peer sent a message, a ping or a pong, or a wait is over. */
void wsc_autobahn_note_event(struct wsc_autobahn *record,
                             const struct wsc_autobahn_event *event);

/* The peer broke a rule that the suite's engine fails a connection for. */
void wsc_autobahn_note_violation(struct wsc_autobahn *record);

void wsc_autobahn_note_close_sent(struct wsc_autobahn *record);

/* `code` -1: an empty body. */
void wsc_autobahn_note_close(struct wsc_autobahn *record, int code);

/* The peer ended TCP. */
void wsc_autobahn_note_end(struct wsc_autobahn *record);

/* What a script says of a `direct` case: "OK", "UNIMPLEMENTED"; static. */
void wsc_autobahn_note_behavior(struct wsc_autobahn *record,
                                const char *behavior);

struct wsc_autobahn_verdict
wsc_autobahn_judge(const struct wsc_autobahn *record);

#endif
